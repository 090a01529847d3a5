-- Where money paid through pagoPA goes, and how notices are numbered and printed; one row.
create table pagopa_setting (
  id                   integer primary key check (id = 1),
  iban                 text    not null default '',      -- registered with pagoPA; '': not said yet
  postal_account       text    not null default '',      -- conto corrente postale, digits; '': none
  postal_iban          text    not null default '',
  postal_holder        text    not null default '',
  postal_authorisation text    not null default '',      -- AUT. DB/… of Poste
  -- Bases of notice numbers begin here: an earlier supplier may have used the same segregation code.
  first_base           integer not null default 1 check (first_base between 1 and 9999999999999),
  revision             integer not null default 1
) strict;
insert into pagopa_setting (id) values (1);

-- Of a service: an account of its own, if it has one, and whether a notice can be paid after its day.
alter table service add column iban text not null default '';
alter table service add column pays_after_due integer not null default 1 check (pays_after_due in (0, 1));
