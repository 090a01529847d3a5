use jiff::civil::date;

use super::*;

fn payment(instalment: Option<u32>, cents: i64) -> Payment {
    Payment {
        instalment,
        notice_number: NoticeNumber::parse("300715700000000032").unwrap(),
        amount: Cents(cents),
        due_date: Some(date(2026, 12, 31)),
    }
}

fn account() -> PostalAccount {
    PostalAccount {
        number: "1630".to_owned(),
        holder: "Comune di Borgo San Lieto".to_owned(),
        authorisation: "AUT. DB/SIMU/000 00000 DEL 01/09/2025".to_owned(),
    }
}

fn data() -> NoticeData {
    NoticeData {
        subject: "Refezione scolastica - ricarica".to_owned(),
        creditor_name: "Comune di Borgo San Lieto".to_owned(),
        creditor_department: String::new(),
        creditor_info: String::new(),
        creditor_fiscal_code: EntityFiscalCode::parse("01199250158").unwrap(),
        debtor_name: "D’Àmico Șerban Łukasz".to_owned(),
        debtor_fiscal_code: Some("RSSMRA85T50A562W".to_owned()),
        debtor_address: String::new(),
        payments: vec![payment(None, 9_310)],
        cbill: None,
        postal: Some(account()),
        simulated: false,
        created_at: Instant(1_788_000_123_000),
    }
}

/// The record of a notice, field by field (facts of three agreeing implementations: docs/notices.md).
#[test]
fn the_record_of_the_slip_has_every_field_in_its_place() {
    let data = data();
    let record = postal::record(&data, &account(), &data.payments[0]);
    assert_eq!(record.len(), 256);
    for (from, text) in [
        (0, "codfase=NBPA;"),
        (13, "18300715700000000032"),
        (33, "12000000001630"),
        (47, "100000009310"),
        (59, "3896"),
        (63, "1P1"),
        (66, "01199250158"),
        (77, "RSSMRA85T50A562W"),
        (93, "D'AMICO SERBAN LUKASZ                   "),
        (133, "REFEZIONE SCOLASTICA - RICARICA  "),
        (243, "            A"),
    ] {
        assert_eq!(&record[from..from + text.len()], text, "at {from}");
    }
}

/// The first 77 characters of the record in the tests of io-app (pagopa/io-app, Poste Data Matrix).
#[test]
fn a_published_record_begins_as_ours_does() {
    let mut data = data();
    data.creditor_fiscal_code = EntityFiscalCode::parse("00085240950").unwrap();
    let account = PostalAccount {
        number: "16302093".to_owned(),
        ..account()
    };
    let record = postal::record(&data, &account, &payment(None, 1));
    assert_eq!(
        &record[..77],
        "codfase=NBPA;183007157000000000321200001630209310000000000138961P100085240950"
    );
}

#[test]
fn a_record_keeps_its_length_whatever_the_names_are() {
    let long = "Ñandú Żółć 李 Μαρία ".repeat(9);
    let mut data = data();
    data.debtor_name = long.chars().take(70).collect();
    data.subject = long.chars().take(90).collect();
    data.debtor_fiscal_code = None;
    let record = postal::record(&data, &account(), &payment(None, 9_999_999_999));
    assert_eq!(record.len(), 256);
    assert!(
        record.bytes().all(|b| (b' '..=b'~').contains(&b)),
        "{record}"
    );
    assert!(record.ends_with("            A"));
    assert!(record[93..133].starts_with("NANDU ZOLC"));
    assert_eq!(record[77..93].trim(), "");
}

#[test]
fn a_notice_has_one_payment_or_instalments() {
    let with = |payments| {
        let mut data = data();
        data.payments = payments;
        render(&data).map(|_| ())
    };
    assert!(with(vec![payment(None, 100)]).is_ok());
    assert!(with(vec![payment(Some(3), 100)]).is_ok());
    for wrong in [vec![], vec![payment(None, 100), payment(None, 100)]] {
        let said = with(wrong).unwrap_err();
        assert!(
            matches!(
                said,
                PdfError::Invalid {
                    field: "payments",
                    ..
                }
            ),
            "{said}"
        );
    }
}
