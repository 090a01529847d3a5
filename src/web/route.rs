//! The route table: what there is, who may use it, how much it may send (invariant 7).
//!
//! One table builds the router, so that a test can walk every route as every role.

use super::cx::Cx;
use super::reply::Reply;
use crate::base::{Permission, Result};

/// The two methods that pages need; HEAD is answered as GET.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Reads only.
    Get,
    /// Changes something.
    Post,
}

/// Whether a form must carry the session's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Csrf {
    /// It must.
    Token,
    /// It can't: another program posts here (each such route says how else it is protected).
    Exempt,
}

/// What serves a route: ordinary blocking code, run apart from the threads that keep the
/// connections.
pub type Handler = fn(&mut Cx) -> Result<Reply>;

/// Form bodies without files.
const FORM: usize = 256 * 1024;

/// One line of the table.
#[derive(Clone, Copy)]
pub struct Route {
    /// The method.
    pub verb: Verb,
    /// The address; `:name` stands for one segment.
    pub path: &'static str,
    /// Who may use it.
    pub allow: Permission,
    /// Whether a form token is asked for.
    pub csrf: Csrf,
    /// The largest body, in bytes.
    pub body_limit: usize,
    /// Whether one client may use it only now and then: logins, look-ups by code.
    pub rationed: bool,
    /// What serves it.
    pub handler: Handler,
}

/// A page.
pub const fn get(path: &'static str, allow: Permission, handler: Handler) -> Route {
    Route {
        verb: Verb::Get,
        path,
        allow,
        csrf: Csrf::Token,
        body_limit: 0,
        rationed: false,
        handler,
    }
}

/// A form.
pub const fn post(path: &'static str, allow: Permission, handler: Handler) -> Route {
    Route {
        verb: Verb::Post,
        path,
        allow,
        csrf: Csrf::Token,
        body_limit: FORM,
        rationed: false,
        handler,
    }
}

impl Route {
    /// The same route for bodies of up to so many MiB: uploads.
    pub const fn mib(mut self, mib: usize) -> Route {
        self.body_limit = mib * 1024 * 1024;
        self
    }

    /// The same route for another program: it posts what it likes and has no form token. How it is
    /// known its handler says; a session counts nothing there.
    pub const fn for_programs(mut self) -> Route {
        self.csrf = Csrf::Exempt;
        self
    }

    /// The same route, for each client only some times a minute.
    pub const fn rationed(mut self) -> Route {
        self.rationed = true;
        self
    }

    /// Which cookie identifies who calls: staff and families have sessions of their own.
    pub fn side(&self) -> Side {
        Side::of(self.path)
    }
}

/// Families or staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The public pages and the families' area.
    Family,
    /// The office, the schools.
    Staff,
}

impl Side {
    /// The side that an address belongs to.
    pub fn of(path: &str) -> Side {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or("");
        match first {
            "ufficio" | "scuola" | "cucina" | "linea" => Side::Staff,
            _ => Side::Family,
        }
    }

    /// The cookie's name. Over https the `__Host-` prefix ties it to this very host.
    pub fn cookie(self, https: bool) -> &'static str {
        match (self, https) {
            (Side::Family, true) => "__Host-campanella",
            (Side::Family, false) => "campanella",
            (Side::Staff, true) => "__Host-campanella-ufficio",
            (Side::Staff, false) => "campanella-ufficio",
        }
    }

    /// Where one logs in.
    pub fn login(self) -> &'static str {
        match self {
            Side::Family => "/",
            Side::Staff => "/ufficio/accesso",
        }
    }
}
