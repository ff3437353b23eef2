//! The daemon's own process, as the system sees it: the memory that it takes, and the files that it has open, of which connections are
//! most.

use std::fs;

use crate::serve::metrics::Process;

/// How it is now; nothing where the system does not say.
pub(super) fn look() -> Process {
    let read = |file: &str| fs::read_to_string(format!("/proc/self/{file}")).unwrap_or_default();
    let kibibytes = number_after("VmRSS:", &read("status"));
    Process {
        resident: kibibytes.saturating_mul(1024),
        open_files: fs::read_dir("/proc/self/fd").map_or(0, |files| files.count() as u64),
        most_open_files: number_after("Max open files", &read("limits")),
    }
}

/// The first number of the line that begins so (proc(5)).
fn number_after(name: &str, text: &str) -> u64 {
    let rest = text.lines().find_map(|line| line.strip_prefix(name));
    rest.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
