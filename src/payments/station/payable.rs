//! Whether a notice can be paid at this moment, how much it is, and where its money goes.

use rusqlite::Connection;

use super::fault::Fault;
use crate::base::{Cents, Date, Error};
use crate::municipality::{self, PagopaSettings, Service};
use crate::payments::notices::{self, Notice, NoticeState};
use crate::payments::{NoticeNumber, Share, Subject, positions, shares};
use crate::{ledger, people};

/// The node takes so many.
const MOST_TRANSFERS: usize = 5;

/// A notice that can be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payable {
    /// Its number.
    pub notice_number: NoticeNumber,
    /// Cents, as of now.
    pub amount: Cents,
    /// The last day to pay, if it has one.
    pub due_date: Option<Date>,
    /// What is paid for, without personal data.
    pub subject: String,
    /// Who owes.
    pub debtor: Subject,
    /// Where the money goes; one to five, and together they are the amount.
    pub transfers: Vec<Transfer>,
    /// The postal account's IBAN; empty: the comune has none.
    pub postal_iban: String,
}

/// A part of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Cents.
    pub amount: Cents,
    /// Where it goes.
    pub iban: String,
    /// pagoPA taxonomy.
    pub category: String,
    /// Whether it goes to the comune's own account, for which the postal one may stand in.
    pub general: bool,
}

impl Payable {
    /// Whether all of it may go to a postal account (`allCCP`).
    pub fn all_postal(&self) -> bool {
        !self.postal_iban.is_empty() && self.transfers.iter().all(|t| t.general)
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Why {
    /// The node is told so.
    Fault(Fault),
    /// We failed.
    Failed(Error),
}

impl From<positions::Fault> for Why {
    fn from(fault: positions::Fault) -> Why {
        Why::Fault(fault.into())
    }
}

impl From<Error> for Why {
    fn from(error: Error) -> Why {
        Why::Failed(error)
    }
}

/// Looks a notice up. It is worked out anew for each question, so that what changed since the
/// notice was printed counts ("attualizzazione", SANP). The order of the faults is that of GPD.
pub(super) fn payable(db: &Connection, number: &str, today: Date) -> Result<Payable, Why> {
    let notice = notices::notice_by_number(db, number)?.ok_or(positions::Fault::Unknown)?;
    let parts = parts(db, &notice)?;
    match notice.state {
        NoticeState::Paid => return Err(positions::Fault::Duplicate.into()),
        NoticeState::Cancelled => return Err(positions::Fault::Cancelled.into()),
        NoticeState::Expired => return Err(positions::Fault::Expired.into()),
        NoticeState::Open => {}
    }
    let late = notice.due_date.is_some_and(|due| due < today);
    if late && parts.iter().any(|(service, _)| !service.pays_after_due) {
        return Err(positions::Fault::Expired.into());
    }
    let settings = municipality::pagopa_settings(db)?;
    let debtor = people::person(db, notice.payer_id)?;
    Ok(Payable {
        transfers: transfers(&parts, &settings)?,
        notice_number: notice.notice_number,
        amount: notice.amount,
        due_date: notice.due_date,
        subject: notice.subject,
        debtor: Subject {
            code: debtor.fiscal_code.to_string(),
            name: debtor.full_name(),
        },
        postal_iban: settings.postal_iban,
    })
}

/// The services that a notice asks for, and how much each.
fn parts(db: &Connection, notice: &Notice) -> Result<Vec<(Service, Cents)>, Error> {
    let mut shares = shares(db, notice.id)?;
    if shares.is_empty() {
        shares.push(Share {
            account: notice.account_id,
            amount: notice.amount,
        });
    }
    let service = |share: &Share| {
        let account = ledger::account(db, share.account)?;
        Ok((municipality::service(db, account.service_id)?, share.amount))
    };
    shares.iter().map(service).collect()
}

/// One transfer for each account and category; where that makes more than five, all of it goes to
/// the comune's account.
fn transfers(parts: &[(Service, Cents)], settings: &PagopaSettings) -> Result<Vec<Transfer>, Why> {
    let mut transfers: Vec<Transfer> = Vec::new();
    for (service, amount) in parts {
        let general = service.iban.is_empty();
        let iban = service.takings_iban(settings);
        let same = |t: &&mut Transfer| t.iban == iban && t.category == service.taxonomy;
        match transfers.iter_mut().find(same) {
            Some(transfer) => transfer.amount += *amount,
            None => transfers.push(Transfer {
                amount: *amount,
                iban: iban.to_owned(),
                category: service.taxonomy.clone(),
                general,
            }),
        }
    }
    if transfers.len() > MOST_TRANSFERS {
        let amount = transfers.iter().map(|t| t.amount).sum();
        transfers.truncate(1);
        for transfer in &mut transfers {
            transfer.amount = amount;
            transfer.iban.clone_from(&settings.iban);
            transfer.general = true;
        }
    }
    if transfers.iter().any(|t| t.iban.is_empty()) {
        return Err(Error::Internal(
            "the comune's IBAN is not set: the station can't say where money goes".to_owned(),
        )
        .into());
    }
    Ok(transfers)
}
