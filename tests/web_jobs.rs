//! "Lavori": what ran, what stopped and what went on after an interruption, as the office sees it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use campanella::app::App;
use campanella::base::{Actor, Instant, Role, StaffActor, StaffId};
use campanella::jobs::Job;
use campanella::processes::work;
use campanella::store::Urgency;
use campanella::{attestations, charging, identity, municipality};
use jiff::civil::{Date, date};
use support::{Browser, Page, Town, morning};

const DAY: Date = date(2026, 11, 2);

fn clerk_of(town: &Town) -> Actor {
    Actor::Staff(StaffActor {
        id: StaffId(town.ask("select id from staff where username = 'ufficio'")),
        roles: vec![Role::Office],
    })
}

/// A clerk has started to close a day of the meals.
fn started(town: &Town, day: Date) -> Job {
    let actor = clerk_of(town);
    let work = move |tx: &rusqlite::Transaction<'_>| {
        let meals = municipality::service_by_code(tx, "mensa")?.unwrap();
        charging::start_day_close(tx, &actor, meals.id, day, morning())
    };
    town.app.store.write(Urgency::Interactive, work).unwrap()
}

/// So many seconds after eight.
fn later(seconds: i64) -> Instant {
    morning().plus_millis(seconds * 1000)
}

fn change(app: &App, sql: &'static str) {
    app.store
        .write(Urgency::Interactive, move |tx| Ok(tx.execute_batch(sql)?))
        .unwrap();
}

/// A damaged folder: the tariff is away, and so a closing that has not kept which one it began with
/// stops at its first step.
fn without_tariff(app: &App) {
    change(
        app,
        "drop trigger tariff_is_final; update tariff set valid_from = '2030-01-01';
         update job set params = json_remove(params, '$.tariff')",
    );
}

/// A job that stopped, as a clerk finds it ten minutes later.
fn stopped(town: &Town) -> (Job, Browser) {
    let job = started(town, DAY);
    without_tariff(&town.app);
    work::resume_all(&town.at(later(10))).unwrap();
    let clerk = town.staffs_browser("ufficio").of(town.at(later(600)));
    (job, clerk)
}

fn path(job: &Job) -> String {
    format!("/ufficio/lavori/{}", job.public_id)
}

/// Waits for the thread that a form has started.
async fn ended(browser: &Browser, path: &str) -> Page {
    for _ in 0..200 {
        let page = browser.get(path).await.page();
        if !page.0.contains("http-equiv=\"refresh\"") {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the job goes on and on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_job_says_who_when_and_what_came_out() {
    let town = Town::with_families(4);
    let job = started(&town, DAY);
    work::resume_all(&town.at(later(83))).unwrap();
    let charges: i64 = town.ask("select charges from day_closing order by closed_at desc limit 1");
    assert!(charges > 1);
    let clerk = town.staffs_browser("ragioneria");
    let page = clerk.get(&path(&job)).await.page();
    for what in [
        "Refezione scolastica, lunedì 2 novembre 2026",
        "La giornata è chiusa",
        &format!("{charges} pasti addebitati, "),
        "03/11/2026, 08:00 Avviato da Carla Neri",
        "03/11/2026, 08:01 Finito",
        "1 minuto e 23 secondi",
    ] {
        page.says(what);
    }
    page.is_silent_on("interruzione");
    let list = clerk.get("/ufficio/lavori").await.page();
    let first = &list.all("main tbody tr")[0];
    for what in [
        "Chiusura di una giornata",
        "da Carla Neri",
        "1 minuto e 23 secondi",
        "Finito",
        &format!("{charges} pasti addebitati"),
    ] {
        assert!(first.contains(what), "no “{what}” in {first}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_under_way_shows_how_far_it_is() {
    let town = Town::with_families(4);
    let job = started(&town, DAY);
    change(
        &town.app,
        "update job set state = 'running', done = 3, total = 12, lease_until = 9999999999999
         where state = 'waiting'",
    );
    let clerk = town.staffs_browser("ufficio");
    for path in ["/ufficio/lavori", &path(&job)] {
        let page = clerk.get(path).await.page();
        assert_eq!(page.attribute("main progress", "value"), "3");
        assert_eq!(page.attribute("main progress", "max"), "12");
        page.says("3 di 12");
        page.says("Aggiorna");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_stopped_says_why_in_italian_here_and_on_the_first_page() {
    let town = Town::with_families(4);
    let quiet = town.staffs_browser("ufficio").get("/ufficio").await.page();
    quiet.is_silent_on("si è fermato");
    let (job, clerk) = stopped(&town);
    let why = "Per il 02/11/2026 non è pubblicata nessuna tariffa";
    for path in ["/ufficio", "/ufficio/lavori", &path(&job)] {
        let page = clerk.get(path).await.page();
        page.says(why);
        assert!(page.0.contains(&job.public_id.to_string()), "{path}");
    }
    let first = clerk.get("/ufficio").await.page();
    first.says("Un lavoro si è fermato");
    let page = clerk.get(&path(&job)).await.page();
    page.says("Quando la tariffa è pubblicata, premi Riprova.");
    page.says("Si è fermato");
    page.says("Avviato da Carla Neri");
}

#[tokio::test(flavor = "multi_thread")]
async fn trying_again_asks_first_and_resumes_once() {
    let town = Town::with_families(4);
    let (job, clerk) = stopped(&town);
    let retry = format!("{}/riprova", path(&job));
    let page = clerk.get(&path(&job)).await.page();
    assert_eq!(page.attribute("main a.btn-primary", "href"), retry);
    let asked = clerk.get(&retry).await.page();
    asked.says("riparte da dove si era fermato");
    assert_eq!(
        town.ask::<i64>("select count(*) from job where state = 'failed'"),
        1
    );

    change(&town.app, "update tariff set valid_from = '2020-01-01'");
    // A double click, and a colleague who had the same page open.
    let key = asked.hidden("_key");
    let other = clerk.get(&retry).await.page().hidden("_key");
    let form = [("_key", key.as_str())];
    let (first, second) = tokio::join!(clerk.post(&retry, &form), clerk.post(&retry, &form));
    let third = clerk.post(&retry, &[("_key", &other)]).await;
    for answer in [first, second, third] {
        assert_eq!(answer.leads_to(), path(&job));
    }
    ended(&clerk, &path(&job))
        .await
        .says("La giornata è chiusa");
    let resumed = "select count(*) from audit_entry where action = 'resume-job'";
    assert_eq!(town.ask::<i64>(resumed), 1);
    let done = clerk.get(&path(&job)).await.page();
    done.says("Fatto ripartire da Carla Neri");
    // The history keeps that it had stopped; nobody is asked to do anything about it any more.
    done.says("Si è fermato");
    assert_eq!(clerk.get(&retry).await.leads_to(), path(&job));
    clerk
        .get("/ufficio")
        .await
        .page()
        .is_silent_on("si è fermato");
    // Each enrolment was charged once.
    let twice = "select count(*) from (select 1 from charge where day = '2026-11-02'
                 group by enrolment_id having count(*) > 1)";
    assert_eq!(town.ask::<i64>(twice), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_cut_off_goes_on_by_itself_and_says_so() {
    let town = Town::with_families(4);
    let job = started(&town, DAY);
    // As a killed server leaves it: begun, and its lease runs out.
    change(
        &town.app,
        "update job set state = 'running', lease_until = created_at + 5000 where state = 'waiting'",
    );
    // While the lease holds, another process keeps away.
    work::resume_all(&town.at(later(2))).unwrap();
    assert_eq!(
        town.ask::<i64>("select count(*) from job where state = 'running'"),
        1
    );
    work::resume_all(&town.at(later(600))).unwrap();
    let clerk = town.staffs_browser("ufficio");
    let page = clerk.get(&path(&job)).await.page();
    page.says("La giornata è chiusa");
    page.says("03/11/2026, 08:10 Ripreso dopo un’interruzione");
    page.says("Durata: 10 minuti, interruzione compresa");
    let list = clerk.get("/ufficio/lavori").await.page();
    assert!(list.all("main tbody tr")[0].contains("ripreso dopo un’interruzione"));
    let noted =
        "select count(*) from audit_entry where action = 'catch-up-job' and subject = 'job'";
    assert_eq!(town.ask::<i64>(noted), 1);
    // Work that nobody interrupted says nothing of the kind.
    assert!(!list.all("main tbody tr")[1].contains("interruzione"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_narrows_down_by_state_and_kind_and_has_pages() {
    let town = Town::with_families(4);
    let (_, clerk) = stopped(&town);
    let actor = clerk_of(&town);
    town.app
        .store
        .write(Urgency::Interactive, move |tx| {
            attestations::enqueue_year(tx, &actor, 2025, "http://localhost", later(20))
        })
        .unwrap();
    let rows = async |query: &str| {
        let page = clerk.get(&format!("/ufficio/lavori{query}")).await.page();
        (page.all("main tbody tr"), page)
    };
    let (all, page) = rows("").await;
    assert_eq!(all.len(), 25);
    let jobs: i64 = town.ask("select count(*) from job");
    page.says(&format!("Tutti ({jobs})"));
    page.says("Fermi (1)");
    let (second, _) = rows("?page=2").await;
    assert!(!second.is_empty() && second[0] != all[0]);

    let (failed, _) = rows("?stato=fermi").await;
    assert_eq!(failed.len(), 1);
    assert!(failed[0].contains("Fermo"), "{failed:?}");
    let (attests, page) = rows("?tipo=attestazioni").await;
    assert_eq!(attests.len(), 1);
    assert!(attests[0].contains("2025") && attests[0].contains("In attesa"));
    page.says("Fermi (0)");
    let (both, page) = rows("?stato=fermi&tipo=attestazioni").await;
    assert!(both.is_empty());
    page.says("Nessun lavoro così");
    let empty = Town::founded();
    let newcomer = identity::NewStaff {
        username: "ufficio".to_owned(),
        name: "Carla Neri".to_owned(),
        password: identity::hash_password("una-parola-lunga").unwrap(),
        roles: vec![Role::Office],
    };
    empty
        .app
        .store
        .write(Urgency::Interactive, move |tx| {
            identity::add_staff(tx, &newcomer, morning())
        })
        .unwrap();
    let nothing = empty.staffs_browser("ufficio").get("/ufficio/lavori").await;
    nothing
        .page()
        .says("Qui compaiono le chiusure delle giornate");
}
