//! Matching the stored articles again when the topics have changed: newest first, a page at a time, while everything else goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, PoisonError};

use rayon::prelude::*;

use crate::config::Config;
use crate::desk;
use crate::model::{FeedId, Match, Place, PollCommit, Published, StoredArticle, TopicId, UrlHash};
use crate::poll::{Tools, blocking};
use crate::serve::Wires;
use crate::store::{self, Store};
use crate::topic::Subject;

/// Articles that are matched between two waits for the disk.
const PAGE: usize = 256;
/// In the store's folder: which topics the stored articles were matched by.
const NOTE: &str = "topics";

/// Whether the stored articles were matched by these topics.
pub(super) fn is_done(store: &Store, config: &Config) -> bool {
    std::fs::read_to_string(store.folder().join(NOTE)).is_ok_and(|note| name(config, store).is_ok_and(|name| note == name))
}

/// From now on that is not known, until all are matched again. Returns what was noted.
pub(super) fn begin(folder: &Path) -> Option<String> {
    let note = std::fs::read_to_string(folder.join(NOTE)).ok();
    match std::fs::remove_file(folder.join(NOTE)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, "if the daemon is stopped before all articles are matched again, the next start does not know");
        }
        Ok(()) | Err(_) => {}
    }
    note
}

/// Matches the stored articles again, if the topics have changed since that was last done: for who works without the daemon.
///
/// # Errors
/// When the store fails.
pub async fn if_changed(config: &Arc<Config>, tools: &Arc<Tools>) -> Result<(), store::Error> {
    if is_done(&tools.store, config) {
        return Ok(());
    }
    begin(tools.store.folder());
    let (config, tools) = (Arc::clone(config), Arc::clone(tools));
    let wires = Arc::new(Wires::new(Arc::clone(&config), tools.store.clone()));
    Rematch { config, tools, wires, turn: Arc::default() }.all().await
}

/// What matching again works with. By the time it comes to work the configuration may be another: then it leaves the work to that one's.
pub(super) struct Rematch {
    pub(super) config: Arc<Config>,
    /// Their matcher is that of `config`.
    pub(super) tools: Arc<Tools>,
    pub(super) wires: Arc<Wires>,
    /// Held while it works: what is by older topics has ended before.
    pub(super) turn: Arc<tokio::sync::Mutex<()>>,
}

impl Rematch {
    /// Matches every stored article. May be dropped anywhere: what was not reached is reached when it is begun again.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn all(self) -> Result<(), store::Error> {
        let _turn = self.turn.lock().await;
        let (mut seen, mut changed) = (0, 0);
        let mut page = self.page(None).await?;
        while self.is_current() {
            let Some(last) = page.last().map(Published::place) else {
                tracing::info!(articles = seen, changed, "the stored articles are matched by the topics as they are now");
                let (store, config) = (self.tools.store.clone(), Arc::clone(&self.config));
                self.write(move || Ok(name(&config, &store)?)).await;
                return Ok(());
            };
            seen += page.len();
            let articles = page.into_iter().map(|published| published.article).collect();
            // The next are read meanwhile.
            let (next, differ) = tokio::try_join!(self.page(Some(last)), self.some(articles))?;
            changed += differ;
            page = next;
        }
        Ok(())
    }

    async fn page(&self, before: Option<Place>) -> Result<Vec<Published>, store::Error> {
        let store = self.tools.store.clone();
        blocking(move || store.newest_of_all(PAGE, before)).await
    }

    /// Matches the articles with these keys. `note` is what was noted before they came, which then holds again.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn these(self, keys: Vec<UrlHash>, note: Option<String>) -> Result<(), store::Error> {
        let _turn = self.turn.lock().await;
        if !self.is_current() {
            return Ok(());
        }
        // All others may have been matched meanwhile.
        let note = begin(self.tools.store.folder()).or(note);
        let store = self.tools.store.clone();
        let articles = blocking(move || keys.into_iter().map(|key| store.article(key)).collect::<Result<Vec<_>, _>>()).await?;
        self.some(articles.into_iter().flatten().collect()).await?;
        if let Some(note) = note {
            self.write(move || Ok(note)).await;
        }
        Ok(())
    }

    /// Returns how many are on other topics than before, or for other reasons.
    async fn some(&self, articles: Vec<StoredArticle>) -> Result<usize, store::Error> {
        let tools = Arc::clone(&self.tools);
        let (changed, topics) = blocking(move || match_again(articles, &tools)).await?;
        self.wires.changed(&topics);
        Ok(changed)
    }

    fn is_current(&self) -> bool {
        Arc::ptr_eq(&self.wires.desk().config, &self.config)
    }

    async fn write(&self, note: impl FnOnce() -> anyhow::Result<String> + Send + 'static) {
        let path = self.tools.store.folder().join(NOTE);
        let write = move || Ok::<_, anyhow::Error>(std::fs::write(path, note()?)?);
        // Without the note all is matched again at the next start: that costs time and nothing else.
        if let Err(error) = blocking(write).await {
            tracing::warn!(%error, "it cannot be noted that the stored articles are matched by the topics as they are now");
        }
    }
}

fn match_again(articles: Vec<StoredArticle>, tools: &Tools) -> Result<(usize, BTreeSet<TopicId>), store::Error> {
    let differ = |article: StoredArticle| {
        let matches = matches(&article, tools);
        (matches != article.matches).then_some(StoredArticle { matches, ..article })
    };
    let differing: Vec<StoredArticle> = articles.into_par_iter().filter_map(differ).collect();
    let mut by_feed: BTreeMap<FeedId, Vec<StoredArticle>> = BTreeMap::new();
    for article in differing {
        by_feed.entry(article.feed.clone()).or_default().push(article);
    }
    let (mut changed, mut topics, mut last) = (0, BTreeSet::new(), None);
    for (feed, articles) in by_feed {
        // Polls commit under the same lock: neither this state nor these articles are replaced in between.
        let _no_poll_commits = tools.stories.lock().unwrap_or_else(PoisonError::into_inner);
        let state = tools.store.feed_state(&feed)?.unwrap_or_default();
        let mut commit = PollCommit::new(feed, state, Vec::new());
        for matched in articles {
            let Some(current) = tools.store.article(matched.key)? else { continue };
            // It may have been corrected since it was read.
            let matches = if current.article == matched.article { matched.matches } else { matches(&current, tools) };
            commit.articles.push(StoredArticle { matches, ..current });
        }
        changed += commit.articles.len();
        let receipt = tools.store.apply(&commit, None)?;
        topics.extend(receipt.topics.iter().cloned());
        last = Some(receipt);
    }
    // Nobody waits for the disk but this.
    last.map_or(Ok(()), |receipt| tools.store.make_durable(&receipt))?;
    Ok((changed, topics))
}

fn matches(article: &StoredArticle, tools: &Tools) -> Vec<Match> {
    tools.matcher.matches(&Subject::of(article))
}

/// A name for what the topics say and learned: another when anything about them changes.
fn name(config: &Config, store: &Store) -> Result<String, store::Error> {
    let mut hasher = blake3::Hasher::new();
    for topic in desk::topics(config, store)? {
        hasher.update(format!("{}\n{}\n{}\n{:?}\n", topic.id, topic.threshold, topic.rules, topic.learned).as_bytes());
    }
    Ok(hasher.finalize().to_string())
}
