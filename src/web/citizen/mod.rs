//! The families' side, `/area`. One file per page of the manual.

mod applications;
pub(super) mod attestations;
mod balance_chart;
mod bills;
mod home;
mod isee;
mod meals;
mod messages;
mod my_data;
pub(super) mod payments;
pub(super) mod plans;
mod presences;
pub(super) mod reason_files;
mod refunds;
pub(super) mod statement;
pub(super) mod statement_files;
mod suspended;

use super::route::Route;

pub(super) fn routes() -> Vec<Route> {
    [
        home::routes(),
        my_data::routes(),
        isee::routes(),
        applications::routes(),
        meals::routes(),
        presences::routes(),
        statement::routes(),
        bills::routes(),
        payments::routes(),
        refunds::routes(),
        plans::routes(),
        attestations::routes(),
        messages::routes(),
    ]
    .concat()
}
