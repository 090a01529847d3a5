//! A declaration that is not true is withdrawn (DPR 445/2000 art. 75): from then on it counts on no
//! day, and what it had taken the place of counts again. The fact itself stays.

use rusqlite::Transaction;
use serde_json::json;

use super::Isee;
use crate::base::{Actor, Error, Instant, Permission, PublicId, Result, Text, date_it};
use crate::messages;
use crate::people::{self, Person};
use crate::store::{self, AuditEvent};

/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 500;

/// Refuses what a parent declared, with a reason that the parent reads in a message. What was charged
/// with it stays charged: the list of late ISEEs proposes its correction. Whoever presses twice
/// changes nothing.
///
/// # Errors
/// `Forbidden` for who is not of the office; `NotFound`; a field error without a reason; a refusal for
/// what no parent declared: the office corrects its own by recording the right one.
pub fn withdraw_declared(
    tx: &Transaction<'_>,
    actor: &Actor,
    isee: &PublicId,
    reason: &str,
    now: Instant,
) -> Result<()> {
    let (Some(staff), true) = (actor.staff(), actor.may(Permission::Office)) else {
        return Err(Error::Forbidden);
    };
    let found = super::by_public_id(tx, isee)?;
    let reason = match reason.trim() {
        "" => return Err(Error::field("reason", Text::new("error-required"))),
        long if long.chars().count() > LONGEST_REASON => {
            let text = Text::new("error-too-long").with("max", LONGEST_REASON);
            return Err(Error::field("reason", text));
        }
        reason => reason,
    };
    let Some(parent) = found.declared_by else {
        return Err(Error::refused(Text::new("error-isee-not-declared")));
    };
    if found.withdrawn.is_some() {
        return Ok(());
    }
    tx.prepare_cached(
        "insert into isee_withdrawal (isee_id, reason, staff_id, at) values (?1, ?2, ?3, ?4)",
    )?
    .execute((found.id, reason, staff.id, now))?;
    let event = AuditEvent {
        action: "withdraw-isee",
        subject: "isee",
        subject_id: Some(found.id.0),
        payload: json!({ "reason": reason }),
    };
    store::audit(tx, actor, now, &event)?;
    let child = people::person(tx, found.child)?;
    messages::write_message(tx, actor, parent, &told(&found, &child.name, reason), now)?;
    Ok(())
}

/// A declaration that is to be refused, and its child; the reading is logged.
///
/// # Errors
/// `Forbidden` for who is not of the office; `NotFound`.
pub fn read_declared(
    tx: &Transaction<'_>,
    actor: &Actor,
    isee: &PublicId,
    now: Instant,
) -> Result<(Isee, Person)> {
    if !actor.may(Permission::Office) {
        return Err(Error::Forbidden);
    }
    let found = super::by_public_id(tx, isee)?;
    let event = AuditEvent {
        action: "read-isee",
        subject: "person",
        subject_id: Some(found.child.0),
        payload: json!({ "records": 1 }),
    };
    store::audit(tx, actor, now, &event)?;
    let child = people::person(tx, found.child)?;
    Ok((found, child))
}

fn told(isee: &Isee, child: &str, reason: &str) -> String {
    format!(
        "L’ISEE di {} che hai dichiarato per {child} non è stato accettato e non conta più. Motivo: \
         {reason}\n\n\
         Valeva dal {} al {}. Per quei giorni contano gli altri ISEE registrati; se non ce ne sono, si \
         applica la tariffa massima. I giorni già addebitati con questo valore vengono corretti: la \
         differenza la trovi nell’estratto conto.\n\n\
         Se pensi che sia un errore, rispondi a questo messaggio. Se hai un’attestazione valida, \
         dichiarala nella pagina «ISEE».",
        isee.value,
        date_it(isee.valid_from),
        date_it(isee.valid_to),
    )
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::base::{Cents, PersonId};
    use crate::isee::{IseeKind, NewIsee, NewLodged, isee_of_each, lodge, of_child, record_isee};
    use crate::testing::{Comune, morning};

    fn value_on(tx: &Transaction<'_>, child: PersonId) -> Result<Option<i64>> {
        let each = isee_of_each(tx, &[child], date(2026, 11, 10))?;
        let records = of_child(tx, child)?;
        let same = crate::isee::counting(&records, date(2026, 11, 10)).map(|isee| isee.value.0);
        let value = each.get(&child).map(|isee| isee.value.0);
        assert_eq!(value, same);
        Ok(value)
    }

    #[test]
    fn what_is_withdrawn_counts_no_more_and_what_was_before_counts_again() {
        let comune = Comune::new();
        let (clerk, mother, luca) = (comune.as_clerk(), comune.as_mother(), comune.luca);
        let mother_id = comune.mother;
        comune
            .write(move |tx| {
                let (from, to) = (date(2026, 1, 15), date(2026, 12, 31));
                let old = NewIsee {
                    child: luca,
                    value: Cents(2_000_000),
                    kind: IseeKind::Minorenni,
                    protocol: "",
                    omissions: false,
                    valid_from: from,
                    valid_to: to,
                };
                record_isee(tx, &Actor::System("import"), &old, morning())?;
                let new = NewLodged {
                    child: luca,
                    value: Cents(100_000),
                    kind: IseeKind::Minorenni,
                    protocol: "INPS-ISEE-2026-01234567X-00",
                    omissions: false,
                    lodged_on: date(2026, 11, 3),
                    own_from: from,
                    own_to: to,
                    certificate: None,
                };
                lodge(tx, &mother, &new, morning().plus_millis(1))?;
                assert_eq!(value_on(tx, luca)?, Some(100_000));
                let records = of_child(tx, luca)?;
                let (declared, imported) = (&records[0].public_id, &records[1].public_id);
                let withdraw = |actor: &Actor, isee, reason| {
                    withdraw_declared(tx, actor, isee, reason, morning().plus_millis(2))
                };
                assert!(matches!(
                    withdraw(&mother, declared, "no"),
                    Err(Error::Forbidden)
                ));
                assert!(matches!(
                    withdraw(&clerk, declared, " "),
                    Err(Error::Invalid(_))
                ));
                assert!(matches!(
                    withdraw(&clerk, imported, "no"),
                    Err(Error::Refused(_))
                ));
                withdraw(&clerk, declared, "All’INPS risultano 21.000 euro.")?;
                withdraw(&clerk, declared, "Di nuovo")?;
                assert_eq!(value_on(tx, luca)?, Some(2_000_000));
                let waits: i64 =
                    tx.query_row("select count(*) from isee_waiting", [], |row| row.get(0))?;
                assert_eq!(waits, 0);
                let thread = crate::messages::thread(tx, mother_id)?;
                assert_eq!(thread.len(), 1);
                assert!(thread[0].body.contains("21.000 euro"));
                assert!(tx.execute("delete from isee_withdrawal", []).is_err());
                Ok(())
            })
            .unwrap();
    }
}
