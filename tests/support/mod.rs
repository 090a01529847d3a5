//! What integration tests share: a small fictional comune in a folder of its own.

#![allow(
    dead_code,
    unused_imports,
    reason = "each test binary uses a part of it"
)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod browser;

use std::sync::Arc;

use campanella::app::App;
use campanella::base::{Clock, Instant, PersonId, StaffId};
use campanella::identity::{self, SessionToken};
use campanella::processes::founding;
use campanella::store::{self, SealingKey, Store, Urgency};
use campanella::{base, demo};
use jiff::civil::date;
use tempfile::TempDir;

pub use browser::{Answer, Browser, Page};

/// A demo comune of a few families, at 08:00 on Tuesday 3 November 2026.
pub struct Town {
    /// Keeps the folder alive.
    pub folder: TempDir,
    /// The comune.
    pub app: Arc<App>,
}

/// Tuesday 3 November 2026, 08:00 in Rome.
pub fn morning() -> Instant {
    Instant::from_rome(date(2026, 11, 3).at(8, 0, 0, 0))
}

impl Town {
    /// Founded, with nobody in it.
    pub fn founded() -> Town {
        // A page that could not be drawn says why.
        let log = tracing_subscriber::fmt().with_max_level(tracing::Level::ERROR);
        let _ = log.with_test_writer().try_init();
        let folder = tempfile::tempdir().unwrap();
        let (data, key) = (folder.path().join("data"), folder.path().join("key"));
        SealingKey::create(&key).unwrap();
        store::migrate(&data).unwrap();
        let store = Store::open(&data).unwrap();
        let start = demo::founding().unwrap();
        store
            .write(Urgency::Interactive, move |tx| {
                founding::found(tx, true, &start, morning())
            })
            .unwrap();
        drop(store);
        let mut app = App::open(&data, &key).unwrap();
        app.clock = Clock::starting_at(morning());
        Town {
            folder,
            app: Arc::new(app),
        }
    }

    /// With a few families and everything that they did.
    pub fn with_families(count: usize) -> Town {
        let town = Town::founded();
        demo::fill(&town.app, count, 7, |_| {}).unwrap();
        town
    }

    /// The same comune as a process sees it whose clock shows another moment.
    pub fn at(&self, now: Instant) -> Arc<App> {
        let root = self.folder.path();
        let mut app = App::open(&root.join("data"), &root.join("key")).unwrap();
        app.clock = Clock::starting_at(now);
        Arc::new(app)
    }

    /// A citizen who has just logged in.
    pub fn citizens_browser(&self, person: PersonId) -> Browser {
        let (cookie, csrf) = self.citizen(person);
        Browser {
            app: Arc::clone(&self.app),
            cookie: format!("campanella={cookie}"),
            csrf,
        }
    }

    /// Somebody of the staff who has just logged in.
    pub fn staffs_browser(&self, username: &str) -> Browser {
        let (cookie, csrf) = self.staff(username);
        Browser {
            app: Arc::clone(&self.app),
            cookie: format!("campanella-ufficio={cookie}"),
            csrf,
        }
    }

    /// A citizen's session: the cookie's value and the form token.
    pub fn citizen(&self, person: PersonId) -> (String, String) {
        self.open(move |tx, now| identity::open_citizen(tx, None, person, "demo", now))
    }

    /// A staff session: the cookie's value and the form token.
    pub fn staff(&self, username: &str) -> (String, String) {
        let username = username.to_owned();
        self.open(move |tx, now| {
            let id: StaffId = tx.query_row(
                "select id from staff where username = ?1",
                [username],
                |row| row.get(0),
            )?;
            identity::open_staff(tx, None, id, now)
        })
    }

    fn open(
        &self,
        work: impl FnOnce(
            &rusqlite::Transaction<'_>,
            Instant,
        ) -> base::Result<(SessionToken, identity::Session)>
        + Send
        + 'static,
    ) -> (String, String) {
        let now = self.app.now();
        let (token, session) = self
            .app
            .store
            .write(Urgency::Interactive, move |tx| work(tx, now))
            .unwrap();
        (token.as_str().to_owned(), session.csrf)
    }

    /// A value out of the database.
    pub fn ask<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        self.app
            .store
            .read(|db| Ok(db.query_row(sql, [], |row| row.get(0))?))
            .unwrap()
    }
}
