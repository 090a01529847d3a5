//! The comune's number among the stations of pagoPA: part of every notice number that it issues.

/// The two digits that tell the stations of one creditor apart. PagoPA assigns them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegregationCode(u8);

/// Why a number can't be a comune's segregation code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SegregationCodeError {
    /// Not two digits.
    #[error("a segregation code has two digits, like 01")]
    NotTwoDigits,
    /// 46 and above are not assigned to a comune's station today.
    #[error("segregation code {code} is not for a comune ({}): PagoPA assigns 00 to 45", reserved_for(*.code))]
    Reserved {
        /// The code.
        code: u8,
    },
}

/// Who has a code above 45 (facts of SANP and of the central services).
fn reserved_for(code: u8) -> &'static str {
    match code {
        47 => "Canone Unico",
        81 | 85 => "PagoPA",
        96 => "ACI",
        97 => "SUAP",
        98 => "ANPR",
        99 => "CIE",
        46..=49 => "assigned in former times",
        _ => "central services",
    }
}

impl SegregationCode {
    /// A code that PagoPA assigns to stations, 0 to 45.
    ///
    /// # Errors
    /// [`SegregationCodeError::Reserved`] above.
    pub fn new(code: u8) -> Result<SegregationCode, SegregationCodeError> {
        match code {
            0..=45 => Ok(SegregationCode(code)),
            46..=99 => Err(SegregationCodeError::Reserved { code }),
            _ => Err(SegregationCodeError::NotTwoDigits),
        }
    }

    /// Any code of two digits, for who has one above 45 in writing from PagoPA.
    ///
    /// # Errors
    /// Above 99.
    pub fn overriding(code: u8) -> Result<SegregationCode, SegregationCodeError> {
        if code > 99 {
            Err(SegregationCodeError::NotTwoDigits)
        } else {
            Ok(SegregationCode(code))
        }
    }

    /// Reads two digits.
    ///
    /// # Errors
    /// As [`SegregationCode::new`].
    pub fn parse(text: &str) -> Result<SegregationCode, SegregationCodeError> {
        two_digits(text).and_then(SegregationCode::new)
    }

    /// The number, 0 to 99.
    pub fn get(self) -> u8 {
        self.0
    }
}

fn two_digits(text: &str) -> Result<u8, SegregationCodeError> {
    match text.trim().as_bytes() {
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Ok((a - b'0') * 10 + (b - b'0')),
        _ => Err(SegregationCodeError::NotTwoDigits),
    }
}

impl std::fmt::Display for SegregationCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

impl std::str::FromStr for SegregationCode {
    type Err = SegregationCodeError;
    fn from_str(text: &str) -> Result<SegregationCode, SegregationCodeError> {
        SegregationCode::parse(text)
    }
}

/// How a code above 45 is written in a file, so that nobody does it by a slip:
/// `segregation_code = { code = "47", in_writing = true }`.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct InWriting {
    code: String,
    /// PagoPA has said so in writing.
    in_writing: bool,
}

impl serde::Serialize for SegregationCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 <= 45 {
            return serializer.collect_str(self);
        }
        let written = InWriting {
            code: self.to_string(),
            in_writing: true,
        };
        written.serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for SegregationCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Written {
            Plain(String),
            InWriting(InWriting),
        }
        match Written::deserialize(deserializer)? {
            Written::InWriting(new) if new.in_writing => {
                two_digits(&new.code).and_then(SegregationCode::overriding)
            }
            Written::Plain(text) | Written::InWriting(InWriting { code: text, .. }) => {
                SegregationCode::parse(&text)
            }
        }
        .map_err(serde::de::Error::custom)
    }
}

impl rusqlite::types::ToSql for SegregationCode {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

/// What is stored was accepted once, also by [`SegregationCode::overriding`].
impl rusqlite::types::FromSql for SegregationCode {
    fn column_result(
        value: rusqlite::types::ValueRef<'_>,
    ) -> rusqlite::types::FromSqlResult<SegregationCode> {
        two_digits(value.as_str()?)
            .map(SegregationCode)
            .map_err(rusqlite::types::FromSqlError::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct File {
        segregation_code: SegregationCode,
    }

    fn read(text: &str) -> Result<u8, toml::de::Error> {
        toml::from_str::<File>(text).map(|file| file.segregation_code.get())
    }

    #[test]
    fn a_reserved_code_is_taken_only_from_who_says_that_it_is_in_writing() {
        assert_eq!(read("segregation_code = \"45\""), Ok(45));
        for code in 46..=99 {
            assert!(read(&format!("segregation_code = \"{code}\"")).is_err());
            let table = |word| {
                read(&format!(
                    "segregation_code = {{ code = \"{code}\", in_writing = {word} }}"
                ))
            };
            assert!(table("false").is_err());
            assert_eq!(table("true"), Ok(code));
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for code in [0, 45, 46, 99] {
            let file = File {
                segregation_code: SegregationCode::overriding(code).unwrap(),
            };
            let text = toml::to_string(&file).unwrap();
            assert_eq!(toml::from_str::<File>(&text).unwrap(), file);
        }
    }
}
