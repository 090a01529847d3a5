//! A browser without a screen: one cookie, one address that it comes from.

use std::time::{Duration, Instant};

use ureq::Agent;

/// An answer whose head has arrived: what it acknowledges must stand.
pub struct Answer {
    pub status: u16,
    pub location: String,
    pub body: String,
}

/// The connection broke off before an answer: nothing was acknowledged.
#[derive(Debug)]
pub struct Cut;

pub struct Browser {
    agent: Agent,
    address: String,
    from: String,
    pub cookie: String,
    csrf: String,
    /// How long each answer took: whether a form was sent, where to.
    pub times: Vec<(bool, String, Duration)>,
}

/// What stands between two marks.
pub fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let rest = &text[text.find(before)? + before.len()..];
    rest.find(after).map(|end| &rest[..end])
}

/// All of them.
pub fn all_between<'a>(text: &'a str, before: &'a str, after: &'a str) -> Vec<&'a str> {
    let parts = text.split(before).skip(1);
    parts
        .filter_map(|part| part.find(after).map(|end| &part[..end]))
        .collect()
}

impl Answer {
    pub fn hidden(&self, name: &str) -> Option<String> {
        let mark = format!("name=\"{name}\" value=\"");
        between(&self.body, &mark, "\"").map(str::to_owned)
    }

    /// The values of check boxes or radio buttons with a name.
    pub fn values(&self, name: &str) -> Vec<String> {
        let mark = format!("name=\"{name}\"");
        let boxes = all_between(&self.body, "<input", ">");
        let named = boxes.into_iter().filter(|one| one.contains(&mark));
        named
            .filter_map(|one| between(one, "value=\"", "\"").map(str::to_owned))
            .collect()
    }
}

impl Browser {
    pub fn new(address: &str, from: &str) -> Browser {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            .build();
        Browser {
            agent: agent.into(),
            address: address.to_owned(),
            from: from.to_owned(),
            cookie: String::new(),
            csrf: String::new(),
            times: Vec::new(),
        }
    }

    fn taken(
        &mut self,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Answer, Cut> {
        let mut answer = answer.map_err(|_| Cut)?;
        let head = |name: &str| {
            let value = answer.headers().get(name).and_then(|v| v.to_str().ok());
            value.unwrap_or("").to_owned()
        };
        let (location, cookie) = (head("location"), head("set-cookie"));
        if !cookie.is_empty() {
            self.cookie = cookie.split(';').next().unwrap().to_owned();
        }
        let status = answer.status().as_u16();
        // The head alone acknowledges; a page that is cut is an empty one.
        let body = answer.body_mut().read_to_string().unwrap_or_default();
        if let Some(csrf) = between(&body, "name=\"_csrf\" value=\"", "\"") {
            self.csrf = csrf.to_owned();
        }
        let base = format!("http://{}", self.address);
        Ok(Answer {
            status,
            location: location.strip_prefix(&base).unwrap_or(&location).to_owned(),
            body,
        })
    }

    pub fn get(&mut self, path: &str) -> Result<Answer, Cut> {
        let url = format!("http://{}{path}", self.address);
        let request = self.agent.get(&url).header("x-forwarded-for", &self.from);
        let begun = Instant::now();
        let answer = request.header("cookie", &self.cookie).call();
        let answer = self.taken(answer)?;
        self.times.push((false, path.to_owned(), begun.elapsed()));
        Ok(answer)
    }

    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Answer, Cut> {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("_csrf", &self.csrf)
            .extend_pairs(fields)
            .finish();
        let url = format!("http://{}{path}", self.address);
        let request = self.agent.post(&url).header("x-forwarded-for", &self.from);
        let begun = Instant::now();
        let answer = request
            .header("cookie", &self.cookie)
            .content_type("application/x-www-form-urlencoded")
            .send(body);
        let answer = self.taken(answer)?;
        self.times.push((true, path.to_owned(), begun.elapsed()));
        Ok(answer)
    }

    /// A demo parent logs in.
    pub fn enter(&mut self, person: &str) -> Result<Answer, Cut> {
        self.get("/demo/accesso")?;
        self.post("/demo/accesso", &[("person", person)])
    }

    /// A member of the demo's staff logs in.
    pub fn enter_staff(&mut self, username: &str) -> Result<Answer, Cut> {
        self.get("/ufficio/accesso")?;
        let typed = [
            ("username", username),
            ("password", campanella::demo::PASSWORD),
        ];
        self.post("/ufficio/accesso", &typed)
    }
}
