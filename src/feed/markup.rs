//! XML and HTML as pieces, however broken: nothing is ever an error, and every byte is looked at a fixed number of times.

use std::borrow::Cow;

use super::entities;
use super::section::{CDATA, COMMENT, Extent, INSTRUCTION, Section, Sections};

/// A piece of a document. Comments, processing instructions and the DOCTYPE are passed over.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece<'a> {
    /// As it stands in the source, with its references.
    Text(&'a str),
    Cdata(&'a str),
    Open(Tag<'a>),
    /// The name of the element that ends.
    Close(&'a str),
}

/// A start tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    /// `name="value" …` as it stands in the source.
    attributes: &'a str,
    /// `<br/>`.
    pub(super) is_empty: bool,
}

/// The pieces of a document, in order.
pub(super) struct Pieces<'a> {
    rest: &'a str,
    sections: Sections<'a>,
}

/// The longest tag, in bytes.
const MAX_TAG: usize = 1 << 20;

impl<'a> Pieces<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { rest: text, sections: Sections::default() }
    }

    /// How many comments, CDATA sections and instructions were ended although nobody closed them.
    pub(super) fn endless(&self) -> usize {
        self.sections.endless
    }

    /// Takes `length` bytes, which end at a character's boundary.
    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// Takes the section that begins here, and gives what is in it.
    fn section(&mut self, section: &Section) -> &'a str {
        self.take(section.open.len());
        let Extent { length, close } = self.sections.extent(section, self.rest);
        let inside = self.take(length);
        self.take(close);
        inside
    }

    fn tag(&mut self) -> Option<Piece<'a>> {
        let inside = self.rest.get(1..)?;
        if let Some(name) = inside.strip_prefix('/') {
            let end = name.find(['>', '<'])?;
            let name = name.get(..end)?.trim();
            self.take(end + 2);
            if self.rest.starts_with('>') {
                self.take(1);
            }
            return Some(Piece::Close(name));
        }
        if !inside.starts_with(|first: char| first.is_alphabetic() || first == '_') {
            return None;
        }
        let inside = inside.get(..tag_length(inside)?)?;
        self.take(inside.len() + 2);
        let (inside, is_empty) = inside.strip_suffix('/').map_or((inside, false), |inside| (inside, true));
        let end = inside.find(|character: char| character.is_whitespace() || character == '/').unwrap_or(inside.len());
        let (name, attributes) = inside.split_at_checked(end)?;
        self.sections.element = name;
        Some(Piece::Open(Tag { name, attributes, is_empty }))
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        while !self.rest.is_empty() {
            if !self.rest.starts_with('<') {
                let end = self.rest.find('<').unwrap_or(self.rest.len());
                return Some(Piece::Text(self.take(end)));
            }
            if self.rest.starts_with(CDATA.open) {
                return Some(Piece::Cdata(self.section(&CDATA)));
            } else if self.rest.starts_with(COMMENT.open) {
                self.section(&COMMENT);
            } else if self.rest.starts_with(INSTRUCTION.open) {
                self.section(&INSTRUCTION);
            } else if self.rest.starts_with("<!") {
                let length = self.sections.doctype(self.rest);
                self.take(length);
            } else {
                return self.tag().or_else(|| Some(Piece::Text(self.take(1))));
            }
        }
        None
    }
}

/// How far a tag goes on behind a `<` in one of its values, in bytes: such tags are looked at again and again.
const MAX_LOOSE: usize = 1 << 10;

/// Whether a value that has a `<` in it is one, `rest` being what follows: its quote closes where a value ends, and is not one that opens.
fn is_value(rest: &[u8], quote: u8) -> bool {
    let near = rest.get(..MAX_LOOSE.min(rest.len())).unwrap_or_default();
    let end = memchr::memchr(quote, near);
    let is_closing = |end: usize| !near.get(..end).is_some_and(|value| value.trim_ascii_end().ends_with(b"="));
    let ends_value = |end: usize| near.get(end + 1).is_some_and(|next| next.is_ascii_whitespace() || matches!(next, b'/' | b'>'));
    end.is_some_and(|end| is_closing(end) && ends_value(end))
}

/// How long the tag is that `inside` begins with, up to its `>`. None: it is no tag, but a `<` that somebody forgot to escape.
pub(super) fn tag_length(inside: &str) -> Option<usize> {
    let (mut quote, mut unquoted_end, mut longest) = (None, None, MAX_TAG);
    for (index, byte) in inside.bytes().enumerate() {
        if index > longest {
            break;
        }
        match (byte, quote) {
            (b'>', None) => return Some(index),
            (b'>', Some(_)) => unquoted_end = unquoted_end.or(Some(index)),
            (b'<', Some(quote)) if is_value(inside.as_bytes().get(index..).unwrap_or_default(), quote) => {
                longest = longest.min(index + MAX_LOOSE);
            }
            // XML has no `<` in values: the quotes are not balanced.
            (b'<', _) => break,
            (b'"' | b'\'', None) if inside.as_bytes().get(..index).is_some_and(|before| before.trim_ascii_end().ends_with(b"=")) => {
                quote = Some(byte);
            }
            (byte, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    unquoted_end
}

impl<'a> Tag<'a> {
    /// The attributes in order, names as they stand in the source, values without references.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> + use<'a> {
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            rest = rest.trim_start_matches(|character: char| character.is_whitespace() || matches!(character, '/' | '"' | '\'' | '='));
            let end = rest.find(|character: char| character.is_whitespace() || character == '=')?;
            let (name, after) = rest.split_at_checked(end)?;
            let Some(value) = after.trim_start().strip_prefix('=') else {
                rest = after;
                return Some((name, Cow::Borrowed("")));
            };
            let value = value.trim_start();
            let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''));
            let (value, after) = match quote {
                Some(quote) => value.get(1..)?.split_once(quote).unwrap_or((value.get(1..)?, "")),
                None => value.split_at_checked(value.find(char::is_whitespace).unwrap_or(value.len()))?,
            };
            rest = after;
            Some((name, entities::resolve(value)))
        })
    }

    /// The value of an attribute. Of two with one name, the first counts.
    pub(super) fn attribute(&self, wanted: &str) -> Option<Cow<'a, str>> {
        if self.attributes.is_empty() {
            return None;
        }
        self.attributes().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    }

    pub(super) fn has_more_attributes_than(&self, limit: usize) -> bool {
        // Each takes two bytes at least.
        self.attributes.len() > 2 * limit && self.attributes().nth(limit).is_some()
    }

    /// The tag in the spelling of HTML, where only some elements can be without content.
    pub(super) fn push_html(&self, html: &mut String) {
        let name = local_name(self.name);
        html.push('<');
        html.push_str(name);
        html.push_str(self.attributes.trim_end_matches('/'));
        html.push('>');
        let void = ["br", "hr", "img", "input", "link", "meta", "source", "area", "col", "embed", "wbr", "track", "base", "param"];
        if self.is_empty && !void.iter().any(|void| name.eq_ignore_ascii_case(void)) {
            push_html_end(name, html);
        }
    }
}

pub(super) fn push_html_end(name: &str, html: &mut String) {
    html.push_str("</");
    html.push_str(local_name(name));
    html.push('>');
}

/// `p` of `xhtml:p`.
pub(super) fn local_name(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Whether an element is one of those that a feed consists of.
pub(super) fn is_item(name: &str) -> bool {
    ["item", "entry"].iter().any(|item| name.eq_ignore_ascii_case(item))
}
