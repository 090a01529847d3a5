//! The message catalogue (Project Fluent): what families read, and every error in Italian for
//! pages and in English for the command line. A language is a folder under `assets/catalogue`.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::assets::Assets;
use crate::base::{Arg, Error, FieldError, Result, Text, date_it, datetime_long_it};

/// A language that the program speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Pages.
    Italian,
    /// The command line.
    English,
}

/// All sentences of all languages.
pub struct Catalogue {
    italian: FluentBundle<FluentResource>,
    english: FluentBundle<FluentResource>,
}

impl Catalogue {
    /// Reads the embedded catalogues.
    ///
    /// # Errors
    /// When a file has a syntax error or a key stands twice.
    pub fn load() -> Result<Catalogue> {
        Ok(Catalogue {
            italian: bundle("it", "catalogue/it/")?,
            english: bundle("en", "catalogue/en/")?,
        })
    }

    /// A sentence in a language; the key itself when the catalogue lacks it (a test finds those).
    pub fn say(&self, language: Language, text: &Text) -> String {
        let mut args = FluentArgs::new();
        for (name, arg) in &text.args {
            args.set(*name, shown(language, arg));
        }
        self.format(language, text.key, Some(&args))
    }

    /// A sentence by key with ready-made arguments: for templates.
    pub fn format(&self, language: Language, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let bundle = match language {
            Language::Italian => &self.italian,
            Language::English => &self.english,
        };
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, "the catalogue lacks a sentence");
            return key.to_owned();
        };
        let mut faults = Vec::new();
        let sentence = bundle
            .format_pattern(pattern, args, &mut faults)
            .into_owned();
        if !faults.is_empty() {
            tracing::error!(key, "a sentence lacks a value");
        }
        sentence
    }

    /// Whether a key exists.
    pub fn has(&self, language: Language, key: &str) -> bool {
        match language {
            Language::Italian => self.italian.has_message(key),
            Language::English => self.english.has_message(key),
        }
    }

    /// One English sentence for the command line.
    pub fn english(&self, error: &Error) -> String {
        match error {
            Error::Refused(refusal) => self.say(Language::English, &refusal.text),
            Error::Invalid(fields) => {
                let one = |e: &FieldError| {
                    format!("{}: {}", e.field, self.say(Language::English, &e.text))
                };
                fields.iter().map(one).collect::<Vec<_>>().join("; ")
            }
            Error::NotFound => "there is no such thing".to_owned(),
            Error::Forbidden => "not allowed".to_owned(),
            other => other.to_string(),
        }
    }
}

fn shown(language: Language, arg: &Arg) -> FluentValue<'static> {
    let italian = language == Language::Italian;
    match arg {
        Arg::Str(text) => FluentValue::from(text.clone()),
        Arg::Int(n) => FluentValue::from(*n),
        Arg::Money(cents) if italian => FluentValue::from(cents.to_string()),
        Arg::Money(cents) => FluentValue::from(cents.to_decimal()),
        Arg::Day(day) if italian => FluentValue::from(date_it(*day)),
        Arg::Day(day) => FluentValue::from(day.to_string()),
        Arg::Moment(moment) if italian => FluentValue::from(datetime_long_it(*moment)),
        Arg::Moment(moment) => FluentValue::from(moment.to_string()),
    }
}

fn bundle(language: &str, folder: &str) -> Result<FluentBundle<FluentResource>> {
    let language: LanguageIdentifier = language.parse().map_err(Error::internal)?;
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // The isolation marks of mixed scripts would show up in titles and test texts.
    bundle.set_use_isolating(false);
    let mut paths: Vec<_> = Assets::iter()
        .filter(|path| path.starts_with(folder))
        .collect();
    paths.sort();
    for path in paths {
        let text = Assets::text(&path).unwrap_or_default();
        let resource = FluentResource::try_new(text)
            .map_err(|(_, faults)| Error::Internal(format!("{path}: {faults:?}")))?;
        bundle
            .add_resource(resource)
            .map_err(|faults| Error::Internal(format!("{path}: {faults:?}")))?;
    }
    Ok(bundle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Cents;

    #[test]
    fn the_catalogues_load_and_speak() {
        let catalogue = Catalogue::load().unwrap();
        let text = Text::new("error-amount-below").with("minimum", Cents(500));
        assert!(
            catalogue
                .say(Language::Italian, &text)
                .contains("5,00\u{a0}€")
        );
        assert!(catalogue.say(Language::English, &text).contains("5.00"));
    }

    /// Every `Text::new("…")` in the source, and every `t("…")` in the templates, has its sentence.
    #[test]
    fn every_key_that_is_used_exists() {
        let catalogue = Catalogue::load().unwrap();
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut missing = Vec::new();
        for (folder, marks, english) in [
            ("src", ["Text::new(\"", "Text::new(\n"].as_slice(), true),
            ("src", ["cx.say(\""].as_slice(), false),
            ("assets/templates", ["t(\"", "t('"].as_slice(), false),
        ] {
            for file in files_below(&root.join(folder)) {
                let text = std::fs::read_to_string(&file).unwrap();
                // What only pages say needs no English; what a slice says may reach the terminal.
                let english = english && !file.starts_with(root.join("src/web"));
                for mark in marks {
                    for (at, _) in text.match_indices(mark) {
                        let before = text[..at].chars().next_back();
                        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                            continue;
                        }
                        let rest = text[at + mark.len()..].trim_start().trim_start_matches('"');
                        let end = rest.find(['"', '\'']).unwrap_or(0);
                        let key = &rest[..end];
                        let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
                        // A key that ends in a dash is the beginning of one that is put together.
                        if key.is_empty() || !plain || key.ends_with('-') {
                            continue;
                        }
                        let known = catalogue.has(Language::Italian, key)
                            && (!english || catalogue.has(Language::English, key));
                        if !known {
                            missing.push(format!("{}: {key}", file.display()));
                        }
                    }
                }
            }
        }
        assert!(
            missing.is_empty(),
            "no sentence for:\n{}",
            missing.join("\n")
        );
    }

    fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
        let mut files = Vec::new();
        let Ok(entries) = std::fs::read_dir(folder) else {
            return files;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files.extend(files_below(&path));
            } else {
                files.push(path);
            }
        }
        files
    }
}
