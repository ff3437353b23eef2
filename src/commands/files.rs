//! The files and connections that the process may have open at once: as many as the system lets it, and no more clients than that leaves
//! room for, so that polls and the store never lack one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Config;
use crate::serve::Limits;

/// What the store, the log, the socket for commands and its clients take.
const OWN: u64 = 128;
/// Connections of a poll: to its feed's host, its pages' and its hub's, and one that is just being closed.
const OF_A_POLL: u64 = 8;
/// So many readers there are always.
const FEW: usize = 16;

/// Raises the limit as far as it goes, and takes from `limits` the connections for which there is no room then.
pub(super) fn fit(limits: Limits, config: &Config) -> Limits {
    let most = raised();
    let taken = OWN + OF_A_POLL * config.fetch.concurrency.get() as u64;
    // Who is turned away has a connection too, for a moment.
    let room = usize::try_from(most.saturating_sub(taken) / 2).unwrap_or(usize::MAX);
    if room >= limits.connections {
        return limits;
    }
    let connections = room.max(FEW);
    tracing::warn!(most, connections, "the system lets this process have few files open: fewer readers are served at once (`ulimit -n`)");
    Limits { connections, ..limits }
}

fn raised() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum.unwrap_or(u64::MAX),
        Err(_) => current.unwrap_or(u64::MAX),
    }
}
