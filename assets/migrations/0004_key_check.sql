-- A word sealed with the folder's key: another key is refused before it seals anything.
create table key_check (
  id     integer primary key check (id = 1),
  sealed blob    not null
) strict;
