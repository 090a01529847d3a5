//! Payment notices: a debt position of one account with a number that is never given twice.

use jiff::ToSpan;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::{Deserialize, Serialize};

use super::shares::shares;
use super::{NoticeNumber, top_up};
use crate::base::{
    AccountId, Actor, Cents, Date, Error, Instant, NoticeId, PersonId, PublicId, Result, Text,
    today,
};
use crate::ledger;
use crate::municipality::{self, Service};
use crate::store;

pub use super::imported_notices::{ImportedNotice, record_imported_notice};

/// The most that one notice asks for: 10,000 euros. A slip of the finger stops here; the limit of
/// pagoPA itself is far above (999,999,999.99).
pub const LARGEST: Cents = Cents(1_000_000);

/// What a family asks for by itself is payable for so many days; then it is one of the attempts that
/// were given up.
pub const TOP_UP_DAYS: i64 = 30;

/// Where a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoticeState {
    /// To be paid.
    Open,
    /// A receipt has come.
    Paid,
    /// Its due date is past and it was withdrawn.
    Expired,
    /// Withdrawn.
    Cancelled,
}

impl NoticeState {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            NoticeState::Open => "open",
            NoticeState::Paid => "paid",
            NoticeState::Expired => "expired",
            NoticeState::Cancelled => "cancelled",
        }
    }
}

impl ToSql for NoticeState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for NoticeState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<NoticeState> {
        match value.as_str()? {
            "open" => Ok(NoticeState::Open),
            "paid" => Ok(NoticeState::Paid),
            "expired" => Ok(NoticeState::Expired),
            "cancelled" => Ok(NoticeState::Cancelled),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// A notice with the names that pages show.
#[derive(Clone, Debug, Serialize)]
pub struct Notice {
    /// Inside.
    #[serde(skip)]
    pub id: NoticeId,
    /// Outside.
    pub public_id: PublicId,
    /// 18 digits.
    pub notice_number: NoticeNumber,
    /// The debtor.
    #[serde(skip)]
    pub payer_id: PersonId,
    /// The account that its payment is credited to.
    #[serde(skip)]
    pub account_id: AccountId,
    /// Surname and name of the child. Never in the subject, which travels with the payment.
    pub child: String,
    /// Name of the service.
    pub service: String,
    /// pagoPA taxonomy of the service.
    #[serde(skip)]
    pub category: String,
    /// Cents.
    pub amount: Cents,
    /// What is paid for, without personal data (SACI: no personal data in the subject).
    pub subject: String,
    /// The last day to pay, if it has one.
    pub due_date: Option<Date>,
    /// Where it stands.
    pub state: NoticeState,
    /// When it was made.
    pub created_at: Instant,
    /// The partner gives the number, and has not yet: `notice_number` is not to be shown to anybody.
    pub awaits_number: bool,
}

impl Notice {
    /// The number in groups of four, where there is one to show.
    pub fn shown_number(&self) -> String {
        match self.awaits_number {
            true => "–".to_owned(),
            false => self.notice_number.grouped(),
        }
    }

    /// Whether it can be printed and paid.
    ///
    /// # Errors
    /// A refusal while the partner's number is missing.
    pub fn require_number(&self) -> Result<()> {
        match self.awaits_number {
            true => Err(Error::refused(Text::new("error-notice-awaits-number"))),
            false => Ok(()),
        }
    }
}

// A notice for several accounts names all their children and services.
const SELECT: &str = "select n.id, n.public_id, coalesce(x.number, n.notice_number), n.payer_id, n.account_id,
        coalesce((select group_concat(child, ', ') from (
            select distinct p.surname || ' ' || p.name as child from notice_share h
            join account t on t.id = h.account_id join person p on p.id = t.child_id
            where h.notice_id = n.id order by h.line)), c.surname || ' ' || c.name),
        coalesce((select group_concat(service, ', ') from (
            select distinct v.name as service from notice_share h
            join account t on t.id = h.account_id join service v on v.id = t.service_id
            where h.notice_id = n.id order by h.line)), s.name), s.taxonomy, n.amount, n.subject, n.due_date, n.state,
        n.created_at, x.number is null and n.origin = '' and coalesce(n.created_at >= (
            select numbers_since from partner_setting where id = 1), 0)
    from payment_notice n
    left join partner_number x on x.notice_id = n.id
    join account a on a.id = n.account_id
    join person c on c.id = a.child_id
    join service s on s.id = a.service_id";

fn read(row: &Row<'_>) -> rusqlite::Result<Notice> {
    Ok(Notice {
        id: row.get(0)?,
        public_id: row.get(1)?,
        notice_number: row.get(2)?,
        payer_id: row.get(3)?,
        account_id: row.get(4)?,
        child: row.get(5)?,
        service: row.get(6)?,
        category: row.get(7)?,
        amount: row.get(8)?,
        subject: row.get(9)?,
        due_date: row.get(10)?,
        state: row.get(11)?,
        created_at: row.get(12)?,
        awaits_number: row.get(13)?,
    })
}

/// What the outbox says about a notice; ids only.
#[derive(Debug, Serialize, Deserialize)]
pub struct NoticeEvent {
    /// The notice.
    pub notice: NoticeId,
}

/// The outbox kind: a notice must be made payable.
pub const PUBLISHED: &str = "notice-published";
/// The outbox kind: the comune asks for something until a day; families may be told where they wish.
pub const ISSUED: &str = "notice-issued";
/// The outbox kind: a notice must be made not payable.
pub const WITHDRAWN: &str = "notice-withdrawn";

/// Makes a notice for an account of the actor's, payable for [`TOP_UP_DAYS`] where no date is asked
/// for. An open one of the same account and amount (and date, if one is asked for) is given again
/// instead, so that attempts that were given up don't pile up.
///
/// # Errors
/// A field error `amount` outside the limits; `NotFound` for somebody else's account.
pub fn create(
    tx: &Transaction<'_>,
    actor: &Actor,
    account: &PublicId,
    amount: Cents,
    due_date: Option<Date>,
    now: Instant,
) -> Result<Notice> {
    let account = ledger::account_of_payer(tx, actor, account)?;
    let service = municipality::service(tx, account.service_id)?;
    let limits = top_up::limits(tx, &service, account.child_id, Some(account.id), today(now))?;
    limits.check(amount, "amount")?;
    check_amount(amount)?;
    if let Some(open) = reusable(tx, account.id, amount, due_date, today(now))? {
        return Ok(open);
    }
    let subject = subject(&service);
    let last = || today(now).saturating_add(TOP_UP_DAYS.days());
    let id = issue(
        tx,
        account.payer_id,
        account.id,
        amount,
        &subject,
        Some(due_date.unwrap_or_else(last)),
        now,
    )?;
    notice(tx, id)
}

/// Gives a new number to what an account is asked for, and has it published.
pub(super) fn issue(
    tx: &Transaction<'_>,
    payer: PersonId,
    account: AccountId,
    amount: Cents,
    subject: &str,
    due_date: Option<Date>,
    now: Instant,
) -> Result<NoticeId> {
    let first = municipality::pagopa_settings(tx)?.first_base;
    let base = store::next_number(tx, municipality::NOTICE_BASES, first)?;
    let segregation = municipality::municipality(tx)?.segregation_code;
    let base = u64::try_from(base).map_err(Error::internal)?;
    let number = NoticeNumber::issue(segregation, base).map_err(Error::internal)?;
    tx.prepare_cached(
        "insert into payment_notice (public_id, notice_number, payer_id, account_id, amount, subject,
                                     due_date, state, created_at, updated_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'open', ?8, ?8)",
    )?
    .execute((
        PublicId::random()?,
        &number,
        payer,
        account,
        amount,
        subject,
        due_date,
        now,
    ))?;
    let id = NoticeId(tx.last_insert_rowid());
    store::outbox_push(tx, PUBLISHED, &NoticeEvent { notice: id }, now)?;
    // What a family makes for itself has no due date, and is being paid at this moment.
    if due_date.is_some() {
        store::outbox_push(tx, ISSUED, &NoticeEvent { notice: id }, now)?;
    }
    Ok(id)
}

fn check_amount(amount: Cents) -> Result<()> {
    if amount > LARGEST {
        let text = Text::new("error-amount-above").with("maximum", LARGEST);
        return Err(Error::field("amount", text));
    }
    Ok(())
}

/// `Refezione scolastica - ricarica`: at most 90 characters (Avvisi 3.5), no name, no diet, no band.
pub(super) fn subject(service: &Service) -> String {
    let what = if service.prepaid { "ricarica" } else { "saldo" };
    let name: String = service.name.chars().take(90 - 3 - what.len()).collect();
    format!("{name} - {what}")
}

fn reusable(
    db: &Connection,
    account: AccountId,
    amount: Cents,
    due_date: Option<Date>,
    today: Date,
) -> Result<Option<Notice>> {
    let sql = format!(
        "{SELECT} where n.account_id = ?1 and n.state = 'open' and n.amount = ?2
           and coalesce(?3, n.due_date, '') is coalesce(n.due_date, '') and coalesce(n.due_date, '9999-12-31') >= ?4
           and not exists (select 1 from notice_share h where h.notice_id = n.id)
         order by n.id limit 1"
    );
    Ok(db
        .prepare_cached(&sql)?
        .query_row((account, amount, due_date, today), read)
        .optional()?)
}

/// A notice by its inner id, for slices that hold it already.
///
/// # Errors
/// `NotFound`.
pub fn notice(db: &Connection, id: NoticeId) -> Result<Notice> {
    let sql = format!("{SELECT} where n.id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], read)?)
}

/// A notice of the actor's.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub fn notice_of_payer(db: &Connection, actor: &Actor, id: &PublicId) -> Result<Notice> {
    let payer = actor.person().ok_or(Error::NotFound)?;
    let sql = format!("{SELECT} where n.public_id = ?1 and n.payer_id = ?2");
    Ok(db.prepare_cached(&sql)?.query_row((id, payer), read)?)
}

/// The notice of a number: the partner's, where it has one, else our own.
///
/// # Errors
/// The database's own failure.
pub fn notice_by_number(db: &Connection, number: &str) -> Result<Option<Notice>> {
    if let Some(id) = super::partner::notice_of_number(db, number)? {
        return Ok(Some(notice(db, id)?));
    }
    let sql = format!("{SELECT} where n.notice_number = ?1");
    let found = db.prepare_cached(&sql)?.query_row([number], read);
    // A number of ours that the partner replaces was never shown: who uses it means another notice.
    Ok(found
        .optional()?
        .filter(|notice| !notice.awaits_number && notice.notice_number.as_str() == number))
}

/// A notice by its public id, for the files of the partner.
///
/// # Errors
/// `NotFound`.
pub fn notice_by_public_id(db: &Connection, id: &PublicId) -> Result<Notice> {
    let sql = format!("{SELECT} where n.public_id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], read)?)
}

/// Whether a notice was issued here. What an earlier system published can't be taken back by us.
///
/// # Errors
/// `NotFound`.
pub fn is_ours(db: &Connection, id: NoticeId) -> Result<bool> {
    let sql = "select origin = '' from payment_notice where id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([id], |row| row.get(0))?)
}

/// The notices that the actor can pay: what is due soonest first, then the newest.
///
/// # Errors
/// `Forbidden` for who is no citizen.
pub fn open_notices(db: &Connection, actor: &Actor) -> Result<Vec<Notice>> {
    open_of_person(db, actor.person().ok_or(Error::Forbidden)?)
}

/// The open notices of a payer: what is due soonest first, then the newest.
///
/// # Errors
/// The database's own failure.
pub fn open_of_person(db: &Connection, payer: PersonId) -> Result<Vec<Notice>> {
    let sql = format!(
        "{SELECT} where n.payer_id = ?1 and n.state = 'open'
         order by n.due_date is null, n.due_date, n.id desc"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([payer], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Withdraws an open notice of the actor's. Whoever pays it all the same is credited: the receipt
/// says what happened, not we.
///
/// # Errors
/// `NotFound`; a refusal when it is not open any more.
pub fn cancel(tx: &Transaction<'_>, actor: &Actor, id: &PublicId, now: Instant) -> Result<()> {
    let notice = notice_of_payer(tx, actor, id)?;
    // What a bill asks for only the office takes back.
    if notice.state == NoticeState::Open && !shares(tx, notice.id)?.is_empty() {
        return Err(Error::refused(Text::new("error-notice-of-a-bill")));
    }
    if notice.state != NoticeState::Open {
        return Err(Error::refused(Text::new("error-notice-not-open")));
    }
    withdraw(tx, notice.id, now)
}

/// Makes an open notice not payable any more, and has the platform told: something else asks for the
/// same money, or it was paid elsewhere.
///
/// # Errors
/// The database's own failure.
pub fn withdraw(tx: &Transaction<'_>, notice: NoticeId, now: Instant) -> Result<()> {
    set_state(tx, notice, NoticeState::Cancelled, now)?;
    store::outbox_push(tx, WITHDRAWN, &NoticeEvent { notice }, now)
}

pub(super) fn set_state(
    tx: &Transaction<'_>,
    id: NoticeId,
    state: NoticeState,
    now: Instant,
) -> Result<()> {
    tx.prepare_cached("update payment_notice set state = ?2, updated_at = ?3 where id = ?1")?
        .execute((id, state, now))?;
    Ok(())
}
