//! Where a refund is paid to. In the database it is sealed with the folder's key; pages show it
//! masked, and only the treasury's file has it whole.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::base::{self, Error, PublicId, Result, Text};
use crate::store::SealingKey;

/// An account at a bank.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bank {
    iban: String,
    /// Who holds it together with the payer; empty: the payer alone.
    pub joint_with: String,
}

impl Bank {
    /// Takes what was typed, with or without spaces.
    ///
    /// # Errors
    /// A field error of `iban` when its check digits or its length are wrong.
    pub fn parse(iban: &str, joint_with: &str) -> Result<Bank> {
        let iban = base::iban(iban).ok_or_else(|| Error::field("iban", Text::new("error-iban")))?;
        Ok(Bank {
            iban,
            joint_with: joint_with.trim().to_owned(),
        })
    }

    /// The whole number, for the treasury only.
    pub fn iban(&self) -> &str {
        &self.iban
    }

    /// `IT60 •••• 3456`: enough for its holder to know it again.
    pub fn masked(&self) -> String {
        let (head, tail) = (self.iban.get(..4), self.iban.len().checked_sub(4));
        let tail = tail.and_then(|at| self.iban.get(at..));
        format!("{} •••• {}", head.unwrap_or(""), tail.unwrap_or(""))
    }

    /// Sealed for the case that it belongs to: it opens in no other.
    pub(super) fn seal(&self, key: &SealingKey, case: &PublicId) -> Result<Vec<u8>> {
        let clear = Zeroizing::new(serde_json::to_vec(self).map_err(Error::internal)?);
        key.seal(&context(case), &clear)
    }

    pub(super) fn open(key: &SealingKey, case: &PublicId, sealed: &[u8]) -> Result<Bank> {
        let clear = Zeroizing::new(key.open(&context(case), sealed)?);
        serde_json::from_slice(&clear).map_err(Error::internal)
    }
}

fn context(case: &PublicId) -> String {
    format!("refund:{case}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_iban_is_checked_and_shown_masked() {
        let bank = Bank::parse(" it60 X054 2811 1010 0000 0123 456 ", "").unwrap();
        assert_eq!(bank.iban(), "IT60X0542811101000000123456");
        assert_eq!(bank.masked(), "IT60 •••• 3456");
        for wrong in [
            "",
            "IT60X0542811101000000123457",
            "IT60X054281110100000012345",
            "ciao",
        ] {
            assert!(Bank::parse(wrong, "").is_err(), "{wrong}");
        }
    }
}
