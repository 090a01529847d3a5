//! A secret word: a platform's key. It can be used and never read off a log, an error or a page.

use std::fmt;

use zeroize::Zeroizing;

/// A key. `Debug` shows nothing of it, and there is no `Display`, no `Serialize`.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a key as a file or the environment holds it; white space around it is none of it.
    /// None when nothing is left, or when it can't stand in a header: keys are printable ASCII.
    pub fn new(text: &str) -> Option<Secret> {
        let text = text.trim();
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        (printable && (1..=512).contains(&text.len()))
            .then(|| Secret(Zeroizing::new(text.to_owned())))
    }

    /// The key itself, for the one header that carries it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        let secret = Secret::new(" 0123456789abcdef\n").unwrap();
        assert_eq!(secret.expose(), "0123456789abcdef");
        assert!(!format!("{secret:?} {:?}", Some(&secret)).contains("0123"));
        for none in ["", " \n", "a b", "chiave\r\nX-Other: 1", "è"] {
            assert!(Secret::new(none).is_none(), "{none:?}");
        }
    }
}
