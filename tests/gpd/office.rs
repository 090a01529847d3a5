//! The office sees what the platform did not take, and does something about it.

use std::sync::Arc;

use campanella::identity;
use poem::http::StatusCode;

use super::scene::Scene;
use super::support::Browser;

fn browser(scene: &Scene) -> Browser {
    let (id, now) = (scene.clerk.id, scene.app.now());
    let (token, session) = scene.write(move |tx| identity::open_staff(tx, None, id, now));
    Browser {
        app: Arc::clone(&scene.app),
        cookie: format!("campanella-ufficio={}", token.as_str()),
        csrf: session.csrf,
    }
}

fn iban(scene: &Scene, iban: &str) {
    let iban = iban.to_owned();
    scene.write(move |tx| Ok(tx.execute("update pagopa_setting set iban = ?1", [iban])?));
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_seen_tried_again_withdrawn_and_settled() {
    let scene = Scene::new();
    let clerk = browser(&scene);
    let list = "/ufficio/pagamenti/invii";
    clerk.get(list).await.page().says("Nessun invio fermo");
    iban(&scene, "IT00X");
    let notices: Vec<_> = [4000, 4100, 4200]
        .map(|cents| scene.notice(cents, None))
        .into();
    scene.round();
    clerk
        .get("/ufficio")
        .await
        .page()
        .says("invii a pagoPA fermi");
    let page = clerk.get(list).await.page();
    page.says(&notices[0].notice_number.grouped());
    page.says("Rossi Mara");
    page.says("the IBAN is not registered");
    page.says("Riprova tutti");
    let at = |n: usize, what: &str| format!("{list}/{}/{what}", notices[n].public_id);
    // One is withdrawn: it never becomes payable.
    clerk.post(&at(0, "annulla"), &[]).await.leads_to();
    assert_eq!(scene.state(notices[0].id), "cancelled");
    let again = clerk.post(&at(0, "riprova"), &[]).await;
    again
        .page_with(StatusCode::CONFLICT)
        .says("non è più fermo");
    // One is settled by other means.
    clerk.post(&at(1, "risolto"), &[]).await.leads_to();
    // One is tried again, in vain, then with all the others when the account is right.
    clerk.post(&at(2, "riprova"), &[]).await.leads_to();
    scene.round();
    let page = clerk.get(list).await.page();
    page.says(&notices[2].notice_number.grouped());
    page.is_silent_on(&notices[1].notice_number.grouped());
    iban(&scene, super::server::IBAN);
    let preview = clerk.get(&format!("{list}/riprova")).await.page();
    preview.says("1 avviso da pubblicare");
    let key = preview.attribute("main input[name=_key]", "value");
    clerk
        .post(&format!("{list}/riprova"), &[("_key", &key)])
        .await
        .leads_to();
    scene.round();
    assert_eq!(scene.there(&notices[2]), "VALID");
    assert_eq!(scene.waiting(), [""; 0]);
    clerk.get(list).await.page().says("Nessun invio fermo");
    let audited: i64 = scene.ask(
        "select count(*) from audit_entry where action in
           ('retry-delivery', 'retry-deliveries', 'close-delivery', 'withdraw-undelivered')",
    );
    assert_eq!(audited, 4);
    let stranger = "00000000000000000000000000";
    let gone = clerk.post(&format!("{list}/{stranger}/riprova"), &[]).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}
