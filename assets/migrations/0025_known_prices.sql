-- What a tariff and some facts cost when they were priced last: most days of a child cost what the
-- day before did. Only a shortcut: whatever is not here is priced anew.
create table known_price (
  key            blob    primary key check (length(key) = 32),   -- SHA-256 of tariff and facts
  explanation_id integer not null references explanation,
  amount         integer not null check (amount >= 0),           -- cents
  aided          integer not null check (aided >= 0),            -- cents, of other bodies
  uses_isee      integer not null check (uses_isee in (0, 1))
) strict, without rowid;
create index known_price_by_explanation on known_price (explanation_id);
