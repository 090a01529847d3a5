//! What visitors think of a page: the rating is chosen there, the reason is asked for here.

use serde_json::{Value, json};

use crate::base::Permission::Public;
use crate::base::{Error, Result, Text};
use crate::feedback::{self, LONGEST_COMMENT, Opinion, Page, Rating, Reason};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get, post};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/valutazione", Public, ask),
        post("/valutazione", Public, keep).rationed(),
        get("/valutazione/grazie", Public, thank),
    ]
}

/// The second question; also the first again where no rating was chosen.
fn ask(cx: &mut Cx) -> Result<Reply> {
    cx.ensure_session(None)?;
    let page = Page::parse(cx.query.text("pagina")).ok_or(Error::NotFound)?;
    let rating = Rating::parse(cx.query.text("voto"));
    let error = rating.is_none().then(no_rating);
    show(cx, page, rating, error)
}

fn no_rating() -> Error {
    Error::field("voto", Text::new("error-no-rating"))
}

fn show(cx: &Cx, page: Page, rating: Option<Rating>, error: Option<Error>) -> Result<Reply> {
    let reasons = rating.map_or_else(Vec::new, |rating| reasons(cx, rating));
    let data = json!({
        "of": page,
        "service": page.is_service(),
        "rating": rating,
        "high": rating.is_some_and(Rating::is_high),
        "reasons": reasons,
        "reason": cx.form.text("reason"),
        "comment": cx.form.text("comment"),
        "longest": LONGEST_COMMENT,
    });
    let (template, title) = ("public/feedback.html", cx.say("feedback-title"));
    match error {
        None => cx.page(template, title, data),
        Some(error) => cx.page_again(error, template, title, data),
    }
}

/// The fixed answers that the AgID model gives for a high and for a low rating.
fn reasons(cx: &Cx, rating: Rating) -> Vec<Value> {
    let key = |reason| match (rating.is_high(), reason) {
        (true, Reason::Clear) => "feedback-high-clear",
        (true, Reason::Complete) => "feedback-high-complete",
        (true, Reason::Guided) => "feedback-high-guided",
        (true, Reason::Working) => "feedback-high-working",
        (false, Reason::Clear) => "feedback-low-clear",
        (false, Reason::Complete) => "feedback-low-complete",
        (false, Reason::Guided) => "feedback-low-guided",
        (false, Reason::Working) => "feedback-low-working",
        (_, Reason::Other) => "feedback-other",
    };
    let option = |reason: Reason| json!({ "value": reason, "label": cx.say(key(reason)) });
    Reason::ALL.map(option).to_vec()
}

fn keep(cx: &mut Cx) -> Result<Reply> {
    let page = Page::parse(cx.form.text("page")).ok_or(Error::NotFound)?;
    let Some(rating) = Rating::parse(cx.form.text("rating")) else {
        return show(cx, page, None, Some(no_rating()));
    };
    let opinion = Opinion {
        page,
        rating,
        reason: Reason::parse(cx.form.text("reason")),
        comment: cx.form.text("comment").to_owned(),
    };
    let now = cx.now;
    let kept = cx.write_once(move |tx| {
        feedback::record(tx, &opinion, now)?;
        Ok("/valutazione/grazie".to_owned())
    });
    match kept {
        Err(error) => show(cx, page, Some(rating), Some(error)),
        other => other,
    }
}

fn thank(cx: &mut Cx) -> Result<Reply> {
    cx.page(
        "public/thanks.html",
        cx.say("feedback-thanks-title"),
        json!({}),
    )
}
