//! Money and debts that don't meet: payments without debt, debts without notice.

use super::charts::{self, In};
use super::period::{chosen, service_filter};
use super::shape::{Cell, Filter, Report, Section, Table, count, grouped};
use crate::base::{Cents, Result, day_of};
use crate::ledger;
use crate::municipality;
use crate::payments::receipts;
use crate::refunds::Age;
use crate::reports;
use crate::web::cx::Cx;

/// Credits above this are shown when the address does not say.
const USUAL_LIMIT: Cents = Cents(10_000);
/// Receipts in suspense: more than these wait only after a disaster.
const MOST_SUSPENDED: u32 = 1000;

/// Credits above a limit, credits of who has left, receipts in suspense.
pub(super) fn payments(cx: &Cx) -> Result<Report> {
    let limit = Cents::parse_it(cx.query.text("oltre"))
        .unwrap_or(USUAL_LIMIT)
        .max(Cents::ZERO);
    let today = cx.today();
    let (services, credits, suspended) = cx.read(|db| {
        let credits = ledger::credits(db, limit, today)?;
        let suspended = receipts::receipts_in_suspense(db, MOST_SUSPENDED)?;
        Ok((municipality::services(db)?, credits, suspended))
    })?;
    let service = chosen(cx, "servizio", &services, |s| &s.public_id)?;
    let here = |credit: &&ledger::Credit| service.is_none_or(|s| s.id == credit.service_id);
    let (staying, left): (Vec<_>, Vec<_>) = credits
        .iter()
        .filter(here)
        .partition(|credit| credit.in_use);
    let sum = |credits: &[&ledger::Credit]| -> Cents { credits.iter().map(|c| c.balance).sum() };
    let waiting: Cents = suspended.iter().map(|receipt| receipt.amount).sum();
    let parts = [
        (format!("Crediti oltre {limit}"), sum(&staying)),
        ("Crediti di chi è uscito".to_owned(), sum(&left)),
        ("Ricevute in sospeso".to_owned(), waiting),
    ];
    let items: Vec<(String, i64)> = parts
        .iter()
        .map(|(word, sum)| (word.clone(), sum.0))
        .collect();
    let columns = vec![
        ("Intestatario", "intestatario", false),
        ("Bambino", "bambino", false),
        ("Servizio", "servizio", false),
        ("Credito", "credito", true),
        ("Deve su altri conti", "deve_su_altri_conti", true),
    ];
    let section = |slug: &str, title: String, text: &str, rows: &[&ledger::Credit]| Section {
        title: title.clone(),
        text: text.to_owned(),
        chart: None,
        table: Table {
            slug: slug.to_owned(),
            caption: title,
            columns: columns.clone(),
            rows: rows
                .iter()
                .map(|credit| {
                    let href = format!("/ufficio/famiglie/{}", credit.payer_public);
                    vec![
                        Cell::Link(credit.payer.clone(), href),
                        Cell::text(&credit.child),
                        Cell::text(&credit.service),
                        Cell::Money(credit.balance),
                        match credit.owed_elsewhere {
                            Cents::ZERO => Cell::Empty,
                            owed => Cell::Money(owed),
                        },
                    ]
                })
                .collect(),
            total: None,
            empty: "Nessun credito così.",
        },
    };
    let mut first = section(
        "crediti",
        format!("Crediti oltre {limit}"),
        "Il servizio è ancora in uso: il credito serve per i prossimi addebiti.",
        &staying,
    );
    first.chart = charts::bars(
        "crediti-e-sospesi",
        "Pagamenti senza debito",
        In::Euros,
        &items,
    );
    let suspended_rows = suspended.iter().map(|receipt| {
        let href = format!("/ufficio/cerca?q={}", receipt.notice_number);
        vec![
            Cell::Day(day_of(receipt.paid_at)),
            Cell::Link(receipt.notice_number.to_string(), href),
            Cell::text(&receipt.payer),
            Cell::text(if receipt.known_notice {
                "Avviso già pagato"
            } else {
                "Avviso non conosciuto"
            }),
            Cell::Money(receipt.amount),
        ]
    });
    Ok(Report {
        filters: vec![
            Filter {
                name: "oltre",
                label: "Crediti oltre (€)",
                kind: "amount",
                value: limit.to_italian(),
                options: Vec::new(),
            },
            service_filter(cx, &services),
        ],
        notes: vec![
            "Il credito è quello del conto di un bambino per un servizio. Se l’intestatario deve qualcosa su un \
             altro conto, il credito si può spostare dalla scheda della famiglia."
                .to_owned(),
        ],
        figures: parts.iter().map(|(word, sum)| (word.clone(), sum.to_string())).collect(),
        sections: vec![
            first,
            section(
                "usciti",
                "Crediti di chi è uscito".to_owned(),
                "Nessuna iscrizione è più attiva. I rimborsi si aprono da «Rimborsi», «Crediti di chi è uscito».",
                &left,
            ),
            Section {
                title: "Ricevute in sospeso".to_owned(),
                text: "Pagamenti arrivati che nessun conto ha ricevuto. Si vedono anche in «Pagamenti».".to_owned(),
                chart: None,
                table: Table {
                    slug: "sospesi".to_owned(),
                    caption: "Ricevute in sospeso".to_owned(),
                    columns: vec![
                        ("Pagata il", "pagata_il", false),
                        ("Numero di avviso", "numero_avviso", false),
                        ("Intestatario", "intestatario", false),
                        ("Perché", "perche", false),
                        ("Importo", "importo", true),
                    ],
                    rows: suspended_rows.collect(),
                    total: None,
                    empty: "Nessuna ricevuta in sospeso.",
                },
            },
        ],
        ..Report::default()
    })
}

/// The debts that no open notice covers.
pub(super) fn debts(cx: &Cx) -> Result<Report> {
    let today = cx.today();
    let found = cx.read(|db| reports::debts_without_notice(db, today))?;
    let missing: Cents = found.iter().map(|one| one.missing).sum();
    let owed: Cents = found.iter().map(|one| one.debtor.owed()).sum();
    let ages: Vec<(String, i64)> = super::super::debtors::AGES
        .iter()
        .map(|(age, _, label)| {
            let of = found
                .iter()
                .filter(|one| Age::of(one.debtor.age_days) == *age);
            ((*label).to_owned(), of.map(|one| one.missing.0).sum())
        })
        .collect();
    let rows = found.iter().map(|one| {
        let debtor = &one.debtor;
        let href = format!("/ufficio/famiglie/{}", debtor.payer_public);
        vec![
            Cell::Link(debtor.payer.clone(), href),
            Cell::Text(format!("{} – {}", debtor.child, debtor.service)),
            Cell::Day(debtor.since),
            Cell::Money(debtor.owed()),
            match one.noticed {
                Cents::ZERO => Cell::Empty,
                noticed => Cell::Money(noticed),
            },
            Cell::Money(one.missing),
        ]
    });
    let title = "Debiti che nessun avviso aperto chiede";
    Ok(Report {
        figures: vec![
            ("Senza avviso".to_owned(), missing.to_string()),
            ("Debito di questi conti".to_owned(), owed.to_string()),
            ("Conti".to_owned(), grouped(count(found.len()))),
        ],
        notes: vec![
            "Un avviso conta finché è aperto. Sui servizi prepagati la famiglia crea l’avviso quando vuole \
             pagare; sui servizi a consuntivo lo crea la bolletta."
                .to_owned(),
        ],
        sections: vec![Section {
            title: String::new(),
            text: String::new(),
            chart: charts::bars("eta", "Debiti senza avviso per età", In::Euros, &ages),
            table: Table {
                slug: "debiti".to_owned(),
                caption: title.to_owned(),
                columns: vec![
                    ("Intestatario", "intestatario", false),
                    ("Conto", "conto", false),
                    ("Dal", "dal", false),
                    ("Debito", "debito", true),
                    ("In avvisi aperti", "in_avvisi_aperti", true),
                    ("Senza avviso", "senza_avviso", true),
                ],
                rows: rows.collect(),
                total: None,
                empty: "Ogni debito ha il suo avviso di pagamento.",
            },
        }],
        ..Report::default()
    })
}
