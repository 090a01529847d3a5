//! Several notices in one go: the first five in one payment of pagoPA, the others after it.

use serde_json::json;

use super::shown;
use crate::base::{Cents, Error, PublicId, Result};
use crate::payments::carts::MOST_NOTICES;
use crate::payments::notices::{self, Notice, NoticeState};
use crate::processes::payments::is_online;
use crate::web::cx::Cx;
use crate::web::reply::Reply;

/// So many notices are shown on one page; nobody has more.
const MOST: usize = 40;

/// Where some notices are paid together.
pub(super) fn address(notices: &[PublicId]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for id in notices {
        query.append_pair("avviso", id.as_str());
    }
    format!("/area/pagamenti/insieme?{}", query.finish())
}

pub(super) fn show(cx: &mut Cx) -> Result<Reply> {
    let ids = cx.query.all("avviso").take(MOST);
    let ids: Vec<PublicId> = ids
        .map(|id| id.parse().map_err(|()| Error::NotFound))
        .collect::<Result<_>>()?;
    let all: Vec<Notice> = cx.read(|db| {
        let read = |id| notices::notice_of_payer(db, &cx.actor, id);
        ids.iter().map(read).collect()
    })?;
    let open = all.iter().filter(|n| n.state == NoticeState::Open);
    let open: Vec<&Notice> = open.collect();
    let (first, later) = open.split_at(open.len().min(MOST_NOTICES));
    let part = |notices: &[&Notice]| {
        let total: Cents = notices.iter().map(|n| n.amount).sum();
        json!({
            "notices": notices.iter().map(|n| shown(n)).collect::<Vec<_>>(),
            "total": total,
        })
    };
    let rest: Vec<PublicId> = later.iter().map(|n| n.public_id.clone()).collect();
    let data = json!({
        "first": part(first),
        "later": part(later),
        "later_href": address(&rest),
        "most": MOST_NOTICES,
        "online": is_online(&cx.app),
    });
    cx.page(
        "citizen/payments/together.html",
        cx.say("together-title"),
        data,
    )
}
