//! The two calls of App IO that are needed (IO API for Public Administration Services 4.0.0).

use std::time::Duration;

use serde::Deserialize;

use super::content::NewMessage;
use crate::base::{Error, Secret, outbound};

/// A connection that says nothing for so long is given up.
const PATIENCE: Duration = Duration::from_secs(10);
/// So many characters of an answer are kept for the administrator.
const KEPT: usize = 200;

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IoError {
    /// Too many calls, or the other side stands still: nothing was done, later again.
    #[error("App IO answered {status}: later again")]
    Later {
        /// The status.
        status: u16,
    },
    /// It was refused; the key, the service's settings or the message are wrong.
    #[error("App IO answered {status}: {detail}")]
    Refused {
        /// The status.
        status: u16,
        /// What it said.
        detail: String,
    },
    /// It could not be reached: nothing was done.
    #[error("App IO can't be reached: {0}")]
    Unreachable(String),
    /// It was sent and no answer came: nobody knows whether it was done.
    #[error("App IO gave no answer: {0}")]
    Lost(String),
}

/// A client with the comune's key.
pub struct Client {
    agent: ureq::Agent,
    base: String,
    key: Secret,
}

#[derive(Deserialize)]
struct Profile {
    sender_allowed: bool,
}

#[derive(Deserialize)]
struct Created {
    id: String,
}

impl Client {
    /// A client of the service at `base`.
    pub fn new(base: &str, key: Secret) -> Client {
        Client {
            agent: outbound::agent(PATIENCE),
            base: base.to_owned(),
            key,
        }
    }

    /// Whether a person is on App IO and takes messages of the comune.
    ///
    /// # Errors
    /// [`IoError`].
    pub fn is_reachable(&self, fiscal_code: &str) -> Result<bool, IoError> {
        let body = serde_json::json!({ "fiscal_code": fiscal_code }).to_string();
        let (status, answer) = self.post("/profiles", &body)?;
        match status {
            200 => serde_json::from_str::<Profile>(&answer)
                .map(|profile| profile.sender_allowed)
                .map_err(|e| IoError::Lost(e.to_string())),
            404 => Ok(false),
            status => Err(failure(status, &answer)),
        }
    }

    /// Sends a message; gives its id there.
    ///
    /// # Errors
    /// [`IoError`].
    pub fn send(&self, message: &NewMessage) -> Result<String, IoError> {
        let body = serde_json::to_string(message).map_err(|e| IoError::Refused {
            status: 0,
            detail: e.to_string(),
        })?;
        let (status, answer) = self.post("/messages", &body)?;
        match status {
            201 => serde_json::from_str::<Created>(&answer)
                .map(|created| created.id)
                .map_err(|e| IoError::Lost(e.to_string())),
            status => Err(failure(status, &answer)),
        }
    }

    fn post(&self, path: &str, body: &str) -> Result<(u16, String), IoError> {
        let answer = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("Ocp-Apim-Subscription-Key", self.key.expose())
            .header("Content-Type", "application/json")
            .send(body);
        let mut answer = answer.map_err(|error| match error {
            ureq::Error::HostNotFound
            | ureq::Error::ConnectionFailed
            | ureq::Error::Tls(_)
            | ureq::Error::Rustls(_) => IoError::Unreachable(error.to_string()),
            ureq::Error::Io(ref io) if io.kind() == std::io::ErrorKind::ConnectionRefused => {
                IoError::Unreachable(error.to_string())
            }
            other => IoError::Lost(other.to_string()),
        })?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string();
        Ok((status, text.map_err(|e| IoError::Lost(e.to_string()))?))
    }
}

fn failure(status: u16, answer: &str) -> IoError {
    match status {
        429 | 500.. => IoError::Later { status },
        _ => IoError::Refused {
            status,
            detail: answer.chars().take(KEPT).collect(),
        },
    }
}

impl From<IoError> for Error {
    fn from(error: IoError) -> Error {
        Error::internal(error)
    }
}
