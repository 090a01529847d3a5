//! Every exchange is judged by pagoPA's own OpenAPI files. They are no part of this project: where they
//! are missing, the test says so and nothing is judged.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::server::Exchange;

/// Where each interface begins, and its file.
const FILES: [(&str, &str); 4] = [
    ("/gpd/debt-positions-service/v1", "gpd.json"),
    ("/gpd/payments-receipts-service/v1", "gpd_payments.json"),
    ("/checkout/ec/v1", "checkout_v1.json"),
    ("/fdr-org/service/v1", "fdr_organization.json"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/pagopa/pagopa-api/openapi")
}

/// Judges exchanges; how many bodies were compared with a schema. None where the files are missing.
pub fn judge(exchanges: &[Exchange]) -> Option<usize> {
    if !folder().is_dir() {
        println!(
            "skipped: {} is missing, no exchange was judged",
            folder().display()
        );
        return None;
    }
    Some(exchanges.iter().map(one).sum())
}

fn one(exchange: &Exchange) -> usize {
    let said = format!("{} {}", exchange.method, exchange.target);
    let (path, query) = exchange
        .target
        .split_once('?')
        .unwrap_or((&exchange.target, ""));
    let found = FILES
        .iter()
        .find_map(|(prefix, file)| Some((path.strip_prefix(prefix)?, file)));
    let (rest, file) = found.unwrap_or_else(|| panic!("{said}: no interface has this address"));
    let text = std::fs::read_to_string(folder().join(file)).unwrap();
    // A count that no engine of regular expressions takes.
    let api: Value = serde_json::from_str(&text.replace("{1,2147483647}", "+")).unwrap();
    let template = api["paths"]
        .as_object()
        .unwrap()
        .iter()
        .find(|(template, _)| {
            let (asked, known): (Vec<_>, Vec<_>) =
                (rest.split('/').collect(), template.split('/').collect());
            asked.len() == known.len()
                && asked
                    .iter()
                    .zip(known)
                    .all(|(a, k)| k.starts_with('{') || *a == k)
        });
    let (_, item) = template.unwrap_or_else(|| panic!("{said}: no such path in {file}"));
    let operation = &item[exchange.method.to_lowercase()];
    assert!(operation.is_object(), "{said}: no such method in {file}");
    let named: Vec<&str> = operation["parameters"]
        .as_array()
        .map(|all| all.iter().filter_map(|p| p["name"].as_str()).collect())
        .unwrap_or_default();
    for (name, _) in form_urlencoded::parse(query.as_bytes()) {
        assert!(named.contains(&&*name), "{said}: {name} is no parameter");
    }
    let mut judged = 0;
    let schema = |at: &Value| at["content"]["application/json"]["schema"].clone();
    let asked = schema(&operation["requestBody"]);
    match (&exchange.body, asked.is_null()) {
        (Some(body), false) => {
            valid(&api, &asked, body, &said);
            judged += 1;
        }
        (None, true) => {}
        (body, _) => panic!("{said}: a body where none is due, or none where one is: {body:?}"),
    }
    let answers = &operation["responses"][exchange.status.to_string()];
    // What a gateway in between may say at any time is in no file.
    if answers.is_null() {
        let between = [401, 429, 503, 307, 409];
        assert!(
            between.contains(&exchange.status),
            "{said}: {} is no answer",
            exchange.status
        );
    } else if let (Some(body), false) = (&exchange.answer, schema(answers).is_null()) {
        valid(&api, &schema(answers), body, &said);
        judged += 1;
    }
    judged
}

fn valid(api: &Value, schema: &Value, body: &Value, said: &str) {
    let whole = json!({ "allOf": [schema], "components": api["components"] });
    let validator = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft4)
        .should_validate_formats(true)
        .build(&whole)
        .unwrap();
    let wrong: Vec<String> = validator
        .iter_errors(body)
        .map(|e| format!("{e} at {}", e.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{said}: {wrong:?}\n{body}");
}

#[test]
fn the_judge_refuses_what_is_wrong() {
    let right = json!({
        "noticeNumber": "302032002700000251", "fiscalCode": "01199250158", "amount": 4250,
        "companyName": "Comune", "description": "Mensa",
    });
    let cart = |notice: &Value| Exchange {
        method: "POST".to_owned(),
        target: "/checkout/ec/v1/carts".to_owned(),
        body: Some(json!({
            "paymentNotices": [notice],
            "returnUrls": { "returnOkUrl": "https://a.it/1", "returnCancelUrl": "https://a.it/2", "returnErrorUrl": "https://a.it/3" },
        })),
        status: 302,
        answer: None,
    };
    if judge(&[cart(&right)]).is_none() {
        return;
    }
    for (field, wrong) in [
        ("noticeNumber", json!("30203200270000025")),
        ("amount", json!(42.5)),
        ("companyName", Value::Null),
    ] {
        let mut notice = right.clone();
        notice[field] = wrong;
        let judged = std::panic::catch_unwind(|| judge(&[cart(&notice)]));
        assert!(judged.is_err(), "{field}");
    }
}
