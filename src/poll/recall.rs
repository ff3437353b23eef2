//! What the store knows of what a poll found. Asks, and lets `identity` decide.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::article::Processed;
use super::identity::{self, Entries, Known, Listed, Recognised};
use super::known::Stored;
use super::{Tools, blocking};
use crate::config::Feed;
use crate::model::{Identity, Instant, StoredArticle, UrlHash};
use crate::store::{self, Store};
use crate::story;

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

/// What became of a poll's candidates once the store was asked for them.
pub(super) struct Recalled {
    /// What is new.
    pub(super) processed: Vec<Processed>,
    /// What is known, also what was recognised by its entry.
    pub(super) recognised: Vec<Recognised>,
    pub(super) stored: Stored,
}

/// Separates what is new from what is known by its words or by the page's own canonical address; in a spike also by its likeness to
/// the feed's old texts. `moved` are those that were recognised before.
pub(super) async fn articles(
    processed: Vec<Processed>,
    moved: Vec<Recognised>,
    feed: &Arc<Feed>,
    spike: bool,
    tools: &Arc<Tools>,
    now: Instant,
) -> Result<Recalled, store::Error> {
    let (store, feed) = (tools.store.clone(), feed.id.clone());
    blocking(move || {
        let old = if spike { store.fingerprints_of(&feed, identity::old(now))? } else { Vec::new() };
        let known = known(&processed, &old, &store)?;
        let (processed, by_text) = identity::without_known(processed, &known);
        let recognised = [moved, by_text].concat();
        let articles = recognised.iter().filter_map(|each| store.article(each.key).transpose()).collect::<Result<_, _>>()?;
        let stored = Stored { articles, alarms: store.alarms(Some(feed.as_str()))? };
        Ok(Recalled { processed, recognised, stored })
    })
    .await
}

/// As which stored article each is known that is. `old` are texts that one in a spike may be like.
fn known(processed: &[Processed], old: &[(UrlHash, Vec<u32>)], store: &Store) -> Result<BTreeMap<UrlHash, UrlHash>, store::Error> {
    let mut known = BTreeMap::new();
    // Two entries of one document can be one article, too.
    let mut first: BTreeMap<Identity, UrlHash> = BTreeMap::new();
    let articles: Vec<&StoredArticle> = processed.iter().filter_map(Processed::article).collect();
    let (words, canonical): (Vec<_>, Vec<_>) = articles.iter().map(|article| identity::of_article(article)).unzip();
    let by_words = found(&words, |words| store.named(words))?;
    let by_address = found(&canonical, |addresses| store.resolve(addresses))?;
    for ((article, by_words), by_address) in articles.into_iter().zip(by_words).zip(by_address) {
        for (identity, key) in by_words.into_iter().chain(by_address) {
            let same = |stored: Option<StoredArticle>| stored.is_none_or(|stored| identity::is_article(article, identity, &stored));
            if key != article.key && same(store.article(key)?) {
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
    Ok(known)
}

/// Asks for those that there are, all at once. Returns of each how it was asked for and what was found, in their order.
fn found(
    identities: &[Option<Identity>],
    ask: impl FnOnce(&[Identity]) -> Result<Vec<Option<UrlHash>>, store::Error>,
) -> Result<Vec<Option<(Identity, UrlHash)>>, store::Error> {
    let asked: Vec<Identity> = identities.iter().copied().flatten().collect();
    let mut answers = ask(&asked)?.into_iter();
    let mut answer = |identity: &Identity| Some((*identity, answers.next().flatten()?));
    Ok(identities.iter().map(|identity| identity.as_ref().and_then(&mut answer)).collect())
}
