//! What a handler knows of its request.

use std::net::IpAddr;
use std::sync::Arc;

use poem::http::StatusCode;
use rusqlite::{Connection, Transaction};
use serde_json::Value;

use super::form::Form;
use super::machine::Machine;
use super::reply::{File, Page, Reply, ShownError};
use super::route::Side;
use crate::app::App;
use crate::base::{
    Actor, Date, Error, FieldError, Instant, PersonId, PublicId, Result, StaffActor, Text, today,
};
use crate::catalogue::Language;
use crate::identity::{self, Session, SessionToken};
use crate::store::{self, Urgency};

/// Who is shown in the header.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Surname and name.
    pub name: String,
}

/// One request.
pub struct Cx {
    /// The comune.
    pub app: Arc<App>,
    /// When it came.
    pub now: Instant,
    /// Who acts.
    pub actor: Actor,
    /// Their name for the header.
    pub shown: Option<Shown>,
    /// Their session.
    pub session: Option<Session>,
    /// Families or staff.
    pub side: Side,
    /// The address without its query.
    pub path: String,
    /// Named segments of the address.
    pub(super) params: Vec<(String, String)>,
    /// What stands after `?`.
    pub query: Form,
    /// What was posted.
    pub form: Form,
    /// Where it comes from: the real client, also behind a trusted proxy.
    pub client: IpAddr,
    /// The answer may be compressed.
    pub(super) takes_gzip: bool,
    /// Names this request in logs and on error pages.
    pub request_id: String,
    /// A cookie to set: a new token, or an empty one to forget it.
    pub(super) new_cookie: Option<String>,
    /// What the page shows once.
    pub(super) flash: Option<String>,
    /// A clerk is looking at a family's pages: nothing is written.
    pub(super) viewing: bool,
    /// What another program sent, on routes for programs.
    pub(super) machine: Option<Machine>,
}

impl Cx {
    /// Today in Rome.
    pub fn today(&self) -> Date {
        today(self.now)
    }

    /// A public id in the address.
    ///
    /// # Errors
    /// `NotFound` when the segment is no such id.
    pub fn id(&self, name: &str) -> Result<PublicId> {
        self.param(name).parse().map_err(|()| Error::NotFound)
    }

    /// A segment of the address.
    pub fn param(&self, name: &str) -> &str {
        self.params
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, value)| value)
    }

    /// The citizen who acts (or for whom the counter acts). The route table has let only such in.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn person(&self) -> Result<PersonId> {
        self.actor.person().ok_or(Error::Forbidden)
    }

    /// The member of staff who acts. The route table has let only such in.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn staff(&self) -> Result<&StaffActor> {
        self.actor.staff().ok_or(Error::Forbidden)
    }

    /// Reads, on one snapshot.
    ///
    /// # Errors
    /// What the closure returns.
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.app.store.read(work)
    }

    /// Whether a clerk is looking at a family's pages: then nothing can be written.
    pub fn is_view(&self) -> bool {
        self.viewing
    }

    /// Writes; what it returns is on disk when this returns.
    ///
    /// # Errors
    /// What the closure returns; `Forbidden` while a clerk only looks.
    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if self.viewing {
            return Err(Error::Forbidden);
        }
        self.app.store.write(Urgency::Interactive, work)
    }

    /// Writes once: a form that is sent twice (double click, reload) is led to where the first
    /// sending led. One that was filled in otherwise after "back" is another form, though it carries
    /// the same key: a browser may have kept the page. The closure returns that address. The form carries `request_key()`.
    ///
    /// # Errors
    /// What the closure returns.
    pub fn write_once(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<String> + Send + 'static,
    ) -> Result<Reply> {
        let key = self.form.public_id("_key")?;
        let key = format!("{key}:{}", self.form.digest());
        let (actor, now) = (self.actor.clone(), self.now);
        let location = self.write(move |tx| {
            if let Some(location) = store::answered_before(tx, &actor, &key)? {
                return Ok(location);
            }
            let location = work(tx)?;
            store::remember_answer(tx, &actor, &key, &location, now)?;
            Ok(location)
        })?;
        Ok(Reply::Redirect(location))
    }

    /// A sentence of the catalogue in Italian.
    pub fn say(&self, key: &'static str) -> String {
        self.app.catalogue.say(Language::Italian, &Text::new(key))
    }

    /// A sentence with values in Italian.
    pub fn say_text(&self, text: &Text) -> String {
        self.app.catalogue.say(Language::Italian, text)
    }

    /// A page.
    #[expect(clippy::unnecessary_wraps, reason = "handlers end in it")]
    pub fn page(
        &self,
        template: &'static str,
        title: impl Into<String>,
        data: Value,
    ) -> Result<Reply> {
        Ok(Reply::Page(Page {
            status: StatusCode::OK,
            template,
            title: title.into(),
            data,
            errors: Vec::new(),
        }))
    }

    /// The same page again with what must be mended; `data` holds what was typed. Errors that are
    /// not about the form pass through.
    ///
    /// # Errors
    /// Every error but `Invalid` and `Refused`.
    pub fn page_again(
        &self,
        error: Error,
        template: &'static str,
        title: impl Into<String>,
        data: Value,
    ) -> Result<Reply> {
        let (status, errors) = match error {
            Error::Invalid(fields) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                fields.iter().map(|e| self.shown_error(e)).collect(),
            ),
            Error::Refused(refusal) => {
                let status = if refusal.conflict {
                    StatusCode::CONFLICT
                } else {
                    StatusCode::UNPROCESSABLE_ENTITY
                };
                let message = self.say_text(&refusal.text);
                (
                    status,
                    vec![ShownError {
                        field: String::new(),
                        message,
                    }],
                )
            }
            other => return Err(other),
        };
        Ok(Reply::Page(Page {
            status,
            template,
            title: title.into(),
            data,
            errors,
        }))
    }

    fn shown_error(&self, error: &FieldError) -> ShownError {
        ShownError {
            field: error.field.clone(),
            message: self.say_text(&error.text),
        }
    }

    /// A file to keep.
    #[expect(clippy::unnecessary_wraps, reason = "handlers end in it")]
    pub fn file(
        &self,
        name: impl Into<String>,
        media_type: &'static str,
        bytes: Vec<u8>,
    ) -> Result<Reply> {
        Ok(Reply::File(File {
            name: name.into(),
            media_type,
            bytes,
        }))
    }

    /// Leads on to another page.
    #[expect(clippy::unnecessary_wraps, reason = "handlers end in it")]
    pub fn redirect(&self, location: impl Into<String>) -> Result<Reply> {
        Ok(Reply::Redirect(location.into()))
    }

    /// Leads on to another page, which says this once.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn redirect_saying(&self, location: impl Into<String>, text: &Text) -> Result<Reply> {
        if let Some(session) = self.session.clone() {
            let sentence = self.say_text(text);
            self.write(move |tx| identity::set_flash(tx, &session, &sentence))?;
        }
        self.redirect(location)
    }

    /// The session, opened as a visitor's when there is none: before pages with a login form.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn ensure_session(&mut self, return_to: Option<String>) -> Result<()> {
        if self.session.is_none() {
            let now = self.now;
            let (token, session) =
                self.write(move |tx| identity::open_visitor(tx, return_to.as_deref(), now))?;
            self.set_session(&token, session);
        }
        Ok(())
    }

    /// Makes this the browser's session.
    pub fn set_session(&mut self, token: &SessionToken, session: Session) {
        self.new_cookie = Some(token.as_str().to_owned());
        self.session = Some(session);
    }

    /// Makes the browser forget its session.
    pub fn forget_session(&mut self) {
        self.new_cookie = Some(String::new());
        self.session = None;
    }
}
