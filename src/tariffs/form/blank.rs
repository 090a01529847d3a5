//! Rows that were added to the form and left blank: saving takes them out, and says so.

use super::{ComponentForm, RuleForm};

impl RuleForm {
    /// How many rows of this form are not in the file that was written of it. A condition without a
    /// fact is no such row: it says "always".
    pub fn rows_left_out(&self, written: &str) -> usize {
        let kept = RuleForm::of(written).map_or(0, |form| form.rows());
        self.rows().saturating_sub(kept)
    }

    fn rows(&self) -> usize {
        let prices = self.components.iter().map(ComponentForm::rows);
        let lists = [
            self.facts.len(),
            self.components.len(),
            self.modifiers.len(),
            self.aids.len(),
            self.instalments.len(),
            self.cases.len(),
        ];
        lists.into_iter().chain(prices).sum()
    }
}

impl ComponentForm {
    fn rows(&self) -> usize {
        match self.kind.as_str() {
            "isee" => self.bands.len() + self.no_isee_table.rows.len(),
            "table" => self.table.rows.len(),
            _ => 0,
        }
    }
}
