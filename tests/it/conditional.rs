//! What a reader has already is not sent again: by tag, by time, and entry by entry (RFC 9110, RFC 3229).

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use tempfile::TempDir;
use topicwire::config::Config;
use topicwire::model::StoredArticle;
use topicwire::publish::entry_id;
use topicwire::serve::{self, Wires};
use topicwire::store::Store;
use tower::ServiceExt;

use crate::store::{article, key, poll, time};

pub(crate) const CONFIG: &str = "[[feed]]\nid = \"agency\"\nurl = \"https://a.kz/rss\"\n[[topic]]\nid = \"a\"\nrules = \"ru 20: право\"\n";

/// A site without a daemon.
pub(crate) struct Site {
    pub(crate) config: Arc<Config>,
    pub(crate) store: Store,
    pub(crate) wires: Arc<Wires>,
    folder: TempDir,
}

impl Site {
    pub(crate) fn new(text: &str) -> Self {
        Self::open(text, TempDir::new().unwrap())
    }

    pub(crate) fn open(text: &str, folder: TempDir) -> Self {
        let config = Arc::new(Config::parse(text).unwrap());
        let store = Store::open(folder.path()).unwrap();
        let wires = Arc::new(Wires::new(Arc::clone(&config), store.clone()));
        Self { config, store, wires, folder }
    }

    /// As after a restart, by this configuration.
    pub(crate) fn reopened(self, text: &str) -> Self {
        let Self { config, store, wires, folder } = self;
        drop((config, store, wires));
        Self::open(text, folder)
    }

    /// What a poll brings.
    pub(crate) fn bring(&self, articles: Vec<StoredArticle>) {
        let receipt = self.store.commit(&poll(1, articles)).unwrap();
        self.wires.changed(&receipt.topics);
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, String) {
        let request = headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
        let answer = serve::router(Arc::clone(&self.wires)).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (head, body) = answer.into_parts();
        (head.status, head.headers, String::from_utf8(to_bytes(body, 1 << 24).await.unwrap().to_vec()).unwrap())
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_time_is_honest_and_a_tag_goes_before_it() {
    let site = Site::new(CONFIG);
    // Old news: its `updated` is long past.
    site.bring(vec![article(1, &["a"])]);
    let began = chrono::Utc::now();
    let (_, headers, _) = site.get("/topics/a.atom", &[]).await;
    assert_eq!(text(&headers, "last-modified"), None, "it may still change within this second");
    let modified = loop {
        let (_, headers, _) = site.get("/topics/a.atom", &[]).await;
        if let Some(modified) = text(&headers, "last-modified") {
            break modified.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let said = chrono::DateTime::parse_from_rfc2822(&modified).unwrap().to_utc();
    assert!(said > began - chrono::TimeDelta::seconds(2) && said <= chrono::Utc::now(), "{modified}");
    let (_, headers, _) = site.get("/topics/a.atom", &[]).await;
    let tag = text(&headers, "etag").unwrap().to_owned();
    let day_before = (said - chrono::TimeDelta::days(1)).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let [older, oldest] = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"].map(|form| said.format(form).to_string());
    for (asked, status) in [
        (vec![("if-modified-since", modified.as_str())], 304),
        (vec![("if-modified-since", older.as_str())], 304),
        (vec![("if-modified-since", oldest.as_str())], 304),
        (vec![("if-modified-since", "Sunday, 06-Nov-94 08:49:37 GMT")], 200),
        (vec![("if-modified-since", "Sun Nov  6 08:49:37 1994")], 200),
        (vec![("if-modified-since", day_before.as_str())], 200),
        (vec![("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT")], 200),
        (vec![("if-modified-since", "yesterday")], 200),
        (vec![("if-none-match", tag.as_str()), ("if-modified-since", day_before.as_str())], 304),
        (vec![("if-none-match", "\"other\""), ("if-modified-since", modified.as_str())], 200),
        (vec![("if-none-match", "*")], 304),
    ] {
        assert_eq!(site.get("/topics/a.atom", &asked).await.0.as_u16(), status, "{asked:?}");
    }
    // Another start is no change, another entry is, and so is another title.
    let site = site.reopened(CONFIG);
    assert_eq!(site.get("/topics/a.atom", &[("if-modified-since", &modified)]).await.0, StatusCode::NOT_MODIFIED);
    site.bring(vec![article(0, &["a"])]);
    assert_eq!(site.get("/topics/a.atom", &[("if-modified-since", &modified)]).await.0, StatusCode::OK);
    assert_eq!(site.get("/all.rss?lang=ru", &[("if-modified-since", &modified)]).await.0, StatusCode::OK);
    let now = chrono::Utc::now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let site = site.reopened(&format!("[site]\ntitle = \"Another\"\n{CONFIG}"));
    assert_eq!(site.get("/topics/a.atom", &[("if-modified-since", &now)]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn who_can_make_do_with_what_is_new_gets_no_more() {
    let site = Site::new(CONFIG);
    site.bring((1..=5).map(|number| article(number, &["a"])).collect());
    let (_, headers, whole) = site.get("/topics/a.atom", &[]).await;
    let tag = text(&headers, "etag").unwrap().to_owned();
    let asked = [("a-im", "feed, gzip"), ("if-none-match", tag.as_str())];
    assert_eq!(site.get("/topics/a.atom", &asked).await.0, StatusCode::NOT_MODIFIED);

    let corrected = StoredArticle { corrections: 1, updated: time(900), ..article(2, &["a"]) };
    site.bring(vec![article(6, &["a"]), corrected]);
    for (form, mark) in [("atom", "<entry>"), ("rss", "<item>")] {
        let (status, headers, news) = site.get(&format!("/topics/a.{form}"), &asked).await;
        assert_eq!(status, StatusCode::IM_USED, "{form}");
        assert_eq!((text(&headers, "im"), text(&headers, "cache-control")), (Some("feed"), Some("no-store, im")));
        assert!(text(&headers, "vary").unwrap().contains("a-im"));
        assert_eq!(news.matches(mark).count(), 2);
        assert!([2, 6].iter().all(|number| news.contains(&entry_id(key(*number)))));
        let (_, whole, _) = site.get(&format!("/topics/a.{form}"), &[]).await;
        assert_eq!(headers.get("etag"), whole.get("etag"), "it is the whole that the client has now");
    }
    for asked in [
        vec![("if-none-match", tag.as_str())],
        vec![("a-im", "feed"), ("if-none-match", "\"other\"")],
        vec![("a-im", "diffe"), ("if-none-match", tag.as_str())],
        vec![("a-im", "feed")],
    ] {
        let (status, _, body) = site.get("/topics/a.atom", &asked).await;
        assert_eq!((status, body.matches("<entry>").count()), (StatusCode::OK, 6), "{asked:?}");
    }
    assert_eq!(site.get("/topics/a.json", &asked).await.0, StatusCode::OK);
    assert_eq!(whole.matches("<entry>").count(), 5);
}

#[tokio::test]
async fn archives_may_be_kept_for_a_day_and_lead_on_to_what_is_new() {
    let site = Site::new(CONFIG);
    site.bring((0..60).map(|number| article(number, &["a"])).collect());
    for path in ["/topics/a/archive/1.atom", "/agencies/agency/archive/1.rss", "/all/archive/1.json"] {
        let (status, headers, _) = site.get(path, &[]).await;
        assert_eq!((status, text(&headers, "cache-control")), (StatusCode::OK, Some("public, max-age=86400")), "{path}");
    }
    let (status, headers, _) = site.get("/topics/a/archive/2.atom?lang=ru", &[]).await;
    assert_eq!((status, text(&headers, "location")), (StatusCode::TEMPORARY_REDIRECT, Some("../../a.atom?lang=ru")));
    for path in [
        "/topics/a/archive/3.atom",
        "/topics/a/archive/0.atom",
        "/topics/a/archive/01.atom",
        "/topics/b/archive/1.atom",
        "/all/archive/1.html",
    ] {
        assert_eq!(site.get(path, &[]).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn archives_the_list_and_the_stylesheet_are_not_sent_again_either() {
    let site = Site::new(CONFIG);
    site.bring((0..60).map(|number| article(number, &["a"])).collect());
    let modified = loop {
        let (_, headers, _) = site.get("/topics/a/archive/1.atom", &[]).await;
        if let Some(modified) = text(&headers, "last-modified") {
            break modified.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(site.get("/topics/a/archive/1.atom", &[("if-modified-since", &modified)]).await.0, StatusCode::NOT_MODIFIED);
    let stylesheet = format!("/{}", topicwire::publish::stylesheet_name());
    for (path, vary) in [
        ("/topics/a/archive/1.atom", "accept-encoding"),
        ("/wires.opml", "accept-encoding, accept-language"),
        (&stylesheet, "accept-encoding"),
    ] {
        let (status, headers, _) = site.get(path, &[]).await;
        assert_eq!((status, text(&headers, "vary")), (StatusCode::OK, Some(vary)), "{path}");
        assert!(text(&headers, "cache-control").unwrap().starts_with("public, max-age="), "{path}");
        let tag = text(&headers, "etag").unwrap();
        let (status, again, body) = site.get(path, &[("if-none-match", tag)]).await;
        assert_eq!((status, text(&again, "etag"), body.as_str()), (StatusCode::NOT_MODIFIED, Some(tag), ""), "{path}");
        for name in ["vary", "cache-control"] {
            assert_eq!(again.get(name), headers.get(name), "{path} {name}");
        }
    }
    let tag = async |tongue: &str| site.get("/wires.opml", &[("accept-language", tongue)]).await.1["etag"].clone();
    assert_ne!(tag("ru").await, tag("en").await);
    // What came later leaves an archive as it was.
    let archive = async || site.get("/topics/a/archive/1.atom", &[]).await.1["etag"].clone();
    let before = archive().await;
    site.bring(vec![article(60, &["a"])]);
    site.wires.forget();
    assert_eq!(archive().await, before);
}
