//! What "Nuovo pagamento" offers: each account of the payer's, with what helps to choose an amount.

use std::collections::HashMap;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::base::{AccountId, Cents, PublicId, Result, Text};
use crate::enrolments::{self, Enrolment};
use crate::ledger::{self, FamilyAccount};
use crate::municipality;
use crate::payments::top_up::{self, Limits};
use crate::payments::{notices, receipts};
use crate::plans;
use crate::web::cx::Cx;

/// One thing that can be paid for.
pub(super) struct Row {
    /// The account, or the enrolment where there is no account yet.
    pub(super) id: PublicId,
    /// Child and service.
    pub(super) label: String,
    /// What is owed or left, what was paid last, the least.
    pub(super) help: String,
    /// Where only packs are sold: a link for each number of them, which fills the form in.
    pub(super) packs: Vec<Value>,
    /// What is probably wanted.
    suggested: Option<Cents>,
    /// Something is owed that no notice asks for yet.
    pub(super) owed: bool,
}

impl Row {
    /// The amount that the field begins with; may be empty.
    pub(super) fn suggestion(&self) -> String {
        self.suggested.map_or(String::new(), Cents::to_italian)
    }
}

/// The name of a row's field.
pub(super) fn field(what: &str, row: &PublicId) -> String {
    format!("{what}-{row}")
}

/// Every account that money can be paid into, and every prepaid enrolment that has none yet.
pub(super) fn rows(db: &Connection, cx: &Cx) -> Result<Vec<Row>> {
    let today = cx.today();
    let accounts = ledger::accounts_of_payer(db, &cx.actor)?;
    let paid = receipts::payments_of(db, &cx.actor, 50)?;
    let asked = asked_already(db, cx)?;
    let mut rows = Vec::new();
    for account in &accounts {
        // What is paid afterwards can be paid when something is owed.
        if !account.prepaid && account.balance >= Cents::ZERO {
            continue;
        }
        let last = paid
            .iter()
            .find(|p| p.account_id == account.id && !p.cancelled);
        let asked = asked.get(&account.id).copied().unwrap_or_default();
        rows.push(of_account(db, cx, account, last.map(|p| p.amount), asked)?);
    }
    let without_account = |e: &&Enrolment| {
        cx.actor.person() == Some(e.payer_id)
            && e.to.is_none_or(|last| last >= today)
            && !accounts
                .iter()
                .any(|a| a.child_id == e.child_id && a.service_id == e.service_id)
    };
    let enrolments = enrolments::of_family(db, &cx.actor, today)?;
    for enrolment in enrolments.iter().filter(without_account) {
        let service = municipality::service(db, enrolment.service_id)?;
        if !service.prepaid {
            continue;
        }
        let limits = top_up::limits(db, &service, enrolment.child_id, None, today)?;
        rows.push(Row {
            label: format!("{} – {}", enrolment.child_name, enrolment.service),
            help: words(cx, &limits).join(" · "),
            packs: packs(cx, &enrolment.public_id, &limits),
            suggested: Some(limits.smallest).filter(|least| *least > Cents(1)),
            owed: false,
            id: enrolment.public_id.clone(),
        });
    }
    Ok(rows)
}

/// What open notices of bills and instalments ask of each account: it is paid with them.
fn asked_already(db: &Connection, cx: &Cx) -> Result<HashMap<AccountId, Cents>> {
    let mut asked: HashMap<AccountId, Cents> = HashMap::new();
    for notice in notices::open_notices(db, &cx.actor)? {
        if notice.due_date.is_none() {
            continue;
        }
        for share in plans::asked_by(db, &notice)? {
            *asked.entry(share.account).or_default() += share.amount;
        }
    }
    Ok(asked)
}

fn of_account(
    db: &Connection,
    cx: &Cx,
    account: &FamilyAccount,
    last: Option<Cents>,
    asked: Cents,
) -> Result<Row> {
    let service = municipality::service(db, account.service_id)?;
    let balance = match account.balance {
        Cents(0) => cx.say("new-payment-even"),
        owed if owed < Cents::ZERO => say(cx, "new-payment-owed", -owed),
        credit => say(cx, "new-payment-credit", credit),
    };
    let mut help = vec![balance];
    if asked.is_positive() {
        help.push(say(cx, "new-payment-asked", asked));
    }
    help.extend(last.map(|amount| say(cx, "new-payment-last", amount)));
    let limits = top_up::limits(db, &service, account.child_id, Some(account.id), cx.today())?;
    help.extend(words(cx, &limits));
    let owed = (-account.balance).max(Cents::ZERO) - asked;
    let usual = last.filter(|last| account.prepaid && limits.check(*last, "amount").is_ok());
    let least = Some(limits.smallest).filter(|least| account.prepaid && *least > Cents(1));
    Ok(Row {
        id: account.public_id.clone(),
        label: format!("{} – {}", account.child_name, account.service),
        help: help.join(" · "),
        packs: packs(cx, &account.public_id, &limits),
        suggested: Some(owed)
            .filter(|owed| owed.is_positive())
            .or(usual)
            .or(least),
        owed: owed.is_positive(),
    })
}

fn words(cx: &Cx, limits: &Limits) -> Vec<String> {
    let words = limits.words();
    words.iter().map(|text| cx.say_text(text)).collect()
}

fn packs(cx: &Cx, row: &PublicId, limits: &Limits) -> Vec<Value> {
    let offered = limits.offered();
    let link = |units: &top_up::Units| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("conto", row.as_str());
        query.append_pair("importo", &units.price.to_italian());
        json!({
            "href": format!("/area/pagamenti/nuovo?{}#{}", query.finish(), field("amount", row)),
            "label": cx.say_text(&top_up::told(Text::new("new-payment-pack"), units)),
        })
    };
    offered.iter().map(link).collect()
}

fn say(cx: &Cx, key: &'static str, amount: Cents) -> String {
    cx.say_text(&Text::new(key).with("amount", amount))
}
