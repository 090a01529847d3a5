-- Refunds, transfers, write-offs and reminders: the ledger learns their causes. A table's rules can't
-- be altered: account and ledger_entry are made anew, as in 0003, with their indices and triggers.
create table account_new (
  id         integer primary key,
  public_id  text not null unique check (length(public_id) = 26),
  kind       text not null check (kind in ('family', 'revenue', 'pagopa', 'opening', 'refunds', 'write_off')),
  payer_id   integer references person,
  child_id   integer references person,
  service_id integer references service,
  check ((kind = 'family') = (payer_id is not null)),
  check ((kind = 'family') = (child_id is not null)),
  check (kind not in ('family', 'revenue') or service_id is not null)
) strict;
insert into account_new (id, public_id, kind, payer_id, child_id, service_id)
select id, public_id, kind, payer_id, child_id, service_id from account;
drop table account;
alter table account_new rename to account;
create unique index account_of_family on account (payer_id, child_id, service_id) where kind = 'family';
create unique index account_of_comune on account (kind, coalesce(service_id, 0)) where kind <> 'family';
create index account_by_child on account (child_id, service_id);

create table ledger_entry_new (
  id         integer primary key,
  posted_at  integer not null,
  day        text    not null,                         -- the civil day that it counts for
  debit_id   integer not null references account,
  credit_id  integer not null references account,
  amount     integer not null check (amount > 0),      -- cents
  -- The cause; it can't be posted twice.
  cause      text    not null check (cause in ('charge', 'receipt', 'opening', 'reversal', 'transfer', 'refund', 'write_off')),
  cause_id   integer not null,
  cause_line integer not null default 0,
  check (debit_id <> credit_id),
  unique (cause, cause_id, cause_line)
) strict;
insert into ledger_entry_new (id, posted_at, day, debit_id, credit_id, amount, cause, cause_id, cause_line)
select id, posted_at, day, debit_id, credit_id, amount, cause, cause_id, cause_line from ledger_entry;
drop table ledger_entry;
alter table ledger_entry_new rename to ledger_entry;
create index ledger_entry_by_debit on ledger_entry (debit_id, day, id);
create index ledger_entry_by_credit on ledger_entry (credit_id, day, id);
create trigger ledger_entry_is_final before update on ledger_entry
begin select raise(abort, 'the ledger is append-only'); end;
create trigger ledger_entry_stays before delete on ledger_entry
begin select raise(abort, 'the ledger is append-only'); end;

-- Credit or debt that was moved from one account of a payer to another. Its entry in the ledger has
-- the cause 'transfer' and this id.
create table transfer (
  id          integer primary key,
  public_id   text    not null unique check (length(public_id) = 26),
  from_id     integer not null references account,
  to_id       integer not null references account,
  amount      integer not null check (amount > 0),     -- cents
  day         text    not null,
  reason      text    not null check (reason <> ''),
  staff_id    integer references staff,                -- null: the rule did it
  recorded_at integer not null,
  check (from_id <> to_id)
) strict;
create index transfer_by_from on transfer (from_id, day);
create index transfer_by_to on transfer (to_id, day);
create trigger transfer_is_final before update on transfer
begin select raise(abort, 'a transfer is append-only: reverse it'); end;
create trigger transfer_stays before delete on transfer
when (select open from retention_gate) = 0
begin select raise(abort, 'a transfer is append-only: reverse it'); end;

-- A debt that the comune gives up (above zero) or a credit that it keeps (below), with its reason.
create table write_off (
  id          integer primary key,
  public_id   text    not null unique check (length(public_id) = 26),
  account_id  integer not null references account,
  amount      integer not null check (amount <> 0),    -- cents, above zero in the family's favour
  day         text    not null,
  reason      text    not null check (reason <> ''),
  staff_id    integer not null references staff,
  recorded_at integer not null
) strict;
create index write_off_by_account on write_off (account_id, day);
create trigger write_off_is_final before update on write_off
begin select raise(abort, 'a write-off is append-only: reverse it'); end;
create trigger write_off_stays before delete on write_off
when (select open from retention_gate) = 0
begin select raise(abort, 'a write-off is append-only: reverse it'); end;

-- The comune's rules of refunds and reminders, as files (docs/refunds.md). The newest counts.
create table policy (
  id           integer primary key,
  kind         text    not null check (kind in ('refund', 'dunning')),
  source       text    not null,                       -- TOML
  published_at integer not null,
  staff_id     integer references staff
) strict;
create index policy_by_kind on policy (kind, id);
create trigger policy_is_final before update on policy
begin select raise(abort, 'a published rule is final'); end;
create trigger policy_stays before delete on policy
begin select raise(abort, 'a published rule is final'); end;

-- An order of payment to the treasury. Once made it is final and numbered.
create table refund_list (
  id        integer primary key,
  public_id text    not null unique check (length(public_id) = 26),
  year      integer not null,
  number    integer not null,
  lines     integer not null check (lines > 0),
  total     integer not null check (total > 0),        -- cents
  made_at   integer not null,
  staff_id  integer not null references staff,
  unique (year, number)
) strict;
create trigger refund_list_is_final before update on refund_list
begin select raise(abort, 'a payment list is final'); end;
create trigger refund_list_stays before delete on refund_list
begin select raise(abort, 'a payment list is final'); end;

-- A case: a family asks for its credit, or the office opens it for who has left.
create table refund (
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
  state       text    not null check (state in ('asked', 'approved', 'listed', 'paid', 'returned', 'transferred', 'refused', 'withdrawn')),
  amount      integer check (amount > 0),              -- cents to pay out or moved, once decided
  withheld    integer not null default 0 check (withheld >= 0),  -- cents that went against arrears
  reason      text    not null default '',
  decided_at  integer,
  decided_by  integer references staff,
  list_id     integer references refund_list,
  list_line   integer,
  paid_on     text,
  updated_at  integer not null,
  check ((state in ('listed', 'paid', 'returned')) = (list_id is not null)),
  check ((state in ('paid', 'returned')) = (paid_on is not null)),
  check (state not in ('approved', 'listed', 'paid', 'returned', 'transferred') or amount is not null)
) strict;
create unique index refund_open on refund (account_id) where state in ('asked', 'approved', 'listed');
create index refund_by_account on refund (account_id, id);
create index refund_by_state on refund (state, id);
create index refund_by_list on refund (list_id, list_line);
create index refund_by_target on refund (target_id);
create trigger refund_that_was_paid_is_final before update on refund
when old.state in ('paid', 'returned') and (new.amount is not old.amount or new.paid_on is not old.paid_on
  or new.account_id is not old.account_id or new.list_id is not old.list_id)
begin select raise(abort, 'a refund that was paid is final'); end;
create trigger refund_stays before delete on refund
when (select open from retention_gate) = 0
begin select raise(abort, 'a refund is kept'); end;

-- A step against a debtor: never the same one twice for the same debt.
create table reminder (
  id          integer primary key,
  public_id   text    not null unique check (length(public_id) = 26),
  account_id  integer not null references account,
  owing_since text    not null,                        -- the day that names the debt
  step        text    not null,
  amount      integer not null check (amount > 0),     -- cents owed then
  staff_id    integer references staff,
  at          integer not null,
  unique (account_id, owing_since, step)
) strict;
create trigger reminder_is_final before update on reminder
begin select raise(abort, 'a reminder is append-only'); end;
create trigger reminder_stays before delete on reminder
when (select open from retention_gate) = 0
begin select raise(abort, 'a reminder is append-only'); end;
