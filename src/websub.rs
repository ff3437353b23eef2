//! `WebSub` (W3C): what agencies push. A feed that names a hub is subscribed to there; what the hub then sends to a callback of ours goes
//! through the same stages as what a poll brings, and while that works the feed is polled only now and then.
//!
//! The subscription's life (`life`) and the hub's signature (`signature`) are pure; the register of all subscriptions and the requests to
//! hubs (`subscriber`) and the callbacks (`callback`) move bytes. A push is believed only when it is signed with the secret that the hub
//! was given.

mod callback;
mod life;
pub(crate) mod signature;
mod subscriber;

pub use self::callback::router;
pub use self::life::{Offer, Outlook, Sighting, offer};
pub use self::subscriber::{Delivery, Subscriber};
