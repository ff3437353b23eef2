//! Which addresses may be asked. A feed, a page or a redirect must not make us talk to our own network (SSRF).
//!
//! The address that is checked is the address that is dialled: names are checked where the client resolves them
//! ([`Resolver`]), addresses written into a URL on every hop ([`check`]), because a resolver never sees those.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Why a host is not asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("the name `{host}` cannot be resolved; is it spelled rightly, and is there a network? ({cause})")]
    Unknown { host: String, cause: std::io::Error },
    #[error("only http and https addresses can be asked")]
    Scheme,
    #[error("`{host}` is at {address}, which is not a public address: a feed of your own network needs `allow_private = true`")]
    Private { host: String, address: IpAddr },
}

/// Refuses a URL of another scheme and, unless private addresses are allowed, one whose host is written as such an address. The `url`
/// crate has read every form of it by now: `0177.1`, `2130706433` and `127.0.0.1.` are all `127.0.0.1`.
pub(super) fn check(url: &Url, allow_private: bool) -> Result<(), Refused> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refused::Scheme);
    }
    let address: IpAddr = match url.host() {
        Some(Host::Ipv4(address)) => address.into(),
        Some(Host::Ipv6(address)) => address.into(),
        Some(Host::Domain(_)) | None => return Ok(()),
    };
    if allow_private || is_public(address) { Ok(()) } else { Err(Refused::Private { host: address.to_string(), address }) }
}

/// Whether an address belongs to the public internet, after the special-purpose registries of IANA (RFC 6890).
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|&(network, bits)| starts_with_v4(address, network, bits)),
        IpAddr::V6(address) => {
            starts_with_v6(address, GLOBAL_V6, 3) && !SPECIAL_V6.iter().any(|&(network, bits)| starts_with_v6(address, network, bits))
        }
    }
}

const SPECIAL_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),           // "this network"
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // carrier-grade NAT
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local, and the metadata services of clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // 6to4 relays
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarking
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, broadcast
];

/// Outside of this network is nothing public: `::1`, mapped and translated IPv4 (NAT64), unique local, link-local, multicast.
const GLOBAL_V6: Ipv6Addr = Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0);

const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, among them Teredo
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4: any IPv4 address in disguise
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

fn starts_with_v4(address: Ipv4Addr, network: Ipv4Addr, bits: u32) -> bool {
    (address.to_bits() ^ network.to_bits()) >> (32 - bits) == 0
}

fn starts_with_v6(address: Ipv6Addr, network: Ipv6Addr, bits: u32) -> bool {
    (address.to_bits() ^ network.to_bits()) >> (128 - bits) == 0
}

/// Resolves names by the given table, or else by the system's means and then, unless private addresses are allowed, to public
/// addresses only.
pub(super) struct Resolver {
    pub(super) allow_private: bool,
    pub(super) hosts: Arc<BTreeMap<String, SocketAddr>>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        let known = self.hosts.get(name.as_str()).copied();
        Box::pin(async move {
            let allowed = match known {
                Some(address) => vec![address],
                None => allowed(name.as_str(), &look_up(name.as_str()).await?, allow_private)?,
            };
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

async fn look_up(host: &str) -> Result<Vec<SocketAddr>, Refused> {
    let unknown = |cause| Refused::Unknown { host: host.to_owned(), cause };
    let found: Vec<SocketAddr> = tokio::net::lookup_host((host, 0)).await.map_err(unknown)?.collect();
    if found.is_empty() { Err(unknown(std::io::Error::other("it has no address"))) } else { Ok(found) }
}

/// Those of the addresses that may be dialled.
fn allowed(host: &str, found: &[SocketAddr], allow_private: bool) -> Result<Vec<SocketAddr>, Refused> {
    let allowed: Vec<SocketAddr> = found.iter().copied().filter(|address| allow_private || is_public(address.ip())).collect();
    match found.first() {
        Some(refused) if allowed.is_empty() => Err(Refused::Private { host: host.to_owned(), address: refused.ip() }),
        _ => Ok(allowed),
    }
}
