//! What a client was told is done, and the proof that it is.

use std::collections::BTreeMap;

use rusqlite::{Connection, Params};

/// An acknowledged write.
#[derive(Clone, Debug)]
pub enum Ack {
    /// The receipt number of a cancelled meal.
    Cancellation {
        number: String,
        enrolment: String,
        day: String,
    },
    /// A message's text, which is unique.
    Message(String),
    /// An application, by its id in the address.
    Application(String),
    /// The number that its page showed.
    ApplicationNumber(String, String),
    /// A payment notice.
    Notice(String),
    /// Paid on the payment platform; the credit may follow.
    Paid(String),
    /// The page said that the money is on the account.
    Credited(String),
    /// A year's attestation.
    Attestation { person: String, year: String },
    /// A register as it was sent; the ids are sorted.
    Register {
        class: String,
        service: String,
        day: String,
        present: Vec<String>,
    },
    /// Work that was accepted: it ends, now or after a restart.
    Job(String),
    /// A day that was shown as closed.
    JobDone(String),
    /// `campanella attest` said that it is done, with so many files.
    AttestCommand(i64),
}

impl Ack {
    pub fn kind(&self) -> &'static str {
        match self {
            Ack::Cancellation { .. } => "meal cancellations",
            Ack::Message(_) => "messages",
            Ack::Application(_) => "applications",
            Ack::ApplicationNumber(..) => "application numbers",
            Ack::Notice(_) => "payment notices",
            Ack::Paid(_) => "payments",
            Ack::Credited(_) => "credits shown",
            Ack::Attestation { .. } => "attestations",
            Ack::Register { .. } => "registers",
            Ack::Job(_) => "day closings accepted",
            Ack::JobDone(_) => "days shown as closed",
            Ack::AttestCommand(_) => "attest commands",
        }
    }

    /// Whether it is on disk, exactly once.
    pub fn stands(&self, db: &Connection) -> bool {
        match self {
            Ack::Cancellation { number, enrolment, day } => one(
                db,
                "select count(*) from cancellation c join enrolment e on e.id = c.enrolment_id
                 where c.receipt_number = ?1 and e.public_id = ?2 and c.day = ?3",
                (number, enrolment, day),
            ),
            Ack::Message(body) => one(db, "select count(*) from message where body = ?1", [body]),
            Ack::Application(id) => one(
                db,
                "select count(*) from application a join application_state s on s.application_id = a.id
                 where a.public_id = ?1",
                [id],
            ),
            Ack::ApplicationNumber(id, number) => one(
                db,
                "select count(*) from application where public_id = ?1 and number = ?2",
                (id, number),
            ),
            Ack::Notice(id) => one(db, "select count(*) from payment_notice where public_id = ?1", [id]),
            Ack::Paid(id) => one(
                db,
                "select count(*) from payment_notice n join sandbox_position p
                   on p.notice_number = n.notice_number
                 where n.public_id = ?1 and p.state = 'PAID'",
                [id],
            ),
            Ack::Credited(id) => one(db, CREDITED_ONCE, [id]),
            Ack::Attestation { person, year } => {
                count(
                    db,
                    "select count(*) from attestation a join person p on p.id = a.payer_id
                       join document_content d on d.document_id = a.document_id
                     where p.public_id = ?1 and a.year = ?2",
                    (person, year),
                ) >= 1
            }
            Ack::Register { class, service, day, present } => {
                count(
                    db,
                    "select count(*) from register r
                       join school_class c on c.id = r.class_id join service s on s.id = r.service_id
                     where c.public_id = ?1 and s.public_id = ?2 and r.day = ?3 and ?4 = (
                       select coalesce(group_concat(id, ' '), '') from (
                         select e.public_id as id from register_mark m
                         join enrolment e on e.id = m.enrolment_id
                         where m.register_id = r.id and m.present = 1 order by e.public_id))",
                    (class, service, day, present.join(" ")),
                ) >= 1
            }
            Ack::Job(id) => one(db, "select count(*) from job where public_id = ?1", [id]),
            Ack::JobDone(id) => one(
                db,
                "select count(*) from job j join day_closing d on d.job_id = j.id
                 where j.public_id = ?1 and j.state = 'done'",
                [id],
            ),
            Ack::AttestCommand(files) => {
                count(db, "select count(distinct number) from attestation where year = 2026", []) >= *files
            }
        }
    }
}

/// One receipt and one ledger entry over the notice's amount.
pub const CREDITED_ONCE: &str = "
    select count(*) from payment_notice n where n.public_id = ?1 and n.state = 'paid'
      and (select count(*) from receipt r where r.notice_id = n.id and r.outcome = 'credited') = 1
      and (select count(*) from receipt r join ledger_entry e
             on e.cause = 'receipt' and e.cause_id = r.id
           where r.notice_id = n.id and e.amount = n.amount and e.credit_id = n.account_id) = 1";

pub fn count(db: &Connection, sql: &str, params: impl Params) -> i64 {
    let mut statement = db.prepare_cached(sql).unwrap();
    statement.query_row(params, |row| row.get(0)).unwrap()
}

fn one(db: &Connection, sql: &str, params: impl Params) -> bool {
    count(db, sql, params) == 1
}

/// Fails with everything that was lost.
pub fn all_stand(db: &Connection, acks: &[Ack]) {
    let lost: Vec<_> = acks.iter().filter(|ack| !ack.stands(db)).collect();
    assert!(
        lost.is_empty(),
        "acknowledged and lost, or there twice: {lost:#?}"
    );
}

pub fn by_kind(acks: &[Ack]) -> BTreeMap<&'static str, usize> {
    let mut kinds = BTreeMap::new();
    for ack in acks {
        *kinds.entry(ack.kind()).or_default() += 1;
    }
    kinds
}
