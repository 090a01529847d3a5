//! Taking money: what is paid is planned first, shown, and then recorded in one transaction.

use rusqlite::{Connection, Transaction};
use serde::Serialize;
use serde_json::json;

use super::{Means, allowed_means, log, staff_with};
use crate::base::{
    AccountId, Actor, Cents, Date, Error, Instant, NoticeId, Permission, PersonId, PublicId,
    Result, ServiceId, Text, today,
};
use crate::enrolments;
use crate::ledger;
use crate::municipality;
use crate::payments::notices::{self, Notice};
use crate::payments::top_up::{self, Limits};
use crate::payments::{self, DeskPayment, Share};
use crate::plans::{self, Lowered};

/// What can be paid for: an account, or a prepaid service that has none yet.
#[derive(Clone, Debug, Serialize)]
pub struct Target {
    /// Names the account, or the enrolment where there is no account yet.
    pub id: PublicId,
    #[serde(skip)]
    account: Option<AccountId>,
    #[serde(skip)]
    child_id: PersonId,
    #[serde(skip)]
    service_id: ServiceId,
    /// Surname and name of the child.
    pub child: String,
    /// The service.
    pub service: String,
    /// Above zero the family has credit.
    pub balance: Cents,
    /// What may be paid.
    pub limits: Limits,
}

/// What a clerk types.
#[derive(Clone, Debug)]
pub struct NewTaking {
    /// Whose accounts.
    pub payer: PersonId,
    /// Open notices that are paid whole.
    pub notices: Vec<PublicId>,
    /// What is paid on single accounts, by [`Target::id`].
    pub amounts: Vec<(PublicId, Cents)>,
    /// By which means.
    pub means: Means,
    /// The civil day on which the money came.
    pub received_on: Date,
    /// Number of the cheque, of the terminal's slip, of the transfer; cash needs none.
    pub reference: String,
    /// Surname and name of who paid, where it is not the payer.
    pub paid_by: Option<String>,
}

/// What would be recorded.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What is paid on each account.
    pub shares: Vec<(Target, Cents)>,
    /// Cents.
    pub total: Cents,
    /// Notices that are paid whole here.
    pub paid: Vec<Notice>,
    /// Notices that would ask for more than is still owed, and what is asked for instead.
    pub lowered: Vec<Lowered>,
}

impl Plan {
    /// Notices that nobody needs to pay any more.
    pub fn withdrawn(&self) -> impl Iterator<Item = &Notice> {
        let lowered = self.lowered.iter().map(|one| &one.notice);
        self.paid.iter().chain(lowered)
    }
}

/// What can be paid for a payer.
///
/// # Errors
/// The database's own failure.
pub fn targets(db: &Connection, payer: PersonId, today: Date) -> Result<Vec<Target>> {
    let mut targets = Vec::new();
    for account in ledger::accounts_of_person(db, payer)? {
        let service = municipality::service(db, account.service_id)?;
        targets.push(Target {
            id: account.public_id,
            account: Some(account.id),
            child_id: account.child_id,
            service_id: account.service_id,
            child: account.child,
            service: account.service,
            balance: account.balance,
            limits: top_up::limits(db, &service, account.child_id, Some(account.id), today)?,
        });
    }
    for enrolment in enrolments::of_family(db, &Actor::Citizen(payer), today)? {
        let known = |target: &Target| {
            (target.child_id, target.service_id) == (enrolment.child_id, enrolment.service_id)
        };
        let over = enrolment.to.is_some_and(|last| last < today);
        let service = municipality::service(db, enrolment.service_id)?;
        if enrolment.payer_id != payer || over || !service.prepaid || targets.iter().any(known) {
            continue;
        }
        targets.push(Target {
            id: enrolment.public_id,
            account: None,
            child_id: enrolment.child_id,
            service_id: enrolment.service_id,
            child: enrolment.child,
            service: enrolment.service,
            balance: Cents::ZERO,
            limits: top_up::limits(db, &service, enrolment.child_id, None, today)?,
        });
    }
    Ok(targets)
}

/// The account that a target of the payer's names; a service without one gets it now.
///
/// # Errors
/// `NotFound` for what is no target of the payer's.
pub fn account_of_target(
    tx: &Transaction<'_>,
    payer: PersonId,
    id: &PublicId,
    today: Date,
) -> Result<AccountId> {
    let all = targets(tx, payer, today)?;
    let target = all.into_iter().find(|target| target.id == *id);
    let target = target.ok_or(Error::NotFound)?;
    ledger::family_account(tx, payer, target.child_id, target.service_id)
}

/// The open notices of a payer that the desk can take in. An instalment of a running plan is paid with
/// its own notice: the plan would not know of the money.
///
/// # Errors
/// The database's own failure.
pub fn open_notices(db: &Connection, payer: PersonId) -> Result<Vec<Notice>> {
    let mut open = Vec::new();
    for notice in notices::open_of_person(db, payer)? {
        if !plans::holds(db, notice.id)? {
            open.push(notice);
        }
    }
    Ok(open)
}

/// What would be recorded: for the preview, and again before it is.
///
/// # Errors
/// `Forbidden` for who is no cashier; a refusal while the cash desk is off, for a notice that is not
/// open, for nothing or too much; field errors of `means`, `received_on`, `reference`, `amount-ID`.
pub fn plan(db: &Connection, actor: &Actor, new: &NewTaking, now: Instant) -> Result<Plan> {
    staff_with(actor, Permission::Cashier)?;
    check_form(db, new, today(now))?;
    let mut paid: Vec<(Target, Cents)> = targets(db, new.payer, today(now))?
        .into_iter()
        .map(|target| (target, Cents::ZERO))
        .collect();
    let mut chosen = open_notices(db, new.payer)?;
    chosen.retain(|notice| new.notices.contains(&notice.public_id));
    if chosen.len() != new.notices.len() {
        return Err(Error::refused(Text::new("error-notice-not-open")));
    }
    for notice in &chosen {
        for share in plans::asked_by(db, notice)? {
            let found = paid
                .iter_mut()
                .find(|(t, _)| t.account == Some(share.account));
            found.ok_or(Error::NotFound)?.1 += share.amount;
        }
    }
    for (id, amount) in &new.amounts {
        let found = paid.iter_mut().find(|(target, _)| target.id == *id);
        let (target, sum) = found.ok_or(Error::NotFound)?;
        target.limits.check(*amount, &format!("amount-{id}"))?;
        *sum += *amount;
    }
    paid.retain(|(_, amount)| amount.is_positive());
    let total: Cents = paid.iter().map(|(_, amount)| *amount).sum();
    if paid.is_empty() {
        return Err(Error::refused(Text::new("error-cash-desk-nothing")));
    }
    if total > new.means.most() {
        let text = Text::new("error-amount-above").with("maximum", new.means.most());
        return Err(Error::refused(text));
    }
    let credits: Vec<(AccountId, Cents)> = paid
        .iter()
        .filter_map(|(target, amount)| Some((target.account?, *amount)))
        .collect();
    let left_out: Vec<NoticeId> = chosen.iter().map(|notice| notice.id).collect();
    Ok(Plan {
        lowered: plans::too_much(db, new.payer, &credits, &left_out)?,
        shares: paid,
        total,
        paid: chosen,
    })
}

fn check_form(db: &Connection, new: &NewTaking, today: Date) -> Result<()> {
    let allowed = allowed_means(db)?;
    if allowed.is_empty() {
        return Err(Error::refused(Text::new("error-cash-desk-off")));
    }
    if !allowed.contains(&new.means) {
        return Err(Error::field("means", Text::new("error-cash-desk-means")));
    }
    let year_ago = today.checked_sub(jiff::Span::new().years(1));
    if new.received_on > today {
        let text = Text::new("error-date-in-future");
        return Err(Error::field("received_on", text));
    }
    if year_ago.is_ok_and(|year_ago| new.received_on < year_ago) {
        let text = Text::new("error-cash-desk-old");
        return Err(Error::field("received_on", text));
    }
    if new.means != Means::Cash && new.reference.is_empty() {
        return Err(Error::field(
            "reference",
            Text::new("error-cash-desk-reference"),
        ));
    }
    Ok(())
}

/// Records what the desk took: receipt, number, entries, notices withdrawn, all in this transaction.
/// Returns the public id of the receipt.
///
/// # Errors
/// Those of [`plan`].
pub fn take(
    tx: &Transaction<'_>,
    actor: &Actor,
    new: &NewTaking,
    now: Instant,
) -> Result<PublicId> {
    let staff = staff_with(actor, Permission::Cashier)?;
    let plan = plan(tx, actor, new, now)?;
    let year = today(now).year();
    let number: i64 = tx
        .prepare_cached(
            "select coalesce(max(number), 0) + 1 from cash_desk_receipt where year = ?1",
        )?
        .query_row([year], |row| row.get(0))?;
    let mut shares = Vec::new();
    for (target, amount) in &plan.shares {
        shares.push(Share {
            account: ledger::family_account(tx, new.payer, target.child_id, target.service_id)?,
            amount: *amount,
        });
    }
    let paid_at = match new.received_on == today(now) {
        true => now,
        false => Instant::from_rome(new.received_on.at(12, 0, 0, 0)),
    };
    let told = json!({
        "number": format!("{number}/{year}"), "total": plan.total, "means": new.means,
        "received_on": new.received_on, "reference": new.reference, "paid_by": new.paid_by,
        "shares": shares.iter().map(|s| json!({ "account": s.account, "amount": s.amount })).collect::<Vec<_>>(),
        "withdrawn": plan.withdrawn().map(|n| n.notice_number.as_str()).collect::<Vec<_>>(),
    });
    let payment = DeskPayment {
        number: &format!("{number}/{year}"),
        shares: &shares,
        paid_at,
        taken_by: &format!("{} – cassa", municipality::municipality(tx)?.name),
        means: new.means.italian(),
        traceable: new.means.traceable(),
        paid_by: new.paid_by.as_deref(),
        raw: &told.to_string(),
    };
    let id = payments::take_at_desk(tx, &payment, now)?;
    tx.prepare_cached(
        "insert into cash_desk_receipt (receipt_id, year, number, means, received_on, reference, staff_id)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((id, year, number, new.means, new.received_on, &new.reference, staff))?;
    for notice in &plan.paid {
        notices::withdraw(tx, notice.id, now)?;
    }
    plans::lower(tx, &plan.lowered, now)?;
    for notice in plan.withdrawn() {
        tx.prepare_cached("insert into cash_desk_notice (receipt_id, notice_id) values (?1, ?2)")?
            .execute((id, notice.id))?;
    }
    log(tx, actor, ("take-at-cash-desk", "receipt", id.0), told, now)?;
    Ok(tx
        .prepare_cached("select public_id from receipt where id = ?1")?
        .query_row([id], |row| row.get(0))?)
}
