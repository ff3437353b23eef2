//! What most commands begin with: the configuration, the store, the tools of a poll.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use anyhow::{Context, anyhow};

use super::Failure;
use super::running::Running;
use crate::clock;
use crate::config::{self, Access, Config, Feed, Secret};
use crate::daemon::STORY_WINDOW;
use crate::desk::{self, Desk, Question};
use crate::fetch::{self, Client, Credentials};
use crate::hub::{Post, Webhook};
use crate::model::{FeedId, Scope, TopicId};
use crate::poll::Tools;
use crate::serve::Token;
use crate::serve::admin::SOCKET;
use crate::store::{self, Store};
use crate::story::Window;
use crate::topic::Matcher;

/// The largest configuration that is read, in bytes.
const MAX_CONFIG: u64 = 16 << 20;

/// The largest page, feed or article that is read from a file, in bytes.
const MAX_FILE: u64 = 64 << 20;

/// Reads the configuration.
pub(super) fn config(path: &Path) -> Result<Config, Failure> {
    config_and_text(path).map(|(config, _)| config)
}

/// Reads the configuration, and the text that it was written as.
pub(super) fn config_and_text(path: &Path) -> Result<(Config, String), Failure> {
    let text = config_text(path)?;
    let config = Config::parse(&text).map_err(|mistakes| {
        let mistakes: Vec<String> = mistakes.iter().map(|mistake| format!("\n  {}:{mistake}", path.display())).collect();
        Failure::Wrong(anyhow!("{} in the configuration:{}", count(mistakes.len(), "mistake"), mistakes.concat()))
    })?;
    Ok((config, text))
}

/// Reads the configuration where there is one: for commands that can do without.
pub(super) fn config_if_any(path: &Path) -> Result<Config, Failure> {
    if path.exists() {
        return config(path);
    }
    Config::parse("").map_err(|_| Failure::NotDone(anyhow!("an empty configuration is refused: this is a bug in topicwire")))
}

/// Reads the configuration's text.
pub(super) fn config_text(path: &Path) -> Result<String, Failure> {
    let hint = || format!("cannot read the configuration `{}` (name another with --config)", path.display());
    let size = std::fs::metadata(path).with_context(hint).map_err(Failure::Wrong)?.len();
    if size > MAX_CONFIG {
        return Err(Failure::Wrong(anyhow!("`{}` is larger than {} MiB: that is no configuration", path.display(), MAX_CONFIG >> 20)));
    }
    let bytes = std::fs::read(path).with_context(hint).map_err(Failure::Wrong)?;
    String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = before.split(|byte| *byte == b'\n').count();
        Failure::Wrong(anyhow!("{}:{line}: this line is not UTF-8: save the file as UTF-8", path.display()))
    })
}

/// Reads a secret from where the configuration says that it is.
pub(super) fn secret(secret: &Secret) -> Result<String, Failure> {
    let text = match secret {
        Secret::File(path) => {
            let bytes = file(path).map_err(Failure::Wrong)?;
            String::from_utf8(bytes).map_err(|_| Failure::Wrong(anyhow!("`{}` is not text", path.display())))?
        }
        Secret::Environment(name) => {
            let value = std::env::var_os(name).ok_or_else(|| Failure::Wrong(anyhow!("the variable `{name}` is not set")))?;
            value.to_string_lossy().into_owned()
        }
    };
    match text.trim() {
        "" => Err(Failure::Wrong(anyhow!("a secret that the configuration names is empty: {secret:?}"))),
        text => Ok(text.to_owned()),
    }
}

/// Reads what the servers of some feeds are to be shown.
pub(super) fn credentials(config: &Config) -> Result<BTreeMap<FeedId, Credentials>, Failure> {
    let closed = config.feeds.iter().filter(|feed| feed.access != Access::default());
    closed.map(|feed| Ok((feed.id.clone(), credentials_of(feed)?))).collect()
}

fn credentials_of(feed: &Feed) -> Result<Credentials, Failure> {
    let unusable = |error: fetch::Failure| Failure::Wrong(anyhow!("feed `{}`: {error}", feed.id));
    let mut credentials = Credentials::of(feed.url.as_url());
    if let Some(auth) = &feed.access.auth {
        credentials = credentials.with_password(&auth.user, &secret(&auth.password)?).map_err(unusable)?;
    }
    for (name, value) in &feed.access.headers {
        credentials = credentials.with_header(name, &secret(value)?).map_err(unusable)?;
    }
    Ok(credentials)
}

/// Reads what webhooks are signed with.
pub(super) fn webhooks(config: &Config) -> Result<Vec<Webhook>, Failure> {
    let webhooks = config.wires.values().filter_map(|wire| Some((&wire.topic.id, wire.webhook.as_ref()?)));
    let read = |(topic, webhook): (&TopicId, &config::Webhook)| {
        let secret = secret(&webhook.secret)?;
        Ok(Webhook { topic: topic.clone(), url: webhook.url.clone(), secret, allow_private: webhook.allow_private })
    };
    webhooks.map(read).collect()
}

/// Reads the password of the relay that takes mail, if there is one, and sets up the way there.
pub(super) fn post(config: &Config) -> Result<Option<Post>, Failure> {
    let Some(email) = &config.email else { return Ok(None) };
    let password = email.auth.as_ref().map(|auth| secret(&auth.password)).transpose()?;
    Ok(Some(Post::new(email.clone(), password).context("cannot set up mail")?))
}

/// Reads what readers of those wires have to know that are not for everybody.
pub(super) fn tokens(config: &Config) -> Result<BTreeMap<Scope, Vec<Token>>, Failure> {
    let read = |(scope, tokens): (Scope, &[Secret])| {
        let tokens = tokens.iter().map(|token| Ok(Token::new(&secret(token)?)));
        Ok((scope, tokens.filter_map(Result::transpose).collect::<Result<_, Failure>>()?))
    };
    config.closed().map(read).collect()
}

/// Reads a file that is named on the command line or in a batch.
pub(super) fn file(path: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("cannot read `{}`", path.display());
    let size = std::fs::metadata(path).with_context(cannot)?.len();
    if size > MAX_FILE {
        return Err(anyhow!("`{}` is larger than {} MiB, which is more than any page or feed", path.display(), MAX_FILE >> 20));
    }
    std::fs::read(path).with_context(cannot)
}

/// Opens the store and says what was lost, if anything was.
pub(super) fn store(folder: &Path) -> Result<Store, Failure> {
    opened(folder, Store::open(folder))
}

/// What opening the store came to, in words.
pub(super) fn opened(folder: &Path, opened: Result<Store, store::Error>) -> Result<Store, Failure> {
    let silent = || matches!(Running::find(folder), Ok(None));
    let store = opened.map_err(|error| match error {
        store::Error::Locked { .. } if silent() => anyhow!(
            "{error}, which does not answer at `{}`; if it is starting or stopping, try again in a moment",
            folder.join(SOCKET).display()
        ),
        error => error.into(),
    })?;
    match store.lost_commits() {
        0 => {}
        lost => tracing::error!(
            lost,
            "the store is older than it was when it was last closed: its last commits are missing; what is still listed is fetched again"
        ),
    }
    Ok(store)
}

/// Opens the store where there is one: looking must not make one.
pub(super) fn store_if_any(folder: &Path) -> Result<Option<Store>, Failure> {
    if store::exists(folder) { store(folder).map(Some) } else { Ok(None) }
}

/// Has a question answered by whoever has the store: the daemon, with its own configuration, or else this process, which reads its own then.
pub(super) fn ask<Q: Question>(config: impl FnOnce() -> Result<Config, Failure>, store: &Path, question: &Q) -> Result<Q::Answer, Failure> {
    if let Some(daemon) = Running::find(store)? {
        return daemon.ask(question);
    }
    let desk = Desk { config: Arc::new(config()?), store: store_if_any(store)? };
    Ok(question.answer(&desk)?)
}

/// Where many questions are asked: the configuration is read and the store opened once, if no daemon has it.
pub(super) struct Counter<'a> {
    config: &'a Path,
    folder: &'a Path,
    desk: Option<Desk>,
}

impl<'a> Counter<'a> {
    pub(super) fn new(config: &'a Path, store: &'a Path) -> Self {
        Self { config, folder: store, desk: None }
    }

    /// As [`ask`].
    pub(super) fn ask<Q: Question>(&mut self, question: &Q) -> Result<Q::Answer, Failure> {
        if self.desk.is_none()
            && let Some(daemon) = Running::find(self.folder)?
        {
            return daemon.ask(question);
        }
        let desk = match self.desk.take() {
            Some(desk) => desk,
            None => Desk { config: Arc::new(config(self.config)?), store: store_if_any(self.folder)? },
        };
        Ok(question.answer(self.desk.insert(desk))?)
    }
}

/// Puts together what polls work with. The stories of the last days are read back from the store.
pub(super) fn tools(config: &Config, store: Store, settings: fetch::Settings) -> Result<Tools, Failure> {
    let credentials = credentials(config)?;
    let mut stories = Window::default();
    for remembered in store.fingerprints(clock::now() - STORY_WINDOW).context("cannot read the stories back from the store")? {
        stories.insert(remembered.story, remembered.time, &remembered.fingerprint);
    }
    let client = Client::new(settings).context("cannot set up the HTTP client")?;
    let states = store.feed_states().context("cannot read the feeds' states")?;
    for state in states.into_values() {
        client.keep_silences(state.silences);
        client.keep_robots(state.robots);
    }
    let topics = desk::topics(config, &store).context("cannot read what was learned from marks")?;
    let (stories, matcher) = (Arc::new(Mutex::new(stories)), Matcher::new(&topics));
    Ok(Tools { matcher, stories, credentials, ..Tools::new(config, client, store) })
}

/// `1 feed`, `2 feeds`.
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
