//! A family pays online: the platform's page opens for what is payable, and nowhere else.

use std::sync::Arc;

use campanella::identity;
use campanella::payments::gateway::ReturnUrls;
use campanella::processes::payments;
use campanella::web;
use poem::http::{StatusCode, header};
use poem::test::TestClient;

use super::scene::Scene;
use super::server::Trick;
use super::support::Browser;

fn browser(scene: &Scene) -> Browser {
    let (person, now) = (scene.mother, scene.app.now());
    let (token, session) =
        scene.write(move |tx| identity::open_citizen(tx, None, person, "test", now));
    Browser {
        app: Arc::clone(&scene.app),
        cookie: format!("campanella={}", token.as_str()),
        csrf: session.csrf,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_family_is_led_to_the_payment_page_and_back() {
    let scene = Scene::new();
    let notice = scene.notice(4250, None);
    let mother = browser(&scene);
    let page = mother.get("/area/pagamenti").await.page();
    page.says("42,50");
    let id = notice.public_id.to_string();
    let sent = mother
        .post("/area/pagamenti/paga", &[("notice", &id)])
        .await;
    let place = sent.leads_to();
    assert_eq!(place, format!("http://{}/c/4711", scene.server.address));
    assert_eq!(scene.there(&notice), "VALID", "it was published first");
    let exchanges = scene.server.state().exchanges.clone();
    let cart = exchanges
        .iter()
        .find(|e| e.target.ends_with("/carts"))
        .unwrap();
    let body = cart.body.clone().unwrap();
    let back = body["returnUrls"]["returnOkUrl"].as_str().unwrap();
    let back = back
        .strip_prefix("http://127.0.0.1:8080")
        .unwrap()
        .to_owned();
    // What the address says proves nothing.
    mother.get(&back).await.page().says("In attesa di conferma");
    scene.server.pay(&scene.iupd(&notice), true);
    scene
        .app
        .receipts_asked
        .store(0, std::sync::atomic::Ordering::SeqCst);
    mother.get(&back).await.page().says("Pagamento ricevuto");
    assert_eq!(scene.balance(), 4250);
    scene.judge();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_can_not_pay_now_reads_what_to_do() {
    let scene = Scene::new();
    let notice = scene.notice(4250, None);
    let mother = browser(&scene);
    let id = notice.public_id.to_string();
    scene.server.trick(Trick::Down);
    scene.server.trick(Trick::Down);
    let sent = mother
        .post("/area/pagamenti/paga", &[("notice", &id)])
        .await;
    let page = sent.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    page.says("non è ancora arrivato a pagoPA");
    // It is published; now the payment page itself does not open.
    scene.round();
    scene.hurry();
    scene.round();
    assert_eq!(scene.there(&notice), "VALID");
    scene.server.trick(Trick::Down);
    let sent = mother
        .post("/area/pagamenti/paga", &[("notice", &id)])
        .await;
    let page = sent.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    page.says("La pagina di pagamento di pagoPA non si apre");
    page.is_silent_on("HTTP 503");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_let_a_form_lead_to_the_payment_page() {
    let scene = Scene::new();
    let client = TestClient::new(web::endpoint(Arc::clone(&scene.app)));
    let page = client
        .get("/")
        .header(header::HOST, "127.0.0.1:8080")
        .send()
        .await
        .0;
    let policy = page.header(header::CONTENT_SECURITY_POLICY).unwrap();
    let allowed = format!("form-action 'self' http://{};", scene.server.address);
    assert!(policy.contains(&allowed), "{policy}");
}

#[test]
fn browsers_are_led_to_no_other_host() {
    let scene = Scene::new();
    let notice = scene.notice(4250, None);
    scene.round();
    let gateway = payments::gateway(&scene.app).unwrap().unwrap();
    let urls = ReturnUrls {
        ok: "http://127.0.0.1:8080/ok".to_owned(),
        cancel: "http://127.0.0.1:8080/cancel".to_owned(),
        error: "http://127.0.0.1:8080/error".to_owned(),
    };
    let start = || gateway.start_checkout(std::slice::from_ref(&notice), &urls, scene.app.now());
    assert!(start().is_ok());
    for place in ["https://example.org/c/1", "/c/1", "javascript:alert(1)"] {
        scene.server.state().cart_location = place.to_owned();
        assert!(start().is_err(), "{place}");
    }
    assert!(
        !scene
            .server
            .calls()
            .iter()
            .any(|call| call.starts_with("GET 1 "))
    );
    scene.judge();
}
