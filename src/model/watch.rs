//! A young article that is still listed: what has to be known to read it again, cheaply, and to see that it changed or is gone.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Instant, UrlHash, Validators};

/// An article that is read again at certain ages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    pub key: UrlHash,
    /// Its page; none when the entry is the whole article.
    #[serde(default, skip_serializing_if = "is_default")]
    pub page: Option<Url>,
    /// When the article was first seen.
    pub since: Instant,
    /// When it was last read.
    pub read: Instant,
    /// Of the page as it was last read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub validators: Validators,
    /// How often in a row the page was gone.
    #[serde(default, skip_serializing_if = "is_default")]
    pub missing: u32,
    /// A digest of the entry as it was last listed.
    #[serde(default)]
    pub entry: String,
    /// The entry reads differently since the article was read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub changed: bool,
}

/// There are hundreds of watches in a state that is written at every poll: what goes without saying is left out.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
