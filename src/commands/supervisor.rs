//! The system that started the daemon, as systemd is told of it (`sd_notify(3)`): that it is ready, that it goes round, that it stops.
//! Where nobody wants to know, nothing is told.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use crate::clock;
use crate::serve::metrics::Metrics;

/// Tells the supervisor something.
pub(super) fn tell(state: &str) {
    let Some(name) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let bytes = name.as_encoded_bytes();
    let address = match bytes.strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(&name),
    };
    let told = address.and_then(|address| UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address));
    if let Err(error) = told {
        tracing::warn!(%error, "the supervisor cannot be told `{state}`");
    }
}

/// Tells that the daemon is ready, and for as long as its loop goes round, that it lives: often enough for the watchdog.
pub(super) async fn keep_informed(metrics: &Metrics) {
    tell("READY=1");
    let variable = |name| std::env::var_os(name)?.to_str()?.parse::<u64>().ok();
    let Some(longest) = variable("WATCHDOG_USEC") else { return };
    let mut beats = tokio::time::interval(Duration::from_micros(longest / 3).max(Duration::from_millis(100)));
    loop {
        beats.tick().await;
        if metrics.is_alive(clock::now()) {
            tell("WATCHDOG=1");
        }
    }
}
