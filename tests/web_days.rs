//! The days over HTTP, without JavaScript: what families cancel, what schools mark, and what
//! happens when the two meet, or the office closes the day meanwhile.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use campanella::base::{Actor, Instant, PersonId, Role, SchoolYear};
use campanella::municipality::{self, Grade, NewSchool};
use campanella::people::{self, BelfioreCode, FiscalCode, NewPerson, Sex};
use campanella::store::Urgency;
use campanella::{charging, enrolments, identity, tariffs};
use jiff::civil::{Date, date};
use poem::http::StatusCode;
use support::{Browser, Page, Town, morning};

const TODAY: Date = date(2026, 11, 3);
const KEY: &str = "00000000000000000000000001";

/// A mother with Luca and Sara in class 1A, who eat at school; a teacher who keeps the register.
struct Scene {
    town: Town,
    mother: PersonId,
    luca: String,
    sara: String,
    register: String,
}

fn scene() -> Scene {
    let town = Town::founded();
    let (mother, luca, sara, register) = town
        .app
        .store
        .write(Urgency::Interactive, |tx| {
            let school = NewSchool {
                code: "PRIM9",
                name: "Primaria Collodi",
                grade: Grade::Primaria,
                address: "Via Roma 1",
            };
            let school = municipality::add_school(tx, &school)?;
            let class = municipality::add_class(tx, school, SchoolYear::of(TODAY), "1A")?;
            let meals = municipality::service_by_code(tx, "mensa")?.unwrap();
            let rule = include_str!("data/tariffs/lissone-mensa.toml");
            tariffs::publish(tx, meals.id, rule, date(2026, 9, 1), morning())?;
            let add = |name: &str, sex, born: Date| {
                let pisa = BelfioreCode::parse("G702").unwrap();
                let code = FiscalCode::compute("Rossi", name, sex, born, pisa);
                let new = NewPerson::of(&code, "Rossi", name, morning());
                people::add_person(tx, &new, morning())
            };
            let mother = add("Mara", Sex::F, date(1985, 12, 10))?;
            let enrol = |name: &str, sex, born: Date| {
                let child = add(name, sex, born)?;
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
                    service: meals.id,
                    class,
                    from: date(2026, 9, 21),
                    to: None,
                    application: None,
                };
                enrolments::enrol(tx, &enrolment, morning())?;
                Ok::<_, campanella::base::Error>(
                    enrolments::of_child(tx, child)?
                        .remove(0)
                        .public_id
                        .to_string(),
                )
            };
            let luca = enrol("Luca", Sex::M, date(2019, 5, 4))?;
            let sara = enrol("Sara", Sex::F, date(2020, 3, 1))?;
            let teacher = identity::NewStaff {
                username: "collodi".to_owned(),
                name: "Maestra Lucia".to_owned(),
                password: identity::hash_password("una-parola-lunga")?,
                roles: vec![Role::School(school)],
            };
            identity::add_staff(tx, &teacher, morning())?;
            let class: String = tx.query_row(
                "select public_id from school_class where id = ?1",
                [class],
                |row| row.get(0),
            )?;
            let register = format!("/scuola/registro/{class}/{}", meals.public_id);
            Ok((mother, luca, sara, register))
        })
        .unwrap();
    Scene {
        town,
        mother,
        luca,
        sara,
        register,
    }
}

impl Scene {
    fn mara(&self) -> Browser {
        self.town.citizens_browser(self.mother)
    }

    fn teacher(&self) -> Browser {
        self.town.staffs_browser("collodi")
    }

    /// What the teacher's page sends with these children present.
    async fn send(&self, teacher: &Browser, page: &Page, present: &[&str]) -> support::Answer {
        let (key, version, day) = (
            page.hidden("_key"),
            page.hidden("version"),
            page.hidden("day"),
        );
        let mut fields = vec![
            ("_key", key.as_str()),
            ("version", version.as_str()),
            ("day", day.as_str()),
            ("shown", self.luca.as_str()),
            ("shown", self.sara.as_str()),
        ];
        fields.extend(present.iter().map(|id| ("present", *id)));
        teacher.post(&self.register, &fields).await
    }

    async fn cancel(&self, mara: &Browser, key: &str, days: &[(&str, Date)]) -> support::Answer {
        let days: Vec<String> = days.iter().map(|(id, day)| format!("{id}:{day}")).collect();
        let mut fields = vec![("_key", key)];
        fields.extend(days.iter().map(|day| ("day", day.as_str())));
        mara.post("/area/disdici", &fields).await
    }

    fn count(&self, table: &str) -> i64 {
        self.town.ask(&format!("select count(*) from {table}"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_never_covers_what_was_said_since_it_was_drawn() {
    let scene = scene();
    let (mara, teacher) = (scene.mara(), scene.teacher());
    let page = teacher.get(&scene.register).await.page();
    assert_eq!(page.all("[data-register-count]"), ["Presenti 2, assenti 0"]);
    // Luca's mother cancels while the teacher is looking at the list.
    let said = scene.cancel(&mara, KEY, &[(&scene.luca, TODAY)]).await;
    said.leads_to();
    let answer = scene.send(&teacher, &page, &[&scene.luca]).await;
    let again = answer.page_with(StatusCode::CONFLICT);
    again.says("Nel frattempo questo registro è cambiato");
    assert_eq!(scene.count("register"), 0);
    // Both are absent now: Luca because he is cancelled, Sara because the teacher has tapped her.
    assert_eq!(
        again.all("[data-register-count]"),
        ["Presenti 0, assenti 2"]
    );
    scene.send(&teacher, &again, &[]).await.leads_to();
    assert_eq!(scene.count("register"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tablets_do_not_overwrite_each_other_and_a_double_click_saves_once() {
    let scene = scene();
    let teacher = scene.teacher();
    let page = teacher.get(&scene.register).await.page();
    let other = teacher.get(&scene.register).await.page();
    let both = [scene.luca.as_str(), scene.sara.as_str()];
    let first = scene.send(&teacher, &page, &both).await.leads_to();
    let second = scene.send(&teacher, &page, &both).await.leads_to();
    assert_eq!((first, scene.count("register")), (second, 1));
    let late = scene.send(&teacher, &other, &[&scene.luca]).await;
    late.page_with(StatusCode::CONFLICT);
    assert_eq!(scene.count("register"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_without_its_day_is_not_one_of_today() {
    let scene = scene();
    let teacher = scene.teacher();
    let page = teacher.get(&scene.register).await.page();
    let version = page.hidden("version");
    let fields = [("_key", KEY), ("version", &version), ("day", "03-11")];
    let answer = teacher.post(&scene.register, &fields).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(scene.count("register"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn once_the_closing_has_begun_the_day_is_what_it_is() {
    let mut scene = scene();
    let midday = Instant::from_rome(TODAY.at(12, 0, 0, 0));
    scene.town.app = scene.town.at(midday);
    let (mara, teacher) = (scene.mara(), scene.teacher());
    let page = teacher.get(&scene.register).await.page();
    // The job is written down and waits for a worker.
    let store = &scene.town.app.store;
    store
        .write(Urgency::Interactive, move |tx| {
            let meals = municipality::service_by_code(tx, "mensa")?.unwrap();
            charging::start_day_close(tx, &Actor::System("test"), meals.id, TODAY, midday)
        })
        .unwrap();
    let answer = scene.send(&teacher, &page, &[]).await;
    answer
        .page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("La giornata del 03/11/2026 è chiusa");
    assert_eq!(scene.count("register"), 0);
    let today = [(scene.luca.as_str(), TODAY)];
    let refused = scene.cancel(&mara, KEY, &today).await;
    refused
        .page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("La giornata di oggi è già stata chiusa");
    // What can be cancelled is, in the same request.
    let both = [
        (scene.luca.as_str(), TODAY),
        (&scene.sara, date(2026, 11, 4)),
    ];
    scene.cancel(&mara, KEY, &both).await.leads_to();
    let days: String = scene.town.ask("select group_concat(day) from cancellation");
    assert_eq!(days, "2026-11-04");
}

#[tokio::test(flavor = "multi_thread")]
async fn back_and_another_choice_is_another_cancellation() {
    let scene = scene();
    let mara = scene.mara();
    let wednesday = [(scene.luca.as_str(), date(2026, 11, 4))];
    let thursday = [(scene.luca.as_str(), date(2026, 11, 5))];
    let first = scene.cancel(&mara, KEY, &wednesday).await.leads_to();
    let twice = scene.cancel(&mara, KEY, &wednesday).await.leads_to();
    assert_eq!(first, twice);
    // The browser kept the page, and its key with it.
    let other = scene.cancel(&mara, KEY, &thursday).await.leads_to();
    assert_ne!(first, other);
    assert_eq!(scene.count("cancellation"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_days_those_with_a_meal_are_cancelled() {
    let scene = scene();
    let mara = scene.mara();
    let (sunday, monday) = (date(2026, 11, 8), date(2026, 11, 9));
    let nothing = scene.cancel(&mara, KEY, &[(&scene.luca, sunday)]).await;
    nothing
        .page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("non c’è nulla da disdire");
    let some = [(scene.luca.as_str(), sunday), (&scene.sara, monday)];
    scene.cancel(&mara, KEY, &some).await.leads_to();
    assert_eq!(scene.count("cancellation"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meal_that_is_wanted_again_is_booked_once_however_often_it_is_said() {
    let scene = scene();
    let mara = scene.mara();
    let day = date(2026, 11, 4);
    scene
        .cancel(&mara, KEY, &[(&scene.luca, day)])
        .await
        .leads_to();
    let text = day.to_string();
    let fields = [("enrolment", scene.luca.as_str()), ("day", &text)];
    for _ in 0..2 {
        let answer = mara.post("/area/disdici/ripristina", &fields).await;
        assert_eq!(answer.leads_to(), "/area/disdici");
    }
    assert_eq!(scene.count("cancellation"), 2, "one said, one taken back");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_holiday_no_register_is_missing() {
    let scene = scene();
    let teacher = scene.teacher();
    let page = teacher.get("/scuola?giorno=2026-12-08").await.page();
    page.says("In questo giorno il servizio non c’è.");
    page.is_silent_on("da compilare");
    let page = teacher.get("/scuola?giorno=2026-12-09").await.page();
    page.says("Manca un registro.");
}

#[tokio::test(flavor = "multi_thread")]
async fn riders_have_no_class_register() {
    let scene = scene();
    let bus: String = scene
        .town
        .ask("select public_id from service where code = 'scuolabus'");
    let class = scene.register.rsplit_once('/').unwrap().0;
    let answer = scene.teacher().get(&format!("{class}/{bus}")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
