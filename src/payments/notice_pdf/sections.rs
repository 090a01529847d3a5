//! What every notice has: who asks, whom, how much, where to pay.

use super::drawing::{
    BAR, BAR_HEIGHT, LEFT, RIGHT, SECOND_COLUMN, at, bar, below, paragraph, points, put,
    put_wrapped,
};
use super::{NoticeData, Payment};
use crate::base::{Cents, date_it};
use crate::pdf::{ArtifactKind, DisplayList, Face, Ink, Length, Page, Role, text_width};

pub(super) fn grounds(list: &mut DisplayList) {
    list.artifact(ArtifactKind::Layout, |page| {
        for y in [442, 926] {
            page.rule(at(0, y), (Length::tenth_mm(1044), BAR_HEIGHT), BAR);
            page.rule(at(1049, y), (Length::tenth_mm(1051), BAR_HEIGHT), BAR);
        }
    });
}

/// The head of the first page.
pub(super) fn head(list: &mut DisplayList, data: &NoticeData) {
    paragraph(list, logo);
    if data.simulated {
        paragraph(list, simulated);
    }
    list.leaf(Role::H1, |page| subject(page, data));
}

/// The head of the pages that follow: a screen reader has heard it already.
pub(super) fn repeated_head(list: &mut DisplayList, data: &NoticeData) {
    list.artifact(ArtifactKind::Header, |page| {
        logo(page);
        if data.simulated {
            simulated(page);
        }
        subject(page, data);
    });
}

fn logo(page: &mut Page) {
    // The logo of pagoPA is a protected mark: its name stands in its place.
    put(page, LEFT, 118, (Face::Black, 12), "pagoPA ");
    put(page, 290, 125, (Face::Bold, 10), "Avviso di pagamento");
}

fn simulated(page: &mut Page) {
    let (x, y) = below(at(RIGHT, 125), 10);
    let text = "SIMULAZIONE – avviso dimostrativo, non pagabile";
    page.text_right((x, y), (Face::Bold, points(10)), Ink::RED, text);
}

fn subject(page: &mut Page, data: &NoticeData) {
    put_wrapped(page, (LEFT, 250), 1500, (Face::Bold, 16), 2, &data.subject);
}

fn fiscal_code_beside(page: &mut Page, right: i32, y: i32, code: &str) {
    let label = "Codice Fiscale ";
    let (_, baseline) = below(at(0, y), 8);
    let mono = (Face::Mono, points(8));
    let width = text_width(mono.0, mono.1, code);
    let start = Length::tenth_mm(right) - width;
    page.text_right(
        (start - Length::mm(1), baseline),
        (Face::Regular, points(8)),
        Ink::BLACK,
        label,
    );
    page.text((start, baseline), mono, Ink::BLACK, code);
}

pub(super) fn creditor(list: &mut DisplayList, data: &NoticeData) {
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

pub(super) fn debtor(list: &mut DisplayList, data: &NoticeData) {
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

/// The sentence that may not be altered.
const MAY_CHANGE: &str = "In fase di pagamento l’importo potrebbe subire aumenti (per sanzioni, interessi, costi di notifica o altri fattori) o riduzioni (per sgravi o note di credito).";

pub(super) fn how_much(list: &mut DisplayList, data: &NoticeData) {
    let rates = data.payments.iter().filter(|p| p.instalment.is_some());
    let rates = rates.count();
    bar(list, LEFT, 945, "Quanto e quando pagare? ", |page, x| {
        // With one left there is nothing to choose.
        if rates > 1 {
            let (_, y) = below(at(0, 951), 8);
            let text = format!("Puoi pagare in {rates} rate");
            page.text((x, y), (Face::Regular, points(8)), Ink::BLACK, &text);
        }
    });
    let total: Cents = data.payments.iter().map(|p| p.amount).sum();
    paragraph(list, |page| {
        let large = (Face::Bold, points(16));
        let small = (Face::Bold, points(8));
        let (x, y) = below(at(115, 1079), 16);
        let amount = format!("{} ", total.to_italian());
        let mut x = page.text((x, y), large, Ink::BLACK, &amount);
        x = page.text((x, y), large, Ink::BLACK, "Euro ");
        if let [
            Payment {
                due_date: Some(due),
                ..
            },
        ] = data.payments.as_slice()
        {
            x = page.text((x, y), small, Ink::BLACK, "entro il ");
            page.text((x, y), large, Ink::BLACK, &date_it(*due));
        }
    });
    paragraph(list, |page| {
        put_wrapped(page, (114, 1268), 860, (Face::Regular, 8), 5, MAY_CHANGE);
    });
}

pub(super) fn where_to_pay(list: &mut DisplayList, data: &NoticeData) {
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
            put(page, SECOND_COLUMN, y, (Face::Bold, 10), title);
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
