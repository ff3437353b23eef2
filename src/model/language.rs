//! Language tags.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A language as a BCP 47 tag in its canonical letter case: `ru`, `kk`, `kk-Latn`, `en-GB`.
///
/// Invariant: a primary subtag of two or three letters, then at most three subtags of 2 to 8 letters or digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

/// Why a text is not a language tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a language tag such as `ru`, `kk`, `kk-Latn` or `en-GB`")]
pub struct BadLanguage(String);

impl Language {
    /// Reads a tag in any letter case, with `-` or `_` between its parts.
    ///
    /// # Errors
    /// When `text` is not a tag of that shape.
    pub fn new(text: &str) -> Result<Self, BadLanguage> {
        let bad = || BadLanguage(text.chars().take(40).collect());
        let mut tag = String::with_capacity(text.len());
        for (index, part) in text.trim().split(['-', '_']).enumerate() {
            let (length, letters) = (part.len(), part.bytes().all(|byte| byte.is_ascii_alphabetic()));
            let whole = if index == 0 {
                (2..=3).contains(&length) && letters
            } else {
                (2..=8).contains(&length) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            };
            if !whole || index > 3 {
                return Err(bad());
            }
            // RFC 5646, section 2.1.1: regions in capitals, scripts with a capital, all else small.
            let mut cased = part.to_ascii_lowercase();
            if index > 0 && length == 2 {
                cased.make_ascii_uppercase();
            } else if index > 0 && length == 4 && letters {
                cased = cased[..1].to_ascii_uppercase() + &cased[1..];
            }
            if index > 0 {
                tag.push('-');
            }
            tag.push_str(&cased);
        }
        Ok(Self(tag))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The primary subtag: `kk` of `kk-Latn`.
    #[must_use]
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }
}

impl TryFrom<String> for Language {
    type Error = BadLanguage;
    fn try_from(text: String) -> Result<Self, BadLanguage> {
        Self::new(&text)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}
