//! The worked years of the facts: each with the wrong answers that it guards against.

use jiff::civil::date;

use super::*;
use crate::charging::charge_pdf;

const MOTHER: &str = "RSSMRA85T50A562Q";

fn at(day: Date, hour: i8, minute: i8) -> Instant {
    Instant::from_rome(day.at(hour, minute, 12, 0))
}

fn card(paid_at: Instant, cents: i64) -> PaymentFact {
    PaymentFact {
        paid_at,
        amount: Cents(cents),
        traceable: Traceable::Yes,
        reference: "02032002700000251".to_owned(),
        psp: "Banca di Prova".to_owned(),
        means: "carta".to_owned(),
        period: String::new(),
        origin: String::new(),
        paid_by: None,
    }
}

fn service(name: &str, code: Option<ExpenseCode>, payments: Vec<PaymentFact>) -> ServiceFacts {
    ServiceFacts {
        service_name: name.to_owned(),
        code,
        school: String::new(),
        class: String::new(),
        payments,
        refunds: Vec::new(),
        aided_by: Vec::new(),
        balance_at_year_end: Cents::ZERO,
    }
}

fn meals(payments: Vec<PaymentFact>) -> ServiceFacts {
    service("Refezione scolastica", Some(ExpenseCode::School), payments)
}

fn child(name: &str, services: Vec<ServiceFacts>) -> ChildFacts {
    ChildFacts {
        child: AttestedChild {
            name: name.to_owned(),
            fiscal_code: String::new(),
            birth_date: None,
            payer_title: String::new(),
        },
        services,
    }
}

fn facts(year: i16, children: Vec<ChildFacts>) -> YearFacts {
    YearFacts {
        year,
        debtor: MOTHER.to_owned(),
        children,
    }
}

fn sections(facts: &YearFacts) -> Vec<ChildSection> {
    match compute(facts, Policy::Debtor) {
        Computed::Sections(sections) => sections,
        Computed::Nothing(why) => panic!("{why:?}"),
    }
}

fn only(facts: &YearFacts) -> ServiceSection {
    sections(facts)[0].services[0].clone()
}

#[test]
fn year_1_the_edge_of_the_year_is_midnight_in_rome() {
    let luca = meals(vec![
        card(at(date(2025, 12, 31), 23, 58), 6200),
        // 23:03 UTC of 31 December: 2026 in Rome.
        card(at(date(2026, 1, 1), 0, 3), 6200),
        // A transfer ordered on the 30th and credited in January counts on the day of the order.
        card(at(date(2025, 12, 30), 12, 0), 4000),
    ]);
    let year = |year| only(&facts(year, vec![child("Luca", vec![luca.clone()])])).net;
    assert_eq!(year(2025), Cents(10_200));
    assert_eq!(year(2026), Cents(6200));
}

#[test]
fn year_2_a_refund_of_the_next_year_does_not_change_the_year_of_payment() {
    let payments: Vec<_> = (1..=10)
        .map(|month| card(at(date(2025, month, 5), 10, 0), 31_000))
        .collect();
    let nido = |refunded_on| ServiceFacts {
        refunds: vec![RefundFact {
            on: refunded_on,
            amount: Cents(15_500),
            paid_in: 2025,
        }],
        ..service("Nido", Some(ExpenseCode::Nursery), payments.clone())
    };
    let of = |year, refunded_on| only(&facts(year, vec![child("Sara", vec![nido(refunded_on)])]));
    let next_year = date(2026, 2, 15);
    assert_eq!(of(2025, next_year).net, Cents(310_000));
    assert_eq!(of(2026, next_year).refunds_earlier, [(2025, Cents(15_500))]);
    assert_eq!(of(2026, next_year).net, Cents::ZERO);
    let same_year = of(2025, date(2025, 12, 20));
    assert_eq!(
        (same_year.net, same_year.refunds_same_year),
        (Cents(294_500), Cents(15_500))
    );
    assert!(same_year.refunds_earlier.is_empty());
}

#[test]
fn year_3_top_ups_are_attested_not_meals() {
    let cash = PaymentFact {
        traceable: Traceable::No,
        ..card(at(date(2025, 11, 3), 9, 0), 5000)
    };
    let ali = ServiceFacts {
        balance_at_year_end: Cents(5960),
        refunds: vec![RefundFact {
            on: date(2026, 6, 30),
            amount: Cents(5960),
            paid_in: 2025,
        }],
        ..meals(vec![
            card(at(date(2025, 9, 20), 9, 0), 10_000),
            card(at(date(2025, 12, 10), 9, 0), 10_000),
        ])
    };
    let first = only(&facts(2025, vec![child("Ali", vec![ali.clone()])]));
    assert_eq!(
        (first.net, first.residual_credit),
        (Cents(20_000), Cents(5960))
    );
    let with_cash = ServiceFacts {
        payments: [ali.payments.clone(), vec![cash.clone()]].concat(),
        ..ali.clone()
    };
    let with_cash = only(&facts(2025, vec![child("Ali", vec![with_cash])]));
    assert_eq!(
        (with_cash.net, with_cash.otherwise_paid),
        (Cents(20_000), Cents(5000))
    );
    // What is eaten in 2026 from the credit of 2025 is attested no second time.
    let left = only(&facts(2026, vec![child("Ali", vec![ali])]));
    assert_eq!(
        (left.net, left.refunds_earlier),
        (Cents::ZERO, vec![(2025, Cents(5960))])
    );
    let only_cash = facts(2025, vec![child("Ali", vec![meals(vec![cash])])]);
    assert_eq!(
        compute(&only_cash, Policy::Debtor),
        Computed::Nothing(Why::NotTraceable)
    );
}

#[test]
fn year_4_two_children_are_never_one_sum_and_nothing_is_cut_at_the_cap() {
    let paid = |cents| vec![card(at(date(2025, 5, 5), 9, 0), cents)];
    let bus = service(
        "Trasporto scolastico",
        Some(ExpenseCode::School),
        paid(45_000),
    );
    let camp = service("Centro estivo", None, paid(18_000));
    let mother = facts(
        2025,
        vec![
            child("Anna", vec![meals(paid(64_000)), bus]),
            child("Bea", vec![meals(paid(52_000)), camp.clone()]),
        ],
    );
    let sections = sections(&mother);
    let sums: Vec<Cents> = sections
        .iter()
        .map(|child| child.services.iter().map(|s| s.net).sum())
        .collect();
    assert_eq!(sums, [Cents(109_000), Cents(52_000)]);
    assert_eq!(
        sections[1].services.len(),
        1,
        "the summer camp can't be deducted"
    );
    let only_camp = facts(2025, vec![child("Bea", vec![camp])]);
    assert_eq!(
        compute(&only_camp, Policy::Debtor),
        Computed::Nothing(Why::NotDeductible)
    );
}

#[test]
fn year_5_whoever_paid_the_debtor_is_attested_unless_the_comune_decides_otherwise() {
    let day = at(date(2025, 4, 8), 9, 0);
    let father = PaymentFact {
        paid_by: Some(("Bianchi Ugo".to_owned(), "BNCGUO80A01A562X".to_owned())),
        ..card(day, 20_000)
    };
    let mother = PaymentFact {
        paid_by: Some(("Rossi Mara".to_owned(), MOTHER.to_owned())),
        ..card(day, 30_000)
    };
    let facts = facts(2025, vec![child("Tom", vec![meals(vec![mother, father])])]);
    let tom = only(&facts);
    assert_eq!(tom.net, Cents(50_000));
    let others: Vec<_> = tom
        .rows
        .iter()
        .filter_map(|r| r.payer_if_other.clone())
        .collect();
    assert_eq!(others, ["Bianchi Ugo"]);
    let paid_by = |code| match compute(&facts, Policy::WhoPaid(code)) {
        Computed::Sections(sections) => sections[0].services[0].net,
        Computed::Nothing(_) => Cents::ZERO,
    };
    let (hers, his) = (paid_by(MOTHER), paid_by("BNCGUO80A01A562X"));
    assert_eq!((hers, his), (Cents(30_000), Cents(20_000)));
    assert_eq!(hers + his, tom.net);
}

#[test]
fn what_is_not_ascertained_stays_apart_and_old_credit_is_not_this_years() {
    let counter = PaymentFact {
        traceable: Traceable::Unknown,
        ..card(at(date(2025, 3, 3), 9, 0), 3000)
    };
    let service = ServiceFacts {
        balance_at_year_end: Cents(9000),
        ..meals(vec![counter, card(at(date(2025, 3, 4), 9, 0), 2000)])
    };
    let section = only(&facts(2025, vec![child("Luca", vec![service])]));
    assert_eq!(section.not_ascertained, Cents(3000));
    assert_eq!(
        (section.net, section.residual_credit),
        (Cents(2000), Cents(2000))
    );
    let empty = facts(2025, vec![child("Luca", vec![meals(Vec::new())])]);
    assert_eq!(
        compute(&empty, Policy::Debtor),
        Computed::Nothing(Why::NoPayments)
    );
}

#[test]
fn a_refund_gives_back_the_newest_payments_before_it() {
    let cents = |n| Cents(n);
    let payments = [
        (date(2025, 11, 3), cents(5_000)),
        (date(2026, 1, 10), cents(2_000)),
        (date(2026, 9, 1), cents(1_000)),
    ];
    let told = |refunds: &[(Date, Cents)]| -> Vec<(Date, i64, i16)> {
        let found = attribute_refunds(&payments, refunds);
        found
            .into_iter()
            .map(|r| (r.on, r.amount.0, r.paid_in))
            .collect()
    };
    let june = date(2026, 6, 30);
    assert_eq!(
        told(&[(june, cents(2_500))]),
        [(june, 2_000, 2026), (june, 500, 2025)],
        "the payment of September came later"
    );
    let december = date(2026, 12, 1);
    assert_eq!(
        told(&[(june, cents(2_000)), (december, cents(3_000))]),
        [
            (june, 2_000, 2026),
            (december, 1_000, 2026),
            (december, 2_000, 2025)
        ],
        "what one refund took, the next does not take again"
    );
    assert_eq!(
        told(&[(date(2025, 1, 1), cents(700))]),
        [(date(2025, 1, 1), 700, 2025)],
        "credit that no payment here covers"
    );
}

#[test]
fn what_another_body_pays_is_told_apart_and_in_no_sum() {
    let paid = vec![card(at(date(2025, 5, 5), 9, 0), 10_000)];
    let nido = ServiceFacts {
        aided_by: vec![
            AidedBy {
                body: Some("INPS".to_owned()),
                amount: Cents(20_000),
            },
            AidedBy {
                body: Some("Regione".to_owned()),
                amount: Cents(7_270),
            },
        ],
        ..service("Nido", Some(ExpenseCode::Nursery), paid)
    };
    let facts = facts(2025, vec![child("Ali", vec![nido])]);
    let section = only(&facts);
    assert_eq!(
        (section.traceable, section.net, section.aided),
        (Cents(10_000), Cents(10_000), Cents(27_270))
    );
    assert_eq!(
        charge_pdf::bodies(&section.aided_by),
        "INPS 200,00\u{a0}€; Regione 72,70\u{a0}€"
    );
}
