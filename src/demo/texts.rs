//! What the demo's comune and families have written: news, calls, messages.

use jiff::civil::{Date, Time};
use rusqlite::Transaction;

use super::families::Family;
use crate::base::{Actor, Instant, Result, SchoolYear, ServiceId, StaffActor, today};
use crate::calls::{self, LegalKind, NewCall};
use crate::{messages, municipality, news};

fn at(day: Date, hour: i8, minute: i8) -> Instant {
    Instant::from_rome(day.to_datetime(Time::constant(hour, minute, 0, 0)))
}

fn days(n: i64) -> jiff::Span {
    jiff::Span::new().days(n)
}

/// Three pieces of news.
pub(super) fn publish_news(tx: &Transaction<'_>, now: Instant) -> Result<()> {
    let today = today(now);
    let items = [
        (
            20,
            "Il menù d’autunno è in tavola",
            "Da questo mese nelle mense si segue il menù autunno-inverno: più zuppe, più legumi e frutta di stagione. I piatti di ogni giorno sono appesi in ogni plesso.",
        ),
        (
            9,
            "ISEE: quello del 2026 scade il 31 dicembre",
            "Dal 1º gennaio serve un ISEE nuovo, altrimenti si applica la tariffa massima. Se nella domanda hai autorizzato il Comune a leggerlo dall’INPS non devi fare nulla: basta che tu abbia presentato la DSU.",
        ),
        (
            2,
            "Disdire un pasto si può fino alle 9:00",
            "Se tuo figlio resta a casa, disdici il pasto entro le 9:00 dello stesso giorno: ricevi un numero di ricevuta e il pasto non viene scalato dal credito.",
        ),
    ];
    for (ago, title, body) in items {
        let published = at(today.saturating_sub(days(ago)), 9, 0);
        news::publish_news(tx, title, body, published, None)?;
    }
    Ok(())
}

/// Four calls: two open (one of them closes soon), one that opens later, one that is over.
pub(super) fn open_calls(tx: &Transaction<'_>, now: Instant) -> Result<()> {
    let (today, year) = (today(now), SchoolYear::of(today(now)));
    let next = SchoolYear::starting_in(year.first_year() + 1);
    let before = |n| at(today.saturating_sub(days(n)), 8, 0);
    let after = |n| at(today.saturating_add(days(n)), 23, 59);
    let service = |code| -> Result<ServiceId> {
        let service = municipality::service_by_code(tx, code)?;
        Ok(service.ok_or(crate::base::Error::NotFound)?.id)
    };
    let (meals, bus, nido) = (service("mensa")?, service("scuolabus")?, service("nido")?);
    let texts = [
        (
            meals,
            year,
            before(60),
            after(150),
            format!("Iscrizione alla refezione scolastica {year}"),
            "Per i bambini dell’infanzia, della primaria e della secondaria che entrano in mensa durante l’anno. Il servizio parte entro cinque giorni dall’accoglimento.",
            "Se chiedi una dieta per motivi di salute, allega il certificato del medico.",
            false,
        ),
        (
            bus,
            year,
            before(45),
            after(12),
            format!("Iscrizione al trasporto scolastico {year}"),
            "Posti ancora liberi sulle linee A e B. Indica nelle note la fermata che preferisci.",
            "",
            false,
        ),
        (
            nido,
            next,
            at(today.saturating_add(days(100)), 8, 0),
            after(160),
            format!("Iscrizione ai nidi d’infanzia comunali {next}"),
            "Per i bambini nati dal 1º gennaio dell’anno precedente. La graduatoria provvisoria esce entro il 31 maggio.",
            "Servono il contratto di lavoro o l’autodichiarazione di entrambi i genitori.",
            true,
        ),
        (
            nido,
            year,
            before(260),
            before(190),
            format!("Iscrizione ai nidi d’infanzia comunali {year}"),
            "Avviso chiuso: le domande arrivate sono nella graduatoria pubblicata.",
            "",
            false,
        ),
    ];
    let privacy = calls::newest_legal_text(tx, LegalKind::Privacy, None)?;
    let conditions = calls::newest_legal_text(tx, LegalKind::Conditions, None)?;
    let (Some(privacy), Some(conditions)) = (privacy, conditions) else {
        return Ok(());
    };
    for (
        service,
        year,
        opens_at,
        closes_at,
        title,
        description,
        documents_note,
        documents_required,
    ) in texts
    {
        let call = NewCall {
            title: &title,
            description,
            service,
            year,
            opens_at,
            closes_at,
            privacy: privacy.id,
            conditions: conditions.id,
            documents_note,
            documents_required,
        };
        calls::add_call(tx, &Actor::System("demo"), &call, now)?;
    }
    Ok(())
}

/// Some families have written; most have an answer.
pub(super) fn write_messages(
    tx: &Transaction<'_>,
    families: &[Family],
    clerk: &StaffActor,
    now: Instant,
) -> Result<()> {
    const TALKS: &[(&str, &str)] = &[
        (
            "Buongiorno, mio figlio dal mese prossimo esce alle 12:30 il mercoledì e non mangia a scuola. Come faccio?",
            "Buongiorno, può disdire i mercoledì dalla pagina «Disdici un pasto», anche per più settimane in una volta. Un saluto, l’ufficio scuola.",
        ),
        (
            "Ho pagato stamattina ma il credito non è ancora cambiato.",
            "Buongiorno, la ricevuta è arrivata a mezzogiorno: ora il credito risulta aggiornato. Di solito bastano pochi minuti.",
        ),
        (
            "È possibile cambiare l’intestatario dei pagamenti? Vorrei che fosse l’altro genitore.",
            "Buongiorno, sì: ci serve una richiesta firmata da entrambi. Il modulo è disponibile allo sportello, lunedì e giovedì dalle 9 alle 12.",
        ),
        (
            "La scuola ha segnato mia figlia presente il giorno in cui era a casa con la febbre.",
            "Buongiorno, abbiamo verificato con la maestra: è stato un errore, lo correggiamo e il pasto viene riaccreditato.",
        ),
    ];
    let start = today(now);
    for (index, family) in families.iter().step_by(9).enumerate() {
        let (question, answer) = TALKS[index % TALKS.len()];
        let ago = 1 + i64::try_from(index % 20).unwrap_or(0);
        let asked = at(start.saturating_sub(days(ago)), 18, 40).min(now);
        messages::write_message(
            tx,
            &Actor::Citizen(family.payer),
            family.payer,
            question,
            asked,
        )?;
        // The newest questions still wait.
        if ago > 3 {
            let answered = at(start.saturating_sub(days(ago - 1)), 10, 15);
            let clerk = Actor::Staff(clerk.clone());
            messages::mark_read(tx, &clerk, family.payer, answered)?;
            messages::write_message(tx, &clerk, family.payer, answer, answered)?;
            if ago > 6 {
                messages::mark_read(tx, &Actor::Citizen(family.payer), family.payer, answered)?;
            }
        }
    }
    Ok(())
}
