//! `[site]`, `[serve]`, `[fetch]`, `[store]`, `[ops]` and `[all]`: how the program does its work.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::secret::{Secret, tokens};
use super::table::{Mistakes, Table};
use super::{clamp, feeds};
use crate::model::FeedUrl;
use crate::schedule::Interval;

const KIB: u64 = 1024;

/// What the wires say of themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    pub title: String,
    /// The address at which readers reach the wires, ending in a slash.
    pub address: Url,
}

/// How to answer readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serve {
    pub listen: SocketAddr,
    /// Connections at the same time from one address.
    pub connections_per_address: usize,
    /// Who knows it may do over HTTP what commands do on this machine; none: nobody.
    pub admin_token: Option<Secret>,
    /// The address under which hubs reach us, ending in a slash; none when they cannot or are not to.
    pub callbacks: Option<Url>,
    /// Who tells subscribers what is new in our wires; none: nobody.
    pub hub: Option<Hub>,
}

/// Where our wires are subscribed to (W3C `WebSub`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hub {
    Own {
        address: Url,
        /// Subscribers may be at private addresses.
        private: bool,
    },
    /// Another one, which is told what changed.
    Outside(Url),
}

impl Hub {
    #[must_use]
    pub fn address(&self) -> &Url {
        match self {
            Self::Own { address, .. } | Self::Outside(address) => address,
        }
    }
}

/// How to ask agencies.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// In the `User-Agent`: where an agency learns who asks.
    pub contact: Option<String>,
    /// Between two requests to one host.
    pub pause: Duration,
    /// For one request in all.
    pub timeout: Duration,
    /// Of decompressed bytes, for one document or page.
    pub max_body: usize,
    /// Feeds polled at the same time.
    pub concurrency: NonZeroUsize,
    /// New pages read in one poll of one feed; the rest wait for the next.
    pub max_pages: usize,
}

/// How to look after the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storage {
    /// In bytes: when less is free on the store's disk, nothing is fetched. 0: the disk is not looked at.
    pub min_free: u64,
    /// The folder for daily backups; none for `backups` in the store's own.
    pub backups: Option<PathBuf>,
    /// How many daily backups are kept; 0 makes none.
    pub keep_backups: usize,
    /// How long articles are kept after a feed last listed them.
    pub keep: Duration,
    /// Of each topic so many entries stay, however old they are.
    pub newest: usize,
}

const DAY: Duration = Duration::from_hours(24);
const YEAR: Duration = Duration::from_hours(24 * 365);

/// How readers find us, and how they are answered; no site where its address is wrong.
pub(super) fn site_and_serve(root: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> (Option<Site>, Serve) {
    let (mut serve, place, pushes) = serve(root, mistakes);
    let site = site(root, serve.listen, place, mistakes);
    let called_back = site.as_ref().filter(|site| pushes.callbacks.unwrap_or_else(|| is_public(&site.address)));
    serve.callbacks = called_back.and_then(|site| site.address.join("websub/").ok());
    serve.hub = site.as_ref().and_then(|site| pushes.hub(&site.address));
    (site, serve)
}

/// What is said of hubs. What is not said depends on the site's address.
#[derive(Default)]
struct Pushes {
    callbacks: Option<bool>,
    hub: Option<String>,
    private: bool,
}

impl Pushes {
    fn hub(&self, site: &Url) -> Option<Hub> {
        match self.hub.as_deref() {
            Some("none") => None,
            None if !is_public(site) => None,
            Some("own") | None => Some(Hub::Own { address: site.join("hub").ok()?, private: self.private }),
            Some(address) => Url::parse(address).ok().map(Hub::Outside),
        }
    }
}

fn hub(text: &str) -> Result<String, String> {
    let address = || FeedUrl::new(text).map(drop).map_err(|_| "`hub` is \"own\", \"none\" or the address of another one".to_owned());
    if matches!(text, "own" | "none") { Ok(text.to_owned()) } else { address().map(|()| text.to_owned()) }
}

/// How to answer readers, where in the text stands where to listen, and what is said of hubs.
fn serve(root: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> (Serve, Range<usize>, Pushes) {
    let mut table = root.table("serve", mistakes).unwrap_or_default();
    let place = table.peek("listen").map_or(table.span(), |(_, place)| place);
    let listen = table.parsed("listen", mistakes, |text| {
        let hint = || format!("`{text}` is not an address and port to listen on: write \"127.0.0.1:8080\" or \"[::]:8080\"");
        text.parse().map_err(|_| hint())
    });
    let serve = Serve {
        listen: listen.unwrap_or(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080)),
        connections_per_address: table.number("connections_per_address", 1..=1024, mistakes).map_or(64, clamp),
        admin_token: table.parsed("admin_token", mistakes, Secret::parse),
        callbacks: None,
        hub: None,
    };
    let pushes = Pushes {
        callbacks: table.flag("websub", mistakes),
        hub: table.parsed("hub", mistakes, hub),
        private: table.flag("private_subscribers", mistakes).unwrap_or(false),
    };
    table.finish(mistakes);
    (serve, place, pushes)
}

/// Whether an address looks like one that the whole internet can reach.
fn is_public(address: &Url) -> bool {
    address.scheme() == "https" && address.domain().is_some_and(|domain| domain.contains('.'))
}

/// Without an address of its own, the site is where it listens, if readers can be sent there.
fn site(root: &mut Table<'_>, listen: SocketAddr, place: Range<usize>, mistakes: &mut Mistakes<'_>) -> Option<Site> {
    let mut site = root.table("site", mistakes).unwrap_or_default();
    let title = site.text("title", mistakes).map_or("topicwire", toml::Spanned::into_inner).to_owned();
    if listen.ip().is_unspecified() && site.peek("address").is_none() {
        let hint = "write the one that readers use under [site], as in address = \"http://192.168.1.10:8080/\"";
        mistakes.add(place, format!("`{listen}` listens on all addresses of this machine and names none: {hint}"));
    }
    let address = site.parsed("address", mistakes, address).or_else(|| Url::parse(&format!("http://{listen}/")).ok());
    site.finish(mistakes);
    Some(Site { title, address: address? })
}

fn address(text: &str) -> Result<Url, String> {
    let slashed = if text.ends_with('/') { text.to_owned() } else { format!("{text}/") };
    FeedUrl::new(text).and_then(|_| FeedUrl::new(&slashed)).map(|url| url.as_url().clone()).map_err(|error| error.to_string())
}

pub(super) fn fetch(root: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> (Fetch, Interval) {
    let mut table = root.table("fetch", mistakes).unwrap_or_default();
    let interval = feeds::interval(&mut table, feeds::DEFAULT_INTERVAL, mistakes);
    let fetch = Fetch {
        contact: table.parsed("contact", mistakes, contact),
        pause: table.duration("pause", Duration::ZERO..=Duration::from_mins(10), mistakes).unwrap_or(Duration::from_secs(1)),
        timeout: table.duration("timeout", Duration::from_secs(1)..=Duration::from_mins(10), mistakes).unwrap_or(Duration::from_secs(45)),
        max_body: table.number("max_body_kib", 1..=(1 << 20), mistakes).map_or(15 << 20, |kib| clamp(kib * KIB)),
        concurrency: table
            .number("concurrency", 1..=4096, mistakes)
            .and_then(|number| NonZeroUsize::new(clamp(number)))
            .unwrap_or(NonZeroUsize::MIN.saturating_add(31)),
        max_pages: table.number("max_pages", 1..=1000, mistakes).map_or(100, clamp),
    };
    table.finish(mistakes);
    (fetch, interval)
}

pub(super) fn storage(root: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> Storage {
    let mut table = root.table("store", mistakes).unwrap_or_default();
    let storage = Storage {
        min_free: table.number("min_free_mib", 0..=(1 << 20), mistakes).unwrap_or(1024) * KIB * KIB,
        backups: table.text("backups", mistakes).map(|path| PathBuf::from(path.into_inner())),
        keep_backups: table.number("keep_backups", 0..=1000, mistakes).map_or(7, clamp),
        keep: table.duration("keep", DAY..=100 * YEAR, mistakes).unwrap_or(YEAR),
        newest: table.number("newest", 0..=100_000, mistakes).map_or(100, clamp),
    };
    table.finish(mistakes);
    storage
}

/// The ops wire has alarms for the desk alone: without a token there is none.
pub(super) fn ops(root: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> Option<Secret> {
    let mut table = root.table("ops", mistakes)?;
    let token = table.required("token", mistakes, Secret::parse);
    table.finish(mistakes);
    token
}

/// The tokens of the wire of everything.
pub(super) fn everything(root: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> Vec<Secret> {
    let Some(mut table) = root.table("all", mistakes) else { return Vec::new() };
    let tokens = tokens(&mut table, mistakes);
    table.finish(mistakes);
    tokens
}

/// What goes into a header must be one line of visible ASCII.
fn contact(text: &str) -> Result<String, String> {
    if !text.is_empty() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        Ok(text.to_owned())
    } else {
        Err("`contact` goes into a header: write a web or e-mail address in plain ASCII".to_owned())
    }
}
