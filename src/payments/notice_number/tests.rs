use proptest::prelude::*;

use super::*;
use crate::municipality::SegregationCodeError;

fn number(text: &str) -> NoticeNumber {
    NoticeNumber::parse(text).unwrap()
}

#[test]
fn published_numbers_are_judged_by_their_check_digits() {
    let rows = include_str!("../../../tests/data/vectors_nav.tsv").lines();
    let mut count = 0;
    for row in rows.filter(|row| !row.starts_with('#')) {
        let f: Vec<_> = row.split('\t').collect();
        let read = NoticeNumber::parse(f[0]);
        if f[2].starts_with("no") {
            assert_eq!(read, Err(NoticeNumberError::WrongCheckDigits), "{row}");
        } else {
            assert_eq!(read.unwrap().aux_digit().to_string(), f[1], "{row}");
        }
        count += 1;
    }
    assert_eq!(count, 17);
}

#[test]
fn a_number_is_laid_out_by_its_first_digit() {
    let three = number("302032002700000251");
    assert_eq!(three.iuv().as_str(), "02032002700000251");
    assert_eq!(three.segregation_code(), SegregationCode::new(2).ok());
    assert_eq!(three.grouped(), "3020 3200 2700 0002 51");
    assert_eq!(number(&three.grouped()), three);
    assert_eq!(NoticeNumber::of_iuv(&three.iuv()), Ok(three));

    let zero = number("001340000013900808");
    assert_eq!(zero.iuv().as_str(), "340000013900808");
    assert_eq!(zero.segregation_code(), None);
    assert_eq!(
        NoticeNumber::of_iuv(&zero.iuv()),
        Err(NoticeNumberError::WrongLength { found: 16 })
    );

    let one = number("123456789012345678");
    assert_eq!(one.iuv().as_str(), "23456789012345678");
    assert_eq!(one.segregation_code(), None);
}

#[test]
fn an_error_says_what_is_wrong_and_where() {
    use NoticeNumberError::*;
    for (text, error) in [
        ("", WrongLength { found: 0 }),
        ("30203200270000025", WrongLength { found: 17 }),
        ("3020320027000002511", WrongLength { found: 19 }),
        (
            "3020 3200 2700 000O 51",
            NotADigit {
                position: 16,
                found: 'O',
            },
        ),
        (
            "٣02032002700000251",
            NotADigit {
                position: 1,
                found: '٣',
            },
        ),
        ("302032002700000252", WrongCheckDigits),
        ("402032002700000251", UnknownAuxDigit { found: '4' }),
    ] {
        assert_eq!(NoticeNumber::parse(text), Err(error), "{text}");
    }
    let segregation = SegregationCode::new(1).unwrap();
    assert_eq!(
        NoticeNumber::issue(segregation, 10_000_000_000_000),
        Err(BaseTooLarge)
    );
    assert!(NoticeNumber::issue(segregation, 9_999_999_999_999).is_ok());
    assert_eq!(
        NoticeNumber::issue(SegregationCode::new(2).unwrap(), 320_027_000_002),
        Ok(number("302032002700000251"))
    );
}

#[test]
fn segregation_codes_above_45_are_refused_with_a_reason() {
    assert_eq!("07".parse(), SegregationCode::new(7));
    assert_eq!("45".parse::<SegregationCode>().unwrap().to_string(), "45");
    let refused = "47".parse::<SegregationCode>().unwrap_err();
    assert!(refused.to_string().contains("Canone Unico"), "{refused}");
    for text in ["", "7", "007", "a1", "٠١"] {
        assert_eq!(
            text.parse::<SegregationCode>(),
            Err(SegregationCodeError::NotTwoDigits)
        );
    }
    let written = SegregationCode::overriding(48).unwrap();
    let db = rusqlite::Connection::open_in_memory().unwrap();
    let back: SegregationCode = db
        .query_row("select ?1", [written], |row| row.get(0))
        .unwrap();
    assert_eq!(back, written);
    assert!(SegregationCode::overriding(100).is_err());
    assert!(serde_json::from_str::<SegregationCode>("\"48\"").is_err());
}

#[test]
fn the_qr_says_what_published_ones_say() {
    let creditor = |text| EntityFiscalCode::parse(text).unwrap();
    let notice = number("302032002700000251");
    let payload = |cents| notice.qr_payload(&creditor("03334231200"), Cents(cents));
    assert_eq!(
        payload(11).unwrap(),
        "PAGOPA|002|302032002700000251|03334231200|11"
    );
    assert_eq!(
        payload(5).unwrap(),
        "PAGOPA|002|302032002700000251|03334231200|05"
    );
    assert_eq!(payload(9_999_999_999).unwrap().len(), 52);
    for cents in [0, -1, 10_000_000_000, i64::MIN] {
        assert_eq!(payload(cents), Err(QrAmountError(Cents(cents))));
    }
    let govpay = number("001340000013900808");
    let said = govpay
        .qr_payload(&creditor("01199250158"), Cents(5000))
        .unwrap();
    assert_eq!(said, "PAGOPA|002|001340000013900808|01199250158|5000");
}

#[test]
fn the_database_and_json_keep_only_right_numbers() {
    let db = rusqlite::Connection::open_in_memory().unwrap();
    let notice = number("302032002700000251");
    let back: NoticeNumber = db
        .query_row("select ?1", [notice], |row| row.get(0))
        .unwrap();
    assert_eq!(back, notice);
    let wrong = db.query_row("select '302032002700000252'", [], |row| {
        row.get::<_, NoticeNumber>(0)
    });
    assert!(wrong.is_err());
    let iuv: Iuv = db
        .query_row("select ?1", [notice.iuv()], |row| row.get(0))
        .unwrap();
    assert_eq!(iuv, notice.iuv());
    assert_eq!(
        serde_json::to_string(&notice).unwrap(),
        "\"302032002700000251\""
    );
    assert!(serde_json::from_str::<NoticeNumber>("\"302032002700000252\"").is_err());
    assert_eq!(Iuv::parse("1234567890123456"), Err(NotAnIuv));
}

/// A right number with check digits: issued ones, and old ones of aux digits 0 and 2.
fn checked_number() -> impl Strategy<Value = [u8; LENGTH]> {
    (
        prop_oneof![Just(0u64), Just(2), Just(3)],
        0..1_000_000_000_000_000u64,
    )
        .prop_map(|(aux, rest)| {
            let first_16 = aux * 1_000_000_000_000_000 + rest;
            digits(first_16 * 100 + first_16 % 93)
        })
}

fn parse(number: &[u8]) -> Result<NoticeNumber, NoticeNumberError> {
    NoticeNumber::parse(std::str::from_utf8(number).unwrap())
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".*") {
        let _ = NoticeNumber::parse(&text);
        let _ = Iuv::parse(&text);
        let _ = SegregationCode::parse(&text);
    }

    #[test]
    fn what_is_issued_is_read_back(segregation in 0u8..=45, base in 0..BASES) {
        let code = SegregationCode::new(segregation).unwrap();
        let issued = NoticeNumber::issue(code, base).unwrap();
        prop_assert_eq!(NoticeNumber::parse(issued.as_str()), Ok(issued));
        prop_assert_eq!(issued.segregation_code(), Some(code));
        prop_assert_eq!(value(&issued.0[3..16]), base);
        prop_assert_eq!(NoticeNumber::of_iuv(&issued.iuv()), Ok(issued));
    }

    #[test]
    fn one_wrong_digit_is_noticed(right in checked_number(), at in 1usize..LENGTH, by in 1u8..10) {
        prop_assert!(parse(&right).is_ok());
        let mut wrong = right;
        wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
        prop_assert_eq!(parse(&wrong), Err(NoticeNumberError::WrongCheckDigits));
    }

    #[test]
    fn two_neighbours_exchanged_are_noticed(right in checked_number(), at in 1usize..15) {
        prop_assume!(right[at] != right[at + 1]);
        let mut wrong = right;
        wrong.swap(at, at + 1);
        prop_assert_eq!(parse(&wrong), Err(NoticeNumberError::WrongCheckDigits));
    }
}
