use encoding_rs::WINDOWS_1252;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const REQUIRED: &[&str] = &["cognome", "data_nascita", "importo"];
const OPTIONAL: &[&str] = &["note"];

fn open(bytes: impl Into<Vec<u8>>) -> Result<CsvIn<Cursor<Vec<u8>>>, CsvError> {
    CsvIn::open("prova.csv", Cursor::new(bytes.into()), REQUIRED, OPTIONAL)
}

fn rows(bytes: impl Into<Vec<u8>>) -> Vec<Result<CsvRow, CsvError>> {
    open(bytes).unwrap().collect()
}

fn only(bytes: impl Into<Vec<u8>>) -> CsvRow {
    let mut rows = rows(bytes);
    assert_eq!(rows.len(), 1);
    rows.remove(0).unwrap()
}

fn says(row: &CsvRow) -> (&str, Date, Cents, Option<&str>) {
    (
        row.text("cognome").unwrap(),
        row.date("data_nascita").unwrap(),
        row.cents("importo").unwrap(),
        row.optional("note"),
    )
}

#[test]
fn encodings_and_delimiters_are_recognised() {
    let expected = ("Niccolò", date(2019, 11, 3), Cents(123_450), None);
    let text = "Cognome;Data di nascita;IMPORTO\r\nNiccolò;03/11/2019;1.234,50\r\n"
        .replace("Data di nascita", "Data nàscita");
    let windows = WINDOWS_1252.encode(&text).0.into_owned();
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(says(&only(text.clone())), expected);
    assert_eq!(says(&only(format!("\u{feff}{text}"))), expected);
    assert_eq!(says(&only(windows)), expected);
    assert_eq!(says(&only(utf16)), expected);
    assert_eq!(says(&only(text.replace(';', "\t"))), expected);
    let commas = "\"importo\",data_nascita,\"cognome\"\n\"1.234,50\",2019-11-03,Niccolò";
    assert_eq!(says(&only(commas)), expected);
}

#[test]
fn a_late_accent_still_decides_the_encoding() {
    let mut text = "cognome;data_nascita;importo\n".to_owned();
    for _ in 0..5_000 {
        text.push_str("Rossi;2019-11-03;1\n");
    }
    text.push_str("Tò;2019-11-03;1\n");
    let last = |bytes: Vec<u8>| {
        rows(bytes)
            .pop()
            .unwrap()
            .unwrap()
            .text("cognome")
            .unwrap()
            .to_owned()
    };
    assert_eq!(last(text.clone().into_bytes()), "Tò");
    assert_eq!(last(WINDOWS_1252.encode(&text).0.into_owned()), "Tò");
}

#[test]
fn fields_are_read_by_their_kind_and_errors_name_the_place() {
    let all = rows(
        "cognome;data_nascita;importo;note\n\
         ;31/02/2019;dodici; x \n\
         \n\
         \"Di\nMeo\";;;\n\
         Rossi;3/11/2019;12,5;\n",
    );
    let row = all[0].as_ref().unwrap();
    assert_eq!(row.line(), 2);
    assert_eq!(
        row.text("cognome"),
        Err(CsvError {
            file: "prova.csv".into(),
            line: 2,
            column: Some("cognome".into()),
            message: Text::new("error-required"),
        })
    );
    assert_eq!(
        row.date("data_nascita").unwrap_err().message.key,
        "error-not-a-date"
    );
    assert_eq!(
        row.cents("importo").unwrap_err().message.key,
        "error-not-an-amount"
    );
    assert_eq!(row.optional("note"), Some("x"));
    let number = row.optional_as::<i64>("note", |_| Text::new("error-choose"));
    assert_eq!(
        number.unwrap_err().to_string(),
        "prova.csv:2: note: error-choose"
    );

    let row = all[1].as_ref().unwrap();
    assert_eq!((row.line(), row.text("cognome").unwrap()), (4, "Di\nMeo"));
    assert_eq!(row.optional_date("data_nascita"), Ok(None));
    assert_eq!(row.optional_cents("importo"), Ok(None));
    assert_eq!(
        row.required_as::<i64>("note", |_| Text::new("error-choose"))
            .unwrap_err()
            .message
            .key,
        "error-required"
    );

    let row = all[2].as_ref().unwrap();
    assert_eq!(
        (row.line(), row.cents("importo").unwrap()),
        (6, Cents(1250))
    );
}

#[test]
fn lines_are_counted_as_editors_do() {
    for newline in ["\n", "\r\n", "\r"] {
        let text = "\n\ncognome;data_nascita;importo\n\nA;;\n;;\n\n\n\"B\n\nb\";;\nC;;"
            .replace('\n', newline);
        let lines: Vec<u64> = rows(text)
            .into_iter()
            .map(|row| row.unwrap().line())
            .collect();
        assert_eq!(lines, [5, 9, 12], "{newline:?}");
    }
}

#[test]
fn a_header_is_checked_before_any_row() {
    let refused = |text: &str| open(text).err().map(|error| error.message).unwrap();
    assert_eq!(
        refused("Nome;cognome;importo\n"),
        Text::new("csv-missing-columns")
            .with("missing", "data_nascita")
            .with("present", "Nome, cognome, importo")
    );
    assert_eq!(
        refused("cognome;Cognome;importo;data_nascita"),
        Text::new("csv-column-twice").with("column", "cognome")
    );
    assert_eq!(refused("").key, "csv-empty");
    assert_eq!(refused("\u{feff}\r\n\r\n").key, "csv-empty");
    assert_eq!(refused("PK\u{3}\u{4}...").key, "csv-spreadsheet");
    let file = open("cognome;Nome;data_nascita;importo;Altro \n").unwrap();
    assert_eq!(file.unknown_columns(), ["Nome", "Altro"]);
}

#[test]
fn a_broken_row_is_reported_and_the_next_is_read() {
    let all = rows(
        "cognome;data_nascita;importo;;\nRossi;2019-11-03\nA;;;;;\nB;;;;altro\nC;2019-11-03;1;;\n",
    );
    let errors: Vec<_> = all
        .iter()
        .filter_map(|row| row.as_ref().err())
        .map(|e| (e.line, e.message.key))
        .collect();
    assert_eq!(errors, [(2, "csv-field-count"), (4, "csv-field-count")]);
    assert_eq!(all.len(), 4);
    let illegible = rows(b"\xef\xbb\xbfcognome;data_nascita;importo\nNiccol\xf2;;\nA;;\n".to_vec());
    assert_eq!(
        illegible[0].as_ref().unwrap_err().message.key,
        "csv-illegible"
    );
    assert!(illegible[1].is_ok());
}

#[test]
fn an_open_quote_does_not_swallow_the_file() {
    let mut text =
        "cognome;data_nascita;importo\nRossi;2019-11-03;1\n\"Verdi;2019-11-03;1\n".to_owned();
    for _ in 0..100_000 {
        text.push_str("Bianchi;2019-11-03;1\n");
    }
    let all = rows(text);
    assert_eq!(all.len(), 2);
    let error = all[1].as_ref().unwrap_err();
    assert_eq!((error.line, error.message.key), (3, "csv-row-too-long"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut text = b"cognome;data_nascita;importo\n".to_vec();
        if let Ok(file) = open(bytes.clone()) {
            let _ = file.count();
        }
        text.extend(bytes);
        for row in open(text).into_iter().flatten().flatten() {
            let _ = (row.date("data_nascita"), row.cents("importo"), row.optional("note"));
        }
    }
}

#[test]
fn a_mapping_reads_another_suppliers_file_as_it_is() {
    let mapping: Mapping = toml::from_str(
        r#"
        dates = "dd/mm/yy"
        amounts = "cents"
        negate = ["importo"]
        skip_empty = ["cognome"]
        columns = { cognome = ["COGN", "COGN2"], data_nascita = "NATO IL", importo = "CENT" }
        constants = { note = "dal vecchio sistema" }
        only = { STATO = ["attivo"] }
        [values.cognome]
        "ROSSI BIS" = "Rossi"
        "#,
    )
    .unwrap();
    let text = "COGN;COGN2;NATO IL;CENT;STATO;ALTRO\n\
                ROSSI;BIS;03/11/19;-1250;ATTIVO;x\n\
                VERDI;;04/11/19;100;CESSATO;x\n\
                ;;04/11/19;100;ATTIVO;x\n";
    let mut file = CsvIn::open_mapped(
        "prova.csv",
        Cursor::new(text.as_bytes().to_vec()),
        REQUIRED,
        OPTIONAL,
        &mapping,
    )
    .unwrap();
    assert_eq!(file.unknown_columns(), ["ALTRO"]);
    let row = file.next().unwrap().unwrap();
    let expected = (
        "Rossi",
        date(2019, 11, 3),
        Cents(1250),
        Some("dal vecchio sistema"),
    );
    assert_eq!(says(&row), expected);
    assert_eq!(
        row.error("importo", Text::new("error-required"))
            .column
            .as_deref(),
        Some("CENT (importo)")
    );
    assert!(file.next().is_none());
    assert_eq!(file.left_out(), 2);
}

proptest! {
    #[test]
    fn a_guarded_cell_is_no_formula_and_comes_back(cell in "'{0,2}[=+@\\-a-z \t]{0,4}") {
        let safe = guarded(&cell);
        prop_assert!(!safe.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']));
        prop_assert_eq!(unguarded(&safe), cell.as_str());
    }
}
