//! URLs that feeds are polled at, URLs in the one form that identifies an article, and the hash of that form.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// The longest URL that is looked at, in bytes.
const MAX_URL: usize = 4096;

/// Why a text is not the URL of a page or feed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    #[error("`{0}` is not a web address: {1}; write it whole, with https://")]
    Syntax(String, url::ParseError),
    #[error("`{0}`: only http and https URLs can be fetched")]
    Scheme(String),
    // Not repeated: it may be a secret.
    #[error("an address with a user or password in it is printed in many places: leave them out, feeds have `auth` for them")]
    Credentials,
    #[error("a URL of more than {MAX_URL} bytes")]
    TooLong,
    #[error("`{0}` is not the 32 hexadecimal digits of an article's key")]
    Hash(String),
}

fn web_url(text: &str) -> Result<Url, BadUrl> {
    if text.len() > MAX_URL {
        return Err(BadUrl::TooLong);
    }
    let url = Url::parse(text.trim()).map_err(|error| BadUrl::Syntax(text.to_owned(), error))?;
    if is_web(&url) { Ok(url) } else { Err(BadUrl::Scheme(text.to_owned())) }
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// The address that a feed is polled at.
///
/// Invariant: the scheme is `http` or `https`, and nobody's credentials are in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FeedUrl(Url);

impl FeedUrl {
    /// # Errors
    /// When `text` is not an http or https URL, or has a user or a password in it.
    pub fn new(text: &str) -> Result<Self, BadUrl> {
        let url = web_url(text)?;
        if url.username().is_empty() && url.password().is_none() { Ok(Self(url)) } else { Err(BadUrl::Credentials) }
    }

    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.0
    }
}

impl TryFrom<String> for FeedUrl {
    type Error = BadUrl;
    fn try_from(text: String) -> Result<Self, BadUrl> {
        Self::new(&text)
    }
}

impl From<FeedUrl> for String {
    fn from(url: FeedUrl) -> Self {
        url.0.into()
    }
}

impl fmt::Display for FeedUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The one form of an article's URL: what differs only in how somebody came to the page is folded.
///
/// Folded: the scheme (`http` becomes `https`), a default port, credentials, the fragment, `www.`, `m.`, `mobile.` and `amp.`
/// before a registrable domain, AMP path ends and parameters, tracking parameters, the order of parameters, a slash at the end,
/// `index.html` and its kin.
///
/// Invariant: a fixed point: the canonical form of a canonical URL is itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CanonicalUrl(String);

impl CanonicalUrl {
    /// # Errors
    /// When the URL is not an http or https URL, or is too long.
    pub fn of(url: &Url) -> Result<Self, BadUrl> {
        if url.as_str().len() > MAX_URL {
            return Err(BadUrl::TooLong);
        }
        if !is_web(url) {
            return Err(BadUrl::Scheme(url.to_string()));
        }
        let mut current = url.clone();
        // Folding one thing can uncover another (`/a/amp/index.html`): repeat until nothing changes. Each round but the last
        // makes the URL shorter or sorts it, so this ends; the bound is a belt to that.
        for _ in 0..16 {
            let next = folded(&current);
            if next == current {
                break;
            }
            current = next;
        }
        Ok(Self(current.into()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CanonicalUrl {
    type Error = BadUrl;
    fn try_from(text: String) -> Result<Self, BadUrl> {
        Self::of(&web_url(&text)?)
    }
}

impl From<CanonicalUrl> for String {
    fn from(url: CanonicalUrl) -> Self {
        url.0
    }
}

impl fmt::Display for CanonicalUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn folded(url: &Url) -> Url {
    let mut folded = url.clone();
    folded.set_fragment(None);
    // These setters refuse only URLs that cannot have a host; http and https URLs always can.
    let _ = folded.set_username("");
    let _ = folded.set_password(None);
    if folded.scheme() == "http" && folded.port().is_none() {
        let _ = folded.set_scheme("https");
    }
    if let Some(Host::Domain(host)) = url.host()
        && let Some(bare) = bare_host(host)
    {
        let _ = folded.set_host(Some(bare));
    }
    let path = folded_path(url.path());
    if path != url.path() {
        folded.set_path(&path);
    }
    let mut parameters: Vec<&str> =
        url.query().unwrap_or_default().split('&').filter(|parameter| !parameter.is_empty() && !is_noise(parameter)).collect();
    parameters.sort_unstable();
    let query = parameters.join("&");
    folded.set_query(if query.is_empty() { None } else { Some(&query) });
    folded
}

/// The host without a prefix that only says which rendering of the site it is. `m.kz` itself stays.
fn bare_host(host: &str) -> Option<&str> {
    let trimmed = host.strip_suffix('.').unwrap_or(host);
    let (first, rest) = trimmed.split_once('.')?;
    let rendering = matches!(first, "www" | "m" | "mobile" | "amp" | "wap" | "www2");
    if rendering && psl::domain_str(rest).is_some() {
        return Some(rest);
    }
    (trimmed.len() < host.len()).then_some(trimmed)
}

fn folded_path(path: &str) -> String {
    let mut path = path;
    if let Some(rest) = path.strip_prefix("/amp/") {
        path = &path[path.len() - rest.len() - 1..];
    }
    for end in ["/index.html", "/index.htm", "/index.php", "/amp", "/amp.html"] {
        if let Some(rest) = path.strip_suffix(end) {
            path = rest;
        }
    }
    if let Some(rest) = path.strip_suffix(".amp.html") {
        return format!("{rest}.html");
    }
    let path = path.strip_suffix(".amp").unwrap_or(path).trim_end_matches('/');
    if path.is_empty() { "/".to_owned() } else { path.to_owned() }
}

/// Whether a `name=value` parameter says only where the reader came from.
///
/// The names are those that advertising and social networks append (Google `utm_*`, `gclid`; Facebook `fbclid`; Yandex
/// `yclid`, `ysclid`; Mailchimp `mc_*`; Matomo `mtm_*`; and so on).
fn is_noise(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    let name = name.to_ascii_lowercase();
    let prefixed =
        ["utm_", "mtm_", "pk_", "mc_", "hsa_", "at_", "_hs", "utm-", "stm_", "ga_"].iter().any(|prefix| name.starts_with(prefix));
    let named = matches!(
        name.as_str(),
        "gclid"
            | "gclsrc"
            | "dclid"
            | "wbraid"
            | "gbraid"
            | "fbclid"
            | "yclid"
            | "ysclid"
            | "_openstat"
            | "msclkid"
            | "twclid"
            | "ttclid"
            | "igshid"
            | "igsh"
            | "li_fat_id"
            | "mkt_tok"
            | "vero_id"
            | "oly_enc_id"
            | "oly_anon_id"
            | "wickedid"
            | "cmpid"
            | "ncid"
            | "ref_src"
            | "ref_url"
            | "_ga"
            | "_gl"
            | "spm"
            | "from_source"
            | "yadclid"
            | "ymclid"
            | "rb_clickid"
            | "fb_action_ids"
            | "fb_action_types"
            | "fb_ref"
            | "fb_source"
            | "action_object_map"
            | "xtor"
            | "smid"
            | "s_cid"
            | "echobox"
            | "outputtype"
    );
    let amp = name == "amp" && matches!(value, "" | "1" | "true");
    prefixed || named || amp
}

/// The address to give to readers: as it is, but without credentials and without parameters that only say where somebody came from.
#[must_use]
pub fn reader_link(mut url: Url) -> Url {
    // These setters refuse only URLs that cannot have a host; http and https URLs always can.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if url.query().is_some_and(|query| query.split('&').any(is_noise)) {
        let kept: Vec<&str> = url.query().unwrap_or_default().split('&').filter(|parameter| !is_noise(parameter)).collect();
        let query = kept.join("&");
        url.set_query(if query.is_empty() { None } else { Some(&query) });
    }
    url
}

/// Whether two URLs belong to one registrable domain (`news.inform.kz` and `inform.kz`), or to one host where there is none.
#[must_use]
pub fn same_site(one: &Url, other: &Url) -> bool {
    match (one.host(), other.host()) {
        (Some(Host::Domain(one)), Some(Host::Domain(other))) => {
            one == other || psl::domain_str(one).is_some_and(|domain| psl::domain_str(other) == Some(domain))
        }
        (one, other) => one == other && one.is_some(),
    }
}

/// An article's key: the first 16 bytes of the BLAKE3 hash of its canonical URL. Shown as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UrlHash([u8; 16]);

impl UrlHash {
    #[must_use]
    pub fn of(url: &CanonicalUrl) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&blake3::hash(url.as_str().as_bytes()).as_bytes()[..16]);
        Self(bytes)
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The key that was stored as these bytes. Only for reading back what [`UrlHash::as_bytes`] gave.
    pub(crate) fn from_stored(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl FromStr for UrlHash {
    type Err = BadUrl;
    fn from_str(text: &str) -> Result<Self, BadUrl> {
        let bad = || BadUrl::Hash(text.chars().take(40).collect());
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(bad());
        }
        u128::from_str_radix(text, 16).map(|number| Self(number.to_be_bytes())).map_err(|_| bad())
    }
}

impl TryFrom<String> for UrlHash {
    type Error = BadUrl;
    fn try_from(text: String) -> Result<Self, BadUrl> {
        text.parse()
    }
}

impl From<UrlHash> for String {
    fn from(hash: UrlHash) -> Self {
        hash.to_string()
    }
}

impl fmt::Display for UrlHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for UrlHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "UrlHash({self})")
    }
}
