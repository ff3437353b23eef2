//! `topicwire demo`: the whole pipeline against a small recorded agency on loopback. The pages are inside the program; everything
//! that reads them is the real thing, with the topics of the configuration that the program is shipped with.

use std::collections::BTreeMap;
use std::future::pending;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use url::Url;

use super::{Failure, fetch, open};
use crate::config::{Config, Site, Wire};
use crate::daemon;
use crate::fetch::Settings;
use crate::model::{Published, Scope, TopicId};
use crate::poll::{Report, Tools};
use crate::publish::{Format, Tongue, View};
use crate::serve::{self, Limits, Wires};

const SHIPPED: &str = include_str!("../../feeds.toml");
const AGENCIES: &str = include_str!("demo/feeds.toml");
/// The topic that the demonstration is about.
const TOPIC: &str = "child-rights";

const HTML: &str = "text/html; charset=utf-8";
const RSS: &str = "application/rss+xml";

/// What the agencies serve: host, path, content type, bytes.
const PAGES: [(&str, &str, &str, &str); 13] = [
    ("www.inform.kz", "/ru/lenta", HTML, include_str!("demo/kazinform/lenta.html")),
    (
        "www.inform.kz",
        "/ru/kazahstan-primer-v-sfere-zaschiti-prav-detey-regionalniy-direktor-yunisef-a1b2c3",
        HTML,
        include_str!("demo/kazinform/article.html"),
    ),
    (
        "www.inform.kz",
        "/ru/minprosvescheniya-rk-i-yunisef-viyavili-ugrozi-psihicheskomu-zdorovyu-detey-v-seti-11aa22",
        HTML,
        include_str!("demo/kazinform/minprosvescheniya.html"),
    ),
    ("www.inform.kz", "/ru/v-astane-otkrilsya-noviy-detskiy-sad-33bb44", HTML, include_str!("demo/kazinform/kindergarten.html")),
    ("www.inform.kz", "/ru/kurs-dollara-na-26-noyabrya-55cc66", HTML, include_str!("demo/kazinform/dollar.html")),
    ("www.inform.kz", "/ru/sbornaya-kazahstana-po-futzalu-77dd88", HTML, include_str!("demo/kazinform/futsal.html")),
    ("herald.example", "/rss.xml", RSS, include_str!("demo/herald/rss.xml")),
    ("herald.example", "/kk/rights", HTML, include_str!("demo/herald/rights.html")),
    ("herald.example", "/kk/metro", HTML, include_str!("demo/herald/metro.html")),
    ("herald.example", "/en/detention", HTML, include_str!("demo/herald/detention.html")),
    ("herald.example", "/en/buses", HTML, include_str!("demo/herald/buses.html")),
    ("herald.example", "/ru/chess", HTML, include_str!("demo/herald/chess.html")),
    ("herald.example", "/ru/report", HTML, include_str!("demo/herald/report.html")),
];

#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Print the child-rights wire as Atom and end
    #[arg(long)]
    once: bool,
}

impl Demo {
    pub(super) fn run(&self) -> Result<(), Failure> {
        super::block_on(async {
            let agency = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("cannot listen on loopback")?;
            let agencies = agency.local_addr().context("cannot listen on loopback")?;
            let agency = serve::serve(agency, Router::new().fallback(page), Limits::PUBLIC, Arc::default(), pending());
            tokio::select! {
                () = agency => Ok(()),
                shown = self.show(agencies) => shown,
                () = super::stop_signal() => Ok(()),
            }
        })?
    }

    async fn show(&self, agencies: SocketAddr) -> Result<(), Failure> {
        let listener = free_port().await?;
        let config = Arc::new(config(listener.local_addr().context("cannot listen on loopback")?)?);
        // Removed when the demonstration ends.
        let folder = tempfile::tempdir().context("cannot make a folder for the demonstration")?;
        let settings = Settings { pause: Duration::ZERO, hosts: names(agencies), ..Settings::of(&config.fetch) };
        let tools = Arc::new(open::tools(&config, open::store(folder.path())?, settings)?);
        let mut reports = Vec::new();
        // One after the other, so that the same agency is always the first to carry what both carry.
        let pass = daemon::pass(&config.feeds, NonZeroUsize::MIN, &tools, |polled| reports.push(polled.report));
        pass.await.context("the store failed")?;
        reports.sort_by(|one, other| one.feed.cmp(&other.feed));
        let wires = Arc::new(Wires::new(Arc::clone(&config), tools.store.clone()));
        if self.once {
            return print_wire(&wires);
        }
        tell(&config, &tools, &reports)?;
        serve::serve(listener, serve::router(wires), Limits::PUBLIC, Arc::default(), pending()).await;
        Ok(())
    }
}

/// The port that the daemon has by default, or else any: the demonstration must not fail because a daemon runs.
async fn free_port() -> anyhow::Result<TcpListener> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, 8080)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("cannot listen on loopback"),
    }
}

/// The shipped topics with the demonstration's agencies.
fn config(address: SocketAddr) -> Result<Config, Failure> {
    let own = |text| Config::parse(text).map_err(|mistakes| anyhow!("the configuration inside the program is wrong: {mistakes:?}"));
    let mut config = Config { feeds: own(AGENCIES)?.feeds, ..own(SHIPPED)? };
    config.site.address = Url::parse(&format!("http://{address}/")).context("cannot listen on loopback")?;
    Ok(config)
}

fn names(agencies: SocketAddr) -> BTreeMap<String, SocketAddr> {
    PAGES.iter().map(|(host, ..)| ((*host).to_owned(), agencies)).collect()
}

async fn page(headers: HeaderMap, uri: Uri) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    match PAGES.iter().find(|(name, path, ..)| *name == host && *path == uri.path()) {
        Some((_, _, content_type, text)) => ([(header::CONTENT_TYPE, *content_type)], *text).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn print_wire(wires: &Wires) -> Result<(), Failure> {
    let topic = TopicId::new(TOPIC).context("cannot name the topic")?;
    let wire = wires.desk().lay_out(&Scope::Topic(topic), &View::default())?;
    let wire = wire.ok_or_else(|| anyhow!("the shipped configuration has no topic `{TOPIC}`"))?;
    let atom = wire.render(Format::Atom, Tongue::default());
    Ok(std::io::stdout().lock().write_all(atom.as_bytes()).context("cannot write the wire")?)
}

/// Says what happened and where to look.
fn tell(config: &Config, tools: &Tools, reports: &[Report]) -> Result<(), Failure> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{}", fetch::table(reports)).context("cannot write")?;
    for wire in config.wires.values() {
        let published = tools.store.newest(&wire.topic.id, wire.entries, None).context("cannot read the wire")?;
        if !published.is_empty() {
            list(&mut output, &config.site, wire, &published).context("cannot write")?;
        }
    }
    let address = &config.site.address;
    writeln!(output, "\nSubscribe to {address}topics/{TOPIC}.atom in a feed reader, or open {address} in a browser.")
        .context("cannot write")?;
    Ok(writeln!(output, "Ctrl-C ends the demonstration.").context("cannot write")?)
}

/// What is in a wire, a line an entry.
fn list(output: &mut impl Write, site: &Site, wire: &Wire, published: &[Published]) -> std::io::Result<()> {
    writeln!(output, "\n{} ({}topics/{}.atom)", wire.title, site.address, wire.topic.id)?;
    for Published { article, also } in published {
        let carriers: Vec<&str> = also.iter().map(|carrier| carrier.agency.as_str()).collect();
        let also = if carriers.is_empty() { String::new() } else { format!(" (also {})", carriers.join(", ")) };
        let time = article.time().format("%Y-%m-%d %H:%M");
        writeln!(output, "  {time}  {}: {}{also}", article.agency, article.article.title)?;
    }
    Ok(())
}
