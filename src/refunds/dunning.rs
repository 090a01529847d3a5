//! The comune's rule of reminders as data (docs/refunds.md): which step follows for a debt of some
//! amount and age. A pure function; what was done is in `reminder`.

use serde::{Deserialize, Deserializer, Serialize};

use super::policy::wrong_file;
use crate::base::{Cents, Error, Result, Text};
use crate::plans::PlanRule;

/// What the comune does about a debt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// A message in the portal, or by e-mail.
    Message,
    /// A text message.
    Sms,
    /// A registered letter (messa in mora).
    RegisteredLetter,
    /// On the next bill.
    NextBill,
    /// Forced collection (L. 160/2019, c. 792).
    Collection,
    /// No enrolment for the next year.
    Exclusion,
}

impl StepKind {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            StepKind::Message => "message",
            StepKind::Sms => "sms",
            StepKind::RegisteredLetter => "registered_letter",
            StepKind::NextBill => "next_bill",
            StepKind::Collection => "collection",
            StepKind::Exclusion => "exclusion",
        }
    }

    /// Out of the database or a form.
    pub fn parse(text: &str) -> Option<StepKind> {
        [
            StepKind::Message,
            StepKind::Sms,
            StepKind::RegisteredLetter,
            StepKind::NextBill,
            StepKind::Collection,
            StepKind::Exclusion,
        ]
        .into_iter()
        .find(|step| step.as_str() == text)
    }
}

/// One step of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DunningStep {
    /// What is done.
    #[serde(rename = "do")]
    pub kind: StepKind,
    /// Only for debts above this.
    #[serde(default, deserialize_with = "decimal")]
    pub above: Cents,
    /// Only for debts of at least so many days.
    #[serde(default)]
    pub older_than_days: u32,
    /// Only so many days after the step before it in the file.
    #[serde(default)]
    pub days_after_previous: Option<u32>,
    /// What it costs the debtor.
    #[serde(default, deserialize_with = "decimal")]
    pub cost: Cents,
}

fn decimal<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Cents, D::Error> {
    let text = String::deserialize(from)?;
    match Cents::parse_decimal(&text) {
        Ok(amount) if amount >= Cents::ZERO => Ok(amount),
        _ => Err(serde::de::Error::custom(format!(
            "`{text}` is no amount: write it like \"15.00\""
        ))),
    }
}

/// The rule of a comune: its steps, the mildest first.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DunningPolicy {
    /// Whose rule it is.
    pub name: String,
    /// Where it is published.
    #[serde(default)]
    pub source: String,
    /// The steps.
    #[serde(default, rename = "step")]
    pub steps: Vec<DunningStep>,
    /// When families hear that credit runs low.
    #[serde(default)]
    pub credit: CreditRule,
    /// On which conditions a debt is paid in instalments; none: it is not offered.
    #[serde(default)]
    pub plan: Option<PlanRule>,
}

/// When families hear that the credit of a prepaid service runs low.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CreditRule {
    /// At so many meals left; below zero, so many meals owed. None: never.
    pub alert_at_meals: Vec<i32>,
    /// The child goes on eating without credit.
    pub always_eats: bool,
    /// Where the child does not always eat: from so many meals owed on (below zero) the office may
    /// suspend the service. None: it may not.
    pub suspend_below_meals: Option<i32>,
    /// Credit of one account of a family covers by itself what another one owes.
    pub siblings_cover: bool,
}

impl Default for CreditRule {
    /// The rule of a comune that has set none.
    fn default() -> CreditRule {
        CreditRule {
            alert_at_meals: vec![3, 0, -3],
            always_eats: true,
            suspend_below_meals: None,
            siblings_cover: false,
        }
    }
}

impl CreditRule {
    /// Whether the office may suspend a service at all.
    pub fn suspends(&self) -> bool {
        !self.always_eats && self.suspend_below_meals.is_some()
    }

    /// What the balance of a prepaid account must not come down to, where a meal costs `price`, lest the
    /// service be suspended: cents, below zero. None: the comune suspends nothing.
    pub fn suspends_at(&self, price: Cents) -> Option<Cents> {
        let meals = self.suspend_below_meals.filter(|_| !self.always_eats)?;
        price.is_positive().then(|| price * i64::from(meals))
    }

    /// What is wrong with the part about suspending.
    fn fault(&self) -> Option<&'static str> {
        match self.suspend_below_meals {
            Some(_) if self.always_eats => Some("error-policy-suspend-always-eats"),
            Some(meals) if !(FEWEST..0).contains(&meals) => Some("error-policy-suspend-meals"),
            _ => None,
        }
    }
}

/// So many meals owed, at the most, until the office may suspend: a year of school.
const FEWEST: i32 = -250;

impl Default for DunningPolicy {
    /// The rule of a comune that has set none: a message after a month.
    fn default() -> DunningPolicy {
        DunningPolicy {
            name: "Regola di base".to_owned(),
            source: String::new(),
            steps: vec![DunningStep {
                kind: StepKind::Message,
                above: Cents::ZERO,
                older_than_days: 30,
                days_after_previous: None,
                cost: Cents::ZERO,
            }],
            credit: CreditRule::default(),
            plan: None,
        }
    }
}

/// A debt as a rule looks at it.
#[derive(Clone, Debug)]
pub struct Debt {
    /// What is overdue, above zero, and for how many days: a debt grows by parts that are younger.
    pub parts: Vec<(Cents, u32)>,
    /// The steps that were done for it, each with how many days ago.
    pub done: Vec<(StepKind, u32)>,
}

impl Debt {
    /// What of it has been overdue for at least so many days, in cents.
    fn overdue_for(&self, days: u32) -> Cents {
        let old = self.parts.iter().filter(|(_, age)| *age >= days);
        old.map(|(amount, _)| *amount).sum()
    }
}

/// The strongest step that applies and was not done; none when there is nothing to do. After a
/// strong step the milder ones are not done any more.
pub fn next_step<'a>(policy: &'a DunningPolicy, debt: &Debt) -> Option<&'a DunningStep> {
    let days_since = |kind: StepKind| {
        let done = debt.done.iter().find(|(done, _)| *done == kind);
        done.map(|(_, days)| *days)
    };
    let applies = |at: usize, step: &DunningStep| {
        debt.overdue_for(step.older_than_days) > step.above
            && step.days_after_previous.is_none_or(|days| {
                let before = at.checked_sub(1).and_then(|at| policy.steps.get(at));
                before
                    .and_then(|before| days_since(before.kind))
                    .is_some_and(|since| since >= days)
            })
    };
    let (_, step) = policy
        .steps
        .iter()
        .enumerate()
        .rev()
        .find(|(at, step)| days_since(step.kind).is_some() || applies(*at, step))?;
    days_since(step.kind).is_none().then_some(step)
}

/// Reads a rule.
///
/// # Errors
/// A field error of `source` that names the line and the fault: what can't be read, a step twice, a
/// suspension where the child always eats or from no meal owed.
pub fn parse_dunning_policy(source: &str) -> Result<DunningPolicy> {
    let policy: DunningPolicy = toml::from_str(source).map_err(|error| wrong_file(&error))?;
    for (at, step) in policy.steps.iter().enumerate() {
        if policy.steps[..at].iter().any(|s| s.kind == step.kind) {
            let fault = format!("step {}: `{}` stands twice", at + 1, step.kind.as_str());
            let text = Text::new("error-policy-file").with("fault", fault);
            return Err(Error::field("source", text));
        }
    }
    if let Some(key) = policy.credit.fault() {
        let line = line_of(source, "suspend_below_meals");
        return Err(Error::field("source", Text::new(key).with("line", line)));
    }
    Ok(policy)
}

/// The line, from 1, on which a key of a rule stands first.
fn line_of(source: &str, key: &str) -> usize {
    let code = |line: &str| {
        line.split('#')
            .next()
            .is_some_and(|code| code.contains(key))
    };
    source.lines().position(code).map_or(1, |at| at + 1)
}
