//! The office, `/ufficio`: what waits today, intake, families, days, payments, messages.

mod access;
mod account;
mod application;
mod bill_runs;
pub(super) mod bills;
mod cancel;
pub(super) mod cash_desk;
mod collection;
mod days;
mod debtors;
mod deliveries;
mod facts;
mod families;
mod feedback;
mod intake;
mod isee_declared;
mod isee_form;
mod isee_list;
mod isee_policy;
mod job_words;
mod jobs;
mod late_isee;
mod leavers;
mod messages;
mod movements;
mod pagopa;
mod partner;
mod payments;
mod plans;
mod policies;
mod reconciliation;
mod refund_lists;
mod refunds;
mod reports;
mod residence;
mod search;
mod sheet;
mod suspensions;
mod tariffs;
mod today;
mod today_words;
mod view;

use std::borrow::Cow;

use super::cx::Cx;
use super::route::Route;
use crate::base::{Actor, PersonId, Result, guarded};

pub(super) fn routes() -> Vec<Route> {
    [
        access::routes(),
        today::routes(),
        intake::routes(),
        application::routes(),
        search::routes(),
        sheet::routes(),
        account::routes(),
        movements::routes(),
        cash_desk::routes(),
        isee_declared::routes(),
        isee_form::routes(),
        facts::routes(),
        residence::routes(),
        isee_list::routes(),
        isee_policy::routes(),
        cancel::routes(),
        feedback::routes(),
        days::routes(),
        bill_runs::routes(),
        bills::routes(),
        late_isee::routes(),
        payments::routes(),
        pagopa::routes(),
        reconciliation::routes(),
        partner::routes(),
        deliveries::routes(),
        leavers::routes(),
        refunds::routes(),
        refund_lists::routes(),
        plans::routes(),
        policies::routes(),
        tariffs::routes(),
        debtors::routes(),
        collection::routes(),
        suspensions::routes(),
        reports::routes(),
        messages::routes(),
        jobs::routes(),
        view::routes(),
    ]
    .concat()
}

/// The counter, acting for a person: it sees and does what they could, and no more.
fn desk(cx: &Cx, on_behalf_of: PersonId) -> Result<Actor> {
    let staff = cx.staff()?.clone();
    Ok(Actor::Desk {
        staff,
        on_behalf_of,
    })
}

/// The page of a list that the address asks for, from 1.
fn page_number(cx: &Cx) -> u32 {
    cx.query.text("page").parse().unwrap_or(1).clamp(1, 100_000)
}

/// So many pages hold a list.
fn pages(total: i64, per_page: u32) -> i64 {
    (total + i64::from(per_page) - 1).max(0) / i64::from(per_page)
}

/// What families typed must not become a formula in the clerk's spreadsheet.
fn inert(field: String) -> String {
    match guarded(&field) {
        Cow::Owned(marked) => marked,
        Cow::Borrowed(_) => field,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_formula_stays_text() {
        assert_eq!(inert("=1+1".to_owned()), "'=1+1");
        assert_eq!(inert("D’Amico Luca".to_owned()), "D’Amico Luca");
    }
}
