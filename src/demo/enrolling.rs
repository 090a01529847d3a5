//! Who uses what in the demo: enrolments of two school years, diets, ISEE values.

use fastrand::Rng;
use jiff::civil::date;
use rusqlite::Transaction;

use super::families::{Child, Family};
use super::schools::Classes;
use crate::base::{Actor, Cents, Error, Instant, Result, SchoolYear, ServiceId, today};
use crate::diets::{self, NewChildDiet};
use crate::enrolments::{self, NewEnrolment};
use crate::isee::{self, IseeKind, NewIsee};
use crate::municipality;
use crate::store::SealingKey;

/// What all enrolments need.
struct Office<'a> {
    tx: &'a Transaction<'a>,
    key: &'a SealingKey,
    meals: ServiceId,
    nido: ServiceId,
    bus: ServiceId,
    now: Instant,
}

/// Enrols the children of all families in both school years.
pub(super) fn enrol_all(
    tx: &Transaction<'_>,
    key: &SealingKey,
    rng: &mut Rng,
    families: &[Family],
    classes: &[Classes],
    now: Instant,
) -> Result<()> {
    let service = |code| -> Result<ServiceId> {
        Ok(municipality::service_by_code(tx, code)?
            .ok_or(Error::NotFound)?
            .id)
    };
    let (meals, nido, bus) = (service("mensa")?, service("nido")?, service("scuolabus")?);
    let office = Office {
        tx,
        key,
        meals,
        nido,
        bus,
        now,
    };
    for (index, family) in families.iter().enumerate() {
        for child in &family.children {
            // Nearly everybody eats at school; one in six does not.
            if rng.u8(..) < 42 {
                continue;
            }
            let rides = rng.u8(..) < 50;
            for year in classes {
                office.enrol(family, child, year, index, rides)?;
            }
            office.special_diet(rng, child, classes)?;
            office.isee(rng, family, child)?;
        }
    }
    Ok(())
}

impl Office<'_> {
    fn enrol(
        &self,
        family: &Family,
        child: &Child,
        classes: &Classes,
        choice: usize,
        rides: bool,
    ) -> Result<()> {
        let Some(class) = classes.of(child.born, choice) else {
            return Ok(());
        };
        let main = if classes.is_nido(child.born) {
            self.nido
        } else {
            self.meals
        };
        let wanted = [
            Some(main),
            (rides && main == self.meals).then_some(self.bus),
        ];
        for service in wanted.into_iter().flatten() {
            let new = NewEnrolment {
                child: child.id,
                payer: family.payer,
                service,
                class,
                from: classes.year().starts_on(),
                to: Some(classes.year().ends_on()),
                application: None,
            };
            enrolments::enrol(self.tx, &new, self.now)?;
        }
        Ok(())
    }

    /// One child in twelve has a special diet.
    fn special_diet(&self, rng: &mut Rng, child: &Child, classes: &[Classes]) -> Result<()> {
        let Some(first) = classes.first().filter(|_| rng.u8(..) < 21) else {
            return Ok(());
        };
        let all = diets::diets(self.tx)?;
        let Some(diet) = all.get(rng.usize(..all.len().max(1))) else {
            return Ok(());
        };
        let new = NewChildDiet {
            child: child.id,
            code: Some(&diet.code),
            from: first.year().starts_on(),
            to: None,
        };
        diets::record_child_diet(self.tx, self.key, &Actor::System("demo"), &new, self.now)
    }

    /// An ISEE is valid to 31 December; the one of the year before differs a little.
    fn isee(&self, rng: &mut Rng, family: &Family, child: &Child) -> Result<()> {
        let Some(value) = family.isee else {
            return Ok(());
        };
        let first = SchoolYear::of(today(self.now)).first_year() - 1;
        let last = today(self.now).year();
        for year in first..=last {
            let protocol = format!("INPS-ISEE-{year}-{:08}", rng.u32(1..99_999_999));
            let new = NewIsee {
                child: child.id,
                value: Cents(value * (96 + i64::from(year - first) * 3) / 100),
                kind: IseeKind::Minorenni,
                protocol: &protocol,
                omissions: false,
                valid_from: date(year, 1, 15),
                valid_to: date(year, 12, 31),
            };
            isee::record_isee(self.tx, &Actor::System("demo"), &new, self.now)?;
        }
        Ok(())
    }
}
