-- All drafts of executive notices at once: the job that made a draft, and its letter, kept for
-- download for some weeks.
alter table collection_act add column job_id integer references job;
create index collection_act_by_job on collection_act (job_id) where job_id is not null;

create table collection_letter (
  act_id     integer primary key references collection_act,
  kept_until integer not null,                         -- then it is forgotten; the draft's record stays
  pdf        blob    not null
) strict;
create index collection_letter_by_end on collection_letter (kept_until);
create trigger collection_letter_is_final before update on collection_letter
begin select raise(abort, 'a draft that was made is kept'); end;

-- A draft tariff compared with so much that it takes a job: what it compares, and its sums by the
-- first enrolment of each chunk. Ids only; forgotten after some weeks.
create table what_if_run (
  job_id     integer primary key references job,
  service_id integer not null references service,
  from_day   text    not null,
  to_day     text    not null,
  source     text    not null,
  kept_until integer not null
) strict;
create index what_if_run_by_period on what_if_run (service_id, from_day, to_day, job_id);
create index what_if_run_by_end on what_if_run (kept_until);
create table what_if_part (
  job_id   integer not null references what_if_run on delete cascade,
  position integer not null,
  sums     text    not null check (json_valid(sums)),
  primary key (job_id, position)
) strict, without rowid;

-- What the office records of a residence says where it is from, and can be taken back.
alter table residence add column source text not null default '';
alter table residence add column withdrawn_at integer;
alter table residence add column withdrawn_by integer references staff;
create index residence_by_withdrawal on residence (withdrawn_at) where withdrawn_at is not null;
create trigger residence_is_final before update on residence
when old.withdrawn_at is not null or (old.person_id, old.resident, old.from_date, old.recorded_at, old.staff_id, old.source)
  is not (new.person_id, new.resident, new.from_date, new.recorded_at, new.staff_id, new.source)
begin select raise(abort, 'a residence is final: withdraw it'); end;
create trigger residence_stays before delete on residence
when (select open from retention_gate) = 0
begin select raise(abort, 'a residence is final: withdraw it'); end;
