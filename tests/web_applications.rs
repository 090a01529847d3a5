//! An application over HTTP, without JavaScript: the six steps, and what must not happen on the way.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use campanella::base::{Actor, Instant, PersonId, Result, SchoolYear};
use campanella::calls::{self, LegalKind, NewCall};
use campanella::municipality::{self, Grade, NewSchool};
use campanella::people::{
    self, BelfioreCode, FiscalCode, NewHouseholdMember, NewPerson, Person, Sex,
};
use campanella::store::Urgency;
use campanella::web;
use jiff::civil::{Date, date};
use poem::http::StatusCode;
use rusqlite::Transaction;
use support::{Answer, Browser, Town, morning};

/// The town, a call that closes on 15 November, a mother with Luca in her household.
struct Scene {
    town: Town,
    mother: PersonId,
    stranger: PersonId,
    call: String,
    class: String,
    luca: String,
}

fn closing() -> Instant {
    Instant::from_rome(date(2026, 11, 15).at(23, 59, 0, 0))
}

fn add(tx: &Transaction<'_>, surname: &str, name: &str, sex: Sex, born: Date) -> Result<Person> {
    let pisa = BelfioreCode::parse("G702").unwrap();
    let code = FiscalCode::compute(surname, name, sex, born, pisa);
    let text = |text: &str| Some(text.to_owned());
    let new = NewPerson {
        resident: true,
        address: text("Via dei Tigli 4"),
        postal_code: text("56017"),
        town: text("Borgo San Lieto"),
        ..NewPerson::of(&code, surname, name, morning())
    };
    let id = people::add_person(tx, &new, morning())?;
    people::person(tx, id)
}

fn scene() -> Scene {
    let town = Town::founded();
    let (mother, stranger, call, class, luca) = town
        .app
        .store
        .write(Urgency::Interactive, |tx| {
            let mother = add(tx, "Rossi", "Mara", Sex::F, date(1985, 12, 10))?;
            let stranger = add(tx, "Verdi", "Ugo", Sex::M, date(1980, 1, 2))?;
            let luca = add(tx, "Rossi", "Luca", Sex::M, date(2019, 5, 4))?;
            for adult in [&mother, &stranger] {
                let complete = Person {
                    phone: Some("333 1234567".to_owned()),
                    email: Some("io@example.it".to_owned()),
                    ..adult.clone()
                };
                people::update_contacts(tx, &complete, morning())?;
            }
            for (person, relation) in [(&mother, "intestatario scheda"), (&luca, "figlio")] {
                let member = NewHouseholdMember {
                    registry_code: "F001",
                    address: "Via dei Tigli 4",
                    person: person.id,
                    relation,
                    since: None,
                };
                people::record_household_member(tx, &member, morning())?;
            }
            let school = NewSchool {
                code: "PRIM1",
                name: "Primaria Collodi",
                grade: Grade::Primaria,
                address: "Via Roma 1",
            };
            let school = municipality::add_school(tx, &school)?;
            let year = SchoolYear::starting_in(2026);
            municipality::add_class(tx, school, year, "1A")?;
            let class = municipality::classes_of_year(tx, year)?.remove(0);
            let text = |kind| {
                let newest = calls::newest_legal_text(tx, kind, None)?;
                newest
                    .map(|t| t.id)
                    .ok_or(campanella::base::Error::NotFound)
            };
            let service = municipality::service_by_code(tx, "mensa")?.unwrap();
            let new = NewCall {
                title: "Iscrizione alla mensa 2026/2027",
                description: "Per chi frequenta le scuole del comune",
                service: service.id,
                year,
                opens_at: morning(),
                closes_at: closing(),
                privacy: text(LegalKind::Privacy)?,
                conditions: text(LegalKind::Conditions)?,
                documents_note: "Carta d’identità del richiedente",
                documents_required: true,
            };
            let call = calls::add_call(tx, &Actor::System("test"), &new, morning())?;
            let call = calls::call(tx, call)?.public_id;
            Ok((
                mother.id,
                stranger.id,
                call,
                class.public_id,
                luca.public_id,
            ))
        })
        .unwrap();
    Scene {
        town,
        mother,
        stranger,
        call: call.to_string(),
        class: class.to_string(),
        luca: luca.to_string(),
    }
}

impl Scene {
    fn browser(&self, person: PersonId) -> Browser {
        self.town.citizens_browser(person)
    }
}

impl Browser {
    async fn revision(&self, path: &str) -> String {
        self.get(path).await.page().hidden("revision")
    }

    /// "+ Nuova domanda": the draft's address.
    async fn start(&self, scene: &Scene) -> String {
        let path = format!("/area/avvisi/{}/domanda", scene.call);
        let key = self.get(&path).await.page().hidden("_key");
        let fields = [("privacy", "1"), ("_key", &key)];
        let location = self.post(&path, &fields).await.leads_to();
        location.strip_suffix("/richiedente").unwrap().to_owned()
    }

    async fn step(&self, draft: &str, slug: &str, fields: &[(&str, &str)]) -> Answer {
        let path = format!("{draft}/{slug}");
        let revision = self.revision(&path).await;
        let fields = [fields, &[("revision", revision.as_str())]].concat();
        self.post(&path, &fields).await
    }

    /// Fills the six steps in for Luca and stops before sending.
    async fn fill(&self, scene: &Scene) -> String {
        let draft = self.start(scene).await;
        let choice = [("title", "parent"), ("child", scene.luca.as_str())];
        let next = self.step(&draft, "richiedente", &choice).await.leads_to();
        assert_eq!(next, format!("{draft}/alunno"));
        let next = self.step(&draft, "alunno", &[]).await.leads_to();
        assert_eq!(next, format!("{draft}/dati"));
        let data = [
            ("class", scene.class.as_str()),
            ("diet", "-"),
            ("isee_consent", "1"),
            ("isee_value", "12.345,67"),
        ];
        let next = self.step(&draft, "dati", &data).await.leads_to();
        assert_eq!(next, format!("{draft}/dichiarazioni"));
        let conditions = [("conditions", "1")];
        let next = self.step(&draft, "dichiarazioni", &conditions).await;
        let next = next.leads_to();
        assert_eq!(next, format!("{draft}/documenti"));
        let path = format!("{draft}/documenti");
        let pdf = b"%PDF-1.7 carta";
        let next = self.upload(&path, "carta.pdf", pdf, &[]).await.leads_to();
        assert_eq!(next, format!("{draft}/invio"));
        draft
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_before_the_privacy_notice_was_read() {
    let scene = scene();
    let mara = scene.browser(scene.mother);
    let path = format!("/area/avvisi/{}/domanda", scene.call);
    let page = mara.get(&path).await.page();
    assert_eq!(page.all("h1"), ["Prima di iniziare"]);
    assert_eq!(page.all("main details").len(), 1);
    let key = page.hidden("_key");
    let refused = mara.post(&path, &[("_key", key.as_str())]).await;
    let refused = refused.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    refused.says("Leggi l’informativa sulla privacy e conferma la presa visione.");
    assert_eq!(scene.town.ask::<i64>("select count(*) from draft"), 0);
    let draft = mara.start(&scene).await;
    let kept: i64 = scene
        .town
        .ask("select json_extract(content, '$.accepted.privacy.text') from draft limit 1");
    let asked: i64 = scene.town.ask("select privacy_id from call limit 1");
    assert_eq!(kept, asked, "{draft} keeps the version");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_six_steps_from_the_call_to_the_receipt() {
    let scene = scene();
    let mara = scene.browser(scene.mother);
    let calls = mara.get("/area/domande/nuova").await.page();
    assert_eq!(
        calls.all("thead th")[..5],
        [
            "Avviso",
            "Descrizione estesa",
            "Inizia dal",
            "Scade il",
            "Stato"
        ]
    );
    calls.says("03/11/2026 - 08:00");
    calls.says("15/11/2026 - 23:59");
    calls.says("mancano 12 giorni");
    calls.says("+ Nuova domanda");

    let draft = mara.start(&scene).await;
    let step = mara.get(&format!("{draft}/richiedente")).await.page();
    assert_eq!(step.all("main h1"), ["Iscrizione alla mensa 2026/2027"]);
    assert_eq!(step.all("main > h2")[0], "Step 1 – Dati del richiedente");
    step.says("Il genitore che effettua la domanda sarà l’intestatario dei pagamenti");
    step.says("Rossi Luca");
    assert_eq!(step.all("button.btn-primary"), ["Salva e continua"]);
    // A step that was not reached leads back.
    let early = mara.get(&format!("{draft}/invio")).await.leads_to();
    assert_eq!(early, format!("{draft}/richiedente"));
    // Nothing chosen: both questions are named, at their fields.
    let again = mara.step(&draft, "richiedente", &[]).await;
    let again = again.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(again.all(".error-summary a").len(), 2);
    again.says("Scegli per chi è la domanda.");

    let choice = [("title", "parent"), ("child", scene.luca.as_str())];
    mara.step(&draft, "richiedente", &choice).await.leads_to();
    let child = mara.get(&format!("{draft}/alunno")).await.page();
    assert_eq!(child.all("main > h2")[0], "Step 2 – Dati alunno utente");
    child.says("04/05/2019");
    mara.step(&draft, "alunno", &[]).await.leads_to();

    let step = mara.get(&format!("{draft}/dati")).await.page();
    assert_eq!(step.all("main > h2")[0], "Step 3 – Dati obbligatori");
    assert_eq!(step.attribute("optgroup", "label"), "Primaria Collodi");
    let diet = step.all("#diet option").len();
    assert!(diet > 2, "the catalogue's diets are offered");
    let code = step.attribute("#diet option:nth-child(3)", "value");
    let data = [("class", scene.class.as_str()), ("diet", code.as_str())];
    mara.step(&draft, "dati", &data).await.leads_to();

    let step = mara.get(&format!("{draft}/dichiarazioni")).await.page();
    assert_eq!(step.all("main > h2")[0], "Step 4 – Dichiarazioni");
    assert_eq!(step.all("details").len(), 2);
    let privacy = format!("/area/avvisi/{}/privacy", scene.call);
    mara.get(&privacy).await.page().says("Versione 1");
    step.says("Hai confermato di averla letta e compresa martedì 3 novembre 2026");
    let one = mara.step(&draft, "dichiarazioni", &[]).await;
    let one = one.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    one.says("Leggi le condizioni generali del servizio e accettale.");
    assert!(one.all("#privacy").is_empty(), "it is not asked for twice");
    let conditions = [("conditions", "1")];
    let next = mara.step(&draft, "dichiarazioni", &conditions).await;
    next.leads_to();

    let step = mara.get(&format!("{draft}/documenti")).await.page();
    assert_eq!(step.all("main > h2")[0], "Step 5 – Documenti");
    step.says("Carta d’identità del richiedente");
    step.says("Hai chiesto una dieta speciale");
    let path = format!("{draft}/documenti");
    let none = mara.upload(&path, "", b"", &[]).await;
    none.page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("Per questo avviso serve almeno un documento");
    let pdf = b"%PDF-1.7 certificato";
    let attach = ["attach", "certificate"];
    mara.upload(&path, "dieta.pdf", pdf, &attach)
        .await
        .leads_to();
    let step = mara.get(&path).await.page();
    step.says("Documento allegato.");
    step.says("Certificato medico, riservato");
    let href = step.attribute(".panel a", "href");
    assert_eq!(mara.get(&href).await.body, pdf, "its owner reads it back");
    mara.upload(&path, "", b"", &[]).await.leads_to();

    let summary = mara.get(&format!("{draft}/invio")).await.page();
    assert_eq!(summary.all("main > h2")[0], "Step 6 – Invio richiesta");
    summary.says("Rossi Luca");
    summary.says("Primaria Collodi, 1A");
    summary.says("Modifica: dati dell’alunno");
    let (key, revision) = (summary.hidden("_key"), summary.hidden("revision"));
    let send = [("_key", key.as_str()), ("revision", revision.as_str())];
    let path = format!("{draft}/invio");
    let confirmed = mara.post(&path, &send).await.leads_to();

    let page = mara.get(&confirmed).await.page();
    page.says("Domanda inviata");
    page.says("D-2026-000001");
    page.says("Prossimi passi");
    page.says("Torna all’elenco");
    page.says("Esci");
    let receipt = page.attribute("a[href$=ricevuta]", "href");
    let receipt = mara.get(&receipt).await;
    assert!(receipt.body.starts_with(b"%PDF"));

    let list = mara.get("/area/domande").await.page();
    list.says("D-2026-000001");
    list.says("In esame");
    let detail = mara.get(&list.attribute("main th a", "href")).await.page();
    detail.says("Storia della domanda");
    let file = detail.attribute("main ul a[href*=documenti]", "href");
    assert_eq!(mara.get(&file).await.body, pdf);
    // Back in the browser: the draft's addresses lead to what it became.
    let back = mara.get(&format!("{draft}/dati")).await.leads_to();
    assert!(back.starts_with("/area/domande/inviata/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_saved_without_checks_and_reopens_where_it_was_left() {
    let scene = scene();
    let ugo = scene.browser(scene.stranger);
    let draft = ugo.start(&scene).await;
    // No household in the register: nothing to choose, the child is typed.
    let title = [("title", "guardian")];
    ugo.step(&draft, "richiedente", &title).await.leads_to();
    let typed = [
        ("surname", "D’Angelò"),
        ("birth_date_d", "31"),
        ("birth_date_m", "2"),
        ("birth_date_y", "2020"),
        ("fiscal_code", "DNGNNA20"),
        ("save_draft", "1"),
    ];
    ugo.step(&draft, "alunno", &typed).await.leads_to();
    let page = ugo.get(&format!("{draft}/alunno")).await.page();
    page.says("Bozza salvata alle 08:0");
    assert_eq!(page.attribute("#surname", "value"), "D’Angelò");
    assert_eq!(page.attribute("#birth_date", "value"), "31");
    assert_eq!(page.attribute("#birth_date_y", "value"), "2020");
    assert_eq!(page.attribute("#fiscal_code", "value"), "DNGNNA20");
    let list = ugo.get("/area/domande/nuova").await.page();
    list.says("Domande in bozza");
    let open = ugo.get(&draft).await.leads_to();
    assert_eq!(open, format!("{draft}/alunno"));
    // The check character is wrong: it blocks, and says so at the field.
    let wrong = [
        ("surname", "Rossi"),
        ("name", "Luca"),
        ("sex", "M"),
        ("birth_date_d", "4"),
        ("birth_date_m", "5"),
        ("birth_date_y", "2019"),
        ("birth_place", "Pisa"),
        ("fiscal_code", "RSSLCU19E04G702A"),
        ("address", "Via Lunga 1"),
        ("postal_code", "56100"),
        ("town", "Pisa"),
    ];
    let page = ugo.step(&draft, "alunno", &wrong).await;
    let page = page.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.all(".error-summary a").len(), 1);
    assert_eq!(page.attribute("#fiscal_code", "aria-invalid"), "true");
    assert_eq!(page.attribute("#fiscal_code", "value"), "RSSLCU19E04G702A");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_are_told_of_each_other() {
    let scene = scene();
    let mara = scene.browser(scene.mother);
    let draft = mara.fill(&scene).await;
    let path = format!("{draft}/dati");
    let revision = mara.revision(&path).await;
    let data = |discounts, revision| {
        [
            ("class", scene.class.as_str()),
            ("diet", "-"),
            ("discounts", discounts),
            ("revision", revision),
        ]
    };
    mara.post(&path, &data("primo", &revision)).await.leads_to();
    let second = mara.post(&path, &data("secondo", &revision)).await;
    let second = second.page_with(StatusCode::CONFLICT);
    second.says("è stata salvata in un’altra scheda");
    assert_eq!(
        second.all("#discounts"),
        ["secondo"],
        "what was typed is kept"
    );
    let page = mara.get(&path).await.page();
    assert_eq!(page.all("#discounts"), ["primo"], "what was saved is kept");
    // Whoever read the warning and saves again has decided.
    let newest = second.hidden("revision");
    mara.post(&path, &data("secondo", &newest)).await.leads_to();
    let page = mara.get(&path).await.page();
    assert_eq!(page.all("#discounts"), ["secondo"]);
    // A summary from before the change does not send what was never read.
    let send = [("_key", KEY), ("revision", revision.as_str())];
    let stale = mara.post(&format!("{draft}/invio"), &send).await;
    stale
        .page_with(StatusCode::CONFLICT)
        .says("Il riepilogo qui sotto è aggiornato");
    assert_eq!(scene.town.ask::<i64>("select count(*) from application"), 0);
}

const KEY: &str = "00000000000000000000000001";

#[tokio::test(flavor = "multi_thread")]
async fn a_double_click_sends_once_and_nothing_changes_what_was_sent() {
    let scene = scene();
    let mara = scene.browser(scene.mother);
    let draft = mara.fill(&scene).await;
    let path = format!("{draft}/invio");
    let summary = mara.get(&path).await.page();
    let (key, revision) = (summary.hidden("_key"), summary.hidden("revision"));
    let send = [("_key", key.as_str()), ("revision", revision.as_str())];
    let (one, two) = tokio::join!(mara.post(&path, &send), mara.post(&path, &send));
    let (one, two) = (one.leads_to(), two.leads_to());
    assert_eq!(one, two);
    // Another key, as after "back" and a reload, finds it too.
    let other = [("_key", KEY), ("revision", revision.as_str())];
    assert_eq!(mara.post(&path, &other).await.leads_to(), one);
    let count = || scene.town.ask::<i64>("select count(*) from application");
    assert_eq!(count(), 1);

    let fingerprint = || {
        scene.town.ask::<String>(
            "select hex(a.sha256) || a.content || hex(a.special) || group_concat(hex(c.bytes))
               || (select count(*) from application_event)
             from application a join application_attachment x on x.application_id = a.id
             join document_content c on c.document_id = x.document_id",
        )
    };
    let before = fingerprint();
    let id = one.split('/').nth(4).unwrap().to_owned();
    let document: String = scene
        .town
        .ask("select public_id from document where kind = 'attachment'");
    let draft_id = draft.rsplit('/').next().unwrap();
    let mut tried = 0;
    for route in web::routes() {
        if route.verb != web::Verb::Post || !route.path.starts_with("/area/") {
            continue;
        }
        if route.path.ends_with("/esci") {
            continue;
        }
        for own in [id.as_str(), draft_id] {
            let path = route
                .path
                .replace(":id", own)
                .replace(":document", &document);
            let fields = [
                ("_key", KEY),
                ("revision", revision.as_str()),
                ("call", scene.call.as_str()),
                ("title", "foster"),
                ("child", "other"),
                ("discounts", "tutto gratis"),
            ];
            mara.post(&path, &fields).await;
            mara.upload(&path, "altro.pdf", b"%PDF-1.7 altro", &["attach"])
                .await;
            tried += 1;
        }
    }
    assert!(tried >= 14, "the routes of applications are among them");
    assert_eq!(fingerprint(), before);
    for sql in [
        "update application set content = '{}'",
        "delete from application",
        "update document_content set bytes = x'00'",
        "delete from application_event",
    ] {
        let refused = scene
            .town
            .app
            .store
            .write(Urgency::Interactive, move |tx| Ok(tx.execute(sql, [])?));
        assert!(refused.is_err(), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_closes_meanwhile_says_so_and_keeps_the_draft() {
    let scene = scene();
    let mara = scene.browser(scene.mother);
    let draft = mara.fill(&scene).await;
    let path = format!("{draft}/invio");
    let summary = mara.get(&path).await.page();
    let (key, revision) = (summary.hidden("_key"), summary.hidden("revision"));
    let later = scene.town.at(closing().plus_millis(3_600_000));
    // The session is opened anew: twelve days have passed.
    let elsewhere = Town {
        folder: tempfile::tempdir().unwrap(),
        app: later,
    };
    let mara = elsewhere.citizens_browser(scene.mother);
    let send = [("_key", key.as_str()), ("revision", revision.as_str())];
    let page = mara.post(&path, &send).await;
    let page = page.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    page.says("L’avviso è scaduto domenica 15 novembre 2026, ore 23:59");
    page.says("La bozza resta conservata");
    let step = mara.get(&format!("{draft}/dati")).await.page();
    step.says("L’avviso è scaduto");
    let list = mara.get("/area/domande/nuova").await.page();
    list.says("Bozza per Luca");
    assert!(list.all("main form").is_empty(), "nothing can be started");
    let read = format!("/area/avvisi/{}", scene.call);
    mara.get(&read).await.page().says("L’avviso è scaduto");
    let begin = format!("{read}/domanda");
    assert_eq!(mara.get(&begin).await.leads_to(), read);
    let refused = mara.post(&begin, &[("_key", KEY), ("privacy", "1")]).await;
    refused.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(scene.town.ask::<i64>("select count(*) from application"), 0);
    assert_eq!(scene.town.ask::<i64>("select count(*) from draft"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_draft_and_application_are_not_found() {
    let scene = scene();
    let (mara, ugo) = (scene.browser(scene.mother), scene.browser(scene.stranger));
    let draft = mara.fill(&scene).await;
    let document: String = scene.town.ask("select public_id from document");
    for path in [
        draft.clone(),
        format!("{draft}/richiedente"),
        format!("{draft}/invio"),
        format!("{draft}/elimina"),
        format!("{draft}/documenti/{document}"),
    ] {
        assert_eq!(ugo.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in [
        format!("{draft}/richiedente"),
        format!("{draft}/invio"),
        format!("{draft}/elimina"),
        format!("{draft}/documenti/{document}/elimina"),
    ] {
        let answer = ugo.post(&path, &[("_key", KEY), ("revision", "1")]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(scene.town.ask::<i64>("select count(*) from draft"), 1);
    let path = format!("{draft}/invio");
    let revision = mara.revision(&path).await;
    let send = [("_key", KEY), ("revision", revision.as_str())];
    let confirmed = mara.post(&path, &send).await.leads_to();
    let sent = confirmed.strip_suffix("/conferma").unwrap();
    for path in [
        sent.to_owned(),
        confirmed.clone(),
        format!("{sent}/ricevuta"),
        format!("{sent}/documenti/{document}"),
    ] {
        assert_eq!(mara.get(&path).await.status, StatusCode::OK, "{path}");
        assert_eq!(ugo.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_judged_by_their_content() {
    let scene = scene();
    let mara = scene.browser(scene.mother);
    let draft = mara.fill(&scene).await;
    let path = format!("{draft}/documenti");
    let refused = mara
        .upload(&path, "isee.pdf", "caro comune".as_bytes(), &["attach"])
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    refused.says("Il file “isee.pdf” è un file di testo, non un PDF");
    assert_eq!(refused.attribute("#file", "aria-invalid"), "true");
    let large = [b"%PDF-1.7 ".as_slice(), &vec![b' '; 6 * 1024 * 1024]].concat();
    let refused = mara
        .upload(&path, "foto.pdf", &large, &["attach"])
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    refused.says("è di 6,1 MB: il limite è 5 MB");
    let huge = vec![b' '; 25 * 1024 * 1024];
    let refused = mara.upload(&path, "foto.pdf", &huge, &["attach"]).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(scene.town.ask::<i64>("select count(*) from document"), 1);
    let nothing = mara.upload(&path, "", b"", &["attach"]).await;
    nothing
        .page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("Scegli un file da allegare.");
    let document: String = scene.town.ask("select public_id from document");
    let remove = format!("{path}/{document}/elimina");
    mara.post(&remove, &[]).await.leads_to();
    assert_eq!(scene.town.ask::<i64>("select count(*) from document"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_my_data_nothing_starts() {
    let scene = scene();
    let newcomer = scene
        .town
        .app
        .store
        .write(Urgency::Interactive, |tx| {
            let pisa = BelfioreCode::parse("G702").unwrap();
            let born = date(1990, 1, 1);
            let code = FiscalCode::compute("Neri", "Ada", Sex::F, born, pisa);
            let new = NewPerson::of(&code, "Neri", "Ada", morning());
            people::add_person(tx, &new, morning())
        })
        .unwrap();
    let ada = scene.browser(newcomer);
    let page = ada.get("/area/domande/nuova").await.page();
    page.says("Completa “I miei dati”");
    assert_eq!(page.attribute("main a.btn-primary", "href"), "/area/dati");
    assert!(page.all("main form").is_empty());
    let begin = format!("/area/avvisi/{}/domanda", scene.call);
    let refused = ada.post(&begin, &[("_key", KEY), ("privacy", "1")]).await;
    refused
        .page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("Prima di presentare una domanda completa “I miei dati”.");
}
