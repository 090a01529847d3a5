//! Settlement flows as the platform lists them.

use campanella::base::{Cents, Instant};
use campanella::payments::flows::RowOutcome;
use campanella::processes::payments;
use jiff::civil::date;
use serde_json::json;

use super::scene::Scene;

#[test]
fn a_flow_is_read_to_the_cent_and_in_its_last_revision() {
    let scene = Scene::new();
    let head = json!({
        "status": "PUBLISHED", "revision": 2, "fdr": "2026-11-02PPAYITR1XXX-S0000000001",
        "fdrDate": "2026-11-02T22:30:00Z", "regulation": "TRN-1", "regulationDate": "2026-11-03",
        "sender": { "type": "LEGAL_PERSON", "id": "PPAYITR1XXX", "pspId": "PPAYITR1XXX",
                    "pspName": "PostePay", "pspBrokerId": "1", "channelId": "1_01" },
        "published": "2026-11-03T05:00:00Z", "computedTotPayments": 2, "computedSumPayments": 81.7,
        "totPayments": 2, "sumPayments": 81.7,
    });
    let payments = r#"{ "metadata": { "pageSize": 1000, "pageNumber": 1, "totPage": 1 }, "count": 2, "data": [
        { "index": 1, "iuv": "02032002700000251", "iur": "A1", "idTransfer": 1, "pay": 81.6, "payStatus": "EXECUTED", "payDate": "2026-11-02T23:30:00Z" },
        { "index": 2, "iuv": "02032002700000252", "iur": "A2", "idTransfer": 1, "pay": 0.10, "payStatus": "STAND_IN_NO_RPT", "payDate": "2026-11-02T10:00:00Z" }
    ] }"#;
    scene.server.state().flow = Some((head, payments.to_owned()));
    let gateway = payments::gateway(&scene.app).unwrap().unwrap();
    let now = scene.app.now();
    let flows = gateway
        .poll_flows(Instant(now.0 - 86_400_000), now)
        .unwrap();
    let [flow] = flows.as_slice() else {
        panic!("{flows:?}");
    };
    assert_eq!(flow.id, "2026-11-02PPAYITR1XXX-S0000000001");
    assert_eq!((flow.total, flow.psp.as_str()), (Cents(8170), "PostePay"));
    assert_eq!(flow.settled_on, date(2026, 11, 3));
    let rows: Vec<_> = flow
        .rows
        .iter()
        .map(|row| (row.amount, row.outcome, row.day))
        .collect();
    assert_eq!(
        rows,
        [
            (Cents(8160), RowOutcome::Executed, date(2026, 11, 3)),
            (
                Cents(10),
                RowOutcome::StandInWithoutRequest,
                date(2026, 11, 2)
            ),
        ]
    );
    assert!(flow.raw.len() > 500);
    scene.judge();
}
