//! A child's facts and a family's accounts over HTTP: what the office records for the tariff, the
//! statement by child, service and year, credit that runs low, movements and their reversal.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use campanella::base::PersonId;
use poem::http::StatusCode;
use support::{Browser, Town};

const KEY: &str = "00000000000000000000000001";

/// A parent who pays for an enrolled child of theirs.
struct Scene {
    town: Town,
    parent: PersonId,
    /// The family's sheet.
    sheet: String,
    child: String,
}

fn scene() -> Scene {
    let town = Town::with_families(8);
    let of = "from enrolment e join service s on s.id = e.service_id
                join guardianship g on g.child_id = e.child_id and g.adult_id = e.payer_id
                join person c on c.id = e.child_id join person p on p.id = e.payer_id
              where s.code = 'mensa' and e.from_date <= '2026-11-03'
                and coalesce(e.to_date, '9999') > '2027-01-01'
              order by e.id limit 1";
    let parent: i64 = town.ask(&format!("select e.payer_id {of}"));
    let sheet: String = town.ask(&format!("select p.public_id {of}"));
    Scene {
        parent: PersonId(parent),
        sheet: format!("/ufficio/famiglie/{sheet}"),
        child: town.ask(&format!("select c.public_id {of}")),
        town,
    }
}

impl Scene {
    fn family(&self) -> Browser {
        self.town.citizens_browser(self.parent)
    }

    fn clerk(&self) -> Browser {
        self.town.staffs_browser("ufficio")
    }

    fn count(&self, what: &str) -> i64 {
        self.town.ask(&format!("select count(*) from {what}"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_records_ends_and_takes_back_a_fact() {
    let scene = scene();
    let clerk = scene.clerk();
    let place = format!("{}/dati/{}", scene.sheet, scene.child);
    let page = clerk.get(&place).await.page();
    page.says("Esenzione disposta dai servizi sociali");
    let form = clerk
        .get(&format!("{place}?dato=social_services_exemption"))
        .await
        .page();
    form.says("Atto dei servizi sociali e motivo");

    let fields = |reason: &'static str| {
        [
            ("_key", KEY),
            ("name", "social_services_exemption"),
            ("value", "yes"),
            ("service", "tutti"),
            ("from", "2026-11-01"),
            ("to", ""),
            ("reason", reason),
        ]
    };
    let silent = clerk.post(&place, &fields("")).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(scene.count("child_fact"), 0);
    // Sent twice, recorded once.
    for _ in 0..2 {
        let done = clerk.post(&place, &fields("Relazione prot. 1234")).await;
        assert_eq!(done.leads_to(), place);
    }
    assert_eq!(scene.count("child_fact"), 1);
    let sheet = clerk.get(&scene.sheet).await.page();
    sheet.says("Esenzione disposta dai servizi sociali, dal 01/11/2026");
    sheet.is_silent_on("Relazione prot. 1234");
    let page = clerk.get(&place).await.page();
    page.says("Relazione prot. 1234");

    let fact: String = scene.town.ask("select public_id from child_fact");
    let one = format!("{place}/{fact}");
    assert_eq!(clerk.get(&one).await.status, StatusCode::OK);
    let early = [("_key", KEY), ("last", "2026-10-31")];
    let early = clerk.post(&format!("{one}/termina"), &early).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    let end = [("_key", KEY), ("last", "2026-12-31")];
    let ended = clerk.post(&format!("{one}/termina"), &end).await;
    assert_eq!(ended.leads_to(), place);
    let until: String = scene.town.ask("select to_date from child_fact");
    assert_eq!(until, "2026-12-31");
    let taken = clerk
        .post(&format!("{one}/annulla"), &[("_key", KEY)])
        .await;
    assert_eq!(taken.leads_to(), place);
    let other_form = [("_key", "00000000000000000000000002")];
    let again = clerk.post(&format!("{one}/annulla"), &other_form).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    let sheet = clerk.get(&scene.sheet).await.page();
    sheet.is_silent_on("dal 01/11/2026 al 31/12/2026");

    // Who only handles money neither reads nor records.
    let accountant = scene.town.staffs_browser("ragioneria");
    assert_eq!(accountant.get(&place).await.status, StatusCode::FORBIDDEN);
    let logged = scene.count(
        "audit_entry where action in ('record-child-fact', 'end-child-fact', 'withdraw-child-fact')",
    );
    assert_eq!(logged, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statement_is_chosen_by_child_service_and_days_and_kept_as_a_file() {
    let scene = scene();
    let (family, clerk) = (scene.family(), scene.clerk());
    let service: String = scene
        .town
        .ask("select public_id from service where code = 'mensa'");
    let child = scene.child.as_str();
    let chosen = format!("bambino={child}&servizio={service}&dal=01/10/2026&al=31/10/2026");
    let page = family
        .get(&format!("/area/estratto-conto?{chosen}"))
        .await
        .page();
    for (select, value) in [("bambino", child), ("servizio", service.as_str())] {
        let selected = page.attribute(&format!("select#{select} option[selected]"), "value");
        assert_eq!(selected, value, "the form remembers");
    }
    page.says("Movimenti dal 01/10/2026 al 31/10/2026");
    page.says("Saldo iniziale");
    let lines = page.all("details.statement-month tbody tr").len();
    assert!(lines > 5, "{lines}");

    // The file has these lines, and the balance before and after.
    let link = page.attribute("a[href*='.csv?']", "href");
    assert!(link.contains(child) && link.contains("servizio="), "{link}");
    let file = family.get(&link).await.text();
    assert_eq!(file.lines().count(), lines + 3, "{file}");
    assert!(!file.contains("2026-"), "Italian dates: {file}");
    let paper = family
        .get(&page.attribute("a[href*='.pdf?']", "href"))
        .await;
    assert!(paper.body.starts_with(b"%PDF-"));

    // The clerk reads the same.
    let base = format!("{}/estratto-conto", scene.sheet);
    let theirs = clerk.get(&format!("{base}?{chosen}")).await.page();
    assert_eq!(theirs.all("section tbody tr").len(), lines);
    let again = clerk
        .get(&theirs.attribute("a[href*='.csv?']", "href"))
        .await
        .text();
    assert_eq!(again, file);
    let again = clerk
        .get(&theirs.attribute("a[href*='.pdf?']", "href"))
        .await;
    assert_eq!(again.body, paper.body);

    // Another family's child is nobody's business.
    let other: String = scene.town.ask(&format!(
        "select p.public_id from account a join person p on p.id = a.child_id
         where a.kind = 'family' and a.payer_id <> {} limit 1",
        scene.parent.0
    ));
    let stranger = family
        .get(&format!("/area/estratto-conto?bambino={other}"))
        .await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
}
