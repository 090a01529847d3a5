//! "Come la vede il genitore": a clerk reads a family's pages with a reason, for ten minutes, and
//! writes nothing.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use campanella::base::{Permission, PersonId};
use campanella::web::{self, Verb};
use poem::http::StatusCode;
use support::{Browser, Town, morning};

const BANNER: &str = "Stai guardando";

struct Scene {
    town: Town,
    parent: PersonId,
    sheet: String,
}

fn scene() -> Scene {
    let town = Town::with_families(6);
    let parent: i64 = town.ask(
        "select e.payer_id from enrolment e join service s on s.id = e.service_id
         where s.code = 'mensa' order by e.id limit 1",
    );
    let id: String = town.ask(&format!("select public_id from person where id = {parent}"));
    Scene {
        town,
        parent: PersonId(parent),
        sheet: format!("/ufficio/famiglie/{id}"),
    }
}

impl Scene {
    async fn look(&self, clerk: &Browser, reason: &str) -> support::Answer {
        let path = format!("{}/vista", self.sheet);
        clerk.post(&path, &[("reason", reason)]).await
    }

    /// The number of rows in everything that a family writes.
    fn written(&self) -> i64 {
        let tables = [
            "draft",
            "application",
            "message",
            "cancellation",
            "payment_notice",
            "cart",
            "document",
            "request_key",
            "attestation",
            "outbox",
        ];
        let counts: Vec<_> = tables
            .iter()
            .map(|table| format!("(select count(*) from {table})"))
            .collect();
        self.town.ask(&format!("select {}", counts.join(" + ")))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_shown_and_no_form_is_taken() {
    let scene = scene();
    let clerk = scene.town.staffs_browser("ufficio");
    assert_eq!(clerk.get("/area").await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        scene
            .look(&clerk, "telefonata della madre")
            .await
            .leads_to(),
        "/area"
    );
    let before = scene.written();
    let mut shown = 0;
    for route in web::routes() {
        if route.allow != Permission::Citizen || route.path.contains(':') {
            continue;
        }
        if route.verb == Verb::Get {
            let answer = clerk.get(route.path).await;
            let page = answer.status == StatusCode::OK && answer.text().contains("<main");
            if page {
                assert!(answer.text().contains(BANNER), "{}", route.path);
                shown += 1;
            }
        } else {
            let fields = [
                ("_key", "00000000000000000000000001"),
                ("body", "Buongiorno"),
            ];
            let answer = clerk.post(route.path, &fields).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", route.path);
        }
    }
    assert!(shown > 8, "{shown} pages");
    assert_eq!(scene.written(), before);
    let surname: String = scene.town.ask(&format!(
        "select surname from person where id = {}",
        scene.parent.0
    ));
    let home = clerk.get("/area").await.page();
    assert!(home.0.contains(&surname));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_has_a_reason_that_stays() {
    let scene = scene();
    let clerk = scene.town.staffs_browser("ufficio");
    let refused = scene.look(&clerk, "  ").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(clerk.get("/area").await.status, StatusCode::SEE_OTHER);
    scene
        .look(&clerk, "telefonata della madre")
        .await
        .leads_to();
    let logged: String = scene.town.ask(
        "select e.subject_id || ' ' || p.payload from audit_entry e
         join audit_payload p on p.audit_id = e.id where e.action = 'view-as-family'",
    );
    assert!(
        logged.starts_with(&format!("{} ", scene.parent.0)),
        "{logged}"
    );
    assert!(logged.contains("telefonata della madre"), "{logged}");
    // Who has nothing to do with families has nothing to look at.
    for other in ["ragioneria", "collodi"] {
        let other = scene.town.staffs_browser(other);
        let answer = scene.look(&other, "curiosità mia").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(other.get("/area").await.status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_ends_by_the_button_and_by_itself() {
    let scene = scene();
    let clerk = scene.town.staffs_browser("ufficio");
    scene
        .look(&clerk, "telefonata della madre")
        .await
        .leads_to();
    let back = clerk.post("/ufficio/vista/chiudi", &[]).await.leads_to();
    assert_eq!(back, scene.sheet);
    assert_eq!(clerk.get("/area").await.status, StatusCode::SEE_OTHER);
    scene.look(&clerk, "ha richiamato").await.leads_to();
    let soon = clerk.of(scene.town.at(morning().plus_millis(9 * 60_000)));
    soon.get("/area").await.page();
    let late = clerk.of(scene.town.at(morning().plus_millis(11 * 60_000)));
    assert_eq!(late.get("/area").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parent_notices_nothing() {
    let scene = scene();
    let parent = scene.town.citizens_browser(scene.parent);
    let clerk = scene.town.staffs_browser("ufficio");
    scene
        .look(&clerk, "telefonata della madre")
        .await
        .leads_to();
    let page = parent.get("/area").await.page();
    assert!(!page.0.contains(BANNER));
    let fields = [
        ("_key", "00000000000000000000000001"),
        ("body", "Buongiorno"),
    ];
    parent.post("/area/comunicazioni", &fields).await.leads_to();
    // The clerk's own messages stay unread while the clerk looks.
    let unread = "select count(*) from message where author = 'office' and read_at is null";
    let before: i64 = scene.town.ask(unread);
    clerk.get("/area/comunicazioni").await.page();
    assert_eq!(scene.town.ask::<i64>(unread), before);
}
