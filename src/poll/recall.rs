//! What the store knows of what a poll found. Asks, and lets `identity` decide.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::article::Processed;
use super::identity::{self, Entries, Known, Listed, Recognised};
use super::known::Stored;
use super::{Tools, blocking};
use crate::config::Feed;
use crate::model::{Identity, Instant, StoredArticle, UrlHash};
use crate::{store, story};

/// Finds out which of the listed entries are known, by their address or by their id.
pub(super) async fn entries(listed: Vec<Listed>, tools: &Arc<Tools>) -> Result<Entries, store::Error> {
    let store = tools.store.clone();
    blocking(move || {
        let addresses: Vec<Identity> = listed.iter().map(|entry| entry.key.into()).collect();
        let by_address = store.resolve(&addresses)?;
        let ids: Vec<Identity> = listed.iter().filter_map(|entry| entry.id).collect();
        let ids: BTreeMap<Identity, Option<UrlHash>> = ids.iter().copied().zip(store.named(&ids)?).collect();
        let mut known = Vec::with_capacity(listed.len());
        for (entry, by_address) in listed.into_iter().zip(by_address) {
            let by_id = entry.id.and_then(|id| ids.get(&id).copied()).flatten();
            let how = match (by_address, by_id) {
                (Some(key), Some(_)) => Known::ByAddress(key),
                (Some(key), None) => Known::Renamed(key),
                (None, Some(key)) if store.article(key)?.is_none_or(|stored| identity::is_entry_of(&entry, &stored)) => Known::Moved(key),
                (None, Some(_) | None) => Known::New,
            };
            known.push((entry, how));
        }
        Ok(Entries::of(known))
    })
    .await
}

/// Separates what is new from what is known by its words or by the page's own canonical address; in a spike also by its likeness to
/// the feed's old texts.
pub(super) async fn without_known(
    processed: Vec<Processed>,
    feed: &Arc<Feed>,
    spike: bool,
    tools: &Arc<Tools>,
    now: Instant,
) -> Result<(Vec<Processed>, Vec<Recognised>), store::Error> {
    let (store, feed) = (tools.store.clone(), feed.id.clone());
    blocking(move || {
        let old = if spike { store.fingerprints_of(&feed, identity::old(now))? } else { Vec::new() };
        let mut known = BTreeMap::new();
        // Two entries of one document can be one article, too.
        let mut first: BTreeMap<Identity, UrlHash> = BTreeMap::new();
        for article in processed.iter().filter_map(Processed::article) {
            let (words, canonical) = identity::of_article(article);
            let found = [store.named(words.as_slice())?, store.resolve(canonical.as_slice())?].concat();
            for (identity, key) in words.iter().chain(&canonical).zip(found) {
                let same = |stored: Option<StoredArticle>| stored.is_none_or(|stored| identity::is_article(article, *identity, &stored));
                if let Some(key) = key.filter(|key| *key != article.key)
                    && same(store.article(key)?)
                {
                    known.entry(article.key).or_insert(key);
                }
            }
            if let Some(words) = article.words {
                let key = *first.entry(words).or_insert(article.key);
                if key != article.key {
                    // The first of them may itself be one that is stored.
                    let key = known.get(&key).copied().unwrap_or(key);
                    known.entry(article.key).or_insert(key);
                }
            }
            if let Some((key, _)) = old.iter().find(|(_, old)| story::alike(old, &article.fingerprint)) {
                known.entry(article.key).or_insert(*key);
            }
        }
        Ok(identity::without_known(processed, &known))
    })
    .await
}

/// What the store has of the articles that were recognised, and of the feed's alarms.
pub(super) async fn stored(recognised: &[Recognised], feed: &Feed, tools: &Arc<Tools>) -> Result<Stored, store::Error> {
    let keys: Vec<UrlHash> = recognised.iter().map(|each| each.key).collect();
    let (store, feed) = (tools.store.clone(), feed.id.clone());
    blocking(move || {
        let articles = keys.into_iter().filter_map(|key| store.article(key).transpose()).collect::<Result<_, _>>()?;
        Ok(Stored { articles, alarms: store.alarms(Some(feed.as_str()))? })
    })
    .await
}
