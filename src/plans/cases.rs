//! A plan and how plans are read: by the family its own, by the office all.

use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::base::{
    AccountId, Actor, Cents, Date, Error, Instant, NoticeId, PersonId, PlanId, PublicId, Result,
    StaffId, stored_words,
};
use crate::payments::notices::NoticeState;
use crate::store::SealingKey;

stored_words! {
    /// Where a plan stands.
    PlanState {
        /// Nobody has decided yet.
        Asked = "asked",
        /// The family changed its mind.
        Withdrawn = "withdrawn",
        /// The comune said no.
        Refused = "refused",
        /// It is being paid.
        Running = "running",
        /// All of it is paid.
        Ended = "ended",
        /// An instalment was missed: what is left is due at once.
        Fallen = "fallen",
        /// The office took it back: what is left is due at once.
        Cancelled = "cancelled",
    }
}

/// A plan, or the request for one.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// Inside.
    #[serde(skip)]
    pub id: PlanId,
    /// Outside.
    pub public_id: PublicId,
    /// Who owes.
    #[serde(skip)]
    pub payer_id: PersonId,
    /// Names the payer outside.
    pub payer_public: PublicId,
    /// Surname and name of the payer.
    pub payer: String,
    /// Where it stands.
    pub state: PlanState,
    /// Cents that could be divided when it was asked.
    pub asked_amount: Cents,
    /// Instalments that the family asks for.
    pub wanted: u16,
    /// The civil day on which it was asked.
    pub asked_on: Date,
    /// When it was decided.
    pub decided_at: Option<Instant>,
    /// Cents that are divided.
    pub amount: Option<Cents>,
    /// So many days late an instalment is missed.
    #[serde(skip)]
    pub tolerance_days: u16,
    /// With so many missed instalments it falls.
    #[serde(skip)]
    pub missed_limit: u16,
    /// Why it was refused or cancelled.
    pub reason: String,
    /// When it ended, fell or was cancelled.
    pub closed_at: Option<Instant>,
    /// What asks for the rest since then.
    pub rest_notice: Option<PublicId>,
    /// Cents of its instalments that were paid.
    pub paid: Cents,
}

const SELECT: &str =
    "select l.id, l.public_id, l.payer_id, p.public_id, p.surname || ' ' || p.name,
        l.state, l.asked_amount, l.wanted, l.asked_on, l.decided_at, l.amount,
        coalesce(l.tolerance_days, 0), coalesce(l.missed_limit, 1), l.reason, l.closed_at,
        (select n.public_id from payment_notice n where n.id = l.rest_notice_id),
        (select coalesce(sum(i.amount), 0) from plan_instalment i
         join payment_notice n on n.id = i.notice_id where i.plan_id = l.id and n.state = 'paid')
    from plan l join person p on p.id = l.payer_id";

fn read(row: &Row<'_>) -> rusqlite::Result<Plan> {
    Ok(Plan {
        id: row.get(0)?,
        public_id: row.get(1)?,
        payer_id: row.get(2)?,
        payer_public: row.get(3)?,
        payer: row.get(4)?,
        state: row.get(5)?,
        asked_amount: row.get(6)?,
        wanted: row.get(7)?,
        asked_on: row.get(8)?,
        decided_at: row.get(9)?,
        amount: row.get(10)?,
        tolerance_days: row.get(11)?,
        missed_limit: row.get(12)?,
        reason: row.get(13)?,
        closed_at: row.get(14)?,
        rest_notice: row.get(15)?,
        paid: row.get(16)?,
    })
}

/// The plans of the actor, newest first.
///
/// # Errors
/// `Forbidden` for who is no citizen.
pub fn of_payer(db: &Connection, actor: &Actor) -> Result<Vec<Plan>> {
    of_person(db, actor.person().ok_or(Error::Forbidden)?)
}

/// The plans of a payer, newest first, for staff who may see them.
///
/// # Errors
/// The database's own failure.
pub fn of_person(db: &Connection, payer: PersonId) -> Result<Vec<Plan>> {
    let sql = format!("{SELECT} where l.payer_id = ?1 order by l.id desc");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([payer], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The request that waits, or the plan that runs, of a payer: there is one at most.
///
/// # Errors
/// The database's own failure.
pub fn open_of_person(db: &Connection, payer: PersonId) -> Result<Option<Plan>> {
    let sql = format!("{SELECT} where l.payer_id = ?1 and l.state in ('asked', 'running')");
    let mut statement = db.prepare_cached(&sql)?;
    Ok(statement.query_row([payer], read).optional()?)
}

/// A plan of the actor's.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub fn plan_of_payer(db: &Connection, actor: &Actor, id: &PublicId) -> Result<Plan> {
    let payer = actor.person().ok_or(Error::Forbidden)?;
    let sql = format!("{SELECT} where l.public_id = ?1 and l.payer_id = ?2");
    Ok(db.prepare_cached(&sql)?.query_row((id, payer), read)?)
}

/// A plan, for staff who handle money.
///
/// # Errors
/// `NotFound`.
pub fn plan(db: &Connection, id: &PublicId) -> Result<Plan> {
    let sql = format!("{SELECT} where l.public_id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], read)?)
}

pub(super) fn plan_by_id(db: &Connection, id: PlanId) -> Result<Plan> {
    let sql = format!("{SELECT} where l.id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], read)?)
}

/// The family's words, for the family itself; staff read them with
/// [`read_note`](super::read_note).
///
/// # Errors
/// When the key does not open them.
pub fn note(db: &Connection, key: &SealingKey, plan: &Plan) -> Result<Option<String>> {
    let sql = "select note from plan where id = ?1";
    let sealed: Option<Vec<u8>> = db
        .prepare_cached(sql)?
        .query_row([plan.id], |row| row.get(0))?;
    let open = |sealed: Vec<u8>| {
        let clear = Zeroizing::new(key.open(&context(&plan.public_id), &sealed)?);
        String::from_utf8(clear.to_vec()).map_err(Error::internal)
    };
    sealed.map(open).transpose()
}

/// What a note is sealed for: it opens in no other plan.
pub(super) fn context(plan: &PublicId) -> String {
    format!("plan:{plan}")
}

/// So much of what is owed on an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Debt {
    /// The account.
    #[serde(skip)]
    pub account: AccountId,
    /// Cents.
    pub amount: Cents,
    /// `Rossi Luca – Refezione scolastica`.
    pub label: String,
}

/// What an accepted plan divides.
///
/// # Errors
/// The database's own failure.
pub fn debts(db: &Connection, plan: &Plan) -> Result<Vec<Debt>> {
    let mut statement = db.prepare_cached(
        "select d.account_id, d.amount, c.surname || ' ' || c.name || ' – ' || s.name from plan_debt d
         join account a on a.id = d.account_id join person c on c.id = a.child_id
         join service s on s.id = a.service_id where d.plan_id = ?1 order by d.line",
    )?;
    let rows = statement.query_map([plan.id], |row| {
        Ok(Debt {
            account: row.get(0)?,
            amount: row.get(1)?,
            label: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// An instalment of an accepted plan.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedInstalment {
    /// From 1.
    pub number: u16,
    /// The last day to pay it.
    pub due_date: Date,
    /// Cents.
    pub amount: Cents,
    /// What asks for it.
    #[serde(skip)]
    pub notice_id: NoticeId,
    /// The same, outside.
    pub notice: PublicId,
    /// Where the notice stands: paid or not.
    pub state: NoticeState,
    /// The family heard that it is late.
    #[serde(skip)]
    pub reminded: bool,
}

/// The instalments of an accepted plan, in order.
///
/// # Errors
/// The database's own failure.
pub fn instalments(db: &Connection, plan: &Plan) -> Result<Vec<PlannedInstalment>> {
    let mut statement = db.prepare_cached(
        "select i.number, i.due_date, i.amount, i.notice_id, n.public_id, n.state,
                i.reminded_at is not null
         from plan_instalment i join payment_notice n on n.id = i.notice_id
         where i.plan_id = ?1 order by i.number",
    )?;
    let rows = statement.query_map([plan.id], |row| {
        Ok(PlannedInstalment {
            number: row.get(0)?,
            due_date: row.get(1)?,
            amount: row.get(2)?,
            notice_id: row.get(3)?,
            notice: row.get(4)?,
            state: row.get(5)?,
            reminded: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Who wrote the decision, where somebody decided.
pub(super) fn staff_of(actor: &Actor) -> Option<StaffId> {
    actor.staff().map(|staff| staff.id)
}

/// Which plans are listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In a state; none: all.
    pub state: Option<PlanState>,
    /// Words of the payer's name as [`people::search_name`](crate::people::search_name) writes
    /// them; empty: all.
    pub words: String,
}

const FILTER: &str = " where l.state in (select value from json_each(?1))
    and (?2 = '' or instr(p.search_name, ?2) > 0)";

impl Filter {
    /// The states as a list of JSON, so that each is looked up in the index.
    fn states(&self) -> String {
        let wanted = |state: &&PlanState| self.state.is_none_or(|wanted| wanted == **state);
        let words = PlanState::ALL.iter().filter(wanted);
        let words: Vec<String> = words.map(|s| format!("\"{}\"", s.as_str())).collect();
        format!("[{}]", words.join(","))
    }
}

/// Plans, those that wait for a decision first, page by page.
///
/// # Errors
/// The database's own failure.
pub fn plans(db: &Connection, filter: &Filter, limit: u32, offset: u32) -> Result<Vec<Plan>> {
    let sql =
        format!("{SELECT} {FILTER} order by l.state = 'asked' desc, l.id desc limit ?3 offset ?4");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((filter.states(), &filter.words, limit, offset), read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many plans a filter finds.
///
/// # Errors
/// The database's own failure.
pub fn count(db: &Connection, filter: &Filter) -> Result<i64> {
    let sql = format!("select count(l.id) from plan l join person p on p.id = l.payer_id {FILTER}");
    Ok(db
        .prepare_cached(&sql)?
        .query_row((filter.states(), &filter.words), |row| row.get(0))?)
}

/// How many plans have fallen since a moment.
///
/// # Errors
/// The database's own failure.
pub fn fallen_since(db: &Connection, since: Instant) -> Result<i64> {
    let sql = "select count(*) from plan where state = 'fallen' and closed_at >= ?1";
    Ok(db
        .prepare_cached(sql)?
        .query_row([since], |row| row.get(0))?)
}
