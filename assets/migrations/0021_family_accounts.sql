-- Entries of an account, and sums of theirs, are read out of the index alone.
drop index ledger_entry_by_debit;
drop index ledger_entry_by_credit;
create index ledger_entry_by_debit on ledger_entry (debit_id, day, id, amount);
create index ledger_entry_by_credit on ledger_entry (credit_id, day, id, amount);

-- The balance of each family account: credited minus debited, in cents. Derived from the ledger by the
-- two triggers and from nothing else, so that lists of debts and credits need not go through all of it;
-- `campanella check` compares.
create table account_balance (
  account_id integer primary key references account,
  balance    integer not null default 0
) strict;
insert into account_balance (account_id, balance)
select a.id, (select coalesce(sum(amount), 0) from ledger_entry where credit_id = a.id)
           - (select coalesce(sum(amount), 0) from ledger_entry where debit_id = a.id)
from account a where a.kind = 'family';
create index account_in_debt on account_balance (account_id, balance) where balance < 0;
create index account_in_credit on account_balance (account_id, balance) where balance > 0;
create trigger account_has_a_balance after insert on account when new.kind = 'family'
begin insert into account_balance (account_id) values (new.id); end;
create trigger ledger_entry_moves_balances after insert on ledger_entry
begin
  update account_balance set balance = balance - new.amount where account_id = new.debit_id;
  update account_balance set balance = balance + new.amount where account_id = new.credit_id;
end;

-- A step against a debtor. It holds for the debt until what was owed then has been paid: the day that
-- names the debt may move when an entry comes late, so it does not say which steps were done.
create table reminder_new (
  id          integer primary key,
  public_id   text    not null unique check (length(public_id) = 26),
  account_id  integer not null references account,
  owing_since text    not null,                        -- since when it was owed, as it looked then
  step        text    not null,
  amount      integer not null check (amount > 0),     -- cents owed then
  staff_id    integer references staff,
  at          integer not null
) strict;
insert into reminder_new select id, public_id, account_id, owing_since, step, amount, staff_id, at from reminder;
drop table reminder;
alter table reminder_new rename to reminder;
create index reminder_by_account on reminder (account_id, id);
create trigger reminder_is_final before update on reminder
begin select raise(abort, 'a reminder is append-only'); end;
create trigger reminder_stays before delete on reminder
when (select open from retention_gate) = 0
begin select raise(abort, 'a reminder is append-only'); end;
