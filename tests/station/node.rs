//! How the node speaks to the station, and a comune with notices in every state.

#![allow(dead_code, reason = "two test binaries use a part of it each")]

use std::sync::Mutex;
use std::time::Duration;

use campanella::app::App;
use campanella::base::{AccountId, Cents, Date, Instant, PersonId};
use campanella::payments::{Share, create_shared};
use campanella::store::Urgency;
use jiff::civil::date;
use ureq::Agent;

use super::server::{Folder, MONDAY, Server};

pub const CREDITOR: &str = "01199250158";
pub const STATION: &str = "01199250158_01";
pub const HEADER: &str = "X-Client-Fingerprint";
pub const FINGERPRINT: &str = "7f4e19c0d1b2a3948576";
pub const IBAN: &str = "IT60X0542811101000000123456";
pub const POSTAL_IBAN: &str = "IT40X0760101600000000123456";
pub const OTHER_IBAN: &str = "IT28W8000000292100645211151";

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const NODE: &str = "http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd";

/// The notices of the comune, by what is special about them. 18 digits each.
#[derive(Default)]
pub struct Notices {
    /// Open, 42.50, due on 30 November 2026.
    pub open: String,
    /// Open, without a due date.
    pub undated: String,
    /// Open, due yesterday, of a service that takes money afterwards.
    pub late: String,
    /// Open, due yesterday, of one that does not.
    pub too_late: String,
    /// Expired.
    pub expired: String,
    /// Withdrawn.
    pub cancelled: String,
    /// Paid.
    pub paid: String,
    /// For two services with accounts of their own: 30.00 and 12.50.
    pub split: String,
}

/// A served comune, and the node.
pub struct Town {
    pub folder: Folder,
    pub server: Server,
    pub notices: Notices,
    agent: Agent,
    /// Every answer to an operation, for the schema.
    pub answers: Mutex<Vec<String>>,
}

pub fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into()
}

/// Opens the station of a folder.
pub fn open_station(folder: &Folder) {
    let config = format!(
        "trusted_proxies = [\"127.0.0.1\"]\n[pagopa.station]\nenabled = true\n\
         station = \"{STATION}\"\nclient_header = \"{HEADER}\"\n\
         client_values = [\"0000\", \"{FINGERPRINT}\"]\n"
    );
    std::fs::write(folder.data().join("campanella.toml"), config).unwrap();
}

/// Makes notices: of an account, some cents, a due date, and a state. Gives their numbers.
pub fn issue(folder: &Folder, wanted: Vec<(i64, i64, Option<Date>, &'static str)>) -> Vec<String> {
    let app = App::open(&folder.data(), &folder.key()).unwrap();
    let now = Instant::from_rome(date(2026, 10, 5).at(7, 40, 0, 0));
    let numbers = app.store.write(Urgency::Interactive, move |tx| {
        let mut numbers = Vec::new();
        for (account, cents, due, state) in wanted {
            let payer: i64 = tx.query_row(
                "select payer_id from account where id = ?1",
                [account],
                |row| row.get(0),
            )?;
            let share = Share {
                account: AccountId(account),
                amount: Cents(cents),
            };
            let subject = "Refezione scolastica & merenda - saldo";
            let notice = create_shared(tx, PersonId(payer), &[share], subject, due, now)?;
            let number = notice.notice_number.to_string();
            tx.execute(
                "update payment_notice set state = ?2 where notice_number = ?1",
                [number.as_str(), state],
            )?;
            numbers.push(number);
        }
        Ok(numbers)
    });
    numbers.unwrap()
}

/// A family account of a service.
pub fn account_of(folder: &Folder, service: &str) -> i64 {
    let sql = "select a.id from account a join service s on s.id = a.service_id
               where a.kind = 'family' and s.code = ?1 order by a.id limit 1";
    folder
        .read()
        .query_row(sql, [service], |row| row.get(0))
        .unwrap()
}

fn notices(folder: &Folder) -> Notices {
    let db = folder.read();
    // Two services of one payer: the one keeps its doors open, the other does not.
    let sql = "select a.id, b.id, a.service_id, b.service_id from account a
               join account b on b.payer_id = a.payer_id and b.service_id > a.service_id
               where a.kind = 'family' and b.kind = 'family' order by a.id limit 1";
    let (meals, other, _, strict): (i64, i64, i64, i64) = db
        .query_row(sql, [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap();
    drop(db);
    let app = App::open(&folder.data(), &folder.key()).unwrap();
    let set = app.store.write(Urgency::Interactive, move |tx| {
        tx.execute(
            "update pagopa_setting set iban = ?1, postal_iban = ?2, postal_account = '123456'",
            [IBAN, POSTAL_IBAN],
        )?;
        tx.execute(
            "update service set pays_after_due = 0, iban = ?2, taxonomy = '9/0107102SP/' where id = ?1",
            (strict, OTHER_IBAN),
        )?;
        let payer: i64 =
            tx.query_row("select payer_id from account where id = ?1", [meals], |row| row.get(0))?;
        let share = |account, cents| Share {
            account: AccountId(account),
            amount: Cents(cents),
        };
        let shares = [share(meals, 3000), share(other, 1250)];
        let now = Instant::from_rome(date(2026, 10, 5).at(7, 40, 0, 0));
        let notice = create_shared(tx, PersonId(payer), &shares, "Servizi scolastici", None, now)?;
        Ok(notice.notice_number.to_string())
    });
    let split = set.unwrap();
    drop(app);
    let (later, before) = (Some(date(2026, 11, 30)), Some(date(2026, 10, 4)));
    let numbers = issue(
        folder,
        vec![
            (meals, 4250, later, "open"),
            (meals, 4250, None, "open"),
            (meals, 4250, before, "open"),
            (other, 4250, before, "open"),
            (meals, 4250, before, "expired"),
            (meals, 4250, later, "cancelled"),
            (meals, 4250, later, "paid"),
        ],
    );
    let mut numbers = numbers.into_iter();
    let mut next = || numbers.next().unwrap();
    Notices {
        open: next(),
        undated: next(),
        late: next(),
        too_late: next(),
        expired: next(),
        cancelled: next(),
        paid: next(),
        split,
    }
}

impl Town {
    pub fn new() -> Town {
        let folder = Folder::demo(6);
        let notices = notices(&folder);
        open_station(&folder);
        Town {
            server: Server::start(&folder, MONDAY),
            folder,
            notices,
            agent: agent(),
            answers: Mutex::default(),
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}/pagopa/paForNode", self.server.address)
    }

    /// Posts bytes with a header that says who it is: status and body.
    pub fn post(&self, header: Option<&str>, body: &[u8]) -> (u16, String) {
        let mut request = self
            .agent
            .post(self.url())
            .content_type("text/xml; charset=UTF-8");
        if let Some(value) = header {
            request = request.header(HEADER, value);
        }
        let mut response = request.send(body).unwrap();
        let status = response.status().as_u16();
        (status, response.body_mut().read_to_string().unwrap())
    }

    /// The node calls an operation, and is answered.
    pub fn call(&self, body: &str) -> String {
        let (status, answer) = self.post(Some(FINGERPRINT), envelope(body).as_bytes());
        assert_eq!(status, 200, "{answer}");
        self.answers.lock().unwrap().push(answer.clone());
        answer
    }

    /// A number out of the database.
    pub fn count(&self, sql: &str, number: &str) -> i64 {
        let db = self.folder.read();
        db.query_row(sql, [number], |row| row.get(0)).unwrap()
    }

    /// How often, and how much, a notice was credited.
    pub fn credited(&self, number: &str) -> (i64, i64) {
        credited(&self.folder, number)
    }
}

/// How often, and how much, a notice was credited, in cents.
pub fn credited(folder: &Folder, number: &str) -> (i64, i64) {
    let sql = "select count(distinct r.id), coalesce(sum(e.amount), 0) from receipt r
               join ledger_entry e on e.cause = 'receipt' and e.cause_id = r.id
               where r.notice_number = ?1";
    let db = folder.read();
    db.query_row(sql, [number], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
}

/// What stands in an element of an answer; nothing when there is none.
pub fn text<'a>(answer: &'a str, element: &str) -> &'a str {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    let rest = answer.split_once(&open).map_or("", |(_, rest)| rest);
    rest.split_once(&close).map_or("", |(value, _)| value)
}

pub fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><soapenv:Envelope xmlns:soapenv=\"{SOAP}\" \
         xmlns:pafn=\"{NODE}\"><soapenv:Header/><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
}

/// Whom a call means.
pub const US: &str = "<idPA>01199250158</idPA><idBrokerPA>01199250158</idBrokerPA><idStation>01199250158_01</idStation>";

pub fn qr(number: &str) -> String {
    format!(
        "<qrCode><fiscalCode>{CREDITOR}</fiscalCode><noticeNumber>{number}</noticeNumber></qrCode>"
    )
}

pub fn verify(number: &str) -> String {
    let qr = qr(number);
    format!("<pafn:paVerifyPaymentNoticeReq>{US}{qr}</pafn:paVerifyPaymentNoticeReq>")
}

/// `more` follows the QR: amount, paymentNote, transferType, dueDate.
pub fn get(number: &str, more: &str) -> String {
    let qr = qr(number);
    format!("<pafn:paGetPaymentReq>{US}{qr}{more}</pafn:paGetPaymentReq>")
}

pub fn get_v2(number: &str, more: &str) -> String {
    let qr = qr(number);
    format!("<pafn:paGetPaymentV2Request>{US}{qr}{more}</pafn:paGetPaymentV2Request>")
}

/// A receipt as the node sends it.
pub struct Rt<'a> {
    pub key: &'a str,
    pub number: &'a str,
    pub creditor: &'a str,
    pub amount: &'a str,
    /// Whose account, how much.
    pub transfers: &'a [(&'a str, &'a str)],
    pub dated: bool,
    pub stand_in: bool,
}

impl<'a> Rt<'a> {
    /// 42.50 for a notice of ours.
    pub fn new(key: &'a str, number: &'a str) -> Rt<'a> {
        Rt {
            key,
            number,
            creditor: CREDITOR,
            amount: "42.50",
            transfers: &[(CREDITOR, "42.50")],
            dated: true,
            stand_in: false,
        }
    }

    fn receipt(&self) -> String {
        let transfers: String = (1..)
            .zip(self.transfers)
            .map(|(n, (creditor, amount))| {
                format!(
                    "<transfer><idTransfer>{n}</idTransfer><transferAmount>{amount}</transferAmount>\
                     <fiscalCodePA>{creditor}</fiscalCodePA><IBAN>{IBAN}</IBAN>\
                     <remittanceInformation>Refezione</remittanceInformation>\
                     <transferCategory>9/0107101TS/</transferCategory></transfer>"
                )
            })
            .collect();
        let dates = match self.dated {
            true => {
                "<paymentDateTime>2026-10-05T09:30:00+02:00</paymentDateTime>\
                 <applicationDate>2026-10-05</applicationDate><transferDate>2026-10-06</transferDate>"
            }
            false => "",
        };
        let stand_in = match self.stand_in {
            true => "<standIn>true</standIn>",
            false => "",
        };
        format!(
            "<receipt><receiptId>{}</receiptId><noticeNumber>{}</noticeNumber>\
             <fiscalCode>{}</fiscalCode><outcome>OK</outcome>\
             <creditorReferenceId>{}</creditorReferenceId><paymentAmount>{}</paymentAmount>\
             <description>Refezione</description><companyName>Comune</companyName>\
             <debtor><uniqueIdentifier><entityUniqueIdentifierType>F</entityUniqueIdentifierType>\
             <entityUniqueIdentifierValue>RSSMRA85T50A562Q</entityUniqueIdentifierValue>\
             </uniqueIdentifier><fullName>Rossi Mara</fullName></debtor>\
             <transferList>{transfers}</transferList><idPSP>ABI36081</idPSP>\
             <PSPCompanyName>Banca d&apos;Italia &amp; C.</PSPCompanyName><idChannel>1</idChannel>\
             <channelDescription>app</channelDescription><paymentMethod>creditCard</paymentMethod>\
             <fee>1.50</fee>{dates}{stand_in}</receipt>",
            self.key,
            self.number,
            self.creditor,
            &self.number[1..],
            self.amount,
        )
    }

    pub fn v1(&self) -> String {
        format!(
            "<pafn:paSendRTReq>{US}{}</pafn:paSendRTReq>",
            self.receipt()
        )
    }

    pub fn v2(&self) -> String {
        format!(
            "<pafn:paSendRTV2Request>{US}{}</pafn:paSendRTV2Request>",
            self.receipt()
        )
    }
}
