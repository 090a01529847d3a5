-- Entries of an account, and sums of theirs, are read out of the index alone.
drop index ledger_entry_by_debit;
drop index ledger_entry_by_credit;
create index ledger_entry_by_debit on ledger_entry (debit_id, day, id, amount);
create index ledger_entry_by_credit on ledger_entry (credit_id, day, id, amount);

-- The balance of each family account: credited minus debited, in cents. Kept by `ledger::post_line`, the
-- only door to the ledger, so that lists of debts and credits need not go through all of it;
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

-- A line of a list that the treasury did not pay: the case stays on its list, without an entry.
create table refund_new (
  id          integer primary key,
  public_id   text    not null unique check (length(public_id) = 26),
  account_id  integer not null references account,
  wish        text    not null check (wish in ('refund', 'transfer')),
  target_id   integer references account,              -- the account that a transfer goes to
  -- IBAN and holder, sealed with the folder's key; null for a transfer and until the family says it.
  bank        blob,
  note        text    not null default '',
  opened_by   text    not null check (opened_by in ('family', 'office')),
  asked_at    integer not null,
  asked_on    text    not null,                        -- the civil day that deadlines look at
  state       text    not null check (state in ('asked', 'approved', 'listed', 'paid', 'returned', 'rejected', 'transferred', 'refused', 'withdrawn')),
  amount      integer check (amount > 0),              -- cents to pay out or moved, once decided
  withheld    integer not null default 0 check (withheld >= 0),  -- cents that went against arrears
  reason      text    not null default '',
  decided_at  integer,
  decided_by  integer references staff,
  list_id     integer references refund_list,
  list_line   integer,
  paid_on     text,
  updated_at  integer not null,
  check ((state in ('listed', 'paid', 'returned', 'rejected')) = (list_id is not null)),
  check ((state in ('paid', 'returned')) = (paid_on is not null)),
  check (state not in ('approved', 'listed', 'paid', 'returned', 'rejected', 'transferred') or amount is not null)
) strict;
insert into refund_new select id, public_id, account_id, wish, target_id, bank, note, opened_by, asked_at, asked_on, state, amount, withheld, reason, decided_at, decided_by, list_id, list_line, paid_on, updated_at from refund;
drop table refund;
alter table refund_new rename to refund;
create unique index refund_open on refund (account_id) where state in ('asked', 'approved', 'listed');
create index refund_by_account on refund (account_id, id);
create index refund_by_state on refund (state, id);
create index refund_by_list on refund (list_id, list_line);
create index refund_by_target on refund (target_id);
create trigger refund_that_was_paid_is_final before update on refund
when old.state in ('paid', 'returned', 'rejected') and (new.amount is not old.amount or new.paid_on is not old.paid_on
  or new.account_id is not old.account_id or new.list_id is not old.list_id)
begin select raise(abort, 'a refund that was paid is final'); end;
create trigger refund_stays before delete on refund
when (select open from retention_gate) = 0
begin select raise(abort, 'a refund is kept'); end;

-- The transfers that the decision on a case made: undoing one opens the case again.
create table refund_transfer (
  transfer_id integer primary key references transfer,
  refund_id   integer not null references refund
) strict;
create index refund_transfer_by_refund on refund_transfer (refund_id);
create trigger refund_transfer_is_final before update on refund_transfer
begin select raise(abort, 'what a decision moved is kept'); end;
create trigger refund_transfer_stays before delete on refund_transfer
when (select open from retention_gate) = 0
begin select raise(abort, 'what a decision moved is kept'); end;

-- A receipt that waited, and the account to which the office credited it: once.
create table receipt_placement (
  receipt_id integer primary key references receipt,
  account_id integer not null references account,
  reason     text    not null check (reason <> ''),
  staff_id   integer not null references staff,
  at         integer not null
) strict;
create index receipt_placement_by_account on receipt_placement (account_id);
create trigger receipt_placement_is_final before update on receipt_placement
begin select raise(abort, 'a receipt is credited once'); end;
create trigger receipt_placement_stays before delete on receipt_placement
when (select open from retention_gate) = 0
begin select raise(abort, 'a receipt is credited once'); end;

-- A draft of an executive notice of assessment that was made: what it asked for, and by which bills.
create table collection_act (
  id       integer primary key,
  payer_id integer not null references person,
  made_on  text    not null,
  amount   integer not null check (amount > 0),        -- cents
  staff_id integer not null references staff,
  at       integer not null
) strict;
create index collection_act_by_payer on collection_act (payer_id, id);
create trigger collection_act_is_final before update on collection_act
begin select raise(abort, 'a draft that was made is kept'); end;
create trigger collection_act_stays before delete on collection_act
when (select open from retention_gate) = 0
begin select raise(abort, 'a draft that was made is kept'); end;
create table collection_act_debt (
  act_id     integer not null references collection_act,
  account_id integer not null references account,
  since      text    not null,
  amount     integer not null check (amount > 0),      -- cents
  bills      text    not null,                         -- their numbers and periods, as the draft says them
  primary key (act_id, account_id)
) strict, without rowid;
create index collection_act_debt_by_account on collection_act_debt (account_id);
create trigger collection_act_debt_is_final before update on collection_act_debt
begin select raise(abort, 'a draft that was made is kept'); end;
create trigger collection_act_debt_stays before delete on collection_act_debt
when (select open from retention_gate) = 0
begin select raise(abort, 'a draft that was made is kept'); end;
