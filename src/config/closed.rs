//! Wires that are for those alone who know a token: what their readers may know of, and what strangers.

use std::sync::Arc;

use super::{Config, Feed, Secret, Wire};
use crate::model::{FeedId, Scope, StoredArticle};

impl Config {
    /// The wires that are not for everybody, and their tokens.
    pub fn closed(&self) -> impl Iterator<Item = (Scope, &[Secret])> {
        let topics = self.wires.values().map(|wire| (Scope::Topic(wire.topic.id.clone()), wire.tokens.as_slice()));
        let agencies = self.feeds.iter().map(|feed| (Scope::Agency(feed.id.clone()), feed.tokens.as_slice()));
        let all = self.everything.iter().map(|tokens| (Scope::All, tokens.as_slice()));
        topics.chain(agencies).chain(all).filter(|(_, tokens)| !tokens.is_empty())
    }

    /// What strangers may know.
    #[must_use]
    pub fn public(&self) -> Self {
        self.known_to(&[])
    }

    /// The same without the wires that are not for everybody, other than those of `opened`, whose tokens somebody knows. Who knows the
    /// token of everything may know of all agencies.
    #[must_use]
    pub fn known_to(&self, opened: &[Scope]) -> Self {
        let is_all_closed = self.everything.as_ref().is_some_and(|tokens| !tokens.is_empty());
        let may_read_all = is_all_closed && opened.contains(&Scope::All);
        let knows = |wire: &Wire| wire.tokens.is_empty() || opened.contains(&Scope::Topic(wire.topic.id.clone()));
        let knows_feed = |feed: &Feed| feed.tokens.is_empty() || may_read_all || opened.contains(&Scope::Agency(feed.id.clone()));
        // What is hidden already stays so, unless it is opened.
        let (feeds, hidden): (Vec<_>, Vec<_>) = self.feeds.iter().chain(&self.hidden).cloned().partition(|feed| knows_feed(feed));
        let wires = self.wires.iter().filter(|(_, wire)| knows(wire));
        Self {
            wires: wires.map(|(topic, wire)| (topic.clone(), Arc::clone(wire))).collect(),
            feeds,
            hidden,
            everything: self.everything.clone().filter(|tokens| tokens.is_empty() || may_read_all),
            ..self.clone()
        }
    }

    /// Whether whoever has this configuration may see an article: they may know of its agency, or of a topic that it is on. Where some
    /// agency is hidden, so are those that the configuration names no more: it does not say what they were.
    #[must_use]
    pub fn shows(&self, article: &StoredArticle) -> bool {
        self.hidden.is_empty()
            || self.feed(&article.feed).is_some()
            || article.matches.iter().any(|found| self.wire(&found.topic).is_some())
    }

    /// A feed, also one that is hidden: its licence counts all the same.
    pub(crate) fn any_feed(&self, id: &FeedId) -> Option<&Arc<Feed>> {
        self.feed(id).or_else(|| self.hidden.iter().find(|feed| feed.id == *id))
    }
}
