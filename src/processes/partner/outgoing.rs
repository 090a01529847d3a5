//! Files of positions. What waits is what the outbox says: a position that was made goes out once, and
//! once more when it is taken back. A position that was made and taken back in between goes nowhere.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction};
use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::base::{Actor, Cents, Date, Error, Instant, Result, date_it};
use crate::config::{Amounts, Dates, FileFormat, Numbers, POSITION_COLUMNS, Partner};
use crate::municipality::{self, Service};
use crate::payments::notices::{self, Notice, NoticeEvent, NoticeState};
use crate::payments::partner::{self, Figures, FileKind, FileState, NewFile, PartnerFile};
use crate::people;
use crate::processes::exports::{Cell, Format, table};
use crate::store::{self, AuditEvent, Urgency};

/// One file holds so many rows; the rest goes out with the next.
const LARGEST: usize = 5_000;

/// What a row asks the partner to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Deed {
    /// Make it payable.
    New,
    /// Take it back.
    Withdrawn,
}

/// A row that waits for the next file.
#[derive(Debug, Serialize)]
pub struct WaitingRow {
    /// What the partner is asked.
    pub deed: Deed,
    /// The position.
    pub notice: Notice,
}

/// What waits for the next file.
#[derive(Debug, Default, Serialize)]
pub struct Waiting {
    /// Rows, in the order in which things happened.
    pub rows: Vec<WaitingRow>,
    /// The sum of the new positions. Cents.
    pub total: Cents,
    #[serde(skip)]
    events: Vec<i64>,
}

/// Looks what waits for the next file.
///
/// # Errors
/// The database's own failure.
pub fn waiting(db: &Connection, now: Instant) -> Result<Waiting> {
    let kinds = [notices::PUBLISHED, notices::WITHDRAWN];
    let mut waiting = Waiting::default();
    let mut new: BTreeMap<i64, usize> = BTreeMap::new();
    for event in store::outbox_take(db, &kinds, now, LARGEST)? {
        let what: NoticeEvent = serde_json::from_str(&event.payload).map_err(Error::internal)?;
        let notice = notices::notice(db, what.notice)?;
        let sent = partner::was_sent(db, notice.id)?;
        let open = notice.state == NoticeState::Open;
        let deed = match (event.kind == notices::PUBLISHED, sent) {
            (true, None) if open => Some(Deed::New),
            (false, Some(false)) => Some(Deed::Withdrawn),
            _ => None,
        };
        waiting.events.push(event.id);
        // The same position is not told twice in one file.
        if let Some(deed) = deed
            && new.insert(notice.id.0, waiting.rows.len()).is_none()
        {
            if deed == Deed::New {
                waiting.total += notice.amount;
            }
            waiting.rows.push(WaitingRow { deed, notice });
        }
    }
    Ok(waiting)
}

/// Makes the next file, with what waits at this moment. `None`: nothing waits.
///
/// # Errors
/// When a spreadsheet can't hold it; the database's own failure.
pub fn make(app: &App, actor: &Actor) -> Result<Option<PartnerFile>> {
    let (partner, actor, now) = (app.config.pagopa.partner.clone(), actor.clone(), app.now());
    app.store.write(Urgency::Interactive, move |tx| {
        let waiting = waiting(tx, now)?;
        for event in &waiting.events {
            store::outbox_done(tx, *event, now)?;
        }
        match waiting.rows.is_empty() {
            true => Ok(None),
            false => Ok(Some(write(tx, &partner, &actor, &waiting, now)?)),
        }
    })
}

fn write(
    tx: &Transaction<'_>,
    config: &Partner,
    actor: &Actor,
    waiting: &Waiting,
    now: Instant,
) -> Result<PartnerFile> {
    let batch = partner::next_batch(tx)?;
    let content = bytes(tx, config, batch, &waiting.rows)?;
    let taken = i64::try_from(waiting.rows.len()).map_err(Error::internal)?;
    let format = format(config);
    let day = crate::base::today(now).strftime("%Y%m%d");
    let name = format!("posizioni-{day}-{batch:05}.{}", format.name());
    let new = NewFile {
        kind: FileKind::Positions,
        batch: Some(batch),
        name: &name,
        state: FileState::Made,
        figures: Figures {
            taken,
            total: waiting.total,
            ..Figures::default()
        },
        report: "[]",
        content: &content,
        staff: actor.staff().map(|staff| staff.id),
    };
    let file = partner::keep_file(tx, &new, now)?;
    for row in &waiting.rows {
        match row.deed {
            Deed::New => partner::mark_sent(tx, row.notice.id, &file)?,
            Deed::Withdrawn => partner::mark_withdrawn(tx, row.notice.id, &file)?,
        }
    }
    let event = AuditEvent {
        action: "partner-positions",
        subject: "file",
        subject_id: None,
        payload: json!({ "batch": batch, "rows": taken, "total": waiting.total, "file": name }),
    };
    store::audit(tx, actor, now, &event)?;
    Ok(file)
}

fn format(config: &Partner) -> Format {
    match config.positions.format {
        FileFormat::Csv => Format::Csv,
        FileFormat::Json => Format::Json,
        FileFormat::Xlsx => Format::Xlsx,
    }
}

fn bytes(db: &Connection, config: &Partner, batch: i64, rows: &[WaitingRow]) -> Result<Vec<u8>> {
    let positions = &config.positions;
    let columns: Vec<&str> = match positions.order.is_empty() {
        true => POSITION_COLUMNS.to_vec(),
        false => positions.order.iter().map(String::as_str).collect(),
    };
    let theirs = |ours: &&str| {
        let name = positions.columns.get(*ours);
        name.map_or(*ours, String::as_str).to_owned()
    };
    let mut names: Vec<String> = columns.iter().map(theirs).collect();
    names.extend(positions.constants.keys().cloned());
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut cells = Vec::new();
    for row in rows {
        let values = Values::read(db, config, batch, row)?;
        let mut line: Vec<Cell> = columns.iter().map(|column| values.cell(column)).collect();
        line.extend(positions.constants.values().cloned().map(Cell::Text));
        cells.push(line);
    }
    table(format(config), "Posizioni", &names, cells.into_iter())
}

/// What a row can say.
struct Values<'a> {
    row: &'a WaitingRow,
    batch: i64,
    service: Service,
    iban: String,
    debtor: people::Person,
    config: &'a Partner,
}

impl<'a> Values<'a> {
    fn read(
        db: &Connection,
        config: &'a Partner,
        batch: i64,
        row: &'a WaitingRow,
    ) -> Result<Values<'a>> {
        let account = crate::ledger::account(db, row.notice.account_id)?;
        let service = municipality::service(db, account.service_id)?;
        Ok(Values {
            iban: service
                .takings_iban(&municipality::pagopa_settings(db)?)
                .to_owned(),
            service,
            debtor: people::person(db, row.notice.payer_id)?,
            row,
            batch,
            config,
        })
    }

    fn cell(&self, column: &str) -> Cell {
        let (notice, debtor) = (&self.row.notice, &self.debtor);
        let text = |text: &str| match text {
            "" => Cell::Empty,
            text => Cell::Text(text.to_owned()),
        };
        let maybe = |value: &Option<String>| value.as_deref().map_or(Cell::Empty, text);
        // Our own number goes out only where it is the one that is printed.
        let numbered = self.config.numbers == Numbers::Ours || !notice.awaits_number;
        match column {
            "lotto" => Cell::Count(self.batch),
            "operazione" => Cell::Safe(
                match self.row.deed {
                    Deed::New => "nuova",
                    Deed::Withdrawn => "annullata",
                }
                .to_owned(),
            ),
            "posizione" => Cell::Safe(notice.public_id.to_string()),
            "numero_avviso" if numbered => Cell::Safe(notice.notice_number.to_string()),
            "iuv" if numbered => Cell::Safe(notice.notice_number.iuv().as_str().to_owned()),
            "importo" => Cell::Safe(amount(self.config.positions.amounts, notice.amount)),
            "scadenza" => notice.due_date.map_or(Cell::Empty, |due| {
                Cell::Safe(day(self.config.positions.dates, due))
            }),
            "causale" => text(&notice.subject),
            "tassonomia" => text(&self.service.taxonomy),
            "servizio" => text(&self.service.code),
            "iban" => text(&self.iban),
            "codice_fiscale" => text(debtor.fiscal_code.as_str()),
            "nominativo" => text(&debtor.full_name()),
            "cognome" => text(&debtor.surname),
            "nome" => text(&debtor.name),
            "indirizzo" => maybe(&debtor.address),
            "cap" => maybe(&debtor.postal_code),
            "comune" => maybe(&debtor.town),
            "email" => maybe(&debtor.email),
            _ => Cell::Empty,
        }
    }
}

fn amount(how: Amounts, amount: Cents) -> String {
    match how {
        Amounts::Point => amount.to_decimal(),
        Amounts::Comma => amount.to_decimal().replace('.', ","),
        Amounts::Cents => amount.0.to_string(),
    }
}

fn day(how: Dates, day: Date) -> String {
    match how {
        Dates::Iso => day.to_string(),
        Dates::Italian => date_it(day),
    }
}
