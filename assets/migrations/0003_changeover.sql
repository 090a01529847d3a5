-- The changeover from an earlier system: its notices, its lines, the days that it charged.

-- An earlier supplier's notices may have numbers of other generations (aux digit 0, 1, 2). A table's
-- rules can't be altered: the table is made anew. Migrations run without foreign keys, which are
-- checked before the commit.
create table payment_notice_new (
  id            integer primary key,
  public_id     text not null unique check (length(public_id) = 26),
  notice_number text not null unique
                check (notice_number glob '[0-3][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]')
                check (notice_number glob '1*' or cast(substr(notice_number, 1, 16) as integer) % 93 = cast(substr(notice_number, 17) as integer)),
  payer_id      integer not null references person,
  account_id    integer not null references account,
  amount        integer not null check (amount between 1 and 99999999999),
  subject       text    not null check (length(subject) <= 90),
  due_date      text,
  state         text    not null check (state in ('open', 'paid', 'expired', 'cancelled')),
  created_at    integer not null,
  updated_at    integer not null,
  origin        text    not null default '',
  check (origin <> '' or notice_number glob '3*')
) strict;
insert into payment_notice_new (id, public_id, notice_number, payer_id, account_id, amount, subject, due_date, state, created_at, updated_at)
select id, public_id, notice_number, payer_id, account_id, amount, subject, due_date, state, created_at, updated_at from payment_notice;
drop table payment_notice;
alter table payment_notice_new rename to payment_notice;
create index payment_notice_by_payer on payment_notice (payer_id, state);
create index payment_notice_by_account on payment_notice (account_id, state);
create trigger payment_notice_keeps_its_number
before update of notice_number, payer_id, account_id, amount on payment_notice
begin select raise(abort, 'a notice keeps its number, debtor and amount'); end;
create trigger payment_notice_stays before delete on payment_notice
begin select raise(abort, 'a notice number is never reused'); end;

-- The earlier system that took a payment; empty for our own.
alter table receipt add column origin text not null default '';

-- What an earlier system posted, line by line: opening balances, charges, credits. Each has its
-- entry in the ledger with the cause 'opening' and this id; a free day (amount 0) has none.
-- Append-only like the ledger. `key` recognises the line when the same file comes again.
create table imported_entry (
  id          integer primary key,
  public_id   text    not null unique check (length(public_id) = 26),
  account_id  integer not null references account,
  kind        text    not null check (kind in ('balance', 'charge', 'credit', 'reversal')),
  day         text    not null,
  amount      integer not null,                        -- cents, above zero in the family's favour
  description text    not null default '',
  -- JSON of tariffs::Explanation, where the earlier system was a Campanella.
  explanation text    check (explanation is null or json_valid(explanation)),
  key         text    not null unique,
  origin      text    not null default '',             -- the earlier system
  imported_at integer not null
) strict;
create index imported_entry_by_account on imported_entry (account_id, day);
create trigger imported_entry_is_final before update on imported_entry
begin select raise(abort, 'an imported entry is append-only: reverse it'); end;
create trigger imported_entry_stays before delete on imported_entry
when (select open from retention_gate) = 0
begin select raise(abort, 'an imported entry is append-only: reverse it'); end;

-- Days of a service that an earlier system has charged: they are closed here too.
create table closed_elsewhere (
  service_id integer not null references service,
  from_date  text    not null,
  to_date    text    not null,
  primary key (service_id, from_date),
  check (to_date >= from_date)
) strict, without rowid;
