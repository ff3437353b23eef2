//! Everything that is known of an article: what it says and said, whose text it is, why it is in a wire, and how it came here.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Desk, Question, Refusal};
use crate::model::{CanonicalUrl, Carrier, Identity, StoredArticle, UrlHash, Version, Watch};
use crate::publish;
use crate::story::{self, Diff};

/// Asks for an article by any of its addresses, or by its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Article {
    pub address: String,
}

/// What is known of an article.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Dossier {
    /// Its permanent identifier in the wires.
    pub id: String,
    pub article: StoredArticle,
    /// What it said before, the oldest first, and what was changed then.
    pub versions: Vec<Corrected>,
    /// The articles that carry the same text, itself among them.
    pub carriers: Vec<Carrier>,
    /// How it is read again; none when it is not any more.
    pub watch: Option<Watch>,
}

/// A version, and the words that the next one changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Corrected {
    pub version: Version,
    pub diff: Diff,
}

impl Question for Article {
    const NAME: &'static str = "article";
    type Answer = Dossier;

    fn answer(&self, desk: &Desk) -> Result<Dossier, Refusal> {
        let store = desk.store()?;
        let unknown = || Refusal::NotDone(format!("there is no article at `{}` in the store", self.address));
        let key = store.resolve(&[self.identity()?])?.into_iter().flatten().next().ok_or_else(unknown)?;
        let purged = || Refusal::NotDone(format!("the article at `{}` was purged: it was not listed for long", self.address));
        let article = store.article(key)?.ok_or_else(purged)?;
        if !desk.config.shows(&article) {
            return Err(unknown());
        }
        let mut carriers = store.carriers(article.story)?;
        let known = carriers.iter().map(|carrier| desk.knows(carrier.place.key)).collect::<Result<Vec<_>, _>>()?;
        let mut known = known.into_iter();
        carriers.retain(|_| known.next().unwrap_or(false));
        let state = store.feed_state(&article.feed)?.unwrap_or_default();
        Ok(Dossier {
            id: publish::entry_id(key),
            versions: corrections(store.versions(key)?, &article),
            carriers,
            watch: state.watched.into_iter().find(|watch| watch.key == key),
            article,
        })
    }
}

impl Article {
    fn identity(&self) -> Result<Identity, Refusal> {
        if let Ok(key) = self.address.parse::<UrlHash>() {
            return Ok(key.into());
        }
        let wrong = || Refusal::Wrong(format!("`{}` is not the address or the key of an article", self.address));
        let url = Url::parse(&self.address).ok().and_then(|url| CanonicalUrl::of(&url).ok()).ok_or_else(wrong)?;
        Ok(Identity::url(&url))
    }
}

fn corrections(versions: Vec<Version>, article: &StoredArticle) -> Vec<Corrected> {
    let last = article.version();
    let next: Vec<Version> = versions.iter().skip(1).cloned().chain(std::iter::once(last)).collect();
    let corrected = versions.into_iter().zip(next).map(|(version, next)| Corrected { diff: story::diff(&version, &next), version });
    corrected.collect()
}
