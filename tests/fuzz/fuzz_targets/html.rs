//! Any bytes as a page: whatever they are, the body that comes out is safe and well-formed.
#![no_main]

#[path = "../../it/safe_html.rs"]
mod safe_html;

use libfuzzer_sys::fuzz_target;
use topicwire::extract::{self, Page, SiteRules};
use url::Url;

fuzz_target!(|html: &[u8]| {
    let Ok(url) = Url::parse("https://news.example/2025/11/26/report") else { return };
    let page = Page { html, url: &url, content_type: None, entry: None, timezone: None, fetched_at: None };
    let _ = extract::candidates(&page, &SiteRules::default());
    if let Ok(article) = extract::extract(&page, &SiteRules::default()) {
        safe_html::assert_safe(&article.html);
        let _ = extract::markdown(&article.html);
    }
});
