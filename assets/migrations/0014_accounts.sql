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
