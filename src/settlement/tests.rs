//! A month of payments through receipts, flows and treasury lines; and what each mishap does to it.

use jiff::ToSpan;
use jiff::civil::date;
use rusqlite::Connection;

use super::*;
use crate::base::{Cents, Date, Error, Instant, PublicId, Result};
use crate::ledger;
use crate::payments::flows::{FlowRow, RawFlow, RowOutcome};
use crate::payments::notices::{self, NoticeState};
use crate::payments::{NoticeNumber, RawReceipt, Share, create_shared, receipts};
use crate::testing::{Comune, morning};

/// One payment of the month: its notice, its receipt, its place in a flow.
#[derive(Clone)]
struct Paid {
    number: NoticeNumber,
    receipt: RawReceipt,
    day: Date,
    psp: usize,
}

/// What happens to the month.
#[derive(Default, Clone, Copy)]
struct Mishaps {
    /// The receipt of payment 0 does not come.
    no_receipt: bool,
    /// The row of payment 1 says a cent more.
    cent: bool,
    /// Causali are mangled as banks do.
    mangled: bool,
    /// The outcome of payment 2.
    outcome: Option<RowOutcome>,
    /// The line of the first flow does not come.
    no_line: bool,
    /// The line of the first flow brings ten cents less.
    short_line: bool,
    /// Payment 3's IUV is none of ours.
    unknown: bool,
}

const PSPS: [&str; 3] = ["Banca di Prova S.p.A.", "Poste Simulate", "Tabacchi"];

struct Month {
    comune: Comune,
    paid: Vec<Paid>,
    flows: Vec<RawFlow>,
}

fn read<T>(comune: &Comune, work: impl FnOnce(&Connection) -> Result<T>) -> T {
    comune.store.read(work).unwrap()
}

/// November, as seen on 18 December.
const FROM: Date = date(2026, 11, 1);
const TO: Date = date(2026, 12, 31);

fn later() -> Instant {
    Instant::from_rome(date(2026, 12, 18).at(9, 0, 0, 0))
}

impl Month {
    /// Notices of two services, receipts, nothing settled yet.
    fn of(payments: usize, mishaps: Mishaps) -> Month {
        let comune = Comune::new();
        let (mother, luca, sara) = (comune.mother, comune.luca, comune.sara);
        let meals = comune.meals;
        let mut paid = Vec::new();
        for chunk in (0..payments).collect::<Vec<_>>().chunks(500) {
            let chunk = chunk.to_vec();
            let made = comune.write(move |tx| {
                let accounts = [
                    ledger::family_account(tx, mother, luca, meals)?,
                    ledger::family_account(tx, mother, sara, crate::base::ServiceId(2))?,
                ];
                let mut made = Vec::new();
                for n in chunk {
                    let amount = Cents(1000 + i64::try_from(n % 37).unwrap() * 55);
                    let share = |account| Share { account, amount };
                    // Every fifth is for both services.
                    let shares = match n % 5 {
                        0 => vec![share(accounts[0]), share(accounts[1])],
                        _ => vec![share(accounts[n % 2])],
                    };
                    let notice = create_shared(tx, mother, &shares, "Mensa", None, morning())?;
                    let day = date(2026, 11, 2) + i64::try_from(n % 20).unwrap().days();
                    let receipt = RawReceipt {
                        key: format!("IUR{n:08}"),
                        creditor: "01199250158".to_owned(),
                        notice_number: notice.notice_number.to_string(),
                        amount: notice.amount,
                        paid_at: Instant::from_rome(day.at(10, 0, 0, 0)),
                        psp: PSPS[n % 3].to_owned(),
                        means: "carta".to_owned(),
                        payer: None,
                        raw: format!("<receipt>{n}</receipt>").into_bytes(),
                    };
                    if !(n == 0 && mishaps.no_receipt) {
                        receipts::receive(tx, &receipt, morning())?;
                    }
                    made.push(Paid {
                        number: notice.notice_number,
                        receipt,
                        day,
                        psp: n % 3,
                    });
                }
                Ok(made)
            });
            paid.extend(made.unwrap());
        }
        Month {
            comune,
            paid,
            flows: Vec::new(),
        }
    }

    /// The flows of the month, one a day and provider; and the lines that bring their money.
    fn settle(mut self, mishaps: Mishaps) -> Month {
        for day in 0..20 {
            let day = date(2026, 11, 2) + day.days();
            for psp in 0..PSPS.len() {
                let mut rows = Vec::new();
                for (n, paid) in self.paid.iter().enumerate() {
                    if paid.day != day || paid.psp != psp {
                        continue;
                    }
                    let mut row = FlowRow {
                        iuv: paid.number.iuv().as_str().to_owned(),
                        iur: paid.receipt.key.clone(),
                        transfer: 1,
                        amount: paid.receipt.amount,
                        outcome: RowOutcome::Executed,
                        day,
                    };
                    if n == 1 && mishaps.cent {
                        row.amount += Cents(1);
                    }
                    if n == 2 {
                        row.outcome = mishaps.outcome.unwrap_or(RowOutcome::Executed);
                    }
                    if n == 3 && mishaps.unknown {
                        row.iuv = "02999999999999999".to_owned();
                        row.iur = "STRANGER".to_owned();
                    }
                    rows.push(row);
                }
                if !rows.is_empty() {
                    self.flows.push(flow(day, psp, rows));
                }
            }
        }
        self.take_in(mishaps);
        self
    }

    fn take_in(&self, mishaps: Mishaps) {
        for (n, of) in self.flows.iter().enumerate() {
            let of = of.clone();
            let line = line(&of, n, mishaps);
            // Lines and flows come in either order.
            let line_first = n % 2 == 0;
            // Where all was revoked nothing is transferred.
            let drop_line = (n == 0 && mishaps.no_line) || of.total == Cents::ZERO;
            self.comune
                .write(move |tx| {
                    if line_first && !drop_line {
                        assert!(record(tx, &line, later())?);
                    }
                    assert_eq!(apply(tx, &of, "gateway", later())?, Applied::New);
                    if !line_first && !drop_line {
                        record(tx, &line, later())?;
                    }
                    assert_eq!(apply(tx, &of, "gateway", later())?, Applied::AlreadyKnown);
                    Ok(())
                })
                .unwrap();
        }
    }

    fn states(&self) -> Vec<(RowState, i64)> {
        let sums = read(&self.comune, |db| row_sums(db, FROM, TO));
        let some = sums.into_iter().filter(|(_, sum)| sum.count > 0);
        some.map(|(state, sum)| (state, sum.count)).collect()
    }

    fn flow_states(&self) -> Vec<(FlowState, i64)> {
        let sums = read(&self.comune, |db| flow_sums(db, FROM, TO));
        let some = sums.into_iter().filter(|(_, sum)| sum.count > 0);
        some.map(|(state, sum)| (state, sum.count)).collect()
    }

    fn awaited(&self) -> Vec<String> {
        let (sum, list) = read(&self.comune, |db| {
            awaited_receipts(db, (FROM, TO), date(2026, 12, 18), (1000, 0))
        });
        assert_eq!(sum.count, i64::try_from(list.len()).unwrap());
        list.into_iter().map(|one| one.key).collect()
    }

    /// What must hold whatever happened: money of reconciled flows is money of the treasury, rows that
    /// are reconciled are money of the ledger, and every list adds up.
    fn adds_up(&self) {
        read(&self.comune, |db| {
            let one = |sql: &str| -> Cents { db.query_row(sql, [], |row| row.get(0)).unwrap() };
            let reconciled = one(
                "select coalesce(sum(iif(f.total = f.paid and w.state = 'revoked', 0, w.amount)), 0)
                 from settlement_flow f join settlement_row w on w.flow_id = f.id
                 where f.state = 'reconciled' and w.state <> 'superseded'",
            );
            let treasury = one("select coalesce(sum(t.amount), 0) from treasury_match m
                 join treasury_line t on t.id = m.treasury_id
                 join settlement_flow f on f.id = m.flow_id where f.state = 'reconciled'");
            assert_eq!(reconciled, treasury);
            // Every credit of the month is one of a receipt or of a row without one, to the cent.
            let rows = one(
                "select coalesce(sum(amount), 0) from settlement_row where state in ('matched', 'no_receipt')",
            );
            let ledger = one("select coalesce(sum(e.amount), 0) from settlement_row w
                 join ledger_entry e on e.cause = 'receipt' and e.cause_id = w.receipt_id
                 where w.state = 'matched'")
                + one("select coalesce(sum(e.amount), 0) from settlement_row w
                 join settled_payment d on d.iur = w.iur
                 join ledger_entry e on e.cause = 'settlement' and e.cause_id = d.id
                 where w.state = 'no_receipt'");
            assert_eq!(rows, ledger);
            let whole = overview(db, FROM, TO)?;
            let sum = |all: &[Cents]| all.iter().copied().sum::<Cents>();
            let of_rows: Vec<Cents> = whole.rows.iter().map(|(_, sum)| sum.amount).collect();
            assert_eq!(
                sum(&of_rows),
                one("select sum(paid + revoked) from settlement_flow")
            );
            let of_flows: Vec<Cents> = whole.flows.iter().map(|(_, sum)| sum.amount).collect();
            assert_eq!(
                sum(&of_flows),
                one("select sum(total) from settlement_flow")
            );
            let of_lines: Vec<Cents> = whole.lines.iter().map(|(_, sum)| sum.amount).collect();
            assert_eq!(
                sum(&of_lines),
                one("select coalesce(sum(amount), 0) from treasury_line")
            );
            assert_eq!(whole.credited, treasury);
            // Proposed orders are the money of the treasury, split.
            let orders = orders(db, FROM, TO)?;
            assert_eq!(orders.iter().map(|o| o.amount).sum::<Cents>(), treasury);
            let months = month_totals(&orders);
            assert_eq!(months.iter().map(|m| m.amount).sum::<Cents>(), treasury);
            Ok(())
        });
    }

    fn balance(&self) -> Cents {
        let actor = self.comune.as_mother();
        let accounts = read(&self.comune, |db| ledger::accounts_of_payer(db, &actor));
        accounts.iter().map(|account| account.balance).sum()
    }

    /// What families have paid in the month.
    fn all_paid(&self) -> Cents {
        self.paid.iter().map(|paid| paid.receipt.amount).sum()
    }
}

fn flow(day: Date, psp: usize, rows: Vec<FlowRow>) -> RawFlow {
    let settled_on = day + 1.day();
    let mut flow = RawFlow {
        id: format!("{settled_on}PROVAIT{psp}XXX-S{:06}", rows.len()),
        made_at: Instant::from_rome(settled_on.at(14, 0, 0, 0)),
        psp: PSPS[psp].to_owned(),
        creditor: "01199250158".to_owned(),
        regulation: "TRN".to_owned(),
        settled_on,
        total: rows
            .iter()
            .filter(|row| row.outcome != RowOutcome::Revoked)
            .map(|row| row.amount)
            .sum(),
        rows,
        raw: Vec::new(),
    };
    flow.raw = crate::payments::fdr::write(&flow).unwrap().into_bytes();
    flow
}

fn line(of: &RawFlow, n: usize, mishaps: Mishaps) -> NewTreasuryLine {
    let (id, mangled) = (&of.id, mishaps.mangled);
    let (start, end) = id.split_at(17);
    let causale = match n % 4 {
        0 if mangled => {
            format!("ACCREDITI VARI PUR/LGPE-RIVERSA MENTO/URI/{start} {end} ORD.BANCA")
        }
        1 if mangled => format!(":RI3:/PUR/LGPE-RIVERSAMENTO/URI/{id} :SEC:"),
        2 if mangled => format!("BONIFICO {id} ALTRO"),
        _ => format!("/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{id}"),
    };
    let short = if n == 0 && mishaps.short_line { 10 } else { 0 };
    NewTreasuryLine {
        exercise: 2026,
        account: String::new(),
        number: n.to_string(),
        day: of.settled_on,
        amount: of.total - Cents(short),
        causale,
        payer: of.psp.clone(),
        raw: String::new(),
    }
}

fn month(payments: usize, mishaps: Mishaps) -> Month {
    let month = Month::of(payments, mishaps).settle(mishaps);
    month.adds_up();
    month
}

fn reconciles_completely(payments: usize) {
    let all = month(payments, Mishaps::default());
    assert_eq!(
        all.states(),
        [(RowState::Matched, i64::try_from(payments).unwrap())]
    );
    let flows = i64::try_from(all.flows.len()).unwrap();
    assert_eq!(all.flow_states(), [(FlowState::Reconciled, flows)]);
    assert!(all.awaited().is_empty());
    let ledger = all.balance();
    assert_eq!(ledger, all.all_paid());
    let whole = read(&all.comune, |db| overview(db, FROM, TO));
    assert_eq!(whole.credited, ledger);
    let reported = read(&all.comune, |db| reported(db, all.paid[7].number.as_str()));
    assert_eq!(reported.unwrap().1, all.paid[7].day + 1.day());
}

#[test]
fn a_month_of_payments_reconciles_completely() {
    reconciles_completely(2_000);
}

/// The size of a city's month.
#[test]
#[ignore = "large: the step `month` of tests/run asks for it"]
fn a_month_of_twenty_thousand_payments_reconciles_completely() {
    reconciles_completely(20_000);
}

#[test]
fn mangled_causali_change_nothing() {
    let mishaps = Mishaps {
        mangled: true,
        ..Mishaps::default()
    };
    let month = month(120, mishaps);
    let flows = i64::try_from(month.flows.len()).unwrap();
    assert_eq!(month.flow_states(), [(FlowState::Reconciled, flows)]);
}

#[test]
fn a_receipt_that_did_not_come_is_credited_by_its_row_and_replaced_once_it_comes() {
    let mishaps = Mishaps {
        no_receipt: true,
        ..Mishaps::default()
    };
    let month = month(60, mishaps);
    assert_eq!(
        month.states(),
        [(RowState::Matched, 59), (RowState::NoReceipt, 1)]
    );
    assert_eq!(month.balance(), month.all_paid());
    let number = month.paid[0].number;
    let state = |month: &Month| {
        let notice = read(&month.comune, |db| {
            notices::notice_by_number(db, number.as_str())
        });
        notice.unwrap().state
    };
    assert_eq!(state(&month), NoticeState::Paid);
    let raw = month.paid[0].receipt.clone();
    for _ in 0..3 {
        let raw = raw.clone();
        month
            .comune
            .write(move |tx| {
                receipts::receive(tx, &raw, later())?;
                assert!(has_news(tx)? || look_again(tx, 100, later())? == 0);
                look_again(tx, 100, later())
            })
            .unwrap();
        // Credited once: the row's credit gave way.
        assert_eq!(month.balance(), month.all_paid());
    }
    assert_eq!(month.states(), [(RowState::Matched, 60)]);
    month.adds_up();
    // The same flow again, in a later revision: still once.
    let mut again = month.flows[0].clone();
    again.made_at = again.made_at.plus_millis(60_000);
    again.raw = crate::payments::fdr::write(&again).unwrap().into_bytes();
    let applied = month
        .comune
        .write(move |tx| apply(tx, &again, "gateway", later()));
    assert_eq!(applied.unwrap(), Applied::Overwrote);
    assert_eq!(month.balance(), month.all_paid());
    month.adds_up();
}

#[test]
fn a_receipt_of_another_payment_waits_and_takes_nothing_from_the_row() {
    let mishaps = Mishaps {
        no_receipt: true,
        ..Mishaps::default()
    };
    let month = month(60, mishaps);
    let raw = month.paid[0].receipt.clone();
    let other = RawReceipt {
        key: "IUR-OF-A-SECOND-PAYMENT".to_owned(),
        ..raw.clone()
    };
    let received = |raw: RawReceipt| {
        let write = move |tx: &rusqlite::Transaction<'_>| receipts::receive(tx, &raw, later());
        month.comune.write(write).unwrap()
    };
    assert_eq!(received(other), receipts::Reception::Suspense);
    assert_eq!(month.balance(), month.all_paid(), "the row's credit stands");
    let differs = false;
    assert_eq!(received(raw), receipts::Reception::Credited { differs });
    assert_eq!(month.balance(), month.all_paid());
}

#[test]
fn a_changed_cent_an_unknown_iuv_and_every_outcome_land_on_their_lists() {
    let cent = Mishaps {
        cent: true,
        ..Mishaps::default()
    };
    assert_eq!(
        month(60, cent).states(),
        [(RowState::Matched, 59), (RowState::Amount, 1)]
    );
    let unknown = Mishaps {
        unknown: true,
        ..Mishaps::default()
    };
    let stranger = month(60, unknown);
    assert_eq!(
        stranger.states(),
        [(RowState::Matched, 59), (RowState::Unknown, 1)]
    );
    assert_eq!(stranger.awaited(), ["IUR00000003"]);
    for outcome in [
        RowOutcome::StandIn,
        RowOutcome::StandInWithoutRequest,
        RowOutcome::WithoutReceipt,
    ] {
        let mishaps = Mishaps {
            outcome: Some(outcome),
            ..Mishaps::default()
        };
        assert_eq!(month(60, mishaps).states(), [(RowState::Matched, 60)]);
    }
    let revoked = Mishaps {
        outcome: Some(RowOutcome::Revoked),
        ..Mishaps::default()
    };
    let revoked = month(120, revoked);
    assert_eq!(
        revoked.states(),
        [(RowState::Matched, 119), (RowState::Revoked, 1)]
    );
    // Nothing was taken back by itself, and the receipt still waits for its money.
    assert_eq!(revoked.balance(), revoked.all_paid());
    assert_eq!(revoked.awaited(), ["IUR00000002"]);
}

#[test]
fn a_line_that_is_short_or_missing_shows_at_its_flow() {
    let short = Mishaps {
        short_line: true,
        ..Mishaps::default()
    };
    let short = month(60, short);
    let flows = i64::try_from(short.flows.len()).unwrap();
    assert_eq!(
        short.flow_states(),
        [(FlowState::Reconciled, flows - 1), (FlowState::Amount, 1)]
    );
    let missing = Mishaps {
        no_line: true,
        ..Mishaps::default()
    };
    let missing = month(60, missing);
    assert_eq!(
        missing.flow_states(),
        [(FlowState::Open, 1), (FlowState::Reconciled, flows - 1)]
    );
    let total = missing.flows[0].total;
    let late = read(&missing.comune, |db| late_flows(db, date(2026, 12, 18)));
    assert_eq!((late.count, late.amount), (1, total));
    // On the fourth working day it is not yet late.
    let settled_on = missing.flows[0].settled_on;
    assert_eq!(settled_on, date(2026, 11, 3));
    let early = read(&missing.comune, |db| late_flows(db, date(2026, 11, 6)));
    assert_eq!(early.count, 0);
    let due = read(&missing.comune, |db| late_flows(db, date(2026, 11, 9)));
    assert_eq!(due.count, 1);
    // What was missing comes as an integration: in two parts, each matched once.
    let of = missing.flows[0].clone();
    missing
        .comune
        .write(move |tx| {
            let mut line = line(&of, 900, Mishaps::default());
            line.amount = of.total - Cents(10);
            record(tx, &line, later())?;
            line.number = "901".to_owned();
            line.amount = Cents(10);
            line.causale = format!("/PUR/LGPE-INTEGRAZIONE/URI/{}", of.id);
            record(tx, &line, later())?;
            // A third one is too much: it stays open.
            line.number = "902".to_owned();
            record(tx, &line, later())
        })
        .unwrap();
    assert_eq!(missing.flow_states(), [(FlowState::Reconciled, flows)]);
    let lines = read(&missing.comune, |db| treasury_sums(db, FROM, TO));
    let open = lines
        .iter()
        .find(|(state, _)| *state == TreasuryState::Open);
    assert_eq!(
        open.unwrap().1,
        Sum {
            count: 1,
            amount: Cents(10)
        }
    );
    missing.adds_up();
}

#[test]
fn an_overwritten_flow_lets_go_of_what_it_lost() {
    let month = month(120, Mishaps::default());
    let mut first = month.flows[0].clone();
    let older = first.clone();
    let lost = first.rows.pop().unwrap();
    first.made_at = first.made_at.plus_millis(3_600_000);
    first.total = first.total - lost.amount;
    first.raw = crate::payments::fdr::write(&first).unwrap().into_bytes();
    let id = first.id.clone();
    let applied = month.comune.write(move |tx| {
        let applied = apply(tx, &first, "file", later())?;
        // The revision before comes once more, as another file would bring it: it is kept, and older.
        let mut again = older;
        again.raw.push(b'\n');
        assert_eq!(apply(tx, &again, "file", later())?, Applied::Older);
        Ok(applied)
    });
    assert_eq!(applied.unwrap(), Applied::Overwrote);
    assert_eq!(month.states(), [(RowState::Matched, 119)]);
    assert_eq!(month.awaited(), [lost.iur]);
    let flows = i64::try_from(month.flows.len()).unwrap();
    assert_eq!(
        month.flow_states(),
        [(FlowState::Reconciled, flows - 1), (FlowState::Amount, 1)]
    );
    let kept: i64 = read(&month.comune, |db| {
        let sql = "select count(*) from settlement_revision r join settlement_flow f
                   on f.id = r.flow_id where f.flow_id = ?1";
        Ok(db.query_row(sql, [&id], |row| row.get(0))?)
    });
    assert_eq!(kept, 3);
    month.adds_up();
}

fn id_of(month: &Month, sql: &str) -> PublicId {
    read(&month.comune, |db| {
        Ok(db.query_row(sql, [], |row| row.get(0))?)
    })
}

#[test]
fn the_accountant_matches_parts_and_sets_aside_and_undoes_it() {
    let mishaps = Mishaps {
        short_line: true,
        ..Mishaps::default()
    };
    let month = month(60, mishaps);
    let (accountant, clerk) = (month.comune.as_accountant(), month.comune.as_clerk());
    let line = id_of(
        &month,
        "select public_id from treasury_line where number = '0'",
    );
    let flow = id_of(
        &month,
        "select public_id from settlement_flow where state = 'amount'",
    );
    let (by, of) = (clerk, line.clone());
    let refused = month
        .comune
        .write(move |tx| unmatch(tx, &by, &of, "prova", later()));
    assert!(matches!(refused, Err(Error::Forbidden)));
    let (by, of) = (accountant.clone(), line.clone());
    let mute = month
        .comune
        .write(move |tx| unmatch(tx, &by, &of, "  ", later()));
    assert!(matches!(mute, Err(Error::Invalid(_))));
    let (by, of) = (accountant.clone(), line.clone());
    month
        .comune
        .write(move |tx| unmatch(tx, &by, &of, "altro flusso", later()))
        .unwrap();
    let plan = read(&month.comune, |db| match_plan(db, &line, &flow));
    assert_eq!(plan.total - plan.after, Cents(10));
    let (by, of, to) = (accountant.clone(), line.clone(), flow.clone());
    month
        .comune
        .write(move |tx| match_to_flow(tx, &by, &of, &to, "è questo", later()))
        .unwrap();
    let twice = read(
        &month.comune,
        |db| Ok(match_plan(db, &line, &flow).is_err()),
    );
    assert!(twice, "a line is matched once");
    let (by, of) = (accountant.clone(), flow.clone());
    month
        .comune
        .write(move |tx| {
            ignore(tx, &by, &of, "commissione trattenuta", later())?;
            assert!(ignore(tx, &by, &of, "di nuovo", later()).is_err());
            resume(tx, &by, &of, "no", later())
        })
        .unwrap();
    assert_eq!(month.flow_states()[1], (FlowState::Amount, 1));
    let decisions: i64 = read(&month.comune, |db| {
        Ok(
            db.query_row("select count(*) from settlement_decision", [], |row| {
                row.get(0)
            })?,
        )
    });
    assert_eq!(decisions, 4);
    month.adds_up();
}

#[test]
fn what_a_row_credited_is_taken_back_by_the_accountant_only() {
    let mishaps = Mishaps {
        no_receipt: true,
        ..Mishaps::default()
    };
    let month = month(60, mishaps);
    let row = id_of(
        &month,
        "select public_id from settlement_row where state = 'no_receipt'",
    );
    let matched = id_of(
        &month,
        "select public_id from settlement_row where state = 'matched'",
    );
    let (clerk, accountant) = (month.comune.as_clerk(), month.comune.as_accountant());
    let of = row.clone();
    let refused = month
        .comune
        .write(move |tx| take_back(tx, &clerk, &of, "revocato", later()));
    assert!(matches!(refused, Err(Error::Forbidden)));
    month
        .comune
        .write(move |tx| {
            assert!(take_back(tx, &accountant, &matched, "revocato", later()).is_err());
            take_back(tx, &accountant, &row, "revocato", later())?;
            assert!(take_back(tx, &accountant, &row, "ancora", later()).is_err());
            Ok(())
        })
        .unwrap();
    let lost = month.paid[0].receipt.amount;
    assert_eq!(month.balance(), month.all_paid() - lost);
}

#[test]
fn lateness_counts_working_days() {
    // Thursday 12 November and the week-end behind it.
    assert_eq!(
        working_days_before(date(2026, 11, 17), 3),
        date(2026, 11, 12)
    );
    assert_eq!(
        working_days_before(date(2026, 11, 15), 1),
        date(2026, 11, 13)
    );
    assert_eq!(
        working_days_before(date(2026, 11, 16), 0),
        date(2026, 11, 16)
    );
}

#[test]
fn a_payment_that_stands_in_two_flows_counts_in_one() {
    let month = month(60, Mishaps::default());
    let mut copy = month.flows[0].clone();
    copy.id = "2026-11-30PROVAITXXXX-S9".to_owned();
    copy.raw = crate::payments::fdr::write(&copy).unwrap().into_bytes();
    let applied = month
        .comune
        .write(move |tx| apply(tx, &copy, "file", later()));
    assert_eq!(applied.unwrap(), Applied::New);
    assert_eq!(
        month.states(),
        [(RowState::Matched, 60), (RowState::Twice, 1)]
    );
    assert_eq!(month.balance(), month.all_paid());
    // Where the first flow lets go of it, the second one has it.
    let mut first = month.flows[0].clone();
    first.made_at = first.made_at.plus_millis(1000);
    first.rows.clear();
    first.total = Cents::ZERO;
    first.raw = crate::payments::fdr::write(&first).unwrap().into_bytes();
    month
        .comune
        .write(move |tx| {
            apply(tx, &first, "file", later())?;
            look_again(tx, 100, later())
        })
        .unwrap();
    assert_eq!(month.states(), [(RowState::Matched, 60)]);
    month.adds_up();
}

#[test]
fn a_transfer_of_a_single_payment_is_matched_to_its_receipt_once() {
    let month = Month::of(3, Mishaps::default());
    let paid = month.paid[1].clone();
    let states = month.comune.write(move |tx| {
        let mut line = NewTreasuryLine {
            exercise: 2026,
            account: String::new(),
            number: "1".to_owned(),
            day: date(2026, 11, 5),
            amount: paid.receipt.amount,
            causale: format!("/RFB/{}", paid.number.iuv().as_str()),
            payer: String::new(),
            raw: String::new(),
        };
        record(tx, &line, later())?;
        line.number = "2".to_owned();
        record(tx, &line, later())?;
        let mut states = tx.prepare("select state from treasury_line order by id")?;
        let states = states.query_map([], |row| row.get::<_, String>(0))?;
        Ok(states.collect::<rusqlite::Result<Vec<_>>>()?)
    });
    assert_eq!(states.unwrap(), ["matched", "open"]);
}
