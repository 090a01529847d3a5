//! "Bollettino Postale PA": the slip of a postal account, with its Data Matrix code. It may be printed
//! only with an authorisation of Poste Italiane.

use unicode_normalization::UnicodeNormalization;

use super::drawing::{
    BAR, BAR_HEIGHT, GREY, RIGHT, at, below, labelled, paragraph, points, put, put_fitting,
    put_right, put_wrapped,
};
use super::instalments::rate_and_day;
use super::{NoticeData, Payment};
use crate::pdf::{
    ArtifactKind, DisplayList, Face, Ink, Length, PdfError, Role, Symbol, text_width, wrap,
};

/// The comune's postal account (conto corrente postale).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostalAccount {
    /// Its number, at most 12 digits.
    pub number: String,
    /// Who holds it, at most 50 characters.
    pub holder: String,
    /// `AUT. DB/… DEL …`, at most 60 characters.
    pub authorisation: String,
}

/// Where the parts of a slip stand, from the top of its bar, in tenths of a millimetre (attachment 1).
pub(super) struct Slip {
    /// From the top of a row of instalments to its first slip.
    pub(super) first: i32,
    /// From slip to slip.
    pub(super) step: i32,
    account: i32,
    matrix: i32,
    holder: i32,
    debtor: i32,
    subject: i32,
    words: i32,
    codes: i32,
    authorisation: i32,
}

/// The slip of a notice with one payment.
pub(super) const WHOLE: Slip = Slip {
    first: 0,
    step: 0,
    account: 202,
    matrix: 347,
    holder: 324,
    debtor: 390,
    subject: 450,
    words: 429,
    codes: 528,
    authorisation: 580,
};

/// Two slips on a page.
pub(super) const BY_TWO: Slip = Slip {
    first: 888,
    step: 786,
    account: 222,
    matrix: 366,
    holder: 344,
    debtor: 403,
    subject: 463,
    words: 449,
    codes: 548,
    authorisation: 600,
};

/// Three slips on a page.
pub(super) const BY_THREE: Slip = Slip {
    first: 852,
    step: 553,
    account: 108,
    matrix: 226,
    holder: 205,
    debtor: 264,
    subject: 320,
    words: 306,
    codes: 409,
    authorisation: 455,
};

const SECOND: i32 = 634;
/// Where the column of the texts ends and the Data Matrix begins.
const MATRIX: i32 = 1732;

/// Draws the slip of a payment; `top` is where its bar begins.
pub(super) fn slip(
    list: &mut DisplayList,
    data: &NoticeData,
    account: &PostalAccount,
    payment: &Payment,
    slip: &Slip,
    top: i32,
) -> Result<(), PdfError> {
    let symbol = Symbol::data_matrix(&record(data, account, payment))?;
    list.artifact(ArtifactKind::Layout, |page| {
        page.rule(at(0, top), (Length::A4_WIDTH, BAR_HEIGHT), BAR);
        let thin = Length::tenth_pt(5);
        page.rule(at(0, top), (Length::A4_WIDTH, thin), GREY);
    });
    list.leaf(Role::H2, |page| {
        put(
            page,
            110,
            top + 18,
            (Face::Bold, 10),
            "Bollettino Postale PA ",
        );
        // The marks of Poste are protected: their names stand in their place.
        put(page, SECOND, top + 18, (Face::Bold, 10), "BancoPosta ");
        rate_and_day(page, RIGHT, top + 18, payment);
    });
    paragraph(list, |page| {
        put(
            page,
            LEFT_COLUMN,
            top + slip.account,
            (Face::Black, 12),
            "Poste Italiane ",
        );
    });
    paragraph(list, |page| {
        let text = "Bollettino Postale pagabile in tutti gli Uffici Postali e sui canali fisici o digitali abilitati di Poste Italiane e dell’Ente Creditore";
        let y = top + slip.words;
        put_wrapped(page, (LEFT_COLUMN, y), 440, (Face::Regular, 8), 4, text);
    });
    paragraph(list, |page| {
        // 70 % of black, as the guide asks; what is longer than its column takes a second line.
        let (ink, size) = (Ink(0x4d, 0x4d, 0x4d), points(6));
        let (x, mut y) = below(at(LEFT_COLUMN, top + slip.authorisation), 6);
        let column = Length::tenth_mm(480);
        for line in wrap(Face::Regular, size, &account.authorisation, column) {
            page.text((x, y), (Face::Regular, size), ink, &line);
            y += size * 11 / 10;
        }
    });
    paragraph(list, |page| {
        let y = top + slip.account;
        put(page, 728, y + 5, (Face::Regular, 10), "sul C/C n. ");
        put(page, 875, y, (Face::MonoBold, 12), &account.number);
    });
    paragraph(list, |page| {
        let y = top + slip.account;
        let amount = payment.amount.to_italian();
        let mono = (Face::MonoBold, points(12));
        let width = text_width(mono.0, mono.1, &amount);
        let (right, baseline) = below(at(RIGHT, y), 12);
        let euro = (Face::Regular, points(10));
        page.text_right(
            (right - width - Length::mm(2), baseline),
            euro,
            Ink::BLACK,
            "Euro ",
        );
        page.text_right((right, baseline), mono, Ink::BLACK, &amount);
    });
    for (y, label, value_x, lines, value) in [
        (slip.holder, "Intestato a ", 772, 1, &account.holder),
        (slip.debtor, "Destinatario ", 812, 1, &data.debtor_name),
        (
            slip.subject,
            "Oggetto del pagamento ",
            922,
            2,
            &data.subject,
        ),
    ] {
        paragraph(list, |page| {
            put(page, SECOND, top + y, (Face::Regular, 8), label);
            let place = (value_x, top + y);
            put_wrapped(
                page,
                place,
                MATRIX - 60 - value_x,
                (Face::Bold, 8),
                lines,
                value,
            );
        });
    }
    let codes = |x: i32| (x, top + slip.codes, top + slip.codes + 33);
    let mono = (Face::MonoBold, 10);
    let number = payment.notice_number.grouped();
    labelled(list, codes(SECOND), "Codice Avviso ", |page, (x, y)| {
        put_fitting(page, (x, y), 500, mono, &number);
    });
    labelled(list, codes(1162), "Tipo ", |page, (x, y)| {
        put(page, x, y, mono, "P1 ");
    });
    paragraph(list, |page| {
        let (_, label, value) = codes(0);
        put_right(page, 1650, label, (Face::Regular, 8), "Codice Fiscale Ente");
        put_right(page, 1650, value, mono, data.creditor_fiscal_code.as_str());
    });
    let alt = "Codice Data Matrix del bollettino postale".to_owned();
    list.leaf(Role::Figure { alt }, |page| {
        page.qr(at(MATRIX, top + slip.matrix), Length::mm(25), symbol);
    });
    Ok(())
}

const LEFT_COLUMN: i32 = 109;

/// What the Data Matrix says: 256 characters of fixed width. Names and subjects that are longer are cut,
/// because the record has no more room; what it says in full stands beside it in print.
pub(super) fn record(data: &NoticeData, account: &PostalAccount, payment: &Payment) -> String {
    let debtor_code = data.debtor_fiscal_code.as_deref().unwrap_or("");
    let record = format!(
        "codfase=NBPA;18{}12{:0>12}10{:0>10}38961P1{}{}{}{}{:12}A",
        payment.notice_number,
        account.number,
        payment.amount.0,
        filled(data.creditor_fiscal_code.as_str(), 11),
        filled(debtor_code, 16),
        filled(&data.debtor_name, 40),
        filled(&data.subject, 110),
        "",
    );
    debug_assert_eq!(record.len(), 256);
    record
}

/// So many characters: printable ASCII in capitals, cut or filled with spaces.
fn filled(text: &str, width: usize) -> String {
    let plain = text.nfd().filter_map(|c| match c {
        '’' | '‘' => Some('\''),
        '–' | '—' => Some('-'),
        ' '..='~' => Some(c),
        // The mark over a letter goes; what has no letter of ASCII under it becomes a space.
        '\u{300}'..='\u{36f}' => None,
        'ß' => Some('S'),
        'ø' | 'Ø' => Some('O'),
        'ł' | 'Ł' => Some('L'),
        'đ' | 'Đ' | 'ð' | 'Ð' => Some('D'),
        'ı' => Some('I'),
        _ => Some(' '),
    });
    let text: String = plain.map(|c| c.to_ascii_uppercase()).take(width).collect();
    format!("{text:width$}")
}
