//! `WebSub` against a loopback hub. The cases of websub.rocks for subscribers are named by their numbers, 100 to 302.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ring::hmac;
use tempfile::TempDir;
use topicwire::config::{Config, Feed};
use topicwire::fetch::Client;
use topicwire::model::{FeedState, Standing, Subscription};
use topicwire::poll::{Outcome, Polled, Tools, poll, receive};
use topicwire::store::Store;
use topicwire::websub::{self, Subscriber};
use url::Url;

use crate::origin::{Origin, Reply, settings};

/// An agency with its hub, and a desk that hubs can reach.
struct Desk {
    feed: Arc<Feed>,
    tools: Arc<Tools>,
    subscriber: Arc<Subscriber>,
    callbacks: tokio::task::JoinHandle<()>,
    _folder: TempDir,
}

/// What a hub was sent.
struct Asked(BTreeMap<String, String>);

impl Desk {
    async fn new(feed: &Url) -> Self {
        Self::with(feed, "allow_private = true\nfull_text = false\n").await
    }

    async fn with(feed: &Url, keys: &str) -> Self {
        Self::open(feed, keys, TempDir::new().unwrap()).await
    }

    async fn open(feed: &Url, keys: &str, folder: TempDir) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let text = format!(
            "[site]\naddress = \"http://{address}/news\"\n[serve]\nwebsub = true\n[[feed]]\nid = \"a\"\nurl = \"{feed}\"\ninterval = \"1m\"\nmax_interval = \"12h\"\n{keys}"
        );
        let config = Config::parse(&text).unwrap();
        let store = Store::open(folder.path()).unwrap();
        let subscriber = Arc::new(Subscriber::open(&config, store.clone()).unwrap().unwrap());
        let tools = Arc::new(tools(&config, store, Arc::clone(&subscriber)));
        // As a reverse proxy does that serves the site below `/news/`.
        let router = axum::Router::new().nest("/news", websub::router(Arc::clone(&subscriber)));
        let callbacks = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { feed: Arc::clone(&config.feeds[0]), tools, subscriber, callbacks, _folder: folder }
    }

    async fn poll(&self) -> Polled {
        poll(Arc::clone(&self.feed), Arc::clone(&self.tools)).await.unwrap()
    }

    /// Takes in the next push.
    async fn receive(&self) -> Polled {
        let push = tokio::time::timeout(Duration::from_secs(5), self.subscriber.next()).await.unwrap().unwrap();
        receive(Arc::clone(&self.feed), push, Arc::clone(&self.tools)).await.unwrap()
    }

    fn state(&self) -> FeedState {
        self.tools.store.feed_state(&self.feed.id).unwrap().unwrap()
    }

    /// As they are in the store.
    fn subscriptions(&self) -> Vec<Subscription> {
        self.tools.store.subscriptions().unwrap().remove(&self.feed.id).unwrap_or_default()
    }

    fn standing(&self) -> Standing {
        self.subscriptions()[0].standing.clone()
    }

    /// How long from now until the next poll.
    fn rest(&self) -> Duration {
        (self.state().next_due.unwrap() - chrono::Utc::now()).to_std().unwrap()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.callbacks.abort();
    }
}

fn tools(config: &Config, store: Store, subscriber: Arc<Subscriber>) -> Tools {
    Tools { subscriber: Some(subscriber), ..Tools::new(config, Client::new(settings()).unwrap(), store) }
}

impl Asked {
    /// The last thing that was asked of the hub at a path.
    fn of(origin: &Origin, path: &str) -> Self {
        let seen = origin.asked(path).pop().expect("the hub was asked");
        assert_eq!(seen.method, "POST");
        assert_eq!(seen.header("content-type"), Some("application/x-www-form-urlencoded"));
        Self(url::form_urlencoded::parse(&seen.body).into_owned().collect())
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The hub calls back; returns the status and the text of the answer.
    async fn call(&self, parameters: &[(&str, &str)]) -> (u16, String) {
        let url = Url::parse_with_params(self.get("hub.callback"), parameters).unwrap();
        let answer = reqwest_client().get(url).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// The hub does what it was asked for.
    async fn confirm(&self, lease: &str) -> (u16, String) {
        let (mode, topic) = (self.get("hub.mode"), self.get("hub.topic"));
        self.call(&[("hub.mode", mode), ("hub.topic", topic), ("hub.challenge", "what?"), ("hub.lease_seconds", lease)]).await
    }

    async fn push(&self, body: &str, signature: Option<&str>) -> u16 {
        let request = reqwest_client().post(self.get("hub.callback")).header("content-type", "application/rss+xml").body(body.to_owned());
        let request = signature.into_iter().fold(request, |request, signature| request.header("x-hub-signature", signature));
        request.send().await.unwrap().status().as_u16()
    }

    async fn push_signed(&self, body: &str) -> u16 {
        self.push(body, Some(&self.signature("sha256", body))).await
    }

    fn signature(&self, method: &str, body: &str) -> String {
        let algorithm = match method {
            "sha1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            "sha256" => hmac::HMAC_SHA256,
            "sha384" => hmac::HMAC_SHA384,
            _ => hmac::HMAC_SHA512,
        };
        let tag = hmac::sign(&hmac::Key::new(algorithm, self.get("hub.secret").as_bytes()), body.as_bytes());
        format!("{method}={}", tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }
}

fn reqwest_client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

fn rss(head: &str, items: &[&str]) -> String {
    let items: String = items.iter().map(|path| format!("<item><title>{path}</title><link>{path}</link></item>")).collect();
    let atom = "xmlns:atom=\"http://www.w3.org/2005/Atom\"";
    format!("<rss version=\"2.0\" {atom}><channel><title>Agency</title>{head}{items}</channel></rss>")
}

/// The links of a document that names its hub and itself.
fn rss_links(hub: &Url, topic: &Url) -> String {
    format!("<atom:link rel=\"hub\" href=\"{hub}\"/><atom:link rel=\"self\" href=\"{topic}\"/>")
}

/// An agency whose hub is at `/hub`, and a desk that is subscribed there.
async fn subscribed(lease: &str) -> (Origin, Desk, Asked) {
    let origin = Origin::start().await;
    let topic = origin.url("/rss");
    origin.on("/rss", Reply::ok(rss(&rss_links(&origin.url("/hub"), &topic), &["/1"]))).on("/hub", Reply::status(202));
    let desk = Desk::new(&topic).await;
    desk.poll().await;
    let asked = Asked::of(&origin, "/hub");
    assert_eq!(asked.confirm(lease).await, (200, "what?".to_owned()));
    (origin, desk, asked)
}

// Discovery.

/// Polls `/feed`, where `reply` gives a document, and returns where it subscribed: the hub's path and the topic's.
#[track_caller]
fn check_found(origin: &Origin, hub: &str, topic: &str) {
    let asked = Asked::of(origin, hub);
    assert_eq!(asked.get("hub.mode"), "subscribe");
    assert_eq!(asked.get("hub.topic"), origin.url(topic).as_str());
    assert!(asked.get("hub.callback").contains("/news/websub/"), "{}", asked.get("hub.callback"));
    assert!(asked.get("hub.callback").rsplit('/').next().unwrap().len() >= 32, "a callback can be guessed");
    assert!((32..200).contains(&asked.get("hub.secret").len()));
}

#[tokio::test]
async fn hubs_are_found_in_headers_and_documents() {
    for (number, keys, hub) in
        [(100, "", "/hub"), (101, "listing = { item = \".card\" }\n", "/hub"), (102, "", "/hub"), (103, "", "/hub"), (104, "", "/hub")]
    {
        let origin = Origin::start().await;
        let (at, topic, other) = (origin.url("/hub"), origin.url("/feed"), origin.url("/other"));
        let links = format!("<link rel=\"hub\" href=\"{at}\"/><link rel=\"self\" href=\"{topic}\"/>");
        let reply = match number {
            100 => Reply::ok(rss("", &["/1"]))
                .header("link", format!("<{at}>; rel=\"hub\", <{topic}>; rel=self"))
                .header("link", "<https://a.example/>; rel=\"alternate\"; title=\"a, b\""),
            101 => Reply::ok(format!("<html><head>{links}</head><body><p class=card><a href=/1>one</a></body></html>")),
            102 => Reply::ok(format!(
                "<feed xmlns=\"http://www.w3.org/2005/Atom\"><id>1</id><title>a</title>{links}<entry><id>1</id><title>b</title></entry></feed>"
            )),
            103 => Reply::ok(rss(&rss_links(&at, &topic), &["/1"])),
            _ => Reply::ok(rss(&rss_links(&other, &other), &["/1"]))
                .header("link", format!("<{at}>; rel=hub"))
                .header("link", "</feed>; rel=\"Self\""),
        };
        origin.on("/feed", reply).on("/hub", Reply::status(202));
        let desk = Desk::with(&topic, &format!("allow_private = true\nfull_text = false\n{keys}")).await;
        assert_eq!(desk.poll().await.report.outcome, Outcome::Read, "{number}");
        check_found(&origin, hub, "/feed");
    }
}

#[tokio::test]
async fn the_topic_is_what_the_document_says_it_is() {
    // 200: another address than the one that was asked; 201, 202: the one behind a redirect.
    for (number, code) in [(200, None), (201, Some(302)), (202, Some(301))] {
        let origin = Origin::start().await;
        let document = Reply::ok(rss(&rss_links(&origin.url("/hub"), &origin.url("/itself")), &["/1"]));
        match code {
            None => origin.on("/feed", document),
            Some(code) => origin.on("/feed", Reply::redirect(code, "/itself")).on("/itself", document),
        };
        origin.on("/hub", Reply::status(202));
        let desk = Desk::new(&origin.url("/feed")).await;
        desk.poll().await;
        check_found(&origin, "/hub", "/itself");
        assert_eq!(Asked::of(&origin, "/hub").confirm("3600").await.0, 200, "{number}");
    }
}

#[tokio::test]
async fn a_hub_that_moved_is_followed_with_the_whole_request() {
    for (number, code) in [(203, 307), (204, 308)] {
        let origin = Origin::start().await;
        origin.on("/feed", Reply::ok(rss(&rss_links(&origin.url("/hub"), &origin.url("/feed")), &["/1"])));
        origin.on("/hub", Reply::redirect(code, "/moved")).on("/moved", Reply::status(202));
        let desk = Desk::new(&origin.url("/feed")).await;
        desk.poll().await;
        check_found(&origin, "/moved", "/feed");
        assert_eq!(Asked::of(&origin, "/moved").confirm("3600").await.0, 200, "{number}");
    }
    // Other redirects would make a question of the request.
    let origin = Origin::start().await;
    origin.on("/feed", Reply::ok(rss(&rss_links(&origin.url("/hub"), &origin.url("/feed")), &["/1"])));
    origin.on("/hub", Reply::redirect(302, "/moved"));
    let desk = Desk::new(&origin.url("/feed")).await;
    desk.poll().await;
    assert_eq!(origin.asked("/moved").len(), 0);
    assert_eq!(desk.subscriptions()[0].refusals, 1);
}

#[tokio::test]
async fn hubs_pass_the_address_guard() {
    let hub = Origin::start().await;
    hub.on("/hub", Reply::status(202));
    let origin = Origin::start().await;
    origin.on("/feed", Reply::ok(rss(&rss_links(&hub.url("/hub"), &origin.url("/feed")), &["/1"])));
    let desk = Desk::new(&origin.url("/feed")).await;
    desk.poll().await;
    assert_eq!(hub.seen().len(), 1);
    let client = &desk.tools.client;
    let refused = client.post(&hub.url("/hub"), "a=b", false).await.unwrap_err();
    assert!(refused.to_string().contains("not a public address"), "{refused}");
    assert_eq!(hub.seen().len(), 1);
}

// Verification of intent.

#[tokio::test]
async fn only_what_was_asked_for_is_confirmed() {
    // 205: a topic that nobody asked for.
    let (origin, desk, asked) = subscribed("864000").await;
    let topic = origin.url("/rss");
    let challenge = ("hub.challenge", "c");
    for (mode, topic, expected) in
        [("subscribe", "http://a.example/", 404), ("unsubscribe", topic.as_str(), 404), ("publish", topic.as_str(), 404), ("", "", 404)]
    {
        assert_eq!(asked.call(&[("hub.mode", mode), ("hub.topic", topic), challenge]).await.0, expected, "{mode} {topic}");
    }
    assert_eq!(asked.call(&[("hub.mode", "subscribe"), ("hub.topic", topic.as_str())]).await.0, 400, "no challenge");
    let mut elsewhere = Asked(asked.0.clone());
    elsewhere.0.insert("hub.callback".to_owned(), format!("{}0", asked.get("hub.callback")));
    assert_eq!(elsewhere.confirm("1").await.0, 404);
    assert_eq!(elsewhere.push_signed("x").await, 410);
    let Standing::Active { since, until } = desk.standing() else { panic!("{:?}", desk.standing()) };
    assert_eq!((until - since).num_days(), 10);
}

#[tokio::test]
async fn a_challenge_comes_back_as_plain_text_byte_for_byte() {
    let (_origin, _desk, asked) = subscribed("864000").await;
    let challenge = "<script>1 + 1 &amp; \u{44f}</script>";
    let parameters = [("hub.mode", "subscribe"), ("hub.topic", asked.get("hub.topic")), ("hub.challenge", challenge)];
    let answer = reqwest_client().get(Url::parse_with_params(asked.get("hub.callback"), parameters).unwrap()).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/plain; charset=utf-8");
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    assert_eq!(answer.text().await.unwrap(), challenge);
}

#[tokio::test]
async fn a_hub_may_deny() {
    let (origin, desk, asked) = subscribed("864000").await;
    let topic = origin.url("/rss");
    let denied = [("hub.mode", "denied"), ("hub.topic", topic.as_str()), ("hub.reason", "no\r\nmore")];
    assert_eq!(asked.call(&denied).await.0, 200);
    assert!(matches!(desk.standing(), Standing::Denied { reason, .. } if reason == "nomore"), "{:?}", desk.standing());
    desk.poll().await;
    assert_eq!(origin.asked("/hub").len(), 1, "it is not asked again soon");
}

#[tokio::test]
async fn a_hub_that_refuses_is_asked_again_later() {
    let origin = Origin::start().await;
    origin.on("/rss", Reply::ok(rss(&rss_links(&origin.url("/hub"), &origin.url("/rss")), &["/1"]))).on("/hub", Reply::status(500));
    let desk = Desk::new(&origin.url("/rss")).await;
    desk.poll().await;
    desk.poll().await;
    assert_eq!(origin.asked("/hub").len(), 1);
    let subscription = desk.subscriptions().remove(0);
    assert_eq!(subscription.standing, Standing::Asked);
    assert!(subscription.refusal.unwrap().contains("500"));
}

#[tokio::test]
async fn every_hub_of_a_list_is_tried() {
    let origin = Origin::start().await;
    let head = format!("{}<atom:link rel=\"hub\" href=\"{}\"/>", rss_links(&origin.url("/one"), &origin.url("/rss")), origin.url("/two"));
    origin.on("/rss", Reply::ok(rss(&head, &["/1"]))).on("/one", Reply::status(500)).on("/two", Reply::status(500));
    let desk = Desk::new(&origin.url("/rss")).await;
    let asked = || (origin.asked("/one").len(), origin.asked("/two").len());
    desk.poll().await;
    assert_eq!(asked(), (1, 0));
    desk.poll().await;
    assert_eq!(asked(), (1, 1), "the first one refused");
    for _ in 0..3 {
        desk.poll().await;
    }
    assert_eq!(asked(), (1, 1), "both are given time");

    // One that denies is as one that refuses.
    origin.on("/three", Reply::status(202));
    let head =
        format!("{}<atom:link rel=\"hub\" href=\"{}\"/>", rss_links(&origin.url("/three"), &origin.url("/rss")), origin.url("/four"));
    origin.set("/rss", Reply::ok(rss(&head, &["/1"]))).on("/four", Reply::status(202));
    desk.poll().await;
    let topic = origin.url("/rss");
    let denied = [("hub.mode", "denied"), ("hub.topic", topic.as_str())];
    assert_eq!(Asked::of(&origin, "/three").call(&denied).await.0, 200);
    desk.poll().await;
    assert_eq!(Asked::of(&origin, "/four").confirm("864000").await.0, 200);
    desk.poll().await;
    assert_eq!((origin.asked("/three").len(), origin.asked("/four").len()), (1, 1), "one hub is enough");
}

// Leases.

#[tokio::test]
async fn a_lease_is_renewed_before_it_ends() {
    let (origin, desk, asked) = subscribed("3600").await;
    desk.poll().await;
    assert_eq!(origin.asked("/hub").len(), 1, "there is time");
    assert_eq!(asked.push_signed(&rss("", &["/2"])).await, 202);
    desk.receive().await;
    assert!(desk.rest() < Duration::from_secs(2500), "the feed is polled before two thirds of the lease are over: {:?}", desk.rest());

    // A lease that is over, as after a long rest.
    assert_eq!(asked.confirm("0").await.0, 200);
    desk.poll().await;
    let again = Asked::of(&origin, "/hub");
    assert_eq!(origin.asked("/hub").len(), 2);
    assert_eq!(again.0, asked.0, "the same callback and secret");
    assert_eq!(again.confirm("864000").await.0, 200);
    assert!(matches!(desk.standing(), Standing::Active { .. }));
}

#[tokio::test]
async fn a_lease_that_ends_before_the_next_poll_is_renewed_without_one() {
    let (origin, desk, asked) = subscribed("1").await;
    let feeds = [Arc::clone(&desk.feed)];
    assert_eq!(asked.confirm("864000").await.0, 200);
    desk.subscriber.ask_all(&feeds, &desk.tools.client).await.unwrap();
    assert_eq!(origin.asked("/hub").len(), 1, "there is time");
    assert_eq!(asked.confirm("0").await.0, 200);
    let both = || desk.subscriber.ask_all(&feeds, &desk.tools.client);
    let (one, other) = tokio::join!(both(), both());
    one.and(other).unwrap();
    assert_eq!((origin.asked("/hub").len(), origin.asked("/rss").len()), (2, 1), "asked once more, without a poll");
    assert_eq!(Asked::of(&origin, "/hub").0, asked.0);
}

#[tokio::test]
async fn a_restart_keeps_the_subscription() {
    let (origin, desk, asked) = subscribed("864000").await;
    let store = desk.tools.store.clone();
    let config = Config::parse("[site]\naddress = \"https://desk.example/\"\n").unwrap();
    assert_eq!(config.serve.callbacks.as_ref().unwrap().as_str(), "https://desk.example/websub/");
    let restarted = Arc::new(Subscriber::open(&config, store).unwrap().unwrap());
    let router = websub::router(restarted);
    let token = asked.get("hub.callback").rsplit('/').next().unwrap().to_owned();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let callback = format!("http://{}/websub/{token}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let moved = Asked(asked.0.into_iter().chain([("hub.callback".to_owned(), callback)]).collect());
    assert_eq!(moved.push_signed("ping").await, 202);
    assert_eq!(origin.asked("/hub").len(), 1);
}

#[tokio::test]
async fn what_is_not_wanted_any_more_is_given_back() {
    // The document names no hub any more, or another one; the feed is polled no more.
    for reason in ["no hub", "another hub", "no feed"] {
        let (origin, desk, asked) = subscribed("864000").await;
        let (first, other) = (asked.get("hub.callback").to_owned(), origin.url("/other"));
        origin.forget("/rss");
        match reason {
            "no hub" => drop(origin.on("/rss", Reply::ok(rss("", &["/1"])))),
            "another hub" => {
                origin.on("/rss", Reply::ok(rss(&rss_links(&other, &origin.url("/rss")), &["/1"]))).on("/other", Reply::status(202));
            }
            _ => desk.subscriber.leave_others(&[], &desk.tools.client).await.unwrap(),
        }
        if reason == "no feed" {
            // The address guard keeps the request from the loopback hub, now that no feed allows it; the subscription is left all the same.
            assert!(desk.subscriptions()[0].refusal.as_ref().unwrap().contains("not a public address"));
        } else {
            desk.poll().await;
            let left = Asked::of(&origin, "/hub");
            assert_eq!((left.get("hub.mode"), left.get("hub.callback")), ("unsubscribe", first.as_str()), "{reason}");
            assert_eq!(left.push_signed("x").await, 410, "{reason}");
            assert_eq!(left.confirm("").await.0, 200, "{reason}");
            desk.poll().await;
        }
        let wanted: Vec<String> =
            desk.subscriptions().into_iter().filter(Subscription::is_wanted).map(|subscription| subscription.hub.to_string()).collect();
        assert_eq!(wanted, if reason == "another hub" { vec![other.to_string()] } else { Vec::new() }, "{reason}");
    }
}

// Pushes.

#[tokio::test]
async fn what_is_pushed_is_read_like_a_document() {
    // 300: a push is acknowledged.
    let (origin, desk, asked) = subscribed("864000").await;
    let validators = desk.state().validators;
    assert_eq!(asked.push_signed(&rss("", &["/2", "/3"])).await, 202);
    let polled = desk.receive().await;
    assert_eq!((polled.report.outcome, polled.report.listed, polled.report.new), (Outcome::Read, 2, 2));
    assert_eq!(origin.asked("/rss").len(), 1, "nothing is asked");
    let state = desk.state();
    assert_eq!(state.listed.len(), 3, "what was listed before still is");
    assert_eq!((state.validators, state.missed), (validators, false));
    assert_eq!(asked.push_signed(&rss("", &["/2", "/3"])).await, 202);
    assert_eq!(desk.receive().await.report.new, 0, "pushed twice is found once");
}

#[tokio::test]
async fn signatures_are_checked() {
    let (_origin, desk, asked) = subscribed("864000").await;
    for (number, method) in [(2, "sha1"), (3, "sha256"), (4, "sha384"), (5, "sha512")] {
        let body = rss("", &[&format!("/{number}")]);
        assert_eq!(asked.push(&body, Some(&asked.signature(method, &body))).await, 202);
        assert_eq!(desk.receive().await.report.new, 1, "{method}");
    }
    // 301, 302: what is signed wrongly or not at all is acknowledged and dropped.
    let body = rss("", &["/forged"]);
    let right = asked.signature("sha256", &body);
    let cut = &right[..right.len() - 2];
    let wrong = right.replace("sha256=", "sha512=");
    for signature in [None, Some(""), Some("sha256="), Some("sha256=00"), Some("md5=00"), Some(cut), Some(&wrong), Some("sha256=zz")] {
        assert_eq!(asked.push(&body, signature).await, 202, "{signature:?}");
    }
    assert_eq!(asked.push(&format!("{body} "), Some(&right)).await, 202);
    let waiting = tokio::time::timeout(Duration::ZERO, desk.subscriber.next()).await;
    assert!(waiting.is_err(), "{waiting:?}");
}

#[tokio::test]
async fn a_thin_ping_means_poll_now() {
    let (origin, desk, asked) = subscribed("864000").await;
    let links = rss_links(&origin.url("/hub"), &origin.url("/rss"));
    origin.forget("/rss").on("/rss", Reply::ok(rss(&links, &["/2", "/1"])));
    for body in ["", "there is news"] {
        assert_eq!(asked.push_signed(body).await, 202);
        desk.receive().await;
    }
    assert_eq!(origin.asked("/rss").len(), 3);
    assert_eq!(desk.tools.store.stats().unwrap().articles, 2);
}

#[tokio::test]
async fn more_than_is_read_is_refused_and_more_than_fits_is_put_off() {
    let (_origin, _desk, asked) = subscribed("864000").await;
    assert_eq!(asked.push_signed(&"x".repeat(16 << 20)).await, 413);
    for _ in 0..64 {
        assert_eq!(asked.push_signed("x").await, 202);
    }
    assert_eq!(asked.push_signed("x").await, 503);
}

#[tokio::test]
async fn polls_are_rare_while_pushes_work_and_come_back_when_they_fail() {
    let (origin, desk, asked) = subscribed("864000").await;
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    desk.poll().await;
    assert!(desk.rest() < hours(6), "nothing was pushed yet: {:?}", desk.rest());
    asked.push_signed(&rss("", &["/2"])).await;
    desk.receive().await;
    assert!(desk.rest() > hours(11), "{:?}", desk.rest());
    desk.poll().await;
    assert!(desk.rest() > hours(11), "the poll found nothing that was not pushed: {:?}", desk.rest());
    let links = rss_links(&origin.url("/hub"), &origin.url("/rss"));
    origin.forget("/rss").on("/rss", Reply::ok(rss(&links, &["/3", "/2", "/1"])));
    desk.poll().await;
    assert!(desk.rest() < hours(6), "the hub is asleep: {:?}", desk.rest());
    assert!(!desk.subscriptions()[0].works);
    asked.push_signed(&rss("", &["/4"])).await;
    desk.receive().await;
    assert!(desk.rest() > hours(11), "and awake again: {:?}", desk.rest());
}

#[test]
fn hubs_are_told_of_us_only_where_they_can_reach_us() {
    let callbacks = |text: &str| Config::parse(text).unwrap().serve.callbacks.map(String::from);
    let site = |address: &str, serve: &str| callbacks(&format!("[site]\naddress = \"{address}\"\n[serve]\n{serve}\n"));
    assert_eq!(callbacks(""), None);
    assert_eq!(site("https://news.example.org/desk", ""), Some("https://news.example.org/desk/websub/".to_owned()));
    assert_eq!(site("https://news.example.org/", "websub = false"), None);
    assert_eq!(site("http://192.168.1.10:8080/", ""), None);
    assert_eq!(site("https://desk/", ""), None);
    assert_eq!(site("http://news.example.org/", ""), None);
    assert_eq!(site("http://news.example.org/", "websub = true"), Some("http://news.example.org/websub/".to_owned()));
}
