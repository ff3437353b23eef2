//! Wires, laid out from the store: what is served and what is exported.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Browsed, Desk, Filter, Question, Refusal};
use crate::config::Channel;
use crate::model::{Place, Published, Scope, UrlHash};
use crate::publish::{self, Format, Shelf, Tongue, View};
use crate::store::{self, Store};

/// The most entries that are looked at to find those that a view admits.
const MAX_LOOKED_AT: usize = 2000;

/// Entries on a page, unless a view says how many; and the most pages that are looked through for one.
const PAGE: usize = 25;
const MAX_PAGES: usize = 20;

/// Asks for a wire in some formats.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wire {
    /// Where it is published (see [`Scope::path`]), or the topic alone.
    pub wire: String,
    pub formats: Vec<Format>,
    /// It is to lead to no archives, and to no other forms.
    pub alone: bool,
}

/// A wire in one format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    pub format: Format,
    /// What stands behind the wire's name in that of the file.
    pub ending: String,
    pub text: String,
}

impl Question for Wire {
    const NAME: &'static str = "wire";
    type Answer = Vec<Rendered>;

    fn answer(&self, desk: &Desk) -> Result<Vec<Rendered>, Refusal> {
        let scope = Scope::of_path(&self.wire).filter(|scope| desk.config.channel(scope).is_some());
        let scope = scope.or_else(|| Scope::of_path(&format!("topics/{}", self.wire)));
        let wire = scope.map(|scope| desk.for_readers_of(&scope).lay_out(&scope, &View::default())).transpose()?.flatten();
        let hint = "`topicwire topic list` names the topics; the other wires are `agencies/FEED` and `all`";
        let wire = wire.ok_or_else(|| Refusal::Wrong(format!("there is no wire `{}`; {hint}", self.wire)))?;
        let wire = if self.alone { wire.shelved(Shelf::default()).offered_as(&self.formats) } else { wire };
        Ok(self.formats.iter().flat_map(|format| Rendered::all(&wire, *format)).collect())
    }
}

impl Rendered {
    /// A page is there in each language.
    pub(super) fn all(wire: &publish::Wire, format: Format) -> Vec<Self> {
        let page = |tongue| Self { format, ending: publish::page_ending(tongue), text: wire.render(format, tongue) };
        match format {
            Format::Html => Tongue::ALL.map(page).into(),
            Format::Atom | Format::Rss | Format::Json => {
                vec![Self { format, ending: format.extension().to_owned(), text: wire.render(format, Tongue::default()) }]
            }
        }
    }
}

impl Desk {
    /// The newest entries of a wire that `view` admits, ready to be rendered; none when there is no such wire. Blocks.
    ///
    /// What is in no archive yet is among them, whatever its time, so that whoever follows the archives misses nothing.
    ///
    /// # Errors
    /// When the store cannot be read, or nothing was ever stored.
    pub fn lay_out(&self, scope: &Scope, view: &View) -> Result<Option<publish::Wire>, Refusal> {
        let Some(channel) = self.config.channel(scope) else { return Ok(None) };
        let (published, around) = self.entries(&channel, view)?;
        Ok(Some(publish::Wire::new(&self.config, &channel, view, &published).shelved(around)))
    }

    /// What [`Desk::lay_out`] lays out.
    pub(crate) fn entries(&self, channel: &Channel, view: &View) -> Result<(Vec<Published>, Shelf), Refusal> {
        let store = self.store()?;
        let mut published = self.newest(store, channel, view)?;
        let mut around = Shelf::default();
        if view.is_endless() {
            let state = store.wire_state(&channel.scope)?;
            around.previous = store.archive_before(&channel.scope, state.archives())?;
            self.add_rest(channel, view, state.rest(), &mut published)?;
        }
        Ok((published, around))
    }

    /// As [`Desk::lay_out`], with no more than what arrived from number `from` on; none too when that is nothing, or as much as the whole.
    ///
    /// # Errors
    /// As [`Desk::lay_out`].
    pub fn lay_out_news(&self, scope: &Scope, view: &View, from: u64) -> Result<Option<publish::Wire>, Refusal> {
        let Some(channel) = self.config.channel(scope) else { return Ok(None) };
        let store = self.store()?;
        let (arrived, next) = store.arrived(scope, from, channel.entries)?;
        if !view.is_endless() || next < store.wire_state(scope)?.arrivals {
            return Ok(None);
        }
        let mut published = self.all_seen(scope, arrived.into_iter().map(|arrival| arrival.entry))?;
        published.retain(|entry| view.admits(&self.config, scope, entry));
        published.sort_by_key(|entry| Reverse(entry.place()));
        Ok((!published.is_empty()).then(|| publish::Wire::new(&self.config, &channel, view, &published)))
    }

    /// As [`Desk::lay_out`], with what of the next `limit` arrivals from number `from` on is in the wire, and the number to go on from.
    ///
    /// # Errors
    /// As [`Desk::lay_out`].
    pub fn lay_out_part(&self, scope: &Scope, from: u64, limit: usize) -> Result<Option<(publish::Wire, u64)>, Refusal> {
        let Some(channel) = self.config.channel(scope) else { return Ok(None) };
        let store = self.store()?;
        let (arrived, mut next) = store.arrived(scope, from, limit)?;
        if next == from {
            // All that was left is purged.
            next = store.wire_state(scope)?.arrivals;
        }
        let published = self.all_seen(scope, arrived.into_iter().rev().map(|arrival| arrival.entry))?;
        Ok(Some((publish::Wire::new(&self.config, &channel, &View::default(), &published), next)))
    }

    /// An entry as a wire shows it, by itself.
    #[must_use]
    pub fn entry_as_json(&self, scope: &Scope, entry: &Published) -> Option<String> {
        let channel = self.config.channel(scope)?;
        let wire = publish::Wire::new(&self.config, &channel, &View::default(), std::slice::from_ref(entry));
        wire.entries_as_json().pop()
    }

    /// As [`Desk::lay_out`], an archive of the wire; none too when there is no such archive.
    ///
    /// # Errors
    /// As [`Desk::lay_out`].
    pub fn lay_out_archive(&self, scope: &Scope, number: u64, view: &View) -> Result<Option<publish::Wire>, Refusal> {
        let Some(channel) = self.config.channel(scope) else { return Ok(None) };
        let Some(archive) = self.store()?.archive(scope, number)? else { return Ok(None) };
        let mut published = self.all_seen_later(scope, archive.entries)?;
        published.retain(|entry| view.admits(&self.config, scope, entry));
        let around = Shelf { archive: Some(number), previous: archive.previous, next: Some(archive.next) };
        Ok(Some(publish::Wire::new(&self.config, &channel, view, &published).shelved(around)))
    }

    /// As [`Desk::browse`], of what a view admits, and as many as it wants.
    ///
    /// # Errors
    /// As [`Desk::browse`].
    pub fn browse_view(&self, scope: &Scope, view: &View, filter: &Filter, before: Option<Place>) -> Result<Option<Browsed>, Refusal> {
        let limit = view.limit(PAGE);
        let (mut admitted, mut next, mut pages) = (Vec::new(), before, 0);
        loop {
            let Some(Browsed { channel, entries, next: after }) = self.browse(scope, filter, next)? else { return Ok(None) };
            pages += 1;
            // One that is not full is the last, or has cost as much as a page may.
            let is_enough = after.is_none() || entries.len() < PAGE || pages == MAX_PAGES;
            for found in entries {
                if admitted.len() == limit {
                    return Ok(Some(Browsed { channel, entries: admitted, next }));
                }
                next = Some(found.published.place());
                admitted.extend(Some(found).filter(|found| view.admits(&self.config, scope, &found.published)));
            }
            next = after;
            if is_enough || admitted.len() == limit {
                return Ok(Some(Browsed { channel, entries: admitted, next }));
            }
        }
    }

    /// Adds what arrived from number `from` on and is not among the newest.
    fn add_rest(&self, channel: &Channel, view: &View, from: u64, published: &mut Vec<Published>) -> Result<(), Refusal> {
        let (arrived, _) = self.store()?.arrived(&channel.scope, from, MAX_LOOKED_AT)?;
        let known: BTreeSet<UrlHash> = published.iter().map(|entry| entry.article.key).collect();
        let rest = self.all_seen(&channel.scope, arrived.into_iter().map(|arrival| arrival.entry))?;
        let is_more = |entry: &Published| !known.contains(&entry.article.key) && view.admits(&self.config, &channel.scope, entry);
        published.extend(rest.into_iter().filter(is_more));
        published.sort_by_key(|entry| Reverse(entry.place()));
        Ok(())
    }

    fn newest(&self, store: &Store, channel: &Channel, view: &View) -> Result<Vec<Published>, store::Error> {
        let (scope, limit) = (&channel.scope, view.limit(channel.entries));
        let (mut found, mut looked_at, mut before) = (Vec::new(), 0, None);
        while found.len() < limit && looked_at < MAX_LOOKED_AT {
            let page = match scope {
                Scope::Topic(topic) => store.newest(topic, limit, before)?,
                Scope::Agency(feed) => store.newest_of_feed(feed, limit, before)?,
                Scope::All => store.newest_of_all(limit, before)?,
            };
            looked_at += page.len();
            before = page.last().map(Published::place);
            let whole = page.len() == limit;
            for entry in page {
                let is_told = *scope != Scope::All || self.tells(&entry)?;
                if is_told && view.admits(&self.config, scope, &entry) {
                    found.extend(self.seen(scope, entry)?);
                }
            }
            if !whole {
                break;
            }
        }
        found.truncate(limit);
        Ok(found)
    }
}
