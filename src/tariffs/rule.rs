//! A tariff rule as the resolution states it. Its file form is told in docs/tariffs.md.

use serde::{Deserialize, Serialize};

use super::bands::Base;
use super::facts::{FactKind, FactRule, Facts, known};
use super::when::When;
use super::{Percent, Price, RoundingMode};
use crate::base::{Cents, Date};

/// A rule: components that are added up, what changes them, and how their sum becomes cents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What the tariff is called: "Refezione scolastica 2026/2027".
    pub name: String,
    /// The act that set it: "Deliberazione di Giunta n. 45 del 12/05/2026".
    pub act: Option<String>,
    /// Which service it prices and from which day, for a file that is imported.
    pub applies: Option<Applies>,
    /// The version under which it was published; zero for a file that is not published.
    pub version: i64,
    /// The facts that this rule adds to those that every rule may use.
    pub facts: Vec<FactRule>,
    /// Which children count together: what `child_order` and `users_in_household` mean here.
    pub siblings: Siblings,
    /// Other ways in which children count together, each with facts of its own.
    pub sibling_groups: Vec<SiblingGroup>,
    /// What is added up; codes differ.
    pub components: Vec<Component>,
    /// What changes the price of components, in order.
    pub modifiers: Vec<Modifier>,
    /// The least and the most that a period costs, where the rule sets them.
    pub limits: Limits,
    /// Parts that another body pays, in order.
    pub aids: Vec<Aid>,
    /// How it becomes cents.
    pub rounding: Rounding,
    /// In which parts it is paid; none: at once.
    pub instalments: Vec<Instalment>,
    /// What may be paid in advance.
    pub top_up: TopUp,
    /// Examples that must hold.
    pub cases: Vec<Case>,
}

impl Rule {
    /// A rule that says nothing yet.
    pub(super) fn empty() -> Rule {
        Rule {
            name: String::new(),
            act: None,
            applies: None,
            version: 0,
            facts: Vec::new(),
            siblings: Siblings::default(),
            sibling_groups: Vec::new(),
            components: Vec::new(),
            modifiers: Vec::new(),
            limits: Limits::default(),
            aids: Vec::new(),
            rounding: Rounding::default(),
            instalments: Vec::new(),
            top_up: TopUp::default(),
            cases: Vec::new(),
        }
    }

    /// The kind of a fact, among those that this rule knows.
    pub fn fact_kind(&self, name: &str) -> Option<FactKind> {
        let declared = self.facts.iter().find(|fact| fact.code == name);
        declared.map(|fact| fact.kind).or_else(|| known(name))
    }

    /// What in this rule can only be computed when a whole period is known, if anything: a day of a
    /// prepaid service is priced on that day, and never again.
    pub fn needs_a_period(&self) -> bool {
        let daily = |component: &&Component| component.unit.is_daily();
        self.components
            .iter()
            .filter(daily)
            .any(Component::looks_at_the_whole)
            || self.limits != Limits::default()
            || self.aids.iter().any(Aid::needs_a_period)
    }
}

/// Where and when a rule applies: `applies = { service = "mensa", from = "2026-09-01" }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applies {
    /// The service's code.
    pub service: String,
    /// The first day of service that it prices.
    pub from: Date,
}

/// Which children count as siblings: no two resolutions define "the second child" alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Siblings {
    /// Those of the household who use this service (Lucca).
    #[default]
    Users,
    /// Those who use this service and have the same payer (Fidenza).
    SamePayer,
    /// Those of the household who use any service of the comune.
    AnyService,
    /// All minors of the household, users or not (Casalmaggiore).
    Minors,
}

/// Children who count together under a name of their own: `[[siblings]]` with the code `nido` gives
/// the facts `nido_order` and `nido_count`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiblingGroup {
    /// Short name in the file.
    pub code: String,
    /// Its name for people: "fratelli al nido".
    pub label: String,
    /// Who counts.
    pub who: Siblings,
    /// The codes of the services whose users count; empty: the service that the rule prices. Says
    /// nothing for [`Siblings::Minors`] and [`Siblings::AnyService`].
    pub services: Vec<String>,
    /// Whether the youngest is the first, and not the oldest.
    pub youngest_first: bool,
}

impl SiblingGroup {
    /// The fact that says which one the child is, from 1; 1 when nobody says.
    pub fn order_fact(&self) -> String {
        format!("{}_order", self.code)
    }

    /// The fact that says how many they are, the child included where it is one of them.
    pub fn count_fact(&self) -> String {
        format!("{}_count", self.code)
    }
}

/// One thing that is paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Short name in the file: `meal`.
    pub code: String,
    /// Its name for people: "quota fissa"; empty: the unit says it.
    pub label: String,
    /// What is counted.
    pub unit: Unit,
    /// The fact that says how many.
    pub count: Option<String>,
    /// Whom it concerns.
    pub when: When,
    /// What one costs.
    pub base: Base,
    /// What one costs a family that does not live in the comune, where that differs.
    pub non_resident: Option<NonResident>,
    /// Only a part of it is due.
    pub prorata: Option<Prorata>,
    /// So many are not charged here: the price is that of those beyond.
    pub after: u32,
    /// Not more than so many are charged.
    pub most: Option<u32>,
    /// The least and the most that it gives.
    pub limits: Limits,
    /// The most that it gives for each unit of a fact: of a week.
    pub most_each: Option<(Price, String)>,
    /// How it becomes cents, where that is not as in the rest of the rule; never at the total.
    pub rounding: Option<Rounding>,
}

impl Component {
    /// Whether all that is counted in a period must be known to price one.
    fn looks_at_the_whole(&self) -> bool {
        self.most.is_some()
            || self.after > 0
            || self.prorata.is_some()
            || self.limits != Limits::default()
            || self.most_each.is_some()
    }
}

/// What a component counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Meals eaten.
    Meal,
    /// Days of use.
    Day,
    /// Hours of use.
    Hour,
    /// Weeks.
    Week,
    /// Months.
    Month,
    /// A period of the service: a term, a summer.
    Period,
    /// School years.
    Year,
    /// Once: an enrolment fee, an insurance.
    Once,
}

impl Unit {
    /// All of them, as rule files write them.
    pub const ALL: [(&'static str, Unit); 8] = [
        ("meal", Unit::Meal),
        ("day", Unit::Day),
        ("hour", Unit::Hour),
        ("week", Unit::Week),
        ("month", Unit::Month),
        ("period", Unit::Period),
        ("year", Unit::Year),
        ("once", Unit::Once),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        let found = Unit::ALL.iter().find(|(_, unit)| *unit == self);
        found.map_or("", |(word, _)| word)
    }

    /// Whether a day of service alone says how many there are.
    pub fn is_daily(self) -> bool {
        matches!(self, Unit::Meal | Unit::Day | Unit::Hour)
    }

    /// The fact that counts it where a component names none, and how many there are when nobody
    /// says: a month is one month, a meal that nobody counted was not eaten.
    pub(super) fn count(self) -> (&'static str, u32) {
        match self {
            Unit::Meal => ("meals", 0),
            Unit::Day => ("days_present", 0),
            Unit::Hour => ("hours", 0),
            Unit::Week => ("weeks", 0),
            Unit::Month => ("months", 1),
            Unit::Period => ("periods", 1),
            Unit::Year => ("years", 1),
            Unit::Once => ("times", 1),
        }
    }
}

/// What families from other comuni pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NonResident {
    /// A price of their own.
    Price(Price),
    /// What a family without an ISEE pays.
    AsWithoutIsee,
}

/// A part of a component by two counts: days present over days of opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prorata {
    /// When only a part is due.
    pub when: When,
    /// The fact above the line.
    pub of: String,
    /// What stands below it.
    pub over: Over,
}

/// What stands below the line of a proportion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// What a fact says.
    Fact(String),
    /// Always the same: twentieths.
    Number(u32),
}

/// Something that changes the price of components.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Modifier {
    /// Its name for people: "riduzione secondo figlio".
    pub label: String,
    /// The components that it changes; empty: all.
    pub on: Vec<String>,
    /// When it holds.
    pub when: When,
    /// What it does.
    pub effect: Effect,
    /// The fact that says by how much it is less; the amount of the effect says nothing then.
    pub less_of: Option<String>,
    /// A percentage of the price before any modifier, so that several add up.
    pub of_base: bool,
    /// As many times as a fact counts.
    pub each: Option<Each>,
    /// Modifiers with the same word do not add up: of those that hold, the best one counts.
    pub group: Option<String>,
}

impl Modifier {
    /// Whether it changes a component.
    pub fn concerns(&self, component: &Component) -> bool {
        self.on.is_empty() || self.on.contains(&component.code)
    }
}

/// How many times a modifier changes a price: for each day of absence from the sixth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Each {
    /// The fact that counts.
    pub fact: String,
    /// So many of them do not.
    pub after: u32,
}

/// What a modifier does to the price of one unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// More or less by a percentage.
    Percent(Percent),
    /// Less by an amount.
    Less(Price),
    /// More by an amount.
    More(Price),
    /// This price instead.
    Price(Price),
    /// The price of a band so many places away: `-1` is the next lower one.
    Shift(i32),
}

/// The least and the most of a period, before another body pays its part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Never less.
    pub least: Option<Price>,
    /// Never more.
    pub most: Option<Price>,
}

/// An amount that the rule says, or the office of each child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sum {
    /// The same for all.
    Fixed(Price),
    /// What a fact of kind `amount` says; nothing where nobody recorded it.
    Fact(String),
}

/// A part that another body pays: a region, INPS, the social services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aid {
    /// Who pays: "Regione Lombardia – Nidi gratis".
    pub by: String,
    /// When.
    pub when: When,
    /// How much of what is left.
    pub percent: Percent,
    /// Never more than this in the period.
    pub most: Option<Sum>,
    /// Never more than this for each of so many units of a fact (days).
    pub most_each: Option<(Price, String)>,
}

impl Aid {
    /// Whether it looks at more than one day: at most so much in all, or for each month.
    fn needs_a_period(&self) -> bool {
        let each = self.most_each.as_ref().map(|(_, fact)| fact.as_str());
        self.most.is_some() || each.is_some_and(|fact| !matches!(fact, "meals" | "days_present"))
    }
}

/// Where and how a price becomes whole cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rounding {
    /// How.
    pub mode: RoundingMode,
    /// Where.
    pub at: RoundingPlace,
    /// To which amount: a cent, five cents, a euro.
    pub to: Cents,
}

impl Default for Rounding {
    fn default() -> Rounding {
        Rounding {
            mode: RoundingMode::default(),
            at: RoundingPlace::default(),
            to: Cents(1),
        }
    }
}

/// Where a rule rounds: once, at this place and nowhere else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoundingPlace {
    /// The price of one unit, before it is multiplied: the default (docs/architecture.md).
    #[default]
    Unit,
    /// What each component gives.
    Component,
    /// The sum of all components.
    Total,
}

/// A part of a yearly amount and the day on which it is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instalment {
    /// Whose: those with the same condition make the whole. With none: of whom no other ones are for.
    pub when: When,
    /// Month.
    pub month: i8,
    /// Day of the month.
    pub day: i8,
    /// How much of the whole.
    pub percent: Percent,
}

impl Instalment {
    /// Whether it is due on a day.
    pub fn is_due_on(&self, day: Date) -> bool {
        (self.month, self.day) == (day.month(), day.day())
    }
}

/// What may be paid in advance for a prepaid service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TopUp {
    /// Not less than this at a time.
    pub minimum: Option<Cents>,
    /// The first time, not less than so many units.
    pub first_units: Option<u32>,
    /// Only in packs of so many units.
    pub pack_units: Option<u32>,
}

/// An example inside a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What it shows.
    pub what: String,
    /// What is known; its ISEE, if any, is valid.
    pub facts: Facts,
    /// What the family must pay.
    pub expect: Cents,
}
