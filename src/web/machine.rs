//! What another program sends: its bytes, and what shows who it is.

use std::net::IpAddr;

use poem::Request;
use poem::http::HeaderMap;
use subtle::{Choice, ConstantTimeEq};

use super::incoming::peer_of;

/// A request of another program.
pub struct Machine {
    /// The body.
    pub body: Vec<u8>,
    peer: IpAddr,
    headers: HeaderMap,
}

impl Machine {
    /// The request, without its body.
    pub(super) fn of(request: &Request) -> Machine {
        Machine {
            body: Vec::new(),
            peer: peer_of(request),
            headers: request.headers().clone(),
        }
    }

    /// Whether a header, set by a proxy that is trusted, says one of these values. All of them are
    /// compared, in constant time. A header that stands there twice says nothing: one of the two is
    /// not the proxy's.
    pub(super) fn is_vouched_for(
        &self,
        proxies: &[IpAddr],
        header: &str,
        values: &[String],
    ) -> bool {
        let mut lines = self.headers.get_all(header).into_iter();
        let (Some(line), None) = (lines.next(), lines.next()) else {
            return false;
        };
        let same = values.iter().fold(Choice::from(0), |same, value| {
            same | value.as_bytes().ct_eq(line.as_bytes())
        });
        proxies.contains(&self.peer) && !line.is_empty() && bool::from(same)
    }
}
