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
