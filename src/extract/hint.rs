//! What the names that a site gave its elements (class, id, role, itemprop) say about their content. A hint can be wrong: whoever
//! acts on one checks it against the text.

mod name;

use rustc_hash::FxHashMap;
use scraper::node::Element;

use super::outline::Tag;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Hint {
    #[default]
    None,
    /// The text of the article.
    Body,
    /// Its first paragraph, set apart.
    Lead,
    Author,
    Caption,
    /// Next to the text and about it: tags, counters, credits.
    Furniture,
    Date,
    /// Around the text: navigation, sharing, related articles, advertisements.
    Noise,
    /// What readers wrote.
    Comments,
    Hidden,
}

/// What the names of a page say, by the attributes that hold them: most are met many times.
pub(super) type Names<'a> = FxHashMap<&'a str, Hint>;

/// The strongest hint of an element.
pub(super) fn of<'a>(element: &'a Element, tag: Tag, names: &mut Names<'a>) -> Hint {
    match tag {
        Tag::Navigation | Tag::Aside => return Hint::Noise,
        Tag::Caption => return Hint::Caption,
        _ => {}
    }
    if matches!(element.name(), "html" | "body") {
        return Hint::None;
    }
    let (mut found, mut hidden) = (Hint::None, false);
    for (name, value) in &element.attrs {
        let hint = match name.local.as_bytes() {
            b"class" | b"id" | b"data-testid" | b"data-component" => *names.entry(value).or_insert_with(|| name::of_names(value)),
            b"itemprop" => of_property(value),
            b"role" => of_role(value),
            b"rel" if value.eq_ignore_ascii_case("author") => Hint::Author,
            b"rel" if value.eq_ignore_ascii_case("tag") => Hint::Furniture,
            b"hidden" => Hint::Hidden,
            b"aria-hidden" if value.eq_ignore_ascii_case("true") => Hint::Hidden,
            b"style" if hides(value) => Hint::Hidden,
            _ => Hint::None,
        };
        match hint {
            Hint::Hidden => hidden = true,
            hint => found = stronger(found, hint),
        }
    }
    if hidden && !unfolds(element) { Hint::Hidden } else { found }
}

/// Whether readers can unfold a hidden element: it is part of the text.
fn unfolds(element: &Element) -> bool {
    element.attrs.iter().any(|(name, value)| {
        let value = value.to_ascii_lowercase();
        match &*name.local {
            "role" => matches!(value.trim(), "region" | "tabpanel"),
            "class" | "id" => ["accordion", "collapse", "faq", "expand", "toggle", "answer"].iter().any(|word| value.contains(word)),
            _ => false,
        }
    })
}

fn stronger(one: Hint, other: Hint) -> Hint {
    if other as u8 > one as u8 { other } else { one }
}

fn hides(style: &str) -> bool {
    let declares = |name: &str, value: &str| {
        style.split(';').filter_map(|declaration| declaration.split_once(':')).any(|(property, stated)| {
            let stated = stated.trim();
            property.trim().eq_ignore_ascii_case(name) && stated.get(..value.len()).is_some_and(|start| start.eq_ignore_ascii_case(value))
        })
    };
    declares("display", "none") || declares("visibility", "hidden")
}

fn of_property(value: &str) -> Hint {
    match value.trim() {
        "articleBody" | "reviewBody" => Hint::Body,
        "author" | "creator" => Hint::Author,
        "datePublished" | "dateCreated" => Hint::Date,
        "keywords" | "publisher" | "dateModified" => Hint::Furniture,
        "comment" => Hint::Comments,
        _ => Hint::None,
    }
}

fn of_role(value: &str) -> Hint {
    match value.trim() {
        "navigation" | "complementary" | "banner" | "contentinfo" | "search" | "dialog" | "alertdialog" | "menu" | "toolbar"
        | "menubar" | "tablist" => Hint::Noise,
        _ => Hint::None,
    }
}
