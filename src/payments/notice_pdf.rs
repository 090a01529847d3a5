//! The pagoPA payment notice: one payment, with or without a due date.
//!
//! Geometry of the official model (Avvisi, attachment 1), fixed sentences of version 3.5, which
//! may not be altered. Coordinates are tenths of a millimetre from the top left corner.

use super::NoticeNumber;
use crate::base::{Cents, Date, Instant, date_it};
use crate::pdf::{
    self, ArtifactKind, DisplayList, Face, Ink, Length, Meta, Page, PdfError, QrSymbol, Role, wrap,
};
use crate::people::EntityFiscalCode;

/// What the notice says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeData {
    /// What is paid for, at most 90 characters. No personal data: it travels with the payment.
    pub subject: String,
    /// The comune, at most 50 characters.
    pub creditor_name: String,
    /// The office, at most 50 characters; may be empty.
    pub creditor_department: String,
    /// Where to ask, at most 100 characters; may be empty.
    pub creditor_info: String,
    /// The fiscal code of the comune.
    pub creditor_fiscal_code: EntityFiscalCode,
    /// The debtor, at most 70 characters.
    pub debtor_name: String,
    /// The debtor's fiscal code; `None` only when it is not known.
    pub debtor_fiscal_code: Option<String>,
    /// The debtor's address, at most 140 characters; may be empty.
    pub debtor_address: String,
    /// The amount, at most 99,999,999.99 euros: what the QR code carries.
    pub amount: Cents,
    /// The last day to pay; `None` for a notice without a due date.
    pub due_date: Option<Date>,
    /// The notice number.
    pub notice_number: NoticeNumber,
    /// The SIA code of the comune, where it has one.
    pub cbill: Option<String>,
    /// True in the demo: the notice says that it can't be paid.
    pub simulated: bool,
    /// When the notice was made.
    pub created_at: Instant,
}

const GREY: Ink = Ink(0x7c, 0x7c, 0x7b);
const BAR: Ink = Ink(0xec, 0xec, 0xec);
const LEFT: i32 = 107;
const RIGHT: i32 = 1987;
const SECOND_COLUMN: i32 = 1126;

/// The notice as a PDF. The same data give the same bytes.
///
/// # Errors
/// [`PdfError::TooLong`] or [`PdfError::Invalid`] names the field that can't be printed.
pub fn render(data: &NoticeData) -> Result<Vec<u8>, PdfError> {
    check(data)?;
    let qr_text = data
        .notice_number
        .qr_payload(&data.creditor_fiscal_code, data.amount)
        .map_err(|_| PdfError::Invalid {
            field: "amount",
            reason: "it is not between 0.01 and 99,999,999.99 euros",
        })?;
    let symbol = QrSymbol::pagopa(&qr_text)?;
    let mut list = DisplayList::new(Meta {
        title: format!("Avviso di pagamento – {}", data.subject),
        author: data.creditor_name.clone(),
        created: data.created_at,
    });
    grounds(&mut list);
    head(&mut list, data);
    creditor(&mut list, data);
    debtor(&mut list, data);
    how_much(&mut list, data);
    where_to_pay(&mut list, data);
    payment_data(&mut list, data, symbol);
    pdf::write(&list)
}

/// The limits of the official model (Avvisi 3.5).
fn check(data: &NoticeData) -> Result<(), PdfError> {
    let fields = [
        ("subject", data.subject.as_str(), 90),
        ("creditor_name", &data.creditor_name, 50),
        ("creditor_department", &data.creditor_department, 50),
        ("creditor_info", &data.creditor_info, 100),
        ("debtor_name", &data.debtor_name, 70),
        (
            "debtor_fiscal_code",
            data.debtor_fiscal_code.as_deref().unwrap_or(""),
            16,
        ),
        ("debtor_address", &data.debtor_address, 140),
        ("cbill", data.cbill.as_deref().unwrap_or(""), 5),
    ];
    for (field, value, max) in fields {
        let length = value.chars().count();
        if length > max {
            return Err(PdfError::TooLong { field, length, max });
        }
    }
    let required = [
        ("subject", &data.subject),
        ("creditor_name", &data.creditor_name),
        ("debtor_name", &data.debtor_name),
    ];
    for (field, value) in required {
        if value.trim().is_empty() {
            return Err(PdfError::Invalid {
                field,
                reason: "it is empty",
            });
        }
    }
    Ok(())
}

/// A position in tenths of a millimetre; `y` is the top of the text, as in the model.
fn at(x: i32, y: i32) -> (Length, Length) {
    (Length::tenth_mm(x), Length::tenth_mm(y))
}

fn points(size: i32) -> Length {
    Length::pt(size)
}

/// From the top of a text to its baseline.
fn below((x, y): (Length, Length), size: i32) -> (Length, Length) {
    (x, y + points(size) * 7 / 10)
}

fn put(page: &mut Page, x: i32, y: i32, (face, size): (Face, i32), ink: Ink, text: &str) -> Length {
    page.text(below(at(x, y), size), (face, points(size)), ink, text)
}

fn put_right(page: &mut Page, right: i32, y: i32, (face, size): (Face, i32), text: &str) {
    page.text_right(
        below(at(right, y), size),
        (face, points(size)),
        Ink::BLACK,
        text,
    );
}

/// A text in a box of so many lines: the size goes down, not below 7 points, until it fits.
fn put_wrapped(
    page: &mut Page,
    (x, y): (i32, i32),
    width: i32,
    (face, size): (Face, i32),
    lines: usize,
    text: &str,
) {
    let broken = |size| wrap(face, points(size), text, Length::tenth_mm(width));
    let size = (7..=size)
        .rev()
        .find(|size| broken(*size).len() <= lines)
        .unwrap_or(7);
    let (left, mut baseline) = below(at(x, y), size);
    for line in broken(size) {
        page.text((left, baseline), (face, points(size)), Ink::BLACK, &line);
        baseline += points(size) * 12 / 10;
    }
}

fn paragraph(list: &mut DisplayList, draw: impl FnOnce(&mut Page)) {
    list.leaf(Role::P, draw);
}

fn grounds(list: &mut DisplayList) {
    list.artifact(ArtifactKind::Layout, |page| {
        let height = Length::tenth_mm(65);
        for y in [442, 926] {
            page.rule(at(0, y), (Length::tenth_mm(1044), height), BAR);
            page.rule(at(1049, y), (Length::tenth_mm(1051), height), BAR);
        }
        page.rule(at(0, 1555), (Length::A4_WIDTH, height), BAR);
        page.rule(at(0, 2055), (Length::A4_WIDTH, Length::tenth_pt(5)), GREY);
    });
}

fn head(list: &mut DisplayList, data: &NoticeData) {
    paragraph(list, |page| {
        // The logo of pagoPA is a protected mark: its name stands in its place.
        put(page, LEFT, 118, (Face::Black, 12), Ink::BLACK, "pagoPA ");
        put(
            page,
            290,
            125,
            (Face::Bold, 10),
            Ink::BLACK,
            "Avviso di pagamento",
        );
    });
    if data.simulated {
        paragraph(list, |page| {
            let (x, y) = below(at(RIGHT, 125), 10);
            let text = "SIMULAZIONE – avviso dimostrativo, non pagabile";
            page.text_right((x, y), (Face::Bold, points(10)), Ink::RED, text);
        });
    }
    list.leaf(Role::H1, |page| {
        put_wrapped(page, (LEFT, 250), 1500, (Face::Bold, 16), 2, &data.subject);
    });
}

/// A section's title in its bar, and what stands beside it.
fn bar(
    list: &mut DisplayList,
    x: i32,
    y: i32,
    title: &str,
    beside: impl FnOnce(&mut Page, Length),
) {
    list.leaf(Role::H2, |page| {
        let end = put(page, x, y, (Face::Bold, 10), Ink::BLACK, title);
        beside(page, end + Length::mm(4));
    });
}

fn fiscal_code_beside(page: &mut Page, right: i32, y: i32, code: &str) {
    let label = "Codice Fiscale ";
    let (_, baseline) = below(at(0, y), 8);
    let mono = (Face::Mono, points(8));
    let width = {
        let mut measure = Page::default();
        measure.text((Length::ZERO, Length::ZERO), mono, Ink::BLACK, code)
    };
    let start = Length::tenth_mm(right) - width;
    page.text_right(
        (start - Length::mm(1), baseline),
        (Face::Regular, points(8)),
        Ink::BLACK,
        label,
    );
    page.text((start, baseline), mono, Ink::BLACK, code);
}

fn creditor(list: &mut DisplayList, data: &NoticeData) {
    bar(list, LEFT, 460, "Ente Creditore ", |page, _| {
        fiscal_code_beside(page, 1000, 466, data.creditor_fiscal_code.as_str());
    });
    paragraph(list, |page| {
        put_wrapped(
            page,
            (LEFT, 575),
            900,
            (Face::Bold, 12),
            2,
            &data.creditor_name,
        );
    });
    if !data.creditor_department.is_empty() {
        paragraph(list, |page| {
            put_wrapped(
                page,
                (LEFT, 685),
                900,
                (Face::Regular, 12),
                2,
                &data.creditor_department,
            );
        });
    }
    if !data.creditor_info.is_empty() {
        paragraph(list, |page| {
            put_wrapped(
                page,
                (LEFT, 792),
                900,
                (Face::Regular, 8),
                2,
                &data.creditor_info,
            );
        });
    }
}

fn debtor(list: &mut DisplayList, data: &NoticeData) {
    bar(list, SECOND_COLUMN, 460, "Destinatario ", |page, _| {
        if let Some(code) = &data.debtor_fiscal_code {
            fiscal_code_beside(page, RIGHT, 466, code);
        }
    });
    paragraph(list, |page| {
        put_wrapped(
            page,
            (SECOND_COLUMN, 575),
            870,
            (Face::Bold, 12),
            2,
            &data.debtor_name,
        );
    });
    if !data.debtor_address.is_empty() {
        paragraph(list, |page| {
            put_wrapped(
                page,
                (SECOND_COLUMN, 685),
                860,
                (Face::Regular, 12),
                3,
                &data.debtor_address,
            );
        });
    }
}

fn how_much(list: &mut DisplayList, data: &NoticeData) {
    bar(list, LEFT, 945, "Quanto e quando pagare? ", |_, _| {});
    paragraph(list, |page| {
        let large = (Face::Bold, points(16));
        let small = (Face::Bold, points(8));
        let (x, y) = below(at(115, 1079), 16);
        let amount = format!("{} ", data.amount.to_italian());
        let mut x = page.text((x, y), large, Ink::BLACK, &amount);
        x = page.text((x, y), large, Ink::BLACK, "Euro ");
        if let Some(due) = data.due_date {
            x = page.text((x, y), small, Ink::BLACK, "entro il ");
            page.text((x, y), large, Ink::BLACK, &date_it(due));
        }
    });
    paragraph(list, |page| {
        let text = "In fase di pagamento l’importo potrebbe subire aumenti (per sanzioni, interessi, costi di notifica o altri fattori) o riduzioni (per sgravi o note di credito).";
        put_wrapped(page, (114, 1268), 860, (Face::Regular, 8), 5, text);
    });
}

fn where_to_pay(list: &mut DisplayList, data: &NoticeData) {
    bar(list, SECOND_COLUMN, 945, "Dove pagare? ", |page, x| {
        let (_, y) = below(at(0, 951), 8);
        page.text(
            (x, y),
            (Face::Regular, points(8)),
            Ink::BLACK,
            "vai su pagopa.gov.it",
        );
    });
    let online = format!(
        "oppure sul sito di {}, dal tuo Home Banking, con la tua app di pagamento o con gli altri canali abilitati.",
        data.creditor_name
    );
    let channels = [
        (1074, "Paga con l’app IO ", online.as_str()),
        (
            1257,
            "Paga sul territorio ",
            "presso Banche e Sportelli ATM, negli Uffici Postali e Punti Postali, nei Bar, Edicole, Ricevitorie, Supermercati, Tabaccherie e altri Esercenti Convenzionati.",
        ),
    ];
    for (y, title, text) in channels {
        paragraph(list, |page| {
            put(page, SECOND_COLUMN, y, (Face::Bold, 10), Ink::BLACK, title);
            put_wrapped(
                page,
                (SECOND_COLUMN, y + 47),
                860,
                (Face::Regular, 8),
                3,
                text,
            );
        });
    }
}

fn payment_data(list: &mut DisplayList, data: &NoticeData, symbol: QrSymbol) {
    bar(list, 110, 1574, "Dati per il pagamento ", |page, _| {
        let black = (Face::Black, points(10));
        let bold = (Face::Bold, points(10));
        let (right, y) = below(at(RIGHT, 1574), 10);
        match data.due_date {
            Some(due) => {
                put(
                    page,
                    1440,
                    1574,
                    (Face::Black, 10),
                    Ink::BLACK,
                    "Rata unica ",
                );
                let (x, _) = at(1660, 0);
                page.text((x, y), (Face::Regular, points(10)), Ink::BLACK, "entro il ");
                page.text_right((right, y), bold, Ink::BLACK, &date_it(due));
            }
            None => page.text_right((right, y), black, Ink::BLACK, "Rata unica"),
        }
    });
    paragraph(list, |page| {
        let text = "Inquadra il codice QR con la tua app di pagamento o usa i dati accanto.";
        put_wrapped(page, (110, 1711), 470, (Face::Regular, 10), 5, text);
    });
    let alt = "Codice QR per il pagamento; contiene il codice avviso, il codice fiscale dell’ente e l’importo".to_owned();
    list.leaf(Role::Figure { alt }, |page| {
        page.qr(at(632, 1711), Length::mm(25), symbol);
    });
    who_and_what(list, data);
    paragraph(list, |page| {
        let amount = data.amount.to_italian();
        let y = below(at(0, 1705), 12).1;
        let euro = (Face::Regular, points(8));
        page.text_right((euro_right(data), y), euro, Ink::BLACK, "Euro ");
        let mono = (Face::MonoBold, points(12));
        page.text_right((Length::tenth_mm(RIGHT), y), mono, Ink::BLACK, &amount);
    });
    codes(list, data);
}

/// Where the label of the amount ends: the digits of Roboto Mono are 0.6 em wide.
fn euro_right(data: &NoticeData) -> Length {
    let digits = data.amount.to_italian().chars().count();
    let digit = points(12) * 6 / 10;
    Length::tenth_mm(RIGHT) - Length::mm(3) - digit * i32::try_from(digits).unwrap_or(0)
}

/// Debtor, creditor and subject under one another, in the height between amount and codes: the
/// largest size at which all three fit.
fn who_and_what(list: &mut DisplayList, data: &NoticeData) {
    const HEIGHT: Length = Length::tenth_mm(180);
    let full = |x: i32| Length::tenth_mm(RIGHT - x);
    let beside_amount = euro_right(data) - Length::tenth_mm(1130) - Length::mm(9);
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

fn codes(list: &mut DisplayList, data: &NoticeData) {
    let mono = (Face::MonoBold, 10);
    let label = (Face::Regular, 8);
    let notice_x = match &data.cbill {
        Some(cbill) => {
            paragraph(list, |page| {
                put(page, 939, 1896, label, Ink::BLACK, "Codice CBILL ");
                put(page, 939, 1929, mono, Ink::BLACK, &cbill.to_uppercase());
            });
            1144
        }
        // Without a SIA code the label is left out, and the notice number takes its place.
        None => 939,
    };
    paragraph(list, |page| {
        put(page, notice_x, 1896, label, Ink::BLACK, "Codice Avviso ");
        put(
            page,
            notice_x,
            1929,
            mono,
            Ink::BLACK,
            &data.notice_number.grouped(),
        );
    });
    paragraph(list, |page| {
        put_right(page, RIGHT, 1896, label, "Codice Fiscale Ente");
        put_right(page, RIGHT, 1929, mono, data.creditor_fiscal_code.as_str());
    });
}
