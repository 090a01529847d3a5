//! Instalments and conditions without a database; the way of a plan is in `tests/web_plans.rs`.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::base::{Cents, Text};
use crate::refunds::dunning::parse_dunning_policy;

const RULE: &str = r#"
name = "Prova"
[plan]
minimum_debt = "100.00"
minimum_instalment = "25.00"
maximum_instalments = 12
[[plan.tier]]
up_to = "500.00"
instalments = 4
"#;

fn rule(source: &str) -> PlanRule {
    parse_dunning_policy(source).unwrap().plan.unwrap()
}

fn key(refused: &Text) -> &'static str {
    refused.key
}

#[test]
fn the_rule_says_how_many_instalments() {
    let rule = rule(RULE);
    let most = |cents| rule.choices(Cents(cents)).map(|choices| *choices.end());
    assert_eq!(key(&most(0).unwrap_err()), "plan-why-nothing");
    assert_eq!(key(&most(9_999).unwrap_err()), "plan-why-below");
    assert_eq!(most(10_000), Ok(4));
    assert_eq!(most(50_000), Ok(4), "up to 500.00");
    assert_eq!(most(50_001), Ok(12));
    let low = PlanRule {
        minimum_debt: Cents::ZERO,
        ..rule.clone()
    };
    assert_eq!(key(&low.choices(Cents(4_999)).unwrap_err()), "plan-why-one");
    assert_eq!(low.choices(Cents(7_500)), Ok(2..=3));
    let none = parse_dunning_policy("name = \"Prova\"").unwrap();
    assert_eq!(none.plan, None, "without the section nothing is offered");
}

#[test]
fn a_wrong_rule_names_the_line_and_the_fix() {
    for (wrong, line, fix) in [
        ("minimum_debt = 100", "line 4", "expected a string"),
        (
            "minimum_debt = \"cento\"",
            "line 4",
            "write it like \"100.00\"",
        ),
        ("maximum_instalments = 1", "line 4", "from 2 to 72"),
        (
            "maximum_instalments = 4\ninterest = \"1\"",
            "line 5",
            "unknown field `interest`",
        ),
        (
            "minimum_debt = \"1.00\"",
            "line 3",
            "missing field `maximum_instalments`",
        ),
    ] {
        let source = format!("name = \"Prova\"\n\n[plan]\n{wrong}\n");
        let error = format!("{:?}", parse_dunning_policy(&source).unwrap_err());
        let plain = error.replace("\\\\\\\"", "\"").replace("\\\"", "\"");
        assert!(
            plain.contains(line) && plain.contains(fix),
            "{wrong}: {plain}"
        );
    }
}

#[test]
fn the_scheme_of_the_law_is_a_rule() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = path.join("examples/dunning/legge-160-2019.toml");
    let rule = rule(&std::fs::read_to_string(path).unwrap());
    let most = |cents| rule.choices(Cents(cents)).map(|choices| *choices.end());
    assert!(most(10_000).is_err());
    let expected = [
        (10_001, 4),
        (50_000, 4),
        (50_001, 12),
        (300_001, 24),
        (600_001, 36),
        (2_000_001, 72),
    ];
    for (debt, number) in expected {
        assert_eq!(most(debt), Ok(number), "{debt}");
    }
}

#[test]
fn dates_keep_their_day_where_the_month_has_it() {
    let all = divide(Cents(10_000), 4, date(2027, 1, 31), 1);
    let days: Vec<_> = all.iter().map(|one| one.due_date).collect();
    let expected = [(1, 31), (2, 28), (3, 31), (4, 30)];
    assert_eq!(days, expected.map(|(month, day)| date(2027, month, day)));
    assert_eq!(last_day(date(2027, 1, 31), 15), date(2027, 2, 15));
}

proptest! {
    /// Whatever is owed: the instalments add up to it, differ by a cent at most, none is below the
    /// rule's minimum, and each is due after the one before.
    #[test]
    fn instalments_add_up(
        debt in 1_i64..3_000_000,
        minimum_debt in 0_i64..50_000,
        minimum in 0_i64..20_000,
        most in 2_u16..=72,
        every_months in 1_u16..=12,
        choice in 0_u16..72,
    ) {
        let rule = PlanRule {
            minimum_debt: Cents(minimum_debt),
            minimum_instalment: Cents(minimum),
            maximum_instalments: most,
            every_months,
            tiers: Vec::new(),
            first_after_days: 30,
            tolerance_days: 0,
            falls_after_missed: 1,
            exclude_in_collection: true,
        };
        match rule.choices(Cents(debt)) {
            Ok(choices) => {
                let number = 2 + choice % (choices.end() - 1);
                prop_assert!(choices.contains(&number) && *choices.end() <= most);
                prop_assert!(debt >= minimum_debt);
                let all = divide(Cents(debt), number, date(2026, 1, 31), every_months);
                prop_assert_eq!(all.len(), usize::from(number));
                prop_assert_eq!(all.iter().map(|one| one.amount).sum::<Cents>(), Cents(debt));
                let (first, last) = (all[0].amount, all[all.len() - 1].amount);
                prop_assert!(last.is_positive() && last >= Cents(minimum) && first.0 - last.0 <= 1);
                prop_assert!(all.windows(2).all(|two| two[0].amount >= two[1].amount));
                prop_assert!(all.windows(2).all(|two| two[0].due_date < two[1].due_date));
            }
            Err(_) => prop_assert!(debt < minimum_debt || debt < 2 * minimum.max(1)),
        }
    }
}
