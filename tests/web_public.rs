//! The public pages over HTTP: the privacy notice, what every page leads to, opinions, and where a
//! refusal leads on.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use std::sync::Arc;

use campanella::base::PersonId;
use campanella::municipality::{self, WebAddress};
use campanella::store::Urgency;
use poem::http::StatusCode;
use support::{Browser, Town};

/// A request key as a form carries one.
const KEY: &str = "0123456789abcdefghjkmnpqrs";

/// Who has never been here.
fn visitor(town: &Town) -> Browser {
    Browser {
        app: Arc::clone(&town.app),
        cookie: String::new(),
        csrf: String::new(),
    }
}

fn parent(town: &Town) -> Browser {
    let payer: i64 = town.ask("select payer_id from enrolment order by id limit 1");
    town.citizens_browser(PersonId(payer))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_leads_to_privacy_accessibility_and_contacts() {
    let town = Town::with_families(2);
    for (browser, path) in [(visitor(&town), "/"), (parent(&town), "/area")] {
        let page = browser.get(path).await.page();
        assert_eq!(
            page.attribute("footer [data-element=privacy-policy-link]", "href"),
            "/privacy"
        );
        for link in [
            "accessibility-link",
            "legal-notes",
            "faq",
            "report-inefficiency",
        ] {
            let address = page.attribute(&format!("footer [data-element={link}]"), "href");
            assert!(address.starts_with("https://"), "{link}: {address}");
        }
        let booking = page.attribute("[data-element=appointment-booking]", "href");
        assert!(booking.starts_with("https://"), "{booking}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_privacy_notice_is_public_and_may_be_elsewhere() {
    let town = Town::founded();
    let browser = visitor(&town);
    let page = browser.get("/privacy").await.page();
    assert_eq!(page.all("h1").len(), 1);
    page.says("Versione 1");
    let elsewhere = "https://www.comune.example/privacy";
    town.app
        .store
        .write(Urgency::Interactive, move |tx| {
            let mut comune = municipality::municipality(tx)?;
            comune.privacy_url = WebAddress::try_from(elsewhere.to_owned()).ok();
            municipality::save_municipality(tx, &comune)
        })
        .unwrap();
    assert_eq!(browser.get("/privacy").await.leads_to(), elsewhere);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_leads_each_to_their_own_first_page() {
    let town = Town::with_families(2);
    let home = |page: support::Page| {
        assert_eq!(page.all("nav.breadcrumb-container li").len(), 2);
        page.attribute("main a.btn-primary", "href")
    };
    for (browser, path, expected) in [
        (visitor(&town), "/non/esiste", "/"),
        (parent(&town), "/area/non/esiste", "/area"),
        (parent(&town), "/non/esiste", "/area"),
        (
            town.staffs_browser("ufficio"),
            "/ufficio/non/esiste",
            "/ufficio",
        ),
        (
            town.staffs_browser("collodi"),
            "/ufficio/non/esiste",
            "/scuola",
        ),
        (visitor(&town), "/ufficio/non/esiste", "/ufficio/accesso"),
    ] {
        let page = browser.get(path).await.page_with(StatusCode::NOT_FOUND);
        assert_eq!(home(page), expected, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opinion_is_kept_once_and_without_who_gave_it() {
    let town = Town::with_families(2);
    let browser = parent(&town);
    let ask = "/valutazione?pagina=application-sent";
    let page = browser
        .get(ask)
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    page.says("Scegli un voto da 1 a 5.");
    page.says("Quanto è stato facile usare questo servizio?");
    let low = browser.get(&format!("{ask}&voto=3")).await.page();
    low.says("Dove hai incontrato le maggiori difficoltà?");
    let high = browser.get(&format!("{ask}&voto=4")).await.page();
    high.says("Quali sono stati gli aspetti che hai preferito?");
    let fields = [
        ("_key", KEY),
        ("page", "application-sent"),
        ("rating", "4"),
        ("reason", "clear"),
        ("comment", "=Tutto chiaro"),
    ];
    for _ in 0..2 {
        let next = browser.post("/valutazione", &fields).await.leads_to();
        assert_eq!(next, "/valutazione/grazie");
    }
    browser
        .get("/valutazione/grazie")
        .await
        .page()
        .says("Grazie");
    let kept: String =
        town.ask("select group_concat(page || rating || reason || comment) from feedback");
    assert_eq!(kept, "application-sent4clear=Tutto chiaro");
    let columns: String = town.ask("select group_concat(name) from pragma_table_info('feedback')");
    assert_eq!(
        columns, "id,day,page,rating,reason,comment",
        "nothing of who gave it"
    );

    let long = "a".repeat(201);
    let fields = [
        ("_key", "1123456789abcdefghjkmnpqrs"),
        ("page", "welcome"),
        ("rating", "1"),
        ("comment", long.as_str()),
    ];
    let refused = browser.post("/valutazione", &fields).await;
    let refused = refused.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    refused.says("al massimo 200 caratteri");
    assert_eq!(
        refused.all("#comment"),
        [long.as_str()],
        "what was typed stays"
    );
    browser
        .get("/valutazione?pagina=altro&voto=4")
        .await
        .page_with(StatusCode::NOT_FOUND);

    let office = town.staffs_browser("ufficio");
    let list = office.get("/ufficio/valutazioni").await.page();
    list.says("Domanda inviata");
    list.says("4,0");
    list.says("indicazioni chiare");
    let csv = office.get("/ufficio/valutazioni.csv").await.text();
    assert!(
        csv.contains("03/11/2026;Domanda inviata;4;indicazioni chiare;'=Tutto chiaro"),
        "{csv}"
    );
    let accountant = town.staffs_browser("ragioneria");
    accountant
        .get("/ufficio/valutazioni")
        .await
        .page_with(StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_comunes_own_coat_of_arms_is_on_every_page() {
    let town = Town::founded();
    let browser = visitor(&town);
    let page = browser.get("/").await.page();
    assert!(page.all("img.brand-arms").is_empty());
    assert_eq!(browser.get("/stemma").await.status, StatusCode::NOT_FOUND);
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    let crest = municipality::Crest::new(png.clone()).unwrap();
    town.app
        .store
        .write(Urgency::Interactive, move |tx| {
            municipality::save_crest(tx, &crest)
        })
        .unwrap();
    let address = browser
        .get("/")
        .await
        .page()
        .attribute("img.brand-arms", "src");
    let answer = browser.get(&address).await;
    assert_eq!(answer.body, png);
}
