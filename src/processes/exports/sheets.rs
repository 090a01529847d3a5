//! Every sheet: its columns, its statement. Days are ISO, words are those of the imports.

use super::As::{self, Amount, Count, Hex, Moment, RomeDay, RomeTime, Text};

macro_rules! sheets {
    ($($(#[$doc:meta])* $variant:ident $name:literal $years:literal [$($column:literal $how:ident),+] $sql:literal;)+) => {
        /// What can be exported.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Sheet {
            $($(#[$doc])* $variant),+
        }

        impl Sheet {
            /// The name of the command and of the file.
            pub fn name(self) -> &'static str {
                match self { $(Sheet::$variant => $name),+ }
            }

            /// Whether its rows are of a calendar year.
            pub fn has_years(self) -> bool {
                match self { $(Sheet::$variant => $years),+ }
            }

            pub(super) fn columns(self) -> &'static [(&'static str, As)] {
                match self { $(Sheet::$variant => &[$(($column, $how)),+]),+ }
            }

            pub(super) fn sql(self) -> &'static str {
                match self { $(Sheet::$variant => concat!("/* export */ ", $sql)),+ }
            }
        }
    };
}

sheets! {
    /// Everybody.
    People "people" false ["codice_fiscale" Text, "cognome" Text, "nome" Text, "sesso" Text,
        "data_nascita" Text, "luogo_nascita" Text, "indirizzo" Text, "cap" Text, "comune" Text,
        "residente" Text, "telefono" Text, "email" Text]
        "select l.fiscal_code, p.surname, p.name, p.sex, p.birth_date, p.birth_place, p.address,
            p.postal_code, p.town, iif(p.resident, 'si', 'no'), p.phone, p.email
         from person p join identity_link l on l.person_id = p.id and l.current = 1 order by p.id";
    /// The households of the residents' register.
    Residents "residents" false ["id_famiglia" Text, "codice_fiscale" Text, "cognome" Text, "nome" Text,
        "sesso" Text, "data_nascita" Text, "luogo_nascita" Text, "relazione" Text, "indirizzo" Text,
        "cap" Text, "comune" Text, "data_decorrenza" Text]
        "select h.registry_code, l.fiscal_code, p.surname, p.name, p.sex, p.birth_date, p.birth_place,
            m.relation, p.address, p.postal_code, p.town, m.since
         from household_member m join household h on h.id = m.household_id
         join person p on p.id = m.person_id
         join identity_link l on l.person_id = p.id and l.current = 1 order by h.id, p.id";
    /// Children and who answers for them.
    Children "children" false ["codice_fiscale" Text, "cognome" Text, "nome" Text,
        "adulto_codice_fiscale" Text, "adulto_cognome" Text, "adulto_nome" Text, "titolo" Text]
        "select lc.fiscal_code, c.surname, c.name, la.fiscal_code, a.surname, a.name,
            case g.title when 'guardian' then 'tutore' when 'foster' then 'affidatario' else 'genitore' end
         from guardianship g join person c on c.id = g.child_id join person a on a.id = g.adult_id
         join identity_link lc on lc.person_id = c.id and lc.current = 1
         join identity_link la on la.person_id = a.id and la.current = 1
         where g.to_date is null order by g.id";
    /// Schools.
    Schools "schools" false ["codice" Text, "nome" Text, "grado" Text, "indirizzo" Text]
        "select code, name, grade, address from school order by id";
    /// Classes.
    Classes "classes" false ["plesso" Text, "anno_scolastico" Text, "classe" Text]
        "select s.code, c.year || '/' || (c.year + 1), c.name
         from school_class c join school s on s.id = c.school_id order by c.id";
    /// Enrolments; of a year: those that touch it.
    Enrolments "enrolments" true ["servizio" Text, "codice_fiscale" Text, "intestatario" Text,
        "plesso" Text, "anno_scolastico" Text, "classe" Text, "dal" Text, "al" Text]
        "select s.code, lc.fiscal_code, lp.fiscal_code, sc.code, c.year || '/' || (c.year + 1), c.name,
            e.from_date, e.to_date
         from enrolment e join service s on s.id = e.service_id
         join school_class c on c.id = e.class_id join school sc on sc.id = c.school_id
         join identity_link lc on lc.person_id = e.child_id and lc.current = 1
         join identity_link lp on lp.person_id = e.payer_id and lp.current = 1
         where ?1 is null or (substr(e.from_date, 1, 4) <= ?1
           and substr(coalesce(e.to_date, '9999'), 1, 4) >= ?1)
         order by e.id";
    /// Diets of children: sealed data, opened.
    Diets "diets" false ["codice_fiscale" Text, "dieta" Text, "dal" Text, "al" Text] "select 1";
    /// ISEE values.
    Isee "isee" false ["codice_fiscale" Text, "valore" Amount, "tipo" Text, "protocollo" Text,
        "omissioni" Text, "valido_dal" Text, "valido_al" Text]
        "select l.fiscal_code, i.value, i.kind, i.protocol, iif(i.omissions, 'si', 'no'), i.valid_from,
            i.valid_to
         from isee i join identity_link l on l.person_id = i.child_id and l.current = 1
         where not exists (select 1 from isee_withdrawal w where w.isee_id = i.id) order by i.id";
    /// Days without service.
    Closures "closures" true ["data" Text, "motivo" Text, "servizio" Text, "plesso" Text]
        "select c.day, c.reason, s.code, sc.code from closure c
         left join service s on s.id = c.service_id left join school sc on sc.id = c.school_id
         where ?1 is null or substr(c.day, 1, 4) = ?1 order by c.id";
    /// Who was present, by the newest register of each class and day.
    Attendance "attendance" true ["data" Text, "servizio" Text, "codice_fiscale" Text, "presente" Text]
        "select r.day, s.code, l.fiscal_code, iif(m.present, 'si', 'no')
         from register r join register_mark m on m.register_id = r.id
         join enrolment e on e.id = m.enrolment_id join service s on s.id = r.service_id
         join identity_link l on l.person_id = e.child_id and l.current = 1
         where r.id = (select max(n.id) from register n where n.class_id = r.class_id
                         and n.service_id = r.service_id and n.day = r.day)
           and (?1 is null or substr(r.day, 1, 4) = ?1)
         order by r.id, e.id";
    /// Days that were charged.
    Closings "closings" true ["servizio" Text, "dal" Text, "al" Text]
        "select code, dal, al from (
           select s.code, d.day as dal, d.day as al from day_closing d join service s on s.id = d.service_id
           union all
           select s.code, c.from_date, c.to_date from closed_elsewhere c join service s on s.id = c.service_id)
         where ?1 is null or (substr(dal, 1, 4) <= ?1 and substr(al, 1, 4) >= ?1) order by code, dal";
    /// Payment notices.
    Notices "notices" true ["numero_avviso" Text, "intestatario" Text, "codice_fiscale" Text,
        "servizio" Text, "importo" Amount, "causale" Text, "scadenza" Text, "stato" Text, "sistema" Text]
        "select coalesce((select x.number from partner_number x where x.notice_id = n.id), n.notice_number),
            lp.fiscal_code, lc.fiscal_code, s.code, n.amount, n.subject, n.due_date,
            case n.state when 'open' then 'aperto' when 'paid' then 'pagato' when 'expired' then 'scaduto'
              else 'annullato' end, n.origin
         from payment_notice n join account a on a.id = n.account_id join service s on s.id = a.service_id
         join identity_link lp on lp.person_id = n.payer_id and lp.current = 1
         join identity_link lc on lc.person_id = a.child_id and lc.current = 1
         where ?1 is null or strftime('%Y', n.created_at / 1000, 'unixepoch') = ?1 order by n.id";
    /// Opening balances that were imported.
    Balances "balances" true ["intestatario" Text, "codice_fiscale" Text, "servizio" Text,
        "saldo" Amount, "data" Text, "descrizione" Text, "sistema" Text, "ordine" Count]
        "select lp.fiscal_code, lc.fiscal_code, s.code, i.amount, i.day, i.description, i.origin, e.id
         from imported_entry i join account a on a.id = i.account_id join service s on s.id = a.service_id
         join identity_link lp on lp.person_id = a.payer_id and lp.current = 1
         join identity_link lc on lc.person_id = a.child_id and lc.current = 1
         left join ledger_entry e on e.cause = 'opening' and e.cause_id = i.id
         where i.kind = 'balance' and (?1 is null or substr(i.day, 1, 4) = ?1) order by i.id";
    /// Payments that were credited, also those that a settlement flow declares and no receipt proves yet:
    /// whether they can be deducted is not known. What the cash desk cancelled is neither here nor among the reversals.
    Payments "payments" true ["intestatario" Text, "codice_fiscale" Text, "servizio" Text,
        "importo" Amount, "data" RomeDay, "ora" RomeTime, "mezzo" Text, "riferimento" Text,
        "numero_avviso" Text, "id_ricevuta" Text, "prestatore" Text, "versante" Text,
        "versante_codice_fiscale" Text, "tracciabile" Text, "sistema" Text, "ordine" Count]
        "select lp.fiscal_code, lc.fiscal_code, s.code, e.amount, r.paid_at, r.paid_at, r.means,
            iif(r.notice_number = '', r.receipt_key, r.notice_number), n.notice_number,
            r.receipt_key || iif(e.cause_line > 0, '/' || (e.cause_line + 1), ''),
            r.psp, r.payer_name, r.payer_code,
            case r.traceable when 'yes' then 'si' when 'no' then 'no' else 'ignoto' end, r.origin, e.id
         from receipt r join ledger_entry e on e.cause = 'receipt' and e.cause_id = r.id
         join account a on a.id = e.credit_id join service s on s.id = a.service_id
         join identity_link lp on lp.person_id = a.payer_id and lp.current = 1
         join identity_link lc on lc.person_id = a.child_id and lc.current = 1
         left join payment_notice n on n.id = r.notice_id
         where (?1 is null or substr(e.day, 1, 4) = ?1) and not exists (
           select 1 from ledger_entry u where u.cause = 'reversal' and u.cause_id = e.id)
         union all
         select lp.fiscal_code, lc.fiscal_code, s.code, e.amount,
            unixepoch(p.day || ' 11:00') * 1000, unixepoch(p.day || ' 11:00') * 1000, 'pagoPA',
            n.notice_number, n.notice_number, p.iur || iif(e.cause_line > 0, '/' || (e.cause_line + 1), ''),
            '', null, null, 'ignoto', '', e.id
         from settled_payment p join ledger_entry e on e.cause = 'settlement' and e.cause_id = p.id
         join account a on a.id = e.credit_id join service s on s.id = a.service_id
         join identity_link lp on lp.person_id = a.payer_id and lp.current = 1
         join identity_link lc on lc.person_id = a.child_id and lc.current = 1
         join payment_notice n on n.id = p.notice_id
         where (?1 is null or substr(e.day, 1, 4) = ?1) and not exists (
           select 1 from settled_payment_end d where d.settled_id = p.id)
         order by 16";
    /// What was charged, here or by an earlier system.
    Charges "charges" true ["intestatario" Text, "codice_fiscale" Text, "servizio" Text, "data" Text,
        "importo" Amount, "tipo" Text, "descrizione" Text, "riferimento" Text, "spiegazione" Text,
        "sistema" Text, "ordine" Count]
        "select lp.fiscal_code, lc.fiscal_code, s.code, x.day, x.amount, x.kind, x.description,
            x.reference, x.explanation, x.origin, x.entry
         from (select c.account_id, c.day, abs(c.amount) as amount,
                 iif(c.amount < 0, 'accredito', 'addebito') as kind, '' as description,
                 c.public_id as reference, w.body as explanation, '' as origin, e.id as entry
               from charge c join explanation w on w.id = c.explanation_id
               left join ledger_entry e on e.cause = 'charge' and e.cause_id = c.id and e.cause_line = 0
               union all
               select i.account_id, i.day, iif(i.kind = 'charge', -i.amount, i.amount),
                 case i.kind when 'charge' then 'addebito' when 'credit' then 'accredito' else 'storno' end,
                 i.description,
                 iif(i.key like 'charge:%:%', substr(i.key, 8 + instr(substr(i.key, 8), ':')), null),
                 i.explanation, i.origin, e.id
               from imported_entry i left join ledger_entry e on e.cause = 'opening' and e.cause_id = i.id
               where i.kind <> 'balance'
               union all
               select a.id, e.day, iif(a.id = e.credit_id, e.amount, -e.amount),
                 iif(e.cause = 'reversal', 'storno', 'accredito'),
                 case when e.cause = 'refund' then 'Rimborso'
                   when e.cause = 'reversal' then 'Storno'
                   when e.cause = 'write_off' then (select 'Stralcio: ' || w.reason from write_off w where w.id = e.cause_id)
                   when a.id = e.credit_id then 'Trasferimento da ' || (
                     select p.name || ' – ' || s.name from account o join person p on p.id = o.child_id
                     join service s on s.id = o.service_id where o.id = e.debit_id)
                   else 'Trasferimento a ' || (
                     select p.name || ' – ' || s.name from account o join person p on p.id = o.child_id
                     join service s on s.id = o.service_id where o.id = e.credit_id) end,
                 coalesce(
                   (select m.public_id from transfer m where e.cause = 'transfer' and m.id = e.cause_id),
                   (select m.public_id from refund m where e.cause = 'refund' and m.id = e.cause_id),
                   (select m.public_id from write_off m where e.cause = 'write_off' and m.id = e.cause_id),
                   'storno-' || e.cause_id), null, '', e.id
               from ledger_entry e join account a on a.id in (e.debit_id, e.credit_id) and a.kind = 'family'
               where e.cause in ('transfer', 'refund', 'write_off', 'reversal') and not exists (
                 select 1 from ledger_entry o where e.cause = 'reversal' and o.id = e.cause_id
                   and o.cause = 'receipt')) x
         join account a on a.id = x.account_id join service s on s.id = a.service_id
         join identity_link lp on lp.person_id = a.payer_id and lp.current = 1
         join identity_link lc on lc.person_id = a.child_id and lc.current = 1
         where ?1 is null or substr(x.day, 1, 4) = ?1 order by x.day, x.entry";
    /// The whole ledger, entry by entry.
    Ledger "ledger" true ["registrazione" Count, "data" Text, "dare" Text, "avere" Text, "importo" Amount,
        "causa" Text, "causa_numero" Count, "registrata_il" Moment]
        "select e.id, e.day,
            coalesce(dp.fiscal_code || ' ' || dc.fiscal_code || ' ' || ds.code, d.kind || coalesce(' ' || ds.code, '')),
            coalesce(cp.fiscal_code || ' ' || cc.fiscal_code || ' ' || cs.code, c.kind || coalesce(' ' || cs.code, '')),
            e.amount, e.cause, e.cause_id, e.posted_at
         from ledger_entry e join account d on d.id = e.debit_id join account c on c.id = e.credit_id
         left join service ds on ds.id = d.service_id left join service cs on cs.id = c.service_id
         left join identity_link dp on dp.person_id = d.payer_id and dp.current = 1
         left join identity_link dc on dc.person_id = d.child_id and dc.current = 1
         left join identity_link cp on cp.person_id = c.payer_id and cp.current = 1
         left join identity_link cc on cc.person_id = c.child_id and cc.current = 1
         where ?1 is null or substr(e.day, 1, 4) = ?1 order by e.id";
    /// Receipts as they came, also those in suspense.
    Receipts "receipts" true ["id_ricevuta" Text, "numero_avviso" Text, "importo" Amount,
        "pagato_il" Moment, "prestatore" Text, "mezzo" Text, "tracciabile" Text, "versante" Text,
        "versante_codice_fiscale" Text, "esito" Text, "provenienza" Text, "sistema" Text,
        "ricevuta_il" Moment]
        "select receipt_key, notice_number, amount, paid_at, psp, means,
            case traceable when 'yes' then 'si' when 'no' then 'no' else 'ignoto' end, payer_name,
            payer_code, iif(outcome = 'credited' or id in (select receipt_id from receipt_placement), 'accreditata', 'sospesa'),
            case source when 'gateway' then 'pagoPA' when 'cash_desk' then 'cassa' else 'importata' end, origin, received_at
         from receipt where ?1 is null or strftime('%Y', paid_at / 1000 + 3600, 'unixepoch') = ?1 order by id";
    /// Issued attestations, one row for each child and service.
    Attestations "attestations" true ["anno" Count, "numero" Count, "revisione" Count, "codice" Text,
        "intestatario" Text, "codice_fiscale" Text, "servizio" Text, "codice_spesa" Text,
        "tracciabile" Amount, "altri_mezzi" Amount, "non_accertato" Amount, "netto" Amount,
        "emessa_il" Moment]
        "select t.year, t.number, t.revision, t.public_id, json_extract(t.content, '$.payer.fiscal_code'),
            json_extract(c.value, '$.child.fiscal_code'), json_extract(s.value, '$.service_name'),
            json_extract(s.value, '$.code'),
            cast(replace(json_extract(s.value, '$.traceable'), '.', '') as integer),
            cast(replace(json_extract(s.value, '$.otherwise_paid'), '.', '') as integer),
            cast(replace(json_extract(s.value, '$.not_ascertained'), '.', '') as integer),
            cast(replace(json_extract(s.value, '$.net'), '.', '') as integer), t.issued_at
         from attestation t, json_each(t.content, '$.children') c, json_each(c.value, '$.services') s
         where ?1 is null or t.year = cast(?1 as integer) order by t.id";
    /// Submitted applications; sealed parts stay sealed.
    Applications "applications" true ["numero" Text, "avviso" Text, "richiedente" Text,
        "codice_fiscale" Text, "inviata_il" Moment, "stato" Text, "contenuto" Text, "impronta" Hex]
        "select a.number, k.title, la.fiscal_code, lc.fiscal_code, a.submitted_at,
            case t.state when 'accepted' then 'accolta' when 'refused' then 'respinta' else 'inviata' end,
            a.content, a.sha256
         from application a join call k on k.id = a.call_id
         join application_state t on t.application_id = a.id
         join identity_link la on la.person_id = a.applicant_id and la.current = 1
         join identity_link lc on lc.person_id = a.child_id and lc.current = 1
         where ?1 is null or strftime('%Y', a.submitted_at / 1000 + 3600, 'unixepoch') = ?1 order by a.id";
    /// Messages between families and the office.
    Messages "messages" true ["codice_fiscale" Text, "autore" Text, "quando" Moment, "testo" Text]
        "select l.fiscal_code,
            case m.author when 'family' then 'famiglia' when 'office' then 'ufficio' else 'sistema' end,
            m.at, m.body
         from message m join identity_link l on l.person_id = m.person_id and l.current = 1
         where ?1 is null or strftime('%Y', m.at / 1000 + 3600, 'unixepoch') = ?1 order by m.id";
    /// The audit log with its chain.
    Audit "audit" true ["numero" Count, "quando" Moment, "chi" Text, "chi_numero" Count, "azione" Text,
        "oggetto" Text, "oggetto_numero" Count, "dettagli" Text, "impronta" Hex]
        "select e.id, e.at, e.actor, e.actor_id, e.action, e.subject, e.subject_id, p.payload, e.hash
         from audit_entry e left join audit_payload p on p.audit_id = e.id
         where ?1 is null or strftime('%Y', e.at / 1000 + 3600, 'unixepoch') = ?1 order by e.id";
}
