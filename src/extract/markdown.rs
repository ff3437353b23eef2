//! The small safe HTML of a body as Markdown (`CommonMark`, with tables as `GitHub` writes them).

use ego_tree::iter::Edge;
use scraper::{Html, Node};

use super::outline::attribute;

/// Turns the body that [`super::extract`] wrote into Markdown.
#[must_use]
pub fn markdown(html: &str) -> String {
    let parsed = Html::parse_fragment(html);
    let mut writer = Writer::default();
    for edge in parsed.tree.root().traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(text) => writer.text(text),
                Node::Element(element) if element.name() == "img" => {
                    let text = |name| attribute(element, name).unwrap_or_default();
                    writer.raw(&format!("![{}]({})", text("alt").replace(['[', ']'], ""), text("src")));
                }
                Node::Element(element) => writer.open(element.name()),
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(element) = node.value() {
                    writer.close(element.name(), attribute(element, "href"));
                }
            }
        }
    }
    writer.done.trim_end().to_owned()
}

#[derive(Default)]
struct Writer {
    done: String,
    /// The line being written.
    line: String,
    quoted: bool,
    verbatim: bool,
    /// The number of the next item, in an ordered list.
    number: Option<usize>,
    /// How many cells the table's first row has, until its rule is written.
    header: Option<usize>,
}

impl Writer {
    fn raw(&mut self, text: &str) {
        self.line.push_str(text);
    }

    fn text(&mut self, text: &str) {
        if self.verbatim {
            return self.raw(text);
        }
        for character in text.chars() {
            if matches!(character, '*' | '_' | '[' | ']' | '`' | '\\' | '<' | '|' | '#') {
                self.line.push('\\');
            }
            self.line.push(character);
        }
    }

    fn open(&mut self, name: &str) {
        match name {
            "h2" => self.raw("## "),
            "h3" => self.raw("### "),
            "h4" => self.raw("#### "),
            "ol" => self.number = Some(1),
            "table" => self.header = Some(0),
            "li" => {
                let mark = self.number.map_or_else(|| "- ".to_owned(), |number| format!("{number}. "));
                self.number = self.number.map(|number| number + 1);
                self.raw(&mark);
            }
            "td" => {
                self.header = self.header.map(|cells| cells + 1);
                self.raw("| ");
            }
            "blockquote" => self.quoted = true,
            "pre" => {
                self.verbatim = true;
                self.raw("```\n");
            }
            "a" => self.raw("["),
            "em" => self.raw("*"),
            "strong" => self.raw("**"),
            _ => {}
        }
    }

    fn close(&mut self, name: &str, link: Option<&str>) {
        match name {
            "a" => self.raw(&format!("]({})", link.unwrap_or_default())),
            "em" => self.raw("*"),
            "strong" => self.raw("**"),
            "td" => self.raw(" "),
            "tr" => {
                self.raw("|");
                self.end_line("\n");
                if let Some(cells) = self.header.take() {
                    self.raw(&"| --- ".repeat(cells));
                    self.raw("|");
                    self.end_line("\n");
                }
            }
            "pre" => {
                self.raw("\n```");
                self.verbatim = false;
                self.end_line("\n\n");
            }
            "li" => self.end_line("\n"),
            "p" | "h2" | "h3" | "h4" | "img" | "figcaption" | "figure" => self.end_line("\n\n"),
            "ul" | "ol" | "table" => {
                self.number = None;
                self.end_line("\n");
                self.done.push('\n');
            }
            "blockquote" => self.quoted = false,
            _ => {}
        }
    }

    /// Writes what the line holds, if anything, and then `end`.
    fn end_line(&mut self, end: &str) {
        if self.line.trim().is_empty() {
            return self.line.clear();
        }
        for line in std::mem::take(&mut self.line).lines() {
            self.done.push_str(if self.quoted { "> " } else { "" });
            self.done.push_str(line);
            self.done.push('\n');
        }
        self.done.pop();
        self.done.push_str(end);
    }
}
