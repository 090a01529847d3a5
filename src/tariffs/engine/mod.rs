//! The engine: a rule and facts give an amount that explains itself. Pure, exact.

mod choice;
pub(super) mod instalments;
mod unit_price;

use serde::{Deserialize, Serialize};

use super::explanation::{Counted, Explanation, IseeUse, Refusal, Step, Why};
use super::facts::{Facts, Value, View};
use super::price::{Price, TooLarge};
use super::recompute::aided;
use super::rule::{Aid, Component, Over, Rounding, RoundingPlace, Rule, Sum};
use crate::base::{Cents, Error, Text};

use choice::Given;
pub use instalments::{instalment, instalments, instalments_for};

/// Which components are priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What a day of service costs: meals, days, hours.
    Day,
    /// What is due for a period whatever happens on its days: months, years, once.
    Period,
    /// Both.
    Whole,
}

impl Part {
    fn has(self, component: &Component) -> bool {
        match self {
            Part::Day => component.unit.is_daily(),
            Part::Period => !component.unit.is_daily(),
            Part::Whole => true,
        }
    }
}

/// Why there is no amount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "unpriced", rename_all = "snake_case")]
pub enum Unpriced {
    /// The rule asks for a fact that nobody recorded.
    Missing {
        /// The component.
        component: String,
        /// The fact's code.
        fact: String,
    },
    /// The table has no row for this value.
    NoRow {
        /// The component.
        component: String,
        /// The fact's code.
        fact: String,
        /// What it says.
        value: String,
    },
    /// The amount is above what anybody owes.
    TooLarge,
}

impl From<TooLarge> for Unpriced {
    fn from(_: TooLarge) -> Unpriced {
        Unpriced::TooLarge
    }
}

impl Unpriced {
    /// What to tell.
    pub fn text(&self) -> Text {
        match self {
            Unpriced::Missing { component, fact } => Text::new("error-tariff-fact-missing")
                .with("component", component.as_str())
                .with("fact", fact.as_str()),
            Unpriced::NoRow {
                component,
                fact,
                value,
            } => Text::new("error-tariff-no-row")
                .with("component", component.as_str())
                .with("fact", fact.as_str())
                .with("value", value.as_str()),
            Unpriced::TooLarge => Text::new("error-tariff-too-large"),
        }
    }
}

impl From<Unpriced> for Error {
    fn from(unpriced: Unpriced) -> Error {
        Error::refused(unpriced.text())
    }
}

/// Prices facts by a rule.
///
/// # Errors
/// A fact that the rule needs and nobody knows.
pub fn price(rule: &Rule, facts: &Facts, part: Part) -> Result<Explanation, Unpriced> {
    let view = View::of(facts, &rule.facts);
    let mut way = Way {
        rule,
        view: &view,
        steps: Vec::new(),
        sum: Price::zero(),
    };
    for component in rule.components.iter().filter(|c| part.has(c)) {
        if component.when.fails(&view).is_none() {
            way.component(component)?;
        }
    }
    if part != Part::Day {
        way.limits();
    }
    let mut amount = way.total()?;
    for aid in &rule.aids {
        amount = way.aid(aid, amount)?;
    }
    Ok(Explanation {
        amount,
        rule: rule.name.clone(),
        version: rule.version,
        act: rule.act.clone(),
        isee: isee_use(&way.steps, &view),
        rounding: rule.rounding,
        steps: way.steps,
    })
}

/// A computation under way.
struct Way<'a> {
    rule: &'a Rule,
    view: &'a View<'a>,
    steps: Vec<Step>,
    sum: Price,
}

impl<'a> Way<'a> {
    fn component(&mut self, component: &'a Component) -> Result<(), Unpriced> {
        let counted = self.quantity(component)?;
        let beyond = counted.saturating_sub(component.after);
        if beyond == 0 {
            return Ok(());
        }
        let mut one = self.modified(component)?;
        one = self.prorata(component, one)?;
        let own = component.rounding;
        let rounding = own.unwrap_or(self.rule.rounding);
        if rounding.at == RoundingPlace::Unit {
            let to = rounding.round(&one)?;
            let from = std::mem::replace(&mut one, to.into());
            if from != one {
                self.steps.push(Step::RoundedUnit { from, to, by: own });
            }
        }
        let quantity = self.units(component, counted, beyond);
        let mut gives = one.times(quantity);
        self.steps.push(Step::Times {
            unit: component.unit,
            price: one,
            quantity,
            gives: gives.clone(),
        });
        gives = self.limited(component, gives)?;
        if rounding.at == RoundingPlace::Component {
            let to = rounding.round(&gives)?;
            let from = std::mem::replace(&mut gives, to.into());
            if from != gives {
                self.steps
                    .push(Step::RoundedComponent { from, to, by: own });
            }
        }
        self.sum = self.sum.plus(&gives);
        Ok(())
    }

    /// How many units are charged, out of those counted and those beyond the first.
    fn units(&mut self, component: &Component, counted: u32, beyond: u32) -> u32 {
        let unit = component.unit;
        if beyond < counted {
            let after = component.after;
            self.steps.push(Step::Beyond {
                unit,
                counted,
                after,
            });
        }
        let quantity = component.most.map_or(beyond, |most| most.min(beyond));
        if quantity < beyond {
            self.steps.push(Step::Capped {
                unit,
                counted: beyond,
                most: quantity,
            });
        }
        quantity
    }

    /// What a component gives, within its own limits. Like that of a period, the least is not owed
    /// where nothing is.
    fn limited(&mut self, component: &Component, gives: Price) -> Result<Price, Unpriced> {
        let mut to = gives.clone();
        let mut each = None;
        if let Some(least) = &component.limits.least
            && Price::zero() < gives
        {
            to = to.max(least.clone());
        }
        if let Some(most) = &component.limits.most {
            to = to.min(most.clone());
        }
        if let Some((one, fact)) = &component.most_each {
            let count = self.number(component, fact)?;
            let most = one.times(count);
            if most < to {
                to = most;
                each = Some((one.clone(), self.view.name(fact), count));
            }
        }
        if to != gives {
            self.steps.push(Step::Limited {
                from: gives,
                to: to.clone(),
                each,
            });
        }
        Ok(to)
    }

    fn quantity(&self, component: &Component) -> Result<u32, Unpriced> {
        let (usual, unsaid) = component.unit.count();
        let fact = component.count.as_deref().unwrap_or(usual);
        // What a component counts by a fact of its own was not used when nobody counted it.
        let unsaid = if component.count.is_some() { 0 } else { unsaid };
        match self.view.value(fact) {
            Some(Value::Number(number)) => Ok(number),
            Some(other) => Err(no_row(component, fact, &other)),
            None => Ok(unsaid),
        }
    }

    /// The price of one unit with everything that changes it.
    fn modified(&mut self, component: &'a Component) -> Result<Price, Unpriced> {
        let (base, why, modifiers) = self.choose(component)?;
        let mut one = base.clone();
        self.steps.push(Step::UnitPrice {
            component: component.code.clone(),
            label: component.label.clone(),
            unit: component.unit,
            price: one.clone(),
            why,
        });
        for (modifier, refused) in modifiers {
            let label = modifier.label.clone();
            if let Some(why) = refused {
                self.steps.push(Step::Refused { label, why });
                continue;
            }
            let Given { effect, of, each } = self.given(component, modifier, &base)?;
            let times = each.as_ref().map_or(1, Counted::times);
            let to = effect.on(&one, of.as_ref(), times);
            let from = std::mem::replace(&mut one, to.clone());
            self.steps.push(Step::Modified {
                label,
                effect,
                of,
                each,
                from,
                to,
            });
        }
        Ok(one)
    }

    fn prorata(&mut self, component: &Component, one: Price) -> Result<Price, Unpriced> {
        let Some(prorata) = &component.prorata else {
            return Ok(one);
        };
        if prorata.when.fails(self.view).is_some() {
            return Ok(one);
        }
        let of = self.number(component, &prorata.of)?;
        let (name, over) = match &prorata.over {
            Over::Fact(fact) => (Some(self.view.name(fact)), self.number(component, fact)?),
            Over::Number(number) => (None, *number),
        };
        // More days present than days of opening is a mistake of the facts: the whole is due.
        let to = one.part_of(of.min(over), over);
        self.steps.push(Step::Prorata {
            of: (self.view.name(&prorata.of), of.min(over)),
            over: (name, over),
            from: one,
            to: to.clone(),
        });
        Ok(to)
    }

    fn number(&self, component: &Component, fact: &str) -> Result<u32, Unpriced> {
        match self.view.value(fact) {
            Some(Value::Number(number)) => Ok(number),
            Some(other) => Err(no_row(component, fact, &other)),
            None => Err(Unpriced::Missing {
                component: component.code.clone(),
                fact: fact.to_owned(),
            }),
        }
    }

    /// What the office recorded as an amount.
    fn recorded(&self, fact: &str) -> Price {
        match self.view.value(fact) {
            Some(Value::Amount { cents }) => cents.into(),
            _ => Price::zero(),
        }
    }

    fn limits(&mut self) {
        let from = self.sum.clone();
        match (&self.rule.limits.least, &self.rule.limits.most) {
            // Who used nothing owes no minimum.
            (Some(to), _) if Price::zero() < from && from < *to => {
                self.sum = to.clone();
                let to = to.clone();
                self.steps.push(Step::AtLeast { from, to });
            }
            (_, Some(to)) if *to < from => {
                self.sum = to.clone();
                let to = to.clone();
                self.steps.push(Step::AtMost { from, to });
            }
            _ => {}
        }
    }

    fn total(&mut self) -> Result<Cents, Unpriced> {
        let from = self.sum.clone();
        let rounding = self.rule.rounding;
        // Components that round their own way are not rounded again by that of others.
        let own = self.rule.components.iter().any(|c| c.rounding.is_some());
        let by = (own && rounding.at != RoundingPlace::Total).then_some(Rounding {
            to: Cents(1),
            ..rounding
        });
        let to = by.unwrap_or(rounding).round(&from)?;
        if Price::from(to) != from {
            self.steps.push(Step::RoundedTotal { from, to, by });
        }
        Ok(to)
    }

    /// What another body pays of an amount; what is left of it.
    fn aid(&mut self, aid: &Aid, amount: Cents) -> Result<Cents, Unpriced> {
        if let Some(not_met) = aid.when.fails(self.view) {
            self.steps.push(Step::Refused {
                label: aid.by.clone(),
                why: Refusal::NotMet(not_met),
            });
            return Ok(amount);
        }
        let mut most = aid.most.as_ref().map(|most| match most {
            Sum::Fixed(price) => price.clone(),
            Sum::Fact(fact) => self.recorded(fact),
        });
        if let Some((each, fact)) = &aid.most_each {
            let units = match self.view.value(fact) {
                Some(Value::Number(number)) => number,
                _ => 0,
            };
            let of_units = each.times(units);
            most = Some(most.map_or(of_units.clone(), |most| most.min(of_units)));
        }
        let pays = aided(aid.percent, most.as_ref(), amount, self.rule.rounding.mode)?;
        let left = amount - pays;
        self.steps.push(Step::Aided {
            by: aid.by.clone(),
            pays,
            left,
            share: Some((aid.percent, most)),
        });
        Ok(left)
    }
}

fn no_row(component: &Component, fact: &str, value: &Value) -> Unpriced {
    Unpriced::NoRow {
        component: component.code.clone(),
        fact: fact.to_owned(),
        value: value.to_string(),
    }
}

/// Which ISEE counted. Who does not live here and pays a price of their own is told so.
fn isee_use(steps: &[Step], view: &View<'_>) -> IseeUse {
    let stranger = |step: &Step| matches!(step, Step::UnitPrice { why, .. } if why.contains(&Why::NonResident));
    match view.isee_used() {
        Some(used) => used,
        None if steps.iter().any(stranger) => IseeUse::NonResident,
        None => IseeUse::NotNeeded,
    }
}
