//! Stories: which articles tell the same text. Wire copy comes back with small edits, another headline, another lead, cut at the
//! end: that is one story. Different reports on one event, and the next of a series that differs in its figures, are not.
//!
//! A text becomes a [`fingerprint()`] of fixed size; [`alike`] compares two of them; a [`Window`] finds those alike among very many
//! that came before; [`group()`] puts together those that are all there.
//!
//! An article that is read again can be corrected ([`is_correction()`], [`diff()`]), and one that comes again under another address
//! is recognised by its words ([`identity()`]).
//!
//! To be alike is symmetric but not transitive: a short text can be alike to two that are not alike to each other. A story is
//! therefore all articles that are joined by a chain of alike ones, which does not depend on the order in which they arrive. Who
//! keeps to that joins all of [`Window::stories`] and not only the first ([`Window::join`]).

mod correction;
mod fingerprint;
mod fold;
mod group;
mod index;
mod window;

pub use self::correction::{Diff, Piece, agree, diff, identity, is_correction, resembles};
pub use self::fingerprint::{alike, fingerprint};
pub use self::group::group;
pub use self::window::Window;
