//! Who is not the node, and what is no SOAP.

use super::node::{FINGERPRINT, HEADER, Rt, Town, agent, envelope, text, verify};
use super::server::{Folder, MONDAY, Server};

/// Posts to a server as it is.
fn post(server: &Server, headers: &[(&str, &str)], body: &str) -> u16 {
    let url = format!("http://{}/pagopa/paForNode", server.address);
    let mut request = agent().post(url).content_type("text/xml");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send(body).unwrap().status().as_u16()
}

#[test]
fn the_door_is_closed_unless_it_is_opened_and_opens_for_the_node_only() {
    let folder = Folder::demo(1);
    let body = envelope(&verify("302032002700000251"));
    let node = [(HEADER, FINGERPRINT)];
    let served = |config: &str| {
        std::fs::write(folder.data().join("campanella.toml"), config).unwrap();
        Server::start(&folder, MONDAY)
    };
    assert_eq!(post(&served(""), &node, &body), 404);

    let certified = format!(
        "[pagopa]\ngateway = \"station\"\n[pagopa.station]\nstation = \"01199250158_01\"\n\
         client_header = \"{HEADER}\"\nclient_values = [\"{FINGERPRINT}\"]\n"
    );
    // Without a proxy that is trusted, a header is what anybody says of themselves.
    assert_eq!(post(&served(&certified), &node, &body), 403);
    let proxied = format!("trusted_proxies = [\"127.0.0.1\"]\n{certified}");
    let server = served(&proxied);
    assert_eq!(post(&server, &node, &body), 200);
    assert_eq!(post(&server, &[], &body), 403);
    assert_eq!(post(&server, &[(HEADER, "")], &body), 403);
    assert_eq!(post(&server, &[(HEADER, "another")], &body), 403);
    assert_eq!(
        post(
            &server,
            &[(HEADER, FINGERPRINT), (HEADER, "another")],
            &body
        ),
        403
    );
    assert_eq!(
        post(&server, &[(HEADER, &FINGERPRINT.to_uppercase())], &body),
        403
    );
    // The node has no ration; who is not it, has.
    for _ in 0..40 {
        assert_eq!(post(&server, &node, &body), 200);
    }
    let shut = (0..300).any(|_| post(&server, &[], &body) == 429);
    assert!(shut, "who guesses is never shut out");
    assert_eq!(post(&server, &node, &body), 200);
    drop(server);

    let addressed = "trusted_proxies = [\"127.0.0.1\"]\n[pagopa.station]\nenabled = true\n\
         station = \"01199250158_01\"\nallowed_addresses = [\"192.0.2.7\"]\n";
    let server = served(addressed);
    assert_eq!(
        post(&server, &[("X-Forwarded-For", "192.0.2.7")], &body),
        200
    );
    assert_eq!(
        post(&server, &[("X-Forwarded-For", "192.0.2.8")], &body),
        403
    );
    assert_eq!(
        post(
            &server,
            &[("X-Forwarded-For", "192.0.2.7, 192.0.2.8")],
            &body
        ),
        403
    );
    let both =
        format!("{addressed}client_header = \"{HEADER}\"\nclient_values = [\"{FINGERPRINT}\"]\n");
    drop(server);
    let server = served(&both);
    assert_eq!(
        post(&server, &[("X-Forwarded-For", "192.0.2.7")], &body),
        403
    );
    assert_eq!(
        post(
            &server,
            &[("X-Forwarded-For", "192.0.2.7"), (HEADER, FINGERPRINT)],
            &body
        ),
        200
    );
}

#[test]
fn what_is_no_soap_is_a_soap_fault_and_harms_nobody() {
    let town = Town::new();
    let good = envelope(&verify(&town.notices.open));
    let fault = |body: &[u8]| {
        let (status, answer) = town.post(Some(FINGERPRINT), body);
        assert_eq!(status, 500, "{answer}");
        assert_eq!(text(&answer, "outcome"), "");
        text(&answer, "faultcode").to_owned()
    };
    let client = "soapenv:Client";
    assert_eq!(fault(b""), "soapenv:VersionMismatch");
    assert_eq!(fault(b"ciao"), "soapenv:VersionMismatch");
    assert_eq!(fault(b"<a/>"), "soapenv:VersionMismatch");
    assert_eq!(fault(&good.as_bytes()[..good.len() - 20]), client);
    assert_eq!(fault(good.replace("</qrCode>", "</qr>").as_bytes()), client);
    assert_eq!(fault(format!("{good}{good}").as_bytes()), client);
    let latin: Vec<u8> = good.replace("</qrCode>", "<x>~</x></qrCode>").into_bytes();
    let latin: Vec<u8> = latin
        .into_iter()
        .map(|b| if b == b'~' { 0xe8 } else { b })
        .collect();
    assert_eq!(fault(&latin), client);
    // Billion laughs, entities of one's own, a document type without any.
    let bomb = "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;&lol;&lol;\">]>";
    let after = |insert: &str| good.replacen("?>", &format!("?>{insert}"), 1);
    assert_eq!(
        fault(
            after(bomb)
                .replace("</qrCode>", "<x>&lol2;</x></qrCode>")
                .as_bytes()
        ),
        client
    );
    assert_eq!(
        fault(after("<!DOCTYPE a SYSTEM \"file:///etc/passwd\">").as_bytes()),
        client
    );
    assert_eq!(
        fault(
            good.replace("</qrCode>", "<x>&lol;</x></qrCode>")
                .as_bytes()
        ),
        client
    );
    let deep = format!("{}{}", "<x>".repeat(30_000), "</x>".repeat(30_000));
    assert_eq!(
        fault(
            good.replace("</qrCode>", &format!("{deep}</qrCode>"))
                .as_bytes()
        ),
        client
    );
    // Wrong namespaces, and bodies that call nothing.
    let twelve = good.replace(
        "http://schemas.xmlsoap.org/soap/envelope/",
        "http://www.w3.org/2003/05/soap-envelope",
    );
    assert_eq!(fault(twelve.as_bytes()), "soapenv:VersionMismatch");
    assert_eq!(
        fault(
            good.replace("pa/paForNode.xsd", "node/nodeForPa.xsd")
                .as_bytes()
        ),
        client
    );
    assert_eq!(fault(envelope("").as_bytes()), client);
    assert_eq!(
        fault(envelope("<pafn:paPayEverything/>").as_bytes()),
        client
    );
    let two = format!(
        "{}{}",
        verify(&town.notices.open),
        verify(&town.notices.open)
    );
    assert_eq!(fault(envelope(&two).as_bytes()), client);

    // Too large is not even read.
    let large = good.replace(
        "</qrCode>",
        &format!("<x>{}</x></qrCode>", "y".repeat(300_000)),
    );
    assert_eq!(town.post(Some(FINGERPRINT), large.as_bytes()).0, 413);
    // Just below, it is.
    let large = good.replace(
        "</qrCode>",
        &format!("<x>{}</x></qrCode>", "y".repeat(250_000)),
    );
    let (status, answer) = town.post(Some(FINGERPRINT), large.as_bytes());
    assert_eq!((status, text(&answer, "outcome")), (200, "OK"));

    // Prefixes are whatever the sender likes, also on the children.
    let prefixed = good
        .replace("soapenv", "S")
        .replace("pafn", "ns2")
        .replace("<idPA>", "<ns2:idPA>")
        .replace("</idPA>", "</ns2:idPA>");
    let (_, answer) = town.post(Some(FINGERPRINT), prefixed.as_bytes());
    assert_eq!(text(&answer, "outcome"), "OK");
    let default = good
        .replace("<pafn:paVerify", "<paVerify")
        .replace("</pafn:paVerify", "</paVerify")
        .replace("xmlns:pafn", "xmlns");
    let (_, answer) = town.post(Some(FINGERPRINT), default.as_bytes());
    assert_eq!(text(&answer, "outcome"), "OK");
    // What it was named in the header counts nothing.
    let (_, answer) = town.post(Some(FINGERPRINT), good.as_bytes());
    assert_eq!(text(&answer, "outcome"), "OK");

    // Nobody's name or code has come into the log.
    town.call(&Rt::new("S1", &town.notices.open).v2());
    town.call(&Rt::new("S2", &town.notices.open).v2());
    let log = town.server.log();
    assert!(log.contains("paSendRTV2"), "{log}");
    for private in ["RSSMRA85T50A562Q", "Rossi Mara", &town.notices.open] {
        assert!(!log.contains(private), "{private}: {log}");
    }
}
