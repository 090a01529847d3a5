-- Where the payment page led the browser back to. It proves nothing: it chooses the words meanwhile.
create table cart_return (
  cart_id integer primary key references cart,
  outcome text    not null check (outcome in ('ok', 'cancelled', 'failed')),
  at      integer not null
) strict;

-- App IO: whether a person is on it and takes the comune's messages, when it was asked last.
create table io_profile (
  person_id integer primary key references person,
  reachable integer not null check (reachable in (0, 1)),
  asked_at  integer not null
) strict;

-- Who switched these messages off.
create table io_refusal (
  person_id integer primary key references person,
  at        integer not null
) strict;

-- What was sent, once: a notice's own message, and one for each day on which a reminder named it.
create table io_message (
  id        integer primary key,
  notice_id integer not null references payment_notice,
  occasion  text    not null,                              -- 'notice', or the day of a reminder
  io_id     text    not null default '',                   -- what App IO calls it; '': it may be lost
  sent_at   integer not null,
  unique (notice_id, occasion)
) strict;
