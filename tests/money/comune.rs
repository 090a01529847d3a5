//! A small comune in a folder, closed and opened again like a process would.

use std::sync::Arc;

use campanella::app::App;
use campanella::base::{
    Actor, Cents, ClassId, Clock, Date, Error, Instant, PersonId, ReceiptId, Result, Role,
    SchoolYear, StaffActor,
};
use campanella::charging::{self, DAY_CLOSE};
use campanella::enrolments::{self, NewEnrolment};
use campanella::identity::{self, NewStaff};
use campanella::isee::{self, IseeKind, NewIsee};
use campanella::jobs::{self, Job};
use campanella::ledger::{self, Cause, NewEntry};
use campanella::municipality::{self, Grade, NewSchool, Service};
use campanella::people::{self, BelfioreCode, FiscalCode, NewPerson, Sex};
use campanella::processes::{founding, work};
use campanella::store::{self, SealingKey, Store, Urgency};
use campanella::{demo, tariffs};
use jiff::ToSpan;
use jiff::civil::date;
use rusqlite::{Connection, Transaction};

/// Tuesday; the services of the demo's configuration run.
pub const DAY: Date = date(2026, 11, 3);

/// The afternoon of a day.
pub fn afternoon(day: Date) -> Instant {
    Instant::from_rome(day.at(15, 0, 0, 0))
}

pub struct Comune {
    folder: tempfile::TempDir,
    pub app: Arc<App>,
    pub clerk: StaffActor,
    class: ClassId,
}

impl Comune {
    pub fn new() -> Comune {
        let folder = tempfile::tempdir().unwrap();
        store::migrate(folder.path()).unwrap();
        SealingKey::create(&folder.path().join("test.key")).unwrap();
        let now = afternoon(date(2026, 9, 1));
        let (clerk, class) = Store::open(folder.path())
            .unwrap()
            .write(Urgency::Interactive, move |tx| {
                founding::found(tx, true, &demo::founding()?, now)?;
                let school = NewSchool {
                    code: "PRIM1",
                    name: "Primaria Collodi",
                    grade: Grade::Primaria,
                    address: "Via Roma 1",
                };
                let school = municipality::add_school(tx, &school)?;
                let class = municipality::add_class(tx, school, SchoolYear::of(DAY), "1A")?;
                let roles = vec![Role::Office];
                let clerk = NewStaff {
                    username: "ufficio".to_owned(),
                    name: "Carla Neri".to_owned(),
                    password: identity::hash_password("una-parola-lunga")?,
                    roles: roles.clone(),
                };
                let id = identity::add_staff(tx, &clerk, now)?;
                let rule = include_str!("../data/tariffs/lissone-mensa.toml");
                tariffs::publish(tx, meals(tx)?.id, rule, date(2026, 9, 1), now)?;
                Ok((StaffActor { id, roles }, class))
            })
            .unwrap();
        let app = open(&folder, afternoon(DAY));
        Comune {
            folder,
            app,
            clerk,
            class,
        }
    }

    /// What a new process sees: everything in memory is gone.
    pub fn reopen(self, now: Instant) -> Comune {
        let Comune {
            folder,
            app,
            clerk,
            class,
        } = self;
        drop(app);
        let app = open(&folder, now);
        Comune {
            folder,
            app,
            clerk,
            class,
        }
    }

    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.app.store.write(Urgency::Interactive, work)
    }

    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> T {
        self.app.store.read(work).unwrap()
    }

    /// A parent and a child who eats at school, residents both.
    pub fn family(&self, number: usize) -> (PersonId, PersonId) {
        let class = self.class;
        self.write(move |tx| {
            let parent = person(tx, "Rossi", "Mara", number, 1985)?;
            let child = person(tx, "Rossi", "Luca", number, 2018)?;
            let new = NewEnrolment {
                child,
                payer: parent,
                service: meals(tx)?.id,
                class,
                from: date(2026, 9, 21),
                to: None,
                application: None,
            };
            enrolments::enrol(tx, &new, afternoon(date(2026, 9, 1)))?;
            Ok((parent, child))
        })
        .unwrap()
    }

    pub fn start(&self, day: Date) -> Result<Job> {
        let actor = Actor::Staff(self.clerk.clone());
        self.write(move |tx| {
            charging::start_day_close(tx, &actor, meals(tx)?.id, day, afternoon(day))
        })
    }

    pub fn close(&self, day: Date) -> Job {
        let job = self.start(day).unwrap();
        self.run(&job).unwrap()
    }

    pub fn run(&self, job: &Job) -> Result<Job> {
        let step = work::step_of(DAY_CLOSE).unwrap();
        jobs::run(&self.app.store, job.id, step, || self.app.now(), |_| {})
    }

    /// Charges, entries, their sum, closings.
    pub fn books(&self) -> (i64, i64, i64, i64) {
        self.read(|db| {
            let sql = "select (select count(*) from charge), (select count(*) from ledger_entry),
                       (select coalesce(sum(amount), 0) from ledger_entry), (select count(*) from day_closing)";
            Ok(db.query_row(sql, [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?)
        })
    }
}

fn open(folder: &tempfile::TempDir, now: Instant) -> Arc<App> {
    let app = App::open(folder.path(), &folder.path().join("test.key")).unwrap();
    let clock = Clock::starting_at(now);
    Arc::new(App { clock, ..app })
}

pub fn meals(db: &Connection) -> Result<Service> {
    municipality::service_by_code(db, "mensa")?.ok_or(Error::NotFound)
}

fn person(
    tx: &Transaction<'_>,
    surname: &str,
    name: &str,
    number: usize,
    year: i16,
) -> Result<PersonId> {
    let days = i64::try_from(number).unwrap();
    let born = date(year, 1, 1).checked_add(days.days()).unwrap();
    let place = BelfioreCode::parse("A562").unwrap();
    let code = FiscalCode::compute(surname, name, Sex::F, born, place);
    let now = afternoon(date(2026, 9, 1));
    let new = NewPerson {
        resident: true,
        ..NewPerson::of(&code, surname, name, now)
    };
    people::add_person(tx, &new, now)
}

/// One family's autumn: five days without ISEE, five with one, a receipt of 30 euros.
pub fn autumn(comune: &Comune) -> (PersonId, PersonId) {
    let (mother, luca) = comune.family(0);
    comune
        .write(move |tx| {
            let new = NewIsee {
                child: luca,
                value: Cents(840_000),
                kind: IseeKind::Minorenni,
                protocol: "INPS-ISEE-2026-01234567X-00",
                omissions: false,
                valid_from: date(2026, 10, 26),
                valid_to: date(2026, 12, 31),
            };
            isee::record_isee(tx, &Actor::System("test"), &new, afternoon(DAY))?;
            let account = ledger::family_account(tx, mother, luca, meals(tx)?.id)?;
            let entry = NewEntry {
                day: date(2026, 10, 28),
                debit: ledger::pagopa_account(tx)?,
                credit: account,
                amount: Cents(3000),
                cause: Cause::Receipt(ReceiptId(1)),
            };
            ledger::post(tx, &entry, afternoon(date(2026, 10, 28)))
        })
        .unwrap();
    for day in [19, 20, 21, 22, 23, 26, 27, 28, 29, 30] {
        comune.close(date(2026, 10, day));
    }
    (mother, luca)
}
