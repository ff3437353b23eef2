//! The article's elements as a list of blocks: paragraphs, headings, items, quotes, rows and figures, each with its text and its
//! safe inline HTML.

mod draft;

use url::Url;

use self::draft::{Draft, Mark};
use super::hint::Hint;
use super::outline::{Content, Node, Outline, Tag};
use super::render::escape_attribute;
use super::weigh::{Weight, Weights};

/// What a block is. Numbers tell one list, table or quote of the page from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Paragraph,
    Heading(u8),
    Item { list: usize, item: usize, ordered: bool },
    Row { table: usize },
    Preformatted,
    Figure,
    Caption,
}

#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) kind: Kind,
    /// The `blockquote` around it.
    pub(super) quote: Option<usize>,
    /// White space collapsed; `html` is the same with its marks.
    pub(super) text: String,
    pub(super) html: String,
    /// Bytes of `text` that are in links.
    pub(super) linked: usize,
    pub(super) hint: Hint,
}

/// The blocks of the elements `roots`.
pub(super) fn blocks(outline: &Outline<'_>, weights: &Weights, roots: &[usize], base: &Url) -> Vec<Block> {
    let mut builder = Builder::new(base);
    for &root in roots {
        builder.read(outline, weights, root);
    }
    builder.blocks
}

/// A text without markup as a block, if it says anything.
pub(super) fn paragraph(text: &str) -> Option<Block> {
    let mut draft = Draft::default();
    draft.write(text, &[]);
    let Draft { text, html, linked, .. } = draft;
    let block = Block { kind: Kind::Paragraph, quote: None, text, html, linked, hint: Hint::None };
    Some(block).filter(|block| !block.text.trim().is_empty())
}

/// Deeper marks than these say nothing.
const MAX_MARKS: usize = 8;

struct Builder<'a> {
    base: &'a Url,
    blocks: Vec<Block>,
    current: Draft,
    marks: Vec<Mark>,
    /// Figures met inside a paragraph, which follow it.
    figures: Vec<Block>,
    /// Of the row or item being read: where it ends.
    cell_row_end: usize,
    preformatted_end: usize,
}

impl<'a> Builder<'a> {
    fn new(base: &'a Url) -> Self {
        let current = Draft::default();
        Self { base, blocks: Vec::new(), current, marks: Vec::new(), figures: Vec::new(), cell_row_end: 0, preformatted_end: 0 }
    }

    fn read(&mut self, outline: &Outline<'_>, weights: &Weights, root: usize) {
        let end = outline.get(root).map_or(root, |node| node.end);
        let mut index = root;
        while index < end {
            let Some(node) = outline.get(index) else { break };
            self.close_marks(index);
            if is_answer_box(node) && self.blocks.iter().map(|block| block.text.len()).sum::<usize>() > weights.clean(root).characters {
                break;
            }
            if index != root && is_left_out(outline, node, index, weights, root) {
                if !node.tag.is_inline() {
                    self.finish();
                }
                if node.tag == Tag::Script {
                    self.figures.extend(super::embed::link(node, self.base));
                }
                index = node.end;
                continue;
            }
            match node.content {
                Content::Text(text) => self.write(outline, weights, root, index, text),
                Content::Element(_) => self.open(outline, weights, index, node),
            }
            index += 1;
        }
        self.close_marks(usize::MAX);
        self.finish();
    }

    fn open(&mut self, outline: &Outline<'_>, weights: &Weights, index: usize, node: &Node<'_>) {
        self.figures.extend(super::embed::post(outline, index, self.base));
        match node.tag {
            Tag::Image => self.figures.extend(super::picture::figure(outline, index, self.base)),
            Tag::Embed => {
                self.figures.extend(super::embed::link(node, self.base));
                self.finish();
            }
            Tag::Break => self.line_break(outline, index),
            Tag::Row if index >= self.cell_row_end => {
                self.finish();
                if is_data_row(outline, weights, index) {
                    self.cell_row_end = node.end;
                }
            }
            Tag::Cell if index < self.cell_row_end => self.current.next_cell(&self.marks),
            Tag::Preformatted => {
                self.finish();
                self.preformatted_end = node.end;
            }
            tag if tag.is_inline() => self.mark(node),
            _ if index < self.cell_row_end => self.current.space = true,
            _ => self.finish(),
        }
    }

    /// One break ends a paragraph only where a sentence ends, two always.
    fn line_break(&mut self, outline: &Outline<'_>, index: usize) {
        if index < self.cell_row_end {
            self.current.space = true;
            return;
        }
        let ends = self
            .current
            .text
            .chars()
            .next_back()
            .is_none_or(|last| super::weigh::is_stop(last) || matches!(last, ':' | '"' | '»' | '”' | ')'));
        let next = outline.nodes.iter().skip(index + 1).find(|node| !matches!(node.content, Content::Text(text) if text.trim().is_empty()));
        if ends || next.is_some_and(|node| node.tag == Tag::Break) {
            self.finish();
        } else {
            self.current.space = true;
        }
    }

    fn mark(&mut self, node: &Node<'_>) {
        let (open, close) = match node.tag {
            Tag::Emphasis => ("<em>".to_owned(), "</em>"),
            Tag::Strong => ("<strong>".to_owned(), "</strong>"),
            Tag::Sub => ("<sub>".to_owned(), "</sub>"),
            Tag::Sup => ("<sup>".to_owned(), "</sup>"),
            Tag::Link => match node.attribute("href").and_then(|href| web_link(self.base, href)) {
                Some(link) => (format!("<a href=\"{}\">", escape_attribute(link.as_str())), "</a>"),
                None => (String::new(), ""),
            },
            _ => return,
        };
        if self.marks.len() < MAX_MARKS && self.marks.iter().all(|mark| mark.tag != node.tag) {
            self.marks.push(Mark { end: node.end, tag: node.tag, open, close });
        }
    }

    fn close_marks(&mut self, index: usize) {
        while self.marks.last().is_some_and(|mark| mark.end <= index) {
            let mark = self.marks.pop();
            if self.current.written > self.marks.len()
                && let Some(mark) = mark
            {
                self.current.html.push_str(mark.close);
                self.current.written -= 1;
            }
        }
    }

    fn write(&mut self, outline: &Outline<'_>, weights: &Weights, root: usize, index: usize, text: &str) {
        if index < self.preformatted_end {
            self.begin(outline, weights, root, index);
            self.current.verbatim(text, &self.marks);
            return;
        }
        if text.chars().all(char::is_whitespace) {
            self.current.space = true;
            return;
        }
        self.begin(outline, weights, root, index);
        self.current.write(text, &self.marks);
    }

    /// Settles what the block is when its first text is met.
    fn begin(&mut self, outline: &Outline<'_>, weights: &Weights, root: usize, index: usize) {
        if self.current.kind.is_none() {
            let kind = if index < self.preformatted_end { Some(Kind::Preformatted) } else { None };
            let row = index < self.cell_row_end;
            self.current.kind = Some(place(outline, weights, root, index, row, kind));
        }
    }

    fn finish(&mut self) {
        for mark in self.marks.iter().take(self.current.written).rev() {
            self.current.html.push_str(mark.close);
        }
        let draft = std::mem::take(&mut self.current);
        if let Some((kind, quote, hint)) = draft.kind
            && !draft.text.trim().is_empty()
        {
            let Draft { text, html, linked, .. } = draft;
            self.blocks.push(Block { kind, quote, text, html, linked, hint });
        }
        self.blocks.append(&mut self.figures);
    }
}

/// What the text at `index` belongs to, from the elements around it up to `root`.
fn place(
    outline: &Outline<'_>,
    weights: &Weights,
    root: usize,
    index: usize,
    row: bool,
    verbatim: Option<Kind>,
) -> (Kind, Option<usize>, Hint) {
    let mut kind = verbatim;
    let (mut quote, mut hint) = (None, Hint::None);
    for ancestor in outline.ancestors(index).take_while(|ancestor| *ancestor >= root).take(64) {
        let Some(node) = outline.get(ancestor) else { break };
        // What a name says of most of the article it does not say of a line.
        if hint == Hint::None && ancestor != root && weights.whole(ancestor).characters * 3 < weights.whole(root).characters {
            hint = node.hint;
        }
        let found = match node.tag {
            Tag::Heading(level) => Some(Kind::Heading(level)),
            Tag::Caption => Some(Kind::Caption),
            _ if node.hint == Hint::Caption && weights.whole(ancestor).characters < 600 => Some(Kind::Caption),
            Tag::Item if is_item(weights.whole(ancestor)) => {
                // A heading that makes up an item is one in looks only.
                kind = kind.filter(|kind| !matches!(kind, Kind::Heading(_)));
                Some(item(outline, ancestor))
            }
            Tag::Table if row => Some(Kind::Row { table: ancestor }),
            Tag::Quote => {
                quote = quote.or(Some(ancestor));
                None
            }
            _ => None,
        };
        kind = kind.or(found);
    }
    (kind.unwrap_or(Kind::Paragraph), quote, hint)
}

/// Whether an item of a list is one, and not a part of the page's layout.
fn is_item(weight: Weight) -> bool {
    weight.runs <= 4 || weight.characters < 600
}

fn item(outline: &Outline<'_>, item: usize) -> Kind {
    let list = outline.get(item).map_or(0, |node| node.parent);
    let ordered = outline.get(list).and_then(Node::element).is_some_and(|element| element.name() == "ol");
    Kind::Item { list, item, ordered }
}

/// Whether a row is one of a table of facts: several cells, none of them longer than a sentence or two.
fn is_data_row(outline: &Outline<'_>, weights: &Weights, row: usize) -> bool {
    let (mut cells, mut index) = (0, row + 1);
    let end = outline.get(row).map_or(row, |node| node.end);
    while index < end {
        let Some(node) = outline.get(index) else { break };
        if node.tag == Tag::Cell {
            let weight = weights.whole(index);
            if weight.characters > 300 || weight.runs > 6 {
                return false;
            }
            cells += usize::from(weight.characters > 0);
        }
        if node.tag == Tag::Table {
            return false;
        }
        index = if node.tag == Tag::Cell { node.end } else { index + 1 };
    }
    cells >= 2
}

/// Whether an element inside the article is not part of it.
fn is_left_out(outline: &Outline<'_>, node: &Node<'_>, index: usize, weights: &Weights, root: usize) -> bool {
    if matches!(node.content, Content::Text(_)) {
        return false;
    }
    if weights.is_dropped(index) {
        return true;
    }
    let (weight, all) = (weights.whole(index), weights.clean(root));
    let minor = weight.characters * 3 < all.characters;
    match node.tag {
        Tag::List | Tag::Table => {
            minor && weight.is_linked(70) && weight.prose * 10 < weight.characters && !holds_facts(outline, weights, index)
        }
        Tag::Block | Tag::Article | Tag::Footer => {
            minor && weight.is_linked(60) && weight.prose * 4 < weight.characters && !holds_facts(outline, weights, index)
        }
        _ => false,
    }
}

/// Whether a table has rows of facts, most of them with a number that is not a link.
fn holds_facts(outline: &Outline<'_>, weights: &Weights, table: usize) -> bool {
    let rows: Vec<usize> = outline.subtree(table).filter(|(_, node)| node.tag == Tag::Row).map(|(index, _)| index).collect();
    let states_number = |row: usize| {
        let (whole, mut cells) = (weights.whole(row), outline.subtree(row).filter(|(_, node)| node.tag == Tag::Cell));
        whole.linked < whole.characters
            && cells
                .any(|(cell, _)| weights.whole(cell).linked == 0 && outline.text(cell, 40).contains(|digit: char| digit.is_ascii_digit()))
    };
    let stating = rows.iter().filter(|row| is_data_row(outline, weights, **row) && states_number(**row)).count();
    stating >= 3 && stating * 3 >= rows.len() * 2
}

/// Where readers write their comments: what follows, if enough of the article stands before, is no part of it.
fn is_answer_box(node: &Node<'_>) -> bool {
    node.tag == Tag::Control && node.element().is_some_and(|element| element.name() == "textarea")
}

/// An absolute http or https address.
pub(super) fn web_link(base: &Url, href: &str) -> Option<Url> {
    let url = base.join(href.trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}
