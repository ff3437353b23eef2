//! Thirty days of five agencies, by a clock that the test turns: what they publish, copy, correct, move, repeat and take away ends as
//! exactly the entries and alarms that a desk should see.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tempfile::TempDir;
use topicwire::config::Config;
use topicwire::desk::{Article, Desk, Question};
use topicwire::fetch::{Client, Settings};
use topicwire::model::{Condition, Instant, Published, Scope, TopicId};
use topicwire::poll::{Tools, poll_at};
use topicwire::publish::{Format, Tongue, View, Wire};
use topicwire::store::Store;
use topicwire::story::Piece;

use crate::origin::{Origin, Reply, settings};

/// The entries that an agency lists.
const LISTED: usize = 12;

fn hours(hours: i64) -> Instant {
    Instant::from_timestamp(1_767_225_600, 0).unwrap() + TimeDelta::hours(hours)
}

/// Prose that no other number has.
fn prose(number: usize, topic: &str) -> Vec<String> {
    let word = |place: usize| -> String {
        let mix = (number * 1_000 + place).wrapping_mul(0x9e37_79b9) >> 3;
        (0..7).map(|digit| char::from(b'a' + u8::try_from(mix >> (4 * digit) & 15).unwrap())).collect()
    };
    let sentence = |line: usize| {
        format!("The {topic} said that {} of the region.", (0..14).map(|place| word(line * 20 + place)).collect::<Vec<_>>().join(" "))
    };
    (0..4).map(|paragraph| [sentence(paragraph * 3), sentence(paragraph * 3 + 1), sentence(paragraph * 3 + 2)].join(" ")).collect()
}

#[derive(Clone)]
struct Item {
    guid: String,
    path: String,
    title: String,
    at: Instant,
    paragraphs: Vec<String>,
    /// What its page answers when it is not there.
    refusal: Option<u16>,
}

/// An agency: its feed, and the pages behind it.
struct Agency {
    name: &'static str,
    items: Vec<Item>,
}

impl Agency {
    fn publish(&mut self, origin: &Origin, number: usize, at: Instant, topic: &str) {
        let title = format!("Report {number} about the {topic} and {}", prose(number, topic)[1].split(' ').nth(6).unwrap());
        let item = Item {
            guid: format!("{}-{number}", self.name),
            path: format!("/{}/{number}", self.name),
            title,
            at,
            paragraphs: prose(number, topic),
            refusal: None,
        };
        self.items.insert(0, item);
        self.show(origin);
    }

    fn show_page(&self, origin: &Origin, index: usize) {
        let item = &self.items[index];
        if let Some(status) = item.refusal {
            origin.set(&item.path, Reply::status(status));
            return;
        }
        let body: String = item.paragraphs.iter().map(|paragraph| format!("<p>{paragraph}</p>\n")).collect();
        let html =
            format!("<html lang=en><head><title>{0}</title></head><body><article><h1>{0}</h1>\n{body}</article></body></html>", item.title);
        origin.set(&item.path, Reply::ok(html).header("content-type", "text/html; charset=utf-8"));
    }

    /// Puts the feed, and the pages of what it lists, on the origin.
    fn show(&self, origin: &Origin) {
        for index in 0..self.items.len().min(LISTED) {
            self.show_page(origin, index);
        }
        self.list(origin);
    }

    fn list(&self, origin: &Origin) {
        let items: String = self
            .items
            .iter()
            .take(LISTED)
            .map(|item| {
                format!(
                    "<item><title>{}</title><link>{}</link><guid isPermaLink=\"false\">{}</guid><pubDate>{}</pubDate></item>",
                    item.title,
                    origin.url(&item.path),
                    item.guid,
                    item.at.to_rfc2822()
                )
            })
            .collect();
        let document = format!("<rss version=\"2.0\"><channel><title>{}</title>{items}</channel></rss>", self.name);
        origin.set(&format!("/{}.rss", self.name), Reply::ok(document).header("content-type", "application/rss+xml"));
    }
}

struct World {
    origin: Origin,
    agencies: BTreeMap<&'static str, Agency>,
    numbers: usize,
    config: Config,
    tools: Arc<Tools>,
    due: BTreeMap<usize, Instant>,
}

impl World {
    async fn new(store: &Path) -> Self {
        let origin = Origin::start().await;
        let names = ["alpha", "beta", "gamma", "delta", "epsilon"];
        let feed = |name: &str| {
            let address = origin.url(&format!("/{name}.rss"));
            let full_text = !matches!(name, "gamma" | "delta");
            format!("[[feed]]\nid = \"{name}\"\nurl = \"{address}\"\nallow_private = true\nfull_text = {full_text}\n")
        };
        let feeds = names.map(feed).concat();
        let topic = "[[topic]]\nid = \"children\"\ntitle = \"Children\"\nrules = \"any: ombudsman\"\n";
        let config = Config::parse(&format!("[fetch]\ninterval = \"4h\"\nmax_interval = \"4h\"\n{feeds}{topic}")).unwrap();
        let second = Duration::from_secs(10);
        let settings = Settings { connect_timeout: second, read_timeout: second, total_timeout: second, ..settings() };
        let tools = Tools::new(&config, Client::new(settings).unwrap(), Store::open(store).unwrap());
        let agencies: BTreeMap<_, _> = names.map(|name| (name, Agency { name, items: Vec::new() })).into();
        for agency in agencies.values() {
            agency.show(&origin);
        }
        let due = (0..names.len()).map(|feed| (feed, hours(0))).collect();
        Self { origin, agencies, numbers: 0, config, tools: Arc::new(tools), due }
    }

    fn publish(&mut self, agency: &'static str, at: Instant, topic: &str) {
        self.numbers += 1;
        self.agencies.get_mut(agency).unwrap().publish(&self.origin, self.numbers, at, topic);
    }

    fn change(&mut self, agency: &'static str, change: impl FnOnce(&mut Agency)) {
        let agency = self.agencies.get_mut(agency).unwrap();
        change(agency);
        agency.show(&self.origin);
    }

    fn rename(&mut self, agency: &'static str, rename: impl FnMut(&mut Item)) {
        self.change(agency, |agency| agency.items.iter_mut().for_each(rename));
    }

    /// Polls whatever is due by then.
    async fn until(&mut self, end: Instant) {
        while let Some((feed, now)) =
            self.due.iter().map(|(feed, due)| (*feed, *due)).min_by_key(|(_, due)| *due).filter(|(_, due)| *due <= end)
        {
            let polled = poll_at(Arc::clone(&self.config.feeds[feed]), Arc::clone(&self.tools), now).await.unwrap();
            match polled.report.next_due {
                Some(next) => self.due.insert(feed, next),
                None => self.due.remove(&feed),
            };
        }
    }

    fn wire(&self) -> Vec<Published> {
        self.tools.store.newest(&TopicId::new("children").unwrap(), 1_000, None).unwrap()
    }

    fn entry(&self, title: &str) -> Published {
        self.wire().into_iter().find(|entry| entry.article.article.title == title).unwrap_or_else(|| panic!("no entry {title}"))
    }

    /// The alarms that ever were, and whether they hold.
    fn alarms(&self) -> BTreeSet<(String, Condition, bool)> {
        let alarms = self.tools.store.alarms(None).unwrap();
        alarms.into_iter().map(|alarm| (alarm.subject, alarm.condition, alarm.ended.is_none())).collect()
    }
}

/// The titles of the reports that something happened to.
#[derive(Default)]
struct Told {
    expected: BTreeSet<String>,
    copied: String,
    corrected: String,
    noisy: String,
    withdrawn: String,
}

/// What is published every day, until some fall silent.
fn publish(world: &mut World, told: &mut Told, hour: i64) {
    let (day, of_day, now) = (hour / 24, hour % 24, hours(hour));
    match of_day {
        8 | 16 => {
            world.publish("alpha", now, "ombudsman");
            told.expected.insert(world.agencies["alpha"].items[0].title.clone());
        }
        12 => world.publish("alpha", now, "weather"),
        5 if day != 20 => world.publish("delta", now, "railway"),
        _ => {}
    }
    if of_day % 6 == 3 && day < 12 {
        world.publish("gamma", now, "harvest");
    }
    if of_day % 6 == 4 {
        world.publish("beta", now, "theatre");
        world.publish("epsilon", now, "market");
    }
    if of_day % 6 == 4 && day >= 24 {
        // A wall against programs.
        world.change("epsilon", |epsilon| epsilon.items[0].refusal = Some(403));
    }
}

/// What happens once.
fn happen(world: &mut World, told: &mut Told, hour: i64) {
    match (hour / 24, hour % 24) {
        // Beta carries alpha's report under another headline.
        (3, 10) => {
            let original = world.agencies["alpha"].items[0].clone();
            told.copied.clone_from(&original.title);
            let copy =
                Item { guid: "copy".into(), path: "/beta/copy".into(), title: "Beta has it too".into(), at: hours(hour), ..original };
            world.change("beta", |beta| beta.items.insert(0, copy));
        }
        (5, 21) => world.change("alpha", |alpha| {
            alpha.items[0].paragraphs[2] = alpha.items[0].paragraphs[2].replace("region", "district");
            told.corrected.clone_from(&alpha.items[0].title);
        }),
        (6, 21) => world.change("alpha", |alpha| {
            let item = &mut alpha.items[0];
            item.paragraphs[1] = item.paragraphs[1].replace(' ', "\n  ");
            item.paragraphs.extend(["Views: 1042".into(), "Read also: another report".into()]);
            told.noisy.clone_from(&item.title);
        }),
        (8, 13) => world.change("alpha", |alpha| {
            alpha.items[1].refusal = Some(404);
            told.withdrawn.clone_from(&alpha.items[1].title);
        }),
        // Other ids at the same addresses; then other addresses with the same ids; then both.
        (11, 1) => world.rename("alpha", |item| item.guid = format!("urn:{}", item.guid)),
        (14, 1) => world.rename("alpha", |item| item.path = format!("/en{}", item.path)),
        (18, 1) => world.rename("alpha", |item| (item.path, item.guid) = (format!("/new{}.html", item.path), format!("new-{}", item.guid))),
        // Old articles come again as new ones, and go.
        (22, 1) => world.change("alpha", |alpha| {
            let again = |item: &Item| Item { guid: format!("again-{}", item.guid), path: format!("/again{}", item.path), ..item.clone() };
            let old: Vec<Item> = alpha.items[16..26].iter().map(again).collect();
            alpha.items.splice(0..0, old);
        }),
        (22, 7) => world.change("alpha", |alpha| drop(alpha.items.drain(..10))),
        // Delta lists nothing that it listed before.
        (20, 5) => (0..LISTED).for_each(|_| world.publish("delta", hours(hour), "railway")),
        (25, 2) => drop(world.origin.set("/beta.rss", Reply::status(410))),
        _ => {}
    }
}

#[track_caller]
fn check_wire(world: &World, told: &Told) {
    let wire = world.wire();
    let titles = |wanted: fn(&Published) -> bool| -> Vec<String> {
        wire.iter().filter(|entry| wanted(entry)).map(|entry| entry.article.article.title.clone()).collect()
    };
    let all = titles(|_| true);
    assert_eq!(all.iter().cloned().collect::<BTreeSet<_>>(), told.expected);
    assert_eq!(all.len(), told.expected.len(), "an entry is there twice");
    assert_eq!(titles(|entry| !entry.also.is_empty()), [told.copied.as_str()]);
    assert_eq!(titles(|entry| entry.article.corrections > 0), [told.corrected.as_str()]);
    assert_eq!(titles(|entry| entry.article.updated != entry.article.first_seen), [told.corrected.as_str()]);
    assert_eq!(titles(|entry| entry.article.withdrawn.is_some()), [told.withdrawn.as_str()]);
    assert!(all.contains(&told.noisy));
    let also: Vec<String> = world.entry(&told.copied).also.into_iter().map(|carrier| carrier.title).collect();
    assert_eq!(also, ["Beta has it too"]);
}

#[track_caller]
fn check_articles(world: &World, told: &Told) {
    let corrected = world.entry(&told.corrected).article;
    let versions = world.tools.store.versions(corrected.key).unwrap();
    assert!(corrected.article.text.contains("district"));
    assert_eq!((versions.len(), versions[0].since, versions[0].text.contains("district")), (1, corrected.first_seen, false));
    let desk = Desk { config: Arc::new(world.config.clone()), store: Some(world.tools.store.clone()) };
    let dossier = Article { address: corrected.url.to_string() }.answer(&desk).unwrap();
    let diff = &dossier.versions[0].diff.text;
    assert_eq!(dossier.article, corrected);
    assert!(diff.iter().any(|piece| matches!(piece, Piece::Added(words) if words.contains("district"))));
    assert!(dossier.article.page.as_ref().is_some_and(|page| page.hash.len() == 64));
    let withdrawn = world.entry(&told.withdrawn);
    assert!(withdrawn.article.article.text.contains("ombudsman"), "the last text stays");
    let channel = world.config.channel(&Scope::Topic(world.config.wires[0].topic.id.clone())).unwrap();
    let atom = Wire::new(&world.config, &channel, &View::default(), &[withdrawn]).render(Format::Atom, Tongue::English);
    assert!(atom.contains("Withdrawn: the agency took the page away"));
}

#[tokio::test]
async fn thirty_days_end_with_the_expected_entries_and_alarms() {
    let folder = TempDir::new().unwrap();
    let mut world = World::new(folder.path()).await;
    let mut told = Told::default();
    for hour in 0..30 * 24 {
        publish(&mut world, &mut told, hour);
        happen(&mut world, &mut told, hour);
        world.until(hours(hour)).await;
        if hour == 16 * 24 {
            let open: Vec<_> = world.alarms().into_iter().filter(|(_, _, holds)| *holds).collect();
            assert_eq!(open, [("gamma".to_owned(), Condition::Silent, true)], "what happened once is over");
        }
    }
    check_wire(&world, &told);
    check_articles(&world, &told);
    let alarms = [
        ("alpha", Condition::Flood, false),
        ("beta", Condition::Gone, true),
        ("delta", Condition::Gap, false),
        ("epsilon", Condition::Extraction, true),
        ("gamma", Condition::Silent, true),
    ];
    assert_eq!(world.alarms(), alarms.map(|(subject, condition, holds)| (subject.to_owned(), condition, holds)).into());
    assert_eq!(world.tools.store.verify().unwrap(), Vec::<String>::new());

    // What leaves the store does not come back when old articles are listed again.
    let pruned = world.tools.store.prune(TimeDelta::days(14), 0, hours(30 * 24)).unwrap();
    let left = world.wire().len();
    assert!(pruned.articles > 0 && left < told.expected.len(), "{pruned:?}");
    world.change("alpha", |alpha| alpha.items.rotate_right(6));
    world.until(hours(31 * 24)).await;
    assert_eq!(world.wire().len(), left);
}
