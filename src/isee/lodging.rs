//! An ISEE that is handed in now: the comune's rule says when it counts.

use rusqlite::{Connection, Transaction};

use super::rules::{Counting, Lodged, Policy};
use super::{Isee, IseeKind, NewIsee, NewRow, insert, policies};
use crate::base::{
    Actor, Cents, Date, DocumentId, Error, Instant, PersonId, Result, Text, day_of, today,
};
use crate::people;

/// What was handed in.
pub struct NewLodged<'a> {
    /// The child.
    pub child: PersonId,
    /// Value.
    pub value: Cents,
    /// Kind.
    pub kind: IseeKind,
    /// Protocol of the DSU; a parent who declares knows it.
    pub protocol: &'a str,
    /// The statement says "omissioni o difformità" (DPCM 159/2013 art. 11 c. 5).
    pub omissions: bool,
    /// When the comune got to know of it.
    pub lodged_on: Date,
    /// When the DSU was presented.
    pub own_from: Date,
    /// The last day that the statement names.
    pub own_to: Date,
    /// The certificate, stored by [`super::store_certificate`].
    pub certificate: Option<DocumentId>,
}

/// Records an ISEE that was handed in: declared by a guardian of the child, typed by the office, or
/// imported. It counts from when the comune's rule says; the answer says why.
///
/// # Errors
/// `NotFound` for a child that is not the parent's; field errors for dates, value or protocol that
/// can't be; a field error on `valid_from` when the rule does not let it count.
pub fn lodge(
    tx: &Transaction<'_>,
    actor: &Actor,
    new: &NewLodged<'_>,
    now: Instant,
) -> Result<Counting> {
    let day = today(now);
    let citizen = matches!(actor, Actor::Citizen(_));
    if citizen && new.own_from > day {
        let text = Text::new("error-date-in-future");
        return Err(Error::field("valid_from", text));
    }
    if new.own_to < new.own_from {
        let text = Text::new("error-period-backwards");
        return Err(Error::field("valid_to", text));
    }
    if new.lodged_on > day {
        return Err(Error::field("lodged_on", Text::new("error-date-in-future")));
    }
    let protocol = match actor {
        Actor::Citizen(_) => {
            people::require_guardian(tx, actor, new.child, day)?;
            protocol_of_inps(new.protocol)
                .ok_or_else(|| Error::field("protocol", Text::new("error-isee-protocol")))?
        }
        _ => new.protocol.trim().to_owned(),
    };
    let (policy, rule) = policies::policy_on(tx, new.lodged_on)?;
    let lodged = Lodged {
        kind: new.kind,
        omissions: new.omissions,
        lodged_on: new.lodged_on,
        own_from: new.own_from,
        own_to: new.own_to,
    };
    let counting = rule
        .counting(&lodged)
        .map_err(|text| Error::field(field_of(&text), text))?;
    if citizen && counting.to < day {
        let text = Text::new("error-isee-past").with("to", counting.to);
        return Err(Error::field("valid_to", text));
    }
    let recorded = NewIsee {
        child: new.child,
        value: new.value,
        kind: new.kind,
        protocol: &protocol,
        omissions: new.omissions,
        valid_from: counting.from,
        valid_to: counting.to,
    };
    let row = NewRow {
        new: &recorded,
        handed_in: Some((new.lodged_on, new.own_from, new.own_to)),
        policy,
        certificate: new.certificate,
    };
    insert(tx, actor, &row, now)?;
    Ok(counting)
}

/// Where on the form a refusal of the rule stands.
fn field_of(text: &Text) -> &'static str {
    match text.key {
        "error-isee-omissions" => "omissions",
        "error-isee-corrente" => "kind",
        _ => "valid_from",
    }
}

/// Why a record counts from its first day, and until its last.
///
/// # Errors
/// The database's own failure.
pub fn why(db: &Connection, isee: &Isee) -> Result<(Text, Text)> {
    let Some(lodged_on) = isee.lodged_on else {
        let recorded = Text::new("isee-from-recorded").with("day", day_of(isee.recorded_at));
        return Ok((recorded, Text::new("isee-to-own")));
    };
    let lodged = Lodged {
        kind: isee.kind,
        omissions: isee.omissions,
        lodged_on,
        own_from: isee.own_from,
        own_to: isee.own_to,
    };
    let rule = match isee.policy {
        Some(version) => policies::policy_of_version(db, version)?,
        None => Policy::default(),
    };
    let counting = rule
        .counting(&lodged)
        .map_err(|text| Error::internal(format!("a recorded ISEE does not count: {}", text.key)))?;
    Ok((counting.why_from, counting.why_to))
}

/// A protocol as INPS writes it on the statement, `INPS-ISEE-2026-01234567X-00`: in capitals,
/// without spaces; `None` when it is no such number.
pub fn protocol_of_inps(typed: &str) -> Option<String> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let typed = typed.to_uppercase();
    let mut parts = typed.strip_prefix("INPS-ISEE-")?.split('-');
    let (year, number, part) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (count, letter) = number.split_at_checked(8)?;
    let letter_fits = letter.len() == 1 && letter.bytes().all(|b| b.is_ascii_uppercase());
    let fits = year.len() == 4
        && digits(year)
        && digits(count)
        && letter_fits
        && part.len() == 2
        && digits(part)
        && parts.next().is_none();
    fits.then_some(typed)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::isee::{PUBLISHED, of_child, record_policy};
    use crate::testing::{Comune, morning};

    fn declared(child: PersonId) -> NewLodged<'static> {
        NewLodged {
            child,
            value: Cents(1_234_567),
            kind: IseeKind::Minorenni,
            protocol: "inps-isee-2026-01234567x-00",
            omissions: false,
            lodged_on: date(2026, 11, 3),
            own_from: date(2026, 10, 20),
            own_to: date(2026, 12, 31),
            certificate: None,
        }
    }

    #[test]
    fn a_protocol_is_read_as_families_type_it() {
        let good = Some("INPS-ISEE-2026-01234567X-00".to_owned());
        assert_eq!(protocol_of_inps("inps-isee-2026-01234567x-00"), good);
        assert_eq!(protocol_of_inps(" INPS-ISEE-2026-01234567X - 00 "), good);
        for bad in [
            "",
            "INPS-ISEE-2026-01234567X",
            "INPS-ISEE-2026-01234567-00",
            "INPS-ISEE-26-01234567X-00",
            "INPS-ISEE-2026-01234567X-00-1",
            "INPS-ISEE-2026-0123456èX-00",
        ] {
            assert_eq!(protocol_of_inps(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_rule_of_the_day_says_when_it_counts_and_why() {
        let comune = Comune::new();
        let (clerk, mother, luca, sara) = (
            comune.as_clerk(),
            comune.as_mother(),
            comune.luca,
            comune.sara,
        );
        comune
            .write(move |tx| {
                // Without a rule of the comune it counts on the days on which it is valid.
                lodge(tx, &mother, &declared(sara), morning())?;
                let of_sara = of_child(tx, sara)?;
                assert_eq!(of_sara[0].valid_from, date(2026, 10, 20));
                assert_eq!(why(tx, &of_sara[0])?.0.key, "isee-from-own");

                let lissone = PUBLISHED[0].1;
                assert!(matches!(
                    record_policy(tx, &mother, lissone, date(2026, 11, 1), morning()),
                    Err(Error::Forbidden)
                ));
                record_policy(tx, &clerk, lissone, date(2026, 11, 1), morning())?;
                lodge(tx, &mother, &declared(luca), morning())?;
                let of_luca = &of_child(tx, luca)?[0];
                assert_eq!(of_luca.valid_from, date(2026, 11, 1));
                assert_eq!(of_luca.own_from, date(2026, 10, 20));
                assert_eq!(of_luca.protocol, "INPS-ISEE-2026-01234567X-00");
                assert_eq!(of_luca.source, "declared");
                assert_eq!(why(tx, of_luca)?.0.key, "isee-from-in-time");

                // What was handed in before the rule began is not the rule's.
                let early = NewLodged {
                    lodged_on: date(2026, 10, 30),
                    ..declared(luca)
                };
                let counting = lodge(tx, &clerk, &early, morning())?;
                assert_eq!(counting.from, date(2026, 10, 20));

                let omissions = NewLodged {
                    omissions: true,
                    ..declared(luca)
                };
                let Err(Error::Invalid(fields)) = lodge(tx, &mother, &omissions, morning()) else {
                    panic!("taken");
                };
                assert_eq!(fields[0].field, "omissions");
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn only_a_guardian_declares() {
        let comune = Comune::new();
        let luca = comune.luca;
        comune
            .write(move |tx| {
                let refused = lodge(tx, &Actor::Citizen(luca), &declared(luca), morning());
                assert!(matches!(refused, Err(Error::NotFound)));
                let refused = lodge(tx, &Actor::Stranger, &declared(luca), morning());
                assert!(matches!(refused, Err(Error::Forbidden)));
                Ok(())
            })
            .unwrap();
    }
}
