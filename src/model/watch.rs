//! A young article that is still listed: what has to be known to read it again, cheaply, and to see that it changed or is gone.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Instant, UrlHash, Validators};

/// An article that is read again at certain ages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    pub key: UrlHash,
    /// Its page; none when the entry is the whole article.
    pub page: Option<Url>,
    /// When the article was first seen.
    pub since: Instant,
    /// When it was last read.
    pub read: Instant,
    /// Of the page as it was last read.
    #[serde(default)]
    pub validators: Validators,
    /// How often in a row the page was gone.
    #[serde(default)]
    pub missing: u32,
    /// A digest of the entry as it was last listed.
    #[serde(default)]
    pub entry: String,
    /// The entry reads differently since the article was read.
    #[serde(default)]
    pub changed: bool,
}
