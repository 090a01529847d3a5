//! In the month before an ISEE ends, who pays for the child is told once.

use jiff::{Span, civil::date};
use rusqlite::{Connection, Transaction};

use crate::base::{Actor, Date, Instant, PersonId, Result, SchoolYear, date_it, today};
use crate::messages;
use crate::store::{Store, Urgency};

/// Payers who are told in one write.
const CHUNK: u32 = 50;

/// Tells each payer once whose ISEE ends within a month, on 31 December or on the day that the
/// comune's rule names, if the child goes on after it and nothing follows. Says how many were told.
///
/// # Errors
/// The database's own failure.
pub fn remind(store: &Store, now: Instant) -> Result<usize> {
    let mut told = 0;
    loop {
        let due = store.read(|db| due(db, today(now)))?;
        if due.is_empty() {
            return Ok(told);
        }
        told += store.write(Urgency::Background, move |tx| tell(tx, &due, now))?;
    }
}

/// Who is to be told of which end, with the names of the children.
type Due = (PersonId, Date, String);

fn due(db: &Connection, day: Date) -> Result<Vec<Due>> {
    // Next year's enrolments are there before this year's end: who goes on is told in August too.
    let mut statement = db.prepare_cached(
        "with ending as (
           select distinct e.payer_id, e.child_id, i.valid_to as ends
           from service s cross join enrolment e
             on e.service_id = s.id and e.from_date between ?1 and date(?3, '+62 days')
           join isee i on i.id = (select n.id from isee n where n.child_id = e.child_id
               and n.valid_from <= ?2 and n.valid_to >= ?2
               and not exists (select 1 from isee_withdrawal w where w.isee_id = n.id)
               order by n.recorded_at desc, n.id desc limit 1)
           where i.valid_to < ?3 and coalesce(e.to_date, '9999-12-31') > i.valid_to
             and not exists (select 1 from isee f where f.child_id = e.child_id
                 and f.valid_from <= date(i.valid_to, '+1 day') and f.valid_to > i.valid_to
                 and not exists (select 1 from isee_withdrawal w where w.isee_id = f.id))
             and not exists (select 1 from isee_reminder r
                 where r.ends_on = i.valid_to and r.payer_id = e.payer_id))
         select g.payer_id, g.ends, group_concat(p.name, ', ')
         from ending g join person p on p.id = g.child_id
         group by g.payer_id, g.ends limit ?4",
    )?;
    let year = SchoolYear::of(day).starts_on();
    let until = day.checked_add(Span::new().months(1)).unwrap_or(day);
    let rows = statement.query_map((year, day, until, CHUNK), |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn tell(tx: &Transaction<'_>, due: &[Due], now: Instant) -> Result<usize> {
    let mut told = 0;
    for (payer, ends, children) in due {
        let first = tx
            .prepare_cached(
                "insert into isee_reminder (ends_on, payer_id, at) values (?1, ?2, ?3)
                 on conflict do nothing",
            )?
            .execute((ends, payer, now))?;
        if first == 1 {
            let body = reminder(children, *ends);
            messages::write_message(tx, &Actor::System("isee"), *payer, &body, now)?;
            told += 1;
        }
    }
    Ok(told)
}

fn reminder(children: &str, ends: Date) -> String {
    // The statements of a year end with it: a new one can be asked for from January.
    let with_year = ends == date(ends.year(), 12, 31);
    let day = match with_year {
        true => format!("31 dicembre {}", ends.year()),
        false => date_it(ends),
    };
    let when = match with_year {
        true => "Da gennaio puoi presentare la nuova DSU",
        false => "Se non l’hai già fatto, presenta la nuova DSU",
    };
    format!(
        "L’ISEE che conta per le tariffe scade il {day}. Riguarda: {children}.\n\n\
         {when}, sul sito dell’INPS o a un CAF. Quando hai la nuova attestazione comunicala dalla \
         pagina «ISEE»: la trovi in «I miei dati».\n\n\
         Senza un ISEE valido si applica la tariffa massima."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Cents;
    use crate::enrolments::{self, NewEnrolment};
    use crate::isee::{self, IseeKind, NewIsee};
    use crate::testing::Comune;

    fn noon(day: Date) -> Instant {
        Instant::from_rome(day.at(12, 0, 0, 0))
    }

    /// Luca eats at school until the end of the year, or until June and again from September.
    fn comune(next_year: bool) -> Comune {
        let comune = Comune::new();
        let first = NewEnrolment {
            child: comune.luca,
            payer: comune.mother,
            service: comune.meals,
            class: comune.class,
            from: date(2026, 9, 15),
            to: next_year.then_some(date(2027, 6, 30)),
            application: None,
        };
        comune
            .write(move |tx| {
                enrolments::enrol(tx, &first, noon(date(2026, 9, 1)))?;
                if next_year {
                    let sql = "insert into enrolment (public_id, child_id, payer_id, service_id,
                                 class_id, from_date, created_at)
                               select ?1, child_id, payer_id, service_id, class_id, '2027-09-13', 0
                               from enrolment";
                    tx.execute(sql, [crate::base::PublicId::random()?])?;
                }
                Ok(())
            })
            .unwrap();
        comune
    }

    fn record(comune: &Comune, from: Date, to: Date, on: Date) {
        let child = comune.luca;
        comune
            .write(move |tx| {
                let new = NewIsee {
                    child,
                    value: Cents(1_000_000),
                    kind: IseeKind::Minorenni,
                    protocol: "",
                    omissions: false,
                    valid_from: from,
                    valid_to: to,
                };
                isee::record_isee(tx, &Actor::System("import"), &new, noon(on))
            })
            .unwrap();
    }

    #[test]
    fn in_december_each_payer_is_told_once() {
        let comune = comune(false);
        let (from, to) = (date(2026, 1, 15), date(2026, 12, 31));
        record(&comune, from, to, date(2026, 9, 20));
        let told = |day| remind(&comune.store, noon(day)).unwrap();
        assert_eq!(told(date(2026, 11, 30)), 0);
        assert_eq!(told(date(2026, 12, 1)), 1);
        assert_eq!(told(date(2026, 12, 1)), 0);
        assert_eq!(told(date(2026, 12, 31)), 0);
        let mother = comune.mother;
        let thread = comune
            .store
            .read(|db| messages::thread(db, mother))
            .unwrap();
        assert_eq!(thread.len(), 1);
        assert!(thread[0].body.contains("Luca") && thread[0].body.contains("31 dicembre 2026"));
    }

    #[test]
    fn what_ends_with_the_school_year_is_told_in_august_to_who_goes_on() {
        let (from, to) = (date(2026, 9, 1), date(2027, 8, 31));
        for (next_year, expected) in [(true, 1), (false, 0)] {
            let comune = comune(next_year);
            record(&comune, from, to, date(2026, 9, 20));
            let told = |day| remind(&comune.store, noon(day)).unwrap();
            assert_eq!(told(date(2027, 7, 31)), 0);
            assert_eq!(told(date(2027, 8, 1)), expected);
            assert_eq!(told(date(2027, 8, 31)), 0);
            let mother = comune.mother;
            let thread = comune.store.read(|db| messages::thread(db, mother));
            let thread = thread.unwrap();
            assert_eq!(thread.len(), expected);
            assert!(thread.iter().all(|told| told.body.contains("31/08/2027")));
        }
    }

    #[test]
    fn who_has_the_next_one_is_not_told() {
        let comune = comune(false);
        let (from, to) = (date(2026, 1, 15), date(2027, 8, 31));
        record(&comune, from, to, date(2026, 9, 20));
        assert_eq!(remind(&comune.store, noon(date(2026, 12, 5))).unwrap(), 0);
    }
}
