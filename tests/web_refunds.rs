//! Refunds through the web: the family asks, the clerk decides, the list goes to the treasury, the
//! payment stands in the statement and in the attestation.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use campanella::base::{AccountId, Cents, PersonId};
use campanella::ledger;
use campanella::processes::{checks, work};
use poem::http::StatusCode;
use support::{Browser, Town};

const IBAN: &str = "IT60 X054 2811 1010 0000 0123 456";
const KEY: &str = "00000000000000000000000001";
const OTHER_KEY: &str = "00000000000000000000000002";

/// A balance as SQL.
const BALANCE: &str = "(select coalesce(sum(amount), 0) from ledger_entry where credit_id = a.id)
    - (select coalesce(sum(amount), 0) from ledger_entry where debit_id = a.id)";

/// A parent with credit on one account, who paid for it by traceable means this year.
struct Scene {
    town: Town,
    parent: PersonId,
    account: i64,
    account_id: String,
}

fn scene() -> Scene {
    let town = Town::with_families(8);
    let account: i64 = town.ask(&format!(
        "select a.id from account a join ledger_entry e on e.credit_id = a.id and e.cause = 'receipt'
         join receipt r on r.id = e.cause_id and r.traceable = 'yes'
         where a.kind = 'family' and e.day >= '2026-01-01' and {BALANCE} > 1000
           and not exists (select 1 from account o where o.payer_id = a.payer_id and o.id <> a.id
             and (select coalesce(sum(amount), 0) from ledger_entry where credit_id = o.id)
               < (select coalesce(sum(amount), 0) from ledger_entry where debit_id = o.id))
         order by a.id limit 1"
    ));
    let of = |what: &str| format!("select {what} from account where id = {account}");
    Scene {
        parent: PersonId(town.ask(&of("payer_id"))),
        account_id: town.ask(&of("public_id")),
        account,
        town,
    }
}

impl Scene {
    fn family(&self) -> Browser {
        self.town.citizens_browser(self.parent)
    }

    fn clerk(&self) -> Browser {
        self.town.staffs_browser("ufficio")
    }

    fn balance(&self) -> i64 {
        self.town.ask(&format!(
            "select {BALANCE} from account a where a.id = {}",
            self.account
        ))
    }

    /// Asks for the refund; where the case is for the family.
    async fn ask(&self) -> String {
        let fields = [
            ("_key", KEY),
            ("account", self.account_id.as_str()),
            ("wish", "refund"),
            ("iban", IBAN),
            ("joint_with", ""),
            ("note", "Luca ha cambiato scuola."),
        ];
        let answer = self.family().post("/area/rimborsi/nuovo", &fields).await;
        answer.leads_to()
    }

    /// Where the case of that is for the office.
    fn at_the_office(case: &str) -> String {
        case.replace("/area/rimborsi/", "/ufficio/rimborsi/richieste/")
    }

    fn all_is_well(&self) {
        let findings = self
            .town
            .app
            .store
            .read(|db| checks::check_database(db, None))
            .unwrap();
        let wrong: Vec<_> = findings.iter().filter(|finding| !finding.ok).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credit_is_asked_for_decided_listed_paid_and_attested() {
    let scene = scene();
    let (family, clerk) = (scene.family(), scene.clerk());
    let accountant = scene.town.staffs_browser("ragioneria");
    let credit = scene.balance();
    family.get("/area/pagamenti").await.page().says("Rimborsi");
    family
        .get("/area/rimborsi")
        .await
        .page()
        .says("Chiedi il rimborso");

    let case = scene.ask().await;
    assert_eq!(scene.ask().await, case, "sent twice, it counts once");
    let page = family.get(&case).await.page();
    page.says("Chiesto");
    page.says("IT60 •••• 3456");
    page.is_silent_on("0542811101");
    let seen: i64 = scene
        .town
        .ask("select count(*) from refund where instr(bank, cast('0542811101' as blob)) > 0");
    assert_eq!(seen, 0, "the IBAN is sealed");

    clerk
        .get("/ufficio/rimborsi")
        .await
        .page()
        .says("Da decidere (1)");
    let place = Scene::at_the_office(&case);
    let page = clerk.get(&place).await.page();
    page.says("La regola propone: Rimborsare");
    page.says("Luca ha cambiato scuola.");
    page.is_silent_on("0542811101");

    // More than there is, is refused and stays typed.
    let much = Cents(credit + 1).to_italian();
    let page = clerk
        .post(&format!("{place}/approva"), &[("amount", &much)])
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.attribute("input#amount", "value"), much);
    let amount = credit - 100;
    let typed = Cents(amount).to_italian();
    let done = clerk
        .post(&format!("{place}/approva"), &[("amount", &typed)])
        .await;
    assert_eq!(done.leads_to(), place);
    let again = clerk
        .post(&format!("{place}/approva"), &[("amount", &typed)])
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT, "decided once");
    assert_eq!(
        scene.balance(),
        credit,
        "nothing is posted before it is paid"
    );
    family
        .get("/area/comunicazioni")
        .await
        .page()
        .says("è approvato");

    let page = accountant.get("/ufficio/rimborsi/elenchi").await.page();
    let row = page.attribute("main input[name=row]", "value");
    let made = |key| [("_key", key), ("row", row.as_str())];
    let office = clerk.post("/ufficio/rimborsi/elenchi", &made(KEY)).await;
    assert_eq!(office.status, StatusCode::FORBIDDEN, "the accountant's");
    let list = accountant
        .post("/ufficio/rimborsi/elenchi", &made(KEY))
        .await
        .leads_to();
    let twice = accountant
        .post("/ufficio/rimborsi/elenchi", &made(KEY))
        .await
        .leads_to();
    assert_eq!(list, twice);
    let empty = accountant
        .post("/ufficio/rimborsi/elenchi", &made(OTHER_KEY))
        .await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    accountant.get(&list).await.page().says("Elenco 1/2026");
    family.get(&case).await.page().says("In pagamento");
    let file = accountant.get(&format!("{list}/elenco.csv")).await.text();
    let total = Cents(amount).to_decimal().replace('.', ",");
    assert!(file.contains("IT60X0542811101000000123456"), "{file}");
    assert!(file.contains("Rimborso servizi scolastici, elenco 1/2026 riga 1"));
    assert!(
        file.contains(&format!("totale;;1 righe;{total};Elenco 1/2026")),
        "{file}"
    );
    let read: i64 = scene
        .town
        .ask("select count(*) from audit_entry where action = 'read-refund-list'");
    assert_eq!(read, 1);

    for day in ["2026-11-02", "2026-11-04", "domani"] {
        let wrong = accountant
            .post(&format!("{list}/pagato"), &[("paid_on", day)])
            .await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{day}");
    }
    let paid = accountant
        .post(&format!("{list}/pagato"), &[("paid_on", "2026-11-03")])
        .await;
    assert_eq!(paid.leads_to(), list);
    let again = accountant
        .post(&format!("{list}/pagato"), &[("paid_on", "2026-11-03")])
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT, "paid once");
    assert_eq!(scene.balance(), 100);
    family.get(&case).await.page().says("Pagato");
    family
        .get("/area/estratto-conto")
        .await
        .page()
        .says("Rimborso, ");
    scene.all_is_well();

    // The attestation of the year tells it.
    let id: String = scene.town.ask(&format!(
        "select public_id from person where id = {}",
        scene.parent.0
    ));
    clerk
        .post(
            &format!("/ufficio/famiglie/{id}/attestazioni"),
            &[("year", "2026")],
        )
        .await
        .leads_to();
    let refunded: String = scene.town.ask(&format!(
        "select group_concat(json_extract(s.value, '$.refunds_same_year'), ' ')
         from attestation t, json_each(t.content, '$.children') c, json_each(c.value, '$.services') s
         where t.payer_id = {}",
        scene.parent.0
    ));
    assert!(
        refunded.contains(&Cents(amount).to_decimal()),
        "{amount} in {refunded}"
    );

    // The bank sends it back: the credit is there again, the case is final.
    let reason = [("reason", "conto chiuso")];
    let done = accountant.post(&format!("{place}/tornato"), &reason).await;
    assert_eq!(done.leads_to(), place);
    assert_eq!(scene.balance(), credit);
    family.get(&case).await.page().says("conto chiuso");
    scene.all_is_well();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_form_keeps_what_was_typed_and_a_request_can_be_withdrawn() {
    let scene = scene();
    let family = scene.family();
    let fields = [
        ("_key", KEY),
        ("account", scene.account_id.as_str()),
        ("wish", "refund"),
        ("iban", "IT60X0542811101000000123457"),
        ("note", "Grazie"),
    ];
    let page = family
        .post("/area/rimborsi/nuovo", &fields)
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    page.says("le cifre di controllo non tornano");
    assert_eq!(
        page.attribute("input#iban", "value"),
        "IT60X0542811101000000123457"
    );
    page.says("Grazie");

    let case = scene.ask().await;
    let other: i64 = scene.town.ask(&format!(
        "select payer_id from account where kind = 'family' and payer_id <> {} limit 1",
        scene.parent.0
    ));
    let stranger = scene.town.citizens_browser(PersonId(other));
    assert_eq!(stranger.get(&case).await.status, StatusCode::NOT_FOUND);
    let taken = stranger.post(&format!("{case}/ritira"), &[]).await;
    assert_eq!(taken.status, StatusCode::NOT_FOUND);

    let fields = [
        ("_key", OTHER_KEY),
        ("account", scene.account_id.as_str()),
        ("wish", "refund"),
        ("iban", IBAN),
    ];
    let second = family.post("/area/rimborsi/nuovo", &fields).await;
    assert_eq!(second.status, StatusCode::CONFLICT, "one open case");
    let gone = family.post(&format!("{case}/ritira"), &[]).await;
    assert_eq!(gone.leads_to(), "/area/rimborsi");
    family.get(&case).await.page().says("Ritirato");
    let kept: i64 = scene
        .town
        .ask("select count(*) from refund where bank is not null");
    assert_eq!(kept, 0, "a bank account that nobody needs is forgotten");
}

#[tokio::test(flavor = "multi_thread")]
async fn credits_of_who_left_are_found_and_go_where_the_clerk_decides() {
    let scene = scene();
    let clerk = scene.clerk();
    // Nobody has left this account's service yet.
    let listed = format!("/ufficio/rimborsi/usciti/{}", scene.account_id);
    assert!(
        !clerk
            .get("/ufficio/rimborsi/usciti")
            .await
            .text()
            .contains(&listed)
    );
    let account = scene.account;
    scene
        .town
        .app
        .store
        .write(campanella::store::Urgency::Interactive, move |tx| {
            tx.execute(
                "update enrolment set to_date = '2026-10-30'
                 where (child_id, service_id) = (select child_id, service_id from account where id = ?1)
                   and coalesce(to_date, '9999-12-31') > '2026-10-30'",
                [account],
            )?;
            Ok(())
        })
        .unwrap();
    assert!(
        clerk
            .get("/ufficio/rimborsi/usciti")
            .await
            .text()
            .contains(&listed)
    );
    let early = clerk.get("/ufficio/rimborsi/usciti?al=2026-09-01").await;
    assert!(!early.text().contains(&listed));

    let place = clerk.post(&listed, &[]).await.leads_to();
    clerk.get(&place).await.page().says("Manca l’IBAN");
    let refused = clerk
        .post(&format!("{place}/approva"), &[("amount", "1,00")])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);

    // The family says its bank account; the clerk refuses without and with a reason.
    let case = place.replace("/ufficio/rimborsi/richieste/", "/area/rimborsi/");
    let saved = scene
        .family()
        .post(&format!("{case}/iban"), &[("iban", IBAN)])
        .await;
    assert_eq!(saved.leads_to(), case);
    let silent = clerk
        .post(&format!("{place}/respingi"), &[("reason", " ")])
        .await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let reason = [("reason", "Il servizio riprende a gennaio.")];
    clerk
        .post(&format!("{place}/respingi"), &reason)
        .await
        .leads_to();
    scene
        .family()
        .get(&case)
        .await
        .page()
        .says("Il servizio riprende a gennaio.");
    scene.all_is_well();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_rule_decides_and_a_wrong_one_is_shown_again() {
    let scene = scene();
    let clerk = scene.clerk();
    let wrong = [("source", "name = \"x\"\nminimum = \"12,01\"")];
    let page = clerk
        .post("/ufficio/regole/rimborsi", &wrong)
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    page.says("line 2");
    page.says("12,01");
    let rule = [("source", "name = \"Di prova\"\nonly_leavers = true")];
    let done = clerk.post("/ufficio/regole/rimborsi", &rule).await;
    assert_eq!(done.leads_to(), "/ufficio/regole/rimborsi");

    // The child still uses the service: the family reads why, before and after it asks.
    let family = scene.family();
    family
        .get("/area/rimborsi")
        .await
        .page()
        .says("ancora in uso");
    let fields = [
        ("_key", KEY),
        ("account", scene.account_id.as_str()),
        ("wish", "refund"),
        ("iban", IBAN),
    ];
    let page = family
        .post("/area/rimborsi/nuovo", &fields)
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.0.contains("ancora in uso"));
}

/// Brings an account below zero since some days, as an earlier system would have.
fn owes(scene: &Scene, account: i64, cents: i64, day: jiff::civil::Date) {
    let key = format!("prova-{account}-{day}");
    scene
        .town
        .app
        .store
        .write(campanella::store::Urgency::Interactive, move |tx| {
            let new = ledger::NewImported {
                account: AccountId(account),
                kind: ledger::ImportedKind::Charge,
                day,
                amount: Cents(-cents),
                description: "",
                explanation: None,
                key: &key,
                origin: "prova",
            };
            let entry = ledger::record_imported(tx, &new, support::morning())?.unwrap();
            ledger::post(tx, &entry, support::morning())?;
            Ok(())
        })
        .unwrap();
}

/// Waits until the jobs are done.
async fn all_sent(scene: &Scene) {
    work::resume_all(&scene.town.app).unwrap();
    let waiting = "select count(*) from job where state in ('waiting', 'running')";
    for _ in 0..200 {
        if scene.town.ask::<i64>(waiting) == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn debtors_are_listed_by_age_and_reminded_once() {
    let scene = scene();
    let clerk = scene.town.staffs_browser("ragioneria");
    owes(
        &scene,
        scene.account,
        scene.balance() + 6_001,
        jiff::civil::date(2026, 7, 1),
    );
    let rule = "name = \"Prova\"\n[[step]]\ndo = \"sms\"\nabove = \"15.00\"\n[[step]]\ndo = \"registered_letter\"\nabove = \"50.00\"\ncost = \"5.88\"";
    let done = scene
        .clerk()
        .post("/ufficio/regole/solleciti", &[("source", rule)])
        .await;
    assert_eq!(done.leads_to(), "/ufficio/regole/solleciti");

    let name: String = scene.town.ask(&format!(
        "select surname || ' ' || name from person where id = {}",
        scene.parent.0
    ));
    clerk.get("/ufficio/morosi").await.page().says(&name);
    let searched = format!(
        "/ufficio/morosi?passo=registered_letter&q={}",
        name.replace(' ', "+")
    );
    let page = clerk.get(&searched).await.page();
    page.says("Raccomandata");
    page.says("60,01 €");
    let of_nobody = format!("{searched}&servizio=Pre-scuola");
    clerk.get(&of_nobody).await.page().says("Nessun debito");
    let of_meals = format!("{searched}&servizio=Refezione+scolastica");
    clerk.get(&of_meals).await.page().says("60,01 €");
    let csv = clerk
        .get(&searched.replace("morosi?", "morosi.csv?"))
        .await
        .text();
    assert!(csv.contains("\"60,01\"") && csv.contains(&name), "{csv}");
    let book = clerk
        .get(&searched.replace("morosi?", "morosi.xlsx?"))
        .await;
    assert_eq!(book.body.get(..2), Some(b"PK".as_slice()));

    let preview = searched.replace("morosi?", "morosi/sollecito?");
    let page = clerk.get(&preview).await.page();
    page.says("Il costo di 5,88");
    let row = page.attribute("main input[name=row]", "value");
    let fields = [("_key", KEY), ("row", row.as_str())];
    clerk
        .post("/ufficio/morosi/sollecito", &fields)
        .await
        .leads_to();
    clerk
        .post("/ufficio/morosi/sollecito", &fields)
        .await
        .leads_to();
    let again = [("_key", OTHER_KEY), ("row", row.as_str())];
    clerk
        .post("/ufficio/morosi/sollecito", &again)
        .await
        .leads_to();
    all_sent(&scene).await;
    let sent: i64 = scene.town.ask("select count(*) from reminder");
    assert_eq!(sent, 1, "never twice the same step for the same debt");
    let told: i64 = scene.town.ask(&format!(
        "select count(*) from message where person_id = {} and body like '%ancora da pagare%'",
        scene.parent.0
    ));
    assert_eq!(told, 1);
    clerk
        .get(&preview)
        .await
        .page()
        .says("Niente da sollecitare");
    scene.all_is_well();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credit_is_moved_and_a_debt_dropped_with_a_reason_that_the_family_reads() {
    let scene = scene();
    let (clerk, family) = (scene.clerk(), scene.family());
    let person: String = scene.town.ask(&format!(
        "select public_id from person where id = {}",
        scene.parent.0
    ));
    let sheet = format!("/ufficio/famiglie/{person}");
    let place = format!("{sheet}/conti/{}", scene.account_id);
    let statement = clerk.get(&format!("{sheet}/estratto-conto")).await.page();
    let link = statement.attribute(&format!("a[href=\"{place}\"]"), "href");
    assert_eq!(link, place, "the statement leads there");
    clerk.get(&place).await.page().says("credito di");

    // A second account of the same payer, without a movement yet.
    let payer = scene.parent;
    let other = scene
        .town
        .app
        .store
        .write(campanella::store::Urgency::Interactive, move |tx| {
            let service = tx.query_row(
                "select id from service where code = 'scuolabus'",
                [],
                |row| row.get(0),
            )?;
            let child = tx.query_row(
                "select child_id from account where kind = 'family' and payer_id = ?1 limit 1",
                [payer],
                |row| row.get(0),
            )?;
            let id = ledger::family_account(tx, payer, child, service)?;
            Ok(ledger::account(tx, id)?.public_id.to_string())
        })
        .unwrap();
    let credit = scene.balance();
    let fields = |key, amount, reason| {
        [
            ("_key", key),
            ("target", other.as_str()),
            ("amount", amount),
            ("reason", reason),
        ]
    };
    let move_it = format!("{place}/sposta");
    let silent = clerk.post(&move_it, &fields(KEY, "5,00", "")).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let much = Cents(credit + 1_000_000).to_italian();
    let much = clerk.post(&move_it, &fields(KEY, &much, "prova")).await;
    much.page_with(StatusCode::UNPROCESSABLE_ENTITY)
        .says("quanto è stato versato su questo conto");
    let asked = fields(KEY, "5,00", "pagato per il servizio sbagliato");
    let preview = clerk.post(&move_it, &asked).await.page();
    preview.says("I saldi prima e dopo");
    preview.says(&Cents(credit - 500).to_italian());
    assert_eq!(scene.balance(), credit, "nothing moved yet");
    let done = [asked.as_slice(), &[("confirm", "1")]].concat();
    clerk.post(&move_it, &done).await.leads_to();
    clerk.post(&move_it, &done).await.leads_to();
    assert_eq!(scene.balance(), credit - 500, "sent twice, moved once");
    let read = family.get("/area/estratto-conto").await.page();
    read.says("Trasferimento a ");
    read.says("Trasferimento da ");

    let drop_it = format!("{place}/stralcia");
    let reason = [
        ("_key", OTHER_KEY),
        ("amount", "1,00"),
        ("reason", "importo minimo"),
    ];
    let preview = clerk.post(&drop_it, &reason).await.page();
    preview.says("Il saldo prima e dopo");
    assert_eq!(scene.balance(), credit - 500, "nothing dropped yet");
    let reason = [reason.as_slice(), &[("confirm", "1")]].concat();
    clerk.post(&drop_it, &reason).await.leads_to();
    assert_eq!(scene.balance(), credit - 600);
    let read = family.get("/area/estratto-conto").await.page();
    read.says("Credito stralciato: importo minimo");

    // Both can be undone, each once, with a reason.
    let sheet_of = format!("{sheet}/estratto-conto");
    for (key, back) in [
        ("00000000000000000000000007", 500),
        ("00000000000000000000000008", 100),
    ] {
        let before = scene.balance();
        let links = clerk.get(&sheet_of).await.page();
        let undo = links.attribute("a[href*='/movimenti/']", "href");
        let page = clerk.get(&undo).await.page();
        page.says("I saldi prima e dopo lo storno");
        let silent = clerk
            .post(&format!("{undo}/storna"), &[("_key", key), ("reason", "")])
            .await;
        assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
        let fields = [("_key", key), ("reason", "fatto per errore")];
        clerk
            .post(&format!("{undo}/storna"), &fields)
            .await
            .leads_to();
        clerk
            .post(&format!("{undo}/storna"), &fields)
            .await
            .leads_to();
        let moved = scene.balance() - before;
        assert!(moved == back || moved == 600 - back, "{moved}");
        clerk.get(&undo).await.page().says("già stato stornato");
    }
    assert_eq!(scene.balance(), credit);
    let read = family.get("/area/estratto-conto").await.page();
    read.says("Storno del trasferimento con ");
    read.says("Storno dello stralcio «importo minimo»");
    scene.all_is_well();

    // The school has no business here.
    let school = scene.town.staffs_browser("collodi").get(&place).await;
    assert_eq!(school.status, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_for_collection_leaves_a_record_and_exclusion_is_shown_to_the_office() {
    let scene = scene();
    let accountant = scene.town.staffs_browser("ragioneria");
    let first = jiff::civil::date(2026, 7, 1);
    owes(&scene, scene.account, scene.balance() + 6_001, first);
    let rule = "name = \"Prova\"\n[[step]]\ndo = \"collection\"\nabove = \"50.00\"\n[[step]]\ndo = \"exclusion\"\ndays_after_previous = 0";
    let fields = [("source", rule)];
    let office = scene.clerk();
    office
        .post("/ufficio/regole/solleciti", &fields)
        .await
        .leads_to();
    let person: String = scene.town.ask(&format!(
        "select public_id from person where id = {}",
        scene.parent.0
    ));
    let act = format!("/ufficio/morosi/riscossione/{person}/avviso.pdf");
    let list = "/ufficio/morosi/riscossione";
    accountant.get(list).await.page().is_silent_on("Fatta il");
    let pdf = accountant.post(&act, &[]).await;
    assert_eq!(pdf.body.get(..5), Some(b"%PDF-".as_slice()));
    accountant.get(list).await.page().says("Fatta il");
    let told: i64 = scene
        .town
        .ask("select sum(amount) from collection_act_debt");
    assert_eq!(told, 6_001);
    accountant.get(&format!("{list}.csv")).await.text();
    let logged: i64 = scene
        .town
        .ask("select count(*) from audit_entry where action in ('make-collection-act', 'download-debtors')");
    assert_eq!(logged, 2);

    // All at once: whoever has a draft for the same sum is shown and not chosen.
    let acts = format!("{list}/atti");
    let page = accountant.get(&acts).await.page();
    page.says("1 debitore ha già una bozza");
    let row = format!("input[name=payer][value='{person}']");
    assert_eq!(page.all(&row).len(), 1);
    assert!(page.all(&format!("{row}[checked]")).is_empty());
    let none = accountant.post(&acts, &[("_key", KEY)]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.text().contains("Segna almeno un debitore"));
    let fields = [("_key", KEY), ("payer", person.as_str())];
    let job = accountant.post(&acts, &fields).await.leads_to();
    let again = accountant.post(&acts, &fields).await.leads_to();
    assert_eq!(job, again);
    all_sent(&scene).await;
    let page = accountant.get(&job).await.page();
    page.says("1 atto pronto");
    let zip = page.attribute("a[href$='atti.zip']", "href");
    accountant.get(list).await.page().says("Scarica (ZIP)");
    let zipped = accountant.get(&zip).await.body;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zipped)).unwrap();
    let names: Vec<String> = archive
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.contains(&"elenco.csv".to_owned()));
    let letter = names.iter().find(|name| name.ends_with(".pdf")).unwrap();
    let mut pdf = Vec::new();
    std::io::Read::read_to_end(&mut archive.by_name(letter).unwrap(), &mut pdf).unwrap();
    assert_eq!(pdf.get(..5), Some(b"%PDF-".as_slice()));
    let told: i64 = scene.town.ask(
        "select count(*) from audit_entry where action in ('make-collection-acts', 'download-collection-acts')",
    );
    assert_eq!(told, 2);
    let school = scene.town.staffs_browser("collodi").get(&zip).await;
    assert_eq!(school.status, StatusCode::FORBIDDEN);

    // Both steps are done: whoever decides about a new enrolment sees it.
    let sheet = format!("/ufficio/famiglie/{person}");
    let words = "non accoglie nuove iscrizioni";
    office.get(&sheet).await.page().is_silent_on(words);
    for (key, step) in [(KEY, "collection"), (OTHER_KEY, "exclusion")] {
        let row = format!("{}:{step}", scene.account_id);
        let fields = [("_key", key), ("row", row.as_str())];
        accountant
            .post("/ufficio/morosi/sollecito", &fields)
            .await
            .leads_to();
        all_sent(&scene).await;
    }
    office.get(&sheet).await.page().says(words);
    accountant.get(list).await.page().says("Fatta il");
    scene.all_is_well();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_waits_is_credited_to_the_account_that_the_office_chooses() {
    let scene = scene();
    let accountant = scene.town.staffs_browser("ragioneria");
    let wait = "insert into receipt (receipt_key, public_id, notice_id, notice_number, amount, paid_at, psp, means,
           traceable, outcome, source, raw, raw_sha256, received_at)
         select 'twice', '00000000000000000000000042', id, notice_number, 1234, created_at, 'Banca', 'carta',
           'yes', 'suspense', 'gateway', x'00', zeroblob(32), created_at
         from payment_notice where state = 'paid' limit 1";
    scene
        .town
        .app
        .store
        .write(campanella::store::Urgency::Interactive, move |tx| {
            Ok(tx.execute(wait, [])?)
        })
        .unwrap();
    let page = accountant.get("/ufficio/pagamenti").await.page();
    let place = page.attribute("a[href*='/sospesi/']", "href");
    let name: String = scene.town.ask(&format!(
        "select surname || '+' || name from person where id = {}",
        scene.parent.0
    ));
    let page = accountant.get(&format!("{place}?q={name}")).await.page();
    let (before, credit) = (scene.balance(), Cents(scene.balance() + 1_234));
    page.says(&credit.to_italian());
    let fields = [
        ("_key", KEY),
        ("q", "x"),
        ("account", scene.account_id.as_str()),
    ];
    accountant
        .post(&place, &fields)
        .await
        .page_with(StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [fields.as_slice(), &[("reason", "pagato due volte")]].concat();
    for _ in 0..2 {
        let done = accountant.post(&place, &fields).await;
        assert_eq!(done.leads_to(), "/ufficio/pagamenti");
    }
    assert_eq!(scene.balance(), before + 1_234, "sent twice, credited once");
    let gone = accountant.get(&place).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    scene.all_is_well();
}
