-- What the closing of a day has priced so far. Nobody is charged anything before the last step
-- takes all of it over: it lies here for seconds, so that nothing is looked up for it and no index
-- kept; the charges that it becomes have their references checked.
create table day_price_new (
  job_id         integer not null,
  enrolment_id   integer not null,
  payer_id       integer not null,
  child_id       integer not null,
  amount         integer not null check (amount >= 0),   -- cents
  tariff_id      integer not null,
  isee_id        integer,
  explanation_id integer not null,
  primary key (job_id, enrolment_id)
) strict, without rowid;
insert into day_price_new select job_id, enrolment_id, payer_id, child_id, amount, tariff_id, isee_id, explanation_id
from day_price;
drop table day_price;
alter table day_price_new rename to day_price;
