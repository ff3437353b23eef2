//! Whether all records can be read, and whether what they say of each other agrees.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use crate::model::{Scope, StoredArticle, TopicId, UrlHash, Version};

use super::arrivals::{Run, WireState};
use super::carriers::Carriers;
use super::engine::{Consistent, Engine, Kind, Moment};
use super::read::place;
use super::{Error, Place, key};

/// What arrived at which wire.
type Arrived = FxHashSet<(Vec<u8>, UrlHash)>;

/// What is wrong in a store, for people.
#[derive(Default)]
pub(super) struct Found {
    /// Records that cannot be read.
    pub(super) damaged: Vec<String>,
    /// References that lead nowhere, and what is missing in an index.
    pub(super) loose: Vec<String>,
}

impl Engine {
    pub(super) fn verify(&self) -> Result<Found, Error> {
        // One commit in between would look like a fault.
        let no_commit = self.consistent();
        let mut wrong = Found::default();
        for item in &self.articles {
            let (key, head) = item.map_err(|error| self.fault(error))?;
            note(&mut wrong, self.decode(Kind::Article, &key, &head).and_then(|article| self.verify_article(&article)));
        }
        for item in &self.times {
            let (key, head) = item.map_err(|error| self.fault(error))?;
            let moment = self.decode::<Moment>(Kind::Moment, &key, &head);
            note(&mut wrong, moment.and_then(|_| self.verify_place(place(&key)?)));
        }
        let arrived = self.verify_arrivals(&mut wrong)?;
        for key in self.agencies.iter().keys() {
            let key = key.map_err(|error| self.fault(error))?;
            note(&mut wrong, place(&key).and_then(|place| self.verify_agency(&key, place, &arrived)));
        }
        for key in self.topics.iter().keys() {
            let key = key.map_err(|error| self.fault(error))?;
            note(&mut wrong, place(&key).and_then(|place| self.verify_entry(key::topic(&key), place, &arrived)));
        }
        note(&mut wrong, self.subscriptions_within(&no_commit).map(|_| Vec::new()));
        self.verify_names(&mut wrong, &no_commit)?;
        self.verify_outbox()?.into_iter().for_each(|found| note(&mut wrong, found));
        note(&mut wrong, self.verify_listings(&no_commit));
        Ok(wrong)
    }

    /// Whether aliases, versions, alarms and marks can be read and lead somewhere.
    fn verify_names(&self, wrong: &mut Found, no_commit: &Consistent<'_>) -> Result<(), Error> {
        for item in &self.aliases {
            let (identity, bytes) = item.map_err(|error| self.fault(error))?;
            let article = self.decode_alias(&identity, &bytes);
            let found = article.and_then(|article| Ok((article, self.knows(article)?)));
            let void =
                |(article, known)| if known { Vec::new() } else { vec![format!("a name leads to article {article}, which is not known")] };
            note(wrong, found.map(void));
        }
        for item in &self.versions {
            let (key, head) = item.map_err(|error| self.fault(error))?;
            let version = self.decode::<Version>(Kind::Version, &key, &head);
            let article = self.articles.contains_key(key.get(..16).unwrap_or_default()).map_err(|error| self.fault(error))?;
            let void = if article { Vec::new() } else { vec![format!("version {} is of no article", key.escape_ascii())] };
            note(wrong, version.map(|_| void));
        }
        note(wrong, self.alarms_within(None, no_commit).map(|_| Vec::new()));
        for item in &self.marks {
            let (key, head) = item.map_err(|error| self.fault(error))?;
            let kind = if key.contains(&0) { Kind::Mark } else { Kind::Learned };
            note(wrong, self.decode::<serde_json::Value>(kind, &key, &head).map(|_| Vec::new()));
        }
        Ok(())
    }

    /// Whether it is known of every article when it was last listed: without that it would stay for ever.
    fn verify_listings(&self, no_commit: &Consistent<'_>) -> Result<Vec<String>, Error> {
        let ages = self.ages_within(no_commit)?;
        let mut wrong = Vec::new();
        for key in self.articles.iter().keys() {
            let key = key.map_err(|error| self.fault(error))?;
            if !key.as_ref().try_into().is_ok_and(|key| ages.contains_key(&UrlHash::from_stored(key))) {
                wrong.push(format!("it is not known when article {} was last listed", key.escape_ascii()));
            }
        }
        Ok(wrong)
    }

    fn verify_article(&self, article: &StoredArticle) -> Result<Vec<String>, Error> {
        let mut wrong = Vec::new();
        let place = Place::of(article);
        if self.read::<Moment>(Kind::Moment, &key::of_place(place))?.is_none() {
            wrong.push(format!("article {} is not found by its time", article.key));
        }
        if !self.agencies.contains_key(key::of_agency(&article.feed, place)).map_err(|error| self.fault(error))? {
            wrong.push(format!("article {} is not found by its feed", article.key));
        }
        for (topic, place) in self.entries(article)? {
            let entry = self.topics.contains_key(key::of_entry(&topic, place)).map_err(|error| self.fault(error))?;
            if !entry {
                wrong.push(format!("article {} is not found in topic `{topic}`", article.key));
            }
        }
        Ok(wrong)
    }

    /// Whether arrivals are of articles that were there, and have numbers that were given. Returns them.
    fn verify_arrivals(&self, wrong: &mut Found) -> Result<Arrived, Error> {
        let mut arrived = Arrived::default();
        for item in &self.arrivals {
            let (key, articles) = item.map_err(|error| self.fault(error))?;
            let run = Run::of(&key, &articles)?;
            let state: WireState = self.read(Kind::Wire, &run.wire)?.unwrap_or_default();
            let wire = run.wire.escape_ascii();
            for (number, article) in run.numbered() {
                if number >= state.arrivals {
                    wrong.loose.push(format!("the arrival {number} at `{wire}` was not counted"));
                }
                if !self.knows(article)? {
                    wrong.loose.push(format!("the arrival {number} at `{wire}` is of article {article}, which is not known"));
                }
                arrived.insert((run.wire.clone(), article));
            }
        }
        for item in &self.archives {
            let (key, head) = item.map_err(|error| self.fault(error))?;
            note(wrong, self.decode::<serde_json::Value>(Kind::Archive, &key, &head).map(|_| Vec::new()));
        }
        Ok(arrived)
    }

    fn verify_agency(&self, key: &[u8], place: Place, arrived: &Arrived) -> Result<Vec<String>, Error> {
        let article: Option<StoredArticle> = self.read(Kind::Article, place.key.as_bytes())?;
        let Some(article) = article.filter(|article| key::of_agency(&article.feed, Place::of(article)) == key) else {
            return Ok(vec![format!("a feed names article {}, which is not its", place.key)]);
        };
        let noted = arrived.contains(&(key::of_wire(&Scope::Agency(article.feed)), article.key));
        Ok(if noted { Vec::new() } else { vec![format!("it is not noted when article {} arrived", article.key)] })
    }

    fn verify_place(&self, place: Place) -> Result<Vec<String>, Error> {
        let article: Option<StoredArticle> = self.read(Kind::Article, place.key.as_bytes())?;
        let found = article.is_some_and(|article| Place::of(&article) == place);
        Ok(if found { Vec::new() } else { vec![format!("the time {} names article {}, which is not there", place.time, place.key)] })
    }

    fn verify_entry(&self, topic: Option<TopicId>, place: Place, arrived: &Arrived) -> Result<Vec<String>, Error> {
        let article: Option<StoredArticle> = self.read(Kind::Article, place.key.as_bytes())?;
        let entries = article.map(|article| self.entries(&article)).transpose()?.unwrap_or_default();
        let mut wrong = Vec::new();
        let scope = topic.clone().map(Scope::Topic);
        if !topic.is_some_and(|topic| entries.contains(&(topic, place))) {
            wrong.push(format!("a topic names article {}, which is not in it", place.key));
        } else if !scope.is_some_and(|scope| arrived.contains(&(key::of_wire(&scope), place.key))) {
            wrong.push(format!("it is not noted when article {} arrived at a topic", place.key));
        }
        Ok(wrong)
    }

    /// The entries of the story that an article carries.
    pub(super) fn entries(&self, article: &StoredArticle) -> Result<BTreeSet<(TopicId, Place)>, Error> {
        let story: UrlHash = article.story;
        let carriers: Option<Carriers> = self.read(Kind::Story, story.as_bytes())?;
        Ok(carriers.unwrap_or_else(|| Carriers::alone(article)).entries())
    }
}

fn note(wrong: &mut Found, found: Result<Vec<String>, Error>) {
    match found {
        Ok(found) => wrong.loose.extend(found),
        Err(error) => wrong.damaged.push(error.to_string()),
    }
}
