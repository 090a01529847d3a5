//! What a rule means for days that are charged one by one: those of prepaid services.

use super::bands::{Base, InBand};
use super::price::Price;
use super::rule::{Component, Effect, Rounding, RoundingPlace, Rule};

impl Rule {
    /// Whether days that are charged one by one can add up to something else than the rule gives for
    /// all of them: it rounds a sum, and a day may cost parts of what it rounds to.
    pub fn rounds_days_apart(&self) -> bool {
        let rounding = self.rounding;
        if rounding.at == RoundingPlace::Unit {
            return false;
        }
        let daily = self.components.iter().filter(|c| c.unit.is_daily());
        daily
            .filter(|component| {
                let mut prices = Vec::new();
                let lines = collect(&component.base, &mut prices);
                lines || self.has_parts(component, &prices, rounding)
            })
            .count()
            > 0
    }

    /// Whether a price, or what its modifiers make of it, is not what the rule rounds to.
    fn has_parts(&self, component: &Component, prices: &[Price], rounding: Rounding) -> bool {
        let parts = |price: Price| rounding.whole(price).is_none();
        let effects = self.modifiers.iter().filter(|m| m.concerns(component));
        let mut percents = 0;
        let mut amounts = false;
        for modifier in effects {
            match modifier.effect {
                Effect::Percent(percent) => {
                    percents += 1;
                    let changed = |price: &Price| price.changed_by(percent).is_ok_and(parts);
                    amounts |= prices.iter().any(changed);
                }
                Effect::Less(price) | Effect::More(price) | Effect::Price(price) => {
                    amounts |= parts(price);
                }
                Effect::Shift(_) => {}
            }
        }
        // Percentages of what others changed: nobody knows without trying all.
        let mixed = percents > 0
            && self
                .modifiers
                .iter()
                .filter(|m| m.concerns(component))
                .count()
                > 1;
        prices.iter().any(|price| parts(*price)) || amounts || mixed
    }
}

/// The prices that stand in a base; whether some lie on a line.
fn collect(base: &Base, prices: &mut Vec<Price>) -> bool {
    match base {
        Base::Fixed(price) => {
            prices.push(*price);
            false
        }
        Base::By(table) => {
            let rows = table.rows.iter().map(|(_, inside)| inside);
            let all = rows.chain(table.other.as_deref());
            all.fold(false, |lines, inside| collect(inside, prices) || lines)
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
