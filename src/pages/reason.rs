//! Why something failed, as strangers may read it: where an address leads is for the desk alone, which has it from the command line and
//! the ops wire.

use std::net::IpAddr;

use url::Url;

/// The reason with the host alone of each address, and without numbers of machines.
pub(super) fn public(reason: &str) -> String {
    reason.split_inclusive(char::is_whitespace).map(shortened).collect()
}

/// Addresses have no spaces in them; those of reasons are in backticks, and may have some.
fn shortened(word: &str) -> String {
    let Some(start) = ["http://", "https://"].into_iter().filter_map(|scheme| word.find(scheme)).min() else {
        let core = word.trim_matches(|sign: char| !sign.is_ascii_alphanumeric() && sign != ':');
        return if core.parse::<IpAddr>().is_ok() { word.replace(core, "…") } else { word.to_owned() };
    };
    let (before, rest) = word.split_at(start);
    let (address, after) = rest.split_at(rest.rfind('`').unwrap_or(rest.trim_end().len()));
    let host = Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
    format!("{before}{}{after}", host.as_deref().unwrap_or("…"))
}
