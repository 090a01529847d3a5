//! The engine: a rule and the facts of a day give an amount that explains itself. Pure, exact.

use serde::{Deserialize, Serialize};

use super::Price;
use super::rule::{
    Band, Base, Case, Component, Facts, IseeFact, Rounding, RoundingPlace, Rule, Unit,
};
use crate::base::{Cents, Date};

/// Why an amount is what it is: enough to compute it again and to tell it in words
/// (invariant 6). Kept as JSON; the day is not part of it, so that all days which the same rule and
/// facts price share one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// What is charged.
    pub amount: Cents,
    /// Name of the rule.
    pub rule: String,
    /// Version of the rule.
    pub version: i64,
    /// The act that set it.
    pub act: Option<String>,
    /// Which ISEE counted, or why none did.
    pub isee: IseeUse,
    /// How the rule rounds.
    pub rounding: Rounding,
    /// The way from the facts to the amount, in order.
    pub steps: Vec<Step>,
}

/// Which ISEE counted, or why none did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "use", rename_all = "snake_case")]
pub enum IseeUse {
    /// This one.
    Used(IseeFact),
    /// The price is the same for all.
    NotNeeded,
    /// Who does not live in the comune pays a price of their own.
    NonResident,
    /// None is recorded.
    Missing,
    /// The one that is recorded does not hold on that day.
    NotValid(IseeFact),
}

/// One step of a computation, with its numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// What one unit of a component costs, and why.
    UnitPrice {
        /// The component's code.
        component: String,
        /// What is counted.
        unit: Unit,
        /// The price of one.
        price: Price,
        /// Where it stands in the rule.
        why: Why,
    },
    /// The price of one unit becomes whole cents.
    RoundedUnit {
        /// Before.
        from: Price,
        /// After.
        to: Cents,
    },
    /// So many units; what they give is added to the sum.
    Times {
        /// What is counted.
        unit: Unit,
        /// The price of one.
        price: Price,
        /// How many.
        quantity: u32,
        /// Their product.
        gives: Price,
    },
    /// The sum becomes whole cents.
    RoundedTotal {
        /// Before.
        from: Price,
        /// After.
        to: Cents,
    },
}

/// Where in the rule a unit price stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Why {
    /// It is the same for all.
    Fixed,
    /// The band that the ISEE falls into.
    Band(Band),
    /// No valid ISEE.
    NoIsee,
    /// The child does not live in the comune.
    NonResident,
}

/// A computation that does not give what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inconsistent;

/// Prices the facts of a day by a rule.
pub fn price(rule: &Rule, facts: &Facts) -> Explanation {
    let isee = facts.isee.as_ref();
    let valid = isee.filter(|isee| isee.valid_from <= facts.day && facts.day <= isee.valid_to);
    let mut steps = Vec::new();
    let mut total = Price::zero();
    for component in &rule.components {
        let (mut one, why) = unit_price(component, facts.resident, valid);
        steps.push(Step::UnitPrice {
            component: component.code.clone(),
            unit: component.unit,
            price: one,
            why,
        });
        if rule.rounding.at == RoundingPlace::Unit && one.whole().is_none() {
            let to = one.round(rule.rounding.mode);
            steps.push(Step::RoundedUnit { from: one, to });
            one = to.into();
        }
        let gives = one.times(facts.quantity);
        steps.push(Step::Times {
            unit: component.unit,
            price: one,
            quantity: facts.quantity,
            gives,
        });
        total = total.plus(gives);
    }
    let amount = total.whole().unwrap_or_else(|| {
        let to = total.round(rule.rounding.mode);
        steps.push(Step::RoundedTotal { from: total, to });
        to
    });
    Explanation {
        amount,
        rule: rule.name.clone(),
        version: rule.version,
        act: rule.act.clone(),
        isee: isee_use(&steps, facts, valid),
        rounding: rule.rounding,
        steps,
    }
}

fn unit_price(component: &Component, resident: bool, isee: Option<&IseeFact>) -> (Price, Why) {
    match (&component.base, component.non_resident) {
        (_, Some(price)) if !resident => (price, Why::NonResident),
        (Base::Fixed(price), _) => (*price, Why::Fixed),
        (Base::Isee(steps), _) => match isee {
            Some(isee) => {
                let band = steps.band(isee.value);
                (band.price, Why::Band(band))
            }
            None => (steps.no_isee, Why::NoIsee),
        },
    }
}

fn isee_use(steps: &[Step], facts: &Facts, valid: Option<&IseeFact>) -> IseeUse {
    let any = |wanted: fn(&Why) -> bool| {
        steps
            .iter()
            .any(|step| matches!(step, Step::UnitPrice { why, .. } if wanted(why)))
    };
    match (valid, &facts.isee) {
        (Some(used), _) if any(|why| matches!(why, Why::Band(_))) => IseeUse::Used(used.clone()),
        (None, Some(stale)) if any(|why| *why == Why::NoIsee) => IseeUse::NotValid(stale.clone()),
        (None, None) if any(|why| *why == Why::NoIsee) => IseeUse::Missing,
        _ if any(|why| *why == Why::NonResident) => IseeUse::NonResident,
        _ => IseeUse::NotNeeded,
    }
}

impl Explanation {
    /// Computes the amount again out of the steps alone.
    ///
    /// # Errors
    /// [`Inconsistent`] when a step does not follow from the ones before, or the amount from all.
    pub fn recompute(&self) -> Result<Cents, Inconsistent> {
        let must = |good: bool| if good { Ok(()) } else { Err(Inconsistent) };
        let mode = self.rounding.mode;
        let (mut one, mut sum) = (Price::zero(), Price::zero());
        for step in &self.steps {
            match step {
                Step::UnitPrice { price, why, .. } => {
                    must(self.bears_out(why, *price))?;
                    one = *price;
                }
                Step::RoundedUnit { from, to } => {
                    must(*from == one && *to == from.round(mode))?;
                    one = Price::from(*to);
                }
                Step::Times {
                    price,
                    quantity,
                    gives,
                    ..
                } => {
                    must(*price == one && *gives == one.times(*quantity))?;
                    sum = sum.plus(*gives);
                }
                Step::RoundedTotal { from, to } => {
                    must(*from == sum && *to == from.round(mode))?;
                    sum = Price::from(*to);
                }
            }
        }
        must(sum == Price::from(self.amount))?;
        Ok(self.amount)
    }

    /// Whether the ISEE that counted is in the band that the price comes from.
    fn bears_out(&self, why: &Why, price: Price) -> bool {
        match (why, &self.isee) {
            (Why::Band(band), IseeUse::Used(isee)) => {
                band.price == price
                    && band.over.is_none_or(|over| over < isee.value)
                    && band.to.is_none_or(|to| isee.value <= to)
            }
            (Why::Band(_), _) => false,
            _ => true,
        }
    }
}

/// What an example inside a rule costs: its ISEE is valid, whatever the day.
pub(super) fn price_of_case(rule: &Rule, case: &Case) -> Explanation {
    let day = Date::constant(2000, 1, 1);
    let isee = case.isee.map(|value| IseeFact {
        value,
        protocol: String::new(),
        valid_from: day,
        valid_to: day,
    });
    let facts = Facts {
        isee,
        resident: case.resident,
        quantity: case.quantity,
        day,
    };
    price(rule, &facts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tariffs::{IseeSteps, RoundingMode};
    use jiff::civil::date;
    use proptest::prelude::*;

    fn euros(text: &str) -> Price {
        Price::parse_euros(text).unwrap()
    }

    fn rule(components: Vec<Component>, rounding: Rounding) -> Rule {
        Rule {
            name: "Mensa".to_owned(),
            version: 3,
            components,
            rounding,
            ..Rule::empty()
        }
    }

    fn by_isee() -> Component {
        let below = vec![
            (Cents(600_000), euros("2.00")),
            (Cents(936_000), euros("3.50")),
        ];
        Component {
            code: "meal".to_owned(),
            unit: Unit::Meal,
            base: Base::Isee(IseeSteps::new(below, euros("4.50"), euros("4.50")).unwrap()),
            non_resident: Some(euros("5.00")),
        }
    }

    fn fixed(price: &str) -> Component {
        Component {
            code: "fixed".to_owned(),
            unit: Unit::Meal,
            base: Base::Fixed(euros(price)),
            non_resident: None,
        }
    }

    fn facts(isee: Option<i64>, resident: bool, day: Date) -> Facts {
        let isee = isee.map(|value| IseeFact {
            value: Cents(value),
            protocol: "INPS-ISEE-2026-00000001X-00".to_owned(),
            valid_from: date(2026, 1, 15),
            valid_to: date(2026, 12, 31),
        });
        Facts {
            isee,
            resident,
            quantity: 1,
            day,
        }
    }

    #[test]
    fn the_isee_counts_while_it_is_valid_and_says_why_when_not() {
        let rule = rule(vec![by_isee()], Rounding::default());
        let (valid, later) = (date(2026, 11, 3), date(2027, 1, 7));
        let priced = |isee, resident, day| price(&rule, &facts(isee, resident, day));
        let used = priced(Some(936_000), true, valid);
        assert_eq!(used.amount, Cents(350));
        assert!(matches!(used.isee, IseeUse::Used(_)));
        let stale = priced(Some(936_000), true, later);
        assert_eq!(stale.amount, Cents(450));
        assert!(matches!(stale.isee, IseeUse::NotValid(_)));
        let none = priced(None, true, valid);
        assert_eq!((none.amount, none.isee), (Cents(450), IseeUse::Missing));
        let stranger = priced(Some(300_000), false, valid);
        assert_eq!(
            (stranger.amount, stranger.isee),
            (Cents(500), IseeUse::NonResident)
        );
    }

    #[test]
    fn rounding_happens_where_the_rule_says() {
        let mut meals = facts(None, true, date(2026, 11, 3));
        meals.quantity = 10;
        let at = |at| Rounding {
            mode: RoundingMode::HalfUp,
            at,
        };
        let per_unit = price(&rule(vec![fixed("5.335")], at(RoundingPlace::Unit)), &meals);
        assert_eq!(per_unit.amount, Cents(5340));
        let at_the_end = price(
            &rule(vec![fixed("5.335")], at(RoundingPlace::Total)),
            &meals,
        );
        assert_eq!(at_the_end.amount, Cents(5335));
        let two = rule(
            vec![fixed("0.005"), fixed("0.005")],
            at(RoundingPlace::Total),
        );
        meals.quantity = 1;
        assert_eq!(price(&two, &meals).amount, Cents(1));
    }

    #[test]
    fn an_explanation_that_was_tampered_with_does_not_recompute() {
        let rule = rule(vec![by_isee()], Rounding::default());
        let good = price(&rule, &facts(Some(700_000), true, date(2026, 11, 3)));
        assert_eq!(good.recompute(), Ok(Cents(350)));
        let cheaper = Explanation {
            amount: Cents(200),
            ..good.clone()
        };
        assert_eq!(cheaper.recompute(), Err(Inconsistent));
        let mut poorer = good;
        if let IseeUse::Used(isee) = &mut poorer.isee {
            isee.value = Cents(500_000);
        }
        assert_eq!(poorer.recompute(), Err(Inconsistent));
    }

    fn any_price() -> impl Strategy<Value = Price> {
        (0_u32..20_000_000).prop_map(|n| euros(&format!("{}.{:06}", n / 1_000_000, n % 1_000_000)))
    }

    fn any_component() -> impl Strategy<Value = Component> {
        let steps = (
            proptest::collection::btree_map(0_i64..4_000_000, any_price(), 0..6),
            any_price(),
            any_price(),
        )
            .prop_map(|(below, above, none)| {
                let below = below.into_iter().map(|(to, price)| (Cents(to), price));
                Base::Isee(IseeSteps::new(below.collect(), above, none).unwrap())
            });
        let base = prop_oneof![any_price().prop_map(Base::Fixed), steps];
        (base, proptest::option::of(any_price())).prop_map(|(base, non_resident)| Component {
            code: "meal".to_owned(),
            unit: Unit::Meal,
            base,
            non_resident,
        })
    }

    proptest! {
        /// What is kept with a charge gives the charge again, also after a way through JSON.
        #[test]
        fn recomputing_an_explanation_gives_the_amount(
            components in proptest::collection::vec(any_component(), 1..4),
            mode in prop_oneof![
                Just(RoundingMode::HalfUp), Just(RoundingMode::HalfEven),
                Just(RoundingMode::Up), Just(RoundingMode::Down),
            ],
            at in prop_oneof![Just(RoundingPlace::Unit), Just(RoundingPlace::Total)],
            isee in proptest::option::of(0_i64..5_000_000),
            resident in any::<bool>(),
            quantity in 0_u32..400,
            offset in 0_i32..500,
        ) {
            let day = date(2026, 1, 1).checked_add(jiff::Span::new().days(offset)).unwrap();
            let facts = Facts { quantity, ..facts(isee, resident, day) };
            let explained = price(&rule(components, Rounding { mode, at }), &facts);
            prop_assert_eq!(explained.recompute(), Ok(explained.amount));
            prop_assert!(explained.amount >= Cents::ZERO);
            let kept = serde_json::to_string(&explained).unwrap();
            let read: Explanation = serde_json::from_str(&kept).unwrap();
            prop_assert_eq!(read, explained);
        }
    }
}
