//! Notices of an earlier supplier: their positions stay where they were published.

use rusqlite::Transaction;

use super::NoticeNumber;
use super::notices::{NoticeState, notice_by_number, subject};
use crate::base::{AccountId, Cents, Date, Error, Instant, PersonId, PublicId, Result, Text};
use crate::{ledger, municipality, store};

/// A notice that an earlier system issued.
pub struct ImportedNotice<'a> {
    /// Its number: also of another generation.
    pub number: NoticeNumber,
    /// The account that its payment is credited to.
    pub account: AccountId,
    /// Who pays.
    pub payer: PersonId,
    /// Cents.
    pub amount: Cents,
    /// What is paid for; empty: the service's usual words.
    pub subject: &'a str,
    /// The last day to pay, if it has one.
    pub due_date: Option<Date>,
    /// Where it stands.
    pub state: NoticeState,
    /// The earlier system; empty only for numbers with aux digit 3.
    pub origin: &'a str,
}

/// Records a notice of an earlier system, once; its position stays where it was published. Says
/// whether it is new. Our own numbers go on above an imported one of the same segregation code.
///
/// # Errors
/// A refusal when the number is known with another account or amount.
pub fn record_imported_notice(
    tx: &Transaction<'_>,
    new: &ImportedNotice<'_>,
    now: Instant,
) -> Result<bool> {
    if let Some(known) = notice_by_number(tx, new.number.as_str())? {
        if (known.account_id, known.amount) == (new.account, new.amount) {
            return Ok(false);
        }
        return Err(Error::field(
            "numero_avviso",
            Text::new("import-notice-known").with("number", new.number.as_str()),
        ));
    }
    let service = municipality::service(tx, ledger::account(tx, new.account)?.service_id)?;
    let usual = subject(&service);
    let subject = if new.subject.is_empty() {
        &usual
    } else {
        new.subject
    };
    let subject: String = subject.chars().take(90).collect();
    let origin = match new.origin {
        "" if new.number.aux_digit() != 3 => "-",
        origin => origin,
    };
    tx.prepare_cached(
        "insert into payment_notice (public_id, notice_number, payer_id, account_id, amount, subject,
                                     due_date, state, created_at, updated_at, origin)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10)",
    )?
    .execute((
        PublicId::random()?,
        &new.number,
        new.payer,
        new.account,
        new.amount,
        subject,
        new.due_date,
        new.state,
        now,
        origin,
    ))?;
    let ours = municipality::municipality(tx)?.segregation_code;
    let digits = new.number.as_str();
    if let (3, Ok(segregation), Ok(base)) = (
        new.number.aux_digit(),
        digits[1..3].parse::<u8>(),
        digits[3..16].parse::<i64>(),
    ) && segregation == ours.get()
    {
        store::raise_number(tx, municipality::NOTICE_BASES, base + 1)?;
    }
    Ok(true)
}
