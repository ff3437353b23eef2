//! Feeds that somebody found, added to the text of feeds.toml: those that are not there already, under ids of their own. Pure.

use std::collections::BTreeSet;

use super::edit::{self, Change, NewFeed};
use super::{Config, Mistake, address_key};
use crate::model::{FeedId, FeedUrl};

/// A feed to add, if it is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// Its id is made from this, and from the address where this has no letters.
    pub title: String,
    pub url: FeedUrl,
    pub is_sitemap: bool,
    pub allow_private: bool,
    pub folder: Vec<String>,
}

/// What became of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Additions {
    pub text: String,
    /// What was added to it.
    pub tables: String,
    /// The new feeds, in order.
    pub added: Vec<(FeedId, FeedUrl)>,
    /// Those that the configuration, or the same list further up, has already: nothing was changed for them.
    pub known: Vec<FeedUrl>,
}

/// Adds feeds behind those that are there.
///
/// # Errors
/// When the text is not a configuration: what it says then cannot be kept.
pub fn add_feeds(text: &str, additions: &[Addition]) -> Result<Additions, Vec<Mistake>> {
    let config = Config::parse(text)?;
    let mut addresses: BTreeSet<String> = config.feeds.iter().map(|feed| address_key(&feed.url)).collect();
    let (new, known): (Vec<&Addition>, Vec<&Addition>) =
        additions.iter().partition(|addition| addresses.insert(address_key(&addition.url)));
    let ids = ids(&new, config.feeds.iter().map(|feed| feed.id.to_string()).collect());
    let feeds: Vec<NewFeed> = new.iter().zip(ids).map(|(addition, id)| new_feed(addition, id)).collect();
    let changes: Vec<Change> = feeds.iter().cloned().map(Change::AddFeed).collect();
    let impossible = |message| vec![Mistake { line: 1, column: 1, message }];
    Ok(Additions {
        text: edit::changed(text, &changes).map_err(impossible)?,
        tables: feeds.iter().map(|feed| format!("[[feed]]\n{}\n", feed.table())).collect::<Vec<_>>().concat(),
        added: feeds.into_iter().map(|feed| (feed.id, feed.url)).collect(),
        known: known.into_iter().map(|addition| addition.url.clone()).collect(),
    })
}

fn new_feed(addition: &Addition, id: FeedId) -> NewFeed {
    let Addition { title, url, is_sitemap, allow_private, folder } = addition.clone();
    NewFeed { id, name: Some(title), url, is_sitemap, allow_private, folder }
}

/// An id for each, unlike the others and those that are taken.
fn ids(additions: &[&Addition], mut taken: BTreeSet<String>) -> Vec<FeedId> {
    let id = |addition: &&Addition| {
        let name = name(&addition.title).or_else(|| name(addition.url.as_url().host_str()?)).unwrap_or_else(|| "feed".to_owned());
        let numbered = (1_u32..).map(|number| if number == 1 { name.clone() } else { format!("{name}-{number}") });
        let id = numbered.into_iter().find_map(|name| FeedId::new(name).ok().filter(|id| !taken.contains(id.as_str())))?;
        taken.insert(id.to_string());
        Some(id)
    };
    additions.iter().filter_map(id).collect()
}

/// Text in the letters of an id, with room for a number behind it.
fn name(text: &str) -> Option<String> {
    let slug = slug::slugify(text);
    let name = slug.get(..slug.len().min(50)).unwrap_or_default().trim_matches('-');
    (!name.is_empty()).then(|| name.to_owned())
}
