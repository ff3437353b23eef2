//! What the desk thinks of a stored article, kept with the article.

use serde::{Deserialize, Serialize};
use url::Url;

use super::explain::stored_at;
use super::{Desk, Question, Refusal};
use crate::clock;
use crate::model::{CanonicalUrl, Identity, Mark, TopicId, UrlHash};

/// Asks to keep a judgement of the article at `url`, or to forget it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Marking {
    pub topic: TopicId,
    pub url: Url,
    pub judgement: Judgement,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    Yes,
    No,
    Forget,
}

/// What was kept, and how much there is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// None for a mark that was forgotten.
    pub title: Option<String>,
    /// Whether there was a mark that was forgotten.
    pub forgotten: bool,
    /// Marks of the topic.
    pub yes: usize,
    pub no: usize,
}

impl Question for Marking {
    const NAME: &'static str = "mark";
    type Answer = Marked;

    fn answer(&self, desk: &Desk) -> Result<Marked, Refusal> {
        let store = desk.store()?;
        let (mut title, mut forgotten) = (None, false);
        match self.judgement {
            Judgement::Forget => {
                let url = CanonicalUrl::of(&self.url).map_err(|error| Refusal::Wrong(error.to_string()))?;
                // A purged article is known by its address alone.
                let known = store.resolve(&[Identity::url(&url)])?.into_iter().flatten().next();
                forgotten = store.forget_mark(&self.topic, known.unwrap_or_else(|| UrlHash::of(&url)))?;
            }
            Judgement::Yes | Judgement::No => {
                let hint = "only what a feed brought can be marked";
                let article = stored_at(desk, &self.url)?.ok_or_else(|| Refusal::Wrong(format!("`{}` is not stored: {hint}", self.url)))?;
                title = Some(article.article.title.clone());
                store.mark(&Mark::new(self.topic.clone(), self.judgement == Judgement::Yes, clock::now(), article))?;
            }
        }
        let marks = store.marks(&self.topic)?;
        let yes = marks.iter().filter(|mark| mark.on_topic).count();
        Ok(Marked { title, forgotten, yes, no: marks.len() - yes })
    }
}
