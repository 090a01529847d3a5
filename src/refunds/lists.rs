//! Payment lists for the treasury: numbered, final once made, paid by row or as a whole.

use rusqlite::{Connection, Row, Transaction};
use serde::Serialize;
use serde_json::json;

use super::asking::{changed, log, require_accounting, tell};
use super::cases::{Case, CaseState, Filter, bank_of, case, cases};
use crate::base::{
    AccountId, Actor, Cents, Date, Error, Instant, PersonId, PublicId, RefundId, Result, Text,
    day_of, today,
};
use crate::ledger;
use crate::store::{self, AuditEvent, SealingKey};

/// So many approved refunds go on one list.
const MOST_APPROVED: u32 = 2_000;

/// A list.
#[derive(Clone, Debug, Serialize)]
pub struct PaymentList {
    /// Inside.
    #[serde(skip)]
    pub id: i64,
    /// Outside.
    pub public_id: PublicId,
    /// Calendar year.
    pub year: i16,
    /// In that year, from 1.
    pub number: i64,
    /// How many refunds.
    pub lines: i64,
    /// The control total.
    pub total: Cents,
    /// When it was made.
    pub made_at: Instant,
    /// How many were paid (and perhaps sent back).
    pub paid: i64,
}

/// A row of a list, without its IBAN.
#[derive(Clone, Debug, Serialize)]
pub struct ListLine {
    /// Its place, from 1.
    pub line: i64,
    /// The case.
    pub case: PublicId,
    /// Surname and name of who is paid.
    pub payer: String,
    /// Cents.
    pub amount: Cents,
    /// Where it stands.
    pub state: CaseState,
    /// When it was paid.
    pub paid_on: Option<Date>,
    /// It waits, and the credit does not cover it any more: paid, it leaves a debt.
    pub uncovered: bool,
}

/// A row as the treasury needs it.
pub struct TreasuryLine {
    /// Its place, from 1.
    pub line: i64,
    /// The whole IBAN.
    pub iban: String,
    /// Who holds the account.
    pub holder: String,
    /// Cents.
    pub amount: Cents,
    /// What the payment says: no name, no service.
    pub causale: String,
}

const SELECT: &str = "select l.id, l.public_id, l.year, l.number, l.lines, l.total, l.made_at,
        (select count(*) from refund r where r.list_id = l.id and r.paid_on is not null)
    from refund_list l";

fn read(row: &Row<'_>) -> rusqlite::Result<PaymentList> {
    Ok(PaymentList {
        id: row.get(0)?,
        public_id: row.get(1)?,
        year: row.get(2)?,
        number: row.get(3)?,
        lines: row.get(4)?,
        total: row.get(5)?,
        made_at: row.get(6)?,
        paid: row.get(7)?,
    })
}

/// Puts the approved refunds that were chosen and that the credit still covers on a new list.
///
/// # Errors
/// `Forbidden` for who is no accountant; a refusal when there is none.
pub fn make_list(
    tx: &Transaction<'_>,
    actor: &Actor,
    chosen: &[PublicId],
    now: Instant,
) -> Result<PublicId> {
    let staff = require_accounting(actor)?;
    let mut covered = approved(tx)?;
    // What the child used up since the decision can't be given back.
    covered.retain(|case| !case.uncovered && chosen.contains(&case.public_id));
    let total: Cents = covered.iter().filter_map(|case| case.amount).sum();
    if covered.is_empty() {
        return Err(Error::refused(Text::new("error-refund-list-empty")));
    }
    let (id, year) = (PublicId::random()?, today(now).year());
    let number = store::next_number(tx, &format!("refund-list:{year}"), 1)?;
    let lines = i64::try_from(covered.len()).map_err(Error::internal)?;
    tx.prepare_cached(
        "insert into refund_list (public_id, year, number, lines, total, made_at, staff_id)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((&id, year, number, lines, total, now, staff))?;
    let list = tx.last_insert_rowid();
    let mut place = tx.prepare_cached(
        "update refund set state = 'listed', list_id = ?2, list_line = ?3, updated_at = ?4
         where id = ?1 and state = 'approved'",
    )?;
    for (line, case) in (1_i64..).zip(&covered) {
        place.execute((case.id, list, line, now))?;
    }
    let event = AuditEvent {
        action: "make-refund-list",
        subject: "refund_list",
        subject_id: Some(list),
        payload: json!({ "number": number, "year": year, "lines": lines, "total": total }),
    };
    store::audit(tx, actor, now, &event)?;
    Ok(id)
}

/// The approved refunds that wait for a list, the oldest first.
///
/// # Errors
/// The database's own failure.
pub fn approved(db: &Connection) -> Result<Vec<Case>> {
    let filter = Filter {
        state: Some(CaseState::Approved),
        ..Filter::default()
    };
    let mut found = cases(db, &filter, MOST_APPROVED, 0)?;
    found.reverse();
    Ok(found)
}

/// The newest lists.
///
/// # Errors
/// The database's own failure.
pub fn lists(db: &Connection, limit: u32) -> Result<Vec<PaymentList>> {
    let sql = format!("{SELECT} order by l.id desc limit ?1");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([limit], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One list.
///
/// # Errors
/// `NotFound`.
pub fn list(db: &Connection, id: &PublicId) -> Result<PaymentList> {
    let sql = format!("{SELECT} where l.public_id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], read)?)
}

/// The rows of a list.
///
/// # Errors
/// The database's own failure.
pub fn lines(db: &Connection, list: &PaymentList) -> Result<Vec<ListLine>> {
    let mut statement = db.prepare_cached(
        "select r.list_line, r.public_id, p.surname || ' ' || p.name, r.amount, r.state, r.paid_on,
           r.state = 'listed' and r.amount > b.balance
         from refund r join account a on a.id = r.account_id join person p on p.id = a.payer_id
         join account_balance b on b.account_id = a.id
         where r.list_id = ?1 order by r.list_line",
    )?;
    let rows = statement.query_map([list.id], |row| {
        Ok(ListLine {
            line: row.get(0)?,
            case: row.get(1)?,
            payer: row.get(2)?,
            amount: row.get(3)?,
            state: row.get(4)?,
            paid_on: row.get(5)?,
            uncovered: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A list with its IBANs, for the treasury; the reading is logged.
///
/// # Errors
/// `Forbidden` for who is no accountant; when the key does not open an IBAN.
pub fn read_for_treasury(
    tx: &Transaction<'_>,
    key: &SealingKey,
    actor: &Actor,
    list: &PaymentList,
    now: Instant,
) -> Result<Vec<TreasuryLine>> {
    require_accounting(actor)?;
    let mut found = Vec::new();
    for line in lines(tx, list)? {
        let bank = bank_of(tx, key, &case(tx, &line.case)?)?;
        let bank = bank.ok_or_else(|| Error::Internal("a listed refund has no IBAN".to_owned()))?;
        let holder = match bank.joint_with.as_str() {
            "" => line.payer,
            joint => format!("{} e {joint}", line.payer),
        };
        found.push(TreasuryLine {
            line: line.line,
            iban: bank.iban().to_owned(),
            holder,
            amount: line.amount,
            causale: format!(
                "Rimborso servizi scolastici, elenco {}/{} riga {}",
                list.number, list.year, line.line
            ),
        });
    }
    let event = AuditEvent {
        action: "read-refund-list",
        subject: "refund_list",
        subject_id: Some(list.id),
        payload: json!({ "lines": found.len() }),
    };
    store::audit(tx, actor, now, &event)?;
    Ok(found)
}

/// Notes that the treasury paid on a day: one row, or every row of the list that waits. The ledger
/// gets its entries on that day. How many they were.
///
/// # Errors
/// `Forbidden` for who is no accountant; a field error for a day before the list or in the future; a conflict when nothing
/// waited.
pub fn mark_paid(
    tx: &Transaction<'_>,
    actor: &Actor,
    list: &PaymentList,
    only: Option<&PublicId>,
    day: Date,
    now: Instant,
) -> Result<usize> {
    require_accounting(actor)?;
    let made = day_of(list.made_at);
    if day < made || day > today(now) {
        let text = Text::new("error-refund-paid-on").with("from", made);
        return Err(Error::field("paid_on", text));
    }
    let mut done = 0;
    for (id, account, amount, payer, what) in waiting(tx, list, only)? {
        tx.prepare_cached(
            "update refund set state = 'paid', paid_on = ?2, updated_at = ?3 where id = ?1",
        )?
        .execute((id, day, now))?;
        ledger::refund(tx, id, account, amount, day, now)?;
        log(
            tx,
            actor,
            "refund-paid",
            id,
            json!({ "on": day, "amount": amount }),
            now,
        )?;
        let date = crate::base::date_it(day);
        let body = format!("Il rimborso di {amount} per {what} è stato pagato il {date}.");
        tell(tx, payer, &body, now)?;
        done += 1;
    }
    changed(done)?;
    Ok(done)
}

type Waiting = (RefundId, AccountId, Cents, PersonId, String);

fn waiting(db: &Connection, list: &PaymentList, only: Option<&PublicId>) -> Result<Vec<Waiting>> {
    let mut statement = db.prepare_cached(
        "select r.id, r.account_id, r.amount, a.payer_id, s.name || ' di ' || c.name
         from refund r join account a on a.id = r.account_id join person c on c.id = a.child_id
         join service s on s.id = a.service_id
         where r.list_id = ?1 and r.state = 'listed' and (?2 is null or r.public_id = ?2)
         order by r.list_line",
    )?;
    let rows = statement.query_map((list.id, only), |row| {
        Ok((
            row.get(0)?,
            row.get(1)?,
            row.get(2)?,
            row.get(3)?,
            row.get(4)?,
        ))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
