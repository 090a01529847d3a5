//! GPD, pagoPA's archive of debt positions ("gestione posizioni debitorie"), over REST: positions go
//! out, receipts and settlement flows are asked for, payers are led to Checkout. There is no call from
//! pagoPA to us. Sources: the OpenAPI files of `pagopa/pagopa-api`, SANP 3.11.
//!
//! Every call looks before it repeats: what was asked and not answered may have been done.

mod checkout;
mod flows;
mod http;
mod receipts;
mod wire;

use std::time::Duration;

use crate::base::{Instant, Result, Secret};

use self::http::{Answer, Http, words};
use self::wire::{Likeness, Remote};
use super::NoticeNumber;
use super::flows::RawFlow;
use super::gateway::{self, Checkout, PaymentGateway, Position, ReturnUrls};
use super::notices::Notice;
use super::platform::iupd;
use super::positions::{Operation, PositionState};
use super::rt::RawReceipt;

/// A key, or why there is none: said when it is needed.
pub type Key = std::result::Result<Secret, String>;

/// The keys of pagoPA's products.
pub struct Keys {
    /// Debt positions.
    pub positions: Key,
    /// Receipts.
    pub receipts: Key,
    /// Settlement flows.
    pub flows: Key,
    /// The payment page.
    pub checkout: Key,
}

/// How GPD is reached, and for whom.
pub struct Access {
    /// `https://api.platform.pagopa.it`, without a slash at the end.
    pub base: String,
    /// The only host that browsers are led to, with its port if it has one.
    pub checkout_host: String,
    /// The creditor's fiscal code.
    pub creditor: String,
    /// The creditor's name.
    pub creditor_name: String,
    /// What a call may take until it is ended.
    pub timeout: Duration,
    /// The keys.
    pub keys: Keys,
}

/// Says whether the receipt of an IUV is here already, so that it is not fetched again.
pub type IsKnown<'a> = Box<dyn Fn(&str) -> Result<bool> + 'a>;

/// The platform.
pub struct Gpd<'a> {
    access: Access,
    is_known: IsKnown<'a>,
    http: Http,
}

impl<'a> Gpd<'a> {
    /// The platform as a configuration reaches it. Nothing is asked yet.
    pub fn new(access: Access, is_known: IsKnown<'a>) -> Gpd<'a> {
        Gpd {
            http: Http::new(access.timeout),
            access,
            is_known,
        }
    }

    fn positions(&self, rest: &str) -> String {
        let Access { base, creditor, .. } = &self.access;
        format!("{base}/gpd/debt-positions-service/v1/organizations/{creditor}/debtpositions{rest}")
    }

    fn position_call(&self, method: &str, rest: &str, body: Option<Vec<u8>>) -> Result<Answer> {
        let key = http::key(&self.access.keys.positions)?;
        let url = self.positions(rest);
        self.http.json(method, &url, key, body)
    }

    /// What the platform has under a name; none when it has nothing.
    ///
    /// # Errors
    /// When it does not say.
    pub fn look(&self, name: &str) -> Result<Option<Remote>> {
        let answer = self.position_call("GET", &format!("/{name}"), None)?;
        match answer.status {
            200 => Remote::read(&answer.body).map(Some),
            404 => Ok(None),
            _ => Err(gateway::refused(words(&answer))),
        }
    }

    /// Makes the platform's position what it should be, where amount, number and date are the same:
    /// an account or a subject that was mended meanwhile.
    ///
    /// # Errors
    /// Those of [`super::gateway`].
    pub fn update(&self, position: &Position) -> Result<()> {
        let name = iupd(&position.notice_number);
        let body = self.body(position)?;
        let rest = format!("/{name}?toPublish=true");
        let answer = self.position_call("PUT", &rest, Some(body))?;
        match answer.status {
            200 => Ok(()),
            409 => match self.look(&name)? {
                Some(found) if found.state.is_paid() => Ok(()),
                _ => Err(gateway::refused(words(&answer))),
            },
            _ => Err(gateway::refused(words(&answer))),
        }
    }

    fn body(&self, position: &Position) -> Result<Vec<u8>> {
        wire::position(position, &self.access.creditor, &self.access.creditor_name)
    }

    /// What is there already under our name counts as published if it is the same position.
    fn adopt(&self, position: &Position, found: &Remote) -> Result<()> {
        if found.state.is_paid() {
            return Ok(());
        }
        match found.likeness(position) {
            Likeness::Other(what) => Err(gateway::differs(what)),
            _ if found.state.is_over() => Err(gateway::differs(found.state.as_str())),
            Likeness::Mended if found.state.after(Operation::Update).is_some() => {
                self.update(position)
            }
            _ if found.state == PositionState::Draft => {
                let name = iupd(&position.notice_number);
                let answer = self.position_call("POST", &format!("/{name}/publish"), None)?;
                match answer.status {
                    200 => Ok(()),
                    _ => Err(gateway::refused(words(&answer))),
                }
            }
            _ => Ok(()),
        }
    }
}

impl PaymentGateway for Gpd<'_> {
    fn publish(&self, position: &Position) -> Result<()> {
        let body = self.body(position)?;
        let name = iupd(&position.notice_number);
        match self.position_call("POST", "?toPublish=true", Some(body)) {
            Ok(answer) if answer.status == 201 => Ok(()),
            // The name or the number is taken: by an earlier call of ours that nobody answered?
            Ok(answer) if answer.status == 409 => match self.look(&name)? {
                Some(found) => self.adopt(position, &found),
                None => Err(gateway::refused(words(&answer))),
            },
            Ok(answer) => Err(gateway::refused(words(&answer))),
            Err(silence) if http::may_have_been_done(&silence) => match self.look(&name) {
                Ok(Some(found)) => self.adopt(position, &found),
                // It is not there, or nobody says so: the next round begins anew.
                _ => Err(silence),
            },
            Err(error) => Err(error),
        }
    }

    fn invalidate(&self, number: &NoticeNumber) -> Result<()> {
        let name = iupd(number);
        let asked = self.position_call("POST", &format!("/{name}/invalidate"), None);
        let refusal = match asked {
            // What is not there can't be paid.
            Ok(answer) if matches!(answer.status, 200 | 404) => return Ok(()),
            Ok(answer) => gateway::refused(words(&answer)),
            Err(silence) if http::may_have_been_done(&silence) => silence,
            Err(error) => return Err(error),
        };
        match self.look(&name) {
            Ok(None) => Ok(()),
            Ok(Some(found)) if found.state.is_paid() => Err(gateway::paid()),
            Ok(Some(found)) if found.state.is_over() => Ok(()),
            _ => Err(refusal),
        }
    }

    fn start_checkout(
        &self,
        notices: &[Notice],
        urls: &ReturnUrls,
        _now: Instant,
    ) -> Result<Checkout> {
        checkout::start(self, notices, urls)
    }

    fn poll_receipts(&self, since: Instant, until: Instant) -> Result<Vec<RawReceipt>> {
        receipts::poll(self, since, until)
    }

    fn poll_flows(&self, since: Instant, until: Instant) -> Result<Vec<RawFlow>> {
        flows::poll(self, since, until)
    }
}
