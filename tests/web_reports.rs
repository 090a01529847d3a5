//! The reports through the web: on screen, as XLSX and CSV, with what the accountant types.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use campanella::base::{Actor, Cents, Date, PersonId};
use campanella::enrolments::{self, NewFact, SOCIAL_SERVICES_EXEMPTION};
use campanella::store::Urgency;
use poem::http::StatusCode;
use support::Town;

const REPORTS: [&str; 11] = [
    "entrate",
    "pagamenti-senza-debito",
    "debiti-senza-avviso",
    "agevolazioni",
    "esenzioni",
    "contributi",
    "copertura",
    "statistiche",
    "corrispettivi",
    "cassa",
    "reversali",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_report_is_a_page_a_spreadsheet_and_a_csv_for_who_handles_money() {
    let town = Town::with_families(8);
    let accountant = town.staffs_browser("ragioneria");
    let index = accountant.get("/ufficio/rendiconti").await.page();
    assert_eq!(
        index.all("main h2").len(),
        REPORTS.len() + 1,
        "and the debtors"
    );
    let school = town.staffs_browser("collodi");
    for report in REPORTS {
        let here = format!("/ufficio/rendiconti/{report}");
        let page = accountant.get(&here).await.page();
        page.says("Che cosa dicono questi numeri");
        let csv = accountant.get(&format!("{here}.csv")).await;
        assert_eq!(csv.status, StatusCode::OK, "{report}");
        assert!(csv.text().starts_with('\u{feff}'), "{report}");
        let xlsx = accountant.get(&format!("{here}.xlsx")).await;
        assert!(xlsx.body.starts_with(b"PK"), "{report}");
        let nothing = accountant.get(&format!("{here}.csv?tabella=altro")).await;
        assert_eq!(nothing.status, StatusCode::NOT_FOUND, "{report}");
        assert_eq!(school.get(&here).await.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn income_by_month_by_band_and_by_school_is_what_the_ledger_says() {
    let town = Town::with_families(8);
    let accountant = town.staffs_browser("ragioneria");
    let of_year = "'2026-01-01' and '2026-12-31'";
    let charged: i64 = town.ask(&format!(
        "select sum(case when d.kind = 'family' then e.amount else -e.amount end) from ledger_entry e
         join account d on d.id = e.debit_id
         where e.cause = 'charge' and e.day between {of_year}
           and (d.kind = 'family' or (select kind from account where id = e.credit_id) = 'family')"
    ));
    let paid: i64 = town.ask(&format!(
        "select sum(amount) from ledger_entry where cause in ('receipt', 'settlement') and day between {of_year}"
    ));
    let months = accountant
        .get("/ufficio/rendiconti/entrate?periodo=2026")
        .await
        .page();
    months.says(&Cents(charged).to_italian());
    months.says(&Cents(paid).to_italian());
    assert_eq!(months.all("svg[role=img] title").len(), 2);
    for part in ["fascia", "plesso"] {
        let page = accountant
            .get(&format!(
                "/ufficio/rendiconti/entrate?per={part}&periodo=2026"
            ))
            .await
            .page();
        page.says(&Cents(charged).to_italian());
    }
    // The figures of the CSV, added up.
    let csv = accountant
        .get("/ufficio/rendiconti/entrate.csv?periodo=2026&tabella=mesi")
        .await
        .text();
    let sum: i64 = csv
        .lines()
        .skip(1)
        .map(|line| line.split(';').nth(1).unwrap().trim_matches('"'))
        .map(|amount| Cents::parse_it(amount).unwrap().0)
        .sum();
    assert_eq!(sum, charged);
    let unknown = accountant
        .get("/ufficio/rendiconti/entrate?servizio=00000000000000000000000009")
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn costs_chapters_and_vat_are_typed_and_make_their_reports() {
    let town = Town::with_families(8);
    let accountant = town.staffs_browser("ragioneria");
    let meals: String = town.ask("select public_id from service where code = 'mensa'");
    let cost = |amount: &'static str| {
        let fields = vec![
            ("service", meals.clone()),
            ("year", "2026".to_owned()),
            ("amount", amount.to_owned()),
            ("grants", String::new()),
            ("note", "Consuntivo".to_owned()),
        ];
        fields
    };
    let send = |fields: Vec<(&'static str, String)>| {
        let accountant = &accountant;
        async move {
            let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
            accountant
                .post("/ufficio/rendiconti/copertura", &fields)
                .await
        }
    };
    let wrong = send(cost("tanto"))
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.attribute("input#amount", "value"), "tanto");
    let done = send(cost("1.000.000,00")).await;
    assert_eq!(done.leads_to(), "/ufficio/rendiconti/copertura?anno=2026");
    let page = accountant
        .get("/ufficio/rendiconti/copertura?anno=2026")
        .await
        .page();
    page.says("1.000.000,00");
    page.says("Copertura complessiva");

    let settings = format!("/ufficio/rendiconti/impostazioni/{meals}");
    let place = [("chapter", "3010200/15"), ("demand", "1")];
    accountant.post(&settings, &place).await.leads_to();
    accountant
        .get("/ufficio/rendiconti/entrate?per=capitolo")
        .await
        .page()
        .says("3010200/15");

    let vat = format!("{settings}/iva");
    let bad = [
        ("from", "2026-01-01"),
        ("rate", "quattro"),
        ("note", "Parere"),
    ];
    accountant
        .post(&vat, &bad)
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("Scrivi l’aliquota");
    let register = "/ufficio/rendiconti/corrispettivi?periodo=2026";
    accountant
        .get(register)
        .await
        .page()
        .says("Nessun servizio ha un’aliquota");
    let good = [
        ("from", "2026-01-01"),
        ("rate", "4"),
        ("note", "Parere del 12/01/2026"),
    ];
    accountant.post(&vat, &good).await.leads_to();
    let gross: i64 = town.ask(
        "select sum(e.amount) from ledger_entry e join account a on a.id = e.credit_id
         join service s on s.id = a.service_id
         where e.cause in ('receipt', 'settlement') and s.code = 'mensa' and e.day between '2026-01-01' and '2026-12-31'",
    );
    assert!(gross > 0);
    let page = accountant.get(register).await.page();
    page.says(&Cents(gross).to_italian());
    page.says("4 %");
    let audited: i64 = town.ask(
        "select count(*) from audit_entry
         where action in ('record-cost', 'place-in-budget', 'record-vat')",
    );
    assert_eq!(audited, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn statistics_tell_no_small_numbers_of_diets_and_exemptions() {
    let town = Town::with_families(8);
    let accountant = town.staffs_browser("ragioneria");
    let exempt =
        "insert into child_fact (public_id, child_id, name, value, from_date, sealed, recorded_at)
         select printf('%026d', id), id, 'social_services_exemption', 'yes', '2026-09-01', x'', 0
         from person where id in (select child_id from enrolment) order by id limit 1";
    town.app
        .store
        .write(Urgency::Interactive, move |tx| Ok(tx.execute(exempt, [])?))
        .unwrap();
    for table in ["diete", "esentati"] {
        let csv = accountant
            .get(&format!(
                "/ufficio/rendiconti/statistiche.csv?tabella={table}"
            ))
            .await
            .text();
        assert!(table == "diete" || csv.contains("<3"), "{csv}");
        for line in csv.lines().skip(1) {
            let told = line.rsplit(';').next().unwrap().trim_matches('"');
            assert!(
                told == "<3" || told.parse::<i64>().is_ok_and(|n| n >= 3),
                "{line}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_child_is_exempted_is_told_to_the_office_alone_and_each_reading_is_logged() {
    let town = Town::with_families(8);
    let child: i64 = town.ask("select min(child_id) from enrolment");
    let app = std::sync::Arc::clone(&town.app);
    let record = move |tx: &rusqlite::Transaction<'_>| {
        let new = NewFact {
            child: PersonId(child),
            service: None,
            name: SOCIAL_SERVICES_EXEMPTION,
            value: "yes",
            from: Date::constant(2026, 9, 1),
            to: None,
            reason: "Relazione prot. 1234",
        };
        let by = Actor::System("test");
        enrolments::record_fact(tx, &app.key, &by, &new, support::morning())
    };
    town.app.store.write(Urgency::Interactive, record).unwrap();
    let name: String = town.ask(&format!("select surname from person where id = {child}"));
    let logged = |action: &str| -> i64 {
        town.ask(&format!(
            "select count(*) from audit_entry where action = '{action}'"
        ))
    };
    let here = "/ufficio/rendiconti/esenzioni";
    let (secret, asked) = ("Relazione prot. 1234", format!("{here}?motivi=si"));

    let accountant = town.staffs_browser("ragioneria");
    for address in [here, asked.as_str()] {
        let page = accountant.get(address).await.page();
        page.says(&name);
        page.says("riservato");
        page.is_silent_on(secret);
    }
    let csv = accountant
        .get(&format!("{here}.csv?motivi=si"))
        .await
        .text();
    assert!(
        csv.contains(&name) && csv.contains("riservato") && !csv.contains(secret),
        "{csv}"
    );
    assert_eq!(
        (logged("read-child-facts"), logged("download-exemptions")),
        (0, 1)
    );

    // The sums by service name nobody.
    let sums = accountant
        .get(&format!("{here}.csv?tabella=servizi"))
        .await
        .text();
    assert!(
        sums.contains("Tutti i servizi") && !sums.contains(&name),
        "{sums}"
    );
    assert_eq!(logged("download-exemptions"), 1);

    let clerk = town.staffs_browser("ufficio");
    clerk.get(here).await.page().is_silent_on(secret);
    assert_eq!(logged("read-child-facts"), 0, "nothing was opened");
    clerk.get(&asked).await.page().says(secret);
    assert_eq!(logged("read-child-facts"), 1);
    let csv = clerk.get(&format!("{here}.csv")).await.text();
    assert!(!csv.contains(secret), "{csv}");
    let csv = clerk.get(&format!("{here}.csv?motivi=si")).await.text();
    assert!(csv.contains(secret), "{csv}");
    let xlsx = clerk.get(&format!("{here}.xlsx?motivi=si")).await;
    assert!(xlsx.body.starts_with(b"PK"));
    assert_eq!(
        (logged("read-child-facts"), logged("download-exemptions")),
        (3, 4)
    );
}
