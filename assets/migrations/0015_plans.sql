-- A debt that is paid in instalments (docs/billing.md): asked for by the family, decided by the office.
-- The ledger knows nothing of it: a plan only says which notices ask for what is owed, and when.
create table plan (
  id             integer primary key,
  public_id      text    not null unique check (length(public_id) = 26),
  payer_id       integer not null references person,
  state          text    not null check (state in ('asked', 'withdrawn', 'refused', 'running', 'ended', 'fallen', 'cancelled')),
  asked_amount   integer not null check (asked_amount > 0),  -- cents that could be divided then
  wanted         integer not null check (wanted >= 2),       -- instalments that the family asks for
  note           blob,                                 -- the family's words, sealed with the folder's key
  asked_at       integer not null,
  asked_on       text    not null,
  decided_at     integer,
  decided_by     integer references staff,
  amount         integer check (amount > 0),           -- cents that are divided, once accepted
  -- The comune's rule on the day of the decision: what a missed instalment means does not change later.
  tolerance_days integer check (tolerance_days >= 0),
  missed_limit   integer check (missed_limit >= 1),
  reason         text    not null default '',          -- why it was refused or cancelled
  closed_at      integer,
  rest_notice_id integer references payment_notice,    -- asks for what was left when it fell or was cancelled
  check ((state in ('running', 'ended', 'fallen', 'cancelled')) = (amount is not null)),
  check ((amount is null) = (tolerance_days is null) and (amount is null) = (missed_limit is null)),
  check ((state in ('ended', 'fallen', 'cancelled')) = (closed_at is not null)),
  check (state in ('asked', 'withdrawn') or decided_at is not null)
) strict;
create unique index plan_open on plan (payer_id) where state in ('asked', 'running');
create index plan_by_payer on plan (payer_id, id);
create index plan_by_state on plan (state, id);
create trigger plan_that_was_closed_is_final before update on plan
when old.state not in ('asked', 'running') or new.payer_id is not old.payer_id
  or (old.amount is not null and new.amount is not old.amount)
begin select raise(abort, 'a plan that was closed is final'); end;
create trigger plan_stays before delete on plan
when (select open from retention_gate) = 0
begin select raise(abort, 'a plan is kept'); end;

-- What a plan divides: so much of what is owed on an account, the oldest debt first.
create table plan_debt (
  plan_id    integer not null references plan,
  line       integer not null,
  account_id integer not null references account,
  amount     integer not null check (amount > 0),      -- cents
  primary key (plan_id, line),
  unique (plan_id, account_id)
) strict;
create index plan_debt_by_account on plan_debt (account_id);
create trigger plan_debt_is_final before update on plan_debt
begin select raise(abort, 'the debts of a plan are final'); end;
create trigger plan_debt_stays before delete on plan_debt
when (select open from retention_gate) = 0
begin select raise(abort, 'the debts of a plan are kept'); end;

-- An instalment: a notice with a day. Whether it is paid is the notice's state.
create table plan_instalment (
  plan_id     integer not null references plan,
  number      integer not null check (number >= 1),
  due_date    text    not null,
  amount      integer not null check (amount > 0),     -- cents
  notice_id   integer not null unique references payment_notice,
  reminded_at integer,                                 -- when the family heard that it is late
  primary key (plan_id, number)
) strict;
create trigger plan_instalment_is_final before update on plan_instalment
when new.due_date is not old.due_date or new.amount is not old.amount or new.notice_id is not old.notice_id
begin select raise(abort, 'an instalment is final'); end;
create trigger plan_instalment_stays before delete on plan_instalment
when (select open from retention_gate) = 0
begin select raise(abort, 'an instalment is kept'); end;
