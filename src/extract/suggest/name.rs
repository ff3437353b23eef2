//! Selectors that would point at an element on all pages of a site: made of names that people gave, not of those that a build
//! gives anew each time.

use crate::extract::outline::{Node, Outline};

/// A selector that points at an element, and maybe at others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) text: String,
    /// What is better to read and likelier to last comes first.
    pub(super) rank: Rank,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// What the element means: `[itemprop=articleBody]`.
    Meaning,
    Id,
    Class,
    Tag,
    TaggedClass,
    /// The part of a class before what a build added: `[class*=Article_body__]`.
    Prefix,
    /// With the name of an element around it.
    Inside,
}

/// How many elements around one may lend it their name.
const AROUND: usize = 5;

/// Selectors that point at an element, each once.
pub(super) fn names(outline: &Outline<'_>, index: usize) -> Vec<Name> {
    let own = own(outline, index);
    let tag = outline.get(index).and_then(Node::element).map(scraper::node::Element::name).unwrap_or_default();
    let inner: Vec<&str> = own.iter().map(|name| name.text.as_str()).chain([tag]).collect();
    let around = outline.ancestors(index).take(AROUND).enumerate().flat_map(|(distance, ancestor)| {
        let named = self::own(outline, ancestor).into_iter().filter(|name| name.rank <= Rank::Class);
        named.map(move |name| name.text + if distance == 0 { " > " } else { " " })
    });
    let inside: Vec<Name> = around
        .flat_map(|around| inner.iter().map(|inner| Name { text: format!("{around}{inner}"), rank: Rank::Inside }).collect::<Vec<_>>())
        .collect();
    own.into_iter().chain(inside).collect()
}

/// Selectors made of what the element itself is called.
fn own(outline: &Outline<'_>, index: usize) -> Vec<Name> {
    let Some((node, element)) = outline.get(index).and_then(|node| Some((node, node.element()?))) else { return Vec::new() };
    let stable = |name| node.attribute(name).filter(|value| is_stable(value));
    let mut names = Vec::new();
    names.extend(stable("itemprop").map(|value| Name { text: format!("[itemprop={value}]"), rank: Rank::Meaning }));
    names.extend(stable("id").map(|id| Name { text: format!("#{id}"), rank: Rank::Id }));
    for class in node.attribute("class").unwrap_or_default().split_ascii_whitespace() {
        if is_stable(class) {
            names.push(Name { text: format!(".{class}"), rank: Rank::Class });
            names.push(Name { text: format!("{}.{class}", element.name()), rank: Rank::TaggedClass });
        } else if let Some(prefix) = stable_prefix(class) {
            names.push(Name { text: format!("[class*={prefix}]"), rank: Rank::Prefix });
        }
    }
    if matches!(element.name(), "article" | "main" | "h1" | "time" | "address") {
        names.push(Name { text: element.name().to_owned(), rank: Rank::Tag });
    }
    names
}

/// Whether a name can be written in a selector as it is, and looks as if it will be the same tomorrow.
fn is_stable(name: &str) -> bool {
    let written = name.starts_with(char::is_alphabetic)
        && name.chars().all(|character| character.is_alphanumeric() || matches!(character, '-' | '_'));
    written && (2..=48).contains(&name.len()) && !name.split(['-', '_']).any(is_made_up)
}

/// Whether a part of a name was made by a program: a number, digits among letters, letters that nobody can pronounce.
fn is_made_up(part: &str) -> bool {
    let digits = part.chars().filter(char::is_ascii_digit).count();
    let letters: Vec<char> = part.chars().filter(|character| character.is_alphabetic()).collect();
    let rises = letters.windows(2).filter(|pair| matches!(pair, [low, high] if low.is_lowercase() && high.is_uppercase())).count();
    let vowel = |letter: &char| !letter.is_ascii() || "aeiouyAEIOUY".contains(*letter);
    let within = part.trim_end_matches(|last: char| last.is_ascii_digit()).contains(|character: char| character.is_ascii_digit());
    digits > 2 || within || (rises > 1 && rises * 4 > letters.len()) || (letters.len() > 4 && !letters.iter().any(vowel))
}

/// `Article_body__` of `Article_body__x3Kd9`.
fn stable_prefix(class: &str) -> Option<&str> {
    let end = class.rfind("__").map(|at| at + 2).or_else(|| class.rfind("--").map(|at| at + 2))?;
    let prefix = class.get(..end)?;
    (prefix.len() > 6 && is_stable(prefix)).then_some(prefix)
}
