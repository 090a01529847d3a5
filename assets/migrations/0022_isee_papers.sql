-- A declaration that came with its certificate is 'uploaded', and has a parent who made it.
create table isee_new (
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
insert into isee_new (id, public_id, child_id, value, kind, protocol, omissions, lodged_on, own_from, own_to,
  valid_from, valid_to, policy_id, source, person_id, staff_id, recorded_at)
select id, public_id, child_id, value, kind, protocol, omissions, lodged_on, own_from, own_to,
  valid_from, valid_to, policy_id, iif(source = 'uploaded', 'office', source), person_id, staff_id, recorded_at
from isee;
drop table isee;
alter table isee_new rename to isee;
create index isee_by_child on isee (child_id, valid_from);
create index isee_by_recording on isee (recorded_at);
create trigger isee_is_final before update on isee
begin select raise(abort, 'an ISEE is a fact: record a newer one'); end;
create trigger isee_stays before delete on isee
when (select open from retention_gate) = 0
begin select raise(abort, 'an ISEE is a fact: record a newer one'); end;
create trigger isee_waits after insert on isee
begin
  delete from isee_waiting where isee_id in
    (select id from isee where child_id = new.child_id and kind = new.kind);
  insert into isee_waiting (isee_id) select new.id where new.source in ('declared', 'uploaded');
end;

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
drop trigger document_in_use_stays;
create trigger document_in_use_stays before delete on document
when (select open from retention_gate) = 0
 and (old.kind not in ('attachment', 'certificate')
      or exists (select 1 from application_attachment where document_id = old.id)
      or exists (select 1 from isee_document where document_id = old.id))
begin select raise(abort, 'a document in use stays'); end;
drop trigger document_content_in_use_stays;
create trigger document_content_in_use_stays before delete on document_content
when (select open from retention_gate) = 0
 and (exists (select 1 from application_attachment where document_id = old.document_id)
      or exists (select 1 from isee_document where document_id = old.document_id))
begin select raise(abort, 'a document in use stays'); end;

-- Who was told that an ISEE ends, by the day on which it does.
create table isee_reminder_new (
  ends_on  text    not null,
  payer_id integer not null references person,
  at       integer not null,
  primary key (ends_on, payer_id)
) strict, without rowid;
insert into isee_reminder_new select year || '-12-31', payer_id, at from isee_reminder;
drop table isee_reminder;
alter table isee_reminder_new rename to isee_reminder;
create index isee_reminder_by_payer on isee_reminder (payer_id);

-- Whose ISEE the comune may fetch from INPS.
create index application_with_isee_consent on application (call_id, child_id)
  where json_extract(content, '$.service.isee_consent');

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

-- The file before the last change, to go back to.
alter table tariff_draft add column previous text;
