//! App IO: `[io]` in `campanella.toml`. Without it no message goes there.

use serde::Deserialize;

use super::gpd::KeySource;

/// Where App IO answers, and where the key of the comune's service is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Io {
    /// `https://api.io.pagopa.it/api/v1` unless it is said.
    #[serde(default = "production")]
    pub base: String,
    /// The key of the comune's service; it is read when it is needed.
    #[serde(default)]
    pub key: KeySource,
}

fn production() -> String {
    "https://api.io.pagopa.it/api/v1".to_owned()
}

impl Io {
    /// Says what can't be as it is written.
    pub(super) fn check(&self) -> Result<(), String> {
        super::require_safe_base("io.base", &self.base)?;
        self.key.check("io.key")
    }
}
