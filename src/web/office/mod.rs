//! The office, `/ufficio`: what waits today, intake, families, days, payments, messages.

mod access;
mod application;
mod days;
mod families;
mod intake;
mod messages;
mod payments;
mod today;

use super::cx::Cx;
use super::route::Route;

pub(super) fn routes() -> Vec<Route> {
    [
        access::routes(),
        today::routes(),
        intake::routes(),
        application::routes(),
        families::routes(),
        days::routes(),
        payments::routes(),
        messages::routes(),
    ]
    .concat()
}

/// The page of a list that the address asks for, from 1.
fn page_number(cx: &Cx) -> u32 {
    cx.query.text("page").parse().unwrap_or(1).clamp(1, 100_000)
}

/// So many pages hold a list.
fn pages(total: i64, per_page: u32) -> i64 {
    (total + i64::from(per_page) - 1).max(0) / i64::from(per_page)
}
