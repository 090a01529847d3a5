//! The cash desk through the web: off until the accountant opens it, money is taken once, numbers
//! differ, a mistake stays visible, the day is handed to the treasurer.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use campanella::base::{Cents, PersonId};
use campanella::processes::checks;
use campanella::processes::exports::{self, Format, Sheet};
use poem::http::StatusCode;
use support::{Browser, Town};

const KEY: &str = "00000000000000000000000001";
const OTHER_KEY: &str = "00000000000000000000000002";

/// A parent with a prepaid account.
struct Scene {
    town: Town,
    parent: PersonId,
    /// The form of the cash desk for them.
    place: String,
    /// The field of their account's amount.
    amount: String,
}

fn scene() -> Scene {
    let town = Town::with_families(6);
    let of =
        "from account a join person p on p.id = a.payer_id join service s on s.id = a.service_id
              where a.kind = 'family' and s.code = 'mensa' order by a.id limit 1";
    let payer: String = town.ask(&format!("select p.public_id {of}"));
    let account: String = town.ask(&format!("select a.public_id {of}"));
    Scene {
        parent: PersonId(town.ask(&format!("select p.id {of}"))),
        place: format!("/ufficio/famiglie/{payer}/cassa"),
        amount: format!("amount-{account}"),
        town,
    }
}

impl Scene {
    async fn open(&self) {
        let accountant = self.town.staffs_browser("ragioneria");
        let all = [("cash", "1"), ("card", "1"), ("cheque", "1")];
        let opened = accountant
            .post("/ufficio/rendiconti/cassa/impostazioni", &all)
            .await;
        assert_eq!(opened.leads_to(), "/ufficio/rendiconti/impostazioni");
    }

    fn fields<'a>(&'a self, means: &'a str, amount: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("means", means),
            (&self.amount, amount),
            ("received_on", "2026-11-03"),
            ("reference", "POS 0042"),
        ]
    }

    /// Takes money and gives the address of the receipt.
    async fn take(&self, clerk: &Browser, means: &str, amount: &str, key: &str) -> String {
        let mut fields = self.fields(means, amount);
        fields.extend([("confirm", "1"), ("_key", key)]);
        clerk.post(&self.place, &fields).await.leads_to()
    }

    fn count(&self, what: &str) -> i64 {
        self.town.ask(&format!("select count(*) from {what}"))
    }
}

fn words(pdf: &[u8]) -> String {
    let document = lopdf::Document::load_mem(pdf).unwrap();
    let pages: Vec<u32> = document.get_pages().keys().copied().collect();
    document.extract_text(&pages).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn off_until_the_accountant_allows_a_means() {
    let scene = scene();
    let (clerk, family) = (
        scene.town.staffs_browser("ufficio"),
        scene.town.citizens_browser(scene.parent),
    );
    let sheet = scene.place.trim_end_matches("/cassa");
    clerk
        .get(sheet)
        .await
        .page()
        .is_silent_on("Registra un incasso");
    let page = clerk.get(&scene.place).await.page();
    page.says("La cassa non è attiva");
    let refused = clerk
        .post(&scene.place, &scene.fields("cash", "20,00"))
        .await;
    let page = refused.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    page.says("La cassa non è attiva");
    let how = "/area/come-pagare";
    family
        .get(how)
        .await
        .page()
        .is_silent_on("All’ufficio scuola");

    // The office can't open it, the accountant can and takes no money.
    let open = "/ufficio/rendiconti/cassa/impostazioni";
    let forbidden = clerk.post(open, &[("cash", "1")]).await;
    assert_eq!(forbidden.status, StatusCode::FORBIDDEN);
    scene.open().await;
    let accountant = scene.town.staffs_browser("ragioneria");
    assert_eq!(
        accountant.get(&scene.place).await.status,
        StatusCode::FORBIDDEN
    );
    let settings = "/ufficio/rendiconti/impostazioni";
    accountant.get(settings).await.page().says("Cassa attiva");
    clerk.get(sheet).await.page().says("Registra un incasso");
    family
        .get(how)
        .await
        .page()
        .says("contanti, carta (POS), assegno");

    // What is not allowed is not offered, nor taken.
    let page = clerk.get(&scene.place).await.page();
    page.is_silent_on("Bonifico");
    let refused = clerk
        .post(&scene.place, &scene.fields("transfer", "20,00"))
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(scene.count("cash_desk_receipt"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn shown_first_then_taken_once_and_seen_by_the_family() {
    let scene = scene();
    scene.open().await;
    let clerk = scene.town.staffs_browser("ufficio");
    for (means, amount, day) in [
        ("card", "venti", "2026-11-03"),
        ("card", "0,01", "2026-11-03"),
        ("card", "20,00", "2026-11-04"),
        ("", "20,00", "2026-11-03"),
    ] {
        let fields = [
            ("means", means),
            (&scene.amount, amount),
            ("received_on", day),
        ];
        let wrong = clerk.post(&scene.place, &fields).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
    }
    let preview = clerk
        .post(&scene.place, &scene.fields("card", "20,00"))
        .await
        .page();
    preview.says("Registra l’incasso di 20,00");
    assert_eq!(preview.hidden("received_on"), "2026-11-03");
    assert_eq!(scene.count("cash_desk_receipt"), 0, "nothing yet");

    let place = scene.take(&clerk, "card", "20,00", KEY).await;
    assert_eq!(
        scene.take(&clerk, "card", "20,00", KEY).await,
        place,
        "a double click"
    );
    assert_eq!(scene.count("cash_desk_receipt"), 1);
    clerk
        .get(&place)
        .await
        .page()
        .says("Ricevuta di cassa n. 1/2026");
    let paper = words(&clerk.get(&format!("{place}/ricevuta.pdf")).await.body);
    for part in [
        "n. 1/2026",
        "carta (POS)",
        "POS 0042",
        "20,00",
        "tracciabile",
    ] {
        assert!(paper.contains(part), "{part} in {paper}");
    }

    let family = scene.town.citizens_browser(scene.parent);
    let page = family.get("/area/pagamenti").await.page();
    page.says("Cassa n. 1/2026");
    let link = page.attribute("a[href*='/ricevute/']", "href");
    assert_eq!(words(&family.get(&link).await.body), paper);
    let statement = family.get("/area/estratto-conto").await.page();
    statement.says("Pagamento in cassa, ricevuta n. 1/2026");
    let stranger: i64 = scene.town.ask(&format!(
        "select payer_id from account where kind = 'family' and payer_id <> {} limit 1",
        scene.parent.0
    ));
    let stranger = scene.town.citizens_browser(PersonId(stranger));
    assert_eq!(stranger.get(&link).await.status, StatusCode::NOT_FOUND);

    // The proof is scanned afterwards, once.
    let proof = format!("{place}/prova");
    let no_file = clerk.upload(&proof, "prova.pdf", b"testo", &[]).await;
    assert_eq!(no_file.status, StatusCode::UNPROCESSABLE_ENTITY);
    let kept = clerk.upload(&proof, "prova.pdf", b"%PDF-1.7 x", &[]).await;
    assert_eq!(kept.leads_to(), place);
    assert_eq!(clerk.get(&proof).await.body, b"%PDF-1.7 x");
    let twice = clerk.upload(&proof, "altra.pdf", b"%PDF-1.7 y", &[]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn clerks_at_the_same_time_get_different_numbers() {
    let scene = scene();
    scene.open().await;
    let one = scene.town.staffs_browser("ufficio");
    let other = scene.town.staffs_browser("ufficio");
    let mut places = Vec::new();
    for round in 0..4 {
        let keys: Vec<String> = (0..3).map(|n| format!("{:026}", round * 3 + n)).collect();
        let take = |clerk, n: usize| scene.take(clerk, "cash", "10,00", &keys[n]);
        let (a, b, c) = tokio::join!(take(&one, 0), take(&other, 1), take(&one, 2));
        places.extend([a, b, c]);
    }
    let different: std::collections::BTreeSet<_> = places.iter().collect();
    assert_eq!(different.len(), 12);
    let (first, last): (i64, i64) = (
        scene.town.ask("select min(number) from cash_desk_receipt"),
        scene.town.ask("select max(number) from cash_desk_receipt"),
    );
    assert_eq!((first, last, scene.count("cash_desk_receipt")), (1, 12, 12));
    for finding in checks::check(&scene.town.app).unwrap() {
        assert!(finding.ok, "{}: {}", finding.check, finding.detail);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_cancelled_with_its_reason_and_its_number_stays() {
    let scene = scene();
    scene.open().await;
    let clerk = scene.town.staffs_browser("ufficio");
    let balance = || -> i64 {
        scene.town.ask(&format!(
            "select (select coalesce(sum(amount), 0) from ledger_entry where credit_id = a.id)
               - (select coalesce(sum(amount), 0) from ledger_entry where debit_id = a.id)
             from account a where a.public_id = '{}'",
            scene.amount.trim_start_matches("amount-")
        ))
    };
    let exported = || {
        [Sheet::Payments, Sheet::Charges].map(|sheet| {
            let out = Box::new(std::io::sink());
            exports::export(&scene.town.app, sheet, Format::Csv, None, out).unwrap()
        })
    };
    let (before, files) = (balance(), exported());
    let place = scene.take(&clerk, "cash", "30,00", KEY).await;
    assert_eq!(balance(), before + 3_000);
    let annul = format!("{place}/annulla");
    let silent = clerk.post(&annul, &[("reason", "")]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let reason = [("reason", "erano venti euro")];
    assert_eq!(clerk.post(&annul, &reason).await.leads_to(), place);
    let again = clerk.post(&annul, &reason).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(balance(), before);
    assert_eq!(exported(), files, "the next system knows nothing of it");
    let paper = words(&clerk.get(&format!("{place}/ricevuta.pdf")).await.body);
    assert!(
        paper.contains("ANNULLATA") && paper.contains("erano venti euro"),
        "{paper}"
    );

    let second = scene.take(&clerk, "cash", "20,00", OTHER_KEY).await;
    clerk.get(&second).await.page().says("n. 2/2026");
    let family = scene.town.citizens_browser(scene.parent);
    let statement = family.get("/area/estratto-conto").await.page();
    statement.says("Annullata la ricevuta di cassa n. 1/2026");
    let payments = family.get("/area/pagamenti").await.page();
    assert_eq!(payments.all(".state-bad"), ["Annullato"]);

    let logged = scene.count(
        "audit_entry where action in ('take-at-cash-desk', 'cancel-cash-desk-receipt', 'set-cash-desk')",
    );
    assert_eq!(logged, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_register_adds_up_and_a_day_goes_to_the_treasurer() {
    let scene = scene();
    scene.open().await;
    let clerk = scene.town.staffs_browser("ufficio");
    scene.take(&clerk, "cash", "30,00", KEY).await;
    scene.take(&clerk, "card", "12,00", OTHER_KEY).await;
    let register = "/ufficio/rendiconti/cassa";
    let page = clerk.get(register).await.page();
    page.says(&Cents(4_200).to_italian());
    page.says("03/11/2026: 30,00");
    let receipts = clerk.get(&format!("{register}.csv?tabella=ricevute")).await;
    assert_eq!(receipts.text().lines().count(), 3);
    let cash = format!("{register}.csv?tabella=ricevute&mezzo=cash");
    let cash = clerk.get(&cash).await.text();
    assert!(
        cash.contains("1/2026") && !cash.contains("2/2026"),
        "{cash}"
    );
    let xlsx = clerk.get(&format!("{register}.xlsx")).await;
    assert!(xlsx.body.starts_with(b"PK"));

    let deposit = |on, reference| {
        [
            ("day", "2026-11-03"),
            ("deposited_on", on),
            ("reference", reference),
        ]
    };
    for wrong in [deposit("2026-11-02", "17"), deposit("2026-11-03", "")] {
        let refused = clerk.post(register, &wrong).await;
        refused.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let noted = clerk
        .post(register, &deposit("2026-11-03", "quietanza 17"))
        .await;
    assert!(noted.leads_to().starts_with(register));
    let page = clerk.get(register).await.page();
    page.says("quietanza 17");
    page.is_silent_on("Annota il versamento");

    // What is paid here counts as any other payment does.
    let income = "/ufficio/rendiconti/entrate?dal=03/11/2026&al=03/11/2026";
    let paid: i64 = scene
        .town
        .ask("select sum(amount) from ledger_entry where cause = 'receipt' and day = '2026-11-03'");
    clerk
        .get(income)
        .await
        .page()
        .says(&Cents(paid).to_italian());
}
