//! The statement: a payer's accounts told line by line out of the ledger and nothing else
//! (invariant 2). Nothing is computed a second time: the opening balance is the sum of the entries
//! before the period, the closing balance that plus the lines.

mod pdf;

use std::collections::HashMap;

use rusqlite::Connection;
use serde::Serialize;

use crate::base::{
    AccountId, Actor, Cents, Date, EntryId, Error, PersonId, PublicId, Result, SchoolYear, Text,
};
use crate::billing;
use crate::cash_desk::{self, DeskLine};
use crate::charging::{self, Reason};
use crate::ledger::{self, Cause, FamilyAccount, Imported, ImportedKind, Moved};

pub use pdf::{Printed, PrintedLine, render};

/// Which accounts, which days.
#[derive(Clone, Debug)]
pub struct Filter {
    /// One account, or all of the payer's.
    pub account: Option<PublicId>,
    /// Only those of a child.
    pub child: Option<PublicId>,
    /// Only those of a service.
    pub service: Option<PublicId>,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

impl Filter {
    /// All accounts in a school year.
    pub fn school_year(year: SchoolYear) -> Filter {
        Filter {
            account: None,
            child: None,
            service: None,
            from: year.starts_on(),
            to: year.ends_on(),
        }
    }
}

/// Accounts over a period.
#[derive(Debug)]
pub struct Statement {
    /// The balance before the first day.
    pub opening: Cents,
    /// The months that have lines, oldest first.
    pub months: Vec<Month>,
    /// What was charged in the period.
    pub debit: Cents,
    /// What was credited in the period.
    pub credit: Cents,
    /// The balance after the last day.
    pub closing: Cents,
}

/// A month with lines.
#[derive(Debug)]
pub struct Month {
    /// Calendar year.
    pub year: i16,
    /// 1 to 12.
    pub month: i8,
    /// The lines, by day and posting.
    pub lines: Vec<Line>,
    /// What was charged.
    pub debit: Cents,
    /// What was credited.
    pub credit: Cents,
    /// The balance after its last line.
    pub closing: Cents,
}

/// An entry of the ledger, seen by the family.
#[derive(Debug)]
pub struct Line {
    /// The entry.
    pub id: EntryId,
    /// The day that it counts for.
    pub day: Date,
    /// Why it is there.
    pub cause: Cause,
    /// Names the account.
    pub account: Option<PublicId>,
    /// Given name of the child.
    pub child: String,
    /// Name of the service.
    pub service: String,
    /// Credited minus debited.
    pub amount: Cents,
    /// The balance after it.
    pub balance: Cents,
    /// Names the explanation of a charge.
    pub charge: Option<PublicId>,
    /// What an earlier system says of it.
    pub imported: Option<Imported>,
    /// Where a transfer went or came from, why something was written off.
    pub moved: Option<Moved>,
    /// The receipt of the cash desk that it belongs to, also as its reversal.
    pub at_desk: Option<DeskLine>,
    /// Why the office gave a charged day back.
    pub given_back: Option<String>,
}

/// An account in the summary on top: what was due, what was paid, what is left.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The account, with its balance.
    #[serde(flatten)]
    pub account: FamilyAccount,
    /// Charged since ever.
    pub debit: Cents,
    /// Credited since ever.
    pub credit: Cents,
}

impl Line {
    /// What it is, in words.
    pub fn description(&self) -> Text {
        let number = self.at_desk.as_ref().map(|line| line.number.as_str());
        let text = match self.cause {
            Cause::Receipt(_) if let Some(number) = number => {
                Text::new("statement-line-cash-desk").with("number", number)
            }
            Cause::Reversal(_) if let Some(number) = number => {
                Text::new("statement-line-cash-desk-cancelled").with("number", number)
            }
            Cause::Charge(_) if self.amount.is_positive() => match &self.given_back {
                Some(reason) => {
                    Text::new("statement-line-reversed").with("reason", reason.as_str())
                }
                None => Text::new("statement-line-given-back"),
            },
            Cause::Charge(_) => Text::new("statement-line-charge"),
            Cause::Receipt(_) => Text::new("statement-line-receipt"),
            Cause::Settlement(_) => Text::new("statement-line-settlement"),
            Cause::Opening(_) => self.imported_description(),
            Cause::Reversal(_) => match &self.moved {
                Some(moved) if moved.other.is_empty() => {
                    Text::new("statement-line-drop-reversed").with("reason", self.reason())
                }
                Some(_) => {
                    Text::new("statement-line-transfer-reversed").with("other", self.other())
                }
                None => Text::new("statement-line-reversal"),
            },
            Cause::Refund(_) => Text::new("statement-line-refund"),
            Cause::Transfer(_) if self.amount.is_positive() => {
                Text::new("statement-line-transfer-in").with("other", self.other())
            }
            Cause::Transfer(_) => {
                Text::new("statement-line-transfer-out").with("other", self.other())
            }
            Cause::WriteOff(_) if self.amount.is_positive() => {
                Text::new("statement-line-debt-dropped").with("reason", self.reason())
            }
            Cause::WriteOff(_) => {
                Text::new("statement-line-credit-dropped").with("reason", self.reason())
            }
        };
        text.with("service", self.service.as_str())
            .with("child", self.child.as_str())
    }

    fn other(&self) -> &str {
        self.moved.as_ref().map_or("", |moved| &moved.other)
    }

    fn reason(&self) -> &str {
        self.moved.as_ref().map_or("", |moved| &moved.reason)
    }

    /// A line of an earlier system: in its own words, or in ours where it has none.
    fn imported_description(&self) -> Text {
        match &self.imported {
            Some(imported) if !imported.description.is_empty() => {
                Text::new("statement-line-imported").with("what", imported.description.as_str())
            }
            Some(imported) => Text::new(match imported.kind {
                ImportedKind::Balance => "statement-line-opening",
                ImportedKind::Charge => "statement-line-charge",
                ImportedKind::Credit => "statement-line-credit",
                ImportedKind::Reversal => "statement-line-reversal",
            }),
            None => Text::new("statement-line-opening"),
        }
    }

    /// What was charged by it, if it is a debit.
    pub fn debit(&self) -> Option<Cents> {
        (self.amount < Cents::ZERO).then_some(-self.amount)
    }

    /// What was credited by it, if it is a credit.
    pub fn credit(&self) -> Option<Cents> {
        self.amount.is_positive().then_some(self.amount)
    }
}

/// The statement of the actor's own accounts.
///
/// # Errors
/// `NotFound` for an account of somebody else, a child or a service that the actor does not pay for.
pub fn statement(db: &Connection, actor: &Actor, filter: &Filter) -> Result<Statement> {
    let accounts = chosen(db, actor, filter)?;
    of_accounts(db, &accounts, filter.from, filter.to)
}

/// The reasons of its charges, by [`Line::charge`]: for the statement as a file, where nobody can
/// follow a link.
///
/// # Errors
/// Those of [`statement`].
pub fn reasons(
    db: &Connection,
    actor: &Actor,
    filter: &Filter,
) -> Result<HashMap<PublicId, Reason>> {
    let mut all = HashMap::new();
    for account in chosen(db, actor, filter)? {
        all.extend(charging::reasons(db, account.id, filter.from, filter.to)?);
    }
    Ok(all)
}

/// The actor's accounts that a filter is about.
fn chosen(db: &Connection, actor: &Actor, filter: &Filter) -> Result<Vec<FamilyAccount>> {
    let mut accounts = match &filter.account {
        Some(id) => vec![ledger::account_of_payer(db, actor, id)?],
        None => ledger::accounts_of_payer(db, actor)?,
    };
    type Names = fn(&FamilyAccount) -> &PublicId;
    let chosen: [(_, Names); 2] = [
        (&filter.child, |account| &account.child_public),
        (&filter.service, |account| &account.service_public),
    ];
    for (wanted, of) in &chosen {
        let Some(wanted) = wanted else { continue };
        if !accounts.iter().any(|account| of(account) == wanted) {
            return Err(Error::NotFound);
        }
    }
    accounts.retain(|account| {
        let mut all = chosen.iter();
        all.all(|(wanted, of)| wanted.as_ref().is_none_or(|wanted| of(account) == wanted))
    });
    Ok(accounts)
}

/// The statement of a payer, for staff who may see it.
///
/// # Errors
/// The database's own failure.
pub fn statement_of_person(
    db: &Connection,
    payer: PersonId,
    from: Date,
    to: Date,
) -> Result<Statement> {
    of_accounts(db, &ledger::accounts_of_person(db, payer)?, from, to)
}

/// The actor's accounts with what was due and paid on each since ever.
///
/// # Errors
/// The database's own failure.
pub fn summaries(db: &Connection, actor: &Actor) -> Result<Vec<Summary>> {
    let summary = |account: FamilyAccount| {
        let turnover = ledger::turnover(db, account.id)?;
        Ok(Summary {
            account,
            debit: turnover.debited,
            credit: turnover.credited,
        })
    };
    let accounts = ledger::accounts_of_payer(db, actor)?;
    accounts.into_iter().map(summary).collect()
}

/// The school years in which the actor's accounts have entries, newest first.
///
/// # Errors
/// The database's own failure.
pub fn school_years(db: &Connection, actor: &Actor) -> Result<Vec<SchoolYear>> {
    let mut years = Vec::new();
    for account in ledger::accounts_of_payer(db, actor)? {
        if let Some((first, last)) = ledger::first_and_last_day(db, account.id)? {
            let (first, last) = (SchoolYear::of(first), SchoolYear::of(last));
            years.extend((first.first_year()..=last.first_year()).map(SchoolYear::starting_in));
        }
    }
    years.sort_unstable_by(|a, b| b.cmp(a));
    years.dedup();
    Ok(years)
}

fn of_accounts(
    db: &Connection,
    accounts: &[FamilyAccount],
    from: Date,
    to: Date,
) -> Result<Statement> {
    let mut opening = Cents::ZERO;
    let mut entries = Vec::new();
    let mut charges = HashMap::new();
    let mut imported = HashMap::new();
    let mut moved = HashMap::new();
    let mut at_desk = HashMap::new();
    for account in accounts {
        opening += ledger::balance_before(db, account.id, from)?;
        entries.extend(ledger::entries(db, account.id, from, to)?);
        charges.extend(charging::public_ids(db, account.id, from, to)?);
        imported.extend(ledger::imported_between(db, account.id, from, to)?);
        // Both ends of a transfer may be told: each with the other one's name.
        let here = ledger::moved(db, account.id)?.into_iter();
        moved.extend(here.map(|(entry, told)| ((account.id, entry), told)));
        at_desk.extend(cash_desk::lines_of_account(db, account.id)?);
    }
    let mut given_back = billing::reversal_reasons(db, charges.keys().copied())?;
    entries.sort_by_key(|entry| (entry.day, entry.id));
    let names: HashMap<AccountId, &FamilyAccount> = accounts.iter().map(|a| (a.id, a)).collect();
    let mut statement = Statement {
        opening,
        months: Vec::new(),
        debit: Cents::ZERO,
        credit: Cents::ZERO,
        closing: opening,
    };
    for entry in entries {
        let imported = match entry.cause {
            Cause::Opening(id) => imported.remove(&id),
            _ => None,
        };
        let given_back = match entry.cause {
            Cause::Charge(id) => given_back.remove(&id),
            _ => None,
        };
        let charge = match entry.cause {
            Cause::Charge(id) => charges.remove(&id),
            _ => imported.as_ref().and_then(|line| line.explained.clone()),
        };
        let moved = moved.remove(&(entry.account, entry.id));
        let name = names.get(&entry.account);
        statement.push(Line {
            id: entry.id,
            day: entry.day,
            cause: entry.cause,
            account: name.map(|account| account.public_id.clone()),
            child: name.map_or_else(String::new, |account| account.child_name.clone()),
            service: name.map_or_else(String::new, |account| account.service.clone()),
            amount: entry.amount,
            balance: statement.closing + entry.amount,
            charge,
            imported,
            moved,
            at_desk: at_desk.remove(&entry.id),
            given_back,
        });
    }
    Ok(statement)
}

impl Statement {
    fn push(&mut self, line: Line) {
        let (year, month) = (line.day.year(), line.day.month());
        let open = self
            .months
            .last()
            .is_some_and(|last| (last.year, last.month) == (year, month));
        if !open {
            self.months.push(Month {
                year,
                month,
                lines: Vec::new(),
                debit: Cents::ZERO,
                credit: Cents::ZERO,
                closing: self.closing,
            });
        }
        let (debit, credit) = (
            line.debit().unwrap_or_default(),
            line.credit().unwrap_or_default(),
        );
        self.debit += debit;
        self.credit += credit;
        self.closing = line.balance;
        if let Some(last) = self.months.last_mut() {
            last.debit += debit;
            last.credit += credit;
            last.closing = line.balance;
            last.lines.push(line);
        }
    }

    /// All lines, oldest first.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.months.iter().flat_map(|month| &month.lines)
    }
}

#[cfg(test)]
mod tests;
