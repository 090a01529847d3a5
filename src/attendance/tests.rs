//! Families and schools say different things of a day; what holds?

use jiff::civil::date;

use super::*;
use crate::base::{Actor, Date, Error, Instant, PublicId, Role, SchoolId, StaffActor, StaffId};
use crate::enrolments::{self, Enrolment, NewEnrolment};
use crate::municipality::{self, SchoolClassRow, Service};
use crate::testing::{Comune, morning};

const DAY: Date = date(2026, 11, 3);

/// Luca eats at school in 1A; everything is at 08:00, an hour before the cut-off.
struct Fixture {
    comune: Comune,
    luca: Enrolment,
    meals: Service,
    class: SchoolClassRow,
}

fn fixture() -> Fixture {
    let comune = Comune::new();
    let (luca, mother, service, class) = (comune.luca, comune.mother, comune.meals, comune.class);
    comune
        .write(move |tx| {
            let new = NewEnrolment {
                child: luca,
                payer: mother,
                service,
                class,
                from: date(2026, 9, 15),
                to: None,
                application: None,
            };
            enrolments::enrol(tx, &new, morning())
        })
        .unwrap();
    let (luca, meals, class) = comune
        .store
        .read(|db| {
            let luca = enrolments::of_child(db, comune.luca)?.remove(0);
            let meals = municipality::service(db, comune.meals)?;
            let class: PublicId = db.query_row(
                "select public_id from school_class where id = ?1",
                [comune.class],
                |r| r.get(0),
            )?;
            Ok((luca, meals, municipality::class_by_public_id(db, &class)?))
        })
        .unwrap();
    Fixture {
        comune,
        luca,
        meals,
        class,
    }
}

impl Fixture {
    fn cancel(&self, days: &[Date], now: Instant) -> crate::base::Result<Vec<Cancelled>> {
        let (actor, luca, meals, days) = (
            self.comune.as_mother(),
            self.luca.clone(),
            self.meals.clone(),
            days.to_vec(),
        );
        self.comune
            .write(move |tx| cancel(tx, &actor, &luca, &meals, &days, now))
    }

    fn save(
        &self,
        actor: Actor,
        present: bool,
        locked: bool,
    ) -> crate::base::Result<(usize, usize)> {
        let (class, meals) = (self.class.clone(), self.meals.clone());
        let ids = if present {
            vec![self.luca.public_id.clone()]
        } else {
            vec![]
        };
        self.comune.write(move |tx| {
            let sent = Sent {
                present: &ids,
                drawn_from: None,
                locked,
            };
            save_register(tx, &actor, (&class, &meals, DAY), &sent, morning())
        })
    }

    fn fact(&self) -> DayFact {
        let facts = self
            .comune
            .store
            .read(|db| day_facts(db, &self.meals, DAY, crate::base::EnrolmentId(0), 10));
        facts.unwrap().remove(0)
    }
}

fn at(hour: i8, minute: i8) -> Instant {
    Instant::from_rome(DAY.at(hour, minute, 0, 0))
}

#[test]
fn the_rule_of_a_day() {
    use Family::{Cancelled, Late, Silent};
    use Mark::{Absent, None, Present};
    // family, school, present, charged without and with `charge_absent`
    for (family, mark, present, charged, charged_absent) in [
        (Silent, None, true, true, true),
        (Silent, Present, true, true, true),
        (Silent, Absent, false, false, true),
        (Cancelled, None, false, false, false),
        (Cancelled, Absent, false, false, false),
        (Cancelled, Present, true, true, true),
        (Late, None, false, false, true),
        (Late, Absent, false, false, true),
        (Late, Present, true, true, true),
    ] {
        let what = format!("{family:?} {mark:?}");
        assert_eq!(
            decide(family, mark, false),
            Decision { present, charged },
            "{what}"
        );
        assert_eq!(
            decide(family, mark, true),
            Decision {
                present,
                charged: charged_absent
            },
            "{what}"
        );
    }
}

#[test]
fn the_cut_off_is_in_rome_also_when_the_clocks_change() {
    let f = fixture();
    // 25 October 2026 the clocks go back: 09:00 is 08:00 UTC after it, 07:00 UTC before.
    assert_eq!(
        cut_off(&f.meals, date(2026, 10, 23)).to_string(),
        "2026-10-23T07:00:00Z"
    );
    assert_eq!(
        cut_off(&f.meals, date(2026, 10, 26)).to_string(),
        "2026-10-26T08:00:00Z"
    );
    let mut day_before = f.meals.clone();
    day_before.family_cutoff_days = 1;
    assert_eq!(
        cut_off(&day_before, date(2026, 10, 26)).to_string(),
        "2026-10-25T08:00:00Z"
    );
}

#[test]
fn a_cancellation_in_time_has_a_number_and_frees() {
    let f = fixture();
    let first = f.cancel(&[DAY], at(9, 0)).unwrap();
    assert_eq!(first[0].number, "P-2026-000001");
    assert!(!first[0].late);
    // Saying it again gives the same receipt.
    assert_eq!(
        f.cancel(&[DAY], at(9, 30)).unwrap()[0].number,
        "P-2026-000001"
    );
    assert_eq!(
        f.fact().decision,
        Decision {
            present: false,
            charged: false
        }
    );
}

#[test]
fn a_cancellation_after_the_cut_off_is_kept_as_late() {
    let f = fixture();
    assert!(f.cancel(&[DAY], at(9, 1)).unwrap()[0].late);
    assert_eq!(f.fact().family, Family::Late);
}

#[test]
fn who_eats_after_a_cancellation_is_charged_and_both_records_stay() {
    let f = fixture();
    f.cancel(&[DAY], at(8, 12)).unwrap();
    f.save(f.comune.as_clerk(), true, false).unwrap();
    let fact = f.fact();
    assert_eq!((fact.family, fact.mark), (Family::Cancelled, Mark::Present));
    assert!(fact.decision.charged);
}

#[test]
fn a_range_takes_school_days_only_and_knows_its_limits() {
    let f = fixture();
    let week: Vec<Date> = DAY.series(jiff::Span::new().days(1)).take(7).collect();
    assert_eq!(
        f.cancel(&week, morning()).unwrap().len(),
        5,
        "Saturday and Sunday are left out"
    );
    assert!(f.cancel(&[date(2026, 11, 2)], morning()).is_err(), "past");
    assert!(
        f.cancel(&[date(2026, 12, 20)], morning()).is_err(),
        "too far ahead"
    );
    assert!(
        f.cancel(&[date(2026, 11, 8)], morning())
            .unwrap()
            .is_empty(),
        "a Sunday alone"
    );
}

#[test]
fn a_meal_can_be_wanted_again_until_the_cut_off() {
    let f = fixture();
    f.cancel(&[DAY], morning()).unwrap();
    let restore_day = |day, now| {
        let (actor, luca, meals) = (f.comune.as_mother(), f.luca.clone(), f.meals.clone());
        f.comune
            .write(move |tx| restore(tx, &actor, &luca, &meals, day, now))
    };
    let restore_at = |now| restore_day(DAY, now);
    assert!(restore_at(at(9, 1)).is_err());
    let first = restore_at(at(8, 58)).unwrap();
    assert!(f.fact().decision.charged);
    let again = restore_at(at(8, 59)).unwrap();
    assert_eq!((again.number, again.at), (first.number, first.at));
    let never = restore_day(date(2026, 11, 4), at(8, 59));
    assert!(never.is_err(), "there is nothing to restore");
}

#[test]
fn two_tabs_that_cancel_at_once_get_one_receipt() {
    let f = fixture();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| f.cancel(&[DAY], morning()).unwrap());
        }
    });
    let count: i64 = f
        .comune
        .store
        .read(|db| Ok(db.query_row("select count(*) from cancellation", [], |row| row.get(0))?))
        .unwrap();
    assert_eq!(count, 1);
}

#[test]
fn the_register_keeps_to_its_school_and_to_open_days() {
    let f = fixture();
    let elsewhere = StaffActor {
        id: StaffId(1),
        roles: vec![Role::School(SchoolId(999))],
    };
    assert!(matches!(
        f.save(Actor::Staff(elsewhere), true, false),
        Err(Error::NotFound)
    ));
    assert!(
        f.save(f.comune.as_clerk(), true, true).is_err(),
        "a closed day is locked"
    );
    assert_eq!(f.save(f.comune.as_clerk(), false, false).unwrap(), (0, 1));
    assert!(!f.fact().decision.present);
    // The newest save holds; the earlier one stays.
    assert_eq!(f.save(f.comune.as_clerk(), true, false).unwrap(), (1, 0));
    assert!(f.fact().decision.present);
}

#[test]
fn what_was_said_can_not_be_changed() {
    let f = fixture();
    f.cancel(&[DAY], morning()).unwrap();
    f.save(f.comune.as_clerk(), true, false).unwrap();
    for sql in [
        "update cancellation set day = '2026-11-04'",
        "delete from cancellation",
        "update register_mark set present = 0",
        "delete from register_mark",
        "delete from register",
    ] {
        assert!(
            f.comune.write(move |tx| Ok(tx.execute(sql, [])?)).is_err(),
            "{sql}"
        );
    }
}

#[test]
fn a_month_tells_each_day() {
    let f = fixture();
    f.cancel(&[date(2026, 11, 4)], morning()).unwrap();
    let range = (date(2026, 11, 1), date(2026, 11, 8));
    let days = f
        .comune
        .store
        .read(|db| days_of_enrolment(db, &f.luca, &f.meals, range, morning()))
        .unwrap();
    let states: Vec<_> = days.iter().map(|day| day.state).collect();
    use DayState::{Booked, Cancelled, Out, Present};
    assert_eq!(
        states,
        [Out, Present, Booked, Cancelled, Booked, Booked, Out, Out]
    );
    assert!(days[2].can_cancel);
}
