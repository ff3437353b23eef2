//! The page on which an article goes on. `rel=next` is also written on lists and on links to the next article, so it counts only
//! where the address is that of the same article with the number of a page.

use url::Url;

use super::body::web_link;
use super::outline::{Outline, Tag};

/// Where an article says that it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The site's rule says so.
    Ruled(Url),
    /// The address says so: it is that of this page of the article.
    Numbered(Url, u32),
}

/// The parameters that number pages. Bitrix writes `PAGEN_1`.
const PARAMETERS: [&str; 14] = [
    "page",
    "p",
    "pg",
    "paged",
    "pagenum",
    "page_num",
    "pagenumber",
    "page_number",
    "pageno",
    "page_no",
    "pagen_1",
    "pagina",
    "seite",
    "strona",
];
/// The words before a number in a path.
const WORDS: [&str; 10] = ["page", "p", "pg", "pagina", "seite", "strona", "str", "sayfa", "sivu", "stranica"];
const EXTENSIONS: [&str; 6] = [".html", ".htm", ".shtml", ".php", ".aspx", ".jsp"];

/// The next page of the article at `page_url`, if a link says that there is one.
pub(super) fn page(outline: &Outline<'_>, page_url: &Url, base: &Url) -> Option<Next> {
    let says_next = |rel: &str| rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("next"));
    let links = outline.nodes.iter().filter(|node| matches!(node.tag, Tag::Link | Tag::Meta));
    let links = links.filter(|node| node.attribute("rel").is_some_and(says_next));
    links.filter_map(|node| web_link(base, node.attribute("href")?)).find_map(|url| {
        let number = number_after(page_url, &url)?;
        Some(Next::Numbered(url, number))
    })
}

/// The number of the page at `next`, if it is the one after `current` of the same article.
fn number_after(current: &Url, next: &Url) -> Option<u32> {
    let (article, mark) = numbered(next)?;
    if article == whole(current) {
        return (mark.number == 2).then_some(mark.number);
    }
    let (same, before) = numbered(current)?;
    // The first page may be numbered where a word says that this is a page. A bare number may be the article's own.
    let numbers_pages = before.worded || before.number > 1;
    (same == article && numbers_pages && mark.number == before.number.checked_add(1)?).then_some(mark.number)
}

/// An address as its path without an extension, and its parameters in their order.
type Place = (String, Vec<String>);

#[derive(Clone, Copy)]
struct Mark {
    number: u32,
    /// A word beside it says that it numbers pages.
    worded: bool,
}

fn whole(url: &Url) -> Place {
    let mut parameters: Vec<String> =
        url.query().unwrap_or_default().split('&').filter(|parameter| !parameter.is_empty()).map(str::to_owned).collect();
    parameters.sort_unstable();
    let path = url.path().trim_end_matches('/');
    (without_extension(path).unwrap_or(path).to_owned(), parameters)
}

/// The address of an article, without the number of the page.
fn numbered(url: &Url) -> Option<(Place, Mark)> {
    let (path, mut parameters) = whole(url);
    let numbers = |parameter: &String| {
        let (name, value) = parameter.split_once('=')?;
        let number = number(value).filter(|_| PARAMETERS.contains(&name.to_ascii_lowercase().as_str()))?;
        // `?p=123` is an article for `WordPress`.
        Some(Mark { number, worded: name.len() > 2 })
    };
    if let Some((index, mark)) = parameters.iter().enumerate().find_map(|(index, parameter)| Some((index, numbers(parameter)?))) {
        parameters.remove(index);
        return Some(((path, parameters), mark));
    }
    let (article, mark) = without_number(&path, without_extension(url.path()).is_some())?;
    Some(((article.trim_end_matches('/').to_owned(), parameters), mark))
}

fn without_extension(path: &str) -> Option<&str> {
    EXTENSIONS.iter().find_map(|end| path.strip_suffix(end))
}

/// A path without the number of a page at its end: `/story/2`, `/story/page/2`, `/story/page-2`, `/story-page-2`; before an
/// extension, also `/story-2`, `/story_2` and `/story,2`.
fn without_number(path: &str, extension: bool) -> Option<(&str, Mark)> {
    let digits = path.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (rest, end) = path.split_at(path.len() - digits);
    let number = number(end)?;
    let bare = rest.strip_suffix(['-', '_', ',', '/', '=']).unwrap_or(rest);
    let word = WORDS.iter().find_map(|word| bare.strip_suffix(word)?.strip_suffix(['/', '-', '_', ',', '.']));
    if let Some(article) = word {
        return Some((article, Mark { number, worded: true }));
    }
    let apart = rest.ends_with('/') || (extension && rest.ends_with(['-', '_', ',']));
    apart.then_some((bare, Mark { number, worded: false }))
}

/// A number that can be that of a page.
fn number(text: &str) -> Option<u32> {
    let digits = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number > 0)
}
