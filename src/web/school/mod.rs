//! The schools, `/scuola`: the register of the day.

mod register;

use super::route::Route;

pub(super) fn routes() -> Vec<Route> {
    register::routes()
}
