//! The buttons of the form: they add, take away and move what is typed, before anything is saved.

use super::{
    AidForm, BandForm, CaseForm, ComponentForm, ConditionForm, FactForm, InstalmentForm,
    ModifierForm, RowForm, RuleForm, TableForm,
};

/// So many bands a component begins with.
const FIRST_BANDS: usize = 4;

impl RuleForm {
    /// Adds or takes away what a button says: `add-component`, `remove-band-0-2`, `up-modifier-1`.
    /// A button that is none does nothing.
    pub fn press(&mut self, button: &str) {
        let mut words = button.split('-');
        let deed = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let mut number = || words.next().and_then(|n| n.parse::<usize>().ok());
        let (first, second) = (number(), number());
        match (deed, first, second) {
            (("add", "component"), ..) => self.components.push(ComponentForm {
                kind: "fixed".to_owned(),
                ..ComponentForm::default()
            }),
            (("remove", "component"), Some(at), _) => {
                take(&mut self.components, at);
                for modifier in &mut self.modifiers {
                    take(&mut modifier.on, at);
                }
            }
            (("isee", "component"), Some(at), _) => self.priced(at, "isee"),
            (("fixed", "component"), Some(at), _) => self.priced(at, "fixed"),
            (("add", "band"), Some(at), _) => {
                if let Some(component) = self.components.get_mut(at) {
                    component.bands.push(BandForm::default());
                }
            }
            (("remove", "band"), Some(at), Some(band)) => {
                if let Some(component) = self.components.get_mut(at) {
                    take(&mut component.bands, band);
                }
            }
            (("add", "modifier"), ..) => self.modifiers.push(ModifierForm {
                effect: "percent_less".to_owned(),
                on: vec![false; self.components.len()],
                conditions: vec![ConditionForm::default()],
                ..ModifierForm::default()
            }),
            (("remove", "modifier"), Some(at), _) => take(&mut self.modifiers, at),
            (("up", "modifier"), Some(at), _) if at > 0 && at < self.modifiers.len() => {
                self.modifiers.swap(at - 1, at);
            }
            (("table", "component"), Some(at), _) => self.priced(at, "table"),
            (("noisee", "component"), Some(at), _) => {
                if let Some(component) = self.components.get_mut(at) {
                    component.no_isee_table = TableForm::begun();
                }
            }
            (("add", "row" | "nrow"), Some(at), _) => {
                if let Some(table) = self.table_at(deed.1, at) {
                    table.rows.push(RowForm::default());
                }
            }
            (("remove", "row" | "nrow"), Some(at), Some(row)) => {
                if let Some(table) = self.table_at(deed.1, at) {
                    take(&mut table.rows, row);
                }
            }
            (("add", of), Some(at), _) if self.conditions_at(of, at).is_some() => {
                if let Some(conditions) = self.conditions_at(of, at) {
                    conditions.push(ConditionForm::default());
                }
            }
            (("remove", of), Some(at), Some(condition)) if self.conditions_at(of, at).is_some() => {
                if let Some(conditions) = self.conditions_at(of, at) {
                    take(conditions, condition);
                }
            }
            (("add", "fact"), ..) => self.facts.push(FactForm {
                source: "flag".to_owned(),
                ..FactForm::default()
            }),
            (("remove", "fact"), Some(at), _) => take(&mut self.facts, at),
            (("add", "instalment"), ..) => self.instalments.push(InstalmentForm::default()),
            (("remove", "instalment"), Some(at), _) => take(&mut self.instalments, at),
            (("add", "aid"), ..) => self.aids.push(AidForm::default()),
            (("remove", "aid"), Some(at), _) => take(&mut self.aids, at),
            (("add", "case"), ..) => self.cases.push(CaseForm::default()),
            (("remove", "case"), Some(at), _) => take(&mut self.cases, at),
            _ => {}
        }
    }

    fn priced(&mut self, at: usize, kind: &str) {
        if let Some(component) = self.components.get_mut(at) {
            kind.clone_into(&mut component.kind);
            if kind == "table" && component.table.is_empty() {
                component.table = TableForm::begun();
            }
            if kind == "isee" && component.bands.is_empty() {
                component.bands = vec![BandForm::default(); FIRST_BANDS];
            }
        }
    }

    fn table_at(&mut self, of: &str, at: usize) -> Option<&mut TableForm> {
        let component = self.components.get_mut(at)?;
        Some(match of {
            "row" => &mut component.table,
            _ => &mut component.no_isee_table,
        })
    }

    /// The conditions that a button's word names.
    fn conditions_at(&mut self, of: &str, at: usize) -> Option<&mut Vec<ConditionForm>> {
        match of {
            "condition" => Some(&mut self.modifiers.get_mut(at)?.conditions),
            "cwhen" => Some(&mut self.components.get_mut(at)?.conditions),
            "part" => Some(&mut self.components.get_mut(at)?.prorata_when),
            "anyof" => Some(&mut self.facts.get_mut(at)?.any_of),
            "awhen" => Some(&mut self.aids.get_mut(at)?.conditions),
            _ => None,
        }
    }
}

fn take<T>(list: &mut Vec<T>, at: usize) {
    if at < list.len() {
        list.remove(at);
    }
}
