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

/// Why the database can't be read or written. It is nobody's fault who sits before a page; the
/// administrator mends it (docs/recovery.md), and nothing that was acknowledged is touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageFault {
    /// There is no room left.
    Full,
    /// The folder or its disk takes no writes.
    ReadOnly,
    /// Another program holds the database.
    Locked,
    /// The file is not what was written.
    Damaged,
    /// The file can't be opened, or the disk fails.
    Unreachable,
    /// The write-ahead log was taken away from beside the database.
    LogMissing,
}

impl StorageFault {
    fn of(code: rusqlite::ErrorCode) -> Option<StorageFault> {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull,
            FileLockingProtocolFailed, NotADatabase, PermissionDenied, ReadOnly, SystemIoFailure,
        };
        Some(match code {
            DiskFull => StorageFault::Full,
            ReadOnly | PermissionDenied => StorageFault::ReadOnly,
            DatabaseBusy | DatabaseLocked | FileLockingProtocolFailed => StorageFault::Locked,
            DatabaseCorrupt | NotADatabase => StorageFault::Damaged,
            CannotOpen | SystemIoFailure => StorageFault::Unreachable,
            _ => return None,
        })
    }

    /// What is wrong and what to do, for the administrator.
    fn sentence(self) -> &'static str {
        match self {
            StorageFault::Full => {
                "the disk is full, nothing was written: make room on the disk of the data folder"
            }
            StorageFault::ReadOnly => {
                "the data folder can't be written, nothing was changed: check its owner, its \
                 permissions, and that its disk is not mounted read-only"
            }
            StorageFault::Locked => {
                "another program holds the database: let it finish or end it, then try again"
            }
            StorageFault::Damaged => {
                "the database file is damaged: stop the server, copy the folder away and follow \
                 docs/recovery.md"
            }
            StorageFault::Unreachable => {
                "the database can't be reached: check that its disk is there and sound, and that \
                 its files belong to who runs campanella"
            }
            StorageFault::LogMissing => {
                "the write-ahead log is missing, and with it the newest writes: put \
                 campanella.sqlite-wal back beside the database, or follow docs/recovery.md"
            }
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
    /// The database can't be read or written as things stand; the text is what the system said.
    Storage(StorageFault, String),
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

    /// A file of the data folder, beside the database, could not be read or written.
    pub fn beside(path: &std::path::Path, error: std::io::Error) -> Error {
        use std::io::ErrorKind;
        let fault = match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => StorageFault::ReadOnly,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StorageFault::Full,
            _ => return Error::io(path, error),
        };
        Error::Storage(fault, format!("{}: {error}", path.display()))
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
            rusqlite::Error::SqliteFailure(ref cause, _) => match StorageFault::of(cause.code) {
                Some(fault) => Error::Storage(fault, error.to_string()),
                None => Error::Database(error),
            },
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
            Error::Storage(fault, detail) => write!(f, "{} ({detail})", fault.sentence()),
            Error::Io(path, error) => write!(f, "{path}: {error}"),
            Error::Internal(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Error {}
