//! What comes with a request: who really sends it, its cookies, its form.

use std::net::IpAddr;

use poem::http::{HeaderMap, StatusCode, header};
use poem::web::Multipart;
use poem::{FromRequest, Request};

use super::form::{Form, Upload};

/// Who is at the other end of the connection.
pub(super) fn peer_of(request: &Request) -> IpAddr {
    let peer = request.remote_addr().as_socket_addr();
    peer.map_or(IpAddr::from([127, 0, 0, 1]), |a| a.ip())
}

/// The last address of `X-Forwarded-For` that no trusted proxy wrote; the peer itself when it is
/// not a trusted proxy.
pub(super) fn real_client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    // A proxy may add a line of its own below one that the client sent: all of them are one list.
    let lines: Vec<_> = headers
        .get_all("x-forwarded-for")
        .into_iter()
        .map(|value| value.to_str().unwrap_or("?"))
        .collect();
    let mut client = peer;
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !trusted.contains(&client) {
            break;
        }
        match hop.trim().parse() {
            Ok(address) => client = address,
            Err(_) => break,
        }
    }
    client
}

/// Whether the client reads gzip.
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING);
    accepted
        .and_then(|value| value.to_str().ok())
        .is_some_and(|all| all.contains("gzip"))
}

pub(super) fn cookie_of(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|v| v.to_str().ok());
    let pairs = all
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .into_iter()
        .find(|(n, _)| *n == name)
        .map(|(_, value)| value.to_owned())
}

/// What another program sends, as it came.
pub(super) async fn raw_body(mut request: Request, limit: usize) -> Result<Vec<u8>, StatusCode> {
    let bytes = request.take_body().into_bytes_limit(limit).await;
    Ok(bytes.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?.to_vec())
}

pub(super) async fn body(mut request: Request, limit: usize) -> Result<Form, StatusCode> {
    if limit == 0 {
        return Ok(Form::default());
    }
    let bytes = request
        .take_body()
        .into_bytes_limit(limit)
        .await
        .map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    let kind = request.content_type().unwrap_or("");
    if kind.starts_with("application/x-www-form-urlencoded") {
        return Ok(Form::urlencoded(&bytes));
    }
    if kind.starts_with("multipart/form-data") {
        request.set_body(bytes);
        return multipart(request)
            .await
            .map_err(|_| StatusCode::BAD_REQUEST);
    }
    if bytes.is_empty() {
        Ok(Form::default())
    } else {
        Err(StatusCode::UNSUPPORTED_MEDIA_TYPE)
    }
}

async fn multipart(request: Request) -> poem::Result<Form> {
    let (request, mut body) = request.split();
    let mut parts = Multipart::from_request(&request, &mut body).await?;
    let mut form = Form::default();
    while let Some(part) = parts.next_field().await? {
        let name = part.name().unwrap_or("").to_owned();
        let filename = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await?;
        match filename {
            Some(filename) => form.files.push(Upload {
                field: name,
                filename,
                bytes,
            }),
            None => form
                .fields
                .push((name, String::from_utf8_lossy(&bytes).into_owned())),
        }
    }
    Ok(form)
}
