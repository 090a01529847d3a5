//! The office's pages and the talk between families and office, through the web: login, lists,
//! search, decisions, messages; and who has no business there.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use campanella::applications::{self, ApplicantChoice, OTHER_CHILD, Step, TextAcceptance};
use campanella::base::{Actor, PersonId, PublicId};
use campanella::people::{BelfioreCode, FiscalCode, Sex};
use campanella::store::Urgency;
use campanella::web;
use jiff::civil::date;
use poem::http::{StatusCode, header};
use poem::test::TestClient;
use poem::{Endpoint, Response};
use scraper::{Html, Selector};
use support::{Town, morning};

/// A page, or where one was led to.
struct Seen {
    status: StatusCode,
    location: String,
    cookie: String,
    text: String,
    bytes: Vec<u8>,
}

impl Seen {
    fn html(&self) -> Html {
        Html::parse_document(&self.text)
    }

    /// The visible words of the page's main part, with single spaces.
    fn words(&self) -> String {
        let main = Selector::parse("main").unwrap();
        let html = self.html();
        let words: Vec<_> = html.select(&main).flat_map(|m| m.text()).collect();
        words
            .join(" ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Every address that the main part links to.
    fn links(&self) -> Vec<String> {
        let links = Selector::parse("main a[href]").unwrap();
        let html = self.html();
        let href = |a: scraper::ElementRef<'_>| a.attr("href").unwrap_or("").to_owned();
        html.select(&links).map(href).collect()
    }

    fn hidden(&self, name: &str) -> String {
        let input = Selector::parse(&format!("input[name={name}]")).unwrap();
        let html = self.html();
        let found = html.select(&input).next();
        found.and_then(|i| i.attr("value")).unwrap_or("").to_owned()
    }
}

/// A browser with one cookie jar.
struct Browser<'a, E> {
    client: &'a TestClient<E>,
    cookies: String,
    token: String,
}

impl<E: Endpoint<Output = Response>> Browser<'_, E> {
    async fn get(&self, path: &str) -> Seen {
        let request = self.client.get(path);
        seen(request.header(header::COOKIE, &self.cookies)).await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("_csrf", &self.token).extend_pairs(fields);
        let request = self.client.post(path).header(header::COOKIE, &self.cookies);
        let request = request.content_type("application/x-www-form-urlencoded");
        seen(request.body(body.finish())).await
    }
}

async fn seen(
    request: poem::test::TestRequestBuilder<'_, impl Endpoint<Output = Response>>,
) -> Seen {
    let response = request
        .header(header::HOST, "127.0.0.1:8080")
        .send()
        .await
        .0;
    let text = |name| response.header(name).unwrap_or("").to_owned();
    let (status, location, cookie) = (
        response.status(),
        text(header::LOCATION),
        text(header::SET_COOKIE),
    );
    let bytes = response.into_body().into_vec().await.unwrap();
    Seen {
        status,
        location,
        cookie,
        text: String::from_utf8_lossy(&bytes).into_owned(),
        bytes,
    }
}

macro_rules! town {
    ($town:ident, $client:ident, $families:expr) => {
        let $town = Town::with_families($families);
        let $client = TestClient::new(web::endpoint($town.app.clone()));
    };
}

fn staff<'a, E>(town: &Town, client: &'a TestClient<E>, name: &str) -> Browser<'a, E> {
    let (cookie, token) = town.staff(name);
    Browser {
        client,
        cookies: format!("campanella-ufficio={cookie}"),
        token,
    }
}

fn citizen<'a, E>(town: &Town, client: &'a TestClient<E>, id: PersonId) -> Browser<'a, E> {
    let (cookie, token) = town.citizen(id);
    Browser {
        client,
        cookies: format!("campanella={cookie}"),
        token,
    }
}

fn payer(town: &Town) -> PersonId {
    PersonId(town.ask("select payer_id from enrolment order by id limit 1"))
}

fn public_id(town: &Town, person: PersonId) -> String {
    town.ask(&format!(
        "select public_id from person where id = {}",
        person.0
    ))
}

/// The payer applies for the school bus, for a child whom no register knows.
fn apply(town: &Town, applicant: PersonId, name: &str) -> PublicId {
    let (app, name) = (town.app.clone(), name.to_owned());
    let work = move |tx: &rusqlite::Transaction<'_>| {
        let (key, actor, now) = (&app.key, Actor::Citizen(applicant), morning());
        let call: PublicId = tx.query_row(
            "select c.public_id from call c join service s on s.id = c.service_id
             where s.kind = 'transport' order by c.id limit 1",
            [],
            |row| row.get(0),
        )?;
        let read = applications::PrivacyNotice::Read;
        let draft = applications::start(tx, &actor, &call, read, now)?;
        let mut draft = applications::draft(tx, key, &actor, &draft)?;
        let choice = ApplicantChoice {
            title: "parent".to_owned(),
            child: OTHER_CHILD.to_owned(),
        };
        draft.choose(tx, &actor, choice, now)?;
        let (born, place) = (date(2018, 5, 4), BelfioreCode::parse("A562").unwrap());
        let code = FiscalCode::compute("Verdi", &name, Sex::M, born, place);
        let child = &mut draft.content.child;
        "=Bellini".clone_into(&mut child.surname);
        name.clone_into(&mut child.name);
        "M".clone_into(&mut child.sex);
        "2018-05-04".clone_into(&mut child.birth_date);
        "Borgo San Lieto".clone_into(&mut child.birth_place);
        child.fiscal_code = code.to_string();
        "Via Nuova 1".clone_into(&mut child.address);
        "56017".clone_into(&mut child.postal_code);
        "Borgo San Lieto".clone_into(&mut child.town);
        let class = &applications::classes_for(tx, &draft.call)?[0];
        draft.content.service.class = class.public_id.to_string();
        "9.000,00".clone_into(&mut draft.content.service.isee_value);
        let accept = |text| Some(TextAcceptance { text, at: now });
        draft.content.accepted.privacy = accept(draft.call.privacy);
        draft.content.accepted.conditions = accept(draft.call.conditions);
        applications::save(tx, key, &actor, &draft, Step::Sending, now)?;
        let revision = applications::draft(tx, key, &actor, &draft.public_id)?.revision;
        applications::submit(tx, key, &actor, &draft.public_id, revision, now)
    };
    town.app.store.write(Urgency::Interactive, work).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_log_in_with_the_right_password_and_are_locked_out_after_wrong_ones() {
    town!(town, client, 2);
    let mut browser = Browser {
        client: &client,
        cookies: String::new(),
        token: String::new(),
    };
    // A stranger is led to the login, and afterwards to the page that was asked for.
    let led = browser.get("/ufficio/messaggi").await;
    assert_eq!(
        (led.status.as_u16(), led.location.as_str()),
        (303, "/ufficio/accesso")
    );
    browser.cookies = led.cookie.split(';').next().unwrap().to_owned();
    let form = browser.get("/ufficio/accesso").await;
    browser.token = form.hidden("_csrf");
    let try_with = |password| [("username", "ufficio"), ("password", password)];
    let wrong = browser
        .post("/ufficio/accesso", &try_with("sbagliata"))
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong
            .words()
            .contains("Nome utente o password non corretti")
    );
    assert_eq!(wrong.hidden("username"), "ufficio");

    let right = browser
        .post("/ufficio/accesso", &try_with(campanella::demo::PASSWORD))
        .await;
    assert_eq!(right.location, "/ufficio/messaggi");
    let before = std::mem::replace(
        &mut browser.cookies,
        right.cookie.split(';').next().unwrap().to_owned(),
    );
    assert_ne!(before, browser.cookies, "the session begins anew");
    assert_eq!(
        browser.get("/ufficio/messaggi").await.status,
        StatusCode::OK
    );

    // Four more wrong ones, and the right password does not help any more.
    let led = client
        .get("/ufficio")
        .header(header::HOST, "127.0.0.1:8080");
    browser.cookies = seen(led).await.cookie.split(';').next().unwrap().to_owned();
    browser.token = browser.get("/ufficio/accesso").await.hidden("_csrf");
    for _ in 0..4 {
        browser
            .post("/ufficio/accesso", &try_with("sbagliata"))
            .await;
    }
    let locked = browser
        .post("/ufficio/accesso", &try_with(campanella::demo::PASSWORD))
        .await;
    assert_eq!(locked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(locked.words().contains("Troppi tentativi"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_is_worth_nothing_in_the_office_and_the_other_way_round() {
    town!(town, client, 2);
    let family = citizen(&town, &client, payer(&town));
    let id = public_id(&town, payer(&town));
    let sheet = format!("/ufficio/famiglie/{id}");
    for path in [
        "/ufficio",
        "/ufficio/domande",
        "/ufficio/cerca?q=rossi",
        &sheet,
    ] {
        let led = family.get(path).await;
        assert_eq!(led.location, "/ufficio/accesso", "{path}");
    }
    let clerk = staff(&town, &client, "ufficio");
    assert_eq!(clerk.get("/area").await.location, "/");
    // The accountant sees the sheet and the balances, not what concerns applications and messages.
    let accountant = staff(&town, &client, "ragioneria");
    assert_eq!(accountant.get("/ufficio").await.status, StatusCode::OK);
    assert_eq!(
        accountant.get("/ufficio/domande").await.status,
        StatusCode::FORBIDDEN
    );
    let seen_by_both = [accountant.get(&sheet).await, clerk.get(&sheet).await].map(|s| s.words());
    assert!(seen_by_both.iter().all(|words| words.contains("Saldo")));
    assert!(!seen_by_both[0].contains("ISEE") && seen_by_both[1].contains("ISEE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_go_both_ways_and_are_marked() {
    town!(town, client, 2);
    let person = payer(&town);
    let family = citizen(&town, &client, person);
    let page = family.get("/area/comunicazioni").await;
    assert_eq!(page.status, StatusCode::OK);
    let empty = [("_key", page.hidden("_key")), ("body", String::new())];
    let empty: Vec<_> = empty.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let refused = family.post("/area/comunicazioni", &empty).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);

    let question = "Il bus passa <b>domani</b>?";
    let key = page.hidden("_key");
    let fields = [("_key", key.as_str()), ("body", question)];
    for _ in 0..2 {
        let sent = family.post("/area/comunicazioni", &fields).await;
        assert_eq!(sent.location, "/area/comunicazioni");
    }
    let shown = family.get("/area/comunicazioni").await;
    assert_eq!(
        shown.words().matches(question).count(),
        1,
        "a double click sends once"
    );
    assert!(shown.words().contains("L’ufficio non l’ha ancora letto"));

    let clerk = staff(&town, &client, "ufficio");
    let thread = format!("/ufficio/messaggi/{}", public_id(&town, person));
    let list = clerk.get("/ufficio/messaggi?mostra=da-leggere").await;
    assert!(list.words().contains("1 da leggere"), "{}", list.words());
    assert!(list.links().contains(&thread));
    let today = clerk.get("/ufficio").await;
    assert!(
        today.links().contains(&thread),
        "it waits on the first page"
    );
    let open = clerk.get(&thread).await;
    assert!(open.words().contains(question) && open.words().contains("Nuovo"));
    assert!(!clerk.get(&thread).await.words().contains("Nuovo"));
    // Read is not answered.
    assert!(clerk.get("/ufficio").await.links().contains(&thread));

    let key = open.hidden("_key");
    let answer = [
        ("_key", key.as_str()),
        ("body", "Sì, alle 7:40.\r\n\r\nBuona giornata."),
    ];
    assert_eq!(clerk.post(&thread, &answer).await.location, thread);
    assert!(!clerk.get("/ufficio").await.links().contains(&thread));

    let home = family.get("/area").await;
    assert!(
        home.words().contains("Hai 1 messaggio da leggere"),
        "{}",
        home.words()
    );
    let read = family.get("/area/comunicazioni").await;
    assert!(read.words().contains("Sì, alle 7:40.") && read.words().contains("Carla Neri Nuovo"));
    assert!(
        !family
            .get("/area/comunicazioni")
            .await
            .words()
            .contains("Carla Neri Nuovo")
    );
    assert!(
        clerk
            .get(&thread)
            .await
            .words()
            .contains("Letto dalla famiglia il 03/11/2026")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_intake_list_filters_counts_and_exports() {
    town!(town, client, 3);
    let person = payer(&town);
    let (first, second) = (apply(&town, person, "Ugo"), apply(&town, person, "Pio"));
    let clerk = staff(&town, &client, "ufficio");
    let list = clerk.get("/ufficio/domande").await;
    let hrefs = [&first, &second].map(|id| format!("/ufficio/domande/{id}"));
    let rows: Vec<_> = list
        .links()
        .into_iter()
        .filter(|l| hrefs.contains(l))
        .collect();
    assert_eq!(rows, hrefs, "oldest first");
    let waiting: i64 = town.ask("select count(*) from application_state where state = 'submitted'");
    let accepted: i64 = town.ask("select count(*) from application_state where state = 'accepted'");
    let counts = [
        format!("Da esaminare ({waiting})"),
        format!("Accolte ({accepted})"),
    ];
    assert!(counts.iter().all(|count| list.words().contains(count)));
    let others = clerk.get("/ufficio/domande?stato=accolte").await;
    assert!(!others.links().iter().any(|link| hrefs.contains(link)));
    assert!(others.words().contains(&counts[0]));
    let found = clerk.get("/ufficio/domande?q=bellini+pio").await;
    assert!(found.links().contains(&hrefs[1]) && !found.links().contains(&hrefs[0]));
    assert_eq!(
        clerk.get("/ufficio/domande?avviso=x").await.status,
        StatusCode::NOT_FOUND
    );

    let file = clerk.get("/ufficio/domande.csv?stato=da-esaminare").await;
    assert!(file.bytes.starts_with("\u{feff}Numero;".as_bytes()));
    assert_eq!(i64::try_from(file.text.lines().count()), Ok(waiting + 1));
    assert!(file.text.contains(";'=Bellini Ugo;"), "{}", file.text);
    let logged: i64 =
        town.ask("select count(*) from audit_entry where action = 'export-applications'");
    assert_eq!(logged, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_decides_and_the_family_hears_of_it() {
    town!(town, client, 3);
    let person = payer(&town);
    let (good, bad) = (apply(&town, person, "Ugo"), apply(&town, person, "Pio"));
    let clerk = staff(&town, &client, "ufficio");
    let (good, bad) = (
        format!("/ufficio/domande/{good}"),
        format!("/ufficio/domande/{bad}"),
    );
    let page = clerk.get(&good).await;
    let words = page.words();
    assert!(
        words.contains("non è stato scelto dal nucleo anagrafico"),
        "{words}"
    );
    assert!(words.contains("non è ancora verificata") && words.contains("9.000,00"));
    assert!(words.contains("non corrisponde a: cognome."), "{words}");
    assert!(words.contains("La famiglia riceverà un messaggio"));
    let receipt = clerk.get(&format!("{good}/ricevuta")).await;
    assert!(receipt.bytes.starts_with(b"%PDF"));

    // The ISEE: a wrong value comes back with what was typed; a good one is in the history.
    let key = page.hidden("_key");
    let isee = |value: &'static str| {
        [
            ("_key", key.clone()),
            ("value", value.to_owned()),
            ("kind", "minorenni".to_owned()),
            ("valid_from", "2026-01-15".to_owned()),
            ("valid_to", "2026-12-31".to_owned()),
        ]
    };
    let record = async |value| {
        let fields = isee(value);
        let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        clerk.post(&format!("{good}/isee"), &fields).await
    };
    let wrong = record("novemila").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wrong.hidden("value"), "novemila");
    assert_eq!(record("9.500,00").await.location, good);
    assert!(clerk.get(&good).await.words().contains("9.500,00"));
    let read: i64 = town.ask("select count(*) from audit_entry where action = 'read-isee'");
    assert!(read > 0, "each reading of an ISEE is logged");

    let class: String = town.ask(&format!(
        "select json_extract(content, '$.service.class') from application where public_id = '{}'",
        good.rsplit('/').next().unwrap()
    ));
    let early = [
        ("class", class.as_str()),
        ("from", "2020-01-01"),
        ("note", "A presto"),
    ];
    let refused = clerk.post(&format!("{good}/accogli"), &early).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("A presto") && refused.text.contains("href=\"#from\""));
    let fields = [
        ("class", class.as_str()),
        ("from", "2026-11-09"),
        ("note", "A presto"),
    ];
    assert_eq!(
        clerk
            .post(&format!("{good}/accogli"), &fields)
            .await
            .location,
        good
    );
    let again = clerk.post(&format!("{good}/accogli"), &fields).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let decided = clerk.get(&good).await.words();
    assert!(decided.contains("Accolta") && !decided.contains("Accogli la domanda"));

    let silent = clerk
        .post(&format!("{bad}/respingi"), &[("reason", " ")])
        .await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let reason = [("reason", "La linea è piena.")];
    assert_eq!(
        clerk
            .post(&format!("{bad}/respingi"), &reason)
            .await
            .location,
        bad
    );

    let family = citizen(&town, &client, person);
    let told = family.get("/area/comunicazioni").await.words();
    assert!(
        told.contains("Ugo è stata accolta") && told.contains("lunedì 9 novembre 2026"),
        "{told}"
    );
    assert!(told.contains("A presto") && told.contains("Motivo: La linea è piena."));
    // The guardianship that the office verified opens the child's enrolment to the parent.
    let sheet = format!("/ufficio/famiglie/{}", public_id(&town, person));
    assert!(clerk.get(&sheet).await.words().contains("Ugo"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_search_finds_people_and_goes_straight_to_codes_and_numbers() {
    town!(town, client, 4);
    let person = payer(&town);
    let application = apply(&town, person, "Ugo");
    let clerk = staff(&town, &client, "ufficio");
    let sheet = format!("/ufficio/famiglie/{}", public_id(&town, person));
    let ask = |what: &str| -> String {
        town.ask(&format!(
            "select {what} from person p join identity_link l on l.person_id = p.id where p.id = {}",
            person.0
        ))
    };
    let code = ask("lower(l.fiscal_code)");
    assert_eq!(
        clerk
            .get(&format!("/ufficio/cerca?q={code}"))
            .await
            .location,
        sheet
    );
    let (surname, name) = (ask("upper(p.surname)"), ask("p.name"));
    for words in [
        format!("{surname} {name}"),
        format!("{name} {surname}"),
        surname,
    ] {
        let query = form_urlencoded::byte_serialize(words.as_bytes()).collect::<String>();
        let found = clerk.get(&format!("/ufficio/cerca?q={query}")).await;
        assert!(
            found.location == sheet || found.links().contains(&sheet),
            "{words}"
        );
    }
    let number: String = town.ask(&format!(
        "select lower(number) from application where public_id = '{application}'"
    ));
    let found = clerk.get(&format!("/ufficio/cerca?q={number}")).await;
    assert_eq!(found.location, format!("/ufficio/domande/{application}"));
    let nothing = clerk.get("/ufficio/cerca?q=zzzz").await;
    assert!(nothing.words().contains("Nessun risultato"));
    assert_eq!(clerk.get("/ufficio/cerca").await.status, StatusCode::OK);
    let nobody = format!("/ufficio/famiglie/{}", "0".repeat(26));
    assert_eq!(clerk.get(&nobody).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_page_and_the_home_have_the_manuals_labels() {
    town!(town, client, 2);
    let stranger = Browser {
        client: &client,
        cookies: String::new(),
        token: String::new(),
    };
    let public = stranger.get("/").await;
    for label in [
        "Area riservata",
        "Entra con SPID",
        "Entra con CIE",
        "Entra con CNS / TS-CNS",
    ] {
        assert!(public.words().contains(label), "{label}");
    }
    assert!(
        stranger
            .get("/demo/accesso")
            .await
            .words()
            .contains("Entra come")
    );

    let home = citizen(&town, &client, payer(&town)).get("/area").await;
    let links = home.links();
    for (label, address) in [
        (
            "Nuova domanda per i servizi scolastici",
            "/area/domande/nuova",
        ),
        ("Domande inviate", "/area/domande"),
        ("I miei dati", "/area/dati"),
        ("Stampa attestazione pagamenti", "/area/attestazioni"),
        ("Presenze", "/area/presenze"),
        ("Comunicazioni", "/area/comunicazioni"),
        ("Come pagare", "/area/come-pagare"),
        ("Nuovo pagamento", "/area/pagamenti/nuovo"),
        ("Pagamenti", "/area/pagamenti"),
        ("Estratto conto", "/area/estratto-conto"),
        ("Disdici un pasto", "/area/disdici"),
    ] {
        assert!(home.words().contains(label), "{label}");
        assert!(links.iter().any(|link| link == address), "{address}");
    }
    assert!(home.words().contains("Esci"));
    assert!(
        home.words().contains("oggi mangia a scuola"),
        "{}",
        home.words()
    );
    assert_eq!(links[0], "/area/disdici", "first of all on a school day");
}

#[tokio::test(flavor = "multi_thread")]
async fn my_data_keeps_what_was_typed() {
    town!(town, client, 2);
    let family = citizen(&town, &client, payer(&town));
    let page = family.get("/area/dati").await;
    let revision = page.hidden("revision");
    let fields = [
        ("revision", revision.as_str()),
        ("birth_date_d", "31"),
        ("birth_date_m", "2"),
        ("birth_date_y", "1985"),
        ("birth_place", "Lucca"),
        ("address", "Via Nuova 2"),
        ("postal_code", "5601"),
        ("town", "Borgo San Lieto"),
        ("phone", "333 1234567"),
        ("email", "io@example.it"),
    ];
    let wrong = family.post("/area/dati", &fields).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        (
            wrong.hidden("birth_date_d").as_str(),
            wrong.hidden("postal_code").as_str()
        ),
        ("31", "5601")
    );
    assert!(
        wrong.text.contains("href=\"#birth_date\"") && wrong.text.contains("href=\"#postal_code\"")
    );
    let mut good = fields;
    good[1].1 = "28";
    good[6].1 = "56017";
    assert_eq!(
        family.post("/area/dati", &good).await.location,
        "/area/dati"
    );
    assert!(family.get("/area/dati").await.text.contains("Via Nuova 2"));
    let stale = family.post("/area/dati", &good).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_a_demo_the_public_page_promises_nothing() {
    let town = Town::founded();
    let app = std::sync::Arc::into_inner(town.app).unwrap();
    let app = std::sync::Arc::new(campanella::app::App { demo: false, ..app });
    let client = TestClient::new(web::endpoint(app));
    let stranger = Browser {
        client: &client,
        cookies: String::new(),
        token: String::new(),
    };
    let public = stranger.get("/").await;
    assert!(
        public.words().contains("SPID: non ancora collegato"),
        "{}",
        public.words()
    );
    assert!(!public.text.contains("/demo/"));
}
