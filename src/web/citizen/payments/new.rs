//! "Nuovo pagamento": for which child and service, and how much.

use rusqlite::{Connection, Transaction};
use serde_json::{Value, json};

use crate::base::{Actor, Cents, Date, Error, PublicId, Result, Text};
use crate::enrolments::{self, Enrolment};
use crate::ledger::{self, FamilyAccount};
use crate::municipality;
use crate::payments::top_up::{self, Limits};
use crate::payments::{notices, receipts};
use crate::plans::{self, PlanState};
use crate::web::cx::Cx;
use crate::web::reply::Reply;

const TEMPLATE: &str = "citizen/payments/new.html";

pub(super) fn show(cx: &mut Cx) -> Result<Reply> {
    let typed = json!({ "account": cx.query.text("conto"), "amount": cx.query.text("importo") });
    let data = data(cx, &typed)?;
    cx.page(TEMPLATE, cx.say("new-payment-title"), data)
}

pub(super) fn create(cx: &mut Cx) -> Result<Reply> {
    let made = asked(cx).and_then(|(account, amount)| {
        let (actor, today, now) = (cx.actor.clone(), cx.today(), cx.now);
        cx.write_once(move |tx| {
            let account = account_for(tx, &actor, &account, today)?;
            let notice = notices::create(tx, &actor, &account, amount, None, now)?;
            Ok(format!("/area/pagamenti/avvisi/{}", notice.public_id))
        })
    });
    match made {
        Ok(reply) => Ok(reply),
        Err(error) => {
            let data = data(cx, &cx.form.typed())?;
            cx.page_again(error, TEMPLATE, cx.say("new-payment-title"), data)
        }
    }
}

fn asked(cx: &Cx) -> Result<(PublicId, Cents)> {
    let mut checks = cx.form.check();
    let account = checks.choice("account", |text| text.parse().ok());
    let amount = checks.amount("amount");
    checks.done()?;
    account.map(|id| (id, amount)).ok_or(Error::NotFound)
}

/// The account that was chosen; the enrolment of a child for whom nothing was ever charged or paid
/// has none yet, and gets it now.
fn account_for(
    tx: &Transaction<'_>,
    actor: &Actor,
    chosen: &PublicId,
    today: Date,
) -> Result<PublicId> {
    match ledger::account_of_payer(tx, actor, chosen) {
        Ok(account) => return Ok(account.public_id),
        Err(Error::NotFound) => {}
        Err(error) => return Err(error),
    }
    let enrolment = enrolments::of_family_by_id(tx, actor, chosen, today)?;
    if actor.person() != Some(enrolment.payer_id) {
        return Err(Error::NotFound);
    }
    let id = ledger::family_account(
        tx,
        enrolment.payer_id,
        enrolment.child_id,
        enrolment.service_id,
    )?;
    Ok(ledger::account(tx, id)?.public_id)
}

fn data(cx: &Cx, typed: &Value) -> Result<Value> {
    let today = cx.today();
    let payer = cx.person()?;
    let (options, plan) = cx.read(|db| {
        let plan = plans::open_of_person(db, payer)?;
        let running = plan.filter(|plan| plan.state == PlanState::Running);
        Ok((options(db, cx, today)?, running))
    })?;
    let mut typed = typed.clone();
    // Who has one thing only to pay for need not choose it.
    if options.len() == 1 && typed["account"].as_str().unwrap_or("").is_empty() {
        typed["account"] = options[0]["value"].clone();
    }
    let plan = plan.map(|plan| plan.public_id);
    Ok(json!({ "options": options, "typed": typed, "plan": plan }))
}

fn options(db: &Connection, cx: &Cx, today: Date) -> Result<Vec<Value>> {
    let accounts = ledger::accounts_of_payer(db, &cx.actor)?;
    let paid = receipts::payments_of(db, &cx.actor, 50)?;
    let mut options = Vec::new();
    for account in &accounts {
        // What is paid afterwards can be paid when something is owed.
        if !account.prepaid && account.balance >= Cents::ZERO {
            continue;
        }
        let last = paid
            .iter()
            .find(|p| p.account_id == account.id && !p.cancelled);
        options.push(account_option(db, cx, account, last.map(|p| p.amount))?);
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
        let label = format!("{} – {}", enrolment.child_name, enrolment.service);
        let limits = top_up::limits(db, &service, enrolment.child_id, None, today)?;
        options.push(json!({
            "value": enrolment.public_id,
            "label": label,
            "help": words(cx, &limits).join(" · "),
            "packs": packs(cx, &enrolment.public_id, &limits),
        }));
    }
    Ok(options)
}

/// What helps to choose an amount: what is owed or left, what was paid last, the least.
fn account_option(
    db: &Connection,
    cx: &Cx,
    account: &FamilyAccount,
    last: Option<Cents>,
) -> Result<Value> {
    let service = municipality::service(db, account.service_id)?;
    let balance = match account.balance {
        Cents(0) => cx.say("new-payment-even"),
        owed if owed < Cents::ZERO => say(cx, "new-payment-owed", -owed),
        credit => say(cx, "new-payment-credit", credit),
    };
    let mut help = vec![balance];
    help.extend(last.map(|amount| say(cx, "new-payment-last", amount)));
    let limits = top_up::limits(db, &service, account.child_id, Some(account.id), cx.today())?;
    help.extend(words(cx, &limits));
    Ok(json!({
        "value": account.public_id,
        "label": format!("{} – {}", account.child_name, account.service),
        "help": help.join(" · "),
        "packs": packs(cx, &account.public_id, &limits),
    }))
}

fn words(cx: &Cx, limits: &Limits) -> Vec<String> {
    let words = limits.words();
    words.iter().map(|text| cx.say_text(text)).collect()
}

/// Where only packs are sold: a link for each number of them, which fills the form in.
fn packs(cx: &Cx, account: &PublicId, limits: &Limits) -> Vec<Value> {
    let offered = limits.offered();
    let link = |units: &top_up::Units| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("conto", account.as_str());
        query.append_pair("importo", &units.price.to_italian());
        json!({
            "href": format!("/area/pagamenti/nuovo?{}#amount", query.finish()),
            "label": cx.say_text(&top_up::told(Text::new("new-payment-pack"), units)),
        })
    };
    offered.iter().map(link).collect()
}

fn say(cx: &Cx, key: &'static str, amount: Cents) -> String {
    cx.say_text(&crate::base::Text {
        key,
        args: vec![("amount", amount.into())],
    })
}
