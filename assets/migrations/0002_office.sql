-- The office's search finds every word of a name by its beginning, in any order. New rows are
-- added by people::add_person, the rest by triggers.
create virtual table person_search using fts5 (
  search_name, content = 'person', content_rowid = 'id', tokenize = 'unicode61', prefix = '1 2 3'
);
insert into person_search (rowid, search_name) select id, search_name from person;
create trigger person_is_searchable_again after update of search_name on person
begin
  insert into person_search (person_search, rowid, search_name)
  values ('delete', old.id, old.search_name);
  insert into person_search (rowid, search_name) values (new.id, new.search_name);
end;
create trigger person_is_not_searchable after delete on person
begin
  insert into person_search (person_search, rowid, search_name)
  values ('delete', old.id, old.search_name);
end;

-- Each family's thread for the office's lists, kept by the triggers below and by nothing else.
-- `waiting`: the family spoke last, notices of the program left out. `place`: among those that
-- wait the longest waiting comes first, among the others the latest.
create table message_thread (
  person_id integer primary key references person,
  last_id   integer not null,
  last_at   integer not null,
  family_id integer not null default 0,
  family_at integer not null default 0,
  office_id integer not null default 0,
  unread    integer not null default 0,
  waiting   integer not null generated always as (family_id > office_id) stored,
  shown_id  integer not null generated always as (iif(family_id > office_id, family_id, last_id)) stored,
  place     integer not null generated always as (iif(family_id > office_id, family_at, -last_at)) stored
) strict;
create index message_thread_by_place on message_thread (waiting desc, place, shown_id);
create index message_thread_unread on message_thread (waiting desc, place, shown_id) where unread > 0;
create trigger message_opens_thread after insert on message
begin
  insert into message_thread (person_id, last_id, last_at, family_id, family_at, office_id, unread)
  values (new.person_id, new.id, new.at,
          iif(new.author = 'family', new.id, 0), iif(new.author = 'family', new.at, 0),
          iif(new.author = 'office', new.id, 0),
          new.author = 'family' and new.read_at is null)
  on conflict (person_id) do update
  set last_id = excluded.last_id, last_at = excluded.last_at,
      family_id = max(family_id, excluded.family_id),
      family_at = iif(excluded.family_id > 0, excluded.family_at, family_at),
      office_id = max(office_id, excluded.office_id),
      unread = unread + excluded.unread;
end;
create trigger message_read_in_thread after update of read_at on message
when new.author = 'family' and (old.read_at is null) <> (new.read_at is null)
begin
  update message_thread set unread = unread + iif(new.read_at is null, 1, -1)
  where person_id = new.person_id;
end;
create trigger message_leaves_thread after delete on message
begin
  delete from message_thread where person_id = old.person_id;
  insert into message_thread (person_id, last_id, last_at, family_id, family_at, office_id, unread)
  select person_id, max(id), max(at),
         max(iif(author = 'family', id, 0)), max(iif(author = 'family', at, 0)),
         max(iif(author = 'office', id, 0)),
         sum(author = 'family' and read_at is null)
  from message where person_id = old.person_id group by person_id;
end;
insert into message_thread (person_id, last_id, last_at, family_id, family_at, office_id, unread)
select person_id, max(id), max(at),
       max(iif(author = 'family', id, 0)), max(iif(author = 'family', at, 0)),
       max(iif(author = 'office', id, 0)),
       sum(author = 'family' and read_at is null)
from message group by person_id;
drop index message_by_author;

-- "Come la vede il genitore": a clerk's session looks at a family's pages, for a short while, and
-- can't write there. Why is in the audit log.
create table family_view (
  token_hash blob    primary key references session on delete cascade,
  person_id  integer not null references person,
  until      integer not null
) strict, without rowid;
create index family_view_by_person on family_view (person_id);
