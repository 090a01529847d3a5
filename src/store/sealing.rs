//! Encryption of special-category data (GDPR art. 9) with a key that is not in the data folder
//! (invariant 9): XChaCha20-Poly1305, a random nonce before the ciphertext, bound to what it is.

use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::base::{Error, Result};

const NONCE: usize = 24;

/// The folder's key. Its text never reaches a log: there is no `Debug`.
pub struct SealingKey(XChaCha20Poly1305);

impl SealingKey {
    /// Makes a key and writes it to a file that only its owner can read; a file that is there is
    /// never overwritten.
    ///
    /// # Errors
    /// When the file exists or can't be written.
    pub fn create(file: &Path) -> Result<SealingKey> {
        let key = Zeroizing::new(random_bytes::<32>()?);
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = options.open(file).map_err(|e| Error::io(file, e))?;
        let text = Zeroizing::new(STANDARD.encode(*key));
        writeln!(out, "{}", *text).map_err(|e| Error::io(file, e))?;
        out.sync_all().map_err(|e| Error::io(file, e))?;
        Ok(SealingKey::from_bytes(&key))
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// When the file is missing or holds something else than a key.
    pub fn load(file: &Path) -> Result<SealingKey> {
        let text = std::fs::read_to_string(file).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::Internal(format!(
                "{} is missing: it is the key of sealed data (diets, certificates); put it back \
                 from where you keep its copy, or name it with --key",
                file.display()
            )),
            _ => Error::io(file, error),
        })?;
        let text = Zeroizing::new(text);
        let bytes = STANDARD.decode(text.trim()).map(Zeroizing::new);
        match bytes.as_deref().map(|b| <[u8; 32]>::try_from(b.as_slice())) {
            Ok(Ok(key)) => Ok(SealingKey::from_bytes(&Zeroizing::new(key))),
            _ => Err(Error::Internal(format!(
                "{} does not hold a key: put the right key there, or name it with --key",
                file.display()
            ))),
        }
    }

    fn from_bytes(key: &[u8; 32]) -> SealingKey {
        SealingKey(XChaCha20Poly1305::new(key.into()))
    }

    /// Encrypts; `context` says what it is (`diet`, `document`) and must be given again to open.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn seal(&self, context: &str, clear: &[u8]) -> Result<Vec<u8>> {
        let nonce = random_bytes::<NONCE>()?;
        let payload = Payload {
            msg: clear,
            aad: context.as_bytes(),
        };
        let sealed = self
            .0
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::Internal("sealing failed".to_owned()))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts what [`SealingKey::seal`] made.
    ///
    /// # Errors
    /// When it was made with another key or context, or was changed.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let wrong = || Error::Internal(format!("a sealed {context} can't be opened with this key"));
        let (nonce, body) = sealed.split_first_chunk::<NONCE>().ok_or_else(wrong)?;
        let payload = Payload {
            msg: body,
            aad: context.as_bytes(),
        };
        self.0
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| wrong())
    }
}

/// Random bytes of the system.
///
/// # Errors
/// When the system has no randomness to give.
pub fn random_bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0u8; N];
    getrandom::fill(&mut bytes).map_err(Error::internal)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_with_key_and_context() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let key = SealingKey::create(&file).unwrap();
        let sealed = key.seal("diet", b"D07").unwrap();
        assert!(!sealed.windows(3).any(|w| w == b"D07"));
        let again = SealingKey::load(&file).unwrap();
        assert_eq!(again.open("diet", &sealed).unwrap(), b"D07");
        assert!(again.open("document", &sealed).is_err());
        let mut broken = sealed.clone();
        broken[30] ^= 1;
        assert!(again.open("diet", &broken).is_err());
        assert!(
            SealingKey::create(&file).is_err(),
            "a key file is never overwritten"
        );
    }
}
