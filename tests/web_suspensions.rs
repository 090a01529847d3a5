//! A suspension through the web: the rule proposes, the office looks and decides, the school and the
//! family see it, a payment ends it; and who may not decide.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use campanella::base::{Actor, Cents, PersonId, Role, StaffActor, StaffId, date_it, date_long_it};
use campanella::payments::{notices, sandbox::PaidBy};
use campanella::processes::payments::{pay_notice, publish_waiting};
use campanella::refunds::{self, PolicyKind};
use campanella::store::Urgency;
use campanella::suspensions::{self, Candidate};
use jiff::civil::{Date, date};
use poem::http::StatusCode;
use support::{Browser, Town};

const KEY: &str = "00000000000000000000000001";
const OTHER_KEY: &str = "00000000000000000000000002";
const TODAY: Date = date(2026, 11, 3);
const FROM: Date = date(2026, 11, 10);
const RULE: &str = "name = \"Prova\"\n[credit]\nalways_eats = false\nsuspend_below_meals = -1\n";
const LIST: &str = "/ufficio/sospensioni";
const RUNNING: &str = "/ufficio/sospensioni/in-corso";

struct Scene {
    town: Town,
    one: Candidate,
}

/// A comune where whoever owes a meal may be suspended, and the first whom that concerns.
fn scene() -> Scene {
    let town = Town::with_families(12);
    let clerk: i64 = town.ask("select id from staff where username = 'ufficio'");
    let now = town.app.now();
    let published = town.app.store.write(Urgency::Interactive, move |tx| {
        let clerk = Actor::Staff(StaffActor {
            id: StaffId(clerk),
            roles: vec![Role::Office],
        });
        refunds::publish(tx, &clerk, PolicyKind::Dunning, RULE, now)
    });
    published.unwrap();
    let one = candidates(&town).remove(0);
    Scene { town, one }
}

fn candidates(town: &Town) -> Vec<Candidate> {
    let found = town.app.store.read(|db| suspensions::candidates(db, TODAY));
    found.unwrap()
}

impl Scene {
    fn clerk(&self) -> Browser {
        self.town.staffs_browser("ufficio")
    }

    fn payer(&self) -> Browser {
        self.town.citizens_browser(self.one.payer_id)
    }

    /// Suspends the one; the office's page of it.
    async fn suspend(&self) -> String {
        let fields = [
            ("_key", KEY),
            ("row", self.one.account.as_str()),
            ("from", "2026-11-10"),
            ("reason", "Debito non saldato"),
        ];
        let place = self.clerk().post(LIST, &fields).await.leads_to();
        assert_eq!(place, RUNNING);
        let page = self.clerk().get(RUNNING).await.page();
        page.attribute("td[data-label='Che cosa fare'] a", "href")
    }

    /// The register of the child's class on a day.
    async fn register(&self, day: Date) -> String {
        let of = |table: &str, id: &str| {
            self.of_enrolment(&format!(
                "(select public_id from {table} where id = e.{id})"
            ))
        };
        let (class, service) = (of("school_class", "class_id"), of("service", "service_id"));
        let page = format!("/scuola/registro/{class}/{service}?giorno={day}");
        self.clerk().get(&page).await.page().main()
    }

    fn of_enrolment(&self, what: &str) -> String {
        let id = self.one.enrolment.0;
        self.town
            .ask(&format!("select {what} from enrolment e where e.id = {id}"))
    }

    /// The payer pays all that is owed.
    fn pay(&self) {
        let (payer, account) = (Actor::Citizen(self.one.payer_id), self.one.account.clone());
        let (owed, now) = (self.one.owed.max(Cents(2000)), self.town.app.now());
        let paid = self.town.app.store.write(Urgency::Interactive, move |tx| {
            let notice = notices::create(tx, &payer, &account, owed, None, now)?;
            publish_waiting(tx, now)?;
            let notice = notices::notice_of_payer(tx, &payer, &notice.public_id)?;
            let by = PaidBy {
                psp: "Banca di Prova S.p.A.",
                method: "creditCard",
                receipt_later: false,
            };
            pay_notice(tx, &notice, &by, now)
        });
        paid.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_list_to_the_payment_that_ends_it() {
    let scene = scene();
    let (clerk, child) = (scene.clerk(), scene.one.child.as_str());
    clerk.get("/ufficio").await.page().says("da sospendere");
    let list = clerk.get(LIST).await.page();
    list.says(child);
    list.says("Niente si sospende da solo");

    // Nothing ticked, then the one, then the form with something missing: it keeps what was typed.
    let preview = format!("{LIST}/anteprima");
    let none = clerk
        .get(&preview)
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    none.says("Scegli almeno un servizio");
    let account = scene.one.account.as_str();
    let page = clerk.get(&format!("{preview}?row={account}")).await.page();
    page.says(child);
    assert_eq!(page.attribute("#from", "value"), "2026-11-10");
    let typed = [
        ("_key", KEY),
        ("shown", account),
        ("row", account),
        ("from", "2026-11-03"),
        ("reason", "Debito"),
    ];
    let again = clerk
        .post(LIST, &typed)
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    again.says("Scegli un giorno dopo oggi");
    again.says("Debito");
    assert_eq!(again.attribute("#from", "value"), "2026-11-03");
    assert_eq!(again.all("table input[checked]").len(), 1);

    scene.suspend().await;
    // A double click suspends once.
    scene.suspend().await;
    assert_eq!(scene.town.ask::<i64>("select count(*) from suspension"), 1);
    let running = clerk.get(RUNNING).await.page();
    running.says(child);
    running.says(&format!("si sospende dal {}", date_it(FROM)));
    let preview = clerk.get(&format!("{preview}?row={account}")).await;
    assert_eq!(
        preview.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "no candidate any more"
    );

    assert!(scene.register(FROM).await.contains("servizio sospeso"));
    assert!(
        !scene
            .register(date(2026, 11, 9))
            .await
            .contains("servizio sospeso")
    );

    let presences = format!(
        "/area/presenze?iscrizione={}",
        scene.of_enrolment("e.public_id")
    );
    for path in ["/area", "/area/disdici", &presences] {
        let page = scene.payer().get(path).await.page();
        page.says("servizio sospeso da martedì 10 novembre 2026");
        page.says("Perché: Debito non saldato");
        page.says(&scene.one.owed.to_string().replace('\u{a0}', " "));
        assert!(
            page.attribute("a[href*='importo=']", "href")
                .contains(account)
        );
    }
    let thread = scene.payer().get("/area/comunicazioni").await.page();
    thread.says(&format!("Da {} il servizio", date_long_it(FROM)));

    scene.pay();
    suspensions::tick(&scene.town.app.store, scene.town.app.now()).unwrap();
    scene
        .payer()
        .get("/area")
        .await
        .page()
        .is_silent_on("servizio sospeso");
    scene
        .payer()
        .get("/area/comunicazioni")
        .await
        .page()
        .says("non parte");
    clerk
        .get(RUNNING)
        .await
        .page()
        .says("Nessun servizio sospeso");
    assert!(!scene.register(FROM).await.contains("servizio sospeso"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_lets_it_go_on_and_the_accountant_only_looks() {
    let scene = scene();
    let one = scene.suspend().await;
    let accountant = scene.town.staffs_browser("ragioneria");
    accountant.get(LIST).await.page().is_silent_on("Anteprima");
    accountant
        .get(RUNNING)
        .await
        .page()
        .says("Lo riattiva l’ufficio");
    let fields = [("_key", OTHER_KEY), ("reason", "Accordo")];
    for (path, fields) in [(one.as_str(), &fields[..]), (LIST, &fields[..])] {
        assert_eq!(
            accountant.post(path, fields).await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }

    let clerk = scene.clerk();
    let rule = clerk.get("/ufficio/regole/solleciti").await.page();
    rule.says("1 servizio è sospeso");
    clerk.get(&one).await.page().says("Debito non saldato");
    let empty = clerk
        .post(&one, &[])
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    empty.says("Scrivi il motivo");
    assert_eq!(clerk.post(&one, &fields).await.leads_to(), RUNNING);
    scene
        .payer()
        .get("/area/comunicazioni")
        .await
        .page()
        .says("Motivo: Accordo");
    assert_eq!(
        clerk.get(&one).await.status,
        StatusCode::NOT_FOUND,
        "it has ended"
    );
    clerk.get(LIST).await.page().says(&scene.one.child);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_pay_hears_that_and_no_amount() {
    let scene = scene();
    scene.suspend().await;
    let stranger: i64 = scene.town.ask(&format!(
        "select adult_id from guardianship where adult_id <> {} limit 1",
        scene.one.payer_id.0
    ));
    let child: String = scene.of_enrolment("cast(child_id as text)");
    let child: i64 = child.parse().unwrap();
    let other = scene.town.citizens_browser(PersonId(stranger));
    other
        .get("/area")
        .await
        .page()
        .is_silent_on("servizio sospeso");
    let now = scene.town.app.now();
    let granted = scene.town.app.store.write(Urgency::Interactive, move |tx| {
        let guardianship = campanella::people::NewGuardianship {
            adult: PersonId(stranger),
            child: PersonId(child),
            title: campanella::people::GuardianshipTitle::Parent,
            verified_by: "office",
            from: date(2026, 1, 1),
        };
        campanella::people::grant_guardianship(tx, &guardianship, now)
    });
    granted.unwrap();
    let page = other.get("/area").await.page();
    page.says("servizio sospeso da");
    page.says("li fa un’altra persona");
    page.is_silent_on("Debito non saldato");
    let amounts = page.all(".note").join(" ");
    assert!(!amounts.contains('€'), "{amounts}");
}
