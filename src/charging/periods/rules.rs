//! Which tariff holds on which day of a period.

use std::collections::BTreeMap;
use std::rc::Rc;

use rusqlite::Connection;

use super::PeriodFault;
use super::instalments::in_order;
use crate::base::{Date, Error, Result, TariffId};
use crate::municipality::Service;
use crate::tariffs::{self, Rule};

/// The tariffs by the first day on which each holds in a period.
pub(super) struct Rules(BTreeMap<Date, Option<(TariffId, Rc<Rule>)>>);

impl Rules {
    pub(super) fn published(
        db: &Connection,
        service: &Service,
        (from, to): (Date, Date),
    ) -> Result<Rules> {
        let first = from.first_of_month();
        let mut rules = BTreeMap::new();
        let begin = tariffs::tariffs_of(db, service.id)?;
        let begin = begin.into_iter().map(|t| t.valid_from);
        for day in begin
            .filter(|day| first < *day && *day <= to)
            .chain([first])
        {
            let rule = match tariffs::tariff_on(db, service.id, day) {
                Ok((id, rule)) => Some((id, Rc::new(in_order(rule)))),
                Err(Error::Refused(_)) => None,
                Err(error) => return Err(error),
            };
            rules.insert(day, rule);
        }
        Ok(Rules(rules))
    }

    /// Whether any of them asks for a fact.
    pub(super) fn ask_for(&self, fact: &str) -> bool {
        let mut all = self.0.values().flatten();
        all.any(|(_, rule)| rule.asks_for().contains(fact))
    }

    /// One rule that is not published, for all days.
    pub(super) fn only(rule: &Rule) -> Rules {
        let unpublished = (TariffId(0), Rc::new(in_order(rule.clone())));
        Rules(BTreeMap::from([(Date::MIN, Some(unpublished))]))
    }

    pub(super) fn on(&self, day: Date) -> Result<&(TariffId, Rc<Rule>), PeriodFault> {
        let found = self.0.range(..=day).next_back();
        let found = found.and_then(|(_, rule)| rule.as_ref());
        found.ok_or(PeriodFault::NoTariff(day))
    }
}
