//! Searching the stored articles: what a rule would find, the last to arrive first.

use chrono::TimeDelta;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Desk, Found, Question, Refusal};
use crate::clock;
use crate::model::Scope;
use crate::search::candidates;
use crate::store::{self, Arrival, Store};
use crate::topic::{Query, Subject};

/// How long a search looks at most, in seconds; who wants more goes on from where it stopped.
const PATIENCE: u32 = 60;
/// Articles that are read at once.
const BATCH: usize = 64;
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
    pub before: Option<u64>,
}

/// The articles that answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Results {
    pub found: Vec<Found>,
    /// Where to go on: there may be more. None when all was looked at.
    pub next: Option<u64>,
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
    /// The articles that answer the query, of those that arrived before the one of that number: as many as are wanted, or as are found in
    /// that time. Blocks.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn search(&self, query: &Query, limit: usize, seconds: u32, before: Option<u64>) -> Result<Results, Refusal> {
        let Some(store) = &self.store else { return Ok(Results::default()) };
        let deadline = clock::now() + TimeDelta::seconds(seconds.into());
        let all = store.wire_state(&Scope::All)?.arrivals;
        let mut results = Results { found: Vec::new(), next: Some(before.unwrap_or(all).min(all)) };
        for block in candidates(store, query, results.next.unwrap_or(0)) {
            let (first, numbers) = block?;
            for batch in numbers.chunks(BATCH) {
                let answers = batch.par_iter().map(|number| self.answer(store, query, *number)).collect::<Result<Vec<_>, _>>()?;
                for (number, found) in batch.iter().zip(answers) {
                    if results.found.len() == limit {
                        return Ok(results);
                    }
                    results.next = Some(*number);
                    // What was corrected has arrived more than once.
                    let is_new =
                        |found: &Found| !results.found.iter().any(|known| known.published.article.key == found.published.article.key);
                    results.found.extend(found.filter(is_new));
                }
                if clock::now() >= deadline {
                    return Ok(results);
                }
            }
            // One that has nothing takes time too.
            results.next = Some(first);
            if first > 0 && clock::now() >= deadline {
                return Ok(results);
            }
        }
        Ok(Results { next: None, ..results })
    }

    /// The article that arrived under that number, if it is still there and answers.
    fn answer(&self, store: &Store, query: &Query, number: u64) -> Result<Option<Found>, store::Error> {
        let (arrivals, _) = store.arrived(&Scope::All, number, 1)?;
        let arrival = arrivals.into_iter().find(|arrival| arrival.number == number);
        let Some(Arrival { entry, .. }) = arrival else { return Ok(None) };
        let Some(published) = self.seen(&Scope::All, entry)? else { return Ok(None) };
        Ok(query.find(&Subject::of(&published.article)).map(|evidence| Found { published, evidence }))
    }
}
