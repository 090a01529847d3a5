-- A tariff under way: the rule file as the office has it so far, with or without faults. Published,
-- it becomes a row of `tariff` and leaves.
create table tariff_draft (
  id         integer primary key,
  public_id  text not null unique check (length(public_id) = 26),
  service_id integer not null references service,
  revision   integer not null default 1,
  source     text not null,                            -- TOML
  staff_id   integer references staff,                 -- who changed it last
  created_at integer not null,
  updated_at integer not null
) strict;
create index tariff_draft_by_service on tariff_draft (service_id, updated_at);
create index tariff_draft_by_staff on tariff_draft (staff_id);
