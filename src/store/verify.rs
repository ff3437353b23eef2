//! Whether all records can be read, and whether what they say of each other agrees.

use std::collections::BTreeSet;

use crate::model::{StoredArticle, TopicId, UrlHash};

use super::carriers::Carriers;
use super::engine::{Engine, Kind, Moment};
use super::read::place;
use super::{Error, Place, key};

impl Engine {
    pub(super) fn verify(&self) -> Result<Vec<String>, Error> {
        // One commit in between would look like a fault.
        let _no_commit = self.consistent();
        let mut wrong = Vec::new();
        for item in &self.articles {
            let (key, head) = item.map_err(|error| self.fault(error))?;
            note(&mut wrong, self.decode(Kind::Article, &key, &head).and_then(|article| self.verify_article(&article)));
        }
        for item in &self.times {
            let (key, head) = item.map_err(|error| self.fault(error))?;
            let moment = self.decode::<Moment>(Kind::Moment, &key, &head);
            note(&mut wrong, moment.and_then(|_| self.verify_place(place(&key)?)));
        }
        for key in self.topics.iter().keys() {
            let key = key.map_err(|error| self.fault(error))?;
            note(&mut wrong, place(&key).and_then(|place| self.verify_entry(key::topic(&key), place)));
        }
        note(&mut wrong, self.feed_states().map(|_| Vec::new()));
        Ok(wrong)
    }

    fn verify_article(&self, article: &StoredArticle) -> Result<Vec<String>, Error> {
        let mut wrong = Vec::new();
        if self.read::<Moment>(Kind::Moment, &key::of_place(Place::of(article)))?.is_none() {
            wrong.push(format!("article {} is not found by its time", article.key));
        }
        for (topic, place) in self.entries(article)? {
            let entry = self.topics.contains_key(key::of_entry(&topic, place)).map_err(|error| self.fault(error))?;
            if !entry {
                wrong.push(format!("article {} is not found in topic `{topic}`", article.key));
            }
        }
        Ok(wrong)
    }

    fn verify_place(&self, place: Place) -> Result<Vec<String>, Error> {
        let article: Option<StoredArticle> = self.read(Kind::Article, place.key.as_bytes())?;
        let found = article.is_some_and(|article| Place::of(&article) == place);
        Ok(if found { Vec::new() } else { vec![format!("the time {} names article {}, which is not there", place.time, place.key)] })
    }

    fn verify_entry(&self, topic: Option<TopicId>, place: Place) -> Result<Vec<String>, Error> {
        let article: Option<StoredArticle> = self.read(Kind::Article, place.key.as_bytes())?;
        let entries = article.map(|article| self.entries(&article)).transpose()?.unwrap_or_default();
        let found = topic.is_some_and(|topic| entries.contains(&(topic, place)));
        Ok(if found { Vec::new() } else { vec![format!("a topic names article {}, which is not in it", place.key)] })
    }

    /// The entries of the story that an article carries.
    fn entries(&self, article: &StoredArticle) -> Result<BTreeSet<(TopicId, Place)>, Error> {
        let story: UrlHash = article.story;
        let carriers: Option<Carriers> = self.read(Kind::Story, story.as_bytes())?;
        Ok(carriers.unwrap_or_else(|| Carriers::alone(article)).entries())
    }
}

fn note(wrong: &mut Vec<String>, found: Result<Vec<String>, Error>) {
    match found {
        Ok(found) => wrong.extend(found),
        Err(error) => wrong.push(error.to_string()),
    }
}
