//! What a page's head says: `meta` in its many vocabularies, links, the title, the language, JSON-LD.

use url::Url;

use super::body::web_link;
use super::json_ld::{self, Linked, Subject};
use super::outline::{Content, Outline, Tag};
use super::picture::picture;
use crate::model::{Language, Origin, same_site};

/// So many headings of the first level are compared with what JSON-LD says.
const MAX_HEADINGS: usize = 3;

/// The statements of a page about itself, as written.
#[derive(Debug)]
pub(super) struct Metadata<'a> {
    /// In document order.
    metas: Vec<Meta<'a>>,
    pub(super) title: String,
    html_language: Option<&'a str>,
    canonical: Option<&'a str>,
    pub(super) base: Option<&'a str>,
    pub(super) linked: Linked,
}

#[derive(Clone, Copy, Debug)]
struct Meta<'a> {
    /// The attribute that the name stands in: `property`, `name`, `itemprop` or `http-equiv`.
    attribute: &'static str,
    name: &'a str,
    value: &'a str,
}

impl Meta<'_> {
    /// The vocabulary that it is written in.
    fn origin(&self) -> Origin {
        let name = self.name.to_ascii_lowercase();
        let begins = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
        match self.attribute {
            "itemprop" => Origin::Microdata,
            _ if begins(&["og:", "article:"]) => Origin::OpenGraph,
            _ if begins(&["dc.", "dc:", "dcterms.", "dcterms:"]) => Origin::DublinCore,
            _ => Origin::Meta,
        }
    }
}

impl<'a> Metadata<'a> {
    /// `url` is where the page was found.
    pub(super) fn of(outline: &Outline<'a>, url: &Url) -> Self {
        let mut metas = Vec::new();
        let (mut title, mut html_language, mut canonical, mut base) = (None, None, None, None);
        let mut scripts: Vec<&str> = Vec::new();
        let mut headings: Vec<String> = Vec::new();
        for (index, node) in outline.nodes.iter().enumerate() {
            match node.tag {
                Tag::Meta => {
                    let attribute = |name| node.attribute(name).map(str::trim).filter(|value| !value.is_empty());
                    match node.element().map(scraper::node::Element::name) {
                        Some("meta") => {
                            let value = attribute("content").or_else(|| attribute("value"));
                            let meta = |name| Some(Meta { attribute: name, name: attribute(name)?, value: value? });
                            metas.extend(["property", "name", "itemprop", "http-equiv"].into_iter().filter_map(meta));
                        }
                        Some("link") if attribute("rel").is_some_and(is_canonical) => canonical = canonical.or(attribute("href")),
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
                Tag::Heading(1) if headings.len() < MAX_HEADINGS => headings.push(outline.text(index, 600)),
                _ if index == 0 => html_language = node.attribute("lang").or_else(|| node.attribute("xml:lang")),
                _ => {}
            }
        }
        let title = title.unwrap_or_default();
        let mut metadata = Self { metas, title, html_language, canonical, base, linked: Linked::default() };
        metadata.linked = json_ld::read(&scripts, &metadata.subject(url, headings));
        metadata
    }

    /// What is known of the article before JSON-LD is read.
    fn subject<'u>(&self, url: &'u Url, headings: Vec<String>) -> Subject<'u> {
        let claimed = self.claims("og:title").map(|(title, _)| plain(title));
        let titles = headings.into_iter().chain([plain(&self.title)]).chain(claimed).collect();
        Subject::new(url, self.canonical.into_iter().chain(self.all("og:url")), titles)
    }

    /// The content of the first `meta` with one of `names`, and the vocabulary that it is written in; earlier names win.
    pub(super) fn claim(&self, names: &[&str]) -> Option<(&'a str, Origin)> {
        names.iter().find_map(|name| self.claims(name).next())
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.metas.iter().filter(move |meta| meta.name.eq_ignore_ascii_case(name)).map(|meta| meta.value)
    }

    pub(super) fn claims(&self, name: &str) -> impl Iterator<Item = (&'a str, Origin)> {
        self.metas.iter().filter(move |meta| meta.name.eq_ignore_ascii_case(name)).map(|meta| (meta.value, meta.origin()))
    }

    /// The contents of all `meta` whose name `wanted` accepts. It is given in lower case.
    pub(super) fn named(&self, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = (&'a str, Origin)> {
        self.metas.iter().filter(move |meta| wanted(&meta.name.to_ascii_lowercase())).map(|meta| (meta.value, meta.origin()))
    }

    pub(super) fn site(&self) -> Option<(String, Origin)> {
        self.line(&["og:site_name", "application-name", "al:android:app_name", "dc.publisher", "publisher"], self.linked.site.as_deref())
    }

    pub(super) fn section(&self) -> Option<(String, Origin)> {
        self.line(&["article:section", "section", "parsely-section", "dc.subject"], self.linked.section.as_deref())
    }

    /// What one of `names` says, or else JSON-LD, as one line of text.
    fn line(&self, names: &[&str], linked: Option<&str>) -> Option<(String, Origin)> {
        let (text, origin) = self.claim(names).or_else(|| linked.map(|text| (text, Origin::JsonLd)))?;
        Some((plain(text), origin)).filter(|(text, _)| !text.is_empty())
    }

    /// The picture that the page presents itself with; not one that stands for any.
    pub(super) fn image(&self, base: &Url) -> Option<(Url, Origin)> {
        const NAMES: [&str; 7] =
            ["og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "thumbnail", "image"];
        let linked = self.linked.image.as_deref().map(|address| (address, Origin::JsonLd));
        let mut named = NAMES.iter().flat_map(|name| self.claims(name)).chain(linked);
        named.find_map(|(address, origin)| Some((picture(base, address)?, origin)))
    }

    /// The canonical address, where it stays on the page's own site and says more than its front page.
    pub(super) fn canonical(&self, base: &Url) -> Option<(Url, Origin)> {
        let addresses = [self.canonical.map(|address| (address, Origin::Element)), self.claim(&["og:url"])];
        addresses
            .into_iter()
            .flatten()
            .filter_map(|(address, origin)| Some((web_link(base, address)?, origin)))
            .find(|(url, _)| same_site(url, base) && (url.path().len() > 1 || url.query().is_some() || base.path().len() <= 1))
    }

    pub(super) fn tags(&self) -> Option<(Vec<String>, Origin)> {
        let keywords = || {
            let (words, origin) = self.claim(&["news_keywords", "keywords"])?;
            Some((words.split(',').map(plain).collect(), origin))
        };
        let stated = [
            (self.all("article:tag").map(plain).collect(), Origin::OpenGraph),
            (self.linked.keywords.iter().map(|tag| plain(tag)).collect(), Origin::JsonLd),
        ];
        let (mut tags, origin): (Vec<String>, Origin) =
            stated.into_iter().find(|(tags, _): &(Vec<_>, _)| !tags.is_empty()).or_else(keywords)?;
        let mut seen = rustc_hash::FxHashSet::default();
        tags.retain(|tag| !tag.is_empty() && tag.len() <= 100 && seen.insert(tag.to_lowercase()));
        tags.truncate(50);
        Some((tags, origin)).filter(|(tags, _)| !tags.is_empty())
    }

    /// Whether the page is written for readers in the United States, who put the month before the day.
    pub(super) fn is_american(&self) -> bool {
        let claims = [self.html_language, self.claim(&["og:locale"]).map(|(claim, _)| claim)];
        claims.into_iter().flatten().any(|claim| claim.eq_ignore_ascii_case("en-us") || claim.eq_ignore_ascii_case("en_us"))
    }

    /// The language that the page says it is in.
    pub(super) fn language(&self) -> Option<(Language, Origin)> {
        let claims = [
            self.html_language.map(|claim| (claim, Origin::Element)),
            self.linked.language.as_deref().map(|claim| (claim, Origin::JsonLd)),
            self.claim(&["og:locale", "content-language", "dc.language", "language"]),
        ];
        claims.into_iter().flatten().find_map(|(claim, origin)| Some((Language::new(claim).ok()?, origin)))
    }
}

/// Whether a `rel`, a list of words in any case, names the canonical address.
fn is_canonical(rel: &str) -> bool {
    rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("canonical"))
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
