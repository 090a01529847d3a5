//! What a browser sent: fields and files, with typed getters that collect what is wrong.

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::base::{Cents, Error, FieldError, MoneyError, PublicId, Result, Text, parse_date};

/// A file out of a multipart form.
pub struct Upload {
    /// The field.
    pub field: String,
    /// The name on the sender's machine.
    pub filename: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Fields in the order in which they came, and files.
#[derive(Default)]
pub struct Form {
    pub(super) fields: Vec<(String, String)>,
    pub(super) files: Vec<Upload>,
}

impl Form {
    /// A form out of `a=1&b=2`.
    pub(super) fn urlencoded(bytes: &[u8]) -> Form {
        Form {
            fields: form_urlencoded::parse(bytes).into_owned().collect(),
            files: Vec::new(),
        }
    }

    /// The trimmed value of a field; empty when it is not there.
    pub fn text(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, value)| value.trim())
    }

    /// The value of a field that is not empty.
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.text(name))
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    }

    /// Sets a field to one value.
    pub fn set(&mut self, name: &str, value: &str) {
        self.fields.retain(|(n, _)| n != name);
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    /// All values of a field that may stand several times.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// The fields whose names begin so: what follows in the name, and the value.
    pub fn beginning<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let fields = self.fields.iter();
        fields.filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }

    /// Whether a box is ticked or a button was the one pressed.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(n, _)| n == name)
    }

    /// A public id in a field.
    ///
    /// # Errors
    /// `NotFound`: only a tampered form has none.
    pub fn public_id(&self, name: &str) -> Result<PublicId> {
        self.text(name).parse().map_err(|()| Error::NotFound)
    }

    /// The files that were chosen (browsers send an empty one when none was).
    pub fn take_files(&mut self) -> Vec<Upload> {
        let mut files = std::mem::take(&mut self.files);
        files.retain(|file| !(file.filename.is_empty() && file.bytes.is_empty()));
        files
    }

    /// What the form says, as a hash: fields that begin with `_` are not part of it.
    pub(super) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (name, value) in self
            .fields
            .iter()
            .filter(|(name, _)| !name.starts_with('_'))
        {
            for part in [name, value] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
        hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.files.is_empty()
    }

    /// Starts checking the fields of this form.
    pub fn check(&self) -> Checks<'_> {
        Checks {
            form: self,
            errors: Vec::new(),
        }
    }

    /// Everything that was typed, to show it again.
    pub fn typed(&self) -> serde_json::Value {
        let visible = self
            .fields
            .iter()
            .filter(|(name, _)| !name.starts_with('_'));
        visible
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

/// Getters that note what is wrong instead of stopping at the first fault.
pub struct Checks<'a> {
    form: &'a Form,
    errors: Vec<FieldError>,
}

impl Checks<'_> {
    /// Notes a fault; a field says one thing only, the first.
    pub fn wrong(&mut self, field: impl Into<String>, text: Text) {
        let error = FieldError::new(field, text);
        if !self.errors.iter().any(|e| e.field == error.field) {
            self.errors.push(error);
        }
    }

    /// A text of at most `max` characters that must be there.
    pub fn required(&mut self, name: &str, max: usize) -> String {
        if self.form.text(name).is_empty() {
            self.wrong(name, Text::new("error-required"));
        }
        self.optional(name, max).unwrap_or_default()
    }

    /// A text of at most `max` characters that may be missing.
    pub fn optional(&mut self, name: &str, max: usize) -> Option<String> {
        let text = self.form.some(name)?;
        if text.chars().count() > max {
            self.wrong(name, Text::new("error-too-long").with("max", max));
        }
        Some(text)
    }

    /// A date: one field, or three (`name_d`, `name_m`, `name_y`).
    pub fn date(&mut self, name: &str, required: bool) -> Option<Date> {
        let part = |suffix| self.form.text(&format!("{name}_{suffix}")).to_owned();
        let (day, month, year) = (part("d"), part("m"), part("y"));
        let text = match self.form.some(name) {
            Some(text) => text,
            None if day.is_empty() && month.is_empty() && year.is_empty() => {
                if required {
                    self.wrong(name, Text::new("error-required"));
                }
                return None;
            }
            None => format!("{day}/{month}/{year}"),
        };
        let date = parse_date(&text);
        if date.is_none() {
            self.wrong(name, Text::new("error-not-a-date"));
        }
        date
    }

    /// An amount in euros that must be there.
    pub fn amount(&mut self, name: &str) -> Cents {
        match Cents::parse_it(self.form.text(name)) {
            Ok(amount) => amount,
            Err(MoneyError::Empty) => {
                self.wrong(name, Text::new("error-required"));
                Cents::ZERO
            }
            Err(_) => {
                self.wrong(name, Text::new("error-not-an-amount"));
                Cents::ZERO
            }
        }
    }

    /// An amount in euros that may be missing.
    pub fn optional_amount(&mut self, name: &str) -> Option<Cents> {
        if self.form.text(name).is_empty() {
            None
        } else {
            Some(self.amount(name))
        }
    }

    /// One of some values.
    pub fn choice<T>(&mut self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let chosen = parse(self.form.text(name));
        if chosen.is_none() {
            self.wrong(name, Text::new("error-choose"));
        }
        chosen
    }

    /// An e-mail address, if there is one: something, an @, a domain with a dot.
    pub fn email(&mut self, name: &str) -> Option<String> {
        let text = self.optional(name, 254)?;
        let good = text.split_once('@').is_some_and(|(user, domain)| {
            !user.is_empty()
                && domain.contains('.')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
                && !text.contains(|c: char| c.is_whitespace() || c.is_control())
        });
        if !good {
            self.wrong(name, Text::new("error-email"));
        }
        Some(text)
    }

    /// A telephone number, if there is one.
    pub fn phone(&mut self, name: &str) -> Option<String> {
        let text = self.optional(name, 30)?;
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let shaped = text
            .char_indices()
            .all(|(i, c)| c.is_ascii_digit() || " .-/()".contains(c) || (c == '+' && i == 0));
        if !shaped || !(6..=15).contains(&digits) {
            self.wrong(name, Text::new("error-phone"));
        }
        Some(text)
    }

    /// What was found, all at once.
    ///
    /// # Errors
    /// `Invalid` with every fault.
    pub fn done(self) -> Result<()> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(self.errors))
        }
    }
}
