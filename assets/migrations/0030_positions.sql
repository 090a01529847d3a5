-- What the platform is known to have of a notice: its debt position there. `payment_notice.state` is
-- the family's summary; this is the platform's own state, as it was heard last.
create table platform_position (
  notice_id  integer primary key references payment_notice,
  iupd       text    not null unique,
  state      text    not null check (state in ('DRAFT', 'PUBLISHED', 'VALID', 'PARTIALLY_PAID', 'PAID', 'REPORTED', 'EXPIRED', 'INVALID')),
  amount     integer not null check (amount > 0),      -- cents, as pushed last
  due_date   text,                                     -- as pushed last
  pushed_at  integer not null,                         -- when something was told to the platform
  heard_at   integer not null                          -- when it answered or a receipt came
) strict;

-- A notice that takes the place of others: it is published only when the platform can't have those
-- paid any more.
create table notice_replacement (
  notice_id   integer not null references payment_notice,
  replaced_id integer not null references payment_notice,
  primary key (notice_id, replaced_id),
  check (notice_id <> replaced_id)
) strict, without rowid;
create index notice_replacement_by_replaced on notice_replacement (replaced_id);
create trigger notice_replacement_is_final before update on notice_replacement
begin select raise(abort, 'what a notice replaces stays written'); end;
create trigger notice_replacement_stays before delete on notice_replacement
begin select raise(abort, 'what a notice replaces stays written'); end;

-- A change of amount or date is another notice.
drop trigger payment_notice_keeps_its_number;
create trigger payment_notice_keeps_its_number
before update of notice_number, payer_id, account_id, amount, due_date on payment_notice
begin select raise(abort, 'a notice keeps its number, debtor, amount and date'); end;
create index payment_notice_open_by_due on payment_notice (due_date) where state = 'open' and due_date is not null;

-- What was tried in vain too often, or was refused for good, waits for the office since `dead_at`;
-- `fault` is the kind of the last refusal.
alter table outbox add column dead_at integer;
alter table outbox add column fault text not null default '';
drop index outbox_waiting;
create index outbox_waiting on outbox (next_at, id) where done_at is null and dead_at is null;
create index outbox_dead on outbox (dead_at, id) where done_at is null and dead_at is not null;
create index outbox_by_payload on outbox (kind, payload) where done_at is null;

-- The pretended platform has the states of the real one.
create table sandbox_position_new (
  notice_number text primary key,
  amount        integer not null check (amount > 0),
  subject       text    not null,
  category      text    not null,
  debtor_code   text    not null,
  debtor_name   text    not null,
  state         text    not null check (state in ('DRAFT', 'PUBLISHED', 'VALID', 'PARTIALLY_PAID', 'PAID', 'REPORTED', 'EXPIRED', 'INVALID')),
  expires_after text                                   -- EXPIRED after that day; null: never
) strict, without rowid;
insert into sandbox_position_new
select notice_number, amount, subject, category, debtor_code, debtor_name,
       case state when 'payable' then 'VALID' when 'paid' then 'PAID' else 'INVALID' end, null
from sandbox_position;
drop table sandbox_position;
alter table sandbox_position_new rename to sandbox_position;
