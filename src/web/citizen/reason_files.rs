//! Why, on paper: a bill with the reasons of its lines, and one charge with its own. The same file
//! for the family and the office.

use crate::base::{Actor, Date, Result, day_of};
use crate::billing::{self, Bill, bill_pdf};
use crate::charging::{self, charge_pdf};
use crate::tariffs::{self, Explanation};
use crate::web::cx::Cx;
use crate::web::reply::Reply;
use crate::{municipality, people};

fn said(cx: &Cx, told: &Explanation, day: Date) -> Vec<String> {
    let all = tariffs::sentences(told, day);
    all.iter().map(|text| cx.say_text(text)).collect()
}

/// A charge of the actor's family.
pub(in crate::web) fn charge_of(cx: &Cx, actor: &Actor) -> Result<Reply> {
    let (id, today) = (cx.id("id")?, cx.today());
    let (charge, municipality) = cx.read(|db| {
        let charge = charging::charge_for_family(db, actor, &id, today)?;
        Ok((charge, municipality::municipality(db)?.letterhead()))
    })?;
    let printed = charge_pdf::Printed {
        municipality,
        child: charge.account.child,
        service: charge.account.service,
        from: charge.from,
        day: charge.day,
        amount: charge.amount,
        before: charge.before,
        posted_on: day_of(charge.posted_at),
        sentences: said(cx, &charge.explanation, charge.day),
        on: today,
    };
    let name = format!("addebito-{}.pdf", charge.day);
    cx.file(name, "application/pdf", charge_pdf::render(&printed)?)
}

/// "Perché questo importo?" of the family.
pub(super) fn charge(cx: &mut Cx) -> Result<Reply> {
    charge_of(cx, &cx.actor)
}

/// A bill that somebody may see.
pub(in crate::web) fn bill_of(cx: &Cx, bill: Bill) -> Result<Reply> {
    let (lines, payer, municipality) = cx.read(|db| {
        Ok((
            billing::lines_of_bill(db, &bill)?,
            people::person(db, bill.payer_id)?,
            municipality::municipality(db)?.letterhead(),
        ))
    })?;
    let name = format!("bolletta-{}-{}.pdf", bill.number, bill.year);
    let with_reasons = lines.into_iter().map(|line| {
        let sentences = said(cx, &line.explanation, line.from);
        (line, sentences)
    });
    let printed = bill_pdf::Printed {
        municipality,
        fiscal_code: payer.fiscal_code.to_string(),
        lines: with_reasons.collect(),
        bill,
        on: cx.today(),
    };
    cx.file(name, "application/pdf", bill_pdf::render(&printed)?)
}

/// A bill of the family.
pub(super) fn bill(cx: &mut Cx) -> Result<Reply> {
    let id = cx.id("id")?;
    let bill = cx.read(|db| billing::bill_of_payer(db, &cx.actor, &id))?;
    bill_of(cx, bill)
}
