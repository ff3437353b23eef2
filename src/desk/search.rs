//! Searching the stored articles: what a rule would find, the newest first.

use chrono::TimeDelta;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Desk, Found, Question, Refusal};
use crate::clock;
use crate::model::{Place, Published};
use crate::topic::{Query, Subject};

/// How long a search looks at most, in seconds; who wants more goes on from where it stopped.
const PATIENCE: u32 = 60;
/// Articles that are read at once.
const BATCH: usize = 128;
/// The most that are found at once.
const MOST: usize = 1_000;

/// Asks which articles answer a query, which is written as a rule or as words that must all be there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Search {
    pub query: String,
    pub limit: usize,
    /// How long to look.
    pub seconds: u32,
    /// Where to go on.
    pub before: Option<Place>,
}

/// The newest articles that answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Results {
    pub found: Vec<Found>,
    /// Where to go on: there may be more. None when all was looked at.
    pub next: Option<Place>,
}

impl Question for Search {
    const NAME: &'static str = "search";
    type Answer = Results;

    fn answer(&self, desk: &Desk) -> Result<Results, Refusal> {
        let mistakes = |mistakes: Vec<crate::topic::RuleError>| mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        let query = Query::parse(&self.query).map_err(|errors| Refusal::Wrong(format!("`{}`: {}", self.query, mistakes(errors))))?;
        desk.search(&query, self.limit.min(MOST), self.seconds.min(PATIENCE), self.before)
    }
}

impl Desk {
    /// The newest articles that answer the query, before a place: as many as are wanted, or as are found in that time. Blocks.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn search(&self, query: &Query, limit: usize, seconds: u32, before: Option<Place>) -> Result<Results, Refusal> {
        let Some(store) = &self.store else { return Ok(Results::default()) };
        let (deadline, mut results) = (clock::now() + TimeDelta::seconds(seconds.into()), Results { found: Vec::new(), next: before });
        loop {
            let page = store.newest_of_all(BATCH, results.next)?;
            let whole = page.len() == BATCH;
            let answers = page.par_iter().map(|published| query.find(&Subject::of(&published.article))).collect::<Vec<_>>();
            for (published, evidence) in page.into_iter().zip(answers) {
                if results.found.len() == limit {
                    return Ok(results);
                }
                results.next = Some(Published::place(&published));
                results.found.extend(evidence.map(|evidence| Found { published, evidence }));
            }
            if !whole {
                return Ok(Results { next: None, ..results });
            }
            if clock::now() >= deadline {
                return Ok(results);
            }
        }
    }
}
