//! The partner's files: positions go out once, numbers and receipts come in, what is bad is told line by
//! line, and nothing is lost or counted twice.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

mod support;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use campanella::app::App;
use campanella::base::{AccountId, Cents, PersonId};
use campanella::payments::notices::{self, Notice};
use campanella::payments::{NoticeNumber, Share, create_shared};
use campanella::processes::{checks, partner};
use campanella::store::Urgency;
use jiff::civil::date;
use poem::http::StatusCode;
use support::{Browser, Town};

/// Numbers of a segregation code that is not ours, with their check digits.
fn number(base: u64) -> NoticeNumber {
    let first = format!("347{base:013}");
    let check = first.parse::<u64>().unwrap() % 93;
    NoticeNumber::parse(&format!("{first}{check:02}")).unwrap()
}

struct Scene {
    town: Town,
    accountant: Browser,
    payer: i64,
    account: i64,
}

/// A comune with a partner; `config` stands below `[pagopa.partner]`.
fn scene(config: &str) -> Scene {
    let mut town = Town::with_families(4);
    let text = format!("[pagopa]\ngateway = \"partner\"\n[pagopa.partner]\n{config}");
    let file = town.folder.path().join("data/campanella.toml");
    fs::write(file, text).unwrap();
    town.app = town.at(support::morning());
    Scene {
        payer: town.ask("select payer_id from account where kind = 'family' order by id limit 1"),
        account: town.ask("select id from account where kind = 'family' order by id limit 1"),
        accountant: town.staffs_browser("ragioneria"),
        town,
    }
}

impl Scene {
    fn app(&self) -> &Arc<App> {
        &self.town.app
    }

    fn notice(&self, cents: i64) -> Notice {
        let (payer, account, now) = (self.payer, self.account, self.app().now());
        let made = self.app().store.write(Urgency::Interactive, move |tx| {
            let share = Share {
                account: AccountId(account),
                amount: Cents(cents),
            };
            let due = Some(date(2026, 11, 30));
            create_shared(tx, PersonId(payer), &[share], "Mensa - saldo", due, now)
        });
        made.unwrap()
    }

    fn withdraw(&self, notice: &Notice) {
        let (id, now) = (notice.id, self.app().now());
        let done = self.app().store.write(Urgency::Interactive, move |tx| {
            notices::withdraw(tx, id, now)
        });
        done.unwrap();
    }

    fn again(&self, notice: &Notice) -> Notice {
        let id = notice.id;
        self.app().store.read(|db| notices::notice(db, id)).unwrap()
    }

    /// The file that goes out now, as the accountant makes it.
    async fn file(&self) -> (String, String) {
        let made = self
            .accountant
            .post("/ufficio/partner/posizioni", &[])
            .await;
        let place = made.leads_to();
        let file = self.accountant.get(&format!("{place}/scarica")).await;
        assert_eq!(file.status, StatusCode::OK);
        (place, file.text())
    }

    /// Uploads a file, looks at it, confirms it: the page before and after.
    async fn bring(&self, name: &str, text: &str) -> (String, String) {
        let sent = self
            .accountant
            .upload("/ufficio/partner/file", name, text.as_bytes(), &[])
            .await;
        let place = sent.leads_to();
        let before = self.accountant.get(&place).await.page().0;
        let done = self
            .accountant
            .post(&format!("{place}/registra"), &[])
            .await;
        let after = self.accountant.get(&done.leads_to()).await.page().0;
        (before, after)
    }

    fn credited(&self, notice: &Notice) -> (i64, i64) {
        let sql = format!(
            "select count(*) || ' ' || coalesce(sum(e.amount), 0) from receipt r
             join ledger_entry e on e.cause = 'receipt' and e.cause_id = r.id where r.notice_id = {}",
            notice.id.0
        );
        let text: String = self.town.ask(&sql);
        let (count, sum) = text.split_once(' ').unwrap();
        (count.parse().unwrap(), sum.parse().unwrap())
    }

    fn in_suspense(&self) -> i64 {
        self.town
            .ask("select count(*) from receipt where outcome = 'suspense' and source = 'gateway'")
    }

    fn holds(&self) {
        for finding in checks::check(self.app()).unwrap() {
            assert!(finding.ok, "{}: {}", finding.check, finding.detail);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_partner_there_are_no_such_pages() {
    let town = Town::with_families(1);
    let accountant = town.staffs_browser("ragioneria");
    for page in ["/ufficio/partner", "/ufficio/partner/posizioni"] {
        assert_eq!(accountant.get(page).await.status, StatusCode::NOT_FOUND);
    }
    assert!(
        !accountant
            .get("/ufficio/pagamenti")
            .await
            .page()
            .0
            .contains("/ufficio/partner")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_goes_out_once_and_once_more_when_it_is_taken_back() {
    let scene = scene(
        "[pagopa.partner.positions]\namounts = \"1234,50\"\ndates = \"dd/mm/yyyy\"\n\
         order = [\"operazione\", \"posizione\", \"numero_avviso\", \"importo\", \"scadenza\", \"lotto\"]\n\
         columns = { importo = \"IMPORTO\", numero_avviso = \"AVVISO\" }\nconstants = { TIPO = \"F\" }",
    );
    let (one, two, three) = (scene.notice(4250), scene.notice(123_456), scene.notice(100));
    scene.withdraw(&three);
    let page = scene
        .accountant
        .get("/ufficio/partner/posizioni")
        .await
        .page();
    page.says("2 righe");
    page.says("1.277,06");
    let (place, file) = scene.file().await;
    let lines: Vec<&str> = file.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(
        lines,
        [
            "\"operazione\";\"posizione\";\"AVVISO\";\"IMPORTO\";\"scadenza\";\"lotto\";\"TIPO\""
                .to_owned(),
            format!(
                "\"nuova\";\"{}\";\"{}\";\"42,50\";\"30/11/2026\";\"1\";\"F\"",
                one.public_id, one.notice_number
            ),
            format!(
                "\"nuova\";\"{}\";\"{}\";\"1234,56\";\"30/11/2026\";\"1\";\"F\"",
                two.public_id, two.notice_number
            ),
        ]
    );
    scene.accountant.get(&place).await.page().says("inviato");
    // Nothing is new; the file can be had again, the same to the byte.
    assert_eq!(
        scene
            .accountant
            .post("/ufficio/partner/posizioni", &[])
            .await
            .leads_to(),
        "/ufficio/partner"
    );
    let again = scene.accountant.get(&format!("{place}/scarica")).await;
    assert_eq!(again.text(), file);
    scene.withdraw(&one);
    let (_, file) = scene.file().await;
    let lines: Vec<&str> = file.lines().skip(1).collect();
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].starts_with(&format!("\"annullata\";\"{}\"", one.public_id)),
        "{file}"
    );
    assert!(lines[0].contains("\"2\""), "{file}");
    let readings: i64 = scene
        .town
        .ask("select count(*) from audit_entry where action = 'partner-file-read'");
    assert_eq!(readings, 3);
    scene.holds();
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_partner_numbers_a_position_waits_and_is_known_by_that_number_only() {
    let scene = scene("numbers = \"partner\"\nevery_minutes = 0");
    partner::tick(scene.app()).unwrap();
    let one = scene.notice(4250);
    assert!(one.awaits_number);
    let parent = scene.town.citizens_browser(PersonId(scene.payer));
    let place = format!("/area/pagamenti/avvisi/{}", one.public_id);
    let page = parent.get(&place).await.page().0;
    assert!(
        page.contains("in arrivo") && !page.contains("avviso.pdf"),
        "{page}"
    );
    assert!(!page.contains(&one.notice_number.grouped()), "{page}");
    for file in ["avviso.pdf", "qr.svg"] {
        let refused = parent.get(&format!("{place}/{file}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let (_, file) = scene.file().await;
    assert!(file.contains(one.public_id.as_str()), "{file}");
    assert!(
        !file.contains(one.notice_number.as_str()),
        "our own number stays here: {file}"
    );
    // A receipt that names our own number means somebody else's notice.
    let own = format!(
        "numero_avviso;importo;data;id_ricevuta\n{};42,50;03/11/2026;R-own\n",
        one.notice_number
    );
    scene.bring("ricevute.csv", &own).await;
    assert_eq!(scene.credited(&one), (0, 0));
    assert_eq!(scene.in_suspense(), 1);

    let (theirs, other) = (number(1), number(2));
    let mistyped = theirs.as_str().replacen("347", "348", 1);
    let two = scene.notice(1000);
    let file = format!(
        "posizione;numero_avviso;importo\n{0};{mistyped};42,50\n{0};{theirs};42,51\n\
         {0};{theirs};42,50\n{0};{theirs};42,50\n{0};{other};42,50\n{1};{theirs};10,00\n\
         00000000000000000000000000;{other};1\n",
        one.public_id, two.public_id
    );
    let (before, after) = scene.bring("avvisi.csv", &file).await;
    for page in [&before, &after] {
        for words in [
            "errore di battitura",
            "diverso da quello della posizione, 42,50",
            "non si cambia",
            "già di un’altra posizione",
            "Non c’è una posizione",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
    }
    assert!(before.contains("Non è ancora registrato"), "{before}");
    let numbered = scene.again(&one);
    assert_eq!(
        (numbered.notice_number, numbered.awaits_number),
        (theirs, false)
    );
    assert!(scene.again(&two).awaits_number);
    let page = parent.get(&place).await.page().0;
    assert!(page.contains(&theirs.grouped()), "{page}");
    let pdf = parent.get(&format!("{place}/avviso.pdf")).await;
    assert!(pdf.body.starts_with(b"%PDF"));
    let paid =
        format!("numero_avviso;importo;data;id_ricevuta\n{theirs};42,50;03/11/2026;R-theirs\n");
    scene.bring("ricevute2.csv", &paid).await;
    assert_eq!(scene.credited(&one), (1, 4250));
    // It is kept: nobody renumbers a notice.
    let touched = scene.app().store.write(Urgency::Interactive, |tx| {
        tx.execute(
            "update partner_number set number = '001340105455507221'",
            [],
        )?;
        Ok(())
    });
    assert!(touched.is_err());
    scene.holds();
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_are_credited_once_and_a_bad_line_holds_up_nobody() {
    let scene = scene(
        "[pagopa.partner.receipts]\n\
         columns = { numero_avviso = \"AVVISO\", importo = \"EURO\", data = \"PAGATO IL\", id_ricevuta = \"IUR\", mezzo = \"CANALE\" }\n\
         values.mezzo = { CC = \"carta\" }",
    );
    let (one, two) = (scene.notice(4250), scene.notice(1000));
    let head = "AVVISO;EURO;PAGATO IL;IUR;CANALE\n";
    let good = format!("{};42,50;02/11/2026;R1;CC\n", one.notice_number);
    let bad = format!(
        "{0};zero;02/11/2026;R2;\n{0};10,00;04/11/2026;R3;\n123;10,00;02/11/2026;R4;\n{0};10,00;02/11/2026;;\n",
        two.notice_number
    );
    let (before, after) = scene.bring("rt.csv", &format!("{head}{bad}{good}")).await;
    for page in [&before, &after] {
        assert!(page.contains("data-label=\"Riga\">2<"), "{page}");
        assert!(page.contains("data-label=\"Riga\">5<"), "{page}");
    }
    assert_eq!(scene.credited(&one), (1, 4250));
    assert_eq!(scene.credited(&two), (0, 0));
    let kept: i64 = scene.town.ask(
        "select count(*) from receipt where receipt_key = 'R1' and means = 'carta' and traceable = 'yes'",
    );
    assert_eq!(kept, 1);
    // Mended and sent whole again: what was taken is known.
    let mended = format!("{head}{};10,00;02/11/2026;R2;\n{good}", two.notice_number);
    let (_, after) = scene.bring("rt.csv", &mended).await;
    assert!(after.contains("registrato"), "{after}");
    assert_eq!(
        (scene.credited(&one), scene.credited(&two)),
        ((1, 4250), (1, 1000))
    );
    // The very same file: nothing happens.
    let again = scene
        .accountant
        .upload("/ufficio/partner/file", "copia.csv", mended.as_bytes(), &[])
        .await;
    let page = scene.accountant.get(&again.leads_to()).await.page();
    page.says("già stato registrato");
    // A second receipt for a paid notice, and one for a number that nobody knows: both wait.
    let more = format!(
        "{head}{};42,50;02/11/2026;R5;\n{};7,00;02/11/2026;R6;\n",
        one.notice_number,
        number(9)
    );
    scene.bring("altre.csv", &more).await;
    assert_eq!(scene.credited(&one), (1, 4250));
    assert_eq!(scene.in_suspense(), 2);
    // What is no such file is refused; what was only looked at can be thrown away.
    let upload = |name: &'static str, text: &'static str| {
        scene
            .accountant
            .upload("/ufficio/partner/file", name, text.as_bytes(), &[])
    };
    for text in ["a;b\n1;2\n", "<a/>", "", "<!DOCTYPE a []><receipt/>"] {
        let refused = upload("strano.csv", text).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{text}");
    }
    let place = upload(
        "prova.csv",
        "AVVISO;EURO;PAGATO IL;IUR;CANALE\n1;1;02/11/2026;R7;\n",
    )
    .await
    .leads_to();
    scene
        .accountant
        .post(&format!("{place}/scarta"), &[])
        .await
        .leads_to();
    assert_eq!(
        scene.accountant.get(&place).await.status,
        StatusCode::NOT_FOUND
    );
    scene.holds();
}

/// A telematic receipt as pagoPA makes it.
fn rt(key: &str, number: &NoticeNumber, amount: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><p:paSendRTV2Request xmlns:p=\"http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd\">\
         <receipt><receiptId>{key}</receiptId><noticeNumber>{number}</noticeNumber>\
         <fiscalCode>01199250158</fiscalCode><outcome>OK</outcome><paymentAmount>{amount}</paymentAmount>\
         <PSPCompanyName>Banca</PSPCompanyName><paymentMethod>creditCard</paymentMethod>\
         <paymentDateTime>2026-11-02T09:30:00</paymentDateTime></receipt></p:paSendRTV2Request>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn telematic_receipts_come_alone_or_in_an_archive() {
    use std::io::Write;
    let scene = scene("");
    let (one, two) = (scene.notice(4250), scene.notice(1000));
    scene
        .bring("rt.xml", &rt("R1", &one.notice_number, "42.50"))
        .await;
    assert_eq!(scene.credited(&one), (1, 4250));
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.add_directory("novembre", options).unwrap();
    for (name, text) in [
        ("novembre/1.xml", rt("R1", &one.notice_number, "42.50")),
        ("novembre/2.xml", rt("R2", &two.notice_number, "10.00")),
        ("leggimi.txt", "ciao".to_owned()),
        ("bomba.xml", format!("<a>{}</a>", "x".repeat(3_000_000))),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    let take = |bytes: Vec<u8>| {
        let accountant = &scene.accountant;
        async move {
            accountant
                .upload("/ufficio/partner/file", "rt.zip", &bytes, &[])
                .await
        }
    };
    let place = take(bytes.clone()).await.leads_to();
    let page = scene.accountant.get(&place).await.page().0;
    assert!(
        page.contains("leggimi.txt") && page.contains("bomba.xml"),
        "{page}"
    );
    assert_eq!(scene.credited(&two), (0, 0), "only looked at");
    scene
        .accountant
        .post(&format!("{place}/registra"), &[])
        .await
        .leads_to();
    assert_eq!(
        (scene.credited(&one), scene.credited(&two)),
        ((1, 4250), (1, 1000))
    );
    // Half an archive, and a spreadsheet, which is an archive too.
    assert_eq!(
        take(bytes[..bytes.len() / 2].to_vec()).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let mut book = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    book.start_file("[Content_Types].xml", options).unwrap();
    let book = book.finish().unwrap().into_inner();
    assert_eq!(take(book).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    scene.holds();
}

#[test]
fn two_folders_do_it_without_anybody() {
    let folders = tempfile::tempdir().unwrap();
    let (out, incoming) = (folders.path().join("out"), folders.path().join("in"));
    fs::create_dir(&incoming).unwrap();
    let scene = scene(&format!(
        "out = {out:?}\nin = {incoming:?}\nevery_minutes = 0\n[pagopa.partner.positions]\nformat = \"json\""
    ));
    let names = |folder: &PathBuf| {
        let mut names: Vec<String> = fs::read_dir(folder)
            .map(|all| {
                all.flatten()
                    .map(|e| e.file_name().into_string().unwrap())
                    .collect()
            })
            .unwrap_or_default();
        names.sort();
        names
    };
    let notice = scene.notice(4250);
    // The folder is not there yet: the file waits, and is written when it is.
    partner::tick(scene.app()).unwrap();
    fs::create_dir(&out).unwrap();
    partner::tick(scene.app()).unwrap();
    partner::tick(scene.app()).unwrap();
    assert_eq!(names(&out), ["posizioni-20261103-00001.json"]);
    let file = fs::read_to_string(out.join("posizioni-20261103-00001.json")).unwrap();
    let rows: serde_json::Value = serde_json::from_str(&file).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["numero_avviso"], notice.notice_number.as_str());
    assert_eq!(rows[0]["importo"], "42.50");

    let line = format!("{};42,50;02/11/2026;R1\n", notice.notice_number);
    let head = "numero_avviso;importo;data;id_ricevuta\n";
    let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_790_000_000);
    let put = |name: &str, text: String| {
        let path = incoming.join(name);
        fs::write(&path, text).unwrap();
        fs::File::options()
            .append(true)
            .open(path)
            .unwrap()
            .set_modified(old)
            .unwrap();
    };
    put("ricevute.csv", format!("{head}{line}"));
    put("rotte.csv", format!("{head}{line}123;1;02/11/2026;R2\n"));
    put("ignoto.csv", "a;b\n".to_owned());
    put("a-meta.csv.part", head.to_owned());
    partner::tick(scene.app()).unwrap();
    assert_eq!(
        names(&incoming),
        ["a-meta.csv.part", "da-controllare", "elaborati"]
    );
    assert_eq!(
        names(&incoming.join("elaborati")),
        ["ricevute.csv", "ricevute.csv.esito.csv"]
    );
    assert_eq!(
        names(&incoming.join("da-controllare")),
        [
            "ignoto.csv",
            "ignoto.csv.esito.csv",
            "rotte.csv",
            "rotte.csv.esito.csv"
        ]
    );
    let report = fs::read_to_string(incoming.join("da-controllare/rotte.csv.esito.csv")).unwrap();
    assert!(
        report.contains("già note: 1") && report.contains("\"3\";\"numero_avviso\""),
        "{report}"
    );
    assert_eq!(scene.credited(&notice), (1, 4250));
    // The same name again does not write over what was put aside.
    put("ricevute.csv", format!("{head}{line}\n"));
    partner::tick(scene.app()).unwrap();
    assert_eq!(names(&incoming.join("elaborati")).len(), 4);
    assert_eq!(scene.credited(&notice), (1, 4250));
    scene.holds();
}
