//! Who owes since when, the step that the comune's rule proposes, and the steps that were done.

use std::collections::BTreeMap;

use rusqlite::{Connection, Params, Transaction};
use serde::Serialize;
use serde_json::json;

use super::asking::{require_money, tell};
use super::dunning::{Debt, StepKind, next_step};
use super::rules::dunning_policy;
use crate::base::{
    AccountId, Actor, Cents, Date, Instant, PersonId, PublicId, Result, date_it, day_of, today,
};
use crate::store::{self, AuditEvent};
use crate::{enrolments, plans};

/// A debt: an account below zero.
#[derive(Clone, Debug, Serialize)]
pub struct Debtor {
    /// Inside.
    #[serde(skip)]
    pub account_id: AccountId,
    /// Outside.
    pub account: PublicId,
    /// Who owes.
    #[serde(skip)]
    pub payer_id: PersonId,
    /// Names the payer outside.
    pub payer_public: PublicId,
    /// Surname and name of the payer.
    pub payer: String,
    /// Surname and name of the child.
    pub child: String,
    /// The service.
    pub service: String,
    /// Cents, above zero.
    pub amount: Cents,
    /// What of it a running plan divides into instalments, in cents: that is not reminded of.
    pub planned: Cents,
    /// Since that day the account was not in credit any more: what names the debt.
    pub since: Date,
    /// For how many days.
    pub age_days: u32,
    /// The last step that was done for this debt, and when.
    pub last: Option<(StepKind, Instant)>,
    /// The step that the rule proposes now.
    pub next: Option<StepKind>,
    /// It went to forced collection.
    pub in_collection: bool,
    /// The social services have exempted the child: no step is proposed.
    pub exempt: bool,
    /// What that step costs the debtor.
    pub cost: Cents,
    /// The names as searches write them.
    #[serde(skip)]
    pub words: String,
}

impl Debtor {
    /// What is to be paid now: all but what a plan divides, in cents.
    pub fn due(&self) -> Cents {
        self.amount - self.planned
    }
}

/// How old a debt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Age {
    /// Up to 30 days.
    Month,
    /// 31 to 90 days.
    Quarter,
    /// 91 to 180 days.
    HalfYear,
    /// 181 to 365 days.
    Year,
    /// More than a year.
    Older,
}

impl Age {
    /// From the newest to the oldest.
    pub const ALL: [Age; 5] = [
        Age::Month,
        Age::Quarter,
        Age::HalfYear,
        Age::Year,
        Age::Older,
    ];

    /// The age of so many days.
    pub fn of(days: u32) -> Age {
        match days {
            0..=30 => Age::Month,
            31..=90 => Age::Quarter,
            91..=180 => Age::HalfYear,
            181..=365 => Age::Year,
            _ => Age::Older,
        }
    }
}

/// Every account below zero, and those of one payer; the day is that of the entry with which it last
/// went below.
const DEBTS: [&str; 3] = [
    "/* whole */",
    "with owing as (
      select * from (
        select a.id, a.public_id, a.payer_id, a.child_id, a.service_id,
          (select coalesce(sum(amount), 0) from ledger_entry where credit_id = a.id)
            - (select coalesce(sum(amount), 0) from ledger_entry where debit_id = a.id) as balance
        from account a where a.kind = 'family'",
    ")
      where balance < 0),
    moves as (
      select o.id as owing_id, e.day || printf('%019d', e.id) as place, -e.amount as change
      from owing o join ledger_entry e on e.debit_id = o.id
      union all
      select o.id, e.day || printf('%019d', e.id), e.amount
      from owing o join ledger_entry e on e.credit_id = o.id),
    running as (
      select owing_id, place, sum(change) over (partition by owing_id order by place) as balance
      from moves),
    covered as (
      select owing_id, max(place) as place from running where balance >= 0 group by owing_id),
    since as (
      select r.owing_id, substr(min(r.place), 1, 10) as day
      from running r left join covered c on c.owing_id = r.owing_id
      where c.place is null or r.place > c.place group by r.owing_id)
    select o.id, o.public_id, o.payer_id, p.public_id, p.surname || ' ' || p.name,
      k.surname || ' ' || k.name, s.name, -o.balance, w.day, p.search_name || ' ' || k.search_name,
      o.child_id, o.service_id
    from owing o join since w on w.owing_id = o.id join person p on p.id = o.payer_id
    join person k on k.id = o.child_id join service s on s.id = o.service_id
    order by w.day, o.id",
];

/// Every debt, the oldest first, with what was done and what the rule proposes. Who the social
/// services have exempted still owes what was charged before, and is left alone.
///
/// # Errors
/// The database's own failure.
pub fn debtors(db: &Connection, today: Date) -> Result<Vec<Debtor>> {
    let [whole, owing, rest] = DEBTS;
    read(db, &format!("{whole} {owing}{rest}"), [], today)
}

/// The debts of one payer, the oldest first.
///
/// # Errors
/// The database's own failure.
pub fn debts_of_person(db: &Connection, payer: PersonId, today: Date) -> Result<Vec<Debtor>> {
    let [_, owing, rest] = DEBTS;
    let sql = format!("{owing} and a.payer_id = ?1{rest}");
    read(db, &sql, [payer], today)
}

fn read(db: &Connection, sql: &str, of: impl Params, today: Date) -> Result<Vec<Debtor>> {
    let policy = dunning_policy(db)?;
    let exempted = enrolments::exempted(db, today)?;
    let planned = plans::covered(db)?;
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(of, |row| {
        let (child, service) = (row.get(10)?, row.get(11)?);
        Ok(Debtor {
            exempt: exempted.contains(&(child, None)) || exempted.contains(&(child, Some(service))),
            account_id: row.get(0)?,
            account: row.get(1)?,
            payer_id: row.get(2)?,
            payer_public: row.get(3)?,
            payer: row.get(4)?,
            child: row.get(5)?,
            service: row.get(6)?,
            amount: row.get(7)?,
            planned: Cents::ZERO,
            since: row.get(8)?,
            age_days: 0,
            last: None,
            next: None,
            in_collection: false,
            cost: Cents::ZERO,
            words: row.get(9)?,
        })
    })?;
    let mut found = Vec::new();
    for debtor in rows {
        let mut debtor = debtor?;
        if let Some((planned, since)) = planned.get(&debtor.account_id) {
            debtor.planned = debtor.amount.min(*planned);
            // What is owed beside a plan is a debt of its own, no older than the plan.
            if debtor.due().is_positive() {
                debtor.since = debtor.since.max(*since);
            }
        }
        let done = steps_done(db, debtor.account_id, debtor.since)?;
        debtor.age_days = days_between(debtor.since, today);
        debtor.last = done.first().copied();
        debtor.in_collection = done.iter().any(|(step, _)| *step == StepKind::Collection);
        let debt = Debt {
            amount: debtor.due(),
            age_days: debtor.age_days,
            done: done
                .iter()
                .map(|(step, at)| (*step, days_between(day_of(*at), today)))
                .collect(),
        };
        if let Some(step) =
            next_step(&policy, &debt).filter(|_| !debtor.exempt && debtor.due().is_positive())
        {
            (debtor.next, debtor.cost) = (Some(step.kind), step.cost);
        }
        found.push(debtor);
    }
    Ok(found)
}

fn days_between(from: Date, to: Date) -> u32 {
    let days = from.until(to).map_or(0, |span| span.get_days());
    u32::try_from(days).unwrap_or(0)
}

/// The steps of a debt, the newest first.
fn steps_done(
    db: &Connection,
    account: AccountId,
    since: Date,
) -> Result<Vec<(StepKind, Instant)>> {
    let mut statement = db.prepare_cached(
        "select step, at from reminder where account_id = ?1 and owing_since = ?2 order by id desc",
    )?;
    let rows = statement.query_map((account, since), |row| {
        Ok((row.get::<_, String>(0)?, row.get(1)?))
    })?;
    let mut done = Vec::new();
    for row in rows {
        let (step, at) = row?;
        done.extend(StepKind::parse(&step).map(|step| (step, at)));
    }
    Ok(done)
}

/// Does the step that was shown for each of some debts, where the rule still proposes it: notes it
/// and tells the family, one message for each payer. How many debts that were.
///
/// # Errors
/// `Forbidden` for who handles no money.
pub fn remind(
    tx: &Transaction<'_>,
    actor: &Actor,
    shown: &[(PublicId, StepKind)],
    now: Instant,
) -> Result<usize> {
    let staff = require_money(actor)?;
    let mut told: BTreeMap<PersonId, Vec<String>> = BTreeMap::new();
    let mut count = 0;
    for debtor in debtors(tx, today(now))? {
        // What was paid or done meanwhile is left out.
        let wanted = shown.iter().find(|(account, _)| *account == debtor.account);
        let Some(step) = debtor
            .next
            .filter(|next| wanted.is_some_and(|(_, s)| s == next))
        else {
            continue;
        };
        tx.prepare_cached(
            "insert into reminder (public_id, account_id, owing_since, step, amount, staff_id, at)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            PublicId::random()?,
            debtor.account_id,
            debtor.since,
            step.as_str(),
            debtor.due(),
            staff,
            now,
        ))?;
        let event = AuditEvent {
            action: "remind",
            subject: "reminder",
            subject_id: Some(tx.last_insert_rowid()),
            payload: json!({ "account": debtor.account_id, "step": step, "amount": debtor.due() }),
        };
        store::audit(tx, actor, now, &event)?;
        let lines = told.entry(debtor.payer_id).or_default();
        lines.push(line(&debtor, step));
        count += 1;
    }
    let plan = match dunning_policy(tx)?.plan {
        Some(_) => " Puoi anche chiedere di pagare a rate, da «Estratto conto».",
        None => "",
    };
    for (payer, lines) in told {
        let body = format!(
            "Ci risulta ancora da pagare:\n\n{}\n\nPuoi pagare da «Nuovo pagamento».{plan} Se hai già \
             pagato non devi fare altro. Se hai difficoltà, rispondi qui: cerchiamo una soluzione insieme.",
            lines.join("\n\n")
        );
        tell(tx, payer, &body, now)?;
    }
    Ok(count)
}

/// A debt and its step, as the family reads it.
pub fn line(debtor: &Debtor, step: StepKind) -> String {
    let what = format!(
        "{} di {}: {}, dal {}.",
        debtor.service,
        debtor.child,
        debtor.due(),
        date_it(debtor.since)
    );
    let then = match step {
        StepKind::Message | StepKind::Sms => "",
        StepKind::RegisteredLetter => " Ti arriva anche una raccomandata.",
        StepKind::NextBill => " Lo trovi nella prossima bolletta.",
        StepKind::Collection => " Il debito passa alla riscossione.",
        StepKind::Exclusion => " Finché non è saldato non si accolgono nuove iscrizioni.",
    };
    let cost = match debtor.cost {
        Cents::ZERO => String::new(),
        cost => format!(" Il costo di {cost} è a tuo carico."),
    };
    format!("{what}{then}{cost}")
}
