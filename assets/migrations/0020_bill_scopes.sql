-- A run is made for a period, for the late ISEEs of some children (their ids, a JSON array), or for
-- one charged day that the office gives back (with the reason, which the family reads). What its
-- lines come to is kept with it: adding them up takes long for a list of runs.
drop trigger bill_run_that_was_published_is_final;
alter table bill_run add column kind text not null default 'period' check (kind in ('period', 'children', 'reversal'));
alter table bill_run add column children text check (children is null or json_valid(children));
alter table bill_run add column reason text not null default '';
alter table bill_run add column payers integer not null default 0;
alter table bill_run add column lines integer not null default 0;
alter table bill_run add column faults integer not null default 0;
alter table bill_run add column total integer not null default 0;
update bill_run set (payers, lines, faults, total) =
  (select count(distinct l.payer_id), count(*), count(l.fault), coalesce(sum(l.amount), 0)
   from bill_line l where l.run_id = bill_run.id);
create trigger bill_run_that_was_published_is_final before update on bill_run
when old.state in ('published', 'discarded')
begin select raise(abort, 'a bill run that was published or discarded is final'); end;

-- The charge of a closed day that a bill's line gives back: once.
alter table charge add column reverses integer references charge;
create unique index charge_that_reverses on charge (reverses) where reverses is not null;
