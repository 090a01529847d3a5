//! The examples of a rule, tried one by one: what they should cost and what they do.

use super::engine::{self, Part, Unpriced};
use super::explanation::Explanation;
use super::rule::{Case, Rule};
use crate::base::Cents;

/// An example and what the rule makes of it.
#[derive(Clone, Debug)]
pub struct Trial<'a> {
    /// The example.
    pub case: &'a Case,
    /// What it costs and why, or why it has no price.
    pub outcome: Result<Explanation, Unpriced>,
}

impl Trial<'_> {
    /// Whether it costs what it should.
    pub fn holds(&self) -> bool {
        self.amount() == Some(self.case.expect)
    }

    /// What it costs.
    pub fn amount(&self) -> Option<Cents> {
        self.outcome.as_ref().ok().map(|told| told.amount)
    }
}

/// Tries every example of a rule.
pub fn try_cases(rule: &Rule) -> Vec<Trial<'_>> {
    let trial = |case| Trial {
        case,
        outcome: engine::price(rule, &case.facts, Part::Whole),
    };
    rule.cases.iter().map(trial).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tariffs::parse;

    #[test]
    fn an_example_says_what_it_costs_and_whether_that_is_right() {
        let source = "name = \"x\"\n[[component]]\ncode = \"m\"\nunit = \"meal\"\nby = \"grade\"\nis = { primaria = \"4.00\" }\n\
            [[case]]\nwhat = \"a\"\nwith = { meals = 2, grade = \"primaria\" }\nexpect = \"8.00\"\n\
            [[case]]\nwhat = \"b\"\nwith = { meals = 1, grade = \"primaria\" }\nexpect = \"8.00\"\n\
            [[case]]\nwhat = \"c\"\nwith = { meals = 1 }\nexpect = \"8.00\"\n";
        let rule = parse(source).unwrap();
        let trials = try_cases(&rule);
        let found: Vec<_> = trials.iter().map(|t| (t.holds(), t.amount())).collect();
        let cents = |cents| Some(Cents(cents));
        assert_eq!(
            found,
            [(true, cents(800)), (false, cents(400)), (false, None)]
        );
    }
}
