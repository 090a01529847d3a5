//! The six operations and every fault.

use super::node::{
    CREDITOR, IBAN, OTHER_IBAN, POSTAL_IBAN, Rt, Town, US, get, get_v2, text, verify,
};
use super::peers::valid;

/// What is wrong with an answer, or `OK`.
fn outcome(answer: &str) -> String {
    match text(answer, "outcome") {
        "OK" => "OK".to_owned(),
        "KO" => {
            assert_eq!(text(answer, "id"), CREDITOR, "{answer}");
            assert!(!text(answer, "faultString").is_empty(), "{answer}");
            text(answer, "faultCode").to_owned()
        }
        _ => panic!("no outcome: {answer}"),
    }
}

#[test]
fn six_operations_and_every_fault() {
    let town = Town::new();
    let notices = &town.notices;
    let told = |body: &str| outcome(&town.call(body));

    let answer = town.call(&verify(&notices.open));
    assert_eq!(outcome(&answer), "OK");
    assert!(
        answer.contains("<paf:paVerifyPaymentNoticeRes "),
        "{answer}"
    );
    assert_eq!(text(&answer, "amount"), "42.50");
    assert_eq!(text(&answer, "options"), "EQ");
    assert_eq!(text(&answer, "dueDate"), "2026-11-30");
    assert_eq!(text(&answer, "allCCP"), "true");
    assert_eq!(text(&answer, "fiscalCodePA"), CREDITOR);
    assert_eq!(
        text(&answer, "paymentDescription"),
        "Refezione scolastica &amp; merenda - saldo"
    );
    assert_eq!(text(&town.call(&verify(&notices.undated)), "dueDate"), "");

    for (body, response) in [
        (get(&notices.open, ""), "<paf:paGetPaymentRes "),
        (
            get_v2(&notices.open, "<amount>42.50</amount>"),
            "<paf:paGetPaymentV2Response ",
        ),
    ] {
        let answer = town.call(&body);
        assert_eq!(outcome(&answer), "OK");
        assert!(answer.contains(response), "{answer}");
        assert_eq!(text(&answer, "creditorReferenceId"), &notices.open[1..]);
        assert_eq!(text(&answer, "paymentAmount"), "42.50");
        assert_eq!(text(&answer, "dueDate"), "2026-11-30");
        assert_eq!(text(&answer, "transferAmount"), "42.50");
        assert_eq!(text(&answer, "IBAN"), IBAN);
        assert_eq!(text(&answer, "entityUniqueIdentifierType"), "F");
        assert!(!answer.contains("IBANAPPOGGIO"), "{answer}");
    }
    let answer = town.call(&get_v2(
        &notices.open,
        "<transferType>POSTAL</transferType>",
    ));
    assert_eq!(text(&answer, "IBAN"), POSTAL_IBAN);
    let answer = town.call(&get_v2(
        &notices.open,
        "<transferType>PAGOPA</transferType>",
    ));
    assert_eq!(
        (text(&answer, "IBAN"), text(&answer, "key")),
        (IBAN, "IBANAPPOGGIO")
    );
    assert_eq!(text(&answer, "value"), POSTAL_IBAN);
    // The schema wants a due date here: a year from today.
    let answer = town.call(&get_v2(&notices.undated, ""));
    assert_eq!(text(&answer, "dueDate"), "2027-10-05");

    // Two services with accounts of their own: two transfers, and only one of them can be postal.
    let answer = town.call(&get_v2(
        &notices.split,
        "<transferType>POSTAL</transferType>",
    ));
    let amounts: Vec<&str> = answer
        .split("<transferAmount>")
        .skip(1)
        .map(|t| &t[..5])
        .collect();
    assert_eq!(amounts, ["30.00", "12.50"]);
    assert!(
        answer.contains(POSTAL_IBAN) && answer.contains(OTHER_IBAN),
        "{answer}"
    );
    assert_eq!(text(&town.call(&verify(&notices.split)), "allCCP"), "false");

    // Where a notice stands.
    for ask in [
        verify as fn(&str) -> String,
        |n| get(n, ""),
        |n| get_v2(n, ""),
    ] {
        assert_eq!(told(&ask(&notices.late)), "OK");
        assert_eq!(told(&ask(&notices.too_late)), "PAA_PAGAMENTO_SCADUTO");
        assert_eq!(told(&ask(&notices.expired)), "PAA_PAGAMENTO_SCADUTO");
        assert_eq!(told(&ask(&notices.cancelled)), "PAA_PAGAMENTO_ANNULLATO");
        assert_eq!(told(&ask(&notices.paid)), "PAA_PAGAMENTO_DUPLICATO");
        assert_eq!(
            told(&ask("302032002700000251")),
            "PAA_PAGAMENTO_SCONOSCIUTO"
        );
    }
    assert_eq!(
        told(&get_v2(&notices.open, "<amount>42.51</amount>")),
        "PAA_ATTIVA_RPT_IMPORTO_NON_VALIDO"
    );

    // Whom the node means, in each operation.
    let receipt = Rt::new("S-address", &notices.open);
    let demand = format!(
        "<pafn:paDemandPaymentNoticeRequest>{US}<idServizio>00001</idServizio>\
         <idSoggettoServizio>00001</idSoggettoServizio>\
         <datiSpecificiServizioRequest>PGEvPg==</datiSpecificiServizioRequest>\
         </pafn:paDemandPaymentNoticeRequest>"
    );
    for body in [
        verify(&notices.open),
        get(&notices.open, ""),
        get_v2(&notices.open, ""),
        receipt.v1(),
        receipt.v2(),
        demand.clone(),
    ] {
        let with = |right: &str, wrong: &str| told(&body.replace(right, wrong));
        let wrong = |name: &str| format!("<{name}>77777777777</{name}>");
        let right = |name: &str| format!("<{name}>{CREDITOR}</{name}>");
        assert_eq!(
            with(&right("idPA"), &wrong("idPA")),
            "PAA_ID_DOMINIO_ERRATO"
        );
        assert_eq!(
            with(&right("idBrokerPA"), &wrong("idBrokerPA")),
            "PAA_ID_INTERMEDIARIO_ERRATO"
        );
        assert_eq!(
            with("_01</idStation>", "_02</idStation>"),
            "PAA_STAZIONE_INT_ERRATA"
        );
        let first = body.contains("Req>") && !body.contains("V2");
        let syntax = if first {
            "PAA_SINTASSI_EXTRAXSD"
        } else {
            "PAA_SINTASSI_XSD"
        };
        assert_eq!(with(&right("idPA"), ""), syntax);
        assert_eq!(with(&right("idPA"), "<idPA/>"), syntax);
    }
    let foreign_qr = verify(&notices.open).replace(
        &format!("<qrCode><fiscalCode>{CREDITOR}"),
        "<qrCode><fiscalCode>77777777777",
    );
    assert_eq!(told(&foreign_qr), "PAA_ID_DOMINIO_ERRATO");
    assert_eq!(told(&verify("30203200270000025")), "PAA_SINTASSI_EXTRAXSD");
    for amount in ["42.5", "42,50", "42", "-42.50", "4e1.00", ".50"] {
        let more = format!("<amount>{amount}</amount>");
        assert_eq!(
            told(&get_v2(&notices.open, &more)),
            "PAA_SINTASSI_XSD",
            "{amount}"
        );
        assert_eq!(
            told(&get(&notices.open, &more)),
            "PAA_SINTASSI_EXTRAXSD",
            "{amount}"
        );
    }
    let answer = town.call(&demand);
    assert_eq!(outcome(&answer), "PAA_SEMANTICA");
    assert_eq!(text(&answer, "description"), "servizio non attivo");
    assert_eq!(town.credited(&notices.open), (0, 0));
    valid(&town);
}

#[test]
fn receipts_are_credited_flagged_or_kept() {
    let town = Town::new();
    let notices = &town.notices;
    let told = |body: &str| outcome(&town.call(body));
    let suspense = "select count(*) from receipt where notice_number = ?1 and outcome = 'suspense'";

    assert_eq!(told(&Rt::new("S1", &notices.open).v2()), "OK");
    assert_eq!(town.credited(&notices.open), (1, 4250));
    // The commission of 1.50 is not ours; who paid, how and when is kept.
    let kept = "select count(*) from receipt where receipt_key = ?1 and means = 'carta'
                and traceable = 'yes' and psp = 'Banca d''Italia & C.' and source = 'gateway'
                and paid_at = 1791185400000";
    assert_eq!(town.count(kept, "S1"), 1);
    // Sent again, also by the other generation: the node hears OK, and nothing happens.
    assert_eq!(told(&Rt::new("S1", &notices.open).v2()), "OK");
    assert_eq!(told(&Rt::new("S1", &notices.open).v1()), "OK");
    assert_eq!(town.credited(&notices.open), (1, 4250));
    assert_eq!(told(&verify(&notices.open)), "PAA_PAGAMENTO_DUPLICATO");
    // Another receipt for it: recorded, not credited, not refused.
    assert_eq!(told(&Rt::new("S2", &notices.open).v1()), "OK");
    assert_eq!(town.credited(&notices.open), (1, 4250));
    assert_eq!(town.count(suspense, &notices.open), 1);

    // Another amount than asked: taken as it is.
    let other = Rt {
        amount: "40.00",
        transfers: &[(CREDITOR, "40.00")],
        ..Rt::new("S3", &notices.undated)
    };
    assert_eq!(told(&other.v2()), "OK");
    assert_eq!(town.credited(&notices.undated), (1, 4000));
    // Expired and withdrawn notices that were paid all the same.
    assert_eq!(told(&Rt::new("S4", &notices.expired).v2()), "OK");
    assert_eq!(told(&Rt::new("S5", &notices.cancelled).v2()), "OK");
    assert_eq!(town.credited(&notices.expired), (1, 4250));
    assert_eq!(town.credited(&notices.cancelled), (1, 4250));
    // Without dates, which the schema allows; and one that was paid while the station was down.
    let undated = Rt {
        dated: false,
        stand_in: true,
        ..Rt::new("S6", &notices.late)
    };
    assert_eq!(told(&undated.v2()), "OK");
    assert_eq!(town.credited(&notices.late), (1, 4250));
    let kept =
        "select instr(raw, '<standIn>true</standIn>') > 0 from receipt where receipt_key = ?1";
    assert_eq!(town.count(kept, "S6"), 1);
    // Two shares: each account its own part.
    assert_eq!(told(&Rt::new("S7", &notices.split).v2()), "OK");
    assert_eq!(town.credited(&notices.split), (1, 4250));

    // A number that nobody knows: the money is real, so it waits.
    assert_eq!(told(&Rt::new("S8", "302032002700000251").v2()), "OK");
    assert_eq!(town.count(suspense, "302032002700000251"), 1);
    // Another creditor's notice (broadcast): our part waits; where nothing is ours, nothing is kept.
    let foreign = Rt {
        creditor: "77777777777",
        transfers: &[("77777777777", "30.00"), (CREDITOR, "12.50")],
        ..Rt::new("S9", &notices.too_late)
    };
    assert_eq!(told(&foreign.v2()), "OK");
    let ours = "select amount from receipt where receipt_key = ?1 and outcome = 'suspense'";
    assert_eq!(town.count(ours, "S9"), 1250);
    assert_eq!(town.credited(&notices.too_late), (0, 0));
    let elsewhere = Rt {
        creditor: "77777777777",
        transfers: &[("77777777777", "42.50")],
        ..Rt::new("S10", &notices.too_late)
    };
    assert_eq!(told(&elsewhere.v2()), "PAA_PAGAMENTO_SCONOSCIUTO");
    // A receipt that says that nothing was paid.
    let unpaid = Rt::new("S11", &notices.too_late).v2();
    assert_eq!(told(&unpaid.replace("<outcome>OK", "<outcome>KO")), "OK");
    let known = "select count(*) from receipt where receipt_key = ?1";
    assert_eq!(town.count(known, "S10") + town.count(known, "S11"), 0);
    // What the schema does not allow.
    let broken = Rt {
        amount: "42.505",
        ..Rt::new("S12", &notices.too_late)
    };
    assert_eq!(told(&broken.v2()), "PAA_SINTASSI_XSD");
    assert_eq!(told(&broken.v1()), "PAA_SINTASSI_EXTRAXSD");
    assert_eq!(town.count(known, "S12"), 0);
    valid(&town);
    let check = town.folder.run(&["check"]);
    assert!(check.status.success(), "{}", super::server::said(&check));
}
