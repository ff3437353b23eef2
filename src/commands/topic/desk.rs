//! `topicwire topic mark`, `eval` and `suggest`: what the desk thinks of articles, and what follows from it.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, anyhow};
use serde::Serialize;
use url::Url;

use super::{named, plain};
use crate::commands::{Failure, open, table};
use crate::desk::{self, Candidate, Count, Evaluation, Judgement, Learning, Marking, Suggestions};
use crate::model::Language;
use crate::topic::MIN_LESSONS;

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("judgement").required(true).args(["yes", "no", "forget"])))]
pub struct Mark {
    /// The topic, by its id
    topic: String,
    /// The address of a stored article
    url: Url,
    /// It is on the topic
    #[arg(long)]
    yes: bool,
    /// It is not on the topic
    #[arg(long)]
    no: bool,
    /// Take back what was said of it
    #[arg(long)]
    forget: bool,
}

#[derive(Debug, clap::Args)]
pub struct Eval {
    /// The topic, by its id: all that have marks unless given
    topic: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct Suggest {
    /// The topic, by its id
    topic: String,
}

impl Mark {
    pub(super) fn run(&self, config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
        let config = open::config(config)?;
        let topic = named(&config, &self.topic)?;
        let judgement = match (self.yes, self.no) {
            (true, _) => Judgement::Yes,
            (_, true) => Judgement::No,
            (false, false) => Judgement::Forget,
        };
        let marked = open::ask(|| Ok(config), store, &Marking { topic: topic.clone(), url: self.url.clone(), judgement })?;
        if json {
            return print_json(&marked);
        }
        let what = match (&marked.title, marked.forgotten) {
            (Some(title), _) => format!("marked {}: {}", if self.yes { "as on the topic" } else { "as not on the topic" }, plain(title)),
            (None, true) => "the mark is forgotten".to_owned(),
            (None, false) => "there was no such mark".to_owned(),
        };
        print(&format!("{what}\n{topic} has {} marked as on the topic, {} as not", marked.yes, marked.no))
    }
}

impl Eval {
    pub(super) fn run(&self, config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
        let config = open::config(config)?;
        let topics = match &self.topic {
            Some(name) => vec![named(&config, name)?],
            None => config.wires.values().map(|wire| wire.topic.id.clone()).collect(),
        };
        let mut evaluations = Vec::new();
        for topic in topics {
            let topics = config.topic_with_others(&topic).unwrap_or_default();
            let evaluation = open::ask(|| Ok(config.clone()), store, &desk::Eval { topics, topic })?;
            evaluations.extend(Some(evaluation).filter(|evaluation| evaluation.all.marks() > 0));
        }
        if json {
            return print_json(&serde_json::json!({"topics": evaluations}));
        }
        if evaluations.is_empty() {
            return Err(Failure::NotDone(anyhow!("nothing is marked yet: `topicwire topic mark TOPIC URL --yes` or `--no` does it")));
        }
        evaluations.iter().try_for_each(|evaluation| print(&evaluated(evaluation)))
    }
}

impl Suggest {
    pub(super) fn run(&self, config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
        let config = open::config(config)?;
        let topic = named(&config, &self.topic)?;
        let Some(topic) = config.wire(&topic).map(|wire| wire.topic.clone()) else { return Ok(()) };
        let suggestions = open::ask(|| Ok(config), store, &desk::Suggest { topic })?;
        if json { print_json(&suggestions) } else { print(&suggested(&suggestions)) }
    }
}

/// Rules, each under a remark that says why: they can be copied as they are.
fn suggested(suggestions: &Suggestions) -> String {
    let Suggestions { yes, no, stored, suggestions } = suggestions;
    let mut lines = vec![format!("# from {yes} articles on the topic, {no} not on it, and {stored} stored ones")];
    if suggestions.is_empty() {
        lines.push("# no word separates them that the rules do not have already".to_owned());
    }
    for suggestion in suggestions {
        lines.push(format!("# in {} of {yes}, {} of {no}, {} of {stored}", suggestion.yes, suggestion.no, suggestion.stored));
        lines.push(suggestion.rule.clone());
    }
    lines.join("\n")
}

fn evaluated(evaluation: &Evaluation) -> String {
    let Evaluation { topic, all, languages, missed, wrong, learning } = evaluation;
    let mut counts = table(&["language", "marks", "precision", "recall", "F1"]);
    for (language, count) in languages.iter().map(|(language, count)| (language.as_str(), count)).chain([("all", all)]) {
        let [precision, recall] =
            [count.precision(), count.recall()].map(|share| share.map_or("–".to_owned(), |share| format!("{share:.3}")));
        counts.add_row([language.to_owned(), count.marks().to_string(), precision, recall, format!("{:.3}", count.f1())]);
    }
    let mut text = format!("{topic}\n{}\n\n", counts.trim_fmt());
    for (candidates, what) in [(missed, "Marked as on the topic, and not found:"), (wrong, "Found, and marked as not on the topic:")] {
        if !candidates.is_empty() {
            let candidates: Vec<String> = candidates.iter().map(listed).collect();
            text += &[what, "\n", &candidates.concat(), "\n"].concat();
        }
    }
    text + &learning.as_ref().map_or_else(|| format!("Learning needs {MIN_LESSONS} marks of each kind."), learned)
}

fn listed(candidate: &Candidate) -> String {
    let Candidate { title, link, score, needed, .. } = candidate;
    format!("  {}\n  {link} {score} of {needed}\n", plain(title))
}

fn learned(learning: &Learning) -> String {
    let Learning { enabled, adopted, rules_alone, with_lessons, words, weights } = learning;
    let line = |what: &str, count: &Count| format!("  {what:<20} F1 {:.3}, {} missed, {} wrong\n", count.f1(), count.missed, count.wrong);
    let conclusion = match (adopted, enabled) {
        (true, _) => "It helps: adopted. A daemon that runs uses it from its next start on.",
        (false, true) => "It does not help: the rules decide alone.",
        (false, false) => "The rules decide alone: `learn = true` under the topic lets it learn where that helps.",
    };
    let weights: Vec<String> = weights
        .iter()
        .map(|weight| format!("{} {} {:+.2}", weight.language.as_ref().map_or("any", Language::as_str), weight.lemma, weight.weight))
        .collect();
    format!(
        "Learning from the marks, each article judged by a model that the others taught:\n{}{}{conclusion}\nIts {words} words, the greatest first: {}",
        line("rules alone", rules_alone),
        line("with what is learned", with_lessons),
        weights.join(", ")
    )
}

fn print(text: &str) -> Result<(), Failure> {
    Ok(writeln!(io::stdout().lock(), "{text}").context("cannot write the result")?)
}

fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    print(&serde_json::to_string(value).context("cannot write the result")?)
}
