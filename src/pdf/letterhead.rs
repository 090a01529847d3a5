//! Who issues a document, as its head says it.

use serde::{Deserialize, Serialize};

use super::flow::{Flow, Style};
use super::layout::{ArtifactKind, Role};
use super::measure::{Ink, Length};

/// The comune on the head of a document; empty fields are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letterhead {
    /// `Comune di …`.
    pub name: String,
    /// The office: `Settore Istruzione – Ufficio scuola`.
    pub department: String,
    /// Street, postal code, place.
    pub address: String,
    /// Fiscal code of the comune.
    pub fiscal_code: String,
    /// VAT number, where it is not the fiscal code.
    pub vat_number: String,
    /// Certified mail (PEC).
    pub certified_mail: String,
    /// Telephone, ordinary mail, web site: as the comune writes them.
    pub contacts: String,
}

impl Letterhead {
    /// Prints the head on the first page.
    pub(crate) fn print(&self, flow: &mut Flow) {
        flow.text(Role::P, Style::NAME, &self.name);
        if !self.department.is_empty() {
            flow.text(Role::P, Style::BODY, &self.department);
        }
        let labelled = |label: &str, value: &str| match value {
            "" => String::new(),
            _ => format!("{label} {value}"),
        };
        let lines = [
            joined(&[self.address.clone(), self.contacts.clone()]),
            joined(&[
                labelled("C.F.", &self.fiscal_code),
                labelled("P. IVA", &self.vat_number),
                labelled("PEC", &self.certified_mail),
            ]),
        ];
        for line in lines.iter().filter(|line| !line.is_empty()) {
            flow.text(Role::P, Style::SMALL, line);
        }
        flow.space(Length::mm(3));
        let (left, width, y) = (flow.left(), flow.width(), flow.y());
        flow.list.artifact(ArtifactKind::Layout, |page| {
            page.rule((left, y), (width, Length::tenth_pt(12)), Ink::BLUE);
        });
        flow.space(Length::mm(8));
    }
}

fn joined(parts: &[String]) -> String {
    let parts: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|p| !p.is_empty())
        .collect();
    parts.join(" · ")
}
