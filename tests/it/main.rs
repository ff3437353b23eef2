//! The one test binary: a file per feature, through the public functions.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "tests are a shell of their own")]
#![expect(clippy::format_collect, reason = "what tests build is small")]

mod access;
mod architecture;
mod browser;
mod cli;
mod closed;
mod closed_agency;
mod conditional;
mod config;
mod correction;
mod crash;
mod daemon;
mod date;
mod digest;
mod discover;
mod export;
mod extract;
mod extract_body;
mod extract_claims;
mod extract_failures;
mod extract_pages;
mod faults;
mod feed;
mod fetch;
mod gap;
mod hub;
mod manual;
mod model;
mod month;
mod operate;
mod ops;
mod origin;
mod pages;
mod pipeline;
mod politeness;
mod publish;
mod replay;
mod safe_html;
mod schedule;
mod search;
mod serve;
mod sources;
mod store;
mod story;
mod text;
mod topic;
mod topic_desk;
mod websub;
mod wires;
