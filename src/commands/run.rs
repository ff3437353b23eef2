//! `topicwire run`: the daemon. Polls on schedule, serves readers and commands, takes up a changed configuration, and ends cleanly on
//! SIGTERM and Ctrl-C.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use tokio::net::{TcpListener, UnixListener};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};

use super::watch::watch as watch_file;
use super::{Failure, Stops, files, open, recover, supervisor};
use crate::config::{self, Config};
use crate::daemon;
use crate::fetch::{Client, Settings};
use crate::hub::{self, Hub, Targets};
use crate::model::Scope;
use crate::poll::Tools;
use crate::serve::admin::{self, Office, Socket};
use crate::serve::metrics::Metrics;
use crate::serve::{self, Limits, Token, Wires};
use crate::websub::{self, Subscriber};

pub(super) fn run(path: PathBuf, folder: &Path) -> Result<(), Failure> {
    let ended = super::block_on(async {
        // From now on it ends nothing; it is heeded as soon as the configuration is watched.
        let hangup = signal(SignalKind::hangup()).context("cannot listen for SIGHUP")?;
        let (config, text) = open::config_and_text(&path)?;
        let config = Arc::new(config);
        let store = recover::store(folder, &config.storage)?;
        let subscriber = Subscriber::open(&config, store.clone()).context("cannot read the subscriptions")?.map(Arc::new);
        let tools = Arc::new(Tools { subscriber, ..open::tools(&config, store, Settings::of(&config.fetch))? });
        let stops = Stops::of_daemon();
        let listener = listen(&config).await?;
        let socket = || format!("cannot listen for commands in `{}` (is its path very long?)", tools.store.folder().display());
        let (commands, _socket) = Socket::listen(tools.store.folder()).with_context(socket)?;
        tracing::info!(address = %config.site.address, feeds = config.feeds.len(), topics = config.wires.len(), "serving");
        let token = config.serve.admin_token.as_ref().map(open::secret).transpose()?;
        let ops = config.ops.as_ref().map(open::secret).transpose()?;
        let tokens = open::tokens(&config)?;
        let targets = Targets { webhooks: open::webhooks(&config)?, post: open::post(&config)? };
        // A client of its own: what is sent keeps no poll waiting.
        let client = Client::new(Settings::of(&config.fetch)).context("cannot set up HTTP")?;
        Parts { config, tools, listener, commands, token, ops, tokens, targets, client, stops, hangup }.run(path, text).await
    })?;
    recover::note(folder, &ended);
    ended
}

async fn listen(config: &Config) -> Result<TcpListener, Failure> {
    let address = config.serve.listen;
    let listener = TcpListener::bind(address).await;
    let hint = || format!("cannot listen on {address}: is another topicwire running? (`listen` under [serve] in the configuration)");
    Ok(listener.with_context(hint)?)
}

/// What the daemon is made of.
struct Parts {
    config: Arc<Config>,
    tools: Arc<Tools>,
    listener: TcpListener,
    commands: UnixListener,
    /// Of those who may use the admin handlers over HTTP.
    token: Option<String>,
    /// Of those who may read the ops wire.
    ops: Option<String>,
    /// Of those who may read wires that are not for everybody.
    tokens: BTreeMap<Scope, Vec<Token>>,
    targets: Targets,
    /// For what is sent to those who asked.
    client: Client,
    stops: Stops,
    hangup: Signal,
}

impl Parts {
    /// Runs all of them until a stop is asked for or the store fails. The configuration is the `text` of the file `path`.
    async fn run(self, path: PathBuf, text: String) -> Result<(), Failure> {
        let Self { config, tools, listener, commands, token, ops, tokens, targets, client, mut stops, hangup } = self;
        let wires = Wires::new(Arc::clone(&config), tools.store.clone());
        let wires =
            wires.with_ops(ops.as_deref().and_then(Token::new)).with_admin(token.as_deref().and_then(Token::new)).with_tokens(tokens);
        let wires = Arc::new(wires);
        let (orders, received) = mpsc::channel(daemon::ORDERS);
        let metrics: Arc<Metrics> = Arc::default();
        let (looks, asked) = mpsc::channel(daemon::ORDERS);
        let office = Office::new(Arc::clone(&wires), orders.clone(), looks, Arc::clone(&metrics));
        let (stop, stopped) = watch::channel(false);
        let wait = |mut stopped: watch::Receiver<bool>| async move {
            // An error means that the sender is gone: that is a stop too.
            let _ = stopped.wait_for(|stopped| *stopped).await;
        };
        let mut public = serve::router(Arc::clone(&wires)).merge(serve::monitoring(Arc::clone(&metrics)));
        let hub = Hub::open(&config, targets, Arc::clone(&wires), tools.store.clone(), client, Arc::clone(&metrics));
        let hub = Arc::new(hub.context("cannot read who is to be sent what is new")?);
        if matches!(config.serve.hub, Some(config::Hub::Own { .. })) {
            public = public.merge(hub::router(Arc::clone(&hub)));
        }
        if let Some(subscriber) = &tools.subscriber {
            public = public.merge(websub::router(Arc::clone(subscriber)));
        }
        if let Some(token) = token {
            public = public.merge(admin::guarded(&office, &token));
        }
        let limits = Limits { per_address: config.serve.connections_per_address, ..Limits::PUBLIC };
        let limits = files::fit(limits, &config);
        let readers = serve::serve(listener, public, limits, Arc::clone(&metrics), wait(stopped.clone()));
        let (admin, store) = (admin::router(&office), tools.store.clone());
        let commands = serve::serve(commands, admin, Limits::ADMIN, Arc::clone(&metrics), wait(stopped.clone()));
        let deliveries = hub.run(wait(stopped.clone()));
        let daemon = async {
            let ended = daemon::run(config, tools, wires, Arc::clone(&metrics), received, wait(stopped)).await;
            supervisor::tell("STOPPING=1");
            stop.send_replace(true);
            ended
        };
        let told_twice = async {
            stops.next().await;
            stop.send_replace(true);
            stops.next().await;
        };
        // Whoever says it twice does not want to wait: a poll that is cut has changed nothing.
        tokio::select! {
            (ended, (), (), ()) = async { tokio::join!(daemon, readers, commands, deliveries) } => ended.context("the store failed")?,
            () = told_twice => tracing::warn!("running polls and connections were cut"),
            // These two end only where there is nothing for them to do.
            () = async { watch_file(path, text, hangup, orders, asked, &metrics, &store).await; std::future::pending().await } => {}
            () = async { supervisor::keep_informed(&metrics).await; std::future::pending().await } => {}
        }
        tracing::info!("stopped");
        Ok(())
    }
}
