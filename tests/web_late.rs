//! Bills that wait for the new ISEE, through the web: the accountant sees who is held, and may bill
//! them all the same.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use campanella::base::{Actor, Cents};
use campanella::processes::work;
use campanella::store::Urgency;
use campanella::{isee, municipality, tariffs};
use jiff::civil::date;
use support::{Town, morning};

const RULE: &str = "name = \"Prova\"\nhold_bills_until = \"12-31\"\n";

/// Nobody's price is the same as without ISEE.
const BUS: &str = r#"
    name = "Trasporto"
    [[component]]
    code = "month"
    unit = "month"
    no_isee = "30.00"
    bands = [{ to = "10000.00", price = "10.00" }, { price = "20.00" }]
"#;

const WITH: &str = "Addebita anche chi non ha ancora il nuovo ISEE";

fn october<'a>(key: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let days = [
        ("_key", key),
        ("from_d", "1"),
        ("from_m", "10"),
        ("from_y", "2026"),
        ("to_d", "31"),
        ("to_m", "10"),
        ("to_y", "2026"),
        ("service", "scuolabus"),
    ];
    [&days, more].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_the_new_isee_is_shown_and_billed_when_wanted() {
    let town = Town::with_families(60);
    let clerk = town.staffs_browser("ragioneria");
    // Without such a rule nobody is asked.
    let page = clerk.get("/ufficio/bollette").await.page();
    page.is_silent_on(WITH);
    let recorded = town.app.store.write(Urgency::Interactive, |tx| {
        let bus = municipality::service_by_code(tx, "scuolabus")?.unwrap();
        tariffs::publish(tx, bus.id, BUS, date(2026, 10, 1), morning())?;
        let system = Actor::System("test");
        isee::record_policy(tx, &system, RULE, date(2026, 1, 1), morning())
    });
    recorded.unwrap();
    clerk.get("/ufficio/bollette").await.page().says(WITH);

    let key = "00000000000000000000000001";
    let run = clerk.post("/ufficio/bollette", &october(key, &[])).await;
    let run = run.leads_to();
    work::resume_all(&town.app).unwrap();
    let page = clerk.get(&format!("{run}?solo=trattenute")).await.page();
    page.says("Trattenute per l’ISEE");
    page.says("trattenuta: si aspetta l’ISEE");
    let csv = clerk.get(&format!("{run}/righe.csv")).await.text();
    assert!(csv.contains("Bolletta trattenuta"), "{csv}");

    clerk.post(&format!("{run}/scarta"), &[]).await.leads_to();
    let key = "00000000000000000000000002";
    let fields = october(key, &[("include_held", "1")]);
    let run = clerk.post("/ufficio/bollette", &fields).await.leads_to();
    work::resume_all(&town.app).unwrap();
    let page = clerk.get(&run).await.page();
    page.is_silent_on("trattenuta");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_isee_that_came_late_is_listed_and_its_correction_prepared() {
    let town = Town::with_families(12);
    let clerk = town.staffs_browser("ragioneria");
    let list = "/ufficio/bollette/isee";
    clerk.get(list).await.page().says("Nessun ISEE in ritardo");
    let name = town.app.store.write(Urgency::Interactive, |tx| {
        // A child that paid meals at some price; with no means at all it pays another.
        let (child, name) = tx.query_row(
            "select k.id, k.surname || ' ' || k.name from charge c
             join enrolment e on e.id = c.enrolment_id join person k on k.id = e.child_id
             join service s on s.id = e.service_id and s.code = 'mensa'
             where c.amount > 300 and k.resident = 1 and c.day < '2026-10-31' order by c.id limit 1",
            [],
            |row| Ok((row.get(0)?, row.get::<_, String>(1)?)),
        )?;
        let new = isee::NewIsee {
            child,
            value: Cents::ZERO,
            kind: isee::IseeKind::Minorenni,
            protocol: "INPS-ISEE-2026-00000001X-00",
            omissions: false,
            valid_from: date(2026, 1, 1),
            valid_to: date(2026, 12, 31),
        };
        let a_minute_later = morning().plus_millis(60_000);
        isee::record_isee(tx, &Actor::System("test"), &new, a_minute_later)?;
        Ok(name)
    });
    let page = clerk.get(list).await.page();
    page.says(&name.unwrap());
    page.says("Prepara la bozza dal");
    let bills = clerk.get("/ufficio/bollette").await.page();
    bills.says("ISEE arrivati tardi");

    // The button's form.
    let (from, to) = (page.hidden("from"), page.hidden("to"));
    let fields = [
        ("_key", "00000000000000000000000003"),
        ("from", &from),
        ("to", &to),
        ("service", "mensa"),
    ];
    let run = clerk.post("/ufficio/bollette", &fields).await.leads_to();
    work::resume_all(&town.app).unwrap();
    clerk.get(&run).await.page().says("A credito");
    clerk.get(list).await.page().says("C’è una bozza aperta");
}
