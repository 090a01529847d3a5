//! Instalments through the web: a family asks, the office accepts, one instalment is paid, one is
//! missed and the plan falls.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use campanella::base::{AccountId, Actor, Cents, Instant, PersonId, PublicId};
use campanella::payments::sandbox::PaidBy;
use campanella::payments::{self, Share, notices};
use campanella::processes::payments::{pay_notice, publish_waiting};
use campanella::processes::{checks, plans};
use campanella::refunds::{self, PolicyKind};
use campanella::store::Urgency;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use poem::http::StatusCode;
use support::{Browser, Town};

const KEY: &str = "00000000000000000000000001";
const OTHER_KEY: &str = "00000000000000000000000002";
const TODAY: Date = date(2026, 11, 3);
const RULE: &str = r#"
name = "Prova"
[[step]]
do = "message"
[plan]
minimum_debt = "1.00"
minimum_instalment = "0.50"
maximum_instalments = 6
first_after_days = 30
tolerance_days = 10
"#;

/// A parent with a debt that is overdue, in a comune that divides debts.
struct Scene {
    town: Town,
    parent: PersonId,
}

fn scene() -> Scene {
    let town = Town::with_families(12);
    let owing = "from (select id, payer_id,
          (select coalesce(sum(amount), 0) from ledger_entry where credit_id = account.id)
            - (select coalesce(sum(amount), 0) from ledger_entry where debit_id = account.id) as balance
        from account where kind = 'family') a where balance < -200
          and not exists (select 1 from plan l where l.payer_id = a.payer_id) order by balance limit 1";
    let parent: i64 = town.ask(&format!("select payer_id {owing}"));
    let share = Share {
        account: AccountId(town.ask(&format!("select id {owing}"))),
        amount: Cents(town.ask(&format!("select -balance {owing}"))),
    };
    let scene = Scene {
        town,
        parent: PersonId(parent),
    };
    // A bill asked for it until the end of October.
    let (payer, now) = (scene.parent, scene.town.app.now());
    let due = Some(date(2026, 10, 31));
    scene.write(move |tx| {
        payments::create_shared(tx, payer, &[share], "Servizi scolastici", due, now).map(|_| ())
    });
    scene.publish(RULE);
    scene
}

impl Scene {
    fn publish(&self, source: &'static str) {
        let clerk: i64 = self
            .town
            .ask("select id from staff where username = 'ufficio'");
        let clerk = Actor::Staff(campanella::base::StaffActor {
            id: campanella::base::StaffId(clerk),
            roles: vec![campanella::base::Role::Office],
        });
        let now = self.town.app.now();
        self.write(move |tx| refunds::publish(tx, &clerk, PolicyKind::Dunning, source, now));
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> campanella::base::Result<T> + Send + 'static,
    ) -> T {
        self.town
            .app
            .store
            .write(Urgency::Interactive, work)
            .unwrap()
    }

    fn family(&self) -> Browser {
        self.town.citizens_browser(self.parent)
    }

    fn clerk(&self) -> Browser {
        self.town.staffs_browser("ragioneria")
    }

    fn debt(&self) -> Cents {
        let (parent, store) = (self.parent, &self.town.app.store);
        let offer = store.read(|db| plans::offer(db, &plans::rule(db)?.unwrap(), parent, TODAY));
        offer.unwrap().total
    }

    /// Asks; where the plan is for the family, and for the office.
    async fn ask(&self, number: &str) -> (String, String) {
        let fields = [
            ("_key", KEY),
            ("number", number),
            ("note", "Ho perso il lavoro a settembre."),
        ];
        let place = self
            .family()
            .post("/area/rate/nuova", &fields)
            .await
            .leads_to();
        let office = place.replace("/area/rate/", "/ufficio/rate/");
        (place, office)
    }

    async fn accept(&self, office: &str, number: &str) {
        let page = self
            .clerk()
            .get(&format!("{office}?number={number}"))
            .await
            .page();
        let fields = ["number", "first_due", "shown"].map(|name| (name, page.hidden(name)));
        let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let done = self
            .clerk()
            .post(&format!("{office}/accetta"), &fields)
            .await;
        assert_eq!(done.leads_to(), office);
    }

    fn tick(&self, day: Date) {
        let now = Instant::from_rome(day.at(8, 0, 0, 0));
        plans::tick(&self.town.app.store, now).unwrap();
    }

    fn state(&self) -> String {
        self.town
            .ask("select state from plan order by id desc limit 1")
    }

    /// How a tab of the office's list counts the plans of a state.
    fn counted(&self, state: &str, word: &str) -> String {
        let count: i64 = self.town.ask(&format!(
            "select count(*) from plan where state = '{state}'"
        ));
        assert!(count > 0);
        format!("{word} ({count})")
    }

    /// Accounts of the parent for which a step is proposed on a day.
    fn reminded(&self, day: Date) -> usize {
        let debtors = self
            .town
            .app
            .store
            .read(|db| refunds::debtors(db, day))
            .unwrap();
        let theirs = debtors
            .iter()
            .filter(|debtor| debtor.payer_id == self.parent);
        theirs.filter(|debtor| debtor.next.is_some()).count()
    }

    fn pay(&self, number: i64) {
        let notice: String = self.town.ask(&format!(
            "select n.public_id from plan_instalment i join payment_notice n on n.id = i.notice_id
             where i.number = {number} order by i.plan_id desc limit 1"
        ));
        let (notice, payer): (PublicId, _) = (notice.parse().unwrap(), Actor::Citizen(self.parent));
        let now = self.town.app.now();
        self.write(move |tx| {
            publish_waiting(tx, now)?;
            let notice = notices::notice_of_payer(tx, &payer, &notice)?;
            let by = PaidBy {
                psp: "Banca di Prova S.p.A.",
                method: "creditCard",
                receipt_later: false,
            };
            pay_notice(tx, &notice, &by, now)
        });
    }

    fn all_is_well(&self) {
        let store = &self.town.app.store;
        let findings = store.read(|db| checks::check_database(db, None)).unwrap();
        let wrong: Vec<_> = findings.iter().filter(|finding| !finding.ok).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_asked_for_accepted_paid_once_missed_once_and_falls() {
    let scene = scene();
    let (family, clerk, debt) = (scene.family(), scene.clerk(), scene.debt());
    let entries = "select count(*) from ledger_entry";
    let before: i64 = scene.town.ask(entries);
    let statement = family.get("/area/estratto-conto").await.page();
    statement.says("Chiedi di pagare a rate");
    let page = family.get("/area/rate/nuova?rate=3").await.page();
    page.says(&debt.to_italian());
    page.says("03/12/2026");
    page.says("03/02/2027");
    page.says("Chiedi 3 rate");

    let (place, office) = scene.ask("3").await;
    assert_eq!(scene.ask("3").await.0, place, "sent twice, it counts once");
    let second = [("_key", OTHER_KEY), ("number", "2"), ("note", "")];
    let second = family.post("/area/rate/nuova", &second).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    let mine = format!(
        "select count(*) from plan where payer_id = {}",
        scene.parent.0
    );
    assert_eq!(scene.town.ask::<i64>(&mine), 1);
    let seen: i64 = scene
        .town
        .ask("select count(*) from plan where instr(note, cast('lavoro' as blob)) > 0");
    assert_eq!(seen, 0, "the family's words are sealed");
    family.get(&place).await.page().says("Ho perso il lavoro");
    // Nobody else's.
    let other: i64 = scene.town.ask(&format!(
        "select payer_id from account where kind = 'family' and payer_id <> {} limit 1",
        scene.parent.0
    ));
    let other = scene.town.citizens_browser(PersonId(other));
    assert_eq!(other.get(&place).await.status, StatusCode::NOT_FOUND);
    let taken = other.post(&format!("{place}/ritira"), &[]).await;
    assert_eq!(taken.status, StatusCode::NOT_FOUND);
    let school = scene.town.staffs_browser("collodi").get(&office).await;
    assert_eq!(school.status, StatusCode::FORBIDDEN);

    clerk
        .get("/ufficio/rate")
        .await
        .page()
        .says(&scene.counted("asked", "Da decidere"));
    clerk.get("/ufficio").await.page().says("di pagare a rate");
    let page = clerk.get(&office).await.page();
    page.says("Ho perso il lavoro");
    page.says("Accetta queste 3 rate");
    let read = "select count(*) from audit_entry where action = 'read-plan-note'";
    assert_eq!(
        scene.town.ask::<i64>(read),
        1,
        "who reads the words is known"
    );
    // What the clerk was not shown is not accepted.
    let shown = page.hidden("shown");
    let fields =
        |number, first, shown| [("number", number), ("first_due", first), ("shown", shown)];
    for (wrong, status) in [
        (fields("3", "2026-12-03", "0.01"), StatusCode::CONFLICT),
        (
            fields("3", "2026-11-03", shown.as_str()),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            fields("7", "2026-12-03", shown.as_str()),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    ] {
        let answer = clerk.post(&format!("{office}/accetta"), &wrong).await;
        assert_eq!(answer.status, status, "{wrong:?}");
    }
    let open = format!(
        "select count(*) from payment_notice n where n.payer_id = {} and n.state = 'open'
           and not exists (select 1 from plan_instalment i where i.notice_id = n.id)
           and coalesce(n.due_date, '') < '2026-11-03'",
        scene.parent.0
    );
    assert!(scene.town.ask::<i64>(&open) > 0);
    assert!(scene.reminded(TODAY) > 0);
    scene.accept(&office, "3").await;
    assert_eq!(
        scene.town.ask::<i64>(&open),
        0,
        "nothing else asks for the debt"
    );
    assert_eq!(
        scene.town.ask::<i64>(entries),
        before,
        "the ledger is not touched"
    );
    assert_eq!(scene.reminded(TODAY), 0, "a kept plan is left alone");
    scene.all_is_well();
    let statement = family.get("/area/estratto-conto").await.page();
    statement.says("Piano di rate");
    statement.says("03/12/2026");
    let letter = family.get("/area/comunicazioni").await.page();
    letter.says("Il piano di rate è accolto");
    family
        .get("/area/pagamenti/nuovo")
        .await
        .page()
        .says("Hai un piano di rate");
    for address in [&place, &office] {
        let browser = if address == &place { &family } else { &clerk };
        let pdf = browser.get(&format!("{address}/avvisi.pdf")).await;
        let text = lopdf::Document::load_mem(&pdf.body).unwrap();
        let text = text.extract_text(&[1, 2]).unwrap();
        for words in [
            "Puoi pagare in 3 rate",
            "Rata 1",
            "Rata 3",
            "Servizi scolastici",
        ] {
            assert!(text.contains(words), "no {words} in {text}");
        }
    }

    scene.pay(1);
    scene.tick(date(2026, 12, 4));
    assert_eq!(scene.state(), "running");
    clerk.get(&office).await.page().says("Pagata");
    scene.all_is_well();

    // The second is late, then missed.
    let late = date(2027, 1, 3);
    scene.tick(late);
    scene.tick(late + 5.days());
    scene.tick(late + 10.days());
    assert_eq!(scene.state(), "running", "within the tolerance");
    let told: i64 = scene
        .town
        .ask(&format!(
            "select count(*) from message where body like 'La rata 2 di 3 è scaduta%' and person_id = {}",
            scene.parent.0
        ));
    assert_eq!(told, 1, "a late instalment is told once");
    let missed = late + 11.days();
    scene.tick(missed);
    assert_eq!(scene.state(), "fallen");
    let page = family.get(&place).await.page();
    page.says("Decaduto");
    page.says("Paga quello che resta");
    let rest: i64 = scene.town.ask(
        "select n.amount from plan l join payment_notice n on n.id = l.rest_notice_id where n.state = 'open'
         order by l.id desc limit 1",
    );
    let first: i64 = scene
        .town
        .ask("select amount from plan_instalment where number = 1 order by plan_id desc limit 1");
    assert_eq!(Cents(rest + first), debt);
    assert!(scene.reminded(missed) > 0, "reminders go on");
    clerk
        .get("/ufficio/rate")
        .await
        .page()
        .says(&scene.counted("fallen", "Decaduti"));
    scene.all_is_well();
    scene.tick(missed + 1.days());
    assert_eq!(scene.state(), "fallen");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_ends_by_itself_when_all_is_paid() {
    let scene = scene();
    let (place, office) = scene.ask("2").await;
    scene.accept(&office, "2").await;
    scene.pay(1);
    scene.pay(2);
    scene.tick(TODAY);
    assert_eq!(scene.state(), "ended");
    scene.family().get(&place).await.page().says("Concluso");
    assert_eq!(scene.debt(), Cents::ZERO);
    scene.all_is_well();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_refuses_or_takes_back_with_a_reason() {
    let scene = scene();
    let (clerk, family) = (scene.clerk(), scene.family());
    let (place, office) = scene.ask("2").await;
    let silent = clerk
        .post(&format!("{office}/respingi"), &[("reason", " ")])
        .await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let reason = [("reason", "Il debito è piccolo.")];
    clerk
        .post(&format!("{office}/respingi"), &reason)
        .await
        .leads_to();
    family.get(&place).await.page().says("Il debito è piccolo.");
    let again = clerk.post(&format!("{office}/respingi"), &reason).await;
    assert_eq!(again.status, StatusCode::CONFLICT);

    let fields = [("_key", OTHER_KEY), ("number", "2"), ("note", "")];
    let place = family.post("/area/rate/nuova", &fields).await.leads_to();
    let office = place.replace("/area/rate/", "/ufficio/rate/");
    let total = scene.debt();
    scene.accept(&office, "2").await;
    scene.pay(1);
    let reason = [("reason", "Su richiesta della famiglia.")];
    clerk
        .post(&format!("{office}/revoca"), &reason)
        .await
        .leads_to();
    assert_eq!(scene.state(), "cancelled");
    let rest = scene.debt();
    assert!(rest.is_positive() && rest < total || scene.reminded(TODAY) > 0);
    family.get(&place).await.page().says("Revocato");
    let open: i64 = scene.town.ask(
        "select count(*) from plan_instalment i join payment_notice n on n.id = i.notice_id where n.state = 'open'
           and i.plan_id = (select max(id) from plan)",
    );
    assert_eq!(open, 0);
    scene.all_is_well();
    let entries: i64 = scene.town.ask(
        "select count(*) from audit_entry where subject = 'plan' and action <> 'read-plan-note'
           and subject_id >= (select max(id) - 1 from plan)",
    );
    assert_eq!(entries, 3, "refused, accepted, cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_conditions_nothing_is_offered() {
    let scene = scene();
    scene.publish("name = \"Senza rate\"");
    let family = scene.family();
    let page = family.get("/area/rate/nuova").await.page();
    page.says("Scrivi all’ufficio");
    page.is_silent_on("Invia la richiesta");
    let fields = [("_key", KEY), ("number", "2"), ("note", "")];
    let asked = family.post("/area/rate/nuova", &fields).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
}
