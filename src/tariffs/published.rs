//! Published tariffs: the rule file as it was, never changed. A correction is a newer version.

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::Serialize;

use super::parse::{RuleFault, check, parse_published};
use super::rule::Rule;
use crate::base::{Date, Error, Instant, PublicId, Result, ServiceId, TariffId, Text};

/// A published tariff in a list.
#[derive(Clone, Debug, Serialize)]
pub struct PublishedTariff {
    /// Outside.
    pub public_id: PublicId,
    /// From 1, per service.
    pub version: i64,
    /// The rule's name.
    pub name: String,
    /// The first day of service that it prices.
    pub valid_from: Date,
    /// When it was published.
    pub published_at: Instant,
}

impl PublishedTariff {
    fn read(row: &Row<'_>) -> rusqlite::Result<PublishedTariff> {
        Ok(PublishedTariff {
            public_id: row.get(0)?,
            version: row.get(1)?,
            name: row.get(2)?,
            valid_from: row.get(3)?,
            published_at: row.get(4)?,
        })
    }
}

/// Publishes a rule file for a service, for the days from `valid_from` on.
///
/// # Errors
/// The faults of the file; its own examples must hold.
pub fn publish(
    tx: &Transaction<'_>,
    service: ServiceId,
    source: &str,
    valid_from: Date,
    now: Instant,
) -> Result<TariffId> {
    let rule = check(source).map_err(RuleFault::into_error)?;
    tx.prepare_cached(
        "insert into tariff (public_id, service_id, version, name, valid_from, source, published_at)
         select ?1, ?2, coalesce(max(version), 0) + 1, ?3, ?4, ?5, ?6
         from tariff where service_id = ?2",
    )?
    .execute((
        PublicId::random()?,
        service,
        &rule.name,
        valid_from,
        source,
        now,
    ))?;
    Ok(TariffId(tx.last_insert_rowid()))
}

/// Whether this very file is published for a service from this day on already.
///
/// # Errors
/// The database's own failure.
pub fn is_published(
    db: &Connection,
    service: ServiceId,
    valid_from: Date,
    source: &str,
) -> Result<bool> {
    let sql = "select exists (select 1 from tariff
               where service_id = ?1 and valid_from = ?2 and source = ?3)";
    Ok(db
        .prepare_cached(sql)?
        .query_row((service, valid_from, source), |row| row.get(0))?)
}

/// The tariff that prices a day of a service: of those valid from that day or before, the one that
/// begins last; of several that begin together, the newest version.
///
/// # Errors
/// A refusal when none is published for that day.
pub fn tariff_on(db: &Connection, service: ServiceId, day: Date) -> Result<(TariffId, Rule)> {
    let found: Option<(TariffId, i64, String)> = db
        .prepare_cached(
            "select id, version, source from tariff where service_id = ?1 and valid_from <= ?2
             order by valid_from desc, version desc limit 1",
        )?
        .query_row((service, day), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let (id, version, source) =
        found.ok_or_else(|| Error::refused(Text::new("error-no-tariff").with("day", day)))?;
    // It was checked when it was published: only a damaged file fails here.
    let rule = parse_published(&source).map_err(RuleFault::into_error)?;
    Ok((id, Rule { version, ..rule }))
}

/// A published tariff, whatever begins to hold meanwhile: for work in several steps.
///
/// # Errors
/// `NotFound`.
pub fn tariff(db: &Connection, id: TariffId) -> Result<Rule> {
    let sql = "select version, source from tariff where id = ?1";
    let (version, source): (i64, String) = db
        .prepare_cached(sql)?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rule = parse_published(&source).map_err(RuleFault::into_error)?;
    Ok(Rule { version, ..rule })
}

/// What names a published tariff outside.
pub(super) fn public_id(db: &Connection, id: TariffId) -> Result<PublicId> {
    let sql = "select public_id from tariff where id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([id], |row| row.get(0))?)
}

/// A published tariff with its service and its file.
///
/// # Errors
/// `NotFound`.
pub fn tariff_by_public_id(
    db: &Connection,
    id: &PublicId,
) -> Result<(ServiceId, PublishedTariff, String)> {
    let sql = "select public_id, version, name, valid_from, published_at, service_id, source
               from tariff where public_id = ?1";
    Ok(db.prepare_cached(sql)?.query_row([id], |row| {
        Ok((row.get(5)?, PublishedTariff::read(row)?, row.get(6)?))
    })?)
}

/// The first day after a day on which another tariff of the service begins.
///
/// # Errors
/// The database's own failure.
pub fn tariff_after(db: &Connection, service: ServiceId, day: Date) -> Result<Option<Date>> {
    let sql = "select min(valid_from) from tariff where service_id = ?1 and valid_from > ?2";
    Ok(db
        .prepare_cached(sql)?
        .query_row((service, day), |row| row.get(0))?)
}

/// The published tariffs of a service, those that begin last first.
///
/// # Errors
/// The database's own failure.
pub fn tariffs_of(db: &Connection, service: ServiceId) -> Result<Vec<PublishedTariff>> {
    let mut statement = db.prepare_cached(
        "select public_id, version, name, valid_from, published_at from tariff
         where service_id = ?1 order by valid_from desc, version desc",
    )?;
    let rows = statement.query_map([service], PublishedTariff::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether a tariff that holds on a day or before it, of one service or of any, was published after
/// an instant.
///
/// # Errors
/// The database's own failure.
pub fn published_since(
    db: &Connection,
    service: Option<ServiceId>,
    day: Date,
    since: Instant,
) -> Result<bool> {
    let sql = "select exists (select 1 from tariff where published_at > ?3 and valid_from <= ?2
                 and (?1 is null or service_id = ?1))";
    Ok(db
        .prepare_cached(sql)?
        .query_row((service, day, since), |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Comune, morning};
    use jiff::civil::date;

    fn file(price: &str) -> String {
        format!(
            "name = \"{price}\"\n[[component]]\ncode = \"meal\"\nunit = \"meal\"\nprice = \"{price}\"\n"
        )
    }

    #[test]
    fn a_day_is_priced_by_the_tariff_of_that_day() {
        let comune = Comune::new();
        let meals = comune.meals;
        let publish = |price: &'static str, from| {
            comune
                .write(move |tx| publish(tx, meals, &file(price), from, morning()))
                .unwrap();
        };
        publish("4.00", date(2026, 9, 1));
        publish("5.00", date(2027, 1, 1));
        // A correction of the autumn, published last, leaves January alone.
        publish("4.20", date(2026, 9, 1));
        let name = |day| {
            let found = comune.store.read(|db| tariff_on(db, meals, day));
            found.map(|(_, rule)| (rule.name, rule.version))
        };
        assert_eq!(name(date(2026, 12, 31)).unwrap(), ("4.20".to_owned(), 3));
        assert_eq!(name(date(2027, 1, 1)).unwrap(), ("5.00".to_owned(), 2));
        assert!(matches!(name(date(2026, 8, 31)), Err(Error::Refused(_))));
    }

    #[test]
    fn a_rule_whose_examples_fail_is_not_published() {
        let comune = Comune::new();
        let meals = comune.meals;
        let source = format!(
            "{}[[case]]\nwhat = \"one\"\nexpect = \"3.99\"\n",
            file("4.00")
        );
        let refused =
            comune.write(move |tx| publish(tx, meals, &source, date(2026, 9, 1), morning()));
        assert!(matches!(refused, Err(Error::Invalid(_))));
        let none = comune.store.read(|db| tariffs_of(db, meals)).unwrap();
        assert!(none.is_empty());
    }

    #[test]
    fn a_published_tariff_never_changes() {
        let comune = Comune::new();
        let meals = comune.meals;
        for sql in ["update tariff set source = ''", "delete from tariff"] {
            let refused = comune.write(move |tx| {
                publish(tx, meals, &file("4.00"), date(2026, 9, 1), morning())?;
                Ok(tx.execute(sql, [])?)
            });
            assert!(matches!(refused, Err(Error::Database(_))), "{sql}");
        }
    }
}
