-- The files that go between the comune and the partner who speaks to pagoPA in its place.
create table partner_file (
  id        integer primary key,
  public_id text    not null unique check (length(public_id) = 26),
  kind      text    not null check (kind in ('positions', 'notices', 'receipts')),
  batch     integer check ((batch is null) = (kind <> 'positions')),
  name      text    not null,
  -- 'preview': it came, was looked at, and nothing was taken; 'done': what could be taken was.
  -- Of ours: 'made', and 'sent' when it lies in the partner's folder or was downloaded.
  state     text    not null check (state in ('preview', 'done', 'made', 'sent')),
  taken     integer not null check (taken >= 0),
  known     integer not null check (known >= 0),
  suspense  integer not null check (suspense >= 0),
  bad       integer not null check (bad >= 0),
  total     integer not null,                            -- cents
  report    text    not null,                            -- JSON: the lines that can't be taken, and why
  content   blob    not null,                            -- as it went or came
  sha256    blob    not null check (length(sha256) = 32),
  staff_id  integer references staff,                    -- null: the round
  at        integer not null
) strict;
create unique index partner_file_once on partner_file (sha256) where state = 'done' and bad = 0;
create unique index partner_file_batch on partner_file (batch) where batch is not null;
create index partner_file_by_state on partner_file (state, id);

-- A position that the partner was told of, and the file that took it back.
create table partner_position (
  notice_id    integer primary key references payment_notice,
  file_id      integer not null references partner_file,
  withdrawn_by integer references partner_file
) strict;
create index partner_position_by_file on partner_position (file_id);
create index partner_position_by_withdrawal on partner_position (withdrawn_by) where withdrawn_by is not null;

-- The number that the partner has given to a position; our own was never shown to anybody.
create table partner_number (
  notice_id integer primary key references payment_notice,
  number    text    not null unique
            check (number glob '[0-3][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]')
            check (number glob '1*' or cast(substr(number, 1, 16) as integer) % 93 = cast(substr(number, 17) as integer)),
  at        integer not null
) strict;
create trigger partner_number_stays before update on partner_number
begin select raise(abort, 'a notice keeps its number'); end;
create trigger partner_number_is_kept before delete on partner_number
begin select raise(abort, 'a notice keeps its number'); end;

-- Since when the partner numbers the positions (UTC milliseconds); null: we do. One row.
create table partner_setting (
  id            integer primary key check (id = 1),
  numbers_since integer
) strict;
insert into partner_setting (id) values (1);
