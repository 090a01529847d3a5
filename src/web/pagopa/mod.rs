//! `/pagopa/paForNode`: the door of the station. Only the node of pagoPA comes in, known by what the
//! proxy says of its client certificate or by its address; never by a session.

use poem::http::StatusCode;

use super::cx::Cx;
use super::reply::Reply;
use super::route::{self, Route};
use crate::base::{Error, Permission, Result};
use crate::processes::station;

const PATH: &str = "/pagopa/paForNode";

pub(super) fn routes() -> Vec<Route> {
    // Who is not the node could only guess at who it is.
    vec![
        route::post(PATH, Permission::Public, answer)
            .for_programs()
            .rationed(),
    ]
}

/// Whether a request at the station's door comes from the node.
pub(super) fn is_the_node(cx: &Cx) -> bool {
    let config = &cx.app.config;
    let station = &config.pagopa.station;
    let Some(machine) = cx.machine.as_ref().filter(|_| config.pagopa.station_open()) else {
        return false;
    };
    let certified = station.client_header.is_empty()
        || machine.is_vouched_for(
            &config.trusted_proxies,
            &station.client_header,
            &station.client_values,
        );
    let from = &station.allowed_addresses;
    certified && (from.is_empty() || from.contains(&cx.client))
}

fn answer(cx: &mut Cx) -> Result<Reply> {
    if !cx.app.config.pagopa.station_open() {
        return Err(Error::NotFound);
    }
    if !is_the_node(cx) {
        tracing::warn!(
            request_id = cx.request_id,
            "somebody who is not the node asked the station"
        );
        return Err(Error::Forbidden);
    }
    let body = cx
        .machine
        .take()
        .map_or_else(Vec::new, |machine| machine.body);
    let told = station::answer(&cx.app, body, cx.now)?;
    tracing::info!(
        request_id = cx.request_id,
        operation = told.operation,
        outcome = told.outcome,
        "the node asked the station"
    );
    // SOAP 1.1 over HTTP: a SOAP Fault is a 500, every answer to an operation is a 200.
    let status = match told.is_call {
        true => StatusCode::OK,
        false => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Ok(Reply::Soap(status, told.envelope))
}
