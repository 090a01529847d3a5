//! Instalments, each with its own notice number, QR code, amount and day: by two or by three a row,
//! the same all over a notice.

use super::drawing::{
    BAR, BAR_HEIGHT, at, below, labelled, paragraph, points, put, put_fitting, put_wrapped,
};
use super::whole::{QR_ALT, SCAN};
use super::{NoticeData, Payment, postal, qr, sections};
use crate::base::date_it;
use crate::pdf::{ArtifactKind, DisplayList, Face, Ink, Length, Page, PdfError, Role, text_width};

/// Where the parts of an instalment stand: `x` from the left end of its text, `y` from the top of its
/// bar, in tenths of a millimetre (attachment 1, pages 2 and 3).
struct Block {
    /// Left end and width of each bar.
    bars: &'static [(i32, i32)],
    /// Left end of the text of each block.
    texts: &'static [i32],
    /// From the text's left end so much is free.
    width: i32,
    qr_y: i32,
    euro: (i32, i32),
    amount: (i32, i32),
    /// Label and value of the debtor: not where three stand in a row.
    debtor: Option<(i32, i32, i32)>,
    creditor: (i32, i32, i32),
    subject: (i32, i32, i32),
    cbill: (i32, i32, i32),
    creditor_code: (i32, i32, i32),
    number: (i32, i32, i32),
    scan: (i32, i32),
    slip: &'static postal::Slip,
}

const BY_TWO: Block = Block {
    bars: &[(0, 1044), (1049, 1051)],
    texts: &[106, 1154],
    width: 833,
    qr_y: 129,
    euro: (307, 137),
    amount: (392, 133),
    debtor: Some((307, 206, 247)),
    creditor: (307, 306, 345),
    subject: (0, 409, 454),
    cbill: (0, 529, 566),
    creditor_code: (249, 529, 566),
    number: (0, 631, 668),
    scan: (0, 735),
    slip: &postal::BY_TWO,
};

const BY_THREE: Block = Block {
    bars: &[(0, 696), (701, 691), (1397, 703)],
    texts: &[109, 786, 1482],
    width: 505,
    qr_y: 126,
    euro: (275, 133),
    amount: (278, 174),
    debtor: None,
    creditor: (277, 250, 285),
    subject: (0, 409, 447),
    cbill: (0, 529, 563),
    creditor_code: (212, 529, 563),
    number: (0, 630, 667),
    scan: (0, 723),
    slip: &postal::BY_THREE,
};

/// The height of a row and the space to the next.
const ROW: i32 = 900;
/// Where the first row of a page begins, under the repeated head.
const TOP: i32 = 436;
/// Where the row of the first page begins, under what every notice has.
const TOP_OF_FIRST: i32 = 1555;

/// By three where that leaves no gap, and where there are many; else by two.
fn block(count: usize) -> &'static Block {
    if count.is_multiple_of(3) || count > 4 {
        &BY_THREE
    } else {
        &BY_TWO
    }
}

/// The rows. Slips stand under the row that they belong to, one row a page; without slips the first
/// row stands on the first page and two on each that follows.
pub(super) fn rows(
    list: &mut DisplayList,
    data: &NoticeData,
    payments: &[Payment],
) -> Result<(), PdfError> {
    let block = block(payments.len());
    for (number, row) in payments.chunks(block.texts.len()).enumerate() {
        let top = match (&data.postal, number) {
            (None, 0) => TOP_OF_FIRST,
            (None, number) if number % 2 == 0 => TOP + ROW,
            _ => {
                list.new_page();
                sections::repeated_head(list, data);
                TOP
            }
        };
        list.artifact(ArtifactKind::Layout, |page| {
            // The bar goes over the whole width, also where the last row is not full.
            for (x, width) in block.bars {
                page.rule(at(*x, top), (Length::tenth_mm(*width), BAR_HEIGHT), BAR);
            }
        });
        for (payment, left) in row.iter().zip(block.texts) {
            one(list, data, payment, block, (*left, top))?;
        }
        if let Some(account) = &data.postal {
            for (place, payment) in (0..).zip(row) {
                let y = top + block.slip.first + place * block.slip.step;
                postal::slip(list, data, account, payment, block.slip, y)?;
            }
        }
    }
    Ok(())
}

/// `Rata 2 entro il 31/10/2026`, ending at the right or beginning at the left.
pub(super) fn rate_and_day(page: &mut Page, right: i32, top: i32, payment: &Payment) {
    let bold = (Face::Bold, points(10));
    let (mut x, y) = below(at(right, top), 10);
    if let Some(due) = payment.due_date {
        let day = format!("entro il {}", date_it(due));
        page.text_right((x, y), bold, Ink::BLACK, &day);
        x -= text_width(bold.0, bold.1, &day) + Length::pt(3);
    }
    let rate = match payment.instalment {
        Some(number) => format!("Rata {number} "),
        None => "Rata unica ".to_owned(),
    };
    page.text_right((x, y), (Face::Black, points(10)), Ink::BLACK, &rate);
}

fn one(
    list: &mut DisplayList,
    data: &NoticeData,
    payment: &Payment,
    block: &Block,
    (left, top): (i32, i32),
) -> Result<(), PdfError> {
    let symbol = qr(data, payment)?;
    let place = |(x, y): (i32, i32)| (left + x, top + y);
    let places = |(x, label, value): (i32, i32, i32)| (left + x, top + label, top + value);
    let two = block.debtor.is_some();
    list.leaf(Role::H2, |page| {
        if two {
            put(
                page,
                left,
                top + 19,
                (Face::Bold, 10),
                "Dati per il pagamento ",
            );
        }
        rate_and_day(page, left + block.width, top + 19, payment);
    });
    let alt = QR_ALT.to_owned();
    list.leaf(Role::Figure { alt }, |page| {
        page.qr(at(left, top + block.qr_y), Length::mm(25), symbol);
    });
    paragraph(list, |page| {
        let (x, y) = place(block.euro);
        put(page, x, y, (Face::Regular, 10), "Euro ");
        let (x, y) = place(block.amount);
        let room = left + block.width - x;
        // By three the amount has less room than the largest needs.
        put_fitting(
            page,
            (x, y),
            room,
            (Face::MonoBold, if two { 12 } else { 10 }),
            &payment.amount.to_italian(),
        );
    });
    let beside = |at: (i32, i32), page: &mut Page, lines: usize, text: &str| {
        let room = left + block.width - at.0;
        // Two lines have room between the labels at seven points.
        let size = if text_width(Face::Bold, points(8), text) > Length::tenth_mm(room) {
            7
        } else {
            8
        };
        put_wrapped(page, at, room, (Face::Bold, size), lines, text);
    };
    if let Some(debtor) = block.debtor {
        labelled(list, places(debtor), "Destinatario ", |page, at| {
            beside(at, page, 2, &data.debtor_name);
        });
    }
    let lines = if two { 2 } else { 4 };
    labelled(
        list,
        places(block.creditor),
        "Ente Creditore ",
        |page, at| {
            beside(at, page, lines, &data.creditor_name);
        },
    );
    labelled(
        list,
        places(block.subject),
        "Oggetto del pagamento ",
        |page, at| {
            beside(at, page, 2, &data.subject);
        },
    );
    let mono = (Face::MonoBold, 10);
    let mut creditor_code = block.creditor_code;
    match &data.cbill {
        Some(cbill) => labelled(
            list,
            places(block.cbill),
            "Codice CBILL ",
            |page, (x, y)| {
                put(page, x, y, mono, &cbill.to_uppercase());
            },
        ),
        // Without a SIA code its label is left out.
        None => creditor_code.0 = block.cbill.0,
    }
    let code = data.creditor_fiscal_code.as_str();
    labelled(
        list,
        places(creditor_code),
        "Codice Fiscale Ente ",
        |page, (x, y)| {
            put(page, x, y, mono, code);
        },
    );
    let number = payment.notice_number.grouped();
    labelled(
        list,
        places(block.number),
        "Codice Avviso ",
        |page, (x, y)| {
            put(page, x, y, mono, &number);
        },
    );
    paragraph(list, |page| {
        put_wrapped(
            page,
            place(block.scan),
            block.width,
            (Face::Regular, 8),
            2,
            SCAN,
        );
    });
    Ok(())
}
