//! The states of a debt position as GPD defines them (SANP 3.11, `pagopa-debt-position`), what each
//! of them allows, and the fault that who wants to pay gets in each. The sandbox, the station and the
//! tests' counterpart of GPD all read this one table.

use crate::base::stored_words;

stored_words! {
    /// Where a debt position stands on the platform.
    PositionState {
        /// Loaded and not yet shown to anybody.
        Draft = "DRAFT",
        /// Shown, payable from a day to come.
        Published = "PUBLISHED",
        /// Payable.
        Valid = "VALID",
        /// An instalment of it is paid. Our positions have one option and never stand here.
        PartiallyPaid = "PARTIALLY_PAID",
        /// Paid.
        Paid = "PAID",
        /// Paid, and its money is in a settlement flow.
        Reported = "REPORTED",
        /// Its last day is over and it was made to expire.
        Expired = "EXPIRED",
        /// Taken back, for good.
        Invalid = "INVALID",
    }
}

stored_words! {
    /// What can be done to a position, or happen to it. Deleting is left out: a number that was
    /// given stays given.
    Operation {
        /// The creditor shows a draft.
        Publish = "publish",
        /// The day comes from which it is payable.
        Begin = "begin",
        /// The creditor changes amount or date.
        Update = "update",
        /// The creditor takes it back.
        Invalidate = "invalidate",
        /// Somebody pays it.
        Pay = "pay",
        /// Its last day ends; only of a position that was made so (`switchToExpired`).
        Expire = "expire",
        /// Its money is in a settlement flow.
        Report = "report",
    }
}

impl PositionState {
    /// The state after an operation; none where the platform refuses it (HTTP 409).
    pub fn after(self, operation: Operation) -> Option<PositionState> {
        use PositionState::{
            Draft, Expired, Invalid, Paid, PartiallyPaid, Published, Reported, Valid,
        };
        match (operation, self) {
            (Operation::Publish, Draft) | (Operation::Begin, Published) => Some(Valid),
            (Operation::Update, Draft | Published | Valid) => Some(self),
            // A new last day makes it payable again.
            (Operation::Update, Expired) => Some(Valid),
            (Operation::Invalidate, Published | Valid) => Some(Invalid),
            (Operation::Pay, Valid | PartiallyPaid) => Some(Paid),
            (Operation::Expire, Valid) => Some(Expired),
            (Operation::Report, Paid) => Some(Reported),
            _ => None,
        }
    }

    /// Whether it was paid, wholly or in part: then nobody takes it back.
    pub fn is_paid(self) -> bool {
        matches!(
            self,
            PositionState::PartiallyPaid | PositionState::Paid | PositionState::Reported
        )
    }

    /// Whether nobody can pay it any more, without its having been paid.
    pub fn is_over(self) -> bool {
        matches!(self, PositionState::Expired | PositionState::Invalid)
    }
}

/// Why a position can't be paid, as the node tells the payer (docs.pagopa.it, "Gestione degli errori",
/// Dominio EC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nobody knows it, or it is not shown yet.
    Unknown,
    /// It was paid.
    Duplicate,
    /// Its last day is over.
    Expired,
    /// It was taken back.
    Cancelled,
}

impl Fault {
    /// The fault of a payment in a state; none where it may go on. `None`: there is no position.
    pub fn of(state: Option<PositionState>) -> Option<Fault> {
        match state {
            None | Some(PositionState::Draft | PositionState::Published) => Some(Fault::Unknown),
            Some(PositionState::Paid | PositionState::Reported) => Some(Fault::Duplicate),
            Some(PositionState::Expired) => Some(Fault::Expired),
            Some(PositionState::Invalid) => Some(Fault::Cancelled),
            Some(PositionState::Valid | PositionState::PartiallyPaid) => None,
        }
    }

    /// `faultCode`.
    pub fn code(self) -> &'static str {
        match self {
            Fault::Unknown => "PAA_PAGAMENTO_SCONOSCIUTO",
            Fault::Duplicate => "PAA_PAGAMENTO_DUPLICATO",
            Fault::Expired => "PAA_PAGAMENTO_SCADUTO",
            Fault::Cancelled => "PAA_PAGAMENTO_ANNULLATO",
        }
    }

    /// `faultString`, fixed by the platform.
    pub fn sentence(self) -> &'static str {
        match self {
            Fault::Unknown => "Pagamento in attesa risulta sconosciuto all’Ente Creditore",
            Fault::Duplicate => "Pagamento in attesa risulta concluso all’Ente Creditore",
            Fault::Expired => "Pagamento in attesa risulta scaduto all’Ente Creditore",
            Fault::Cancelled => "Pagamento in attesa risulta annullato all’Ente Creditore",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row for each state: what it becomes by each operation, in the order of `Operation::ALL`,
    /// and the payer's fault. `-` is refused. Written out from the specification, not from the code.
    const TABLE: &[(&str, [&str; 7], &str)] = &[
        (
            "DRAFT",
            ["VALID", "-", "DRAFT", "-", "-", "-", "-"],
            "PAA_PAGAMENTO_SCONOSCIUTO",
        ),
        (
            "PUBLISHED",
            ["-", "VALID", "PUBLISHED", "INVALID", "-", "-", "-"],
            "PAA_PAGAMENTO_SCONOSCIUTO",
        ),
        (
            "VALID",
            ["-", "-", "VALID", "INVALID", "PAID", "EXPIRED", "-"],
            "-",
        ),
        (
            "PARTIALLY_PAID",
            ["-", "-", "-", "-", "PAID", "-", "-"],
            "-",
        ),
        (
            "PAID",
            ["-", "-", "-", "-", "-", "-", "REPORTED"],
            "PAA_PAGAMENTO_DUPLICATO",
        ),
        (
            "REPORTED",
            ["-", "-", "-", "-", "-", "-", "-"],
            "PAA_PAGAMENTO_DUPLICATO",
        ),
        (
            "EXPIRED",
            ["-", "-", "VALID", "-", "-", "-", "-"],
            "PAA_PAGAMENTO_SCADUTO",
        ),
        (
            "INVALID",
            ["-", "-", "-", "-", "-", "-", "-"],
            "PAA_PAGAMENTO_ANNULLATO",
        ),
    ];

    #[test]
    fn every_operation_in_every_state_does_what_gpd_does() {
        let said = TABLE.iter().map(|(state, ..)| *state);
        let all = PositionState::ALL.iter().map(|state| state.as_str());
        assert!(all.eq(said), "a state has no row");
        for (state, row, fault) in TABLE {
            let state = PositionState::parse(state).unwrap();
            for (operation, becomes) in Operation::ALL.iter().zip(row) {
                let after = state.after(*operation).map_or("-", PositionState::as_str);
                assert_eq!(
                    after,
                    *becomes,
                    "{} of {}",
                    operation.as_str(),
                    state.as_str()
                );
            }
            let code = Fault::of(Some(state)).map_or("-", Fault::code);
            assert_eq!(code, *fault, "paying what is {}", state.as_str());
            let payable = state.after(Operation::Pay).is_some();
            assert_eq!(payable, *fault == "-", "{}", state.as_str());
        }
        assert_eq!(Fault::of(None), Some(Fault::Unknown));
    }

    #[test]
    fn what_is_over_is_not_paid_and_takes_no_payment() {
        for state in PositionState::ALL {
            assert!(!(state.is_over() && state.is_paid()));
            let payable = state.after(Operation::Pay).is_some();
            assert!(!(state.is_over() && payable), "{}", state.as_str());
            let withdrawable = state.after(Operation::Invalidate).is_some();
            assert!(!(state.is_paid() && withdrawable), "{}", state.as_str());
        }
    }
}
