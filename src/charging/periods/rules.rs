//! Which tariff holds on which day of a period.

use std::collections::BTreeMap;
use std::rc::Rc;

use rusqlite::Connection;

use super::PeriodFault;
use crate::base::{Date, Error, Result, TariffId};
use crate::municipality::Service;
use crate::tariffs::{self, Rule};

/// Which tariff prices a period from which day on; none: no tariff is published for those days.
pub type TariffsByDay = Vec<(Date, Option<TariffId>)>;

/// The tariffs that price a period of a service, for work that keeps to them whatever is published
/// meanwhile.
///
/// # Errors
/// The database's own failure.
pub fn tariffs_of_period(
    db: &Connection,
    service: &Service,
    period: (Date, Date),
) -> Result<TariffsByDay> {
    let rules = Rules::published(db, service, period)?.0.into_iter();
    Ok(rules
        .map(|(day, found)| (day, found.map(|(id, _)| id)))
        .collect())
}

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
                Ok((id, rule)) => Some((id, Rc::new(rule))),
                Err(Error::Refused(_)) => None,
                Err(error) => return Err(error),
            };
            rules.insert(day, rule);
        }
        Ok(Rules(rules))
    }

    /// Those that were kept; where none were, those that are published now.
    pub(super) fn kept(
        db: &Connection,
        service: &Service,
        period: (Date, Date),
        kept: Option<&TariffsByDay>,
    ) -> Result<Rules> {
        let Some(kept) = kept else {
            return Rules::published(db, service, period);
        };
        let rule = |id: TariffId| -> Result<(TariffId, Rc<Rule>)> {
            Ok((id, Rc::new(tariffs::tariff(db, id)?)))
        };
        let rules = kept
            .iter()
            .map(|(day, id)| Ok((*day, id.map(rule).transpose()?)));
        Ok(Rules(rules.collect::<Result<_>>()?))
    }

    /// Whether any of them asks for a fact.
    pub(super) fn ask_for(&self, fact: &str) -> bool {
        let mut all = self.0.values().flatten();
        all.any(|(_, rule)| rule.asks_for().contains(fact))
    }

    /// One rule that is not published, for all days.
    pub(super) fn only(rule: &Rule) -> Rules {
        let unpublished = (TariffId(0), Rc::new(rule.clone()));
        Rules(BTreeMap::from([(Date::MIN, Some(unpublished))]))
    }

    pub(super) fn on(&self, day: Date) -> Result<&(TariffId, Rc<Rule>), PeriodFault> {
        let found = self.0.range(..=day).next_back();
        let found = found.and_then(|(_, rule)| rule.as_ref());
        found.ok_or(PeriodFault::NoTariff(day))
    }
}
