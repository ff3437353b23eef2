//! Which of the articles that a page describes is the one that it shows: pages tell of others too.

use serde_json::{Map, Value};
use url::Url;

use crate::extract::metadata::plain;
use crate::extract::title::agrees;
use crate::model::CanonicalUrl;

/// The most of a headline that is compared, in characters.
const MAX_HEADLINE: usize = 400;

/// What is known of the article that a page shows: its addresses and its titles, by whatever says one.
#[derive(Debug)]
pub(in crate::extract) struct Subject<'a> {
    url: &'a Url,
    addresses: Vec<Address>,
    titles: Vec<String>,
}

/// What an object is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    This,
    Unclear,
    Another,
}

impl<'a> Subject<'a> {
    /// `url` is where the page was found, `stated` are the addresses that it gives itself.
    pub(in crate::extract) fn new<'s>(url: &'a Url, stated: impl Iterator<Item = &'s str>, titles: Vec<String>) -> Self {
        let stated = stated.filter_map(|address| Address::of(&url.join(address).ok()?));
        let addresses = Address::of(url).into_iter().chain(stated).collect();
        let titles = titles.into_iter().filter(|title| !title.trim().is_empty()).collect();
        Self { url, addresses, titles }
    }

    /// Sites write addresses in many ways, and headlines too: only an object with another address and another headline is about another
    /// article. Of a part of the page either is enough.
    pub(super) fn claim(&self, object: &Map<String, Value>, headline: Option<&str>, is_part: bool) -> Claim {
        let addresses = self.addresses_of(object);
        let is_own = |alike: fn(&Address, &Address) -> bool| addresses.iter().any(|one| self.addresses.iter().any(|own| alike(one, own)));
        let headline = headline.map(|headline| plain(&headline.chars().take(MAX_HEADLINE).collect::<String>()));
        let is_titled =
            headline.as_deref().is_some_and(|headline| self.titles.iter().any(|title| agrees(headline, title) || agrees(title, headline)));
        if is_titled || (!is_part && is_own(Address::is_same)) {
            return Claim::This;
        }
        let elsewhere = !addresses.is_empty() && !self.addresses.is_empty() && !is_own(Address::may_be);
        let otherwise = headline.is_some() && !self.titles.is_empty();
        let another = if is_part { elsewhere || otherwise } else { elsewhere && otherwise };
        if another { Claim::Another } else { Claim::Unclear }
    }

    /// The addresses under which an object says that its article is found.
    fn addresses_of(&self, object: &Map<String, Value>) -> Vec<Address> {
        let found = |key: &str| object.get(key).and_then(written);
        let id = found("@id").filter(|id| id.starts_with("http"));
        // `#article` is a name rather than an address.
        let written = [found("url"), found("mainEntityOfPage"), id].into_iter().flatten().filter(|address| !address.starts_with('#'));
        written.filter_map(|address| Address::of(&self.url.join(address).ok()?)).collect()
    }
}

/// The address that a value is, or is of.
fn written(value: &Value) -> Option<&str> {
    match value {
        Value::String(address) => Some(address.trim()).filter(|address| !address.is_empty()),
        Value::Array(values) => values.iter().find_map(Value::as_str),
        Value::Object(object) => ["@id", "url"].iter().find_map(|key| object.get(*key)).and_then(Value::as_str),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// An address that tells one page of a site from others: not its front page.
#[derive(Debug)]
struct Address {
    whole: CanonicalUrl,
    path: String,
    query: Option<String>,
}

impl Address {
    fn of(url: &Url) -> Option<Self> {
        let whole = CanonicalUrl::of(url).ok()?;
        let parts = Url::parse(whole.as_str()).ok()?;
        let (path, query) = (parts.path().to_ascii_lowercase(), parts.query().map(str::to_owned));
        (path.len() > 1 || query.is_some()).then_some(Self { whole, path, query })
    }

    fn is_same(&self, other: &Self) -> bool {
        self.whole == other.whole
    }

    /// Whether both may lead to one page: on another host, or with a query that says nothing.
    fn may_be(&self, other: &Self) -> bool {
        self.path == other.path && (self.query == other.query || self.query.is_none() || other.query.is_none())
    }
}
