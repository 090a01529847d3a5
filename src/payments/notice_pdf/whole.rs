//! "Rata unica": the one payment of a notice.

use super::drawing::{
    BAR, BAR_HEIGHT, GREY, RIGHT, at, bar, below, paragraph, points, put, put_right, put_wrapped,
};
use super::{NoticeData, Payment, qr};
use crate::base::date_it;
use crate::pdf::{ArtifactKind, DisplayList, Face, Ink, Length, PdfError, Role, wrap};

/// What a QR code is to who can't see it.
pub(super) const QR_ALT: &str = "Codice QR per il pagamento; contiene il codice avviso, il codice fiscale dell’ente e l’importo";
/// What to do with it: a sentence that may not be altered.
pub(super) const SCAN: &str =
    "Inquadra il codice QR con la tua app di pagamento o usa i dati accanto.";

pub(super) fn payment_data(
    list: &mut DisplayList,
    data: &NoticeData,
    payment: &Payment,
) -> Result<(), PdfError> {
    let symbol = qr(data, payment)?;
    list.artifact(ArtifactKind::Layout, |page| {
        page.rule(at(0, 1555), (Length::A4_WIDTH, BAR_HEIGHT), BAR);
        let thin = Length::tenth_pt(5);
        page.rule(at(0, 2055), (Length::A4_WIDTH, thin), GREY);
    });
    bar(list, 110, 1574, "Dati per il pagamento ", |page, _| {
        let black = (Face::Black, points(10));
        let bold = (Face::Bold, points(10));
        let (right, y) = below(at(RIGHT, 1574), 10);
        match payment.due_date {
            Some(due) => {
                put(page, 1440, 1574, (Face::Black, 10), "Rata unica ");
                let (x, _) = at(1660, 0);
                page.text((x, y), (Face::Regular, points(10)), Ink::BLACK, "entro il ");
                page.text_right((right, y), bold, Ink::BLACK, &date_it(due));
            }
            None => page.text_right((right, y), black, Ink::BLACK, "Rata unica"),
        }
    });
    paragraph(list, |page| {
        put_wrapped(page, (110, 1711), 470, (Face::Regular, 10), 5, SCAN);
    });
    let alt = QR_ALT.to_owned();
    list.leaf(Role::Figure { alt }, |page| {
        page.qr(at(632, 1711), Length::mm(25), symbol);
    });
    who_and_what(list, data, payment);
    paragraph(list, |page| {
        let amount = payment.amount.to_italian();
        let y = below(at(0, 1705), 12).1;
        let euro = (Face::Regular, points(8));
        page.text_right((euro_right(payment), y), euro, Ink::BLACK, "Euro ");
        let mono = (Face::MonoBold, points(12));
        page.text_right((Length::tenth_mm(RIGHT), y), mono, Ink::BLACK, &amount);
    });
    codes(list, data, payment);
    Ok(())
}

/// Where the label of the amount ends: the digits of Roboto Mono are 0.6 em wide.
fn euro_right(payment: &Payment) -> Length {
    let digits = payment.amount.to_italian().chars().count();
    let digit = points(12) * 6 / 10;
    Length::tenth_mm(RIGHT) - Length::mm(3) - digit * i32::try_from(digits).unwrap_or(0)
}

/// Debtor, creditor and subject under one another, in the height between amount and codes: the
/// largest size at which all three fit.
fn who_and_what(list: &mut DisplayList, data: &NoticeData, payment: &Payment) {
    const HEIGHT: Length = Length::tenth_mm(180);
    let full = |x: i32| Length::tenth_mm(RIGHT - x);
    let beside_amount = euro_right(payment) - Length::tenth_mm(1130) - Length::mm(9);
    let lines = [
        ("Destinatario ", 1130, beside_amount, &data.debtor_name),
        ("Ente Creditore ", 1160, full(1160), &data.creditor_name),
        ("Oggetto del pagamento ", 1265, full(1265), &data.subject),
    ];
    let leading = |size| points(size) * 11 / 10;
    let broken = |size: i32, width: Length, text: &str| wrap(Face::Bold, points(size), text, width);
    let height = |size: i32| {
        lines.iter().fold(Length::ZERO, |sum, (_, _, width, text)| {
            let count = broken(size, *width, text).len();
            sum + leading(size) * i32::try_from(count).unwrap_or(1)
        })
    };
    let least_gap = Length::pt(2);
    let size = (5..=8)
        .rev()
        .find(|size| height(*size) + least_gap * 3 <= HEIGHT)
        .unwrap_or(5);
    // As in the model, a line every 5.3 mm; closer only where a text takes several lines.
    let model_gap = Length::tenth_mm(53) - leading(size);
    let gap = model_gap.min((HEIGHT - height(size)) / 3);
    let mut y = Length::tenth_mm(1711);
    for (label, x, width, text) in lines {
        paragraph(list, |page| {
            let (left, mut baseline) = below((Length::tenth_mm(939), y), 8);
            page.text(
                (left, baseline),
                (Face::Regular, points(8)),
                Ink::BLACK,
                label,
            );
            for line in broken(size, width, text) {
                let at = (Length::tenth_mm(x), baseline);
                page.text(at, (Face::Bold, points(size)), Ink::BLACK, &line);
                baseline += leading(size);
                y += leading(size);
            }
            y += gap;
        });
    }
}

fn codes(list: &mut DisplayList, data: &NoticeData, payment: &Payment) {
    let mono = (Face::MonoBold, 10);
    let label = (Face::Regular, 8);
    let notice_x = match &data.cbill {
        Some(cbill) => {
            paragraph(list, |page| {
                put(page, 939, 1896, label, "Codice CBILL ");
                put(page, 939, 1929, mono, &cbill.to_uppercase());
            });
            1144
        }
        // Without a SIA code the label is left out, and the notice number takes its place.
        None => 939,
    };
    paragraph(list, |page| {
        put(page, notice_x, 1896, label, "Codice Avviso ");
        let number = payment.notice_number.grouped();
        put(page, notice_x, 1929, mono, &number);
    });
    paragraph(list, |page| {
        put_right(page, RIGHT, 1896, label, "Codice Fiscale Ente");
        put_right(page, RIGHT, 1929, mono, data.creditor_fiscal_code.as_str());
    });
}
