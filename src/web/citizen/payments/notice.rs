//! One notice: its summary, its PDF, its QR code.

use serde_json::json;

use super::shown;
use crate::base::{Actor, Result, Text};
use crate::municipality;
use crate::payments::cart_returns;
use crate::payments::notices::{self, Notice};
use crate::payments::{notice_data, notice_pdf, notice_qr_svg};
use crate::processes::payments;
use crate::web::cx::Cx;
use crate::web::reply::Reply;

fn asked(cx: &Cx, actor: &Actor) -> Result<Notice> {
    let id = cx.id("id")?;
    cx.read(|db| notices::notice_of_payer(db, actor, &id))
}

pub(super) fn show(cx: &mut Cx) -> Result<Reply> {
    let notice = asked(cx, &cx.actor)?;
    let (comune, waiting) = cx.read(|db| {
        let waiting = cart_returns::waiting(db, &cx.actor, cx.now)?;
        Ok((municipality::municipality(db)?, waiting))
    })?;
    let waiting = waiting.get(&notice.id);
    let data = json!({
        "waiting": waiting.map(|(kind, _)| kind),
        "since": waiting.map(|(_, since)| since),
        "notice": shown(&notice),
        "creditor_code": comune.fiscal_code,
        "online": payments::is_online(&cx.app),
    });
    cx.page("citizen/payments/notice.html", cx.say("notice-title"), data)
}

pub(super) fn pdf(cx: &mut Cx) -> Result<Reply> {
    file(cx, &cx.actor)
}

/// The paper of a notice of the actor's.
pub(in crate::web) fn file(cx: &Cx, actor: &Actor) -> Result<Reply> {
    let notice = asked(cx, actor)?;
    notice.require_number()?;
    let simulated = cx.app.demo;
    let data = cx.read(|db| notice_data(db, &notice, simulated))?;
    let name = format!("avviso-{}.pdf", notice.notice_number);
    cx.file(name, "application/pdf", notice_pdf::render(&data)?)
}

pub(super) fn qr(cx: &mut Cx) -> Result<Reply> {
    let notice = asked(cx, &cx.actor)?;
    notice.require_number()?;
    let svg = cx.read(|db| notice_qr_svg(db, &notice))?;
    let name = format!("avviso-{}.svg", notice.notice_number);
    cx.file(name, "image/svg+xml", svg.into_bytes())
}

pub(super) fn cancel(cx: &mut Cx) -> Result<Reply> {
    let (id, actor, now) = (cx.id("id")?, cx.actor.clone(), cx.now);
    cx.write(move |tx| notices::cancel(tx, &actor, &id, now))?;
    cx.redirect_saying("/area/pagamenti", &Text::new("notice-withdrawn"))
}
