-- What visitors think of a page. No person, no session, no client, and no more than the day: nothing
-- leads back to who wrote. `page` is a code of feedback::Page, `reason` one of the fixed answers.
create table feedback (
  id      integer primary key,
  day     text    not null check (day glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  page    text    not null,
  rating  integer not null check (rating between 1 and 5),
  reason  text    check (reason in ('clear', 'complete', 'guided', 'working', 'other')),
  comment text    not null default '' check (length(comment) <= 200)
) strict;
create index feedback_by_day on feedback (day, page, rating);
