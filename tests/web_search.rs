//! The office's search, from any page: what leads straight to a sheet, what to a list, and what each
//! role finds.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use campanella::base::{PersonId, Role};
use campanella::identity;
use campanella::people::{
    self, BelfioreCode, FiscalCode, GuardianshipTitle, NewGuardianship, NewPerson, Sex,
};
use campanella::store::Urgency;
use jiff::civil::date;
use poem::http::StatusCode;
use support::{Browser, Town, morning};

fn search(q: &str) -> String {
    let q: String = form_urlencoded::byte_serialize(q.as_bytes()).collect();
    format!("/ufficio/cerca?q={q}")
}

/// Somebody whom the residents' register knows, and whether they are somebody's guardian.
fn resident(
    town: &Town,
    surname: &str,
    name: &str,
    born: i16,
    child: Option<PersonId>,
) -> PersonId {
    let (surname, name) = (surname.to_owned(), name.to_owned());
    let work = move |tx: &rusqlite::Transaction<'_>| {
        let pisa = BelfioreCode::parse("G702").unwrap();
        let code = FiscalCode::compute(&surname, &name, Sex::F, date(born, 5, 4), pisa);
        let new = NewPerson {
            address: Some(format!("Via Nuova {born}")),
            ..NewPerson::of(&code, &surname, &name, morning())
        };
        let adult = people::add_person(tx, &new, morning())?;
        if let Some(child) = child {
            let guardianship = NewGuardianship {
                adult,
                child,
                title: GuardianshipTitle::Parent,
                verified_by: "office",
                from: date(2020, 1, 1),
            };
            people::grant_guardianship(tx, &guardianship, morning())?;
        }
        Ok(adult)
    };
    town.app.store.write(Urgency::Interactive, work).unwrap()
}

fn sheet(town: &Town, person: PersonId) -> String {
    let id: String = town.ask(&format!(
        "select public_id from person where id = {}",
        person.0
    ));
    format!("/ufficio/famiglie/{id}")
}

/// The addresses that a list of hits leads to.
async fn hits(browser: &Browser, q: &str) -> Vec<String> {
    let page = browser.get(&search(q)).await.page();
    let html = scraper::Html::parse_document(&page.0);
    let links = scraper::Selector::parse("main a[data-hit]").unwrap();
    let href = |a: scraper::ElementRef<'_>| a.attr("href").unwrap_or("").to_owned();
    html.select(&links).map(href).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_one_family_opens_its_sheet_and_other_names_a_list() {
    let town = Town::with_families(1);
    let clerk = town.staffs_browser("ufficio");
    let child = resident(&town, "D'Alessandrì", "Zoë", 2019, None);
    let mother = resident(&town, "D’Alessandrì", "Mia", 1984, Some(child));
    // One person; then a mother and her child.
    for (q, person) in [
        ("zoe dal", child),
        ("DALESSANDRI MIA", mother),
        ("d'alessandri", mother),
    ] {
        let to = clerk.get(&search(q)).await.leads_to();
        assert_eq!(to, sheet(&town, person), "{q}");
    }
    // A second family of that name: the list tells them apart.
    let other = resident(&town, "Dalessandri", "Mia", 1991, None);
    let found = hits(&clerk, "mia dalessandri").await;
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.contains(&sheet(&town, mother)) && found.contains(&sheet(&town, other)));
    let page = clerk.get(&search("mia dalessandri")).await.page();
    for what in [
        "04/05/1984",
        "04/05/1991",
        "Via Nuova 1984",
        "Via Nuova 1991",
        "Per Zoë",
    ] {
        page.says(what);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_has_pages_and_an_empty_one_says_what_to_try() {
    let town = Town::with_families(1);
    let clerk = town.staffs_browser("ufficio");
    for born in 1960..1990 {
        resident(&town, "Quaranta", "Ada", born, None);
    }
    let first = hits(&clerk, "qua").await;
    assert_eq!(first.len(), 25);
    let second = clerk.get(&format!("{}&page=2", search("qua"))).await.page();
    assert_eq!(second.all("main a[data-hit]").len(), 5);
    // Further than the last page is the last page.
    let beyond = clerk
        .get(&format!("{}&page=99", search("qua")))
        .await
        .page();
    assert_eq!(beyond.all("main a[data-hit]").len(), 5);

    let nobody = clerk.get(&search("zzzz")).await.page();
    nobody.says("Nessun risultato");
    nobody.says("Prova con meno lettere");
    // Sixteen characters that are almost a fiscal code, eighteen that are almost a notice.
    let almost = clerk.get(&search("QRNDAA60E44G702X")).await.page();
    almost.says("codice fiscale");
    let almost = clerk.get(&search("301000000000000001")).await.page();
    almost.says("Queste 18 cifre non formano un numero di avviso");
    clerk.get(&search("")).await.page().says("ros mar");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_opens_the_sheet_of_who_owes_it() {
    let town = Town::with_families(6);
    let number: String = town.ask("select notice_number from payment_notice order by id limit 1");
    let payer: i64 = town.ask("select payer_id from payment_notice order by id limit 1");
    let to = format!("{}?avviso={number}", sheet(&town, PersonId(payer)));
    let grouped = format!("{} {}", &number[..4], &number[4..]);
    for username in ["ufficio", "ragioneria"] {
        let browser = town.staffs_browser(username);
        for q in [&number, &grouped, &number[1..].to_owned()] {
            assert_eq!(browser.get(&search(q)).await.leads_to(), to, "{q}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_finds_what_its_work_needs() {
    let town = Town::with_families(12);
    let [clerk, accountant, teacher] =
        ["ufficio", "ragioneria", "collodi"].map(|name| town.staffs_browser(name));
    let payer = PersonId(town.ask("select payer_id from account where kind = 'family' limit 1"));
    let code = |person: PersonId| -> String {
        town.ask(&format!(
            "select fiscal_code from identity_link where current = 1 and person_id = {}",
            person.0
        ))
    };
    // Who has no account is no business of the accountant's.
    let stranger = resident(&town, "Senzaconto", "Ida", 1980, None);
    assert_eq!(
        clerk.get(&search(&code(stranger))).await.leads_to(),
        sheet(&town, stranger)
    );
    let nothing = accountant.get(&search(&code(stranger))).await.page();
    nothing.is_silent_on("Senzaconto");
    let nothing = accountant.get(&search("senzaconto")).await.page();
    nothing.says("Nessun risultato");
    for browser in [&clerk, &accountant] {
        let to = browser.get(&search(&code(payer))).await.leads_to();
        assert_eq!(to, sheet(&town, payer));
    }
    // Applications are the office's alone.
    let number: String = town.ask("select number from application limit 1");
    assert!(
        clerk
            .get(&search(&number.to_lowercase()))
            .await
            .leads_to()
            .starts_with("/ufficio/domande/")
    );
    accountant
        .get(&search(&number))
        .await
        .page()
        .says("Nessun risultato");
    // The schools have no search, nor has who keeps the users.
    let refused = teacher.get(&search("a")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let admin = identity::NewStaff {
        username: "sistemi".to_owned(),
        name: "Sistemi".to_owned(),
        password: identity::hash_password("una-parola-lunga").unwrap(),
        roles: vec![Role::Admin],
    };
    town.app
        .store
        .write(Urgency::Interactive, move |tx| {
            identity::add_staff(tx, &admin, morning())
        })
        .unwrap();
    let refused = town.staffs_browser("sistemi").get(&search("a")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_search_stands_on_every_page_of_office_and_accountant() {
    let town = Town::with_families(3);
    let pages = [
        "/ufficio",
        "/ufficio/giornate",
        "/ufficio/pagamenti",
        "/ufficio/lavori",
        "/ufficio/cerca",
        "/ufficio/non-esiste",
    ];
    for username in ["ufficio", "ragioneria"] {
        let browser = town.staffs_browser(username);
        for path in pages {
            let answer = browser.get(path).await;
            let page = support::Page(answer.text());
            let form = "header form[role=search][action='/ufficio/cerca'][method=get]";
            assert_eq!(page.all(form).len(), 1, "{username} {path}");
            assert_eq!(page.attribute("#office-q", "name"), "q");
            assert!(!page.all("label[for=office-q]")[0].is_empty());
        }
    }
    let school = town.staffs_browser("collodi").get("/scuola").await.page();
    assert!(school.all("form[role=search]").is_empty());
}
