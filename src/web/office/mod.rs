//! The office, `/ufficio`: intake, families, days, payments, messages.

mod access;
mod days;
mod families;
mod intake;
mod messages;
mod payments;

use super::route::Route;

pub(super) fn routes() -> Vec<Route> {
    [
        access::routes(),
        intake::routes(),
        families::routes(),
        days::routes(),
        payments::routes(),
        messages::routes(),
    ]
    .concat()
}
