//! ISEE over HTTP: a parent declares one, the office writes the rule, works off its lists and marks
//! what was declared.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use campanella::base::{Instant, PersonId};
use campanella::processes::isee_reminders;
use jiff::civil::date;
use poem::http::StatusCode;
use support::{Browser, Town};

const KEY: &str = "00000000000000000000000001";
const LISSONE: &str = include_str!("../examples/isee/lissone.toml");

/// A parent who pays for an enrolled child of theirs.
struct Scene {
    town: Town,
    parent: PersonId,
    child: String,
    child_id: i64,
}

fn scene() -> Scene {
    scene_of(8)
}

fn scene_of(families: usize) -> Scene {
    let town = Town::with_families(families);
    let of = "from enrolment e join guardianship g on g.child_id = e.child_id
                and g.adult_id = e.payer_id join person c on c.id = e.child_id
              where e.from_date <= '2026-11-03' and coalesce(e.to_date, '9999') > '2027-01-01'
              order by e.id limit 1";
    let parent: i64 = town.ask(&format!("select e.payer_id {of}"));
    Scene {
        parent: PersonId(parent),
        child: town.ask(&format!("select c.public_id {of}")),
        child_id: town.ask(&format!("select e.child_id {of}")),
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

    fn count(&self, what: &str) -> i64 {
        self.town.ask(&format!("select count(*) from {what}"))
    }

    /// What the form sends.
    fn declaration<'a>(&'a self, value: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("_key", KEY),
            ("child", &self.child),
            ("value", value),
            ("kind", "minorenni"),
            ("protocol", "inps-isee-2026-01234567x-00"),
            ("valid_from_d", "20"),
            ("valid_from_m", "10"),
            ("valid_from_y", "2026"),
            ("valid_to_d", "31"),
            ("valid_to_m", "12"),
            ("valid_to_y", "2026"),
            ("truth", "1"),
        ]
    }

    async fn save_rule(&self, from: &str) {
        let fields = [
            ("_key", KEY),
            ("from_day", from),
            ("source", LISSONE),
            ("save", "1"),
        ];
        let clerk = self.clerk();
        clerk.post("/ufficio/isee/regola", &fields).await.leads_to();
    }
}

fn with<'a>(
    mut fields: Vec<(&'a str, &'a str)>,
    name: &str,
    value: Option<&'a str>,
) -> Vec<(&'a str, &'a str)> {
    fields.retain_mut(|field| {
        if field.0 == name
            && let Some(value) = value
        {
            field.1 = value;
        }
        field.0 != name || value.is_some()
    });
    fields
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_declares_and_reads_from_when_it_counts() {
    let scene = scene();
    scene.save_rule("2026-11-01").await;
    let family = scene.family();
    let before = scene.count("isee");

    // What is wrong is said at its field, and what was typed stays.
    let good = || scene.declaration("12.345,67");
    for (name, value, sentence) in [
        ("value", Some("tanti"), "importo"),
        ("protocol", Some("INPS-2026"), "INPS-ISEE-2026-01234567X-00"),
        ("valid_from_y", Some("2027"), "futuro"),
        ("valid_to_y", Some("2025"), "prima"),
        ("child", None, "Scegli almeno un figlio"),
        ("truth", None, "Senza questa dichiarazione"),
    ] {
        let answer = family.post("/area/isee", &with(good(), name, value)).await;
        let page = answer.page_with(StatusCode::UNPROCESSABLE_ENTITY);
        let errors = page.all(".field-error").join(" ");
        assert!(errors.contains(sentence), "{name}: {errors}");
        if name != "protocol" {
            let kept = page.attribute("main input[name=protocol]", "value");
            assert_eq!(kept, "inps-isee-2026-01234567x-00");
        }
    }
    let mut fields = good();
    fields.push(("omissions", "1"));
    let page = family.post("/area/isee", &fields).await;
    let page = page.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    page.says("non accetta un’attestazione con omissioni");
    assert_eq!(scene.count("isee"), before);

    // Sent twice it is recorded once; it counts from the first of the month, and says so.
    for _ in 0..2 {
        let answer = family.post("/area/isee", &good()).await;
        assert_eq!(answer.leads_to(), "/area/isee");
    }
    assert_eq!(scene.count("isee"), before + 1);
    let page = family.get("/area/isee").await.page();
    page.says("12.345,67");
    page.says("dal 01/11/2026 al 31/12/2026");
    page.says("La data è il 03/11/2026, entro il termine del 15/11/2026.");
    page.says("Dichiarato da te");
    page.says("La regola del Comune");
    page.says("A settembre il termine è il giorno 30.");
    family.get("/area/dati").await.page().says("ISEE dei figli");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_declares_for_somebody_elses_child() {
    let scene = scene();
    let other: i64 = scene.town.ask(&format!(
        "select payer_id from enrolment where payer_id <> {0} and child_id not in
           (select child_id from guardianship where adult_id = {0})
         and payer_id not in (select adult_id from guardianship where child_id = {1}) limit 1",
        scene.parent.0, scene.child_id
    ));
    let before = scene.count("isee");
    let stranger = scene.town.citizens_browser(PersonId(other));
    let answer = stranger
        .post("/area/isee", &scene.declaration("1,00"))
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(scene.count("isee"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_parent_reads_no_value() {
    let scene = scene();
    let family = scene.family();
    family
        .post("/area/isee", &scene.declaration("7.654,32"))
        .await
        .leads_to();
    let other = scene
        .town
        .app
        .store
        .write(campanella::store::Urgency::Interactive, {
            let child = PersonId(scene.child_id);
            move |tx| {
                let now = support::morning();
                let code = campanella::people::FiscalCode::parse("RSSMRA85T10A562S").unwrap();
                let new = campanella::people::NewPerson::of(&code, "Rossi", "Mario", now);
                let adult = campanella::people::add_person(tx, &new, now)?;
                let tie = campanella::people::NewGuardianship {
                    adult,
                    child,
                    title: campanella::people::GuardianshipTitle::Parent,
                    verified_by: "office",
                    from: date(2026, 1, 1),
                };
                campanella::people::grant_guardianship(tx, &tie, now)?;
                Ok(adult)
            }
        });
    let page = scene.town.citizens_browser(other.unwrap());
    let page = page.get("/area/isee").await.page();
    page.says("Conta un ISEE dal 20/10/2026 al 31/12/2026");
    page.is_silent_on("7.654,32");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_checks_what_was_declared() {
    let scene = scene();
    let (family, clerk) = (scene.family(), scene.clerk());
    family
        .post("/area/isee", &scene.declaration("12.345,67"))
        .await
        .leads_to();
    let list = "/ufficio/isee?elenco=da-controllare";
    let page = clerk.get(list).await.page();
    page.says("12.345,67");
    page.says("INPS-ISEE-2026-01234567X-00");
    let file = clerk.get("/ufficio/isee.csv?elenco=da-controllare").await;
    assert!(
        file.text().contains(";12345,67;minorenni;"),
        "{}",
        file.text()
    );
    let logged = "audit_entry where action = 'list-declared-isee'";
    assert_eq!(scene.count(logged), 2);
    clerk
        .get(&format!("{list}&q=nessunocosì"))
        .await
        .page()
        .says("Nessuno in questo elenco");

    let address = page.attribute("main form[method=post]", "action");
    for _ in 0..2 {
        clerk.post(&address, &[]).await.leads_to();
    }
    assert_eq!(scene.count("isee_check"), 1);
    assert_eq!(scene.count("isee_waiting"), 0);
    clerk.get(list).await.page().is_silent_on("12.345,67");
    family.get("/area/isee").await.page().says("controllato");

    // A second declaration waits until the office records the right value.
    let fields = with(
        scene.declaration("1,00"),
        "_key",
        Some("00000000000000000000000002"),
    );
    family.post("/area/isee", &fields).await.leads_to();
    assert_eq!(scene.count("isee_waiting"), 1);
    let payer: String = scene.town.ask(&format!(
        "select public_id from person where id = {}",
        scene.parent.0
    ));
    let sheet = format!("/ufficio/famiglie/{payer}");
    clerk
        .get(&sheet)
        .await
        .page()
        .says("dichiarato dal genitore");
    let typed = [
        ("_key", KEY),
        ("value", "9.000,00"),
        ("kind", "minorenni"),
        ("lodged_on", "2026-11-03"),
        ("valid_from", "2026-10-20"),
        ("valid_to", "2026-12-31"),
    ];
    let record = format!("{sheet}/isee/{}", scene.child);
    clerk.post(&record, &typed).await.leads_to();
    assert_eq!(scene.count("isee_waiting"), 0);
    let page = clerk.get(&record).await.page();
    page.says("dichiarato dal genitore");
    page.says("Conta dal giorno della DSU.");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_none_is_listed_and_filtered() {
    let scene = scene();
    let clerk = scene.clerk();
    let none: i64 = scene.town.ask(
        "select count(distinct e.child_id) from enrolment e
         where e.from_date <= '2026-11-03' and coalesce(e.to_date, '9999') >= '2026-11-03'
           and e.child_id not in (select child_id from isee
                                  where valid_from <= '2026-11-03' and valid_to >= '2026-11-03')",
    );
    let page = clerk.get("/ufficio/isee").await.page();
    page.says(&format!("Senza ISEE ({none})"));
    let all: i64 = scene.town.ask(
        "select count(distinct child_id) from enrolment
         where from_date <= '2026-11-03' and coalesce(to_date, '9999') >= '2026-11-03'",
    );
    let ending = all - none;
    page.says(&format!("Scadono il 31 dicembre ({ending})"));
    let file = clerk.get("/ufficio/isee.csv?elenco=fine-anno").await.text();
    assert_eq!(file.lines().count() as i64, ending + 1, "{file}");
    assert!(file.contains("31/12/2026"));
    // Only the office.
    for stranger in ["ragioneria", "collodi"] {
        let browser = scene.town.staffs_browser(stranger);
        let answer = browser.get("/ufficio/isee").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rule_is_read_back_before_it_is_saved() {
    let scene = scene();
    let clerk = scene.clerk();
    let page = clerk
        .get("/ufficio/isee/regola?modello=lissone")
        .await
        .page();
    page.says("Nessuna regola registrata");
    assert!(page.all("textarea")[0].contains("by_day = 15"));
    // A fault names its line; nothing is saved.
    let broken = LISSONE.replace("by_day = 15", "by_day = 32");
    let line = 1 + broken[..broken.find("by_day = 32").unwrap()]
        .matches('\n')
        .count();
    let form = |source, save| {
        let mut fields = vec![
            ("_key", KEY),
            ("from_day", "2026-11-01"),
            ("source", source),
        ];
        if save {
            fields.push(("save", "1"));
        }
        fields
    };
    let answer = clerk
        .post("/ufficio/isee/regola", &form(&broken, true))
        .await;
    let page = answer.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    page.says(&format!(
        "Riga {line}: Un giorno del mese è un numero da 1 a 31."
    ));
    assert!(page.all("textarea")[0].contains("by_day = 32"));
    // Read back first, in sentences.
    let answer = clerk
        .post("/ufficio/isee/regola", &form(LISSONE, false))
        .await;
    let page = answer.page();
    page.says("Entro il giorno 15 del mese: conta dal primo giorno di quel mese.");
    page.says("Salva la regola");
    assert_eq!(scene.count("isee_policy"), 0);
    for _ in 0..2 {
        let answer = clerk
            .post("/ufficio/isee/regola", &form(LISSONE, true))
            .await;
        answer.leads_to();
    }
    assert_eq!(scene.count("isee_policy"), 1);
    let logged = "audit_entry where action = 'record-isee-policy'";
    assert_eq!(scene.count(logged), 1);
    clerk
        .get("/ufficio/isee/regola")
        .await
        .page()
        .says("ISEE per la refezione, Lissone");
    // The rule is final.
    let touched = scene
        .town
        .app
        .store
        .write(campanella::store::Urgency::Interactive, |tx| {
            Ok(tx.execute("delete from isee_policy", [])?)
        });
    assert!(touched.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn in_december_families_are_told() {
    let scene = scene();
    let now = Instant::from_rome(date(2026, 12, 1).at(7, 0, 0, 0));
    let told = isee_reminders::remind(&scene.town.app.store, now).unwrap();
    assert!(told > 0);
    assert_eq!(scene.count("isee_reminder") as usize, told);
    assert_eq!(
        isee_reminders::remind(&scene.town.app.store, now).unwrap(),
        0
    );
    let told: i64 = scene
        .town
        .ask("select payer_id from isee_reminder order by payer_id limit 1");
    let family = scene.town.citizens_browser(PersonId(told));
    let page = family.get("/area/comunicazioni").await.page();
    page.says("scade il 31 dicembre 2026");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_with_its_certificate_is_looked_at_and_refused() {
    let scene = scene();
    let (family, clerk) = (scene.family(), scene.clerk());
    let pdf: &[u8] = b"%PDF-1.7 attestazione";
    let fields = scene.declaration("1.000,00");
    let wrong = family
        .upload_with(
            "/area/isee",
            ("certificate", "isee.pdf", b"caro comune"),
            &fields,
        )
        .await;
    let page = wrong.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    page.says("isee.pdf");
    assert_eq!(scene.count("isee_document"), 0);
    let sent = family
        .upload_with("/area/isee", ("certificate", "isee.pdf", pdf), &fields)
        .await;
    assert_eq!(sent.leads_to(), "/area/isee");
    let sources: String = scene
        .town
        .ask("select source from isee order by id desc limit 1");
    assert_eq!(sources, "uploaded");
    let page = family.get("/area/isee").await.page();
    let own = page.attribute("a[href^='/area/isee/attestazioni/']", "href");
    assert_eq!(family.get(&own).await.body, pdf);

    // The office opens it beside the value; nobody else does.
    let page = clerk
        .get("/ufficio/isee?elenco=da-controllare")
        .await
        .page();
    let file = page.attribute("a[href^='/ufficio/isee/certificati/']", "href");
    assert_eq!(clerk.get(&file).await.body, pdf);
    assert_eq!(
        scene.count("audit_entry where action = 'read-isee-certificate'"),
        1
    );
    let accountant = scene.town.staffs_browser("ragioneria");
    let refused = accountant.get(&file).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    // Refused with a reason, which the family reads; the value counts no more.
    let refuse = page.attribute("a[href^='/ufficio/isee/rifiuta/']", "href");
    clerk.get(&refuse).await.page().says("1.000,00");
    let empty = clerk.post(&refuse, &[("reason", " ")]).await;
    empty.page_with(StatusCode::UNPROCESSABLE_ENTITY);
    let reason = [("reason", "All’INPS risulta un altro valore.")];
    for _ in 0..2 {
        clerk.post(&refuse, &reason).await.leads_to();
    }
    assert_eq!(scene.count("isee_withdrawal"), 1);
    assert_eq!(scene.count("isee_waiting"), 0);
    let page = family.get("/area/isee").await.page();
    page.says("non accettato");
    page.is_silent_on("Conta 1.000,00");
    let page = family.get("/area/comunicazioni").await.page();
    page.says("All’INPS risulta un altro valore.");
}

#[tokio::test(flavor = "multi_thread")]
async fn consents_wait_until_the_value_is_recorded() {
    let scene = scene_of(40);
    let clerk = scene.clerk();
    let accepted = "application a join application_state s on s.application_id = a.id
        where s.state = 'accepted' and json_extract(a.content, '$.service.isee_consent')";
    let child: i64 = scene.town.ask(&format!(
        "select a.child_id from {accepted} order by a.id limit 1"
    ));
    // What is known of this child does not count.
    let store = &scene.town.app.store;
    let emptied = store.write(campanella::store::Urgency::Interactive, move |tx| {
        let sql = "insert into isee_withdrawal
                   select i.id, 'prova', (select min(id) from staff), 0 from isee i
                   where i.child_id = ?1";
        Ok(tx.execute(sql, [child])?)
    });
    emptied.unwrap();
    let list = "/ufficio/isee?elenco=consensi";
    let code: String = scene.town.ask(&format!(
        "select fiscal_code from identity_link where person_id = {child} and current = 1"
    ));
    let number: String = scene.town.ask(&format!(
        "select a.number from {accepted} and a.child_id = {child} order by a.id desc limit 1"
    ));
    let page = clerk.get(&format!("{list}&q={code}")).await.page();
    page.says(&code);
    page.says(&number);
    let file = clerk.get("/ufficio/isee.csv?elenco=consensi").await.text();
    assert!(file.contains(&code) && file.contains(&number), "{file}");
    let form = page.attribute("td a[href$='#isee-title']", "href");
    clerk
        .get(form.trim_end_matches("#isee-title"))
        .await
        .page()
        .says("Registra l’ISEE");
    let typed = [
        ("_key", KEY),
        ("value", "9.000,00"),
        ("kind", "minorenni"),
        ("lodged_on", "2026-11-03"),
        ("valid_from", "2026-10-20"),
        ("valid_to", "2027-12-31"),
    ];
    let record = format!("{}/isee", form.trim_end_matches("#isee-title"));
    clerk.post(&record, &typed).await.leads_to();
    clerk
        .get(&format!("{list}&q={code}"))
        .await
        .page()
        .says("Nessuno in questo elenco");
}
