//! The text of one field, from its start tag to its end tag, whatever markup is in between.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use url::Url;

use super::decode;
use super::draft::Value;
use super::entities;
use super::markup::{Tag, is_item, local_name, push_html_end};
use super::names::Field;
use super::{MAX_NAME, MAX_TEXT};

/// The text of a field, as far as it was read.
#[derive(Debug)]
pub(super) struct Capture<'a> {
    name: &'a str,
    pub(super) field: Field,
    pub(super) rank: u8,
    form: Form,
    /// Atom 0.3 `mode="base64"`.
    is_base64: bool,
    /// Elements of the same name inside.
    depth: usize,
    text: String,
    base: Option<Url>,
    /// An id that may be an address (RSS `isPermaLink`).
    pub(super) is_link: bool,
    /// There was more than a field can have.
    pub(super) is_cut: bool,
}

/// How a field's text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Plain,
    Html,
    /// XHTML: the markup is not escaped.
    Markup,
    /// A picture or the like.
    Binary,
}

impl<'a> Capture<'a> {
    /// Begins after the tag of a field. Relative links in it are relative to `base`.
    pub(super) fn begin(tag: &Tag<'a>, field: Field, rank: u8, is_atom: bool, base: Option<Url>) -> Self {
        let form = if is_text(field) { Form::of(tag, is_atom) } else { Form::Plain };
        let is_link = tag.attribute("isPermaLink").is_none_or(|value| !value.eq_ignore_ascii_case("false"));
        let is_base64 = tag.attribute("mode").is_some_and(|mode| mode.eq_ignore_ascii_case("base64"));
        Self { name: tag.name, field, rank, form, is_base64, depth: 0, text: String::new(), base, is_link, is_cut: false }
    }

    /// Whether it is an id of RSS that is an address: unless it says otherwise, it is meant to be one.
    pub(super) fn is_permalink(&self) -> bool {
        self.is_link && local_name(self.name).eq_ignore_ascii_case("guid")
    }

    /// Whether the end tag is the field's own.
    pub(super) fn is_closed_by(&self, name: &str) -> bool {
        self.depth == 0 && name.eq_ignore_ascii_case(self.name)
    }

    /// Whether a tag of RSS or Atom shows that the field was never closed.
    pub(super) fn is_ended_by(&self, tag: &Tag<'a>) -> bool {
        let name = local_name(tag.name);
        let is_long = matches!(self.field, Field::Summary | Field::Content | Field::FullText);
        let begins_item = is_item(name);
        let begins_field = ["link", "guid", "pubDate", "description", "title"].contains(&name) && name != self.name;
        self.form != Form::Markup && (begins_item || begins_field && !is_long)
    }

    pub(super) fn push_text(&mut self, source: &str, is_cdata: bool) {
        let limit = if is_text(self.field) { MAX_TEXT } else { MAX_NAME };
        if self.text.len() + source.len() > limit {
            self.is_cut = true;
            return;
        }
        match (self.form, is_cdata) {
            (Form::Markup, true) => entities::escape(source, &mut self.text),
            (Form::Plain | Form::Html, false) => self.text.push_str(&entities::resolve(source)),
            (Form::Markup, false) | (Form::Plain | Form::Html, true) => self.text.push_str(source),
            (Form::Binary, _) => {}
        }
    }

    pub(super) fn push_tag(&mut self, tag: &Tag<'a>) {
        if tag.name.eq_ignore_ascii_case(self.name) && !tag.is_empty {
            self.depth += 1;
        }
        if self.form == Form::Plain && is_text(self.field) {
            // Somebody forgot to say that it is markup: the text so far was text.
            let mut markup = String::new();
            entities::escape(&self.text, &mut markup);
            (self.text, self.form) = (markup, Form::Markup);
        }
        if self.holds_markup() {
            tag.push_html(&mut self.text);
        }
    }

    /// The end tag of an element inside.
    pub(super) fn push_end(&mut self, name: &str) {
        if name.eq_ignore_ascii_case(self.name) {
            self.depth = self.depth.saturating_sub(1);
        }
        if self.holds_markup() {
            push_html_end(name, &mut self.text);
        }
    }

    fn holds_markup(&self) -> bool {
        matches!(self.form, Form::Html | Form::Markup) && self.text.len() < MAX_TEXT
    }

    /// What was read, empty when nothing was. None: it is no text.
    pub(super) fn finish(self) -> Option<Value> {
        let Self { text, form, base, is_base64, .. } = self;
        let text = if is_base64 { from_base64(&text)? } else { text };
        // Some programs escape the CDATA section that they put around a text.
        let inside = text.trim().strip_prefix("<![CDATA[").and_then(|text| text.strip_suffix("]]>"));
        let trimmed = inside.unwrap_or(&text).trim();
        let text = if trimmed.len() == text.len() { text } else { trimmed.to_owned() };
        (form != Form::Binary).then_some(Value { text, is_html: form != Form::Plain, base })
    }
}

impl Form {
    /// The form that `type` (and Atom 0.3 `mode`) says. Without one, RSS is HTML and Atom is plain.
    fn of(tag: &Tag<'_>, is_atom: bool) -> Self {
        let Some(kind) = tag.attribute("type").map(Cow::into_owned) else {
            return if is_atom { Self::Plain } else { Self::Html };
        };
        let kind = kind.trim().to_ascii_lowercase();
        match kind.as_str() {
            "text" | "text/plain" | "plain" => Self::Plain,
            _ if kind.contains("xhtml") || kind.ends_with("xml") => Self::Markup,
            _ if ["image/", "audio/", "video/", "application/"].iter().any(|binary| kind.starts_with(binary)) => Self::Binary,
            _ => Self::Html,
        }
    }
}

/// The text that is written as Base64. None: it is no such text.
fn from_base64(text: &str) -> Option<String> {
    let letters: String = text.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    let bytes = BASE64.decode(letters).ok()?;
    Some(decode::decode(&bytes, None, None, &mut Vec::new()).into_owned())
}

/// Whether a field's text can be HTML.
fn is_text(field: Field) -> bool {
    matches!(field, Field::Title | Field::Summary | Field::Content | Field::FullText)
}
