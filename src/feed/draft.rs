//! What has been read of a feed or an item so far, and how it is written as Atom.

use url::Url;

use super::entities::escape;
use super::names::Field;
use crate::model::Enclosure;

/// A text and whether it is HTML.
#[derive(Clone, Debug, Default)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) is_html: bool,
    /// What its relative links are relative to.
    pub(super) base: Option<Url>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Link {
    pub(super) href: String,
    pub(super) relation: String,
    pub(super) media_type: String,
}

/// Of several texts for one field the one with the lowest rank counts, and of those the first.
#[derive(Clone, Debug)]
pub(super) struct Ranked<T>(Option<(u8, T)>);

/// Texts for one field, in the order of their ranks: the first that can be read counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Choice(Vec<(u8, String)>);

/// The fields of a feed or an item. What `feed-rs` reads is written by [`Draft::write`]; the rest is taken from here.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) title: Ranked<Value>,
    pub(super) summary: Ranked<Value>,
    pub(super) content: Ranked<Value>,
    pub(super) is_full_text: bool,
    pub(super) id: Ranked<String>,
    /// The id is the address of the item's page where no other is given, if it is an address at all.
    pub(super) id_is_link: bool,
    /// The id is such an address because RSS says so (`isPermaLink`).
    pub(super) id_is_permalink: bool,
    pub(super) links: Vec<Link>,
    pub(super) author: Ranked<()>,
    pub(super) authors: Vec<String>,
    pub(super) categories: Vec<String>,
    pub(super) published: Choice,
    pub(super) updated: Choice,
    pub(super) picture: Ranked<String>,
    pub(super) caption: Ranked<String>,
    pub(super) enclosures: Vec<Enclosure>,
    pub(super) source_title: Option<String>,
    pub(super) source_url: Option<String>,
    pub(super) language: Option<String>,
}

/// As many links, authors or categories as an item can have.
const MAX_LIST: usize = 100;
/// As many texts for one field as are tried.
const MAX_CHOICE: usize = 8;

impl<T> Default for Ranked<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Ranked<T> {
    pub(super) fn offer(&mut self, rank: u8, value: T) {
        if self.0.as_ref().is_none_or(|(best, _)| rank < *best) {
            self.0 = Some((rank, value));
        }
    }

    pub(super) fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }
}

impl Choice {
    fn offer(&mut self, rank: u8, value: String) {
        let place = self.0.partition_point(|(other, _)| *other <= rank);
        self.0.insert(place, (rank, value));
        self.0.truncate(MAX_CHOICE);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, value)| value.as_str())
    }
}

impl Draft {
    /// Takes a text that is not empty.
    pub(super) fn set(&mut self, field: Field, rank: u8, value: Value) {
        match field {
            Field::Title => self.title.offer(rank, value),
            Field::Summary => self.summary.offer(rank, value),
            Field::Content => self.content.offer(rank, value),
            Field::FullText => {
                self.content = Ranked(Some((0, value)));
                self.is_full_text = true;
            }
            Field::Link => self.add_link(Link { href: value.text, ..Link::default() }),
            Field::Id => self.id.offer(rank, value.text),
            Field::Author => self.add_author(rank, value.text),
            Field::Category => self.add_category(value.text),
            Field::Published => self.published.offer(rank, value.text),
            Field::Updated => self.updated.offer(rank, value.text),
            Field::Picture => self.picture.offer(rank, value.text),
            Field::Caption => {
                self.caption.offer(rank, value.text.clone());
                let (words, rank) = if rank == 0 { (&mut self.summary, 4) } else { (&mut self.title, 3) };
                words.offer(rank, value);
            }
            Field::Source => self.source_title = self.source_title.take().or(Some(value.text)),
            Field::Language => self.language = self.language.take().or(Some(value.text)),
            Field::Ttl | Field::UpdatePeriod | Field::UpdateFrequency | Field::SkipHour | Field::SkipDay | Field::Enclosure => {}
        }
    }

    pub(super) fn add_link(&mut self, link: Link) {
        if self.links.len() < MAX_LIST && !link.href.is_empty() {
            self.links.push(link);
        }
    }

    pub(super) fn add_enclosure(&mut self, enclosure: Enclosure) {
        if self.enclosures.len() < MAX_LIST && !self.enclosures.iter().any(|known| known.url == enclosure.url) {
            self.enclosures.push(enclosure);
        }
    }

    /// Names of a lower rank replace those of a higher one.
    pub(super) fn add_author(&mut self, rank: u8, name: String) {
        let best = self.author.0.map_or(u8::MAX, |(best, ())| best);
        if rank < best {
            self.authors.clear();
            self.author = Ranked(Some((rank, ())));
        }
        if rank <= best && self.authors.len() < MAX_LIST && !self.authors.contains(&name) {
            self.authors.push(name);
        }
    }

    pub(super) fn add_category(&mut self, name: String) {
        if self.categories.len() < MAX_LIST && !name.is_empty() && !self.categories.contains(&name) {
            self.categories.push(name);
        }
    }

    /// Where no page is linked, the id may be its address.
    pub(super) fn take_link_of_id(&mut self) {
        let has_page = self.links.iter().any(|link| matches!(link.relation.as_str(), "" | "alternate"));
        let id = self.id.get().filter(|id| self.id_is_link && !has_page && id.starts_with("http"));
        if let Some(href) = id.cloned() {
            self.add_link(Link { href, ..Link::default() });
        }
    }

    /// Writes the fields as children of an Atom feed or entry. Long texts are not written: they are taken from here as they are.
    pub(super) fn write(&self, atom: &mut String) {
        if let Some(value) = self.title.get() {
            atom.push_str(if value.is_html { "<title type=\"html\">" } else { "<title>" });
            escape(&value.text, atom);
            atom.push_str("</title>");
        }
        if let Some(id) = self.id.get() {
            element("id", id, atom);
        }
        for link in &self.links {
            let relation = if link.relation.is_empty() { "alternate" } else { &link.relation };
            empty_element("link", &[("rel", relation), ("type", &link.media_type), ("href", &link.href)], atom);
        }
        for author in &self.authors {
            atom.push_str("<author>");
            element("name", author, atom);
            atom.push_str("</author>");
        }
        for category in &self.categories {
            empty_element("category", &[("term", category)], atom);
        }
    }
}

fn element(name: &str, text: &str, atom: &mut String) {
    atom.extend(["<", name, ">"]);
    escape(text, atom);
    atom.extend(["</", name, ">"]);
}

fn empty_element(name: &str, attributes: &[(&str, &str)], atom: &mut String) {
    atom.extend(["<", name]);
    for (name, value) in attributes.iter().filter(|(_, value)| !value.is_empty()) {
        atom.extend([" ", name, "=\""]);
        escape(value, atom);
        atom.push('"');
    }
    atom.push_str("/>");
}
