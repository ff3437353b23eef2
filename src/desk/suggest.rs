//! Rules that would separate what the desk marked as on a topic from what it marked as not.

use serde::{Deserialize, Serialize};

use super::learned::background;
use super::{Desk, Question, Refusal};
use crate::model::Mark;
use crate::topic::{self, Subject, Suggestion, Topic};

/// The fewest marked articles that say anything.
const MIN_MARKS: usize = 4;

/// Asks for rules that the topic could have.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Suggest {
    pub topic: Topic,
}

/// Rules to accept or not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Suggestions {
    /// Marks of each side, and the stored articles that they were compared with.
    pub yes: usize,
    pub no: usize,
    pub stored: u32,
    pub suggestions: Vec<Suggestion>,
}

impl Question for Suggest {
    const NAME: &'static str = "suggest";
    type Answer = Suggestions;

    fn answer(&self, desk: &Desk) -> Result<Suggestions, Refusal> {
        let id = &self.topic.id;
        let marks = desk.store()?.marks(id)?;
        if marks.len() < MIN_MARKS {
            let hint = format!("mark at least {MIN_MARKS} with `topicwire topic mark {id} URL --yes` or `--no`");
            return Err(Refusal::NotDone(format!("the topic `{id}` has {} marked articles: {hint}", marks.len())));
        }
        let background = background(desk)?;
        let (yes, no): (Vec<&Mark>, Vec<&Mark>) = marks.iter().partition(|mark| mark.on_topic);
        let [yes, no] = [yes, no].map(|marks| marks.into_iter().map(|mark| Subject::of(&mark.article)).collect::<Vec<_>>());
        let suggestions = topic::suggest(&self.topic, &yes, &no, &background);
        Ok(Suggestions { yes: yes.len(), no: no.len(), stored: background.articles(), suggestions })
    }
}
