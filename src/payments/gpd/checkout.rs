//! Checkout, pagoPA's payment page: `POST /carts` (`checkout_v1.json`). The answer is where the browser
//! goes; it proves nothing.

use serde::Serialize;

use super::Gpd;
use super::http::{self, words};
use crate::base::{Error, Result};
use crate::payments::carts::MOST_NOTICES;
use crate::payments::gateway::{self, Checkout, ReturnUrls};
use crate::payments::notices::Notice;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CartOut<'a> {
    payment_notices: Vec<NoticeOut<'a>>,
    return_urls: UrlsOut<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NoticeOut<'a> {
    notice_number: &'a str,
    fiscal_code: &'a str,
    amount: i64,
    company_name: &'a str,
    description: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UrlsOut<'a> {
    return_ok_url: &'a str,
    return_cancel_url: &'a str,
    return_error_url: &'a str,
}

pub(super) fn start(gpd: &Gpd<'_>, notices: &[Notice], urls: &ReturnUrls) -> Result<Checkout> {
    if notices.is_empty() || notices.len() > MOST_NOTICES {
        return Err(Error::Internal(format!("a cart of {}", notices.len())));
    }
    let access = &gpd.access;
    let company: String = access.creditor_name.chars().take(140).collect();
    let listed = notices.iter().map(|notice| NoticeOut {
        notice_number: notice.notice_number.as_str(),
        fiscal_code: &access.creditor,
        amount: notice.amount.0,
        company_name: &company,
        description: &notice.subject,
    });
    let cart = CartOut {
        payment_notices: listed.collect(),
        return_urls: UrlsOut {
            return_ok_url: &urls.ok,
            return_cancel_url: &urls.cancel,
            return_error_url: &urls.error,
        },
    };
    let body = serde_json::to_vec(&cart).map_err(Error::internal)?;
    let url = format!("{}/checkout/ec/v1/carts", access.base);
    let key = http::key(&access.keys.checkout)?;
    let answer = gpd.http.json("POST", &url, key, Some(body))?;
    if answer.status != 302 {
        return Err(gateway::refused(words(&answer)));
    }
    let address = answer.location.unwrap_or_default();
    let local = access.base.starts_with("http://");
    if !leads_to(&address, &access.checkout_host, local) {
        return Err(gateway::refused("the payment page is at another host"));
    }
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let reference = path.rsplit('/').next().unwrap_or_default();
    Ok(Checkout {
        reference: reference.chars().take(100).collect(),
        address,
    })
}

/// Whether an address is of this host and no other, and would not be read otherwise by a browser:
/// no user part, no backslash, no control character.
fn leads_to(address: &str, host: &str, local: bool) -> bool {
    let rest = match address.strip_prefix("https://") {
        Some(rest) => Some(rest),
        None if local => address.strip_prefix("http://"),
        None => None,
    };
    let Some(rest) = rest else {
        return false;
    };
    let plain = address
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    plain && authority.eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use super::leads_to;

    #[test]
    fn browsers_are_led_to_the_payment_page_and_nowhere_else() {
        let host = "checkout.pagopa.it";
        assert!(leads_to(
            "https://checkout.pagopa.it/c/123?x=1",
            host,
            false
        ));
        for wrong in [
            "http://checkout.pagopa.it/c/123",
            "https://checkout.pagopa.it.example.org/c",
            "https://checkout.pagopa.it@example.org/",
            "https://example.org/https://checkout.pagopa.it",
            "https://checkout.pagopa.it\\@example.org/",
            "https://checkout.pagopa.it:444/",
            "https://checkout.pagopa.it/\r\nSet-Cookie: a",
            "//checkout.pagopa.it/",
            "javascript:alert(1)",
            "",
        ] {
            assert!(!leads_to(wrong, host, false), "{wrong:?}");
        }
        assert!(leads_to("http://127.0.0.1:9000/c", "127.0.0.1:9000", true));
    }
}
