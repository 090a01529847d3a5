//! What is known of a payment before its receipt: that a payment page was opened, and where it led the
//! browser back to. None of it proves anything; it says what a family is told meanwhile.

use std::collections::HashMap;

use rusqlite::{Connection, Transaction};
use serde::Serialize;

use super::carts;
use crate::base::{Actor, Error, Instant, NoticeId, PublicId, Result};

/// A payment page that nobody came back from may still be open for so long: twenty minutes.
const MAY_BE_OPEN: i64 = 20 * 60_000;
/// A confirmation that has not come after a day will hardly come: the office is asked.
const MAY_BE_CONFIRMED: i64 = 24 * 3_600_000;

/// How the browser came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// After a payment, the platform says.
    Ok,
    /// The payer gave up.
    Cancelled,
    /// Something failed.
    Failed,
}

impl Returned {
    fn as_str(self) -> &'static str {
        match self {
            Returned::Ok => "ok",
            Returned::Cancelled => "cancelled",
            Returned::Failed => "failed",
        }
    }
}

/// Notes how the browser came back from a basket of the actor's; the last time counts.
///
/// # Errors
/// `NotFound` for somebody else's basket.
pub fn note_return(
    tx: &Transaction<'_>,
    actor: &Actor,
    cart: &PublicId,
    returned: Returned,
    now: Instant,
) -> Result<()> {
    let cart = carts::cart(tx, actor, cart)?;
    tx.prepare_cached(
        "insert into cart_return (cart_id, outcome, at) values (?1, ?2, ?3)
         on conflict (cart_id) do update set outcome = excluded.outcome, at = excluded.at
         where outcome is not excluded.outcome",
    )?
    .execute((cart.id, returned.as_str(), now))?;
    Ok(())
}

/// What an open notice may be waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Waiting {
    /// The payer came back after a payment; the receipt has not come yet.
    Confirmation,
    /// A payment page was opened a short while ago, and nobody came back from it.
    Unknown,
}

/// The open notices of the actor's that may have been paid already. Only the last basket of a notice
/// counts: who gave up afterwards is waiting for nothing.
///
/// # Errors
/// `Forbidden` for who is no citizen.
pub fn waiting(
    db: &Connection,
    actor: &Actor,
    now: Instant,
) -> Result<HashMap<NoticeId, (Waiting, Instant)>> {
    let payer = actor.person().ok_or(Error::Forbidden)?;
    let mut statement = db.prepare_cached(
        "select n.id, r.outcome is not null, coalesce(r.at, c.created_at)
         from payment_notice n
         join cart c on c.id = (select max(x.cart_id) from cart_notice x where x.notice_id = n.id)
         left join cart_return r on r.cart_id = c.id
         where n.payer_id = ?1 and n.state = 'open' and c.gateway_ref is not null
           and ((r.outcome = 'ok' and r.at > ?2) or (r.outcome is null and c.created_at > ?3))",
    )?;
    let since = |millis: i64| now.plus_millis(-millis);
    let values = (payer, since(MAY_BE_CONFIRMED), since(MAY_BE_OPEN));
    let rows = statement.query_map(values, |row| {
        let kind = match row.get(1)? {
            true => Waiting::Confirmation,
            false => Waiting::Unknown,
        };
        Ok((row.get(0)?, (kind, row.get(2)?)))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
