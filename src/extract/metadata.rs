//! What a page's head says: `meta` in its many vocabularies, links, the title, the language, JSON-LD.

use url::Url;

use super::body::web_link;
use super::json_ld::{self, Linked};
use super::outline::{Content, Outline, Tag};
use crate::model::{Language, same_site};

/// The statements of a page about itself, as written.
#[derive(Debug)]
pub(super) struct Metadata<'a> {
    /// The name or property of each `meta`, and its content, in document order.
    metas: Vec<(&'a str, &'a str)>,
    pub(super) title: String,
    html_language: Option<&'a str>,
    canonical: Option<&'a str>,
    pub(super) base: Option<&'a str>,
    pub(super) linked: Linked,
}

impl<'a> Metadata<'a> {
    pub(super) fn of(outline: &Outline<'a>) -> Self {
        let mut metas = Vec::new();
        let (mut title, mut html_language, mut canonical, mut base) = (None, None, None, None);
        let mut scripts: Vec<&str> = Vec::new();
        for (index, node) in outline.nodes.iter().enumerate() {
            match node.tag {
                Tag::Meta => {
                    let attribute = |name| node.attribute(name).map(str::trim).filter(|value| !value.is_empty());
                    match node.element().map(scraper::node::Element::name) {
                        Some("meta") => {
                            let names = ["property", "name", "itemprop", "http-equiv"].iter().filter_map(|name| attribute(name));
                            metas.extend(
                                names
                                    .zip(std::iter::repeat(attribute("content").or_else(|| attribute("value"))))
                                    .filter_map(|(name, value)| Some((name, value?))),
                            );
                        }
                        Some("link") if attribute("rel") == Some("canonical") => canonical = canonical.or(attribute("href")),
                        Some("base") => base = base.or(attribute("href")),
                        _ => {}
                    }
                }
                Tag::Title if title.is_none() => title = Some(outline.text(index, 600)),
                Tag::Script if node.attribute("type").is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/ld+json")) => {
                    scripts.extend(outline.subtree(index).filter_map(|(_, node)| match node.content {
                        Content::Text(text) => Some(text),
                        Content::Element(_) => None,
                    }));
                }
                _ if index == 0 => html_language = node.attribute("lang").or_else(|| node.attribute("xml:lang")),
                _ => {}
            }
        }
        let title = title.unwrap_or_default();
        Self { metas, title, html_language, canonical, base, linked: json_ld::read(&scripts) }
    }

    /// The content of the first `meta` with one of `names`; earlier names win.
    pub(super) fn first(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().find_map(|name| self.all(name).next())
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.metas.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// The contents of all `meta` whose name `wanted` accepts. It is given in lower case.
    pub(super) fn named(&self, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = &'a str> {
        self.metas.iter().filter(move |(key, _)| wanted(&key.to_ascii_lowercase())).map(|(_, value)| *value)
    }

    pub(super) fn site(&self) -> Option<String> {
        let named = self.first(&["og:site_name", "application-name", "al:android:app_name", "dc.publisher", "publisher"]);
        named.map(str::to_owned).or_else(|| self.linked.site.clone()).map(|name| plain(&name)).filter(|name| !name.is_empty())
    }

    pub(super) fn image(&self, base: &Url) -> Option<Url> {
        let named =
            self.first(&["og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "thumbnail", "image"]);
        named.or(self.linked.image.as_deref()).and_then(|address| web_link(base, address))
    }

    /// The canonical address, where it stays on the page's own site and says more than its front page.
    pub(super) fn canonical(&self, base: &Url) -> Option<Url> {
        let addresses = [self.canonical, self.first(&["og:url"])];
        addresses
            .into_iter()
            .flatten()
            .filter_map(|address| web_link(base, address))
            .find(|url| same_site(url, base) && (url.path().len() > 1 || url.query().is_some() || base.path().len() <= 1))
    }

    pub(super) fn section(&self) -> Option<String> {
        let named = self.first(&["article:section", "section", "parsely-section", "dc.subject"]).map(str::to_owned);
        named.or_else(|| self.linked.section.clone()).map(|name| plain(&name)).filter(|name| !name.is_empty())
    }

    pub(super) fn tags(&self) -> Vec<String> {
        let mut tags: Vec<String> = self.all("article:tag").map(plain).collect();
        if tags.is_empty() {
            tags = self.linked.keywords.iter().map(|tag| plain(tag)).collect();
        }
        if tags.is_empty() {
            tags = self.first(&["news_keywords", "keywords"]).unwrap_or_default().split(',').map(plain).collect();
        }
        let mut seen = rustc_hash::FxHashSet::default();
        tags.retain(|tag| !tag.is_empty() && tag.len() <= 100 && seen.insert(tag.to_lowercase()));
        tags.truncate(50);
        tags
    }

    /// The language that the page says it is in.
    pub(super) fn language(&self) -> Option<Language> {
        let claims = [
            self.html_language,
            self.linked.language.as_deref(),
            self.first(&["og:locale", "content-language", "dc.language", "language"]),
        ];
        claims.into_iter().flatten().find_map(|claim| Language::new(claim).ok())
    }
}

/// One line of plain text: entities that were escaped twice are read, white space is collapsed.
pub(super) fn plain(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    super::outline::push_collapsed(&mut line, &unescaped(text));
    line.truncate(line.trim_end().len());
    line
}

/// Reads the entities that are met in metadata, which are often escaped once too often.
fn unescaped(text: &str) -> String {
    const NAMED: [(&str, &str); 14] = [
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#039;", "'"),
        ("&apos;", "'"),
        ("&laquo;", "«"),
        ("&raquo;", "»"),
        ("&nbsp;", " "),
        ("&#8217;", "’"),
        ("&#8216;", "‘"),
        ("&#8220;", "“"),
        ("&#8221;", "”"),
        ("&#8211;", "–"),
        ("&#8212;", "—"),
        ("&amp;", "&"),
    ];
    if !text.contains('&') {
        return text.to_owned();
    }
    NAMED.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}
