//! What a family reads of a service that is suspended, or going to be: since when, why, and how to end
//! it. What is owed is told to who pays, and to nobody else.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::base::{Cents, EnrolmentId, Result};
use crate::web::cx::Cx;
use crate::{charging, refunds, suspensions};

/// The suspensions of some enrolments that the actor may see; drawn by `citizen/suspended.html`.
pub(super) fn shown(
    db: &Connection,
    cx: &Cx,
    enrolments: impl Iterator<Item = EnrolmentId>,
) -> Result<Vec<Value>> {
    let found = suspensions::of_enrolments(db, &enrolments.collect::<Vec<_>>())?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let rule = refunds::dunning_policy(db)?;
    let mut shown = Vec::new();
    for one in found {
        let mut row = json!({
            "service": one.service,
            "child": one.child_name,
            "from": one.from,
            "begun": one.from <= cx.today(),
            "mine": cx.actor.person() == Some(one.payer_id),
        });
        if cx.actor.person() == Some(one.payer_id) {
            let owed = suspensions::overdue(db, one.account, cx.today())?;
            let price = charging::last_price(db, one.account)?.unwrap_or_default();
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("conto", one.account_public.as_str());
            query.append_pair("importo", &owed.to_italian());
            row["reason"] = one.reason.into();
            row["owed"] = json!(owed);
            row["limit"] = json!(rule.credit.suspends_at(price).map(Cents::abs));
            row["pay"] = format!("/area/pagamenti/nuovo?{}", query.finish()).into();
            row["plan"] = rule.plan.is_some().into();
        }
        shown.push(row);
    }
    Ok(shown)
}
