//! What the desk thinks of an article for a topic.

use serde::{Deserialize, Serialize};

use super::{Instant, StoredArticle, TopicId};

/// A judgement, with the article as it was when it was judged: it outlives the article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    pub topic: TopicId,
    pub on_topic: bool,
    pub marked: Instant,
    /// Without its HTML and its fingerprint.
    pub article: StoredArticle,
}

impl Mark {
    #[must_use]
    pub fn new(topic: TopicId, on_topic: bool, marked: Instant, mut article: StoredArticle) -> Self {
        article.article.html.clear();
        article.fingerprint.clear();
        Self { topic, on_topic, marked, article }
    }
}
