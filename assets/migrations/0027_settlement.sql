-- Settlement flows, treasury lines, and what they come to. The ledger learns the cause 'settlement': a
-- table's rules can't be altered, so ledger_entry is made anew, as in 0010.
create table ledger_entry_new (
  id         integer primary key,
  posted_at  integer not null,
  day        text    not null,                         -- the civil day that it counts for
  debit_id   integer not null references account,
  credit_id  integer not null references account,
  amount     integer not null check (amount > 0),      -- cents
  -- The cause; it can't be posted twice.
  cause      text    not null check (cause in ('charge', 'receipt', 'opening', 'reversal', 'transfer', 'refund', 'write_off', 'settlement')),
  cause_id   integer not null,
  cause_line integer not null default 0,
  check (debit_id <> credit_id),
  unique (cause, cause_id, cause_line)
) strict;
insert into ledger_entry_new (id, posted_at, day, debit_id, credit_id, amount, cause, cause_id, cause_line)
select id, posted_at, day, debit_id, credit_id, amount, cause, cause_id, cause_line from ledger_entry;
drop table ledger_entry;
alter table ledger_entry_new rename to ledger_entry;
create index ledger_entry_by_debit on ledger_entry (debit_id, day, id, amount);
create index ledger_entry_by_credit on ledger_entry (credit_id, day, id, amount);
create trigger ledger_entry_is_final before update on ledger_entry
begin select raise(abort, 'the ledger is append-only'); end;
create trigger ledger_entry_stays before delete on ledger_entry
begin select raise(abort, 'the ledger is append-only'); end;

-- What a settlement flow declares as paid while no receipt has come: it is credited to its notice's
-- accounts with the cause 'settlement' and this id.
create table settled_payment (
  id          integer primary key,
  iur         text    not null,                        -- what the receipt will be called
  transfer    integer not null,                        -- which of the payment's transfers, 1 to 5
  notice_id   integer not null references payment_notice,
  amount      integer not null check (amount > 0),     -- cents
  day         text    not null,                        -- the civil day of the payment
  recorded_at integer not null,
  unique (iur, transfer)
) strict;
create index settled_payment_by_notice on settled_payment (notice_id);
create trigger settled_payment_is_final before update on settled_payment
begin select raise(abort, 'a payment of a flow is append-only'); end;
create trigger settled_payment_stays before delete on settled_payment
begin select raise(abort, 'a payment of a flow is append-only'); end;
-- It ended: the receipt came and stands in its place, or the accountant took it back.
create table settled_payment_end (
  settled_id integer primary key references settled_payment,
  receipt_id integer references receipt,
  reason     text    not null default '',
  staff_id   integer references staff,
  at         integer not null,
  check ((receipt_id is null) = (staff_id is not null and reason <> ''))
) strict;
create trigger settled_payment_end_is_final before update on settled_payment_end
begin select raise(abort, 'what has ended stays so'); end;
create trigger settled_payment_end_stays before delete on settled_payment_end
begin select raise(abort, 'what has ended stays so'); end;

-- A settlement flow, by what its provider calls it, as its current revision says it.
create table settlement_flow (
  id          integer primary key,
  public_id   text    not null unique check (length(public_id) = 26),
  flow_id     text    not null unique,                 -- identificativoFlusso
  flow_key    text    not null,                        -- its letters and digits, upper case: what banks leave of it
  made_at     integer not null,                        -- dataOraFlusso
  psp         text    not null,
  settled_on  text    not null,                        -- dataRegolamento
  total       integer not null check (total >= 0),     -- importoTotalePagamenti, cents
  paid        integer not null,                        -- the rows that bring money, added up
  revoked     integer not null,                        -- the rows that were revoked, added up
  payments    integer not null,                        -- how many rows
  credited    integer not null default 0,              -- its treasury lines, added up
  state       text    not null check (state in ('open', 'reconciled', 'amount', 'sums', 'ignored'))
) strict;
create index settlement_flow_by_key on settlement_flow (flow_key);
create index settlement_flow_by_day on settlement_flow (settled_on, id);
create index settlement_flow_by_state on settlement_flow (state, settled_on, id);
create index settlement_flow_by_total on settlement_flow (total);

-- Every revision as it came; the one that was made last counts.
create table settlement_revision (
  id          integer primary key,
  flow_id     integer not null references settlement_flow,
  made_at     integer not null,
  creditor    text    not null,
  regulation  text    not null,                        -- TRN
  settled_on  text    not null,
  total       integer not null,
  source      text    not null check (source in ('gateway', 'file')),
  raw         blob    not null,
  raw_sha256  blob    not null check (length(raw_sha256) = 32),
  received_at integer not null
) strict;
create unique index settlement_revision_once on settlement_revision (flow_id, raw_sha256);
create index settlement_revision_by_flow on settlement_revision (flow_id, made_at, id);
create trigger settlement_revision_is_final before update on settlement_revision
begin select raise(abort, 'a revision of a flow is append-only'); end;
create trigger settlement_revision_stays before delete on settlement_revision
when (select open from retention_gate) = 0
begin select raise(abort, 'a revision of a flow is append-only'); end;

-- The payments of a revision; of those that count, why each is where it is.
create table settlement_row (
  id          integer primary key,
  public_id   text    not null unique check (length(public_id) = 26),
  flow_id     integer not null references settlement_flow,
  revision_id integer not null references settlement_revision,
  line        integer not null,
  iuv         text    not null,
  iur         text    not null,
  transfer    integer not null,
  amount      integer not null check (amount > 0),     -- cents
  outcome     integer not null check (outcome in (0, 3, 4, 8, 9)),
  day         text    not null,
  notice_id   integer references payment_notice,
  receipt_id  integer references receipt,
  state       text    not null check (state in ('matched', 'amount', 'suspense', 'no_receipt',
                'paid_otherwise', 'unknown', 'revoked', 'twice', 'ignored', 'superseded')),
  check (receipt_id is null or state in ('matched', 'amount', 'suspense', 'ignored'))
) strict;
create index settlement_row_by_flow on settlement_row (flow_id, line);
create index settlement_row_by_revision on settlement_row (revision_id);
create index settlement_row_by_state on settlement_row (state, day, id);
create index settlement_row_by_iuv on settlement_row (iuv);
create index settlement_row_by_notice on settlement_row (notice_id);
create index settlement_row_by_amount on settlement_row (amount);
-- Nothing is settled twice: one transfer of one payment stands in one flow.
create unique index settlement_row_once on settlement_row (iur, transfer)
  where state not in ('superseded', 'twice', 'revoked', 'ignored');
create unique index settlement_row_of_receipt on settlement_row (receipt_id, transfer)
  where receipt_id is not null;
create trigger settlement_row_is_final
before update of flow_id, revision_id, line, iuv, iur, transfer, amount, outcome, day on settlement_row
begin select raise(abort, 'a row of a flow keeps what it says'); end;

-- Takings out of the treasurer's account, as the bank says them.
create table treasury_line (
  id          integer primary key,
  public_id   text    not null unique check (length(public_id) = 26),
  exercise    integer not null,
  account     text    not null,                        -- conto evidenza; '': the file does not say
  number      text    not null,                        -- of the movement (provvisorio, sospeso)
  day         text    not null,
  amount      integer not null check (amount <> 0),    -- cents; below zero: taken back by the bank
  causale     text    not null,
  payer       text    not null default '',
  named       text    not null default '',             -- the flow that the causale names, as flow_key
  kind        text    not null check (kind in ('flow', 'single', 'other')),
  state       text    not null check (state in ('open', 'matched', 'ignored', 'other')),
  raw         text    not null,
  received_at integer not null,
  unique (exercise, account, number, day, amount)
) strict;
create index treasury_line_by_state on treasury_line (state, day, id);
create index treasury_line_by_named on treasury_line (named) where named <> '';
create index treasury_line_by_day on treasury_line (day, id);
create index treasury_line_by_amount on treasury_line (amount);
create trigger treasury_line_is_final
before update of exercise, account, number, day, amount, causale, raw on treasury_line
begin select raise(abort, 'a treasury line keeps what the bank says'); end;

-- What a treasury line is: a flow, or (old data) the payment of one receipt. A line is matched once.
create table treasury_match (
  treasury_id integer primary key references treasury_line,
  flow_id     integer references settlement_flow,
  receipt_id  integer references receipt,
  staff_id    integer references staff,                -- null: the rule did it
  at          integer not null,
  check ((flow_id is null) <> (receipt_id is null))
) strict;
create index treasury_match_by_flow on treasury_match (flow_id);
create unique index treasury_match_by_receipt on treasury_match (receipt_id) where receipt_id is not null;

-- What the accountant decided by hand. Append-only: what is undone has another row.
create table settlement_decision (
  id          integer primary key,
  kind        text    not null check (kind in ('match', 'unmatch', 'ignore', 'resume', 'reverse')),
  treasury_id integer references treasury_line,
  flow_id     integer references settlement_flow,
  row_id      integer references settlement_row,
  reason      text    not null,
  staff_id    integer not null references staff,
  at          integer not null
) strict;
create index settlement_decision_by_treasury on settlement_decision (treasury_id);
create index settlement_decision_by_flow on settlement_decision (flow_id);
create index settlement_decision_by_row on settlement_decision (row_id);
create trigger settlement_decision_is_final before update on settlement_decision
begin select raise(abort, 'a decision is append-only'); end;
create trigger settlement_decision_stays before delete on settlement_decision
begin select raise(abort, 'a decision is append-only'); end;

-- The flows of the demo's pretended platform, as it hands them out, and the payments that they hold.
create table sandbox_flow (
  id           integer primary key,
  flow_id      text    not null,
  xml          text    not null,
  published_at integer not null
) strict;
create index sandbox_flow_by_time on sandbox_flow (published_at);
create index sandbox_flow_by_name on sandbox_flow (flow_id, id);
create table sandbox_flow_payment (
  receipt_key text    primary key,
  flow_id     text    not null
) strict, without rowid;
