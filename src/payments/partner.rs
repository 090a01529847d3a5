//! What was exchanged with the partner who speaks to pagoPA in the comune's place (`gateway =
//! "partner"`): files out and in, which positions the partner knows, which numbers it gave. How the
//! files look is decided above (`processes/partner`).

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::NoticeNumber;
use super::notices::{self, Notice};
use crate::base::{Cents, Error, Instant, NoticeId, PublicId, Result, StaffId, Text, stored_words};
use crate::store;

stored_words! {
    /// What a file holds.
    FileKind {
        /// Positions, for the partner.
        Positions = "positions",
        /// The numbers that the partner gave.
        Notices = "notices",
        /// What was paid.
        Receipts = "receipts",
    }
}

stored_words! {
    /// Where a file stands.
    FileState {
        /// It came and was looked at; nothing was taken yet.
        Preview = "preview",
        /// What could be taken of it was.
        Done = "done",
        /// One of ours, which nobody has fetched yet.
        Made = "made",
        /// One of ours, in the partner's folder or downloaded.
        Sent = "sent",
    }
}

/// A file of the exchange, without its bytes.
#[derive(Clone, Debug, Serialize)]
pub struct PartnerFile {
    #[serde(skip)]
    id: i64,
    /// Outside.
    pub public_id: PublicId,
    /// What it holds.
    pub kind: FileKind,
    /// The batch of positions.
    pub batch: Option<i64>,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: FileState,
    /// Figures.
    #[serde(flatten)]
    pub figures: Figures,
    /// Who made or brought it; `None`: the round.
    pub by: Option<String>,
    /// When.
    pub at: Instant,
}

/// What became of a file's rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Rows that brought something, or went out.
    pub taken: i64,
    /// Rows that were here already.
    pub known: i64,
    /// Receipts that wait in suspense; they are among `taken`.
    pub suspense: i64,
    /// Rows that can't be taken.
    pub bad: i64,
    /// The sum of the amounts of `taken`. Cents.
    pub total: Cents,
}

/// A file to be kept.
pub struct NewFile<'a> {
    /// What it holds.
    pub kind: FileKind,
    /// The batch of positions.
    pub batch: Option<i64>,
    /// Its name.
    pub name: &'a str,
    /// Where it stands.
    pub state: FileState,
    /// Figures.
    pub figures: Figures,
    /// The lines that can't be taken, as JSON.
    pub report: &'a str,
    /// Its bytes.
    pub content: &'a [u8],
    /// Who made or brought it; `None`: the round.
    pub staff: Option<StaffId>,
}

const SELECT: &str = "select f.id, f.public_id, f.kind, f.batch, f.name, f.state, f.taken, f.known,
        f.suspense, f.bad, f.total, s.name, f.at
    from partner_file f left join staff s on s.id = f.staff_id";

fn read(row: &Row<'_>) -> rusqlite::Result<PartnerFile> {
    Ok(PartnerFile {
        id: row.get(0)?,
        public_id: row.get(1)?,
        kind: row.get(2)?,
        batch: row.get(3)?,
        name: row.get(4)?,
        state: row.get(5)?,
        figures: Figures {
            taken: row.get(6)?,
            known: row.get(7)?,
            suspense: row.get(8)?,
            bad: row.get(9)?,
            total: row.get(10)?,
        },
        by: row.get(11)?,
        at: row.get(12)?,
    })
}

/// The number of the next batch, taken.
///
/// # Errors
/// The database's own failure.
pub fn next_batch(tx: &Transaction<'_>) -> Result<i64> {
    store::next_number(tx, "partner-batch", 1)
}

/// Keeps a file.
///
/// # Errors
/// The database's own failure.
pub fn keep_file(tx: &Transaction<'_>, new: &NewFile<'_>, now: Instant) -> Result<PartnerFile> {
    let public_id = PublicId::random()?;
    let sha256: [u8; 32] = Sha256::digest(new.content).into();
    let figures = new.figures;
    tx.prepare_cached(
        "insert into partner_file (public_id, kind, batch, name, state, taken, known, suspense, bad,
           total, report, content, sha256, staff_id, at)
         values (:public_id, :kind, :batch, :name, :state, :taken, :known, :suspense, :bad, :total,
           :report, :content, :sha256, :staff, :at)",
    )?
    .execute(rusqlite::named_params! {
        ":public_id": public_id, ":kind": new.kind, ":batch": new.batch, ":name": new.name,
        ":state": new.state, ":taken": figures.taken, ":known": figures.known,
        ":suspense": figures.suspense, ":bad": figures.bad, ":total": figures.total,
        ":report": new.report, ":content": new.content, ":sha256": sha256, ":staff": new.staff,
        ":at": now,
    })?;
    file(tx, &public_id)
}

/// The files, the newest first.
///
/// # Errors
/// The database's own failure.
pub fn files(db: &Connection, limit: u32) -> Result<Vec<PartnerFile>> {
    let sql = format!("{SELECT} where f.id > 0 order by f.id desc limit ?1");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([limit], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A file.
///
/// # Errors
/// `NotFound`.
pub fn file(db: &Connection, id: &PublicId) -> Result<PartnerFile> {
    let sql = format!("{SELECT} where f.public_id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], read)?)
}

/// A file's bytes and the lines of it that can't be taken, as JSON.
///
/// # Errors
/// `NotFound`.
pub fn content(db: &Connection, file: &PartnerFile) -> Result<(Vec<u8>, String)> {
    let sql = "select content, report from partner_file where id = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([file.id], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// The batches that nobody has fetched yet, the oldest first.
///
/// # Errors
/// The database's own failure.
pub fn to_send(db: &Connection) -> Result<Vec<PartnerFile>> {
    let sql = format!("{SELECT} where f.state = 'made' order by f.id");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A batch lies in the partner's folder, or was downloaded.
///
/// # Errors
/// The database's own failure.
pub fn mark_fetched(tx: &Transaction<'_>, file: &PartnerFile) -> Result<()> {
    tx.prepare_cached("update partner_file set state = 'sent' where id = ?1 and state = 'made'")?
        .execute([file.id])?;
    Ok(())
}

/// The last batch that was made: its number and when.
///
/// # Errors
/// The database's own failure.
pub fn last_batch(db: &Connection) -> Result<Option<(i64, Instant)>> {
    let sql =
        "select batch, at from partner_file where batch is not null order by batch desc limit 1";
    let found = db
        .prepare_cached(sql)?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(found.optional()?)
}

/// The file with these bytes that was taken before, all of it. One with bad lines may come again as it
/// is: what was missing on our side may be there by now.
///
/// # Errors
/// The database's own failure.
pub fn taken_before(db: &Connection, content: &[u8]) -> Result<Option<PartnerFile>> {
    let sha256: [u8; 32] = Sha256::digest(content).into();
    let sql = format!("{SELECT} where f.sha256 = ?1 and f.state = 'done' and f.bad = 0");
    Ok(db
        .prepare_cached(&sql)?
        .query_row([sha256], read)
        .optional()?)
}

/// Throws away a file that was only looked at.
///
/// # Errors
/// `NotFound` when it is not there, or was taken.
pub fn discard(tx: &Transaction<'_>, file: &PartnerFile) -> Result<()> {
    let sql = "delete from partner_file where id = ?1 and state = 'preview'";
    match tx.prepare_cached(sql)?.execute([file.id])? {
        0 => Err(Error::NotFound),
        _ => Ok(()),
    }
}

/// Says since when the partner numbers positions, or that we do. Says whether that is new.
///
/// # Errors
/// The database's own failure.
pub fn set_numbering(tx: &Transaction<'_>, partner: bool, now: Instant) -> Result<bool> {
    let sql = match partner {
        true => {
            "update partner_setting set numbers_since = ?1 where id = 1 and numbers_since is null"
        }
        false => {
            "update partner_setting set numbers_since = null
             where id = 1 and numbers_since is not null and ?1 is not null"
        }
    };
    Ok(tx.prepare_cached(sql)?.execute([now])? > 0)
}

/// Whether the partner numbers positions.
///
/// # Errors
/// The database's own failure.
pub fn partner_numbers(db: &Connection) -> Result<bool> {
    let sql = "select numbers_since is not null from partner_setting where id = 1";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// The notice that the partner has given a number.
///
/// # Errors
/// The database's own failure.
pub fn notice_of_number(db: &Connection, number: &str) -> Result<Option<NoticeId>> {
    let sql = "select notice_id from partner_number where number = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([number], |row| row.get(0))
        .optional()?)
}

/// Gives a position the partner's number. Says whether that is new.
///
/// # Errors
/// A field error `numero_avviso` for another number than before, or one that belongs to another notice;
/// a refusal for a position that never needed one.
pub fn give_number(
    tx: &Transaction<'_>,
    notice: &Notice,
    number: &NoticeNumber,
    now: Instant,
) -> Result<bool> {
    let refused = |key| {
        let text = Text::new(key).with("number", number.as_str());
        Error::field("numero_avviso", text)
    };
    if let Some(known) = notices::notice_by_number(tx, number.as_str())? {
        return match known.id == notice.id {
            true => Ok(false),
            false => Err(refused("partner-number-of-another")),
        };
    }
    if !notice.awaits_number {
        return Err(refused("partner-number-known"));
    }
    tx.prepare_cached("insert into partner_number (notice_id, number, at) values (?1, ?2, ?3)")?
        .execute((notice.id, number, now))?;
    Ok(true)
}

/// Whether the partner was told of a position, and that it was taken back.
///
/// # Errors
/// The database's own failure.
pub fn was_sent(db: &Connection, notice: NoticeId) -> Result<Option<bool>> {
    let sql = "select withdrawn_by is not null from partner_position where notice_id = ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([notice], |row| row.get(0))
        .optional()?)
}

/// The partner is told of a position in a file.
///
/// # Errors
/// The database's own failure; also when it was told before.
pub fn mark_sent(tx: &Transaction<'_>, notice: NoticeId, file: &PartnerFile) -> Result<()> {
    tx.prepare_cached("insert into partner_position (notice_id, file_id) values (?1, ?2)")?
        .execute((notice, file.id))?;
    Ok(())
}

/// The partner is told in a file that a position is taken back.
///
/// # Errors
/// The database's own failure.
pub fn mark_withdrawn(tx: &Transaction<'_>, notice: NoticeId, file: &PartnerFile) -> Result<()> {
    tx.prepare_cached("update partner_position set withdrawn_by = ?2 where notice_id = ?1")?
        .execute((notice, file.id))?;
    Ok(())
}
