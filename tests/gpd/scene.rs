//! A real comune, no demo, that is connected to the counterpart.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use campanella::app::App;
use campanella::base::{
    Actor, Cents, Clock, Date, Instant, NoticeId, PersonId, PublicId, Result, Role, StaffActor,
};
use campanella::demo;
use campanella::identity::{self, NewStaff};
use campanella::ledger;
use campanella::municipality;
use campanella::payments::notices::{self, Notice};
use campanella::payments::platform;
use campanella::people::{self, BelfioreCode, FiscalCode, NewPerson, Sex};
use campanella::processes::{founding, payments};
use campanella::store::{self, SealingKey, Store, Urgency};
use jiff::civil::date;
use rusqlite::Transaction;

use super::openapi;
use super::server::{Counterpart, IBAN, KEY};

pub fn morning() -> Instant {
    Instant::from_rome(date(2026, 11, 3).at(8, 0, 0, 0))
}

pub struct Scene {
    folder: tempfile::TempDir,
    pub app: Arc<App>,
    pub server: Counterpart,
    pub mother: PersonId,
    pub account: PublicId,
    pub clerk: StaffActor,
}

impl Scene {
    pub fn new() -> Scene {
        let server = Counterpart::start();
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        SealingKey::create(&folder.path().join("data.key")).unwrap();
        store::migrate(&data).unwrap();
        let store = Store::open(&data).unwrap();
        let (mother, account, clerk) = store.write(Urgency::Interactive, found).unwrap();
        drop(store);
        let key = folder.path().join("gpd.key");
        std::fs::write(&key, format!("{KEY}\n")).unwrap();
        let config = format!(
            "[pagopa]\ngateway = \"gpd\"\n[pagopa.gpd]\nbase = \"{}\"\ncheckout_host = \"{}\"\n\
             timeout_seconds = 1\nkey = {{ file = \"{}\" }}\n",
            server.base(),
            server.address,
            key.display()
        );
        std::fs::write(data.join("campanella.toml"), config).unwrap();
        let mut scene = Scene {
            app: Arc::new(App::open(&data, &folder.path().join("data.key")).unwrap()),
            folder,
            server,
            mother,
            account,
            clerk,
        };
        scene.goes_on_at(morning());
        scene
    }

    /// The same folder as a process opens it whose clock shows another moment.
    pub fn goes_on_at(&mut self, now: Instant) {
        let root = self.folder.path();
        let app = App::open(&root.join("data"), &root.join("data.key")).unwrap();
        self.app = Arc::new(App {
            clock: Clock::starting_at(now),
            ..app
        });
    }

    pub fn key_file(&self) -> std::path::PathBuf {
        self.folder.path().join("gpd.key")
    }

    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> T {
        self.app.store.write(Urgency::Interactive, work).unwrap()
    }

    pub fn ask<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        let read = |db: &rusqlite::Connection| Ok(db.query_row(sql, [], |row| row.get(0))?);
        self.app.store.read(read).unwrap()
    }

    /// A notice that the mother asks for.
    pub fn notice(&self, cents: i64, due: Option<Date>) -> Notice {
        let (actor, account, now) = (
            Actor::Citizen(self.mother),
            self.account.clone(),
            self.app.now(),
        );
        self.write(move |tx| notices::create(tx, &actor, &account, Cents(cents), due, now))
    }

    pub fn iupd(&self, notice: &Notice) -> String {
        platform::iupd(&notice.notice_number)
    }

    /// Where its position stands at the counterpart.
    pub fn there(&self, notice: &Notice) -> String {
        self.server.status_of(&self.iupd(notice))
    }

    /// Where the program believes that it stands.
    pub fn known(&self, notice: &Notice) -> String {
        let known = self
            .app
            .store
            .read(|db| platform::known(db, notice.id))
            .unwrap();
        known.map_or("-", |known| known.state.as_str()).to_owned()
    }

    pub fn state(&self, id: NoticeId) -> String {
        self.ask(&format!(
            "select state from payment_notice where id = {}",
            id.0
        ))
    }

    /// One round, with a question for receipts, whatever the last answer said.
    pub fn round(&self) {
        self.app.receipts_asked.store(0, Ordering::SeqCst);
        let _ = payments::tick(&self.app);
    }

    /// What waits is due now.
    pub fn hurry(&self) {
        self.write(|tx| Ok(tx.execute("update outbox set next_at = 1 where done_at is null", [])?));
    }

    /// How the outbox stands: `kind attempts fault dead` of what is not done.
    pub fn waiting(&self) -> Vec<String> {
        let read = |db: &rusqlite::Connection| {
            let mut statement = db.prepare(
                "select kind || ' ' || attempts || ' ' || fault || iif(dead_at is null, '', ' dead')
                 from outbox where done_at is null and kind in ('notice-published', 'notice-withdrawn')
                 order by id",
            )?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<Vec<String>>>()?)
        };
        self.app.store.read(read).unwrap()
    }

    pub fn balance(&self) -> i64 {
        self.ask("select balance from account_balance b join account a on a.id = b.account_id where a.kind = 'family'")
    }

    /// Every exchange so far is one that pagoPA's own files allow.
    pub fn judge(&self) {
        let exchanges = self.server.state().exchanges.clone();
        if let Some(judged) = openapi::judge(&exchanges) {
            assert!(judged > 0, "nothing was judged");
        }
    }
}

fn found(tx: &Transaction<'_>) -> Result<(PersonId, PublicId, StaffActor)> {
    let now = morning();
    founding::found(tx, false, &demo::founding()?, now)?;
    tx.execute("update pagopa_setting set iban = ?1", [IBAN])?;
    let place = BelfioreCode::parse("A562").unwrap();
    let person = |name: &str, sex: Sex, born: Date| {
        let code = FiscalCode::compute("Rossi", name, sex, born, place);
        let new = NewPerson {
            resident: true,
            ..NewPerson::of(&code, "Rossi", name, now)
        };
        people::add_person(tx, &new, now)
    };
    let mother = person("Mara", Sex::F, date(1985, 12, 10))?;
    let luca = person("Luca", Sex::M, date(2018, 1, 1))?;
    let meals = municipality::service_by_code(tx, "mensa")?.unwrap().id;
    let account = ledger::family_account(tx, mother, luca, meals)?;
    let account = ledger::account(tx, account)?.public_id;
    let roles = vec![Role::Office];
    let clerk = NewStaff {
        username: "ufficio".to_owned(),
        name: "Carla Neri".to_owned(),
        password: identity::hash_password("una-parola-lunga")?,
        roles: roles.clone(),
    };
    let id = identity::add_staff(tx, &clerk, now)?;
    Ok((mother, account, StaffActor { id, roles }))
}
