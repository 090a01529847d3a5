use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use jiff::civil::date;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rusqlite::Transaction;

use super::*;
use crate::base::{Actor, ClassId, PublicId, SchoolYear};
use crate::enrolments::NewEnrolment;
use crate::municipality;
use crate::store::SealingKey;
use crate::testing::{Comune, morning};

const SEASON: (Date, Date) = (date(2026, 9, 1), date(2027, 6, 30));

/// What happens to a child in a season.
#[derive(Clone, Debug, Default)]
struct Story {
    /// First and last days of enrolments, in order.
    stays: Vec<(Date, Date)>,
    /// Value and days of ISEEs.
    isee: Vec<(i64, Date, Date)>,
    /// Days that the family cancelled.
    away: Vec<Date>,
    /// What the office recorded: name, value, first day.
    facts: Vec<(&'static str, &'static str, Date)>,
}

/// A comune whose database every story leaves as it was.
struct Stage(Comune);

impl Stage {
    fn new() -> Stage {
        Stage(Comune::new())
    }

    /// The prices of runs over some periods, each the lines of one run.
    fn runs(&self, rule: &str, story: &Story, runs: &[(Date, Date)]) -> Vec<Vec<PeriodPrice>> {
        self.runs_of(rule, story, runs, None)
    }

    fn runs_of(
        &self,
        rule: &str,
        story: &Story,
        runs: &[(Date, Date)],
        other_payer: Option<PersonId>,
    ) -> Vec<Vec<PeriodPrice>> {
        let rule = tariffs::parse(rule).unwrap();
        let told = Arc::new(Mutex::new(Vec::new()));
        let (tell, story, runs) = (Arc::clone(&told), story.clone(), runs.to_vec());
        let (luca, mother, meals) = (self.0.luca, self.0.mother, self.0.meals);
        let (class, school) = (self.0.class, self.0.school);
        let key = SealingKey::load(&self.0.folder.path().join("test.key")).unwrap();
        let undone = self.0.write(move |tx| -> Result<()> {
            tx.execute("update service set billing = 'postpaid'", [])?;
            let other = municipality::add_class(tx, school, SchoolYear::starting_in(2026), "1Z")?;
            let payers = [mother, other_payer.unwrap_or(mother)];
            story.tell(tx, luca, payers, meals, [class, other])?;
            for (name, value, from) in &story.facts {
                let new = enrolments::NewFact {
                    child: luca,
                    service: None,
                    name,
                    value,
                    from: *from,
                    to: None,
                    reason: "prova",
                };
                enrolments::record_fact(tx, &key, &Actor::System("test"), &new, morning())?;
            }
            let service = municipality::service(tx, meals)?;
            for run in runs {
                let (_, lines) = price_period_by(tx, &service, &rule, run, EnrolmentId(0), 100)?;
                tell.lock().unwrap().push(lines);
            }
            Err(Error::Internal("undone".to_owned()))
        });
        assert!(matches!(undone, Err(Error::Internal(why)) if why == "undone"));
        std::mem::take(&mut told.lock().unwrap())
    }
}

impl Story {
    fn tell(
        &self,
        tx: &Transaction<'_>,
        child: PersonId,
        payers: [PersonId; 2],
        service: crate::base::ServiceId,
        classes: [ClassId; 2],
    ) -> Result<()> {
        for (place, (from, to)) in self.stays.iter().enumerate() {
            let new = NewEnrolment {
                child,
                payer: payers[place % 2],
                service,
                class: classes[place % 2],
                from: *from,
                to: Some(*to),
                application: None,
            };
            let id = enrolments::enrol(tx, &new, morning())?;
            for day in self.away.iter().filter(|day| (*from..=*to).contains(day)) {
                tx.execute(
                    "insert into cancellation (receipt_number, enrolment_id, day, restored, late,
                                               at, person_id) values (?1, ?2, ?3, 0, 0, 1, ?4)",
                    (format!("{id:?}{day}"), id, day, child),
                )?;
            }
        }
        for (value, from, to) in &self.isee {
            tx.execute(
                "insert into isee (public_id, child_id, value, kind, protocol, valid_from, valid_to,
                                   source, recorded_at)
                 values (?1, ?2, ?3, 'minorenni', 'INPS-1', ?4, ?5, 'office', 1)",
                (PublicId::random()?, child, value, from, to),
            )?;
        }
        Ok(())
    }
}

fn sum(lines: &[PeriodPrice]) -> Cents {
    let amounts = lines.iter().map(|line| match &line.price {
        Ok(priced) => priced.explanation.amount,
        Err(fault) => panic!("{fault:?}"),
    });
    amounts.sum()
}

fn amounts<'a>(lines: impl IntoIterator<Item = &'a PeriodPrice>) -> Vec<(Date, Cents)> {
    let line = |line: &PeriodPrice| (line.from, line.price.as_ref().unwrap().explanation.amount);
    lines.into_iter().map(line).collect()
}

/// Some days of the season, in order, without two alike.
fn days(most: usize) -> impl Strategy<Value = Vec<Date>> {
    prop::collection::btree_set(14_i32..300, 0..most).prop_map(|offsets| {
        let day = |offset: i32| SEASON.0.saturating_add(offset.days());
        offsets.into_iter().map(day).collect()
    })
}

/// Enrolments that follow each other, with a gap here and there; ISEEs; absences.
fn stories() -> impl Strategy<Value = Story> {
    let isee = prop::collection::vec((0_i64..3_000_000, 0_i32..250, 5_i32..120), 0..4);
    (days(6), any::<u8>(), isee, days(40)).prop_map(|(bounds, gaps, isee, away)| {
        let pairs = bounds.windows(2).enumerate();
        let stays = pairs.filter(|(place, _)| gaps >> place & 3 != 3);
        Story {
            stays: stays
                .map(|(_, pair)| (pair[0], pair[1].yesterday().unwrap()))
                .collect(),
            isee: isee
                .into_iter()
                .map(|(value, from, long)| {
                    let from = SEASON.0.saturating_add(from.days());
                    (value, from, from.saturating_add(long.days()))
                })
                .collect(),
            away,
            facts: Vec::new(),
        }
    })
}

/// The season cut at some days.
fn cut(at: &[Date]) -> Vec<(Date, Date)> {
    let begin = std::iter::once(SEASON.0).chain(at.iter().copied());
    let ends = at.iter().map(|day| day.yesterday().unwrap());
    begin.zip(ends.chain([SEASON.1])).collect()
}

fn property<S: Strategy>(stories: S, holds: impl Fn(&Stage, S::Value)) {
    let stage = Stage::new();
    let config = ProptestConfig {
        cases: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    TestRunner::new(config)
        .run(&stories, |story| {
            holds(&stage, story);
            Ok(())
        })
        .unwrap();
}

const WEEKS: &str =
    "name = \"Centro estivo\"\n[[component]]\ncode = \"week\"\nunit = \"week\"\nprice = \"1.00\"\n";

const EVERYTHING: &str = r#"
    name = "Tutto"
    [[component]]
    code = "meal"
    unit = "meal"
    no_isee = "4.53"
    bands = [{ to = "11000.00", price = "3.05" }, { price = "4.50" }]
    [[component]]
    code = "week"
    unit = "week"
    price = "10.00"
    [[component]]
    code = "month"
    unit = "month"
    no_isee = "20.00"
    bands = [{ to = "9000.00", price = "7.00" }, { price = "20.00" }]
    [[component]]
    code = "year"
    unit = "year"
    price = "100.00"
    [[component]]
    code = "once"
    unit = "once"
    price = "50.00"
"#;

const INSTALMENTS: &str = r#"
    name = "Annuale"
    [[component]]
    code = "meal"
    unit = "meal"
    price = "2.00"
    [[component]]
    code = "year"
    unit = "year"
    no_isee = "300.01"
    bands = [{ to = "9000.00", price = "100.01" }, { price = "300.01" }]
    [[instalment]]
    due = "03-31"
    percent = "30"
    [[instalment]]
    due = "10-10"
    percent = "30"
    [[instalment]]
    due = "01-31"
    percent = "40"
"#;

#[test]
fn a_season_costs_the_same_however_it_is_cut_into_runs() {
    for rule in [EVERYTHING, INSTALMENTS] {
        property((stories(), days(5)), |stage, (story, at)| {
            let all = stage.runs(rule, &story, &[SEASON]);
            let runs = stage.runs(rule, &story, &cut(&at));
            let parts: Cents = runs.iter().map(|run| sum(run)).sum();
            assert_eq!(parts, sum(&all[0]), "{story:?} cut at {at:?}");
        });
    }
}

#[test]
fn an_isee_that_the_rule_does_not_ask_for_changes_nothing() {
    let rule = EVERYTHING
        .replace("no_isee = \"4.53\"\n", "price = \"4.53\"\n")
        .replace("no_isee = \"20.00\"\n", "price = \"20.00\"\n");
    let without = |line: &&str| !line.contains("bands =");
    let rule: String = rule
        .lines()
        .filter(without)
        .map(|l| format!("{l}\n"))
        .collect();
    property(stories(), |stage, story| {
        let with = stage.runs(&rule, &story, &[SEASON]);
        let poor = Story {
            isee: Vec::new(),
            ..story.clone()
        };
        let without = stage.runs(&rule, &poor, &[SEASON]);
        assert_eq!(amounts(&with[0]), amounts(&without[0]), "{story:?}");
    });
}

#[test]
fn no_week_is_charged_twice() {
    // A month with meals is cut where the ISEE changes.
    let meals = "[[component]]\ncode = \"meal\"\nunit = \"meal\"\nprice = \"0\"\n";
    let by_isee = format!("{WEEKS}{meals}").replace(
        "price = \"1.00\"",
        "no_isee = \"1.00\"\nbands = [{ to = \"9000.00\", price = \"1.00\" }, { price = \"1.00\" }]",
    );
    property((stories(), days(5)), |stage, (story, at)| {
        let days =
            "name = \"Giorni\"\n[[component]]\ncode = \"meal\"\nunit = \"meal\"\nprice = \"1\"\n";
        let every: Vec<_> = SEASON
            .0
            .series(1.day())
            .take_while(|day| *day <= SEASON.1)
            .map(|day| (day, day))
            .collect();
        let charged = stage.runs(days, &story, &every);
        let eaten = every
            .iter()
            .zip(&charged)
            .filter(|(_, run)| sum(run) > Cents::ZERO);
        let weeks: BTreeSet<_> = eaten
            .map(|((day, _), _)| (day.iso_week_date().year(), day.iso_week_date().week()))
            .collect();
        for rule in [WEEKS, &by_isee] {
            let runs = stage.runs(rule, &story, &cut(&at));
            let counted: Cents = runs.iter().map(|run| sum(run)).sum();
            assert_eq!(
                counted.0,
                100 * i64::try_from(weeks.len()).unwrap(),
                "{story:?} {at:?}"
            );
        }
    });
}

#[test]
fn a_change_of_class_or_payer_is_no_second_entry() {
    let stage = Stage::new();
    let story = |stays: &[(Date, Date)]| Story {
        stays: stays.to_vec(),
        ..Story::default()
    };
    let rule = "name = \"Quote\"\n[[component]]\ncode = \"m\"\nunit = \"month\"\nprice = \"10\"\n[[component]]\ncode = \"y\"\nunit = \"year\"\nprice = \"100\"\n[[component]]\ncode = \"o\"\nunit = \"once\"\nprice = \"1000\"\n[[component]]\ncode = \"p\"\nunit = \"period\"\nprice = \"10000\"\n";
    let changes = story(&[
        (date(2026, 9, 15), date(2026, 10, 13)),
        (date(2026, 10, 14), date(2027, 6, 10)),
    ]);
    let months = [
        (date(2026, 9, 1), date(2026, 9, 30)),
        (date(2026, 10, 1), date(2026, 10, 31)),
        (date(2026, 11, 1), date(2026, 11, 30)),
    ];
    let runs = stage.runs_of(rule, &changes, &months, Some(stage.0.sara));
    let by_payer = |run: &[PeriodPrice]| -> Vec<(PersonId, Cents)> {
        let line = |l: &PeriodPrice| {
            (
                l.enrolment.payer_id,
                l.price.as_ref().unwrap().explanation.amount,
            )
        };
        run.iter().map(line).collect()
    };
    let (mother, other) = (stage.0.mother, stage.0.sara);
    // The first payer of October pays its month; the other one nothing before November.
    let euros = |euros: i64| Cents(100 * euros);
    assert_eq!(by_payer(&runs[0]), [(mother, euros(11_110))]);
    assert_eq!(by_payer(&runs[1]), [(mother, euros(10_010))]);
    assert_eq!(by_payer(&runs[2]), [(other, euros(10_010))]);
    // A run over all of it has one period.
    let all = stage.runs(rule, &changes, &[(months[0].0, months[2].1)]);
    assert_eq!(sum(&all[0]), euros(11_130));
}

#[test]
fn an_absence_goes_on_over_the_end_of_a_month() {
    let rule = "name = \"Nido\"\n[[component]]\ncode = \"m\"\nunit = \"month\"\nprice = \"100\"\n[[modifier]]\nlabel = \"assenza di trenta giorni\"\nwhen = { consecutive_absence_days = { from = 30 } }\npercent = \"-50\"\n";
    let stage = Stage::new();
    let away = |from: Date, to: Date| Story {
        stays: vec![
            (date(2026, 9, 15), date(2026, 11, 4)),
            (date(2026, 11, 5), date(2027, 6, 10)),
        ],
        away: from.series(1.day()).take_while(|day| *day <= to).collect(),
        ..Story::default()
    };
    let november = [(date(2026, 11, 1), date(2026, 11, 30))];
    // From Monday 19 October: the thirtieth day is Tuesday 17 November.
    let month = |to: Date| {
        let runs = stage.runs(rule, &away(date(2026, 10, 19), to), &november);
        sum(&runs[0])
    };
    assert_eq!(month(date(2026, 11, 16)), Cents(10_000));
    assert_eq!(month(date(2026, 11, 17)), Cents(5_000));
    // In October it had twelve days.
    let october = [(date(2026, 10, 1), date(2026, 10, 31))];
    let runs = stage.runs(
        rule,
        &away(date(2026, 10, 19), date(2026, 11, 17)),
        &october,
    );
    assert_eq!(sum(&runs[0]), Cents(10_000));
}

#[test]
fn instalments_are_owed_by_who_is_enrolled_on_their_day() {
    let stage = Stage::new();
    let rule = INSTALMENTS.replace("price = \"2.00\"", "price = \"0\"");
    let story = |stays: &[(Date, Date)], isee: &[(i64, Date, Date)]| Story {
        stays: stays.to_vec(),
        isee: isee.to_vec(),
        ..Story::default()
    };
    let due = |story: &Story| -> Vec<(Date, Cents)> {
        let all = stage.runs(&rule, story, &[SEASON]);
        amounts(all[0].iter().filter(|line| line.days == 0))
    };
    let (start, end) = (date(2026, 9, 15), date(2027, 6, 10));
    let (first, second, third) = (date(2026, 10, 10), date(2027, 1, 31), date(2027, 3, 31));
    let whole = due(&story(&[(start, end)], &[]));
    assert_eq!(
        whole,
        [
            (first, Cents(9000)),
            (second, Cents(12001)),
            (third, Cents(9000))
        ]
    );
    // Who left before the second one does not owe it; who comes in February owes two at once.
    assert_eq!(
        due(&story(&[(start, date(2027, 1, 30))], &[])),
        [(first, Cents(9000))]
    );
    let late = date(2027, 2, 10);
    assert_eq!(
        due(&story(&[(late, end)], &[])),
        [(late, Cents(21001)), (third, Cents(9000))]
    );
    // Another class is no entry, nor is coming back.
    let again = [(start, date(2026, 12, 1)), (late, end)];
    assert_eq!(
        due(&story(&again, &[])),
        [(first, Cents(9000)), (third, Cents(9000))]
    );
    // The ISEE of each is that of its own day.
    let isee = [(800_000, date(2027, 1, 15), date(2027, 12, 31))];
    assert_eq!(
        due(&story(&[(start, end)], &isee)),
        [
            (first, Cents(9000)),
            (second, Cents(4001)),
            (third, Cents(3000))
        ]
    );
}

/// Three parts for the whole day, two for everybody else.
const BY_TIMETABLE: &str = r#"
    name = "Annuale"
    [[component]]
    code = "year"
    unit = "year"
    price = "100.01"
    [[instalment]]
    due = "03-31"
    percent = "50"
    [[instalment]]
    due = "10-10"
    percent = "50"
    [[instalment]]
    due = "10-10"
    percent = "33.33"
    when = { timetable = "full" }
    [[instalment]]
    due = "01-31"
    percent = "33.33"
    when = { timetable = "full" }
    [[instalment]]
    due = "03-31"
    percent = "33.34"
    when = { timetable = "full" }
    [[instalment]]
    due = "09-20"
    percent = "100"
    when = { grade = "nido" }
"#;

#[test]
fn a_child_has_the_instalments_of_its_first_day_and_they_make_the_whole() {
    let stage = Stage::new();
    let (start, end) = (date(2026, 9, 15), date(2027, 6, 10));
    let due = |stays: &[(Date, Date)], facts: &[(&'static str, &'static str, Date)]| {
        let story = Story {
            stays: stays.to_vec(),
            facts: facts.to_vec(),
            ..Story::default()
        };
        let all = stage.runs(BY_TIMETABLE, &story, &[SEASON]);
        amounts(all[0].iter())
    };
    let (first, second, third) = (date(2026, 10, 10), date(2027, 1, 31), date(2027, 3, 31));
    let halves = [(first, Cents(5001)), (third, Cents(5000))];
    let thirds = [
        (first, Cents(3333)),
        (second, Cents(3334)),
        (third, Cents(3334)),
    ];
    assert_eq!(due(&[(start, end)], &[]), halves);
    assert_eq!(
        due(&[(start, end)], &[("timetable", "full", start)]),
        thirds
    );
    // Another timetable in the winter changes neither how many there are nor what they make.
    let later = [("timetable", "full", date(2026, 12, 1))];
    assert_eq!(due(&[(start, end)], &later), halves);
    let back = [("timetable", "full", start), ("timetable", "half", second)];
    assert_eq!(due(&[(start, end)], &back), thirds);
    // Another class is no entry; who comes late owes what is past.
    let moved = [(start, date(2026, 12, 1)), (date(2026, 12, 2), end)];
    assert_eq!(due(&moved, &later), halves);
    let late = date(2027, 2, 10);
    let two = due(&[(late, end)], &[("timetable", "full", start)]);
    assert_eq!(two, [(late, Cents(6667)), (third, Cents(3334))]);
}

const OCTOBER: (Date, Date) = (date(2026, 10, 1), date(2026, 10, 31));

#[test]
fn hours_are_counted_by_the_office_once_and_never_silently_none() {
    let stage = Stage::new();
    let rule = "name = \"Doposcuola\"\n[[component]]\ncode = \"hour\"\nunit = \"hour\"\nprice = \"2.00\"\n";
    let mut story = Story {
        stays: vec![(date(2026, 9, 15), date(2027, 6, 10))],
        ..Story::default()
    };
    let halves = [
        (OCTOBER.0, date(2026, 10, 15)),
        (date(2026, 10, 16), OCTOBER.1),
    ];
    let silent = stage.runs(rule, &story, &[OCTOBER]);
    let fault = silent[0][0].price.as_ref().unwrap_err();
    assert!(
        matches!(fault, PeriodFault::Unpriced(Unpriced::Missing { fact, .. }) if fact == "hours")
    );
    story.facts = vec![
        ("hours", "12", OCTOBER.0),
        ("hours", "10", date(2026, 11, 1)),
    ];
    assert_eq!(sum(&stage.runs(rule, &story, &[OCTOBER])[0]), Cents(2400));
    let cut = stage.runs(rule, &story, &halves);
    assert_eq!((sum(&cut[0]), sum(&cut[1])), (Cents(2400), Cents::ZERO));
    // Two records of a month add up; a newer one from the same day takes the place of the earlier.
    story.facts.push(("hours", "3", date(2026, 10, 16)));
    story.facts.push(("hours", "11", OCTOBER.0));
    assert_eq!(sum(&stage.runs(rule, &story, &[OCTOBER])[0]), Cents(2800));
}

#[test]
fn a_rule_may_ask_for_entry_exit_age_and_absences() {
    let stage = Stage::new();
    let fee = |when: &str| {
        format!(
            "name = \"Nido\"\n[[component]]\ncode = \"m\"\nunit = \"month\"\nprice = \"100\"\n[[modifier]]\nlabel = \"meno\"\nwhen = {{ {when} }}\npercent = \"-50\"\n"
        )
    };
    // Luca was born on 4 May 2019; he enters on 19 October, changes class and leaves on 20 November.
    let story = Story {
        stays: vec![
            (date(2026, 10, 19), date(2026, 11, 4)),
            (date(2026, 11, 5), date(2026, 11, 20)),
        ],
        away: vec![date(2026, 10, 20), date(2026, 10, 22)],
        ..Story::default()
    };
    let november = (date(2026, 11, 1), date(2026, 11, 30));
    let holds = |when: &str| {
        let runs = stage.runs(&fee(when), &story, &[OCTOBER, november]);
        [sum(&runs[0]), sum(&runs[1])].map(|fee| fee == Cents(5000))
    };
    for (when, october, november) in [
        ("entry_day = 19", true, false),
        ("entry_month = 10", true, true),
        ("exit_day = 20", false, true),
        ("exit_day = { from = 1 }", false, true),
        ("enrolled_days = 13", true, false),
        ("enrolled_days = 20", false, true),
        ("months_since_entry = 0", true, false),
        ("months_since_entry = 1", false, true),
        // Of 1 October he has 88 whole months, of 1 November 89.
        ("age_months = 88", true, false),
        ("age_months = 89", false, true),
        ("absence_days = 2", true, false),
        ("illness_days = 0", true, true),
    ] {
        assert_eq!(holds(when), [october, november], "{when}");
    }
    // Mondays at half price: 19 and 26 October.
    let meals = "name = \"Mensa\"\n[[component]]\ncode = \"meal\"\nunit = \"meal\"\nprice = \"4.00\"\n[[modifier]]\nlabel = \"lunedì\"\nwhen = { weekday = 1 }\npercent = \"-50\"\n";
    assert_eq!(
        sum(&stage.runs(meals, &story, &[OCTOBER])[0]),
        Cents(8 * 400 - 2 * 200)
    );
}

#[test]
fn every_fact_that_a_rule_may_use_is_told_by_somebody() {
    let rule = tariffs::parse(WEEKS).unwrap();
    for fact in tariffs::known_names() {
        assert!(super::super::facts::known_to_bills(&rule, fact), "{fact}");
    }
}

#[test]
fn who_moves_changes_no_day_before() {
    let stage = Stage::new();
    let rule = "name = \"Mensa\"\n[[component]]\ncode = \"meal\"\nunit = \"meal\"\nprice = \"4.00\"\nnon_resident = \"6.00\"\n";
    let story = Story {
        stays: vec![(date(2026, 9, 15), date(2027, 6, 10))],
        ..Story::default()
    };
    let luca = stage.0.luca;
    stage
        .0
        .write(move |tx| {
            let register = Actor::System("test");
            let moved = (false, Some(date(2026, 10, 20)));
            people::record_residence(tx, &register, luca, moved, morning())
        })
        .unwrap();
    // 22 weekdays, the last nine of them, from Tuesday the 20th, as a stranger.
    let runs = stage.runs(rule, &story, &[OCTOBER]);
    let expected = [
        (OCTOBER.0, Cents(13 * 400)),
        (date(2026, 10, 20), Cents(9 * 600)),
    ];
    assert_eq!(amounts(&runs[0]), expected);
}
