//! `[pagopa.gpd]`: GPD, the platform's archive of debt positions.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::base::Secret;

/// Which of pagoPA's two worlds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// The one for trying out: nobody pays there.
    #[default]
    Uat,
    /// The real one.
    Production,
}

impl Environment {
    /// The address of its interfaces.
    fn base(self) -> &'static str {
        match self {
            Environment::Uat => "https://api.uat.platform.pagopa.it",
            Environment::Production => "https://api.platform.pagopa.it",
        }
    }

    /// The host of its payment page.
    fn checkout_host(self) -> &'static str {
        match self {
            Environment::Uat => "uat.checkout.pagopa.it",
            Environment::Production => "checkout.pagopa.it",
        }
    }
}

/// `[pagopa.gpd]`: where GPD answers and with which keys. pagoPA gives one key for each product; where
/// a product's own is not named, `key` is used.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GpdAccess {
    /// `environment = "uat"` or `"production"`.
    pub environment: Environment,
    /// Another address of the interfaces, without a slash at the end: for a proxy of the comune's,
    /// and for tests.
    pub base: Option<String>,
    /// Another host of the payment page that browsers may be led to.
    pub checkout_host: Option<String>,
    /// Seconds that a call may take, 20 where nothing is said.
    pub timeout_seconds: Option<u64>,
    /// The key of debt positions.
    pub key: KeySource,
    /// The key of receipts.
    pub receipts_key: Option<KeySource>,
    /// The key of settlement flows.
    pub flows_key: Option<KeySource>,
    /// The key of the payment page.
    pub checkout_key: Option<KeySource>,
}

impl GpdAccess {
    /// The address of the interfaces.
    pub fn base(&self) -> &str {
        self.base.as_deref().unwrap_or(self.environment.base())
    }

    /// The one host of the payment page, with its port if it has one.
    pub fn checkout_host(&self) -> &str {
        self.checkout_host
            .as_deref()
            .unwrap_or(self.environment.checkout_host())
    }

    /// What a call may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds.unwrap_or(20))
    }

    /// The sources of keys that are named, each with the name of its product.
    pub fn keys(&self) -> Vec<(&'static str, &KeySource)> {
        let mut all = vec![("key", &self.key)];
        all.extend(self.receipts_key.as_ref().map(|key| ("receipts_key", key)));
        all.extend(self.flows_key.as_ref().map(|key| ("flows_key", key)));
        all.extend(self.checkout_key.as_ref().map(|key| ("checkout_key", key)));
        all
    }
}

/// Where a key is: `{ file = "/etc/campanella/gpd.key" }` or `{ env = "CAMPANELLA_GPD_KEY" }`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeySource {
    /// A file that holds the key and nothing else.
    pub file: Option<PathBuf>,
    /// A variable of the environment.
    pub env: Option<String>,
}

impl KeySource {
    /// Says that a key needs one place, and one only.
    pub(super) fn check(&self, name: &str) -> Result<(), String> {
        match self.file.is_some() == self.env.is_some() {
            true => Err(format!(
                "{name}: write {{ file = \"…\" }} or {{ env = \"…\" }}, where the key is"
            )),
            false => Ok(()),
        }
    }

    /// Reads the key. What is wrong is said without a word of the key.
    ///
    /// # Errors
    /// A sentence for the administrator.
    pub fn read(&self) -> Result<Secret, String> {
        let (text, place) = match (&self.file, &self.env) {
            (Some(file), None) => {
                let place = file.display().to_string();
                let text = std::fs::read_to_string(file);
                (text.map_err(|e| format!("{place}: {e}"))?, place)
            }
            (None, Some(name)) => {
                let text = std::env::var(name);
                let missing = || format!("the environment has no variable {name}");
                (text.map_err(|_| missing())?, format!("${name}"))
            }
            _ => return Err("name either the file or the variable that holds it".to_owned()),
        };
        Secret::new(&text).ok_or_else(|| format!("{place} holds no key"))
    }

    /// The file, if others than its owner can read it.
    pub fn too_open(&self) -> Option<&Path> {
        use std::os::unix::fs::PermissionsExt;
        let file = self.file.as_deref()?;
        let mode = std::fs::metadata(file).ok()?.permissions().mode();
        (mode & 0o077 != 0).then_some(file)
    }
}

impl GpdAccess {
    /// Says what can't be as it is written, before anything is asked of the network.
    pub(super) fn check(&self) -> Result<(), String> {
        if let Some(base) = &self.base {
            super::require_safe_base("pagopa.gpd.base", base)?;
        }
        if !(1..=120).contains(&self.timeout().as_secs()) {
            return Err("pagopa.gpd.timeout_seconds: write 1 to 120".to_owned());
        }
        if self.checkout_host().contains('/') {
            return Err("pagopa.gpd.checkout_host: write the host alone".to_owned());
        }
        for (name, key) in self.keys() {
            key.check(&format!("pagopa.gpd.{name}"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;

    fn refused(text: &str) -> String {
        Config::parse(text).unwrap_err()
    }

    #[test]
    fn gpd_needs_a_key_and_a_safe_address() {
        assert!(refused("[pagopa]\ngateway = \"gpd\"").contains("pagopa.gpd.key"));
        let base = "[pagopa]\ngateway = \"gpd\"\n[pagopa.gpd]\nkey = { env = \"K\" }\n";
        let config = Config::parse(base).unwrap();
        assert_eq!(
            config.pagopa.gpd.base(),
            "https://api.uat.platform.pagopa.it"
        );
        assert_eq!(config.pagopa.gpd.checkout_host(), "uat.checkout.pagopa.it");
        let real = Config::parse(&format!("{base}environment = \"production\"")).unwrap();
        assert_eq!(real.pagopa.gpd.base(), "https://api.platform.pagopa.it");
        for wrong in [
            "base = \"http://api.example.it\"",
            "base = \"https://api.example.it/\"",
            "checkout_host = \"https://checkout.example.it\"",
            "flows_key = {}",
            "key = \"0123456789\"",
        ] {
            let text = base.replace("key = { env = \"K\" }\n", "");
            let key = if wrong.starts_with("key") {
                ""
            } else {
                "key = { env = \"K\" }\n"
            };
            let text = format!("{text}{key}{wrong}");
            assert!(Config::parse(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_is_read_from_its_file_and_said_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("gpd.key");
        let source = super::KeySource {
            file: Some(file.clone()),
            env: None,
        };
        assert!(source.read().unwrap_err().contains("gpd.key"));
        std::fs::write(&file, "abcdef0123456789\n").unwrap();
        assert_eq!(source.read().unwrap().expose(), "abcdef0123456789");
        assert!(!format!("{source:?}").contains("abcdef"));
        assert!(source.too_open().is_some());
        std::fs::write(&file, "abc def ghi").unwrap();
        let why = source.read().unwrap_err();
        assert!(why.contains("gpd.key") && !why.contains("abc"), "{why}");
    }
}
