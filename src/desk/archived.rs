//! The archives of a wire, one before the other.

use serde::{Deserialize, Serialize};

use super::wire::Rendered;
use super::{Desk, Question, Refusal};
use crate::model::Scope;
use crate::publish::{Format, View};

/// Asks for the last archive of a wire before one, or its last.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Archived {
    /// See [`Scope::path`].
    pub wire: String,
    pub before: Option<u64>,
    /// None of them: only its number is asked for.
    pub formats: Vec<Format>,
}

/// An archive in some formats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shelved {
    pub number: u64,
    /// The number that it says follows: of another one, or what is in no archive yet.
    pub next: u64,
    pub documents: Vec<Rendered>,
}

impl Question for Archived {
    const NAME: &'static str = "archive";
    type Answer = Option<Shelved>;

    fn answer(&self, desk: &Desk) -> Result<Option<Shelved>, Refusal> {
        let scope = Scope::of_path(&self.wire).ok_or_else(|| Refusal::Wrong(format!("there is no wire `{}`", self.wire)))?;
        let desk = desk.for_readers_of(&scope);
        let store = desk.store()?;
        let before = self.before.map_or_else(|| Ok(store.wire_state(&scope)?.archives()), Ok::<_, Refusal>)?;
        let Some(number) = store.archive_before(&scope, before)? else { return Ok(None) };
        if desk.config.channel(&scope).is_none() {
            return Ok(None);
        }
        let next = store.archive(&scope, number)?.map_or(number + 1, |archive| archive.next);
        if self.formats.is_empty() {
            return Ok(Some(Shelved { number, next, documents: Vec::new() }));
        }
        let Some(wire) = desk.lay_out_archive(&scope, number, &View::default())? else { return Ok(None) };
        Ok(Some(Shelved { number, next, documents: self.formats.iter().flat_map(|format| Rendered::all(&wire, *format)).collect() }))
    }
}
