//! Properties of the engine over rules that are made up of the whole language.

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::tests::{AUTUMN, isee, meals, rule};
use super::*;
use crate::base::Cents;

fn price_text() -> impl Strategy<Value = String> {
    (0_u32..2_000_000).prop_map(|n| format!("{}.{:04}", n / 10_000, n % 10_000))
}

/// An entry that is there or not.
fn perhaps(entry: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    option::weighted(0.25, entry).prop_map(Option::unwrap_or_default)
}

/// A price in the place of a price: one, or a table of its own.
fn node() -> impl Strategy<Value = String> {
    let quoted = || price_text().prop_map(|price| format!("\"{price}\""));
    let table = (quoted(), quoted()).prop_map(|(one, more)| {
        format!("{{ by = \"child_order\", is = {{ \"1\" = {one}, \"2+\" = {more} }} }}")
    });
    prop_oneof![3 => quoted(), 1 => table]
}

/// The bands of the ISEE in one line.
fn bands() -> impl Strategy<Value = String> {
    let band = (
        1_i64..900_000,
        node(),
        price_text(),
        price_text(),
        any::<bool>(),
    );
    (vec(band, 1..5), node(), node()).prop_map(|(bands, top, none)| {
        let mut to = 0;
        let mut text = format!("no_isee = {none}\nbands = [");
        for (wide, inside, first, last, line) in bands {
            to += wide;
            let bound = Cents(to).to_decimal();
            text += &match line {
                true => format!("{{ to = \"{bound}\", line = [\"{first}\", \"{last}\"] }}, "),
                false => format!("{{ to = \"{bound}\", price = {inside} }}, "),
            };
        }
        format!("{text}{{ price = {top} }}]\n")
    })
}

fn base() -> impl Strategy<Value = (String, bool)> {
    let nested = (bands(), node()).prop_map(|(bands, other)| {
        let inside = bands.trim_end().replace('\n', ", ");
        format!("by = [\"resident\", \"child_order\"]\nis = {{ yes = {{ \"1-2\" = {{ {inside} }}, \"3+\" = {other} }}, no = {{ \"1+\" = {other} }} }}\n")
    });
    prop_oneof![
        2 => bands().prop_map(|text| (text, true)),
        1 => nested.prop_map(|text| (text, true)),
        1 => node().prop_map(|node| (format!("price = {node}\n"), false)),
    ]
}

fn component() -> impl Strategy<Value = (String, bool)> {
    let unit = select(vec!["meal", "day", "month", "once"]);
    let cap = prop_oneof![
        price_text().prop_map(|p| format!("at_most = \"{p}\"\n")),
        price_text().prop_map(|p| format!("at_least = \"{p}\"\n")),
        price_text().prop_map(|p| format!("at_most = {{ price = \"{p}\", each = \"meals\" }}\n")),
    ];
    let counts = prop_oneof![
        (0_u32..20).prop_map(|n| format!("after = {n}\n")),
        (1_u32..20).prop_map(|n| format!("most = {n}\n")),
        (1_u32..20, 0_u32..9).prop_map(|(n, m)| format!("after = {m}\nmost = {n}\n")),
    ];
    let abroad = prop_oneof![
        price_text().prop_map(|p| format!("non_resident = \"{p}\"\n")),
        Just("non_resident = \"no_isee\"\n".to_owned()),
    ];
    let part = prop_oneof![
        Just("prorata = { of = \"days_present\", over = \"opening_days\" }\n".to_owned()),
        Just("prorata = { when = { days_present = { to = 9 } }, of = \"days_present\", over = 20 }\n".to_owned()),
    ];
    let rounding = select(vec![
        "at = \"unit\", to = \"1.00\"",
        "at = \"component\", mode = \"up\"",
        "to = \"0.05\"",
    ])
    .prop_map(|how| format!("rounding = {{ {how} }}\n"));
    let more = (
        perhaps(cap),
        perhaps(counts),
        perhaps(abroad),
        perhaps(part),
        perhaps(rounding),
    );
    (unit, base(), more).prop_map(
        |(unit, (base, banded), (cap, counts, abroad, part, rounding))| {
            (
                format!("unit = \"{unit}\"\n{cap}{counts}{abroad}{part}{rounding}{base}"),
                banded,
            )
        },
    )
}

fn modifier() -> impl Strategy<Value = String> {
    let effect = prop_oneof![
        (0_u32..100).prop_map(|n| format!("percent = \"-{n}\"\n")),
        (0_u32..300).prop_map(|n| format!("percent = \"{n}\"\n")),
        (0_u32..100).prop_map(|n| format!("percent = \"-{n}.3333\"\nof = \"base\"\n")),
        (0_u32..9)
            .prop_map(|n| format!("percent = \"-{n}\"\neach = \"absence_days\"\nafter = 5\n")),
        price_text().prop_map(|p| format!("less = \"{p}\"\n")),
        price_text().prop_map(|p| format!("less = \"{p}\"\neach = \"absence_days\"\n")),
        price_text().prop_map(|p| format!("more = \"{p}\"\n")),
        price_text().prop_map(|p| format!("price = \"{p}\"\n")),
        Just("less = \"voucher\"\n".to_owned()),
        Just("band = -1\n".to_owned()),
        Just("band = 1\n".to_owned()),
    ];
    let when = select(vec![
        "",
        "when = { child_order = { from = 2 } }\n",
        "when = { isee = { to = \"9000.00\" } }\n",
        "when = { not = { resident = true, child_order = 1 } }\n",
    ]);
    let group = select(vec!["", "group = \"g\"\n", "group = \"h\"\n"]);
    (effect, when, group).prop_map(|(effect, when, group)| format!("{when}{group}{effect}"))
}

fn rounding() -> impl Strategy<Value = String> {
    let mode = select(vec!["half_up", "half_even", "up", "down"]);
    let place = select(vec!["unit", "component", "total"]);
    let to = select(vec!["0.01", "0.05", "1.00"]);
    (mode, place, to).prop_map(|(mode, at, to)| {
        format!("rounding = {{ mode = \"{mode}\", at = \"{at}\", to = \"{to}\" }}\n")
    })
}

fn aid() -> impl Strategy<Value = String> {
    let entries = prop_oneof![
        (0_u32..=100).prop_map(|n| format!("percent = \"{n}\"\n")),
        price_text().prop_map(|p| format!("at_most = \"{p}\"\n")),
        price_text().prop_map(|p| format!("percent = \"33.3333\"\nat_most = \"{p}\"\n")),
        price_text().prop_map(|p| format!("at_most_each = \"{p}\"\neach = \"days_present\"\n")),
        Just("at_most = \"voucher\"\n".to_owned()),
    ];
    let when = select(vec!["", "when = { isee = { to = \"20000.00\" } }\n"]);
    (entries, when)
        .prop_map(|(entries, when)| format!("[[aid]]\nby = \"Regione\"\n{when}{entries}"))
}

/// Rules by their text: what is not made of the language can't be tried.
fn any_rule() -> impl Strategy<Value = String> {
    let least = perhaps(price_text().prop_map(|p| format!("at_least = \"{p}\"\n")));
    let most = perhaps((200_u32..9000).prop_map(|n| format!("at_most = \"{n}.00\"\n")));
    let rates = perhaps((1_u32..98, any::<bool>()).prop_map(|(n, apart)| {
        let one =
            |due: &str, n: u32| format!("[[instalment]]\ndue = \"{due}\"\npercent = \"{n}\"\n");
        let usual = one("09-30", n) + &one("12-31", 1) + &one("03-31", 99 - n);
        let residents = |part: String| part + "when = { resident = true }\n";
        match apart {
            true => usual + &residents(one("10-31", 100 - n)) + &residents(one("09-30", n)),
            false => usual,
        }
    }));
    let head = (rounding(), least, most);
    (head, vec(component(), 1..4), vec(modifier(), 0..5), vec(aid(), 0..3), rates).prop_map(
        |((rounding, least, most), components, modifiers, aids, rates)| {
            let mut text = format!("name = \"x\"\n{rounding}{least}{most}[[fact]]\ncode = \"voucher\"\nlabel = \"buono\"\nkind = \"amount\"\n");
            let banded = components.iter().any(|(_, banded)| *banded);
            for (number, (entries, _)) in components.iter().enumerate() {
                text += &format!("[[component]]\ncode = \"c{number}\"\n{entries}");
            }
            let fits = |modifier: &&String| banded || !modifier.contains("band = ");
            for (number, entries) in modifiers.iter().filter(fits).enumerate() {
                text += &format!("[[modifier]]\nlabel = \"m{number}\"\n{entries}");
            }
            text + &aids.concat() + &rates
        },
    )
}

/// What a family may bring.
fn any_facts() -> impl Strategy<Value = Facts> {
    let counts = (0_u32..60, 0_u32..25, 0_u32..25, 0_u32..20);
    let family = (
        option::of(0_i64..5_000_000),
        any::<bool>(),
        1_u32..4,
        0_i64..9000,
    );
    (counts, family).prop_map(
        |((eaten, days, opening, absent), (value, resident, order, voucher))| {
            let mut facts = meals(AUTUMN, eaten)
                .with("days_present", days)
                .with("opening_days", opening)
                .with("absence_days", absent)
                .with("resident", resident)
                .with("child_order", order)
                .with_isee(value.and_then(isee));
            let voucher = Value::Amount {
                cents: Cents(voucher),
            };
            facts.values.insert("voucher".to_owned(), voucher);
            facts
        },
    )
}

/// Rules whose price rises with the ISEE, whatever else they do for all families alike.
fn rising_rule() -> impl Strategy<Value = String> {
    let bands = (
        vec((1_i64..900_000, 0_i64..300, any::<bool>()), 1..6),
        0_i64..300,
    );
    let bands = bands.prop_map(|(bands, rise)| {
        let (mut to, mut price) = (0, 0);
        let mut text = String::new();
        for (wide, rise, line) in bands {
            to += wide;
            let first = Cents(price).to_decimal();
            price += rise;
            let (bound, last) = (Cents(to).to_decimal(), Cents(price).to_decimal());
            text += &match line {
                true => format!("{{ to = \"{bound}\", line = [\"{first}\", \"{last}\"] }}, "),
                false => format!("{{ to = \"{bound}\", price = \"{last}\" }}, "),
            };
        }
        let top = Cents(price + rise).to_decimal();
        format!("no_isee = \"{top}\"\nbands = [{text}{{ price = \"{top}\" }}]\n")
    });
    let unit = select(vec!["meal", "month"]);
    let change = prop_oneof![
        (0_u32..100).prop_map(|n| format!("percent = \"-{n}.5\"\n")),
        (0_u32..300).prop_map(|n| format!("percent = \"{n}\"\nof = \"base\"\n")),
        price_text().prop_map(|p| format!("less = \"{p}\"\n")),
        price_text().prop_map(|p| format!("more = \"{p}\"\n")),
    ];
    let limits =
        perhaps((0_u32..50, 50_u32..90).prop_map(|(least, most)| {
            format!("at_least = \"{least}.00\"\nat_most = \"{most}.00\"\n")
        }));
    let aid = perhaps((0_u32..=100, 0_u32..50).prop_map(|(part, most)| {
        format!("[[aid]]\nby = \"Regione\"\npercent = \"{part}\"\nat_most = \"{most}.00\"\n")
    }));
    (
        rounding(),
        limits,
        vec((unit, bands), 1..3),
        vec(change, 0..3),
        aid,
    )
        .prop_map(|(rounding, limits, components, changes, aid)| {
            let mut text = format!("name = \"x\"\n{rounding}{limits}");
            for (number, (unit, bands)) in components.iter().enumerate() {
                text += &format!("[[component]]\ncode = \"c{number}\"\nunit = \"{unit}\"\n{bands}");
            }
            for change in changes {
                text += &format!("[[modifier]]\nlabel = \"m\"\n{change}");
            }
            text + &aid
        })
}

proptest! {
    /// What is kept with a charge gives the charge again, also after a way through JSON; nothing
    /// costs less than nothing, nobody pays more than the whole, and instalments make it.
    #[test]
    fn recomputing_an_explanation_gives_the_amount(text in any_rule(), facts in any_facts()) {
        let rule = rule(&text);
        let told = price(&rule, &facts, Part::Whole).unwrap();
        prop_assert_eq!(told.recompute(), Ok(told.amount), "{}", text);
        prop_assert!(told.amount >= Cents::ZERO && told.aided() >= Cents::ZERO);
        let kept = serde_json::to_string(&told).unwrap();
        let read: Explanation = serde_json::from_str(&kept).unwrap();
        prop_assert_eq!(&read, &told);
        if rule.instalments.is_empty() {
            return Ok(());
        }
        let (mut paid, mut aided) = (Cents::ZERO, Cents::ZERO);
        let own = instalments_for(&rule, &facts);
        for number in 1..=own.len() {
            let part = instalment(&own, told.clone(), number).unwrap();
            prop_assert_eq!(part.recompute(), Ok(part.amount));
            prop_assert!(part.amount >= Cents::ZERO);
            paid += part.amount;
            aided += part.aided();
        }
        prop_assert_eq!((paid, aided), (told.amount, told.aided()));
    }

    /// Of each component and group at most one modifier counts; one does where any holds and gives
    /// something.
    #[test]
    fn of_a_group_one_counts(text in any_rule(), facts in any_facts()) {
        let rule = rule(&text);
        let told = price(&rule, &facts, Part::Whole).unwrap();
        let group = |label: &str| {
            let found = rule.modifiers.iter().find(|m| m.label == label);
            found.and_then(|m| m.group.clone())
        };
        let mut parts: Vec<Vec<&Step>> = Vec::new();
        for step in &told.steps {
            match step {
                Step::UnitPrice { .. } => parts.push(vec![step]),
                _ => parts.iter_mut().rev().take(1).for_each(|part| part.push(step)),
            }
        }
        for part in parts {
            for word in ["g", "h"] {
                let is_of = |label: &str| group(label).as_deref() == Some(word);
                let given = part.iter().filter(|step| matches!(step, Step::Modified { label, .. } if is_of(label))).count();
                let beaten = part.iter().any(|step| {
                    matches!(step, Step::Refused { label, why: Refusal::BetterOne { .. } } if is_of(label))
                });
                prop_assert!(given <= 1, "{}", text);
                prop_assert!(given == 1 || !beaten, "{}", text);
            }
        }
    }

    /// A rule whose price grows with the ISEE never charges the poorer family more.
    #[test]
    fn who_has_less_never_pays_more_where_the_rule_rises(
        text in rising_rule(),
        one in 0_i64..4_000_000,
        other in 0_i64..4_000_000,
        count in 0_u32..40,
    ) {
        let rule = rule(&text);
        let of = |value| price(&rule, &meals(AUTUMN, count).with_isee(isee(value)), Part::Whole).unwrap().amount;
        prop_assert!(of(one.min(other)) <= of(one.max(other)), "{}", text);
    }

    /// Every ISEE is in exactly one band, and the bands touch.
    #[test]
    fn bands_have_no_gap_and_no_overlap(
        mut bounds in btree_set(0_i64..5_000_000, 1..12),
        isee in 0_i64..6_000_000,
    ) {
        bounds.insert(700_000);
        let flat = |n: usize| InBand::Flat(Base::Fixed(Price::from(Cents(n as i64))));
        let below: Vec<_> = bounds.iter().enumerate().map(|(n, to)| (Cents(*to), flat(n))).collect();
        let none = Base::Fixed(Price::zero());
        let bands = IseeBands::new(below, flat(bounds.len()), none).unwrap();
        let (band, inside) = bands.band(bands.place(Cents(isee)));
        prop_assert!(band.has(Cents(isee)));
        if let Some(to) = band.to {
            let (next, _) = bands.band(bands.place(Cents(to.0 + 1)));
            prop_assert_eq!(next.over, Some(to));
        }
        prop_assert_eq!(inside, &flat(bounds.iter().filter(|to| **to < isee).count()));
    }
}
