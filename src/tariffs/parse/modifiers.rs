//! `[[modifier]]`: what changes the price of components.

use super::Reader;
use super::reader::Section;
use crate::base::Text;
use crate::tariffs::Price;
use crate::tariffs::rule::{Component, Each, Effect, Modifier, Sum};

impl Reader<'_> {
    pub(super) fn modifier(
        &mut self,
        mut section: Section<'_, '_>,
        components: &[Component],
    ) -> Modifier {
        let label = section.needed("label", &mut self.faults);
        section.place = format!("modifier “{label}”");
        let mut on = Vec::new();
        if let Some(list) = section.take("on") {
            let place = section.at("on");
            on = section.texts("on", &mut self.faults);
            let stranger = on
                .iter()
                .find(|code| !components.iter().any(|c| c.code == **code));
            if on.is_empty() || stranger.is_some() {
                let known: Vec<&str> = components.iter().map(|c| c.code.as_str()).collect();
                let text = Text::new("error-rule-modifier-on").with("known", known.join(", "));
                self.faults.add(list.span(), &place, text);
            }
        }
        let when = self.when(&mut section);
        let group = section.text("group", &mut self.faults);
        let percent = section.percent("percent", &mut self.faults);
        let less = self.sum(&mut section, "less");
        let less_of = match &less {
            Some(Sum::Fact(fact)) => Some(fact.clone()),
            _ => None,
        };
        let less = less.map(|less| match less {
            Sum::Fixed(price) => price,
            Sum::Fact(_) => Price::zero(),
        });
        let base = section.word("of", &[("base", ())], &mut self.faults);
        let of_base = section.has("of");
        if base.is_some() && percent.is_none() {
            let text = Text::new("error-rule-of-base");
            self.faults
                .add(section.span.clone(), &section.at("of"), text);
        }
        let effects = [
            percent.map(Effect::Percent),
            less.map(Effect::Less),
            section.price("more", &mut self.faults).map(Effect::More),
            section.price("price", &mut self.faults).map(Effect::Price),
            self.shift(&mut section),
        ];
        let mut effects = effects.into_iter().flatten();
        let effect = match (effects.next(), effects.next()) {
            (Some(effect), None) => effect,
            _ => {
                let text = Text::new("error-rule-effect");
                self.faults.add(section.span.clone(), &section.place, text);
                Effect::Shift(0)
            }
        };
        let each = self.each(&mut section, &effect);
        section.finish(&mut self.faults);
        Modifier {
            label,
            on,
            when,
            effect,
            less_of,
            of_base,
            each,
            group,
        }
    }

    /// `each = "absence_days"`, with `after = 5` from the sixth.
    fn each(&mut self, section: &mut Section<'_, '_>, effect: &Effect) -> Option<Each> {
        let fact = self.number_fact(section, "each");
        let after = section.count("after", &mut self.faults);
        let repeats = matches!(
            effect,
            Effect::Percent(_) | Effect::Less(_) | Effect::More(_)
        );
        let alone = section.has("after") && !section.has("each");
        if alone || (section.has("each") && !repeats) {
            let text = Text::new("error-rule-each");
            self.faults.add(section.span.clone(), &section.place, text);
        }
        Some(Each {
            fact: fact?,
            after: after.unwrap_or(0),
        })
    }

    /// `band = -1`: the next lower band.
    fn shift(&mut self, section: &mut Section<'_, '_>) -> Option<Effect> {
        let value = section.take("band")?;
        let integer = value.get_ref().as_integer();
        let by = integer.and_then(|number| number.as_str().parse::<i32>().ok());
        match by.filter(|by| *by != 0 && by.abs() <= 100) {
            Some(by) => Some(Effect::Shift(by)),
            None => {
                let text = Text::new("error-rule-shift");
                self.faults.add(value.span(), &section.at("band"), text);
                None
            }
        }
    }
}
