use proptest::prelude::*;

use super::*;
use crate::isee::parse::parse;
use crate::isee::policies::PUBLISHED;

fn policy(name: &str) -> Policy {
    let found = PUBLISHED.iter().find(|(slug, _)| *slug == name);
    parse(found.unwrap_or_else(|| panic!("no {name}")).1).unwrap()
}

/// Valid from the DSU's day to 31 December, as most are.
fn lodged(kind: IseeKind, lodged_on: Date, dsu: Date) -> Lodged {
    Lodged {
        kind,
        omissions: false,
        lodged_on,
        own_from: dsu,
        own_to: date(dsu.year(), 12, 31),
    }
}

fn period(name: &str, lodged_on: Date, dsu: Date) -> Result<(Date, Date), &'static str> {
    let isee = lodged(IseeKind::Minorenni, lodged_on, dsu);
    match policy(name).counting(&isee) {
        Ok(counting) => Ok((counting.from, counting.to)),
        Err(text) => Err(text.key),
    }
}

/// The dated cases of the collection of published rules: comune, the day in question, first and
/// last day.
const CASES: &[(&str, Date, Date, Option<Date>)] = &[
    ("lissone", date(2025, 11, 15), date(2025, 11, 1), None),
    ("lissone", date(2025, 11, 16), date(2025, 12, 1), None),
    ("lissone", date(2025, 9, 30), date(2025, 9, 1), None),
    ("fabriano", date(2025, 1, 31), date(2025, 1, 1), None),
    ("fabriano", date(2025, 2, 1), date(2025, 3, 1), None),
    (
        "cinisello-balsamo",
        date(2025, 1, 24),
        date(2025, 1, 1),
        Some(date(2026, 8, 31)),
    ),
    ("poggibonsi", date(2023, 2, 10), date(2023, 3, 1), None),
];

#[test]
fn the_published_cases_hold() {
    for (name, day, from, to) in CASES {
        let found = period(name, *day, *day).unwrap();
        assert_eq!(found.0, *from, "{name} {day}");
        if let Some(to) = to {
            assert_eq!(found.1, *to, "{name} {day}");
        }
    }
}

/// The same out of the collection itself, so that none is left out.
#[test]
fn the_cases_of_the_collection_hold() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = root.join("../shared/data/policy_cases.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        println!("skipped: {} is missing", file.display());
        return;
    };
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let isee = all.as_array().unwrap().iter().find(|g| g["id"] == "isee");
    let cases = isee.unwrap()["cases"].as_array().unwrap();
    assert!(cases.len() >= CASES.len());
    for case in cases {
        let comune = case["comune"].as_str().unwrap().to_lowercase();
        let known = PUBLISHED.iter().find(|(slug, _)| slug.starts_with(&comune));
        let (slug, _) = known.unwrap_or_else(|| panic!("no rule of {comune}"));
        let input = case["input"].as_object().unwrap().values().next().unwrap();
        let day: Date = input.as_str().unwrap().parse().unwrap();
        let (from, to) = period(slug, day, day).unwrap();
        assert_eq!(case["expected_from"], from.to_string(), "{case}");
        if let Some(until) = case["expected_until"].as_str() {
            assert_eq!(until, to.to_string(), "{case}");
        }
    }
    for row in isee.unwrap()["rows"].as_array().unwrap() {
        let comune = row["comune"].as_str().unwrap().to_lowercase();
        let first = comune.split(' ').next().unwrap();
        assert!(
            PUBLISHED.iter().any(|(slug, _)| slug.starts_with(first)),
            "{comune} has no rule"
        );
    }
}

#[test]
fn each_published_rule_means_what_its_comune_says() {
    // Lissone: omissions are refused; an ISEE handed in when its next month is another year is over.
    let mut isee = lodged(IseeKind::Minorenni, date(2026, 11, 3), date(2026, 10, 20));
    isee.omissions = true;
    let refused = policy("lissone").counting(&isee).unwrap_err();
    assert_eq!(refused.key, "error-isee-omissions");
    assert_eq!(
        period("lissone", date(2026, 12, 16), date(2026, 12, 1)),
        Err("error-isee-over")
    );
    assert_eq!(
        period("lissone", date(2026, 2, 28), date(2026, 1, 20)),
        Ok((date(2026, 3, 1), date(2026, 12, 31)))
    );
    // Fabriano looks at the DSU, whenever it is handed in.
    assert_eq!(
        period("fabriano", date(2026, 5, 4), date(2026, 1, 20)),
        Ok((date(2026, 1, 1), date(2026, 12, 31)))
    );
    // Faleria: in time from January, late not at all; bills wait.
    assert_eq!(
        period("faleria", date(2026, 2, 27), date(2026, 2, 20)),
        Ok((date(2026, 1, 1), date(2026, 12, 31)))
    );
    assert_eq!(
        period("faleria", date(2026, 2, 28), date(2026, 2, 20)),
        Err("error-isee-late")
    );
    let faleria = policy("faleria");
    assert_eq!(
        faleria.holds_bills(date(2026, 1, 31)),
        Some(date(2026, 2, 28))
    );
    assert_eq!(faleria.holds_bills(date(2026, 3, 1)), None);
    // Ravenna: to the end of the school year; the corrente for two months.
    assert_eq!(
        period("ravenna", date(2026, 3, 9), date(2026, 3, 5)),
        Ok((date(2026, 3, 1), date(2027, 8, 31)))
    );
    let mut corrente = lodged(IseeKind::Corrente, date(2026, 10, 5), date(2026, 10, 5));
    corrente.own_to = date(2027, 4, 4);
    let counting = policy("ravenna").counting(&corrente).unwrap();
    assert_eq!(
        (counting.from, counting.to),
        (date(2026, 10, 1), date(2026, 11, 30))
    );
    // Cinisello: the corrente is not prolonged.
    let counting = policy("cinisello-balsamo").counting(&corrente).unwrap();
    assert_eq!(counting.to, date(2027, 4, 4));
    // Brugherio: after April from the next school year.
    assert_eq!(
        period("brugherio", date(2026, 4, 30), date(2026, 3, 5)),
        Ok((date(2026, 5, 1), date(2026, 12, 31)))
    );
    assert_eq!(
        period("brugherio", date(2026, 5, 1), date(2026, 3, 5)),
        Ok((date(2026, 9, 1), date(2026, 12, 31)))
    );
    assert_eq!(
        period("brugherio", date(2026, 9, 1), date(2026, 3, 5)),
        Ok((date(2026, 10, 1), date(2026, 12, 31)))
    );
    // Montesilvano: back to January.
    assert_eq!(
        period("montesilvano", date(2026, 10, 5), date(2026, 10, 1)),
        Ok((date(2026, 1, 1), date(2026, 12, 31)))
    );
    // Rocca d'Arce: the run of the 5th bills the month before.
    assert_eq!(
        period("rocca-d-arce", date(2026, 10, 4), date(2026, 10, 1)),
        Ok((date(2026, 9, 1), date(2026, 12, 31)))
    );
    assert_eq!(
        period("rocca-d-arce", date(2026, 10, 5), date(2026, 10, 1)),
        Ok((date(2026, 10, 1), date(2026, 12, 31)))
    );
}

#[test]
fn the_default_counts_as_recorded() {
    let isee = lodged(IseeKind::Ordinario, date(2026, 11, 3), date(2026, 1, 15));
    let counting = Policy::default().counting(&isee).unwrap();
    assert_eq!(
        (counting.from, counting.to),
        (date(2026, 1, 15), date(2026, 12, 31))
    );
}

fn any_day() -> impl Strategy<Value = Date> {
    (2024_i16..2030, 1_i8..=12, 1_i8..=31)
        .prop_filter_map("a day of the calendar", |(y, m, d)| Date::new(y, m, d).ok())
}

fn any_lodged() -> impl Strategy<Value = Lodged> {
    let kind = prop_oneof![
        Just(IseeKind::Minorenni),
        Just(IseeKind::Ordinario),
        Just(IseeKind::Corrente)
    ];
    (kind, any_day(), any_day(), 0_i32..400).prop_map(|(kind, lodged_on, own_from, days)| Lodged {
        kind,
        omissions: false,
        lodged_on,
        own_from,
        own_to: own_from.checked_add(days.days()).unwrap(),
    })
}

proptest! {
    #[test]
    fn no_period_begins_after_it_ends(isee in any_lodged(), which in 0..PUBLISHED.len()) {
        let policy = parse(PUBLISHED[which].1).unwrap();
        if let Ok(counting) = policy.counting(&isee) {
            prop_assert!(counting.from <= counting.to);
        }
    }

    #[test]
    fn what_is_not_retroactive_never_begins_before_the_month_that_decides(
        isee in any_lodged(),
        which in 0..PUBLISHED.len(),
    ) {
        let policy = parse(PUBLISHED[which].1).unwrap();
        let start = &policy.start;
        // A billing run that bills afterwards reaches back one month, and no more.
        let back = i32::from(start.from == Since::BillingRun);
        if let (Ok(counting), false) = (policy.counting(&isee), start.retroactive) {
            let earliest = month_of(policy.seen(&isee)).checked_sub(back.months()).unwrap();
            prop_assert!(counting.from >= earliest);
        }
    }

    #[test]
    fn who_is_later_does_not_count_earlier(
        isee in any_lodged(),
        days in 0_i32..60,
        which in 0..PUBLISHED.len(),
    ) {
        let policy = parse(PUBLISHED[which].1).unwrap();
        let later = Lodged {
            lodged_on: isee.lodged_on.checked_add(days.days()).unwrap(),
            ..isee
        };
        if let (Ok(first), Ok(second)) = (policy.counting(&isee), policy.counting(&later)) {
            prop_assert!(first.from <= second.from);
        }
    }

    #[test]
    fn a_corrente_never_outlives_itself(isee in any_lodged(), which in 0..PUBLISHED.len()) {
        let isee = Lodged { kind: IseeKind::Corrente, ..isee };
        let policy = parse(PUBLISHED[which].1).unwrap();
        if let Ok(counting) = policy.counting(&isee) {
            prop_assert!(counting.to <= isee.own_to);
        }
    }
}
