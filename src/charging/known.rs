//! Prices of days that were computed before. A day costs what another did whose tariff and facts are
//! the same, for the same reasons: it takes over that explanation instead of making it again, which
//! is most of the work of pricing a city's month.

use rusqlite::{Connection, OptionalExtension, Transaction};
use sha2::{Digest, Sha256};

use super::charges;
use crate::base::{Cents, Error, ExplanationId, Result, TariffId};
use crate::tariffs::{self, Facts, IseeUse, Part, Rule, Unpriced};

/// What a day costs, with the explanation that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) explanation: ExplanationId,
    pub(super) amount: Cents,
    /// What other bodies pay.
    pub(super) aided: Cents,
    /// Whether the ISEE made the price.
    pub(super) uses_isee: bool,
}

/// A published tariff, with what of the calendar its prices depend on.
pub(super) struct Pricing<'a> {
    tariff: TariffId,
    rule: &'a Rule,
    by_month: bool,
    by_weekday: bool,
}

impl Pricing<'_> {
    pub(super) fn by(tariff: TariffId, rule: &Rule) -> Pricing<'_> {
        let asked = rule.days_ask_for();
        Pricing {
            tariff,
            rule,
            by_month: asked.contains("month"),
            by_weekday: asked.contains("weekday"),
        }
    }

    /// What a day with these facts costs; it is priced only if no day like it was before.
    pub(super) fn price(
        &self,
        tx: &Transaction<'_>,
        facts: &Facts,
    ) -> Result<std::result::Result<Known, Unpriced>> {
        let key = self.key(facts)?;
        if let Some(known) = find(tx, &key)? {
            #[cfg(debug_assertions)]
            self.require_same(tx, facts, known)?;
            return Ok(Ok(known));
        }
        let explanation = match tariffs::price(self.rule, facts, Part::Day) {
            Ok(explanation) => explanation,
            Err(why) => return Ok(Err(why)),
        };
        let known = Known {
            explanation: charges::keep_explanation(tx, &explanation)?,
            amount: explanation.amount,
            aided: explanation.aided(),
            uses_isee: matches!(explanation.isee, IseeUse::Used(_)),
        };
        keep(tx, &key, known)?;
        Ok(Ok(known))
    }

    /// Names everything that the engine reads. An ISEE that does not hold on the day is explained
    /// otherwise than one that does.
    fn key(&self, facts: &Facts) -> Result<[u8; 32]> {
        let isee = facts.isee.as_ref();
        let holds = isee.is_some_and(|i| i.valid_from <= facts.day && facts.day <= i.valid_to);
        let month = self.by_month.then(|| facts.day.month());
        let weekday = (self.by_weekday).then(|| facts.day.weekday().to_monday_one_offset());
        let all = (self.tariff, isee, holds, month, weekday, &facts.values);
        let all = serde_json::to_vec(&all).map_err(Error::internal)?;
        Ok(Sha256::digest(all).into())
    }

    /// Tests find a fact that the engine reads and the key forgets.
    #[cfg(debug_assertions)]
    fn require_same(&self, tx: &Transaction<'_>, facts: &Facts, known: Known) -> Result<()> {
        let priced = tariffs::price(self.rule, facts, Part::Day);
        let priced = priced.map_err(|_| Error::Internal("a known price has none".to_owned()))?;
        let same = charges::keep_explanation(tx, &priced)? == known.explanation;
        if same && (priced.amount, priced.aided()) == (known.amount, known.aided) {
            return Ok(());
        }
        Err(Error::Internal(format!(
            "two days with the same key are priced apart: {facts:?}"
        )))
    }
}

fn find(db: &Connection, key: &[u8; 32]) -> Result<Option<Known>> {
    let sql = "select explanation_id, amount, aided, uses_isee from known_price where key = ?1";
    let found = db.prepare_cached(sql)?.query_row([key], |row| {
        Ok(Known {
            explanation: row.get(0)?,
            amount: row.get(1)?,
            aided: row.get(2)?,
            uses_isee: row.get(3)?,
        })
    });
    Ok(found.optional()?)
}

fn keep(tx: &Transaction<'_>, key: &[u8; 32], known: Known) -> Result<()> {
    tx.prepare_cached(
        "insert into known_price (key, explanation_id, amount, aided, uses_isee)
         values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((
        key,
        known.explanation,
        known.amount,
        known.aided,
        known.uses_isee,
    ))?;
    Ok(())
}
