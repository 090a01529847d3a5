//! The engine: a rule and facts give an amount that explains itself. Pure, exact.

mod choice;
pub(super) mod instalments;
mod unit_price;

use serde::{Deserialize, Serialize};

use super::explanation::{Explanation, IseeUse, Refusal, Step, Why};
use super::facts::{Facts, Value, View};
use super::price::{Price, TooFine};
use super::rule::{Aid, Component, RoundingPlace, Rule};
use crate::base::{Cents, Error, Text};

pub use instalments::{instalment, instalments};

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
    /// The exact result has more digits than can be kept.
    TooFine,
}

impl From<TooFine> for Unpriced {
    fn from(_: TooFine) -> Unpriced {
        Unpriced::TooFine
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
            Unpriced::TooFine => Text::new("error-tariff-too-fine"),
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
        way.limits()?;
    }
    let mut amount = way.total();
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
        if counted == 0 {
            return Ok(());
        }
        let mut one = self.modified(component)?;
        one = self.prorata(component, one)?;
        let rounding = self.rule.rounding;
        if rounding.at == RoundingPlace::Unit && rounding.whole(one).is_none() {
            let to = rounding.round(one);
            self.steps.push(Step::RoundedUnit { from: one, to });
            one = to.into();
        }
        let quantity = component.most.map_or(counted, |most| most.min(counted));
        let unit = component.unit;
        if quantity < counted {
            let most = quantity;
            self.steps.push(Step::Capped {
                unit,
                counted,
                most,
            });
        }
        let mut gives = one.times(quantity)?;
        self.steps.push(Step::Times {
            unit,
            price: one,
            quantity,
            gives,
        });
        if rounding.at == RoundingPlace::Component && rounding.whole(gives).is_none() {
            let to = rounding.round(gives);
            self.steps.push(Step::RoundedComponent { from: gives, to });
            gives = to.into();
        }
        self.sum = self.sum.plus(gives)?;
        Ok(())
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
        let (mut one, why, modifiers) = self.choose(component)?;
        self.steps.push(Step::UnitPrice {
            component: component.code.clone(),
            label: component.label.clone(),
            unit: component.unit,
            price: one,
            why,
        });
        for (modifier, refused) in modifiers {
            let label = modifier.label.clone();
            if let Some(why) = refused {
                self.steps.push(Step::Refused { label, why });
                continue;
            }
            let effect = modifier.effect;
            let to = effect.on(one)?;
            self.steps.push(Step::Modified {
                label,
                effect,
                from: one,
                to,
            });
            one = to;
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
        let over = self.number(component, &prorata.over)?;
        // More days present than days of opening is a mistake of the facts: the whole is due.
        let to = one.part_of(of.min(over), over)?;
        self.steps.push(Step::Prorata {
            of: (self.view.name(&prorata.of), of.min(over)),
            over: (self.view.name(&prorata.over), over),
            from: one,
            to,
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

    fn limits(&mut self) -> Result<(), Unpriced> {
        let from = self.sum;
        match (self.rule.limits.least, self.rule.limits.most) {
            // Who used nothing owes no minimum.
            (Some(to), _) if Price::zero() < from && from < to => {
                self.steps.push(Step::AtLeast { from, to });
                self.sum = to;
            }
            (_, Some(to)) if to < from => {
                self.steps.push(Step::AtMost { from, to });
                self.sum = to;
            }
            _ => {}
        }
        Ok(())
    }

    fn total(&mut self) -> Cents {
        let from = self.sum;
        let rounding = self.rule.rounding;
        let to = rounding.round(from);
        if Price::from(to) != from {
            self.steps.push(Step::RoundedTotal { from, to });
        }
        to
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
        let mut part = aid.percent.of(amount.into())?;
        if let Some(most) = aid.most {
            part = part.min(most);
        }
        if let Some((each, fact)) = &aid.most_each {
            let units = match self.view.value(fact) {
                Some(Value::Number(number)) => number,
                _ => 0,
            };
            part = part.min(each.times(units)?);
        }
        // Rounded against the family it would pay more than its share.
        let pays = part.round_to(Cents(1), self.rule.rounding.mode).min(amount);
        let left = amount - pays;
        self.steps.push(Step::Aided {
            by: aid.by.clone(),
            pays,
            left,
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
