-- The whole database of one comune. It equals the sum of assets/migrations: a test proves it.
--
-- Conventions
--   * every table is STRICT; ids are integers inside, random `public_id`s outside;
--   * civil dates are TEXT YYYY-MM-DD, instants INTEGER UTC milliseconds, money INTEGER cents;
--   * append-only tables refuse UPDATE, and DELETE too unless `retention_gate` is open: that gate is
--     the one guarded path by which personal data reach their end;
--   * append-only tables hold ids; names and other personal data sit where retention can reach them.

-- ── The folder ────────────────────────────────────────────────────────────────────────────────

-- One row: what this database is. `demo` can't be changed afterwards.
create table stamp (
  id           integer primary key check (id = 1),
  demo         integer not null check (demo in (0, 1)),
  created_at   integer not null,
  -- The salt of this folder's audit hashes.
  audit_salt   blob    not null check (length(audit_salt) = 32)
) strict;

create trigger stamp_is_final before update on stamp
begin select raise(abort, 'the stamp is final'); end;

create trigger stamp_stays before delete on stamp
begin select raise(abort, 'the stamp is final'); end;

-- Opened by the retention job inside its transaction, closed again before it commits.
create table retention_gate (
  id   integer primary key check (id = 1),
  open integer not null check (open in (0, 1))
) strict;
insert into retention_gate (id, open) values (1, 0);

-- A word sealed with the folder's key: another key is refused before it seals anything.
create table key_check (
  id     integer primary key check (id = 1),
  sealed blob    not null
) strict;

-- Monotone numbers: given inside the transaction that uses them, never given twice.
create table counter (
  name text    primary key,
  next integer not null check (next > 0)
) strict, without rowid;

-- ── municipality ──────────────────────────────────────────────────────────────────────────────

create table municipality (
  id                 integer primary key check (id = 1),
  name               text not null,                    -- Comune di …
  department         text not null,
  fiscal_code        text not null check (length(fiscal_code) = 11),
  belfiore           text not null check (length(belfiore) = 4),
  address            text not null,
  phone              text not null,
  email              text not null,
  pec                text not null,
  -- Printed under every attestation (D.Lgs. 39/1993 art. 3 c. 2).
  responsible        text not null,
  privacy_contact    text not null,
  privacy_url        text,
  accessibility_url  text,
  -- pagoPA: segregation code 00..45, CBILL code of the bank where there is one.
  segregation_code   text not null check (segregation_code glob '[0-9][0-9]'),
  cbill              text,
  revision           integer not null default 1
, faq_url text, legal_url text, report_url text, booking_url text) strict;

-- The comune's coat of arms, a PNG picture: shown on every page beside its name.
create table crest (
  id     integer primary key check (id = 1),
  png    blob not null check (length(png) <= 102400),
  sha256 blob not null check (length(sha256) = 32)
) strict;

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

create table school (
  id        integer primary key,
  public_id text not null unique check (length(public_id) = 26),
  code      text not null unique,                      -- the office's or the ministry's code
  name      text not null,
  grade     text not null check (grade in ('nido', 'infanzia', 'primaria', 'secondaria')),
  address   text not null
) strict;

-- A class lives one school year; `year` is the calendar year in which the school year begins.
create table school_class (
  id        integer primary key,
  public_id text not null unique check (length(public_id) = 26),
  school_id integer not null references school,
  year      integer not null check (year between 1950 and 2200),
  name      text not null,
  unique (school_id, year, name)
) strict;

create table service (
  id                 integer primary key,
  public_id          text not null unique check (length(public_id) = 26),
  code               text not null unique,
  name               text not null,
  kind               text not null check (kind in ('nido', 'meals', 'transport', 'other')),
  billing            text not null check (billing in ('prepaid', 'postpaid')),
  -- pagoPA taxonomy 9/0107101TS/ …: the prefix is a choice of the comune (6 to 9).
  taxonomy           text not null check (taxonomy glob '[6-9]/[0-9]*/'),
  -- Quadro E code of the 730: 12 school expenses, 33 nido, none for what can't be deducted.
  deduction_code     text check (deduction_code in ('12', '33')),
  -- Days of the week on which it runs: bit 0 Monday … bit 6 Sunday.
  weekdays           integer not null check (weekdays between 0 and 127),
  first_day          text not null,                    -- MM-DD of the school year
  last_day           text not null,
  -- Three times, apart: the family's cut-off, the school's confirmation, the kitchen's freeze.
  family_cutoff      text not null check (family_cutoff glob '[0-2][0-9]:[0-5][0-9]'),
  family_cutoff_days integer not null default 0 check (family_cutoff_days between 0 and 30),
  school_cutoff      text not null check (school_cutoff glob '[0-2][0-9]:[0-5][0-9]'),
  kitchen_freeze     text not null check (kitchen_freeze glob '[0-2][0-9]:[0-5][0-9]'),
  -- How many days ahead a family may cancel.
  cancel_ahead_days  integer not null default 30 check (cancel_ahead_days between 0 and 365),
  -- Whether a child marked absent by the school, and not cancelled in time, is charged all the same.
  charge_absent      integer not null check (charge_absent in (0, 1)),
  minimum_top_up     integer not null default 500 check (minimum_top_up > 0)
, budget_chapter text not null default '', individual_demand integer not null default 1 check (individual_demand in (0, 1)), bill_rhythm text not null default 'none', iban text not null default '', pays_after_due integer not null default 1 check (pays_after_due in (0, 1))) strict;

-- ── people ────────────────────────────────────────────────────────────────────────────────────

create table person (
  id          integer primary key,
  public_id   text not null unique check (length(public_id) = 26),
  surname     text not null,
  name        text not null,
  sex         text check (sex in ('F', 'M')),
  birth_date  text,
  birth_place text,                                    -- as written; its code is in the fiscal code
  address     text,
  postal_code text,
  town        text,
  -- Whether the residents' register has this person as resident in the comune.
  resident    integer not null default 0 check (resident in (0, 1)),
  phone       text,
  email       text,
  -- Lower-case, without accents: what the office's search looks through.
  search_name text not null,
  revision    integer not null default 1,
  created_at  integer not null,
  updated_at  integer not null
) strict;
create index person_by_search_name on person (search_name);

-- How a person is known to the outside. A fiscal code can change (provisional, corrected): the
-- person stays. One code belongs to one person only, also when it is an old one.
create table identity_link (
  fiscal_code text    primary key,
  person_id   integer not null references person,
  current     integer not null check (current in (0, 1)),
  created_at  integer not null
) strict, without rowid;
create unique index identity_link_current on identity_link (person_id) where current = 1;
create index identity_link_by_person on identity_link (person_id);

-- The residents' register, as imported. Living in one household suggests who may be guardian of
-- whom; it never grants it.
create table household (
  id            integer primary key,
  registry_code text not null unique,
  address       text not null,
  imported_at   integer not null
) strict;

create table household_member (
  person_id    integer primary key references person,
  household_id integer not null references household,
  relation     text not null,
  since        text
) strict;
create index household_member_by_household on household_member (household_id);

-- Households that somebody has left, with the last day there.
create table household_left (
  id           integer primary key,
  person_id    integer not null references person,
  household_id integer not null references household,
  since        text,
  until        text    not null
) strict;
create index household_left_by_person on household_left (person_id);
create index household_left_by_household on household_left (household_id);

-- Since when somebody lives in the comune, or does no more: rows are added and never changed but to be
-- withdrawn; of several of a day the newest holds. Before the first row, and without any, what the person's row says holds.
create table residence (
  id          integer primary key,
  person_id   integer not null references person,
  resident    integer not null check (resident in (0, 1)),
  from_date   text    not null,
  recorded_at integer not null,
  staff_id    integer references staff                 -- null: the residents' register
, source text not null default '', withdrawn_at integer, withdrawn_by integer references staff) strict;
create index residence_by_person on residence (person_id, from_date);
create index residence_by_withdrawal on residence (withdrawn_at) where withdrawn_at is not null;
create trigger residence_is_final before update on residence
when old.withdrawn_at is not null or (old.person_id, old.resident, old.from_date, old.recorded_at, old.staff_id, old.source)
  is not (new.person_id, new.resident, new.from_date, new.recorded_at, new.staff_id, new.source)
begin select raise(abort, 'a residence is final: withdraw it'); end;
create trigger residence_stays before delete on residence
when (select open from retention_gate) = 0
begin select raise(abort, 'a residence is final: withdraw it'); end;

-- The only way from an adult to a child (invariant 7).
create table guardianship (
  id          integer primary key,
  adult_id    integer not null references person,
  child_id    integer not null references person,
  title       text not null check (title in ('parent', 'guardian', 'foster')),
  verified_by text not null check (verified_by in ('office', 'registry')),
  from_date   text not null,
  to_date     text,
  recorded_at integer not null,
  check (adult_id <> child_id),
  check (to_date is null or to_date >= from_date)
) strict;
create index guardianship_by_adult on guardianship (adult_id, child_id);
create index guardianship_by_child on guardianship (child_id);

-- ── identity ──────────────────────────────────────────────────────────────────────────────────

create table staff (
  id            integer primary key,
  public_id     text not null unique check (length(public_id) = 26),
  username      text not null unique,
  name          text not null,
  password_hash text not null,                         -- argon2id, PHC string
  disabled      integer not null default 0 check (disabled in (0, 1)),
  created_at    integer not null
) strict;

-- `scope` is the school of role 'school', else null.
create table staff_role (
  id       integer primary key,
  staff_id integer not null references staff,
  role     text not null check (role in ('admin', 'office', 'accountant', 'diets', 'cashier', 'school')),
  scope    integer references school,
  check ((role = 'school') = (scope is not null)),
  unique (staff_id, role, scope)
) strict;

-- A row per browser that is logged in. The cookie's value is never here: only its SHA-256.
create table session (
  token_hash    blob    primary key check (length(token_hash) = 32),
  kind          text    not null check (kind in ('visitor', 'citizen', 'staff')),
  person_id     integer references person,
  staff_id      integer references staff,
  csrf          text    not null,
  -- What the next page says once: a key of the catalogue and its values, as JSON.
  flash         text,
  -- For visitors: the page that was asked for before the login.
  return_to     text,
  method        text    not null,                      -- demo, password, later spid, cie, cns, oidc
  created_at    integer not null,
  last_seen_at  integer not null,
  expires_at    integer not null,
  check ((kind = 'citizen') = (person_id is not null)),
  check ((kind = 'staff') = (staff_id is not null))
) strict, without rowid;
create index session_by_expiry on session (expires_at);

-- Failed and good logins, for the lockout and for the person concerned. No passwords, no tokens.
create table login_log (
  id        integer primary key,
  at        integer not null,
  method    text    not null,
  person_id integer references person,
  staff_id  integer references staff,
  good      integer not null check (good in (0, 1))
) strict;
create index login_log_by_staff on login_log (staff_id, at);
create index login_log_by_person on login_log (person_id, at);

-- ── calls and applications ────────────────────────────────────────────────────────────────────

-- Privacy notices and general conditions. A version that somebody accepted never changes.
create table legal_text (
  id           integer primary key,
  kind         text    not null check (kind in ('privacy', 'conditions')),
  service_id   integer references service,             -- null: for every service
  version      integer not null check (version > 0),
  title        text    not null,
  body         text    not null,                       -- paragraphs, a blank line between them
  published_at integer not null
) strict;
create unique index legal_text_version on legal_text (kind, coalesce(service_id, 0), version);
create trigger legal_text_is_final before update on legal_text
begin select raise(abort, 'a published text is final'); end;
create trigger legal_text_stays before delete on legal_text
begin select raise(abort, 'a published text is final'); end;

create table call (
  id                 integer primary key,
  public_id          text not null unique check (length(public_id) = 26),
  title              text not null,
  description        text not null,
  service_id         integer not null references service,
  year               integer not null check (year between 1950 and 2200),
  opens_at           integer not null,
  closes_at          integer not null,
  privacy_id         integer not null references legal_text,
  conditions_id      integer not null references legal_text,
  -- What the family is asked to attach, as text; whether at least one attachment is needed.
  documents_note     text    not null default '',
  documents_required integer not null default 0 check (documents_required in (0, 1)),
  check (closes_at > opens_at)
) strict;
create index call_by_window on call (closes_at, opens_at);

-- What a parent is filling in. `content` is JSON of applications::Content; `special` is the sealed
-- part with health data (diet). `revision` keeps two tabs from overwriting each other silently.
create table draft (
  id           integer primary key,
  public_id    text not null unique check (length(public_id) = 26),
  call_id      integer not null references call,
  applicant_id integer not null references person,
  content      text not null check (json_valid(content)),
  special      blob,
  last_step    integer not null default 1 check (last_step between 1 and 6),
  revision     integer not null default 1,
  created_at   integer not null,
  updated_at   integer not null
) strict;
create index draft_by_applicant on draft (applicant_id, call_id);

-- Uploaded files and issued PDFs: what they are. The bytes are apart, so that listing is cheap.
create table document (
  id         integer primary key,
  public_id  text not null unique check (length(public_id) = 26),
  kind       text not null check (kind in ('attachment', 'certificate', 'receipt', 'notice', 'attestation')),
  filename   text not null,
  media_type text not null check (media_type in ('application/pdf', 'image/jpeg', 'image/png')),
  size       integer not null check (size > 0),
  sha256     blob    not null check (length(sha256) = 32),   -- of the clear bytes
  sealed     integer not null check (sealed in (0, 1)),      -- encrypted with the folder's key
  created_at integer not null,
  check (kind <> 'certificate' or sealed = 1)
) strict;

create table document_content (
  document_id integer primary key references document on delete cascade,
  bytes       blob not null
) strict;

create trigger document_is_final before update on document
begin select raise(abort, 'a stored document is final'); end;
create trigger document_content_is_final before update on document_content
begin select raise(abort, 'a stored document is final'); end;

create table draft_attachment (
  draft_id    integer not null references draft on delete cascade,
  document_id integer not null references document,
  position    integer not null,
  primary key (draft_id, document_id)
) strict, without rowid;
create index draft_attachment_by_document on draft_attachment (document_id);

-- A submitted application: frozen (invariant 4). `sha256` covers content, special, attachments and
-- accepted texts, so a change to any of them would show.
create table application (
  id           integer primary key,
  public_id    text not null unique check (length(public_id) = 26),
  number       text not null unique,                   -- D-2026-000123
  call_id      integer not null references call,
  applicant_id integer not null references person,
  child_id     integer not null references person,
  content      text not null check (json_valid(content)),
  special      blob,
  sha256       blob    not null check (length(sha256) = 32),
  submitted_at integer not null,
  receipt_id   integer not null references document,
  -- One submission per draft: a double click finds the first one.
  draft_ref    text    not null unique
) strict;
create index application_by_applicant on application (applicant_id, submitted_at);
create index application_by_child on application (child_id);
create index application_by_call on application (call_id, submitted_at);
create unique index application_by_receipt on application (receipt_id);
create index application_with_isee_consent on application (call_id, child_id)
  where json_extract(content, '$.service.isee_consent');

create trigger application_is_frozen before update on application
begin select raise(abort, 'a submitted application is frozen'); end;
create trigger application_stays before delete on application
when (select open from retention_gate) = 0
begin select raise(abort, 'a submitted application is frozen'); end;

create table application_attachment (
  application_id integer not null references application,
  document_id    integer not null unique references document,
  position       integer not null,
  primary key (application_id, position)
) strict, without rowid;
create trigger application_attachment_is_frozen before update on application_attachment
begin select raise(abort, 'a submitted application is frozen'); end;
create trigger application_attachment_stays before delete on application_attachment
when (select open from retention_gate) = 0
begin select raise(abort, 'a submitted application is frozen'); end;

-- Documents that an application or an issued act stands on can't be deleted.
create trigger document_in_use_stays before delete on document
when (select open from retention_gate) = 0
 and (old.kind not in ('attachment', 'certificate')
      or exists (select 1 from application_attachment where document_id = old.id)
      or exists (select 1 from isee_document where document_id = old.id))
begin select raise(abort, 'a document in use stays'); end;
create trigger document_content_in_use_stays before delete on document_content
when (select open from retention_gate) = 0
 and (exists (select 1 from application_attachment where document_id = old.document_id)
      or exists (select 1 from isee_document where document_id = old.document_id))
begin select raise(abort, 'a document in use stays'); end;

-- What happened to an application, in order; the newest row is its state.
create table application_event (
  id             integer primary key,
  application_id integer not null references application,
  at             integer not null,
  state          text    not null check (state in ('submitted', 'accepted', 'refused')),
  staff_id       integer references staff,
  -- Shown to the family; why it was refused, for instance.
  note           text    not null default '',
  check (state <> 'refused' or note <> ''),
  check ((state = 'submitted') = (staff_id is null))
) strict;
create index application_event_by_application on application_event (application_id, id);
create trigger application_event_is_final before update on application_event
begin select raise(abort, 'the history of an application is append-only'); end;
create trigger application_event_stays before delete on application_event
when (select open from retention_gate) = 0
begin select raise(abort, 'the history of an application is append-only'); end;

-- The state of each application for lists, kept by the trigger below and by nothing else.
create table application_state (
  application_id integer primary key references application,
  state          text    not null check (state in ('submitted', 'accepted', 'refused')),
  since          integer not null
) strict;
create index application_state_by_state on application_state (state, since);
create trigger application_event_sets_state after insert on application_event
begin
  insert into application_state (application_id, state, since)
  values (new.application_id, new.state, new.at)
  on conflict (application_id) do update set state = excluded.state, since = excluded.since;
end;

-- One live submission per call and child.
create table application_live (
  call_id        integer not null references call,
  child_id       integer not null references person,
  application_id integer not null references application,
  primary key (call_id, child_id)
) strict, without rowid;
create index application_live_by_application on application_live (application_id);
create trigger application_refused_is_not_live after insert on application_event
when new.state = 'refused'
begin delete from application_live where application_id = new.application_id; end;

-- ── enrolments, diets, ISEE ───────────────────────────────────────────────────────────────────

create table enrolment (
  id             integer primary key,
  public_id      text not null unique check (length(public_id) = 26),
  child_id       integer not null references person,
  payer_id       integer not null references person,
  service_id     integer not null references service,
  class_id       integer not null references school_class,
  from_date      text    not null,
  to_date        text,
  application_id integer references application,
  created_at     integer not null,
  check (to_date is null or to_date >= from_date)
) strict;
create unique index enrolment_of_application on enrolment (application_id)
  where application_id is not null;
create index enrolment_by_child on enrolment (child_id, service_id);
create index enrolment_by_payer on enrolment (payer_id);
create index enrolment_by_class on enrolment (class_id, service_id);
create index enrolment_by_service on enrolment (service_id, id, from_date, to_date);

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

-- What the office records of a child because tariffs ask for it (docs/tariffs.md): a disability, an
-- exemption, a timetable. The value is plain, as rule files write it: it says that a price changes,
-- and charges explain themselves with it. The reason may speak of health or hardship: it is sealed.
create table child_fact (
  id           integer primary key,
  public_id    text    not null unique check (length(public_id) = 26),
  child_id     integer not null references person,
  service_id   integer references service,             -- null: every service
  name         text    not null check (name <> ''),
  value        text    not null check (value <> ''),
  from_date    text    not null,
  to_date      text,
  sealed       blob    not null,
  staff_id     integer references staff,               -- null: imported
  recorded_at  integer not null,
  withdrawn_at integer,                                -- recorded by mistake: it never held
  check (to_date is null or to_date >= from_date)
) strict;
create index child_fact_by_child on child_fact (child_id, name, from_date);
create index child_fact_by_name on child_fact (name, from_date);
create index child_fact_by_service on child_fact (service_id);
create trigger child_fact_only_ends before update on child_fact
when old.withdrawn_at is not null or new.child_id is not old.child_id or new.service_id is not old.service_id
  or new.name is not old.name or new.value is not old.value or new.from_date is not old.from_date
  or new.sealed is not old.sealed or new.staff_id is not old.staff_id or new.recorded_at is not old.recorded_at
begin select raise(abort, 'a fact only ends or is withdrawn: record a newer one'); end;
create trigger child_fact_stays before delete on child_fact
when (select open from retention_gate) = 0
begin select raise(abort, 'a fact of a child is kept: end it'); end;

-- The diets that the kitchen prepares: a code and the foods left out, never a reason.
create table diet (
  code     text primary key,
  name     text not null,
  excluded text not null
) strict, without rowid;

-- Which child eats which diet is special-category data: the code is sealed (invariant 9).
create table child_diet (
  id          integer primary key,
  child_id    integer not null references person,
  from_date   text    not null,
  to_date     text,
  sealed      blob    not null,
  recorded_at integer not null,
  check (to_date is null or to_date >= from_date)
) strict;
create index child_diet_by_child on child_diet (child_id, from_date);

-- The comune's rule on when an ISEE starts and stops to count, by versions.
create table isee_policy (
  id          integer primary key,
  from_day    text    not null,                    -- for what is handed in from this day
  source      text    not null,                    -- TOML, docs/isee.md
  staff_id    integer references staff,
  recorded_at integer not null
) strict;
create index isee_policy_by_day on isee_policy (from_day);
create trigger isee_policy_is_final before update on isee_policy
begin select raise(abort, 'a rule is final: record a newer one'); end;
create trigger isee_policy_stays before delete on isee_policy
begin select raise(abort, 'a rule is final: record a newer one'); end;

-- Values are facts: a newer row with a later `recorded_at` corrects an older one, none is changed.
-- `valid_from` and `valid_to` say when it counts, `own_from` and `own_to` what the statement says.
create table isee (
  id          integer primary key,
  public_id   text not null unique check (length(public_id) = 26),
  child_id    integer not null references person,
  value       integer not null check (value >= 0),     -- cents
  kind        text    not null check (kind in ('minorenni', 'ordinario', 'corrente')),
  protocol    text    not null default '',
  omissions   integer not null default 0 check (omissions in (0, 1)),
  lodged_on   text,                                    -- null: counts as an earlier system said
  own_from    text,
  own_to      text,
  valid_from  text    not null,
  valid_to    text    not null,
  policy_id   integer references isee_policy,          -- null: counts as recorded
  source      text    not null check (source in ('declared', 'office', 'uploaded', 'import')),
  person_id   integer references person,               -- the parent who declared it
  staff_id    integer references staff,
  recorded_at integer not null,
  check (valid_to >= valid_from),
  check (own_to >= own_from),
  check (policy_id is null or (lodged_on is not null and own_from is not null and own_to is not null)),
  check ((source in ('declared', 'uploaded')) = (person_id is not null))
) strict;
create index isee_by_child on isee (child_id, valid_from);
create index isee_by_recording on isee (recorded_at);
create trigger isee_is_final before update on isee
begin select raise(abort, 'an ISEE is a fact: record a newer one'); end;
create trigger isee_stays before delete on isee
when (select open from retention_gate) = 0
begin select raise(abort, 'an ISEE is a fact: record a newer one'); end;

-- A declared ISEE that somebody compared with what INPS says.
create table isee_check (
  isee_id  integer primary key references isee on delete cascade,
  staff_id integer not null references staff,
  at       integer not null
) strict;

-- Declared and not yet checked, kept by the triggers below and by nothing else. A newer record of the
-- same kind takes the place of an older one.
create table isee_waiting (
  isee_id integer primary key references isee on delete cascade
) strict;
create trigger isee_waits after insert on isee
begin
  delete from isee_waiting where isee_id in
    (select id from isee where child_id = new.child_id and kind = new.kind);
  insert into isee_waiting (isee_id) select new.id where new.source in ('declared', 'uploaded');
end;
create trigger isee_is_checked after insert on isee_check
begin delete from isee_waiting where isee_id = new.isee_id; end;

-- A declaration that the office does not accept: from then on it counts on no day. The reason is
-- written to the family.
create table isee_withdrawal (
  isee_id  integer primary key references isee on delete cascade,
  reason   text    not null check (reason <> ''),
  staff_id integer not null references staff,
  at       integer not null
) strict;
create index isee_withdrawal_by_moment on isee_withdrawal (at);
create trigger isee_withdrawal_is_final before update on isee_withdrawal
begin select raise(abort, 'a withdrawal is final: record a newer ISEE'); end;
create trigger isee_withdrawal_stays before delete on isee_withdrawal
when (select open from retention_gate) = 0
begin select raise(abort, 'a withdrawal is final: record a newer ISEE'); end;
create trigger isee_is_withdrawn after insert on isee_withdrawal
begin delete from isee_waiting where isee_id = new.isee_id; end;

-- The certificate that came with a declaration: one for all the children that it speaks of.
create table isee_document (
  isee_id     integer primary key references isee on delete cascade,
  document_id integer not null references document
) strict;
create index isee_document_by_document on isee_document (document_id);
create trigger isee_document_is_final before update on isee_document
begin select raise(abort, 'a certificate stays with its declaration'); end;
create trigger isee_document_stays before delete on isee_document
when (select open from retention_gate) = 0
begin select raise(abort, 'a certificate stays with its declaration'); end;

-- Who was told that an ISEE ends, by the day on which it does.
create table isee_reminder (
  ends_on  text    not null,
  payer_id integer not null references person,
  at       integer not null,
  primary key (ends_on, payer_id)
) strict, without rowid;
create index isee_reminder_by_payer on isee_reminder (payer_id);

-- ── calendar and attendance ───────────────────────────────────────────────────────────────────

-- A day on which a service does not run, in one school or (null) in all.
create table closure (
  id         integer primary key,
  service_id integer references service,
  school_id  integer references school,
  day        text    not null,
  reason     text    not null,
  created_at integer not null
) strict;
create index closure_by_day on closure (day);

-- What families said: append-only; the newest row of an enrolment and day is what holds.
create table cancellation (
  id             integer primary key,
  receipt_number text    not null unique,              -- what the family keeps as proof
  enrolment_id   integer not null references enrolment,
  day            text    not null,
  restored       integer not null check (restored in (0, 1)),  -- 1: the meal is wanted again
  -- Said after the cut-off: kept and shown, it does not free from the charge.
  late           integer not null check (late in (0, 1)),
  at             integer not null,
  person_id      integer references person,
  staff_id       integer references staff,
  check (person_id is not null or staff_id is not null)
) strict;
create index cancellation_by_enrolment on cancellation (enrolment_id, day, id);
create index cancellation_by_day on cancellation (day, enrolment_id);
create trigger cancellation_is_final before update on cancellation
begin select raise(abort, 'a cancellation is append-only'); end;
create trigger cancellation_stays before delete on cancellation
when (select open from retention_gate) = 0
begin select raise(abort, 'a cancellation is append-only'); end;

-- What the school said: each save of the register is a new row; the newest of a class, service
-- and day is what holds.
create table register (
  id         integer primary key,
  class_id   integer not null references school_class,
  service_id integer not null references service,
  day        text    not null,
  saved_at   integer not null,
  staff_id   integer references staff                  -- null: imported
) strict;
create index register_by_class on register (class_id, service_id, day, id);
create index register_by_day on register (day, service_id);
create trigger register_is_final before update on register
begin select raise(abort, 'a register is append-only'); end;
create trigger register_stays before delete on register
when (select open from retention_gate) = 0
begin select raise(abort, 'a register is append-only'); end;

create table register_mark (
  register_id  integer not null references register,
  enrolment_id integer not null references enrolment,
  present      integer not null check (present in (0, 1)),
  primary key (register_id, enrolment_id)
) strict, without rowid;
create index register_mark_by_enrolment on register_mark (enrolment_id);
create trigger register_mark_is_final before update on register_mark
begin select raise(abort, 'a register is append-only'); end;
create trigger register_mark_stays before delete on register_mark
when (select open from retention_gate) = 0
begin select raise(abort, 'a register is append-only'); end;

-- ── tariffs, charging, ledger ─────────────────────────────────────────────────────────────────

-- A published tariff: the rule file as it was published.
create table tariff (
  id           integer primary key,
  public_id    text not null unique check (length(public_id) = 26),
  service_id   integer not null references service,
  version      integer not null check (version > 0),
  name         text    not null,
  valid_from   text    not null,
  source       text    not null,                       -- TOML
  published_at integer not null,
  unique (service_id, version)
) strict;
create index tariff_by_service on tariff (service_id, valid_from, version);
create trigger tariff_is_final before update on tariff
begin select raise(abort, 'a published tariff is final'); end;
create trigger tariff_stays before delete on tariff
begin select raise(abort, 'a published tariff is final'); end;

-- A tariff under way: the rule file as the office has it so far, with or without faults. Published,
-- it becomes a row of `tariff` and leaves.
create table tariff_draft (
  id         integer primary key,
  public_id  text not null unique check (length(public_id) = 26),
  service_id integer not null references service,
  revision   integer not null default 1,
  source     text not null,                            -- TOML
  staff_id   integer references staff,                 -- who changed it last
  created_at integer not null,
  updated_at integer not null
, previous text) strict;
create index tariff_draft_by_service on tariff_draft (service_id, updated_at);
create index tariff_draft_by_staff on tariff_draft (staff_id);

-- A day of a service that was priced and posted. What came later is a correction.
create table day_closing (
  service_id integer not null references service,
  day        text    not null,
  job_id     integer not null references job,
  closed_at  integer not null,
  charges    integer not null,
  total      integer not null,
  primary key (service_id, day)
) strict, without rowid;

-- Why charges cost what they cost (JSON of tariffs::Explanation): the days that the same rule and
-- facts price share one. Append-only.
create table explanation (
  id   integer primary key,
  body text    not null unique check (json_valid(body))
) strict;
create trigger explanation_is_final before update on explanation
begin select raise(abort, 'an explanation is append-only'); end;
create trigger explanation_stays before delete on explanation
when (select open from retention_gate) = 0
begin select raise(abort, 'an explanation is append-only'); end;

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

-- The price of one enrolment on one day, or of its days in a bill. A bill's line may give back the
-- charge of a closed day, once.
create table charge (
  id             integer primary key,
  public_id      text not null unique check (length(public_id) = 26),
  enrolment_id   integer not null references enrolment,
  account_id     integer not null references account,
  day            text    not null,                     -- of a bill's line: the last one
  amount         integer not null check (amount >= 0 or bill_line_id is not null),   -- cents
  tariff_id      integer not null references tariff,
  isee_id        integer references isee,
  explanation_id integer not null references explanation,
  posted_at      integer not null,
  -- The line of a bill; its first day; what was charged for its days before; what other bodies pay.
  bill_line_id   integer references bill_line,
  from_day       text,
  before         integer not null default 0,
  aided          integer not null default 0,
  reverses       integer references charge,
  check ((bill_line_id is null) = (from_day is null))
) strict;
create unique index charge_of_day on charge (enrolment_id, day) where bill_line_id is null;
create unique index charge_of_bill_line on charge (bill_line_id) where bill_line_id is not null;
create index charge_by_enrolment on charge (enrolment_id, day);
create index charge_by_account on charge (account_id, day);
create index charge_by_day on charge (day);
create index charge_by_isee on charge (isee_id);
create index charge_by_tariff on charge (tariff_id);
create index charge_by_explanation on charge (explanation_id);
create unique index charge_that_reverses on charge (reverses) where reverses is not null;
create trigger charge_is_final before update on charge
begin select raise(abort, 'a charge is append-only: reverse it'); end;
create trigger charge_stays before delete on charge
when (select open from retention_gate) = 0
begin select raise(abort, 'a charge is append-only: reverse it'); end;

-- What the closing of a day has priced so far. Nobody is charged anything before the last step
-- takes all of it over: it lies here for seconds, so that nothing is looked up for it and no index
-- kept; the charges that it becomes have their references checked.
create table day_price (
  job_id         integer not null,
  enrolment_id   integer not null,
  payer_id       integer not null,
  child_id       integer not null,
  amount         integer not null check (amount >= 0),   -- cents
  tariff_id      integer not null,
  isee_id        integer,
  explanation_id integer not null, aided integer not null default 0 check (aided >= 0),
  primary key (job_id, enrolment_id)
) strict, without rowid;

-- Accounts. A family account is payer × child × service; the others are the comune's own side. What
-- other bodies pay has one for each body, as tariffs name it; one of before has no name.
create table account (
  id         integer primary key,
  public_id  text not null unique check (length(public_id) = 26),
  kind       text not null check (kind in ('family', 'revenue', 'pagopa', 'opening', 'refunds', 'write_off', 'aid', 'cash_desk')),
  payer_id   integer references person,
  child_id   integer references person,
  service_id integer references service, body text check (body is null or kind = 'aid'),
  check ((kind = 'family') = (payer_id is not null)),
  check ((kind = 'family') = (child_id is not null)),
  check (kind not in ('family', 'revenue', 'aid') or service_id is not null)
) strict;
create unique index account_of_family on account (payer_id, child_id, service_id) where kind = 'family';
create unique index account_of_comune on account (kind, coalesce(service_id, 0), coalesce(body, ''))
  where kind <> 'family';
create index account_by_child on account (child_id, service_id);

-- Double entry in one row: what one account is debited, another is credited, so the books balance
-- by construction. Append-only; a mistake is reversed by an entry that names it (invariant 2).
create table ledger_entry (
  id         integer primary key,
  posted_at  integer not null,
  day        text    not null,                         -- the civil day that it counts for
  debit_id   integer not null references account,
  credit_id  integer not null references account,
  amount     integer not null check (amount > 0),      -- cents
  -- The cause; it can't be posted twice.
  cause      text    not null check (cause in ('charge', 'receipt', 'opening', 'reversal', 'transfer', 'refund', 'write_off', 'settlement')),
  cause_id   integer not null,
  cause_line integer not null default 0,
  check (debit_id <> credit_id),
  unique (cause, cause_id, cause_line)
) strict;
create index ledger_entry_by_debit on ledger_entry (debit_id, day, id, amount);
create index ledger_entry_by_credit on ledger_entry (credit_id, day, id, amount);
create trigger ledger_entry_is_final before update on ledger_entry
begin select raise(abort, 'the ledger is append-only'); end;
create trigger ledger_entry_stays before delete on ledger_entry
begin select raise(abort, 'the ledger is append-only'); end;

-- The balance of each family account: credited minus debited, in cents. Kept by `ledger::post_line`, the
-- only door to the ledger, so that lists of debts and credits need not go through all of it;
-- `campanella check` compares.
create table account_balance (
  account_id integer primary key references account,
  balance    integer not null default 0
) strict;
create index account_in_debt on account_balance (account_id, balance) where balance < 0;
create index account_in_credit on account_balance (account_id, balance) where balance > 0;
create trigger account_has_a_balance after insert on account when new.kind = 'family'
begin insert into account_balance (account_id) values (new.id); end;

-- What an earlier system posted, line by line: opening balances, charges, credits. Each has its
-- entry in the ledger with the cause 'opening' and this id; a free day (amount 0) has none.
-- Append-only like the ledger. `key` recognises the line when the same file comes again.
create table imported_entry (
  id          integer primary key,
  public_id   text    not null unique check (length(public_id) = 26),
  account_id  integer not null references account,
  kind        text    not null check (kind in ('balance', 'charge', 'credit', 'reversal')),
  day         text    not null,
  amount      integer not null,                        -- cents, above zero in the family's favour
  description text    not null default '',
  -- JSON of tariffs::Explanation, where the earlier system was a Campanella.
  explanation text    check (explanation is null or json_valid(explanation)),
  key         text    not null unique,
  origin      text    not null default '',             -- the earlier system
  imported_at integer not null
) strict;
create index imported_entry_by_account on imported_entry (account_id, day);
create trigger imported_entry_is_final before update on imported_entry
begin select raise(abort, 'an imported entry is append-only: reverse it'); end;
create trigger imported_entry_stays before delete on imported_entry
when (select open from retention_gate) = 0
begin select raise(abort, 'an imported entry is append-only: reverse it'); end;

-- Days of a service that an earlier system has charged: they are closed here too.
create table closed_elsewhere (
  service_id integer not null references service,
  from_date  text    not null,
  to_date    text    not null,
  primary key (service_id, from_date),
  check (to_date >= from_date)
) strict, without rowid;

-- ── bills ─────────────────────────────────────────────────────────────────────────────────────

-- A bill run: the charges of a period, drafted line by line, checked by a clerk, then published.
-- It is made for a period, for the late ISEEs of some children (their ids, a JSON array), or for one
-- charged day that the office gives back (with the reason, which the family reads). What its lines
-- come to is kept with it: adding them up takes long for a list of runs.
create table bill_run (
  id           integer primary key,
  public_id    text    not null unique check (length(public_id) = 26),
  from_day     text    not null,
  to_day       text    not null,
  service_id   integer references service,             -- null: all of them
  state        text    not null check (state in ('drafting', 'draft', 'publishing', 'published', 'discarded')),
  due_date     text,
  staff_id     integer references staff,               -- null: the command line
  job_id       integer references job,                 -- what drafts or publishes it
  created_at   integer not null,
  published_at integer,
  kind         text not null default 'period' check (kind in ('period', 'children', 'reversal')),
  children     text check (children is null or json_valid(children)),
  reason       text not null default '',
  payers       integer not null default 0,
  lines        integer not null default 0,
  faults       integer not null default 0,
  total        integer not null default 0,
  check (to_day >= from_day)
) strict;
create index bill_run_by_state on bill_run (state, id);
create trigger bill_run_that_was_published_is_final before update on bill_run
when old.state in ('published', 'discarded')
begin select raise(abort, 'a bill run that was published or discarded is final'); end;

-- What a payer is charged in a period: one bill, one notice.
create table bill (
  id         integer primary key,
  public_id  text    not null unique check (length(public_id) = 26),
  run_id     integer not null references bill_run,
  payer_id   integer not null references person,
  year       integer not null,
  number     integer not null,
  total      integer not null,                         -- cents; below zero: the family gets back
  due        integer not null check (due >= 0),        -- cents: what is left after credit
  notice_id  integer references payment_notice,        -- null: nothing to pay
  issued_at  integer not null,
  unique (run_id, payer_id),
  unique (year, number),
  check ((due > 0) = (notice_id is not null))
) strict;
create index bill_by_payer on bill (payer_id, id);
create index bill_by_notice on bill (notice_id);
create trigger bill_is_final before update on bill
begin select raise(abort, 'a bill is final: publish a correction'); end;
create trigger bill_stays before delete on bill
when (select open from retention_gate) = 0
begin select raise(abort, 'a bill is kept'); end;

-- A child's service over some days of a run: what it costs, less what was charged for them before.
create table bill_line (
  id             integer primary key,
  run_id         integer not null references bill_run,
  payer_id       integer not null references person,
  enrolment_id   integer not null references enrolment,
  from_day       text    not null,
  to_day         text    not null,
  days           integer not null default 0,           -- charged days
  amount         integer not null,                     -- cents: the difference
  before         integer not null default 0,           -- cents charged for the same days before
  aided          integer not null default 0,           -- cents that other bodies pay, less those before
  tariff_id      integer references tariff,
  isee_id        integer references isee,
  explanation_id integer references explanation,
  fault          text check (fault is null or json_valid(fault)), -- why there is no price
  bill_id        integer references bill,              -- once it is published
  check ((fault is null) = (explanation_id is not null and tariff_id is not null)),
  check (fault is null or bill_id is null)
) strict;
create index bill_line_by_run on bill_line (run_id, payer_id, id);
create index bill_line_by_enrolment on bill_line (enrolment_id, from_day);
create index bill_line_by_payer on bill_line (payer_id);
create index bill_line_by_bill on bill_line (bill_id);
create index bill_line_by_tariff on bill_line (tariff_id);
create index bill_line_by_isee on bill_line (isee_id);
create index bill_line_by_explanation on bill_line (explanation_id);
create index bill_line_at_fault on bill_line (run_id) where fault is not null;
create trigger bill_line_that_was_published_is_final before update on bill_line
when old.bill_id is not null
begin select raise(abort, 'a published line is final: publish a correction'); end;
create trigger bill_line_that_was_published_stays before delete on bill_line
when old.bill_id is not null and (select open from retention_gate) = 0
begin select raise(abort, 'a published line is kept'); end;

-- ── payments ──────────────────────────────────────────────────────────────────────────────────

-- A debt position with its notice number. Own numbers have aux digit 3; those that an earlier
-- supplier issued may have 0, 1 or 2. But for 1, the last two digits are the first sixteen modulo 93
-- (SACI, "Generazione dell'IUV"). `origin` is the earlier system's name, empty for our own.
create table payment_notice (
  id            integer primary key,
  public_id     text not null unique check (length(public_id) = 26),
  notice_number text not null unique
                check (notice_number glob '[0-3][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]')
                check (notice_number glob '1*' or cast(substr(notice_number, 1, 16) as integer) % 93 = cast(substr(notice_number, 17) as integer)),
  payer_id      integer not null references person,
  account_id    integer not null references account,
  amount        integer not null check (amount between 1 and 99999999999),
  subject       text    not null check (length(subject) <= 90),
  due_date      text,
  state         text    not null check (state in ('open', 'paid', 'expired', 'cancelled')),
  created_at    integer not null,
  updated_at    integer not null,
  origin        text    not null default '',
  check (origin <> '' or notice_number glob '3*')
) strict;
create index payment_notice_by_payer on payment_notice (payer_id, state);
create index payment_notice_by_account on payment_notice (account_id, state);
create index payment_notice_open_by_due on payment_notice (due_date) where state = 'open' and due_date is not null;
create trigger payment_notice_keeps_its_number
before update of notice_number, payer_id, account_id, amount, due_date on payment_notice
begin select raise(abort, 'a notice keeps its number, debtor, amount and date'); end;
create trigger payment_notice_stays before delete on payment_notice
begin select raise(abort, 'a notice number is never reused'); end;

-- What the platform is known to have of a notice: its debt position there. `payment_notice.state` is
-- the family's summary; this is the platform's own state, as it was heard last.
create table platform_position (
  notice_id  integer primary key references payment_notice,
  iupd       text    not null unique,
  state      text    not null check (state in ('DRAFT', 'PUBLISHED', 'VALID', 'PARTIALLY_PAID', 'PAID', 'REPORTED', 'EXPIRED', 'INVALID')),
  amount     integer not null check (amount > 0),      -- cents, as pushed last
  due_date   text,                                     -- as pushed last
  pushed_at  integer not null,                         -- when something was told to the platform
  heard_at   integer not null                          -- when it answered or a receipt came
) strict;

-- A notice that takes the place of others: it is published only when the platform can't have those
-- paid any more.
create table notice_replacement (
  notice_id   integer not null references payment_notice,
  replaced_id integer not null references payment_notice,
  primary key (notice_id, replaced_id),
  check (notice_id <> replaced_id)
) strict, without rowid;
create index notice_replacement_by_replaced on notice_replacement (replaced_id);
create trigger notice_replacement_is_final before update on notice_replacement
begin select raise(abort, 'what a notice replaces stays written'); end;
create trigger notice_replacement_stays before delete on notice_replacement
begin select raise(abort, 'what a notice replaces stays written'); end;

-- Into which accounts a notice is paid, where that is more than one.
create table notice_share (
  notice_id  integer not null references payment_notice,
  line       integer not null,
  account_id integer not null references account,
  amount     integer not null check (amount > 0),      -- cents
  primary key (notice_id, line)
) strict, without rowid;
create index notice_share_by_account on notice_share (account_id);
create trigger notice_share_is_final before update on notice_share
begin select raise(abort, 'a notice keeps its shares'); end;
create trigger notice_share_stays before delete on notice_share
begin select raise(abort, 'a notice keeps its shares'); end;

-- An online payment of one to five notices.
create table cart (
  id         integer primary key,
  public_id  text not null unique check (length(public_id) = 26),
  payer_id   integer not null references person,
  created_at integer not null,
  -- What the gateway calls it, once it has it.
  gateway_ref text
) strict;
create index cart_by_payer on cart (payer_id);
create table cart_notice (
  cart_id   integer not null references cart,
  notice_id integer not null references payment_notice,
  primary key (cart_id, notice_id)
) strict, without rowid;
create index cart_notice_by_notice on cart_notice (notice_id);
-- Where the payment page led the browser back to. It proves nothing: it chooses the words meanwhile.
create table cart_return (
  cart_id integer primary key references cart,
  outcome text    not null check (outcome in ('ok', 'cancelled', 'failed')),
  at      integer not null
) strict;

-- Telematic receipts, as they came. One receipt gives one credit, whatever happens (invariant 3).
create table receipt (
  id            integer primary key,
  public_id     text not null unique check (length(public_id) = 26),
  receipt_key   text not null unique,                  -- receiptId of the RT
  notice_id     integer references payment_notice,     -- null: a receipt that we can't place yet
  notice_number text not null,
  amount        integer not null check (amount > 0),
  paid_at       integer not null,                      -- paymentDateTime
  psp           text    not null,
  means         text    not null default '',
  traceable     text    not null check (traceable in ('yes', 'no', 'unknown')),
  -- Who really paid, when the RT says so and it is not the debtor: personal data, reachable by retention.
  payer_name    text,
  payer_code    text,
  -- 'credited' once; a second receipt for a paid notice waits as 'suspense' and is shown.
  outcome       text    not null check (outcome in ('credited', 'suspense')),
  source        text    not null check (source in ('gateway', 'import', 'cash_desk')),
  raw           blob    not null,
  raw_sha256    blob    not null check (length(raw_sha256) = 32),
  received_at   integer not null,
  origin        text    not null default ''            -- the earlier system that took it
) strict;
create index receipt_by_notice on receipt (notice_id);
create index receipt_by_paid_at on receipt (paid_at);
create index receipt_in_suspense on receipt (id) where outcome = 'suspense';
create trigger receipt_is_final
before update of receipt_key, notice_id, notice_number, amount, paid_at, outcome, raw_sha256 on receipt
begin select raise(abort, 'a receipt is append-only'); end;
create trigger receipt_stays before delete on receipt
when (select open from retention_gate) = 0
begin select raise(abort, 'a receipt is append-only'); end;

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

-- A receipt that waited, and the account to which the office credited it: once.
create table receipt_placement (
  receipt_id integer primary key references receipt,
  account_id integer not null references account,
  reason     text    not null check (reason <> ''),
  staff_id   integer not null references staff,
  at         integer not null
) strict;
create index receipt_placement_by_account on receipt_placement (account_id);
create trigger receipt_placement_is_final before update on receipt_placement
begin select raise(abort, 'a receipt is credited once'); end;
create trigger receipt_placement_stays before delete on receipt_placement
when (select open from retention_gate) = 0
begin select raise(abort, 'a receipt is credited once'); end;

-- Which means the cash desk of the office takes; the newest row counts, none or an empty list: it is off.
create table cash_desk_setting (
  id          integer primary key,
  means       text    not null,                        -- words with blanks between: 'cash card'
  staff_id    integer not null references staff,
  recorded_at integer not null
) strict;
create trigger cash_desk_setting_is_final before update on cash_desk_setting
begin select raise(abort, 'a setting of the cash desk is append-only'); end;
create trigger cash_desk_setting_stays before delete on cash_desk_setting
begin select raise(abort, 'a setting of the cash desk is append-only'); end;

-- What the cash desk took, beside the row in `receipt` that credits it. Numbered in each year from 1
-- without a gap, in the order of recording.
create table cash_desk_receipt (
  receipt_id  integer primary key references receipt,
  year        integer not null,                        -- in which it was recorded
  number      integer not null check (number > 0),
  means       text    not null check (means in ('cash', 'card', 'cheque', 'transfer')),
  received_on text    not null,                        -- the civil day on which the money came
  reference   text    not null,                        -- number of the cheque, of the transfer …
  staff_id    integer not null references staff,
  unique (year, number)
) strict;
create index cash_desk_receipt_by_day on cash_desk_receipt (received_on, receipt_id);
create index cash_desk_receipt_by_staff on cash_desk_receipt (staff_id, received_on);
create trigger cash_desk_receipt_has_the_next_number before insert on cash_desk_receipt
when new.number is not (select coalesce(max(number), 0) + 1 from cash_desk_receipt where year = new.year)
begin select raise(abort, 'receipts of the cash desk are numbered without a gap'); end;
create trigger cash_desk_receipt_is_final before update on cash_desk_receipt
begin select raise(abort, 'a receipt of the cash desk is final: cancel it'); end;
create trigger cash_desk_receipt_stays before delete on cash_desk_receipt
begin select raise(abort, 'a receipt of the cash desk keeps its number: cancel it'); end;

-- Notices that were withdrawn because the cash desk took the money.
create table cash_desk_notice (
  receipt_id integer not null references cash_desk_receipt,
  notice_id  integer not null references payment_notice,
  primary key (receipt_id, notice_id)
) strict, without rowid;
create index cash_desk_notice_by_notice on cash_desk_notice (notice_id);

-- The proof, scanned.
create table cash_desk_scan (
  receipt_id  integer primary key references cash_desk_receipt,
  document_id integer not null references document
) strict;
create index cash_desk_scan_by_document on cash_desk_scan (document_id);

-- A receipt that was wrong: its number stays, its entries are reversed on that day.
create table cash_desk_cancellation (
  receipt_id   integer primary key references cash_desk_receipt,
  day          text    not null,
  reason       text    not null check (reason <> ''),
  staff_id     integer not null references staff,
  cancelled_at integer not null
) strict;
create index cash_desk_cancellation_by_day on cash_desk_cancellation (day);
create trigger cash_desk_cancellation_is_final before update on cash_desk_cancellation
begin select raise(abort, 'a cancelled receipt stays cancelled'); end;
create trigger cash_desk_cancellation_stays before delete on cash_desk_cancellation
begin select raise(abort, 'a cancelled receipt stays cancelled'); end;

-- What a day brought in cash and cheques was handed to the treasurer. The newest row of a day counts.
create table cash_desk_deposit (
  id           integer primary key,
  day          text    not null,
  amount       integer not null check (amount > 0),    -- cents, as the day stood then
  deposited_on text    not null,
  reference    text    not null check (reference <> ''),
  staff_id     integer not null references staff,
  recorded_at  integer not null
) strict;
create index cash_desk_deposit_by_day on cash_desk_deposit (day, id);
create trigger cash_desk_deposit_is_final before update on cash_desk_deposit
begin select raise(abort, 'a deposit is append-only: record it again'); end;
create trigger cash_desk_deposit_stays before delete on cash_desk_deposit
begin select raise(abort, 'a deposit is append-only: record it again'); end;

-- The demo's pretended payment platform: its side of the story, never read by anything but the
-- sandbox gateway. Stays empty outside a demo folder.
create table sandbox_position (
  notice_number text primary key,
  amount        integer not null check (amount > 0),
  subject       text    not null,
  category      text    not null,
  debtor_code   text    not null,
  debtor_name   text    not null,
  state         text    not null check (state in ('DRAFT', 'PUBLISHED', 'VALID', 'PARTIALLY_PAID', 'PAID', 'REPORTED', 'EXPIRED', 'INVALID')),
  expires_after text                                   -- EXPIRED after that day; null: never
) strict, without rowid;
create table sandbox_cart (
  ref        text primary key,
  notices    text not null check (json_valid(notices)),
  ok_url     text not null,
  cancel_url text not null,
  error_url  text not null,
  created_at integer not null
) strict, without rowid;
create table sandbox_receipt (
  id         integer primary key,
  receipt_key text not null unique,
  xml        text not null,
  -- From when on the platform hands it out: a receipt can come later than the payment.
  created_at integer not null
) strict;
create index sandbox_receipt_by_time on sandbox_receipt (created_at);

-- ── settlement ────────────────────────────────────────────────────────────────────────────────

-- What a settlement flow declares as paid while no receipt has come: it is credited to its notice's
-- accounts with the cause 'settlement' and this id.
create table settled_payment (
  id          integer primary key,
  iur         text    not null,                        -- what the receipt will be called
  transfer    integer not null,                        -- which of the payment's transfers, 1 to 5
  notice_id   integer not null references payment_notice,
  amount      integer not null check (amount > 0),     -- cents
  day         text    not null,                        -- the civil day of the payment
  recorded_at integer not null,
  unique (iur, transfer)
) strict;
create index settled_payment_by_notice on settled_payment (notice_id);
create trigger settled_payment_is_final before update on settled_payment
begin select raise(abort, 'a payment of a flow is append-only'); end;
create trigger settled_payment_stays before delete on settled_payment
begin select raise(abort, 'a payment of a flow is append-only'); end;
-- It ended: the receipt came and stands in its place, or the accountant took it back.
create table settled_payment_end (
  settled_id integer primary key references settled_payment,
  receipt_id integer references receipt,
  reason     text    not null default '',
  staff_id   integer references staff,
  at         integer not null,
  check ((receipt_id is null) = (staff_id is not null and reason <> ''))
) strict;
create trigger settled_payment_end_is_final before update on settled_payment_end
begin select raise(abort, 'what has ended stays so'); end;
create trigger settled_payment_end_stays before delete on settled_payment_end
begin select raise(abort, 'what has ended stays so'); end;

-- A settlement flow, by what its provider calls it, as its current revision says it.
create table settlement_flow (
  id          integer primary key,
  public_id   text    not null unique check (length(public_id) = 26),
  flow_id     text    not null unique,                 -- identificativoFlusso
  flow_key    text    not null,                        -- its letters and digits, upper case: what banks leave of it
  made_at     integer not null,                        -- dataOraFlusso
  psp         text    not null,
  settled_on  text    not null,                        -- dataRegolamento
  total       integer not null check (total >= 0),     -- importoTotalePagamenti, cents
  paid        integer not null,                        -- the rows that bring money, added up
  revoked     integer not null,                        -- the rows that were revoked, added up
  payments    integer not null,                        -- how many rows
  credited    integer not null default 0,              -- its treasury lines, added up
  state       text    not null check (state in ('open', 'reconciled', 'amount', 'sums', 'ignored'))
) strict;
create index settlement_flow_by_key on settlement_flow (flow_key);
create index settlement_flow_by_day on settlement_flow (settled_on, id);
create index settlement_flow_by_state on settlement_flow (state, settled_on, id);
create index settlement_flow_by_total on settlement_flow (total);

-- Every revision as it came; the one that was made last counts.
create table settlement_revision (
  id          integer primary key,
  flow_id     integer not null references settlement_flow,
  made_at     integer not null,
  creditor    text    not null,
  regulation  text    not null,                        -- TRN
  settled_on  text    not null,
  total       integer not null,
  source      text    not null check (source in ('gateway', 'file')),
  raw         blob    not null,
  raw_sha256  blob    not null check (length(raw_sha256) = 32),
  received_at integer not null
) strict;
create unique index settlement_revision_once on settlement_revision (flow_id, raw_sha256);
create index settlement_revision_by_flow on settlement_revision (flow_id, made_at, id);
create trigger settlement_revision_is_final before update on settlement_revision
begin select raise(abort, 'a revision of a flow is append-only'); end;
create trigger settlement_revision_stays before delete on settlement_revision
when (select open from retention_gate) = 0
begin select raise(abort, 'a revision of a flow is append-only'); end;

-- The payments of a revision; of those that count, why each is where it is.
create table settlement_row (
  id          integer primary key,
  public_id   text    not null unique check (length(public_id) = 26),
  flow_id     integer not null references settlement_flow,
  revision_id integer not null references settlement_revision,
  line        integer not null,
  iuv         text    not null,
  iur         text    not null,
  transfer    integer not null,
  amount      integer not null check (amount > 0),     -- cents
  outcome     integer not null check (outcome in (0, 3, 4, 8, 9)),
  day         text    not null,
  notice_id   integer references payment_notice,
  receipt_id  integer references receipt,
  state       text    not null check (state in ('matched', 'amount', 'suspense', 'no_receipt',
                'paid_otherwise', 'unknown', 'revoked', 'twice', 'ignored', 'superseded')),
  check (receipt_id is null or state in ('matched', 'amount', 'suspense', 'ignored'))
) strict;
create index settlement_row_by_flow on settlement_row (flow_id, line);
create index settlement_row_by_revision on settlement_row (revision_id);
create index settlement_row_by_state on settlement_row (state, day, id);
create index settlement_row_by_iuv on settlement_row (iuv);
create index settlement_row_by_notice on settlement_row (notice_id);
create index settlement_row_by_amount on settlement_row (amount);
-- Nothing is settled twice: one transfer of one payment stands in one flow.
create unique index settlement_row_once on settlement_row (iur, transfer)
  where state not in ('superseded', 'twice', 'revoked', 'ignored');
create unique index settlement_row_of_receipt on settlement_row (receipt_id, transfer)
  where receipt_id is not null;
create trigger settlement_row_is_final
before update of flow_id, revision_id, line, iuv, iur, transfer, amount, outcome, day on settlement_row
begin select raise(abort, 'a row of a flow keeps what it says'); end;

-- Takings out of the treasurer's account, as the bank says them.
create table treasury_line (
  id          integer primary key,
  public_id   text    not null unique check (length(public_id) = 26),
  exercise    integer not null,
  account     text    not null,                        -- conto evidenza; '': the file does not say
  number      text    not null,                        -- of the movement (provvisorio, sospeso)
  day         text    not null,
  amount      integer not null check (amount <> 0),    -- cents; below zero: taken back by the bank
  causale     text    not null,
  payer       text    not null default '',
  named       text    not null default '',             -- the flow that the causale names, as flow_key
  kind        text    not null check (kind in ('flow', 'single', 'other')),
  state       text    not null check (state in ('open', 'matched', 'ignored', 'other')),
  raw         text    not null,
  received_at integer not null,
  unique (exercise, account, number, day, amount)
) strict;
create index treasury_line_by_state on treasury_line (state, day, id);
create index treasury_line_by_named on treasury_line (named) where named <> '';
create index treasury_line_by_day on treasury_line (day, id);
create index treasury_line_by_amount on treasury_line (amount);
create trigger treasury_line_is_final
before update of exercise, account, number, day, amount, causale, raw on treasury_line
begin select raise(abort, 'a treasury line keeps what the bank says'); end;

-- What a treasury line is: a flow, or (old data) the payment of one receipt. A line is matched once.
create table treasury_match (
  treasury_id integer primary key references treasury_line,
  flow_id     integer references settlement_flow,
  receipt_id  integer references receipt,
  staff_id    integer references staff,                -- null: the rule did it
  at          integer not null,
  check ((flow_id is null) <> (receipt_id is null))
) strict;
create index treasury_match_by_flow on treasury_match (flow_id);
create unique index treasury_match_by_receipt on treasury_match (receipt_id) where receipt_id is not null;

-- What the accountant decided by hand. Append-only: what is undone has another row.
create table settlement_decision (
  id          integer primary key,
  kind        text    not null check (kind in ('match', 'unmatch', 'ignore', 'resume', 'reverse')),
  treasury_id integer references treasury_line,
  flow_id     integer references settlement_flow,
  row_id      integer references settlement_row,
  reason      text    not null,
  staff_id    integer not null references staff,
  at          integer not null
) strict;
create index settlement_decision_by_treasury on settlement_decision (treasury_id);
create index settlement_decision_by_flow on settlement_decision (flow_id);
create index settlement_decision_by_row on settlement_decision (row_id);
create trigger settlement_decision_is_final before update on settlement_decision
begin select raise(abort, 'a decision is append-only'); end;
create trigger settlement_decision_stays before delete on settlement_decision
begin select raise(abort, 'a decision is append-only'); end;

-- The flows of the demo's pretended platform, as it hands them out, and the payments that they hold.
create table sandbox_flow (
  id           integer primary key,
  flow_id      text    not null,
  xml          text    not null,
  published_at integer not null
) strict;
create index sandbox_flow_by_time on sandbox_flow (published_at);
create index sandbox_flow_by_name on sandbox_flow (flow_id, id);
create table sandbox_flow_payment (
  receipt_key text    primary key,
  flow_id     text    not null
) strict, without rowid;

-- ── refunds ───────────────────────────────────────────────────────────────────────────────────

-- Credit or debt that was moved from one account of a payer to another. Its entry in the ledger has
-- the cause 'transfer' and this id.
create table transfer (
  id          integer primary key,
  public_id   text    not null unique check (length(public_id) = 26),
  from_id     integer not null references account,
  to_id       integer not null references account,
  amount      integer not null check (amount > 0),     -- cents
  day         text    not null,
  reason      text    not null check (reason <> ''),
  staff_id    integer references staff,                -- null: the rule did it
  recorded_at integer not null,
  check (from_id <> to_id)
) strict;
create index transfer_by_from on transfer (from_id, day);
create index transfer_by_to on transfer (to_id, day);
create trigger transfer_is_final before update on transfer
begin select raise(abort, 'a transfer is append-only: reverse it'); end;
create trigger transfer_stays before delete on transfer
when (select open from retention_gate) = 0
begin select raise(abort, 'a transfer is append-only: reverse it'); end;

-- Which receipts a transfer carries: a payment that was moved to where it belongs.
create table transfer_part (
  transfer_id integer not null references transfer,
  entry_id    integer not null references ledger_entry,   -- of the receipt
  amount      integer not null check (amount > 0),        -- cents
  primary key (transfer_id, entry_id)
) strict, without rowid;
create index transfer_part_by_entry on transfer_part (entry_id);
create trigger transfer_part_is_final before update on transfer_part
begin select raise(abort, 'what a transfer carries is append-only'); end;
create trigger transfer_part_stays before delete on transfer_part
begin select raise(abort, 'what a transfer carries is append-only'); end;

-- A debt that the comune gives up (above zero) or a credit that it keeps (below), with its reason.
create table write_off (
  id          integer primary key,
  public_id   text    not null unique check (length(public_id) = 26),
  account_id  integer not null references account,
  amount      integer not null check (amount <> 0),    -- cents, above zero in the family's favour
  day         text    not null,
  reason      text    not null check (reason <> ''),
  staff_id    integer not null references staff,
  recorded_at integer not null
) strict;
create index write_off_by_account on write_off (account_id, day);
create trigger write_off_is_final before update on write_off
begin select raise(abort, 'a write-off is append-only: reverse it'); end;
create trigger write_off_stays before delete on write_off
when (select open from retention_gate) = 0
begin select raise(abort, 'a write-off is append-only: reverse it'); end;

-- The comune's rules of refunds and reminders, as files (docs/refunds.md). The newest counts.
create table policy (
  id           integer primary key,
  kind         text    not null check (kind in ('refund', 'dunning')),
  source       text    not null,                       -- TOML
  published_at integer not null,
  staff_id     integer references staff
) strict;
create index policy_by_kind on policy (kind, id);
create trigger policy_is_final before update on policy
begin select raise(abort, 'a published rule is final'); end;
create trigger policy_stays before delete on policy
begin select raise(abort, 'a published rule is final'); end;

-- An order of payment to the treasury. Once made it is final and numbered.
create table refund_list (
  id        integer primary key,
  public_id text    not null unique check (length(public_id) = 26),
  year      integer not null,
  number    integer not null,
  lines     integer not null check (lines > 0),
  total     integer not null check (total > 0),        -- cents
  made_at   integer not null,
  staff_id  integer not null references staff,
  unique (year, number)
) strict;
create trigger refund_list_is_final before update on refund_list
begin select raise(abort, 'a payment list is final'); end;
create trigger refund_list_stays before delete on refund_list
begin select raise(abort, 'a payment list is final'); end;

-- A case: a family asks for its credit, or the office opens it for who has left.
create table refund (
  id          integer primary key,
  public_id   text    not null unique check (length(public_id) = 26),
  account_id  integer not null references account,
  wish        text    not null check (wish in ('refund', 'transfer')),
  target_id   integer references account,              -- the account that a transfer goes to
  -- IBAN and holder, sealed with the folder's key; null for a transfer and until the family says it.
  bank        blob,
  note        text    not null default '',
  opened_by   text    not null check (opened_by in ('family', 'office')),
  asked_at    integer not null,
  asked_on    text    not null,                        -- the civil day that deadlines look at
  state       text    not null check (state in ('asked', 'approved', 'listed', 'paid', 'returned', 'rejected', 'transferred', 'refused', 'withdrawn')),
  amount      integer check (amount > 0),              -- cents to pay out or moved, once decided
  withheld    integer not null default 0 check (withheld >= 0),  -- cents that went against arrears
  reason      text    not null default '',
  decided_at  integer,
  decided_by  integer references staff,
  list_id     integer references refund_list,
  list_line   integer,
  paid_on     text,
  updated_at  integer not null,
  check ((state in ('listed', 'paid', 'returned', 'rejected')) = (list_id is not null)),
  check ((state in ('paid', 'returned')) = (paid_on is not null)),
  check (state not in ('approved', 'listed', 'paid', 'returned', 'rejected', 'transferred') or amount is not null)
) strict;
create unique index refund_open on refund (account_id) where state in ('asked', 'approved', 'listed');
create index refund_by_account on refund (account_id, id);
create index refund_by_state on refund (state, id);
create index refund_by_list on refund (list_id, list_line);
create index refund_by_target on refund (target_id);
create trigger refund_that_was_paid_is_final before update on refund
when old.state in ('paid', 'returned', 'rejected') and (new.amount is not old.amount or new.paid_on is not old.paid_on
  or new.account_id is not old.account_id or new.list_id is not old.list_id)
begin select raise(abort, 'a refund that was paid is final'); end;
create trigger refund_stays before delete on refund
when (select open from retention_gate) = 0
begin select raise(abort, 'a refund is kept'); end;

-- The transfers that the decision on a case made: undoing one opens the case again.
create table refund_transfer (
  transfer_id integer primary key references transfer,
  refund_id   integer not null references refund
) strict;
create index refund_transfer_by_refund on refund_transfer (refund_id);
create trigger refund_transfer_is_final before update on refund_transfer
begin select raise(abort, 'what a decision moved is kept'); end;
create trigger refund_transfer_stays before delete on refund_transfer
when (select open from retention_gate) = 0
begin select raise(abort, 'what a decision moved is kept'); end;

-- Credit of a prepaid account that ran low: told once, until it was higher again.
create table credit_alert (
  id         integer primary key,
  account_id integer not null references account,
  meals      integer not null,                         -- the comune's threshold, in meals
  entry_id   integer not null references ledger_entry, -- with which the balance came down to it
  balance    integer not null,                         -- cents when it was seen
  price      integer not null check (price > 0),       -- cents of a meal then
  at         integer not null,
  unique (account_id, meals, entry_id)
) strict;
create trigger credit_alert_is_final before update on credit_alert
begin select raise(abort, 'an alert is append-only'); end;
create trigger credit_alert_stays before delete on credit_alert
when (select open from retention_gate) = 0
begin select raise(abort, 'an alert is append-only'); end;

-- Up to which entry of the ledger alerts were looked for.
create table credit_alert_mark (
  one      integer primary key check (one = 1),
  entry_id integer not null
) strict;

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

-- A debt that is paid in instalments (docs/billing.md): asked for by the family, decided by the office.
-- The ledger knows nothing of it: a plan only says which notices ask for what is owed, and when.
create table plan (
  id             integer primary key,
  public_id      text    not null unique check (length(public_id) = 26),
  payer_id       integer not null references person,
  state          text    not null check (state in ('asked', 'withdrawn', 'refused', 'running', 'ended', 'fallen', 'cancelled')),
  asked_amount   integer not null check (asked_amount > 0),  -- cents that could be divided then
  wanted         integer not null check (wanted >= 2),       -- instalments that the family asks for
  note           blob,                                 -- the family's words, sealed with the folder's key
  asked_at       integer not null,
  asked_on       text    not null,
  decided_at     integer,
  decided_by     integer references staff,
  amount         integer check (amount > 0),           -- cents that are divided, once accepted
  -- The comune's rule on the day of the decision: what a missed instalment means does not change later.
  tolerance_days integer check (tolerance_days >= 0),
  missed_limit   integer check (missed_limit >= 1),
  reason         text    not null default '',          -- why it was refused or cancelled
  closed_at      integer,
  rest_notice_id integer references payment_notice,    -- asks for what was left when it fell or was cancelled
  check ((state in ('running', 'ended', 'fallen', 'cancelled')) = (amount is not null)),
  check ((amount is null) = (tolerance_days is null) and (amount is null) = (missed_limit is null)),
  check ((state in ('ended', 'fallen', 'cancelled')) = (closed_at is not null)),
  check (state in ('asked', 'withdrawn') or decided_at is not null)
) strict;
create unique index plan_open on plan (payer_id) where state in ('asked', 'running');
create index plan_by_payer on plan (payer_id, id);
create index plan_by_state on plan (state, id);
create trigger plan_that_was_closed_is_final before update on plan
when old.state not in ('asked', 'running') or new.payer_id is not old.payer_id
  or (old.amount is not null and new.amount is not old.amount)
begin select raise(abort, 'a plan that was closed is final'); end;
create trigger plan_stays before delete on plan
when (select open from retention_gate) = 0
begin select raise(abort, 'a plan is kept'); end;

-- What a plan divides: so much of what is owed on an account, the oldest debt first.
create table plan_debt (
  plan_id    integer not null references plan,
  line       integer not null,
  account_id integer not null references account,
  amount     integer not null check (amount > 0),      -- cents
  primary key (plan_id, line),
  unique (plan_id, account_id)
) strict;
create index plan_debt_by_account on plan_debt (account_id);
create trigger plan_debt_is_final before update on plan_debt
begin select raise(abort, 'the debts of a plan are final'); end;
create trigger plan_debt_stays before delete on plan_debt
when (select open from retention_gate) = 0
begin select raise(abort, 'the debts of a plan are kept'); end;

-- An instalment: a notice with a day. Whether it is paid is the notice's state.
create table plan_instalment (
  plan_id     integer not null references plan,
  number      integer not null check (number >= 1),
  due_date    text    not null,
  amount      integer not null check (amount > 0),     -- cents
  notice_id   integer not null unique references payment_notice,
  reminded_at integer,                                 -- when the family heard that it is late
  primary key (plan_id, number)
) strict;
create trigger plan_instalment_is_final before update on plan_instalment
when new.due_date is not old.due_date or new.amount is not old.amount or new.notice_id is not old.notice_id
begin select raise(abort, 'an instalment is final'); end;
create trigger plan_instalment_stays before delete on plan_instalment
when (select open from retention_gate) = 0
begin select raise(abort, 'an instalment is kept'); end;

-- A step against a debtor. It holds for the debt until what was owed then has been paid: the day that
-- names the debt may move when an entry comes late, so it does not say which steps were done.
create table reminder (
  id          integer primary key,
  public_id   text    not null unique check (length(public_id) = 26),
  account_id  integer not null references account,
  owing_since text    not null,                        -- since when it was owed, as it looked then
  step        text    not null,
  amount      integer not null check (amount > 0),     -- cents owed then
  staff_id    integer references staff,
  at          integer not null
) strict;
create index reminder_by_account on reminder (account_id, id);
create trigger reminder_is_final before update on reminder
begin select raise(abort, 'a reminder is append-only'); end;
create trigger reminder_stays before delete on reminder
when (select open from retention_gate) = 0
begin select raise(abort, 'a reminder is append-only'); end;

-- A draft of an executive notice of assessment that was made: what it asked for, and by which bills.
create table collection_act (
  id       integer primary key,
  payer_id integer not null references person,
  made_on  text    not null,
  amount   integer not null check (amount > 0),        -- cents
  staff_id integer not null references staff,
  at       integer not null
, job_id integer references job) strict;
create index collection_act_by_payer on collection_act (payer_id, id);
create index collection_act_by_job on collection_act (job_id) where job_id is not null;
create trigger collection_act_is_final before update on collection_act
begin select raise(abort, 'a draft that was made is kept'); end;
create trigger collection_act_stays before delete on collection_act
when (select open from retention_gate) = 0
begin select raise(abort, 'a draft that was made is kept'); end;
create table collection_act_debt (
  act_id     integer not null references collection_act,
  account_id integer not null references account,
  since      text    not null,
  amount     integer not null check (amount > 0),      -- cents
  bills      text    not null,                         -- their numbers and periods, as the draft says them
  primary key (act_id, account_id)
) strict, without rowid;
create index collection_act_debt_by_account on collection_act_debt (account_id);
create trigger collection_act_debt_is_final before update on collection_act_debt
begin select raise(abort, 'a draft that was made is kept'); end;
create trigger collection_act_debt_stays before delete on collection_act_debt
when (select open from retention_gate) = 0
begin select raise(abort, 'a draft that was made is kept'); end;
-- The letters of drafts that a job made, for download.
create table collection_letter (
  act_id     integer primary key references collection_act,
  kept_until integer not null,                         -- then it is forgotten; the draft's record stays
  pdf        blob    not null
) strict;
create index collection_letter_by_end on collection_letter (kept_until);
create trigger collection_letter_is_final before update on collection_letter
begin select raise(abort, 'a draft that was made is kept'); end;

-- ── reports ───────────────────────────────────────────────────────────────────────────────────

-- What a service costs in a year, as the accountant types it.
create table service_cost (
  service_id  integer not null references service,
  year        integer not null check (year between 1950 and 2200),
  amount      integer not null check (amount >= 0),    -- cents, all costs
  grants      integer not null check (grants >= 0),    -- cents, contributions for this service
  note        text    not null default '',
  staff_id    integer not null references staff,
  recorded_at integer not null,
  primary key (service_id, year)
) strict, without rowid;

-- From which day at which rate takings of a service are subject to VAT. The newest row of a day
-- counts. None: no VAT.
create table service_vat (
  id          integer primary key,
  service_id  integer not null references service,
  from_day    text    not null,
  rate        integer check (rate between 1 and 9999), -- hundredths of a percent; null: none any more
  note        text    not null default '',
  staff_id    integer not null references staff,
  recorded_at integer not null
) strict;
create index service_vat_by_service on service_vat (service_id, from_day, id);
create trigger service_vat_is_final before update on service_vat
begin select raise(abort, 'a VAT rate is final: record a newer one'); end;
create trigger service_vat_stays before delete on service_vat
begin select raise(abort, 'a VAT rate is final: record a newer one'); end;

-- ── attestations ──────────────────────────────────────────────────────────────────────────────

-- What was issued stays byte for byte; a newer revision replaces it and says so.
create table attestation (
  id         integer primary key,
  public_id  text not null unique check (length(public_id) = 26),  -- also the code of /verifica
  year       integer not null,
  payer_id   integer not null references person,
  number     integer not null,
  revision   integer not null check (revision >= 0),
  content    text    not null check (json_valid(content)),
  document_id integer not null unique references document,
  issued_at  integer not null,
  -- The facts that it was computed from: the same facts give no new revision.
  facts_sha256 blob  not null check (length(facts_sha256) = 32),
  unique (year, number, revision),
  unique (year, payer_id, revision)
) strict;
create index attestation_by_payer on attestation (payer_id, year, revision);
create trigger attestation_is_final before update on attestation
begin select raise(abort, 'an issued attestation is final'); end;
create trigger attestation_stays before delete on attestation
when (select open from retention_gate) = 0
begin select raise(abort, 'an issued attestation is final'); end;

-- ── messages and news ─────────────────────────────────────────────────────────────────────────

create table message (
  id        integer primary key,
  public_id text not null unique check (length(public_id) = 26),
  person_id integer not null references person,        -- the family's side of the thread
  author    text    not null check (author in ('family', 'office', 'system')),
  staff_id  integer references staff,
  body      text    not null check (body <> ''),
  at        integer not null,
  read_at   integer,                                   -- by the other side
  check ((author = 'office') = (staff_id is not null))
) strict;
create index message_by_person on message (person_id, id);
create index message_unread on message (author, person_id) where read_at is null;

-- A message can ask for money on an account: it then has a button that leads to the payment.
create table message_top_up (
  message_id integer primary key references message on delete cascade,
  account_id integer not null references account
) strict;
create index message_top_up_by_account on message_top_up (account_id);

create table news (
  id           integer primary key,
  public_id    text not null unique check (length(public_id) = 26),
  title        text not null,
  body         text not null,
  published_at integer not null,
  until        integer
) strict;
create index news_by_time on news (published_at);

-- ── jobs, outbox, request keys, audit ─────────────────────────────────────────────────────────

-- Long work. The same `key` is the same work: asking twice finds the first (invariant 12).
create table job (
  id         integer primary key,
  public_id  text not null unique check (length(public_id) = 26),
  kind       text not null,
  key        text not null unique,
  params     text not null check (json_valid(params)),
  state      text not null check (state in ('waiting', 'running', 'done', 'failed')),
  -- Where to go on after a crash; its meaning is the kind's own.
  cursor     text not null default '',
  done       integer not null default 0,
  total      integer not null default 0,
  result     text    not null default '{}' check (json_valid(result)),
  error      text    not null default '',
  -- Who works on it until when: another process takes over only after that.
  lease_until integer not null default 0,
  created_at integer not null,
  updated_at integer not null
) strict;
create index job_by_state on job (state, id);

-- A draft tariff compared with so much that it takes a job: what it compares, and its sums by the
-- first enrolment of each chunk. Ids only; forgotten after some weeks.
create table what_if_run (
  job_id     integer primary key references job,
  service_id integer not null references service,
  from_day   text    not null,
  to_day     text    not null,
  source     text    not null,
  kept_until integer not null
) strict;
create index what_if_run_by_period on what_if_run (service_id, from_day, to_day, job_id);
create index what_if_run_by_end on what_if_run (kept_until);
create table what_if_part (
  job_id   integer not null references what_if_run on delete cascade,
  position integer not null,
  sums     text    not null check (json_valid(sums)),
  primary key (job_id, position)
) strict, without rowid;

-- What must happen outside or in another slice because of a change, written with the change. What was
-- tried in vain too often, or was refused for good, waits for the office since `dead_at`; `fault` is
-- the kind of the last refusal.
create table outbox (
  id         integer primary key,
  kind       text not null,
  payload    text not null check (json_valid(payload)),
  created_at integer not null,
  done_at    integer,
  attempts   integer not null default 0,
  next_at    integer not null,
  last_error text not null default ''
, dead_at integer, fault text not null default '') strict;
create index outbox_waiting on outbox (next_at, id) where done_at is null and dead_at is null;
create index outbox_dead on outbox (dead_at, id) where done_at is null and dead_at is not null;
create index outbox_by_payload on outbox (kind, payload) where done_at is null;

-- A form that was sent twice finds the answer of the first time.
create table request_key (
  key        text    primary key,
  actor      text    not null,
  location   text    not null,
  created_at integer not null
) strict, without rowid;
create index request_key_by_age on request_key (created_at);

-- Who did what, when: a hash chain over salted hashes. The personal payload is apart and erasable;
-- its salted hash stays, so the chain still verifies (invariant 8).
create table audit_entry (
  id           integer primary key,
  at           integer not null,
  actor        text    not null,                       -- kind of actor
  actor_id     integer,
  action       text    not null,
  subject      text    not null,                       -- kind of thing
  subject_id   integer,
  payload_hash blob    not null check (length(payload_hash) = 32),
  hash         blob    not null check (length(hash) = 32)
) strict;
create index audit_entry_by_subject on audit_entry (subject, subject_id, id);
create index audit_entry_by_actor on audit_entry (actor, actor_id, id);
create trigger audit_entry_is_final before update on audit_entry
begin select raise(abort, 'the audit log is append-only'); end;
create trigger audit_entry_stays before delete on audit_entry
begin select raise(abort, 'the audit log is append-only'); end;

create table audit_payload (
  audit_id integer primary key references audit_entry,
  salt     blob not null check (length(salt) = 16),
  payload  text not null check (json_valid(payload))
) strict;

-- ── the office's search, threads, views ───────────────────────────────────────────────────────

-- The office's search finds every word of a name by its beginning, in any order. New rows are
-- added by people::add_person, the rest by triggers.
create virtual table person_search using fts5 (
  search_name, content = 'person', content_rowid = 'id', tokenize = 'unicode61', prefix = '1 2 3'
);
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
-- "Come la vede il genitore": a clerk's session looks at a family's pages, for a short while, and
-- can't write there. Why is in the audit log.
create table family_view (
  token_hash blob    primary key references session on delete cascade,
  person_id  integer not null references person,
  until      integer not null
) strict, without rowid;
create index family_view_by_person on family_view (person_id);

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
