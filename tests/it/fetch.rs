//! Polite HTTP against a loopback origin. The bugs that other readers had are named (a) to (f) where they are tested.

use std::io::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use proptest::prelude::*;
use topicwire::fetch::{Answer, Client, Failure, Purpose, Request, Response, Settings, merged};
use topicwire::model::Validators;
use url::Url;

use crate::origin::{Origin, Reply};

fn settings() -> Settings {
    Settings {
        contact: Some("https://desk.example/about".to_owned()),
        pause: Duration::ZERO,
        connect_timeout: Duration::from_secs(2),
        read_timeout: Duration::from_secs(1),
        total_timeout: Duration::from_secs(2),
        max_body: 100_000,
        hosts: std::collections::BTreeMap::new(),
    }
}

fn client() -> Client {
    Client::new(settings()).unwrap()
}

fn feed(url: &Url) -> Request<'_> {
    Request { url, purpose: Purpose::Feed, validators: None, allow_private: true, credentials: None }
}

fn page(url: &Url) -> Request<'_> {
    Request { purpose: Purpose::Page, ..feed(url) }
}

fn validators(etag: &str, last_modified: &str) -> Validators {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Validators { etag: some(etag), last_modified: some(last_modified) }
}

#[track_caller]
fn fresh(answer: Answer) -> Response {
    match answer {
        Answer::Fresh(response) => response,
        other => panic!("not a document: {other:?}"),
    }
}

#[track_caller]
fn failure(answer: Answer) -> Failure {
    match answer {
        Answer::Failed(failure) => failure,
        other => panic!("not a failure: {other:?}"),
    }
}

#[track_caller]
fn is_permanent(answer: Answer, about: &str) {
    match failure(answer) {
        Failure::Permanent(text) | Failure::Missing(text) if text.contains(about) => {}
        other => panic!("not a permanent failure about {about:?}: {other:?}"),
    }
}

#[track_caller]
fn is_temporary(answer: Answer, about: &str) {
    match failure(answer) {
        Failure::Temporary(text) if text.contains(about) => {}
        other => panic!("not a temporary failure about {about:?}: {other:?}"),
    }
}

/// What one answer of the origin becomes.
async fn answer_to(reply: Reply) -> Answer {
    let origin = Origin::start().await;
    origin.on("/", reply);
    client().get(feed(&origin.url("/"))).await
}

// Requests.

#[tokio::test]
async fn says_who_asks_and_nothing_about_anybody_else() {
    let origin = Origin::start().await;
    origin.on("/rss?a=1", Reply::ok("<rss/>").header("set-cookie", "id=7"));
    let client = client();
    for _ in 0..2 {
        fresh(client.get(feed(&origin.url("/rss?a=1"))).await);
    }
    let seen = origin.seen();
    assert_eq!(seen.len(), 2, "nothing is asked but what was wanted, and nothing is added to the query");
    for seen in seen {
        let agent = format!("topicwire/{} (+https://desk.example/about)", env!("CARGO_PKG_VERSION"));
        assert_eq!(seen.header("user-agent"), Some(agent.as_str()));
        assert!(seen.header("accept").unwrap().contains("application/rss+xml"));
        assert_eq!(seen.header("a-im"), Some("feed"));
        for coding in ["gzip", "br", "zstd"] {
            assert!(seen.header("accept-encoding").unwrap().contains(coding), "{coding}");
        }
        for absent in ["cookie", "referer", "if-none-match", "if-modified-since"] {
            assert_eq!(seen.header(absent), None, "{absent}");
        }
    }
}

#[tokio::test]
async fn a_contact_that_no_header_can_carry_is_said_at_once() {
    let settings = Settings { contact: Some("a\nb".to_owned()), ..settings() };
    assert!(matches!(Client::new(settings), Err(Failure::Permanent(_))));
}

// Validators.

#[tokio::test]
async fn sends_both_validators_byte_for_byte() {
    // (d) a date is not parsed and printed again: this one has a wrong weekday, no leading zero and a zone that HTTP does not know.
    for (etag, last_modified) in [
        (r#"W/"a,b""#, "Fri, 3 Nov 2025 08:49:37 MSK"),
        ("no-quotes", "2025-11-03"),
        ("", "0"),
        (r#""қ""#, ""),
        (r#""a"; "b""#, "Mon, 03 Nov 2025 08:49:37 GMT"),
    ] {
        let origin = Origin::start().await;
        origin.on("/", Reply::ok("<rss/>").header("etag", etag).header("last-modified", last_modified));
        origin.on("/", Reply::status(304));
        let (client, url) = (client(), origin.url("/"));
        let learned = fresh(client.get(feed(&url)).await).validators;
        assert_eq!(learned, validators(etag, last_modified));
        let answer = client.get(Request { validators: Some(&learned), ..feed(&url) }).await;
        assert!(matches!(answer, Answer::NotModified { .. }), "{answer:?}");
        let asked = &origin.seen()[1].headers;
        let sent = |name| asked.get(name).map(|value| std::str::from_utf8(value.as_bytes()).unwrap().to_owned());
        assert_eq!(Validators { etag: sent("if-none-match"), last_modified: sent("if-modified-since") }, learned);
    }
}

#[tokio::test]
async fn an_unchanged_body_or_date_brings_its_new_validators_all_the_same() {
    // (a) the same bytes as before, (b) the same date as before: the new ETag counts.
    let origin = Origin::start().await;
    for etag in [r#""1""#, r#""2""#] {
        origin.on("/", Reply::ok("<rss/>").header("etag", etag).header("last-modified", "Mon, 03 Nov 2025 08:49:37 GMT"));
    }
    let (client, url) = (client(), origin.url("/"));
    let first = fresh(client.get(feed(&url)).await).validators;
    let second = fresh(client.get(Request { validators: Some(&first), ..feed(&url) }).await).validators;
    assert_eq!(second, validators(r#""2""#, "Mon, 03 Nov 2025 08:49:37 GMT"));
}

#[tokio::test]
async fn validators_and_freshness_are_taken_from_a_304_too() {
    // (c) a 304 can bring a new validator, (e) one without validators clears nothing.
    let before = validators(r#""1""#, "Mon, 03 Nov 2025 08:49:37 GMT");
    for (reply, expected) in [
        (Reply::status(304), before.clone()),
        (Reply::status(304).header("etag", r#""2""#), validators(r#""2""#, "Mon, 03 Nov 2025 08:49:37 GMT")),
        (Reply::status(304).header("last-modified", "x"), validators(r#""1""#, "x")),
    ] {
        let origin = Origin::start().await;
        origin.on("/", reply.header("cache-control", "max-age=60"));
        let answer = client().get(Request { validators: Some(&before), ..feed(&origin.url("/")) }).await;
        let Answer::NotModified { validators, max_age, moved } = answer else { panic!("{answer:?}") };
        assert_eq!(merged(&before, &validators), expected);
        assert_eq!(max_age, Some(Duration::from_mins(1)));
        assert_eq!(moved, None);
    }
}

#[tokio::test]
async fn the_client_keeps_no_validators_of_its_own() {
    // (f) whoever could not read the document does not hand its validators in, and the next question is unconditional.
    let origin = Origin::start().await;
    origin.on("/", Reply::ok("not a feed").header("etag", r#""1""#));
    let client = client();
    for _ in 0..2 {
        fresh(client.get(feed(&origin.url("/"))).await);
    }
    assert!(origin.seen().iter().all(|seen| seen.header("if-none-match").is_none()));
}

// Statuses.

#[tokio::test]
async fn a_delta_is_told_from_a_whole_document() {
    assert!(fresh(answer_to(Reply::ok("<rss/>")).await).is_delta.eq(&false));
    let delta = Reply::status(226).header("im", "feed").header("etag", r#""2""#);
    let delta = fresh(answer_to(delta).await);
    assert!(delta.is_delta);
    assert_eq!(delta.validators.etag.as_deref(), Some(r#""2""#));
}

#[tokio::test]
async fn statuses_without_a_document() {
    assert!(matches!(answer_to(Reply::status(410)).await, Answer::Gone));
    is_permanent(answer_to(Reply::status(403)).await, "403 Forbidden");
    is_permanent(answer_to(Reply::status(403).header("cf-mitigated", "challenge")).await, "wall against bots");
    is_permanent(answer_to(Reply::status(404)).await, "404 Not Found");
    is_permanent(answer_to(Reply::status(304)).await, "304");
    is_permanent(answer_to(Reply::status(302)).await, "302");
    is_temporary(answer_to(Reply::status(408)).await, "408");
    is_temporary(answer_to(Reply::status(204)).await, "204");
    is_temporary(answer_to(Reply::status(500)).await, "500");
    is_temporary(answer_to(Reply::status(503)).await, "503");
}

#[tokio::test]
async fn freshness() {
    let check = async |headers: &[(&'static str, &str)], expected: Option<u64>| {
        let reply = headers.iter().fold(Reply::ok(""), |reply, (name, value)| reply.header(name, value));
        assert_eq!(fresh(answer_to(reply).await).max_age, expected.map(Duration::from_secs), "{headers:?}");
    };
    let (eight, nine) = ("Sun, 06 Nov 1994 08:00:00 GMT", "Sun, 06 Nov 1994 09:00:00 GMT");
    check(&[], None).await;
    check(&[("cache-control", "public, Max-Age=3600"), ("age", "600")], Some(3000)).await;
    check(&[("cache-control", "public"), ("cache-control", "max-age=\"60\"")], Some(60)).await;
    check(&[("cache-control", "max-age=60"), ("age", "600")], Some(0)).await;
    check(&[("cache-control", "max-age=99999999999999999999")], Some(u32::MAX.into())).await;
    check(&[("cache-control", "no-cache, max-age=60")], None).await;
    check(&[("cache-control", "max-age=-1")], None).await;
    check(&[("cache-control", "max-age=60"), ("expires", nine), ("date", eight)], Some(60)).await;
    check(&[("expires", nine), ("date", eight)], Some(3600)).await;
    check(&[("expires", "Sunday, 06-Nov-94 09:00:00 GMT"), ("date", "Sun Nov  6 08:00:00 1994")], Some(3600)).await;
    check(&[("expires", eight), ("date", nine)], Some(0)).await;
    check(&[("expires", "0")], None).await;
}

#[tokio::test]
async fn a_host_that_asks_for_silence_gets_it_from_everybody() {
    let eight = "Sun, 06 Nov 1994 08:00:00 GMT";
    for (reply, expected) in [
        (Reply::status(429).header("retry-after", "120"), Some(120)),
        (Reply::status(503).header("retry-after", "120"), Some(120)),
        (Reply::status(429).header("retry-after", "Sun, 06 Nov 1994 09:00:00 GMT").header("date", eight), Some(3600)),
        (Reply::status(429).header("cache-control", "max-age=7200"), Some(7200)),
        (Reply::status(429).header("retry-after", "soon"), None),
        (Reply::status(429), None),
    ] {
        let origin = Origin::start().await;
        origin.on("/a", reply);
        origin.on("/b", Reply::ok(""));
        let client = client();
        let answer = client.get(feed(&origin.url("/a"))).await;
        let Answer::Throttled { retry_after } = answer else { panic!("{answer:?}") };
        assert_eq!(retry_after, expected.map(Duration::from_secs));
        let other = client.get(feed(&origin.url("/b"))).await;
        assert!(matches!(other, Answer::Throttled { retry_after: Some(_) }), "{other:?}");
        assert_eq!(origin.seen().len(), 1);
    }
}

#[tokio::test]
async fn those_who_wait_their_turn_hear_of_the_silence() {
    let origin = Origin::start().await;
    origin.on("/", Reply::status(429).header("retry-after", "60"));
    let (client, url) = (client(), origin.url("/"));
    let answers = futures_util::future::join_all((0..5).map(|_| client.get(feed(&url)))).await;
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Throttled { .. })), "{answers:?}");
    assert_eq!(origin.seen().len(), 1);
}

#[tokio::test]
async fn silence_ends() {
    let origin = Origin::start().await;
    origin.on("/", Reply::status(429).header("retry-after", "0"));
    origin.on("/", Reply::ok(""));
    let client = client();
    assert!(matches!(client.get(feed(&origin.url("/"))).await, Answer::Throttled { .. }));
    fresh(client.get(feed(&origin.url("/"))).await);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_header_is_survived(
        status in prop::sample::select(vec![200, 226, 301, 304, 404, 429, 503]),
        junk in prop::collection::vec(prop::collection::vec((0x20..=0xff_u8).prop_filter("no DEL", |&byte| byte != 0x7f), 0..40), 9),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let names = ["etag", "last-modified", "cache-control", "age", "expires", "date", "retry-after", "location", "content-type"];
            let reply = names.into_iter().zip(junk).fold(Reply::status(status), |reply, (name, junk)| reply.header(name, junk));
            let origin = Origin::start().await;
            origin.on("/", reply);
            let (url, before) = (origin.url("/"), validators("1", ""));
            client().get(Request { validators: Some(&before), ..feed(&url) }).await;
        });
    }
}

// Redirects.

#[tokio::test]
async fn an_address_has_moved_only_when_every_redirect_was_permanent() {
    for (codes, moved) in [(vec![301], true), (vec![308, 301], true), (vec![301, 302], false), (vec![307], false), (vec![303, 301], false)]
    {
        let origin = Origin::start().await;
        for (hop, &code) in codes.iter().enumerate() {
            origin.on(&format!("/{hop}"), Reply::redirect(code, &format!("/{}", hop + 1)));
        }
        let last = origin.url(&format!("/{}", codes.len()));
        origin.on(last.path(), Reply::ok("").header("etag", "1"));
        origin.on(last.path(), Reply::status(304));
        let (client, url) = (client(), origin.url("/0"));
        let response = fresh(client.get(feed(&url)).await);
        assert_eq!((&response.url, response.moved), (&last, moved.then(|| last.clone())), "{codes:?}");
        let answer = client.get(Request { validators: Some(&response.validators), ..feed(&url) }).await;
        let Answer::NotModified { moved: again, .. } = answer else { panic!("{answer:?}") };
        assert_eq!(again, moved.then_some(last), "{codes:?}, and not modified");
        assert!(origin.seen().iter().all(|seen| seen.header("referer").is_none()));
    }
}

#[tokio::test]
async fn five_redirects_are_followed_and_no_more() {
    let origin = Origin::start().await;
    for hop in 0..9 {
        origin.on(&format!("/{hop}"), Reply::redirect(302, &format!("/{}", hop + 1)));
    }
    origin.on("/9", Reply::ok("end"));
    fresh(client().get(feed(&origin.url("/4"))).await);
    let before = origin.seen().len();
    is_permanent(client().get(feed(&origin.url("/3"))).await, "more than 5 times");
    assert_eq!(origin.seen().len() - before, 6);
    origin.on("/circle", Reply::redirect(301, "/circle"));
    is_permanent(client().get(feed(&origin.url("/circle"))).await, "circle");
}

#[tokio::test]
async fn redirects_in_other_letters_are_followed() {
    let origin = Origin::start().await;
    origin.on("/a", Reply::redirect(302, "/жаңалық?q=ә"));
    origin.on("/%D0%B6%D0%B0%D2%A3%D0%B0%D0%BB%D1%8B%D2%9B?q=%D3%99", Reply::ok("ok"));
    fresh(client().get(feed(&origin.url("/a"))).await);
}

#[tokio::test]
async fn redirects_to_other_schemes_are_not_followed() {
    for target in ["file:///etc/passwd", "ftp://a.example/", "data:text/plain,a", "javascript:1", "gopher://127.0.0.1:70/"] {
        is_permanent(answer_to(Reply::redirect(301, target)).await, "only http and https");
    }
}

#[tokio::test]
async fn gone_behind_a_temporary_redirect_is_not_gone() {
    for (code, gone) in [(301, true), (302, false)] {
        let origin = Origin::start().await;
        origin.on("/a", Reply::redirect(code, "/b"));
        origin.on("/b", Reply::status(410));
        let answer = client().get(feed(&origin.url("/a"))).await;
        assert_eq!(matches!(answer, Answer::Gone), gone, "{answer:?}");
    }
}

// Limits.

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn compressed_bodies_are_unpacked() {
    let text = "<rss/>".repeat(100);
    let zstd = zstd::encode_all(text.as_bytes(), 3).unwrap();
    for (coding, body) in [("gzip", gzip(text.as_bytes())), ("zstd", zstd)] {
        assert_eq!(fresh(answer_to(Reply::ok(body).header("content-encoding", coding)).await).body, text.as_bytes());
    }
    let broken = Reply::ok("this is not gzip").header("content-encoding", "gzip");
    is_temporary(answer_to(broken).await, "makes no sense");
}

#[tokio::test]
async fn the_limit_counts_unpacked_bytes() {
    fresh(answer_to(Reply::ok(vec![b'a'; 100_000])).await);
    is_permanent(answer_to(Reply::ok(vec![b'a'; 100_001])).await, "longer than 100000 bytes");
    let bomb = gzip(&vec![0; 50_000_000]);
    assert!(bomb.len() < 100_000);
    is_permanent(answer_to(Reply::ok(bomb).header("content-encoding", "gzip")).await, "longer than 100000 bytes");
    let bomb = zstd::encode_all(vec![0; 50_000_000].as_slice(), 3).unwrap();
    is_permanent(answer_to(Reply::ok(bomb).header("content-encoding", "zstd")).await, "longer than 100000 bytes");
}

#[tokio::test]
async fn nobody_is_waited_for_too_long() {
    is_temporary(answer_to(Reply::ok("late").after(Duration::from_secs(5))).await, "in time");
    // A body that comes drop by drop never makes the reading time-out fire: the total one does.
    let settings = Settings { total_timeout: Duration::from_millis(400), ..settings() };
    let origin = Origin::start().await;
    origin.on("/", Reply::ok("x".repeat(1000)).drip(Duration::from_millis(50)));
    origin.on("/far", Reply::redirect(302, "/far").after(Duration::from_millis(150)));
    let client = Client::new(settings).unwrap();
    is_temporary(client.get(feed(&origin.url("/"))).await, "in time");
    // Redirects share one allowance.
    is_temporary(client.get(feed(&origin.url("/far"))).await, "in time");
}

#[tokio::test]
async fn too_many_headers_are_refused() {
    let reply = (0..500).fold(Reply::ok(""), |reply, _| reply.header("x-junk", "junk"));
    is_temporary(answer_to(reply).await, "makes no sense");
}

#[tokio::test]
async fn hosts_that_are_not_there() {
    let origin = Origin::start().await;
    let url = origin.url("/");
    drop(origin);
    tokio::task::yield_now().await;
    is_temporary(client().get(feed(&url)).await, "no connection");
    let unknown = Url::parse("http://user:secret@no-such-host.invalid/").unwrap();
    match failure(client().get(feed(&unknown)).await) {
        Failure::Dns(text) => assert!(text.contains("`http://no-such-host.invalid/`"), "{text}"),
        other => panic!("{other:?}"),
    }
}

// The address guard.

#[tokio::test]
async fn addresses_that_are_not_public_are_refused_in_every_form() {
    let origin = Origin::start().await;
    let mut hosts: Vec<String> = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "0",
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "255.255.255.255",
        "１２７.0.0.1",
        "%31%32%37.0.0.1",
        "localhost",
        "LOCALHOST",
    ]
    .map(str::to_owned)
    .into();
    let v6 = [
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "fe80::1",
        "fc00::1",
        "fd12::1",
        "fec0::1",
        "ff02::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "4000::1",
    ];
    hosts.extend(v6.map(|host| format!("[{host}]")));
    let client = client();
    for host in hosts {
        let url = Url::parse(&format!("http://{host}:{}/", origin.port())).unwrap();
        is_permanent(client.get(Request { allow_private: false, ..feed(&url) }).await, "not a public address");
        is_permanent(client.get(Request { allow_private: false, ..page(&url) }).await, "not a public address");
    }
    assert_eq!(origin.seen().len(), 0);
}

#[tokio::test]
async fn a_public_site_leads_to_no_private_address() {
    let origin = Origin::start().await;
    let address = (std::net::Ipv4Addr::LOCALHOST, origin.port()).into();
    let hosts = [("public.example".to_owned(), address)].into();
    let client = Client::new(Settings { hosts, ..settings() }).unwrap();
    let port = origin.port();
    let url = Url::parse(&format!("http://public.example:{port}/")).unwrap();
    let guarded = Request { allow_private: false, ..feed(&url) };
    for to in ["127.0.0.1", "localhost", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "10.0.0.1"] {
        origin.set("/", Reply::status(302).header("location", format!("http://{to}:{port}/inside")));
        is_permanent(client.get(guarded).await, "not a public address");
    }
    assert_eq!(origin.asked("/inside").len(), 0);
    // It can be reached itself: also by way of itself.
    origin.set("/", Reply::status(302).header("location", "/outside")).on("/outside", Reply::ok("open"));
    assert_eq!(fresh(client.get(guarded).await).body, "open");
}

#[tokio::test]
async fn an_open_connection_does_not_open_the_guard() {
    let origin = Origin::start().await;
    origin.on("/", Reply::ok(""));
    let url = Url::parse(&format!("http://localhost:{}/", origin.port())).unwrap();
    let client = client();
    fresh(client.get(feed(&url)).await);
    is_permanent(client.get(Request { allow_private: false, ..feed(&url) }).await, "not a public address");
    assert_eq!(origin.seen().len(), 1);
}

#[tokio::test]
async fn ipv6_is_spoken() {
    let Ok(_) = std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) else { return };
    let origin = Origin::at(Ipv6Addr::LOCALHOST.into()).await;
    origin.on("/", Reply::ok("six"));
    assert_eq!(fresh(client().get(feed(&origin.url("/"))).await).body, "six");
}

// robots.txt.

const ROBOTS: &str = "User-agent: *\nDisallow: /\n\nUser-agent: TopicWire\nDisallow: /private\nAllow: /private/open$\nDisallow: /*.php\n";

#[tokio::test]
async fn robots_txt_applies_to_pages_and_is_read_once() {
    let origin = Origin::start().await;
    origin.on("/robots.txt", Reply::ok(ROBOTS));
    let client = client();
    for (path, allowed) in [("/a", true), ("/private", false), ("/private/open", true), ("/private/open/x", false), ("/a.php?b", false)] {
        origin.on(path, Reply::ok("page"));
        let answer = client.get(page(&origin.url(path))).await;
        assert_eq!(matches!(answer, Answer::Fresh(_)), allowed, "{path}: {answer:?}");
        if !allowed {
            assert!(matches!(failure(answer), Failure::Robots(_)));
        }
        fresh(client.get(feed(&origin.url(path))).await);
    }
    assert_eq!(origin.asked("/robots.txt").len(), 1);
}

#[tokio::test]
async fn robots_txt_that_is_not_there_allows_and_one_that_cannot_be_read_does_not() {
    for (reply, allowed) in [
        (Reply::status(404), true),
        (Reply::status(403), true),
        (Reply::redirect(301, "/robots.txt"), true),
        (Reply::redirect(301, "/moved.txt"), false),
        (Reply::status(500), false),
        (Reply::status(503), false),
        (Reply::ok("").after(Duration::from_secs(3)), false),
    ] {
        let origin = Origin::start().await;
        origin.on("/robots.txt", reply.clone());
        origin.on("/moved.txt", Reply::ok("User-agent: *\nDisallow: /"));
        origin.on("/a", Reply::ok("page"));
        let client = client();
        for _ in 0..2 {
            let answer = client.get(page(&origin.url("/a"))).await;
            assert_eq!(matches!(answer, Answer::Fresh(_)), allowed, "{reply:?}: {answer:?}");
        }
        assert!(origin.asked("/robots.txt").len() <= 6, "asked once, whatever it said");
    }
}

#[tokio::test]
async fn a_host_that_throttles_robots_txt_throttles_the_page() {
    let origin = Origin::start().await;
    origin.on("/robots.txt", Reply::status(429).header("retry-after", "60"));
    let answer = client().get(page(&origin.url("/a"))).await;
    assert!(matches!(answer, Answer::Throttled { retry_after: Some(_) }), "{answer:?}");
}

#[tokio::test]
async fn only_the_beginning_of_a_long_robots_txt_counts() {
    let origin = Origin::start().await;
    let long = format!("User-agent: *\nDisallow: /a\n{}Disallow: /b\n", "# rule\n".repeat(100_000));
    origin.on("/robots.txt", Reply::ok(long)).on("/b", Reply::ok("page"));
    let client = client();
    assert!(matches!(failure(client.get(page(&origin.url("/a"))).await), Failure::Robots(_)));
    fresh(client.get(page(&origin.url("/b"))).await);
}

#[tokio::test]
async fn the_robots_txt_of_every_host_on_the_way_is_asked() {
    let (first, second) = (Origin::start().await, Origin::at(Ipv4Addr::new(127, 0, 0, 2).into()).await);
    first.on("/a", Reply::redirect(302, second.url("/b").as_str()));
    second.on("/robots.txt", Reply::ok("User-agent: *\nDisallow: /b"));
    let answer = client().get(page(&first.url("/a"))).await;
    assert_eq!(failure(answer), Failure::Robots(second.url("").origin().ascii_serialization()));
    assert_eq!(second.asked("/b").len(), 0);
}

// Manners towards a host.

#[tokio::test]
async fn a_host_is_asked_one_thing_at_a_time_with_a_rest_between() {
    let pause = Duration::from_millis(60);
    let origin = Origin::start().await;
    origin.on("/", Reply::ok("x"));
    let (client, url) = (Client::new(Settings { pause, ..settings() }).unwrap(), origin.url("/"));
    futures_util::future::join_all((0..5).map(|_| client.get(feed(&url)))).await;
    assert_eq!(origin.most_busy(), 1);
    let seen = origin.seen();
    assert_eq!(seen.len(), 5);
    for pair in seen.windows(2) {
        assert!(pair[1].began - pair[0].ended.unwrap() >= pause);
    }
}

#[tokio::test]
async fn hosts_do_not_wait_for_each_other() {
    let slow = Duration::from_millis(300);
    let mut origins = Vec::new();
    for last in 1..=8 {
        let origin = Origin::at(Ipv4Addr::new(127, 0, 0, last).into()).await;
        origin.on("/", Reply::ok("x").after(slow));
        origins.push(origin);
    }
    let (client, urls) = (client(), origins.iter().map(|origin| origin.url("/")).collect::<Vec<_>>());
    let began = std::time::Instant::now();
    futures_util::future::join_all(urls.iter().map(|url| client.get(feed(url)))).await;
    assert!(began.elapsed() < slow * 3, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_crawl_delay_is_kept() {
    let origin = Origin::start().await;
    origin.on("/robots.txt", Reply::ok("User-agent: *\nCrawl-delay: 0.1")).on("/a", Reply::ok("x"));
    let client = client();
    for _ in 0..2 {
        fresh(client.get(page(&origin.url("/a"))).await);
    }
    let seen = origin.asked("/a");
    assert!(seen[1].began - seen[0].ended.unwrap() >= Duration::from_millis(100));
}

#[tokio::test]
async fn a_slow_host_is_given_a_longer_rest() {
    let slow = Duration::from_millis(200);
    let origin = Origin::start().await;
    origin.on("/", Reply::ok("x").after(slow));
    let (client, url) = (Client::new(Settings { pause: Duration::from_millis(10), ..settings() }).unwrap(), origin.url("/"));
    for _ in 0..5 {
        fresh(client.get(feed(&url)).await);
    }
    let seen = origin.seen();
    let rest = seen[4].began - seen[3].ended.unwrap();
    assert!(rest > slow / 2, "{rest:?}");
}

#[tokio::test]
async fn a_host_that_was_asked_too_much_is_given_a_longer_rest() {
    let pause = Duration::from_millis(40);
    let origin = Origin::start().await;
    for _ in 0..2 {
        origin.on("/", Reply::status(429).header("retry-after", "0"));
    }
    origin.on("/", Reply::ok("x"));
    let (client, url) = (Client::new(Settings { pause, ..settings() }).unwrap(), origin.url("/"));
    for _ in 0..5 {
        client.get(feed(&url)).await;
    }
    let seen = origin.seen();
    let rests: Vec<Duration> = seen.windows(2).map(|pair| pair[1].began - pair[0].ended.unwrap()).collect();
    for (rest, pauses) in rests.iter().zip([2, 4, 2, 1]) {
        assert!(*rest >= pause * pauses, "{rests:?}");
    }
}

#[tokio::test]
async fn a_question_given_up_half_way_still_leaves_the_host_its_rest() {
    let pause = Duration::from_millis(100);
    let origin = Origin::start().await;
    origin.on("/", Reply::ok("x").after(Duration::from_millis(60)));
    origin.on("/", Reply::ok("x"));
    let (client, url) = (Client::new(Settings { pause, ..settings() }).unwrap(), origin.url("/"));
    let given_up = tokio::time::timeout(Duration::from_millis(30), client.get(feed(&url))).await;
    assert!(given_up.is_err());
    fresh(client.get(feed(&url)).await);
    let seen = origin.seen();
    assert!(seen[1].began - seen[0].began >= pause);
}
