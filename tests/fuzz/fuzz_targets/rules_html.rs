//! Any page of a site with hostile rules: the first lines are selectors, the rest is the page.
#![no_main]

#[path = "../../it/safe_html.rs"]
mod safe_html;

use libfuzzer_sys::fuzz_target;
use topicwire::extract::{self, Page, SiteRules};
use url::Url;

fuzz_target!(|bytes: &[u8]| {
    let Ok(url) = Url::parse("https://news.example/2025/11/26/report") else { return };
    let mut lines = bytes.splitn(7, |byte| *byte == b'\n');
    let mut selector = || extract::selector(std::str::from_utf8(lines.next()?).ok()?).ok();
    let rules = SiteRules {
        body: selector(),
        title: selector(),
        date: selector(),
        author: selector(),
        remove: selector(),
        next_page: selector(),
    };
    let html = lines.next().unwrap_or_default();
    let page = Page { html, url: &url, content_type: None, entry: None, timezone: None, fetched_at: None };
    let _ = extract::candidates(&page, &rules);
    if let Ok(article) = extract::extract(&page, &rules) {
        safe_html::assert_safe(&article.html);
    }
});
