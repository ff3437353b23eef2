//! What pages claim in JSON-LD: of which article they speak, and how broken it may be.

use std::time::Duration;

use cpu_time::ThreadTime;
use proptest::prelude::*;
use topicwire::extract::{Page, SiteRules, extract};
use topicwire::model::Article;
use url::Url;

const TITLE: &str = "Школы города отремонтируют до конца года";
const OWN: &str = "https://news.example/a/story";
/// What the page's own article says besides its names.
const FACTS: &str = r#""datePublished":"2025-11-26T15:22:00+05:00","author":{"@type":"Person","name":"Айгуль Сарсенова"},"image":"https://news.example/i.jpg""#;
const OTHER_FACTS: &str = r#""datePublished":"2020-01-01T10:00:00+05:00","author":"Чужой Автор","image":"https://news.example/other.jpg""#;

fn page(head: &str) -> String {
    let prose = "Совет города в среду обсудил ремонт школы и после долгого спора решил продолжить работы до конца учебного года. ";
    let paragraphs: String = (1..=6).map(|number| format!("<p>{number}. {prose}</p>")).collect();
    format!(
        "<!doctype html><html lang=ru><head><title>{TITLE}</title>{head}</head>\
         <body><main><h1>{TITLE}</h1><article>{paragraphs}</article></main></body></html>"
    )
}

fn read_at(url: &str, head: &str) -> Article {
    let url = Url::parse(url).unwrap();
    let html = page(head);
    let page = Page { html: html.as_bytes(), url: &url, content_type: None, entry: None, timezone: None, fetched_at: None };
    extract(&page, &SiteRules::default()).unwrap()
}

fn script(json: &str) -> String {
    format!("<script type=\"application/ld+json\">{json}</script>")
}

/// The day, the author and the picture that were read of JSON-LD.
fn facts(article: &Article) -> Vec<String> {
    let day = article.published.map(|time| time.date_naive().to_string());
    let picture = article.image.as_ref().map(|url| url.path().to_owned());
    [day, article.authors.first().cloned(), picture].into_iter().flatten().collect()
}

#[track_caller]
fn check_facts(head: &str, expected: &[&str]) {
    assert_eq!(facts(&read_at(OWN, head)), expected, "{head}");
}

const OWN_FACTS: [&str; 3] = ["2025-11-26", "Айгуль Сарсенова", "/i.jpg"];

fn own(names: &str) -> String {
    format!(r#"{{"@type":"NewsArticle",{names},{FACTS}}}"#)
}

fn other(names: &str) -> String {
    format!(r#"{{"@type":"NewsArticle",{names},{OTHER_FACTS}}}"#)
}

const OTHER: &str = r#""headline":"Совсем другая новость","url":"https://news.example/a/other""#;

#[test]
fn another_article_is_not_taken_for_the_pages_own() {
    let (own_by_title, own_by_url) = (own(&format!(r#""headline":"{TITLE}""#)), own(r#""url":"https://news.example/a/story""#));
    let by_main_entity = own(r#""mainEntityOfPage":{"@type":"WebPage","@id":"https://news.example/a/story"}"#);
    let other = other(OTHER);
    check_facts(&script(&other), &[]);
    check_facts(&script(&other.replace("url", "mainEntityOfPage")), &[]);
    check_facts(&script(&other.replace("\"url\":\"https://news.example", "\"url\":\"")), &[]);
    for own in [&own_by_title, &own_by_url, &by_main_entity] {
        check_facts(&script(&format!("[{other},{own}]")), &OWN_FACTS);
        check_facts(&(script(&other) + &script(own)), &OWN_FACTS);
        check_facts(&script(&format!(r#"{{"@graph":[{other},{{"@type":"WebSite","name":"N"}},{own}]}}"#)), &OWN_FACTS);
    }
}

#[test]
fn a_part_of_a_page_is_not_the_article() {
    let other = r#"{"@type":"NewsArticle","headline":"Другая новость о погоде","datePublished":"2024-01-01T10:00:00+05:00"}"#;
    let day = ["2025-11-26"];
    check_facts(&script(&format!(r#"{{"@type":"WebPage","hasPart":[{other}],"datePublished":"2025-11-26T15:22:00+05:00"}}"#)), &day);
    let film = r#"{"@type":"VideoObject","name":"Видео","uploadDate":"2020-01-01"}"#;
    check_facts(&script(&format!(r#"[{film},{{"@type":"WebPage","datePublished":"2025-11-26T15:22:00+05:00"}}]"#)), &day);
    let film = format!(r#"{{"@type":"VideoObject","name":"{TITLE}","uploadDate":"2025-11-26T15:22:00+05:00"}}"#);
    check_facts(&script(&format!(r#"[{{"@type":"WebPage","name":"{TITLE}"}},{film}]"#)), &day);
}

#[test]
fn only_a_clear_contradiction_excludes() {
    let addresses = [
        "http://www.news.example/a/story/",
        "https://news.example/a/story?utm_source=rss",
        "https://news.example/a/story?session=1",
        "https://m.news.example/a/story/amp",
        "https://mirror.example/a/story",
        "https://news.example/",
        "https://news.example/a/story#article",
        "/a/story",
    ];
    for key in ["url", "@id", "mainEntityOfPage"] {
        for address in addresses {
            check_facts(&script(&own(&format!(r#""headline":"Переписано для поиска","{key}":"{address}""#))), &OWN_FACTS);
        }
    }
    // The same headline, reworded, or another one without an address.
    check_facts(&script(&own(&format!(r#""headline":"{TITLE} | Новости","url":"https://news.example/?p=7""#))), &OWN_FACTS);
    check_facts(&script(&own(r#""headline":"Совсем другая новость""#)), &OWN_FACTS);
    check_facts(&script(&own(r#""url":"https://news.example/a/other""#)), &OWN_FACTS);
    // The canonical address is the page's own too; a front page tells nothing of itself.
    let canonical = "<link rel=\"canonical\" href=\"https://news.example/a/other\">";
    check_facts(&(canonical.to_owned() + &script(&own(OTHER))), &OWN_FACTS);
    assert_eq!(facts(&read_at("https://news.example/", &script(&own(OTHER)))), OWN_FACTS);
}

#[test]
fn broken_json_is_read_as_far_as_it_goes() {
    let good = format!(r#"{{"@context":"https://schema.org","@type":"NewsArticle","headline":"{TITLE}",{FACTS}}}"#);
    let inner = &good[..good.len() - 1];
    let before = |field: &str| good.replacen("\"@type\":\"NewsArticle\"", &format!("\"@type\":\"NewsArticle\",{field}"), 1);
    let cases = [
        ("trailing comma", format!("{inner},}}")),
        ("line break in a text", good.replace("отремонтируют", "отремонти\nруют")),
        ("tab in a text", good.replace("Айгуль ", "Айгуль\t")),
        ("quotes in a headline", good.replace("Школы города", "Школы \"города\"")),
        ("quotes in a description", before(r#""description":"Он сказал "нет" и ушёл""#)),
        ("quotes before a comma", before(r#""description":"Он сказал "нет", и ушёл""#)),
        ("quotes at the end", before(r#""description":"Он сказал "нет"""#)),
        ("quotes in a list", before(r#""keywords":["Завод "Заря" в городе","школы"]"#)),
        ("markup in a text", before(r#""articleBody":"<a href="https://x.example/">здесь</a>, и там""#)),
        ("cut off after a value", inner.to_owned()),
        ("cut off in a value", format!(r#"{inner},"description":"Совет гор"#)),
        ("single quotes", good.replace('"', "'")),
        ("typographic quotes", good.replace('"', "”")),
        ("entities", good.replace('"', "&quot;")),
        ("missing comma", good.replace(r#","author""#, r#" "author""#)),
        ("missing comma, new line", good.replace(r#","author""#, "\n  \"author\"")),
        ("double comma", good.replace(r#","author""#, r#",,"author""#)),
        ("line comment", format!("// made by a template\n{good}")),
        ("line comment inside", good.replace(r#","author""#, ", // who\n\"author\"")),
        ("block comment", good.replace(r#""author""#, r#"/* who, "when": */ "author""#)),
        ("CDATA in comments", format!("/* <![CDATA[ */\n{good}\n/* ]]> */")),
        ("CDATA in line comments", format!("//<![CDATA[\n{good}\n//]]>")),
        ("CDATA on one line", format!("//<![CDATA[{good}//]]>")),
        ("HTML comment", format!("<!--{good}-->")),
        ("unquoted names", good.replace("\"author\":", "author:").replace("\"image\":", "image :")),
        ("byte order mark", format!("\u{feff}{good}")),
        ("no value", before(r#""description":"#)),
        ("undefined", before(r#""description":undefined"#)),
        ("None", before(r#""description":None"#)),
        ("bad escape", good.replace("Айгуль ", r"Айгуль\ ")),
        ("bad code", before(r#""description":"\uZZZZ""#)),
        ("list without brackets", format!(r#"{{"@type":"WebSite","name":"N"}},{good}"#)),
        ("one after the other", format!(r#"{{"@type":"WebSite","name":"N"}}{good}"#)),
        ("bracket too many", format!("{good}}}")),
        ("bracket too few in a list", format!(r#"{{"@graph":[{{"@type":"WebSite","name":"N"}},{good}}}"#)),
        ("bracket too few in an object", format!(r#"{{"@graph":[{inner},"publisher":{{"name":"N"]}}"#)),
        ("assignment", format!("var data = {good};")),
        ("semicolon", format!("{good};")),
    ];
    for (name, json) in cases {
        assert_eq!(facts(&read_at(OWN, &script(&json))), OWN_FACTS, "{name}: {json}");
    }
}

#[test]
fn what_looks_like_a_comment_in_a_text_is_none() {
    let json = format!(r#"{{"@type":"NewsArticle","headline":"{TITLE}","articleSection":"Город // край /* область",{FACTS},}}"#);
    assert_eq!(read_at(OWN, &script(&json)).section.as_deref(), Some("Город // край /* область"));
}

#[test]
fn a_value_that_is_cut_off_is_none() {
    let json = format!(r#"{{"@type":"NewsArticle","headline":"{TITLE}","author":"Айгуль Сарсенова","image":"https://news.exa"#);
    assert_eq!(facts(&read_at(OWN, &script(&json))), ["Айгуль Сарсенова"]);
}

#[test]
fn broken_json_costs_time_in_proportion() {
    let hostile = [
        "{",
        "[",
        "{\"a\":",
        "\"",
        "\" ",
        "\",\"",
        "{\"a\":\"\" /*",
        "\\",
        "//",
        "/*",
        "{'",
        "a:",
        "{\"@type\":\"NewsArticle\"},",
        "\"\":",
        "“",
    ];
    for piece in hostile {
        let json = format!("{{\"@type\":\"NewsArticle\",\"name\":\"{}", piece.repeat(500_000 / piece.len()));
        let start = ThreadTime::now();
        read_at(OWN, &script(&json));
        assert!(start.elapsed() < Duration::from_secs(3), "{piece:?} took {:?}", start.elapsed());
    }
}

#[test]
fn rel_is_a_list_of_words_in_any_case() {
    let canonical =
        |rel: &str| read_at(OWN, &format!("<link rel=\"{rel}\" href=\"/a/canonical\">")).canonical.map(|url| url.path().to_owned());
    for rel in ["canonical", "Canonical", "canonical nofollow", "shortlink  CANONICAL"] {
        assert_eq!(canonical(rel).as_deref(), Some("/a/canonical"), "{rel}");
    }
    assert_eq!(canonical("non-canonical"), None);
}

proptest! {
    #[test]
    fn any_script_is_survived(json in "([{}\\[\\]:,'\"/*\\\\ a\n]|\"@type\":\"NewsArticle\"|\"headline\":|\\\\u|NaN|&quot;|“|ж){0,60}", any in any::<Vec<u8>>()) {
        read_at(OWN, &script(&json));
        read_at(OWN, &script(&String::from_utf8_lossy(&any)));
    }
}
