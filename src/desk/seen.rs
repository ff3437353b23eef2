//! What readers see of entries where agencies are closed to them: nothing that such an agency alone has told.

use super::Desk;
use crate::model::{Published, Scope, UrlHash};
use crate::store;

impl Desk {
    /// What is put on another host is for everybody there.
    #[must_use]
    pub fn for_strangers(&self) -> Self {
        Self { config: self.config.public().into(), store: self.store.clone() }
    }

    /// The same for the readers of a wire, who learn of no other that is not for everybody.
    #[must_use]
    pub fn for_readers_of(&self, scope: &Scope) -> Self {
        Self { config: self.config.known_to(std::slice::from_ref(scope)).into(), store: self.store.clone() }
    }

    /// Whether an article tells its story in the wire of everything, which has each story once.
    pub(super) fn tells(&self, entry: &Published) -> Result<bool, store::Error> {
        let (key, story) = (entry.article.key, entry.article.story);
        if self.config.hidden.is_empty() || (key == story && self.config.shows(&entry.article)) {
            return Ok(key == story);
        }
        Ok(self.teller(story)?.is_some_and(|teller| teller.article.key == key))
    }

    /// An entry that arrived at a wire, as its readers may see it: in the wire of everything, one who may tell the story; none when nobody
    /// may. What is on a topic is there whatever its agency.
    pub(super) fn seen(&self, scope: &Scope, entry: Published) -> Result<Option<Published>, store::Error> {
        if self.config.hidden.is_empty() {
            return Ok(Some(entry));
        }
        let teller =
            if *scope == Scope::All && !self.config.shows(&entry.article) { self.teller(entry.article.story)? } else { Some(entry) };
        teller.map(|entry| self.with_known_carriers(entry)).transpose()
    }

    /// As [`Desk::seen`], of many.
    pub(super) fn all_seen(&self, scope: &Scope, entries: impl IntoIterator<Item = Published>) -> Result<Vec<Published>, store::Error> {
        entries.into_iter().filter_map(|entry| self.seen(scope, entry).transpose()).collect()
    }

    /// As [`Desk::all_seen`], of entries as they once were: one of a closed agency may have left the topics that showed it.
    pub(super) fn all_seen_later(&self, scope: &Scope, entries: Vec<Published>) -> Result<Vec<Published>, store::Error> {
        let seen = |entry: Published| {
            if self.config.feed(&entry.article.feed).is_some() || self.knows(entry.article.key)? {
                return self.seen(scope, entry);
            }
            let teller = if *scope == Scope::All { self.teller(entry.article.story)? } else { None };
            teller.map(|entry| self.with_known_carriers(entry)).transpose()
        };
        entries.into_iter().filter_map(|entry| seen(entry).transpose()).collect()
    }

    /// The article that a story is named after or, where that may not be seen, the first of the others.
    fn teller(&self, first: UrlHash) -> Result<Option<Published>, store::Error> {
        let Some(store) = &self.store else { return Ok(None) };
        let carriers = store.carriers(first)?;
        let others = carriers.iter().map(|carrier| carrier.place.key).filter(|key| *key != first);
        for key in std::iter::once(first).chain(others) {
            if let Some(article) = store.article(key)?.filter(|article| self.config.shows(article)) {
                let also = carriers.iter().filter(|carrier| carrier.place.key != key).cloned().collect();
                return Ok(Some(Published { article, also }));
            }
        }
        Ok(None)
    }

    fn with_known_carriers(&self, mut entry: Published) -> Result<Published, store::Error> {
        let mut known = Vec::with_capacity(entry.also.len());
        for carrier in entry.also {
            if self.knows(carrier.place.key)? {
                known.push(carrier);
            }
        }
        entry.also = known;
        Ok(entry)
    }

    /// Whether there is such an article, for whoever has this desk.
    pub(super) fn knows(&self, key: UrlHash) -> Result<bool, store::Error> {
        if self.config.hidden.is_empty() {
            return Ok(true);
        }
        let article = self.store.as_ref().map(|store| store.article(key)).transpose()?.flatten();
        Ok(article.is_some_and(|article| self.config.shows(&article)))
    }
}
