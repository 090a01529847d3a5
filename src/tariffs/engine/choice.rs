//! Which of the modifiers of a component count. Modifiers of one group do not add up: the one that
//! is best for the family is chosen once, on the price that stands before the group.

use super::{Unpriced, Way};
use crate::tariffs::explanation::{Counted, Refusal, Why};
use crate::tariffs::price::Price;
use crate::tariffs::rule::{Component, Effect, Modifier};

/// What is decided about the modifiers of a component.
pub(super) struct Choice<'w, 'r> {
    way: &'w Way<'r>,
    component: &'r Component,
    /// How many bands away from that of the ISEE.
    shift: i32,
    /// The price of one before anything changes it but the shift.
    base: Price,
    /// Where it stands in the rule.
    why: Vec<Why>,
    /// Those that concern the component, in the order of the file.
    modifiers: Vec<&'r Modifier>,
    /// What is decided of each; nothing yet for those that come later.
    verdicts: Vec<Option<Verdict>>,
}

/// What a modifier does to a price of the facts.
pub(super) struct Given {
    pub(super) effect: Effect,
    /// The price of which it is a percentage, where that is not the one before.
    pub(super) of: Option<Price>,
    /// What it is given for, as many times.
    pub(super) each: Option<Counted>,
}

impl Given {
    fn on(&self, price: &Price) -> Price {
        let times = self.each.as_ref().map_or(1, Counted::times);
        self.effect.on(price, self.of.as_ref(), times)
    }
}

/// Whether a modifier counts.
#[derive(Clone)]
enum Verdict {
    Given,
    Refused(Refusal),
}

/// The price of one before modifiers and where it stands, then each modifier that concerns the
/// component, with the reason where it does not count.
pub(super) type Chosen<'r> = (Price, Vec<Why>, Vec<(&'r Modifier, Option<Refusal>)>);

impl<'r> Way<'r> {
    /// What a modifier does here; `base` is the price before any modifier.
    pub(super) fn given(
        &self,
        component: &Component,
        modifier: &Modifier,
        base: &Price,
    ) -> Result<Given, Unpriced> {
        let effect = match &modifier.less_of {
            Some(fact) => Effect::Less(self.recorded(fact)),
            None => modifier.effect.clone(),
        };
        let each = match &modifier.each {
            Some(each) => Some(Counted {
                fact: self.view.name(&each.fact),
                count: self.number(component, &each.fact)?,
                after: each.after,
            }),
            None => None,
        };
        let of = modifier.of_base.then(|| base.clone());
        Ok(Given { effect, of, each })
    }

    /// Decides about the modifiers of a component.
    pub(super) fn choose(&self, component: &'r Component) -> Result<Chosen<'r>, Unpriced> {
        let (base, why) = self.unit_price(component, 0)?;
        let modifiers = self.rule.modifiers.iter();
        let modifiers: Vec<&Modifier> = modifiers.filter(|m| m.concerns(component)).collect();
        let mut choice = Choice {
            way: self,
            component,
            shift: 0,
            base,
            why,
            verdicts: vec![None; modifiers.len()],
            modifiers,
        };
        choice.conditions()?;
        choice.shifts()?;
        choice.rest()?;
        let verdicts = choice.verdicts.into_iter().map(|verdict| match verdict {
            Some(Verdict::Refused(why)) => Some(why),
            Some(Verdict::Given) | None => None,
        });
        let modifiers = choice.modifiers.into_iter().zip(verdicts).collect();
        Ok((choice.base, choice.why, modifiers))
    }
}

impl Choice<'_, '_> {
    fn refuse(&mut self, place: usize, why: Refusal) {
        self.verdicts[place] = Some(Verdict::Refused(why));
    }

    /// Those whose condition does not hold, and those for which nothing is counted.
    fn conditions(&mut self) -> Result<(), Unpriced> {
        for place in 0..self.modifiers.len() {
            let modifier = self.modifiers[place];
            if let Some(not_met) = modifier.when.fails(self.way.view) {
                self.refuse(place, Refusal::NotMet(not_met));
            } else if modifier.each.is_some()
                && let Some(each) = self.given(modifier, &self.base)?.each
                && each.times() == 0
            {
                self.refuse(place, Refusal::NoneCounted(each));
            }
        }
        Ok(())
    }

    fn given(&self, modifier: &Modifier, base: &Price) -> Result<Given, Unpriced> {
        self.way.given(self.component, modifier, base)
    }

    /// Changes of band outside of any group: they change the base of everything else.
    fn shifts(&mut self) -> Result<(), Unpriced> {
        for place in 0..self.modifiers.len() {
            let Modifier { effect, group, .. } = self.modifiers[place];
            if let (Effect::Shift(by), None, None) = (effect, group, &self.verdicts[place]) {
                match self.shifted(*by)? {
                    Some(there) => {
                        self.shift(*by, there);
                        self.verdicts[place] = Some(Verdict::Given);
                    }
                    None => self.refuse(place, Refusal::NoBand),
                }
            }
        }
        Ok(())
    }

    /// Everything else, in the order of the file; a group where its first one stands.
    fn rest(&mut self) -> Result<(), Unpriced> {
        for place in 0..self.modifiers.len() {
            if self.verdicts[place].is_none() {
                match &self.modifiers[place].group {
                    None => self.verdicts[place] = Some(Verdict::Given),
                    Some(group) => self.group(group, place)?,
                }
            }
        }
        Ok(())
    }

    /// Of the members of a group that hold and give something the one with the lowest price; of
    /// several that are equally good, the first of the file.
    fn group(&mut self, group: &str, first: usize) -> Result<(), Unpriced> {
        let before = self.price_before(first, &self.base)?;
        let mut best: Option<(Price, usize)> = None;
        for place in first..self.modifiers.len() {
            let modifier = self.modifiers[place];
            if self.verdicts[place].is_some() || modifier.group.as_deref() != Some(group) {
                continue;
            }
            let gives = match &modifier.effect {
                Effect::Shift(by) => match self.shifted(*by)? {
                    Some((base, _)) => self.price_before(first, &base)?,
                    None => {
                        self.refuse(place, Refusal::NoBand);
                        continue;
                    }
                },
                _ => self.given(modifier, &self.base)?.on(&before),
            };
            self.refuse(
                place,
                Refusal::BetterOne {
                    label: String::new(),
                },
            );
            if best.as_ref().is_none_or(|(price, _)| gives < *price) {
                best = Some((gives, place));
            }
        }
        let Some((_, winner)) = best else {
            return Ok(());
        };
        let better = &self.modifiers[winner].label;
        for place in first..self.modifiers.len() {
            if self.modifiers[place].group.as_deref() == Some(group)
                && let Some(Verdict::Refused(Refusal::BetterOne { label })) =
                    &mut self.verdicts[place]
            {
                label.clone_from(better);
            }
        }
        self.verdicts[winner] = Some(Verdict::Given);
        if let Effect::Shift(by) = self.modifiers[winner].effect
            && let Some(there) = self.shifted(by)?
        {
            self.shift(by, there);
        }
        Ok(())
    }

    /// The price that a modifier finds: the base with all that is given before it.
    fn price_before(&self, place: usize, base: &Price) -> Result<Price, Unpriced> {
        let mut one = base.clone();
        for (modifier, verdict) in self.modifiers.iter().zip(&self.verdicts).take(place) {
            if let Some(Verdict::Given) = verdict {
                one = self.given(modifier, base)?.on(&one);
            }
        }
        Ok(one)
    }

    /// The base so many bands further; none where that is the same band, or where there are none.
    fn shifted(&self, by: i32) -> Result<Option<(Price, Vec<Why>)>, Unpriced> {
        let there = self.way.unit_price(self.component, self.shift + by)?;
        let other = bands(&there.1) != bands(&self.why);
        Ok(other.then_some(there))
    }

    fn shift(&mut self, by: i32, (base, why): (Price, Vec<Why>)) {
        self.shift += by;
        self.base = base;
        self.why = why;
    }
}

/// The bands whose prices hold: each that of the ISEE, or the one that a shift leads to.
fn bands(why: &[Why]) -> Vec<crate::tariffs::bands::Band> {
    let mut all = Vec::new();
    for why in why {
        match why {
            Why::Band(band) => all.push(*band),
            Why::Shifted { band, .. } => {
                all.pop();
                all.push(*band);
            }
            _ => {}
        }
    }
    all
}
