//! Any bytes as a robots.txt: the sitemaps that it names are web addresses, and its rules give an answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use robotxt::Robots;
use topicwire::feed;
use url::Url;

fuzz_target!(|bytes: &[u8]| {
    let Ok(url) = Url::parse("https://news.example/robots.txt") else { return };
    for sitemap in feed::sitemaps(bytes, &url) {
        assert!(matches!(sitemap.scheme(), "http" | "https"));
    }
    let robots = Robots::parse(bytes, "topicwire");
    let _ = (robots.is_url_allowed(&url), robots.crawl_delay());
    // What is not ASCII, too long or full of wildcards must not cost more than its length.
    let path = String::from_utf8_lossy(bytes);
    if let Ok(page) = url.join(&path) {
        let _ = robots.is_url_allowed(&page);
    }
});
