//! Which entries and which new articles are articles that are known already: under another address, with another id, or by their
//! words. Pure.
//!
//! The address alone decides where it is known. An id or a page's own canonical address is believed only where nothing speaks
//! against it, because sites repeat them: an article taken for another one would be missed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use url::Url;

use super::article::Processed;
use super::news;
use super::reading::Reading;
use crate::config::Feed;
use crate::model::{CanonicalUrl, Entry, FeedState, Identity, Instant, PollCommit, StoredArticle, Timestamp, UrlHash};
use crate::story;

/// How far apart the times of one article can be that its feed gives it.
const SAME_TIME: TimeDelta = TimeDelta::days(1);
/// So many known articles that come as new ones are a flood.
const FLOOD: usize = 5;
/// Texts are old when they are outside the window of stories.
const OLD: TimeDelta = TimeDelta::hours(72);

/// An entry as far as it is recognised.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) key: UrlHash,
    /// The feed's id for it, where no other entry of the document has the same.
    pub(super) id: Option<Identity>,
    title: String,
    published: Option<Timestamp>,
    link: Option<Url>,
}

/// The listed entries, in the order of [`news::keys`].
pub(super) fn listed(feed: &Feed, reading: &Reading) -> Vec<Listed> {
    let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
    reading.document.entries.iter().for_each(|entry| *ids.entry(&entry.id).or_default() += 1);
    let id = |entry: &Entry| (ids.get(entry.id.as_str()) == Some(&1)).then(|| Identity::entry(&feed.id, &entry.id));
    let listed = |(key, entry): (UrlHash, &Entry)| Listed {
        key,
        id: id(entry),
        title: entry.title.clone().unwrap_or_default(),
        published: entry.published,
        link: entry.link.clone(),
    };
    news::keyed(feed, reading).into_iter().map(listed).collect()
}

/// Whether an entry can be the article that is known by its id.
pub(super) fn is_entry_of(entry: &Listed, stored: &StoredArticle) -> bool {
    let same_time = match (entry.published, stored.article.published) {
        (Some(one), Some(other)) => (one - other).abs() <= SAME_TIME,
        (None, _) | (_, None) => true,
    };
    same_time && story::agree(&entry.title, &stored.article.title)
}

/// Whether an entry's article is known.
#[derive(Clone, Copy, Debug)]
pub(super) enum Known {
    ByAddress(UrlHash),
    /// By its address; by its id nothing is known.
    Renamed(UrlHash),
    /// By its id alone.
    Moved(UrlHash),
    New,
}

/// The listed entries and what is known of them.
pub(super) struct Entries {
    /// Of each entry, in their order: the key that it comes as, and that of the known article.
    keys: Vec<(UrlHash, Option<UrlHash>)>,
    /// Those that are known by their id and came with another address.
    pub(super) moved: Vec<Recognised>,
    /// The ids of those that are known by their address and came with another id.
    pub(super) renamed: Vec<(Identity, UrlHash)>,
}

impl Entries {
    pub(super) fn of(listed: Vec<(Listed, Known)>) -> Self {
        let mut entries = Self { keys: Vec::with_capacity(listed.len()), moved: Vec::new(), renamed: Vec::new() };
        for (entry, known) in listed {
            let key = match known {
                Known::New => None,
                Known::ByAddress(key) => Some(key),
                Known::Renamed(key) => {
                    entries.renamed.extend(entry.id.map(|id| (id, key)));
                    Some(key)
                }
                Known::Moved(key) => {
                    let identities = vec![entry.key.into()];
                    entries.moved.push(Recognised { came_as: entry.key, key, identities, link: entry.link });
                    Some(key)
                }
            };
            entries.keys.push((entry.key, key));
        }
        entries
    }

    /// As which article each entry is known.
    pub(super) fn known(&self) -> Vec<Option<UrlHash>> {
        self.keys.iter().map(|(_, known)| *known).collect()
    }

    /// The key of each entry's article.
    pub(super) fn keys(&self) -> impl Iterator<Item = UrlHash> {
        self.keys.iter().map(|(key, known)| known.unwrap_or(*key))
    }
}

/// What a new article is looked for by, once its page is read: its words, and its page's own canonical address.
pub(super) fn of_article(article: &StoredArticle) -> (Option<Identity>, Option<Identity>) {
    let canonical = article.article.canonical.as_ref().filter(|url| url.path() != "/").and_then(|url| CanonicalUrl::of(url).ok());
    let canonical = canonical.map(|url| Identity::url(&url)).filter(|identity| *identity != Identity::from(article.key));
    (article.words, canonical)
}

/// Whether a new article is the known one that has one of its identities.
pub(super) fn is_article(article: &StoredArticle, by: Identity, known: &StoredArticle) -> bool {
    if article.words == Some(by) || article.words.is_some() && article.words == known.words {
        return true;
    }
    if article.fingerprint.is_empty() || known.fingerprint.is_empty() {
        return article.words.is_none() && known.words.is_none() && story::agree(&article.article.title, &known.article.title);
    }
    story::alike(&article.fingerprint, &known.fingerprint)
}

/// A new entry that is a known article.
#[derive(Clone, Debug)]
pub(super) struct Recognised {
    /// What it came as.
    pub(super) came_as: UrlHash,
    pub(super) key: UrlHash,
    /// What the known article is recognised by from now on.
    pub(super) identities: Vec<Identity>,
    /// The page's address now.
    pub(super) link: Option<Url>,
}

impl Recognised {
    pub(super) fn of(article: &StoredArticle, key: UrlHash) -> Self {
        let identities = std::iter::once(Identity::from(article.key)).chain(article.identities()).collect();
        Self { came_as: article.key, key, identities, link: Some(article.link.clone()) }
    }
}

/// Whether so many of a feed's entries are new at once that old ones may be among them.
pub(super) fn is_spike(new: usize, listed: usize, before: &FeedState) -> bool {
    new >= FLOOD && new * 2 >= listed && !before.listed.is_empty() && before.articles >= FLOOD as u64
}

/// Whether so many known articles came as new ones that people should know.
pub(super) fn is_flood(recognised: usize, new: usize) -> bool {
    recognised >= FLOOD && recognised >= new
}

/// Whether something that was listed before is listed still, as something else.
pub(super) fn overlap(recognised: &[Recognised], before: &FeedState) -> bool {
    recognised.iter().any(|each| before.listed.contains(&each.key))
}

/// The end of the time in which the texts are old.
pub(super) fn old(now: Instant) -> Instant {
    now - OLD
}

/// Splits what was read into what is new and what is known; `known` says of an article as which one.
pub(super) fn without_known(processed: Vec<Processed>, known: &BTreeMap<UrlHash, UrlHash>) -> (Vec<Processed>, Vec<Recognised>) {
    let mut recognised = Vec::new();
    let mut new = Vec::new();
    for each in processed {
        match each {
            Processed::Done(done) if known.contains_key(&done.article.key) => {
                recognised.extend(known.get(&done.article.key).map(|key| Recognised::of(&done.article, *key)));
            }
            Processed::Done(_) | Processed::Again(_) | Processed::Broken(_) => new.push(each),
        }
    }
    (new, recognised)
}

/// Lets what was recognised be recognised at once the next time.
pub(super) fn remember(commit: &mut PollCommit, recognised: &[Recognised]) {
    let known: BTreeMap<UrlHash, UrlHash> = recognised.iter().map(|each| (each.came_as, each.key)).collect();
    for key in &mut commit.state.listed {
        *key = known.get(key).copied().unwrap_or(*key);
    }
    let mut seen = BTreeSet::new();
    commit.state.listed.retain(|key| seen.insert(*key));
    commit.aliases.extend(recognised.iter().flat_map(|each| each.identities.iter().map(|identity| (*identity, each.key))));
}
