//! Any bytes as a feed, a listing page and a sitemap: what is read is read the same twice, has ids and web links, and its HTML is safe.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scraper::{Html, Node};
use topicwire::extract::selector;
use topicwire::feed::{self, Context, ListingRules};
use url::Url;

const UNSAFE: [&str; 10] = ["script", "style", "iframe", "object", "embed", "form", "svg", "math", "link", "meta"];

fuzz_target!(|bytes: &[u8]| {
    let (Ok(url), Ok(item)) = (Url::parse("https://news.example/rss"), selector("li, p")) else { return };
    let context = Context { url: &url, content_type: None, timezone: None, now: None };
    let rules = ListingRules { item, link: None, title: None, time: None, summary: None };
    let read = || [feed::parse(bytes, &context), feed::parse_listing(bytes, &context, &rules), feed::parse_sitemap(bytes, &context)];
    let once = read();
    assert_eq!(once, read());
    for (document, _) in once.into_iter().flatten() {
        for entry in document.entries {
            assert!(!entry.id.is_empty());
            assert!(entry.link.is_none_or(|link| matches!(link.scheme(), "http" | "https")));
            [entry.summary, entry.content].iter().flatten().for_each(|html| assert_safe(html));
        }
    }
});

fn assert_safe(html: &str) {
    for node in Html::parse_fragment(html).tree.values() {
        let Node::Element(element) = node else { continue };
        assert!(!UNSAFE.contains(&element.name()), "<{}> in {html}", element.name());
        for (name, value) in element.attrs() {
            assert!(!name.starts_with("on") && name != "style", "{name} in {html}");
            assert!(!matches!(name, "href" | "src") || Url::parse(value).is_ok_and(|url| url.scheme() != "javascript"), "{value} in {html}");
        }
    }
}
