//! Why a discount or a surcharge was not given, in words.

use super::{counted, italian_word, named, value_word};
use crate::base::Text;
use crate::tariffs::explanation::Refusal;
use crate::tariffs::when::{NotMet, Test};

pub(super) fn refused(why: &Refusal) -> Text {
    match why {
        Refusal::BetterOne { label } => {
            Text::new("explain-refused-better").with("better", label.as_str())
        }
        Refusal::NoBand => Text::new("explain-refused-band"),
        Refusal::NoneCounted(each) => counted("explain-refused-none", each),
        Refusal::NotMet(not_met) => not_met_text(not_met),
    }
}

fn not_met_text(not_met: &NotMet) -> Text {
    let found = not_met.found.as_deref();
    let found = found.map_or_else(|| "unknown".to_owned(), italian_word);
    match &not_met.test {
        Test::Not { .. } if not_met.fact.code == "isee" => match &not_met.found {
            Some(_) => Text::new("explain-refused-not-isee").with("found", found),
            None => Text::new("explain-refused-no-isee"),
        },
        Test::Not { .. } => {
            named(Text::new("explain-refused-not"), &not_met.fact).with("found", found)
        }
        Test::HasIsee { valid: true } => Text::new("explain-refused-no-isee"),
        Test::HasIsee { valid: false } => Text::new("explain-refused-has-isee"),
        Test::Isee { from, to } => {
            let text = match (from, to) {
                (Some(from), Some(to)) => Text::new("explain-refused-isee-between")
                    .with("from", *from)
                    .with("to", *to),
                (Some(from), None) => Text::new("explain-refused-isee-from").with("from", *from),
                (None, Some(to)) => Text::new("explain-refused-isee-to").with("to", *to),
                (None, None) => Text::new("explain-refused-no-isee"),
            };
            text.with("found", found)
        }
        Test::Be { one_of } => {
            let values: Vec<String> = one_of.iter().map(value_word).collect();
            named(Text::new("explain-refused-value"), &not_met.fact)
                .with("wanted", values.join(" / "))
                .with("found", found)
        }
        Test::Lie { within } => {
            let text = match (within.from, within.to) {
                (Some(from), Some(to)) => Text::new("explain-refused-between")
                    .with("from", from)
                    .with("to", to),
                (Some(from), None) => Text::new("explain-refused-from").with("from", from),
                (None, to) => Text::new("explain-refused-to").with("to", to.unwrap_or_default()),
            };
            named(text, &not_met.fact).with("found", found)
        }
    }
}
