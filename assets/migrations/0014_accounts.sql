-- What the office records of a child because tariffs ask for it (docs/tariffs.md): a disability, an
-- exemption, a timetable. The value is plain, as rule files write it: it says that a price changes,
-- and charges explain themselves with it. The reason may speak of health or hardship: it is sealed.
create table child_fact (
  id           integer primary key,
  public_id    text    not null unique check (length(public_id) = 26),
  child_id     integer not null references person,
  service_id   integer references service,             -- null: every service
  name         text    not null check (name <> ''),
  value        text    not null check (value <> ''),
  from_date    text    not null,
  to_date      text,
  sealed       blob    not null,
  staff_id     integer references staff,               -- null: imported
  recorded_at  integer not null,
  withdrawn_at integer,                                -- recorded by mistake: it never held
  check (to_date is null or to_date >= from_date)
) strict;
create index child_fact_by_child on child_fact (child_id, name, from_date);
create index child_fact_by_name on child_fact (name, from_date);
create index child_fact_by_service on child_fact (service_id);
create trigger child_fact_only_ends before update on child_fact
when old.withdrawn_at is not null or new.child_id is not old.child_id or new.service_id is not old.service_id
  or new.name is not old.name or new.value is not old.value or new.from_date is not old.from_date
  or new.sealed is not old.sealed or new.staff_id is not old.staff_id or new.recorded_at is not old.recorded_at
begin select raise(abort, 'a fact only ends or is withdrawn: record a newer one'); end;
create trigger child_fact_stays before delete on child_fact
when (select open from retention_gate) = 0
begin select raise(abort, 'a fact of a child is kept: end it'); end;

-- Credit of a prepaid account that ran low: told once, until it was higher again.
create table credit_alert (
  id         integer primary key,
  account_id integer not null references account,
  meals      integer not null,                         -- the comune's threshold, in meals
  entry_id   integer not null references ledger_entry, -- with which the balance came down to it
  balance    integer not null,                         -- cents when it was seen
  price      integer not null check (price > 0),       -- cents of a meal then
  at         integer not null,
  unique (account_id, meals, entry_id)
) strict;
create trigger credit_alert_is_final before update on credit_alert
begin select raise(abort, 'an alert is append-only'); end;
create trigger credit_alert_stays before delete on credit_alert
when (select open from retention_gate) = 0
begin select raise(abort, 'an alert is append-only'); end;

-- Up to which entry of the ledger alerts were looked for.
create table credit_alert_mark (
  one      integer primary key check (one = 1),
  entry_id integer not null
) strict;

-- A message can ask for money on an account: it then has a button that leads to the payment.
create table message_top_up (
  message_id integer primary key references message on delete cascade,
  account_id integer not null references account
) strict;
create index message_top_up_by_account on message_top_up (account_id);
