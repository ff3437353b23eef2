//! HTML, its URL and the site's rules in; the cleaned article out. Pure: what it knows of the page it was given.

mod author;
mod body;
mod date;
mod decode;
mod embed;
mod explain;
mod extraction;
mod failure;
mod frame;
mod guard;
mod hint;
mod json_ld;
mod markdown;
mod metadata;
mod next;
mod outline;
mod phrase;
mod picture;
mod prune;
mod render;
mod repeat;
mod rule;
mod select;
mod stream;
mod suggest;
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
pub use self::extraction::Extraction;
pub use self::failure::Failure;
use self::failure::Shown;
use self::frame::Headline;
pub use self::markdown::markdown;
use self::metadata::Metadata;
use self::outline::{Node, Outline, Tag};
use self::rule::Ruled;
pub use self::suggest::{Change, Suggestion, Suggestions, suggest};
use self::weigh::Weights;
use self::witness::Witness;
use crate::model::{Article, Entry, Instant, Language, Origin, Part, Provenance, RuleName};
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
    /// The zone of times that name none. Without it they are in that of the country which the URL names or of the page's language,
    /// or else in UTC.
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
    /// The link to the page on which the article goes on.
    pub next_page: Option<Selector>,
}

/// Finds the article of a page.
///
/// # Errors
/// When the page holds no article: that is never an article with an odd body.
pub fn extract(page: &Page<'_>, rules: &SiteRules) -> Result<Article, Failure> {
    read(page, rules).map(Extraction::into_article)
}

/// As [`extract`]; what is found can be continued on further pages.
///
/// # Errors
/// As [`extract`].
pub fn read(page: &Page<'_>, rules: &SiteRules) -> Result<Extraction, Failure> {
    let text = decoded(page);
    if failure::is_binary(&text) {
        return Err(Failure::NotText);
    }
    let html = stream::parse(&guard::bounded(text));
    let outline = Outline::of(&html);
    let metadata = Metadata::of(&outline, page.url);
    let base = metadata.base.and_then(|base| page.url.join(base).ok()).unwrap_or_else(|| page.url.clone());
    let page = &Page { timezone: page.timezone.or_else(|| readers_zone(page.url, &metadata)), ..*page };
    let by_rule = Ruled::of(page, &html, &outline, rules, &base);
    let weights = Weights::of(&outline, |index| by_rule.removed.contains(&index));

    let roots = by_rule.body.clone().unwrap_or_else(|| select::roots(&outline, &weights, witness(page, &outline, &weights)));
    let title = by_rule.title().or_else(|| title::title(page, &outline, &weights, &metadata));
    let near = headline_to_end(&outline, &roots, title.as_ref().map_or("", |(title, _)| title));
    let (published, modified) = date::dates(page, &outline, &weights, &metadata, &near);
    let published = by_rule.date().or(published);
    let authors = by_rule.authors().or_else(|| author::authors(&outline, &weights, &metadata, near));

    let mut provenance = Provenance::default();
    let title = provenance.take(Part::Title, title).unwrap_or_default();
    let authors = provenance.take(Part::Authors, authors).unwrap_or_default();
    let headline = Headline::of(&outline, &roots, &title);
    let blocks = body::blocks(&outline, &weights, &roots, &base);
    let last_lines = failure::last_lines(&blocks);
    let blocks = prune::pruned(blocks, &headline, &authors);
    let body = render::text(&blocks);
    let whole = weights.whole(0);
    let shown = Shown { title: &title, body: &body, blocks: &blocks, last_lines: &last_lines, metadata: &metadata, whole };
    if let Some(failure) = failure::of(&shown, || outline.text(0, 4000), || unscripted(page)) {
        return Err(failure);
    }
    let lead_picture = || Some((picture::lead(&outline, &roots, &base)?, Origin::Element));
    let article = Article {
        title,
        published: provenance.take(Part::Published, published),
        modified: provenance.take(Part::Modified, modified),
        language: provenance.take(Part::Language, language(&body, &metadata)),
        authors,
        image: provenance.take(Part::Image, metadata.image(&base).or_else(lead_picture)),
        canonical: provenance.take(Part::Canonical, metadata.canonical(page.url)),
        site: provenance.take(Part::Site, metadata.site()),
        section: provenance.take(Part::Section, metadata.section()),
        tags: provenance.take(Part::Tags, metadata.tags()).unwrap_or_default(),
        html: render::html(&blocks),
        text: provenance.take(Part::Body, Some((body, by_rule.origin_of_body()))).unwrap_or_default(),
        provenance,
    };
    let next = by_rule.next_page.clone().or_else(|| next::page(&outline, page.url, &base));
    Ok(Extraction::new(article, blocks, page.url, next, by_rule.unmatched(rules)))
}

/// The elements that could hold the article of a page, the best first.
#[must_use]
pub fn candidates(page: &Page<'_>, rules: &SiteRules) -> Vec<Candidate> {
    let html = stream::parse(&guard::bounded(decoded(page)));
    let outline = Outline::of(&html);
    let by_rule = Ruled::of(page, &html, &outline, rules, page.url);
    let weights = Weights::of(&outline, |index| by_rule.removed.contains(&index));
    let roots = by_rule.body.unwrap_or_else(|| select::roots(&outline, &weights, witness(page, &outline, &weights)));
    explain::candidates(&outline, &weights, &roots)
}

/// The rules that say nothing of a page, whether it holds an article or not.
#[must_use]
pub fn unmatched(page: &Page<'_>, rules: &SiteRules) -> Vec<RuleName> {
    if rules.given().next().is_none() {
        return Vec::new();
    }
    let html = stream::parse(&guard::bounded(decoded(page)));
    let outline = Outline::of(&html);
    Ruled::of(page, &html, &outline, rules, page.url).unmatched(rules)
}

/// What the entry tells of the article.
fn witness(page: &Page<'_>, outline: &Outline<'_>, weights: &Weights) -> Option<Witness> {
    page.entry.and_then(|entry| witness::of(outline, weights, entry))
}

fn readers_zone(url: &Url, metadata: &Metadata<'_>) -> Option<Tz> {
    zone::of_readers(url.host_str(), metadata.language().as_ref().map(|(language, _)| language))
}

fn decoded<'a>(page: &Page<'a>) -> Cow<'a, str> {
    let top_level_domain = page.url.host_str().and_then(|host| host.rsplit('.').next());
    decode::decode(page.html, page.content_type, top_level_domain)
}

/// The language of the text where that is clear, or else what the page says. A claim that the detection cannot know is believed,
/// unless the letters speak against it; one that it would have known in so long a text is not.
fn language(body: &str, metadata: &Metadata<'_>) -> Option<(Language, Origin)> {
    let detection = text::detect(body);
    let detected = detection.language.map(|language| (language, Origin::Content));
    let Some((claim, origin)) = metadata.language() else { return detected };
    let known = text::known_languages().iter().any(|known| known.primary() == claim.primary());
    let believed = if known { detection.confidence < 0.6 } else { is_cyrillic(body) == CYRILLIC.contains(&claim.primary()) };
    if known && detected.is_none() && body.len() > DETECTABLE {
        return None;
    }
    if believed { Some((claim, origin)) } else { detected.or(Some((claim, origin))) }
}

/// A text this long, in bytes, shows its language.
const DETECTABLE: usize = 500;

/// Languages in Cyrillic letters that the detection does not know.
const CYRILLIC: [&str; 8] = ["bg", "mk", "sr", "mn", "tg", "tt", "ba", "cv"];

fn is_cyrillic(text: &str) -> bool {
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).take(400);
    let (cyrillic, all) =
        letters.fold((0, 0), |(cyrillic, all), letter| (cyrillic + usize::from(('\u{400}'..'\u{530}').contains(&letter)), all + 1));
    cyrillic * 2 > all
}

/// What a page says to those without JavaScript: as it was sent, since it is not parsed.
fn unscripted(page: &Page<'_>) -> String {
    let text = decoded(page).to_ascii_lowercase();
    let notices = text.split("<noscript").skip(1).filter_map(|rest| rest.split("</noscript").next());
    notices.collect::<Vec<&str>>().join(" ")
}

/// The nodes from just above the headline to the end of the article.
fn headline_to_end(outline: &Outline<'_>, roots: &[usize], title: &str) -> Range<usize> {
    let first = roots.first().copied().unwrap_or(0);
    let end = roots.last().and_then(|root| outline.get(*root)).map_or(0, |node| node.end);
    let marked = || outline.nodes.iter().take(end).rposition(|node| node.tag == Tag::Heading(1));
    let title = title::letters(title);
    let named = || (0..first).rev().find(|index| is_line_of(outline, *index, &title));
    let headline = marked().or_else(named).unwrap_or(first).min(first);
    let around = outline.ancestors(headline).nth(1).unwrap_or(0).max(headline.saturating_sub(40));
    around..(end + 60).min(outline.nodes.len())
}

/// Whether an element below the head shows a text, given by its [`title::letters`], and nothing else.
fn is_line_of(outline: &Outline<'_>, index: usize, letters: &str) -> bool {
    let is_line = |node: &Node<'_>| {
        let short = node.end - index < 12;
        short && !matches!(node.tag, Tag::Text | Tag::Title | Tag::Script | Tag::Meta | Tag::Link)
    };
    outline.get(index).is_some_and(is_line) && title::letters(&outline.text(index, 600)) == letters && !letters.is_empty()
}

/// Cleans a piece of HTML that is known to be all article, such as a feed entry's content: as safe HTML, and as text.
#[must_use]
pub fn fragment(html: &str, base: &Url) -> (String, String) {
    if !html.contains(['<', '&', '\0']) {
        // Most leads: there is nothing to parse.
        let blocks = prune::without_furniture(body::paragraph(html).into_iter().collect());
        return (render::html(&blocks), render::text(&blocks));
    }
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
