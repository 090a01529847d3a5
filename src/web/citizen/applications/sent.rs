//! "Domande inviate": the list, one application with its history, its files. Nothing here changes
//! anything.

use serde_json::json;

use super::{download, listed, sent_address};
use crate::applications::{self, Application, receipt_pdf};
use crate::base::Permission::Citizen;
use crate::base::Result;
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::web::route::{Route, get};
use crate::{documents, enrolments};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area/domande", Citizen, list),
        get("/area/domande/inviata/:id", Citizen, show),
        get("/area/domande/inviata/:id/ricevuta", Citizen, receipt),
        get(
            "/area/domande/inviata/:id/documenti/:document",
            Citizen,
            open,
        ),
    ]
}

fn list(cx: &mut Cx) -> Result<Reply> {
    let sent = cx.read(|db| applications::sent(db, &cx.actor))?;
    let title = cx.say("app-sent-title");
    let data = json!({
        "sent": sent,
        "crumbs": [
            { "label": cx.say("home-title"), "href": "/area" },
            { "label": title, "href": "" },
        ],
    });
    cx.page("citizen/applications/sent_list.html", title, data)
}

fn load(cx: &Cx) -> Result<Application> {
    let id = cx.id("id")?;
    cx.read(|db| applications::sent_application(db, &cx.actor, &id))
}

fn show(cx: &mut Cx) -> Result<Reply> {
    let sent = load(cx)?;
    let diet = cx.read(|db| sent.own_diet(db, &cx.app.key, &cx.actor))?;
    let enrolment = cx.read(|db| enrolments::of_application(db, sent.id))?;
    let base = format!("{}/documenti", sent_address(&sent.public_id));
    let attachments: Vec<_> = sent.attachments.iter().map(|d| listed(d, &base)).collect();
    let title = sent.number.clone();
    let data = json!({
        "sent": sent,
        "serves_food": sent.call.serves_food(),
        "diet": diet,
        "enrolment": enrolment,
        "attachments": attachments,
        "receipt_size": receipt_pdf::size_it(u64::try_from(sent.receipt.size).unwrap_or(0)),
        "receipt_href": format!("{}/ricevuta", sent_address(&sent.public_id)),
        "crumbs": [
            { "label": cx.say("home-title"), "href": "/area" },
            { "label": cx.say("app-sent-title"), "href": "/area/domande" },
            { "label": title, "href": "" },
        ],
    });
    let title = cx.say_text(&crate::base::Text::new("app-sent-one").with("number", title));
    cx.page("citizen/applications/sent.html", title, data)
}

fn receipt(cx: &mut Cx) -> Result<Reply> {
    let receipt = load(cx)?.receipt;
    let bytes = cx.read(|db| documents::bytes(db, &receipt))?;
    cx.file(receipt.filename, "application/pdf", bytes)
}

fn open(cx: &mut Cx) -> Result<Reply> {
    let wanted = cx.id("document")?;
    let document = load(cx)?.attachment(&wanted)?.clone();
    download(cx, document)
}
