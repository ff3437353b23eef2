//! A wire as people look through it in a browser: filtered, and a page at a time.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Desk, Refusal};
use crate::config::Channel;
use crate::model::{Evidence, FeedId, Language, Place, Published, Scope};
use crate::store::{self, Store};
use crate::topic::{Query, Subject};

/// Entries on a page.
const PAGE: usize = 25;
/// The most entries that are looked at for one page; the next page goes on from there.
const MAX_LOOKED_AT: usize = 1_000;

/// What somebody wants to see of a wire.
#[derive(Debug, Default)]
pub struct Filter {
    pub language: Option<Language>,
    pub feed: Option<FeedId>,
    /// Days, both included, in the time that the article names itself.
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub query: Option<Query>,
}

/// A page of a wire.
#[derive(Debug)]
pub struct Browsed {
    pub channel: Channel,
    /// The newest first.
    pub entries: Vec<Found>,
    /// Where the next page begins; none when this is the last.
    pub next: Option<Place>,
}

/// An entry, and where it answers the filter's query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    pub published: Published,
    pub evidence: Vec<Evidence>,
}

impl Desk {
    /// A page of a wire; none when there is no such wire. Blocks.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn browse(&self, scope: &Scope, filter: &Filter, before: Option<Place>) -> Result<Option<Browsed>, Refusal> {
        let Some(channel) = self.config.channel(scope) else { return Ok(None) };
        let Some(store) = &self.store else { return Ok(Some(Browsed { channel, entries: Vec::new(), next: None })) };
        let (mut entries, mut looked_at, mut next) = (Vec::new(), 0, before);
        while entries.len() < PAGE && looked_at < MAX_LOOKED_AT {
            let page = page(store, scope, next)?;
            let whole = page.len() == PAGE;
            for published in page {
                looked_at += 1;
                if entries.len() == PAGE {
                    return Ok(Some(Browsed { channel, entries, next }));
                }
                next = Some(published.place());
                if filter.is_too_old(&published) {
                    return Ok(Some(Browsed { channel, entries, next: None }));
                }
                if *scope == Scope::All && !self.tells(&published)? {
                    continue;
                }
                if let (Some(evidence), Some(published)) = (filter.admits(&published), self.seen(scope, published)?) {
                    entries.push(Found { published, evidence });
                }
            }
            if !whole {
                return Ok(Some(Browsed { channel, entries, next: None }));
            }
        }
        Ok(Some(Browsed { channel, entries, next }))
    }
}

fn page(store: &Store, scope: &Scope, before: Option<Place>) -> Result<Vec<Published>, store::Error> {
    match scope {
        Scope::Topic(topic) => store.newest(topic, PAGE, before),
        Scope::Agency(feed) => store.newest_of_feed(feed, PAGE, before),
        Scope::All => store.newest_of_all(PAGE, before),
    }
}

impl Filter {
    /// Whether it and all that follows is from before the first day.
    fn is_too_old(&self, published: &Published) -> bool {
        // A day beside: places are in universal time.
        let day = published.place().time.date_naive();
        self.from.is_some_and(|from| day.succ_opt().is_some_and(|next| next < from))
    }

    fn admits(&self, published: &Published) -> Option<Vec<Evidence>> {
        let article = &published.article;
        let day = article.time().date_naive();
        let spoken = |language: &Language| article.article.language.as_ref().is_some_and(|own| own.primary() == language.primary());
        let wanted = self.language.as_ref().is_none_or(spoken)
            && self.feed.as_ref().is_none_or(|feed| article.feed == *feed)
            && self.from.is_none_or(|from| from <= day)
            && self.to.is_none_or(|to| day <= to);
        match &self.query {
            _ if !wanted => None,
            None => Some(Vec::new()),
            Some(query) => query.find(&Subject::of(article)),
        }
    }
}
