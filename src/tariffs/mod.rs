//! Tariffs: rules as data, the pure engine, explanations.
//!
//! A resolution becomes a rule file ([`check`]), the file a published tariff ([`publish`]); a rule
//! and the facts of a day give an amount that explains itself ([`price`]). No float anywhere.

mod asking;
mod bands;
mod daily;
mod drafts;
mod engine;
mod exact;
mod explanation;
mod facts;
mod form;
mod parse;
mod price;
#[cfg(test)]
mod properties;
mod published;
mod quote;
mod recompute;
mod rule;
#[cfg(test)]
mod tests;
mod trial;
mod when;
mod words;

pub use bands::{Band, Base, ByFact, InBand, IseeBands, Key, Line};
pub use drafts::{
    Draft, LONGEST_SOURCE, begin_draft, draft, drafts_of, drop_draft, publish_draft, save_draft,
    undo_draft,
};
pub use engine::{Part, Unpriced, instalment, instalments, instalments_for, price};
pub use explanation::{Counted, Explanation, IseeUse, Refusal, Step, Why};
pub use facts::{
    FactKind, FactName, FactRule, FactSource, Facts, IseeFact, Range, Value, known_names,
};
pub use form::{
    BandForm, CaseForm, ComponentForm, ConditionForm, FormFact, ModifierForm, RuleForm, case_facts,
    condition_facts,
};
pub use parse::{RuleFault, check, parse, parse_published, ready, text_of};
pub use price::{NotAPrice, Percent, Price, RoundingMode, TooLarge};
pub use published::{
    PublishedTariff, is_published, publish, published_since, tariff, tariff_after,
    tariff_by_public_id, tariff_on, tariffs_of,
};
pub use quote::{Quote, quote};
pub use recompute::Inconsistent;
pub use rule::{
    Aid, Applies, Case, Component, Each, Effect, Instalment, Limits, Modifier, NonResident, Over,
    Prorata, Rounding, RoundingPlace, Rule, SiblingGroup, Siblings, Sum, TopUp, Unit,
};

pub use trial::{Trial, try_cases};
pub use when::{NotMet, Test, When};
pub use words::{brief, sentences};
