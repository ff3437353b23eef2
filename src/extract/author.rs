//! Who wrote the article: people, or the desk that signs it.

use std::ops::Range;

use super::hint::Hint;
use super::metadata::{Metadata, plain};
use super::outline::{Content, Node, Outline, Tag};
use super::title::letters;
use super::weigh::Weights;
use crate::model::Origin;

/// What stands before a name in a byline, lower case.
const PREFIXES: [&str; 34] = [
    "read more about",
    "text, interview:",
    "authored by",
    "veröffentlicht von",
    "erstellt von",
    "publicado por",
    "geschrieben von",
    "publié par",
    "written by",
    "posted by",
    "story by",
    "words by",
    "published by",
    "article by",
    "report by",
    "text by",
    "reported by",
    "by",
    "von",
    "par",
    "por",
    "автор:",
    "авторы:",
    "автор",
    "текст:",
    "author:",
    "authors:",
    "autor:",
    "autore:",
    "text:",
    "tekst:",
    "di",
    "av",
    "от",
];

/// Where pages say in `meta` who wrote them.
const META: [&str; 9] = [
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "citation_author",
    "cXenseParse:author",
];

/// What one place says of the authors.
type Claim = (Vec<String>, Origin);

/// The authors that JSON-LD, `meta` or the page itself name, the first of these that does. The site counts only where nobody else
/// is named.
pub(super) fn authors(outline: &Outline<'_>, weights: &Weights, metadata: &Metadata<'_>, near: Range<usize>) -> Option<Claim> {
    let linked = (cleaned(metadata.linked.authors.iter().map(String::as_str)), Origin::JsonLd);
    let own_name = metadata.site().map(|(site, _)| site);
    let sites: Vec<String> = own_name.into_iter().chain(metadata.linked.site.clone()).map(|site| letters(&site)).collect();
    // `inform.kz` is a site too, whatever it calls itself.
    let is_address = |name: &String| name.contains('.') && !name.contains(' ');
    let is_site = |names: &[String]| names.iter().all(|name| is_address(name) || sites.contains(&letters(name)));
    let stated = META.iter().filter_map(|name| Some((cleaned(metadata.all(name)), metadata.claim(&[name])?.1)));
    let claims = std::iter::once(linked).chain(stated).chain(std::iter::once_with(|| shown(outline, weights, near)).flatten());
    let mut named: Vec<Claim> = claims.filter(|(names, _)| !names.is_empty()).collect();
    let person = named.iter().position(|(names, _)| !is_site(names)).unwrap_or(0);
    if named.is_empty() { None } else { Some(named.swap_remove(person)) }
}

/// The names in elements that say that they hold an author, near the article; or in a line that begins as a byline does.
fn shown(outline: &Outline<'_>, weights: &Weights, near: Range<usize>) -> Option<Claim> {
    let small = |index: &usize| !weights.is_elsewhere(*index) && weights.whole(*index).characters < 120;
    let hinted = |index: &usize| outline.get(*index).is_some_and(|node| node.hint == Hint::Author || leads_to_author(node));
    let marked = near.clone().filter(small).filter(hinted).find_map(|index| {
        let origin = outline.get(index)?.origin();
        Some((named_in(outline, index), origin)).filter(|(names, _)| !names.is_empty())
    });
    let byline = || {
        let lines = near
            .filter(small)
            .filter(|index| weights.whole(*index).runs == 1 && outline.get(*index).is_some_and(|node| node.tag != Tag::Link));
        let names = lines.map(|index| outline.text(index, 120)).find_map(|line| of_byline(&line))?;
        Some((names, Origin::VisibleText))
    };
    marked.or_else(byline)
}

/// Whether a link leads to the page of an author, by its address.
fn leads_to_author(node: &Node<'_>) -> bool {
    let address = if node.tag == Tag::Link { node.attribute("href") } else { None };
    address.is_some_and(|address| {
        ["/author/", "/authors/", "/autor/", "/autoren/", "/auteur/", "/avtor/"].iter().any(|part| address.contains(part))
    })
}

/// The first piece of an element's text that is a name: what surrounds it is in elements of its own.
fn named_in(outline: &Outline<'_>, index: usize) -> Vec<String> {
    let texts = outline.subtree(index).filter_map(|(_, node)| match node.content {
        Content::Text(text) => Some(cleaned(std::iter::once(text))),
        Content::Element(_) => None,
    });
    let pieces: Vec<Vec<String>> = texts.filter(|names| !names.is_empty()).collect();
    let whole = pieces.iter().find(|names| names.iter().any(|name| name.contains(' '))).or(pieces.first());
    whole.cloned().unwrap_or_else(|| cleaned(std::iter::once(outline.text(index, 120).as_str())))
}

/// "By Jane Doe": a prefix, then a few words that begin with capitals.
fn of_byline(line: &str) -> Option<Vec<String>> {
    let name = without_prefix(line);
    let words = name.split_whitespace().take(12).collect::<Vec<_>>();
    let is_byline = name.len() < line.trim().len() && (2..=8).contains(&words.len());
    let first = words.iter().take(2).all(|word| word.starts_with(char::is_uppercase));
    (is_byline && first).then(|| cleaned(std::iter::once(name))).filter(|names| !names.is_empty())
}

/// One name each, without prefixes; addresses and the like are no names.
fn cleaned<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut cleaned: Vec<String> = Vec::new();
    for name in names {
        let whole = plain(name);
        for part in split(&whole) {
            let name = without_prefix(part).trim_matches([' ', ',', ';', ':', '|', '-', '–', '—', '·', '•']).to_owned();
            if is_name(&name) && !cleaned.iter().any(|other| other.eq_ignore_ascii_case(&name)) {
                cleaned.push(name);
            }
        }
    }
    cleaned.truncate(20);
    cleaned
}

fn split(names: &str) -> Vec<&str> {
    let mut parts = vec![names];
    for separator in ["; ", ", ", " and ", " & ", " und ", " и ", " і ", " og ", " et ", " | ", " - ", " – ", " le ", " am ", " on "] {
        parts = parts.into_iter().flat_map(|part| part.split(separator)).collect();
    }
    parts
}

fn without_prefix(name: &str) -> &str {
    let mut name = name.trim();
    for prefix in PREFIXES {
        let length: usize = name.chars().take(prefix.chars().count()).map(char::len_utf8).sum();
        let (start, rest) = name.split_at(length);
        let whole_word = prefix.ends_with(':') || rest.starts_with([' ', ':']);
        if whole_word && start.to_lowercase() == prefix && !rest.trim().is_empty() {
            name = rest.trim_start_matches([' ', ':']);
        }
    }
    name
}

fn is_name(name: &str) -> bool {
    // A date in a byline is not a name, even one of any year.
    let any_year = Some(chrono::DateTime::UNIX_EPOCH);
    if crate::text::date::find(name, None, None).is_some() || crate::text::date::parse(name, None, any_year).is_some() {
        return false;
    }
    let length = name.chars().count();
    let lower = name.to_lowercase();
    (2..=60).contains(&length)
        && !name.contains("://")
        && !name.contains(['@', '/', '{', '<'])
        && name.chars().any(char::is_alphabetic)
        && name.chars().filter(char::is_ascii_digit).count() * 3 < length
        && !PREFIXES.contains(&lower.as_str())
        && !matches!(
            lower.as_str(),
            "admin"
                | "the author"
                | "author bio"
                | "bio"
                | "recipe by"
                | "об авторе"
                | "post author"
                | "more posts"
                | "view all posts"
                | "administrator"
                | "author"
                | "автор"
                | "autor"
                | "editor"
                | "null"
                | "none"
                | "undefined"
                | "unknown"
                | "follow"
                | "staff"
                | "about the author"
                | "last update"
                | "last updated"
                | "updated"
                | "published"
                | "share"
                | "link"
        )
}
