//! The way of an application, and every way in which it must not go.

use jiff::civil::date;

use super::*;
use crate::base::{
    Actor, Error, Instant, LegalTextId, PersonId, PublicId, Result, Role, SchoolYear, StaffActor,
};
use crate::calls::{self, LegalKind, NewCall, NewLegalText};
use crate::diets::{self, Diet};
use crate::documents::{self, NewUpload};
use crate::municipality;
use crate::people;
use crate::store::{self, SealingKey};
use crate::testing::{Comune, morning};
use crate::{enrolments, messages};

struct Fixture {
    comune: Comune,
    call: PublicId,
    luca: PublicId,
    class: PublicId,
}

fn key_of(comune: &Comune) -> SealingKey {
    SealingKey::load(&comune.folder.path().join("test.key")).unwrap()
}

fn fixture() -> Fixture {
    let comune = Comune::new();
    let (meals, mother, luca, class) = (comune.meals, comune.mother, comune.luca, comune.class);
    let (call, luca, class) = comune
        .write(move |tx| {
            let actor = Actor::System("test");
            let me = people::person(tx, mother)?;
            let complete = people::Person {
                address: Some("Via dei Tigli 4".to_owned()),
                postal_code: Some("56017".to_owned()),
                town: Some("Borgo San Lieto".to_owned()),
                phone: Some("333 1234567".to_owned()),
                email: Some("mara@example.it".to_owned()),
                birth_place: Some("Borgo San Lieto".to_owned()),
                ..me
            };
            people::update_contacts(tx, &complete, morning())?;
            let text = |kind| {
                let new = NewLegalText {
                    kind,
                    service: None,
                    title: "Testo",
                    body: "Prima frase.\n\nSeconda frase.",
                };
                calls::publish_legal_text(tx, &actor, &new, morning())
            };
            let new = NewCall {
                title: "Iscrizione alla mensa 2026/2027",
                description: "Per le scuole del comune",
                service: meals,
                year: SchoolYear::starting_in(2026),
                opens_at: morning(),
                closes_at: closing(),
                privacy: text(LegalKind::Privacy)?,
                conditions: text(LegalKind::Conditions)?,
                documents_note: "Carta d’identità",
                documents_required: true,
            };
            let call = calls::add_call(tx, &actor, &new, morning())?;
            let gluten = Diet {
                code: "GLU".to_owned(),
                name: "Senza glutine".to_owned(),
                excluded: "frumento".to_owned(),
            };
            diets::save_diet(tx, &actor, &gluten, morning())?;
            let classes = municipality::classes_of_year(tx, SchoolYear::starting_in(2026))?;
            let class = classes.into_iter().find(|c| c.id == class);
            Ok((
                calls::call(tx, call)?.public_id,
                people::person(tx, luca)?.public_id,
                class.ok_or(Error::NotFound)?.public_id,
            ))
        })
        .unwrap();
    Fixture {
        comune,
        call,
        luca,
        class,
    }
}

fn closing() -> Instant {
    Instant::from_rome(date(2026, 11, 15).at(23, 59, 0, 0))
}

impl Fixture {
    fn key(&self) -> SealingKey {
        key_of(&self.comune)
    }

    fn start(&self) -> PublicId {
        let (actor, call) = (self.comune.as_mother(), self.call.clone());
        let started = self
            .comune
            .write(move |tx| start(tx, &actor, &call, PrivacyNotice::Read, morning()));
        started.unwrap()
    }

    fn load(&self, id: &PublicId) -> Draft {
        let actor = self.comune.as_mother();
        let key = self.key();
        self.comune
            .store
            .read(|db| draft(db, &key, &actor, id))
            .unwrap()
    }

    fn save(&self, draft: Draft, step: Step) -> Result<()> {
        let (actor, key) = (self.comune.as_mother(), self.key());
        self.comune
            .write(move |tx| save(tx, &key, &actor, &draft, step, morning()))
    }

    /// A draft that lacks nothing, for Luca out of the register.
    fn complete(&self) -> PublicId {
        let id = self.start();
        let mut draft = self.load(&id);
        let choice = ApplicantChoice {
            title: "parent".to_owned(),
            child: self.luca.to_string(),
        };
        let actor = self.comune.as_mother();
        self.comune
            .store
            .read(|db| draft.choose(db, &actor, choice, morning()))
            .unwrap();
        draft.content.service.class = self.class.to_string();
        draft.special.diet_code = "GLU".to_owned();
        let accept = |text: LegalTextId| {
            Some(TextAcceptance {
                text,
                at: morning(),
            })
        };
        draft.content.accepted = Accepted {
            privacy: accept(draft.call.privacy),
            conditions: accept(draft.call.conditions),
        };
        self.save(draft, Step::Sending).unwrap();
        self.attach(&id, b"%PDF-1.7 carta").unwrap();
        id
    }

    fn attach(&self, id: &PublicId, bytes: &[u8]) -> Result<()> {
        let (actor, key, id) = (self.comune.as_mother(), self.key(), id.clone());
        let upload = NewUpload {
            field: "file",
            filename: "carta.pdf".to_owned(),
            bytes: bytes.to_vec(),
            certificate: false,
        };
        self.comune
            .write(move |tx| attach(tx, &key, &actor, &id, &upload, morning()))
    }

    fn submit(&self, id: &PublicId, now: Instant) -> Result<PublicId> {
        let revision = self.load(id).revision;
        self.submit_revision(id, revision, now)
    }

    fn submit_revision(&self, id: &PublicId, revision: i64, now: Instant) -> Result<PublicId> {
        let (actor, key, id) = (self.comune.as_mother(), self.key(), id.clone());
        self.comune
            .write(move |tx| submit(tx, &key, &actor, &id, revision, now))
    }

    fn sent(&self, id: &PublicId) -> Application {
        let actor = self.comune.as_mother();
        self.comune
            .store
            .read(|db| sent_application(db, &actor, id))
            .unwrap()
    }

    fn accept(&self, id: &PublicId, actor: &Actor, confirm_diet: bool) -> Result<()> {
        let (key, id, actor) = (self.key(), id.clone(), actor.clone());
        let decision = super::Acceptance {
            class: self.class.clone(),
            from: date(2026, 11, 9),
            confirm_diet,
            note: String::new(),
        };
        self.comune.write(move |tx| {
            accept(tx, &key, &actor, &id, &decision, morning())?;
            Ok(())
        })
    }
}

fn refusal(error: &Error) -> &'static str {
    match error {
        Error::Refused(refusal) => refusal.text.key,
        Error::Invalid(fields) => fields[0].text.key,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_complete_draft_becomes_a_numbered_frozen_application() {
    let f = fixture();
    let draft = f.complete();
    let id = f.submit(&draft, morning()).unwrap();
    let sent = f.sent(&id);
    assert_eq!(sent.number, "D-2026-000001");
    assert_eq!(sent.state, State::Submitted);
    assert_eq!(sent.child_id, f.comune.luca);
    assert_eq!(sent.content.child.name, "Luca");
    assert_eq!(sent.content.accepted.len(), 2);
    assert_eq!(sent.attachments.len(), 1);
    assert_eq!(sent.history.len(), 1);
    let (intact, receipt, outbox) = f
        .comune
        .store
        .read(|db| {
            let receipt = documents::bytes(db, &sent.receipt)?;
            let kinds = store::outbox_take(db, &[SUBMITTED], morning(), 10)?;
            Ok((sent.is_intact(db)?, receipt, kinds))
        })
        .unwrap();
    assert!(intact);
    assert!(receipt.starts_with(b"%PDF"));
    assert_eq!(outbox[0].kind, "application-submitted");
    let actor = f.comune.as_mother();
    let left = f.comune.store.read(|db| drafts(db, &actor)).unwrap();
    assert!(left.is_empty(), "the draft has become the application");
}

#[test]
fn a_double_click_sends_once() {
    let f = fixture();
    let draft = f.complete();
    let revision = f.load(&draft).revision;
    let first = f.submit_revision(&draft, revision, morning()).unwrap();
    let again = f.submit_revision(&draft, revision, morning()).unwrap();
    assert_eq!(first, again);
    // Also when the call has closed before the second click arrives.
    let late = closing().plus_millis(120_000);
    assert_eq!(f.submit_revision(&draft, revision, late).unwrap(), first);
}

#[test]
fn nothing_changes_what_was_sent() {
    let f = fixture();
    let id = f.submit(&f.complete(), morning()).unwrap();
    for sql in [
        "update application set content = '{}'",
        "update application set special = null",
        "delete from application",
        "update application_attachment set position = 7",
        "delete from application_attachment",
        "delete from document where kind = 'attachment'",
        "update document set filename = 'altro.pdf'",
        "update document_content set bytes = x'00'",
        "delete from document_content",
        "update application_event set state = 'accepted'",
        "delete from application_event",
    ] {
        let refused = f.comune.write(move |tx| Ok(tx.execute(sql, [])?));
        assert!(refused.is_err(), "{sql}");
    }
    let sent = f.sent(&id);
    assert!(f.comune.store.read(|db| sent.is_intact(db)).unwrap());
}

#[test]
fn a_change_to_any_part_shows_in_the_digest() {
    let f = fixture();
    let id = f.submit(&f.complete(), morning()).unwrap();
    let changes = [
        "update application set content = json_set(content, '$.child.name', 'Lucia')",
        "update application set special = x'00'",
        "delete from application_attachment",
        "update document set filename = 'altro.pdf' where kind = 'attachment'",
        "update legal_text set body = body || '!'",
    ];
    for change in changes {
        let (actor, id) = (f.comune.as_mother(), id.clone());
        let undone: Result<()> = f.comune.write(move |tx| {
            // What a thief with the file in hand could do: first away with the triggers.
            for trigger in [
                "application_is_frozen",
                "application_attachment_stays",
                "document_is_final",
                "legal_text_is_final",
            ] {
                tx.execute_batch(&format!("drop trigger {trigger}"))?;
            }
            tx.execute(change, [])?;
            assert!(
                !sent_application(tx, &actor, &id)?.is_intact(tx)?,
                "{change}"
            );
            Err(Error::NotFound)
        });
        assert!(undone.is_err());
    }
}

#[test]
fn a_call_that_closes_meanwhile_keeps_the_draft() {
    let f = fixture();
    let draft = f.complete();
    let late = closing().plus_millis(60_000);
    let error = f.submit(&draft, late).unwrap_err();
    assert_eq!(refusal(&error), "error-call-closed");
    assert_eq!(f.load(&draft).attachments.len(), 1);
    // The last minute still counts.
    assert!(f.submit(&draft, closing().plus_millis(59_999)).is_ok());
}

#[test]
fn one_live_application_per_call_and_child_until_it_is_refused() {
    let f = fixture();
    let first = f.submit(&f.complete(), morning()).unwrap();
    let second = f.complete();
    let error = f.submit(&second, morning()).unwrap_err();
    assert_eq!(refusal(&error), "error-application-live");
    let (clerk, id) = (f.comune.as_clerk(), first);
    f.comune
        .write(move |tx| refuse(tx, &clerk, &id, "Manca la residenza", morning()))
        .unwrap();
    let sent = f.sent(&f.submit(&second, morning()).unwrap());
    assert_eq!(
        sent.number, "D-2026-000002",
        "a refused attempt takes no number"
    );
}

#[test]
fn two_tabs_do_not_overwrite_each_other_silently() {
    let f = fixture();
    let id = f.complete();
    let (mut one, mut two) = (f.load(&id), f.load(&id));
    one.content.service.discounts = "fratello in mensa".to_owned();
    two.content.service.discounts = "nessuno".to_owned();
    f.save(one, Step::Service).unwrap();
    let error = f.save(two, Step::Service).unwrap_err();
    assert_eq!(refusal(&error), "error-draft-changed");
    assert_eq!(f.load(&id).content.service.discounts, "fratello in mensa");
    // A summary that was opened before an attachment came is not what would be sent.
    let seen = f.load(&id).revision;
    f.attach(&id, b"%PDF-1.4 altro").unwrap();
    let error = f.submit_revision(&id, seen, morning()).unwrap_err();
    assert_eq!(refusal(&error), "error-draft-changed-before-sending");
}

#[test]
fn a_stranger_finds_neither_draft_nor_application() {
    let f = fixture();
    let id = f.complete();
    let (stranger, key, call) = (Actor::Citizen(f.comune.luca), f.key(), f.call.clone());
    let draft_id = id.clone();
    f.comune
        .write(move |tx| {
            let found = draft(tx, &key, &stranger, &draft_id);
            assert!(matches!(found, Err(Error::NotFound)));
            delete(tx, &stranger, &draft_id)?;
            let sent = submit(tx, &key, &stranger, &draft_id, 1, morning());
            assert!(matches!(sent, Err(Error::NotFound)));
            let read = PrivacyNotice::Read;
            let data = start(tx, &stranger, &call, read, morning()).unwrap_err();
            assert_eq!(refusal(&data), "error-my-data-missing");
            Ok(())
        })
        .unwrap();
    let sent = f.submit(&id, morning()).unwrap();
    let stranger = Actor::Citizen(f.comune.luca);
    let found = f
        .comune
        .store
        .read(|db| sent_application(db, &stranger, &sent));
    assert!(matches!(found, Err(Error::NotFound)));
}

#[test]
fn a_household_child_of_others_is_no_choice() {
    let f = fixture();
    let id = f.complete();
    let mut draft = f.load(&id);
    let mother = f.comune.mother;
    let own_id = f
        .comune
        .store
        .read(|db| people::person(db, mother))
        .unwrap()
        .public_id;
    draft.content.applicant.child = own_id.to_string();
    f.save(draft, Step::Applicant).unwrap();
    let error = f.submit(&id, morning()).unwrap_err();
    assert_eq!(refusal(&error), "error-child-missing");
}

fn typed_child() -> TypedChild {
    TypedChild {
        surname: "Bianchi".to_owned(),
        name: "Nina".to_owned(),
        sex: "F".to_owned(),
        birth_date: "9/2/2020".to_owned(),
        birth_place: "Pisa".to_owned(),
        fiscal_code: code_of_nina(),
        address: "Via Lunga 1".to_owned(),
        postal_code: "56100".to_owned(),
        town: "Pisa".to_owned(),
    }
}

fn code_of_nina() -> String {
    let place = people::BelfioreCode::parse("G702").unwrap();
    people::FiscalCode::compute("Bianchi", "Nina", people::Sex::F, date(2020, 2, 9), place)
        .to_string()
}

#[test]
fn a_wrong_check_character_blocks_and_another_name_only_warns() {
    let f = fixture();
    let id = f.complete();
    let mut draft = f.load(&id);
    draft.content.applicant.child = OTHER_CHILD.to_owned();
    let mut wrong = code_of_nina();
    let last = if wrong.ends_with('A') { 'B' } else { 'A' };
    wrong.replace_range(15.., &last.to_string());
    draft.content.child = TypedChild {
        fiscal_code: wrong,
        ..typed_child()
    };
    f.save(draft, Step::Child).unwrap();
    let error = f.submit(&id, morning()).unwrap_err();
    assert_eq!(refusal(&error), "fiscal-code-check");

    let mut draft = f.load(&id);
    draft.content.child = TypedChild {
        surname: "Verdi".to_owned(),
        birth_date: "10/2/2020".to_owned(),
        ..typed_child()
    };
    assert_eq!(
        doubts(&draft.content.child),
        [people::Mismatch::Surname, people::Mismatch::BirthDate]
    );
    f.save(draft, Step::Child).unwrap();
    let sent = f.sent(&f.submit(&id, morning()).unwrap());
    assert!(!sent.content.child.from_register);
    let child: PersonId = sent.child_id;
    let registered = f.comune.store.read(|db| people::person(db, child)).unwrap();
    assert_eq!(registered.surname, "Verdi");
    assert_eq!(registered.fiscal_code.to_string(), code_of_nina());
}

#[test]
fn a_draft_begins_with_the_version_of_the_notice_that_was_read() {
    let f = fixture();
    let id = f.start();
    let draft = f.load(&id);
    let accepted = draft.content.accepted.privacy.unwrap();
    assert_eq!(
        (accepted.text, accepted.at),
        (draft.call.privacy, morning())
    );
    let (actor, call) = (f.comune.as_mother(), f.call.clone());
    let unread = f
        .comune
        .write(move |tx| start(tx, &actor, &call, PrivacyNotice::Unread, morning()));
    let Err(Error::Invalid(fields)) = unread else {
        panic!("must be invalid");
    };
    assert_eq!(fields.first().map(|e| e.field.as_str()), Some("privacy"));
}

#[test]
fn what_is_missing_is_named_field_by_field() {
    let f = fixture();
    let id = f.start();
    let mut draft = f.load(&id);
    draft.content.applicant.child = OTHER_CHILD.to_owned();
    draft.content.accepted.privacy = None;
    f.save(draft, Step::Applicant).unwrap();
    let Error::Invalid(fields) = f.submit(&id, morning()).unwrap_err() else {
        panic!("must be invalid");
    };
    let names: Vec<_> = fields.iter().map(|e| e.field.as_str()).collect();
    assert_eq!(
        names,
        [
            "title",
            "surname",
            "name",
            "sex",
            "birth_date",
            "birth_place",
            "fiscal_code",
            "address",
            "postal_code",
            "town",
            "class",
            "privacy",
            "conditions",
            "file"
        ]
    );
}

#[test]
fn accepting_enrols_tells_the_family_and_keeps_the_diet_sealed() {
    let f = fixture();
    let id = f.submit(&f.complete(), morning()).unwrap();
    let plain = Actor::Staff(StaffActor {
        id: f.comune.clerk.id,
        roles: vec![Role::Office],
    });
    let error = f.accept(&id, &plain, true).unwrap_err();
    assert_eq!(refusal(&error), "error-diet-not-yours");
    let mother = f.comune.as_mother();
    assert!(matches!(
        f.accept(&id, &mother, false),
        Err(Error::Forbidden)
    ));
    let clerk = f.comune.as_clerk();
    f.accept(&id, &clerk, true).unwrap();
    assert_eq!(f.sent(&id).state, State::Accepted);
    let again = f.accept(&id, &clerk, true).unwrap_err();
    assert_eq!(refusal(&again), "error-application-decided");

    let (key, luca, payer) = (f.key(), f.comune.luca, f.comune.mother);
    f.comune
        .write(move |tx| {
            let enrolled = enrolments::of_child(tx, luca)?;
            assert_eq!(enrolled.len(), 1);
            assert_eq!(enrolled[0].payer_id, payer);
            assert_eq!(enrolled[0].from, date(2026, 11, 9));
            let diet = diets::diet_of_child(tx, &key, &clerk, luca, date(2026, 11, 9), morning())?;
            assert_eq!(diet.map(|d| d.diet.code).as_deref(), Some("GLU"));
            let thread = messages::thread(tx, payer)?;
            assert_eq!(thread[0].author, "system");
            assert!(thread[0].body.contains("lunedì 9 novembre 2026"));
            assert!(!thread[0].body.contains("glutine"));
            Ok(())
        })
        .unwrap();
    let secret = f.comune.store.read(|db| {
        let sql = "select count(*) from application
                   where instr(content, 'GLU') or instr(hex(special), hex('GLU'))";
        Ok(db.query_row(sql, [], |row| row.get::<_, i64>(0))?)
    });
    assert_eq!(secret.unwrap(), 0, "the diet is nowhere in the clear");
}

#[test]
fn a_refusal_needs_a_reason_and_reaches_the_family() {
    let f = fixture();
    let id = f.submit(&f.complete(), morning()).unwrap();
    let (clerk, payer) = (f.comune.as_clerk(), f.comune.mother);
    let application = id.clone();
    f.comune
        .write(move |tx| {
            let empty = refuse(tx, &clerk, &application, "  ", morning()).unwrap_err();
            assert_eq!(refusal(&empty), "error-refusal-reason");
            refuse(tx, &clerk, &application, "Posti esauriti", morning())?;
            assert!(
                messages::thread(tx, payer)?[0]
                    .body
                    .contains("Posti esauriti")
            );
            assert!(enrolments::of_child(tx, payer)?.is_empty());
            Ok(())
        })
        .unwrap();
    let sent = f.sent(&id);
    assert_eq!(sent.state, State::Refused);
    assert_eq!(sent.history[1].note, "Posti esauriti");
}

#[test]
fn the_office_finds_by_number_name_code_state_and_call() {
    let f = fixture();
    let id = f.submit(&f.complete(), morning()).unwrap();
    let (clerk, call) = (f.comune.as_clerk(), f.call.clone());
    let found = |text: &str, state| {
        let filter = Filter {
            text: text.to_owned(),
            state,
            call: Some(call.clone()),
        };
        let listed = f
            .comune
            .store
            .read(|db| list_for_office(db, &clerk, &filter, 1))
            .unwrap();
        assert_eq!(listed.rows.len() as i64, listed.total);
        listed.total
    };
    assert_eq!(found("", None), 1);
    assert_eq!(found("", Some(State::Submitted)), 1);
    assert_eq!(found("", Some(State::Refused)), 0);
    assert_eq!(found("d-2026-000001", None), 1);
    assert_eq!(found("ross lu", None), 1);
    assert_eq!(found("RSSMRA85T50A562W", None), 1);
    assert_eq!(found("verdi", None), 0);
    let accountant = Actor::Staff(StaffActor {
        id: f.comune.clerk.id,
        roles: vec![Role::Accountant],
    });
    let forbidden = f
        .comune
        .store
        .read(|db| for_office(db, &accountant, &id).map(|_| ()));
    assert!(matches!(forbidden, Err(Error::Forbidden)));
}

#[test]
fn at_most_ten_files() {
    let f = fixture();
    let id = f.complete();
    for _ in 1..MOST_ATTACHMENTS {
        f.attach(&id, b"%PDF-1.7 x").unwrap();
    }
    let error = f.attach(&id, b"%PDF-1.7 x").unwrap_err();
    assert_eq!(refusal(&error), "error-document-many");
    let first = f.load(&id).attachments[0].public_id.clone();
    let (actor, key, draft) = (f.comune.as_mother(), f.key(), id.clone());
    f.comune
        .write(move |tx| detach(tx, &key, &actor, &draft, &first, morning()))
        .unwrap();
    assert_eq!(f.load(&id).attachments.len(), MOST_ATTACHMENTS - 1);
}
