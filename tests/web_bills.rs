//! Bills through the web: the office drafts a month, checks it, publishes it; the family reads why,
//! and pays one notice.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use campanella::base::PersonId;
use campanella::notifications;
use campanella::processes::{checks, work};
use poem::http::StatusCode;
use support::{Town, morning};

const KEYS: [&str; 3] = [
    "00000000000000000000000001",
    "00000000000000000000000002",
    "00000000000000000000000003",
];

fn form<'a>(
    key: &'a str,
    from: (&'a str, &'a str),
    to: (&'a str, &'a str),
) -> Vec<(&'a str, &'a str)> {
    vec![
        ("_key", key),
        ("from_d", from.0),
        ("from_m", from.1),
        ("from_y", "2026"),
        ("to_d", to.0),
        ("to_m", to.1),
        ("to_y", "2026"),
        ("service", ""),
    ]
}

fn due<'a>(key: &'a str, day: &'a str, month: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("_key", key),
        ("due_date_d", day),
        ("due_date_m", month),
        ("due_date_y", "2026"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_drafted_checked_published_and_read_by_the_family() {
    let town = Town::with_families(12);
    let clerk = town.staffs_browser("ragioneria");
    let rides = "from enrolment e join service s on s.id = e.service_id
                 where s.code = 'scuolabus' and e.from_date >= '2026-09-01'";
    let payer: i64 = town.ask(&format!("select e.payer_id {rides} order by e.id limit 1"));
    let payers: i64 = town.ask(&format!("select count(distinct e.payer_id) {rides}"));
    let family = town.citizens_browser(PersonId(payer));

    let backwards = clerk
        .post(
            "/ufficio/bollette",
            &form(KEYS[0], ("31", "10"), ("1", "10")),
        )
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(backwards.attribute("input#from", "value"), "31");

    let run = clerk
        .post(
            "/ufficio/bollette",
            &form(KEYS[0], ("1", "10"), ("31", "10")),
        )
        .await
        .leads_to();
    work::resume_all(&town.app).unwrap();
    let page = clerk.get(&run).await.page();
    page.says("Bozza: nessuna famiglia la vede");
    page.says(&format!("Pubblica {payers} "));
    // Nobody but the office and the accountant sees it, and the family has no bill of October yet.
    let before: i64 = town.ask(&format!(
        "select count(*) from bill where payer_id = {payer}"
    ));
    let stranger = town.staffs_browser("collodi").get(&run).await;
    assert_eq!(stranger.status, StatusCode::FORBIDDEN);
    let lines = clerk.get(&format!("{run}/righe.csv")).await.text();
    assert!(lines.contains("Trasporto scolastico"), "{lines}");
    let name: String = town.ask(&format!("select public_id from person where id = {payer}"));
    clerk
        .get(&format!("{run}/intestatario/{name}"))
        .await
        .page()
        .says("quota mensile");

    let second = clerk
        .post("/ufficio/bollette", &form(KEYS[1], ("1", "9"), ("30", "9")))
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    second.says("C’è già una bozza aperta");

    let publish = format!("{run}/pubblica");
    let past = clerk.post(&publish, &due(KEYS[1], "2", "11")).await;
    past.page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("non può essere già passata");
    let done = clerk.post(&publish, &due(KEYS[2], "30", "11")).await;
    assert_eq!(done.leads_to(), run);
    work::resume_all(&town.app).unwrap();
    notifications::tick(&town.app.store, morning()).unwrap();
    clerk
        .get(&run)
        .await
        .page()
        .says("da pagare entro il 30/11/2026");

    let after: i64 = town.ask(&format!(
        "select count(*) from bill where payer_id = {payer}"
    ));
    assert_eq!(after, before + 1);
    let list = family.get("/area/bollette").await.page();
    list.says("entro il 30/11/2026");
    let newest: String = town.ask(&format!(
        "select public_id from bill where payer_id = {payer} order by id desc limit 1"
    ));
    let bill = family.get(&format!("/area/bollette/{newest}")).await.page();
    bill.says("Paga o scarica l’avviso");
    bill.says("Perché costa così");
    // On paper too, for the family and the office; nobody else has it.
    let file = format!("/area/bollette/{newest}/bolletta.pdf");
    assert!(family.get(&file).await.body.starts_with(b"%PDF"));
    let copy = clerk
        .get(&format!("/ufficio/bolletta/{newest}/bolletta.pdf"))
        .await;
    assert!(copy.body.starts_with(b"%PDF"));
    let charge: String = town.ask(&format!(
        "select c.public_id from charge c join bill_line l on l.id = c.bill_line_id
         join bill b on b.id = l.bill_id where b.public_id = '{newest}' limit 1"
    ));
    let why = format!("addebiti/{charge}/perche.pdf");
    let paper = family.get(&format!("/area/{why}")).await;
    assert!(paper.body.starts_with(b"%PDF"));
    let copy = clerk.get(&format!("/ufficio/famiglie/{name}/{why}")).await;
    assert!(copy.body.starts_with(b"%PDF"));
    // The statement's file says why, and no cell of it is a formula.
    let named = town
        .app
        .store
        .write(campanella::store::Urgency::Interactive, move |tx| {
            let sql = "update person set name = '=2+3' where id in
                         (select child_id from enrolment where payer_id = ?1)";
            Ok(tx.execute(sql, [payer])?)
        });
    assert!(named.unwrap() > 0);
    let told = family.get("/area/estratto-conto.csv").await.text();
    assert!(told.lines().next().unwrap().contains(";Perché;"), "{told}");
    assert!(told.contains("Prezzo "), "{told}");
    assert!(
        told.contains(";'=2+3;") && !told.contains(";=2+3;"),
        "{told}"
    );
    let notice = bill.attribute("a.btn-primary", "href");
    family.get(&notice).await.page();
    family
        .get("/area/comunicazioni")
        .await
        .page()
        .says("È pronta la bolletta");
    // Somebody else's bill is not found.
    let other: i64 = town.ask(&format!(
        "select payer_id from enrolment where payer_id <> {payer} limit 1"
    ));
    let other = town.citizens_browser(PersonId(other));
    let hidden = other.get(&format!("/area/bollette/{newest}")).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);
    assert_eq!(other.get(&file).await.status, StatusCode::NOT_FOUND);
    let hidden = other.get(&format!("/area/{why}")).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND);

    let findings = town
        .app
        .store
        .read(|db| checks::check_database(db, None))
        .unwrap();
    let wrong: Vec<_> = findings.iter().filter(|finding| !finding.ok).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_thrown_away_and_nothing_is_left() {
    let town = Town::with_families(12);
    let clerk = town.staffs_browser("ragioneria");
    let run = clerk
        .post(
            "/ufficio/bollette",
            &form(KEYS[0], ("1", "10"), ("31", "10")),
        )
        .await
        .leads_to();
    work::resume_all(&town.app).unwrap();
    clerk.post(&format!("{run}/scarta"), &[]).await.leads_to();
    let left: i64 = town.ask("select count(*) from bill_line where bill_id is null");
    assert_eq!(left, 0);
    let again = clerk.post(&format!("{run}/scarta"), &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    clerk
        .get("/ufficio/bollette")
        .await
        .page()
        .says("Prepara la bozza");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charged_day_is_given_back_from_the_statement_and_once() {
    let town = Town::with_families(12);
    let clerk = town.staffs_browser("ragioneria");
    let charge = "from charge c join account a on a.id = c.account_id
                  join person p on p.id = a.payer_id
                  where c.bill_line_id is null and c.amount > 0 and c.day >= '2026-09-01'
                  order by c.id limit 1";
    let payer: String = town.ask(&format!("select p.public_id {charge}"));
    let id: String = town.ask(&format!("select c.public_id {charge}"));
    let why = format!("/ufficio/famiglie/{payer}/addebiti/{id}");
    clerk.get(&why).await.page().says("Storna l’addebito di");
    let reverse = format!("{why}/storna");
    clerk
        .post(&reverse, &[("_key", KEYS[0]), ("reason", " ")])
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    let reason = [("_key", KEYS[1]), ("reason", "Il pasto non è arrivato")];
    let statement = clerk.post(&reverse, &reason).await.leads_to();
    let why_not = "Il pasto non è arrivato";
    clerk.get(&statement).await.page().says(why_not);
    clerk.get(&why).await.page().says("è già stato stornato");
    let parent = PersonId(town.ask(&format!("select p.id {charge}")));
    let parent = town.citizens_browser(parent);
    let page = parent.get("/area/estratto-conto").await.page();
    page.says(&format!(": {why_not}"));
    let bill: String = town.ask("select public_id from bill order by id desc limit 1");
    let bill = format!("/area/bollette/{bill}");
    let page = parent.get(&bill).await.page();
    page.says(why_not);
    page.says("quello che era costato torna sul conto");
    page.is_silent_on("l’ISEE non conta");
    let again = [("_key", KEYS[2]), ("reason", "Di nuovo")];
    let again = clerk.post(&reverse, &again).await;
    assert!(again.status.is_client_error(), "{}", again.status);
    let found = town.app.store.read(|db| checks::check_database(db, None));
    let wrong: Vec<_> = found.unwrap().into_iter().filter(|f| !f.ok).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
