//! A story in the store: the articles that carry it, and which of them holds its entry in each topic.
//!
//! The first article to bring a story into a topic holds the entry, and keeps it as long as it matches: an entry that changed
//! hands would reach readers a second time.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{StoredArticle, TopicId, UrlHash};

use super::{Carrier, Place};

/// Invariant: the holder of a topic is a carrier that matches it, and every topic that a carrier matches has a holder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Carriers {
    /// By place.
    carriers: Vec<Carrier>,
    holders: BTreeMap<TopicId, UrlHash>,
}

impl Carriers {
    /// The story that only `article` carries.
    pub(super) fn alone(article: &StoredArticle) -> Self {
        let mut story = Self::default();
        story.put(article);
        story
    }

    /// Adds an article, or replaces what is known of it.
    pub(super) fn put(&mut self, article: &StoredArticle) {
        self.carriers.retain(|carrier| carrier.place.key != article.key);
        self.carriers.push(Carrier {
            place: Place::of(article),
            link: article.link.clone(),
            agency: article.agency.clone(),
            title: article.article.title.clone(),
            topics: article.matches.iter().map(|found| found.topic.clone()).collect(),
        });
        self.settle();
    }

    pub(super) fn remove(&mut self, key: UrlHash) {
        self.carriers.retain(|carrier| carrier.place.key != key);
        self.settle();
    }

    fn settle(&mut self) {
        self.carriers.sort_by_key(|carrier| carrier.place);
        let carriers = &self.carriers;
        let matches =
            |key: UrlHash, topic: &TopicId| carriers.iter().any(|carrier| carrier.place.key == key && carrier.topics.contains(topic));
        self.holders.retain(|topic, holder| matches(*holder, topic));
        for carrier in carriers {
            for topic in &carrier.topics {
                self.holders.entry(topic.clone()).or_insert(carrier.place.key);
            }
        }
    }

    /// The story's entries: one in each topic that a carrier matches.
    pub(super) fn entries(&self) -> BTreeSet<(TopicId, Place)> {
        let place = |key: UrlHash| self.carriers.iter().map(|carrier| carrier.place).find(|place| place.key == key);
        self.holders.iter().filter_map(|(topic, holder)| Some((topic.clone(), place(*holder)?))).collect()
    }

    /// Whether the article that the story is named after is its only one: then there is nothing to keep that it does not say itself.
    pub(super) fn is_only(&self, story: UrlHash) -> bool {
        self.carriers.iter().all(|carrier| carrier.place.key == story)
    }

    pub(super) fn all(self) -> Vec<Carrier> {
        self.carriers
    }

    /// The carriers but one.
    pub(super) fn beside(self, key: UrlHash) -> Vec<Carrier> {
        self.carriers.into_iter().filter(|carrier| carrier.place.key != key).collect()
    }
}
