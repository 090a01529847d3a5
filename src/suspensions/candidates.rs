//! Whose service the comune's rule lets the office suspend today.

use std::collections::{BTreeSet, HashMap, HashSet};

use rusqlite::Connection;
use serde::Serialize;

use super::running::{Ending, running};
use crate::base::{AccountId, Cents, Date, EnrolmentId, PersonId, PublicId, Result, ServiceId};
use crate::ledger::{self, Owing};
use crate::refunds::dunning::CreditRule;
use crate::{charging, enrolments, municipality, payments, plans, refunds};

/// A service that may be suspended.
#[derive(Clone, Debug, Serialize)]
pub struct Candidate {
    /// The enrolment that would be interrupted.
    #[serde(skip)]
    pub enrolment: EnrolmentId,
    /// Inside.
    #[serde(skip)]
    pub account_id: AccountId,
    /// Outside.
    pub account: PublicId,
    /// Who pays.
    #[serde(skip)]
    pub payer_id: PersonId,
    /// Names the payer outside.
    pub payer_public: PublicId,
    /// Surname and name of the payer.
    pub payer: String,
    /// Surname and name of the child.
    pub child: String,
    /// Given name of the child.
    pub child_name: String,
    /// The service.
    pub service: String,
    /// School and class.
    pub class: String,
    /// The balance: cents, below zero.
    #[serde(skip)]
    pub balance: Cents,
    /// What is overdue of it: cents, above zero.
    pub owed: Cents,
    /// Kind of the service: of a nido, days are owed.
    pub kind: String,
    /// So many meals (or days) that is, at the price of the last one.
    pub meals: i64,
    /// From how much owed on the rule lets it be suspended: cents, above zero.
    pub limit: Cents,
    /// The day on which the account went below zero.
    pub since: Date,
    /// The names as searches write them.
    #[serde(skip)]
    pub words: String,
}

/// What the rule looks at beside the account, read once for all.
pub(super) struct Known {
    rule: CreditRule,
    exempted: BTreeSet<(PersonId, Option<ServiceId>)>,
    planned: HashMap<AccountId, (Cents, Date)>,
    prepaid: HashSet<ServiceId>,
    not_due: HashMap<AccountId, Cents>,
}

/// An account as the rule looks at it.
pub(super) struct Looked {
    pub(super) account: AccountId,
    pub(super) child: PersonId,
    pub(super) service: ServiceId,
    pub(super) balance: Cents,
    /// What the last closed day cost, in cents; none before the first.
    pub(super) price: Option<Cents>,
}

impl Known {
    pub(super) fn load(db: &Connection, accounts: &[AccountId], today: Date) -> Result<Known> {
        let services = municipality::services(db)?;
        let prepaid = services.iter().filter(|service| service.prepaid);
        let mut not_due: HashMap<AccountId, Cents> = HashMap::new();
        for asked in payments::asked_of(db, accounts)? {
            if asked.due_date.is_some_and(|due| due >= today) {
                *not_due.entry(asked.account).or_default() += asked.amount;
            }
        }
        Ok(Known {
            rule: refunds::dunning_policy(db)?.credit,
            exempted: enrolments::exempted(db, today)?,
            planned: plans::covered(db)?,
            prepaid: prepaid.map(|service| service.id).collect(),
            not_due,
        })
    }

    /// What of a balance is overdue, in cents, zero or above: a notice may ask for the rest until today
    /// or later.
    pub(super) fn overdue(&self, account: AccountId, balance: Cents) -> Cents {
        let not_due = self.not_due.get(&account).copied().unwrap_or_default();
        (-balance - not_due).max(Cents::ZERO)
    }

    /// Where the rule suspends the service of an account, in cents below zero; else why it does not.
    pub(super) fn limit(&self, of: &Looked) -> std::result::Result<Cents, Ending> {
        let limit = self.rule.suspends_at(of.price.unwrap_or_default());
        let limit = limit.filter(|_| self.prepaid.contains(&of.service));
        let exempt = |service| self.exempted.contains(&(of.child, service));
        match limit {
            None => Err(Ending::Rule),
            Some(_) if exempt(None) || exempt(Some(of.service)) => Err(Ending::Exempted),
            Some(_) if self.planned.contains_key(&of.account) => Err(Ending::Plan),
            Some(limit) if -self.overdue(of.account, of.balance) > limit => Err(Ending::Covered),
            Some(limit) => Ok(limit),
        }
    }
}

/// The prepaid services in use whose account has come down to the rule's limit, by name of the payer:
/// without the children whom the social services have exempted, what a running plan divides, and what
/// is suspended already. What a notice asks for until a day that has not passed is no debt yet. None
/// where the child always eats.
///
/// # Errors
/// The database's own failure.
pub fn candidates(db: &Connection, today: Date) -> Result<Vec<Candidate>> {
    match refunds::dunning_policy(db)?.credit.suspends() {
        true => among(db, ledger::owing(db)?, today),
        false => Ok(Vec::new()),
    }
}

/// The same for some accounts.
pub(super) fn candidates_among(
    db: &Connection,
    accounts: &[PublicId],
    today: Date,
) -> Result<Vec<Candidate>> {
    among(db, ledger::owing_among(db, accounts)?, today)
}

/// What is overdue on an account, as suspensions look at it: cents, zero or above.
///
/// # Errors
/// The database's own failure.
pub fn overdue(db: &Connection, account: AccountId, today: Date) -> Result<Cents> {
    let known = Known::load(db, &[account], today)?;
    Ok(known.overdue(account, ledger::balance(db, account)?))
}

fn among(db: &Connection, owing: Vec<Owing>, today: Date) -> Result<Vec<Candidate>> {
    let accounts: Vec<AccountId> = owing.iter().map(|one| one.account).collect();
    let known = Known::load(db, &accounts, today)?;
    let suspended: HashSet<EnrolmentId> = running(db)?.iter().map(|one| one.enrolment).collect();
    let mut found = Vec::new();
    for one in owing {
        let looked = Looked {
            account: one.account,
            child: one.child,
            service: one.service,
            balance: -one.amount,
            price: charging::last_price(db, one.account)?,
        };
        let (Ok(limit), Some(price)) = (known.limit(&looked), looked.price) else {
            continue;
        };
        // Who pays now: a debt of the one who paid before suspends nobody.
        let enrolment = enrolments::holding(db, one.child, one.service, today)?;
        let Some(enrolment) = enrolment.filter(|enrolment| {
            enrolment.payer_id == one.payer && !suspended.contains(&enrolment.id)
        }) else {
            continue;
        };
        let owed = known.overdue(one.account, looked.balance);
        found.push(Candidate {
            enrolment: enrolment.id,
            account_id: one.account,
            account: one.public_id,
            payer_id: one.payer,
            payer_public: one.payer_public,
            payer: one.payer_name,
            child: one.child_name,
            child_name: enrolment.child_name,
            service: one.service_name,
            class: format!("{}, {}", enrolment.class, enrolment.school),
            balance: looked.balance,
            owed,
            kind: enrolment.kind,
            meals: owed.0 / price.0.max(1),
            limit: -limit,
            since: one.since,
            words: one.words,
        });
    }
    found.sort_by(|a, b| {
        (&a.payer, &a.child, a.account_id).cmp(&(&b.payer, &b.child, b.account_id))
    });
    Ok(found)
}
