//! App IO's side is played by a server of our own, over HTTP: what it gets is looked at byte by byte.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use jiff::civil::date;
use serde_json::Value;

use super::*;
use crate::base::{Cents, Date, Secret};
use crate::ledger;
use crate::payments::{Share, create_shared};
use crate::refunds::Reminded;
use crate::store;
use crate::testing::{Comune, morning};

const KEY: &str = "una-chiave-di-prova";

/// A call that came: path, key, body.
type Call = (String, String, Value);

/// What it is told to answer: status and body.
type Answers = Arc<Mutex<Vec<(u16, &'static str)>>>;

/// The other side: answers what it was told to, in order, then as if all were well.
struct Io {
    base: String,
    calls: Arc<Mutex<Vec<Call>>>,
    answers: Answers,
}

impl Io {
    fn start() -> Io {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/api/v1", listener.local_addr().unwrap());
        let calls = Arc::<Mutex<Vec<Call>>>::default();
        let answers = Answers::default();
        let (heard, told) = (Arc::clone(&calls), Arc::clone(&answers));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let (mut line, mut path, mut key, mut length) =
                    (String::new(), String::new(), String::new(), 0);
                while reader.read_line(&mut line).unwrap() > 2 {
                    let lower = line.to_ascii_lowercase();
                    if let Some(rest) = line.strip_prefix("POST ") {
                        path = rest.split(' ').next().unwrap().to_owned();
                    } else if lower.starts_with("ocp-apim-subscription-key:") {
                        key = line.split_once(':').unwrap().1.trim().to_owned();
                    } else if let Some(size) = lower.strip_prefix("content-length:") {
                        length = size.trim().parse().unwrap();
                    }
                    line.clear();
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let asks = path.ends_with("/profiles");
                let body = serde_json::from_slice(&body).unwrap();
                heard.lock().unwrap().push((path, key, body));
                let usual = if asks {
                    (
                        200,
                        r#"{"sender_allowed":true,"preferred_languages":["it_IT"]}"#,
                    )
                } else {
                    (201, r#"{"id":"01EX9G7MJQ9C5T0FJY7W2QZ4AB"}"#)
                };
                let mut told = told.lock().unwrap();
                let (status, text) = if told.is_empty() {
                    usual
                } else {
                    told.remove(0)
                };
                // Status 0: the line is cut before the answer.
                if status != 0 {
                    write!(
                        stream,
                        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
                        text.len()
                    )
                    .unwrap();
                }
            }
        });
        Io {
            base,
            calls,
            answers,
        }
    }

    fn client(&self) -> Client {
        Client::new(&self.base, Secret::new(KEY).unwrap())
    }

    fn answer(&self, answers: &[(u16, &'static str)]) {
        self.answers.lock().unwrap().extend_from_slice(answers);
    }

    /// How often each of the two calls came, and the last body.
    fn heard(&self) -> (usize, usize) {
        let calls = self.calls.lock().unwrap();
        let of = |end: &str| calls.iter().filter(|call| call.0.ends_with(end)).count();
        (of("/profiles"), of("/messages"))
    }

    fn last(&self) -> Call {
        self.calls.lock().unwrap().last().unwrap().clone()
    }
}

/// A notice of a bill: Luca's meals, to be paid until the end of the year.
fn notice(comune: &Comune, cents: i64) -> NoticeId {
    let (mother, luca, meals) = (comune.mother, comune.luca, comune.meals);
    let made = comune.write(move |tx| {
        let account = ledger::family_account(tx, mother, luca, meals)?;
        let shares = [Share {
            account,
            amount: Cents(cents),
        }];
        let due: Option<Date> = Some(date(2026, 12, 31));
        let subject = "Refezione scolastica, ottobre 2026";
        create_shared(tx, mother, &shares, subject, due, morning())
    });
    made.unwrap().id
}

fn later(seconds: i64) -> Instant {
    morning().plus_millis(seconds * 1000)
}

fn waiting(comune: &Comune) -> usize {
    let kinds = ["notice-issued", "reminder-sent"];
    let far = later(1_000_000);
    let read = comune
        .store
        .read(|db| store::outbox_take(db, &kinds, far, 99));
    read.unwrap().len()
}

fn remind(comune: &Comune, day: Date) {
    let (mother, luca, meals) = (comune.mother, comune.luca, comune.meals);
    let pushed = comune.write(move |tx| {
        let account = ledger::family_account(tx, mother, luca, meals)?;
        let event = Reminded { account, day };
        store::outbox_push(tx, crate::refunds::REMINDED, &event, morning())
    });
    pushed.unwrap();
}

#[test]
fn a_notice_is_told_once_with_its_payment_and_without_the_child() {
    let (comune, io) = (Comune::new(), Io::start());
    notice(&comune, 3_790);
    for seconds in 0..3 {
        round(&comune.store, &io.client(), later(seconds)).unwrap();
    }
    assert_eq!(io.heard(), (1, 1));
    assert_eq!(waiting(&comune), 0);
    let (path, key, body) = io.last();
    assert_eq!((path.as_str(), key.as_str()), ("/api/v1/messages", KEY));
    let content = &body["content"];
    let payment = &content["payment_data"];
    assert_eq!(payment["amount"], 3_790);
    assert_eq!(payment["notice_number"].as_str().unwrap().len(), 18);
    assert_eq!(payment["invalid_after_due_date"], false);
    assert_eq!(payment["payee"]["fiscal_code"].as_str().unwrap().len(), 11);
    // The last second of the day in Rome, in winter.
    assert_eq!(content["due_date"], "2026-12-31T22:59:59.000Z");
    let (subject, markdown) = (
        content["subject"].as_str().unwrap(),
        content["markdown"].as_str().unwrap(),
    );
    assert!((10..=120).contains(&subject.chars().count()), "{subject}");
    assert!((80..=10_000).contains(&markdown.chars().count()));
    assert!(
        markdown.contains("37,90") && markdown.contains("31/12/2026"),
        "{markdown}"
    );
    let whole = body.to_string();
    assert!(
        !whole.contains("Luca") && !whole.contains("LUCA"),
        "{whole}"
    );
    fits_the_published_schema(&whole);
}

/// The schema lies outside the project: where it, or the tools to read it, are missing, that is said.
fn fits_the_published_schema(message: &str) {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = here.join("../shared/data/pagopa/io/io-functions-services-openapi.yaml");
    if !schema.exists() {
        println!("skipped: App IO's schema is not in ../shared/data/pagopa/io");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("message.json");
    std::fs::write(&file, message).unwrap();
    let python = std::env::var("NOTICE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let said = std::process::Command::new(python)
        .arg(here.join("tests/io_schema.py"))
        .args([&file, &schema])
        .output();
    match said {
        Ok(said) if said.status.success() => {}
        Ok(said) if said.status.code() == Some(1) => {
            panic!("{}", String::from_utf8_lossy(&said.stdout))
        }
        _ => println!("skipped: Python with jsonschema and pyyaml is missing (App IO's schema)"),
    }
}

#[test]
fn who_is_not_there_or_does_not_want_it_is_left_alone() {
    let (comune, io) = (Comune::new(), Io::start());
    notice(&comune, 1_000);
    io.answer(&[(404, "{}")]);
    round(&comune.store, &io.client(), morning()).unwrap();
    assert_eq!(io.heard(), (1, 0));
    notice(&comune, 1_100);
    round(&comune.store, &io.client(), later(60)).unwrap();
    assert_eq!(io.heard(), (1, 0), "it is remembered for a week");
    notice(&comune, 1_200);
    let next_week = later(8 * 24 * 3_600);
    round(&comune.store, &io.client(), next_week).unwrap();
    assert_eq!(io.heard(), (2, 1));
    notice(&comune, 1_300);
    io.answer(&[(200, r#"{"sender_allowed":false}"#)]);
    round(&comune.store, &io.client(), next_week).unwrap();
    assert_eq!(io.heard(), (3, 1));

    let (comune, io) = (Comune::new(), Io::start());
    let mother = comune.as_mother();
    comune
        .write(move |tx| switch(tx, &mother, false, morning()))
        .unwrap();
    notice(&comune, 1_000);
    round(&comune.store, &io.client(), morning()).unwrap();
    assert_eq!(io.heard(), (0, 0));
    let mother = comune.as_mother();
    comune
        .write(move |tx| switch(tx, &mother, true, morning()))
        .unwrap();
    notice(&comune, 1_100);
    round(&comune.store, &io.client(), morning()).unwrap();
    assert_eq!(io.heard(), (1, 1));
}

#[test]
fn patience_and_refusals_come_again_and_a_lost_answer_does_not() {
    let (comune, io) = (Comune::new(), Io::start());
    notice(&comune, 1_000);
    io.answer(&[(429, "{}")]);
    round(&comune.store, &io.client(), morning()).unwrap();
    assert_eq!(waiting(&comune), 1);
    round(&comune.store, &io.client(), later(1)).unwrap();
    assert_eq!(io.heard(), (1, 0), "not before its time");
    io.answer(&[(200, r#"{"sender_allowed":true}"#), (500, "oh")]);
    round(&comune.store, &io.client(), later(3)).unwrap();
    assert_eq!(io.heard(), (2, 1));
    io.answer(&[
        (200, r#"{"sender_allowed":true}"#),
        (403, "{\"title\":\"no\"}"),
    ]);
    round(&comune.store, &io.client(), later(60)).unwrap();
    let failures = comune
        .store
        .read(|db| store::outbox_failures(db, 9))
        .unwrap();
    assert!(failures[0].last_error.contains("403"), "{failures:?}");
    assert!(!failures[0].last_error.contains(KEY));
    round(&comune.store, &io.client(), later(9_000)).unwrap();
    assert_eq!(waiting(&comune), 0);
    assert_eq!(io.heard(), (4, 3));

    // The message went out and no answer came: nobody is told twice.
    notice(&comune, 1_100);
    io.answer(&[(200, r#"{"sender_allowed":true}"#), (0, "")]);
    for seconds in [0, 10_000, 20_000] {
        round(&comune.store, &io.client(), later(10_000 + seconds)).unwrap();
    }
    assert_eq!(io.heard(), (5, 4));
    assert_eq!(waiting(&comune), 0);
}

#[test]
fn a_reminder_is_one_message_for_each_day_and_notice() {
    let (comune, io) = (Comune::new(), Io::start());
    notice(&comune, 2_500);
    round(&comune.store, &io.client(), morning()).unwrap();
    for day in [date(2027, 1, 8), date(2027, 1, 8), date(2027, 2, 8)] {
        remind(&comune, day);
        round(&comune.store, &io.client(), later(60)).unwrap();
    }
    assert_eq!(io.heard().1, 3, "the notice, and two days of reminders");
    let subject = io.last().2["content"]["subject"].clone();
    assert!(subject.as_str().unwrap().starts_with("Promemoria"));
}

#[test]
fn nothing_that_waited_is_told_on_the_day_on_which_it_is_switched_on() {
    let (comune, io) = (Comune::new(), Io::start());
    notice(&comune, 2_500);
    forget_waiting(&comune.store, morning()).unwrap();
    round(&comune.store, &io.client(), later(60)).unwrap();
    assert_eq!(io.heard(), (0, 0));
}

#[test]
fn a_server_that_is_not_there_is_tried_again() {
    let comune = Comune::new();
    notice(&comune, 2_500);
    let client = Client::new("http://127.0.0.1:9", Secret::new(KEY).unwrap());
    round(&comune.store, &client, morning()).unwrap();
    assert_eq!(waiting(&comune), 1);
}
