//! `topicwire topic`: what topics hold, why, what other rules would do, and what the desk thinks of it.

mod desk;
mod explain;
mod marked;
mod test;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;
use clap::Subcommand;

use super::{Failure, edit, lists, open};
use crate::config::Config;
use crate::model::TopicId;
use crate::topic::{RuleError, Rules};

#[derive(Debug, Subcommand)]
pub enum Topic {
    /// The topics and how much is in them
    List,
    /// Add a topic to the configuration
    Add(edit::AddTopic),
    /// Say why an article is on a topic, or what it lacks
    Explain(explain::Explain),
    /// Say what the topic's rules, as they are now, would add to what is stored and take away
    Test(test::Test),
    /// Keep what you think of an article: the topic's rules are measured on it, and learn from it
    Mark(desk::Mark),
    /// Measure the topics' rules on what was marked
    Eval(desk::Eval),
    /// Propose rules that separate what was marked as on the topic from what was not
    Suggest(desk::Suggest),
}

impl Topic {
    pub(super) fn run(self, config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
        match self {
            Self::List => lists::topics(config, store, json),
            Self::Add(topic) => topic.run(config),
            Self::Explain(explain) => explain.run(config, store, json),
            Self::Test(test) => test.run(config, store, json),
            Self::Mark(mark) => mark.run(config, store, json),
            Self::Eval(eval) => eval.run(config, store, json),
            Self::Suggest(suggest) => suggest.run(config, store, json),
        }
    }
}

/// The topic that the command line names, which must be in the configuration.
fn named(config: &Config, name: &str) -> Result<TopicId, Failure> {
    let topic = TopicId::new(name).map_err(|error| Failure::Wrong(error.into()))?;
    if config.wire(&topic).is_none() {
        return Err(Failure::Wrong(anyhow!("there is no topic `{topic}`; `topicwire topic list` names them")));
    }
    Ok(topic)
}

/// The same configuration with other rules for a topic, from a file that holds nothing else.
fn with_rules(mut config: Config, topic: &TopicId, file: &Path) -> Result<Config, Failure> {
    let bytes = open::file(file).map_err(Failure::Wrong)?;
    let rules = Rules::parse(&String::from_utf8_lossy(&bytes)).map_err(|errors| {
        let errors: Vec<String> = errors.iter().map(|error| place(file, error)).collect();
        Failure::Wrong(anyhow!("{} in the rules:{}", open::count(errors.len(), "mistake"), errors.concat()))
    })?;
    if let Some(other) = rules.topics().find(|other| config.wire(other).is_none()) {
        return Err(Failure::Wrong(anyhow!(
            "`{}`: the rules build on `topic:{other}`, and there is no such topic",
            PathBuf::from(file).display()
        )));
    }
    if let Some(wire) = config.wires.get_mut(topic) {
        Arc::make_mut(wire).topic.rules = rules.clone();
    }
    Ok(config)
}

/// A mistake in a file of rules, as those in the configuration are shown.
fn place(file: &Path, RuleError { line, column, message }: &RuleError) -> String {
    format!("\n  {}:{line}:{column}: {message}", file.display())
}

/// Text from outside on one line, without what a terminal would take for a command.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
