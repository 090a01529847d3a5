-- The comune's rule on when an ISEE starts and stops to count, by versions.
create table isee_policy (
  id          integer primary key,
  from_day    text    not null,                    -- for what is handed in from this day
  source      text    not null,                    -- TOML, docs/isee.md
  staff_id    integer references staff,
  recorded_at integer not null
) strict;
create index isee_policy_by_day on isee_policy (from_day);
create trigger isee_policy_is_final before update on isee_policy
begin select raise(abort, 'a rule is final: record a newer one'); end;
create trigger isee_policy_stays before delete on isee_policy
begin select raise(abort, 'a rule is final: record a newer one'); end;

-- Values are facts: a newer row with a later `recorded_at` corrects an older one, none is changed.
-- `valid_from` and `valid_to` say when it counts, `own_from` and `own_to` what the statement says.
create table isee_new (
  id          integer primary key,
  public_id   text not null unique check (length(public_id) = 26),
  child_id    integer not null references person,
  value       integer not null check (value >= 0),     -- cents
  kind        text    not null check (kind in ('minorenni', 'ordinario', 'corrente')),
  protocol    text    not null default '',
  omissions   integer not null default 0 check (omissions in (0, 1)),
  lodged_on   text,                                    -- null: counts as an earlier system said
  own_from    text,
  own_to      text,
  valid_from  text    not null,
  valid_to    text    not null,
  policy_id   integer references isee_policy,          -- null: counts as recorded
  source      text    not null check (source in ('declared', 'office', 'uploaded', 'import')),
  person_id   integer references person,               -- the parent who declared it
  staff_id    integer references staff,
  recorded_at integer not null,
  check (valid_to >= valid_from),
  check (own_to >= own_from),
  check (policy_id is null or (lodged_on is not null and own_from is not null and own_to is not null)),
  check ((source = 'declared') = (person_id is not null))
) strict;
insert into isee_new (id, public_id, child_id, value, kind, protocol, omissions, valid_from, valid_to,
                      source, staff_id, recorded_at)
select id, public_id, child_id, value, kind, protocol, omissions, valid_from, valid_to, source, staff_id,
       recorded_at
from isee;
drop table isee;
alter table isee_new rename to isee;
create index isee_by_child on isee (child_id, valid_from);
create trigger isee_is_final before update on isee
begin select raise(abort, 'an ISEE is a fact: record a newer one'); end;
create trigger isee_stays before delete on isee
when (select open from retention_gate) = 0
begin select raise(abort, 'an ISEE is a fact: record a newer one'); end;

-- A declared ISEE that somebody compared with what INPS says.
create table isee_check (
  isee_id  integer primary key references isee on delete cascade,
  staff_id integer not null references staff,
  at       integer not null
) strict;

-- Declared and not yet checked, kept by the triggers below and by nothing else. A newer record of the
-- same kind takes the place of an older one.
create table isee_waiting (
  isee_id integer primary key references isee on delete cascade
) strict;
create trigger isee_waits after insert on isee
begin
  delete from isee_waiting where isee_id in
    (select id from isee where child_id = new.child_id and kind = new.kind);
  insert into isee_waiting (isee_id) select new.id where new.source = 'declared';
end;
create trigger isee_is_checked after insert on isee_check
begin delete from isee_waiting where isee_id = new.isee_id; end;

-- Who was told in December that an ISEE ends.
create table isee_reminder (
  year     integer not null,
  payer_id integer not null references person,
  at       integer not null,
  primary key (year, payer_id)
) strict, without rowid;
create index isee_reminder_by_payer on isee_reminder (payer_id);
