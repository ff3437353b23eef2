//! The text of `feeds.toml` in; a [`Config`] out, or every mistake in it with its line. Pure: no DNS, no disk. Whoever holds a
//! `Config` checks nothing.

mod access;
mod additions;
mod closed;
pub mod edit;
mod email;
mod feeds;
mod secret;
mod service;
mod table;
mod topics;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;
use toml::de::DeTable;
use url::{Host, Url};

pub use self::access::{Access, Auth};
pub use self::additions::{Addition, Additions, add_feeds};
pub use self::email::{Digest, Email, Tls};
pub use self::secret::Secret;
pub use self::service::{Fetch, Hub, Serve, Site, Storage};
use self::table::{Mistakes, Table};
use crate::extract::SiteRules;
use crate::feed::ListingRules;
use crate::model::{CanonicalUrl, FeedId, FeedUrl, Language, Republish, Scope, TopicId};
use crate::schedule::Interval;
use crate::topic::{Matcher, Topic};

/// Everything that `feeds.toml` says.
#[derive(Clone, Debug)]
pub struct Config {
    pub site: Site,
    pub serve: Serve,
    pub fetch: Fetch,
    pub storage: Storage,
    pub feeds: Vec<Arc<Feed>>,
    /// In the order of the file.
    pub wires: IndexMap<TopicId, Arc<Wire>>,
    /// The wire of everything is for those who know one of these; for everybody where there are none. None where nobody is to learn of it.
    pub everything: Option<Vec<Secret>>,
    /// Feeds that whoever has this configuration is not to learn of (see [`Config::known_to`]).
    pub hidden: Vec<Arc<Feed>>,
    /// The token of those who may read the ops wire. Without it that wire is not served.
    pub ops: Option<Secret>,
    /// Where mail is handed in. Invariant: it is there if any wire has a digest.
    pub email: Option<Email>,
}

/// A source that is polled.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own in feeds.toml")]
pub struct Feed {
    pub id: FeedId,
    /// The agency's name, as the wires show it.
    pub name: String,
    pub url: FeedUrl,
    pub kind: Kind,
    pub language: Option<Language>,
    pub timezone: Option<chrono_tz::Tz>,
    pub interval: Interval,
    /// Read the pages behind the entries. Otherwise the entry's own text is the article.
    pub full_text: bool,
    /// The feed and its pages may be on private and loopback addresses.
    pub allow_private: bool,
    /// Where entries are looked for that came and went between two polls.
    pub sitemap: Option<FeedUrl>,
    pub paused: bool,
    pub access: Access,
    /// What the agency's licence allows to publish again.
    pub republish: Republish,
    /// Whether each entry of its wire says in a last line why it is on which topic.
    pub reasons: bool,
    /// The folder that it is in, in lists of subscriptions: names from the outermost in.
    pub folder: Vec<String>,
    /// Its wire is for those who know one of these; for everybody where there are none.
    pub tokens: Vec<Secret>,
    pub article: SiteRules,
}

/// What a feed's document is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// RSS, Atom or JSON Feed.
    Feed,
    Listing(Box<ListingRules>),
    Sitemap,
}

/// A topic and how it is published.
#[derive(Clone, Debug)]
pub struct Wire {
    pub topic: Topic,
    pub title: String,
    pub description: Option<String>,
    /// The newest so many entries are in the wire.
    pub entries: usize,
    /// The most that is shown of an entry.
    pub republish: Republish,
    /// Whether wires say of each entry in a last line why it is on the topic.
    pub reasons: bool,
    /// Who is sent each entry.
    pub webhook: Option<Webhook>,
    /// Who is sent a letter with what is new.
    pub digest: Option<Digest>,
    /// The wire is for those who know one of these; for everybody where there are none.
    pub tokens: Vec<Secret>,
}

/// An address that is sent each entry of a topic as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub url: Url,
    /// What deliveries are signed with.
    pub secret: Secret,
    pub allow_private: bool,
}

/// What a wire says of itself, and how it shows its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    pub scope: Scope,
    pub title: String,
    pub description: Option<String>,
    pub entries: usize,
    pub republish: Republish,
    /// It is for everybody: not for those alone who know a token.
    pub is_public: bool,
}

/// Something that is wrong in the configuration, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// From 1; the column counts characters.
    pub line: usize,
    pub column: usize,
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// Entries in a wire that does not say how many.
const DEFAULT_ENTRIES: usize = 50;

impl Config {
    /// Reads the text of `feeds.toml`.
    ///
    /// # Errors
    /// Every mistake in it, in the order of the text.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Mistakes::new(text);
        let (root, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            mistakes.add(error.span().unwrap_or_default(), format!("not TOML: {}", error.message()));
        }
        if !errors.is_empty() {
            return Err(mistakes.into_found());
        }
        let mut table = Table::new(root.get_ref(), root.span());
        let (site, serve) = service::site_and_serve(&mut table, &mut mistakes);
        let (fetch, interval) = service::fetch(&mut table, &mut mistakes);
        let storage = service::storage(&mut table, &mut mistakes);
        let ops = service::ops(&mut table, &mut mistakes);
        let everything = Some(service::everything(&mut table, &mut mistakes));
        let email = table.table("email", &mut mistakes);
        let has_relay = email.is_some();
        let email = email.and_then(|table| email::read(table, &mut mistakes));
        let feed_tables = table.tables("feed", &mut mistakes);
        let feed_ids: Vec<&str> = feed_tables.iter().filter_map(|table| table.peek("id")).map(|(id, _)| id).collect();
        let feeds = feeds::read(feed_tables, interval, &mut mistakes);
        let wires = topics::read(&mut table, &feed_ids, has_relay, &mut mistakes);
        table.finish(&mut mistakes);
        let mistakes = mistakes.into_found();
        match site {
            Some(site) if mistakes.is_empty() => {
                Ok(Self { site, serve, fetch, storage, feeds, wires, everything, hidden: Vec::new(), ops, email })
            }
            _ => Err(mistakes),
        }
    }

    /// What is allowed in the text of a configuration, and probably not meant: remarks on rules, in the order of the text.
    #[must_use]
    pub fn remarks(text: &str) -> Vec<Mistake> {
        let (root, _) = DeTable::parse_recoverable(text);
        let mut remarks = Mistakes::new(text);
        topics::remark(&mut Table::new(root.get_ref(), root.span()), &mut remarks);
        feeds::remark(&mut Table::new(root.get_ref(), root.span()), &mut remarks);
        remarks.into_found()
    }

    /// All topics, compiled.
    #[must_use]
    pub fn matcher(&self) -> Matcher {
        let topics: Vec<Topic> = self.wires.values().map(|wire| wire.topic.clone()).collect();
        Matcher::new(&topics)
    }

    /// The topic and all that it builds on; none when there is no such topic.
    #[must_use]
    pub fn topic_with_others(&self, id: &TopicId) -> Option<Vec<Topic>> {
        let (mut topics, mut wanted) = (Vec::<Topic>::new(), vec![id]);
        while let Some(id) = wanted.pop() {
            if let Some(wire) = self.wire(id).filter(|_| !topics.iter().any(|topic| topic.id == *id)) {
                wanted.extend(wire.topic.rules.topics());
                topics.push(wire.topic.clone());
            }
        }
        (!topics.is_empty()).then_some(topics)
    }

    /// Where the secrets are that it names.
    #[must_use]
    pub fn secrets(&self) -> Vec<&Secret> {
        let access = self.feeds.iter().map(|feed| &feed.access);
        let shown =
            access.flat_map(|access| access.auth.iter().map(|auth| &auth.password).chain(access.headers.iter().map(|(_, value)| value)));
        let signing = self.wires.values().filter_map(|wire| wire.webhook.as_ref()).map(|webhook| &webhook.secret);
        let relay = self.email.iter().filter_map(|email| email.auth.as_ref()).map(|auth| &auth.password);
        let tokens = self.closed().flat_map(|(_, tokens)| tokens);
        self.serve.admin_token.iter().chain(&self.ops).chain(shown).chain(signing).chain(relay).chain(tokens).collect()
    }

    /// What differs in `new` that a running daemon does not take up.
    #[must_use]
    pub fn for_the_next_start(&self, new: &Self) -> Vec<&'static str> {
        let webhooks = |config: &Self| -> BTreeMap<TopicId, Webhook> {
            config.wires.values().filter_map(|wire| Some((wire.topic.id.clone(), wire.webhook.clone()?))).collect()
        };
        let digests = |config: &Self| -> BTreeMap<TopicId, Digest> {
            config.digests().map(|(topic, digest)| (topic.clone(), digest.clone())).collect()
        };
        let tokens =
            |config: &Self| -> BTreeMap<Scope, Vec<Secret>> { config.closed().map(|(scope, tokens)| (scope, tokens.to_vec())).collect() };
        let parts = [
            ("[serve]", self.serve != new.serve),
            ("[ops]", self.ops != new.ops),
            ("[email]", self.email != new.email),
            ("webhook", webhooks(self) != webhooks(new)),
            ("digest", digests(self) != digests(new)),
            ("token", tokens(self) != tokens(new)),
        ];
        parts.into_iter().filter_map(|(part, differs)| differs.then_some(part)).collect()
    }

    /// The wire of `scope`; none when there is no such topic or feed.
    #[must_use]
    pub fn channel(&self, scope: &Scope) -> Option<Channel> {
        let everything = |title: String, description: String, tokens: &[Secret]| Channel {
            scope: scope.clone(),
            title,
            description: Some(description),
            entries: DEFAULT_ENTRIES,
            republish: Republish::Full,
            is_public: tokens.is_empty(),
        };
        match scope {
            Scope::Topic(topic) => self.wire(topic).map(|wire| Channel {
                scope: scope.clone(),
                title: wire.title.clone(),
                description: wire.description.clone(),
                entries: wire.entries,
                republish: wire.republish,
                is_public: wire.tokens.is_empty(),
            }),
            Scope::Agency(feed) => {
                let feed = self.feed(feed)?;
                Some(everything(feed.name.clone(), format!("Everything that {} publishes", feed.name), &feed.tokens))
            }
            Scope::All => Some(everything("Everything".to_owned(), "Everything from all agencies".to_owned(), self.everything.as_ref()?)),
        }
    }

    /// All wires.
    pub fn scopes(&self) -> impl Iterator<Item = Scope> {
        let topics = self.wires.keys().map(|topic| Scope::Topic(topic.clone()));
        let agencies = self.feeds.iter().map(|feed| Scope::Agency(feed.id.clone()));
        topics.chain(agencies).chain(self.everything.iter().map(|_| Scope::All))
    }

    /// The topic, as far as the readers of `scope` may know that an article is on it: a topic that is not for everybody shows in its own
    /// wire alone.
    #[must_use]
    pub fn shown(&self, topic: &TopicId, scope: &Scope) -> Option<&Wire> {
        match scope {
            Scope::Topic(own) => (own == topic).then(|| self.wire(topic)).flatten(),
            Scope::Agency(_) | Scope::All => self.wire(topic).filter(|wire| wire.tokens.is_empty()),
        }
    }

    /// Whether the wire of `scope` says why an article is on this topic: the topic may forbid it, and the agency for its own wire.
    #[must_use]
    pub fn says_why(&self, topic: &TopicId, scope: &Scope) -> bool {
        let may = match scope {
            Scope::Agency(feed) => self.feed(feed).is_none_or(|feed| feed.reasons),
            Scope::Topic(_) | Scope::All => true,
        };
        may && self.shown(topic, scope).is_some_and(|wire| wire.reasons)
    }

    /// All digests, and of what.
    pub fn digests(&self) -> impl Iterator<Item = (&TopicId, &Digest)> {
        self.wires.values().filter_map(|wire| Some((&wire.topic.id, wire.digest.as_ref()?)))
    }

    #[must_use]
    pub fn feed(&self, id: &FeedId) -> Option<&Arc<Feed>> {
        self.feeds.iter().find(|feed| feed.id == *id)
    }

    #[must_use]
    pub fn wire(&self, id: &TopicId) -> Option<&Wire> {
        self.wires.get(id).map(AsRef::as_ref)
    }
}

fn republish(text: &str) -> Result<Republish, String> {
    match text {
        "full" => Ok(Republish::Full),
        "summary" => Ok(Republish::Summary),
        "link" => Ok(Republish::Link),
        _ => Err(format!("there is no way `{text}` to publish an article again: write \"full\", \"summary\" or \"link\"")),
    }
}

fn clamp(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Whether a host is this machine by its name or address.
pub(crate) fn is_this_machine<Name: AsRef<str>>(host: &Host<Name>) -> bool {
    match host {
        Host::Domain(name) => name.as_ref() == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// What the spellings of one address have in common.
fn address_key(url: &FeedUrl) -> String {
    CanonicalUrl::of(url.as_url()).map_or_else(|_| url.as_url().to_string(), String::from)
}

/// Reports ids that are given twice.
fn report_doubles(tables: &[Table<'_>], what: &str, mistakes: &mut Mistakes<'_>) {
    let mut seen = BTreeSet::new();
    for (id, span) in tables.iter().filter_map(|table| table.peek("id")) {
        if !seen.insert(id) {
            mistakes.add(span, format!("there is another {what} with the id `{id}`: give each its own"));
        }
    }
}
