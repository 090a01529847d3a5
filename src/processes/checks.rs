//! `campanella check`: is everything as it must be? Each check names one invariant of docs/invariants.md and
//! says what is wrong where.

use rusqlite::Connection;
use serde::Serialize;

use super::pagopa_checks;
use crate::app::App;
use crate::base::{Error, Instant, Result};
use crate::store::SealingKey;
use crate::{documents, store};

/// What one check found.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: &'static str,
    /// Nothing is wrong.
    pub ok: bool,
    /// Nothing is wrong with the data, but somebody should do something.
    pub warning: bool,
    /// What is wrong or to be known; empty where all is said.
    pub detail: String,
}

/// Rows that must not exist: a name for the check, and a query that counts offenders.
const MUST_BE_ZERO: &[(&str, &str)] = &[
    (
        "every charge above zero is in the ledger once",
        "select count(*) from charge c where c.amount > 0 and not exists (
           select 1 from ledger_entry e where e.cause = 'charge' and e.cause_id = c.id
             and e.amount = c.amount and e.debit_id = c.account_id)",
    ),
    (
        "every charge below zero is in the ledger once",
        "select count(*) from charge c where c.amount < 0 and not exists (
           select 1 from ledger_entry e where e.cause = 'charge' and e.cause_id = c.id
             and e.amount = -c.amount and e.credit_id = c.account_id)",
    ),
    (
        "what other bodies pay of a charge is in the ledger, on their accounts",
        "select count(*) from charge c where c.aided <> coalesce((
           select sum(case when d.kind = 'aid' then e.amount when k.kind = 'aid' then -e.amount else 0 end)
           from ledger_entry e join account d on d.id = e.debit_id join account k on k.id = e.credit_id
           where e.cause = 'charge' and e.cause_id = c.id), 0)",
    ),
    (
        "every bill has the total of its lines",
        "select count(*) from bill b where b.total is not (
           select sum(l.amount) from bill_line l where l.bill_id = b.id)",
    ),
    (
        "every line of a bill is charged once, with its amount",
        "select count(*) from bill_line l where l.bill_id is not null and not exists (
           select 1 from charge c where c.bill_line_id = l.id and c.amount = l.amount)",
    ),
    (
        "every notice for several accounts asks for what they add up to",
        "select count(*) from payment_notice n where n.amount <> coalesce((
           select sum(h.amount) from notice_share h where h.notice_id = n.id), n.amount)",
    ),
    (
        "every plan divides its debts into its instalments, to the cent",
        "select count(*) from plan l where l.amount is not null and (
           l.amount is not (select sum(d.amount) from plan_debt d where d.plan_id = l.id)
           or l.amount is not (select sum(i.amount) from plan_instalment i where i.plan_id = l.id))",
    ),
    (
        "what a running plan asks for and what was paid of it is its amount",
        "select count(*) from plan l where l.state = 'running' and l.amount is not (
           select sum(n.amount) from plan_instalment i join payment_notice n on n.id = i.notice_id
           where i.plan_id = l.id and n.state in ('open', 'paid'))",
    ),
    (
        "no plan that is over still asks for an instalment",
        "select count(*) from plan l join plan_instalment i on i.plan_id = l.id
         join payment_notice n on n.id = i.notice_id
         where l.state <> 'running' and n.state = 'open'",
    ),
    (
        "every ledger entry of a charge has its charge",
        "select count(*) from ledger_entry e where e.cause = 'charge'
           and not exists (select 1 from charge c where c.id = e.cause_id)",
    ),
    (
        "every credited receipt is in the ledger once, with its amount",
        "select count(*) from receipt r where r.outcome = 'credited' and r.amount is not (
           select sum(e.amount) from ledger_entry e where e.cause = 'receipt' and e.cause_id = r.id)",
    ),
    (
        "a receipt in suspense is in the ledger where the office placed it, else not",
        "select count(*) from receipt r where r.outcome = 'suspense' and (
           select group_concat(e.credit_id || ':' || e.amount) from ledger_entry e
           where e.cause = 'receipt' and e.cause_id = r.id)
         is not (select p.account_id || ':' || r.amount from receipt_placement p where p.receipt_id = r.id)",
    ),
    (
        "every payment that a flow declares is in the ledger once, with its amount",
        "select count(*) from settled_payment p where p.amount is not (
           select sum(e.amount) from ledger_entry e where e.cause = 'settlement' and e.cause_id = p.id)",
    ),
    (
        "the entries of a flow's payment are reversed when its receipt has come, no others",
        "select count(*) from settled_payment p
         join ledger_entry e on e.cause = 'settlement' and e.cause_id = p.id
         where exists (select 1 from settled_payment_end x where x.settled_id = p.id)
           <> exists (select 1 from ledger_entry u where u.cause = 'reversal' and u.cause_id = e.id)",
    ),
    (
        "no notice is credited by a receipt and by a flow at once",
        "select count(*) from settled_payment p cross join receipt r on r.notice_id = p.notice_id
         where r.outcome = 'credited'
           and not exists (select 1 from settled_payment_end x where x.settled_id = p.id)",
    ),
    (
        "what a flow was credited is the sum of its treasury lines",
        "select count(*) from settlement_flow f where f.credited <> coalesce((
           select sum(t.amount) from treasury_match m join treasury_line t on t.id = m.treasury_id
           where m.flow_id = f.id), 0)",
    ),
    (
        "receipts of the cash desk are numbered without a gap",
        "select count(*) from (
           select 1 from cash_desk_receipt group by year
           having count(*) <> max(number) or min(number) <> 1)",
    ),
    (
        "every receipt of the cash desk has its number, and its entries come from there",
        "select count(*) from receipt r where (r.source = 'cash_desk') <> exists (
             select 1 from cash_desk_receipt d where d.receipt_id = r.id)
           or exists (select 1 from ledger_entry e join account a on a.id = e.debit_id
             where e.cause = 'receipt' and e.cause_id = r.id
               and (a.kind = 'cash_desk') <> (r.source = 'cash_desk'))",
    ),
    (
        "the entries of cancelled receipts of the cash desk are reversed, no others",
        "select count(*) from cash_desk_receipt d
         join ledger_entry e on e.cause = 'receipt' and e.cause_id = d.receipt_id
         where exists (select 1 from cash_desk_cancellation x where x.receipt_id = d.receipt_id)
           <> exists (select 1 from ledger_entry u where u.cause = 'reversal' and u.cause_id = e.id)",
    ),
    (
        "every imported line is in the ledger once, with its amount",
        "select count(*) from imported_entry i where i.amount <> coalesce((
           select sum(case when e.credit_id = i.account_id then e.amount else -e.amount end)
           from ledger_entry e where e.cause = 'opening' and e.cause_id = i.id), 0)",
    ),
    (
        "every transfer is in the ledger once, between its two accounts",
        "select count(*) from transfer t where not exists (
           select 1 from ledger_entry e where e.cause = 'transfer' and e.cause_id = t.id
             and e.amount = t.amount and e.debit_id = t.from_id and e.credit_id = t.to_id)",
    ),
    (
        "every transfer stays with one payer",
        "select count(*) from transfer t join account f on f.id = t.from_id
         join account o on o.id = t.to_id where f.payer_id is not o.payer_id",
    ),
    (
        "every write-off is in the ledger once, with its amount",
        "select count(*) from write_off w where w.amount <> coalesce((
           select sum(case when e.credit_id = w.account_id then e.amount else -e.amount end)
           from ledger_entry e where e.cause = 'write_off' and e.cause_id = w.id), 0)",
    ),
    (
        "every refund that was paid is in the ledger on the day of its payment, no other is",
        "select count(*) from refund r where (r.state in ('paid', 'returned')) <> exists (
           select 1 from ledger_entry e where e.cause = 'refund' and e.cause_id = r.id
             and e.amount = r.amount and e.debit_id = r.account_id and e.day = r.paid_on)",
    ),
    (
        "every movement of the ledger has its cause",
        "select count(*) from ledger_entry e where
           (e.cause = 'transfer' and not exists (select 1 from transfer t where t.id = e.cause_id))
           or (e.cause = 'refund' and not exists (select 1 from refund r where r.id = e.cause_id))
           or (e.cause = 'write_off' and not exists (select 1 from write_off w where w.id = e.cause_id))",
    ),
    (
        "every reversal undoes an entry that is there, the other way round",
        "select count(*) from ledger_entry e where e.cause = 'reversal' and not exists (
           select 1 from ledger_entry o where o.id = e.cause_id and o.amount = e.amount
             and o.debit_id = e.credit_id and o.credit_id = e.debit_id)",
    ),
    (
        "every payment list has the lines and the total that it says",
        "select count(*) from refund_list l where
           (l.lines, l.total) is not (select count(*), sum(r.amount) from refund r where r.list_id = l.id)",
    ),
    (
        "every closed day has the charges that it says",
        "select count(*) from day_closing d where d.charges <> (
           select count(*) from charge c join enrolment e on e.id = c.enrolment_id
           where c.day = d.day and e.service_id = d.service_id and c.bill_line_id is null)",
    ),
    (
        "the balance that lists read is that of the account's entries",
        "select count(*) from account a where a.kind = 'family' and not exists (
           select 1 from account_balance b where b.account_id = a.id and b.balance =
             (select coalesce(sum(amount), 0) from ledger_entry where credit_id = a.id)
             - (select coalesce(sum(amount), 0) from ledger_entry where debit_id = a.id))",
    ),
    (
        "every interruption is a suspension's, and runs as long as that",
        "select count(*) from interruption i left join suspension u on u.interruption_id = i.id
         where u.id is null or (u.ended_at is null) <> (i.until_day is null)",
    ),
    (
        "every submitted application has a history and one state",
        "select count(*) from application a where not exists (
           select 1 from application_state s where s.application_id = a.id and s.state = (
             select state from application_event e where e.application_id = a.id order by e.id desc limit 1))",
    ),
    (
        "every person has one current fiscal code",
        "select count(*) from person p where (
           select count(*) from identity_link l where l.person_id = p.id and l.current = 1) <> 1",
    ),
    (
        "the retention gate is closed",
        "select count(*) from retention_gate where open = 1",
    ),
];

/// Looks at everything.
///
/// # Errors
/// When the database can't be read at all.
pub fn check(app: &App) -> Result<Vec<Finding>> {
    app.store.read(|db| {
        let mut findings = check_database(db, Some(&app.key))?;
        if !app.demo {
            findings.push(clock(db, app.now())?);
            let limit = app.config.backup_limit_hours;
            findings.extend(last_backup(db, limit, app.now())?);
            findings.extend(pagopa_checks::look(app, db)?);
        }
        Ok(findings)
    })
}

/// Looks at a database alone, also at the copy in a backup; without the key sealed documents are
/// not opened.
///
/// # Errors
/// When the database can't be read at all.
pub fn check_database(db: &Connection, key: Option<&SealingKey>) -> Result<Vec<Finding>> {
    let mut findings = vec![integrity(db)?, foreign_keys(db)?, audit_chain(db)?];
    for (check, sql) in MUST_BE_ZERO {
        let offenders: i64 = db.query_row(sql, [], |row| row.get(0))?;
        findings.push(finding(check, offenders == 0, format!("{offenders} wrong")));
    }
    findings.push(stored_documents(db, key)?);
    Ok(findings)
}

/// How old the last good backup is; nothing where the comune asks for no warning.
fn last_backup(db: &Connection, limit_hours: u32, now: Instant) -> Result<Option<Finding>> {
    if limit_hours == 0 {
        return Ok(None);
    }
    let last = store::mark(db, store::LAST_BACKUP)?;
    let hours = last.map(|last| (now.0 - last.0) / 3_600_000);
    Ok(Some(Finding {
        check: "the last good backup is recent",
        ok: true,
        warning: hours.is_none_or(|hours| hours >= i64::from(limit_hours)),
        detail: match (last, hours) {
            (Some(last), Some(hours)) => format!("{hours} hours old, of {last}"),
            _ => "none was made yet, see docs/backup.md".to_owned(),
        },
    }))
}

/// A clock that differs from the one of the last write by less than this is not worth a word: time
/// synchronisation sets clocks back by seconds. Five minutes.
const CLOCK_MAY_LAG: i64 = 5 * 60_000;

/// The newest moment that the database knows of as past.
fn last_write(db: &Connection) -> Result<Option<Instant>> {
    let sql = "select max(at) from (
                 select max(created_at) as at from request_key
                 union all select (select at from audit_entry order by id desc limit 1)
                 union all select (select at from cancellation order by id desc limit 1)
                 union all select (select at from message order by id desc limit 1)
                 union all select (select at from login_log order by id desc limit 1)
                 union all select (select posted_at from ledger_entry order by id desc limit 1))";
    Ok(db.query_row(sql, [], |row| row.get(0))?)
}

/// Refuses to serve while the machine's clock shows less than the last write: cut-offs, deadlines,
/// receipts and the year of a payment would be decided by a wrong day. A demo's clock is moved at
/// will.
///
/// # Errors
/// When the clock lags; the sentence says what to do.
pub fn require_clock(app: &App) -> Result<()> {
    let now = app.now();
    match app.store.read(last_write)? {
        Some(last) if !app.demo && last.0 - now.0 > CLOCK_MAY_LAG => Err(Error::Internal(format!(
            "the clock of this machine shows {now}, but the last write was at {last}: set the \
                 clock (timedatectl) and start again; see docs/recovery.md if it is right now and was \
                 wrong then"
        ))),
        _ => Ok(()),
    }
}

fn finding(check: &'static str, ok: bool, detail: String) -> Finding {
    Finding {
        check,
        ok,
        warning: false,
        detail: if ok { String::new() } else { detail },
    }
}

fn integrity(db: &Connection) -> Result<Finding> {
    let verdict: String = db.query_row("pragma integrity_check(5)", [], |row| row.get(0))?;
    Ok(finding(
        "the database file is sound",
        verdict == "ok",
        verdict,
    ))
}

fn foreign_keys(db: &Connection) -> Result<Finding> {
    let mut statement = db.prepare("pragma foreign_key_check")?;
    let offenders = statement
        .query_map([], |row| row.get::<_, String>(0))?
        .count();
    Ok(finding(
        "every reference leads somewhere",
        offenders == 0,
        format!("{offenders} lead nowhere"),
    ))
}

fn audit_chain(db: &Connection) -> Result<Finding> {
    let fault = store::verify_audit_chain(db)?;
    let detail = fault
        .as_ref()
        .map_or(String::new(), |f| format!("entry {}: {}", f.id, f.why));
    Ok(finding(
        "the audit chain is unbroken",
        fault.is_none(),
        detail,
    ))
}

fn clock(db: &Connection, now: Instant) -> Result<Finding> {
    let last = last_write(db)?.unwrap_or(now);
    Ok(finding(
        "the clock is not behind the last write",
        last.0 - now.0 <= CLOCK_MAY_LAG,
        format!("the clock shows {now}, the last write was at {last}"),
    ))
}

/// Every stored document has the bytes that were stored, and sealed ones open with this key.
fn stored_documents(db: &Connection, key: Option<&SealingKey>) -> Result<Finding> {
    let mut statement = db.prepare("select id from document order by id")?;
    let mut rows = statement.query([])?;
    let (mut wrong, mut first) = (0, String::new());
    while let Some(row) = rows.next()? {
        let document = documents::document(db, row.get(0)?)?;
        let sound = match key {
            Some(key) => documents::is_sound(db, key, &document)?,
            None => documents::is_sound_unopened(db, &document)?,
        };
        if !sound {
            wrong += 1;
            if first.is_empty() {
                first = format!(", the first is document {}", document.id.0);
            }
        }
    }
    Ok(finding(
        "every document has the bytes that were stored",
        wrong == 0,
        format!("{wrong} differ{first}"),
    ))
}
