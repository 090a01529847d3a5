//! The official schemas and an independent SOAP client. Their files stay where they are: without
//! them, or without the tools, the tests say that they skip.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::node::{CREDITOR, FINGERPRINT, HEADER, IBAN, STATION, Town};

/// Where the schemas of pagoPA lie, if they are here.
fn schemas() -> Option<PathBuf> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/pagopa/pagopa-api/wsdl");
    let found = place.join("paForNode.wsdl").is_file().then_some(place);
    if found.is_none() {
        println!("skipped: the schemas of pagoPA are not in ../shared, so no answer is validated");
    }
    found
}

/// Every answer that the node got so far is valid.
pub fn valid(town: &Town) {
    let Some(schemas) = schemas() else { return };
    if Command::new("xmllint").arg("--version").output().is_err() {
        println!("skipped: xmllint is missing, so no answer is validated (Debian: libxml2-utils)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let answers = town.answers.lock().unwrap();
    assert!(!answers.is_empty());
    let mut lint = Command::new("xmllint");
    lint.args(["--nonet", "--noout", "--schema"]);
    lint.arg(schemas.join("xsd/paForNode.xsd"));
    for (n, answer) in answers.iter().enumerate() {
        let (_, rest) = answer.split_once("<soapenv:Body>").unwrap();
        let (body, _) = rest.split_once("</soapenv:Body>").unwrap();
        let file = folder.path().join(format!("{n}.xml"));
        std::fs::write(&file, body).unwrap();
        lint.arg(file);
    }
    let said = lint.output().unwrap();
    assert!(
        said.status.success(),
        "{}",
        String::from_utf8_lossy(&said.stderr)
    );
}

/// A Python with zeep: `CAMPANELLA_ZEEP`, or what `tests/run` installs.
fn zeep() -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/zeep/bin/python");
    let python = std::env::var_os("CAMPANELLA_ZEEP").map_or(target, PathBuf::from);
    let has = Command::new(&python).args(["-c", "import zeep"]).output();
    let found = has
        .is_ok_and(|output| output.status.success())
        .then_some(python);
    if found.is_none() {
        println!("skipped: zeep is not installed (tests/run does that), so it drives no station");
    }
    found
}

/// Has zeep call these; what it made of each answer.
fn driven(town: &Town, calls: &Value) -> Option<Vec<Value>> {
    let (schemas, python) = (schemas()?, zeep()?);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/station/zeep_node.py");
    let mut child = Command::new(python)
        .arg(script)
        .arg(schemas.join("paForNode.wsdl"))
        .args([town.url().as_str(), HEADER, FINGERPRINT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    serde_json::to_writer(child.stdin.take().unwrap(), calls).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "zeep gave up");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn receipt(key: &str, number: &str) -> Value {
    let subject = json!({
        "uniqueIdentifier": {
            "entityUniqueIdentifierType": "F", "entityUniqueIdentifierValue": "RSSMRA85T50A562Q" },
        "fullName": "Rossi Mara",
    });
    json!({
        "receiptId": key, "noticeNumber": number, "fiscalCode": CREDITOR, "outcome": "OK",
        "creditorReferenceId": &number[1..], "paymentAmount": "42.50", "description": "Refezione",
        "companyName": "Comune", "debtor": subject,
        "transferList": { "transfer": [{
            "idTransfer": 1, "transferAmount": "42.50", "fiscalCodePA": CREDITOR, "IBAN": IBAN,
            "remittanceInformation": "Refezione", "transferCategory": "9/0107101TS/" }] },
        "idPSP": "ABI36081", "PSPCompanyName": "Banca di Prova", "idChannel": "1",
        "channelDescription": "app", "payer": subject, "paymentMethod": "creditCard", "fee": "1.50",
        "paymentDateTime": "2026-10-05T09:30:00+02:00",
    })
}

#[test]
fn zeep_drives_the_six_operations_and_every_fault() {
    let town = Town::new();
    let n = &town.notices;
    let us = json!({ "idPA": CREDITOR, "idBrokerPA": CREDITOR, "idStation": STATION });
    let call = |operation: &str, more: Value, expected: &str| {
        let mut arguments = us.clone();
        arguments
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!({ "operation": operation, "arguments": arguments, "expected": expected })
    };
    let qr = |number: &str| json!({ "qrCode": { "fiscalCode": CREDITOR, "noticeNumber": number } });
    let qr_and = |number: &str, key: &str, value: &str| {
        let mut asked = qr(number);
        asked[key] = json!(value);
        asked
    };
    let mut calls = vec![call(
        "paDemandPaymentNotice",
        json!({ "idServizio": "00001", "idSoggettoServizio": "00001", "datiSpecificiServizioRequest": "PGEvPg==" }),
        "PAA_SEMANTICA",
    )];
    for operation in ["paVerifyPaymentNotice", "paGetPayment", "paGetPaymentV2"] {
        for (number, expected) in [
            (n.open.as_str(), "OK"),
            (&n.undated, "OK"),
            (&n.split, "OK"),
            (&n.late, "OK"),
            (&n.too_late, "PAA_PAGAMENTO_SCADUTO"),
            (&n.expired, "PAA_PAGAMENTO_SCADUTO"),
            (&n.cancelled, "PAA_PAGAMENTO_ANNULLATO"),
            (&n.paid, "PAA_PAGAMENTO_DUPLICATO"),
            ("302032002700000251", "PAA_PAGAMENTO_SCONOSCIUTO"),
        ] {
            calls.push(call(operation, qr(number), expected));
        }
        for (key, value, expected) in [
            ("idPA", "77777777777", "PAA_ID_DOMINIO_ERRATO"),
            ("idBrokerPA", "77777777777", "PAA_ID_INTERMEDIARIO_ERRATO"),
            ("idStation", "77777777777_01", "PAA_STAZIONE_INT_ERRATA"),
        ] {
            calls.push(call(operation, qr_and(&n.open, key, value), expected));
        }
        let syntax = match operation {
            "paGetPaymentV2" => "PAA_SINTASSI_XSD",
            _ => "PAA_SINTASSI_EXTRAXSD",
        };
        calls.push(call(operation, qr("30"), syntax));
    }
    for operation in ["paGetPayment", "paGetPaymentV2"] {
        for transfer in ["POSTAL", "PAGOPA"] {
            calls.push(call(
                operation,
                qr_and(&n.open, "transferType", transfer),
                "OK",
            ));
        }
        let wrong = qr_and(&n.open, "amount", "42.51");
        calls.push(call(operation, wrong, "PAA_ATTIVA_RPT_IMPORTO_NON_VALIDO"));
    }
    let rt = |key: &str, number: &str| json!({ "receipt": receipt(key, number) });
    calls.push(call("paSendRT", rt("Z1", &n.open), "OK"));
    calls.push(call("paSendRT", rt("Z1", &n.open), "OK"));
    calls.push(call("paSendRTV2", rt("Z2", &n.undated), "OK"));
    calls.push(call("paSendRTV2", rt("Z3", &n.undated), "OK"));
    calls.push(call(
        "paVerifyPaymentNotice",
        qr(&n.open),
        "PAA_PAGAMENTO_DUPLICATO",
    ));
    let Some(answers) = driven(&town, &json!(calls)) else {
        return;
    };
    assert_eq!(answers.len(), calls.len());
    for (call, answer) in calls.iter().zip(&answers) {
        assert_eq!(call["expected"], answer["outcome"], "{call}\n{answer}");
    }
    assert_eq!(town.credited(&n.open), (1, 4250));
    assert_eq!(town.credited(&n.undated), (1, 4250));
    println!("zeep made {} calls, all as expected", answers.len());
}
