//! Topics that are for those who know a token: they read all of it, and others do not learn that it exists.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tempfile::TempDir;
use topicwire::config::Config;
use topicwire::desk::{Desk, Question};
use topicwire::model::{Scope, TopicId};
use topicwire::publish::Format;
use topicwire::serve::{self, Token, Wires};
use topicwire::site::Site;
use topicwire::store::Store;
use tower::ServiceExt;

use crate::conditional::CONFIG;
use crate::daemon::{Daemon, feed, origin};
use crate::store::{article, key, poll};

const CLOSED: &str = "[[topic]]\nid = \"secret\"\ntitle = \"Hushed\"\nrules = \"ru 20: право\"\ntoken = [\"file:one\", \"file:other\"]\n";

struct Closed {
    wires: Arc<Wires>,
    desk: Desk,
    _folder: TempDir,
}

impl Closed {
    /// A site with sixty articles on an open topic and on a closed one.
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let hub = "[site]\naddress = \"https://desk.example\"\n[serve]\nhub = \"own\"\n";
        let config = Arc::new(Config::parse(&format!("{hub}{CONFIG}{CLOSED}")).unwrap());
        let store = Store::open(folder.path()).unwrap();
        store.commit(&poll(1, (0..60).map(|number| article(number, &["a", "secret"])).collect())).unwrap();
        let tokens = ["sesame", "barley & rye"].into_iter().filter_map(Token::new).collect();
        let wires =
            Wires::new(Arc::clone(&config), store.clone()).with_tokens([(Scope::Topic(TopicId::new("secret").unwrap()), tokens)].into());
        Self { wires: Arc::new(wires), desk: Desk { config, store: Some(store) }, _folder: folder }
    }

    async fn get(&self, path: &str, authorization: &str) -> (StatusCode, HeaderMap, String) {
        get(&self.wires, path, authorization).await
    }
}

/// Asks as somebody who shows that; nothing is shown where it is empty.
pub(crate) async fn get(wires: &Arc<Wires>, path: &str, authorization: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::get(path);
    let request = if authorization.is_empty() { request } else { request.header("authorization", authorization) };
    let answer = serve::router(Arc::clone(wires)).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (head, body) = answer.into_parts();
    (head.status, head.headers, String::from_utf8(to_bytes(body, 1 << 24).await.unwrap().to_vec()).unwrap())
}

pub(crate) fn basic(pair: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

#[tokio::test]
async fn who_knows_a_token_reads_and_nobody_else() {
    let site = Closed::new();
    for path in ["secret.atom", "secret.rss", "secret.json", "secret.html", "secret/archive/1.atom"] {
        let joint = if path.ends_with("html") { "lang=ru&" } else { "" };
        for (query, authorization, status) in [
            ("", String::new(), StatusCode::UNAUTHORIZED),
            ("?token=", String::new(), StatusCode::UNAUTHORIZED),
            ("?token=sesam", String::new(), StatusCode::UNAUTHORIZED),
            ("", basic("sesame:desk"), StatusCode::UNAUTHORIZED),
            ("", "Basic %%%".to_owned(), StatusCode::UNAUTHORIZED),
            ("", "sesame".to_owned(), StatusCode::UNAUTHORIZED),
            ("?token=sesame", String::new(), StatusCode::OK),
            ("", "Bearer sesame".to_owned(), StatusCode::OK),
            ("", basic("desk:sesame"), StatusCode::OK),
            ("", basic(":barley & rye"), StatusCode::OK),
        ] {
            let address = format!("/topics/{path}{}", query.replace('?', &format!("?{joint}")));
            let (answered, headers, body) = site.get(&address, &authorization).await;
            assert_eq!(answered, status, "{address} {authorization}");
            if status == StatusCode::OK {
                assert!(headers["cache-control"].to_str().unwrap().starts_with("private"), "{address}");
                assert!(body.contains("Hushed") && !headers.contains_key("link") && !body.contains("rel=\"hub\""), "{address}");
            } else {
                assert!(headers["www-authenticate"].to_str().unwrap().starts_with("Basic "), "{address}");
                assert_eq!(headers["cache-control"], "no-store");
            }
        }
    }
    let unknown = site.get("/topics/nothing.atom", "").await;
    let closed = site.get("/topics/secret.atom", "Bearer wrong").await;
    assert_eq!(unknown, closed, "who does not know the token does not learn that it is there");
    assert_eq!(site.get("/topics/a.atom?token=sesame", "").await.1["cache-control"], "public, max-age=60");
}

#[tokio::test]
async fn its_links_lead_on_for_who_shows_the_token_in_the_address() {
    let site = Closed::new();
    let (_, _, body) = site.get("/topics/secret.atom?lang=ru&token=barley+%26+rye", "").await;
    for end in ["secret.atom?lang=ru&amp;token=barley+%26+rye", "secret/archive/1.atom?lang=ru&amp;token=barley+%26+rye"] {
        assert!(body.contains(&format!("https://desk.example/topics/{end}\"")), "{end}: {body:.1500}");
    }
    let id = |body: &str| body.split("<id>").nth(1).unwrap().split("</id>").next().unwrap().to_owned();
    let (_, _, by_header) = site.get("/topics/secret.atom?lang=ru", "Bearer sesame").await;
    assert!(id(&by_header) == id(&body) && !by_header.contains("token="), "{by_header:.1500}");
    let (status, headers, _) = site.get("/topics/secret/archive/2.atom?token=sesame", "").await;
    assert_eq!((status, headers["location"].to_str().unwrap()), (StatusCode::TEMPORARY_REDIRECT, "../../secret.atom?token=sesame"));
    let (_, _, page) = site.get("/topics/secret.html?token=sesame", "").await;
    for link in ["../topics/secret.rss?token=sesame", "name=\"token\" value=\"sesame\"", "?token=sesame&amp;before="] {
        assert!(page.contains(link), "{link}: {page}");
    }
}

#[tokio::test]
async fn nothing_else_tells_of_it() {
    let site = Closed::new();
    let (_, _, first) = site.get("/", "").await;
    assert!(first.contains("topics/a.html"), "{first}");
    for path in [
        "/",
        "/wires.opml",
        "/all.atom",
        "/all.rss",
        "/all.json",
        "/all.html",
        "/agencies/agency.atom",
        "/agencies/agency.html",
        "/all/archive/1.json",
        "/topics/a.atom",
        "/topics/a.html",
        "/search?q=%D0%BF%D1%80%D0%B0%D0%B2%D0%B0",
        "/lab",
        "/lab?topic=secret",
        "/feeds",
        &format!("/articles/{}", key(5)),
    ] {
        let (status, _, body) = site.get(path, "").await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(!body.contains("secret") && !body.contains("Hushed"), "{path}: {body}");
    }
    let around = Site { formats: vec![Format::Html] }.answer(&site.desk).unwrap();
    assert!(!around.wires.iter().any(|wire| wire.contains("secret")) && around.files.iter().all(|(_, text)| !text.contains("Hushed")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_reads_tokens_and_logs_none() {
    let folder = TempDir::new().unwrap();
    let origin = origin().await;
    for (file, token) in [("one", "sesame\n"), ("other", "barley")] {
        std::fs::write(folder.path().join(file), token).unwrap();
    }
    let mut daemon = Daemon::start(folder.path(), &(feed(&origin) + &CLOSED.replace("право", "право NEAR/3 ребенок")));
    daemon.wait_for("/topics/secret.atom?token=sesame", |text| text.contains("<entry>")).await;
    daemon.wait_for("/topics/secret.atom?token=barley", |text| text.contains("<entry>")).await;
    daemon.wait_for("/topics/secret.atom?token=wrong", |text| text.starts_with("this needs a token")).await;
    assert!(!daemon.log().contains("sesame") && !daemon.log().contains("token="), "{}", daemon.log());
}
