//! Why everything is where it is, in words.

use serde_json::{Value, json};

use crate::base::{Cents, date_it, datetime_it};
use crate::payments::NoticeNumber;
use crate::settlement::{FlowLine, FlowRowLine, FlowState, RowState, TreasuryRow, TreasuryState};

/// A state as a badge: word and tone.
pub(super) fn of_flow(state: FlowState) -> (&'static str, &'static str) {
    match state {
        FlowState::Open => ("senza movimento", "warn"),
        FlowState::Reconciled => ("riconciliato", "ok"),
        FlowState::Amount => ("importo diverso", "bad"),
        FlowState::Sums => ("somma sbagliata", "bad"),
        FlowState::Ignored => ("messo da parte", "off"),
    }
}

/// A state as a badge: word and tone.
pub(super) fn of_row(state: RowState) -> (&'static str, &'static str) {
    match state {
        RowState::Matched => ("con ricevuta", "ok"),
        RowState::Amount => ("importo diverso", "bad"),
        RowState::Suspense => ("ricevuta in sospeso", "warn"),
        RowState::NoReceipt => ("senza ricevuta", "warn"),
        RowState::PaidOtherwise => ("avviso già pagato", "bad"),
        RowState::Unknown => ("IUV sconosciuto", "bad"),
        RowState::Revoked => ("revocato", "bad"),
        RowState::Twice => ("rendicontato due volte", "bad"),
        RowState::Ignored => ("messo da parte", "off"),
        RowState::Superseded => ("superato", "off"),
    }
}

/// A state as a badge: word and tone.
pub(super) fn of_line(state: TreasuryState) -> (&'static str, &'static str) {
    match state {
        TreasuryState::Open => ("da abbinare", "bad"),
        TreasuryState::Matched => ("abbinato", "ok"),
        TreasuryState::Ignored => ("messo da parte", "off"),
        TreasuryState::Other => ("non pagoPA", "off"),
    }
}

pub(super) fn badge((word, tone): (&str, &str)) -> Value {
    json!({ "word": word, "tone": tone })
}

/// `10 centesimi`, `42,50 euro`.
pub(super) fn difference(amount: Cents) -> String {
    match amount.abs() {
        Cents(1) => "1 centesimo".to_owned(),
        Cents(cents) if cents < 100 => format!("{cents} centesimi"),
        amount => euros(amount),
    }
}

fn euros(amount: Cents) -> String {
    format!("{} euro", amount.to_italian())
}

fn rows_count(count: i64) -> String {
    match count {
        1 => "1 riga".to_owned(),
        count => format!("{count} righe"),
    }
}

/// What a flow says and what the bank did.
pub(super) fn flow(flow: &FlowLine) -> String {
    let says = format!(
        "Il flusso ha {} e {}",
        rows_count(flow.payments),
        euros(flow.total)
    );
    let missing = flow.total - flow.credited;
    match flow.state {
        FlowState::Reconciled if flow.total == Cents::ZERO => {
            format!(
                "{says}: tutti i pagamenti sono revocati, e la banca non deve accreditare niente."
            )
        }
        FlowState::Reconciled => format!("{says}; la banca ha accreditato lo stesso importo."),
        FlowState::Open => format!(
            "{says}; nessun movimento di tesoreria lo nomina ancora. L’accredito è atteso per il {}.",
            date_it(flow.settled_on)
        ),
        FlowState::Amount if missing.is_positive() => format!(
            "{says}; la banca ne ha accreditati {}: mancano {}.",
            flow.credited.to_italian(),
            difference(missing)
        ),
        FlowState::Amount => format!(
            "{says}; la banca ne ha accreditati {}: {} di troppo.",
            flow.credited.to_italian(),
            difference(missing)
        ),
        FlowState::Sums => format!(
            "{says}, ma le sue righe fanno {}: la differenza è di {}. Chiedi al PSP un flusso corretto.",
            euros(flow.paid),
            difference(flow.total - flow.paid)
        ),
        FlowState::Ignored => {
            format!("{says}. La ragioneria l’ha messo da parte.")
        }
    }
}

/// Why a row is where it is.
pub(super) fn row(row: &FlowRowLine) -> String {
    let account = row.account.as_deref().unwrap_or("sconosciuto");
    let day = date_it(row.day);
    let paid = row.paid_at.map_or_else(|| day.clone(), datetime_it);
    let outcome = match row.outcome {
        4 => " È stata incassata mentre la stazione dell’ente non rispondeva (esito 4).",
        8 => " È stata incassata senza richiesta all’ente (esito 8).",
        9 => " Il PSP l’ha incassata senza ricevuta (esito 9).",
        _ => "",
    };
    match row.state {
        RowState::Matched => format!(
            "Pagata il {paid} con ricevuta {}, accreditata sul conto {account}.{outcome}",
            row.iur
        ),
        RowState::Amount => {
            let receipt = row.receipt_amount.unwrap_or(Cents::ZERO);
            let more = if row.amount > receipt {
                "in più"
            } else {
                "in meno"
            };
            format!(
                "La ricevuta {} dice {}, il flusso {}: {} {more}. Sul conto {account} c’è l’importo della ricevuta.",
                row.iur,
                euros(receipt),
                euros(row.amount),
                difference(row.amount - receipt)
            )
        }
        RowState::Suspense => format!(
            "Pagata il {paid}, ma la ricevuta {} è in sospeso: accreditala a un conto da «Pagamenti».",
            row.iur
        ),
        RowState::NoReceipt if row.credited => format!(
            "Pagata il {day}; la ricevuta non è arrivata. L’importo è già accreditato sul conto {account}: quando arriva, la ricevuta prende il suo posto.{outcome}"
        ),
        RowState::NoReceipt => format!(
            "Pagata il {day} senza ricevuta. L’accredito sul conto {account} è stato ritirato.{outcome}"
        ),
        RowState::PaidOtherwise => format!(
            "L’avviso è già stato pagato con un’altra ricevuta: forse la famiglia ha pagato due volte. Il denaro del {day} non è su nessun conto."
        ),
        RowState::Unknown => format!(
            "Nessun avviso di Campanella ha lo IUV {}: il denaro è del Comune, ma riguarda qualcos’altro, oppure l’avviso non è stato importato.",
            row.iuv
        ),
        RowState::Revoked if row.credited => format!(
            "Il PSP ha revocato il pagamento il {day}. Un flusso precedente l’aveva accreditato sul conto {account}: l’accredito si può ritirare."
        ),
        RowState::Revoked => format!(
            "Il PSP ha revocato il pagamento il {day}: il denaro non arriva. Se una ricevuta l’ha accreditato, decide la ragioneria come rimediare."
        ),
        RowState::Twice => match &row.elsewhere {
            Some(flow) => {
                format!("La stessa riscossione sta già nel flusso {flow}: qui non conta.")
            }
            None => "La stessa riscossione sta già in un’altra riga: qui non conta.".to_owned(),
        },
        RowState::Ignored => "La ragioneria l’ha messa da parte.".to_owned(),
        RowState::Superseded => {
            "Un’edizione più recente del flusso ha preso il suo posto.".to_owned()
        }
    }
}

/// Why a treasury line is where it is.
pub(super) fn line(line: &TreasuryRow) -> String {
    match (line.state, &line.flow_id) {
        (TreasuryState::Matched, Some(flow)) if line.by_hand => {
            format!("Abbinato a mano al flusso {flow}: {}.", line.reason.as_deref().unwrap_or(""))
        }
        (TreasuryState::Matched, Some(flow)) => {
            format!("La causale nomina il flusso {flow}.")
        }
        (TreasuryState::Matched, None) => {
            "È il versamento di una sola ricevuta, come si faceva una volta.".to_owned()
        }
        (TreasuryState::Open, _) if line.kind == "flow" => {
            "La causale parla di un riversamento pagoPA, ma nessun flusso noto ha questo nome, oppure il suo flusso ha già avuto tutto.".to_owned()
        }
        (TreasuryState::Open, _) if line.kind == "single" => {
            "La causale nomina un solo pagamento (i PSP non dovrebbero più farlo), e nessuna ricevuta libera ha questo IUV e questo importo.".to_owned()
        }
        (TreasuryState::Open, _) => "È stato separato dal suo flusso: abbinalo a un altro.".to_owned(),
        (TreasuryState::Ignored, _) => {
            format!("Messo da parte: {}.", line.reason.as_deref().unwrap_or(""))
        }
        (TreasuryState::Other, _) => "La causale non parla di pagoPA.".to_owned(),
    }
}

/// A notice number in groups of four; an IUV where the notice is none of ours.
pub(super) fn number(row: &FlowRowLine) -> String {
    match &row.notice_number {
        Some(number) => {
            NoticeNumber::parse(number).map_or_else(|_| number.clone(), |n| n.grouped())
        }
        None => format!("IUV {}", row.iuv),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_differences_are_said_in_cents() {
        assert_eq!(difference(Cents(-10)), "10 centesimi");
        assert_eq!(difference(Cents(1)), "1 centesimo");
        assert_eq!(difference(Cents(4250)), "42,50 euro");
    }
}
