//! The notes under an attestation, each only where it applies.

use super::content::{ChildSection, ExpenseCode};
use crate::base::{Date, date_it};

const SCHOOL: &str = "Codice 12: refezione, trasporto scolastico, pre e post scuola sono detraibili ai sensi dell’art. 15, c. 1, lett. e-bis, del TUIR. Il limite annuo di spesa per alunno riguarda il contribuente: qui sono indicate tutte le somme pagate.";
const NURSERY: &str = "Codice 33: le rette del nido sono detraibili ai sensi dell’art. 1, c. 335, della L. 266/2005. La detrazione è alternativa al bonus nido dell’INPS per le stesse somme.";
const TRACEABLE: &str = "La detrazione spetta per i pagamenti fatti con strumenti tracciabili (art. 1, c. 679, L. 160/2019). Conservare le prove dei pagamenti insieme a questo documento.";
const NOT_ASCERTAINED: &str = "Per i pagamenti con mezzo non accertato chi li ha fatti può provare lo strumento usato, per esempio con l’estratto conto della carta.";
const REFUNDED: &str = "I rimborsi di spese di anni precedenti non riducono l’importo attestato: se la spesa era stata detratta, vanno dichiarati nel rigo D7, codice 4, del mod. 730.";

/// The notes for these sections. `as_of` is the day of issue when the year is not over yet.
pub(super) fn notes(children: &[ChildSection], year: i16, as_of: Option<Date>) -> Vec<String> {
    let services = || children.iter().flat_map(|child| &child.services);
    let has = |code| services().any(|s| s.code == Some(code));
    let mut notes = Vec::new();
    if let Some(day) = as_of {
        notes.push(format!(
            "L’anno {year} non è ancora concluso: questa attestazione comprende i pagamenti ricevuti fino al {}.",
            date_it(day)
        ));
    }
    for (applies, note) in [
        (has(ExpenseCode::School), SCHOOL),
        (has(ExpenseCode::Nursery), NURSERY),
        (true, TRACEABLE),
        (
            services().any(|s| s.not_ascertained.is_positive()),
            NOT_ASCERTAINED,
        ),
        (services().any(|s| !s.refunds_earlier.is_empty()), REFUNDED),
    ] {
        if applies {
            notes.push(note.to_owned());
        }
    }
    notes
}
