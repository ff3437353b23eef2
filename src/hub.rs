//! What is new is told to those who asked: subscribers of our hub (W3C `WebSub`), webhooks of topics, another hub.
//!
//! The order in which entries came to wires is what is to be sent (`store::arrivals`): it is written with the entries, in one commit, and
//! survives a restart with them. Whoever is sent something has a place in that order, which moves on when it was taken, or was refused
//! for ten days: until then nothing is left out, and what was cut off is sent again, under the same key.
//!
//! What a request asks for and when to try again is pure (`life`); requests come in at `endpoint`; `courier` moves bytes, beside the
//! polls, which never wait for it.

mod courier;
mod endpoint;
mod life;

pub use self::courier::{Hub, Webhook};
pub use self::endpoint::router;
