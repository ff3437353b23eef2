//! Texts and bodies with the words marked that counted. A body is built anew from the few elements that an article may have, without
//! their attributes, so that nothing is run or loaded whatever the stored HTML says; a picture becomes a link to it.

use ego_tree::NodeRef;
use ego_tree::iter::Edge;
use maud::{Markup, PreEscaped, Render, html};
use scraper::{Html, Node};
use url::Url;

use crate::model::{Evidence, Field};
use crate::publish::plain;

/// Elements that a body is made of.
const KEPT: [&str; 22] = [
    "p",
    "h2",
    "h3",
    "h4",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
    "table",
    "tbody",
    "tr",
    "td",
    "th",
    "figure",
    "figcaption",
    "em",
    "strong",
    "sub",
    "sup",
    "br",
    "a",
];
/// Elements whose text is a line of the article's text.
const LINES: [&str; 7] = ["p", "h2", "h3", "h4", "li", "tr", "pre"];
/// So many lines of the text may be in no element of the body, one after the other.
const AHEAD: usize = 50;
/// Words around a marked one.
const AROUND: usize = 60;

/// Byte offsets into a text, in order, none touching another.
pub(super) struct Spans(Vec<(usize, usize)>);

impl Spans {
    /// Where the evidence stands in one field.
    pub(super) fn of<'a>(evidence: impl IntoIterator<Item = &'a Evidence>, field: Field) -> Self {
        let evidence = evidence.into_iter().filter(|evidence| evidence.field == field);
        let mut spans: Vec<(usize, usize)> =
            evidence.map(|evidence| (evidence.start, evidence.end)).filter(|(start, end)| start < end).collect();
        spans.sort_unstable();
        let mut merged: Vec<(usize, usize)> = Vec::with_capacity(spans.len());
        for (start, end) in spans {
            match merged.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        Self(merged)
    }

    fn contains(&self, at: usize) -> bool {
        let next = self.0.partition_point(|(_, end)| *end <= at);
        self.0.get(next).is_some_and(|(start, _)| *start <= at)
    }

    /// Those in a part of the text, counted from where the part begins.
    fn within(&self, start: usize, end: usize) -> Self {
        let inside = self.0.iter().filter(|span| span.0 < end && span.1 > start);
        Self(inside.map(|span| (span.0.max(start) - start, span.1.min(end) - start)).collect())
    }
}

/// A text with its spans marked. A span that does not fit the text is left out.
pub(super) fn marked(text: &str, spans: &Spans) -> Markup {
    let mut at = 0;
    html! {
        @for &(start, end) in &spans.0 {
            @if let (Some(before), Some(span)) = (text.get(at..start), text.get(start..end)) {
                (plain(before))
                mark { (plain(span)) }
                ({ at = end; "" })
            }
        }
        (plain(text.get(at..).unwrap_or_default()))
    }
}

/// The sentences around the first of the spans, at most `count` of them.
pub(super) fn excerpts(text: &str, spans: &Spans, count: usize) -> Vec<Markup> {
    let (mut excerpts, mut until) = (Vec::new(), 0);
    for &(start, end) in spans.0.iter().filter(|(start, end)| text.get(*start..*end).is_some()) {
        if excerpts.len() == count {
            break;
        }
        if start < until {
            continue;
        }
        let from = begin(text, start);
        until = finish(text, end);
        let part = text.get(from..until).unwrap_or_default();
        excerpts.push(html! {
            @if !is_edge(text.get(..from).and_then(|before| before.chars().next_back())) { "…" }
            (marked(part, &spans.within(from, until)))
            @if !is_edge(text.get(until..).and_then(|after| after.chars().next())) { " …" }
        });
    }
    excerpts
}

/// Whether nothing of the paragraph follows on this side.
fn is_edge(next: Option<char>) -> bool {
    next.is_none_or(|next| next == '\n')
}

/// Where an excerpt begins whose word stands at `at`: some words before it, in its paragraph.
fn begin(text: &str, at: usize) -> usize {
    let paragraph = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let near = text.floor_char_boundary(at.saturating_sub(2 * AROUND)).max(paragraph);
    let space = text.get(near..at).and_then(|between| between.find(' ')).map_or(near, |space| near + space + 1);
    if near == paragraph { paragraph } else { space }
}

fn finish(text: &str, end: usize) -> usize {
    let paragraph = text.get(end..).and_then(|after| after.find('\n')).map_or(text.len(), |stop| end + stop);
    let near = text.floor_char_boundary(end + 3 * AROUND).max(end).min(paragraph);
    if near == paragraph { paragraph } else { text.get(end..near).and_then(|between| between.rfind(' ')).map_or(near, |space| end + space) }
}

/// An article's body: its `html`, with the spans of its `text` marked where the two agree. `picture` is the name of a link to a picture.
pub(super) fn body(html: &str, text: &str, spans: &Spans, picture: &str) -> Markup {
    let document = Html::parse_fragment(html);
    let mut body = Body { output: String::with_capacity(html.len()), lines: Lines::new(text), spans, picture };
    for edge in document.root_element().traverse() {
        match edge {
            Edge::Open(node) => body.open(node),
            Edge::Close(node) => body.close(node),
        }
    }
    PreEscaped(body.output)
}

struct Body<'a> {
    output: String,
    lines: Lines<'a>,
    spans: &'a Spans,
    picture: &'a str,
}

impl Body<'_> {
    fn open(&mut self, node: NodeRef<'_, Node>) {
        match node.value() {
            Node::Text(text) if !is_within(node, "script") && !is_within(node, "style") => self.text(text),
            Node::Element(element) if element.name() == "img" => {
                if let Some(address) = web_address(element.attr("src")) {
                    let alt = plain(element.attr("alt").unwrap_or_default());
                    let link = html! { a href=(address) rel="noreferrer" { (self.picture) @if !alt.is_empty() { ": " (alt) } } };
                    self.output.push_str(&link.into_string());
                }
            }
            Node::Element(element) if KEPT.contains(&element.name()) => {
                let name = element.name();
                self.output.push('<');
                self.output.push_str(name);
                if let Some(address) = web_address(element.attr("href")).filter(|_| name == "a") {
                    html! { (PreEscaped(" href=\"")) (address) (PreEscaped("\" rel=\"noreferrer\"")) }.render_to(&mut self.output);
                }
                self.output.push('>');
                if LINES.contains(&name) {
                    self.lines.enter(&node);
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, node: NodeRef<'_, Node>) {
        let Some(element) = node.value().as_element().filter(|element| KEPT.contains(&element.name()) && element.name() != "br") else {
            return;
        };
        self.output.push_str("</");
        self.output.push_str(element.name());
        self.output.push('>');
        self.lines.leave(&node);
    }

    fn text(&mut self, text: &str) {
        let Some(place) = self.lines.place(text) else {
            plain(text).render_to(&mut self.output);
            return;
        };
        let mut marked = false;
        for (letter, at) in text.chars().zip(place) {
            let inside = self.spans.contains(at);
            if inside != marked {
                self.output.push_str(if inside { "<mark>" } else { "</mark>" });
                marked = inside;
            }
            plain(letter.encode_utf8(&mut [0; 4])).render_to(&mut self.output);
        }
        if marked {
            self.output.push_str("</mark>");
        }
    }
}

fn is_within(node: NodeRef<'_, Node>, name: &str) -> bool {
    node.parent().and_then(|parent| parent.value().as_element()).is_some_and(|element| element.name() == name)
}

fn web_address(text: Option<&str>) -> Option<Url> {
    Url::parse(text?).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// The lines of an article's text, as its elements are read in order.
struct Lines<'a> {
    text: &'a str,
    /// Where the lines begin that no element was found to be yet.
    rest: usize,
    /// The element that is a line, and where its next letter stands.
    line: Option<(ego_tree::NodeId, usize)>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, rest: 0, line: None }
    }

    /// Looks for the line that an element's text is, white space apart.
    fn enter(&mut self, node: &NodeRef<'_, Node>) {
        if self.line.is_some() {
            return;
        }
        let texts = node.descendants().filter_map(|node| node.value().as_text().map(|text| letters(text)));
        let own: String = texts.flatten().collect();
        let mut start = self.rest;
        for line in self.text.get(self.rest..).unwrap_or_default().split_inclusive('\n').take(AHEAD) {
            if !own.is_empty() && letters(line).eq(own.chars()) {
                self.line = Some((node.id(), start));
                self.rest = start + line.len();
                return;
            }
            start += line.len();
        }
    }

    fn leave(&mut self, node: &NodeRef<'_, Node>) {
        if self.line.is_some_and(|(element, _)| element == node.id()) {
            self.line = None;
        }
    }

    /// Where each character of a text node stands. None for a node that is in no line.
    fn place(&mut self, node: &str) -> Option<Vec<usize>> {
        let (element, mut at) = self.line?;
        let mut places = Vec::with_capacity(node.len());
        for letter in node.chars() {
            if letter.is_whitespace() {
                places.push(at);
                continue;
            }
            let rest = self.text.get(at..)?;
            at += rest.len() - rest.trim_start().len();
            places.push(at);
            at += letter.len_utf8();
        }
        self.line = Some((element, at));
        Some(places)
    }
}

fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|letter| !letter.is_whitespace())
}
