//! Stories, and the commit: one poll at a time. The disk is waited for later, by many together.

use std::sync::PoisonError;

use super::Tools;
use crate::model::{PollCommit, StoredArticle, UrlHash};
use crate::store::{self, Drafts, Receipt, Store};

/// Finds each article's story and commits, one poll at a time: two copies that arrive together still see each other.
///
/// `corrected` are known articles as they are to be stored.
pub(super) fn save(tools: &Tools, mut commit: PollCommit, corrected: Vec<StoredArticle>) -> Result<Receipt, store::Error> {
    let drafts = Drafts::new(&commit)?;
    // A panic while the lock was held leaves a window that is whole: it is only ever added to.
    let mut stories = tools.stories.lock().unwrap_or_else(PoisonError::into_inner);
    // Another feed may have listed the same articles and been quicker.
    let keys: Vec<UrlHash> = commit.articles.iter().map(|article| article.key).collect();
    let mut known = tools.store.known(&keys)?.into_iter();
    commit.articles.retain(|_| known.next() == Some(false));
    commit.state.articles -= (keys.len() - commit.articles.len()) as u64;
    let ours = |key: &UrlHash| commit.articles.iter().any(|article| article.key == *key);
    commit.state.watched.retain(|watch| !keys.contains(&watch.key) || ours(&watch.key));
    let mut joined = Vec::new();
    for article in &mut commit.articles {
        let time = article.time().to_utc();
        let mut found = stories.stories(&article.fingerprint, time).into_iter();
        article.story = found.next().unwrap_or(article.key);
        stories.insert(article.story, time, &article.fingerprint);
        // The text connects stories that were not alike before: they are one.
        for other in found {
            stories.join(other, article.story);
            joined.push((other, article.story));
        }
    }
    for article in corrected {
        // Its story may have become part of another one since it was read.
        if let Some(current) = tools.store.article(article.key)? {
            if current.corrections > article.corrections || current.updated > article.updated {
                // Another feed has the same article, and was quicker: what was read from the older one is no news.
                continue;
            }
            let same_text = article.fingerprint == current.fingerprint && article.corrections == current.corrections;
            // With the same words it is on the topics that it is on now, which may be others than when the poll began.
            let matches = if same_text { current.matches } else { article.matches };
            let article = StoredArticle { story: current.story, matches, ..article };
            if article.fingerprint != current.fingerprint {
                stories.insert(article.story, article.time().to_utc(), &article.fingerprint);
            }
            commit.articles.push(article);
        }
    }
    for (other, story) in joined {
        retell(&tools.store, &mut commit.articles, other, story)?;
    }
    tools.store.apply(&commit, Some(drafts))
}

/// Makes every article of the story `from` one of `into`: those of this commit, and those stored before.
fn retell(store: &Store, articles: &mut Vec<StoredArticle>, from: UrlHash, into: UrlHash) -> Result<(), store::Error> {
    for article in articles.iter_mut().filter(|article| article.story == from) {
        article.story = into;
    }
    for carrier in store.carriers(from)? {
        let is_here = articles.iter().any(|article| article.key == carrier.place.key);
        if let Some(article) = store.article(carrier.place.key)?.filter(|_| !is_here) {
            articles.push(StoredArticle { story: into, ..article });
        }
    }
    Ok(())
}
