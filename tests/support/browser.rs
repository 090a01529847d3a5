//! A browser without scripts: one cookie, forms as the pages give them.

use std::sync::Arc;

use campanella::app::App;
use campanella::web;
use poem::http::{StatusCode, header};
use poem::test::TestClient;
use scraper::{Html, Selector};

/// Somebody's open session on a comune at a moment.
#[derive(Clone)]
pub struct Browser {
    pub app: Arc<App>,
    /// The whole `Cookie` header.
    pub cookie: String,
    /// The form token of the session.
    pub csrf: String,
}

impl Browser {
    /// The same person, looking at the comune as another process sees it.
    pub fn of(&self, app: Arc<App>) -> Browser {
        Browser {
            app,
            ..self.clone()
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(path, None).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("_csrf", &self.csrf)
            .extend_pairs(fields)
            .finish();
        let kind = "application/x-www-form-urlencoded".to_owned();
        self.send(path, Some((kind, body.into_bytes()))).await
    }

    /// Sends a file with the named fields ticked.
    pub async fn upload(&self, path: &str, name: &str, bytes: &[u8], fields: &[&str]) -> Answer {
        let fields: Vec<(&str, &str)> = fields.iter().map(|field| (*field, "1")).collect();
        self.upload_with(path, ("file", name, bytes), &fields).await
    }

    /// Sends a form with a file in a named field.
    pub async fn upload_with(
        &self,
        path: &str,
        (file, name, bytes): (&str, &str, &[u8]),
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut body = Vec::new();
        let mut part = |head: String, content: &[u8]| {
            body.extend_from_slice(
                format!("--xyz\r\nContent-Disposition: form-data; {head}").as_bytes(),
            );
            body.extend_from_slice(b"\r\n\r\n");
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        };
        part("name=\"_csrf\"".to_owned(), self.csrf.as_bytes());
        for (field, value) in fields {
            part(format!("name=\"{field}\""), value.as_bytes());
        }
        part(format!("name=\"{file}\"; filename=\"{name}\""), bytes);
        body.extend_from_slice(b"--xyz--\r\n");
        let kind = "multipart/form-data; boundary=xyz".to_owned();
        self.send(path, Some((kind, body))).await
    }

    async fn send(&self, path: &str, post: Option<(String, Vec<u8>)>) -> Answer {
        let client = TestClient::new(web::endpoint(Arc::clone(&self.app)));
        let request = match post {
            None => client.get(path),
            Some((kind, body)) => client.post(path).content_type(kind).body(body),
        };
        let response = request
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::COOKIE, &self.cookie)
            .send()
            .await
            .0;
        Answer {
            status: response.status(),
            location: response
                .header(header::LOCATION)
                .unwrap_or_default()
                .to_owned(),
            body: response.into_body().into_vec().await.unwrap(),
        }
    }
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub location: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A page that was shown, without a refusal or a server's fault.
    pub fn page(self) -> Page {
        self.page_with(StatusCode::OK)
    }

    pub fn page_with(self, status: StatusCode) -> Page {
        assert_eq!(self.status, status, "{}", self.text());
        Page(self.text())
    }

    /// Where a good form leads.
    pub fn leads_to(self) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text());
        self.location
    }
}

/// A page's source.
pub struct Page(pub String);

impl Page {
    /// The words of each element that the selector finds.
    pub fn all(&self, selector: &str) -> Vec<String> {
        let html = Html::parse_document(&self.0);
        html.select(&Selector::parse(selector).unwrap())
            .map(|element| {
                let text: String = element.text().collect();
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            })
            .collect()
    }

    pub fn attribute(&self, selector: &str, name: &str) -> String {
        let html = Html::parse_document(&self.0);
        let found = html.select(&Selector::parse(selector).unwrap()).next();
        let element = found.unwrap_or_else(|| panic!("no {selector} in {}", self.0));
        element.value().attr(name).unwrap_or("").to_owned()
    }

    /// A hidden field's value.
    pub fn hidden(&self, name: &str) -> String {
        self.attribute(&format!("main input[name={name}]"), "value")
    }

    /// The words of the page's main part.
    pub fn main(&self) -> String {
        self.all("main").join(" ")
    }

    pub fn says(&self, text: &str) {
        let all = self.main();
        assert!(all.contains(text), "no “{text}” in: {all}");
    }

    pub fn is_silent_on(&self, text: &str) {
        let all = self.main();
        assert!(!all.contains(text), "“{text}” in: {all}");
    }
}
