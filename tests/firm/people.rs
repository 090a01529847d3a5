//! What parents, teachers and clerks do, as far as the server lets them.

use fastrand::Rng;

use super::acknowledged::Ack;
use super::browser::{Answer, Browser, Cut, all_between, between};

/// What an answer to these fields acknowledges.
type Meaning = fn(&Answer, &[(String, String)]) -> Vec<Ack>;

/// A form that was sent and not answered; it is sent again, as a parent would, with the same key.
#[derive(Clone)]
pub struct Pending {
    pub path: String,
    pub fields: Vec<(String, String)>,
    /// What a good answer acknowledges.
    pub means: Meaning,
}

/// Somebody before a browser.
pub struct Somebody {
    pub browser: Browser,
    /// A parent's public id; a member of staff's user name.
    pub who: String,
    pub rng: Rng,
    pub acks: Vec<Ack>,
    pub pending: Option<Pending>,
    /// Answers that refused (a day that is past, a form that was sent): no fault, nothing written.
    pub refused: usize,
}

fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    let found = fields.iter().find(|(n, _)| n == name);
    found.map_or("", |(_, value)| value)
}

impl Somebody {
    /// Sends a form that counts once, and keeps it until it is answered.
    fn send(&mut self, pending: Pending) -> Result<Option<Answer>, Cut> {
        let fields: Vec<(&str, &str)> = pending
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let answer = self.browser.post(&pending.path, &fields);
        let answer = match answer {
            Ok(answer) => answer,
            Err(cut) => {
                self.pending = Some(pending);
                return Err(cut);
            }
        };
        if answer.status != 303 {
            assert!(
                answer.status < 500,
                "{}: {}\n{}",
                pending.path,
                answer.status,
                answer.body
            );
            self.refused += 1;
            return Ok(None);
        }
        self.acks.extend((pending.means)(&answer, &pending.fields));
        Ok(Some(answer))
    }

    pub fn send_again(&mut self, pending: Pending) -> Result<(), Cut> {
        self.send(pending).map(|_| ())
    }

    pub fn enter(&mut self) -> Result<(), Cut> {
        let who = self.who.clone();
        let entered = self.browser.enter(&who)?;
        assert_eq!(entered.location, "/area", "{}", entered.body);
        Ok(())
    }

    pub fn enter_staff(&mut self) -> Result<(), Cut> {
        let who = self.who.clone();
        let entered = self.browser.enter_staff(&who)?;
        assert_eq!(entered.status, 303, "{}", entered.body);
        Ok(())
    }

    /// One thing that a parent does.
    pub fn parent_acts(&mut self, unique: &str) -> Result<(), Cut> {
        match self.rng.u8(0..10) {
            0..3 => self.cancel_a_meal(),
            3..5 => self.write_a_message(unique),
            5..8 => self.pay(),
            8 => self.take_the_attestation(),
            _ => self.apply(),
        }
    }

    pub fn cancel_a_meal(&mut self) -> Result<(), Cut> {
        let page = self.browser.get("/area/disdici")?;
        let days = page.values("day");
        let (Some(day), Some(key)) = (self.rng.choice(days), page.hidden("_key")) else {
            return Ok(());
        };
        self.send(Pending {
            path: "/area/disdici".to_owned(),
            fields: vec![("day".to_owned(), day), ("_key".to_owned(), key)],
            means: |answer, fields| {
                let numbers = answer.location.rsplit('=').next().unwrap_or("");
                let (enrolment, day) = field(fields, "day").split_once(':').unwrap();
                vec![Ack::Cancellation {
                    number: numbers.to_owned(),
                    enrolment: enrolment.to_owned(),
                    day: day.to_owned(),
                }]
            },
        })?;
        Ok(())
    }

    pub fn write_a_message(&mut self, unique: &str) -> Result<(), Cut> {
        let page = self.browser.get("/area/comunicazioni")?;
        let Some(key) = page.hidden("_key") else {
            return Ok(());
        };
        let body = format!("Domanda {unique}");
        self.send(Pending {
            path: "/area/comunicazioni".to_owned(),
            fields: vec![("body".to_owned(), body), ("_key".to_owned(), key)],
            means: |_, fields| vec![Ack::Message(field(fields, "body").to_owned())],
        })?;
        Ok(())
    }

    pub fn pay(&mut self) -> Result<(), Cut> {
        let page = self.browser.get("/area/pagamenti/nuovo")?;
        let rows = all_between(&page.body, "name=\"pick-", "\"");
        let (Some(row), Some(key)) = (self.rng.choice(rows), page.hidden("_key")) else {
            return Ok(());
        };
        let amount = format!("{},{:02}", self.rng.u8(50..90), self.rng.u8(0..100));
        let made = self.send(Pending {
            path: "/area/pagamenti/nuovo".to_owned(),
            fields: vec![
                (format!("pick-{row}"), "1".to_owned()),
                (format!("amount-{row}"), amount),
                ("_key".to_owned(), key),
            ],
            means: |answer, _| {
                let id = answer.location.rsplit('/').next().unwrap_or("");
                vec![Ack::Notice(id.to_owned())]
            },
        })?;
        let Some(made) = made else { return Ok(()) };
        let notice = made.location.rsplit('/').next().unwrap_or("").to_owned();
        let checkout = self
            .browser
            .post("/area/pagamenti/paga", &[("notice", &notice)])?;
        assert!(checkout.status < 500, "{}", checkout.body);
        if !checkout.location.starts_with("/demo/pagamento/") {
            self.refused += 1;
            return Ok(());
        }
        let later = self.rng.u8(0..5) == 0;
        let action = if later { "later" } else { "pay" };
        let paid = self
            .browser
            .post(&checkout.location, &[("action", action)])?;
        assert_eq!(paid.status, 303, "{}", paid.body);
        self.acks.push(Ack::Paid(notice.clone()));
        let outcome = self.browser.get(&paid.location)?;
        if outcome.body.contains("Pagamento ricevuto") {
            self.acks.push(Ack::Credited(notice));
        }
        Ok(())
    }

    fn take_the_attestation(&mut self) -> Result<(), Cut> {
        let page = self.browser.get("/area/attestazioni")?;
        let years = page.values("year");
        let Some(year) = self.rng.choice(years) else {
            return Ok(());
        };
        let answer = self
            .browser
            .post("/area/attestazioni", &[("year", &year)])?;
        assert!(answer.status < 500, "{}", answer.body);
        if answer.status == 303 {
            let person = self.who.clone();
            self.acks.push(Ack::Attestation { person, year });
        }
        Ok(())
    }

    /// The six steps; the first call that is open, the first child of the household.
    pub fn apply(&mut self) -> Result<(), Cut> {
        let calls = self.browser.get("/area/domande/nuova")?;
        let begins = all_between(&calls.body, "href=\"", "\"");
        let Some(begin) = begins.into_iter().find(|link| link.ends_with("/domanda")) else {
            return Ok(());
        };
        let Some(key) = self.browser.get(begin)?.hidden("_key") else {
            return Ok(());
        };
        let started = self
            .browser
            .post(begin, &[("privacy", "1"), ("_key", &key)])?;
        let Some(draft) = started
            .location
            .strip_suffix("/richiedente")
            .map(str::to_owned)
        else {
            return Ok(());
        };
        for step in [
            "richiedente",
            "alunno",
            "dati",
            "dichiarazioni",
            "documenti",
        ] {
            let path = format!("{draft}/{step}");
            let page = self.browser.get(&path)?;
            let revision = page.hidden("revision").unwrap_or_default();
            let children = page.values("child");
            let child = self.rng.choice(children).unwrap_or_default();
            let class = between(&page.body, "<optgroup", "</optgroup>").unwrap_or("");
            let class = between(class, "<option value=\"", "\"")
                .unwrap_or("")
                .to_owned();
            let fields = [
                ("revision", revision.as_str()),
                ("title", "parent"),
                ("child", &child),
                ("class", &class),
                ("diet", "-"),
                ("privacy", "1"),
                ("conditions", "1"),
            ];
            let next = self.browser.post(&path, &fields)?;
            if next.status != 303 {
                assert!(next.status < 500, "{path}: {}", next.body);
                self.refused += 1;
                return Ok(());
            }
        }
        let path = format!("{draft}/invio");
        let page = self.browser.get(&path)?;
        let (Some(key), Some(revision)) = (page.hidden("_key"), page.hidden("revision")) else {
            return Ok(());
        };
        let sent = self.send(Pending {
            path,
            fields: vec![("_key".to_owned(), key), ("revision".to_owned(), revision)],
            means: |answer, _| {
                let id = between(&answer.location, "/inviata/", "/conferma");
                id.map(|id| Ack::Application(id.to_owned()))
                    .into_iter()
                    .collect()
            },
        })?;
        if let Some(sent) = sent {
            let shown = self.browser.get(&sent.location)?;
            let id = between(&sent.location, "/inviata/", "/conferma").unwrap_or("");
            if let Some(number) = between(&shown.body, "D-20", "<") {
                let number = format!("D-20{}", number.trim());
                self.acks
                    .push(Ack::ApplicationNumber(id.to_owned(), number));
            }
        }
        Ok(())
    }

    /// A teacher opens a class and saves its register.
    pub fn save_a_register(&mut self) -> Result<(), Cut> {
        let list = self.browser.get("/scuola")?;
        let links = all_between(&list.body, "href=\"/scuola/registro/", "\"");
        let Some(link) = self.rng.choice(links) else {
            return Ok(());
        };
        let path = format!("/scuola/registro/{link}");
        let page = self.browser.get(&path)?;
        if !page.body.contains("register-bar") {
            return Ok(());
        }
        let Some(hidden) = ["_key", "version", "day"]
            .map(|name| page.hidden(name).map(|value| (name.to_owned(), value)))
            .into_iter()
            .collect::<Option<Vec<_>>>()
        else {
            return Ok(());
        };
        let mut present = page.values("present");
        present.retain(|_| self.rng.u8(0..8) > 0);
        present.sort_unstable();
        let named = |name: &'static str| move |value: String| (name.to_owned(), value);
        let shown = page.values("shown").into_iter().map(named("shown"));
        let present = present.into_iter().map(named("present"));
        self.send(Pending {
            path: path.split('?').next().unwrap_or("").to_owned(),
            fields: hidden.into_iter().chain(shown).chain(present).collect(),
            means: |answer, fields| {
                let place = answer.location.trim_start_matches("/scuola/registro/");
                let mut ids = place.split(['/', '?']).map(str::to_owned);
                let present = fields.iter().filter(|(name, _)| name == "present");
                vec![Ack::Register {
                    class: ids.next().unwrap(),
                    service: ids.next().unwrap(),
                    day: field(fields, "day").to_owned(),
                    present: present.map(|(_, id)| id.clone()).collect(),
                }]
            },
        })?;
        Ok(())
    }

    /// A clerk closes the oldest day that waits and looks on until it is closed.
    pub fn close_a_day(&mut self) -> Result<(), Cut> {
        let list = self.browser.get("/ufficio/giornate")?;
        let links = all_between(&list.body, "href=\"/ufficio/giornate/", "\"");
        let Some(link) = self.rng.choice(links) else {
            return Ok(());
        };
        let path = format!("/ufficio/giornate/{link}");
        let Some(key) = self.browser.get(&path)?.hidden("_key") else {
            return Ok(());
        };
        let sent = self.send(Pending {
            path,
            fields: vec![("_key".to_owned(), key)],
            means: |answer, _| {
                let id = answer.location.rsplit('/').next().unwrap_or("");
                vec![Ack::Job(id.to_owned())]
            },
        })?;
        let Some(sent) = sent else { return Ok(()) };
        for _ in 0..100 {
            let page = self.browser.get(&sent.location)?;
            if page.body.contains("La giornata è chiusa") {
                let id = sent.location.rsplit('/').next().unwrap_or("").to_owned();
                self.acks.push(Ack::JobDone(id));
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Ok(())
    }
}
