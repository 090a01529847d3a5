//! Slow phones: what a first visit of any page transfers, and what keeps it from being drawn.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use campanella::base::PersonId;
use campanella::web;
use poem::http::{StatusCode, header};
use poem::test::TestClient;
use scraper::{Html, Selector};
use support::{Browser, Town};

/// Bytes on a first visit, everything included.
const MOST: usize = 150_000;

/// A page's parts by their addresses: what must come before it is drawn, and what may come later.
struct Parts {
    links: Vec<String>,
    sheets: Vec<String>,
    blocking_scripts: usize,
    others: Vec<String>,
}

fn parts(html: &str) -> Parts {
    let page = Html::parse_document(html);
    let all = |selector: &str, attribute: &str| -> Vec<String> {
        page.select(&Selector::parse(selector).unwrap())
            .filter_map(|element| element.value().attr(attribute))
            .map(|address| address.split('#').next().unwrap_or("").to_owned())
            .filter(|address| !address.is_empty())
            .collect()
    };
    let mut others = all("script[src]", "src");
    others.extend(all("img[src]", "src"));
    others.extend(all("link[rel=icon]", "href"));
    others.extend(all("svg use", "href"));
    others.sort();
    others.dedup();
    let scripts = Selector::parse("script:not([defer]):not([type=module])").unwrap();
    Parts {
        links: all("a[href]", "href"),
        sheets: all("link[rel=stylesheet]", "href"),
        blocking_scripts: page.select(&scripts).count(),
        others,
    }
}

/// Ids, dates and numbers make no other kind of page.
fn kind(address: &str) -> String {
    let path = address.split('?').next().unwrap_or("");
    let part = |part: &str| {
        let id = part.len() == 26 && !part.contains('-');
        let number = part.starts_with(|c: char| c.is_ascii_digit());
        if id || number { ":" } else { part }.to_owned()
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// What a static file weighs as it is sent, once asked for.
struct Weights {
    town: Arc<campanella::app::App>,
    known: BTreeMap<String, usize>,
}

impl Weights {
    async fn of(&mut self, address: &str) -> usize {
        if let Some(known) = self.known.get(address) {
            return *known;
        }
        let client = TestClient::new(web::endpoint(Arc::clone(&self.town)));
        let response = client
            .get(address)
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::ACCEPT_ENCODING, "gzip, br")
            .send()
            .await
            .0;
        assert_eq!(response.status(), StatusCode::OK, "{address}");
        let bytes = response.into_body().into_vec().await.unwrap().len();
        self.known.insert(address.to_owned(), bytes);
        bytes
    }

    /// What a page weighs as it is sent to a browser that reads gzip.
    async fn sent(&self, browser: &Browser, address: &str) -> usize {
        let client = TestClient::new(web::endpoint(Arc::clone(&self.town)));
        let request = client
            .get(address)
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::COOKIE, &browser.cookie)
            .header(header::ACCEPT_ENCODING, "gzip, br");
        let response = request.send().await.0;
        response.into_body().into_vec().await.unwrap().len()
    }

    /// The fonts that a style sheet names: a page may need all of them.
    async fn fonts(&mut self, sheet: &str) -> usize {
        let client = TestClient::new(web::endpoint(Arc::clone(&self.town)));
        let request = client.get(sheet).header(header::HOST, "127.0.0.1:8080");
        let css = request
            .send()
            .await
            .0
            .into_body()
            .into_string()
            .await
            .unwrap();
        let mut all = 0;
        for address in css.split("url(").skip(1) {
            let address = address.split(')').next().unwrap().trim_matches(['"', '\'']);
            if address.contains("woff2") {
                let address = address.trim_start_matches("../").trim_start_matches('/');
                let address = match address.strip_prefix("static/") {
                    Some(rest) => format!("/static/{rest}"),
                    None => format!("/static/{address}"),
                };
                all += self.of(&address).await;
            }
        }
        assert!(all > 0, "the style sheet names its fonts");
        all
    }
}

/// Every kind of page that a link leads to, from a start.
async fn weigh(browser: &Browser, start: &str, weights: &mut Weights) -> BTreeMap<String, usize> {
    let side = |address: &str| address.starts_with("/ufficio") || address.starts_with("/scuola");
    let mut waiting = VecDeque::from([start.to_owned()]);
    let mut found = BTreeMap::from([(kind(start), 0)]);
    while let Some(address) = waiting.pop_front() {
        let answer = browser.get(&address).await;
        let html = answer.text();
        let sent = answer.body.len().min(weights.sent(browser, &address).await);
        if answer.status != StatusCode::OK || !html.contains("<main") {
            continue;
        }
        let parts = parts(&html);
        assert_eq!(parts.sheets.len(), 1, "{address}: one style sheet blocks");
        assert_eq!(parts.blocking_scripts, 0, "{address}: no script blocks");
        let mut bytes = sent + weights.of(&parts.sheets[0]).await;
        bytes += weights.fonts(&parts.sheets[0]).await;
        for other in &parts.others {
            // The QR code of a notice is drawn for who may see it.
            if other.starts_with('/') && other.ends_with("/qr.svg") {
                bytes += browser.get(other).await.body.len();
                continue;
            }
            assert!(
                other.starts_with("/static/"),
                "{address} asks elsewhere: {other}"
            );
            bytes += weights.of(other).await;
        }
        found.insert(kind(&address), bytes);
        for link in parts.links {
            if link.starts_with('/')
                && side(&link) == side(start)
                && !found.contains_key(&kind(&link))
            {
                found.insert(kind(&link), 0);
                waiting.push_back(link);
            }
        }
    }
    found.retain(|_, bytes| *bytes > 0);
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_is_heavy_on_a_first_visit() {
    let town = Town::with_families(60);
    let parent: i64 = town.ask(
        "select e.payer_id from enrolment e group by e.payer_id order by count(*) desc limit 1",
    );
    let mut weights = Weights {
        town: Arc::clone(&town.app),
        known: BTreeMap::new(),
    };
    let stranger = Browser {
        app: Arc::clone(&town.app),
        cookie: String::new(),
        csrf: String::new(),
    };
    let mut all = weigh(&stranger, "/", &mut weights).await;
    let family = town.citizens_browser(PersonId(parent));
    all.extend(weigh(&family, "/area", &mut weights).await);
    for (username, start) in [
        ("ufficio", "/ufficio"),
        ("ragioneria", "/ufficio"),
        ("collodi", "/scuola"),
    ] {
        let staff = town.staffs_browser(username);
        all.extend(weigh(&staff, start, &mut weights).await);
    }
    let mut heaviest: Vec<_> = all.iter().map(|(page, bytes)| (*bytes, page)).collect();
    heaviest.sort_unstable_by(|a, b| b.cmp(a));
    for (bytes, page) in heaviest.iter().take(5) {
        println!("{:>7} bytes {page}", bytes);
    }
    assert!(all.len() > 30, "{} kinds of pages were found", all.len());
    let (bytes, page) = heaviest[0];
    assert!(bytes <= MOST, "{page} weighs {bytes} bytes");
}
