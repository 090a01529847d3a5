//! Backups encrypted with age (age-encryption.org/v1): for public keys or with a passphrase. The
//! `age` command opens them too.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

use age::secrecy::SecretString;
use age::stream::StreamWriter;

use crate::base::{Error, Result};

/// The first bytes of an encrypted file.
const MAGIC: &[u8] = b"age-encryption.org/v1\n";

/// scrypt's cost for a passphrase, 2^18, as the `age` command takes it: a second and 256 MiB.
const WORK_FACTOR: u8 = 18;
/// A file may not ask for more work than this to find out that a passphrase is wrong.
const MOST_WORK: u8 = 22;

/// Who can open a backup that is being written.
pub enum Encryption {
    /// Everybody who has the file.
    Open,
    /// Who has one of the private keys.
    Recipients(Vec<age::x25519::Recipient>),
    /// Who knows the passphrase.
    Passphrase(SecretString),
}

/// What opens an encrypted backup.
#[derive(Default)]
pub struct Keys {
    identities: Vec<age::x25519::Identity>,
    passphrase: Option<SecretString>,
}

impl Encryption {
    /// For public keys: `age1…`, one on a line or an argument; empty lines and `#` are left out.
    ///
    /// # Errors
    /// When one is none.
    pub fn recipients<'a>(keys: impl Iterator<Item = &'a str>) -> Result<Encryption> {
        let recipients = lines(keys)
            .map(|line| {
                line.parse().map_err(|why| {
                    Error::Internal(format!(
                        "`{line}` is not a public key of age ({why}): it begins with age1, \
                         `age-keygen` makes one"
                    ))
                })
            })
            .collect::<Result<Vec<_>>>()?;
        if recipients.is_empty() {
            return Err(Error::Internal(
                "there is no public key to encrypt for: give one that begins with age1".to_owned(),
            ));
        }
        Ok(Encryption::Recipients(recipients))
    }

    /// With a passphrase.
    pub fn passphrase(passphrase: String) -> Encryption {
        Encryption::Passphrase(SecretString::from(passphrase))
    }

    /// Whether it is encrypted at all.
    pub fn is_encrypted(&self) -> bool {
        !matches!(self, Encryption::Open)
    }

    /// What opens it again, where we have that: not for public keys.
    pub(super) fn keys(&self) -> Option<Keys> {
        match self {
            Encryption::Open => Some(Keys::default()),
            Encryption::Recipients(_) => None,
            Encryption::Passphrase(secret) => Some(Keys {
                identities: Vec::new(),
                passphrase: Some(secret.clone()),
            }),
        }
    }

    pub(super) fn wrap<W: Write>(&self, out: W) -> std::io::Result<Out<W>> {
        let encryptor = match self {
            Encryption::Open => return Ok(Out::Open(out)),
            Encryption::Recipients(keys) => {
                age::Encryptor::with_recipients(keys.iter().map(|key| key as &dyn age::Recipient))
            }
            Encryption::Passphrase(secret) => {
                let mut recipient = age::scrypt::Recipient::new(secret.clone());
                recipient.set_work_factor(WORK_FACTOR);
                age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
            }
        };
        let encryptor = encryptor.map_err(std::io::Error::other)?;
        encryptor.wrap_output(out).map(Out::Encrypted)
    }
}

impl Keys {
    /// The private keys of an age identity file (`AGE-SECRET-KEY-1…`), and a passphrase.
    ///
    /// # Errors
    /// When the file can't be read or holds something else.
    pub fn load(identity: Option<&Path>, passphrase: Option<String>) -> Result<Keys> {
        let mut identities = Vec::new();
        if let Some(file) = identity {
            let text = std::fs::read_to_string(file).map_err(|e| Error::io(file, e))?;
            let text = zeroize::Zeroizing::new(text);
            for line in lines(text.lines()) {
                identities.push(line.parse().map_err(|why| {
                    // Never the line itself: it may be a key with a slip in it.
                    Error::Internal(format!(
                        "{} holds a line that is no private key of age ({why}): such a key begins \
                         with AGE-SECRET-KEY-1",
                        file.display()
                    ))
                })?);
            }
        }
        Ok(Keys {
            identities,
            passphrase: passphrase.map(SecretString::from),
        })
    }

    /// Opens a file for reading, through decryption where it is encrypted.
    pub(super) fn open(&self, file: &Path) -> Result<Box<dyn Read>> {
        let opened = std::fs::File::open(file).map_err(|e| Error::io(file, e))?;
        let mut source = BufReader::with_capacity(1 << 16, opened);
        let start = source.fill_buf().map_err(|e| Error::io(file, e))?;
        if !start.starts_with(MAGIC) {
            return Ok(Box::new(source));
        }
        let wrong = |why: &str| Error::Internal(format!("{}: {why}", file.display()));
        let decryptor = age::Decryptor::new_buffered(source).map_err(|e| self.explain(file, &e))?;
        if decryptor.is_scrypt() {
            let secret = self.passphrase.clone().ok_or_else(|| {
                wrong("it is encrypted with a passphrase: name its file with --passphrase-file")
            })?;
            let mut identity = age::scrypt::Identity::new(secret);
            identity.set_max_work_factor(MOST_WORK);
            let one = std::iter::once(&identity as &dyn age::Identity);
            let reader = decryptor.decrypt(one).map_err(|e| self.explain(file, &e))?;
            return Ok(Box::new(reader));
        }
        if self.identities.is_empty() {
            return Err(wrong(
                "it is encrypted for a public key: name the file of the private one with --identity",
            ));
        }
        let all = self.identities.iter().map(|key| key as &dyn age::Identity);
        let reader = decryptor.decrypt(all).map_err(|e| self.explain(file, &e))?;
        Ok(Box::new(reader))
    }

    fn explain(&self, file: &Path, error: &age::DecryptError) -> Error {
        use age::DecryptError::{
            DecryptionFailed, ExcessiveWork, InvalidMac, KeyDecryptionFailed, NoMatchingKeys,
        };
        let why = match error {
            KeyDecryptionFailed | DecryptionFailed => {
                "it does not open with this passphrase: try the right one"
            }
            NoMatchingKeys => "it does not open with this key: name the right one with --identity",
            ExcessiveWork { .. } => "its header asks for too much work: it is damaged",
            InvalidMac => "its header was changed: it is damaged, take another backup",
            _ => "its beginning can't be read: it is damaged or cut short, take another backup",
        };
        Error::Internal(format!("{}: {why}", file.display()))
    }
}

fn lines<'a>(text: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    text.map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// A writer that may encrypt.
pub(super) enum Out<W: Write> {
    Open(W),
    Encrypted(StreamWriter<W>),
}

impl<W: Write> Out<W> {
    /// Writes what encryption still keeps, and gives the inner writer back.
    pub(super) fn finish(self) -> std::io::Result<W> {
        match self {
            Out::Open(inner) => Ok(inner),
            Out::Encrypted(stream) => stream.finish(),
        }
    }
}

impl<W: Write> Write for Out<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Out::Open(inner) => inner.write(bytes),
            Out::Encrypted(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Out::Open(inner) => inner.flush(),
            Out::Encrypted(stream) => stream.flush(),
        }
    }
}
