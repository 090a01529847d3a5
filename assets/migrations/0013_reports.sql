-- What the accountant's reports need and nobody else knows (docs/reports.md).

alter table service add column budget_chapter text not null default '';
alter table service add column individual_demand integer not null default 1 check (individual_demand in (0, 1));
-- School transport is no "servizio a domanda individuale": it is not in D.M. 31/12/1983.
update service set individual_demand = 0 where kind = 'transport';

-- What a service costs in a year, as the accountant types it.
create table service_cost (
  service_id  integer not null references service,
  year        integer not null check (year between 1950 and 2200),
  amount      integer not null check (amount >= 0),    -- cents, all costs
  grants      integer not null check (grants >= 0),    -- cents, contributions for this service
  note        text    not null default '',
  staff_id    integer not null references staff,
  recorded_at integer not null,
  primary key (service_id, year)
) strict, without rowid;

-- From which day at which rate takings of a service are subject to VAT. The newest row of a day
-- counts. None: no VAT.
create table service_vat (
  id          integer primary key,
  service_id  integer not null references service,
  from_day    text    not null,
  rate        integer check (rate between 1 and 9999), -- hundredths of a percent; null: none any more
  note        text    not null default '',
  staff_id    integer not null references staff,
  recorded_at integer not null
) strict;
create index service_vat_by_service on service_vat (service_id, from_day, id);
create trigger service_vat_is_final before update on service_vat
begin select raise(abort, 'a VAT rate is final: record a newer one'); end;
create trigger service_vat_stays before delete on service_vat
begin select raise(abort, 'a VAT rate is final: record a newer one'); end;
