//! `topicwire digest`: the letters of a topic's digest as they would be sent now, and sending them at once.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, anyhow};

use super::open::Counter;
use super::{Failure, block_on, open};
use crate::clock;
use crate::desk::{self, Draft};
use crate::fetch::Sent;
use crate::hub::Post;
use crate::hub::letter::{self, About};
use crate::model::{Scope, TopicId};
use crate::publish::{self, Format, Letter};

#[derive(Debug, clap::Args)]
pub struct Digest {
    /// The topic
    topic: String,
    /// Send them now; what is in them is not sent again at their time
    #[arg(long)]
    send: bool,
}

impl Digest {
    pub(super) fn run(&self, config: &Path, store: &Path, json: bool) -> Result<(), Failure> {
        let topic = TopicId::new(self.topic.as_str()).map_err(|error| Failure::Wrong(error.into()))?;
        let mut counter = Counter::new(config, store);
        let drafts = counter.ask(&desk::Digest { topic: topic.clone() })?;
        if self.send {
            send(config, &topic, &drafts, &mut counter)?;
        }
        print(&drafts, self.send, json).context("cannot write the result")?;
        Ok(())
    }
}

/// Sends what there is to send, and notes each letter that was taken.
fn send(config: &Path, topic: &TopicId, drafts: &[Draft], counter: &mut Counter<'_>) -> Result<(), Failure> {
    let config = open::config(config)?;
    let hint = || anyhow!("the topic `{topic}` has no `digest` in the configuration: it says to whom it is sent");
    let post = open::post(&config)?.filter(|_| drafts.iter().all(|draft| draft.to.is_some())).ok_or_else(|| Failure::Wrong(hint()))?;
    let page = format!("{}{}", config.site.address, publish::file(&Scope::Topic(topic.clone()), Format::Html));
    for draft in drafts {
        let (Some(to), Some(letter)) = (&draft.to, &draft.letter) else { continue };
        let about = About { topic, numbers: draft.numbers.clone(), articles: draft.articles, page: &page };
        send_one(&post, to, &about, letter)?;
        counter.ask(&desk::Posted { topic: topic.clone(), to: to.clone(), next: draft.numbers.end })?;
    }
    Ok(())
}

fn send_one(post: &Post, to: &str, about: &About<'_>, letter: &Letter) -> Result<(), Failure> {
    let message =
        letter::message(post.email(), to, about, letter.clone(), clock::now()).with_context(|| format!("cannot write to `{to}`"))?;
    match block_on(post.send(message))? {
        Sent::Taken => Ok(()),
        Sent::Refused(failure) => Err(Failure::NotDone(anyhow!("the digest for `{to}` was not sent: {failure}"))),
        Sent::Gone => Err(Failure::NotDone(anyhow!("the digest for `{to}` was not sent"))),
    }
}

fn print(drafts: &[Draft], sent: bool, json: bool) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    if json {
        return writeln!(output, "{}", serde_json::json!({"sent": sent, "letters": drafts}));
    }
    for draft in drafts {
        let to = draft.to.as_deref().map(|to| format!(" for {to}")).unwrap_or_default();
        match &draft.letter {
            None => writeln!(output, "nothing new{to}")?,
            Some(letter) if sent => writeln!(output, "sent{to}: {}", letter.subject)?,
            Some(letter) => writeln!(output, "the next letter{to}:\n\n{}", letter.text)?,
        }
    }
    Ok(())
}
