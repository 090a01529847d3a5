//! A basket: one online payment of one to five notices (pagoPA Checkout, `POST /carts`).

use rusqlite::{Connection, Transaction};

use super::notices::{self, Notice, NoticeState};
use crate::base::{Actor, CartId, Error, PublicId, Result, Text};

/// pagoPA takes so many notices at once.
pub const MOST_NOTICES: usize = 5;

/// A basket of the actor's.
#[derive(Clone, Debug)]
pub struct Cart {
    /// Inside.
    pub id: CartId,
    /// Outside.
    pub public_id: PublicId,
    /// What it pays.
    pub notices: Vec<Notice>,
}

impl Cart {
    /// Whether the receipts of all its notices are there. What the browser was led back to says
    /// nothing about that.
    pub fn is_paid(&self) -> bool {
        let paid = |notice: &Notice| notice.state == NoticeState::Paid;
        self.notices.iter().all(paid)
    }
}

/// Puts open notices of the actor's into a new basket.
///
/// # Errors
/// `NotFound` for somebody else's notice; a refusal for one that is not open, for none, and for
/// more than five.
pub fn create_cart(
    tx: &Transaction<'_>,
    actor: &Actor,
    notices: &[PublicId],
    now: crate::base::Instant,
) -> Result<Cart> {
    let payer = actor.person().ok_or(Error::Forbidden)?;
    if notices.is_empty() || notices.len() > MOST_NOTICES {
        let text = Text::new("error-cart-size").with("max", MOST_NOTICES);
        return Err(Error::refused(text));
    }
    let public_id = PublicId::random()?;
    tx.prepare_cached("insert into cart (public_id, payer_id, created_at) values (?1, ?2, ?3)")?
        .execute((&public_id, payer, now))?;
    let id = CartId(tx.last_insert_rowid());
    for notice in notices {
        let notice = notices::notice_of_payer(tx, actor, notice)?;
        if notice.state != NoticeState::Open {
            return Err(Error::refused(Text::new("error-notice-not-open")));
        }
        tx.prepare_cached(
            "insert or ignore into cart_notice (cart_id, notice_id) values (?1, ?2)",
        )?
        .execute((id, notice.id))?;
    }
    cart(tx, actor, &public_id)
}

/// A basket of the actor's.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub fn cart(db: &Connection, actor: &Actor, id: &PublicId) -> Result<Cart> {
    let payer = actor.person().ok_or(Error::NotFound)?;
    let inner: CartId = db
        .prepare_cached("select id from cart where public_id = ?1 and payer_id = ?2")?
        .query_row((id, payer), |row| row.get(0))?;
    let mut statement = db.prepare_cached(
        "select notice_id from cart_notice where cart_id = ?1 order by notice_id",
    )?;
    let ids = statement.query_map([inner], |row| row.get(0))?;
    let notices = ids
        .map(|id| notices::notice(db, id?))
        .collect::<Result<_>>()?;
    Ok(Cart {
        id: inner,
        public_id: id.clone(),
        notices,
    })
}

/// Notes what the gateway calls a basket.
///
/// # Errors
/// The database's own failure.
pub fn set_gateway_ref(tx: &Transaction<'_>, cart: CartId, reference: &str) -> Result<()> {
    tx.prepare_cached("update cart set gateway_ref = ?2 where id = ?1")?
        .execute((cart, reference))?;
    Ok(())
}
