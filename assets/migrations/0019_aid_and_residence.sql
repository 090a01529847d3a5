-- What other bodies pay has an account for each body and service. The name is that of the tariff; an
-- account of before has none: it holds what several bodies owe.
alter table account add column body text check (body is null or kind = 'aid');
drop index account_of_comune;
create unique index account_of_comune on account (kind, coalesce(service_id, 0), coalesce(body, ''))
  where kind <> 'family';

-- A price of a day may have a part that other bodies pay.
alter table day_price add column aided integer not null default 0 check (aided >= 0);

-- Since when somebody lives in the comune, or does no more: append-only, of several rows of a day the
-- newest holds. Before the first row, and without any, what the person's row says holds.
create table residence (
  id          integer primary key,
  person_id   integer not null references person,
  resident    integer not null check (resident in (0, 1)),
  from_date   text    not null,
  recorded_at integer not null,
  staff_id    integer references staff                 -- null: the residents' register
) strict;
create index residence_by_person on residence (person_id, from_date);

-- Households that somebody has left, with the last day there.
create table household_left (
  id           integer primary key,
  person_id    integer not null references person,
  household_id integer not null references household,
  since        text,
  until        text    not null
) strict;
create index household_left_by_person on household_left (person_id);
create index household_left_by_household on household_left (household_id);
