//! `topicwire run`: the daemon. Polls on schedule, serves, and ends cleanly on SIGTERM and Ctrl-C.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::{Failure, open};
use crate::config::Config;
use crate::daemon;
use crate::poll::Tools;
use crate::serve::{self, Wires};

pub(super) fn run(config: &Path, store: &Path) -> Result<(), Failure> {
    let config = Arc::new(open::config(config)?);
    let store = open::store(store)?;
    let tools = Arc::new(open::tools(&config, store, open::settings(&config))?);
    super::block_on(async {
        let listener = listen(&config).await?;
        tracing::info!(address = %config.site.address, feeds = config.feeds.len(), topics = config.wires.len(), "serving");
        let wires = Arc::new(Wires::new(Arc::clone(&config), tools.store.clone()));
        daemon_and_server(&config, &tools, wires, listener).await
    })?
}

pub(super) async fn listen(config: &Config) -> Result<TcpListener, Failure> {
    let address = config.listen;
    let listener = TcpListener::bind(address).await;
    let hint = || format!("cannot listen on {address}: is another topicwire running? (`listen` under [serve] in the configuration)");
    Ok(listener.with_context(hint)?)
}

/// Runs both until a stop is asked for or the store fails.
async fn daemon_and_server(config: &Config, tools: &Arc<Tools>, wires: Arc<Wires>, listener: TcpListener) -> Result<(), Failure> {
    let (stop, stopped) = watch::channel(false);
    let wait = |mut stopped: watch::Receiver<bool>| async move {
        // An error means that the sender is gone: that is a stop too.
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    let server = serve::serve(listener, serve::router(Arc::clone(&wires)), wait(stopped.clone()));
    let daemon = async {
        let ended = daemon::run(config, tools, &wires, wait(stopped)).await;
        stop.send_replace(true);
        ended
    };
    let told_twice = async {
        super::stop_signal().await;
        stop.send_replace(true);
        super::stop_signal().await;
    };
    // Whoever says it twice does not want to wait: a poll that is cut has changed nothing.
    tokio::select! {
        (ended, ()) = async { tokio::join!(daemon, server) } => ended.context("the store failed")?,
        () = told_twice => tracing::warn!("running polls and connections were cut"),
    }
    tracing::info!("stopped");
    Ok(())
}
