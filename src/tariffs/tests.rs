//! Rules of real comuni to the cent, and properties of the engine.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::base::{Cents, Date};

/// Prices the examples of every rule of a folder; each explanation gives its amount. How many rules
/// and examples there are.
fn examples_hold(folder: &str) -> (usize, usize) {
    let folder = format!("{}/examples/{folder}", env!("CARGO_MANIFEST_DIR"));
    let (mut rules, mut cases) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        let rule = check(&source).unwrap_or_else(|faults| panic!("{}: {faults:?}", path.display()));
        rules += 1;
        for case in &rule.cases {
            let told = price(&rule, &case.facts, Part::Whole).unwrap();
            assert_eq!(told.recompute(), Ok(case.expect), "{}", case.what);
            let kept = serde_json::to_string(&told).unwrap();
            assert_eq!(serde_json::from_str::<Explanation>(&kept).unwrap(), told);
            cases += 1;
        }
    }
    (rules, cases)
}

#[test]
fn the_rules_of_real_comuni_give_what_was_published() {
    let (rules, cases) = examples_hold("tariffs");
    assert!(rules >= 21 && cases >= 80, "{rules} rules, {cases} cases");
}

#[test]
fn every_part_of_the_language_has_an_example_that_holds() {
    let (rules, cases) = examples_hold("language");
    assert!(rules >= 10 && cases >= 25, "{rules} rules, {cases} cases");
}

/// The collection of published cases, where it is at hand.
#[test]
fn the_published_cases_hold() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../shared/data/tariff_cases.json"
    );
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: {path} is not there");
        return;
    };
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    for comune in all["comuni"].as_array().unwrap() {
        let id = comune["id"].as_str().unwrap();
        let file = format!("{}/examples/tariffs/{id}.toml", env!("CARGO_MANIFEST_DIR"));
        let rule = check(&std::fs::read_to_string(file).unwrap()).unwrap();
        for quote in quote(&rule, &comune["cases"].to_string()).unwrap() {
            assert!(quote.holds, "{}: {}", quote.id, quote.amount_cents);
        }
    }
}

fn rule(text: &str) -> Rule {
    check(text).unwrap_or_else(|faults| panic!("{faults:?}\n{text}"))
}

fn isee(value: i64) -> Option<IseeFact> {
    Some(IseeFact {
        value: Cents(value),
        protocol: "INPS-ISEE-2026-00000001X-00".to_owned(),
        valid_from: date(2026, 1, 15),
        valid_to: date(2026, 12, 31),
    })
}

fn meals(day: Date, count: u32) -> Facts {
    Facts::on(day).with("meals", count)
}

const AUTUMN: Date = Date::constant(2026, 11, 3);

const MEALS: &str = r#"
name = "Mensa"
[[component]]
code = "meal"
unit = "meal"
no_isee = "4.50"
non_resident = "5.00"
bands = [{ to = "6000.00", price = "2.00" }, { to = "9360.00", price = "3.50" }, { price = "4.50" }]
"#;

#[test]
fn the_isee_counts_while_it_is_valid_and_says_why_when_not() {
    let rule = rule(MEALS);
    let priced = |value: Option<i64>, resident: bool, day| {
        let facts = meals(day, 1).with("resident", resident);
        let told = price(&rule, &facts.with_isee(value.and_then(isee)), Part::Day).unwrap();
        (told.amount, told.isee)
    };
    let (amount, used) = priced(Some(936_000), true, AUTUMN);
    assert_eq!(amount, Cents(350));
    assert!(matches!(used, IseeUse::Used(_)));
    let (amount, stale) = priced(Some(936_000), true, date(2027, 1, 7));
    assert_eq!(amount, Cents(450));
    assert!(matches!(stale, IseeUse::NotValid(_)));
    assert_eq!(priced(None, true, AUTUMN), (Cents(450), IseeUse::Missing));
    let stranger = priced(Some(300_000), false, AUTUMN);
    assert_eq!(stranger, (Cents(500), IseeUse::NonResident));
}

#[test]
fn rounding_happens_where_the_rule_says() {
    let priced = |rounding: &str, count| {
        let text = format!(
            "name = \"x\"\nrounding = {{ {rounding} }}\n[[component]]\ncode = \"a\"\nunit = \"meal\"\nprice = \"5.335\"\n[[component]]\ncode = \"b\"\nunit = \"meal\"\nprice = \"0.001\"\n"
        );
        price(&rule(&text), &meals(AUTUMN, count), Part::Whole)
            .unwrap()
            .amount
    };
    assert_eq!(priced("at = \"unit\"", 10), Cents(5340));
    assert_eq!(priced("at = \"total\"", 10), Cents(5336));
    assert_eq!(priced("at = \"component\", mode = \"up\"", 10), Cents(5336));
    assert_eq!(priced("at = \"total\", to = \"0.05\"", 10), Cents(5335));
    assert_eq!(
        priced("at = \"total\", to = \"1.00\", mode = \"down\"", 10),
        Cents(5300)
    );
}

#[test]
fn a_day_and_a_period_make_the_whole() {
    let rule = rule(
        "name = \"x\"\n[[component]]\ncode = \"fixed\"\nunit = \"month\"\nprice = \"25.00\"\n[[component]]\ncode = \"meal\"\nunit = \"meal\"\nprice = \"2.80\"\n",
    );
    let facts = meals(AUTUMN, 17);
    let of = |part| price(&rule, &facts, part).unwrap().amount;
    assert_eq!(of(Part::Day), Cents(4760));
    assert_eq!(of(Part::Period), Cents(2500));
    assert_eq!(of(Part::Whole), Cents(7260));
}

#[test]
fn of_discounts_that_do_not_add_up_the_best_counts() {
    let rule = rule(
        r#"
        name = "x"
        [[component]]
        code = "meal"
        unit = "meal"
        price = "4.00"
        [[modifier]]
        label = "secondo figlio"
        when = { child_order = { from = 2 } }
        percent = "-25"
        group = "sconti"
        [[modifier]]
        label = "disabilità"
        when = { disability = true }
        less = "1.50"
        group = "sconti"
        "#,
    );
    let facts = meals(AUTUMN, 1).with("child_order", 2);
    let of = |facts: &Facts| price(&rule, facts, Part::Day).unwrap();
    assert_eq!(of(&facts).amount, Cents(300));
    let both = of(&facts.with("disability", true));
    assert_eq!(both.amount, Cents(250));
    let better = |step: &Step| matches!(step, Step::Refused { label, why: Refusal::BetterOne { .. } } if label == "secondo figlio");
    assert!(both.steps.iter().any(better), "{:?}", both.steps);
}

/// The winner of a group is chosen once, on the price before the group.
#[test]
fn one_of_a_group_counts_whatever_stands_between_them() {
    let head = "name = \"x\"\n[[component]]\ncode = \"fee\"\nunit = \"month\"\n";
    let modifier =
        |label: &str, effect: &str| format!("[[modifier]]\nlabel = \"{label}\"\n{effect}\n");
    let cost = |base: &str, modifiers: &[(&str, &str)], value: Option<i64>| {
        let mut text = format!("{head}{base}\n");
        for (label, effect) in modifiers {
            text += &modifier(label, effect);
        }
        let told = price(
            &rule(&text),
            &Facts::on(AUTUMN).with_isee(value.and_then(isee)),
            Part::Whole,
        );
        told.unwrap().amount
    };
    let (third, euro) = (
        ("percent", "percent = \"-25\"\ngroup = \"g\""),
        ("less", "less = \"1.00\"\ngroup = \"g\""),
    );
    let more = ("more", "more = \"2.00\"");
    assert_eq!(cost("price = \"4.50\"", &[third, euro], None), Cents(338));
    assert_eq!(cost("price = \"3.90\"", &[third, euro], None), Cents(290));
    assert_eq!(
        cost("price = \"3.90\"", &[third, more, euro], None),
        Cents(490)
    );
    assert_eq!(
        cost("price = \"4.50\"", &[euro, more, third], None),
        Cents(488)
    );
    let bands = "no_isee = \"100.00\"\nbands = [{ to = \"5000.00\", price = \"50.00\" }, { price = \"100.00\" }]";
    let band = ("band", "band = -1\ngroup = \"g\"");
    let tenth = ("tenth", "percent = \"-10\"\ngroup = \"g\"");
    let most = ("most", "percent = \"-60\"\ngroup = \"g\"");
    for (modifiers, value, amount) in [
        ([band, tenth], Some(900_000), 5000),
        ([tenth, band], Some(900_000), 5000),
        ([band, most], Some(900_000), 4000),
        // In the lowest band, or without one, the shift gives nothing.
        ([band, tenth], Some(400_000), 4500),
        ([band, tenth], None, 9000),
    ] {
        assert_eq!(
            cost(bands, &modifiers, value),
            Cents(amount),
            "{modifiers:?}"
        );
    }
    let half = ("half", "percent = \"-50\"");
    // The shift is priced with what stands before its group.
    assert_eq!(cost(bands, &[half, band, most], Some(900_000)), Cents(2000));
    assert_eq!(
        cost(bands, &[half, band, tenth], Some(900_000)),
        Cents(2500)
    );
}

#[test]
fn an_isee_that_only_a_condition_reads_is_named() {
    let rule = rule(
        r#"
        name = "x"
        [[component]]
        code = "meal"
        unit = "meal"
        price = "4.00"
        [[modifier]]
        label = "ISEE basso"
        when = { isee = { to = "5000.00" } }
        less = "1.00"
        "#,
    );
    let told = |value: Option<i64>, day| {
        let facts = meals(day, 1).with_isee(value.and_then(isee));
        price(&rule, &facts, Part::Day).unwrap().isee
    };
    for value in [400_000, 900_000] {
        assert!(
            matches!(told(Some(value), AUTUMN), IseeUse::Used(used) if used.value == Cents(value))
        );
    }
    assert_eq!(told(None, AUTUMN), IseeUse::Missing);
    assert!(matches!(
        told(Some(400_000), date(2027, 1, 7)),
        IseeUse::NotValid(_)
    ));
}

#[test]
fn caps_limits_and_aid_hold() {
    let rule = rule(
        r#"
        name = "x"
        at_most = "70.00"
        at_least = "10.00"
        [[component]]
        code = "day"
        unit = "day"
        price = "5.00"
        most = 15
        [[aid]]
        by = "Regione"
        when = { isee = { to = "20000.00" } }
        percent = "50"
        at_most = "30.00"
        [[aid]]
        by = "INPS"
        when = { isee = "valid" }
        at_most_each = "1.00"
        each = "days_present"
        "#,
    );
    let of = |days: u32, value| {
        let facts = Facts::on(AUTUMN)
            .with("days_present", days)
            .with_isee(value);
        let told = price(&rule, &facts, Part::Whole).unwrap();
        assert_eq!(told.recompute(), Ok(told.amount));
        (told.amount, told.aided())
    };
    assert_eq!(of(20, None), (Cents(7000), Cents(0)));
    assert_eq!(of(1, None), (Cents(1000), Cents(0)));
    assert_eq!(of(0, None), (Cents(0), Cents(0)));
    assert_eq!(of(20, isee(2_500_000)), (Cents(5000), Cents(2000)));
    // 70: half is 35, the region pays 30 at most; of the 40 left INPS pays a euro a day.
    assert_eq!(of(20, isee(1_000_000)), (Cents(2000), Cents(5000)));
}

#[test]
fn what_nobody_knows_is_no_guess() {
    let rule = rule(
        "name = \"x\"\n[[component]]\ncode = \"year\"\nunit = \"year\"\nby = \"trip\"\nis = { both = \"160.00\" }\n",
    );
    let missing = price(&rule, &Facts::on(AUTUMN), Part::Whole);
    assert!(
        matches!(missing, Err(Unpriced::Missing { .. })),
        "{missing:?}"
    );
    let other = price(&rule, &Facts::on(AUTUMN).with("trip", "none"), Part::Whole);
    assert!(matches!(other, Err(Unpriced::NoRow { .. })), "{other:?}");
}

#[test]
fn amounts_that_nobody_owes_are_refused_not_wrapped() {
    let modifier = "[[modifier]]\nlabel = \"x\"\npercent = \"-33.3331\"\n";
    let text = format!(
        "name = \"x\"\n[[component]]\ncode = \"a\"\nunit = \"meal\"\nprice = \"99999.999999\"\n{}",
        modifier.repeat(50)
    );
    let told = price(&rule(&text), &meals(AUTUMN, u32::MAX), Part::Whole);
    // Rounded at the unit, so small a price is nothing.
    assert_eq!(told.map(|told| told.amount), Ok(Cents(0)));
    let dear = format!(
        "name = \"x\"\n[[component]]\ncode = \"a\"\nunit = \"meal\"\nprice = \"99999\"\n{}",
        "[[modifier]]\nlabel = \"x\"\npercent = \"1000\"\n".repeat(30)
    );
    let told = price(&rule(&dear), &meals(AUTUMN, 1), Part::Whole);
    assert_eq!(told, Err(Unpriced::TooLarge));
}

/// Percentages with four decimals on a line, a part of a month, the whole rounded to five cents: more
/// digits than 128 bits hold.
#[test]
fn a_fine_grained_rule_is_computed_exactly() {
    let rule = rule(
        r#"
        name = "x"
        rounding = { at = "total", to = "0.05" }
        [[component]]
        code = "fee"
        unit = "month"
        no_isee = "480.00"
        bands = [{ to = "34999.99", line = ["90.00", "483.37"] }, { price = "480.00" }]
        prorata = { of = "days_present", over = "opening_days" }
        [[modifier]]
        label = "un terzo"
        percent = "-33.3333"
        [[modifier]]
        label = "fratelli"
        percent = "-12.5375"
        [[modifier]]
        label = "istat"
        percent = "1.9871"
        [[modifier]]
        label = "comune"
        percent = "-7.7777"
        [[aid]]
        by = "Regione"
        percent = "33.3333"
        "#,
    );
    let facts = Facts::on(AUTUMN)
        .with("days_present", 13)
        .with("opening_days", 21)
        .with_isee(isee(1_777_777));
    let told = price(&rule, &facts, Part::Whole).unwrap();
    // 289.8069… less a third, an eighth, more two, less eight, of it 13 twenty-firsts: 98.40 euros,
    // of which the region pays 32.80.
    assert_eq!((told.amount, told.aided()), (Cents(6560), Cents(3280)));
    assert_eq!(told.recompute(), Ok(told.amount));
    let none = facts.with("opening_days", 0).with("days_present", 0);
    let told = price(&rule, &none, Part::Whole).unwrap();
    assert_eq!((told.amount, told.recompute()), (Cents(0), Ok(Cents(0))));
}

#[test]
fn an_explanation_that_was_tampered_with_does_not_recompute() {
    let rule = rule(MEALS);
    let facts = meals(AUTUMN, 1).with_isee(isee(700_000));
    let good = price(&rule, &facts, Part::Day).unwrap();
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

/// Rules by their text: what is not made of the language can't be tried.
fn any_rule() -> impl Strategy<Value = String> {
    let price = || (0_u32..2_000_000).prop_map(|n| format!("{}.{:04}", n / 10_000, n % 10_000));
    let band = (1_i64..900_000, price(), price(), any::<bool>());
    let bands = proptest::collection::vec(band, 1..5).prop_flat_map(move |bands| {
        (Just(bands), price(), price()).prop_map(|(bands, top, none)| {
            let mut to = 0;
            let mut text = format!("no_isee = \"{none}\"\nbands = [\n");
            for (wide, one, two, line) in bands {
                to += wide;
                let bound = Cents(to).to_decimal();
                let inside = if line {
                    format!("line = [\"{one}\", \"{two}\"]")
                } else {
                    format!("price = \"{one}\"")
                };
                text += &format!("  {{ to = \"{bound}\", {inside} }},\n");
            }
            text + &format!("  {{ price = \"{top}\" }},\n]\n")
        })
    });
    let table = (price(), price()).prop_map(|(one, other)| {
        format!("by = \"child_order\"\nis = {{ \"1\" = \"{one}\", \"2+\" = \"{other}\" }}\n")
    });
    let base = prop_oneof![
        bands,
        table,
        price().prop_map(|p| format!("price = \"{p}\"\n"))
    ];
    let unit = prop_oneof![Just("meal"), Just("month"), Just("once")];
    let components = proptest::collection::vec((unit, base), 1..4);
    let effect = prop_oneof![
        (0_u32..100).prop_map(|n| format!("percent = \"-{n}\"")),
        (0_u32..300).prop_map(|n| format!("percent = \"{n}\"")),
        price().prop_map(|p| format!("less = \"{p}\"")),
        price().prop_map(|p| format!("price = \"{p}\"")),
        Just("band = -1".to_owned()),
    ];
    let modifiers = proptest::collection::vec((effect, any::<bool>(), any::<bool>()), 0..4);
    let mode = prop_oneof![Just("half_up"), Just("half_even"), Just("up"), Just("down")];
    let place = prop_oneof![Just("unit"), Just("component"), Just("total")];
    let to = prop_oneof![Just("0.01"), Just("0.05"), Just("1.00")];
    (components, modifiers, mode, place, to).prop_map(|(components, modifiers, mode, at, to)| {
        let mut text = format!(
            "name = \"x\"\nrounding = {{ mode = \"{mode}\", at = \"{at}\", to = \"{to}\" }}\n"
        );
        for (number, (unit, base)) in components.iter().enumerate() {
            text += &format!("[[component]]\ncode = \"c{number}\"\nunit = \"{unit}\"\n{base}");
        }
        for (number, (effect, always, group)) in modifiers.into_iter().enumerate() {
            let when = if always {
                ""
            } else {
                "when = { child_order = { from = 2 } }\n"
            };
            let group = if group { "group = \"g\"\n" } else { "" };
            text += &format!("[[modifier]]\nlabel = \"m{number}\"\n{when}{group}{effect}\n");
        }
        text
    })
}

proptest! {
    /// What is kept with a charge gives the charge again, also after a way through JSON; nothing
    /// costs less than nothing.
    #[test]
    fn recomputing_an_explanation_gives_the_amount(
        text in any_rule(),
        value in proptest::option::of(0_i64..5_000_000),
        order in 1_u32..4,
        count in 0_u32..400,
    ) {
        let facts = meals(AUTUMN, count).with("child_order", order).with_isee(value.and_then(isee));
        let told = price(&rule(&text), &facts, Part::Whole).unwrap();
        prop_assert_eq!(told.recompute(), Ok(told.amount), "{}", text);
        prop_assert!(told.amount >= Cents::ZERO);
        let kept = serde_json::to_string(&told).unwrap();
        let read: Explanation = serde_json::from_str(&kept).unwrap();
        prop_assert_eq!(read, told);
    }

    /// Of each component and group at most one modifier counts; one does where any holds and gives
    /// something.
    #[test]
    fn of_a_group_one_counts(
        text in any_rule(),
        value in proptest::option::of(0_i64..5_000_000),
        order in 1_u32..4,
    ) {
        let rule = rule(&text);
        let facts = meals(AUTUMN, 3).with("child_order", order).with_isee(value.and_then(isee));
        let told = price(&rule, &facts, Part::Whole).unwrap();
        let grouped = |label: &str| rule.modifiers.iter().any(|m| m.label == label && m.group.is_some());
        let starts = told.steps.iter().enumerate().filter(|(_, step)| matches!(step, Step::UnitPrice { .. }));
        let starts: Vec<usize> = starts.map(|(at, _)| at).collect();
        for (number, start) in starts.iter().enumerate() {
            let end = starts.get(number + 1).copied().unwrap_or(told.steps.len());
            let (mut given, mut beaten) = (0, 0);
            for step in &told.steps[*start..end] {
                match step {
                    Step::Modified { label, .. } if grouped(label) => given += 1,
                    Step::Refused { label, why: Refusal::BetterOne { .. } } if grouped(label) => beaten += 1,
                    Step::Refused { label, why: Refusal::NotMet(_) | Refusal::NoBand } if grouped(label) => {}
                    _ => {}
                }
            }
            let holds = given + beaten > 0;
            prop_assert_eq!(given, usize::from(holds), "{}", text);
        }
    }

    /// A rule whose price grows with the ISEE never charges the poorer family more.
    #[test]
    fn who_has_less_never_pays_more_where_the_rule_is_monotone(one in 0_i64..4_000_000, other in 0_i64..4_000_000) {
        let rule = rule(include_str!("../../examples/tariffs/lucca-mensa.toml"));
        let of = |value| price(&rule, &meals(AUTUMN, 20).with_isee(isee(value)), Part::Whole).unwrap().amount;
        prop_assert!(of(one.min(other)) <= of(one.max(other)));
    }

    /// Every ISEE is in exactly one band, and the bands touch.
    #[test]
    fn bands_have_no_gap_and_no_overlap(
        mut bounds in proptest::collection::btree_set(0_i64..5_000_000, 1..12),
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
