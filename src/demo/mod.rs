//! The fictional comune (docs/commands.md): people with valid fiscal codes, five schools, two school years
//! of attendance, charges and payments, messages, open calls. Everything goes through the slices'
//! own functions, as it would in a real comune; chance comes from a seed.

mod applications;
mod bills;
mod closures;
mod days;
mod enrolling;
mod families;
mod names;
mod payments;
mod plans;
mod schools;
mod settlement;
mod texts;

use std::sync::Arc;

use fastrand::Rng;
use serde::Deserialize;

use crate::app::App;
use crate::assets::Assets;
use crate::base::{
    Actor, Date, Error, Instant, Result, Role, SchoolYear, StaffActor, StaffId, today,
};
use crate::diets::Diet;
use crate::identity::{self, NewStaff};
use crate::municipality::{self, Municipality, NewPagopa, NewService, Service};
use crate::processes::founding::{Founding, LegalTexts};
use crate::store::Urgency;
use crate::{alerts, charging, jobs, tariffs};

pub(crate) use settlement::line_of;

/// The password of every staff account of a demo.
pub const PASSWORD: &str = "campanella-demo";

/// The staff accounts of a demo: user name, who it is, where it leads.
pub const ACCOUNTS: &[(&str, &str, &str)] = &[
    ("ufficio", "Carla Neri", "/ufficio"),
    ("ragioneria", "Piero Galli", "/ufficio"),
    ("collodi", "Maestra Lucia", "/scuola"),
    ("aquilone", "Educatrice Nadia", "/scuola"),
];

/// So many days share a commit: nobody waits for a demo that is being made.
const TOGETHER: usize = 20;

#[derive(Deserialize)]
struct Config {
    municipality: Municipality,
    service: Vec<NewService>,
    diet: Vec<Diet>,
    pagopa: NewPagopa,
    legal: LegalTexts,
}

/// What the fictional comune starts with.
///
/// # Errors
/// A fault of the embedded file.
pub fn founding() -> Result<Founding> {
    let text = Assets::text("demo/comune.toml").unwrap_or_default();
    let config: Config = toml::from_str(&text).map_err(Error::internal)?;
    Ok(Founding {
        municipality: config.municipality,
        crest: None,
        isee: None,
        services: config.service,
        diets: config.diet,
        legal: config.legal,
        pagopa: config.pagopa,
    })
}

/// Fills a founded demo folder; `progress` hears of the stages.
///
/// # Errors
/// When the folder is no demo, or the database fails.
pub fn fill(
    app: &Arc<App>,
    families: usize,
    seed: u64,
    mut progress: impl FnMut(&str),
) -> Result<()> {
    if !app.demo {
        return Err(Error::Internal("this folder is no demo".to_owned()));
    }
    let now = app.now();
    progress("schools, families, enrolments");
    let theirs = Arc::clone(app);
    let clerk = app.store.write(Urgency::Background, move |tx| {
        let mut rng = Rng::with_seed(seed);
        publish_tariffs(tx, now)?;
        let years = years(now);
        let classes = years
            .iter()
            .map(|year| {
                closures::add(tx, *year, now)?;
                schools::make(tx, *year)
            })
            .collect::<Result<Vec<_>>>()?;
        let people = families::make(tx, &mut rng, families, now)?;
        enrolling::enrol_all(tx, &theirs.key, &mut rng, &people, &classes, now)?;
        let clerk = add_accounts(tx, now)?;
        texts::publish_news(tx, now)?;
        texts::open_calls(tx, now)?;
        texts::write_messages(tx, &people, &clerk, now)?;
        if let Some(this_year) = classes.last() {
            applications::send(tx, &theirs.key, &people, this_year, &clerk, now)?;
        }
        Ok(clerk)
    })?;
    for service in app.store.read(municipality::services)? {
        if service.prepaid {
            progress(&service.name);
            play_days(app, &service, seed, now)?;
        }
    }
    progress("bills");
    bills::play(
        app,
        &mut Rng::with_seed(seed),
        years(now)[0].starts_on(),
        now,
    )?;
    progress("payments");
    payments::play(app, &mut Rng::with_seed(seed), now)?;
    plans::play(app, seed, &clerk, now)?;
    settlement::play(app, now)?;
    alerts::catch_up(&app.store, now)
}

/// The school year before and this one.
fn years(now: Instant) -> [SchoolYear; 2] {
    let this = SchoolYear::of(today(now));
    [SchoolYear::starting_in(this.first_year() - 1), this]
}

fn publish_tariffs(tx: &rusqlite::Transaction<'_>, now: Instant) -> Result<()> {
    // From the first day of the year before, whenever the demo is made.
    let from = years(now)[0].starts_on();
    for code in ["mensa", "nido", "scuolabus"] {
        let source = Assets::text(&format!("demo/{code}.toml")).unwrap_or_default();
        let service = municipality::service_by_code(tx, code)?.ok_or(Error::NotFound)?;
        tariffs::publish(tx, service.id, &source, from, now)?;
    }
    Ok(())
}

fn add_accounts(tx: &rusqlite::Transaction<'_>, now: Instant) -> Result<StaffActor> {
    let school = |code| -> Result<Role> {
        Ok(Role::School(
            municipality::school_by_code(tx, code)?.ok_or(Error::NotFound)?,
        ))
    };
    let roles = |username: &str| -> Result<Vec<Role>> {
        Ok(match username {
            "ufficio" => vec![Role::Office, Role::Diets, Role::Cashier],
            "ragioneria" => vec![Role::Accountant],
            "collodi" => vec![school("PRIM1")?],
            _ => vec![school("NIDO1")?],
        })
    };
    let mut clerk = StaffActor {
        id: StaffId(0),
        roles: Vec::new(),
    };
    for (username, name, _) in ACCOUNTS {
        let new = NewStaff {
            username: (*username).to_owned(),
            name: (*name).to_owned(),
            password: identity::hash_password(PASSWORD)?,
            roles: roles(username)?,
        };
        let id = identity::add_staff(tx, &new, now)?;
        if *username == "ufficio" {
            clerk = StaffActor {
                id,
                roles: new.roles,
            };
        }
    }
    Ok(clerk)
}

/// Plays the days of a service and closes all but the last one that could be closed: that one
/// waits for the clerk.
fn play_days(app: &App, service: &Service, seed: u64, now: Instant) -> Result<()> {
    let until = charging::last_closable_day(service, now);
    let waiting: Vec<Date> = app
        .store
        .read(|db| charging::days_to_close(db, service, until))?;
    let mut rng = Rng::with_seed(seed);
    let last = waiting.last().copied();
    for some in waiting.chunks(TOGETHER) {
        let (some, service, mut rng) = (some.to_vec(), service.clone(), rng.fork());
        app.store.write(Urgency::Background, move |tx| {
            for day in some {
                days::play(tx, &mut rng, &service, day)?;
                if Some(day) != last {
                    let clock = Actor::System("demo");
                    let job = charging::start_day_close(tx, &clock, service.id, day, now)?;
                    jobs::run_within(tx, job.id, &charging::day_close_step, now)?;
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}
