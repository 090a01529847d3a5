//! How this installation is reached: `campanella.toml` in the data folder. What the comune is and
//! decides stands in the database, not here.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use serde::Deserialize;

pub use gpd::{Environment, GpdAccess, KeySource};
pub use io::Io;
pub use pagopa::{GatewayKind, Pagopa};
pub use partner::{Amounts, Dates, FileFormat, Numbers, POSITION_COLUMNS, Partner, PositionsFile};
pub use station::{ForeignReceipts, Station};

use crate::base::{Error, Result};

mod gpd;
mod io;
mod pagopa;
mod partner;
mod station;

/// The name of the file inside the data folder.
pub const CONFIG_FILE: &str = "campanella.toml";

/// The settings of the server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The address that `serve` listens on.
    pub bind: SocketAddr,
    /// How browsers reach it: `https://scuola.comune.example.it`. Cookies are `Secure` whenever
    /// this is https.
    pub public_url: String,
    /// Further host names that are answered; the one of `public_url` always is.
    pub allowed_hosts: Vec<String>,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// `check` warns when the last good backup is older than so many hours; 0: never.
    pub backup_limit_hours: u32,
    /// The way to pagoPA.
    pub pagopa: Pagopa,
    /// The way to App IO; none: no message goes there.
    pub io: Option<Io>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            bind: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: "http://127.0.0.1:8080".to_owned(),
            allowed_hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            backup_limit_hours: 48,
            pagopa: Pagopa::default(),
            io: None,
        }
    }
}

impl Config {
    /// Reads the file of a data folder; a folder without one has the defaults.
    ///
    /// # Errors
    /// When the file can't be read or says something unknown; the message names the line.
    pub fn load(folder: &Path) -> Result<Config> {
        let path = folder.join(CONFIG_FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => Config::parse(&text)
                .map_err(|why| Error::Internal(format!("{}: {why}", path.display()))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Config::default()),
            Err(error) => Err(Error::io(&path, error)),
        }
    }

    fn parse(text: &str) -> Result<Config, String> {
        let config: Config = toml::from_str(text).map_err(|e| e.to_string())?;
        let url = &config.public_url;
        if !(url.starts_with("https://") || url.starts_with("http://")) || url.ends_with('/') {
            return Err(format!(
                "public_url `{url}`: write https://host without a slash at the end"
            ));
        }
        config.pagopa.verify()?;
        if let Some(io) = &config.io {
            io.check()?;
        }
        Ok(config)
    }

    /// Whether browsers reach it over TLS.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// The host of `public_url`, with its port if it has one.
    pub fn public_host(&self) -> &str {
        self.public_url
            .split_once("://")
            .map_or("", |(_, host)| host)
    }

    /// Whether a `Host` header names this installation.
    pub fn answers_to(&self, host: &str) -> bool {
        host == self.public_host() || self.allowed_hosts.iter().any(|allowed| allowed == host)
    }
}

/// Keys travel over HTTPS, or stay on this machine: a proxy of the comune's, a test.
fn require_safe_base(name: &str, base: &str) -> Result<(), String> {
    let here = ["http://127.0.0.1:", "http://localhost:"];
    let safe = base.starts_with("https://") || here.iter().any(|start| base.starts_with(start));
    if !safe || base.ends_with('/') {
        return Err(format!(
            "{name} `{base}`: write https://host without a slash at the end"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_file_says_what_is_wrong() {
        assert!(Config::parse("public_url = \"scuola.example.it\"").is_err());
        assert!(
            Config::parse("pubblic_url = \"https://x\"")
                .unwrap_err()
                .contains("pubblic_url")
        );
        let config = Config::parse("public_url = \"https://scuola.example.it\"").unwrap();
        for (io, good) in [
            ("key = { file = \"/k\" }", true),
            (
                "key = { env = \"K\" }\nbase = \"http://127.0.0.1:9/api\"",
                true,
            ),
            ("", false),
            ("key = { env = \"K\", file = \"/k\" }", false),
            (
                "key = { env = \"K\" }\nbase = \"http://api.io.example\"",
                false,
            ),
            (
                "key = { env = \"K\" }\nbase = \"https://api.io.example/\"",
                false,
            ),
            ("key = \"secret\"", false),
        ] {
            assert_eq!(Config::parse(&format!("[io]\n{io}")).is_ok(), good, "{io}");
        }
        assert!(config.is_https() && config.answers_to("scuola.example.it"));
        assert!(!config.answers_to("evil.example"));
    }

    #[test]
    fn a_partner_is_told_which_columns_there_are() {
        let text = "[pagopa]\ngateway = \"partner\"\n[pagopa.partner]\nin = \"/srv/in\"\n\
                    [pagopa.partner.positions]\nformat = \"xlsx\"\namounts = \"1234,50\"\n\
                    columns = { importo = \"IMPORTO\" }\n[pagopa.partner.receipts]\n\
                    columns = { id_ricevuta = \"IUR\" }";
        assert!(Config::parse(text).unwrap().pagopa.has_partner());
        let wrong = text.replace("importo =", "inporto =");
        assert!(Config::parse(&wrong).unwrap_err().contains("`inporto`"));
        let same = text.replace("in = ", "out = \"/srv/in\"\nin = ");
        assert!(Config::parse(&same).unwrap_err().contains("two folders"));
    }

    #[test]
    fn the_station_opens_only_for_who_is_named() {
        let closed = Config::parse("").unwrap();
        assert!(!closed.pagopa.station_open());
        let open = |rest: &str| {
            let text = format!("[pagopa]\ngateway = \"station\"\n[pagopa.station]\n{rest}");
            Config::parse(&text).map(|config| config.pagopa.station_open())
        };
        assert!(open("").unwrap_err().contains("idStation"));
        let named = "station = \"01199250158_01\"\n";
        assert!(open(named).unwrap_err().contains("who may call"));
        let half = format!("{named}client_header = \"X-Client-Fingerprint\"");
        assert!(open(&half).unwrap_err().contains("client_values"));
        let whole = format!("{half}\nclient_values = [\"AB:CD\"]");
        assert_eq!(open(&whole), Ok(true));
        let address = format!("{named}allowed_addresses = [\"192.0.2.7\"]");
        assert_eq!(open(&address), Ok(true));
    }
}
