//! `[pagopa.station]`: the door at which the node of pagoPA asks and hands in receipts.

use std::net::IpAddr;

use serde::Deserialize;

/// `[pagopa.station]`. Closed unless it is opened here or by `gateway = "station"`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Station {
    /// Answers also beside another gateway: while one changes over, both ways bring receipts.
    pub enabled: bool,
    /// `idStation`, as the back office of pagoPA shows it: `01199250158_01`.
    pub station: String,
    /// `idBrokerPA`; empty: the comune is its own, and its fiscal code stands here.
    pub broker: String,
    /// The header in which the proxy says which client certificate it has verified:
    /// `X-Client-Fingerprint`. Believed only from one of `trusted_proxies`.
    pub client_header: String,
    /// What stands in that header when it is the node: one value for each certificate, so that the
    /// next one is accepted before the present one expires.
    pub client_values: Vec<String>,
    /// Addresses that may call; empty: any that shows the certificate.
    pub allowed_addresses: Vec<IpAddr>,
    /// What becomes of a receipt for another creditor's notice in which a part is ours.
    pub foreign_receipts: ForeignReceipts,
}

/// What becomes of a receipt for another creditor's notice ("broadcast").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ForeignReceipts {
    /// Our part of it is kept in suspense, and the node is told that it has come.
    #[default]
    Keep,
    /// `PAA_PAGAMENTO_SCONOSCIUTO`.
    Refuse,
}

impl Station {
    /// Says what is missing before the door may be opened.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.station.is_empty() {
            return Err("[pagopa.station] station: write the idStation that the back office of pagoPA shows".to_owned());
        }
        if self.client_header.is_empty() != self.client_values.is_empty() {
            return Err(
                "[pagopa.station] client_header and client_values: each needs the other".to_owned(),
            );
        }
        if self.client_header.is_empty() && self.allowed_addresses.is_empty() {
            return Err("[pagopa.station]: say who may call, by client_header and client_values, by allowed_addresses, or by both".to_owned());
        }
        Ok(())
    }
}
