//! Any text as the HTML of an entry: it is cleaned as by a parser and an allow-list, also where no parser was asked.
#![no_main]

use ammonia::UrlRelative;
use libfuzzer_sys::fuzz_target;
use topicwire::feed::{self, Context};
use url::Url;

fuzz_target!(|html: &str| {
    let Ok(url) = Url::parse("https://news.example/feed.json") else { return };
    // Texts without tags are no HTML; what would cost a parser too much is reduced to its text. Controls of Latin-1 are read as the
    // letters of Windows-1252 that were meant.
    let has_controls = html.contains(|character| matches!(character, '\u{80}'..='\u{9f}'));
    if has_controls || !html.trim().contains('<') || html.bytes().filter(|byte| matches!(byte, b'<' | b'=')).count() > 99 {
        return;
    }
    let document = serde_json::json!({"items": [{"id": "1", "content_html": html}]}).to_string();
    let context = Context { url: &url, content_type: None, timezone: None, now: None };
    let Ok((document, _)) = feed::parse(document.as_bytes(), &context) else { return };
    let cleaned = document.entries.into_iter().next().and_then(|entry| entry.content).unwrap_or_default();
    let mut builder = ammonia::Builder::default();
    builder.url_relative(UrlRelative::RewriteWithBase(url.clone())).link_rel(None);
    assert_eq!(cleaned, builder.clean(html.trim()).to_string().trim());
});
