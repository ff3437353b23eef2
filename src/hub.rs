//! What is new is told to those who asked: subscribers of our hub (W3C `WebSub`), webhooks of topics, another hub,
//! and who reads digests by mail.
//!
//! The order in which entries came to wires is what is to be sent (`store::arrivals`): it is written with the entries, in one commit, and
//! survives a restart with them. Whoever is sent something has a place in that order, which moves on when it was taken, or was refused
//! for ten days: until then nothing is left out, and what was cut off is sent again, under the same key.
//!
//! What a request asks for and when to try again is pure (`life`), and so is what mail looks like (`letter`); requests come in at
//! `endpoint`; `courier` moves bytes, mail by the `post`, beside the polls, which never wait for it.

mod courier;
mod endpoint;
pub mod letter;
mod life;
mod post;

pub use self::courier::{Hub, Targets, Webhook};
pub use self::endpoint::router;
pub use self::post::Post;
