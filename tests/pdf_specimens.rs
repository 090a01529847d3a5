//! The printed documents: what they say, in which order, on how many pages; equal data, equal
//! bytes. The specimens stay in `target/specimens/`, where `tests/run` hands them to the
//! checkers of PDF, of accessibility and of QR codes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::path::{Path, PathBuf};

use campanella::applications::receipt_pdf::{self, ReceiptData};
use campanella::attestations::attestation_pdf;
use campanella::attestations::content::*;
use campanella::base::{AccountId, BillId, Cents, Instant, PersonId, PublicId};
use campanella::billing::{self, bill_pdf};
use campanella::cash_desk::{self, Means, Paid};
use campanella::charging::charge_pdf;
use campanella::ledger::AidedBy;
use campanella::municipality::SegregationCode;
use campanella::payments::NoticeNumber;
use campanella::payments::notice_pdf::{self, NoticeData, Payment, PostalAccount};
use campanella::payments::notices::NoticeState;
use campanella::pdf::{Letterhead, PdfError};
use campanella::people::EntityFiscalCode;
use campanella::refunds::Debtor;
use campanella::refunds::collection::{self, Letter};
use campanella::statement;
use campanella::tariffs::{Explanation, IseeUse};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use lopdf::{Document, Object};

fn comune() -> Letterhead {
    Letterhead {
        name: "Comune di Borgo San Lorenzo al Fiume".to_owned(),
        department: "Settore Servizi alla persona – Ufficio scuola".to_owned(),
        address: "Piazza della Libertà 1, 54033 Borgo San Lorenzo (MS)".to_owned(),
        fiscal_code: "03334231200".to_owned(),
        certified_mail: "protocollo@pec.comune.borgo.example".to_owned(),
        contacts: "tel. 0585 123456".to_owned(),
        ..Letterhead::default()
    }
}

fn payment(day: Date, cents: i64) -> PaymentRow {
    PaymentRow {
        date: day,
        amount: Cents(cents),
        reference: format!("0320{:011}", day.day_of_year()),
        psp: "Banca di Prova S.p.A.".to_owned(),
        means: "Carta".to_owned(),
        period: String::new(),
        origin: String::new(),
        payer_if_other: None,
    }
}

fn section(service: &str, code: Option<ExpenseCode>, rows: Vec<PaymentRow>) -> ServiceSection {
    let paid: Cents = rows.iter().map(|row| row.amount).sum();
    ServiceSection {
        service_name: service.to_owned(),
        code,
        school: "Scuola primaria “Niccolò Machiavelli”".to_owned(),
        class: "3ª A".to_owned(),
        school_years: vec!["2024/2025".to_owned(), "2025/2026".to_owned()],
        traceable: paid,
        otherwise_paid: Cents::ZERO,
        not_ascertained: Cents::ZERO,
        refunds_same_year: Cents::ZERO,
        refunds_earlier: Vec::new(),
        aided: Cents::ZERO,
        aided_by: Vec::new(),
        net: paid,
        residual_credit: Cents::ZERO,
        rows,
    }
}

fn attestation(children: Vec<ChildSection>) -> AttestationContent {
    AttestationContent {
        year: 2025,
        number: 123,
        revision: 0,
        issued_on: date(2026, 2, 16),
        replaces_issue_of: None,
        registry: None,
        municipality: comune(),
        payer: AttestedPayer {
            name: "Rossi Maria Concetta".to_owned(),
            fiscal_code: "RSSMCN85M41H501X".to_owned(),
            residence: "Via Roma 12, 54033 Borgo San Lorenzo (MS)".to_owned(),
        },
        children,
        notes: vec![
            "Servizi di refezione, trasporto, pre e post scuola: spesa detraibile ai sensi dell’art. 15, c. 1, lett. e-bis, del TUIR. Il limite annuo per alunno è del contribuente: qui sono indicate tutte le somme pagate.".to_owned(),
            "Conservare le prove dei pagamenti insieme a questo documento.".to_owned(),
        ],
        responsible: Responsible {
            role: "Il Responsabile del Settore Servizi alla persona".to_owned(),
            name: "Dott.ssa Giulia D’Àmico".to_owned(),
        },
        verification: Some(Verification {
            code: "8KQ4ZT2M7XW5N3PB6HRC9DVJYA".to_owned(),
            url: "https://scuola.comune.borgo.example/verifica/8KQ4ZT2M7XW5N3PB6HRC9DVJYA".to_owned(),
        }),
        privacy: "Titolare del trattamento: Comune di Borgo San Lorenzo al Fiume. Responsabile della protezione dei dati: rpd@comune.borgo.example. L’informativa completa è sul sito del comune.".to_owned(),
    }
}

fn child(name: &str, services: Vec<ServiceSection>) -> ChildSection {
    ChildSection {
        child: AttestedChild {
            name: name.to_owned(),
            fiscal_code: "RSSLCU16C12H501Z".to_owned(),
            birth_date: Some(date(2016, 3, 12)),
            payer_title: "genitore".to_owned(),
        },
        services,
    }
}

fn short_attestation() -> AttestationContent {
    let meals = section(
        "Refezione scolastica",
        Some(ExpenseCode::School),
        vec![
            payment(date(2025, 9, 20), 10_000),
            payment(date(2025, 12, 10), 10_000),
        ],
    );
    let meals = ServiceSection {
        residual_credit: Cents(5960),
        ..meals
    };
    attestation(vec![child("Rossi Luca", vec![meals])])
}

/// Everything that can be on an attestation, long names, and more payments than a page holds.
fn long_attestation() -> AttestationContent {
    let mut rows: Vec<PaymentRow> = (0..60)
        .map(|n| {
            payment(
                date(2025, 1, 7)
                    .checked_add(jiff::Span::new().days(n * 5))
                    .unwrap(),
                31_000 + n,
            )
        })
        .collect();
    for (n, row) in rows.iter_mut().enumerate() {
        row.period = "dicembre 2025".to_owned();
        if n % 7 == 0 {
            row.payer_if_other = Some("Ștefănescu Țepeș Alexandru-Ioan".to_owned());
            row.psp = "Istituto di pagamento con un nome assai lungo S.C.p.A.".to_owned();
        }
    }
    let nursery = section("Asilo nido comunale", Some(ExpenseCode::Nursery), rows);
    let nursery = ServiceSection {
        otherwise_paid: Cents(5000),
        not_ascertained: Cents(2500),
        refunds_same_year: Cents(15_500),
        aided: Cents(272_700),
        aided_by: vec![
            AidedBy {
                body: Some("INPS (bonus asilo nido)".to_owned()),
                amount: Cents(200_000),
            },
            AidedBy {
                body: Some("Regione Toscana, misura “Nidi gratis”".to_owned()),
                amount: Cents(72_700),
            },
        ],
        refunds_earlier: vec![(2024, Cents(15_500)), (2023, Cents(310))],
        net: nursery.traceable - Cents(15_500),
        school: "Nido d’infanzia “La casa delle farfalle e dei bruchi pazienti”, sede distaccata di Sant’Agata".to_owned(),
        ..nursery
    };
    let camp = section(
        "Centro estivo",
        None,
        vec![payment(date(2025, 7, 1), 18_000)],
    );
    let meals = section(
        "Refezione scolastica",
        Some(ExpenseCode::School),
        vec![payment(date(2025, 3, 3), 52_000)],
    );
    let mut content = attestation(vec![
        child(
            "Wickramasinghe Mudiyanselage Ștefan Đorđe Łukasz Ayşe Щербаков 王小明 Nguyễn",
            vec![nursery, camp],
        ),
        child("Rossi Beatrice", vec![meals]),
    ]);
    content.revision = 1;
    content.replaces_issue_of = Some(date(2026, 2, 1));
    content.registry = Some("n. 4711 del 16/02/2026".to_owned());
    content
}

fn receipt() -> ReceiptData {
    let sha256 = "3f786850e387550fdab836ed7e6dc881de23001b9d2a4c1f0d1b3e7a9c5f2e64".to_owned();
    let accepted = Instant(1_788_000_000_000);
    ReceiptData {
        municipality: comune(),
        number: "D-2026-000123".to_owned(),
        submitted_at: Instant(1_788_000_123_000),
        call_title: "Iscrizione alla refezione e al trasporto scolastico, anno scolastico 2026/2027".to_owned(),
        applicant: receipt_pdf::Applicant {
            name: "Rossi Maria Concetta".to_owned(),
            fiscal_code: "RSSMCN85M41H501X".to_owned(),
            birth: "Forlì, 01/08/1985".to_owned(),
            residence: "Via Roma 12, 54033 Borgo San Lorenzo (MS)".to_owned(),
            phone: "+39 333 1234567".to_owned(),
            email: "maria.rossi@example.org".to_owned(),
        },
        child: receipt_pdf::Child {
            name: "Rossi Luca".to_owned(),
            fiscal_code: "RSSLCU16C12H501Z".to_owned(),
            birth_place: "Carrara (MS)".to_owned(),
            birth_date: Some(date(2016, 3, 12)),
            residence: "Via Roma 12, 54033 Borgo San Lorenzo (MS)".to_owned(),
        },
        service: [
            ("Scuola", "Scuola primaria “Niccolò Machiavelli”"),
            ("Classe", "3ª A"),
            ("Dieta particolare", "richiesta"),
            ("ISEE", "autorizzo il comune a chiederlo all’INPS"),
        ]
        .map(|(label, value)| (label.to_owned(), value.to_owned()))
        .to_vec(),
        declarations: [("Informativa sulla privacy", "3"), ("Condizioni generali del servizio", "2026/1")]
            .map(|(title, version)| receipt_pdf::Declaration {
                title: title.to_owned(),
                version: version.to_owned(),
                accepted_at: Some(accepted),
            })
            .to_vec(),
        attachments: [
            ("carta_identita.pdf", 1_150_000),
            ("scansione_del_provvedimento_del_tribunale_con_un_nome_lungo_lungo_lungo_(2).jpeg", 339_001),
        ]
        .map(|(name, size)| receipt_pdf::Attachment {
            name: name.to_owned(),
            size,
            sha256: sha256.clone(),
        })
        .to_vec(),
        content_sha256: sha256,
        next_steps: vec![
            "L’ufficio controlla la domanda. L’esito arriva tra le comunicazioni della tua area riservata, entro 30 giorni.".to_owned(),
            "Se manca qualcosa, l’ufficio ti scrive: rispondi dalla pagina «Comunicazioni».".to_owned(),
        ],
    }
}

fn notice() -> NoticeData {
    NoticeData {
        subject: "Refezione scolastica, ottobre 2026 – posizione 1234".to_owned(),
        creditor_name: "Comune di Borgo San Lorenzo al Fiume".to_owned(),
        creditor_department: "Ufficio scuola".to_owned(),
        creditor_info: "tel. 0585 123456 · scuola@comune.borgo.example · www.comune.borgo.example"
            .to_owned(),
        creditor_fiscal_code: EntityFiscalCode::parse("03334231200").unwrap(),
        debtor_name: "Rossi Maria Concetta".to_owned(),
        debtor_fiscal_code: Some("RSSMCN85M41H501X".to_owned()),
        debtor_address: "Via Roma 12, 54033 Borgo San Lorenzo al Fiume (MS)".to_owned(),
        payments: vec![Payment {
            instalment: None,
            notice_number: NoticeNumber::parse("302032002700000251").unwrap(),
            amount: Cents(123_450),
            due_date: Some(date(2026, 10, 31)),
        }],
        cbill: Some("ab123".to_owned()),
        postal: None,
        simulated: true,
        created_at: Instant(1_788_000_123_000),
    }
}

/// Every field as long as it may be.
fn full_notice() -> NoticeData {
    let fill = |text: &str, max: usize| text.chars().cycle().take(max).collect::<String>();
    NoticeData {
        subject: fill(
            "Retta del nido d’infanzia e del servizio di prolungamento ",
            90,
        ),
        creditor_name: fill("Unione dei Comuni della Valle ", 50),
        creditor_department: fill("Settore Istruzione e cultura ", 50),
        creditor_info: fill("tel. 0585 123456 · pec@example.org ", 100),
        debtor_name: fill("Wickramasinghe Ștefănescu ", 70),
        debtor_address: fill("Località Sant’Andrea di Compito, via Nuova 12 ", 140),
        payments: vec![Payment {
            amount: Cents(9_999_999_999),
            due_date: None,
            ..notice().payments.remove(0)
        }],
        cbill: None,
        postal: Some(PostalAccount {
            number: "123456789012".to_owned(),
            holder: fill("Unione dei Comuni della Valle ", 50),
            authorisation: fill("AUT. DB/XXXX/XXX 00000 DEL 01/01/2026 ", 60),
        }),
        simulated: false,
        ..notice()
    }
}

/// Instalments from the first on, each with a number of its own; with or without the postal slip.
fn instalments(count: u32, slips: bool, from: &NoticeData) -> NoticeData {
    let code = SegregationCode::new(2).unwrap();
    let payments = (1..=count).map(|number| Payment {
        instalment: Some(number),
        notice_number: NoticeNumber::issue(code, 32_002_700_000 + u64::from(number)).unwrap(),
        amount: from.payments[0].amount - Cents(i64::from(number)),
        due_date: Some(date(2027, 1, 31)).map(|day| day.saturating_add(i64::from(number).months())),
    });
    NoticeData {
        payments: payments.collect(),
        postal: slips.then(|| full_notice().postal).flatten(),
        ..from.clone()
    }
}

fn specimens() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let folder = target.join("specimens");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The text of each page, white space made single.
fn pages(bytes: &[u8]) -> Vec<String> {
    let document = Document::load_mem(bytes).unwrap();
    document
        .get_pages()
        .into_keys()
        .map(|page| {
            let text = document.extract_text(&[page]).unwrap();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect()
}

fn in_this_order(text: &str, parts: &[&str]) {
    let mut from = 0;
    for part in parts {
        let found = text[from..].find(part);
        assert!(
            found.is_some(),
            "{part:?} is missing, or too early, in: {text}"
        );
        from += found.unwrap() + part.len();
    }
}

fn debt(service: &str, child: &str, cents: i64, since: Date) -> Debtor {
    let id = PublicId::from_bits([7; 16]);
    Debtor {
        account_id: AccountId(1),
        account: id.clone(),
        payer_id: PersonId(1),
        payer_public: id,
        payer: "Rossi Mara".to_owned(),
        child: child.to_owned(),
        service: service.to_owned(),
        amount: Cents(cents),
        since,
        age_days: 400,
        last: None,
        next: None,
        not_due: Cents::ZERO,
        planned: Cents::ZERO,
        in_collection: false,
        excluded: false,
        exempt: false,
        cost: Cents::ZERO,
        words: "rossi mara".to_owned(),
    }
}

fn collection_letter() -> Result<Vec<u8>, PdfError> {
    let debts = [
        debt(
            "Refezione scolastica",
            "Rossi Luca",
            12_345,
            date(2025, 10, 2),
        ),
        debt("Asilo nido", "Rossi Sara", 60_000, date(2025, 9, 8)),
        debt(
            "Trasporto scolastico",
            "Rossi Luca",
            3_400,
            date(2025, 12, 31),
        ),
    ];
    let all = collection::by_payer(debts.iter());
    collection::render(&Letter {
        municipality: comune(),
        responsible: "Dott.ssa Anna Bianchi".to_owned(),
        payer: "Rossi Mara".to_owned(),
        fiscal_code: "RSSMRA85T50A562W".to_owned(),
        address: "Via dei Tigli 4, 54033 Borgo San Lorenzo".to_owned(),
        collection: &all[0],
        bills: [(
            AccountId(1),
            "bolletta 12/2025, 01/09/2025–30/09/2025".to_owned(),
        )]
        .into(),
        on: date(2026, 11, 24),
    })
}

fn statement_on_paper() -> Result<Vec<u8>, PdfError> {
    let line = |n: i8| statement::PrintedLine {
        day: date(2026, 10, n),
        what: "Refezione scolastica di Luca".to_owned(),
        why: "Il prezzo di un pasto con un ISEE fino a 7.000,00 € è 4,50 €.".to_owned(),
        debit: Some(Cents(450)),
        credit: None,
        balance: Cents(5_000 - 450 * i64::from(n)),
    };
    statement::render(&statement::Printed {
        municipality: comune(),
        payer: "Rossi Mara".to_owned(),
        fiscal_code: "RSSMRA85T50A562W".to_owned(),
        what: "Luca, Refezione scolastica".to_owned(),
        from: date(2026, 10, 1),
        to: date(2026, 10, 31),
        on: date(2026, 11, 24),
        opening: Cents(5_000),
        lines: (1..=30).map(line).collect(),
        debit: Cents(450 * 30),
        credit: Cents::ZERO,
        closing: Cents(5_000 - 450 * 30),
    })
}

/// Why a month of meals costs what it costs.
fn why() -> Vec<String> {
    [
        "Tariffa «Refezione scolastica 2025-2027», versione 2: Deliberazione di Giunta n. 45 del 12/05/2026.",
        "ISEE usato: 8.400,00 €, attestazione INPS-ISEE-2026-01234567A-00, valida fino al 31/12/2026.",
        "ISEE oltre 6.000,00 € e fino a 11.000,00 €: 2,80 € per un pasto.",
        "18 pasti × 2,80 € = 50,40 €.",
        "Riduzione «secondo figlio»: non spetta, perché un solo figlio usa il servizio.",
        "Importo addebitato: 50,40 €.",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// A bill of so many lines: a charged month, a correction and what another body pays.
fn bill(lines: usize, reason: &str) -> Result<Vec<u8>, PdfError> {
    let id = PublicId::from_bits([7; 16]);
    let line = |n: usize| billing::BillLine {
        child: "Luca".to_owned(),
        service: ["Refezione scolastica", "Prolungamento d’orario del nido"][n % 2].to_owned(),
        from: date(2026, 10, 1),
        to: date(2026, 10, 31),
        days: [18, 0][n % 2],
        amount: Cents([5_040, -1_250, 0][n % 3]),
        before: Cents([0, 6_290, 0][n % 3]),
        aided: Cents([0, 0, 27_270][n % 3]),
        aided_by: match n % 3 {
            2 => vec![AidedBy {
                body: Some("INPS".to_owned()),
                amount: Cents(27_270),
            }],
            _ => Vec::new(),
        },
        charge: id.clone(),
        explanation: Explanation {
            amount: Cents(5_040),
            rule: "Refezione scolastica 2025-2027".to_owned(),
            version: 2,
            act: None,
            isee: IseeUse::NotNeeded,
            rounding: Default::default(),
            steps: Vec::new(),
        },
    };
    let all: Vec<_> = (0..lines).map(line).collect();
    let total = all.iter().map(|line| line.amount).sum();
    bill_pdf::render(&bill_pdf::Printed {
        municipality: comune(),
        fiscal_code: "RSSMRA85T50A562W".to_owned(),
        bill: billing::Bill {
            id: BillId(1),
            public_id: id.clone(),
            number: 12,
            year: 2026,
            payer_id: PersonId(1),
            payer_public_id: id.clone(),
            payer: "Rossi Mara".to_owned(),
            from: date(2026, 10, 1),
            to: date(2026, 10, 31),
            total,
            due: total,
            due_date: Some(date(2026, 11, 30)),
            notice: Some(id.clone()),
            notice_state: Some(NoticeState::Open),
            issued_at: Instant::from_rome(date(2026, 11, 4).at(9, 30, 0, 0)),
            kind: billing::Kind::Period,
            reason: reason.to_owned(),
        },
        lines: all.into_iter().map(|line| (line, why())).collect(),
        on: date(2026, 11, 24),
    })
}

fn charge() -> Result<Vec<u8>, PdfError> {
    charge_pdf::render(&charge_pdf::Printed {
        municipality: comune(),
        child: "Rossi Luca".to_owned(),
        service: "Refezione scolastica".to_owned(),
        from: Some(date(2026, 10, 1)),
        day: date(2026, 10, 31),
        amount: Cents(-1_250),
        before: Cents(6_290),
        posted_on: date(2026, 11, 4),
        sentences: why(),
        on: date(2026, 11, 24),
    })
}

#[test]
fn a_bill_on_paper_says_each_line_and_why() {
    let text = pages(&bill(3, "").unwrap()).join(" ");
    in_this_order(
        &text,
        &[
            "Bolletta 12/2026",
            "RSSMRA85T50A562W",
            "37,90 € entro il 30/11/2026 con l’avviso pagoPA",
            "Che cosa si paga",
            "50,40 €",
            "Totale 37,90 €",
            "Perché",
            "18 pasti × 2,80 € = 50,40 €.",
            "erano già stati addebitati 62,90 €",
            "A carico di altri enti: INPS 272,70 €",
        ],
    );
    assert!(!text.contains("Motivo"), "{text}");
    let text = pages(&bill(1, "La classe era in gita").unwrap()).join(" ");
    in_this_order(&text, &["Motivo dello storno", "La classe era in gita"]);
    let text = pages(&charge().unwrap()).join(" ");
    in_this_order(
        &text,
        &[
            "Rossi Luca",
            "dal 01/10/2026 al 31/10/2026",
            "62,90 €",
            "Come si è calcolato",
            "non spetta",
        ],
    );
}

fn cash_desk_receipt(cancelled: bool) -> Result<Vec<u8>, PdfError> {
    let paid = |child: &str, service: &str, cents| Paid {
        child: child.to_owned(),
        service: service.to_owned(),
        amount: Cents(cents),
    };
    let cancelled = cancelled.then(|| (date(2026, 11, 24), "importo sbagliato".to_owned()));
    let means = match cancelled {
        Some(_) => Means::Cash,
        None => Means::Cheque,
    };
    cash_desk::receipt_pdf::render(&cash_desk::receipt_pdf::Printed {
        municipality: comune(),
        number: "12/2026".to_owned(),
        recorded_at: Instant::from_rome(date(2026, 11, 24).at(9, 30, 0, 0)),
        received_on: date(2026, 11, 23),
        payer: "Rossi Mara".to_owned(),
        fiscal_code: "RSSMRA85T50A562W".to_owned(),
        paid_by: "D’Àmico Ștefan".to_owned(),
        means,
        reference: "assegno 0012345678".to_owned(),
        paid: vec![
            paid("Rossi Luca", "Refezione scolastica", 8_550),
            paid("Rossi Sara", "Asilo nido", 31_000),
        ],
        total: Cents(39_550),
        withdrawn: vec!["3020 3200 2700 0002 51".to_owned()],
        taken_by: "Carla Neri".to_owned(),
        cancelled,
    })
}

#[test]
fn a_receipt_of_the_cash_desk_says_what_how_by_whom_and_whether_it_is_traceable() {
    let good = pages(&cash_desk_receipt(false).unwrap()).join(" ");
    in_this_order(
        &good,
        &[
            "Ricevuta di cassa n. 12/2026",
            "Rossi Mara",
            "D’Àmico",
            "23/11/2026",
            "assegno",
            "Carla Neri",
            "Refezione scolastica – Rossi Luca",
            "395,50",
            "trecentonovantacinque/50",
            "3020 3200 2700 0002 51",
            "Pagamento tracciabile",
        ],
    );
    let bad = pages(&cash_desk_receipt(true).unwrap()).join(" ");
    in_this_order(&bad, &["n. 12/2026", "ANNULLATA", "importo sbagliato"]);
    assert!(!bad.contains("tracciabile"), "{bad}");
}

#[test]
fn what_a_debtor_is_served_says_what_the_law_asks_for() {
    let text = pages(&collection_letter().unwrap()).join(" ");
    for part in [
        "757,45",
        "entro sessanta giorni dalla notifica",
        "titolo esecutivo",
        "articolo 32 del decreto legislativo",
        "Chi procede alla riscossione",
        "bolletta 12/2025",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    // Ten euros in all are not collected.
    let small = [debt(
        "Refezione scolastica",
        "Rossi Luca",
        1_000,
        date(2025, 10, 2),
    )];
    assert!(collection::by_payer(small.iter()).is_empty());
}

#[test]
fn specimens_for_the_checkers() {
    let folder = specimens();
    for (name, bytes) in [
        (
            "attestation.pdf",
            attestation_pdf::render(&short_attestation()),
        ),
        (
            "attestation-long.pdf",
            attestation_pdf::render(&long_attestation()),
        ),
        ("receipt.pdf", receipt_pdf::render(&receipt())),
        ("notice.pdf", notice_pdf::render(&notice())),
        ("notice-full.pdf", notice_pdf::render(&full_notice())),
        (
            "notice-2.pdf",
            notice_pdf::render(&instalments(2, false, &notice())),
        ),
        (
            "notice-2-slips.pdf",
            notice_pdf::render(&instalments(2, true, &notice())),
        ),
        (
            "notice-4-full.pdf",
            notice_pdf::render(&instalments(4, true, &full_notice())),
        ),
        (
            "notice-6.pdf",
            notice_pdf::render(&instalments(6, true, &notice())),
        ),
        (
            "notice-7-full.pdf",
            notice_pdf::render(&instalments(7, false, &full_notice())),
        ),
        ("collection.pdf", collection_letter()),
        ("statement.pdf", statement_on_paper()),
        ("bill.pdf", bill(3, "")),
        ("bill-long.pdf", bill(24, "La classe era in gita")),
        ("charge.pdf", charge()),
        ("cash-desk.pdf", cash_desk_receipt(false)),
        ("cash-desk-cancelled.pdf", cash_desk_receipt(true)),
    ] {
        std::fs::write(folder.join(name), bytes.unwrap()).unwrap();
    }
}

#[test]
fn equal_data_give_equal_bytes() {
    let (one, two) = (short_attestation(), short_attestation());
    assert_eq!(attestation_pdf::render(&one), attestation_pdf::render(&two));
    assert_eq!(
        receipt_pdf::render(&receipt()),
        receipt_pdf::render(&receipt())
    );
    assert_eq!(notice_pdf::render(&notice()), notice_pdf::render(&notice()));

    let mut other = notice();
    other.payments[0].amount = Cents(123_451);
    assert_ne!(notice_pdf::render(&other), notice_pdf::render(&notice()));
}

#[test]
fn the_attestation_says_what_was_paid() {
    let bytes = attestation_pdf::render(&short_attestation()).unwrap();
    let pages = pages(&bytes);
    in_this_order(
        &pages.join(" "),
        &[
            "Comune di Borgo San Lorenzo al Fiume",
            "anno d’imposta 2025",
            "N. 2025/000123 del 16/02/2026",
            "Rossi Maria Concetta",
            "RSSMCN85M41H501X",
            "Alunno: Rossi Luca",
            "RSSLCU16C12H501Z",
            "12/03/2016",
            "Refezione scolastica",
            "2024/2025, 2025/2026",
            "codice 12",
            "Pagato con strumenti tracciabili",
            "200,00 €",
            "Importo attestato (A)",
            "200,00 €",
            "duecento/00",
            "Credito residuo al 31/12/2025: 59,60 €",
            "20/09/2025",
            "100,00 €",
            "10/12/2025",
            "Totale dei pagamenti",
            "Ripartizione della spesa",
            "Esente da imposta di bollo",
            "Dott.ssa Giulia D’Àmico",
            "/verifica/8KQ4ZT2M7XW5N3PB6HRC9DVJYA",
        ],
    );
    // Nothing of what has no data.
    for absent in [
        "Pagato in altro modo",
        "Rimborsato",
        "Riepilogo",
        "Revisione",
        "Protocollo",
    ] {
        assert!(!pages.join(" ").contains(absent), "{absent}");
    }
}

#[test]
fn a_long_attestation_repeats_the_head_and_never_adds_up_children() {
    let content = long_attestation();
    let pages = pages(&attestation_pdf::render(&content).unwrap());
    assert!(pages.len() >= 3, "{} pages", pages.len());
    let heads = pages
        .iter()
        .filter(|page| page.contains("IUV o ricevuta"))
        .count();
    assert!(heads >= 2, "the head of the table is on {heads} pages");
    for (number, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("pagina {} di {}", number + 1, pages.len())));
    }
    let text = pages.join(" ");
    in_this_order(
        &text,
        &[
            "Revisione 1: annulla e sostituisce l’attestazione n. 2025/000123 del 01/02/2026",
            "Riepilogo",
            "Asilo nido comunale 33",
            "Centro estivo –",
            "Importo attestato (A − D)",
        ],
    );
    assert!(text.contains("Đorđe Łukasz Ayşe Shcherbakov ???"));
    let nets: Cents = content
        .children
        .iter()
        .flat_map(|child| &child.services)
        .map(|service| service.net)
        .sum();
    assert!(!text.contains(&nets.to_italian()));
    for row in &content.children[0].services[0].rows {
        assert!(text.contains(&row.reference));
    }
}

#[test]
fn stored_content_prints_the_same_document() {
    let content = long_attestation();
    let stored = serde_json::to_string(&content).unwrap();
    assert!(stored.contains(r#""code":"33""#) && stored.contains(r#""net":"18462.70""#));
    let read: AttestationContent = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, content);
    assert_eq!(
        attestation_pdf::render(&read),
        attestation_pdf::render(&content)
    );
}

#[test]
fn the_receipt_says_what_was_sent() {
    let data = receipt();
    let pages = pages(&receipt_pdf::render(&data).unwrap());
    in_this_order(
        &pages.join(" "),
        &[
            "Ricevuta di presentazione della domanda",
            "D-2026-000123",
            "29/08/2026, ore 12:42",
            "Rossi Maria Concetta",
            "Rossi Luca",
            "Dieta particolare",
            "Informativa sulla privacy",
            "carta_identita.pdf",
            "1,2 MB",
            "Impronta della domanda",
            &data.content_sha256,
            "Che cosa succede ora",
        ],
    );
}

#[test]
fn the_notice_has_the_fixed_sentences_and_the_grouped_number() {
    let text = pages(&notice_pdf::render(&notice()).unwrap());
    assert_eq!(text.len(), 1);
    in_this_order(
        &text[0],
        &[
            "Avviso di pagamento",
            "SIMULAZIONE – avviso dimostrativo",
            "Refezione scolastica, ottobre 2026",
            "Ente Creditore",
            "03334231200",
            "Destinatario",
            "RSSMCN85M41H501X",
            "Quanto e quando pagare?",
            "1.234,50 Euro entro il 31/10/2026",
            "In fase di pagamento l’importo potrebbe subire aumenti (per sanzioni, interessi, costi di notifica o altri fattori) o riduzioni (per sgravi o note di credito).",
            "Dove pagare?",
            "vai su pagopa.gov.it",
            "Paga con l’app IO",
            "oppure sul sito di Comune di Borgo San Lorenzo al Fiume, dal tuo Home Banking",
            "Paga sul territorio",
            "presso Banche e Sportelli ATM",
            "Dati per il pagamento",
            "Rata unica",
            "Inquadra il codice QR con la tua app di pagamento o usa i dati accanto.",
            "Codice CBILL",
            "AB123",
            "Codice Avviso",
            "3020 3200 2700 0002 51",
            "Codice Fiscale Ente",
        ],
    );
    let text = pages(&notice_pdf::render(&full_notice()).unwrap());
    for absent in ["SIMULAZIONE", "entro il", "CBILL"] {
        assert!(!text[0].contains(absent), "{absent}");
    }
    assert!(text[0].contains("99.999.999,99 Euro"));
}

#[test]
fn a_notice_that_breaks_a_limit_is_refused_by_the_name_of_the_field() {
    type Spoil = fn(&mut NoticeData);
    let cases: [(&str, Spoil); 7] = [
        ("subject", |n| n.subject = "x".repeat(91)),
        ("subject", |n| n.subject = " ".to_owned()),
        ("creditor_name", |n| n.creditor_name = "è".repeat(51)),
        ("debtor_name", |n| n.debtor_name = "x".repeat(71)),
        ("debtor_address", |n| n.debtor_address = "x".repeat(141)),
        ("amount", |n| n.payments[0].amount = Cents(10_000_000_000)),
        ("amount", |n| n.payments[0].amount = Cents::ZERO),
    ];
    for (name, spoil) in cases {
        let mut data = notice();
        spoil(&mut data);
        match notice_pdf::render(&data) {
            Err(PdfError::TooLong { field, .. } | PdfError::Invalid { field, .. }) => {
                assert_eq!(field, name);
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

/// Every mark has its element in the parent tree, and every element is reached from the root:
/// what the automatic checkers of accessibility do not look at.
#[test]
fn content_and_structure_agree() {
    for bytes in [
        attestation_pdf::render(&long_attestation()).unwrap(),
        receipt_pdf::render(&receipt()).unwrap(),
        notice_pdf::render(&notice()).unwrap(),
    ] {
        let document = Document::load_mem(&bytes).unwrap();
        assert_eq!(document.version, "1.7");
        let catalog = document.catalog().unwrap();
        assert_eq!(catalog.get(b"Lang").unwrap().as_str().unwrap(), b"it-IT");
        let root = document.get_dict(catalog, b"StructTreeRoot");
        let parents = document.get_dict(root, b"ParentTree");
        let numbers = parents.get(b"Nums").unwrap().as_array().unwrap();
        for (number, page) in document.get_pages().into_values().enumerate() {
            let dictionary = document.get_dictionary(page).unwrap();
            assert_eq!(
                dictionary.get(b"StructParents").unwrap().as_i64().unwrap(),
                i64::try_from(number).unwrap()
            );
            let content = document.get_and_decode_page_content(page).unwrap();
            let mut depth = 0;
            let mut marks = 0;
            for operation in &content.operations {
                match operation.operator.as_str() {
                    "BDC" | "BMC" => depth += 1,
                    "EMC" => depth -= 1,
                    "Tj" | "TJ" | "f" | "re" => assert_eq!(depth, 1, "a mark outside"),
                    _ => {}
                }
                if operation.operator == "BDC"
                    && operation.operands[1].as_dict().unwrap().has(b"MCID")
                {
                    marks += 1;
                }
            }
            let elements = numbers[number * 2 + 1].as_array().unwrap();
            assert_eq!(elements.len(), marks);
            for element in elements {
                let element = document
                    .get_dictionary(element.as_reference().unwrap())
                    .unwrap();
                assert_eq!(
                    element.get(b"Type").unwrap().as_name().unwrap(),
                    b"StructElem"
                );
            }
        }
    }
}

trait Follow {
    fn get_dict<'a>(&'a self, parent: &'a lopdf::Dictionary, key: &[u8]) -> &'a lopdf::Dictionary;
}

impl Follow for Document {
    fn get_dict<'a>(&'a self, parent: &'a lopdf::Dictionary, key: &[u8]) -> &'a lopdf::Dictionary {
        match parent.get(key).unwrap() {
            Object::Reference(id) => self.get_dictionary(*id).unwrap(),
            other => other.as_dict().unwrap(),
        }
    }
}
