//! The office with a family on the phone: the sheet from which every task starts, and the meals
//! that the office cancels on a family's behalf.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use campanella::base::{Actor, Instant, PersonId, PublicId};
use campanella::payments::notices;
use campanella::people::{BelfioreCode, FiscalCode, Sex};
use campanella::store::Urgency;
use campanella::{applications, charging, municipality};
use jiff::civil::{Date, date};
use poem::http::StatusCode;
use support::{Answer, Browser, Town};

const TODAY: Date = date(2026, 11, 3);
const TOMORROW: Date = date(2026, 11, 4);
const KEY: &str = "00000000000000000000000001";
const OTHER_KEY: &str = "00000000000000000000000002";

/// A parent with a child who eats at school and has said nothing of the next days.
struct Scene {
    town: Town,
    parent: PersonId,
    sheet: String,
    enrolment: String,
    child: i64,
}

fn scene() -> Scene {
    let town = Town::with_families(6);
    let enrolment: i64 = town.ask(
        "select e.id from enrolment e join service s on s.id = e.service_id
         where s.code = 'mensa' and e.from_date <= '2026-11-03' and e.to_date > '2026-12-01'
           and not exists (select 1 from cancellation c
                           where c.enrolment_id = e.id and c.day >= '2026-11-03')
           and exists (select 1 from guardianship g
                       where g.child_id = e.child_id and g.adult_id = e.payer_id)
         order by e.id limit 1",
    );
    let of_enrolment = |what: &str| format!("select {what} from enrolment where id = {enrolment}");
    let parent: i64 = town.ask(&of_enrolment("payer_id"));
    let id: String = town.ask(&format!("select public_id from person where id = {parent}"));
    Scene {
        parent: PersonId(parent),
        sheet: format!("/ufficio/famiglie/{id}"),
        enrolment: town.ask(&of_enrolment("public_id")),
        child: town.ask(&of_enrolment("child_id")),
        town,
    }
}

impl Scene {
    fn clerk(&self) -> Browser {
        self.town.staffs_browser("ufficio")
    }

    async fn cancel(&self, clerk: &Browser, key: &str, reason: &str, days: &[Date]) -> Answer {
        let days: Vec<String> = days
            .iter()
            .map(|day| format!("{}:{day}", self.enrolment))
            .collect();
        let mut fields = vec![("_key", key), ("reason", reason)];
        fields.extend(days.iter().map(|day| ("day", day.as_str())));
        clerk
            .post(&format!("{}/disdici", self.sheet), &fields)
            .await
    }

    /// What the office has cancelled so far.
    fn said(&self) -> i64 {
        self.count("cancellation where staff_id is not null")
    }

    fn count(&self, what: &str) -> i64 {
        self.town.ask(&format!("select count(*) from {what}"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_cancels_for_a_family_and_everybody_can_tell() {
    let scene = scene();
    let clerk = scene.clerk();
    let page = clerk.get(&format!("{}/disdici", scene.sheet)).await.page();
    page.says("in tempo fino alle 09:00 di oggi");
    let key = page.hidden("_key");
    let days = [TODAY, TOMORROW];
    let answer = scene.cancel(&clerk, &key, "ha telefonato la nonna", &days);
    let done = answer.await.leads_to();
    let numbers: Vec<&str> = done.split_once("ricevute=").unwrap().1.split('_').collect();
    assert_eq!(numbers.len(), 2, "{done}");
    let page = clerk.get(&done).await.page();
    for number in &numbers {
        page.says(number);
    }
    // The record names both: who sat at the desk, and for whom.
    let both = format!(
        "cancellation c join staff s on s.id = c.staff_id
         where s.username = 'ufficio' and c.person_id = {} and c.late = 0",
        scene.parent.0
    );
    assert_eq!(scene.count(&both), 2);
    let logged: String = scene.town.ask(
        "select e.actor || ' ' || e.subject_id || ' ' || p.payload from audit_entry e
         join audit_payload p on p.audit_id = e.id where e.action = 'cancel-on-behalf'",
    );
    assert!(
        logged.starts_with(&format!("desk {} ", scene.parent.0)),
        "{logged}"
    );
    for word in ["ha telefonato la nonna", numbers[0], "2026-11-04"] {
        assert!(logged.contains(word), "{logged}");
    }
    // The family reads it, and sees who cancelled.
    let parent = scene.town.citizens_browser(scene.parent);
    let thread = parent.get("/area/comunicazioni").await.page();
    for word in [numbers[0], numbers[1], "martedì 3 novembre 2026"] {
        thread.says(word);
    }
    parent
        .get("/area/disdici")
        .await
        .page()
        .says("disdetto dall’ufficio");
    let month = parent.get("/area/presenze").await.page();
    month.says(&format!("disdetto dall’ufficio ({})", numbers[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_click_cancels_once_and_leads_to_the_same_receipts() {
    let scene = scene();
    let clerk = scene.clerk();
    let first = scene.cancel(&clerk, KEY, "", &[TOMORROW]).await.leads_to();
    let second = scene.cancel(&clerk, KEY, "", &[TOMORROW]).await.leads_to();
    assert_eq!(first, second);
    assert_eq!(scene.said(), 1);
    let entries = "audit_entry where action = 'cancel-on-behalf'";
    let messages = "message where body like 'L’ufficio ha disdetto%'";
    assert_eq!((scene.count(entries), scene.count(messages)), (1, 1));
    // A page that was open meanwhile is not a second message to the family.
    let stale = scene.cancel(&clerk, OTHER_KEY, "", &[TOMORROW]).await;
    stale
        .page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("quei giorni sono già stati disdetti");
    assert_eq!((scene.said(), scene.count(messages)), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_cut_off_the_office_is_as_late_as_the_family() {
    let mut scene = scene();
    let late = Instant::from_rome(TODAY.at(9, 30, 0, 0));
    scene.town.app = scene.town.at(late);
    let clerk = scene.clerk();
    let page = clerk.get(&format!("{}/disdici", scene.sheet)).await.page();
    page.says("dopo l’orario (le 09:00");
    let done = scene.cancel(&clerk, KEY, "", &[TODAY]).await.leads_to();
    clerk.get(&done).await.page().says("(dopo l’orario)");
    assert_eq!(
        scene.count("cancellation where staff_id is not null and late = 1"),
        1
    );
    // Yesterday is past for everybody.
    let yesterday = [date(2026, 11, 2)];
    let past = scene.cancel(&clerk, OTHER_KEY, "", &yesterday).await;
    past.page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("I giorni passati non si possono disdire");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_whose_closing_has_begun_is_not_cancelled_by_the_office_either() {
    let mut scene = scene();
    let midday = Instant::from_rome(TODAY.at(12, 0, 0, 0));
    scene.town.app = scene.town.at(midday);
    let clerk = scene.clerk();
    // The job is written down and waits for a worker.
    let store = &scene.town.app.store;
    store
        .write(Urgency::Interactive, move |tx| {
            let meals = municipality::service_by_code(tx, "mensa")?.unwrap();
            charging::start_day_close(tx, &Actor::System("test"), meals.id, TODAY, midday)
        })
        .unwrap();
    let page = clerk.get(&format!("{}/disdici", scene.sheet)).await.page();
    page.says("la giornata è chiusa, non si può più disdire");
    let refused = scene.cancel(&clerk, KEY, "", &[TODAY]).await;
    refused
        .page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("non si può più disdire, nemmeno dall’ufficio");
    assert_eq!(scene.said(), 0);
    // What can be cancelled is, in the same request.
    let both = scene.cancel(&clerk, KEY, "", &[TODAY, TOMORROW]).await;
    both.leads_to();
    assert_eq!(scene.said(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_children_of_the_family_on_the_phone() {
    let scene = scene();
    let clerk = scene.clerk();
    let stranger: String = scene.town.ask(&format!(
        "select p.public_id from person p join guardianship g on g.adult_id = p.id
         where g.child_id <> {0} and not exists
           (select 1 from guardianship o where o.adult_id = p.id and o.child_id = {0}) limit 1",
        scene.child
    ));
    let ticked = format!("{}:{TOMORROW}", scene.enrolment);
    let path = format!("/ufficio/famiglie/{stranger}/disdici");
    let fields = [("_key", KEY), ("day", ticked.as_str())];
    let refused = clerk.post(&path, &fields).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert_eq!(scene.said(), 0);
    // Nor does another family's confirmation show these receipts.
    let done = scene.cancel(&clerk, KEY, "", &[TOMORROW]).await.leads_to();
    let elsewhere = done.replace(&scene.sheet, &format!("/ufficio/famiglie/{stranger}"));
    assert_eq!(clerk.get(&elsewhere).await.leads_to(), path);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_stays_when_nothing_is_ticked() {
    let scene = scene();
    let clerk = scene.clerk();
    let empty = scene.cancel(&clerk, KEY, "ha chiamato il papà", &[]).await;
    let page = empty.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    page.says("Scegli almeno un giorno");
    assert_eq!(page.hidden("reason"), "ha chiamato il papà");
    let long = "x".repeat(201);
    let page = scene.cancel(&clerk, KEY, &long, &[TOMORROW]).await;
    let page = page.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.attribute("main input[name=day][checked]", "value"),
        format!("{}:{TOMORROW}", scene.enrolment)
    );
    // A Sunday: nothing to cancel.
    let sunday = scene.cancel(&clerk, KEY, "", &[date(2026, 11, 8)]).await;
    sunday
        .page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("In quei giorni non c’è nulla da disdire");
    assert_eq!(scene.said(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_office_cancels_on_behalf() {
    let scene = scene();
    for name in ["ragioneria", "collodi"] {
        let other = scene.town.staffs_browser(name);
        let answer = scene.cancel(&other, KEY, "", &[TOMORROW]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}");
    }
    assert_eq!(scene.said(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sheet_says_what_the_child_does_today() {
    let mut scene = scene();
    let clerk = scene.clerk();
    let booked = clerk.get(&scene.sheet).await.page();
    booked.says("Prenotato, registro non ancora inviato");
    let done = scene.cancel(&clerk, KEY, "", &[TODAY]).await.leads_to();
    let number = done.split_once("ricevute=").unwrap().1;
    let sheet = clerk.get(&scene.sheet).await.page();
    sheet.says("disdetto dall’ufficio alle 08:0");
    sheet.says(&format!("ricevuta {number}"));
    scene.town.app = scene
        .town
        .at(Instant::from_rome(date(2026, 11, 8).at(10, 0, 0, 0)));
    let sunday = scene.clerk().get(&scene.sheet).await.page();
    sunday.says("Oggi il servizio non c’è");
    scene.town.app = scene
        .town
        .at(Instant::from_rome(date(2026, 12, 8).at(10, 0, 0, 0)));
    let holiday = scene.clerk().get(&scene.sheet).await.page();
    holiday.says("Chiuso: ");
    for title in ["Figli e oggi", "ISEE", "Domande e agevolazioni", "Conto"] {
        assert!(
            holiday.all("h2").iter().any(|h| h.starts_with(title)),
            "{title}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_diet_is_shown_for_one_child_on_request_and_logged() {
    let scene = scene();
    let child: String = scene.town.ask(&format!(
        "select public_id from person where id = {}",
        scene.child
    ));
    let asked = format!("{}?dieta={child}", scene.sheet);
    let readings = "audit_entry where action = 'read-diet'";
    let before = scene.count(readings);
    let clerk = scene.clerk();
    let sheet = clerk.get(&scene.sheet).await.page();
    sheet.says("Mostra la dieta");
    assert_eq!(scene.count(readings), before);
    let app = std::sync::Arc::clone(&scene.town.app);
    let (id, system) = (PersonId(scene.child), Actor::System("test"));
    let record = move |tx: &rusqlite::Transaction<'_>| {
        let gluten = campanella::diets::Diet {
            code: "GLU9".to_owned(),
            name: "Senza glutine di prova".to_owned(),
            excluded: "frumento".to_owned(),
        };
        campanella::diets::save_diet(tx, &system, &gluten, support::morning())?;
        let eats = campanella::diets::NewChildDiet {
            child: id,
            code: Some("GLU9"),
            from: date(2026, 10, 5),
            to: None,
        };
        campanella::diets::record_child_diet(tx, &app.key, &system, &eats, support::morning())
    };
    let store = &scene.town.app.store;
    store.write(Urgency::Interactive, record).unwrap();
    clerk
        .get(&scene.sheet)
        .await
        .page()
        .is_silent_on("di prova");
    let shown = clerk.get(&asked).await.page();
    shown.says("Senza glutine di prova (GLU9) dal 05/10/2026, senza: frumento");
    assert_eq!(scene.count(readings), before + 1);
    // Somebody else's child is not read by way of this sheet.
    let other: String = scene.town.ask(&format!(
        "select p.public_id from person p join enrolment e on e.child_id = p.id
         where e.payer_id <> {} and p.id not in
           (select child_id from guardianship where adult_id = {0}) limit 1",
        scene.parent.0
    ));
    clerk
        .get(&format!("{}?dieta={other}", scene.sheet))
        .await
        .page();
    // Nor by who handles money, not diets.
    let accountant = scene.town.staffs_browser("ragioneria");
    let page = accountant.get(&asked).await.page();
    page.is_silent_on("di prova");
    page.says("La vede solo chi è addetto alle diete");
    assert_eq!(scene.count(readings), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_isee_is_typed_on_the_phone_for_the_familys_own_child() {
    let scene = scene();
    let clerk = scene.clerk();
    let child: String = scene.town.ask(&format!(
        "select public_id from person where id = {}",
        scene.child
    ));
    let path = format!("{}/isee/{child}", scene.sheet);
    let before = scene.count("isee");
    let typed = |value| {
        [
            ("_key", KEY),
            ("value", value),
            ("kind", "minorenni"),
            ("valid_from", "2026-01-15"),
            ("valid_to", "2026-12-31"),
        ]
    };
    let wrong = clerk.post(&path, &typed("tanti")).await;
    let page = wrong.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.hidden("value"), "tanti");
    let good = clerk.post(&path, &typed("8.765,43")).await.leads_to();
    assert_eq!(good, format!("{}#isee", scene.sheet));
    clerk.post(&path, &typed("8.765,43")).await.leads_to();
    assert_eq!(scene.count("isee"), before + 1);
    clerk.get(&scene.sheet).await.page().says("8.765,43");
    let other: String = scene.town.ask(&format!(
        "select p.public_id from person p join enrolment e on e.child_id = p.id
         where e.payer_id <> {0} and p.id not in
           (select child_id from guardianship where adult_id = {0}) limit 1",
        scene.parent.0
    ));
    let path = format!("{}/isee/{other}", scene.sheet);
    let refused = clerk.post(&path, &typed("1,00")).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert_eq!(scene.count("isee"), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_familys_money_on_paper_and_nobody_elses() {
    let scene = scene();
    let town = &scene.town;
    let accountant = town.staffs_browser("ragioneria");
    let statement = format!("{}/estratto-conto", scene.sheet);
    let page = accountant.get(&statement).await.page();
    page.says("Situazione dei conti");
    let why = page.attribute("main a[href*=addebiti]", "href");
    let why_page = accountant.get(&why).await.page();
    why_page.says("Come si è calcolato");
    let csv = accountant.get(&format!("{statement}.csv")).await;
    assert_eq!(csv.status, StatusCode::OK);
    // The attestation of last year, issued from the sheet.
    let sheet = accountant.get(&scene.sheet).await.page();
    sheet.says("Attestazioni per il 730");
    let path = format!("{}/attestazioni", scene.sheet);
    let back = accountant.post(&path, &[("year", "2026")]).await.leads_to();
    assert_eq!(back, format!("{}#attestazioni", scene.sheet));
    let sheet = accountant.get(&scene.sheet).await.page();
    let pdf = sheet.attribute("main a[href$='attestazione.pdf']", "href");
    assert!(accountant.get(&pdf).await.body.starts_with(b"%PDF"));
    let other: String = town.ask(&format!(
        "select p.public_id from person p join account a on a.payer_id = p.id
         where p.id <> {} limit 1",
        scene.parent.0
    ));
    let elsewhere = |path: &str| path.replace(&scene.sheet, &format!("/ufficio/famiglie/{other}"));
    for path in [&why, &pdf] {
        let refused = accountant.get(&elsewhere(path)).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_notice_is_printed_from_the_sheet() {
    let scene = scene();
    let clerk = scene.clerk();
    let none = clerk.get(&scene.sheet).await.page();
    none.says("Nessun avviso aperto");
    let account: PublicId = scene.town.ask(&format!(
        "select public_id from account where payer_id = {} and kind = 'family' limit 1",
        scene.parent.0
    ));
    let parent = Actor::Citizen(scene.parent);
    let store = &scene.town.app.store;
    let notice = store
        .write(Urgency::Interactive, move |tx| {
            let amount = campanella::base::Cents(40_00);
            notices::create(tx, &parent, &account, amount, None, support::morning())
        })
        .unwrap();
    let page = clerk.get(&scene.sheet).await.page();
    page.says(&notice.notice_number.grouped());
    let pdf = page.attribute("main a[href$='avviso.pdf']", "href");
    assert!(clerk.get(&pdf).await.body.starts_with(b"%PDF"));
    let (own, other) = (
        pdf.split('/').nth(3).unwrap(),
        scene.town.ask::<String>(&format!(
            "select public_id from person where id <> {} limit 1",
            scene.parent.0
        )),
    );
    let refused = clerk.get(&pdf.replace(own, &other)).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_discounts_asked_stand_beside_their_proof() {
    let scene = scene();
    let (app, applicant) = (
        std::sync::Arc::clone(&scene.town.app),
        Actor::Citizen(scene.parent),
    );
    let apply = move |tx: &rusqlite::Transaction<'_>| {
        let (key, actor, now) = (&app.key, &applicant, support::morning());
        let call: PublicId = tx.query_row(
            "select c.public_id from call c join service s on s.id = c.service_id
             where s.kind = 'transport' order by c.id limit 1",
            [],
            |row| row.get(0),
        )?;
        let read = applications::PrivacyNotice::Read;
        let id = applications::start(tx, actor, &call, read, now)?;
        let mut draft = applications::draft(tx, key, actor, &id)?;
        let choice = applications::ApplicantChoice {
            title: "parent".to_owned(),
            child: applications::OTHER_CHILD.to_owned(),
        };
        draft.choose(tx, actor, choice, now)?;
        let (born, place) = (date(2018, 5, 4), BelfioreCode::parse("A562").unwrap());
        let code = FiscalCode::compute("Verdi", "Ugo", Sex::M, born, place);
        let child = &mut draft.content.child;
        "Verdi".clone_into(&mut child.surname);
        "Ugo".clone_into(&mut child.name);
        "M".clone_into(&mut child.sex);
        "2018-05-04".clone_into(&mut child.birth_date);
        "Borgo San Lieto".clone_into(&mut child.birth_place);
        child.fiscal_code = code.to_string();
        "Via Nuova 1".clone_into(&mut child.address);
        "56017".clone_into(&mut child.postal_code);
        "Borgo San Lieto".clone_into(&mut child.town);
        let class = &applications::classes_for(tx, &draft.call)?[0];
        draft.content.service.class = class.public_id.to_string();
        "fratello già iscritto allo scuolabus".clone_into(&mut draft.content.service.discounts);
        let accept = |text| Some(applications::TextAcceptance { text, at: now });
        draft.content.accepted.privacy = accept(draft.call.privacy);
        draft.content.accepted.conditions = accept(draft.call.conditions);
        applications::save(tx, key, actor, &draft, applications::Step::Sending, now)?;
        let proof = campanella::documents::NewUpload {
            field: "file",
            filename: "stato-di-famiglia.pdf".to_owned(),
            bytes: b"%PDF-1.7 prova".to_vec(),
            certificate: false,
        };
        applications::attach(tx, key, actor, &id, &proof, now)?;
        let revision = applications::draft(tx, key, actor, &id)?.revision;
        applications::submit(tx, key, actor, &id, revision, now)
    };
    let store = &scene.town.app.store;
    store.write(Urgency::Interactive, apply).unwrap();
    let clerk = scene.clerk();
    let page = clerk.get(&scene.sheet).await.page();
    page.says("Agevolazioni chieste: «fratello già iscritto allo scuolabus»");
    page.says("stato-di-famiglia.pdf");
    let file = page.attribute("main a[href*='/documenti/']", "href");
    assert!(clerk.get(&file).await.body.starts_with(b"%PDF-1.7 prova"));
    // Who handles money sees the account, not what was applied for.
    let accountant = scene.town.staffs_browser("ragioneria");
    let page = accountant.get(&scene.sheet).await.page();
    page.is_silent_on("Agevolazioni chieste");
    page.is_silent_on("Disdici un pasto");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_dates_a_residence_and_takes_the_last_one_back() {
    let town = Town::with_families(4);
    let clerk = town.staffs_browser("ufficio");
    let ids = "select a.public_id || ' ' || c.public_id from enrolment e join person a on a.id = e.payer_id
               join person c on c.id = e.child_id where c.resident = 1 order by e.id limit 1";
    let ids: String = town.ask(ids);
    let (payer, child) = ids.split_once(' ').unwrap();
    let sheet = format!("/ufficio/famiglie/{payer}");
    let place = format!("{sheet}/residenza/{child}");
    clerk.get(&sheet).await.page().says("date di residenza");
    clerk
        .get(&place)
        .await
        .page()
        .says("Nessuna data registrata");
    let fields = |source: &'static str| {
        vec![
            ("_key", KEY),
            ("resident", "no"),
            ("from", "2026-11-02"),
            ("source", source),
        ]
    };
    let wrong = clerk.post(&place, &fields("")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    clerk.post(&place, &fields("certificato")).await.leads_to();
    let page = clerk.get(&place).await.page();
    page.says("non è residente");
    page.says("certificato");
    clerk
        .get(&sheet)
        .await
        .page()
        .says("Non residente dal 02/11/2026");
    let last = page.hidden("last");
    let undo = [("_key", OTHER_KEY), ("last", &last)];
    clerk
        .post(&format!("{place}/annulla"), &undo)
        .await
        .leads_to();
    let page = clerk.get(&place).await.page();
    page.says("annullata");
    page.is_silent_on("non è residente");
    let accountant = town.staffs_browser("ragioneria").get(&place).await;
    assert_eq!(accountant.status, StatusCode::FORBIDDEN);
}
