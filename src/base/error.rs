//! Errors are data: a key of the message catalogue and its values. The web renders them as an
//! Italian page or field message, the command line as one English sentence.
//!
//! Every slice returns [`Error`]. What a person can mend is a [`Refusal`] or a list of
//! [`FieldError`]s; everything else is logged with its text and shown as "a fault of ours".

use std::fmt;

use super::{Cents, Date, Instant};

/// A value inside a [`Text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// Shown as it is.
    Str(String),
    /// A count.
    Int(i64),
    /// An amount, written as the language does.
    Money(Cents),
    /// A civil date.
    Day(Date),
    /// A moment: date and hour in Rome.
    Moment(Instant),
}

macro_rules! arg_from {
    ($($from:ty => $variant:ident),+) => {$(
        impl From<$from> for Arg {
            fn from(value: $from) -> Arg {
                Arg::$variant(value.into())
            }
        }
    )+};
}
arg_from!(&str => Str, String => Str, i64 => Int, i32 => Int, u32 => Int, Cents => Money, Date => Day, Instant => Moment);

impl From<usize> for Arg {
    fn from(value: usize) -> Arg {
        Arg::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

/// A sentence of the message catalogue, not yet in any language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The key in `assets/catalogue/*/*.ftl`.
    pub key: &'static str,
    /// The values that it mentions.
    pub args: Vec<(&'static str, Arg)>,
}

impl Text {
    /// A sentence without values.
    pub fn new(key: &'static str) -> Text {
        Text {
            key,
            args: Vec::new(),
        }
    }

    /// The same sentence with one more value.
    pub fn with(mut self, name: &'static str, value: impl Into<Arg>) -> Text {
        self.args.push((name, value.into()));
        self
    }
}

/// A rule said no. The sentence says what is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What to tell.
    pub text: Text,
    /// True when somebody else was faster (another tab, another clerk): HTTP 409 instead of 422.
    pub conflict: bool,
}

/// A form field that can't be taken as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name in the form.
    pub field: String,
    /// What is wrong and what to do.
    pub text: Text,
}

impl FieldError {
    /// What is wrong with one field.
    pub fn new(field: impl Into<String>, text: Text) -> FieldError {
        FieldError {
            field: field.into(),
            text,
        }
    }
}

/// Whatever went wrong.
#[derive(Debug)]
pub enum Error {
    /// A rule said no.
    Refused(Refusal),
    /// Some fields must be mended; what was typed is kept by who shows the form.
    Invalid(Vec<FieldError>),
    /// There is no such thing, or it is not for this actor: the two are not told apart.
    NotFound,
    /// The actor is known and may not do this.
    Forbidden,
    /// The database refused or failed.
    Database(rusqlite::Error),
    /// A file could not be read or written; the text names it.
    Io(String, std::io::Error),
    /// A fault of the program or of its surroundings; the text is for the log.
    Internal(String),
}

/// The result of everything.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A rule said no.
    pub fn refused(text: Text) -> Error {
        Error::Refused(Refusal {
            text,
            conflict: false,
        })
    }

    /// Somebody else was faster.
    pub fn conflict(text: Text) -> Error {
        Error::Refused(Refusal {
            text,
            conflict: true,
        })
    }

    /// One field must be mended.
    pub fn field(field: impl Into<String>, text: Text) -> Error {
        Error::Invalid(vec![FieldError::new(field, text)])
    }

    /// A file could not be read or written.
    pub fn io(path: &std::path::Path, error: std::io::Error) -> Error {
        Error::Io(path.display().to_string(), error)
    }

    /// For `map_err`: a fault with its text.
    pub fn internal(error: impl fmt::Display) -> Error {
        Error::Internal(error.to_string())
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Error {
        match error {
            rusqlite::Error::QueryReturnedNoRows => Error::NotFound,
            other => Error::Database(other),
        }
    }
}

/// For logs: never with the values of a refusal, which may be personal data.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Refused(refusal) => write!(f, "refused: {}", refusal.text.key),
            Error::Invalid(fields) => {
                let names: Vec<_> = fields.iter().map(|e| e.field.as_str()).collect();
                write!(f, "invalid fields: {}", names.join(", "))
            }
            Error::NotFound => f.write_str("not found"),
            Error::Forbidden => f.write_str("forbidden"),
            Error::Database(error) => write!(f, "database: {error}"),
            Error::Io(path, error) => write!(f, "{path}: {error}"),
            Error::Internal(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Error {}
