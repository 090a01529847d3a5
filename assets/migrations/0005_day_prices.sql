-- Explanations are shared: the days that the same rule and facts price have one among them.
create table explanation (
  id   integer primary key,
  body text    not null unique check (json_valid(body))
) strict;
insert into explanation (body) select distinct json_remove(explanation, '$.day') from charge order by id;
create trigger explanation_is_final before update on explanation
begin select raise(abort, 'an explanation is append-only'); end;
create trigger explanation_stays before delete on explanation
when (select open from retention_gate) = 0
begin select raise(abort, 'an explanation is append-only'); end;

create table charge_new (
  id             integer primary key,
  public_id      text not null unique check (length(public_id) = 26),
  enrolment_id   integer not null references enrolment,
  account_id     integer not null references account,
  day            text    not null,
  amount         integer not null check (amount >= 0),   -- cents
  tariff_id      integer not null references tariff,
  isee_id        integer references isee,
  explanation_id integer not null references explanation,
  posted_at      integer not null,
  unique (enrolment_id, day)
) strict;
insert into charge_new (id, public_id, enrolment_id, account_id, day, amount, tariff_id, isee_id, explanation_id, posted_at)
select c.id, c.public_id, c.enrolment_id, c.account_id, c.day, c.amount, c.tariff_id, c.isee_id, x.id, c.posted_at
from charge c join explanation x on x.body = json_remove(c.explanation, '$.day');
drop table charge;
alter table charge_new rename to charge;
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

-- What the closing of a day has priced so far. Nobody is charged anything before the last step
-- takes all of it over.
create table day_price (
  job_id         integer not null references job,
  enrolment_id   integer not null references enrolment,
  payer_id       integer not null references person,
  child_id       integer not null references person,
  amount         integer not null check (amount >= 0),   -- cents
  tariff_id      integer not null references tariff,
  isee_id        integer references isee,
  explanation_id integer not null references explanation,
  primary key (job_id, enrolment_id)
) strict, without rowid;
create index day_price_by_enrolment on day_price (enrolment_id);
create index day_price_by_payer on day_price (payer_id);
create index day_price_by_child on day_price (child_id);
