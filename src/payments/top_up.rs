//! How much may be paid in advance: the service's minimum, and what the tariff in force says of first
//! top-ups and packs.

use rusqlite::Connection;
use serde::Serialize;

use crate::base::{AccountId, Cents, Date, Error, PersonId, Result, Text};
use crate::municipality::Service;
use crate::tariffs::{self, TopUp, Unit};
use crate::{charging, ledger};

/// So many units, and what they cost the child today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Units {
    /// How many.
    pub count: u32,
    /// Cents, for all of them.
    pub price: Cents,
    /// Of what.
    #[serde(skip)]
    pub unit: Unit,
}

/// What may be paid on an account.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Limits {
    /// The least: the minimum top-up, or what is owed where that is less.
    pub smallest: Cents,
    /// The first time, not less than these.
    pub first: Option<Units>,
    /// Only in packs of these; what is owed may be paid as it is.
    pub pack: Option<Units>,
    /// What is owed, or zero.
    #[serde(skip)]
    owed: Cents,
}

/// What may be paid for a child's service: on an account, or before there is one.
///
/// # Errors
/// The database's own failure.
pub fn limits(
    db: &Connection,
    service: &Service,
    child: PersonId,
    account: Option<AccountId>,
    today: Date,
) -> Result<Limits> {
    let owed = match account {
        Some(account) => (-ledger::account(db, account)?.balance).max(Cents::ZERO),
        None => Cents::ZERO,
    };
    if !service.prepaid {
        return Ok(Limits {
            smallest: Cents(1),
            first: None,
            pack: None,
            owed,
        });
    }
    let rule = match tariffs::tariff_on(db, service.id, today) {
        Ok((_, rule)) => Some(rule),
        // A service whose tariff is not published yet has the minimum alone.
        Err(Error::Refused(_)) => None,
        Err(error) => return Err(error),
    };
    let asked = rule.as_ref().map_or(TopUp::default(), |rule| rule.top_up);
    let began = match account {
        Some(account) => ledger::turnover(db, account)?.credited.is_positive(),
        None => false,
    };
    let first = asked.first_units.filter(|_| !began);
    let unit = match &rule {
        Some(rule) if first.is_some() || asked.pack_units.is_some() => {
            let unit = rule.components.iter().find(|part| part.unit.is_daily());
            let price = charging::unit_price(db, service, rule, child, today)?;
            unit.map(|part| part.unit).zip(price)
        }
        _ => None,
    };
    let units = |count: Option<u32>| {
        let (unit, price) = unit.filter(|(_, price)| price.is_positive())?;
        let count = count?;
        Some(Units {
            count,
            price: Cents(price.0 * i64::from(count)),
            unit,
        })
    };
    let (first, pack) = (units(first), units(asked.pack_units));
    let minimum = asked.minimum.unwrap_or(service.minimum_top_up);
    let minimum = pack.map_or(minimum, |pack| pack.price);
    let minimum = first.map_or(minimum, |first| minimum.max(first.price));
    Ok(Limits {
        smallest: if owed.is_positive() {
            owed.min(minimum)
        } else {
            minimum
        },
        first,
        pack,
        owed,
    })
}

impl Limits {
    /// Says whether an amount may be paid; what is owed always may.
    ///
    /// # Errors
    /// A field error on `field` that says what may be paid instead.
    pub fn check(&self, amount: Cents, field: &str) -> Result<()> {
        if self.owed.is_positive() && amount == self.owed {
            return Ok(());
        }
        if amount < self.smallest {
            let text = Text::new("error-amount-below").with("minimum", self.smallest);
            return Err(Error::field(field, text));
        }
        match self.pack {
            Some(pack) if amount.0 % pack.price.0 != 0 => {
                let less = Cents(amount.0 - amount.0 % pack.price.0).max(pack.price);
                let text = told(Text::new("error-amount-packs"), &pack)
                    .with("less", less)
                    .with("more", Cents(less.0 + pack.price.0));
                Err(Error::field(field, text))
            }
            _ => Ok(()),
        }
    }

    /// The same in words, for who is about to pay. A postpaid service says nothing.
    pub fn words(&self) -> Vec<Text> {
        let mut all = Vec::new();
        if self.smallest > Cents(1) {
            all.push(Text::new("new-payment-minimum").with("amount", self.smallest));
        }
        all.extend(
            self.first
                .map(|first| told(Text::new("new-payment-first"), &first)),
        );
        all.extend(
            self.pack
                .map(|pack| told(Text::new("new-payment-packs"), &pack)),
        );
        all
    }

    /// The amounts that a form offers where only packs are sold: one, two and four of them.
    pub fn offered(&self) -> Vec<Units> {
        let Some(pack) = self.pack else {
            return Vec::new();
        };
        let times = |many: u32| Units {
            count: pack.count * many,
            price: Cents(pack.price.0 * i64::from(many)),
            unit: pack.unit,
        };
        [1, 2, 4]
            .map(times)
            .into_iter()
            .filter(|units| units.price >= self.smallest)
            .collect()
    }
}

/// A sentence about some units.
pub fn told(text: Text, units: &Units) -> Text {
    text.with("unit", units.unit.word())
        .with("quantity", units.count)
        .with("amount", units.price)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::enrolments::{self, NewEnrolment};
    use crate::ledger::{Cause, NewEntry};
    use crate::municipality;
    use crate::payments::notices;
    use crate::testing::{Comune, morning};

    const DAY: Date = date(2026, 11, 3);
    const CASORATE: &str = include_str!("../../examples/tariffs/casorateprimo-prepagato.toml");
    const CESA: &str = include_str!("../../examples/tariffs/cesa-blocchetto.toml");
    const MASSA: &str = include_str!("../../examples/tariffs/massaecozzile-prepagato.toml");

    /// Luca eats at a prepaid canteen with a published tariff; his account was credited or not.
    fn comune(rule: &'static str, credited: Cents) -> (Comune, AccountId) {
        let comune = Comune::new();
        let new = NewEnrolment {
            child: comune.luca,
            payer: comune.mother,
            service: comune.meals,
            class: comune.class,
            from: date(2026, 9, 15),
            to: None,
            application: None,
        };
        let account = comune
            .write(move |tx| {
                enrolments::enrol(tx, &new, morning())?;
                tariffs::publish(tx, new.service, rule, date(2026, 9, 1), morning())?;
                let account = ledger::family_account(tx, new.payer, new.child, new.service)?;
                if credited.is_positive() {
                    let entry = NewEntry {
                        day: DAY,
                        debit: ledger::pagopa_account(tx)?,
                        credit: account,
                        amount: credited,
                        cause: Cause::Receipt(crate::base::ReceiptId(1)),
                    };
                    ledger::post(tx, &entry, morning())?;
                }
                Ok(account)
            })
            .unwrap();
        (comune, account)
    }

    /// What the notice of an amount says: accepted, or the key of the refusal.
    fn asked(comune: &Comune, account: AccountId, cents: i64) -> &'static str {
        let mother = comune.as_mother();
        let made = comune.write(move |tx| {
            let id = ledger::account(tx, account)?.public_id;
            notices::create(tx, &mother, &id, Cents(cents), None, morning())
        });
        match made {
            Ok(_) => "",
            Err(Error::Invalid(fields)) => fields[0].text.key,
            Err(other) => panic!("{other}"),
        }
    }

    fn limits_of(comune: &Comune, account: Option<AccountId>) -> Limits {
        let (meals, luca) = (comune.meals, comune.luca);
        let read = comune.store.read(|db| {
            let service = municipality::service(db, meals)?;
            limits(db, &service, luca, account, DAY)
        });
        read.unwrap()
    }

    #[test]
    fn the_first_top_up_is_of_so_many_units() {
        let (comune, account) = comune(CASORATE, Cents::ZERO);
        assert_eq!(limits_of(&comune, None).smallest, Cents(5150));
        assert_eq!(asked(&comune, account, 5149), "error-amount-below");
        assert_eq!(asked(&comune, account, 5150), "");
        let (comune, account) = self::comune(CASORATE, Cents(5150));
        assert_eq!(asked(&comune, account, 500), "", "not the first any more");
        assert_eq!(asked(&comune, account, 499), "error-amount-below");
    }

    #[test]
    fn packs_are_sold_whole_at_the_childs_own_price() {
        // Luca lives elsewhere: 25 meals at 2.50.
        let (comune, account) = comune(CESA, Cents::ZERO);
        let limits = limits_of(&comune, Some(account));
        let offered: Vec<_> = limits.offered().iter().map(|units| units.price.0).collect();
        let pack = limits.pack.unwrap().price.0;
        assert_eq!(offered, [pack, 2 * pack, 4 * pack]);
        assert!([3750, 6250].contains(&pack), "{pack}");
        assert_eq!(asked(&comune, account, pack - 1), "error-amount-below");
        assert_eq!(asked(&comune, account, pack + 1), "error-amount-packs");
        assert_eq!(asked(&comune, account, 2 * pack), "");
    }

    #[test]
    fn what_is_owed_is_paid_as_it_is() {
        let (comune, account) = comune(CESA, Cents::ZERO);
        let meals = comune.meals;
        comune
            .write(move |tx| {
                let entry = NewEntry {
                    day: DAY,
                    debit: account,
                    credit: ledger::revenue_account(tx, meals)?,
                    amount: Cents(700),
                    cause: Cause::Charge(crate::base::ChargeId(1)),
                };
                ledger::post(tx, &entry, morning())
            })
            .unwrap();
        assert_eq!(asked(&comune, account, 700), "");
        assert_eq!(asked(&comune, account, 800), "error-amount-packs");
    }

    #[test]
    fn the_tariffs_minimum_takes_the_place_of_the_services() {
        let (comune, account) = comune(MASSA, Cents::ZERO);
        assert_eq!(asked(&comune, account, 1999), "error-amount-below");
        assert_eq!(asked(&comune, account, 2000), "");
    }
}
