//! Why a stored article is on a topic or is not.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Desk, Question, Refusal, learned};
use crate::model::{CanonicalUrl, FeedId, Identity, StoredArticle, Timestamp, TopicId};
use crate::topic::{Explainer, Explanation, Subject, Topic};

/// Asks for the account of the article at `url` by the rules in `topics`: those to explain and those that they build on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Explain {
    pub topics: Vec<Topic>,
    pub topic: TopicId,
    pub url: Url,
}

/// An article and its account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Explained {
    pub link: Option<Url>,
    pub feed: Option<FeedId>,
    pub published: Option<Timestamp>,
    pub title: String,
    pub text: String,
    /// Whether it was on the topic when it was stored; none for an article that is not.
    pub was_on_topic: Option<bool>,
    pub explanation: Explanation,
}

impl Question for Explain {
    const NAME: &'static str = "explain";
    /// None when the article is not stored.
    type Answer = Option<Explained>;

    fn answer(&self, desk: &Desk) -> Result<Self::Answer, Refusal> {
        let Some(stored) = stored_at(desk, &self.url)? else { return Ok(None) };
        let subject = Subject::of(&stored);
        let explanation = explainer(desk, &self.topics, &self.topic)?.explain(&subject);
        let was_on_topic = Some(stored.matches.iter().any(|found| found.topic == self.topic));
        let (published, article) = (Some(stored.time()), stored.article);
        let (link, feed) = (Some(stored.link), Some(stored.feed));
        Ok(Some(Explained { link, feed, published, title: article.title, text: article.text, was_on_topic, explanation }))
    }
}

/// The article with that address or that had it, whatever marks of tracking it carries.
pub(super) fn stored_at(desk: &Desk, url: &Url) -> Result<Option<StoredArticle>, Refusal> {
    let Some(store) = &desk.store else { return Ok(None) };
    let canonical = CanonicalUrl::of(url).map_err(|error| Refusal::Wrong(error.to_string()))?;
    let key = store.resolve(&[Identity::url(&canonical)])?.into_iter().flatten().next();
    Ok(key.map(|key| store.article(key)).transpose()?.flatten())
}

pub(super) fn explainer(desk: &Desk, topics: &[Topic], topic: &TopicId) -> Result<Explainer, Refusal> {
    Explainer::new(&learned::taught(topics, desk.store.as_ref())?, topic)
        .ok_or_else(|| Refusal::Wrong(format!("there is no topic `{topic}`; `topicwire topic list` names them")))
}
