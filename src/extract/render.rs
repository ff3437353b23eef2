//! Blocks as text, and as the small safe HTML: `p`, `h2`–`h4`, `ul`, `ol`, `blockquote`, `pre`, `table`, `figure`, `img`, `a`, `em`,
//! `strong`, `sub` and `sup`, always well-formed.

use std::fmt::Write;

use super::body::{Block, Kind};

/// The paragraphs, one a line.
pub(super) fn text(blocks: &[Block]) -> String {
    let mut text = String::with_capacity(blocks.iter().map(|block| block.text.len() + 1).sum());
    for block in blocks.iter().filter(|block| !matches!(block.kind, Kind::Figure | Kind::Caption)) {
        if !text.is_empty() {
            text.push('\n');
        }
        match block.kind {
            Kind::Row { .. } => text.push_str(block.text.replace('\t', " ").trim()),
            _ => text.push_str(block.text.trim_end()),
        }
    }
    text
}

pub(super) fn html(blocks: &[Block]) -> String {
    let mut html = String::with_capacity(blocks.iter().map(|block| block.html.len() + 16).sum());
    let mut rest = blocks;
    while let Some(first) = rest.first() {
        let length = rest.iter().take_while(|block| block.quote == first.quote).count();
        let (group, after) = rest.split_at(length);
        if first.quote.is_some() {
            html.push_str("<blockquote>");
        }
        flow(&mut html, group);
        if first.quote.is_some() {
            html.push_str("</blockquote>");
        }
        rest = after;
    }
    html
}

/// Blocks that stand in one container.
fn flow(html: &mut String, blocks: &[Block]) {
    let mut rest = blocks;
    while let Some(first) = rest.first() {
        let length = 1 + rest.iter().skip(1).take_while(|block| belongs(first.kind, block.kind)).count();
        let (group, after) = rest.split_at(length);
        match first.kind {
            Kind::Paragraph | Kind::Caption => element(html, "p", &first.html),
            Kind::Heading(1 | 2) => element(html, "h2", &first.html),
            Kind::Heading(3) => element(html, "h3", &first.html),
            Kind::Heading(_) => element(html, "h4", &first.html),
            Kind::Preformatted => element(html, "pre", &first.html),
            Kind::Figure => figure(html, group),
            Kind::Item { ordered, .. } => list(html, group, if ordered { "ol" } else { "ul" }),
            Kind::Row { .. } => table(html, group),
        }
        rest = after;
    }
}

/// Whether a block continues the list, table or figure that `first` began.
fn belongs(first: Kind, next: Kind) -> bool {
    match (first, next) {
        (Kind::Item { list, .. }, Kind::Item { list: other, .. }) => list == other,
        (Kind::Row { table }, Kind::Row { table: other }) => table == other,
        (Kind::Figure, Kind::Caption) => true,
        _ => false,
    }
}

fn element(html: &mut String, name: &str, inner: &str) {
    // Writing to a String cannot fail.
    let _ = write!(html, "<{name}>{}</{name}>", inner.trim_end());
}

fn figure(html: &mut String, group: &[Block]) {
    html.push_str("<figure>");
    for block in group {
        match block.kind {
            Kind::Figure => html.push_str(&block.html),
            _ => element(html, "figcaption", &block.html),
        }
    }
    html.push_str("</figure>");
}

fn list(html: &mut String, items: &[Block], name: &str) {
    let _ = write!(html, "<{name}>");
    for item in items.chunk_by(|one, other| one.kind == other.kind) {
        match item {
            [single] => element(html, "li", &single.html),
            several => {
                html.push_str("<li>");
                for block in several {
                    element(html, "p", &block.html);
                }
                html.push_str("</li>");
            }
        }
    }
    let _ = write!(html, "</{name}>");
}

fn table(html: &mut String, rows: &[Block]) {
    html.push_str("<table><tbody>");
    for row in rows {
        html.push_str("<tr>");
        for cell in row.html.split('\t') {
            element(html, "td", cell);
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table>");
}

/// Appends text as HTML shows it.
pub(super) fn escape(html: &mut String, text: &str) {
    if !text.contains(['&', '<', '>']) {
        html.push_str(text);
        return;
    }
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            other => html.push(other),
        }
    }
}

pub(super) fn escape_attribute(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    escape(&mut escaped, text);
    escaped.replace('"', "&quot;")
}
