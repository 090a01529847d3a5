//! Refunds: a family asks for its credit, the comune's rule proposes, a clerk decides, the treasury
//! pays, and the ledger notes the day. Reminders of what is owed stand beside.
//!
//! What waits to be decided is a case ([`Case`]); money moves only in the ledger: on the decision
//! (what goes against arrears or to a sibling) and on the day that the treasury paid.

/// An enum whose values are words in the database.
macro_rules! stored_words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
        pub enum $name {
            $($(#[$of])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            /// Every value.
            pub const ALL: &[$name] = &[$($name::$variant),+];

            /// As it is stored.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// Out of the database or an address.
            pub fn parse(text: &str) -> Option<$name> {
                match text {
                    $($word => Some($name::$variant),)+
                    _ => None,
                }
            }
        }

        impl rusqlite::types::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                Ok(self.as_str().into())
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(
                value: rusqlite::types::ValueRef<'_>,
            ) -> rusqlite::types::FromSqlResult<$name> {
                $name::parse(value.as_str()?).ok_or(rusqlite::types::FromSqlError::InvalidType)
            }
        }
    };
}

mod asking;
mod bank;
mod cases;
pub mod collection;
mod deciding;
pub mod dunning;
mod leavers;
mod lists;
pub mod policy;
mod reminders;
mod rules;

pub use asking::{Destination, NewRequest, add_bank, ask, open_for_leaver, withdraw};
pub use bank::Bank;
pub use cases::{Case, CaseState, Filter, Wish, case, case_of_payer, cases, count, of_payer};
pub use deciding::{
    Proposal, approve, proposal, proposal_before, refuse, returned, transfer_to, withhold,
};
pub use leavers::{Leaver, LeaverFilter, leavers, leavers_total};
pub use lists::{
    ListLine, PaymentList, lines, list, lists, make_list, mark_paid, read_for_treasury,
};
pub use reminders::{Age, Debtor, debtors, line, remind};
pub use rules::{PolicyKind, Published, dunning_policy, publish, published, refund_policy};

#[cfg(test)]
mod tests;
