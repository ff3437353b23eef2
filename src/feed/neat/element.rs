//! The elements that neat HTML consists of, how they are parsed, and the attributes that are kept: what `ammonia` allows.

/// An element of HTML.
#[derive(Debug)]
pub(super) struct Element {
    key: u128,
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Its tags are kept. Of others only the content is.
    pub(super) is_shown: bool,
}

/// How an element is parsed (HTML, section 13.2.6.4.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Without content.
    Void,
    /// The same, and it ends a paragraph.
    Rule,
    Inline,
    /// Opened again by the parser where its tags cross others.
    Formatting,
    Paragraph,
    Block,
    Heading,
    /// A block whose first line break is not part of it.
    Preformatted,
    List,
    Item,
    Definition,
    /// Its content is not HTML, and is left out.
    Raw,
    /// It has no place inside a document: its tags mean nothing.
    Ignored,
    Table,
    /// Rows of a table.
    Section,
    Row,
    Cell,
}

impl Kind {
    /// Whether such an element needs no end tag where an element of the kind `around` ends around it.
    pub(super) fn ends_with(self, around: Self) -> bool {
        let is_of_table = matches!(around, Self::Cell | Self::Row | Self::Section | Self::Table);
        let is_block = is_of_table || matches!(around, Self::Block | Self::Preformatted | Self::List | Self::Heading);
        match self {
            Self::Paragraph => is_block || matches!(around, Self::Item | Self::Definition),
            Self::Item => is_block || around == Self::Definition,
            Self::Definition => is_block || around == Self::Item,
            Self::Cell => is_of_table && around != Self::Cell,
            Self::Row => matches!(around, Self::Section | Self::Table),
            Self::Section => around == Self::Table,
            _ => false,
        }
    }
}

/// An attribute that is kept on some elements: `*` is all of them.
#[derive(Debug)]
pub(super) struct Attribute {
    key: u128,
    pub(super) name: &'static str,
    elements: &'static [&'static str],
}

/// The element of a name, in any letters. None: it is parsed in a way of its own, or unknown.
pub(super) fn of(name: &str) -> Option<&'static Element> {
    let key = key(name);
    let index = ELEMENTS.binary_search_by_key(&key, |element| element.key).ok()?;
    ELEMENTS.get(index).filter(|_| name.len() <= LONGEST)
}

/// The attribute of a name, where the element may have it, and a bit of its own.
pub(super) fn allowed(element: &Element, name: &str) -> Option<(u32, &'static Attribute)> {
    let key = key(name);
    let index = ATTRIBUTES.binary_search_by_key(&key, |attribute| attribute.key).ok()?;
    let attribute = ATTRIBUTES.get(index).filter(|_| name.len() <= LONGEST)?;
    let is_allowed = element.is_shown && attribute.elements.iter().any(|known| matches!(*known, "*") || *known == element.name);
    is_allowed.then_some((1 << index, attribute))
}

/// The most letters that a key can tell apart.
const LONGEST: usize = 16;

/// A short name as a number, which compares faster: by length, then by letters, in small ones.
const fn key(name: &str) -> u128 {
    let (mut key, mut rest) = (0, name.as_bytes());
    while let [first, others @ ..] = rest {
        // Digits have this bit too, and nothing else is in a name.
        key = key << 8 | (*first | 0x20) as u128;
        rest = others;
    }
    key
}

const fn element(name: &'static str, kind: Kind, is_shown: bool) -> Element {
    Element { key: key(name), name, kind, is_shown }
}

const fn attribute(name: &'static str, elements: &'static [&'static str]) -> Attribute {
    Attribute { key: key(name), name, elements }
}

/// In the order of their keys.
const ELEMENTS: &[Element] = &[
    element("a", Kind::Formatting, true),
    element("b", Kind::Formatting, true),
    element("i", Kind::Formatting, true),
    element("p", Kind::Paragraph, true),
    element("q", Kind::Inline, true),
    element("s", Kind::Formatting, true),
    element("u", Kind::Formatting, true),
    element("br", Kind::Void, true),
    element("dd", Kind::Definition, true),
    element("dl", Kind::List, true),
    element("dt", Kind::Definition, true),
    element("em", Kind::Formatting, true),
    element("h1", Kind::Heading, true),
    element("h2", Kind::Heading, true),
    element("h3", Kind::Heading, true),
    element("h4", Kind::Heading, true),
    element("h5", Kind::Heading, true),
    element("h6", Kind::Heading, true),
    element("hr", Kind::Rule, true),
    element("li", Kind::Item, true),
    element("ol", Kind::List, true),
    element("td", Kind::Cell, true),
    element("th", Kind::Cell, true),
    element("tr", Kind::Row, true),
    element("tt", Kind::Formatting, true),
    element("ul", Kind::List, true),
    element("bdi", Kind::Inline, true),
    element("bdo", Kind::Inline, true),
    element("big", Kind::Formatting, false),
    element("del", Kind::Inline, true),
    element("dfn", Kind::Inline, true),
    element("div", Kind::Block, true),
    element("img", Kind::Void, true),
    element("ins", Kind::Inline, true),
    element("kbd", Kind::Inline, true),
    element("map", Kind::Inline, true),
    element("nav", Kind::Block, true),
    element("pre", Kind::Preformatted, true),
    element("sub", Kind::Inline, true),
    element("sup", Kind::Inline, true),
    element("var", Kind::Inline, true),
    element("wbr", Kind::Void, true),
    element("abbr", Kind::Inline, true),
    element("area", Kind::Void, true),
    element("body", Kind::Ignored, false),
    element("cite", Kind::Inline, true),
    element("code", Kind::Formatting, true),
    element("data", Kind::Inline, true),
    element("font", Kind::Formatting, false),
    element("head", Kind::Ignored, false),
    element("html", Kind::Ignored, false),
    element("link", Kind::Void, false),
    element("main", Kind::Block, false),
    element("mark", Kind::Inline, true),
    element("meta", Kind::Void, false),
    element("samp", Kind::Inline, true),
    element("span", Kind::Inline, true),
    element("time", Kind::Inline, true),
    element("aside", Kind::Block, true),
    element("audio", Kind::Inline, false),
    element("embed", Kind::Void, false),
    element("label", Kind::Inline, false),
    element("param", Kind::Void, false),
    element("small", Kind::Formatting, true),
    element("style", Kind::Raw, false),
    element("table", Kind::Table, true),
    element("tbody", Kind::Section, true),
    element("tfoot", Kind::Section, false),
    element("thead", Kind::Section, true),
    element("track", Kind::Void, false),
    element("video", Kind::Inline, false),
    element("center", Kind::Block, true),
    element("figure", Kind::Block, true),
    element("footer", Kind::Block, true),
    element("header", Kind::Block, true),
    element("hgroup", Kind::Block, true),
    element("iframe", Kind::Raw, false),
    element("object", Kind::Inline, false),
    element("script", Kind::Raw, false),
    element("source", Kind::Void, false),
    element("strike", Kind::Formatting, true),
    element("strong", Kind::Formatting, true),
    element("acronym", Kind::Inline, true),
    element("address", Kind::Block, false),
    element("article", Kind::Block, true),
    element("details", Kind::Block, true),
    element("picture", Kind::Inline, false),
    element("section", Kind::Block, false),
    element("summary", Kind::Block, true),
    element("blockquote", Kind::Block, true),
    element("figcaption", Kind::Block, true),
];

/// In the order of their keys.
const ATTRIBUTES: &[Attribute] = &[
    attribute("alt", &["img"]),
    attribute("dir", &["bdo"]),
    attribute("src", &["img"]),
    attribute("char", &["table", "tbody", "thead", "tr", "td", "th"]),
    attribute("cite", &["blockquote", "q", "del", "ins"]),
    attribute("href", &["a"]),
    attribute("lang", &["*"]),
    attribute("size", &["hr"]),
    attribute("align", &["img", "hr", "table", "tbody", "thead", "tr", "td", "th"]),
    attribute("scope", &["th"]),
    attribute("start", &["ol"]),
    attribute("title", &["*"]),
    attribute("width", &["img", "hr"]),
    attribute("height", &["img"]),
    attribute("charoff", &["table", "tbody", "thead", "tr", "td", "th"]),
    attribute("colspan", &["td", "th"]),
    attribute("headers", &["td", "th"]),
    attribute("rowspan", &["td", "th"]),
    attribute("summary", &["table"]),
    attribute("datetime", &["del", "ins"]),
    attribute("hreflang", &["a"]),
];

/// The attributes of a start tag that are not read yet.
pub(super) struct Attributes<'h> {
    /// What follows the tag, once all are read.
    pub(super) rest: &'h str,
}

impl<'h> Attributes<'h> {
    /// From behind the tag's name.
    pub(super) fn of(html: &'h str) -> Self {
        Self { rest: html }
    }

    /// The next name and value, as they stand there; `Some(None)` behind the last. None: the tag is not neat.
    #[expect(clippy::option_option, reason = "two ways to end, and `?` takes the one that ends all")]
    pub(super) fn next(&mut self) -> Option<Option<(&'h str, &'h str)>> {
        let html = self.rest.trim_ascii_start();
        if let Some(rest) = html.strip_prefix('>').or_else(|| html.strip_prefix("/>")) {
            self.rest = rest;
            return Some(None);
        }
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':');
        let (name, after) = html.split_at_checked(html.bytes().position(|byte| !is_name(byte))?)?;
        let (value, rest) = match after.trim_ascii_start().strip_prefix('=') {
            Some(value) => value_at(value.trim_ascii_start())?,
            None => ("", after),
        };
        let is_apart = matches!(rest.as_bytes().first()?, b'>' | b'/' | b' ' | b'\n' | b'\t' | b'\r');
        self.rest = rest;
        (is_apart && !name.is_empty()).then_some(Some((name, value)))
    }

    /// Passes over all of them, and gives what follows the tag.
    pub(super) fn finish(mut self) -> Option<&'h str> {
        while self.next()?.is_some() {}
        Some(self.rest)
    }
}

/// The value that `html` begins with, and what follows it.
fn value_at(html: &str) -> Option<(&str, &str)> {
    let quote = html.chars().next()?;
    if matches!(quote, '"' | '\'') {
        return html.get(1..)?.split_once(quote);
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'.' | b'/' | b'%' | b'#' | b'?' | b'+');
    let end = html.bytes().position(|byte| !is_plain(byte)).filter(|end| *end > 0)?;
    html.split_at_checked(end)
}
