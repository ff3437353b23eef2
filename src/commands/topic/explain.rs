//! `topicwire topic explain`: an article with the words that counted, and the account rule by rule.

use std::io::{self, IsTerminal, Write};
use std::ops::Range;
use std::path::Path;

use anyhow::Context;
use url::Url;

use super::marked::{self, BRACKETS, COLOUR, Marks};
use super::{named, plain};
use crate::commands::{Failure, extract, open};
use crate::config::Config;
use crate::desk::{self, Explained};
use crate::model::{Article, Field, TopicId};
use crate::topic::{Contribution, Effect, Explainer, Explanation, Nearly, Subject};

#[derive(Debug, clap::Args)]
pub struct Explain {
    /// The topic, by its id
    topic: String,
    /// An article: its web address, stored or not; a file of HTML; or a file of text with the title on its first line
    #[arg(value_name = "URL-or-FILE")]
    article: String,
    /// Print the whole text, not only what stands around the words that counted
    #[arg(long)]
    whole: bool,
}

impl Explain {
    pub(super) fn run(&self, config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
        let config = open::config(config)?;
        let topic = named(&config, &self.topic)?;
        let explained = match self.stored(&config, store, &topic)? {
            Some(explained) => explained,
            None => self.read(&config, &topic)?,
        };
        let mut output = io::stdout().lock();
        if json {
            serde_json::to_writer(&mut output, &explained).context("cannot write the account")?;
            return Ok(writeln!(output).context("cannot write the account")?);
        }
        let marks = if output.is_terminal() { COLOUR } else { BRACKETS };
        Ok(print(&mut output, &explained, marks, self.whole).context("cannot write the account")?)
    }

    /// The account of a stored article, by whoever has the store.
    fn stored(&self, config: &Config, store: &Path, topic: &TopicId) -> Result<Option<Explained>, Failure> {
        let Some(url) = Url::parse(&self.article).ok().filter(Url::has_host) else { return Ok(None) };
        let topics = config.topic_with_others(topic).unwrap_or_default();
        open::ask(|| Ok(config.clone()), store, &desk::Explain { topics, topic: topic.clone(), url })
    }

    /// The account of a page or a file that is not stored.
    fn read(&self, config: &Config, topic: &TopicId) -> Result<Explained, Failure> {
        let (article, link) = extract::article(&self.article, config)?;
        let explainer = Explainer::new(&config.topic_with_others(topic).unwrap_or_default(), topic).context("the topic is gone")?;
        let explanation = explainer.explain(&Subject::of_page(&article));
        let Article { title, text, published, .. } = article;
        Ok(Explained { link, feed: None, published, title, text, was_on_topic: None, explanation })
    }
}

fn print(output: &mut impl Write, explained: &Explained, marks: Marks, whole: bool) -> io::Result<()> {
    let explanation = &explained.explanation;
    writeln!(output, "{}", marked::whole(&explained.title, &places(explanation, Field::Title), marks))?;
    if let Some(link) = &explained.link {
        writeln!(output, "{link}")?;
    }
    let body = places(explanation, Field::Body);
    let text = if whole { marked::whole(&explained.text, &body, marks) } else { marked::snippets(&explained.text, &body, marks) };
    writeln!(output, "\n{}", if text.is_empty() { "(no word in the text counted)" } else { text.trim_end() })?;
    writeln!(output, "\n{}", verdict(explained))?;
    for contribution in &explanation.rules {
        writeln!(output, "  {:>7}  {}", points(contribution), contribution.rule)?;
        writeln!(output, "           {}", counted(contribution))?;
    }
    if let Some(learned) = &explanation.learned {
        let words: Vec<String> = learned.evidence.iter().map(|evidence| plain(&evidence.text)).collect();
        writeln!(output, "  {:>7}  learned from marks: {}", format!("{:+}", learned.points), words.join(", "))?;
    }
    if !explanation.nearly.is_empty() {
        writeln!(output, "\nWhat came closest:")?;
    }
    explanation.nearly.iter().try_for_each(|nearly| print_nearly(output, nearly))
}

fn print_nearly(output: &mut impl Write, nearly: &Nearly) -> io::Result<()> {
    writeln!(output, "  {:>7}  {}", format!("({:+})", nearly.weight), nearly.rule)?;
    let has: Vec<String> = nearly.has.iter().map(|evidence| plain(&evidence.text)).collect();
    writeln!(output, "           has {}; lacks: {}", has.join(", "), nearly.lacks.join("; "))
}

fn places(explanation: &Explanation, field: Field) -> Vec<Range<usize>> {
    explanation.evidence().into_iter().filter(|evidence| evidence.field == field).map(|evidence| evidence.start..evidence.end).collect()
}

fn verdict(explained: &Explained) -> String {
    let Explanation { topic, on_topic, score, needed, language, words, buried, rules, .. } = &explained.explanation;
    let excluded = rules.iter().any(|rule| rule.effect == Effect::Excludes);
    let verdict = if *on_topic {
        format!("On the topic {topic}: {score} of {needed} points")
    } else if excluded {
        format!("Not on the topic {topic}: a rule excludes it, whatever its {score} points")
    } else {
        format!("Not on the topic {topic}: {score} of {needed} points, {:.2} short", needed - score)
    };
    let language = language.as_ref().map_or_else(|| "an unknown language".to_owned(), ToString::to_string);
    let buried = if *buried && !rules.is_empty() { ", and nothing in title or lead speaks for it" } else { "" };
    let was = match (explained.was_on_topic, on_topic) {
        (Some(true), false) => "\nIt was on the topic when it was stored: the rules are others now.",
        (Some(false), true) => "\nIt was not on the topic when it was stored: the rules are others now.",
        _ => "",
    };
    format!("{verdict}.\nRead in {language}, {words} words{buried}.{was}")
}

fn points(contribution: &Contribution) -> String {
    match (contribution.effect, contribution.points) {
        (Effect::Excludes, _) => "NOT".to_owned(),
        (Effect::Decides, _) => "decides".to_owned(),
        (Effect::Weighs(_), points) => format!("{:+}", points.unwrap_or_default()),
    }
}

/// Where the words stand, and which they are.
fn counted(contribution: &Contribution) -> String {
    let parts = [(contribution.title, "title"), (contribution.lead, "lead"), (contribution.body, "further down")];
    let parts: Vec<String> = parts.iter().filter(|(hits, _)| *hits > 0).map(|(hits, part)| format!("{hits}× {part}")).collect();
    let mut words: Vec<String> = contribution.evidence.iter().map(|evidence| plain(&evidence.text)).collect();
    words.dedup();
    words.truncate(6);
    if parts.is_empty() { "holds of the article as a whole".to_owned() } else { format!("{}: {}", parts.join(", "), words.join(", ")) }
}
