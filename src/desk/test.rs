//! What rules would do to what is stored: which articles they add to a topic and which they take away.

use chrono::TimeDelta;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use url::Url;

use super::explain::explainer;
use super::{Desk, Question, Refusal};
use crate::clock;
use crate::model::{FeedId, Instant, Published, StoredArticle, Timestamp, TopicId, UrlHash};
use crate::topic::{Explainer, Explanation, Subject, Topic};

/// Articles that are judged at once.
const BATCH: usize = 128;
/// The lower ends of the bars of the distribution, in shares of what an article needs.
const BARS: [f64; 9] = [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0];
/// How many articles are named of those that are added or removed.
const NAMED: usize = 500;
/// What is said of the reasons: the first few words that counted.
const REASONS: usize = 4;

/// Asks what the rules in `topics`, which are those of `topic` and of the topics that it builds on, would change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Test {
    pub topics: Vec<Topic>,
    pub topic: TopicId,
    /// Articles from then on; none: all.
    pub since: Option<Instant>,
    /// What it may cost; none: whatever it takes.
    #[serde(default)]
    pub most: Option<Most>,
}

/// What an answer may cost. It is then about the newest articles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Most {
    pub articles: u64,
    pub seconds: u32,
}

/// What would change.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Difference {
    /// Articles that were judged.
    pub articles: u64,
    /// On the topic before and after.
    pub unchanged: u64,
    /// How many would be added and removed; the newest of them follow.
    pub added_count: u64,
    pub removed_count: u64,
    pub added: Vec<Candidate>,
    pub removed: Vec<Candidate>,
    /// How the scores above zero are spread.
    pub distribution: Vec<Bar>,
    /// Older articles were left out because it cost too much.
    #[serde(default)]
    pub cut: bool,
}

/// An article that would be added or removed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Candidate {
    pub key: UrlHash,
    pub title: String,
    pub link: Url,
    pub feed: FeedId,
    pub published: Timestamp,
    pub score: f64,
    pub needed: f64,
    /// Words that counted, for people.
    pub why: Vec<String>,
}

/// Articles whose score is that share of what they need, up to the next bar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    pub from: f64,
    pub articles: u64,
}

impl Question for Test {
    const NAME: &'static str = "test";
    type Answer = Difference;

    fn answer(&self, desk: &Desk) -> Result<Difference, Refusal> {
        let explainer = explainer(desk, &self.topics, &self.topic)?;
        let distribution = BARS.iter().map(|&from| Bar { from, articles: 0 }).collect();
        let mut difference = Difference { distribution, ..Difference::default() };
        let (store, since) = (desk.store()?, self.since.unwrap_or(Instant::MIN_UTC));
        let deadline = self.most.and_then(|most| clock::now().checked_add_signed(TimeDelta::seconds(most.seconds.into())));
        let mut before = None;
        loop {
            let page = store.newest_of_all(BATCH, before)?;
            let Some(last) = page.last().map(Published::place) else { break };
            before = Some(last);
            let young = page.into_iter().filter(|published| published.place().time >= since && desk.config.shows(&published.article));
            difference.add(&self.topic, &explainer, young.map(|published| published.article).collect());
            if last.time < since {
                break;
            }
            difference.cut = self.most.is_some_and(|most| difference.articles >= most.articles)
                || deadline.is_some_and(|deadline| clock::now() >= deadline);
            if difference.cut {
                break;
            }
        }
        Ok(difference)
    }
}

impl Difference {
    fn add(&mut self, topic: &TopicId, explainer: &Explainer, batch: Vec<StoredArticle>) {
        let judged: Vec<Explanation> = batch.par_iter().map(|stored| explainer.weigh(&Subject::of(stored))).collect();
        for (stored, explanation) in batch.into_iter().zip(judged) {
            self.articles += 1;
            if explanation.score > 0.0 {
                let share = explanation.share();
                if let Some(bar) = self.distribution.iter_mut().rev().find(|bar| bar.from <= share) {
                    bar.articles += 1;
                }
            }
            let was = stored.matches.iter().any(|found| found.topic == *topic);
            let (count, named) = match (was, explanation.on_topic) {
                (false, true) => (&mut self.added_count, &mut self.added),
                (true, false) => (&mut self.removed_count, &mut self.removed),
                (true, true) => {
                    self.unchanged += 1;
                    continue;
                }
                (false, false) => continue,
            };
            *count += 1;
            if named.len() < NAMED {
                named.push(Candidate::new(stored, &explanation));
            }
        }
    }
}

impl Candidate {
    pub(super) fn new(stored: StoredArticle, explanation: &Explanation) -> Self {
        let published = stored.time();
        let (score, needed, why) = (explanation.score, explanation.needed, why(explanation));
        Self { key: stored.key, title: stored.article.title, link: stored.link, feed: stored.feed, published, score, needed, why }
    }
}

/// The words that counted most, each once.
fn why(explanation: &Explanation) -> Vec<String> {
    let mut rules: Vec<_> = explanation.rules.iter().collect();
    rules.sort_by(|one, other| other.points.unwrap_or(f64::MAX).abs().total_cmp(&one.points.unwrap_or(f64::MAX).abs()));
    let mut words: Vec<String> = Vec::new();
    for evidence in rules.iter().filter_map(|rule| rule.evidence.first()) {
        if words.len() < REASONS && !words.contains(&evidence.text) {
            words.push(evidence.text.clone());
        }
    }
    words
}
