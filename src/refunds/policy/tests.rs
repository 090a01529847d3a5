//! The published rules (examples/refunds, examples/dunning) and their cases.

use jiff::civil::date;
use serde_json::Value;

use super::*;
use crate::refunds::dunning::{Debt, StepKind, next_step, parse_dunning_policy};

fn example(path: &str) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    std::fs::read_to_string(root.join(path)).unwrap()
}

fn policy(name: &str) -> RefundPolicy {
    parse_refund_policy(&example(&format!("refunds/{name}.toml"))).unwrap()
}

/// A child who left in June and whose family asked in time.
fn facts(credit: i64) -> Facts {
    Facts {
        credit: Cents(credit),
        arrears: Cents::ZERO,
        meal_price: None,
        sibling: None,
        left_on: Some(date(2026, 6, 10)),
        asked_on: date(2026, 7, 1),
        wants_transfer: false,
    }
}

/// A case's answer in the words of the published cases.
fn answer(comune: &str, credit: Option<i64>, unused_days: Option<u32>) -> String {
    let policy = match comune {
        "San Giorgio su Legnano" => policy("san-giorgio-su-legnano"),
        "Milano" => policy("milano"),
        other => panic!("no rule of {other}"),
    };
    if let Some(credit) = credit {
        let decision = decide(&policy, &facts(credit));
        return match decision.outcome {
            Outcome::Refund => format!("refund_{}", decision.amount.0),
            _ => "not_refunded".to_owned(),
        };
    }
    let reduction = policy.unused.unwrap().reduction(unused_days.unwrap());
    match reduction.stretches {
        0 => "0".to_owned(),
        n => format!(
            "reduction {n} x {}% = {}%",
            reduction.each, reduction.percent
        ),
    }
}

fn dunning_answer(debt: i64) -> &'static str {
    let policy = parse_dunning_policy(&example("dunning/macerata.toml")).unwrap();
    let debt = Debt {
        parts: vec![(Cents(debt), 0)],
        done: Vec::new(),
    };
    next_step(&policy, &debt).map_or("nothing", |step| step.kind.as_str())
}

#[test]
fn the_published_cases_hold() {
    for (comune, credit, days, expected) in [
        ("San Giorgio su Legnano", Some(1200), None, "not_refunded"),
        ("San Giorgio su Legnano", Some(1201), None, "refund_1201"),
        ("Milano", None, Some(65), "reduction 2 x 12% = 24%"),
        ("Milano", None, Some(29), "0"),
    ] {
        assert_eq!(answer(comune, credit, days), expected, "{comune}");
    }
    for (debt, expected) in [
        (1500, "nothing"),
        (1501, "sms"),
        (5000, "sms"),
        (5001, "registered_letter"),
    ] {
        assert_eq!(dunning_answer(debt), expected, "{debt}");
    }
}

#[test]
fn the_cases_of_the_shared_file_hold() {
    let file =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/policy_cases.json");
    // A worktree lies one folder deeper.
    let deeper = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/policy_cases.json");
    let Ok(text) = std::fs::read_to_string(&file).or_else(|_| std::fs::read_to_string(&deeper))
    else {
        println!("skipped: {} is missing", file.display());
        return;
    };
    let sections: Vec<Value> = serde_json::from_str(&text).unwrap();
    let cases = |id: &str| {
        let section = sections.iter().find(|s| s["id"] == id).unwrap();
        section["cases"].as_array().unwrap().clone()
    };
    let (refunds, reminders) = (cases("refund"), cases("dunning"));
    assert!(!refunds.is_empty() && !reminders.is_empty());
    for case in refunds {
        let input = &case["input"];
        let days = input["consecutive_days_unused"].as_u64();
        let days = days.map(|days| u32::try_from(days).unwrap());
        let comune = case["comune"].as_str().unwrap();
        let found = answer(comune, input["credit_cents"].as_i64(), days);
        assert_eq!(found, case["expected"].as_str().unwrap(), "{case}");
    }
    for case in reminders {
        let debt = case["input"]["debt_cents"].as_i64().unwrap();
        assert_eq!(dunning_answer(debt), case["expected"], "{case}");
    }
}

#[test]
fn the_reduction_is_exact_and_never_more_than_the_fee() {
    let unused = policy("milano").unused.unwrap();
    assert_eq!(unused.reduction(65).of(Cents(68_000)), Cents(16_320));
    assert_eq!(unused.reduction(30).of(Cents(1_004)), Cents(120), "120.48");
    assert_eq!(unused.reduction(30).of(Cents(1_005)), Cents(121), "120.60");
    assert_eq!(unused.reduction(29).of(Cents(68_000)), Cents::ZERO);
    assert_eq!(unused.reduction(400).of(Cents(68_000)), Cents(68_000));
}

#[test]
fn arrears_are_withheld_before_the_minimum_is_looked_at() {
    let rule = policy("san-giorgio-su-legnano");
    let owing = |credit, arrears| {
        let facts = Facts {
            arrears: Cents(arrears),
            ..facts(credit)
        };
        let decision = decide(&rule, &facts);
        (decision.outcome, decision.amount, decision.withheld)
    };
    assert_eq!(
        owing(3_000, 1_000),
        (Outcome::Refund, Cents(2_000), Cents(1_000))
    );
    assert_eq!(owing(2_000, 1_000), (Outcome::Keep, Cents(0), Cents(1_000)));
    assert_eq!(
        owing(2_000, 5_000),
        (Outcome::Withhold, Cents(0), Cents(2_000))
    );
}

#[test]
fn siblings_deadlines_and_meals_decide_as_published() {
    let sister = Facts {
        sibling: Some("Sara".to_owned()),
        ..facts(4_000)
    };
    let outcome = |rule: &str, facts: &Facts| decide(&policy(rule), facts).outcome;
    assert_eq!(outcome("lamezia-terme", &sister), Outcome::Transfer);
    assert_eq!(outcome("milano", &sister), Outcome::Refund);
    let wanted = Facts {
        wants_transfer: true,
        ..sister.clone()
    };
    assert_eq!(outcome("milano", &wanted), Outcome::Transfer);

    let on = |asked_on| Facts {
        asked_on,
        ..facts(4_000)
    };
    assert_eq!(
        outcome("lamezia-terme", &on(date(2026, 7, 15))),
        Outcome::Refund
    );
    assert_eq!(
        outcome("lamezia-terme", &on(date(2026, 7, 16))),
        Outcome::Keep
    );
    let in_autumn = Facts {
        left_on: Some(date(2026, 10, 1)),
        ..on(date(2027, 7, 15))
    };
    assert_eq!(outcome("lamezia-terme", &in_autumn), Outcome::Refund);
    let there = Facts {
        left_on: None,
        ..facts(4_000)
    };
    assert_eq!(outcome("san-giorgio-su-legnano", &there), Outcome::Keep);

    let meal = |credit, price: Option<i64>| Facts {
        meal_price: price.map(Cents),
        ..facts(credit)
    };
    assert_eq!(
        outcome("istat-026004", &meal(449, Some(450))),
        Outcome::Keep
    );
    assert_eq!(
        outcome("istat-026004", &meal(450, Some(450))),
        Outcome::Refund
    );
    assert_eq!(outcome("istat-026004", &meal(1, None)), Outcome::Refund);
}

#[test]
fn no_step_comes_twice_and_none_too_early() {
    let step = |file: &str, amount, done: &[(StepKind, u32)]| {
        let policy = parse_dunning_policy(&example(&format!("dunning/{file}.toml"))).unwrap();
        let debt = Debt {
            parts: vec![(Cents(amount), 90)],
            done: done.to_vec(),
        };
        next_step(&policy, &debt).map(|step| step.kind)
    };
    use StepKind::{Collection, Exclusion, Message, NextBill, RegisteredLetter, Sms};
    assert_eq!(step("macerata", 2_000, &[(Sms, 10)]), None);
    assert_eq!(
        step("macerata", 6_000, &[(Sms, 10)]),
        Some(RegisteredLetter)
    );
    assert_eq!(step("macerata", 6_000, &[(RegisteredLetter, 59)]), None);
    assert_eq!(
        step("macerata", 6_000, &[(RegisteredLetter, 60)]),
        Some(Collection)
    );
    assert_eq!(
        step("macerata", 2_000, &[(RegisteredLetter, 60)]),
        None,
        "no milder step after a stronger one"
    );
    assert_eq!(step("canale-monterano", 5_000, &[]), Some(NextBill));
    assert_eq!(step("canale-monterano", 5_001, &[]), Some(Collection));
    assert_eq!(step("bologna", 100, &[]), Some(Message));
    assert_eq!(step("bologna", 100, &[(Message, 60)]), Some(Collection));
    assert_eq!(
        step("aprilia", 100, &[(RegisteredLetter, 30)]),
        Some(Exclusion)
    );
}

#[test]
fn a_wrong_rule_says_where_and_what() {
    for (source, said) in [
        ("name = \"x\"\nminimum = \"12,01\"", "line 2"),
        ("name = \"x\"\ndeadline = \"15-07\"", "line 2"),
        ("name = \"x\"\nminimo = \"12.01\"", "minimo"),
        ("minimum = \"12.01\"", "name"),
        (
            "name = \"x\"\n[unused]\npercent = \"120\"\ndays = 30",
            "line 3",
        ),
    ] {
        let Err(Error::Invalid(fields)) = parse_refund_policy(source) else {
            panic!("{source} was taken");
        };
        let told = format!("{:?}", fields[0].text);
        assert!(told.contains(said), "{told}");
    }
    let twice = "name = \"x\"\n[[step]]\ndo = \"sms\"\n[[step]]\ndo = \"sms\"";
    assert!(parse_dunning_policy(twice).is_err());
}

#[test]
fn a_step_counts_only_what_is_old_enough_for_it() {
    let source = "name = \"Prova\"\n[[step]]\ndo = \"message\"\nolder_than_days = 10\n[[step]]\n\
                  do = \"collection\"\nabove = \"50.00\"\nolder_than_days = 60";
    let policy = parse_dunning_policy(source).unwrap();
    let step = |parts: &[(i64, u32)]| {
        let debt = Debt {
            parts: parts.iter().map(|(c, days)| (Cents(*c), *days)).collect(),
            done: Vec::new(),
        };
        next_step(&policy, &debt).map(|step| step.kind)
    };
    assert_eq!(step(&[(300, 90), (40_000, 1)]), Some(StepKind::Message));
    assert_eq!(step(&[(40_000, 9)]), None);
    assert_eq!(
        step(&[(4_000, 90), (1_001, 60)]),
        Some(StepKind::Collection)
    );
}

#[test]
fn a_rule_suspends_only_where_the_child_does_not_always_eat() {
    let read = |credit: &str| parse_dunning_policy(&format!("name = \"x\"\n[credit]\n{credit}"));
    let rule = read("always_eats = false\nsuspend_below_meals = -5\n").unwrap();
    assert!(rule.credit.suspends());
    assert_eq!(rule.credit.suspends_at(Cents(420)), Some(Cents(-2100)));
    assert_eq!(rule.credit.suspends_at(Cents::ZERO), None, "a free meal");
    assert!(!read("always_eats = false\n").unwrap().credit.suspends());

    let fault = |credit: &str| match read(credit) {
        Err(Error::Invalid(fields)) => fields[0].text.clone(),
        other => panic!("{other:?}"),
    };
    for credit in [
        "suspend_below_meals = -5\n",
        "always_eats = true\n# suspend_below_meals\nsuspend_below_meals = -5\n",
    ] {
        let told = fault(credit);
        assert_eq!(told.key, "error-policy-suspend-always-eats");
        let line = i64::try_from(credit.lines().count()).unwrap() + 2;
        assert_eq!(
            told.args,
            [("line", crate::base::Arg::Int(line))],
            "{credit}"
        );
    }
    for meals in ["0", "3", "-251"] {
        let told = fault(&format!(
            "always_eats = false\nsuspend_below_meals = {meals}\n"
        ));
        assert_eq!(told.key, "error-policy-suspend-meals", "{meals}");
    }
    assert!(
        read("always_eats = false\nsuspend_below = -5\n").is_err(),
        "unknown keys are refused"
    );
}
