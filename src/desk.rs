//! What people ask of the articles that are stored: a question and its answer are values, and one process has the store.
//!
//! A command asks through [`Question`]; the process that has the store answers: the daemon, or the command itself when no daemon runs.

mod archived;
mod article;
mod browse;
mod care;
mod digest;
mod eval;
mod explain;
mod feeds;
mod learned;
mod mark;
mod pass;
mod prune;
mod search;
mod seen;
mod stats;
mod suggest;
mod test;
mod topics;
mod wire;

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::store::{self, Store};

pub use self::archived::{Archived, Shelved};
pub use self::article::{Article, Corrected, Dossier};
pub use self::browse::{Browsed, Filter, Found};
pub use self::care::{Backup, Verify};
pub(crate) use self::care::{UNFINISHED, write as write_backup};
pub(crate) use self::digest::digest_outlet;
pub use self::digest::{Digest, Draft, Posted};
pub use self::eval::{Count, Eval, Evaluation, Learning};
pub use self::explain::{Explain, Explained};
pub use self::feeds::{FeedRow, Feeds, Push};
pub use self::learned::topics;
pub use self::mark::{Judgement, Marked, Marking};
pub use self::pass::{Event, Left, Pass, Plan};
pub use self::prune::{Prune, Pruned};
pub use self::search::{Results, Search};
pub use self::stats::{Figures, Stats};
pub use self::suggest::{Suggest, Suggestions};
pub use self::test::{Bar, Candidate, Difference, Most, Test};
pub use self::topics::{TopicRow, Topics};
pub use self::wire::{Rendered, Wire};

/// What answers are made from.
#[derive(Clone, Debug)]
pub struct Desk {
    pub config: Arc<Config>,
    /// None where nothing was stored yet: looking does not make a store.
    pub store: Option<Store>,
}

/// Something that is asked of the store, as a value that can be sent to whoever has it. Answering blocks.
pub trait Question: Serialize + DeserializeOwned + Send + 'static {
    /// Its name between processes: lower case, unique among the questions.
    const NAME: &'static str;
    type Answer: Serialize + DeserializeOwned + Send + 'static;

    /// # Errors
    /// Why there is no answer.
    fn answer(&self, desk: &Desk) -> Result<Self::Answer, Refusal>;
}

/// Answers one kind of question, from JSON to JSON.
pub type Clerk = fn(&Desk, &[u8]) -> Result<Vec<u8>, Refusal>;

/// The clerk of a question, with its name.
#[must_use]
pub const fn clerk<Q: Question>() -> (&'static str, Clerk) {
    (Q::NAME, answer_json::<Q>)
}

fn answer_json<Q: Question>(desk: &Desk, question: &[u8]) -> Result<Vec<u8>, Refusal> {
    let question: Q =
        serde_json::from_slice(question).map_err(|error| Refusal::Wrong(format!("`{}` is asked otherwise: {error}", Q::NAME)))?;
    let answer = question.answer(desk)?;
    serde_json::to_vec(&answer).map_err(|error| Refusal::NotDone(format!("the answer to `{}` cannot be written: {error}", Q::NAME)))
}

/// Why there is no answer; the text is for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "refusal", content = "reason", rename_all = "snake_case")]
pub enum Refusal {
    /// The question names what does not exist.
    #[error("{0}")]
    Wrong(String),
    /// It was asked well, and could not be answered.
    #[error("{0}")]
    NotDone(String),
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Self {
        Self::NotDone(format!("{:#}", anyhow::Error::from(error)))
    }
}

impl Desk {
    /// The store, where there must be one.
    ///
    /// # Errors
    /// When nothing was ever stored.
    pub fn store(&self) -> Result<&Store, Refusal> {
        let hint = "`topicwire fetch` makes one, --store names another";
        self.store.as_ref().ok_or_else(|| Refusal::NotDone(format!("there is no store yet: {hint}")))
    }
}
