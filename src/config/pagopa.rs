//! The way to pagoPA: `[pagopa]` in `campanella.toml`. Keys are never written here: a field names the
//! file, or the environment's variable, that holds one.

use serde::Deserialize;

use super::gpd::GpdAccess;
use super::partner::Partner;
use super::station::Station;

/// By which way positions go out and receipts come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GatewayKind {
    /// None: notices are printed, receipts are imported. In a demo the sandbox takes its place.
    #[default]
    None,
    /// GPD, the platform's archive of debt positions, asked over HTTPS: `[pagopa.gpd]`.
    Gpd,
    /// The node of pagoPA asks us: `[pagopa.station]`.
    Station,
    /// An intermediary speaks to it for us, by files: `[pagopa.partner]`.
    Partner,
}

/// `[pagopa]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pagopa {
    /// `gateway = "none"`, `"gpd"`, `"station"` or `"partner"`.
    pub gateway: GatewayKind,
    /// `[pagopa.gpd]`.
    pub gpd: GpdAccess,
    /// `[pagopa.station]`.
    pub station: Station,
    /// `[pagopa.partner]`.
    pub partner: Partner,
}

impl Pagopa {
    /// Whether the node finds somebody at `/pagopa/paForNode`.
    pub fn station_open(&self) -> bool {
        self.gateway == GatewayKind::Station || self.station.enabled
    }

    /// Whether files go to and come from a partner.
    pub fn has_partner(&self) -> bool {
        self.gateway == GatewayKind::Partner
    }

    /// Says what is missing.
    pub(super) fn verify(&self) -> Result<(), String> {
        if self.gateway == GatewayKind::Gpd {
            self.gpd.check()?;
        }
        if self.station_open() {
            self.station.check()?;
        }
        self.partner.check()
    }
}
