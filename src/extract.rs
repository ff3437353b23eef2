//! HTML, its URL and the site's rules in; the cleaned article out. Pure: what it knows of the page it was given.

mod author;
mod body;
mod date;
mod decode;
mod explain;
mod failure;
mod frame;
mod guard;
mod hint;
mod json_ld;
mod markdown;
mod metadata;
mod outline;
mod phrase;
mod picture;
mod prune;
mod render;
mod repeat;
mod rule;
mod select;
mod title;
mod weigh;
mod witness;
mod zone;

use std::borrow::Cow;
use std::ops::Range;

use chrono_tz::Tz;
use scraper::{Html, Selector};
use url::Url;

pub use self::explain::Candidate;
pub use self::failure::Failure;
pub use self::markdown::markdown;
use self::metadata::Metadata;
use self::outline::{Outline, Tag};
use self::weigh::Weights;
use self::witness::Witness;
use crate::model::{Article, Entry, Instant, Language};
use crate::text;

/// A page as it was fetched, and what is known about it from elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    pub html: &'a [u8],
    /// The address that answered, after redirects: relative links are resolved against it.
    pub url: &'a Url,
    /// The `Content-Type` header.
    pub content_type: Option<&'a str>,
    /// The entry that led to the page.
    pub entry: Option<&'a Entry>,
    /// The zone of times that name none. Without it they are in that of the country which the URL names, or else in UTC.
    pub timezone: Option<Tz>,
    /// What "two hours ago" is counted from. Without it such times are not read.
    pub fetched_at: Option<Instant>,
}

/// Where a site keeps what, as CSS selectors from `feeds.toml`. They win over what the page itself suggests.
#[derive(Clone, Debug, Default)]
pub struct SiteRules {
    /// All elements that hold parts of the body, in document order.
    pub body: Option<Selector>,
    pub title: Option<Selector>,
    pub date: Option<Selector>,
    pub author: Option<Selector>,
    /// Elements that are not part of the article, wherever they stand.
    pub remove: Option<Selector>,
    pub next_page: Option<Selector>,
}

/// Finds the article of a page.
///
/// # Errors
/// When the page holds no article: that is never an article with an odd body.
pub fn extract(page: &Page<'_>, rules: &SiteRules) -> Result<Article, Failure> {
    let text = decoded(page);
    if failure::is_binary(&text) {
        return Err(Failure::NotText);
    }
    let html = Html::parse_document(&guard::bounded(text));
    let outline = Outline::of(&html);
    let metadata = Metadata::of(&outline);
    let weights = Weights::of(&outline, rule::matcher(&html, &outline, rules.remove.as_ref()));
    let base = metadata.base.and_then(|base| page.url.join(base).ok()).unwrap_or_else(|| page.url.clone());
    let stated = |selector: &Option<Selector>| rule::text(&html, &outline, selector.as_ref());

    let roots = rule::elements(&html, &outline, rules.body.as_ref())
        .unwrap_or_else(|| select::roots(&outline, &weights, witness(page, &outline, &weights)));
    let near = headline_to_end(&outline, &roots);
    let title = stated(&rules.title).unwrap_or_else(|| title::title(page, &outline, &weights, &metadata));
    let authors = stated(&rules.author).map_or_else(|| author::authors(&outline, &weights, &metadata, near.clone()), |author| vec![author]);
    let (published, modified) = date::dates(page, &outline, &weights, &metadata, &near);
    let published = stated(&rules.date).and_then(|text| date::in_text(page, &text)).or(published);

    let blocks = prune::pruned(body::blocks(&outline, &weights, &roots, &base), &title, &authors);
    let body = render::text(&blocks);
    if let Some(failure) = failure::of(&title, &body, &outline.text(0, 4000), weights.whole(0)) {
        return Err(failure);
    }
    Ok(Article {
        title,
        published,
        modified,
        language: language(&body, &metadata),
        authors,
        image: metadata.image(&base),
        canonical: metadata.canonical(page.url),
        site: metadata.site(),
        section: metadata.section(),
        tags: metadata.tags(),
        html: render::html(&blocks),
        text: body,
    })
}

/// The elements that could hold the article of a page, the best first.
#[must_use]
pub fn explain(page: &Page<'_>, rules: &SiteRules) -> Vec<Candidate> {
    let html = Html::parse_document(&guard::bounded(decoded(page)));
    let outline = Outline::of(&html);
    let weights = Weights::of(&outline, rule::matcher(&html, &outline, rules.remove.as_ref()));
    let roots = rule::elements(&html, &outline, rules.body.as_ref())
        .unwrap_or_else(|| select::roots(&outline, &weights, witness(page, &outline, &weights)));
    explain::candidates(&outline, &weights, &roots)
}

/// What the entry tells of the article.
fn witness(page: &Page<'_>, outline: &Outline<'_>, weights: &Weights) -> Option<Witness> {
    page.entry.and_then(|entry| witness::of(outline, weights, entry))
}

fn decoded<'a>(page: &Page<'a>) -> Cow<'a, str> {
    let top_level_domain = page.url.host_str().and_then(|host| host.rsplit('.').next());
    decode::decode(page.html, page.content_type, top_level_domain)
}

/// The language of the text where that is clear, or else what the page says. A claim that the detection cannot know is believed,
/// unless the letters speak against it.
fn language(body: &str, metadata: &Metadata<'_>) -> Option<Language> {
    let detection = text::detect(body);
    let Some(claim) = metadata.language() else { return detection.language };
    let known = text::known_languages().iter().any(|known| known.primary() == claim.primary());
    let believed = if known { detection.confidence < 0.6 } else { is_cyrillic(body) == CYRILLIC.contains(&claim.primary()) };
    if believed { Some(claim) } else { detection.language.or(Some(claim)) }
}

/// Languages in Cyrillic letters that the detection does not know.
const CYRILLIC: [&str; 8] = ["bg", "mk", "sr", "mn", "tg", "tt", "ba", "cv"];

fn is_cyrillic(text: &str) -> bool {
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).take(400);
    let (cyrillic, all) =
        letters.fold((0, 0), |(cyrillic, all), letter| (cyrillic + usize::from(('\u{400}'..'\u{530}').contains(&letter)), all + 1));
    cyrillic * 2 > all
}

/// The nodes from just above the headline to the end of the article.
fn headline_to_end(outline: &Outline<'_>, roots: &[usize]) -> Range<usize> {
    let first = roots.first().copied().unwrap_or(0);
    let end = roots.last().and_then(|root| outline.get(*root)).map_or(0, |node| node.end);
    let headline = outline.nodes.iter().take(end).rposition(|node| node.tag == Tag::Heading(1)).unwrap_or(first).min(first);
    let around = outline.ancestors(headline).nth(1).unwrap_or(0).max(headline.saturating_sub(40));
    around..(end + 60).min(outline.nodes.len())
}

/// Cleans a piece of HTML that is known to be all article, such as a feed entry's content: as safe HTML, and as text.
#[must_use]
pub fn fragment(html: &str, base: &Url) -> (String, String) {
    let html = Html::parse_document(&guard::bounded(html.into()));
    let outline = Outline::of(&html);
    let weights = Weights::of(&outline, |_| false);
    let blocks = prune::without_furniture(body::blocks(&outline, &weights, &[0], base));
    (render::html(&blocks), render::text(&blocks))
}

/// Whether a line of a body speaks about the page or points to another article.
pub(crate) fn is_furniture(line: &str) -> bool {
    phrase::is_furniture(line, line.chars().count(), false)
}

/// Whether a line is the heading of a list of other articles or of comments.
pub(crate) fn begins_end(line: &str) -> bool {
    phrase::begins_end(line)
}

/// Reads a CSS selector from `feeds.toml`.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn selector(text: &str) -> Result<Selector, String> {
    // The parser's own words are about its insides.
    Selector::parse(text).map_err(|_| {
        format!("`{text}` is not a CSS selector: write one such as \".article-body\", \"article > p\" or \"[itemprop=articleBody]\"")
    })
}
