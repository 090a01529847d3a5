-- The comune's coat of arms, a PNG picture: shown on every page beside its name.
create table crest (
  id     integer primary key check (id = 1),
  png    blob not null check (length(png) <= 102400),
  sha256 blob not null check (length(sha256) = 32)
) strict;
