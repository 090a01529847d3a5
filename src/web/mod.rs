//! The web: the route table and the way of a request; then one folder per side.
//!
//! Handlers are thin: they read the form, call a slice, choose the page. No rule lives here.

mod assets;
mod cx;
mod dispatch;
mod form;
mod incoming;
mod machine;
mod rations;
mod render;
mod reply;
mod response;
mod route;
mod sessions;

mod citizen;
mod demo;
mod office;
mod pagopa;
mod public;
mod school;

use std::collections::BTreeMap;
use std::sync::Arc;

use poem::{Endpoint, Response};

pub use route::{Csrf, Route, Side, Verb};

use crate::app::App;
use crate::base::{Actor, Permission, Role};
use dispatch::{Door, Doors, Site};

/// Every route there is.
pub fn routes() -> Vec<Route> {
    let health = route::get("/salute", Permission::Public, dispatch::health);
    [
        vec![health],
        public::routes(),
        citizen::routes(),
        office::routes(),
        school::routes(),
        pagopa::routes(),
        demo::routes(),
    ]
    .concat()
}

/// The server's endpoint for one comune.
pub fn endpoint(app: Arc<App>) -> impl Endpoint<Output = Response> {
    let site = Arc::new(Site::new(app));
    let mut doors: BTreeMap<&'static str, Vec<Route>> = BTreeMap::new();
    for route in routes() {
        doors.entry(route.path).or_default().push(route);
    }
    let mut router = poem::Route::new().at("/static/*name", assets::serve);
    for (path, routes) in doors {
        router = router.at(path, Door::new(Arc::clone(&site), routes));
    }
    Doors::new(site, router)
}

/// The names of a member of staff's roles, for menus.
fn office_roles(actor: &Actor) -> Vec<&'static str> {
    let name = |role: &Role| match role {
        Role::Admin => "admin",
        Role::Office => "office",
        Role::Accountant => "accountant",
        Role::Diets => "diets",
        Role::Cashier => "cashier",
        Role::School(_) => "school",
    };
    actor
        .staff()
        .map_or_else(Vec::new, |staff| staff.roles.iter().map(name).collect())
}
