//! HTML that is written so neatly that no parser is needed to clean it, as most of what agencies write: one pass over it rebuilds
//! what the allow-list has.
//!
//! Law: what [`clean`] gives is what `ammonia` gives, byte for byte. It gives nothing as soon as a parser would have to think: tags
//! that cross or move others, forms, raw text, references without their semicolon, spellings that nobody uses.

mod element;
mod words;

use url::Url;

use self::element::{Attributes, Element, Kind};
use self::words::{is_plain_address, push_escaped, push_resolved, references};

/// HTML that is nested deeper is not neat.
const MAX_DEPTH: usize = 100;

/// The safe part of `html`, whose links are relative to `base`. None: the HTML is not neat.
pub(super) fn clean(html: &str, base: &Url) -> Option<String> {
    if html.starts_with('\u{feff}') {
        return None;
    }
    let mut rebuilt = Rebuilt { base, html: String::with_capacity(html.len()), open: Vec::new(), paragraphs: 0 };
    let mut rest = rebuilt.text(html)?;
    while let Some(markup) = rest.strip_prefix('<') {
        rest = rebuilt.markup(markup)?;
        rest = rebuilt.text(rest)?;
    }
    while !rebuilt.open.is_empty() {
        rebuilt.pop();
    }
    Some(rebuilt.html)
}

/// The safe part of what was read so far.
struct Rebuilt<'a> {
    base: &'a Url,
    html: String,
    open: Vec<&'static Element>,
    /// How many of the open elements are `<p>`.
    paragraphs: usize,
}

impl Rebuilt<'_> {
    /// Reads a text, and gives what follows it.
    fn text<'h>(&mut self, html: &'h str) -> Option<&'h str> {
        if self.is_between_cells() {
            // Anything but space would be moved out of the table.
            let rest = html.trim_start_matches([' ', '\n', '\t', '\r']);
            push_escaped(html.get(..html.len() - rest.len())?, false, &mut self.html)?;
            return (rest.is_empty() || rest.starts_with('<')).then_some(rest);
        }
        push_escaped(html, false, &mut self.html)
    }

    fn is_between_cells(&self) -> bool {
        self.open.last().is_some_and(|open| matches!(open.kind, Kind::Table | Kind::Section | Kind::Row))
    }

    /// Reads a tag or comment from behind its `<`, and gives what follows it.
    fn markup<'h>(&mut self, html: &'h str) -> Option<&'h str> {
        match html.as_bytes().first()? {
            b'!' => after_comment(html),
            b'/' => {
                let (name, rest) = tag_name(html.get(1..)?)?;
                self.close(element::of(name)?)?;
                rest.trim_ascii_start().strip_prefix('>')
            }
            _ => {
                let (name, rest) = tag_name(html)?;
                self.start(element::of(name)?, rest)
            }
        }
    }

    fn start<'h>(&mut self, element: &'static Element, rest: &'h str) -> Option<&'h str> {
        self.make_room(element)?;
        match element.kind {
            Kind::Raw => return after_raw(element.name, Attributes::of(rest).finish()?),
            Kind::Ignored => return Attributes::of(rest).finish(),
            _ => {}
        }
        if element.is_shown {
            self.html.extend(["<", element.name]);
        }
        let mut attributes = Attributes::of(rest);
        let mut written = 0_u32;
        while let Some((name, value)) = attributes.next()? {
            let Some((bit, attribute)) = element::allowed(element, name) else { continue };
            if written & bit != 0 {
                return None;
            }
            written |= bit;
            self.attribute(attribute.name, value)?;
        }
        if element.is_shown {
            self.html.push('>');
        }
        if !matches!(element.kind, Kind::Void | Kind::Rule) {
            self.paragraphs += usize::from(element.kind == Kind::Paragraph);
            self.open.push(element);
        }
        let rest = if element.kind == Kind::Preformatted { first_line(attributes.rest)? } else { attributes.rest };
        (self.open.len() <= MAX_DEPTH).then_some(rest)
    }

    fn attribute(&mut self, name: &str, value: &str) -> Option<()> {
        let start = self.html.len();
        self.html.extend([" ", name, "=\""]);
        if !matches!(name, "href" | "src") || is_plain_address(value) {
            push_escaped(value, true, &mut self.html)?;
        } else {
            let value = references(value)?;
            match Url::parse(&value) {
                Ok(url) if matches!(url.scheme(), "http" | "https" | "mailto" | "tel") => push_resolved(&value, &mut self.html)?,
                // Some of the other schemes are allowed.
                Ok(_) => return None,
                Err(url::ParseError::RelativeUrlWithoutBase) => push_resolved(self.base.join(&value).ok()?.as_str(), &mut self.html)?,
                Err(_) => {
                    self.html.truncate(start);
                    return Some(());
                }
            }
        }
        self.html.push('"');
        Some(())
    }

    /// Ends what the element's start tag ends.
    fn make_room(&mut self, element: &Element) -> Option<()> {
        match element.kind {
            Kind::Section | Kind::Row | Kind::Cell => return self.make_room_in_table(element.kind),
            _ if self.is_between_cells() => return None,
            Kind::Void | Kind::Inline | Kind::Raw | Kind::Ignored => return Some(()),
            Kind::Formatting => return (element.name != "a" || self.open.iter().all(|open| open.name != "a")).then_some(()),
            Kind::Item | Kind::Definition => {
                self.pop_if(Kind::Paragraph);
                self.pop_if(element.kind);
                if self.open.iter().rev().take_while(|open| open.kind != Kind::List).any(|open| open.kind == element.kind) {
                    return None;
                }
            }
            Kind::Heading if self.open.iter().any(|open| open.kind == Kind::Heading) => return None,
            Kind::Heading | Kind::Paragraph | Kind::Block | Kind::Preformatted | Kind::List | Kind::Rule | Kind::Table => {}
        }
        self.pop_if(Kind::Paragraph);
        (self.paragraphs == 0).then_some(())
    }

    /// Ends cells and rows that are open, and puts what is in no row or section into one of its own.
    fn make_room_in_table(&mut self, kind: Kind) -> Option<()> {
        while self.open.last().is_some_and(|open| open.kind == kind || open.kind.ends_with(kind)) {
            self.pop();
        }
        let around: &[&str] = match kind {
            Kind::Cell => &["tbody", "tr"],
            Kind::Row => &["tbody"],
            _ => &[],
        };
        let last = self.open.last()?.kind;
        let inside = [Kind::Table, Kind::Section, Kind::Row].iter().position(|open| *open == last)?;
        for name in around.get(inside..)? {
            self.html.extend(["<", *name, ">"]);
            self.open.push(element::of(name)?);
        }
        Some(())
    }

    fn close(&mut self, element: &'static Element) -> Option<()> {
        let is_same = |open: &&'static Element| std::ptr::eq(*open, element);
        match element.kind {
            Kind::Void | Kind::Rule | Kind::Raw => return None,
            Kind::Paragraph if self.paragraphs == 0 && !self.is_between_cells() => {
                // A paragraph that was never begun is one without content.
                self.html.push_str("<p></p>");
                return Some(());
            }
            Kind::Paragraph | Kind::Heading | Kind::Table | Kind::Section | Kind::Row | Kind::Cell => {}
            // It ends nothing.
            _ if !self.open.iter().any(is_same) => return (!self.is_between_cells()).then_some(()),
            _ => {}
        }
        while self.open.last().is_some_and(|open| open.kind.ends_with(element.kind) && !is_same(open)) {
            self.pop();
        }
        self.open.last().filter(|open| is_same(open))?;
        self.pop();
        Some(())
    }

    fn pop_if(&mut self, kind: Kind) {
        if self.open.last().is_some_and(|open| open.kind == kind) {
            self.pop();
        }
    }

    fn pop(&mut self) {
        let Some(element) = self.open.pop() else { return };
        self.paragraphs -= usize::from(element.kind == Kind::Paragraph);
        if element.is_shown {
            self.html.extend(["</", element.name, ">"]);
        }
    }
}

/// A tag's name, and what follows it.
fn tag_name(html: &str) -> Option<(&str, &str)> {
    let end = html.bytes().position(|byte| !byte.is_ascii_alphanumeric())?;
    let (name, rest) = html.split_at_checked(end)?;
    let is_whole = matches!(rest.as_bytes().first()?, b'>' | b'/' | b' ' | b'\n' | b'\t' | b'\r');
    (is_whole && name.starts_with(|first: char| first.is_ascii_alphabetic())).then_some((name, rest))
}

fn after_comment(html: &str) -> Option<&str> {
    let inside = html.strip_prefix("!--").filter(|inside| !inside.starts_with('>') && !inside.starts_with("->"))?;
    let (inside, rest) = inside.split_once("-->")?;
    (!inside.contains("--!>")).then_some(rest)
}

/// Passes over an element whose content is no HTML, from behind its start tag.
fn after_raw<'h>(name: &str, html: &'h str) -> Option<&'h str> {
    if html.is_empty() {
        return Some("");
    }
    let (content, rest) = html.split_once("</")?;
    // Of a frame, unlike a script, the content would be kept.
    if content.contains("<!--") || (name == "iframe" && !content.is_empty()) {
        return None;
    }
    let (end, rest) = rest.split_once('>')?;
    end.eq_ignore_ascii_case(name).then_some(rest)
}

/// The first line break after `<pre>` is not part of it. None: who knows, it is written as a reference.
fn first_line(html: &str) -> Option<&str> {
    (!html.starts_with("&#")).then_some(html.strip_prefix("\r\n").or_else(|| html.strip_prefix(['\n', '\r'])).unwrap_or(html))
}
