-- Days on which a child is enrolled and not expected (docs/refunds.md). Why is not said here: the days
-- know nothing of money. One that ends before its first day never held.
create table interruption (
  id           integer primary key,
  enrolment_id integer not null references enrolment,
  from_day     text    not null,
  until_day    text                                    -- the first day on which the child is expected again
) strict;
create unique index interruption_open on interruption (enrolment_id) where until_day is null;
create index interruption_by_enrolment on interruption (enrolment_id, from_day);
create trigger interruption_only_ends before update on interruption
when old.until_day is not null or new.until_day is null
  or new.enrolment_id is not old.enrolment_id or new.from_day is not old.from_day
begin select raise(abort, 'an interruption only ends'); end;
create trigger interruption_stays before delete on interruption
when (select open from retention_gate) = 0
begin select raise(abort, 'an interruption is kept'); end;

-- A service that the office has suspended because its prepaid account owes too much: the decision of a
-- person about one child. It ends by itself once the comune's rule would not propose it any more.
create table suspension (
  id              integer primary key,
  public_id       text    not null unique check (length(public_id) = 26),
  interruption_id integer not null unique references interruption,
  account_id      integer not null references account,
  reason          text    not null check (reason <> ''),  -- the family reads it
  balance         integer not null check (balance < 0),   -- cents when it was decided
  staff_id        integer not null references staff,
  recorded_at     integer not null,
  ending          text    check (ending in ('covered', 'exempted', 'plan', 'rule', 'left', 'office')),
  ended_at        integer,
  ended_by        integer references staff,            -- null: by itself
  ended_reason    text    not null default '',         -- why the office ended it; the family reads it
  check ((ended_at is null) = (ending is null)),
  check (ended_by is null or ending is not null),
  check (ending is null or (ending = 'office') = (ended_by is not null))
) strict;
create index suspension_by_account on suspension (account_id, id);
create index suspension_by_ending on suspension (ended_at, id);
create trigger suspension_only_ends before update on suspension
when old.ended_at is not null or new.ended_at is null or new.public_id is not old.public_id
  or new.interruption_id is not old.interruption_id or new.account_id is not old.account_id
  or new.reason is not old.reason or new.balance is not old.balance
  or new.staff_id is not old.staff_id or new.recorded_at is not old.recorded_at
begin select raise(abort, 'a suspension only ends'); end;
create trigger suspension_stays before delete on suspension
when (select open from retention_gate) = 0
begin select raise(abort, 'a suspension is kept'); end;
