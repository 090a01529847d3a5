//! The office with a family on the phone: the sheet from which every task starts, and the meals
//! that the office cancels on a family's behalf.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use campanella::base::{Actor, Instant, PersonId};
use campanella::store::Urgency;
use campanella::{charging, municipality};
use jiff::civil::{Date, date};
use poem::http::StatusCode;
use support::{Answer, Browser, Town};

const TODAY: Date = date(2026, 11, 3);
const TOMORROW: Date = date(2026, 11, 4);
const KEY: &str = "00000000000000000000000001";
const OTHER_KEY: &str = "00000000000000000000000002";

/// A parent with a child who eats at school and has said nothing of the next days.
struct Scene {
    town: Town,
    parent: PersonId,
    sheet: String,
    enrolment: String,
    child: i64,
}

fn scene() -> Scene {
    let town = Town::with_families(6);
    let enrolment: i64 = town.ask(
        "select e.id from enrolment e join service s on s.id = e.service_id
         where s.code = 'mensa' and e.from_date <= '2026-11-03' and e.to_date > '2026-12-01'
           and not exists (select 1 from cancellation c
                           where c.enrolment_id = e.id and c.day >= '2026-11-03')
           and exists (select 1 from guardianship g
                       where g.child_id = e.child_id and g.adult_id = e.payer_id)
         order by e.id limit 1",
    );
    let of_enrolment = |what: &str| format!("select {what} from enrolment where id = {enrolment}");
    let parent: i64 = town.ask(&of_enrolment("payer_id"));
    let id: String = town.ask(&format!("select public_id from person where id = {parent}"));
    Scene {
        parent: PersonId(parent),
        sheet: format!("/ufficio/famiglie/{id}"),
        enrolment: town.ask(&of_enrolment("public_id")),
        child: town.ask(&of_enrolment("child_id")),
        town,
    }
}

impl Scene {
    fn clerk(&self) -> Browser {
        self.town.staffs_browser("ufficio")
    }

    async fn cancel(&self, clerk: &Browser, key: &str, reason: &str, days: &[Date]) -> Answer {
        let days: Vec<String> = days
            .iter()
            .map(|day| format!("{}:{day}", self.enrolment))
            .collect();
        let mut fields = vec![("_key", key), ("reason", reason)];
        fields.extend(days.iter().map(|day| ("day", day.as_str())));
        clerk
            .post(&format!("{}/disdici", self.sheet), &fields)
            .await
    }

    /// What the office has cancelled so far.
    fn said(&self) -> i64 {
        self.count("cancellation where staff_id is not null")
    }

    fn count(&self, what: &str) -> i64 {
        self.town.ask(&format!("select count(*) from {what}"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_cancels_for_a_family_and_everybody_can_tell() {
    let scene = scene();
    let clerk = scene.clerk();
    let page = clerk.get(&format!("{}/disdici", scene.sheet)).await.page();
    page.says("In tempo fino alle 09:00 di oggi");
    let key = page.hidden("_key");
    let days = [TODAY, TOMORROW];
    let answer = scene.cancel(&clerk, &key, "ha telefonato la nonna", &days);
    let done = answer.await.leads_to();
    let numbers: Vec<&str> = done.split_once("ricevute=").unwrap().1.split('_').collect();
    assert_eq!(numbers.len(), 2, "{done}");
    let page = clerk.get(&done).await.page();
    for number in &numbers {
        page.says(number);
    }
    // The record names both: who sat at the desk, and for whom.
    let both = format!(
        "cancellation c join staff s on s.id = c.staff_id
         where s.username = 'ufficio' and c.person_id = {} and c.late = 0",
        scene.parent.0
    );
    assert_eq!(scene.count(&both), 2);
    let logged: String = scene.town.ask(
        "select e.actor || ' ' || e.subject_id || ' ' || p.payload from audit_entry e
         join audit_payload p on p.audit_id = e.id where e.action = 'cancel-on-behalf'",
    );
    assert!(
        logged.starts_with(&format!("desk {} ", scene.parent.0)),
        "{logged}"
    );
    for word in ["ha telefonato la nonna", numbers[0], "2026-11-04"] {
        assert!(logged.contains(word), "{logged}");
    }
    // The family reads it, and sees who cancelled.
    let parent = scene.town.citizens_browser(scene.parent);
    let thread = parent.get("/area/comunicazioni").await.page();
    for word in [numbers[0], numbers[1], "martedì 3 novembre 2026"] {
        thread.says(word);
    }
    parent
        .get("/area/disdici")
        .await
        .page()
        .says("disdetto dall’ufficio");
    let month = parent.get("/area/presenze").await.page();
    month.says(&format!("disdetto dall’ufficio ({})", numbers[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_click_cancels_once_and_leads_to_the_same_receipts() {
    let scene = scene();
    let clerk = scene.clerk();
    let first = scene.cancel(&clerk, KEY, "", &[TOMORROW]).await.leads_to();
    let second = scene.cancel(&clerk, KEY, "", &[TOMORROW]).await.leads_to();
    assert_eq!(first, second);
    assert_eq!(scene.said(), 1);
    let entries = "audit_entry where action = 'cancel-on-behalf'";
    let messages = "message where body like 'L’ufficio ha disdetto%'";
    assert_eq!((scene.count(entries), scene.count(messages)), (1, 1));
    // A page that was open meanwhile is not a second message to the family.
    let stale = scene.cancel(&clerk, OTHER_KEY, "", &[TOMORROW]).await;
    stale
        .page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("quei giorni sono già stati disdetti");
    assert_eq!((scene.said(), scene.count(messages)), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_cut_off_the_office_is_as_late_as_the_family() {
    let mut scene = scene();
    let late = Instant::from_rome(TODAY.at(9, 30, 0, 0));
    scene.town.app = scene.town.at(late);
    let clerk = scene.clerk();
    let page = clerk.get(&format!("{}/disdici", scene.sheet)).await.page();
    page.says("Dopo l’orario (le 09:00");
    let done = scene.cancel(&clerk, KEY, "", &[TODAY]).await.leads_to();
    clerk.get(&done).await.page().says("(dopo l’orario)");
    assert_eq!(
        scene.count("cancellation where staff_id is not null and late = 1"),
        1
    );
    // Yesterday is past for everybody.
    let yesterday = [date(2026, 11, 2)];
    let past = scene.cancel(&clerk, OTHER_KEY, "", &yesterday).await;
    past.page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("I giorni passati non si possono disdire");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_whose_closing_has_begun_is_not_cancelled_by_the_office_either() {
    let mut scene = scene();
    let midday = Instant::from_rome(TODAY.at(12, 0, 0, 0));
    scene.town.app = scene.town.at(midday);
    let clerk = scene.clerk();
    // The job is written down and waits for a worker.
    let store = &scene.town.app.store;
    store
        .write(Urgency::Interactive, move |tx| {
            let meals = municipality::service_by_code(tx, "mensa")?.unwrap();
            charging::start_day_close(tx, &Actor::System("test"), meals.id, TODAY, midday)
        })
        .unwrap();
    let page = clerk.get(&format!("{}/disdici", scene.sheet)).await.page();
    page.says("la giornata è chiusa, non si può più disdire");
    let refused = scene.cancel(&clerk, KEY, "", &[TODAY]).await;
    refused
        .page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("non si può più disdire, nemmeno dall’ufficio");
    assert_eq!(scene.said(), 0);
    // What can be cancelled is, in the same request.
    let both = scene.cancel(&clerk, KEY, "", &[TODAY, TOMORROW]).await;
    both.leads_to();
    assert_eq!(scene.said(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_children_of_the_family_on_the_phone() {
    let scene = scene();
    let clerk = scene.clerk();
    let stranger: String = scene.town.ask(&format!(
        "select p.public_id from person p join guardianship g on g.adult_id = p.id
         where g.child_id <> {0} and not exists
           (select 1 from guardianship o where o.adult_id = p.id and o.child_id = {0}) limit 1",
        scene.child
    ));
    let ticked = format!("{}:{TOMORROW}", scene.enrolment);
    let path = format!("/ufficio/famiglie/{stranger}/disdici");
    let fields = [("_key", KEY), ("day", ticked.as_str())];
    let refused = clerk.post(&path, &fields).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert_eq!(scene.said(), 0);
    // Nor does another family's confirmation show these receipts.
    let done = scene.cancel(&clerk, KEY, "", &[TOMORROW]).await.leads_to();
    let elsewhere = done.replace(&scene.sheet, &format!("/ufficio/famiglie/{stranger}"));
    assert_eq!(clerk.get(&elsewhere).await.leads_to(), path);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_stays_when_nothing_is_ticked() {
    let scene = scene();
    let clerk = scene.clerk();
    let empty = scene.cancel(&clerk, KEY, "ha chiamato il papà", &[]).await;
    let page = empty.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    page.says("Scegli almeno un giorno");
    assert_eq!(page.hidden("reason"), "ha chiamato il papà");
    let long = "x".repeat(201);
    let page = scene.cancel(&clerk, KEY, &long, &[TOMORROW]).await;
    let page = page.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        page.attribute("main input[name=day][checked]", "value"),
        format!("{}:{TOMORROW}", scene.enrolment)
    );
    // A Sunday: nothing to cancel.
    let sunday = scene.cancel(&clerk, KEY, "", &[date(2026, 11, 8)]).await;
    sunday
        .page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("In quei giorni non c’è nulla da disdire");
    assert_eq!(scene.said(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_office_cancels_on_behalf() {
    let scene = scene();
    for name in ["ragioneria", "collodi"] {
        let other = scene.town.staffs_browser(name);
        let answer = scene.cancel(&other, KEY, "", &[TOMORROW]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}");
    }
    assert_eq!(scene.said(), 0);
}
