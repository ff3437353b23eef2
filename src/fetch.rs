//! Polite HTTP: conditional requests, limits, robots.txt, a pause per host, an address guard. Moves bytes and decides nothing
//! about them.
//!
//! [`Client::get`] is one question: it follows redirects itself, so that every hop passes the address guard, robots.txt and the host's
//! pace. What it remembers is about hosts only; validators come with the request and go back with the answer.

mod address;
mod arrival;
mod body;
mod credentials;
mod failure;
mod headers;
mod host;
mod robots;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};
use url::Url;

use self::arrival::Arrival;
pub use self::credentials::Credentials;
pub use self::failure::Failure;
pub use self::headers::{Link, merged};
use crate::model::{RobotsText, Silence, Validators};
use crate::{clock, config};

/// The name in `User-Agent` and in robots.txt.
const PRODUCT: &str = "topicwire";

const MAX_REDIRECTS: usize = 5;

/// How the client behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where a server's operator learns who asks: a URL or an e-mail address, in the `User-Agent`.
    pub contact: Option<String>,
    /// Between the end of one request to a host and the start of the next. Zero: none.
    pub pause: Duration,
    /// To connect, to wait for more bytes, and for everything but waiting for one's turn.
    pub connect_timeout: Duration,
    pub read_timeout: Duration,
    pub total_timeout: Duration,
    /// Of decompressed bytes.
    pub max_body: usize,
    /// Names that are answered from here, address and port, before the system is asked: for origins that no name server knows. Whoever
    /// writes one down vouches for its address.
    pub hosts: BTreeMap<String, SocketAddr>,
}

impl Settings {
    /// As the configuration has it.
    #[must_use]
    pub fn of(config: &config::Fetch) -> Self {
        Self {
            contact: config.contact.clone(),
            pause: config.pause,
            connect_timeout: config.timeout.min(Duration::from_secs(10)),
            read_timeout: config.timeout.min(Duration::from_secs(15)),
            total_timeout: config.timeout,
            max_body: config.max_body,
            hosts: BTreeMap::new(),
        }
    }
}

/// The longest answer to a challenge, in bytes.
const LONGEST_WORD: usize = 4 << 10;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A subscribed document: robots.txt does not apply.
    Feed,
    /// An article's page: robots.txt applies.
    Page,
    /// Whether a subscriber of our hub means it: a word is answered, robots.txt does not apply.
    Challenge,
}

/// One request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub url: &'a Url,
    pub purpose: Purpose,
    pub validators: Option<&'a Validators>,
    /// Private and loopback addresses may be asked: the feed says `allow_private = true`.
    pub allow_private: bool,
    /// What the feed's own origin is shown, and no other on the way.
    pub credentials: Option<&'a Credentials>,
}

/// What came back.
#[derive(Clone, Debug)]
pub enum Answer {
    Fresh(Response),
    NotModified {
        /// As this answer gave them, perhaps none: [`merged`] with those before, they are the ones to keep.
        validators: Validators,
        max_age: Option<Duration>,
        /// As in [`Response::moved`].
        moved: Option<Url>,
    },
    /// 410.
    Gone,
    /// 429, or 503 with a time, now or for an earlier request to this host: not the feed's fault.
    Throttled {
        /// None when the server gave no time.
        retry_after: Option<Duration>,
    },
    Failed(Failure),
}

/// A document and what the server said of it.
#[derive(Clone, Debug)]
pub struct Response {
    /// After redirects.
    pub url: Url,
    /// The new address, when every redirect on the way was permanent.
    pub moved: Option<Url>,
    pub content_type: Option<String>,
    pub body: Bytes,
    /// As this answer gave them: they replace those before, for they belong to this document.
    pub validators: Validators,
    /// `Cache-Control: max-age` less `Age`, or else `Expires`.
    pub max_age: Option<Duration>,
    /// The targets of its `Link` headers.
    pub links: Vec<Link>,
    /// Only the entries that are new (226, RFC 3229): what is missing was not removed.
    pub is_delta: bool,
}

/// What is sent to somebody.
#[derive(Clone, Debug)]
pub struct Parcel {
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    Taken,
    /// 410: nothing is wanted there any more.
    Gone,
    Refused(Failure),
}

/// One client for the whole process: it knows when each host was last asked.
#[derive(Debug)]
pub struct Client {
    settings: Settings,
    /// Resolves to public addresses only.
    guarded: reqwest::Client,
    /// Resolves to any address. A client of its own, so that no connection to a private address is ever reused for the other.
    open: reqwest::Client,
    hosts: host::Hosts,
    /// Turns in reading them.
    long_bodies: Semaphore,
    robots: robots::Cache,
}

/// How a chain of hops is made.
#[derive(Debug)]
struct Errand<'a> {
    headers: HeaderMap,
    credentials: Option<&'a Credentials>,
    /// Sent along: a POST, then.
    form: Option<Bytes>,
    allow_private: bool,
    obeys_robots: bool,
    limit: body::Limit,
}

/// Why a chain did not end in an answer.
#[derive(Debug)]
enum Obstacle {
    /// The host wants to be left alone, for this long if it said so.
    Silence {
        wanted: Option<Duration>,
    },
    Failure(Failure),
}

impl From<Failure> for Obstacle {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl Client {
    /// # Errors
    /// When TLS cannot be set up, or the contact cannot be sent in a header.
    pub fn new(settings: Settings) -> Result<Self, Failure> {
        // Fails when there is a provider already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let hosts = Arc::new(settings.hosts.clone());
        let guarded = build(&settings, address::Resolver { allow_private: false, hosts: Arc::clone(&hosts) })?;
        let open = build(&settings, address::Resolver { allow_private: true, hosts })?;
        let (hosts, robots) = (host::Hosts::default(), robots::Cache::default());
        Ok(Self { guarded, open, hosts, long_bodies: Semaphore::new(body::LONG_AT_ONCE), robots, settings })
    }

    /// The hosts that asked to be left alone: to be remembered by whoever starts the next client.
    #[must_use]
    pub fn silences(&self) -> Vec<Silence> {
        let until = |left| TimeDelta::from_std(left).ok().and_then(|left| clock::now().checked_add_signed(left));
        self.hosts.silences().into_iter().filter_map(|(host, left)| Some(Silence { host, until: until(left)? })).collect()
    }

    /// Leaves alone those who asked an earlier client for it. To be called before the first question.
    pub fn keep_silences(&self, silences: impl IntoIterator<Item = Silence>) {
        let now = clock::now();
        for Silence { host, until } in silences {
            if let Ok(left) = (until - now).to_std() {
                self.hosts.silence(host, left);
            }
        }
    }

    /// What is known of robots.txt where these pages are: to be remembered by whoever starts the next client.
    pub fn robots<'a>(&self, pages: impl IntoIterator<Item = &'a Url>, allow_private: bool) -> Vec<RobotsText> {
        let origins: BTreeMap<String, &Url> = pages.into_iter().map(|page| (page.origin().ascii_serialization(), page)).collect();
        let text = |(origin, page): (String, &Url)| {
            let (text, left) = self.robots.text(page, allow_private)?;
            let until = clock::now().checked_add_signed(TimeDelta::from_std(left).ok()?)?;
            Some(RobotsText { origin, allow_private, text, until })
        };
        origins.into_iter().filter_map(text).collect()
    }

    /// Does not ask again for what an earlier client read. To be called before the first question.
    pub fn keep_robots(&self, robots: impl IntoIterator<Item = RobotsText>) {
        let now = clock::now();
        for RobotsText { origin, allow_private, text, until } in robots {
            if let Ok(left) = (until - now).to_std() {
                self.robots.keep(origin, allow_private, text, left);
            }
        }
    }

    /// Asks once, politely. Never fails: what went wrong is an answer.
    pub async fn get(&self, request: Request<'_>) -> Answer {
        let errand = Errand {
            headers: headers::of_request(&request),
            credentials: request.credentials,
            form: None,
            allow_private: request.allow_private,
            obeys_robots: request.purpose == Purpose::Page,
            limit: body::Limit::Whole(match request.purpose {
                Purpose::Feed | Purpose::Page => self.settings.max_body,
                Purpose::Challenge => LONGEST_WORD,
            }),
        };
        match self.follow(request.url, &errand).await {
            Ok(arrival) => arrival.into_answer(&request),
            Err(Obstacle::Silence { wanted }) => Answer::Throttled { retry_after: wanted },
            Err(Obstacle::Failure(failure)) => Answer::Failed(failure),
        }
    }

    /// Sends a form, as to a hub, as politely as a question is asked.
    ///
    /// # Errors
    /// When it was not accepted.
    pub async fn post(&self, url: &Url, form: &str, allow_private: bool) -> Result<(), Failure> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))]);
        let limit = body::Limit::Beginning(0);
        let errand = Errand {
            headers,
            credentials: None,
            form: Some(Bytes::copy_from_slice(form.as_bytes())),
            allow_private,
            obeys_robots: false,
            limit,
        };
        match self.follow(url, &errand).await {
            Ok(arrival) if arrival.status.is_success() => Ok(()),
            Ok(arrival) => Err(arrival.failure()),
            Err(Obstacle::Silence { .. }) => Err(failure::silent(url)),
            Err(Obstacle::Failure(failure)) => Err(failure),
        }
    }

    /// Sends something, as to a subscriber, as politely as a question is asked.
    pub async fn send(&self, url: &Url, parcel: &Parcel, allow_private: bool) -> Sent {
        let header = |(name, value): &(&'static str, String)| Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?));
        let headers = parcel.headers.iter().filter_map(header).collect();
        let (form, limit) = (Some(parcel.body.clone()), body::Limit::Beginning(0));
        let errand = Errand { headers, credentials: None, form, allow_private, obeys_robots: false, limit };
        match self.follow(url, &errand).await {
            Ok(arrival) if arrival.status.is_success() => Sent::Taken,
            Ok(arrival) if arrival.status == StatusCode::GONE => Sent::Gone,
            Ok(arrival) => Sent::Refused(arrival.failure()),
            Err(Obstacle::Silence { .. }) => Sent::Refused(failure::silent(url)),
            Err(Obstacle::Failure(failure)) => Sent::Refused(failure),
        }
    }

    /// Goes where redirects lead, at most [`MAX_REDIRECTS`] times.
    async fn follow(&self, start: &Url, errand: &Errand<'_>) -> Result<Arrival, Obstacle> {
        let mut url = start.clone();
        let mut all_permanent = true;
        let mut time_left = self.settings.total_timeout;
        for hop in 0..=MAX_REDIRECTS {
            address::check(&url, errand.allow_private).map_err(|refused| failure::refused(&refused, &url))?;
            let crawl_delay = if errand.obeys_robots { self.obey_robots(&url, errand.allow_private).await? } else { Duration::ZERO };
            let mut arrival = self.exchange(&url, errand, crawl_delay, &mut time_left).await?;
            let Some(next) = arrival.redirect(errand.form.is_some())? else {
                arrival.moved = (hop > 0 && all_permanent).then_some(url);
                return Ok(arrival);
            };
            all_permanent &= arrival.is_permanent_redirect();
            url = next;
        }
        let text = format!("`{}` redirects more than {MAX_REDIRECTS} times, perhaps in a circle", failure::shown(start));
        Err(Failure::Permanent(text).into())
    }

    /// One hop: waits for the host's turn, asks, reads, and lets the host rest.
    async fn exchange(&self, url: &Url, errand: &Errand<'_>, crawl_delay: Duration, time_left: &mut Duration) -> Result<Arrival, Obstacle> {
        let pause = self.settings.pause.max(crawl_delay);
        let mut turn = self.hosts.turn(url, pause).await.map_err(|left| Obstacle::Silence { wanted: Some(left) })?;
        let began = Instant::now();
        let arrival = self.ask(url, errand, time_left).await?;
        let took = began.elapsed();
        let (url, status, size) = (failure::shown(url), arrival.status.as_u16(), arrival.body.len());
        tracing::debug!(http.url = url, http.status = status, duration_ms = took.as_millis(), size_bytes = size, "asked");
        if arrival.is_throttled() {
            let wanted = arrival.silence();
            turn.silence(wanted);
            return Err(Obstacle::Silence { wanted });
        }
        turn.answered();
        Ok(arrival)
    }

    async fn ask(&self, url: &Url, errand: &Errand<'_>, time_left: &mut Duration) -> Result<Arrival, Failure> {
        let client = if errand.allow_private { &self.open } else { &self.guarded };
        let request = match &errand.form {
            Some(form) => client.post(url.clone()).body(form.clone()),
            None => client.get(url.clone()),
        };
        let shown = errand.credentials.and_then(|credentials| credentials.shown_to(url)).cloned().unwrap_or_default();
        let request = request.headers(errand.headers.clone()).headers(shown);
        let mut response = within(time_left, url, request.send()).await?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let long = &self.long_bodies;
        let body = if status.is_success() { body::read(response, errand.limit, long, time_left).await? } else { Bytes::new() };
        Ok(Arrival { url: url.clone(), at: clock::now(), moved: None, status, headers, body })
    }

    /// The pause that robots.txt asks for, if it allows the page.
    async fn obey_robots(&self, page: &Url, allow_private: bool) -> Result<Duration, Obstacle> {
        let slot = self.robots.slot(page, allow_private);
        // Boxed because it goes the way that led here: a robots.txt is fetched like all else, only without asking robots.txt.
        let rules = slot.get_or_try_init(|| Box::pin(self.read_robots(page, allow_private))).await?;
        Ok(rules.check(page)?)
    }

    async fn read_robots(&self, page: &Url, allow_private: bool) -> Result<robots::Rules, Obstacle> {
        let limit = body::Limit::Beginning(robots::MAX_BYTES);
        let errand = Errand { headers: HeaderMap::new(), credentials: None, form: None, allow_private, obeys_robots: false, limit };
        robots::Rules::of(self.follow(&robots::address(page), &errand).await)
    }
}

/// Waits for the server, no longer than there is time left for it.
async fn within<T>(time_left: &mut Duration, url: &Url, work: impl Future<Output = reqwest::Result<T>>) -> Result<T, Failure> {
    let began = Instant::now();
    let done = timeout(*time_left, work).await;
    *time_left = time_left.saturating_sub(began.elapsed());
    done.map_err(|_| failure::too_slow(url))?.map_err(|error| failure::of_transport(&error, url))
}

/// A client that trusts the system's certificates, or where there are none (a bare container), those of Mozilla that are built in.
///
/// It uses no proxy: a proxy would resolve names behind the guard's back.
fn build(settings: &Settings, resolver: address::Resolver) -> Result<reqwest::Client, Failure> {
    let contact = settings.contact.as_ref().map(|contact| format!(" (+{contact})")).unwrap_or_default();
    let resolver = Arc::new(resolver);
    let builder = || {
        reqwest::Client::builder()
            .user_agent(format!("{PRODUCT}/{}{contact}", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::clone(&resolver))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.read_timeout)
            .pool_max_idle_per_host(1)
            .http1_ignore_invalid_headers_in_responses(true)
            .http2_max_header_list_size(64 * 1024)
    };
    let built_in = || {
        let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|root| reqwest::Certificate::from_der(root).ok());
        builder().tls_certs_only(roots).build()
    };
    let unusable = |error: reqwest::Error| Failure::Permanent(format!("the HTTP client cannot be set up: {error:?}"));
    builder().build().or_else(|_| built_in()).map_err(unusable)
}
