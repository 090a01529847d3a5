//! Passwords of staff: argon2id at the cost that OWASP's cheat sheet asks for
//! (m = 19 MiB, t = 2, p = 1).

use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::base::{Error, Result};

/// A PHC string: algorithm, cost, salt and hash.
pub struct PasswordHash(pub(super) String);

/// A good login of nobody: verifying against it makes an unknown user name cost as much time as a
/// known one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdCBvZiBub2JvZHk$\
                      4pHlTqIjVr8pNq3hsCcYzW7HlrSRrQAyB3h1RkKQX6s";

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(19_456, 2, 1, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password with a salt of its own. Takes some 20 ms and 19 MiB: never on a thread that
/// serves others.
///
/// # Errors
/// When the system has no randomness to give.
pub fn hash_password(password: &str) -> Result<PasswordHash> {
    let hash = argon2()?
        .hash_password(password.as_bytes())
        .map_err(Error::internal)?;
    Ok(PasswordHash(hash.to_string()))
}

/// Whether a password is the one of this hash; without a hash the answer is no, after the same time.
///
/// # Errors
/// When the stored hash can't be read.
pub fn password_matches(hash: Option<&str>, password: &str) -> Result<bool> {
    let parsed = Phc::new(hash.unwrap_or(NOBODY)).map_err(Error::internal)?;
    let good = argon2()?
        .verify_password(password.as_bytes(), &parsed)
        .is_ok();
    Ok(good && hash.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_matches() {
        let hash = hash_password("Campana-42-suona").unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(password_matches(Some(&hash.0), "Campana-42-suona").unwrap());
        assert!(!password_matches(Some(&hash.0), "campana-42-suona").unwrap());
        assert!(!password_matches(None, "anything").unwrap());
    }
}
