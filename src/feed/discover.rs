//! Where a site may have its feeds: what its page links to, where feeds usually are, and the sitemaps that its robots.txt names.

use url::Url;

use super::decode;
use super::markup::{Piece, Pieces, Tag};
use super::read::web_url;

/// As many links of one page as are looked at.
const MAX_LINKS: usize = 100;

/// Where feeds and news sitemaps are on most sites.
const USUAL_PATHS: &[&str] = &[
    "/rss",
    "/rss.xml",
    "/feed",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/feed.json",
    "/news-sitemap.xml",
    "/sitemap-news.xml",
    "/sitemap.xml",
];

/// The addresses at which a page's site may have feeds, the most likely first: those that the page declares as its feeds, those
/// that it links to and that look like feeds, and the usual ones. None is known to exist.
pub fn discover(html: &[u8], url: &Url) -> Vec<Url> {
    let html = decode::decode(html, None, Some(url), &mut Vec::new());
    let tags = || Pieces::of(&html).filter_map(|piece| if let Piece::Open(tag) = piece { Some(tag) } else { None });
    let named = |name: &'static str| tags().filter(move |tag| tag.name.eq_ignore_ascii_case(name));
    let base = named("base").find_map(|tag| url.join(tag.attribute("href")?.trim()).ok());
    let base = base.as_ref().unwrap_or(url);
    let target = |tag: Tag<'_>| web_url(base.join(tag.attribute("href")?.trim()).ok()?.as_str());
    let declared = named("link").filter(is_declared_feed).filter_map(target).take(MAX_LINKS);
    let linked = named("a").filter_map(target).filter(looks_like_feed).take(MAX_LINKS);
    let usual = USUAL_PATHS.iter().filter_map(|path| url.join(path).ok());
    let mut found = Vec::new();
    for mut address in declared.chain(linked).chain(usual) {
        address.set_fragment(None);
        if !found.contains(&address) {
            found.push(address);
        }
    }
    found
}

/// The sitemaps that a robots.txt names, those of news first.
#[must_use]
pub fn sitemaps(robots: &[u8], url: &Url) -> Vec<Url> {
    let text = decode::decode(robots, None, Some(url), &mut Vec::new());
    let named = text.lines().filter_map(|line| line.split_once(':')).filter(|(name, _)| name.trim().eq_ignore_ascii_case("sitemap"));
    let mut found: Vec<Url> = named.filter_map(|(_, address)| web_url(url.join(address.trim()).ok()?.as_str())).take(MAX_LINKS).collect();
    found.sort_by_key(|address| !address.path().contains("news"));
    found.dedup();
    found
}

/// `<link rel="alternate" type="application/rss+xml">`.
fn is_declared_feed(tag: &Tag<'_>) -> bool {
    let relation = tag.attribute("rel").unwrap_or_default().to_ascii_lowercase();
    let kind = tag.attribute("type").unwrap_or_default().to_ascii_lowercase();
    names_feed(&relation, &kind)
}

/// Whether a link with these relations and this type, in small letters, leads to a feed.
#[must_use]
pub fn names_feed(relations: &str, kind: &str) -> bool {
    let is_feed = ["rss", "atom", "rdf+xml", "feed+json"].iter().any(|part| kind.contains(part)) || kind == "application/json";
    relations.split_whitespace().any(|relation| relation == "feed" || (relation == "alternate" && is_feed))
}

fn looks_like_feed(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let (stem, ending) = last.rsplit_once('.').unwrap_or((last, ""));
    matches!(stem, "rss" | "feed" | "atom") || matches!(ending, "rss" | "atom" | "rdf") || (ending == "xml" && !stem.contains("sitemap"))
}
