//! "Registro di cassa": what each day brought, by means, and what of it went to the treasurer.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction};
use serde_json::json;

use super::receipts::Filter;
use super::{Means, log, staff_with};
use crate::base::{Actor, Cents, Date, Error, Instant, Permission, Result, Text, today};

/// A day of the cash desk. A receipt that was cancelled later counts against the day of that.
#[derive(Clone, Debug, Default)]
pub struct Day {
    /// What came in by each means, in cents, less what was cancelled; in the order of [`Means::ALL`].
    pub sums: [Cents; 4],
    /// What was handed to the treasurer.
    pub deposit: Option<Deposit>,
}

/// Money that was handed to the treasurer.
#[derive(Clone, Debug)]
pub struct Deposit {
    /// Cents.
    pub amount: Cents,
    /// On which civil day.
    pub on: Date,
    /// The treasurer's receipt.
    pub reference: String,
}

impl Day {
    /// All that came in.
    pub fn total(&self) -> Cents {
        self.sums.iter().copied().sum()
    }

    /// What the desk has in its hands: cash and cheques.
    pub fn to_hand_over(&self) -> Cents {
        let sums = Means::ALL.into_iter().zip(self.sums);
        let held = sums.filter(|(means, _)| means.is_handed_over());
        held.map(|(_, sum)| sum).sum()
    }

    /// What still has to go to the treasurer; below zero where something was cancelled afterwards.
    pub fn missing(&self) -> Cents {
        let brought = self.deposit.as_ref().map_or(Cents::ZERO, |one| one.amount);
        self.to_hand_over() - brought
    }
}

/// The days of a period on which something moved.
///
/// # Errors
/// The database's own failure.
pub fn register(db: &Connection, filter: &Filter) -> Result<BTreeMap<Date, Day>> {
    let mut statement = db.prepare_cached(
        "select day, means, sum(amount) from (
           select d.received_on as day, d.means, d.staff_id, r.amount
           from cash_desk_receipt d join receipt r on r.id = d.receipt_id
           where d.received_on between ?1 and ?2
           union all
           select x.day, d.means, d.staff_id, -r.amount
           from cash_desk_cancellation x join cash_desk_receipt d on d.receipt_id = x.receipt_id
           join receipt r on r.id = d.receipt_id
           where x.day between ?1 and ?2)
         where means = coalesce(?3, means) and staff_id = coalesce(?4, staff_id)
         group by day, means",
    )?;
    let of = (filter.from, filter.to, filter.means, filter.taken_by);
    let mut rows = statement.query(of)?;
    let mut days: BTreeMap<Date, Day> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let means: Means = row.get(1)?;
        let day = days.entry(row.get(0)?).or_default();
        let at = Means::ALL.iter().position(|one| *one == means);
        if let Some(sum) = at.and_then(|at| day.sums.get_mut(at)) {
            *sum = row.get(2)?;
        }
    }
    for (date, day) in &mut days {
        day.deposit = deposit(db, *date)?;
    }
    Ok(days)
}

fn deposit(db: &Connection, day: Date) -> Result<Option<Deposit>> {
    let sql = "select amount, deposited_on, reference from cash_desk_deposit
               where day = ?1 order by id desc limit 1";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Deposit {
            amount: row.get(0)?,
            on: row.get(1)?,
            reference: row.get(2)?,
        })
    };
    Ok(db.prepare_cached(sql)?.query_row([day], read).optional()?)
}

/// That a day's cash and cheques were handed to the treasurer.
pub struct NewDeposit<'a> {
    /// Whose cash: a day of the register.
    pub day: Date,
    /// When it was handed over.
    pub on: Date,
    /// The treasurer's receipt.
    pub reference: &'a str,
}

/// Notes a deposit: what the day holds in cash and cheques now. Noted again, the newer one counts.
///
/// # Errors
/// `Forbidden` for who handles no money; field errors of `day`, `deposited_on`, `reference`.
pub fn record_deposit(
    tx: &Transaction<'_>,
    actor: &Actor,
    new: &NewDeposit<'_>,
    now: Instant,
) -> Result<()> {
    let staff = staff_with(actor, Permission::Money)?;
    let filter = Filter {
        from: new.day,
        to: new.day,
        means: None,
        taken_by: None,
    };
    let days = register(tx, &filter)?;
    let amount = days.get(&new.day).map_or(Cents::ZERO, Day::to_hand_over);
    if !amount.is_positive() {
        return Err(Error::field("day", Text::new("error-cash-desk-no-cash")));
    }
    if new.on < new.day || new.on > today(now) {
        let text = Text::new("error-cash-desk-deposit-day");
        return Err(Error::field("deposited_on", text));
    }
    if new.reference.is_empty() {
        return Err(Error::field("reference", Text::new("error-required")));
    }
    tx.prepare_cached(
        "insert into cash_desk_deposit (day, amount, deposited_on, reference, staff_id, recorded_at)
         values (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute((new.day, amount, new.on, new.reference, staff, now))?;
    let payload = json!({
        "day": new.day, "amount": amount, "on": new.on, "reference": new.reference,
    });
    let id = tx.last_insert_rowid();
    log(
        tx,
        actor,
        ("record-deposit", "cash_desk_deposit", id),
        payload,
        now,
    )
}
