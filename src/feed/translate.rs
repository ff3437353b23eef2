//! RSS and Atom of any version and in any state, translated to a small clean Atom document that `feed-rs` reads without loss.
//!
//! One pass over the pieces of the document. A stack of open elements says what a piece belongs to; the text of a field is
//! captured up to its end tag; what nobody closed is closed where its parent ends. Beside the Atom document come the fields
//! that `feed-rs` does not expose, or only with a loss such as the offset of a time.

use std::borrow::Cow;

use url::Url;

use super::capture::Capture;
use super::draft::{Draft, Link};
use super::entities;
use super::markup::{Piece, Pieces, Tag, is_item, local_name};
use super::names::{Field, Namespace, Role, role};
use super::pace::Pace;
use super::permalink;
use super::picture;
use super::read::{self, web_url};
use super::troubles::Troubles;
use super::{MAX_ENTRIES, MAX_NAME, Warning};
use crate::model::{Enclosure, Pacing};

/// Elements nested deeper are passed over.
const MAX_DEPTH: usize = 100;
/// As many namespaces as can be declared at one place.
const MAX_PREFIXES: usize = 200;

/// A document in its new form.
#[derive(Debug, Default)]
pub(super) struct Translation {
    pub(super) atom: String,
    pub(super) head: Draft,
    /// In the order of the entries in `atom`.
    pub(super) items: Vec<Draft>,
    /// How many items it seems to have.
    pub(super) item_tags: usize,
    /// It ends within an item.
    pub(super) is_cut: bool,
    pub(super) pacing: Pacing,
}

/// Translates a document. None: there is no feed in it.
pub(super) fn translate(text: &str, url: &Url, warnings: &mut Vec<Warning>) -> Option<Translation> {
    let mut translator = Translator {
        url,
        stack: Vec::new(),
        prefixes: Vec::new(),
        capture: None,
        head: Draft::default(),
        item: None,
        person: Person::default(),
        pace: Pace::default(),
        entries: String::new(),
        items: Vec::new(),
        item_tags: 0,
        kind: None,
        troubles: Troubles::default(),
    };
    let mut pieces = Pieces::of(text);
    for piece in pieces.by_ref() {
        match piece {
            Piece::Open(tag) => translator.open(&tag),
            Piece::Close(name) => translator.close(name),
            Piece::Text(text) => translator.text(text, false),
            Piece::Cdata(text) => translator.text(text, true),
        }
    }
    translator.troubles.endless = pieces.endless();
    translator.finish(warnings)
}

struct Translator<'a> {
    url: &'a Url,
    stack: Vec<Element<'a>>,
    /// Prefixes and what they mean, with the depth at which they were declared.
    prefixes: Vec<(usize, &'a str, Namespace)>,
    capture: Option<Capture<'a>>,
    head: Draft,
    /// The item that is open.
    item: Option<Draft>,
    person: Person,
    pace: Pace,
    /// The entries that are written, and what else is known of them.
    entries: String,
    items: Vec<Draft>,
    /// How many items begin, wherever that is.
    item_tags: usize,
    /// What the document is, once that is known.
    kind: Option<Kind>,
    troubles: Troubles,
}

struct Element<'a> {
    name: &'a str,
    role: Role,
    base: Option<Url>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rss,
    Atom,
}

/// An author, or the source of an item, while its element is open.
#[derive(Default)]
struct Person {
    name: String,
    email: String,
    text: String,
}

impl<'a> Translator<'a> {
    fn open(&mut self, tag: &Tag<'a>) {
        self.item_tags += usize::from(is_item(tag.name));
        let is_core = self.namespace(tag.name) == Namespace::Core;
        if let Some(capture) = &mut self.capture {
            if !is_core || !capture.is_ended_by(tag) {
                return capture.push_tag(tag);
            }
            self.troubles.unclosed += 1;
            self.end_capture();
        }
        if self.stack.len() >= MAX_DEPTH {
            return;
        }
        self.declare(tag);
        let name = local_name(tag.name).to_ascii_lowercase();
        let (role, rank) = role(self.role(), self.namespace(tag.name), &name);
        match role {
            Role::Item => self.open_item(tag),
            Role::Feed => {
                self.kind = self.kind.or(Some(if name == "feed" { Kind::Atom } else { Kind::Rss }));
                self.head.language = self.head.language.take().or_else(|| tag.attribute("xml:lang").map(Cow::into_owned));
            }
            Role::Person => self.person = Person::default(),
            Role::Source => {
                self.person = Person::default();
                self.draft().source_url = tag.attribute("url").map(Cow::into_owned);
            }
            Role::Media => {}
            Role::MediaContent => self.attachment(tag),
            Role::Text(field) => return self.open_field(tag, field, rank),
            Role::Unknown => self.troubles.junk += usize::from(self.kind.is_none()),
        }
        self.push(tag, role);
        if tag.is_empty {
            self.pop();
        }
    }

    fn close(&mut self, name: &'a str) {
        if let Some(capture) = &mut self.capture {
            if capture.is_closed_by(name) {
                return self.end_capture();
            }
            if !(is_structure(local_name(name)) && self.stack.iter().any(|element| element.name.eq_ignore_ascii_case(name))) {
                return capture.push_end(name);
            }
            self.troubles.unclosed += 1;
            self.end_capture();
        }
        match self.stack.iter().rposition(|element| element.name.eq_ignore_ascii_case(name)) {
            Some(index) => {
                self.troubles.unclosed += self.stack.len() - index - 1;
                self.close_down_to(index);
            }
            None => self.troubles.unopened += usize::from(self.kind.is_some()),
        }
    }

    fn text(&mut self, source: &'a str, is_cdata: bool) {
        if let Some(capture) = &mut self.capture {
            capture.push_text(source, is_cdata);
        } else if matches!(self.role(), Role::Person | Role::Source) && self.person.text.len() + source.len() <= MAX_NAME {
            self.person.text.push_str(&if is_cdata { Cow::Borrowed(source) } else { entities::resolve(source) });
        }
    }

    fn finish(mut self, warnings: &mut Vec<Warning>) -> Option<Translation> {
        self.troubles.unclosed += self.stack.len() + usize::from(self.capture.is_some());
        let is_cut = self.item.is_some();
        self.drop_what_is_cut();
        self.close_down_to(0);
        self.kind?;
        self.troubles.say(warnings);
        let mut atom = String::with_capacity(self.entries.len() + 1024);
        atom.push_str("<feed xmlns=\"http://www.w3.org/2005/Atom\">");
        self.head.write(&mut atom);
        atom.push_str(&self.entries);
        atom.push_str("</feed>");
        let Self { head, mut items, item_tags, pace, .. } = self;
        permalink::settle(&mut items, &head);
        Some(Translation { atom, head, items, item_tags, is_cut, pacing: pace.finish() })
    }

    /// What is open where the document ends may be cut anywhere: half a link leads nowhere, and half an id is another's. An item stays when
    /// it has its title and its link; the next poll brings the rest of it, or all of it.
    fn drop_what_is_cut(&mut self) {
        self.capture = None;
        self.person = Person::default();
        let is_whole = |item: &mut Draft| item.title.get().is_some() && read::page(&item.links).is_some();
        if self.item.take_if(|item| !is_whole(item)).is_some() {
            self.troubles.cut += 1;
        }
    }

    fn role(&self) -> Role {
        self.stack.last().map_or(Role::Feed, |element| element.role)
    }

    /// What the fields that are read now belong to.
    fn draft(&mut self) -> &mut Draft {
        self.item.as_mut().unwrap_or(&mut self.head)
    }

    /// What relative addresses are relative to, where it is not the document.
    fn base(&self) -> Option<&Url> {
        self.stack.iter().rev().find_map(|element| element.base.as_ref())
    }

    /// The same for the attributes and the content of a tag.
    fn base_of(&self, tag: &Tag<'a>) -> Option<Url> {
        let own = tag.attribute("xml:base").and_then(|base| self.base().unwrap_or(self.url).join(base.trim()).ok());
        own.or_else(|| self.base().cloned())
    }

    fn absolute(&self, reference: &str, base: Option<&Url>) -> String {
        let reference = reference.trim();
        base.unwrap_or(self.url).join(reference).map_or_else(|_| reference.to_owned(), String::from)
    }

    fn declare(&mut self, tag: &Tag<'a>) {
        let depth = self.stack.len();
        for (name, uri) in tag.attributes().filter(|(name, _)| name.starts_with("xmlns")) {
            let prefix = name.strip_prefix("xmlns:").unwrap_or_default();
            if self.prefixes.len() < MAX_PREFIXES {
                self.prefixes.push((depth, prefix, Namespace::of_uri(&uri, prefix)));
            }
        }
    }

    /// Forgets what the element that ends here declared.
    fn undeclare(&mut self) {
        let depth = self.stack.len();
        while self.prefixes.last().is_some_and(|(declared, _, _)| *declared >= depth) {
            self.prefixes.pop();
        }
    }

    fn namespace(&self, name: &str) -> Namespace {
        let prefix = name.rsplit_once(':').map_or("", |(prefix, _)| prefix);
        let declared = self.prefixes.iter().rev().find(|(_, declared, _)| *declared == prefix);
        declared.map_or_else(|| Namespace::of_prefix(prefix), |(_, _, namespace)| *namespace)
    }

    fn push(&mut self, tag: &Tag<'a>, role: Role) {
        let base = self.base_of(tag);
        self.stack.push(Element { name: tag.name, role, base });
    }

    fn pop(&mut self) {
        let Some(element) = self.stack.pop() else { return };
        self.undeclare();
        match element.role {
            Role::Item => self.close_item(),
            Role::Person => {
                let Person { name, email, text } = std::mem::take(&mut self.person);
                if let Some(name) = [name, text, email].iter().map(|part| part.trim()).find(|part| !part.is_empty()) {
                    self.draft().add_author(0, name.to_owned());
                }
            }
            Role::Source => {
                let Person { text, .. } = std::mem::take(&mut self.person);
                if !text.trim().is_empty() {
                    self.draft().source_title.get_or_insert(text.trim().to_owned());
                }
            }
            Role::Feed | Role::Media | Role::MediaContent | Role::Text(_) | Role::Unknown => {}
        }
    }

    fn close_down_to(&mut self, depth: usize) {
        while self.stack.len() > depth {
            self.pop();
        }
    }

    fn open_item(&mut self, tag: &Tag<'a>) {
        // There are no items in items: the one before was not closed.
        if let Some(index) = self.stack.iter().rposition(|element| element.role == Role::Item) {
            self.troubles.unclosed += self.stack.len() - index;
            self.close_down_to(index);
        }
        let is_entry = tag.name.eq_ignore_ascii_case("entry");
        self.kind = self.kind.or(Some(if is_entry { Kind::Atom } else { Kind::Rss }));
        let mut item = Draft::default();
        if let Some(about) = tag.attribute("rdf:about") {
            item.id.offer(1, about.trim().to_owned());
            item.id_is_link = true;
        }
        if let Some(href) = tag.attribute("href") {
            item.add_link(Link { href: self.absolute(&href, self.base()), ..Link::default() });
        }
        item.language = tag.attribute("xml:lang").map(Cow::into_owned);
        self.item = Some(item);
    }

    fn close_item(&mut self) {
        let Some(mut item) = self.item.take() else { return };
        if self.items.len() >= MAX_ENTRIES {
            self.troubles.over += 1;
            return;
        }
        item.take_link_of_id();
        self.entries.push_str("<entry>");
        item.write(&mut self.entries);
        self.entries.push_str("</entry>");
        self.items.push(item);
    }

    fn open_field(&mut self, tag: &Tag<'a>, field: Field, rank: u8) {
        let is_read = match field {
            Field::Link => self.link(tag),
            Field::Enclosure => {
                self.attachment(tag);
                true
            }
            Field::Picture => {
                self.picture(tag);
                true
            }
            Field::Category => {
                let name = tag.attribute("label").filter(|label| !label.trim().is_empty()).or_else(|| tag.attribute("term"));
                self.draft().add_category(name.unwrap_or_default().trim().to_owned());
                false
            }
            _ => false,
        };
        match (tag.is_empty, is_read) {
            (true, _) => self.undeclare(),
            (false, true) => self.push(tag, Role::Unknown),
            (false, false) => {
                let base = self.base_of(tag);
                self.capture = Some(Capture::begin(tag, field, rank, self.kind == Some(Kind::Atom), base));
            }
        }
    }

    /// Takes the link of an attribute. False: the link is the element's text.
    fn link(&mut self, tag: &Tag<'a>) -> bool {
        let Some(href) = tag.attribute("href") else { return false };
        let href = self.absolute(&href, self.base_of(tag).as_ref());
        if self.role() == Role::Source {
            self.draft().source_url.get_or_insert(href);
            return true;
        }
        let text = |name| tag.attribute(name).map_or_else(String::new, |value| value.trim().to_ascii_lowercase());
        // RFC 4287, section 4.2.7.2: a registered relation is short for this address.
        let relation = text("rel").trim_start_matches("http://www.iana.org/assignments/relation/").to_owned();
        let link = Link { href, relation, media_type: text("type") };
        if link.relation == "enclosure" {
            if link.media_type.starts_with("image/") {
                self.draft().picture.offer(1, link.href.clone());
            }
            self.enclosure(tag, &link.href);
        }
        self.draft().add_link(link);
        true
    }

    /// A file that comes with the item, which may be its picture.
    fn attachment(&mut self, tag: &Tag<'a>) {
        self.picture(tag);
        if let Some(url) = tag.attribute("url") {
            let url = self.absolute(&url, self.base());
            self.enclosure(tag, &url);
        }
    }

    fn enclosure(&mut self, tag: &Tag<'a>, url: &str) {
        let Some(url) = web_url(url) else { return };
        let media_type = tag.attribute("type").map(|media_type| media_type.trim().to_owned()).filter(|media_type| !media_type.is_empty());
        let length = tag.attribute("length").or_else(|| tag.attribute("fileSize")).and_then(|length| length.trim().parse().ok());
        self.draft().add_enclosure(Enclosure { url, media_type, length });
    }

    fn picture(&mut self, tag: &Tag<'a>) {
        if let Some((rank, url)) = picture::of(tag) {
            let url = self.absolute(&url, self.base());
            self.draft().picture.offer(rank, url);
        }
    }

    fn end_capture(&mut self) {
        let Some(capture) = self.capture.take() else { return };
        self.undeclare();
        let (field, rank, is_link, is_permalink) = (capture.field, capture.rank, capture.is_link, capture.is_permalink());
        self.troubles.over += usize::from(capture.is_cut);
        let Some(value) = capture.finish() else {
            self.troubles.binary += 1;
            return;
        };
        if value.text.is_empty() {
            return;
        }
        match (self.role(), field) {
            (Role::Person, _) if rank == 0 => self.person.name = value.text,
            (Role::Person, _) => self.person.email = value.text,
            (Role::Source, Field::Link) => _ = self.draft().source_url.get_or_insert(value.text),
            (_, Field::Link) => {
                let href = self.absolute(&value.text, value.base.as_ref());
                self.draft().add_link(Link { href, ..Link::default() });
            }
            (_, Field::Ttl | Field::UpdatePeriod | Field::UpdateFrequency | Field::SkipHour | Field::SkipDay) => {
                self.pace.set(field, &value.text);
            }
            (_, field) => {
                let draft = self.draft();
                draft.id_is_link |= field == Field::Id && is_link;
                draft.id_is_permalink |= field == Field::Id && is_permalink;
                draft.set(field, rank, value);
            }
        }
    }
}

/// Whether the end of such an element ends every text inside it.
fn is_structure(name: &str) -> bool {
    ["item", "entry", "channel", "feed", "rss", "rdf"].iter().any(|structure| name.eq_ignore_ascii_case(structure))
}
