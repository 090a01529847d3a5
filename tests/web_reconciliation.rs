//! Reconciliation through the web: the demo's pretended bank, the accountant's pages, files both ways.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use poem::http::StatusCode;
use support::Town;

const HERE: &str = "/ufficio/riconciliazione";

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_s_weeks_are_settled_but_for_a_few_that_say_why() {
    let town = Town::with_families(30);
    let states = |sql: &str| -> i64 { town.ask(sql) };
    let flows = states("select count(*) from settlement_flow");
    let settled = states("select count(*) from settlement_flow where state = 'reconciled'");
    assert!(
        flows > 15 && settled * 100 / flows >= 80,
        "{settled} of {flows}"
    );
    let accountant = town.staffs_browser("ragioneria");
    let page = accountant.get(HERE).await.page();
    page.says("Movimenti di tesoreria");
    for list in ["flussi", "pagamenti", "movimenti", "ricevute"] {
        accountant.get(&format!("{HERE}/{list}")).await.page();
    }
    for file in ["flussi", "pagamenti", "movimenti"] {
        let csv = accountant.get(&format!("{HERE}/{file}.csv")).await;
        assert!(csv.text().starts_with('\u{feff}'), "{file}");
        let xlsx = accountant.get(&format!("{HERE}/{file}.xlsx")).await;
        assert!(xlsx.body.starts_with(b"PK"), "{file}");
    }
    let wrong = format!("{HERE}/flussi?stato=amount&dal=2025-01-01");
    accountant
        .get(&wrong)
        .await
        .page()
        .says("mancano 10 centesimi");
    let id: String = town.ask("select public_id from settlement_flow where state = 'amount'");
    let flow = accountant.get(&format!("{HERE}/flussi/{id}")).await.page();
    flow.says("la banca ne ha accreditati");
    flow.says("accreditata sul conto");
    let revoked = format!("{HERE}/pagamenti?stato=revoked&dal=2025-01-01");
    accountant
        .get(&revoked)
        .await
        .page()
        .says("Il PSP ha revocato");
    let iuv: String = town.ask("select iuv from settlement_row where state = 'matched' limit 1");
    let found = accountant.get(&format!("{HERE}?q={iuv}")).await.page();
    found.says("con ricevuta");
    let orders = "/ufficio/rendiconti/reversali?periodo=2026-10";
    let orders = accountant.get(orders).await.page();
    orders.says("3010200/15");
    let clerk = town.staffs_browser("collodi");
    assert_eq!(clerk.get(HERE).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_causale_is_matched_by_hand_with_a_preview_and_parted_again() {
    let town = Town::with_families(30);
    let accountant = town.staffs_browser("ragioneria");
    let line: String =
        town.ask("select public_id from treasury_line where state = 'open' and kind = 'flow'");
    let here = format!("{HERE}/movimenti/{line}");
    let page = accountant.get(&here).await.page();
    page.says("Di quale flusso può essere");
    page.says("Stesso importo: abbina");
    let flow: String = town.ask(
        "select f.public_id from treasury_line t join settlement_flow f on f.total = t.amount
         where t.state = 'open' and t.kind = 'flow' and f.state = 'open'",
    );
    let preview = accountant
        .get(&format!("{here}?flusso={flow}"))
        .await
        .page();
    preview.says("Gli importi tornano");
    let form = |reason| {
        [
            ("action", "match"),
            ("flow", flow.as_str()),
            ("reason", reason),
        ]
    };
    let mute = accountant.post(&here, &form("")).await;
    assert_eq!(mute.status, StatusCode::UNPROCESSABLE_ENTITY);
    accountant
        .post(&here, &form("causale tagliata"))
        .await
        .leads_to();
    let state = |town: &Town| -> String {
        town.ask(&format!(
            "select state from treasury_line where public_id = '{line}'"
        ))
    };
    assert_eq!(state(&town), "matched");
    accountant.get(&here).await.page().says("Abbinato a mano");
    let part = [("action", "unmatch"), ("reason", "era un altro")];
    accountant.post(&here, &part).await.leads_to();
    assert_eq!(state(&town), "open");
    let office = town.staffs_browser("ufficio");
    let refused = office.post(&here, &part).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let audited: i64 =
        town.ask("select count(*) from audit_entry where action = 'decide-settlement'");
    assert_eq!(audited, 2);
}

/// What a bank's page would give: a table with a taking, money paid out, and two rows that are wrong.
const TABLE: &str = "numero;data;importo;causale;segno\n\
    701;20/11/2026;12,50;Diritti di segreteria;E\n\
    702;20/11/2026;900,00;Stipendi;U\n\
    703;ieri;1,00;x;E\n\
    704;20/11/2026;uno;x;E\n";

#[tokio::test(flavor = "multi_thread")]
async fn movements_come_as_a_table_and_flows_as_xml_and_each_counts_once() {
    let town = Town::with_families(8);
    let accountant = town.staffs_browser("ragioneria");
    let lines = |town: &Town| -> i64 {
        town.ask("select count(*) from treasury_line where number in ('701', '702', '703', '704')")
    };
    let place = format!("{HERE}/carica-movimenti");
    let file = ("lines", "banca.csv", TABLE.as_bytes());
    let refused = accountant.upload_with(&place, file, &[]).await;
    let page = refused.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    page.says("Righe sbagliate: 2");
    page.says("Riga 4, data");
    page.says("Riga 5, importo");
    assert_eq!(lines(&town), 0);
    let skipping = [("skip_bad", "1")];
    accountant
        .upload_with(&place, file, &skipping)
        .await
        .leads_to();
    assert_eq!(lines(&town), 1);
    accountant
        .upload_with(&place, file, &skipping)
        .await
        .leads_to();
    assert_eq!(lines(&town), 1);

    let xml: String = town.ask("select xml from sandbox_flow order by id desc limit 1");
    let flows = |town: &Town| -> i64 { town.ask("select count(*) from settlement_revision") };
    let before = flows(&town);
    let place = format!("{HERE}/carica-flusso");
    let known = ("file", "flusso.xml", xml.as_bytes());
    accountant.upload_with(&place, known, &[]).await.leads_to();
    assert_eq!(flows(&town), before);
    accountant.get(HERE).await.page().says("era già registrato");
    let foreign = xml.replace(">01199250158<", ">03334231200<");
    let foreign = if foreign == xml {
        let ours: String = town.ask("select fiscal_code from municipality");
        xml.replace(&format!(">{ours}<"), ">03334231200<")
    } else {
        foreign
    };
    let file = ("file", "altro.xml", foreign.as_bytes());
    let refused = accountant.upload_with(&place, file, &[]).await;
    let page = refused.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    page.says("paga un altro ente");
    assert_eq!(flows(&town), before);
    let office = town.staffs_browser("ufficio");
    let refused = office.upload_with(&place, known, &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_without_receipt_is_credited_at_once_and_its_receipt_takes_its_place() {
    let town = Town::with_families(30);
    let one = |sql: &str| -> i64 { town.ask(sql) };
    let standing = "select count(*) from settlement_row where state = 'no_receipt'";
    assert_eq!(one(standing), 1, "the demo has one");
    let credited = "select sum(e.amount) from ledger_entry e join account a on a.id = e.debit_id
                    where a.kind = 'pagopa' and e.cause in ('receipt', 'settlement')";
    let reversed = "select coalesce(sum(e.amount), 0) from ledger_entry e
                    join account a on a.id = e.credit_id
                    where a.kind = 'pagopa' and e.cause = 'reversal'";
    let before = one(credited) - one(reversed);
    // Two days later the platform hands the receipt out.
    let later = town.at(support::morning().plus_millis(2 * 24 * 3_600_000));
    campanella::processes::payments::tick(&later).unwrap();
    campanella::processes::payments::tick(&later).unwrap();
    assert_eq!(one(standing), 0);
    assert_eq!(one(credited) - one(reversed), before);
    let bad: Vec<_> = campanella::processes::checks::check(&later)
        .unwrap()
        .into_iter()
        .filter(|finding| !finding.ok)
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
}
