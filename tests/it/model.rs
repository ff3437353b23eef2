//! Canonical URLs and their hashes, names, language tags.

use proptest::prelude::*;
use topicwire::model::{CanonicalUrl, Language, StoredArticle, UrlHash};
use url::Url;

fn canonical(url: &str) -> CanonicalUrl {
    CanonicalUrl::of(&Url::parse(url).unwrap()).unwrap()
}

#[track_caller]
fn check(url: &str, expected: &str) {
    assert_eq!(canonical(url).as_str(), expected, "{url}");
}

#[test]
fn folds_what_only_says_how_somebody_came_to_the_page() {
    check("http://www.inform.kz/ru/a-1/?utm_source=tg&ysclid=1#c", "https://inform.kz/ru/a-1");
    check("https://m.inform.kz/ru/a-1/amp/index.html", "https://inform.kz/ru/a-1");
    check("https://inform.kz/a.amp.html?amp=1&id=7&b=2", "https://inform.kz/a.html?b=2&id=7");
    check("https://m.kz/", "https://m.kz/");
    check("https://user:secret@Example.COM.:443/A", "https://example.com/A");
    check("http://127.0.0.1:8080/a", "http://127.0.0.1:8080/a");
    check("https://мектеп.қаз/жаңалық", "https://xn--e1aaogsq.xn--80ao21a/%D0%B6%D0%B0%D2%A3%D0%B0%D0%BB%D1%8B%D2%9B");
}

#[test]
fn keeps_what_names_another_page() {
    assert_ne!(canonical("https://a.kz/?id=1"), canonical("https://a.kz/?id=2"));
    assert_ne!(canonical("https://a.kz/News"), canonical("https://a.kz/news"));
    assert_ne!(canonical("https://ru.a.kz/1"), canonical("https://kk.a.kz/1"));
}

#[test]
fn readers_get_no_trackers_and_no_passwords() {
    let shown = |url: &str| topicwire::model::reader_link(Url::parse(url).unwrap()).to_string();
    assert_eq!(shown("https://me:secret@a.kz/1?id=2&utm_source=rss&b=%20#c"), "https://a.kz/1?id=2&b=%20#c");
    assert_eq!(shown("https://a.kz/1?utm_source=rss"), "https://a.kz/1");
    assert_eq!(shown("https://a.kz/1?b=2&a=1"), "https://a.kz/1?b=2&a=1");
}

#[test]
fn language_tags_are_put_in_canonical_case() {
    assert_eq!(Language::new("KK_latn-kz").unwrap().as_str(), "kk-Latn-KZ");
    assert!(Language::new("russian").is_err());
    assert!(Language::new("").is_err());
}

proptest! {
    #[test]
    fn the_canonical_url_is_a_fixed_point(
        host in "(www\\.|m\\.|amp\\.){0,3}[a-z]{1,8}\\.(kz|ru|com|co\\.uk)\\.?",
        path in "(/(amp|index\\.html|a|B\\.amp|%D0%B6|\\.\\.|)){0,5}(\\.amp\\.html|\\.amp|/amp\\.html|//)?",
        query in "(\\?|&|utm_a=1|amp|amp=1|b=2|a=%20|=|fbclid){0,6}",
    ) {
        let once = canonical(&format!("http://{host}{path}?{query}#x"));
        let twice = canonical(once.as_str());
        prop_assert_eq!(UrlHash::of(&once), UrlHash::of(&twice));
        prop_assert_eq!(once, twice);
    }
}

#[test]
fn a_fingerprint_is_stored_packed_and_read_in_either_form() {
    let article = StoredArticle { fingerprint: vec![0, 1, 0xfedc_ba98, u32::MAX], ..crate::store::article(1, &[]) };
    let packed = serde_json::to_value(&article).unwrap();
    assert_eq!(packed["fingerprint"], "AAAAAAEAAACYutz+/////w");
    assert_eq!(serde_json::from_value::<StoredArticle>(packed.clone()).unwrap(), article);
    let with = |fingerprint: serde_json::Value| {
        let mut record = packed.clone();
        record["fingerprint"] = fingerprint;
        serde_json::from_value::<StoredArticle>(record)
    };
    assert_eq!(with(serde_json::json!(article.fingerprint)).unwrap(), article, "as stores of before hold it");
    for wrong in ["AAAAAAE", "AAAA-AAA", "?"] {
        assert!(with(wrong.into()).is_err(), "{wrong}");
    }
}
