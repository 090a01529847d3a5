//! App IO: `[io]` in `campanella.toml`. Without it no message goes there.

use std::path::PathBuf;

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::base::{Error, Result};

/// Where App IO answers, and where the key of the comune's service is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Io {
    /// `https://api.io.pagopa.it/api/v1` unless it is said.
    #[serde(default = "production")]
    pub base: String,
    /// The file that holds the key and nothing else.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// The variable of the environment that holds the key.
    #[serde(default)]
    pub key_env: Option<String>,
}

fn production() -> String {
    "https://api.io.pagopa.it/api/v1".to_owned()
}

impl Io {
    /// What is wrong with it, if anything is.
    pub(super) fn fault(&self) -> Option<String> {
        let here = ["http://127.0.0.1:", "http://localhost:"];
        let safe = self.base.starts_with("https://")
            || here.iter().any(|start| self.base.starts_with(start));
        if !safe || self.base.ends_with('/') {
            return Some(format!(
                "[io] base `{}`: write https://host/path without a slash at the end",
                self.base
            ));
        }
        if self.key_file.is_some() == self.key_env.is_some() {
            return Some("[io]: write key_file or key_env, one of them".to_owned());
        }
        None
    }

    /// The key. It is read when it is needed, and stands in no log.
    ///
    /// # Errors
    /// When file or variable can't be read, or hold nothing.
    pub fn key(&self) -> Result<Zeroizing<String>> {
        let text = match (&self.key_file, &self.key_env) {
            (Some(file), _) => std::fs::read_to_string(file).map_err(|e| Error::io(file, e))?,
            (None, Some(name)) => std::env::var(name).map_err(|_| {
                Error::Internal(format!("the variable {name} of [io] key_env is not set"))
            })?,
            (None, None) => String::new(),
        };
        let text = Zeroizing::new(text);
        let key = text.trim();
        if key.is_empty() {
            return Err(Error::Internal("the key of [io] is empty".to_owned()));
        }
        Ok(Zeroizing::new(key.to_owned()))
    }
}
