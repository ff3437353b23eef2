//! Pages in a browser, as far as that can be told without one: what they show, to whom, and that no text of an agency ever becomes more
//! than text. `browser.rs` looks at them with a browser.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt;
use proptest::prelude::*;
use scraper::{ElementRef, Html, Selector};
use tempfile::TempDir;
use topicwire::config::Config;
use topicwire::desk::Dossier;
use topicwire::model::{
    Article, BodySource, CanonicalUrl, Evidence, FeedId, FeedState, Field, Health, Instant, Language, Match, Republish, StoredArticle,
    TopicId, UrlHash,
};
use topicwire::pages::{self, Visit, Way};
use topicwire::publish::{self, Tongue};
use topicwire::serve::{self, Token, Wires};
use topicwire::store::{PollCommit, Store};
use tower::ServiceExt;
use url::Url;

const CONFIG: &str = r#"
[site]
title = "The desk"

[[feed]]
id = "agency"
name = "The Agency"
url = "https://agency.kz/rss"

[[feed]]
id = "strict"
name = "Strict Agency"
url = "https://strict.kz/rss"
republish = "summary"

[[feed]]
id = "links"
name = "Links Only"
url = "https://links.kz/rss"
republish = "link"

[[topic]]
id = "rights"
title = "Rights of the child"
rules = "ru 20: право NEAR/3 ребенок"
"#;

const TITLE: &str = "Права ребенка";
const TEXT: &str = "Совет обсудил школы.\nУполномоченный рассказал о правах ребёнка в интернатах.\nЗаседание закрыто.";
const HTML: &str = "<p>Совет обсудил <a href=\"https://agency.kz/s\">школы</a>.</p><figure><img src=\"https://agency.kz/i.jpg\" alt=\"Зал\"></figure>\
                    <p>Уполномоченный рассказал о <em>правах</em> ребёнка в интернатах.</p><p>Заседание закрыто.</p>";

pub(crate) fn article(number: usize, feed: &str) -> StoredArticle {
    let url = Url::parse(&format!("https://{feed}.kz/{number}")).unwrap();
    let canonical = CanonicalUrl::of(&url).unwrap();
    let key = UrlHash::of(&canonical);
    let time: Instant = format!("2025-03-{:02}T{:02}:00:00Z", number / 24 + 1, number % 24).parse().unwrap();
    let start = TEXT.find("правах").unwrap();
    let end = start + "правах ребёнка".len();
    let evidence =
        |field, start, end, text: &str| Evidence { field, start, end, text: text.into(), term: "право".into(), weight: 20.0 };
    StoredArticle {
        key,
        url: canonical,
        link: url,
        feed: FeedId::new(feed).unwrap(),
        agency: format!("{feed} agency"),
        entry_id: number.to_string(),
        first_seen: time,
        updated: time,
        article: Article {
            title: format!("{TITLE} {number}"),
            text: TEXT.into(),
            html: HTML.into(),
            published: Some(time.fixed_offset()),
            language: Some(Language::new("ru").unwrap()),
            ..Article::default()
        },
        body_source: BodySource::Page,
        note: None,
        matches: vec![Match {
            topic: TopicId::new("rights").unwrap(),
            score: 20.0,
            evidence: vec![evidence(Field::Title, 0, TITLE.len(), TITLE), evidence(Field::Body, start, end, "правах ребёнка")],
        }],
        story: key,
        fingerprint: Vec::new(),
        republish: Republish::Full,
        words: None,
        page: None,
        corrections: 0,
        withdrawn: None,
    }
}

/// A server over a store with these articles.
struct Desk {
    wires: Arc<Wires>,
    /// Kept as long as the desk.
    folder: TempDir,
}

impl Desk {
    fn new(config: &str, articles: Vec<StoredArticle>) -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open(folder.path()).unwrap();
        for article in articles {
            let state = store.feed_state(&article.feed).unwrap().unwrap_or_default();
            store.commit(&PollCommit::new(article.feed.clone(), FeedState { polls: state.polls + 1, ..state }, vec![article])).unwrap();
        }
        Self { wires: Arc::new(Wires::new(Arc::new(Config::parse(config).unwrap()), store)), folder }
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, Response<()>, String) {
        let answer = serve::router(Arc::clone(&self.wires)).oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        (parts.status, Response::from_parts(parts, ()), text)
    }

    async fn page(&self, path: &str) -> String {
        let (status, _, text) = self.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        text
    }

    async fn attempt(&self, form: &[(&str, &str)], headers: &[(&str, &str)]) -> String {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = headers.iter().fold(Request::post("/lab"), |request, (name, value)| request.header(*name, *value));
        let (status, _, text) = self.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{text}");
        text
    }
}

fn all<'a>(document: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    document.select(&Selector::parse(selector).unwrap()).collect()
}

fn texts(page: &str, selector: &str) -> Vec<String> {
    all(&Html::parse_document(page), selector).iter().map(|element| element.text().collect::<String>().trim().to_owned()).collect()
}

/// The law of every page: it can be used by everybody, and nothing in it is run, styled or loaded but our own files.
#[track_caller]
fn assert_sound(page: &str, tongue: &str) {
    let document = Html::parse_document(page);
    let attribute = |element: &ElementRef<'_>, name: &str| element.attr(name).unwrap_or_default().to_owned();
    assert_eq!(all(&document, "html")[0].attr("lang"), Some(tongue));
    for (selector, count) in [("h1", 1), ("main", 1), ("header nav[aria-label]", 1), ("footer", 1), ("head title", 1), ("a.skip", 1)] {
        assert_eq!(all(&document, selector).len(), count, "{selector} in {page}");
    }
    assert!(
        all(&document, "script, style, iframe, object, embed, video, audio, base, meta[http-equiv], img:not([alt])").is_empty(),
        "{page}"
    );
    let ours = ["icon.svg", "style-"];
    for element in all(&document, "*") {
        for (name, value) in element.value().attrs() {
            assert!(name != "style" && !name.starts_with("on") && name != "srcset" && name != "src", "{name} in {page}");
            let address = value.trim().to_lowercase();
            assert!(!matches!(name, "href" | "action") || !address.starts_with("javascript:") && !address.starts_with("data:"), "{value}");
        }
        if element.value().name() == "link" && element.attr("rel") != Some("alternate") {
            assert!(ours.iter().any(|ours| attribute(&element, "href").trim_start_matches("../").starts_with(ours)), "{page}");
        }
    }
    for control in all(&document, "input:not([type=hidden]), select, textarea") {
        let label = format!("label[for=\"{}\"]", attribute(&control, "id"));
        assert_eq!(all(&document, &label).len(), 1, "{label} in {page}");
    }
    for chart in all(&document, "svg") {
        assert_eq!(chart.attr("role"), Some("img"));
        assert!(!attribute(&chart, "aria-label").is_empty());
    }
    let mut ids: Vec<String> = all(&document, "[id]").iter().map(|element| attribute(element, "id")).collect();
    ids.sort();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count, "an id twice in {page}");
    for named in all(&document, "[aria-labelledby], [aria-describedby]") {
        let id = named.attr("aria-labelledby").or(named.attr("aria-describedby")).unwrap();
        assert!(ids.iter().any(|known| known == id), "{id}");
    }
}

#[tokio::test]
async fn every_page_is_sound_in_every_language() {
    let mut changed = article(0, "agency");
    changed.article.text = changed.article.text.replace("закрыто", "открыто");
    changed.corrections = 1;
    let failed = StoredArticle { note: Some("status 500".into()), body_source: BodySource::Summary, ..article(3, "agency") };
    let desk = Desk::new(CONFIG, vec![article(0, "agency"), changed, article(1, "strict"), article(2, "links"), failed]);
    let mut paths: Vec<String> = (0..4)
        .zip(["agency", "strict", "links", "agency"])
        .map(|(number, feed)| format!("/articles/{}", article(number, feed).key))
        .collect();
    let fixed = [
        "/",
        "/topics/rights.html",
        "/topics/rights.html?lang=ru&q=%D0%BF%D1%80%D0%B0%D0%B2%D0%BE&from=2025-01-01",
        "/agencies/agency.html",
        "/all.html",
        "/feeds",
        "/lab",
        "/lab?topic=rights",
        "/search",
        "/search?q=%D1%80%D0%B5%D0%B1%D0%B5%D0%BD%D0%BE%D0%BA",
        "/search?q=a+AND",
        "/articles/nothing",
        "/topics/other.html",
        "/topics/rights.html?from=yesterday",
        "/topics/rights.html?lang=kk,ru&min_score=1&limit=2",
        "/topics/rights.html?before=zz",
    ];
    paths.extend(fixed.map(str::to_owned));
    for path in &paths {
        for tongue in ["en", "ru", "kk"] {
            let request = Request::get(path).header("accept-language", tongue).body(Body::empty()).unwrap();
            let (_, answer, page) = desk.send(request).await;
            assert_sound(&page, tongue);
            let policy = answer.headers()["content-security-policy"].to_str().unwrap();
            assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe") && !policy.contains("http"), "{policy}");
            assert_eq!(answer.headers()["x-robots-tag"], "noindex, nofollow");
            assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
        }
    }
}

#[tokio::test]
async fn mistakes_are_told_in_the_reader_s_language() {
    let desk = Desk::new(CONFIG, Vec::new());
    let ask = async |path: &str, tongue: &str| {
        let request =
            Request::get(path).header("accept", "text/html,*/*;q=0.8").header("accept-language", tongue).body(Body::empty()).unwrap();
        desk.send(request).await
    };
    for (path, status, said) in [
        ("/topics/rights.html?from=yesterday", 400, ["write a day as in 2025-03-01", "день пишется так: 2025-03-01", "күн былай жазылады"]),
        ("/topics/rights.html?before=zz", 400, ["begin with the newest", "начните с новейших", "ең жаңасынан бастаңыз"]),
        (
            "/search?q=%D0%BF%D1%80%D0%B0%D0%B2%D0%BE&before=zz",
            400,
            ["begin with the newest", "начните с новейших", "ең жаңасынан бастаңыз"],
        ),
        ("/topics/rights.html?lang=%21", 400, ["write codes as in", "коды языков", "тіл кодтары"]),
        ("/topics/rights.html?min_score=x", 400, ["write a number", "число пишется так", "сан былай"]),
        ("/topics/rights.html?limit=0", 400, ["write a whole number", "нужно целое число", "бүтін сан керек"]),
        ("/topics/rights.html?agency=A%20B", 400, ["no such agency", "такого агентства нет", "мұндай агенттік жоқ"]),
        ("/nothing", 404, ["There is nothing", "ничего нет", "ештеңе жоқ"]),
        ("/nothing/at/all", 404, ["There is nothing", "ничего нет", "ештеңе жоқ"]),
        ("/topics/nothing", 404, ["There is nothing", "ничего нет", "ештеңе жоқ"]),
    ] {
        for (tongue, said) in ["en", "ru", "kk"].into_iter().zip(said) {
            let (answered, _, page) = ask(path, tongue).await;
            assert_eq!(answered, status, "{path}");
            assert!(page.contains(said) && !page.contains("invalid"), "{path} {tongue}: {page}");
            assert_sound(&page, tongue);
        }
    }
    let (_, _, page) = ask("/nothing/at/all", "en").await;
    assert!(page.contains("href=\"../.././\""), "it leads home: {page}");
    let (status, _, text) = desk.send(Request::get("/nothing/at/all").body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(text.starts_with("there is nothing at this address"), "programs get a line: {text}");
}

#[tokio::test]
async fn the_stylesheet_can_be_kept_for_ever() {
    let desk = Desk::new(CONFIG, Vec::new());
    let page = desk.page("/topics/rights.html").await;
    let address = all(&Html::parse_document(&page), "link[rel=stylesheet]")[0].attr("href").unwrap().replace("../", "/");
    let (status, answer, text) = desk.send(Request::get(address).body(Body::empty()).unwrap()).await;
    assert_eq!((status, text.as_str()), (StatusCode::OK, publish::STYLESHEET));
    assert!(answer.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    assert_eq!(answer.headers()["content-type"], "text/css; charset=utf-8");
}

/// The custom properties of a block of the stylesheet.
fn palette(block: &str) -> std::collections::BTreeMap<&str, [f64; 3]> {
    let lines = block.lines().filter_map(|line| line.trim().strip_prefix("--")?.strip_suffix(';')?.split_once(": #"));
    let colour = |digits: &str| [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&digits[at..at + 2], 16).unwrap()) / 255.0);
    lines.map(|(name, digits)| (name, colour(digits))).collect()
}

/// WCAG 2.2, relative luminance.
fn luminance(colour: [f64; 3]) -> f64 {
    let [red, green, blue] = colour.map(|part| if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[test]
fn both_themes_can_be_read() {
    let (light, dark) = publish::STYLESHEET.split_once("@media (prefers-color-scheme: dark)").unwrap();
    let (light, dark) = (palette(light), palette(dark.split_once("\n}\n").unwrap().0));
    assert_eq!(light.keys().collect::<Vec<_>>(), dark.keys().collect::<Vec<_>>());
    let text = |ink: &'static str| [(ink, "paper", 4.5), (ink, "card", 4.5)];
    let mut pairs = ["ink", "quiet", "link", "seen", "accent", "good", "bad"].map(text).concat();
    pairs.extend([("on-accent", "accent", 4.5), ("on-mark", "mark", 4.5), ("on-added", "added", 4.5), ("on-removed", "removed", 4.5)]);
    // What is not text, but must be seen (WCAG 2.2, 1.4.11).
    pairs.extend([("field", "card", 3.0), ("field", "paper", 3.0)]);
    for theme in [light, dark] {
        for (ink, paper, least) in &pairs {
            let (one, other) = (luminance(theme[ink]), luminance(theme[paper]));
            let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
            assert!(contrast >= *least, "{ink} on {paper}: {contrast:.2}");
        }
    }
    let focus = publish::STYLESHEET.lines().find(|line| line.starts_with(":focus-visible")).unwrap();
    assert!(focus.contains("outline: 3px solid var(--accent)"));
    assert!(!publish::STYLESHEET.contains("outline: none") && !publish::STYLESHEET.contains("url("));
}

#[tokio::test]
async fn words_that_counted_are_marked_where_they_stand() {
    let desk = Desk::new(CONFIG, vec![article(0, "agency")]);
    let page = desk.page("/topics/rights.html").await;
    assert_eq!(texts(&page, ".entry mark"), [TITLE, "правах ребёнка"]);
    let page = desk.page(&format!("/articles/{}", article(0, "agency").key)).await;
    assert_eq!(texts(&page, "h1 mark"), [TITLE]);
    assert_eq!(texts(&page, ".body mark"), ["правах", "ребёнка"]);
    assert_eq!(texts(&page, ".body em mark"), ["правах"]);
    let document = Html::parse_document(&page);
    assert_eq!(all(&document, ".body figure a")[0].attr("href"), Some("https://agency.kz/i.jpg"));
    assert_eq!(texts(&page, ".body figure a"), ["Picture: Зал"]);
}

#[tokio::test]
async fn no_more_is_shown_than_the_agency_allows() {
    let desk = Desk::new(CONFIG, vec![article(0, "agency"), article(1, "strict"), article(2, "links")]);
    for (number, feed, beginning, middle) in [(0, "agency", true, true), (1, "strict", true, false), (2, "links", false, false)] {
        for path in [
            format!("/articles/{}", article(number, feed).key),
            format!("/agencies/{feed}.html"),
            format!("/topics/rights.html?agency={feed}"),
            "/search?q=%D0%B8%D0%BD%D1%82%D0%B5%D1%80%D0%BD%D0%B0%D1%82".into(),
        ] {
            let page = desk.page(&path).await;
            let own: Vec<String> =
                texts(&page, "article").into_iter().filter(|entry| entry.contains(&format!("{TITLE} {number}"))).collect();
            let sections = texts(&page, "section").concat();
            let text = own.concat() + if path.starts_with("/articles") { &sections } else { "" };
            assert!(text.contains(TITLE), "{path}: {page}");
            assert_eq!(text.contains("рассказал"), middle, "{path}: {text}");
            if path.starts_with("/articles") || !middle {
                assert_eq!(text.contains("Совет обсудил"), beginning, "{path}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn an_article_says_what_it_said_before_and_what_failed() {
    let mut changed = article(0, "agency");
    changed.article.text = changed.article.text.replace("закрыто", "открыто");
    changed.updated += chrono::TimeDelta::hours(1);
    changed.corrections = 1;
    let failed = StoredArticle { note: Some("status 500".into()), body_source: BodySource::Summary, ..article(1, "agency") };
    let copy = StoredArticle { story: article(0, "agency").key, ..article(2, "strict") };
    let desk = Desk::new(CONFIG, vec![article(0, "agency"), changed, failed, copy]);
    let page = desk.page(&format!("/articles/{}", article(0, "agency").key)).await;
    assert_eq!(texts(&page, "del"), ["removed: закрыто."]);
    assert_eq!(texts(&page, "ins"), ["added: открыто."]);
    assert!(texts(&page, "#carriers + ul a")[0].contains(&format!("{TITLE} 2")));
    let page = desk.page(&format!("/articles/{}", article(1, "agency").key)).await;
    assert!(texts(&page, ".notice")[0].contains("status 500"));
}

#[tokio::test]
async fn a_failure_is_told_without_what_only_the_desk_may_know() {
    let reason = "`https://api.agency.kz/rss?key=hun`ter2` cannot be asked: `api.agency.kz` is at 10.1.2.3, which is not public; see `http://[fd00::1]:9/x`";
    let expected = "`api.agency.kz` cannot be asked: `api.agency.kz` is at …, which is not public; see `[fd00::1]`";
    let failed = StoredArticle { note: Some(reason.into()), body_source: BodySource::Summary, ..article(0, "agency") };
    let (path, since) = (format!("/articles/{}", failed.key), failed.first_seen);
    let desk = Desk::new(CONFIG, vec![failed]);
    let (store, agency) = (desk.wires.desk().store.unwrap(), FeedId::new("agency").unwrap());
    let health = Health::Failing { failures: std::num::NonZeroU32::MIN, since, reason: reason.into() };
    store.commit(&PollCommit::new(agency, FeedState { health, ..FeedState::default() }, Vec::new())).unwrap();
    for path in ["/feeds", &path] {
        let page = desk.page(path).await;
        assert!(texts(&page, "p.quiet span").iter().any(|text| text == expected), "{page}");
        assert!(!page.contains("ter2") && !page.contains("10.1.2.3"), "{page}");
    }
}

#[tokio::test]
async fn a_wire_is_filtered_and_leafed_through() {
    let mut articles: Vec<StoredArticle> =
        (0..60).map(|number| article(number, if number % 2 == 0 { "agency" } else { "strict" })).collect();
    articles[7].article.language = Some(Language::new("kk").unwrap());
    articles[9].article.text = "Президент подписал закон о школьном питании.".into();
    let desk = Desk::new(CONFIG, articles);
    let check = async |query: &str, expected: usize| {
        let (mut path, mut titles, mut pages) = (format!("/topics/rights.html?{query}"), Vec::new(), 0);
        loop {
            let page = desk.page(&path).await;
            titles.extend(texts(&page, ".entry h2"));
            pages += 1;
            let document = Html::parse_document(&page);
            let Some(next) = all(&document, "a[rel=next]").first().map(|link| link.attr("href").unwrap().replace("../", "/")) else {
                break;
            };
            path = next;
        }
        let mut once = titles.clone();
        once.sort();
        once.dedup();
        assert_eq!((titles.len(), once.len()), (expected, expected), "{query}");
        assert_eq!(pages, expected.div_ceil(25).max(1), "{query}");
    };
    check("", 60).await;
    check("agency=strict", 30).await;
    check("lang=kk", 1).await;
    check("from=2025-03-02&to=2025-03-02", 24).await;
    check("q=%D0%BF%D0%BE%D0%B4%D0%BF%D0%B8%D1%81%D0%B0%D1%82%D1%8C+%D0%B7%D0%B0%D0%BA%D0%BE%D0%BD%D1%8B", 1).await;
    check("lang=en", 0).await;
}

#[tokio::test]
async fn the_index_says_how_fresh_each_topic_is() {
    let now: Instant = std::time::SystemTime::now().into();
    let old = article(0, "agency");
    let aged = |number: usize, hours: i64| {
        let mut young = article(number, "agency");
        young.article.published = Some((now - chrono::TimeDelta::hours(hours)).fixed_offset());
        young
    };
    let desk = Desk::new(CONFIG, vec![old, aged(1, 2), aged(2, 70)]);
    let page = desk.page("/").await;
    assert_eq!(texts(&page, ".figures dd"), ["2 h ago", "1", "2", "3"]);
    let document = Html::parse_document(&page);
    let offered: Vec<&str> = all(&document, "head link[rel=alternate]").iter().filter_map(|link| link.attr("href")).collect();
    assert!(offered.contains(&"topics/rights.atom") && offered.contains(&"all.json"), "{offered:?}");
}

const RULES: [(&str, &str); 4] = [("topic", "rights"), ("rules", "ru 20: школа"), ("threshold", "12"), ("days", "3650")];

#[tokio::test]
async fn the_rule_lab_shows_what_rules_would_do() {
    let mut other = article(1, "agency");
    other.matches.clear();
    let mut without = article(2, "agency");
    without.article.text = "Права ребёнка обсуждались.".into();
    let desk = Desk::new(CONFIG, vec![article(0, "agency"), other, without]);
    let page = desk.page("/lab?topic=rights").await;
    assert!(texts(&page, "textarea")[0].contains("право NEAR/3 ребенок"));
    let page = desk.attempt(&RULES, &[]).await;
    assert_sound(&page, "en");
    assert_eq!(texts(&page, "#result + dl dd"), ["3", "1", "1", "1"]);
    assert_eq!(texts(&page, "[aria-labelledby=added] h4"), [format!("{TITLE} 1")]);
    assert_eq!(texts(&page, "[aria-labelledby=removed] h4"), [format!("{TITLE} 2")]);
    assert_eq!(texts(&page, "textarea"), ["ru 20: школа"]);

    let wrong = [("topic", "rights"), ("rules", "ru 20: школа\nru 5: (учитель AND"), ("threshold", "12"), ("days", "30")];
    let page = desk.attempt(&wrong, &[]).await;
    assert!(texts(&page, "[role=alert]")[0].contains("line 2, column"), "{page}");
    assert!(!page.contains("id=\"result\""));
    let page = desk.attempt(&[("topic", "rights"), ("rules", "ru 20: школа"), ("threshold", "much"), ("days", "30")], &[]).await;
    assert!(texts(&page, "[role=alert]")[0].contains("Write a number"));
}

#[tokio::test]
async fn the_rule_lab_is_not_for_strangers() {
    let public = CONFIG.replace("[site]", "[site]\naddress = \"https://desk.example/\"");
    let desk = Desk::new(&public, vec![article(0, "agency")]);
    let page = desk.attempt(&RULES, &[]).await;
    assert!(!page.contains("id=\"result\"") && texts(&page, ".notice")[0].contains("admin_token"), "{page}");

    let desk = Desk::new(&public, vec![article(0, "agency")]);
    let wires = Wires::new(desk.wires.desk().config, desk.wires.desk().store.unwrap()).with_admin(Token::new("secret"));
    let desk = Desk { wires: Arc::new(wires), folder: desk.folder };
    for (token, refused) in [("secret", false), ("other", true), ("", true)] {
        let form = [&RULES[..], &[("token", token)]].concat();
        assert_eq!(desk.attempt(&form, &[]).await.contains("This is not the admin token."), refused, "{token}");
    }
    // The socket stays where it was when another configuration is saved.
    let exposed =
        "[serve]\nlisten = \"0.0.0.0:8080\"\n".to_owned() + &CONFIG.replace("[site]", "[site]\naddress = \"http://127.0.0.1:8080/\"");
    for (first, second, open) in [(&*exposed, CONFIG, false), (CONFIG, &public, false), (CONFIG, CONFIG, true)] {
        let desk = Desk::new(first, vec![article(0, "agency")]);
        desk.wires.configured(Arc::new(Config::parse(second).unwrap()));
        assert_eq!(desk.attempt(&RULES, &[]).await.contains("id=\"result\""), open, "{first}");
    }
    let desk = Desk::new(CONFIG, vec![article(0, "agency")]);
    for (headers, foreign) in [
        (vec![("sec-fetch-site", "cross-site")], true),
        (vec![("sec-fetch-site", "same-origin")], false),
        (vec![("origin", "https://evil.example"), ("host", "127.0.0.1:8080")], true),
        (vec![("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")], false),
    ] {
        assert_eq!(desk.attempt(&RULES, &headers).await.contains("sent from another site"), foreign, "{headers:?}");
    }
    let large = Request::post("/lab").body(Body::from("x".repeat(1 << 20))).unwrap();
    assert_eq!(desk.send(large).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn searching_finds_every_form_of_a_word() {
    let mut other = article(1, "agency");
    other.article.text = "Президент подписал закон о школьном питании.".into();
    let desk = Desk::new(CONFIG, vec![article(0, "agency"), other]);
    for (query, expected) in [
        ("подписать", vec![1]),
        ("законы подписывать", vec![]),
        ("законы питание", vec![1]),
        ("интернат | закон", vec![1, 0]),
        ("title:права AND NOT закон", vec![0]),
        ("=правах", vec![0]),
    ] {
        let query = url::form_urlencoded::byte_serialize(query.as_bytes()).collect::<String>();
        let page = desk.page(&format!("/search?q={query}")).await;
        let expected: Vec<String> = expected.into_iter().map(|number| format!("{TITLE} {number}")).collect();
        assert_eq!(texts(&page, ".entry h2"), expected, "{query}");
    }
    let page = desk.page("/search?q=(a").await;
    assert!(texts(&page, "[role=alert]")[0].contains("line 1, column"), "{page}");
}

/// What agencies have sent, and what somebody might.
fn nasty() -> impl Strategy<Value = String> {
    let pieces = vec![
        "]]>",
        "<![CDATA[",
        "\u{0}",
        "\u{202e}",
        "\u{ffff}",
        "&amp;",
        "&lt;script&gt;",
        "<",
        ">",
        "\"",
        "'",
        "<b>",
        "</p>",
        "<p>",
        "<h1>",
        "</main>",
        "<script>alert(1)</script>",
        "<style>*{}</style>",
        "<img src=x onerror=alert(1)>",
        "<a href=\"javascript:alert(1)\" onclick=x style=y>",
        "<svg onload=alert(1)>",
        "<iframe src=https://evil.example>",
        "<base href=//evil>",
        "<meta http-equiv=refresh>",
        "<ul><li>",
        "<table><tr><td>",
        "<textarea>",
        "<title>",
        "<!--",
        "-->",
        "</style>",
        "</script>",
        "<plaintext>",
        "🙂",
        "слово ",
        "\n",
        " ",
        "<form action=x><input id=q>",
        "<img src='https://agency.kz/a.jpg' alt='\"><script>'>",
    ];
    proptest::collection::vec(proptest::sample::select(pieces), 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_becomes_more_than_text(title in nasty(), text in nasty(), html in nasty(), agency in nasty(), note in nasty(), spans in proptest::collection::vec((0_usize..60, 0_usize..60), 0..4)) {
        let config = Config::parse(CONFIG).unwrap();
        let mut stored = article(0, "agency");
        (stored.article.title, stored.article.text, stored.article.html) = (title, text, html);
        stored.agency = agency;
        stored.article.authors = vec![note.clone()];
        stored.note = Some(note);
        for (start, end) in spans {
            stored.matches[0].evidence.push(Evidence { field: Field::Body, start, end, text: "x".into(), term: "x".into(), weight: 1.0 });
        }
        let dossier = Dossier { id: publish::entry_id(stored.key), article: stored, versions: Vec::new(), carriers: Vec::new(), watch: None };
        let now = dossier.article.first_seen;
        let visit = Visit { site: &config.site, tongue: Tongue::Kazakh, now, root: "../", way: Way::Served { token: None } };
        assert_sound(&pages::article(&visit, &config, &dossier), "kk");
    }
}
