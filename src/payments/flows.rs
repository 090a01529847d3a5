//! A settlement flow (flusso di rendicontazione, FdR): which payments one transfer to the comune's
//! treasury is made of, as a payment service provider declares it (SACI 3.2.1, section "Flusso di
//! rendicontazione"). One per provider, operating day and account; a provider may overwrite it with a
//! later revision until the fourth day.

use crate::base::{Cents, Date, Instant};

/// What became of one payment of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowOutcome {
    /// 0: carried out.
    Executed,
    /// 3: revoked.
    Revoked,
    /// 4: carried out while the creditor's station stood still.
    StandIn,
    /// 8: like 4, without a request of the creditor.
    StandInWithoutRequest,
    /// 9: carried out without a telematic receipt.
    WithoutReceipt,
}

impl RowOutcome {
    /// The outcome of a code.
    pub fn of_code(code: u8) -> Option<RowOutcome> {
        match code {
            0 => Some(RowOutcome::Executed),
            3 => Some(RowOutcome::Revoked),
            4 => Some(RowOutcome::StandIn),
            8 => Some(RowOutcome::StandInWithoutRequest),
            9 => Some(RowOutcome::WithoutReceipt),
            _ => None,
        }
    }

    /// Its code in the flow.
    pub fn code(self) -> u8 {
        match self {
            RowOutcome::Executed => 0,
            RowOutcome::Revoked => 3,
            RowOutcome::StandIn => 4,
            RowOutcome::StandInWithoutRequest => 8,
            RowOutcome::WithoutReceipt => 9,
        }
    }
}

/// One payment of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowRow {
    /// The IUV of the notice that was paid, as the flow writes it.
    pub iuv: String,
    /// IUR: the `receiptId` of the receipt.
    pub iur: String,
    /// `indiceDatiSingoloPagamento`: which of the payment's transfers, 1 to 5.
    pub transfer: u8,
    /// Cents. Negative amounts do not exist: a revocation says so by its outcome.
    pub amount: Cents,
    /// What became of it.
    pub outcome: RowOutcome,
    /// The civil day of that outcome.
    pub day: Date,
}

/// A flow as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawFlow {
    /// `identificativoFlusso`: `2026-11-20PPAYITR1XXX-S0000000001`.
    pub id: String,
    /// `dataOraFlusso`: of two with the same id the later one counts.
    pub made_at: Instant,
    /// Who declares it: code or name of the provider.
    pub psp: String,
    /// Fiscal code of the creditor that is paid.
    pub creditor: String,
    /// `identificativoUnivocoRegolamento` (TRN): the transfer's own number.
    pub regulation: String,
    /// `dataRegolamento`: the day of the transfer.
    pub settled_on: Date,
    /// `importoTotalePagamenti`, in cents: what the transfer brings.
    pub total: Cents,
    /// Its payments, in the flow's order.
    pub rows: Vec<FlowRow>,
    /// The bytes, as they came.
    pub raw: Vec<u8>,
}
