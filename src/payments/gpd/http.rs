//! One request and its answer. Redirects are never followed, bodies are limited, and what is said of a
//! failure never contains a header.

use std::time::Duration;

use serde::Deserialize;
use ureq::http::{Request, header};

use super::Key;
use crate::base::{Error, Result, Secret, outbound};
use crate::payments::gateway;

/// The largest answer that is read: a page of a flow has up to a thousand rows.
const LARGEST: u64 = 4 * 1024 * 1024;
/// Where "later" has no number: seconds.
const SOON: i64 = 60;

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) body: Vec<u8>,
}

/// The client.
pub(super) struct Http(ureq::Agent);

impl Http {
    pub(super) fn new(timeout: Duration) -> Http {
        Http(outbound::agent(timeout))
    }

    /// A call that speaks JSON. Answers that say nothing of what was asked are errors already: 401,
    /// 429, 5xx and every redirect but the one of a cart (302).
    pub(super) fn json(
        &self,
        method: &str,
        url: &str,
        key: &Secret,
        body: Option<Vec<u8>>,
    ) -> Result<Answer> {
        self.call(method, url, key, body, "application/json")
    }

    /// A call that wants XML.
    pub(super) fn xml(&self, url: &str, key: &Secret) -> Result<Answer> {
        self.call("GET", url, key, None, "application/xml")
    }

    fn call(
        &self,
        method: &str,
        url: &str,
        key: &Secret,
        body: Option<Vec<u8>>,
        accept: &str,
    ) -> Result<Answer> {
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header(header::ACCEPT, accept)
            .header("Ocp-Apim-Subscription-Key", key.expose());
        let sent = match body {
            Some(body) => {
                let request = request.header(header::CONTENT_TYPE, "application/json");
                self.0.run(request.body(body).map_err(Error::internal)?)
            }
            None if method == "GET" => self.0.run(request.body(()).map_err(Error::internal)?),
            None => self
                .0
                .run(request.body(Vec::new()).map_err(Error::internal)?),
        };
        let mut response = sent.map_err(|error| gateway::silent(error.to_string()))?;
        let read = |name| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let (location, retry_after) = (read(header::LOCATION), read(header::RETRY_AFTER));
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(LARGEST);
        let body = body
            .read_to_vec()
            .map_err(|error| gateway::silent(error.to_string()))?;
        let answer = Answer {
            status,
            location,
            body,
        };
        match status {
            401 => Err(gateway::no_key(words(&answer))),
            429 => {
                let seconds = retry_after.and_then(|text| text.trim().parse().ok());
                Err(gateway::busy(seconds.unwrap_or(SOON).clamp(1, 3600)))
            }
            200..=299 | 302 | 400..=499 if status != 408 => Ok(answer),
            _ => Err(gateway::silent(words(&answer))),
        }
    }
}

/// The key, or the refusal that says where it was looked for.
pub(super) fn key(key: &Key) -> Result<&Secret> {
    key.as_ref().map_err(|why| gateway::no_key(why.as_str()))
}

/// Whether nobody knows what became of a call.
pub(super) fn may_have_been_done(error: &Error) -> bool {
    matches!(error, Error::Refused(refusal) if refusal.text.key == "pagopa-silent")
}

/// `application/problem+json`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    title: String,
    detail: String,
}

/// What the platform says of a refusal: its status and its words, one line.
pub(super) fn words(answer: &Answer) -> String {
    let problem: Problem = serde_json::from_slice(&answer.body).unwrap_or_default();
    let said = [problem.title, problem.detail];
    let said: Vec<&str> = said
        .iter()
        .flat_map(|text| text.split_whitespace())
        .collect();
    format!("HTTP {} {}", answer.status, said.join(" "))
        .trim()
        .to_owned()
}
