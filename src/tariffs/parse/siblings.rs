//! Which children count together: `siblings = "users"`, or several ways with a name each.

use super::reader::Section;
use super::{MOST, Reader};
use crate::base::Text;
use crate::tariffs::facts::{FactKind, FactRule, FactSource, known};
use crate::tariffs::rule::{SiblingGroup, Siblings};

const WHO: [(&str, Siblings); 4] = [
    ("users", Siblings::Users),
    ("same_payer", Siblings::SamePayer),
    ("any_service", Siblings::AnyService),
    ("minors", Siblings::Minors),
];

impl Reader<'_> {
    /// Who counts in `child_order` and `users_in_household`, and the groups of `[[siblings]]`, each
    /// with two facts of its own.
    pub(super) fn siblings(&mut self, file: &mut Section<'_, '_>) -> (Siblings, Vec<SiblingGroup>) {
        let value = file.take("siblings");
        if value.is_none_or(|value| value.get_ref().as_array().is_none()) {
            let who = file.word("siblings", &WHO, &mut self.faults);
            return (who.unwrap_or_default(), Vec::new());
        }
        let mut groups: Vec<SiblingGroup> = Vec::new();
        for section in file.sections("siblings", MOST, &mut self.faults) {
            let span = section.span.clone();
            let group = self.sibling_group(section);
            for (code, order) in [(group.order_fact(), true), (group.count_fact(), false)] {
                if known(&code).is_some() || self.facts.iter().any(|fact| fact.code == code) {
                    let text = Text::new("error-rule-fact-twice");
                    let place = format!("siblings {}", group.code);
                    self.faults.add(span.clone(), &place, text);
                    continue;
                }
                self.facts.push(FactRule {
                    code,
                    label: group.label.clone(),
                    kind: FactKind::Number,
                    source: FactSource::Siblings { order },
                });
            }
            groups.push(group);
        }
        (Siblings::default(), groups)
    }

    fn sibling_group(&mut self, mut section: Section<'_, '_>) -> SiblingGroup {
        let code = section.needed("code", &mut self.faults);
        section.place = format!("siblings {code}");
        let label = section.needed("label", &mut self.faults);
        let who = section.word("who", &WHO, &mut self.faults);
        let who = who.unwrap_or_default();
        let services = section.texts("services", &mut self.faults);
        if section.has("services")
            && (services.is_empty() || matches!(who, Siblings::Minors | Siblings::AnyService))
        {
            let text = Text::new("error-rule-sibling-services");
            self.faults
                .add(section.span.clone(), &section.at("services"), text);
        }
        let orders = [("oldest", false), ("youngest", true)];
        let youngest_first = section.word("order", &orders, &mut self.faults);
        section.finish(&mut self.faults);
        SiblingGroup {
            code,
            label,
            who,
            services,
            youngest_first: youngest_first.unwrap_or(false),
        }
    }
}
