//! Who owes since when, what was done about it, and the step that the comune's rule proposes.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::ToSpan;
use rusqlite::Connection;
use serde::Serialize;

use super::dunning::{Debt, DunningPolicy, StepKind, next_step};
use super::rules::dunning_policy;
use crate::base::{
    AccountId, Cents, Date, Error, Instant, NoticeId, PersonId, PublicId, Result, ServiceId, day_of,
};
use crate::ledger::{self, Owing};
use crate::payments::{self, Asked};
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
    /// What is overdue, or paid by a running plan: cents, above zero.
    pub amount: Cents,
    /// What the account owes beside that, and an open notice asks for until today or later, in cents.
    pub not_due: Cents,
    /// What of the amount a running plan divides into instalments, in cents: that is not reminded of.
    pub planned: Cents,
    /// Since when the oldest part of it is overdue: the day after the due date of the notice that asks
    /// for it; without notice, the day on which the account went below zero.
    pub since: Date,
    /// For how many days.
    pub age_days: u32,
    /// The last step that was done for this debt, and when.
    pub last: Option<(StepKind, Instant)>,
    /// The step that the rule proposes now.
    pub next: Option<StepKind>,
    /// It went to forced collection.
    pub in_collection: bool,
    /// No new enrolment until it is paid.
    pub excluded: bool,
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

    /// All that the account owes, due or not, in cents.
    pub fn owed(&self) -> Cents {
        self.amount + self.not_due
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

/// Every debt, the oldest first, with what was done and what the rule proposes. Who the social
/// services have exempted still owes what was charged before, and is left alone. What a notice asks
/// for until a day that has not passed is no debt yet.
///
/// # Errors
/// The database's own failure.
pub fn debtors(db: &Connection, today: Date) -> Result<Vec<Debtor>> {
    told(db, ledger::owing(db)?, today)
}

/// The debts of one payer, the oldest first.
///
/// # Errors
/// The database's own failure.
pub fn debts_of_person(db: &Connection, payer: PersonId, today: Date) -> Result<Vec<Debtor>> {
    told(db, ledger::owing_of_person(db, payer)?, today)
}

/// The debts for which the rule takes no new enrolment, of a payer or for a child: who decides looks
/// at them, nothing is refused by itself.
///
/// # Errors
/// The database's own failure.
pub fn exclusions(
    db: &Connection,
    payer: PersonId,
    child: PersonId,
    today: Date,
) -> Result<Vec<Debtor>> {
    let mut owing = ledger::owing_of_person(db, payer)?;
    owing.extend(
        ledger::owing_for_child(db, child)?
            .into_iter()
            .filter(|one| one.payer != payer),
    );
    let mut debts = told(db, owing, today)?;
    debts.retain(|debt| debt.excluded);
    Ok(debts)
}

/// The debts of some accounts, the oldest first.
pub(super) fn debts_among(
    db: &Connection,
    accounts: &[PublicId],
    today: Date,
) -> Result<Vec<Debtor>> {
    told(db, ledger::owing_among(db, accounts)?, today)
}

/// What is known beside the ledger, read once for all debts.
struct Known {
    policy: DunningPolicy,
    exempted: BTreeSet<(PersonId, Option<ServiceId>)>,
    planned: HashMap<AccountId, (Cents, Date)>,
    of_plans: HashSet<NoticeId>,
    asked: HashMap<AccountId, Vec<Asked>>,
    done: HashMap<AccountId, Vec<(StepKind, Instant)>>,
}

fn told(db: &Connection, owing: Vec<Owing>, today: Date) -> Result<Vec<Debtor>> {
    let accounts: Vec<AccountId> = owing.iter().map(|one| one.account).collect();
    let mut asked: HashMap<AccountId, Vec<Asked>> = HashMap::new();
    for one in payments::asked_of(db, &accounts)? {
        asked.entry(one.account).or_default().push(one);
    }
    let known = Known {
        policy: dunning_policy(db)?,
        exempted: enrolments::exempted(db, today)?,
        planned: plans::covered(db)?,
        of_plans: plans::own_notices(db)?,
        asked,
        done: steps_done(db, &accounts)?,
    };
    let debts = owing.into_iter().filter_map(|one| known.debt(one, today));
    let mut debts: Vec<Debtor> = debts.collect();
    debts.sort_by_key(|debt| (debt.since, debt.account_id));
    Ok(debts)
}

impl Known {
    /// The debt of an account; none where nothing of it is overdue.
    fn debt(&self, owing: Owing, today: Date) -> Option<Debtor> {
        let account = owing.account;
        let asked = self.asked.get(&account).map_or(&[][..], Vec::as_slice);
        let asked = asked
            .iter()
            .filter(|one| !self.of_plans.contains(&one.notice));
        let (not_due, overdue): (Vec<_>, Vec<_>) = asked
            .filter_map(|one| one.due_date.map(|due| (due, one.amount)))
            .partition(|(due, _)| *due >= today);
        let not_due: Cents = not_due.iter().map(|(_, amount)| *amount).sum();
        let not_due = not_due.min(owing.amount);
        let amount = owing.amount - not_due;
        if !amount.is_positive() {
            return None;
        }
        let (planned, no_older) = match self.planned.get(&account) {
            Some((planned, since)) => (amount.min(*planned), *since),
            None => (Cents::ZERO, Date::MIN),
        };
        // What is paid goes to the oldest part: the newest notices ask for what is left.
        let mut left = amount - planned;
        let mut parts: Vec<(Cents, Date)> = Vec::new();
        for (due, asked) in overdue {
            let part = asked.min(left);
            left = left - part;
            parts.push((part, due.saturating_add(1.day())));
        }
        parts.push((left, owing.since));
        parts.retain(|(part, _)| part.is_positive());
        // What is owed beside a plan is a debt of its own, no older than the plan.
        for (_, since) in &mut parts {
            *since = (*since).max(no_older);
        }
        let since = parts.iter().map(|(_, since)| *since).min();
        let since = since.unwrap_or(owing.since);
        let done = self.done.get(&account).map_or(&[][..], Vec::as_slice);
        let exempt = self.exempted.contains(&(owing.child, None))
            || self.exempted.contains(&(owing.child, Some(owing.service)));
        let debt = Debt {
            parts: parts
                .iter()
                .map(|(part, since)| (*part, days_between(*since, today)))
                .collect(),
            done: done
                .iter()
                .map(|(step, at)| (*step, days_between(day_of(*at), today)))
                .collect(),
        };
        let next = next_step(&self.policy, &debt).filter(|_| !exempt && !parts.is_empty());
        Some(Debtor {
            account_id: account,
            account: owing.public_id,
            payer_id: owing.payer,
            payer_public: owing.payer_public,
            payer: owing.payer_name,
            child: owing.child_name,
            service: owing.service_name,
            amount,
            not_due,
            planned,
            since,
            age_days: days_between(since, today),
            last: done.first().copied(),
            next: next.map(|step| step.kind),
            in_collection: done.iter().any(|(step, _)| *step == StepKind::Collection),
            excluded: !exempt && done.iter().any(|(step, _)| *step == StepKind::Exclusion),
            exempt,
            cost: next.map_or(Cents::ZERO, |step| step.cost),
            words: owing.words,
        })
    }
}

fn days_between(from: Date, to: Date) -> u32 {
    let days = from.until(to).map_or(0, |span| span.get_days());
    u32::try_from(days).unwrap_or(0)
}

/// The steps that hold for the debts of some accounts, the newest first: those since which less has
/// been paid than was owed then. An entry that comes late for an earlier day changes nothing in that.
fn steps_done(
    db: &Connection,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Vec<(StepKind, Instant)>>> {
    let mut statement = db.prepare_cached(
        "select r.account_id, r.step, r.at, r.amount from json_each(?1) j
         cross join reminder r on r.account_id = j.value order by r.id desc",
    )?;
    let accounts = serde_json::to_string(accounts).map_err(Error::internal)?;
    let mut rows = statement.query([accounts])?;
    let mut done: HashMap<AccountId, Vec<(StepKind, Instant)>> = HashMap::new();
    while let Some(row) = rows.next()? {
        let (account, step, at): (AccountId, String, Instant) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let owed: Cents = row.get(3)?;
        let Some(step) = StepKind::parse(&step) else {
            continue;
        };
        if ledger::credited_since(db, account, at)? < owed {
            done.entry(account).or_default().push((step, at));
        }
    }
    Ok(done)
}
