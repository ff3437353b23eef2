//! The HTML of entries: cleaned against an allow-list, or reduced to plain text.

use std::borrow::Cow;

use ammonia::{Builder, UrlRelative};
use url::Url;

use super::entities::{escape, resolve};
use super::markup::{Piece, Pieces, tag_length};
use super::neat;

/// Cleans HTML against `ammonia`'s allow-list and resolves its relative links.
pub(super) struct Cleaner {
    base: Url,
    builder: Builder<'static>,
}

/// HTML nested deeper costs the parser time that grows with the square of its depth. It is reduced to its text.
const MAX_DEPTH: usize = 400;
/// So do `<b>` and the like that are never closed: the parser opens each again in every paragraph that follows.
const MAX_FORMATTING: usize = 100;
/// And so do attributes.
const MAX_ATTRIBUTES: usize = 500;

impl Cleaner {
    pub(super) fn new(base: &Url) -> Self {
        let mut builder = Builder::default();
        builder.url_relative(UrlRelative::RewriteWithBase(base.clone())).link_rel(None);
        Self { base: base.clone(), builder }
    }

    /// The safe part of `html`, whose links are relative to `base`. See [`paragraphs`] for `by_line`, where there is no markup.
    pub(super) fn clean(&mut self, html: &str, base: &Url, by_line: bool) -> String {
        if !html.contains('<') {
            return paragraphs(&resolve(html), by_line);
        }
        if let Some(html) = neat::clean(html, base) {
            return trimmed(html);
        }
        if is_costly(html) {
            return escaped(&plain_text(html));
        }
        if *base != self.base {
            *self = Self::new(base);
        }
        trimmed(self.builder.clean(html).to_string())
    }
}

fn trimmed(html: String) -> String {
    let text = html.trim();
    if text.len() == html.len() { html } else { text.to_owned() }
}

/// Plain text as HTML, without line breaks of its own.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    escape(text, &mut html);
    html
}

/// Plain text as HTML. Blank lines part paragraphs; `by_line` every line does.
pub(super) fn paragraphs(text: &str, by_line: bool) -> String {
    let mut paragraphs = vec![String::new()];
    for line in text.lines() {
        match paragraphs.last_mut() {
            Some(paragraph) if !line.trim().is_empty() && (!by_line || paragraph.is_empty()) => {
                paragraph.push_str(if paragraph.is_empty() { "" } else { "\n" });
                paragraph.push_str(line.trim());
            }
            Some(paragraph) if paragraph.is_empty() => {}
            Some(_) | None => paragraphs.push(line.trim().to_owned()),
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    match paragraphs.as_slice() {
        [only] => escaped(only),
        several => several.iter().map(|paragraph| format!("<p>{}</p>", escaped(paragraph))).collect::<Vec<_>>().concat(),
    }
}

/// HTML as plain text on one line. Tags that HTML does not have are text that looks like a tag.
pub(super) fn plain_text(html: &str) -> String {
    let text = if html.contains('<') { without_tags(html) } else { Cow::Borrowed(html) };
    one_line(&resolve(&text))
}

pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

fn without_tags(html: &str) -> Cow<'_, str> {
    let mut text = String::with_capacity(html.len());
    let (mut rest, mut may_end_comments) = (html, true);
    while let Some((before, markup)) = rest.find('<').and_then(|start| rest.split_at_checked(start)) {
        text.push_str(before);
        let comment = markup.strip_prefix("<!--").filter(|_| may_end_comments);
        if let Some(inside) = comment {
            let after = inside.split_once("-->").map(|(_, after)| after);
            may_end_comments = after.is_some();
            rest = after.unwrap_or(inside);
        } else if let Some((name, length)) = tag(markup) {
            let breaks = is_one_of(name, &["br", "p", "div", "li", "tr"]);
            text.push_str(if breaks { " " } else { "" });
            rest = markup.get(length..).unwrap_or_default();
        } else {
            text.push('<');
            rest = markup.get(1..).unwrap_or_default();
        }
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// The name and the length of the tag of HTML that `markup` begins with. None: its `<` is a letter like others, as in `a<b`.
fn tag(markup: &str) -> Option<(&str, usize)> {
    let inside = markup.get(1..)?;
    let start = inside.strip_prefix('/').unwrap_or(inside);
    let (name, rest) = start.split_at_checked(start.find(|character: char| !character.is_ascii_alphanumeric())?)?;
    let is_name = is_html(name) && rest.starts_with(|next: char| next.is_whitespace() || matches!(next, '/' | '>'));
    // Looks no further than the next `<`: a million of them cost no more than a million letters.
    if is_name { Some((name, tag_length(inside)? + 2)) } else { None }
}

fn is_html(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "a",
        "abbr",
        "acronym",
        "article",
        "audio",
        "b",
        "big",
        "blockquote",
        "br",
        "center",
        "cite",
        "code",
        "del",
        "dfn",
        "div",
        "em",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "iframe",
        "img",
        "ins",
        "kbd",
        "li",
        "link",
        "mark",
        "nobr",
        "object",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "script",
        "section",
        "small",
        "span",
        "strike",
        "strong",
        "style",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "time",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "video",
        "wbr",
    ];
    is_one_of(name, NAMES)
}

/// Whether an HTML parser would take more than linear time.
pub(super) fn is_costly(html: &str) -> bool {
    // Counting bytes is cheap, and most texts have too few for any of it.
    let count = |wanted: u8| html.bytes().filter(|byte| *byte == wanted).count();
    if count(b'<') < MAX_FORMATTING && count(b'=') < MAX_ATTRIBUTES {
        return false;
    }
    let (mut depth, mut formatting) = (0_usize, 0_usize);
    Pieces::of(html).any(|piece| {
        match piece {
            Piece::Open(tag) if is_formatting(tag.name) => formatting += 1,
            Piece::Close(name) if is_formatting(name) => formatting = formatting.saturating_sub(1),
            Piece::Open(tag) if tag.is_empty || closes_itself(tag.name) => {}
            Piece::Open(_) => depth += 1,
            Piece::Close(_) => depth = depth.saturating_sub(1),
            Piece::Text(_) | Piece::Cdata(_) => {}
        }
        let has_too_many_attributes = matches!(piece, Piece::Open(tag) if tag.has_more_attributes_than(MAX_ATTRIBUTES));
        depth > MAX_DEPTH || formatting > MAX_FORMATTING || has_too_many_attributes
    })
}

/// HTML, section 13.2.4.3.
fn is_formatting(name: &str) -> bool {
    is_one_of(name, &["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"])
}

/// Elements that have no content, or that the next of their kind closes.
fn closes_itself(name: &str) -> bool {
    is_one_of(name, &["br", "hr", "img", "input", "link", "meta", "source", "wbr", "p", "li"])
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}
