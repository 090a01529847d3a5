//! Settlement flows (`fdr_organization.json`): the list since a moment, then of each its head and its
//! payments. Amounts are JSON numbers in euros there: their text is read, never a float.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Gpd;
use super::http::{self, words};
use super::wire::moment;
use crate::base::{Cents, Date, Instant, Result, day_of};
use crate::payments::flows::{FlowRow, RawFlow, RowOutcome};
use crate::payments::gateway;

/// Rows on a page: the most that the platform gives.
const PAGE: usize = 1000;
/// A flow has up to some hundred thousand payments.
const MOST_PAGES: usize = 500;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    tot_page: usize,
}

#[derive(Deserialize)]
struct Page<T> {
    #[serde(default)]
    metadata: Metadata,
    #[serde(default = "Vec::new")]
    data: Vec<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    fdr: String,
    psp_id: String,
    revision: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    fdr: String,
    fdr_date: String,
    regulation: String,
    regulation_date: Date,
    sender: Sender,
    sum_payments: Box<RawValue>,
    tot_payments: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sender {
    psp_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payment {
    iuv: String,
    iur: String,
    id_transfer: u8,
    pay: Box<RawValue>,
    pay_status: String,
    pay_date: String,
}

pub(super) fn poll(gpd: &Gpd<'_>, since: Instant, until: Instant) -> Result<Vec<RawFlow>> {
    let (base, creditor) = (&gpd.access.base, &gpd.access.creditor);
    let list = format!("{base}/fdr-org/service/v1/organizations/{creditor}/fdrs");
    let after = encoded(&since.to_string());
    let (mut listed, _): (Vec<Listed>, _) = pages(gpd, &format!("{list}?publishedGt={after}&"))?;
    // Of a flow that was overwritten, the last revision.
    listed.sort_by(|a, b| (&a.fdr, &a.psp_id, b.revision).cmp(&(&b.fdr, &b.psp_id, a.revision)));
    listed.dedup_by(|later, first| (&later.fdr, &later.psp_id) == (&first.fdr, &first.psp_id));
    let mut flows = Vec::new();
    for one in &listed {
        let (fdr, psp) = (encoded(&one.fdr), encoded(&one.psp_id));
        let at = format!("{list}/{fdr}/revisions/{}/psps/{psp}", one.revision);
        let flow = flow(gpd, &at)?;
        if flow.made_at <= until {
            flows.push(flow);
        }
    }
    Ok(flows)
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn wrong(what: &str) -> crate::base::Error {
    gateway::silent(format!("a settlement flow's {what} can't be read"))
}

/// The text of a JSON number in euros.
fn cents(number: &RawValue) -> Result<Cents> {
    Cents::parse_decimal(number.get()).map_err(|_| wrong("amount"))
}

fn flow(gpd: &Gpd<'_>, at: &str) -> Result<RawFlow> {
    let body = asked(gpd, at)?;
    let head: Head = read(&body)?;
    let (payments, bodies): (Vec<Payment>, _) = pages(gpd, &format!("{at}/payments?"))?;
    if payments.len() != head.tot_payments {
        return Err(wrong("number of payments"));
    }
    let mut raw = body;
    for page in bodies {
        raw.push(b'\n');
        raw.extend(page);
    }
    Ok(RawFlow {
        id: head.fdr,
        made_at: moment(&head.fdr_date).ok_or_else(|| wrong("date"))?,
        psp: head.sender.psp_name,
        creditor: gpd.access.creditor.clone(),
        regulation: head.regulation,
        settled_on: head.regulation_date,
        total: cents(&head.sum_payments)?,
        rows: payments.iter().map(row).collect::<Result<_>>()?,
        raw,
    })
}

fn row(payment: &Payment) -> Result<FlowRow> {
    let outcome = match payment.pay_status.as_str() {
        "EXECUTED" => RowOutcome::Executed,
        "REVOKED" => RowOutcome::Revoked,
        "STAND_IN" => RowOutcome::StandIn,
        "STAND_IN_NO_RPT" => RowOutcome::StandInWithoutRequest,
        "NO_RPT" => RowOutcome::WithoutReceipt,
        _ => return Err(wrong("status")),
    };
    let day = moment(&payment.pay_date).ok_or_else(|| wrong("date"))?;
    Ok(FlowRow {
        iuv: payment.iuv.clone(),
        iur: payment.iur.clone(),
        transfer: payment.id_transfer,
        amount: cents(&payment.pay)?,
        outcome,
        day: day_of(day),
    })
}

fn asked(gpd: &Gpd<'_>, url: &str) -> Result<Vec<u8>> {
    let key = http::key(&gpd.access.keys.flows)?;
    let answer = gpd.http.json("GET", url, key, None)?;
    match answer.status {
        200 => Ok(answer.body),
        _ => Err(gateway::refused(words(&answer))),
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| gateway::silent(error.to_string()))
}

/// Everything of a list that comes in pages, and the pages as they came. `url` ends with `?` or `&`.
fn pages<T: for<'a> Deserialize<'a>>(gpd: &Gpd<'_>, url: &str) -> Result<(Vec<T>, Vec<Vec<u8>>)> {
    let (mut all, mut bodies) = (Vec::new(), Vec::new());
    for number in 1..=MOST_PAGES {
        let body = asked(gpd, &format!("{url}page={number}&size={PAGE}"))?;
        let page: Page<T> = read(&body)?;
        let empty = page.data.is_empty();
        all.extend(page.data);
        bodies.push(body);
        if empty || number >= page.metadata.tot_page {
            break;
        }
    }
    Ok((all, bodies))
}
