//! The case of a refund and how cases are read: by the family its own, by the office all.

use rusqlite::{Connection, Row};
use serde::Serialize;

use super::bank::Bank;
use crate::base::{
    AccountId, Actor, Cents, Date, Error, Instant, PersonId, PublicId, RefundId, Result,
    stored_words,
};
use crate::store::SealingKey;

stored_words! {
    /// What the family wants.
    Wish {
        /// The money, on a bank account.
        Refund = "refund",
        /// The credit, on another account of theirs.
        Transfer = "transfer",
    }
}

stored_words! {
    /// Where a case stands.
    CaseState {
        /// Nobody has decided yet.
        Asked = "asked",
        /// The comune will pay.
        Approved = "approved",
        /// It is on a list for the treasury.
        Listed = "listed",
        /// The treasury has paid.
        Paid = "paid",
        /// The bank sent the money back.
        Returned = "returned",
        /// The treasury did not pay it: the credit was never touched.
        Rejected = "rejected",
        /// The credit went to other accounts.
        Transferred = "transferred",
        /// The comune said no.
        Refused = "refused",
        /// The family changed its mind.
        Withdrawn = "withdrawn",
    }
}

/// A case.
#[derive(Clone, Debug, Serialize)]
pub struct Case {
    /// Inside.
    #[serde(skip)]
    pub id: RefundId,
    /// Outside.
    pub public_id: PublicId,
    /// The account with the credit.
    #[serde(skip)]
    pub account_id: AccountId,
    /// Who pays for it.
    #[serde(skip)]
    pub payer_id: PersonId,
    /// Names the payer outside.
    pub payer_public: PublicId,
    /// Surname and name of the payer.
    pub payer: String,
    /// Given name of the child.
    pub child: String,
    /// The service.
    pub service: String,
    /// What is wanted.
    pub wish: Wish,
    /// Where a transfer is to go.
    #[serde(skip)]
    pub target: Option<AccountId>,
    /// Whether the bank account is known.
    pub has_bank: bool,
    /// What the family adds.
    pub note: String,
    /// The office opened it.
    pub by_office: bool,
    /// When it was asked.
    pub asked_at: Instant,
    /// The civil day of that.
    pub asked_on: Date,
    /// Where it stands.
    pub state: CaseState,
    /// Cents that were decided.
    pub amount: Option<Cents>,
    /// Cents that went against arrears.
    pub withheld: Cents,
    /// Why it was refused or came back.
    pub reason: String,
    /// When it was decided.
    pub decided_at: Option<Instant>,
    /// The day on which the treasury paid.
    pub paid_on: Option<Date>,
    /// The balance of the account now.
    pub balance: Cents,
    /// It is to be paid, and the credit does not cover it any more.
    pub uncovered: bool,
}

const SELECT: &str = "select r.id, r.public_id, r.account_id, a.payer_id, p.public_id,
        p.surname || ' ' || p.name, c.name, s.name, r.wish, r.target_id, r.bank is not null, r.note,
        r.opened_by = 'office', r.asked_at, r.asked_on, r.state, r.amount, r.withheld, r.reason,
        r.decided_at, r.paid_on,
        (select coalesce(sum(amount), 0) from ledger_entry where credit_id = a.id)
          - (select coalesce(sum(amount), 0) from ledger_entry where debit_id = a.id)
    from refund r join account a on a.id = r.account_id join person p on p.id = a.payer_id
    join person c on c.id = a.child_id join service s on s.id = a.service_id";

fn read(row: &Row<'_>) -> rusqlite::Result<Case> {
    let (state, amount, balance): (CaseState, Option<Cents>, Cents) =
        (row.get(15)?, row.get(16)?, row.get(21)?);
    let waits = matches!(state, CaseState::Approved | CaseState::Listed);
    Ok(Case {
        id: row.get(0)?,
        public_id: row.get(1)?,
        account_id: row.get(2)?,
        payer_id: row.get(3)?,
        payer_public: row.get(4)?,
        payer: row.get(5)?,
        child: row.get(6)?,
        service: row.get(7)?,
        wish: row.get(8)?,
        target: row.get(9)?,
        has_bank: row.get(10)?,
        note: row.get(11)?,
        by_office: row.get(12)?,
        asked_at: row.get(13)?,
        asked_on: row.get(14)?,
        state,
        amount,
        withheld: row.get(17)?,
        reason: row.get(18)?,
        decided_at: row.get(19)?,
        paid_on: row.get(20)?,
        balance,
        uncovered: waits && amount.is_some_and(|amount| amount > balance),
    })
}

/// The cases of the actor, newest first.
///
/// # Errors
/// `Forbidden` for who is no citizen.
pub fn of_payer(db: &Connection, actor: &Actor) -> Result<Vec<Case>> {
    let payer = actor.person().ok_or(Error::Forbidden)?;
    let sql = format!("{SELECT} where a.kind = 'family' and a.payer_id = ?1 order by r.id desc");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map([payer], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One case of the actor's.
///
/// # Errors
/// `NotFound`, also for somebody else's.
pub fn case_of_payer(db: &Connection, actor: &Actor, id: &PublicId) -> Result<Case> {
    let payer = actor.person().ok_or(Error::Forbidden)?;
    let sql = format!("{SELECT} where r.public_id = ?1 and a.payer_id = ?2");
    Ok(db.prepare_cached(&sql)?.query_row((id, payer), read)?)
}

/// One case, for staff who handle money.
///
/// # Errors
/// `NotFound`.
pub fn case(db: &Connection, id: &PublicId) -> Result<Case> {
    let sql = format!("{SELECT} where r.public_id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], read)?)
}

/// The bank account of a case, opened.
pub(super) fn bank_of(db: &Connection, key: &SealingKey, case: &Case) -> Result<Option<Bank>> {
    let sql = "select bank from refund where id = ?1";
    let sealed: Option<Vec<u8>> = db
        .prepare_cached(sql)?
        .query_row([case.id], |row| row.get(0))?;
    sealed
        .map(|sealed| Bank::open(key, &case.public_id, &sealed))
        .transpose()
}

impl Case {
    /// The bank account as pages may show it.
    ///
    /// # Errors
    /// When the key does not open it.
    pub fn bank_masked(&self, db: &Connection, key: &SealingKey) -> Result<Option<String>> {
        Ok(
            bank_of(db, key, self)?.map(|bank| match bank.joint_with.as_str() {
                "" => bank.masked(),
                joint => format!("{}, cointestato con {joint}", bank.masked()),
            }),
        )
    }
}

/// Which cases are listed.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In a state; none: all.
    pub state: Option<CaseState>,
    /// Words of the payer's or the child's name as [`people::search_name`](crate::people::search_name)
    /// writes them; empty: all.
    pub words: String,
}

const FILTER: &str = " where r.state in (select value from json_each(?1))
    and (?2 = '' or instr(p.search_name, ?2) > 0 or instr(c.search_name, ?2) > 0)";

impl Filter {
    /// The states as a list of JSON, so that each is looked up in the index.
    fn states(&self) -> String {
        let all = CaseState::ALL.iter().filter(|state| match self.state {
            Some(wanted) => **state == wanted,
            None => true,
        });
        let words: Vec<String> = all.map(|state| format!("\"{}\"", state.as_str())).collect();
        format!("[{}]", words.join(","))
    }
}

/// Cases, those that wait for a decision first, page by page.
///
/// # Errors
/// The database's own failure.
pub fn cases(db: &Connection, filter: &Filter, limit: u32, offset: u32) -> Result<Vec<Case>> {
    let sql =
        format!("{SELECT} {FILTER} order by r.state = 'asked' desc, r.id desc limit ?3 offset ?4");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map((filter.states(), &filter.words, limit, offset), read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many cases a filter finds.
///
/// # Errors
/// The database's own failure.
pub fn count(db: &Connection, filter: &Filter) -> Result<i64> {
    let sql = format!(
        "select count(*) from refund r join account a on a.id = r.account_id
         join person p on p.id = a.payer_id join person c on c.id = a.child_id {FILTER}"
    );
    Ok(db
        .prepare_cached(&sql)?
        .query_row((filter.states(), &filter.words), |row| row.get(0))?)
}
