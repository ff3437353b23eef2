//! Agencies, and everything, that are for those who know a token: what such a wire alone has told shows nowhere else.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use tempfile::TempDir;
use topicwire::config::Config;
use topicwire::desk::{Archived, Desk, Question, Search, Wire};
use topicwire::model::{FeedId, Scope, StoredArticle, UrlHash};
use topicwire::publish::Format;
use topicwire::serve::{Token, Wires};
use topicwire::site::{ArticlePages, Site, WirePages};
use topicwire::store::Store;

use crate::closed::{basic, get};
use crate::conditional::CONFIG;
use crate::store::{article, key, poll};

const QUIET: &str = "[[feed]]\nid = \"hush\"\nname = \"Hushed agency\"\nurl = \"https://q.kz/rss\"\ntoken = \"file:one\"\n";
const ALL: &str = "[all]\ntoken = \"file:all\"\n";
/// Told by the quiet agency alone; told by it first, and by the other one then; the other way round; on an open topic.
const ALONE: u32 = 1;
const FIRST: (u32, u32) = (4, 5);
const SECOND: (u32, u32) = (6, 7);
const ON_TOPIC: u32 = 2;

struct Closed {
    wires: Arc<Wires>,
    desk: Desk,
    _folder: TempDir,
}

/// An article of the agency whose wire is closed.
fn quiet(number: u32, topics: &[&str]) -> StoredArticle {
    let mut quiet = StoredArticle { feed: FeedId::new("hush").unwrap(), agency: "Hushed agency".into(), ..article(number, topics) };
    quiet.article.title = format!("Скрытое {number}");
    quiet
}

fn copy(of: u32, article: StoredArticle) -> StoredArticle {
    StoredArticle { story: key(of), ..article }
}

impl Closed {
    fn new(config: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let hub = "[site]\naddress = \"https://desk.example\"\n[serve]\nhub = \"own\"\n";
        let config = Arc::new(Config::parse(&format!("{hub}{config}")).unwrap());
        let store = Store::open(folder.path()).unwrap();
        let (first, second) = (quiet(FIRST.0, &[]), article(SECOND.0, &[]));
        store.commit(&poll(1, vec![quiet(ALONE, &[]), quiet(ON_TOPIC, &["a"]), article(3, &[]), first, second])).unwrap();
        store.commit(&poll(2, vec![copy(FIRST.0, article(FIRST.1, &[])), copy(SECOND.0, quiet(SECOND.1, &[]))])).unwrap();
        store.commit(&poll(3, (10..70).map(|number| article(number, &[])).collect())).unwrap();
        let tokens = |token| Vec::from_iter(Token::new(token));
        let agency = Scope::Agency(FeedId::new("hush").unwrap());
        let wires = Wires::new(Arc::clone(&config), store.clone());
        let wires = wires.with_tokens([(agency, tokens("sesame")), (Scope::All, tokens("barley"))].into());
        Self { wires: Arc::new(wires), desk: Desk { config, store: Some(store) }, _folder: folder }
    }

    async fn get(&self, path: &str, authorization: &str) -> (StatusCode, HeaderMap, String) {
        get(&self.wires, path, authorization).await
    }

    async fn read(&self, path: &str) -> String {
        let (status, _, body) = self.get(path, "").await;
        assert_eq!(status, StatusCode::OK, "{path}");
        body
    }
}

/// The search for a word.
fn search(word: &str) -> String {
    format!("/search?{}", url::form_urlencoded::Serializer::new(String::new()).append_pair("q", word).finish())
}

/// What strangers can open that has or lists articles.
fn open_addresses() -> Vec<String> {
    let wires = ["topics/a", "agencies/agency", "all"].iter();
    let mut addresses: Vec<String> = wires.flat_map(|wire| ["atom", "rss", "json", "html"].map(|form| format!("/{wire}.{form}"))).collect();
    addresses.extend(["atom", "rss", "json"].map(|form| format!("/all/archive/1.{form}")));
    addresses.extend(["/", "/feeds", "/lab", "/wires.opml", "/all.html?limit=200", "/all.atom?limit=200"].map(str::to_owned));
    addresses.extend(["права", "скрытое"].map(search));
    addresses.extend([ON_TOPIC, FIRST.1, SECOND.0, 3].map(|number| format!("/articles/{}", key(number))));
    addresses
}

/// Whether a page or a document has that article, or leads to it.
fn says(text: &str, number: u32) -> bool {
    let signs = [format!("{number}<"), format!("{number}\""), format!("/{number}\""), key(number).to_string()];
    signs.iter().any(|sign| text.contains(&format!("Скрытое {sign}")) || text.contains(&format!("Права детей {sign}")))
        || text.contains(&signs[3])
}

#[tokio::test]
async fn what_it_alone_has_told_shows_nowhere_else() {
    let site = Closed::new(&format!("{CONFIG}{QUIET}"));
    for path in open_addresses() {
        let body = site.read(&path).await;
        for number in [ALONE, FIRST.0, SECOND.1] {
            assert!(!says(&body, number), "{path}: {number}: {body}");
        }
        assert!(!body.contains("hush"), "{path}: {body}");
    }
    // Others tell what it told first; and what is on an open topic is for everybody.
    for path in ["/all.atom?limit=200", "/all/archive/1.json"] {
        let body = site.read(path).await;
        assert!([ON_TOPIC, FIRST.1, SECOND.0].iter().all(|number| says(&body, *number)), "{path}: {body}");
    }
    let mut pages = site.read("/all.html?limit=60").await;
    pages += &site
        .read(
            &pages
                .split("rel=\"next\"")
                .next()
                .unwrap()
                .rsplit("href=\"")
                .next()
                .unwrap()
                .replace("&amp;", "&")
                .replace("all", "/all")
                .replace("\" ", ""),
        )
        .await;
    assert_eq!(pages.matches("<article").count(), 60 + 4, "each story once");
    assert!(says(&site.read("/topics/a.rss").await, ON_TOPIC) && says(&site.read(&search("скрытое")).await, ON_TOPIC));
    let found = site.read(&search("права")).await;
    assert!(!says(&found, FIRST.0), "{found}");
    let rejected = site.get(&format!("/articles/{}", key(ALONE)), "").await;
    assert_eq!(rejected, site.get(&format!("/articles/{}", key(999)), "").await, "nobody learns that it is there");
    assert_eq!(rejected.0, StatusCode::UNAUTHORIZED);
    for path in ["hush.atom", "hush.html", "hush/archive/1.rss", "none.json"] {
        assert_eq!(site.get(&format!("/agencies/{path}"), "Bearer wrong").await.0, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert_eq!(site.get(&format!("/articles/{}", key(ALONE)), "Bearer barley").await.0, StatusCode::UNAUTHORIZED, "of a wire that is open");
}

#[tokio::test]
async fn who_knows_its_token_reads_it_and_its_articles() {
    let site = Closed::new(&format!("{CONFIG}{QUIET}"));
    for path in ["hush.atom", "hush.rss", "hush.json", "hush.html"] {
        for (address, authorization) in
            [(format!("/agencies/{path}?token=sesame"), String::new()), (format!("/agencies/{path}"), basic(":sesame"))]
        {
            let (status, headers, body) = site.get(&address, &authorization).await;
            assert_eq!(status, StatusCode::OK, "{address}");
            assert!([ALONE, ON_TOPIC, FIRST.0, SECOND.1].iter().all(|number| says(&body, *number)), "{address}: {body}");
            assert!(headers["cache-control"].to_str().unwrap().starts_with("private") && !headers.contains_key("link"), "{address}");
            assert!(!body.contains("rel=\"hub\"") && !body.contains("\"hubs\""), "{address}");
        }
    }
    let page = site.read("/agencies/hush.html?token=sesame").await;
    let article = format!("articles/{}?token=sesame", key(ALONE));
    assert!(page.contains(&format!("\"../{article}\"")), "{page}");
    let page = site.read(&format!("/{article}")).await;
    assert!(page.contains("\"../agencies/hush.html?token=sesame\"") && says(&page, ALONE), "{page}");
    let (status, _, by_header) = site.get(&format!("/articles/{}", key(ALONE)), "Bearer sesame").await;
    assert!(status == StatusCode::OK && !by_header.contains("token="), "{by_header}");
}

#[tokio::test]
async fn everything_can_be_closed_and_has_then_all_of_it() {
    let site = Closed::new(&format!("{CONFIG}{QUIET}{ALL}"));
    for path in ["/all.atom", "/all.rss", "/all.json", "/all.html", "/all/archive/1.atom", "/all.atom?token=sesame"] {
        assert_eq!(site.get(path, "").await.0, StatusCode::UNAUTHORIZED, "{path}");
    }
    let (_, headers, body) = site.get("/all.atom?token=barley&limit=200", "").await;
    assert!([ALONE, ON_TOPIC, FIRST.0, SECOND.0].iter().all(|number| says(&body, *number)), "{body}");
    assert!(says(&body, SECOND.1) && headers["cache-control"].to_str().unwrap().starts_with("private"), "{body}");
    assert_eq!(site.get(&format!("/articles/{}?token=barley", key(ALONE)), "").await.0, StatusCode::OK);
    assert!(site.read("/all.html?token=barley").await.contains("value=\"hush\""), "its readers may choose the agency");
    for path in ["/", "/wires.opml", "/topics/a.html", "/agencies/agency.atom"] {
        let body = site.read(path).await;
        assert!(!body.contains("all.html") && !body.contains("all.atom"), "{path}: {body}");
    }
}

#[tokio::test]
async fn a_configuration_that_closes_it_holds_at_once() {
    let site = Closed::new(&format!("{CONFIG}{}", QUIET.replace("token", "# token")));
    assert!(says(&site.read("/all.atom?limit=200").await, ALONE) && says(&site.read("/agencies/hush.rss").await, ALONE));
    let tag = site.get("/all.atom?limit=200", "").await.1["etag"].clone();
    site.wires.configured(Arc::new(Config::parse(&format!("{CONFIG}{QUIET}")).unwrap()));
    let (_, headers, body) = site.get("/all.atom?limit=200", "").await;
    assert!(!says(&body, ALONE) && headers["etag"] != tag, "{body}");
    // What the configuration names no more may have been closed.
    site.wires.configured(Arc::new(Config::parse(&format!("{CONFIG}{}", QUIET.replace("hush", "other"))).unwrap()));
    assert!(!says(&site.read("/all.atom?limit=200").await, ALONE));
}

#[test]
fn what_is_exported_is_what_strangers_see() {
    let Closed { desk, .. } = &Closed::new(&format!("{CONFIG}{QUIET}"));
    let formats = vec![Format::Atom, Format::Html];
    let public = Desk { config: desk.config.public().into(), ..desk.clone() };
    let around = Site { formats: formats.clone() }.answer(&public).unwrap();
    assert_eq!(around, Site { formats: formats.clone() }.answer(desk).unwrap(), "who knows nothing of it learns nothing");
    let hidden = ArticlePages { keys: vec![key(ALONE)], formats: Vec::new() };
    assert!(hidden.answer(&public).unwrap() == [None] && hidden.answer(desk).unwrap() == [None]);
    assert_eq!(around.wires, ["topics/a", "agencies/agency", "all"]);
    assert!(around.files.iter().all(|(_, text)| !text.contains("hush")), "{around:?}");
    let pages = WirePages { wire: "all".to_owned(), formats: formats.clone() }.answer(desk).unwrap();
    let keys = vec![key(ALONE), key(ON_TOPIC), key(999), key(SECOND.0)];
    let articles = ArticlePages { keys, formats: formats.clone() }.answer(desk).unwrap();
    assert_eq!(articles.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true, false, true]);
    for (name, text) in pages.files.iter().chain(articles.iter().flatten().flatten()) {
        assert!(![ALONE, FIRST.0, SECOND.1].iter().any(|number| says(text, *number)) && !text.contains("hush"), "{name}: {text}");
    }
    assert!(![ALONE, FIRST.0, SECOND.1].iter().any(|number| pages.articles.contains(&key(*number))));
    for alone in [false, true] {
        for document in (Wire { wire: "all".to_owned(), formats: formats.clone(), alone }).answer(desk).unwrap() {
            assert!(![ALONE, FIRST.0, SECOND.1].iter().any(|number| says(&document.text, *number)), "{}", document.text);
        }
    }
    let archive = Archived { wire: "all".to_owned(), before: None, formats }.answer(desk).unwrap().unwrap();
    assert!(!archive.documents.iter().any(|document| says(&document.text, ALONE)));
    // Who has the machine has all of it.
    let own = Wire { wire: "agencies/hush".to_owned(), formats: vec![Format::Json], alone: true }.answer(desk).unwrap();
    let found = Search { query: "скрытое".to_owned(), limit: 50, seconds: 5, before: None }.answer(desk).unwrap().found;
    let keys: Vec<UrlHash> = found.iter().map(|found| found.published.article.key).collect();
    assert!(says(&own[0].text, ALONE) && keys.contains(&key(ALONE)), "{keys:?}");

    let closed = Closed::new(&format!("{CONFIG}{QUIET}{ALL}"));
    let around = Site { formats: vec![Format::Html] }.answer(&closed.desk).unwrap();
    assert!(around.wires == ["topics/a", "agencies/agency"] && around.files.iter().all(|(_, text)| !text.contains("all.html")));
}
