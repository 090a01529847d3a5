-- Bills (docs/billing.md). Charges may stand for the days of a bill and give back what was too much;
-- other bodies may pay a part; a notice may be paid into several accounts.

-- A bill run: the charges of a period, drafted line by line, checked by a clerk, then published.
create table bill_run (
  id           integer primary key,
  public_id    text    not null unique check (length(public_id) = 26),
  from_day     text    not null,
  to_day       text    not null,
  service_id   integer references service,             -- null: all of them
  state        text    not null check (state in ('drafting', 'draft', 'publishing', 'published', 'discarded')),
  due_date     text,
  staff_id     integer references staff,               -- null: the command line
  job_id       integer references job,                 -- what drafts or publishes it
  created_at   integer not null,
  published_at integer,
  check (to_day >= from_day)
) strict;
create index bill_run_by_state on bill_run (state, id);
create trigger bill_run_that_was_published_is_final before update on bill_run
when old.state in ('published', 'discarded')
begin select raise(abort, 'a bill run that was published or discarded is final'); end;

-- What a payer is charged in a period: one bill, one notice.
create table bill (
  id         integer primary key,
  public_id  text    not null unique check (length(public_id) = 26),
  run_id     integer not null references bill_run,
  payer_id   integer not null references person,
  year       integer not null,
  number     integer not null,
  total      integer not null,                         -- cents; below zero: the family gets back
  due        integer not null check (due >= 0),        -- cents: what is left after credit
  notice_id  integer references payment_notice,        -- null: nothing to pay
  issued_at  integer not null,
  unique (run_id, payer_id),
  unique (year, number),
  check ((due > 0) = (notice_id is not null))
) strict;
create index bill_by_payer on bill (payer_id, id);
create index bill_by_notice on bill (notice_id);
create trigger bill_is_final before update on bill
begin select raise(abort, 'a bill is final: publish a correction'); end;
create trigger bill_stays before delete on bill
when (select open from retention_gate) = 0
begin select raise(abort, 'a bill is kept'); end;

-- A child's service over some days of a run: what it costs, less what was charged for them before.
create table bill_line (
  id             integer primary key,
  run_id         integer not null references bill_run,
  payer_id       integer not null references person,
  enrolment_id   integer not null references enrolment,
  from_day       text    not null,
  to_day         text    not null,
  days           integer not null default 0,           -- charged days
  amount         integer not null,                     -- cents: the difference
  before         integer not null default 0,           -- cents charged for the same days before
  aided          integer not null default 0,           -- cents that other bodies pay, less those before
  tariff_id      integer references tariff,
  isee_id        integer references isee,
  explanation_id integer references explanation,
  fault          text check (fault is null or json_valid(fault)), -- why there is no price
  bill_id        integer references bill,              -- once it is published
  check ((fault is null) = (explanation_id is not null and tariff_id is not null)),
  check (fault is null or bill_id is null)
) strict;
create index bill_line_by_run on bill_line (run_id, payer_id, id);
create index bill_line_by_enrolment on bill_line (enrolment_id, from_day);
create index bill_line_by_payer on bill_line (payer_id);
create index bill_line_by_bill on bill_line (bill_id);
create index bill_line_by_tariff on bill_line (tariff_id);
create index bill_line_by_isee on bill_line (isee_id);
create index bill_line_by_explanation on bill_line (explanation_id);
create index bill_line_at_fault on bill_line (run_id) where fault is not null;
create trigger bill_line_that_was_published_is_final before update on bill_line
when old.bill_id is not null
begin select raise(abort, 'a published line is final: publish a correction'); end;
create trigger bill_line_that_was_published_stays before delete on bill_line
when old.bill_id is not null and (select open from retention_gate) = 0
begin select raise(abort, 'a published line is kept'); end;

-- Into which accounts a notice is paid, where that is more than one.
create table notice_share (
  notice_id  integer not null references payment_notice,
  line       integer not null,
  account_id integer not null references account,
  amount     integer not null check (amount > 0),      -- cents
  primary key (notice_id, line)
) strict, without rowid;
create index notice_share_by_account on notice_share (account_id);
create trigger notice_share_is_final before update on notice_share
begin select raise(abort, 'a notice keeps its shares'); end;
create trigger notice_share_stays before delete on notice_share
begin select raise(abort, 'a notice keeps its shares'); end;

-- The comune's side of what other bodies pay needs an account of its own.
create table account_new (
  id         integer primary key,
  public_id  text not null unique check (length(public_id) = 26),
  kind       text not null check (kind in ('family', 'revenue', 'pagopa', 'opening', 'refunds', 'write_off', 'aid')),
  payer_id   integer references person,
  child_id   integer references person,
  service_id integer references service,
  check ((kind = 'family') = (payer_id is not null)),
  check ((kind = 'family') = (child_id is not null)),
  check (kind not in ('family', 'revenue', 'aid') or service_id is not null)
) strict;
insert into account_new select id, public_id, kind, payer_id, child_id, service_id from account;
drop table account;
alter table account_new rename to account;
create unique index account_of_family on account (payer_id, child_id, service_id) where kind = 'family';
create unique index account_of_comune on account (kind, coalesce(service_id, 0)) where kind <> 'family';
create index account_by_child on account (child_id, service_id);

create table charge_new (
  id             integer primary key,
  public_id      text not null unique check (length(public_id) = 26),
  enrolment_id   integer not null references enrolment,
  account_id     integer not null references account,
  day            text    not null,                     -- of a bill's line: the last one
  amount         integer not null check (amount >= 0 or bill_line_id is not null),   -- cents
  tariff_id      integer not null references tariff,
  isee_id        integer references isee,
  explanation_id integer not null references explanation,
  posted_at      integer not null,
  -- The line of a bill; its first day; what was charged for its days before; what other bodies pay.
  bill_line_id   integer references bill_line,
  from_day       text,
  before         integer not null default 0,
  aided          integer not null default 0,
  check ((bill_line_id is null) = (from_day is null))
) strict;
insert into charge_new (id, public_id, enrolment_id, account_id, day, amount, tariff_id, isee_id,
                        explanation_id, posted_at)
select id, public_id, enrolment_id, account_id, day, amount, tariff_id, isee_id, explanation_id, posted_at
from charge;
drop table charge;
alter table charge_new rename to charge;
create unique index charge_of_day on charge (enrolment_id, day) where bill_line_id is null;
create unique index charge_of_bill_line on charge (bill_line_id) where bill_line_id is not null;
create index charge_by_enrolment on charge (enrolment_id, day);
create index charge_by_account on charge (account_id, day);
create index charge_by_day on charge (day);
create index charge_by_isee on charge (isee_id);
create index charge_by_tariff on charge (tariff_id);
create index charge_by_explanation on charge (explanation_id);
create trigger charge_is_final before update on charge
begin select raise(abort, 'a charge is append-only: reverse it'); end;
create trigger charge_stays before delete on charge
when (select open from retention_gate) = 0
begin select raise(abort, 'a charge is append-only: reverse it'); end;
