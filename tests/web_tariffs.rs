//! Tariffs over HTTP: a clerk writes one in the form and as text, tries it on closed days and
//! publishes it; a family simulates a fee.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use std::sync::Arc;

use campanella::store::Urgency;
use campanella::{charging, municipality, processes::work, tariffs};
use jiff::civil::date;
use poem::http::StatusCode;
use support::{Browser, Page, Town};

const KEY: &str = "00000000000000000000000001";
const OTHER_KEY: &str = "00000000000000000000000002";
const LISSONE: &str = include_str!("../examples/tariffs/lissone-mensa.toml");

fn clerk(town: &Town) -> Browser {
    town.staffs_browser("ufficio")
}

/// Waits until the jobs are done.
async fn jobs_done(town: &Town) {
    work::resume_all(&town.app).unwrap();
    let waiting = "select count(*) from job where state in ('waiting', 'running')";
    for _ in 0..200 {
        if town.ask::<i64>(waiting) == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// Opens a blank draft for meals; where it is.
async fn draft(town: &Town, clerk: &Browser) -> String {
    let service: String = town.ask("select public_id from service where code = 'mensa'");
    let fields = [("_key", KEY), ("service", service.as_str())];
    let form = clerk
        .post("/ufficio/tariffe/bozze", &fields)
        .await
        .leads_to();
    form.strip_suffix("/modulo").unwrap().to_owned()
}

/// A draft with this text.
async fn draft_of(town: &Town, clerk: &Browser, source: &str) -> String {
    let draft = draft(town, clerk).await;
    let fields = [("revision", "1"), ("source", source)];
    clerk
        .post(&format!("{draft}/testo"), &fields)
        .await
        .leads_to();
    draft
}

fn revision(page: &Page) -> String {
    page.hidden("revision")
}

/// What the form of a blank draft sends, with this price.
fn blank<'a>(revision: &'a str, price: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("revision", revision),
        ("columns", "meals"),
        ("name", "Mensa 2027"),
        ("mode", "half_up"),
        ("place", "unit"),
        ("to", "0,01"),
        ("siblings", "users"),
        ("component-0-at", "0"),
        ("component-0-kind", "fixed"),
        ("component-0-code", "meal"),
        ("component-0-unit", "meal"),
        ("component-0-price", price),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_tariff_is_told_in_words_and_copied() {
    let town = Town::with_families(2);
    let clerk = clerk(&town);
    let list = clerk.get("/ufficio/tariffe").await.page();
    list.says("Refezione scolastica 2025-2027");
    list.says("in vigore");
    list.says("Nuova tariffa di Trasporto scolastico");
    let id: String =
        town.ask("select t.public_id from tariff t join service s on s.id = t.service_id and s.code = 'mensa'");
    let place = format!("/ufficio/tariffe/{id}");
    let page = clerk.get(&place).await.page();
    page.says("Prezzo di un pasto");
    page.says("ISEE oltre 6.000,00 € e fino a 11.000,00 €");
    let file = clerk.get(&format!("{place}/tariffa.toml")).await;
    assert_eq!(
        file.text(),
        town.ask::<String>(&format!(
            "select source from tariff where public_id = '{id}'"
        ))
    );
    let form = clerk
        .post(&format!("{place}/copia"), &[("_key", KEY)])
        .await
        .leads_to();
    let again = clerk
        .post(&format!("{place}/copia"), &[("_key", KEY)])
        .await
        .leads_to();
    assert_eq!(form, again);
    clerk.get(&form).await.page().says("Fasce ISEE");
    assert_eq!(town.ask::<i64>("select count(*) from tariff_draft"), 1);
    let strange = clerk
        .get("/ufficio/tariffe/00000000000000000000000001")
        .await;
    assert_eq!(strange.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn buttons_keep_what_was_typed_and_save_nothing() {
    let town = Town::with_families(1);
    let clerk = clerk(&town);
    let draft = draft(&town, &clerk).await;
    let form = format!("{draft}/modulo");
    let mut fields = blank("1", "quattro");
    fields.push(("do", "add-case"));
    let page = clerk.post(&form, &fields).await.page();
    assert_eq!(page.attribute("#component-0-price", "value"), "quattro");
    assert_eq!(page.attribute("#name", "value"), "Mensa 2027");
    assert_eq!(page.all("#case-0-what").len(), 1);
    page.says("Le modifiche non sono ancora salvate");
    assert_eq!(town.ask::<i64>("select revision from tariff_draft"), 1);
    // Saved, it is no price: nothing is written, and the field says so.
    let page = clerk
        .post(&form, &blank("1", "quattro"))
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.attribute("#component-0-price", "aria-invalid"), "true");
    assert_eq!(town.ask::<i64>("select revision from tariff_draft"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_saving_of_the_form_is_taken_back() {
    let town = Town::with_families(1);
    let clerk = clerk(&town);
    let draft = draft(&town, &clerk).await;
    let (form, undo) = (format!("{draft}/modulo"), format!("{draft}/annulla"));
    let fresh = clerk.get(&form).await.page();
    fresh.is_silent_on("Annulla l’ultimo salvataggio");
    // Nothing was saved yet.
    clerk
        .post(&undo, &[("revision", "1")])
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);

    clerk.post(&form, &blank("1", "4,80")).await.leads_to();
    clerk.post(&form, &blank("2", "48,00")).await.leads_to();
    let page = clerk.get(&form).await.page();
    assert_eq!(page.attribute("#component-0-price", "value"), "48,00");
    assert_eq!(page.attribute("form[action$='/annulla']", "action"), undo);
    // A tab that shows an older saving takes nothing back.
    let old = clerk.post(&undo, &[("revision", "2")]).await;
    assert_eq!(old.status, StatusCode::CONFLICT);
    let now = [("revision", "3")];
    assert_eq!(clerk.post(&undo, &now).await.leads_to(), form);
    let page = clerk.get(&form).await.page();
    assert_eq!(page.attribute("#component-0-price", "value"), "4,80");
    // The same button again: what was taken back is there again.
    let again = [("revision", "4")];
    assert_eq!(clerk.post(&undo, &again).await.leads_to(), form);
    let page = clerk.get(&form).await.page();
    assert_eq!(page.attribute("#component-0-price", "value"), "48,00");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_becomes_a_tariff_when_its_examples_hold() {
    let town = Town::with_families(1);
    let clerk = clerk(&town);
    let draft = draft(&town, &clerk).await;
    let (form, publish) = (format!("{draft}/modulo"), format!("{draft}/pubblica"));
    let example = |expect: &'static str| {
        vec![
            ("case-0-at", ""),
            ("case-0-what", "dieci pasti"),
            ("case-0-fact-meals", "10"),
            ("case-0-expect", expect),
        ]
    };
    let wrong = [blank("1", "4,80"), example("48,01")].concat();
    clerk.post(&form, &wrong).await.leads_to();
    let page = clerk.get(&form).await.page();
    page.says("Un esempio non torna");
    page.says("costa 48,00 €");
    page.says("10 pasti × 4,80 € = 48,00 €.");
    assert_eq!(revision(&page), "2");
    let day = [("from", "2027-01-07"), ("seen", "2027-01-07")];
    let send = |revision: &'static str| [vec![("revision", revision)], day.to_vec()].concat();
    let refused = clerk
        .post(&publish, &send("2"))
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    refused.says("La tariffa ha un errore o un esempio che non torna");
    assert_eq!(
        town.ask::<i64>("select count(*) from tariff where version > 1"),
        0
    );

    // Somebody else's tab still shows the first text.
    clerk
        .post(&form, &[blank("1", "5,00"), example("50,00")].concat())
        .await
        .page_with(StatusCode::CONFLICT);
    let mut right = [blank("2", "4,80"), example("48,00")].concat();
    right
        .iter_mut()
        .find(|(name, _)| *name == "case-0-at")
        .unwrap()
        .1 = "0";
    clerk.post(&form, &right).await.leads_to();
    clerk.get(&form).await.page().says("L’esempio torna");

    // The day was changed on the page: first its consequences are shown.
    let moved = [
        ("revision", "3"),
        ("from", "2026-10-01"),
        ("seen", "2026-11-04"),
    ];
    let page = clerk.post(&publish, &moved).await.page();
    page.says("Hai cambiato il giorno");
    page.says("giornate già chiuse");
    assert_eq!(page.hidden("seen"), "2026-10-01");
    let place = clerk.post(&publish, &send("3")).await.leads_to();
    let page = clerk.get(&place).await.page();
    page.says("vale per i giorni dal 07/01/2027");
    page.says("applies = { service = \"mensa\", from = \"2027-01-07\" }");
    assert_eq!(town.ask::<i64>("select count(*) from tariff_draft"), 0);
    let told: String = town.ask(
        "select group_concat(action, ' ') from audit_entry where actor = 'staff' and subject like 'tariff%'",
    );
    assert_eq!(
        told,
        "begin-tariff-draft change-tariff-draft change-tariff-draft publish-tariff"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faulty_text_is_kept_and_its_fault_named_by_line() {
    let town = Town::with_families(1);
    let clerk = clerk(&town);
    let draft = draft(&town, &clerk).await;
    let broken = LISSONE.replace("price = \"2.55\"", "price = 2.55");
    let fields = [("revision", "1"), ("source", broken.as_str())];
    let page = clerk
        .post(&format!("{draft}/testo"), &fields)
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    page.says("Riga 16, voce meal, fascia 3");
    assert_eq!(revision(&page), "2");
    assert!(page.0.contains("price = 2.55"));
    // The form shows it too, and can mend it.
    clerk
        .get(&format!("{draft}/modulo"))
        .await
        .page()
        .says("Riga 16");
    let fields = [("revision", "2"), ("source", "name = \n")];
    clerk
        .post(&format!("{draft}/testo"), &fields)
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    clerk
        .get(&format!("{draft}/modulo"))
        .await
        .page()
        .says("Il testo non si legge");
    clerk
        .post(&format!("{draft}/elimina"), &[("revision", "3")])
        .await
        .leads_to();
    assert_eq!(clerk.get(&draft).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prepaid_service_takes_no_rule_that_its_days_cannot_satisfy() {
    let town = Town::with_families(1);
    let clerk = clerk(&town);
    let monthly = "name = \"x\"\n[[component]]\ncode = \"q\"\nunit = \"month\"\nprice = \"5.00\"\n\
        [[case]]\nwhat = \"a month\"\nexpect = \"5.00\"\n";
    let draft = draft_of(&town, &clerk, monthly).await;
    let publish = format!("{draft}/pubblica");
    clerk
        .get(&publish)
        .await
        .page()
        .says("Questo servizio non si può addebitare così");
    let fields = [
        ("revision", "2"),
        ("from", "2027-01-07"),
        ("seen", "2027-01-07"),
    ];
    clerk
        .post(&publish, &fields)
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        town.ask::<i64>("select count(*) from tariff where version > 1"),
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rule_that_charged_would_charge_the_same() {
    let town = Town::with_families(12);
    let clerk = clerk(&town);
    let id: String =
        town.ask("select t.public_id from tariff t join service s on s.id = t.service_id and s.code = 'mensa'");
    let page = clerk
        .get(&format!("/ufficio/tariffe/{id}/confronto"))
        .await
        .page();
    let days: i64 = town.ask(
        "select count(*) from charge c join enrolment e on e.id = c.enrolment_id join service s on s.id = e.service_id
         where s.code = 'mensa' and c.day between '2025-09-01' and '2026-08-31'",
    );
    assert!(days > 100, "{days}");
    let stats = page.all(".stat");
    assert_eq!(stats[1], format!("{days} giornate addebitate"));
    assert_eq!(stats[4], "0,00 € differenza");
    page.says("Pagherebbero di più (0)");

    // One euro more for each meal, and a fact that nobody records.
    let dearer = "name = \"x\"\n[[component]]\ncode = \"m\"\nunit = \"meal\"\nprice = \"10.00\"\n\
        [[modifier]]\nlabel = \"y\"\nwhen = { social_services_exemption = true }\npercent = \"-100\"\n";
    let draft = draft_of(&town, &clerk, dearer).await;
    let page = clerk
        .get(&format!("{draft}/confronto?chi=di-piu"))
        .await
        .page();
    page.says("La tariffa chiede: esenzione dei servizi sociali");
    page.says(&format!("{days} giornate addebitate"));
    let children = town.ask::<i64>(
        "select count(distinct e.child_id) from charge c join enrolment e on e.id = c.enrolment_id
         join service s on s.id = e.service_id
         where s.code = 'mensa' and c.day between '2025-09-01' and '2026-08-31'",
    );
    page.says(&format!("Pagherebbero di più ({children})"));
    let csv = clerk.get(&format!("{draft}/confronto.csv")).await.text();
    assert_eq!(csv.lines().count() as i64, children + 1, "{csv}");
    let nothing = clerk
        .get(&format!("{draft}/confronto?dal=2020-01-01&al=2020-02-01"))
        .await
        .page();
    nothing.says("In questo periodo non si è addebitato niente");
    let reversed = clerk
        .get(&format!("{draft}/confronto?dal=2026-02-01&al=2026-01-01"))
        .await;
    reversed.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    // Nothing of it is written.
    assert_eq!(town.ask::<i64>("select count(*) from charge c join enrolment e on e.id = c.enrolment_id join service s on s.id = e.service_id where s.code = 'mensa' and c.day between '2025-09-01' and '2026-08-31'"), days);
}

#[tokio::test(flavor = "multi_thread")]
async fn bills_are_tried_too() {
    let town = Town::with_families(30);
    let clerk = clerk(&town);
    let id: String = town.ask(
        "select t.public_id from tariff t join service s on s.id = t.service_id and s.code = 'scuolabus'",
    );
    let billed: i64 = town.ask(
        "select sum(c.amount) from charge c join enrolment e on e.id = c.enrolment_id
         join service s on s.id = e.service_id and s.code = 'scuolabus' where c.bill_line_id is not null",
    );
    assert!(billed > 0);
    let place = format!("/ufficio/tariffe/{id}/confronto?dal=2025-09-01&al=2026-11-30");
    let page = clerk.get(&place).await.page();
    let stats = page.all(".stat");
    assert_eq!(stats[4], "0,00 € differenza", "{stats:?}");
    assert!(!stats[2].starts_with("0,00"), "{stats:?}");
}

/// More charges than somebody waits for take a job, which finds the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_compares_what_the_page_compares_at_once() {
    let town = Town::with_families(30);
    let clerk = clerk(&town);
    let period = (date(2025, 9, 10), date(2026, 11, 30));
    for (code, key) in [("mensa", KEY), ("scuolabus", OTHER_KEY)] {
        let id: String = town.ask(&format!(
            "select t.public_id from tariff t join service s on s.id = t.service_id and s.code = '{code}'"
        ));
        let place = format!(
            "/ufficio/tariffe/{id}/confronto?dal={}&al={}",
            period.0, period.1
        );
        let started = clerk.post(&place, &[("_key", key)]).await.leads_to();
        assert_eq!(started, place);
        jobs_done(&town).await;
        let (job, found, at_once) = town
            .app
            .store
            .read(|db| {
                let service = municipality::service_by_code(db, code)?.unwrap();
                let sql = "select source from tariff where public_id = ?1";
                let source: String = db.query_row(sql, [&id], |row| row.get(0))?;
                let job = charging::newest_what_if(db, &service, &source, period)?.unwrap();
                let rule = tariffs::parse_published(&source).unwrap();
                let at_once = charging::what_if(db, &service, &rule, period)?;
                let other = charging::newest_what_if(db, &service, "name = \"x\"", period)?;
                assert!(other.is_none(), "another text is another comparison");
                Ok((job.clone(), charging::what_if_found(db, &job)?, at_once))
            })
            .unwrap();
        let found = found.unwrap();
        assert!(
            found.charged.is_positive() && found.children.len() > 1,
            "{code}"
        );
        assert_eq!(format!("{found:?}"), format!("{at_once:?}"), "{code}");
        assert_eq!(job.done, job.total, "{code}");
        let page = clerk
            .get(&format!("/ufficio/lavori/{}", job.public_id))
            .await
            .page();
        page.says("addebiti confrontati");
        let link = page.attribute("a[href*='/confronto']", "href");
        clerk.get(&link).await.page().says("Bambino per bambino");
    }
    let later = town.app.now().plus_millis(30 * 86_400_000);
    let forgotten = town.app.store.write(Urgency::Interactive, move |tx| {
        while charging::forget_what_ifs(tx, later)? {}
        Ok(
            tx.query_row("select count(*) from what_if_part", [], |row| {
                row.get::<_, i64>(0)
            })?,
        )
    });
    assert_eq!(forgotten.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_simulates_a_fee_and_leaves_no_trace() {
    let town = Town::with_families(4);
    let visitor = Browser {
        app: Arc::clone(&town.app),
        cookie: String::new(),
        csrf: String::new(),
    };
    visitor
        .get("/tariffe?servizio=mensa")
        .await
        .page()
        .says("ISEE in euro");
    let parent: i64 = town.ask("select payer_id from enrolment order by id limit 1");
    let parent = town.citizens_browser(campanella::base::PersonId(parent));
    let entries = || {
        town.ask::<i64>("select (select count(*) from audit_entry) + (select count(*) from charge)")
    };
    let before = entries();
    let ask = |isee: &'static str, resident: &'static str| {
        vec![
            ("service", "mensa"),
            ("isee", isee),
            ("fact-resident", resident),
            ("fact-meals", "10"),
        ]
    };
    let page = parent.post("/tariffe", &ask("8.400", "yes")).await.page();
    page.says("È una simulazione.");
    page.says("ISEE usato per la prova: 8.400,00 €.");
    page.says("10 pasti × 2,80 € = 28,00 €.");
    page.is_silent_on("Importo addebitato");
    assert_eq!(page.all(".amount-lg"), ["28,00 €"]);
    let page = parent.post("/tariffe", &ask("", "yes")).await.page();
    page.says("Senza ISEE: si applica il prezzo di chi non ha un ISEE valido.");
    let wrong = parent
        .post("/tariffe", &ask("-3", "yes"))
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.attribute("#isee", "aria-invalid"), "true");
    let mut many = ask("8.400", "no");
    many[3] = ("fact-meals", "100000");
    parent
        .post("/tariffe", &many)
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(entries(), before);
    let nobody: String = town.ask("select group_concat(coalesce(return_to, ''), '') from session");
    assert!(!nobody.contains("8.400"));
}
