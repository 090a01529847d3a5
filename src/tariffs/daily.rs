//! What a rule means for days that are charged one by one: those of prepaid services.

use super::bands::{Base, InBand};
use super::price::Price;
use super::rule::{Component, Effect, Rounding, RoundingPlace, Rule};

impl Rule {
    /// Whether days that are charged one by one can add up to something else than the rule gives for
    /// all of them: it rounds a sum, and a day may cost parts of what it rounds to.
    pub fn rounds_days_apart(&self) -> bool {
        let daily = self.components.iter().filter(|c| c.unit.is_daily());
        daily.into_iter().any(|component| {
            let rounding = component.rounding.unwrap_or(self.rounding);
            let mut prices = Vec::new();
            let lines = collect(&component.base, &mut prices);
            let parts = || self.has_parts(component, &prices, rounding);
            rounding.at != RoundingPlace::Unit && (lines || parts())
        })
    }

    /// Whether a price, or what its modifiers make of it, is not what the rule rounds to.
    fn has_parts(&self, component: &Component, prices: &[Price], rounding: Rounding) -> bool {
        let parts = |price: &Price| rounding.round(price).map(Price::from).as_ref() != Ok(price);
        let modifiers = || self.modifiers.iter().filter(|m| m.concerns(component));
        let percents = modifiers().any(|m| matches!(m.effect, Effect::Percent(_)));
        // Percentages of what others changed: nobody knows without trying all.
        if percents && modifiers().count() > 1 {
            return true;
        }
        prices.iter().any(parts)
            || modifiers().any(|modifier| match &modifier.effect {
                Effect::Percent(percent) => {
                    let changed = |price: &Price| parts(&price.changed_by(*percent));
                    modifier.each.is_some() || prices.iter().any(changed)
                }
                Effect::Less(price) | Effect::More(price) | Effect::Price(price) => parts(price),
                Effect::Shift(_) => false,
            })
    }
}

/// The prices that stand in a base; whether some lie on a line.
fn collect(base: &Base, prices: &mut Vec<Price>) -> bool {
    match base {
        Base::Fixed(price) => {
            prices.push(price.clone());
            false
        }
        Base::By(table) => {
            let rows = table.rows.iter().map(|(_, inside)| inside);
            let all = rows.chain(table.other.as_deref());
            let lines: Vec<bool> = all.map(|inside| collect(inside, prices)).collect();
            lines.contains(&true)
        }
        Base::Isee(bands) => {
            let mut lines = collect(&bands.no_isee, prices);
            for place in 0.. {
                let (band, inside) = bands.band(place);
                lines |= match inside {
                    InBand::Flat(inside) => collect(inside, prices),
                    InBand::Line(_) => true,
                };
                if band.to.is_none() {
                    break;
                }
            }
            lines
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::tariffs::parse;

    #[test]
    fn a_rule_says_whether_days_add_up_to_its_sums() {
        let rule = |rounding: &str, price: &str, rest: &str| {
            let text = format!(
                "name = \"Mensa\"\nrounding = {{ at = \"{rounding}\" }}\n[[component]]\ncode = \"meal\"\nunit = \"meal\"\n{price}\n{rest}"
            );
            parse(&text).unwrap().rounds_days_apart()
        };
        let third =
            "[[modifier]]\nlabel = \"terzo\"\nwhen = { child_order = 3 }\npercent = \"-33\"\n";
        let half = third.replace("-33", "-50");
        let line = "no_isee = \"5.00\"\nbands = [{ to = \"9000.00\", from = \"0.00\", line = [\"2.00\", \"5.00\"] }, { price = \"5.00\" }]";
        for (rounding, price, rest, apart) in [
            ("unit", "price = \"5.331\"", "", false),
            ("total", "price = \"5.331\"", "", true),
            ("component", "price = \"5.331\"", "", true),
            ("total", "price = \"5.33\"", "", false),
            ("total", line, "", true),
            ("total", "price = \"5.33\"", third, true),
            ("total", "price = \"5.32\"", &half, false),
            (
                "total",
                "by = \"grade\"\nis = { primaria = \"5.001\" }",
                "",
                true,
            ),
        ] {
            assert_eq!(
                rule(rounding, price, rest),
                apart,
                "{rounding} {price} {rest}"
            );
        }
    }
}
