//! Where comments, CDATA sections and the like end, also where somebody forgot to close them.
//!
//! What is looked for up to the end of a document is looked for once: however many sections there are, every byte is looked at a fixed
//! number of times.

use memchr::{memchr, memchr_iter, memchr2_iter, memmem};

use super::markup::is_item;

/// A part of a document that is not read as markup.
pub(super) struct Section {
    pub(super) open: &'static str,
    close: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Cdata,
    Comment,
    Instruction,
}

pub(super) const CDATA: Section = Section { open: "<![CDATA[", close: "]]>", kind: Kind::Cdata };
pub(super) const COMMENT: Section = Section { open: "<!--", close: "-->", kind: Kind::Comment };
pub(super) const INSTRUCTION: Section = Section { open: "<?", close: ">", kind: Kind::Instruction };

/// How long a section is, and what closes it.
pub(super) struct Extent {
    pub(super) length: usize,
    pub(super) close: usize,
}

/// What is known of the sections of one document.
#[derive(Default)]
pub(super) struct Sections<'a> {
    /// The name of the element that began last.
    pub(super) element: &'a str,
    /// How many had no end.
    pub(super) endless: usize,
    cdata: Marks,
    comment: Marks,
    item: Mark,
    bracket: Mark,
}

/// Where the next section of a kind opens and closes.
#[derive(Default)]
struct Marks {
    open: Mark,
    close: Mark,
}

/// A place that was looked for.
#[derive(Clone, Copy, Default)]
enum Mark {
    #[default]
    Unknown,
    /// So many bytes before the end of the document.
    BeforeEnd(usize),
    Nowhere,
}

impl Mark {
    /// How far ahead it is, looked for only if it is not known or has been passed.
    fn ahead(&mut self, rest: &str, find: impl FnOnce(&[u8]) -> Option<usize>) -> Option<usize> {
        match *self {
            Self::Nowhere => None,
            Self::BeforeEnd(left) if left <= rest.len() => Some(rest.len() - left),
            Self::BeforeEnd(_) | Self::Unknown => {
                let found = find(rest.as_bytes());
                *self = found.map_or(Self::Nowhere, |at| Self::BeforeEnd(rest.len() - at));
                found
            }
        }
    }
}

impl Sections<'_> {
    /// The extent of a section, the inside of which is at the front of `rest`.
    ///
    /// One that is never closed ends where its element or the item ends or the next item begins. So does one in which another opens
    /// behind that: the end that is found then is the other's. A section that is whole may speak of items as it likes.
    pub(super) fn extent(&mut self, section: &Section, rest: &str) -> Extent {
        let marks = match section.kind {
            Kind::Cdata => &mut self.cdata,
            Kind::Comment => &mut self.comment,
            Kind::Instruction => return self.instruction(rest),
        };
        let close = marks.close.ahead(rest, |rest| memmem::find(rest, section.close.as_bytes()));
        let limit = match close {
            Some(close) => marks.open.ahead(rest, |rest| memmem::find(rest, section.open.as_bytes())).filter(|open| *open < close),
            None => Some(rest.len()),
        };
        let end = limit.and_then(|limit| {
            let item = self.item.ahead(rest, item_tag).filter(|item| *item < limit);
            let own = if section.kind == Kind::Cdata { end_tag(rest, item.unwrap_or(limit), self.element) } else { None };
            own.or(item)
        });
        match (end, close) {
            (Some(end), _) => {
                self.endless += 1;
                Extent { length: end, close: 0 }
            }
            (None, Some(close)) => Extent { length: close, close: section.close.len() },
            (None, None) => Extent { length: rest.len(), close: 0 },
        }
    }

    /// An instruction has no markup in it, but perhaps in the texts of a program.
    fn instruction(&mut self, rest: &str) -> Extent {
        let bytes = rest.as_bytes();
        let is_close = |at: usize| bytes.get(at) == Some(&b'>');
        let is_text = |at: usize| at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(|before| b"\"'".contains(before));
        let is_tag = |at: usize| bytes.get(at + 1).is_some_and(|next| next.is_ascii_alphabetic() || *next == b'/') && !is_text(at);
        // No further than it is long: what is looked at is taken.
        match memchr2_iter(b'<', b'>', bytes).find(|at| is_close(*at) || is_tag(*at)) {
            Some(close) if is_close(close) => Extent { length: close, close: 1 },
            Some(tag) => {
                self.endless += 1;
                Extent { length: tag, close: 0 }
            }
            None => Extent { length: rest.len(), close: 0 },
        }
    }

    /// The length of the DOCTYPE or other declaration that `rest` begins with.
    pub(super) fn doctype(&mut self, rest: &str) -> usize {
        let to_end = |from: usize| rest.get(from..).and_then(|rest| rest.find('>')).map_or(rest.len(), |end| from + end + 1);
        let end = to_end(0);
        // The internal subset holds declarations with `>` of their own. It is not read: entities are never expanded.
        let has_subset = rest.get(..end).is_some_and(|start| start.contains('['));
        let bracket = if has_subset { self.bracket.ahead(rest, |rest| memchr(b']', rest)) } else { None };
        // Where items begin before it, it closes something else.
        let is_own = |bracket: &usize| self.item.ahead(rest, item_tag).is_none_or(|item| item > *bracket);
        bracket.filter(is_own).map_or(end, to_end)
    }
}

/// Where the tag of an item is next, one that begins or one that ends it.
fn item_tag(rest: &[u8]) -> Option<usize> {
    memchr_iter(b'<', rest).find(|start| {
        let inside = rest.get(start + 1..).unwrap_or_default();
        let inside = inside.strip_prefix(b"/").unwrap_or(inside);
        let inside = inside.get(..inside.len().min("entry".len() + 1)).unwrap_or_default();
        let name = inside.split(|byte| !byte.is_ascii_alphanumeric()).next().unwrap_or_default();
        let is_whole = inside.get(name.len()).is_some_and(|next| next.is_ascii_whitespace() || matches!(next, b'>' | b'/'));
        is_whole && std::str::from_utf8(name).is_ok_and(is_item)
    })
}

/// The longest name of an element whose end is looked for, in bytes: that takes time with each section.
const MAX_ELEMENT: usize = 100;

/// Where the element ends, before `limit`.
fn end_tag(rest: &str, limit: usize, element: &str) -> Option<usize> {
    if element.is_empty() || element.len() > MAX_ELEMENT {
        return None;
    }
    memmem::find(rest.as_bytes().get(..limit)?, format!("</{element}>").as_bytes())
}
