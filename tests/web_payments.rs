//! Money over HTTP, without JavaScript: from "Nuovo pagamento" to the receipt and the attestation.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use std::sync::Arc;

use campanella::base::{Cents, Instant, PersonId, Role, SchoolYear};
use campanella::municipality::{self, Grade, NewSchool};
use campanella::payments::NoticeNumber;
use campanella::people::{self, BelfioreCode, FiscalCode, NewPerson, Sex};
use campanella::store::Urgency;
use campanella::{enrolments, identity, ledger, processes, tariffs};
use jiff::civil::{Date, date};
use poem::http::StatusCode;
use support::{Browser, Town, morning};

const CREDITOR: &str = "01199250158";

/// A mother with Luca, who eats at school; nothing was ever charged or paid. And a stranger.
struct Scene {
    town: Town,
    mother: PersonId,
    stranger: PersonId,
}

fn scene() -> Scene {
    let town = Town::founded();
    let (mother, stranger) = town
        .app
        .store
        .write(Urgency::Interactive, |tx| {
            let add = |surname: &str, name: &str, sex, born: Date| {
                let pisa = BelfioreCode::parse("G702").unwrap();
                let code = FiscalCode::compute(surname, name, sex, born, pisa);
                people::add_person(
                    tx,
                    &NewPerson::of(&code, surname, name, morning()),
                    morning(),
                )
            };
            let mother = add("Rossi", "Mara", Sex::F, date(1985, 12, 10))?;
            let stranger = add("Verdi", "Ugo", Sex::M, date(1980, 1, 2))?;
            let luca = add("Rossi", "Luca", Sex::M, date(2019, 5, 4))?;
            let guardianship = people::NewGuardianship {
                adult: mother,
                child: luca,
                title: people::GuardianshipTitle::Parent,
                verified_by: "office",
                from: date(2026, 1, 1),
            };
            people::grant_guardianship(tx, &guardianship, morning())?;
            let school = NewSchool {
                code: "PRIM9",
                name: "Primaria Collodi",
                grade: Grade::Primaria,
                address: "Via Roma 1",
            };
            let school = municipality::add_school(tx, &school)?;
            let class = municipality::add_class(tx, school, SchoolYear::starting_in(2026), "1A")?;
            let meals = municipality::service_by_code(tx, "mensa")?.unwrap().id;
            let enrolment = enrolments::NewEnrolment {
                child: luca,
                payer: mother,
                service: meals,
                class,
                from: date(2026, 9, 21),
                to: None,
                application: None,
            };
            enrolments::enrol(tx, &enrolment, morning())?;
            let clerk = identity::NewStaff {
                username: "ufficio".to_owned(),
                name: "Carla Neri".to_owned(),
                password: identity::hash_password("una-parola-lunga")?,
                roles: vec![Role::Office],
            };
            identity::add_staff(tx, &clerk, morning())?;
            Ok((mother, stranger))
        })
        .unwrap();
    Scene {
        town,
        mother,
        stranger,
    }
}

impl Scene {
    fn browser(&self, person: PersonId) -> Browser {
        self.town.citizens_browser(person)
    }

    fn office(&self) -> Browser {
        self.town.staffs_browser("ufficio")
    }

    fn balance(&self) -> Cents {
        let accounts = self
            .town
            .app
            .store
            .read(|db| ledger::accounts_of_person(db, self.mother));
        accounts.unwrap().iter().map(|a| a.balance).sum()
    }
}

/// The names of the box and of the amount of the first row of "Nuovo pagamento".
fn row(form: &support::Page) -> (String, String) {
    let name = form.attribute("main input[name^='amount-']", "name");
    (name.replace("amount-", "pick-"), name)
}

impl Browser {
    /// Makes a notice as a family does; gives its page's address.
    async fn new_notice(&self, amount: &str) -> String {
        let form = self.get("/area/pagamenti/nuovo").await.page();
        let (pick, name) = row(&form);
        let key = form.attribute("main input[name=_key]", "value");
        let fields = [(&*pick, "1"), (&*name, amount), ("_key", &key)];
        let first = self.post("/area/pagamenti/nuovo", &fields).await.leads_to();
        // A double click makes one notice.
        assert_eq!(
            self.post("/area/pagamenti/nuovo", &fields).await.leads_to(),
            first
        );
        first
    }

    /// Opens the payment page for a notice.
    async fn check_out(&self, notice: &str) -> String {
        let page = self.get(notice).await.page();
        let id = page.attribute("main input[name=notice]", "value");
        self.post("/area/pagamenti/paga", &[("notice", &id)])
            .await
            .leads_to()
    }
}

#[tokio::test]
async fn a_payment_from_the_form_to_the_receipt() {
    let scene = scene();
    let mother = scene.browser(scene.mother);
    let empty = mother.get("/area/pagamenti").await.page();
    empty.says("Nessun avviso da pagare");
    empty.says("Ancora nessun pagamento");
    let notice = mother.new_notice("50").await;
    let page = mother.get(&notice).await.page();
    page.says("Refezione scolastica - ricarica");
    page.says("50,00 €");
    page.is_silent_on("Rossi Luca - ");
    mother.get("/area/come-pagare").await.page().says("50,00 €");
    let pdf = mother.get(&format!("{notice}/avviso.pdf")).await;
    assert!(pdf.status == StatusCode::OK && pdf.body.starts_with(b"%PDF"));
    let svg = mother.get(&format!("{notice}/qr.svg")).await.text();
    assert!(svg.starts_with("<svg") && svg.contains("viewBox=\"0 0 41 41\""));

    let checkout = mother.check_out(&notice).await;
    assert!(checkout.starts_with("/demo/pagamento/"));
    mother.get(&checkout).await.page().says("SIMULAZIONE");
    assert_eq!(scene.balance(), Cents::ZERO);
    let back = mother
        .post(&checkout, &[("action", "pay")])
        .await
        .leads_to();
    assert_eq!(scene.balance(), Cents::ZERO, "the return proves nothing");
    let outcome = mother.get(&back).await.page();
    outcome.says("Pagamento ricevuto");
    assert_eq!(scene.balance(), Cents(5000));
    mother.get(&back).await.page().says("Pagamento ricevuto");
    processes::payments::tick(&scene.town.app).unwrap();
    assert_eq!(scene.balance(), Cents(5000));
    // The payment page can't be used twice.
    let again = mother.post(&checkout, &[("action", "pay")]).await;
    again
        .page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("PAA_PAGAMENTO_DUPLICATO");
    let list = mother.get("/area/pagamenti").await.page();
    list.says("Banca di Prova S.p.A., carta");
    list.says("03/11/2026");
    mother
        .get(&notice)
        .await
        .page()
        .says("Questo avviso è pagato");
    mother
        .get("/area/estratto-conto")
        .await
        .page()
        .says("50,00 €");
}

#[tokio::test]
async fn the_return_page_says_the_truth() {
    let scene = scene();
    let mother = scene.browser(scene.mother);
    let notice = mother.new_notice("20,00").await;
    let checkout = mother.check_out(&notice).await;
    let cancelled = mother
        .post(&checkout, &[("action", "cancel")])
        .await
        .leads_to();
    mother.get(&cancelled).await.page().says("Non hai pagato");
    // Whoever types the good address gets no credit from it.
    let forged = cancelled.replace("annullato", "ok");
    mother
        .get(&forged)
        .await
        .page()
        .says("In attesa di conferma");
    assert_eq!(scene.balance(), Cents::ZERO);
    let failed = mother
        .post(&checkout, &[("action", "error")])
        .await
        .leads_to();
    mother.get(&failed).await.page().says("non è riuscito");
    let later = mother
        .post(&checkout, &[("action", "later")])
        .await
        .leads_to();
    mother
        .get(&later)
        .await
        .page()
        .says("In attesa di conferma");
    assert_eq!(scene.balance(), Cents::ZERO);
    let in_two_minutes = scene.town.at(morning().plus_millis(120_000));
    let mother = mother.of(in_two_minutes);
    mother.get(&later).await.page().says("Pagamento ricevuto");
    assert_eq!(scene.balance(), Cents(2000));
}

#[tokio::test]
async fn a_notice_paid_at_a_counter_and_its_receipt_sent_twice() {
    let scene = scene();
    let mother = scene.browser(scene.mother);
    let notice = mother.new_notice("30").await;
    processes::payments::tick(&scene.town.app).unwrap();
    let number: String = scene.town.ask("select notice_number from payment_notice");
    let grouped = NoticeNumber::parse(&number).unwrap().grouped();
    let pay = |action: &'static str, creditor: &'static str| {
        let (mother, grouped) = (&mother, grouped.clone());
        async move {
            let fields = [
                ("notice_number", grouped.as_str()),
                ("creditor", creditor),
                ("way", "cash"),
                ("action", action),
            ];
            mother.post("/demo/psp", &fields).await
        }
    };
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    pay("again", CREDITOR).await.page_with(refused);
    pay("pay", "03334231200")
        .await
        .page_with(refused)
        .says("PAA_ID_DOMINIO_ERRATO");
    assert_eq!(pay("pay", CREDITOR).await.leads_to(), "/demo/psp");
    mother.get("/demo/psp").await.page().says("Avviso pagato");
    assert_eq!(scene.balance(), Cents(3000));
    pay("again", CREDITOR).await.leads_to();
    assert_eq!(scene.balance(), Cents(3000));
    pay("pay", CREDITOR)
        .await
        .page_with(refused)
        .says("PAA_PAGAMENTO_DUPLICATO");
    pay("twice", CREDITOR).await.leads_to();
    assert_eq!(
        scene.balance(),
        Cents(3000),
        "the second payment waits for the office"
    );
    let office = scene.office().get("/ufficio/pagamenti").await.page();
    office.says("In sospeso (1)");
    office.says("doppio pagamento?");
    office.says("non detraibile");
    let found = format!("/ufficio/pagamenti?q={}", number);
    scene.office().get(&found).await.page().says("2 ricevute");
    scene
        .office()
        .get("/ufficio/pagamenti?q=rossi")
        .await
        .page()
        .says("1 ricevuta,");
    let csv = scene
        .office()
        .get("/ufficio/pagamenti.csv?dal=2026-11-01&al=2026-11-30")
        .await;
    let csv = csv.text();
    assert!(csv.contains("30,00") && csv.contains("in sospeso") && csv.contains("Rossi Mara"));
    // Cash can't be deducted.
    mother
        .get("/area/attestazioni")
        .await
        .page()
        .says("i pagamenti sono in contanti");
    let notice_page = mother.get(&notice).await.page();
    notice_page.says("Questo avviso è pagato");
    let list = mother.get("/area/pagamenti").await.page();
    list.says("Un secondo pagamento per lo stesso avviso");
    list.says("Il denaro non è perso");
}

#[tokio::test]
async fn the_attestation_from_the_first_payment_to_its_verification() {
    let scene = scene();
    let mother = scene.browser(scene.mother);
    let checkout = mother.check_out(&mother.new_notice("100").await).await;
    let back = mother
        .post(&checkout, &[("action", "pay")])
        .await
        .leads_to();
    mother.get(&back).await.page();
    let years = mother.get("/area/attestazioni").await.page();
    years.says("Prepara l’attestazione 2026");
    years.says("Nessun pagamento detraibile nel 2025");
    mother
        .post("/area/attestazioni", &[("year", "2026")])
        .await
        .leads_to();
    let ready = mother.get("/area/attestazioni").await.page();
    ready.says("Attestazione 2026 pronta");
    ready.says("2026/000001");
    let pdf = ready.attribute("main a[href$='attestazione.pdf']", "href");
    let first = mother.get(&pdf).await;
    assert!(first.body.starts_with(b"%PDF"));
    let text = lopdf::Document::load_mem(&first.body).unwrap();
    let pages: Vec<u32> = text.get_pages().keys().copied().collect();
    let text = text.extract_text(&pages).unwrap();
    assert!(text.contains("100,00") && text.contains("Rossi Luca"));
    // Asked again, the same document.
    mother
        .post("/area/attestazioni", &[("year", "2026")])
        .await
        .leads_to();
    assert_eq!(scene.town.ask::<i64>("select count(*) from attestation"), 1);
    mother
        .post("/area/attestazioni", &[("year", "2025")])
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    let code: String = scene.town.ask("select public_id from attestation");
    let nobody = Browser {
        app: Arc::clone(&scene.town.app),
        cookie: "campanella=".to_owned(),
        csrf: String::new(),
    };
    let verified = nobody.get(&format!("/verifica/{code}")).await.page();
    verified.says("Documento valido");
    verified.says("R**** M***");
    verified.is_silent_on("Rossi");
    nobody
        .get("/verifica")
        .await
        .page()
        .says("Codice di verifica");
    let typed = format!("/verifica?codice={}", code.to_uppercase());
    assert_eq!(
        nobody.get(&typed).await.leads_to(),
        format!("/verifica/{code}")
    );
    let unknown = nobody.get("/verifica/00000000000000000000000000").await;
    unknown
        .page_with(StatusCode::NOT_FOUND)
        .says("Nessun documento");
    let stranger = scene.browser(scene.stranger);
    assert_eq!(stranger.get(&pdf).await.status, StatusCode::NOT_FOUND);
    assert_eq!(stranger.get(&back).await.status, StatusCode::NOT_FOUND);
    let hers: String = scene.town.ask("select public_id from payment_notice");
    let notice = format!("/area/pagamenti/avvisi/{hers}");
    assert_eq!(stranger.get(&notice).await.status, StatusCode::NOT_FOUND);
    stranger
        .get("/area/pagamenti/nuovo")
        .await
        .page()
        .says("Non c’è ancora niente da pagare");
}

#[tokio::test]
async fn amounts_are_checked_and_notices_withdrawn() {
    let scene = scene();
    let mother = scene.browser(scene.mother);
    let form = mother.get("/area/pagamenti/nuovo").await.page();
    let (pick, name) = row(&form);
    for (amount, message) in [
        ("", "obbligatorio"),
        ("dieci", "Scrivi un importo"),
        ("1", "importo minimo"),
        ("20.000", "importo massimo"),
    ] {
        let key = form.attribute("main input[name=_key]", "value");
        let fields = [(&*pick, "1"), (&*name, amount), ("_key", &key)];
        let page = mother.post("/area/pagamenti/nuovo", &fields).await;
        let page = page.page_with(StatusCode::UNPROCESSABLE_ENTITY);
        page.says(message);
        assert_eq!(page.attribute(&format!("#{name}"), "value"), amount);
    }
    let first = mother.new_notice("40").await;
    assert_eq!(
        mother.new_notice("40").await,
        first,
        "an open notice is given again"
    );
    mother.new_notice("41").await;
    mother
        .get("/area/pagamenti")
        .await
        .page()
        .says("Paga insieme");
    processes::payments::tick(&scene.town.app).unwrap();
    let gone = mother
        .post(&format!("{first}/ritira"), &[])
        .await
        .leads_to();
    mother.get(&gone).await.page().says("Avviso ritirato");
    processes::payments::tick(&scene.town.app).unwrap();
    mother.get(&first).await.page().says("ritirato");
    let id = first.rsplit('/').next().unwrap();
    let paid = mother.post("/area/pagamenti/paga", &[("notice", id)]).await;
    assert_eq!(paid.status, StatusCode::UNPROCESSABLE_ENTITY);
    let state: String = scene.town.ask(
        "select group_concat(state) from (select state from sandbox_position order by amount)",
    );
    assert_eq!(state, "INVALID,VALID");
}

/// Publishes a tariff of the examples for meals, from today on.
fn publish(scene: &Scene, source: &'static str) {
    scene
        .town
        .app
        .store
        .write(Urgency::Interactive, move |tx| {
            let meals = municipality::service_by_code(tx, "mensa")?.unwrap().id;
            tariffs::publish(tx, meals, source, date(2026, 11, 3), morning())
        })
        .unwrap();
}

#[tokio::test]
async fn the_first_top_up_pays_for_so_many_meals() {
    let scene = scene();
    // Casorate Primo: at least ten meals at 5,15 the first time.
    publish(
        &scene,
        include_str!("../examples/tariffs/casorateprimo-prepagato.toml"),
    );
    let mother = scene.browser(scene.mother);
    let form = mother.get("/area/pagamenti/nuovo").await.page();
    form.says("La prima ricarica è di almeno 10 pasti: 51,50 €");
    let (pick, name) = row(&form);
    let key = form.attribute("main input[name=_key]", "value");
    let fields = [(&*pick, "1"), (&*name, "51,49"), ("_key", &key)];
    let page = mother
        .post("/area/pagamenti/nuovo", &fields)
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    page.says("L’importo minimo è 51,50 €");
    assert_eq!(page.attribute(&format!("#{name}"), "value"), "51,49");

    let checkout = mother.check_out(&mother.new_notice("51,50").await).await;
    let back = mother.post(&checkout, &[("action", "pay")]).await;
    mother.get(&back.leads_to()).await.page();
    assert_eq!(scene.balance(), Cents(5150));
    // It is not the first any more: the minimum of the service is enough.
    let form = mother.get("/area/pagamenti/nuovo").await.page();
    form.is_silent_on("prima ricarica");
    mother.new_notice("10").await;
}

#[tokio::test]
async fn packs_are_offered_and_sold_whole() {
    let scene = scene();
    // Cesa: 25 meals at once; Luca's family did not say that it is resident.
    publish(
        &scene,
        include_str!("../examples/tariffs/cesa-blocchetto.toml"),
    );
    let mother = scene.browser(scene.mother);
    let form = mother.get("/area/pagamenti/nuovo").await.page();
    form.says("Si ricarica a blocchetti di 25 pasti: 62,50 € l’uno");
    form.says("50 pasti: 125,00 €");
    let filled = form.attribute("a[href*='125%2C00']", "href");
    let (filled, _) = filled.split_once('#').unwrap();
    let form = mother.get(filled).await.page();
    let (_, name) = row(&form);
    assert_eq!(form.attribute(&format!("#{name}"), "value"), "125,00");
    let (pick, name) = row(&form);
    let key = form.attribute("main input[name=_key]", "value");
    let fields = [(&*pick, "1"), (&*name, "70,00"), ("_key", &key)];
    mother
        .post("/area/pagamenti/nuovo", &fields)
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("Si paga a blocchetti interi di 25 (per 62,50 €): per esempio 62,50 € o 125,00 €.");
    let notice = mother.new_notice("125,00").await;
    mother.get(&notice).await.page().says("125,00 €");
}

#[tokio::test]
async fn the_office_attests_a_whole_year() {
    let scene = scene();
    let mother = scene.browser(scene.mother);
    let checkout = mother.check_out(&mother.new_notice("100").await).await;
    let back = mother
        .post(&checkout, &[("action", "pay")])
        .await
        .leads_to();
    mother.get(&back).await.page();
    let app = scene
        .town
        .at(Instant::from_rome(date(2027, 2, 16).at(9, 0, 0, 0)));
    app.store
        .write(Urgency::Interactive, |tx| {
            campanella::attestations::enqueue_year(
                tx,
                &campanella::base::Actor::System("test"),
                2026,
                "https://x.example",
                morning(),
            )
        })
        .unwrap();
    assert_eq!(processes::work::resume_all(&app).unwrap(), 1);
    assert_eq!(scene.town.ask::<i64>("select count(*) from attestation"), 1);
    scene
        .office()
        .get("/ufficio/pagamenti")
        .await
        .page()
        .says("nuove 1");
    let clerk = scene.office();
    clerk
        .post("/ufficio/pagamenti/attestazioni", &[("year", "2025")])
        .await
        .leads_to();
    clerk
        .get("/ufficio/pagamenti")
        .await
        .page()
        .says("è iniziata");
    let stranger = scene.browser(scene.mother);
    let refused = stranger.get("/ufficio/pagamenti").await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER);
}

/// Six more children of the mother's who eat at school: as many accounts.
fn many_children(scene: &Scene) {
    let mother = scene.mother;
    let added = scene.town.app.store.write(Urgency::Interactive, move |tx| {
        let meals = municipality::service_by_code(tx, "mensa")?.unwrap().id;
        let class = tx.query_row("select id from school_class limit 1", [], |row| row.get(0))?;
        for (month, name) in (1..).zip(["Anna", "Bice", "Carlo", "Dino", "Elsa", "Fabio"]) {
            let pisa = BelfioreCode::parse("G702").unwrap();
            let born = date(2018, month, 4);
            let code = FiscalCode::compute("Rossi", name, Sex::F, born, pisa);
            let new = NewPerson::of(&code, "Rossi", name, morning());
            let child = people::add_person(tx, &new, morning())?;
            let guardianship = people::NewGuardianship {
                adult: mother,
                child,
                title: people::GuardianshipTitle::Parent,
                verified_by: "office",
                from: date(2026, 1, 1),
            };
            people::grant_guardianship(tx, &guardianship, morning())?;
            let enrolment = enrolments::NewEnrolment {
                child,
                payer: mother,
                service: meals,
                class,
                from: date(2026, 9, 21),
                to: None,
                application: None,
            };
            enrolments::enrol(tx, &enrolment, morning())?;
        }
        Ok(())
    });
    added.unwrap();
}

/// The fields that choose the first rows of "Nuovo pagamento" and say how much.
fn basket(form: &support::Page, amounts: &[&str]) -> Vec<(String, String)> {
    let html = scraper::Html::parse_document(&form.0);
    let inputs = scraper::Selector::parse("main input[name^='amount-']").unwrap();
    let names = html
        .select(&inputs)
        .filter_map(|input| input.value().attr("name"));
    let mut fields = vec![("_key".to_owned(), form.hidden("_key"))];
    for (name, amount) in names.zip(amounts) {
        fields.push((name.replace("amount-", "pick-"), "1".to_owned()));
        fields.push((name.to_owned(), (*amount).to_owned()));
    }
    fields
}

#[tokio::test]
async fn several_children_are_paid_for_in_one_payment() {
    let scene = scene();
    many_children(&scene);
    let mother = scene.browser(scene.mother);
    let form = mother.get("/area/pagamenti/nuovo").await.page();
    let send = |fields: Vec<(String, String)>| {
        let mother = &mother;
        async move {
            let fields: Vec<_> = fields
                .iter()
                .map(|(a, b)| (a.as_str(), b.as_str()))
                .collect();
            mother.post("/area/pagamenti/nuovo", &fields).await
        }
    };
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    send(basket(&form, &[]))
        .await
        .page_with(refused)
        .says("Spunta almeno una voce");
    // An amount beside a box that is not ticked.
    let mut without_tick = basket(&form, &["10", "20"]);
    without_tick.remove(1);
    send(without_tick)
        .await
        .page_with(refused)
        .says("non hai scelto la voce");
    // One amount is wrong: nothing is made, and the other stays as it was typed.
    let page = send(basket(&form, &["1", "20"])).await.page_with(refused);
    page.says("L’importo minimo è");
    assert!(page.0.contains("value=\"20\""));
    let made: i64 = scene.town.ask("select count(*) from payment_notice");
    assert_eq!(made, 0);

    let two = send(basket(&form, &["15", "25"])).await.leads_to();
    let page = mother.get(&two).await.page();
    page.says("40,00 €");
    page.is_silent_on("alla volta");
    let stranger = scene.browser(scene.stranger);
    assert_eq!(stranger.get(&two).await.status, StatusCode::NOT_FOUND);
    let ids: Vec<String> = two
        .split("avviso=")
        .skip(1)
        .map(|id| id.trim_end_matches('&').to_owned())
        .collect();
    let notices: Vec<_> = ids.iter().map(|id| ("notice", id.as_str())).collect();
    let checkout = mother
        .post("/area/pagamenti/paga", &notices)
        .await
        .leads_to();
    mother.get(&checkout).await.page().says("40,00 €");
    let back = mother
        .post(&checkout, &[("action", "pay")])
        .await
        .leads_to();
    mother.get(&back).await.page().says("Pagamento ricevuto");
    assert_eq!(scene.balance(), Cents(4000));
    let list = mother.get("/area/pagamenti").await.page();
    let quietanza = list.attribute("main a[href$='quietanza.pdf']", "href");
    let pdf = mother.get(&quietanza).await;
    let text = lopdf::Document::load_mem(&pdf.body)
        .unwrap()
        .extract_text(&[1])
        .unwrap();
    for word in [
        "Quietanza di pagamento",
        "Banca di Prova",
        "IUV",
        "SIM3",
        "SIMULAZIONE",
    ] {
        assert!(text.contains(word), "no {word} in {text}");
    }
    assert_eq!(stranger.get(&quietanza).await.status, StatusCode::NOT_FOUND);
    mother
        .get(&two)
        .await
        .page()
        .says("Non c’è niente da pagare");
}

#[tokio::test]
async fn more_than_five_are_paid_in_two_goes() {
    let scene = scene();
    many_children(&scene);
    let mother = scene.browser(scene.mother);
    let form = mother.get("/area/pagamenti/nuovo").await.page();
    let fields = basket(&form, &["11", "12", "13", "14", "15", "16", "17"]);
    let fields: Vec<_> = fields
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let all = mother
        .post("/area/pagamenti/nuovo", &fields)
        .await
        .leads_to();
    let page = mother.get(&all).await.page();
    page.says("pagoPA ne prende 5 alla volta");
    page.says("65,00 €");
    page.says("33,00 €");
    let later = page.attribute("main a[href*='insieme']", "href");
    mother.get(&later).await.page().says("33,00 €");
    // The notices wait in the form, and are not proposed twice.
    let form = mother.get("/area/pagamenti/nuovo").await.page();
    form.says("Avvisi già pronti");
    assert_eq!(form.all("main input[name=notice]").len(), 7);
}

#[tokio::test]
async fn who_waits_for_a_receipt_is_told_not_to_pay_again() {
    let scene = scene();
    let mother = scene.browser(scene.mother);
    let notice = mother.new_notice("20,00").await;
    let checkout = mother.check_out(&notice).await;
    // The page was opened and the time ran out: nobody knows.
    let out = mother.post(&checkout, &[("action", "timeout")]).await;
    out.page().says("Il tempo è scaduto");
    let page = mother.get(&notice).await.page();
    page.says("Hai iniziato un pagamento");
    page.is_silent_on("Non hai pagato?");
    // Given up: nothing to wait for.
    let back = mother
        .post(&checkout, &[("action", "cancel")])
        .await
        .leads_to();
    mother
        .get(&back)
        .await
        .page()
        .says("non risulta nessun addebito");
    mother
        .get(&notice)
        .await
        .page()
        .is_silent_on("Hai iniziato");
    let back = mother
        .post(&checkout, &[("action", "later")])
        .await
        .leads_to();
    let told = "Stiamo aspettando la conferma del pagamento: di solito arriva in pochi minuti. Non pagare di nuovo.";
    mother.get(&back).await.page().says(told);
    for page in [notice.as_str(), "/area/pagamenti", "/area/come-pagare"] {
        mother.get(page).await.page().says(told);
    }
    mother.get(&notice).await.page().says("Non hai pagato?");
    let in_two_minutes = scene.town.at(morning().plus_millis(120_000));
    let mother = mother.of(in_two_minutes);
    mother.get(&back).await.page().says("Pagamento ricevuto");
    mother
        .get("/area/pagamenti")
        .await
        .page()
        .is_silent_on(told);
}
