//! The page as one flat list of nodes in document order, each knowing its parent and where its subtree ends. Everything that looks
//! at a page walks this list in a loop, so that no depth of nesting can exhaust the stack.

use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::node::Element;
use scraper::{Html, Node as Parsed};

use super::hint::{self, Hint, Names};
use crate::model::Origin;

/// What an element means for the structure of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Text,
    Paragraph,
    Heading(u8),
    List,
    Item,
    Quote,
    Preformatted,
    Table,
    Row,
    Cell,
    Figure,
    Caption,
    Image,
    Embed,
    Link,
    Emphasis,
    Strong,
    Sub,
    Sup,
    Break,
    Time,
    Article,
    Main,
    Aside,
    Navigation,
    Header,
    Footer,
    Block,
    Inline,
    /// Controls of a form and other things that hold no text of the page.
    Control,
    /// The head's own elements, kept for the metadata.
    Meta,
    Title,
    Script,
}

impl Tag {
    fn of(name: &[u8]) -> Self {
        match name {
            b"p" => Self::Paragraph,
            b"h1" => Self::Heading(1),
            b"h2" => Self::Heading(2),
            b"h3" => Self::Heading(3),
            b"h4" | b"h5" | b"h6" => Self::Heading(4),
            b"ul" | b"ol" | b"menu" => Self::List,
            b"li" | b"dd" | b"dt" => Self::Item,
            b"blockquote" => Self::Quote,
            b"pre" => Self::Preformatted,
            b"table" => Self::Table,
            b"tr" => Self::Row,
            b"td" | b"th" => Self::Cell,
            b"figure" => Self::Figure,
            b"figcaption" | b"caption" => Self::Caption,
            b"img" | b"amp-img" => Self::Image,
            b"iframe" | b"embed" | b"video" | b"audio" | b"amp-youtube" | b"amp-twitter" | b"amp-iframe" => Self::Embed,
            b"a" => Self::Link,
            b"em" | b"i" | b"cite" => Self::Emphasis,
            b"strong" | b"b" => Self::Strong,
            b"sub" => Self::Sub,
            b"sup" => Self::Sup,
            b"br" | b"hr" => Self::Break,
            b"time" => Self::Time,
            b"article" => Self::Article,
            b"main" => Self::Main,
            b"aside" => Self::Aside,
            b"nav" => Self::Navigation,
            b"header" => Self::Header,
            b"footer" => Self::Footer,
            b"button" | b"select" | b"option" | b"input" | b"textarea" | b"label" | b"svg" | b"canvas" | b"object" | b"template"
            | b"noscript" | b"style" | b"dialog" | b"map" | b"math" | b"noframes" | b"rp" | b"rt" | b"applet" | b"frameset"
            | b"datalist" => Self::Control,
            b"meta" | b"link" | b"base" => Self::Meta,
            b"title" => Self::Title,
            b"script" => Self::Script,
            b"span" | b"font" | b"u" | b"small" | b"big" | b"mark" | b"s" | b"del" | b"ins" | b"abbr" | b"acronym" | b"q" | b"code"
            | b"kbd" | b"samp" | b"var" | b"tt" | b"nobr" | b"wbr" | b"bdi" | b"bdo" | b"data" | b"dfn" | b"label-text" | b"strike"
            | b"picture" | b"source" | b"noindex" | b"ruby" | b"o:p" | b"st1:place" => Self::Inline,
            _ => Self::Block,
        }
    }

    /// Whether text inside is part of the line around the element.
    pub(super) fn is_inline(self) -> bool {
        match self {
            Self::Text
            | Self::Link
            | Self::Emphasis
            | Self::Strong
            | Self::Sub
            | Self::Sup
            | Self::Time
            | Self::Inline
            | Self::Image
            | Self::Control
            | Self::Meta
            | Self::Title
            | Self::Script => true,
            Self::Paragraph
            | Self::Heading(_)
            | Self::List
            | Self::Item
            | Self::Quote
            | Self::Preformatted
            | Self::Table
            | Self::Row
            | Self::Cell
            | Self::Figure
            | Self::Caption
            | Self::Embed
            | Self::Break
            | Self::Article
            | Self::Main
            | Self::Aside
            | Self::Navigation
            | Self::Header
            | Self::Footer
            | Self::Block => false,
        }
    }

    /// Elements whose content is never text of the article.
    fn is_opaque(self) -> bool {
        matches!(self, Self::Control | Self::Script | Self::Embed)
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Content<'a> {
    Text(&'a str),
    Element(&'a Element),
}

/// One element or text. Indexes are positions in [`Outline::nodes`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'a> {
    pub(super) content: Content<'a>,
    pub(super) tag: Tag,
    pub(super) hint: Hint,
    pub(super) parent: usize,
    /// The first index after the subtree.
    pub(super) end: usize,
}

impl<'a> Node<'a> {
    pub(super) fn element(&self) -> Option<&'a Element> {
        match self.content {
            Content::Element(element) => Some(element),
            Content::Text(_) => None,
        }
    }

    /// An attribute, without the interning that [`Element::attr`] does.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        self.element().and_then(|element| attribute(element, name))
    }

    /// Where what the element shows of the article comes from.
    pub(super) fn origin(&self) -> Origin {
        if self.attribute("itemprop").is_some() { Origin::Microdata } else { Origin::Element }
    }
}

pub(super) fn attribute<'a>(element: &'a Element, name: &str) -> Option<&'a str> {
    element.attrs.iter().find(|(key, _)| &*key.local == name).map(|(_, value)| &**value)
}

/// Invariant: a node stands before its descendants, and `parent < index < end <= nodes.len()` for all but the root, which is 0.
#[derive(Debug)]
pub(super) struct Outline<'a> {
    pub(super) nodes: Vec<Node<'a>>,
}

impl<'a> Outline<'a> {
    pub(super) fn of(html: &'a Html) -> Self {
        let mut nodes: Vec<Node<'a>> = Vec::with_capacity(html.tree.values().len());
        let mut names = Names::default();
        let mut open: Vec<usize> = Vec::new();
        // What is inside an opaque element is passed over, but for the text of scripts.
        let mut opaque: Option<NodeId> = None;
        for edge in html.tree.root().traverse() {
            match edge {
                Edge::Open(_) if opaque.is_some() => {}
                Edge::Open(node) => {
                    let (index, parent) = (nodes.len(), open.last().copied().unwrap_or(0));
                    match node.value() {
                        Parsed::Text(text) => {
                            nodes.push(Node { content: Content::Text(text), tag: Tag::Text, hint: Hint::None, parent, end: index + 1 });
                        }
                        Parsed::Element(element) => {
                            let tag = Tag::of(element.name().as_bytes());
                            let hint = if tag.is_opaque() { Hint::None } else { hint::of(element, tag, &mut names) };
                            nodes.push(Node { content: Content::Element(element), tag, hint, parent, end: index + 1 });
                            open.push(index);
                            opaque = Some(node.id()).filter(|_| tag.is_opaque() && tag != Tag::Script);
                        }
                        _ => {}
                    }
                }
                Edge::Close(node) if opaque.is_none_or(|opaque| opaque == node.id()) && node.value().is_element() => {
                    opaque = None;
                    let end = nodes.len();
                    if let Some(node) = open.pop().and_then(|index| nodes.get_mut(index)) {
                        node.end = end;
                    }
                }
                Edge::Close(_) => {}
            }
        }
        Self { nodes }
    }

    pub(super) fn get(&self, index: usize) -> Option<&Node<'a>> {
        self.nodes.get(index)
    }

    /// The nodes of a subtree, with their indexes, the element itself first.
    pub(super) fn subtree(&self, index: usize) -> impl Iterator<Item = (usize, &Node<'a>)> {
        let end = self.nodes.get(index).map_or(index, |node| node.end);
        self.nodes.iter().enumerate().take(end).skip(index)
    }

    /// The element's ancestors, nearest first.
    pub(super) fn ancestors(&self, index: usize) -> impl Iterator<Item = usize> {
        let parent = |index: usize| self.nodes.get(index).map(|node| node.parent).filter(|parent| *parent < index);
        std::iter::successors(parent(index), move |index| parent(*index))
    }

    /// The text of a subtree with white space collapsed, at most about `limit` bytes of it.
    pub(super) fn text(&self, index: usize, limit: usize) -> String {
        let mut text = String::new();
        for (_, node) in self.subtree(index) {
            if text.len() > limit {
                break;
            }
            match node.content {
                Content::Text(part) if self.get(node.parent).is_some_and(|parent| parent.tag != Tag::Script) => {
                    push_collapsed(&mut text, part);
                }
                Content::Text(_) => {}
                Content::Element(_) if node.tag.is_inline() => {}
                Content::Element(_) => push_space(&mut text),
            }
        }
        text.truncate(text.trim_end().len());
        text
    }
}

fn push_space(text: &mut String) {
    if !text.is_empty() && !text.ends_with(' ') {
        text.push(' ');
    }
}

/// Appends `part` with its white space collapsed, and without characters that are not seen.
pub(super) fn push_collapsed(text: &mut String, part: &str) {
    for character in part.chars() {
        if character.is_whitespace() {
            push_space(text);
        } else if !is_invisible(character) {
            text.push(character);
        }
    }
}

/// Soft hyphens, zero-width spaces and marks of direction: they would split words for whoever searches the text.
pub(super) fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{0}'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}')
}
