//! topicwire watches news agencies and publishes, for each topic that somebody cares about, one clean full-text feed.
//!
//! Data flows one way, and the modules stand here in that order:
//!
//! ```text
//! feeds.toml -> config
//!                 |
//! schedule -> fetch -> feed -> (new entries) -> fetch -> extract -> story -> topic -> store -> publish -> serve
//!    ^                                                                                 |
//!    '------------------------------- what the poll taught ----------------------------'
//! ```
//!
//! [`poll::poll`] is that line for one feed: it reads the feed's state, fetches, decides, fetches the new pages, decides,
//! and commits once.
//!
//! The shell (`fetch`, `store`, `search`, `poll`, `websub`, `hub`, `desk`, `site`, `serve`, `daemon`, `commands`) moves bytes; what a poll
//! decides is in pure modules below `poll`, and what a subscription comes to is below `websub`. What commands and pages ask of the store is
//! in `desk`, `pages` shows it in a browser, `site` makes files of that; the desk's own alarms are decided in `ops`.
//! All other modules are pure: they take values and return values, without clock, disk, network, `async` or logging.
//!
//! Invariants:
//!
//! - An article's key is the hash of its canonical URL, and nothing else ([`model::UrlHash`]).
//! - What one poll found becomes durable in one step; validators never before the entries that came with them.
//! - A failure is never an article, and a topic always sees the whole text.
//! - The same input gives the same bytes out.

/// What the program, its tests and its benchmarks take memory from. Polls come in bursts on many threads: this one gives back what a burst
/// took, where the system's keeps it.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The program's version, with its commit where that is known; a package says its day too. `build.rs` has it.
pub const VERSION: &str = env!("TOPICWIRE_BUILD");

pub mod model;

pub mod config;

pub mod text;

pub mod schedule;

pub mod fetch;

pub mod feed;

pub mod extract;

pub mod story;

pub mod topic;

pub mod ops;

pub mod publish;

pub mod store;

pub mod search;

pub mod poll;

pub mod websub;

pub mod desk;

pub mod pages;

pub mod site;

pub mod serve;

pub mod hub;

pub mod daemon;

pub mod commands;

mod clock;
