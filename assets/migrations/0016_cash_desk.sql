-- The cash desk of the office: staff who take money, an account of the ledger, receipts that come from
-- there. A table's rules can't be altered: staff_role, account and receipt are made anew, as in 0010.
create table staff_role_new (
  id       integer primary key,
  staff_id integer not null references staff,
  role     text not null check (role in ('admin', 'office', 'accountant', 'diets', 'cashier', 'school')),
  scope    integer references school,
  check ((role = 'school') = (scope is not null)),
  unique (staff_id, role, scope)
) strict;
insert into staff_role_new (id, staff_id, role, scope)
select id, staff_id, role, scope from staff_role;
drop table staff_role;
alter table staff_role_new rename to staff_role;

create table account_new (
  id         integer primary key,
  public_id  text not null unique check (length(public_id) = 26),
  kind       text not null check (kind in ('family', 'revenue', 'pagopa', 'opening', 'refunds', 'write_off', 'aid', 'cash_desk')),
  payer_id   integer references person,
  child_id   integer references person,
  service_id integer references service,
  check ((kind = 'family') = (payer_id is not null)),
  check ((kind = 'family') = (child_id is not null)),
  check (kind not in ('family', 'revenue', 'aid') or service_id is not null)
) strict;
insert into account_new (id, public_id, kind, payer_id, child_id, service_id)
select id, public_id, kind, payer_id, child_id, service_id from account;
drop table account;
alter table account_new rename to account;
create unique index account_of_family on account (payer_id, child_id, service_id) where kind = 'family';
create unique index account_of_comune on account (kind, coalesce(service_id, 0)) where kind <> 'family';
create index account_by_child on account (child_id, service_id);

create table receipt_new (
  id            integer primary key,
  public_id     text not null unique check (length(public_id) = 26),
  receipt_key   text not null unique,                  -- receiptId of the RT
  notice_id     integer references payment_notice,     -- null: a receipt that we can't place yet
  notice_number text not null,
  amount        integer not null check (amount > 0),
  paid_at       integer not null,                      -- paymentDateTime
  psp           text    not null,
  means         text    not null default '',
  traceable     text    not null check (traceable in ('yes', 'no', 'unknown')),
  -- Who really paid, when the RT says so and it is not the debtor: personal data, reachable by retention.
  payer_name    text,
  payer_code    text,
  -- 'credited' once; a second receipt for a paid notice waits as 'suspense' and is shown.
  outcome       text    not null check (outcome in ('credited', 'suspense')),
  source        text    not null check (source in ('gateway', 'import', 'cash_desk')),
  raw           blob    not null,
  raw_sha256    blob    not null check (length(raw_sha256) = 32),
  received_at   integer not null,
  origin        text    not null default ''            -- the earlier system that took it
) strict;
insert into receipt_new (id, public_id, receipt_key, notice_id, notice_number, amount, paid_at, psp, means, traceable, payer_name, payer_code, outcome, source, raw, raw_sha256, received_at, origin)
select id, public_id, receipt_key, notice_id, notice_number, amount, paid_at, psp, means, traceable, payer_name, payer_code, outcome, source, raw, raw_sha256, received_at, origin from receipt;
drop table receipt;
alter table receipt_new rename to receipt;
create index receipt_by_notice on receipt (notice_id);
create index receipt_by_paid_at on receipt (paid_at);
create index receipt_in_suspense on receipt (id) where outcome = 'suspense';
create trigger receipt_is_final
before update of receipt_key, notice_id, notice_number, amount, paid_at, outcome, raw_sha256 on receipt
begin select raise(abort, 'a receipt is append-only'); end;
create trigger receipt_stays before delete on receipt
when (select open from retention_gate) = 0
begin select raise(abort, 'a receipt is append-only'); end;

-- Which means the cash desk of the office takes; the newest row counts, none or an empty list: it is off.
create table cash_desk_setting (
  id          integer primary key,
  means       text    not null,                        -- words with blanks between: 'cash card'
  staff_id    integer not null references staff,
  recorded_at integer not null
) strict;
create trigger cash_desk_setting_is_final before update on cash_desk_setting
begin select raise(abort, 'a setting of the cash desk is append-only'); end;
create trigger cash_desk_setting_stays before delete on cash_desk_setting
begin select raise(abort, 'a setting of the cash desk is append-only'); end;

-- What the cash desk took, beside the row in `receipt` that credits it. Numbered in each year from 1
-- without a gap, in the order of recording.
create table cash_desk_receipt (
  receipt_id  integer primary key references receipt,
  year        integer not null,                        -- in which it was recorded
  number      integer not null check (number > 0),
  means       text    not null check (means in ('cash', 'card', 'cheque', 'transfer')),
  received_on text    not null,                        -- the civil day on which the money came
  reference   text    not null,                        -- number of the cheque, of the transfer …
  staff_id    integer not null references staff,
  unique (year, number)
) strict;
create index cash_desk_receipt_by_day on cash_desk_receipt (received_on, receipt_id);
create index cash_desk_receipt_by_staff on cash_desk_receipt (staff_id, received_on);
create trigger cash_desk_receipt_has_the_next_number before insert on cash_desk_receipt
when new.number is not (select coalesce(max(number), 0) + 1 from cash_desk_receipt where year = new.year)
begin select raise(abort, 'receipts of the cash desk are numbered without a gap'); end;
create trigger cash_desk_receipt_is_final before update on cash_desk_receipt
begin select raise(abort, 'a receipt of the cash desk is final: cancel it'); end;
create trigger cash_desk_receipt_stays before delete on cash_desk_receipt
begin select raise(abort, 'a receipt of the cash desk keeps its number: cancel it'); end;

-- Notices that were withdrawn because the cash desk took the money.
create table cash_desk_notice (
  receipt_id integer not null references cash_desk_receipt,
  notice_id  integer not null references payment_notice,
  primary key (receipt_id, notice_id)
) strict, without rowid;
create index cash_desk_notice_by_notice on cash_desk_notice (notice_id);

-- The proof, scanned.
create table cash_desk_scan (
  receipt_id  integer primary key references cash_desk_receipt,
  document_id integer not null references document
) strict;
create index cash_desk_scan_by_document on cash_desk_scan (document_id);

-- A receipt that was wrong: its number stays, its entries are reversed on that day.
create table cash_desk_cancellation (
  receipt_id   integer primary key references cash_desk_receipt,
  day          text    not null,
  reason       text    not null check (reason <> ''),
  staff_id     integer not null references staff,
  cancelled_at integer not null
) strict;
create index cash_desk_cancellation_by_day on cash_desk_cancellation (day);
create trigger cash_desk_cancellation_is_final before update on cash_desk_cancellation
begin select raise(abort, 'a cancelled receipt stays cancelled'); end;
create trigger cash_desk_cancellation_stays before delete on cash_desk_cancellation
begin select raise(abort, 'a cancelled receipt stays cancelled'); end;

-- What a day brought in cash and cheques was handed to the treasurer. The newest row of a day counts.
create table cash_desk_deposit (
  id           integer primary key,
  day          text    not null,
  amount       integer not null check (amount > 0),    -- cents, as the day stood then
  deposited_on text    not null,
  reference    text    not null check (reference <> ''),
  staff_id     integer not null references staff,
  recorded_at  integer not null
) strict;
create index cash_desk_deposit_by_day on cash_desk_deposit (day, id);
create trigger cash_desk_deposit_is_final before update on cash_desk_deposit
begin select raise(abort, 'a deposit is append-only: record it again'); end;
create trigger cash_desk_deposit_stays before delete on cash_desk_deposit
begin select raise(abort, 'a deposit is append-only: record it again'); end;
