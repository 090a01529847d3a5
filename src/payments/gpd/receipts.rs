//! Receipts: a list by day, then each one's XML, which is the body of paSendRT (`gpd_payments.json`).
//! The platform hands a receipt out late: 404 and 422 mean "not yet", and every question goes back some
//! days, so that none is missed.

use jiff::ToSpan;
use serde::Deserialize;

use super::Gpd;
use super::http::{self, words};
use crate::base::{Date, Instant, Result, day_of};
use crate::payments::gateway;
use crate::payments::rt::RawReceipt;

/// So many days before the last question are asked for again.
const OVERLAP_DAYS: i64 = 3;
/// The first question goes back so far.
const FIRST_DAYS: i64 = 30;
/// Receipts on a page: the most that the platform gives.
const PAGE: usize = 100;
/// No list has more pages than this; a city has some thousand receipts a day.
const MOST_PAGES: usize = 500;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct List {
    total_pages: usize,
    results: Vec<Item>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Item {
    iuv: String,
}

pub(super) fn poll(gpd: &Gpd<'_>, since: Instant, until: Instant) -> Result<Vec<RawReceipt>> {
    let to = day_of(until);
    let back = |day: Date, days: i64| day.saturating_sub(days.days());
    let from = back(day_of(since), OVERLAP_DAYS).max(back(to, FIRST_DAYS));
    let mut receipts = Vec::new();
    for iuv in listed(gpd, from, to)? {
        if (gpd.is_known)(&iuv)? {
            continue;
        }
        if let Some(receipt) = one(gpd, &iuv)? {
            receipts.push(receipt);
        }
    }
    Ok(receipts)
}

fn address(gpd: &Gpd<'_>, rest: &str) -> String {
    let (base, creditor) = (&gpd.access.base, &gpd.access.creditor);
    format!("{base}/gpd/payments-receipts-service/v1/payments/{creditor}/receipts{rest}")
}

/// The IUVs that were paid between two days, each once.
fn listed(gpd: &Gpd<'_>, from: Date, to: Date) -> Result<Vec<String>> {
    let key = http::key(&gpd.access.keys.receipts)?;
    let mut all = Vec::new();
    for page in 0..MOST_PAGES {
        let rest = format!("?from={from}&to={to}&pageNum={page}&pageSize={PAGE}");
        let answer = gpd.http.json("GET", &address(gpd, &rest), key, None)?;
        match answer.status {
            200 => {}
            404 => break,
            _ => return Err(gateway::refused(words(&answer))),
        }
        let list: List = serde_json::from_slice(&answer.body)
            .map_err(|error| gateway::silent(error.to_string()))?;
        let empty = list.results.is_empty();
        // What is no IUV must not become part of an address.
        let iuvs = list.results.into_iter().map(|item| item.iuv);
        all.extend(iuvs.filter(|iuv| {
            (1..=35).contains(&iuv.len()) && iuv.bytes().all(|b| b.is_ascii_alphanumeric())
        }));
        if empty || page + 1 >= list.total_pages {
            break;
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// A receipt; none while the platform does not hand it out.
fn one(gpd: &Gpd<'_>, iuv: &str) -> Result<Option<RawReceipt>> {
    let key = http::key(&gpd.access.keys.receipts)?;
    let answer = gpd.http.xml(&address(gpd, &format!("/{iuv}")), key)?;
    match answer.status {
        200 => match RawReceipt::parse(&answer.body) {
            Ok(receipt) => Ok(Some(receipt)),
            Err(why) => {
                tracing::error!(%why, iuv, "a receipt of the platform can't be read");
                Ok(None)
            }
        },
        404 | 422 => Ok(None),
        _ => Err(gateway::refused(words(&answer))),
    }
}
