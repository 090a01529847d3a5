//! The one way out: how other people's servers are asked over HTTPS.

use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

/// What a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// A client whose calls take `timeout` at most: the machine's own list of authorities, no redirect is
/// followed, no proxy is asked, and every status is an answer.
pub fn agent(timeout: Duration) -> Agent {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(provider)
        .build();
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(timeout))
        .timeout_connect(Some(CONNECT))
        .tls_config(tls)
        .proxy(None)
        .user_agent(concat!("campanella/", env!("CARGO_PKG_VERSION")))
        .build();
    config.new_agent()
}
