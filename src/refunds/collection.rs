//! What follows when reminders have not helped: the executive notice of assessment of a debt that is
//! no tax (L. 160/2019, art. 1, commi 792–804), one for each debtor, as a draft that the comune
//! registers, signs and serves.
//!
//! It says what the law asks for: the intimation to pay within sixty days of being served; that it
//! becomes a writ of execution then, without a further act; who will collect by force sixty days
//! after that; that art. 32 of D.Lgs. 150/2011 holds for who goes to court (comma 792, lett. a).
//! Nothing is made for ten euros or less (comma 794).

use std::collections::{BTreeMap, HashMap};

use super::debts::Debtor;
use crate::base::{AccountId, Cents, Date, Instant, PersonId, date_it};
use crate::pdf::{self, Column, Flow, Length, Letterhead, Meta, PdfError, Role, Row, Style, Table};

/// Debts of one payer up to this, in cents, are not collected (L. 160/2019, art. 1, comma 794).
pub const NOT_COLLECTED: Cents = Cents(1_000);

/// The debts of one payer.
pub struct Collection<'a> {
    /// Who owes.
    pub payer: PersonId,
    /// Their debts, oldest first.
    pub debts: Vec<&'a Debtor>,
}

impl Collection<'_> {
    /// What is owed in all, in cents.
    pub fn total(&self) -> Cents {
        self.debts.iter().map(|debt| debt.due()).sum()
    }
}

/// The payers among some debtors who owe enough to be collected, by name.
pub fn by_payer<'a>(debtors: impl Iterator<Item = &'a Debtor>) -> Vec<Collection<'a>> {
    let mut payers: BTreeMap<PersonId, Vec<&Debtor>> = BTreeMap::new();
    for debtor in debtors {
        payers.entry(debtor.payer_id).or_default().push(debtor);
    }
    let all = payers.into_iter().map(|(payer, mut debts)| {
        debts.sort_by_key(|debt| debt.since);
        Collection { payer, debts }
    });
    let mut all: Vec<Collection<'a>> = all
        .filter(|collection| collection.total() > NOT_COLLECTED)
        .collect();
    all.sort_by_key(|one| (one.debts.first().map(|debt| &debt.payer), one.payer));
    all
}

/// What is printed.
pub struct Letter<'a> {
    /// Who issues it.
    pub municipality: Letterhead,
    /// Who answers for it.
    pub responsible: String,
    /// Surname and name.
    pub payer: String,
    /// Fiscal code.
    pub fiscal_code: String,
    /// Street, postal code and town; empty where nobody knows.
    pub address: String,
    /// The debts.
    pub collection: &'a Collection<'a>,
    /// The bills that asked for each debt, in words; none: no bill did.
    pub bills: HashMap<AccountId, String>,
    /// The day on which it is made.
    pub on: Date,
}

/// The act as a PDF. The same content gives the same bytes.
///
/// # Errors
/// Those of [`pdf::write`].
pub fn render(letter: &Letter<'_>) -> Result<Vec<u8>, PdfError> {
    let title = "Avviso di accertamento esecutivo";
    let meta = Meta {
        title: format!("{title}: {}", letter.payer),
        author: letter.municipality.name.clone(),
        created: Instant::from_rome(letter.on.at(0, 0, 0, 0)),
    };
    let total = letter.collection.total();
    let mut flow = Flow::new(meta, &format!("{} · {title}", letter.municipality.name));
    letter.municipality.print(&mut flow);
    flow.text(Role::H1, Style::H1, title);
    flow.paragraph(
        "Entrata patrimoniale: servizi scolastici a domanda individuale. Legge 27 dicembre 2019, \
         n. 160, articolo 1, commi 792 e seguenti.",
    );
    flow.space(Length::mm(3));
    let address = match letter.address.as_str() {
        "" => "da completare",
        known => known,
    };
    flow.facts(&[
        ("Protocollo", "da completare"),
        ("Data", date_it(letter.on).as_str()),
        ("Debitore", letter.payer.as_str()),
        ("Codice fiscale", letter.fiscal_code.as_str()),
        ("Indirizzo", address),
        ("Responsabile del procedimento", letter.responsible.as_str()),
    ]);
    flow.heading(Role::H2, "Che cosa è dovuto");
    flow.table(&debts(letter));
    flow.paragraph(
        "Il debito è il saldo di ciascun conto, con gli addebiti e i pagamenti registrati fino a oggi. \
         L’estratto conto con ogni riga e il suo perché è nell’area riservata, e si può chiedere \
         all’ufficio.",
    );
    flow.heading(Role::H2, "Intimazione ad adempiere");
    flow.paragraph(&format!(
        "Si intima di pagare {total} entro sessanta giorni dalla notifica di questo avviso. Per pagare \
         si usa pagoPA, con l’avviso di pagamento che si trova nell’area riservata o che l’ufficio \
         consegna."
    ));
    flow.paragraph(
        "Passato questo termine senza pagamento, questo avviso è titolo esecutivo, idoneo a iniziare \
         le procedure esecutive e cautelari, senza che serva notificare una cartella di pagamento o \
         un’ingiunzione fiscale. Passati altri sessanta giorni dal termine ultimo per il pagamento, la \
         riscossione delle somme, anche con l’esecuzione forzata, è affidata al soggetto incaricato \
         della riscossione.",
    );
    flow.facts(&[("Chi procede alla riscossione", "da completare")]);
    flow.heading(Role::H2, "Come opporsi");
    flow.paragraph(
        "Contro questo avviso si può proporre opposizione davanti al giudice ordinario. Se \
         l’opposizione è tempestiva si applica l’articolo 32 del decreto legislativo 1° settembre 2011, \
         n. 150. Chi è in temporanea difficoltà può chiedere di pagare a rate.",
    );
    flow.space(Length::mm(6));
    flow.paragraph(&format!(
        "Il responsabile: {} (firma da apporre)",
        letter.responsible
    ));
    pdf::write(&flow.finish(&format!("{title}, {}", date_it(letter.on))))
}

fn debts(letter: &Letter<'_>) -> Table {
    let collection = letter.collection;
    let mut rows: Vec<Row> = collection
        .debts
        .iter()
        .map(|debt| {
            let bills = letter.bills.get(&debt.account_id);
            let bills = bills.map_or(String::new(), |words| format!(" ({words})"));
            Row::new([
                format!("{} – {}{bills}", debt.service, debt.child),
                date_it(debt.since),
                debt.due().to_string(),
            ])
        })
        .collect();
    rows.push(Row::new([
        "Totale".to_owned(),
        String::new(),
        collection.total().to_string(),
    ]));
    Table {
        columns: vec![
            Column::text("Servizio e utente", 100),
            Column::text("Non pagato dal", 35),
            Column::amount("Debito", 35),
        ],
        rows,
        row_headers: true,
    }
}
