//! Our hub, webhooks and another hub, against callbacks on loopback. The cases of the W3C's tests for hubs are named by their numbers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::Redirect;
use axum::routing::get;
use ring::hmac;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use topicwire::fetch::Client;
use topicwire::hub::{self, Hub, Targets, Webhook};
use topicwire::model::{Follower, Progress, TopicId};
use topicwire::publish::entry_id;
use topicwire::serve::metrics::Metrics;
use tower::ServiceExt;
use url::Url;

use crate::conditional::{CONFIG, Site};
use crate::origin::settings;
use crate::store::{article, key, poll};

const SITE: &str = "[site]\naddress = \"https://desk.example/\"\n";

/// Somebody who is sent something.
#[derive(Clone, Default)]
struct Callback(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    asked: Vec<BTreeMap<String, String>>,
    taken: Vec<(HeaderMap, Bytes)>,
    refused: usize,
    /// How the next deliveries are answered; 202 when there are none.
    answers: VecDeque<u16>,
    is_unwilling: bool,
}

impl Callback {
    async fn start() -> (Self, Url) {
        let callback = Self::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let moved = async |RawQuery(query): RawQuery| Redirect::temporary(&format!("/me?{}", query.unwrap()));
        let router = Router::new().route("/me", get(Self::asked).post(Self::sent)).route("/moved", get(moved));
        let router = router.with_state(callback.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (callback, Url::parse(&format!("http://{address}/me")).unwrap())
    }

    #[expect(clippy::unused_async, reason = "a handler")]
    async fn asked(State(callback): State<Self>, RawQuery(query): RawQuery) -> Result<String, StatusCode> {
        let query: BTreeMap<String, String> = url::form_urlencoded::parse(query.unwrap().as_bytes()).into_owned().collect();
        let challenge = query["hub.challenge"].clone();
        let mut seen = callback.0.lock().unwrap();
        seen.asked.push(query);
        if seen.is_unwilling { Err(StatusCode::NOT_FOUND) } else { Ok(challenge) }
    }

    #[expect(clippy::unused_async, reason = "a handler")]
    async fn sent(State(callback): State<Self>, headers: HeaderMap, body: Bytes) -> StatusCode {
        let mut seen = callback.0.lock().unwrap();
        let status = StatusCode::from_u16(seen.answers.pop_front().unwrap_or(202)).unwrap();
        if status.is_success() {
            seen.taken.push((headers, body));
        } else {
            seen.refused += 1;
        }
        status
    }

    async fn until(&self, done: impl Fn(&Seen) -> bool) {
        for _ in 0..1500 {
            if done(&self.0.lock().unwrap()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it never came to that");
    }

    fn taken(&self) -> Vec<(HeaderMap, Bytes)> {
        self.0.lock().unwrap().taken.clone()
    }
}

/// A hub that runs until it is dropped or stopped.
struct Running {
    hub: Arc<Hub>,
    metrics: Arc<Metrics>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    fn start(site: &Site, webhooks: Vec<Webhook>) -> Self {
        let metrics: Arc<Metrics> = Arc::default();
        let client = Client::new(settings()).unwrap();
        let hub = Hub::open(
            &site.config,
            Targets { webhooks, post: None },
            Arc::clone(&site.wires),
            site.store.clone(),
            client,
            Arc::clone(&metrics),
        )
        .unwrap();
        let hub = Arc::new(hub.with_patience(chrono::TimeDelta::milliseconds(5)));
        let (stop, stopped) = oneshot::channel();
        let running = Arc::clone(&hub);
        let task = tokio::spawn(async move { running.run(async { drop(stopped.await) }).await });
        Self { hub, metrics, stop, task }
    }

    async fn ask(&self, fields: &[(&str, &str)]) -> StatusCode {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post("/hub").header("content-type", "application/x-www-form-urlencoded").body(Body::from(form)).unwrap();
        hub::router(Arc::clone(&self.hub)).oneshot(request).await.unwrap().status()
    }

    async fn stop(self) {
        drop(self.stop);
        self.task.await.unwrap();
    }
}

const TOPIC: &str = "https://desk.example/topics/a.atom";

fn own(more: &str) -> Site {
    Site::new(&format!("{SITE}[serve]\nhub = \"own\"\n{more}{CONFIG}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn hub_100_to_104() {
    let site = own("private_subscribers = true\n");
    site.bring(vec![article(1, &["a"])]);
    let hub = Running::start(&site, Vec::new());
    let (callback, url) = Callback::start().await;
    let subscribe = [("hub.mode", "subscribe"), ("hub.callback", url.as_str()), ("hub.topic", TOPIC)];

    // 100: the intent is verified, and what comes then is the whole wire, with its type and its links.
    assert_eq!(hub.ask(&subscribe).await, StatusCode::ACCEPTED);
    callback.until(|seen| seen.asked.len() == 1).await;
    let asked = callback.0.lock().unwrap().asked[0].clone();
    assert_eq!(
        (asked["hub.mode"].as_str(), asked["hub.topic"].as_str(), asked["hub.lease_seconds"].as_str()),
        ("subscribe", TOPIC, "864000")
    );
    while site.store.followers().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    site.bring(vec![article(2, &["a"])]);
    callback.until(|seen| seen.taken.len() == 1).await;
    let (headers, body) = callback.taken().remove(0);
    let (_, served, whole) = site.get("/topics/a.atom", &[]).await;
    assert_eq!(body, whole);
    for name in ["content-type", "link"] {
        assert_eq!(headers[name], served[name]);
    }
    assert_eq!(headers["link"], format!("<https://desk.example/hub>; rel=\"hub\", <{TOPIC}>; rel=\"self\""));
    assert!(!headers.contains_key("x-hub-signature"));

    // 101 to 103: asked again, with a secret, a lease and what nobody knows: one subscription, signed.
    let again = [&subscribe[..], &[("hub.secret", "kept"), ("hub.lease_seconds", "86400"), ("hub.foo", "bar")]].concat();
    assert_eq!(hub.ask(&again).await, StatusCode::ACCEPTED);
    callback.until(|seen| seen.asked.len() == 2).await;
    while site.store.followers().unwrap().values().any(|follower| follower.secret.is_none()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    site.bring(vec![article(3, &["a"])]);
    callback.until(|seen| seen.taken.len() == 2).await;
    let (headers, body) = callback.taken().remove(1);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"kept"), &body);
    let signature: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(headers["x-hub-signature"], format!("sha256={signature}"));
    assert_eq!(site.store.followers().unwrap().len(), 1);

    // 104: unsubscribed, when that is meant.
    let leave = [("hub.mode", "unsubscribe"), ("hub.callback", url.as_str()), ("hub.topic", TOPIC)];
    callback.0.lock().unwrap().is_unwilling = true;
    assert_eq!(hub.ask(&leave).await, StatusCode::ACCEPTED);
    callback.until(|seen| seen.asked.len() == 3).await;
    callback.0.lock().unwrap().is_unwilling = false;
    assert_eq!(hub.ask(&leave).await, StatusCode::ACCEPTED);
    callback.until(|seen| seen.asked.len() == 4).await;
    while !site.store.followers().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    site.bring(vec![article(4, &["a"])]);
    hub.stop().await;
    assert_eq!(callback.taken().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_made_to_ask_for_others_or_for_what_is_not_ours() {
    let closed = "[all]\ntoken = \"env:NONE\"\n[[feed]]\nid = \"closed\"\nurl = \"https://b.kz/rss\"\ntoken = \"env:NONE\"\n";
    let site = own(closed);
    let hub = Running::start(&site, Vec::new());
    let (callback, url) = Callback::start().await;
    for (mode, to, topic, status) in [
        ("subscribe", url.as_str(), "https://desk.example/all.atom", StatusCode::NOT_FOUND),
        ("subscribe", url.as_str(), "https://desk.example/agencies/closed.rss", StatusCode::NOT_FOUND),
        ("subscribe", url.as_str(), "https://other.example/topics/a.atom", StatusCode::NOT_FOUND),
        ("subscribe", url.as_str(), "https://desk.example/topics/b.atom", StatusCode::NOT_FOUND),
        ("subscribe", url.as_str(), "https://desk.example/topics/a.html", StatusCode::NOT_FOUND),
        ("publish", url.as_str(), TOPIC, StatusCode::BAD_REQUEST),
        ("subscribe", "file:///etc/passwd", TOPIC, StatusCode::BAD_REQUEST),
        // Taken, and then not asked: the address is a private one.
        ("subscribe", url.as_str(), TOPIC, StatusCode::ACCEPTED),
    ] {
        assert_eq!(hub.ask(&[("hub.mode", mode), ("hub.callback", to), ("hub.topic", topic)]).await, status, "{mode} {to} {topic}");
    }
    let long = "x".repeat(200);
    let fields = [("hub.mode", "subscribe"), ("hub.callback", url.as_str()), ("hub.topic", TOPIC), ("hub.secret", &long)];
    assert_eq!(hub.ask(&fields).await, StatusCode::BAD_REQUEST);
    tokio::time::sleep(Duration::from_millis(200)).await;
    hub.stop().await;
    assert!(callback.0.lock().unwrap().asked.is_empty() && site.store.followers().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_redirects_confirms_nothing() {
    let site = own("private_subscribers = true\n");
    let hub = Running::start(&site, Vec::new());
    let (callback, url) = Callback::start().await;
    for (path, asked) in [("/moved", 0), ("/me", 1)] {
        let to = url.join(path).unwrap();
        hub.ask(&[("hub.mode", "subscribe"), ("hub.callback", to.as_str()), ("hub.topic", TOPIC)]).await;
        callback.until(|seen| seen.asked.len() > asked).await;
    }
    while site.store.followers().unwrap().values().all(|follower| follower.callback != url) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    hub.stop().await;
    assert_eq!(site.store.followers().unwrap().len(), 1);
}

/// Somebody who was subscribed before the hub started.
fn follower(callback: Url) -> Follower {
    let until = chrono::Utc::now() + chrono::TimeDelta::days(1);
    Follower { callback, wire: "topics/a.atom".to_owned(), secret: None, until, progress: Progress::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_neither_longer_nor_shorter_than_ours() {
    let site = own("private_subscribers = true\n");
    let hub = Running::start(&site, Vec::new());
    let (callback, url) = Callback::start().await;
    for (count, (asked, granted)) in
        [("864001", 864_000), ("4294967295", 864_000), ("99999999999", 864_000), ("3600", 3600), ("1", 300), ("soon", 864_000)]
            .into_iter()
            .enumerate()
    {
        let fields = [("hub.mode", "subscribe"), ("hub.callback", url.as_str()), ("hub.topic", TOPIC), ("hub.lease_seconds", asked)];
        let began = chrono::Utc::now();
        assert_eq!(hub.ask(&fields).await, StatusCode::ACCEPTED);
        callback.until(|seen| seen.asked.len() > count).await;
        assert_eq!(callback.0.lock().unwrap().asked[count]["hub.lease_seconds"], granted.to_string(), "{asked}");
        let lasts = |follower: &Follower| (follower.until - began).num_seconds();
        while !site.store.followers().unwrap().values().any(|follower| (granted..granted + 60).contains(&lasts(follower))) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    assert_eq!(site.store.followers().unwrap().len(), 1);
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_renew_is_sent_no_more() {
    let site = own("private_subscribers = true\n");
    let [(over, over_url), (renewed, renewed_url)] = [Callback::start().await, Callback::start().await];
    let until = chrono::Utc::now() + chrono::TimeDelta::milliseconds(1500);
    site.store.put_follower(&Follower { until, ..follower(over_url) }).unwrap();
    site.store.put_follower(&follower(renewed_url.clone())).unwrap();
    let hub = Running::start(&site, Vec::new());
    site.bring(vec![article(1, &["a"])]);
    over.until(|seen| seen.taken.len() == 1).await;
    renewed.until(|seen| seen.taken.len() == 1).await;
    tokio::time::sleep((until - chrono::Utc::now()).to_std().unwrap_or_default()).await;
    site.bring(vec![article(2, &["a"])]);
    renewed.until(|seen| seen.taken.len() == 2).await;
    while site.store.followers().unwrap().len() > 1 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    hub.stop().await;
    assert_eq!(over.taken().len(), 1);
    assert!(site.store.followers().unwrap().values().all(|follower| follower.callback == renewed_url));
}

#[tokio::test]
async fn who_comes_when_there_is_no_room_is_told_so() {
    let site = own("");
    let callback = "https://reader.example/in";
    site.store.put_follower(&follower(Url::parse(callback).unwrap())).unwrap();
    let client = Client::new(settings()).unwrap();
    let hub = Hub::open(&site.config, Targets::default(), Arc::clone(&site.wires), site.store.clone(), client, Arc::default()).unwrap();
    let router = hub::router(Arc::new(hub.with_room(1)));
    for (mode, to, status, retry) in [
        ("subscribe", "https://other.example/in", StatusCode::SERVICE_UNAVAILABLE, true),
        ("unsubscribe", "https://other.example/in", StatusCode::ACCEPTED, false),
        ("subscribe", callback, StatusCode::ACCEPTED, false),
    ] {
        let fields = [("hub.mode", mode), ("hub.callback", to), ("hub.topic", TOPIC)];
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let answer = router.clone().oneshot(Request::post("/hub").body(Body::from(form)).unwrap()).await.unwrap();
        assert_eq!((answer.status(), answer.headers().contains_key("retry-after")), (status, retry), "{mode} {to}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_has_the_entry_that_it_is_sent_for() {
    let site = own("private_subscribers = true\n");
    let (callback, url) = Callback::start().await;
    site.store.put_follower(&follower(url)).unwrap();
    let hub = Running::start(&site, Vec::new());
    site.bring(vec![article(1, &["a"])]);
    callback.until(|seen| seen.taken.len() == 1).await;
    site.get("/topics/a.atom", &[]).await;
    // The bell rings for something else, between the commit and the moment in which the wire as it was is forgotten.
    site.store.commit(&poll(2, vec![article(2, &["a"])])).unwrap();
    site.wires.changed(&BTreeSet::new());
    callback.until(|seen| seen.taken.len() == 2).await;
    hub.stop().await;
    let body = String::from_utf8(callback.taken()[1].1.to_vec()).unwrap();
    assert!(body.contains(&entry_id(key(2))), "{body}");
}

fn webhook(url: &Url) -> Vec<Webhook> {
    vec![Webhook { topic: TopicId::new("a").unwrap(), url: url.clone(), secret: "kept".to_owned(), allow_private: true }]
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_strangers_do_not_hold_up_a_webhook() {
    let site = own("private_subscribers = true\n");
    let (hook, url) = Callback::start().await;
    // They let others connect, and never answer.
    let slow: Vec<_> = (0..20).map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    for listener in &slow {
        let callback = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        site.store.put_follower(&follower(callback)).unwrap();
    }
    let hub = Running::start(&site, webhook(&url));
    let began = std::time::Instant::now();
    for number in 1..=3 {
        site.bring(vec![article(number, &["a"])]);
        hook.until(|seen| seen.taken.len() == number as usize).await;
    }
    assert!(began.elapsed() < settings().read_timeout, "{:?}", began.elapsed());
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_put_back_is_sent_what_comes_from_then_on() {
    let mut site = own("");
    let (hook, url) = Callback::start().await;
    for (number, webhooks) in [(1, webhook(&url)), (2, Vec::new()), (3, webhook(&url))] {
        let is_told = !webhooks.is_empty();
        let hub = Running::start(&site, webhooks);
        let before = hook.taken().len();
        site.bring(vec![article(number, &["a"])]);
        if is_told {
            hook.until(|seen| seen.taken.len() > before).await;
        }
        hub.stop().await;
        site = site.reopened(&format!("{SITE}[serve]\nhub = \"own\"\n{CONFIG}"));
    }
    let told: Vec<String> = hook.taken().into_iter().map(|(_, body)| String::from_utf8(body.to_vec()).unwrap()).collect();
    assert!(told.len() == 2 && told[0].contains(&entry_id(key(1))) && told[1].contains(&entry_id(key(3))), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_entry_under_a_number_that_is_given_again_has_a_key_of_its_own() {
    let (hook, url) = Callback::start().await;
    for number in [1, 2] {
        let site = own("");
        let hub = Running::start(&site, webhook(&url));
        site.bring(vec![article(number, &["a"])]);
        hook.until(|seen| seen.taken.len() == number as usize).await;
        hub.stop().await;
    }
    let taken = hook.taken();
    let keys: BTreeSet<_> = taken.iter().map(|(headers, _)| headers["idempotency-key"].as_bytes()).collect();
    assert_eq!(keys.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_away_or_refuses_loses_nothing_over_restarts() {
    let mut site = own("private_subscribers = true\n");
    let (callback, url) = Callback::start().await;
    let (hook, hook_url) = Callback::start().await;
    let webhooks = || webhook(&hook_url);
    let mut hub = Running::start(&site, webhooks());
    hub.ask(&[("hub.mode", "subscribe"), ("hub.callback", url.as_str()), ("hub.topic", TOPIC)]).await;
    while site.store.followers().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut number = 0;
    for round in 0..4 {
        for answers in [&callback, &hook] {
            answers.0.lock().unwrap().answers.extend([500, 503, 200, 404, 500, 500].into_iter().take(3 + round));
        }
        for _ in 0..30 {
            number += 1;
            site.bring(vec![article(number, &["a"])]);
        }
        hook.until(|seen| seen.taken.len() > round * 10).await;
        hub.stop().await;
        // More comes while nobody carries anything.
        site.bring((1..=20).map(|more| article(number + more, &["a"])).collect());
        number += 20;
        site = site.reopened(&format!("{SITE}[serve]\nhub = \"own\"\nprivate_subscribers = true\n{CONFIG}"));
        hub = Running::start(&site, webhooks());
    }
    let all: BTreeSet<String> = (1..=number).map(|number| entry_id(key(number))).collect();
    let delivered = |seen: &Seen| -> BTreeSet<String> {
        let item = |(_, body): &(HeaderMap, Bytes)| {
            let item: serde_json::Value = serde_json::from_slice(body).unwrap();
            item["id"].as_str().unwrap().to_owned()
        };
        seen.taken.iter().map(item).collect()
    };
    hook.until(|seen| delivered(seen) == all).await;
    let mut keys: BTreeMap<String, String> = BTreeMap::new();
    for (headers, body) in hook.taken() {
        let key = headers["idempotency-key"].to_str().unwrap().to_owned();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert_eq!(keys.entry(key).or_insert_with(|| body.clone()), &body, "the same key is the same entry");
        assert!(headers["x-hub-signature-256"].to_str().unwrap().starts_with("sha256="));
    }
    assert_eq!(keys.len(), all.len());
    let told = |seen: &Seen| {
        let bodies: Vec<String> = seen.taken.iter().map(|(_, body)| String::from_utf8(body.to_vec()).unwrap()).collect();
        all.iter().all(|id| bodies.iter().any(|body| body.contains(id)))
    };
    callback.until(told).await;
    assert!(hook.0.lock().unwrap().refused > 3 && callback.0.lock().unwrap().refused > 3);
    assert!(hub.metrics.render().contains("topicwire_deliveries_total{kind=\"webhook\",result=\"taken\"}"));
    // Whoever says that it is gone is not asked again.
    callback.0.lock().unwrap().answers.push_back(410);
    site.bring(vec![article(9000, &["a"])]);
    while !site.store.followers().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    hub.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wires_name_their_hub_once_in_header_and_body() {
    let site = Site::new(&format!("{SITE}[serve]\nhub = \"https://hub.example/\"\n{CONFIG}"));
    site.bring(vec![article(1, &["a"])]);
    for (form, hub, own) in [
        ("atom", "rel=\"hub\"", "rel=\"self\""),
        ("rss", "rel=\"hub\"", "rel=\"self\""),
        ("json", "\"hubs\":[{\"type\":\"WebSub\",\"url\":\"https://hub.example/\"}]", "\"feed_url\""),
    ] {
        let (_, headers, body) = site.get(&format!("/topics/a.{form}"), &[]).await;
        let link = format!("<https://hub.example/>; rel=\"hub\", <https://desk.example/topics/a.{form}>; rel=\"self\"");
        assert_eq!(headers["link"], link);
        assert_eq!((body.matches(hub).count(), body.matches(own).count()), (1, 1), "{body}");
        let (_, headers, body) = site.get(&format!("/topics/a.{form}?limit=1"), &[]).await;
        assert!(!headers.contains_key("link") && !body.contains(hub), "a hub knows whole wires");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_hub_is_told_which_wires_changed() {
    let (callback, url) = Callback::start().await;
    let site = Site::new(&format!("{SITE}[serve]\nhub = \"{url}\"\n{CONFIG}"));
    let hub = Running::start(&site, Vec::new());
    site.bring(vec![article(1, &["a"])]);
    callback.until(|seen| seen.taken.len() == 9).await;
    hub.stop().await;
    let told: BTreeSet<String> = callback.taken().iter().map(|(_, body)| String::from_utf8(body.to_vec()).unwrap()).collect();
    let address = "https%3A%2F%2Fdesk.example%2Ftopics%2Fa.atom";
    assert!(told.contains(&format!("hub.mode=publish&hub.url={address}&hub.topic={address}")), "{told:?}");
    assert_eq!(told.len(), 9, "three forms of the topic, the agency and everything");
}
