//! The demo's pretended payment platform. It keeps its own side of the story in tables of its own
//! and answers as pagoPA does: same states, same faults, receipts as XML that the receipt parser
//! reads. It refuses to work outside a demo folder (invariant 13).

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::Serialize;

use super::NoticeNumber;
use super::flows::RawFlow;
use super::gateway::{self, Checkout, PaymentGateway, Position, ReturnUrls};
use super::notices::Notice;
use super::positions::{Fault, Operation, PositionState};
use super::rt::{self, NewRt, RawReceipt, Subject};
use super::sandbox_flows;
use crate::base::{Cents, Date, Error, Instant, PublicId, Result, Text, today};
use crate::municipality;
use crate::store::{self, Store, Urgency};

/// The sandbox of one demo folder.
pub struct Sandbox<'a> {
    store: &'a Store,
}

/// A second receipt comes so much later where the payer chose "later": one minute.
const LATER: i64 = 60_000;

pub(super) fn require_demo(db: &Connection) -> Result<()> {
    if store::stamp(db)?.demo {
        Ok(())
    } else {
        Err(Error::Internal(
            "the sandbox of payments exists in a demo folder only".to_owned(),
        ))
    }
}

impl<'a> Sandbox<'a> {
    /// The sandbox of a folder.
    ///
    /// # Errors
    /// When the folder is no demo.
    pub fn open(store: &'a Store) -> Result<Sandbox<'a>> {
        store.read(require_demo)?;
        Ok(Sandbox { store })
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.store.write(Urgency::Interactive, work)
    }
}

impl PaymentGateway for Sandbox<'_> {
    fn publish(&self, position: &Position) -> Result<()> {
        let position = position.clone();
        self.write(move |tx| publish(tx, &position))
    }

    fn invalidate(&self, number: &NoticeNumber) -> Result<()> {
        let number = *number;
        self.write(move |tx| {
            let Some(found) = position(tx, number.as_str())? else {
                return Ok(());
            };
            match found.state.after(Operation::Invalidate) {
                Some(state) => set_state(tx, &found.notice_number, state),
                None if found.state.is_paid() => Err(gateway::paid()),
                None => Ok(()),
            }
        })
    }

    fn start_checkout(
        &self,
        notices: &[Notice],
        urls: &ReturnUrls,
        now: Instant,
    ) -> Result<Checkout> {
        let numbers: Vec<String> = notices
            .iter()
            .map(|n| n.notice_number.to_string())
            .collect();
        let urls = urls.clone();
        self.write(move |tx| {
            for number in &numbers {
                payable(tx, number, now)?;
            }
            let reference = PublicId::random()?.to_string();
            let list = serde_json::to_string(&numbers).map_err(Error::internal)?;
            tx.prepare_cached(
                "insert into sandbox_cart (ref, notices, ok_url, cancel_url, error_url, created_at)
                 values (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute((&reference, list, &urls.ok, &urls.cancel, &urls.error, now))?;
            Ok(Checkout {
                address: format!("/demo/pagamento/{reference}"),
                reference,
            })
        })
    }

    fn poll_receipts(&self, since: Instant, until: Instant) -> Result<Vec<RawReceipt>> {
        self.store.read(|db| {
            let mut statement = db.prepare_cached(
                "select xml from sandbox_receipt where created_at between ?1 and ?2
                 order by created_at, id",
            )?;
            let rows = statement.query_map((since, until), |row| row.get::<_, String>(0))?;
            rows.map(|xml| RawReceipt::parse(xml?.as_bytes()).map_err(Error::internal))
                .collect()
        })
    }

    fn poll_flows(&self, since: Instant, until: Instant) -> Result<Vec<RawFlow>> {
        self.store
            .read(|db| sandbox_flows::published(db, since, until))
    }
}

/// Makes a position payable on the pretended platform.
///
/// # Errors
/// The database's own failure.
pub fn publish(tx: &Transaction<'_>, p: &Position) -> Result<()> {
    tx.prepare_cached(
        "insert or ignore into sandbox_position
           (notice_number, amount, subject, category, debtor_code, debtor_name, state, expires_after)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute((
        &p.notice_number,
        p.amount,
        &p.subject,
        &p.category,
        &p.debtor.code,
        &p.debtor.name,
        PositionState::Valid,
        p.due_date.filter(|_| p.expires),
    ))?;
    Ok(())
}

/// The receipt of a key, as the platform would send it.
///
/// # Errors
/// `NotFound`.
pub fn receipt(db: &Connection, key: &str) -> Result<RawReceipt> {
    require_demo(db)?;
    let xml: String = db
        .prepare_cached("select xml from sandbox_receipt where receipt_key = ?1")?
        .query_row([key], |row| row.get(0))?;
    RawReceipt::parse(xml.as_bytes()).map_err(Error::internal)
}

/// A position as the platform keeps it.
#[derive(Clone, Debug, Serialize)]
pub struct SandboxPosition {
    /// 18 digits.
    pub notice_number: String,
    /// Cents.
    pub amount: Cents,
    /// What is paid for.
    pub subject: String,
    /// pagoPA taxonomy.
    #[serde(skip)]
    category: String,
    #[serde(skip)]
    debtor: (String, String),
    /// Where it stands; what its last day does to it is not in it yet.
    pub state: PositionState,
    #[serde(skip)]
    expires_after: Option<Date>,
}

impl SandboxPosition {
    /// Where it stands on a day.
    fn on(&self, day: Date) -> PositionState {
        let over = self.expires_after.is_some_and(|last| last < day);
        let expired = self.state.after(Operation::Expire).filter(|_| over);
        expired.unwrap_or(self.state)
    }
}

/// A payment page that waits.
#[derive(Clone, Debug)]
pub struct SandboxCart {
    /// What is paid on it.
    pub positions: Vec<SandboxPosition>,
    /// Where it leads back to.
    pub urls: ReturnUrls,
}

/// How a pretended payer pays.
#[derive(Clone, Debug)]
pub struct PaidBy {
    /// `creditCard`, `cash`, `other`: what the receipt will say.
    pub method: &'static str,
    /// Who takes the money.
    pub psp: &'static str,
    /// Whether the receipt comes a minute later.
    pub receipt_later: bool,
}

fn position(db: &Connection, number: &str) -> Result<Option<SandboxPosition>> {
    let sql = "select notice_number, amount, subject, category, debtor_code, debtor_name, state,
                      expires_after
               from sandbox_position where notice_number = ?1";
    let found = db.prepare_cached(sql)?.query_row([number], |row| {
        Ok(SandboxPosition {
            notice_number: row.get(0)?,
            amount: row.get(1)?,
            subject: row.get(2)?,
            category: row.get(3)?,
            debtor: (row.get(4)?, row.get(5)?),
            state: row.get(6)?,
            expires_after: row.get(7)?,
        })
    });
    Ok(found.optional()?)
}

fn set_state(tx: &Transaction<'_>, number: &str, state: PositionState) -> Result<()> {
    tx.prepare_cached("update sandbox_position set state = ?2 where notice_number = ?1")?
        .execute((number, state))?;
    Ok(())
}

/// The position, if it can be paid now; else the sentence of the fault that a PSP would get.
fn payable(db: &Connection, number: &str, now: Instant) -> Result<SandboxPosition> {
    let found = position(db, number)?;
    let state = found.as_ref().map(|position| position.on(today(now)));
    match (found, Fault::of(state)) {
        (Some(position), None) => Ok(position),
        (_, fault) => Err(Error::field(
            "notice_number",
            fault_text(fault.unwrap_or(Fault::Unknown)),
        )),
    }
}

fn fault_text(fault: Fault) -> Text {
    match fault {
        Fault::Unknown => Text::new("sandbox-unknown"),
        Fault::Duplicate => Text::new("sandbox-paid-already"),
        Fault::Expired => Text::new("sandbox-expired"),
        Fault::Cancelled => Text::new("sandbox-cancelled"),
    }
}

/// A payment page.
///
/// # Errors
/// `NotFound`.
pub fn cart(db: &Connection, reference: &str) -> Result<SandboxCart> {
    require_demo(db)?;
    let sql = "select notices, ok_url, cancel_url, error_url from sandbox_cart where ref = ?1";
    let (list, urls) = db.prepare_cached(sql)?.query_row([reference], |row| {
        let urls = ReturnUrls {
            ok: row.get(1)?,
            cancel: row.get(2)?,
            error: row.get(3)?,
        };
        Ok((row.get::<_, String>(0)?, urls))
    })?;
    let numbers: Vec<String> = serde_json::from_str(&list).map_err(Error::internal)?;
    let mut positions = Vec::new();
    for number in &numbers {
        positions.push(position(db, number)?.ok_or(Error::NotFound)?);
    }
    Ok(SandboxCart { positions, urls })
}

/// Pays all positions of a payment page.
///
/// # Errors
/// `NotFound`; the platform's fault when one of them can't be paid.
pub fn pay_cart(
    tx: &Transaction<'_>,
    reference: &str,
    by: &PaidBy,
    now: Instant,
) -> Result<ReturnUrls> {
    let cart = cart(tx, reference)?;
    for position in &cart.positions {
        let position = payable(tx, &position.notice_number, now)?;
        pay(tx, &position, by, now)?;
    }
    Ok(cart.urls)
}

/// Pays a notice at a pretended bank or tobacconist, by its number and the creditor's fiscal code,
/// as its QR code says them.
///
/// # Errors
/// A field error with the platform's fault.
pub fn pay_at_psp(
    tx: &Transaction<'_>,
    notice_number: &str,
    creditor: &str,
    by: &PaidBy,
    now: Instant,
) -> Result<String> {
    require_demo(tx)?;
    let number = NoticeNumber::parse(notice_number)
        .map_err(|wrong| Error::field("notice_number", wrong.text()))?;
    if municipality::municipality(tx)?.fiscal_code.as_str() != creditor {
        return Err(Error::field("creditor", Text::new("sandbox-creditor")));
    }
    let position = payable(tx, number.as_str(), now)?;
    pay(tx, &position, by, now)
}

/// Sends the first receipt of a paid notice again: what a platform does that got no answer.
///
/// # Errors
/// A field error when the notice was never paid.
pub fn send_again(tx: &Transaction<'_>, notice_number: &str, now: Instant) -> Result<()> {
    let position = paid(tx, notice_number)?;
    tx.prepare_cached("update sandbox_receipt set created_at = ?2 where receipt_key = ?1")?
        .execute((key_of(&position.notice_number, 1), now))?;
    Ok(())
}

/// Pays a paid notice a second time: another receipt for the same notice, as can happen when a
/// bank's payment runs while the platform stands still.
///
/// # Errors
/// A field error when the notice was never paid.
pub fn pay_again(
    tx: &Transaction<'_>,
    notice_number: &str,
    by: &PaidBy,
    now: Instant,
) -> Result<String> {
    let position = paid(tx, notice_number)?;
    pay(tx, &position, by, now)
}

fn paid(db: &Connection, notice_number: &str) -> Result<SandboxPosition> {
    require_demo(db)?;
    let number = NoticeNumber::parse(notice_number)
        .map_err(|wrong| Error::field("notice_number", wrong.text()))?;
    match position(db, number.as_str())? {
        Some(position) if position.state.is_paid() => Ok(position),
        _ => Err(Error::field("notice_number", Text::new("sandbox-not-paid"))),
    }
}

/// The n-th receipt of a notice.
fn key_of(notice_number: &str, nth: i64) -> String {
    format!("SIM{notice_number}{nth:04}")
}

fn pay(
    tx: &Transaction<'_>,
    position: &SandboxPosition,
    by: &PaidBy,
    now: Instant,
) -> Result<String> {
    set_state(tx, &position.notice_number, PositionState::Paid)?;
    let series = format!("sandbox:{}", position.notice_number);
    let key = key_of(&position.notice_number, store::next_number(tx, &series, 1)?);
    let creditor = municipality::municipality(tx)?;
    let iuv = NoticeNumber::parse(&position.notice_number)
        .map_err(Error::internal)?
        .iuv();
    let debtor = Subject {
        code: position.debtor.0.clone(),
        name: position.debtor.1.clone(),
    };
    let xml = rt::write(&NewRt {
        key: &key,
        creditor: creditor.fiscal_code.as_str(),
        creditor_name: &creditor.name,
        notice_number: &position.notice_number,
        iuv: iuv.as_str(),
        amount: position.amount,
        subject: &position.subject,
        category: &position.category,
        debtor: debtor.clone(),
        payer: Some(debtor),
        psp: by.psp,
        method: by.method,
        paid_at: now,
    })
    .map_err(Error::internal)?;
    let from = now.plus_millis(if by.receipt_later { LATER } else { 0 });
    tx.prepare_cached(
        "insert into sandbox_receipt (receipt_key, xml, created_at) values (?1, ?2, ?3)",
    )?
    .execute((&key, xml, from))?;
    Ok(key)
}
