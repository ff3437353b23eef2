//! What topics learned from their marks, as far as it was adopted; and the stored articles as the background of learning.

use super::{Desk, Refusal};
use crate::config::Config;
use crate::store::{self, Store};
use crate::topic::{Background, Subject, Topic};

/// How many of the newest articles are read to know how common words are.
const BACKGROUND: u32 = 5_000;
/// Articles that are in memory at once.
const PAGE: usize = 100;

/// The topics of a configuration, with what those of them that learn have learned: what a matcher of polls is made of.
///
/// # Errors
/// When the store cannot be read.
pub fn topics(config: &Config, store: &Store) -> Result<Vec<Topic>, store::Error> {
    let topics: Vec<Topic> = config.wires.values().map(|wire| wire.topic.clone()).collect();
    taught(&topics, Some(store))
}

/// The topics with what those of them that learn have learned.
pub(super) fn taught(topics: &[Topic], store: Option<&Store>) -> Result<Vec<Topic>, store::Error> {
    let mut taught = topics.to_vec();
    for topic in taught.iter_mut().filter(|topic| topic.learned.is_some()) {
        if let Some(learned) = store.map_or(Ok(None), |store| store.learned(&topic.id))? {
            topic.learned = Some(learned);
        }
    }
    Ok(taught)
}

/// How common words are in what is stored.
pub(super) fn background(desk: &Desk) -> Result<Background, Refusal> {
    let (store, mut background, mut before) = (desk.store()?, Background::default(), None);
    while background.articles() < BACKGROUND {
        let page = store.newest_of_all(PAGE, before)?;
        let Some(last) = page.last() else { break };
        before = Some(last.place());
        for published in &page {
            background.add(&Subject::of(&published.article));
        }
    }
    Ok(background)
}
