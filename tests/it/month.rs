//! Thirty days of five agencies, by a clock that the test turns: what they publish, copy, correct, move, repeat and take away ends as
//! exactly the entries and alarms that a desk should see.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tempfile::TempDir;
use topicwire::config::Config;
use topicwire::fetch::{Client, Settings};
use topicwire::model::{Condition, FeedState, Instant, Published, Scope, TopicId};
use topicwire::poll::{Tools, poll_at};
use topicwire::publish::{Format, Tongue, View, Wire};
use topicwire::store::Store;

use crate::origin::{Origin, Reply};

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
        };
        self.items.insert(0, item);
        self.show(origin);
    }

    fn show_page(&self, origin: &Origin, index: usize) {
        let item = &self.items[index];
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
        let feeds: String = names
            .map(|name| format!("[[feed]]\nid = \"{name}\"\nurl = \"{}\"\nallow_private = true\n", origin.url(&format!("/{name}.rss"))))
            .concat();
        let topic = "[[topic]]\nid = \"children\"\ntitle = \"Children\"\nrules = \"any: ombudsman\"\n";
        let config = Config::parse(&format!("[fetch]\ninterval = \"4h\"\nmax_interval = \"4h\"\n{feeds}{topic}")).unwrap();
        let second = Duration::from_secs(10);
        let settings = Settings {
            contact: None,
            pause: Duration::ZERO,
            connect_timeout: second,
            read_timeout: second,
            total_timeout: second,
            max_body: 1 << 20,
            hosts: BTreeMap::new(),
        };
        let tools = Tools::new(&config, Client::new(settings).unwrap(), Store::open(store).unwrap());
        let agencies: BTreeMap<_, _> = names.map(|name| (name, Agency { name, items: Vec::new() })).into();
        agencies.values().for_each(|agency| agency.show(&origin));
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

    fn state(&self, feed: usize) -> FeedState {
        self.tools.store.feed_state(&self.config.feeds[feed].id).unwrap().unwrap()
    }

    /// The alarms that ever were, and whether they hold.
    fn alarms(&self) -> BTreeSet<(String, Condition, bool)> {
        let alarms = self.tools.store.alarms(None).unwrap();
        alarms.into_iter().map(|alarm| (alarm.subject, alarm.condition, alarm.ended.is_none())).collect()
    }
}

#[tokio::test]
async fn thirty_days_end_with_the_expected_entries_and_alarms() {
    let folder = TempDir::new().unwrap();
    let mut world = World::new(folder.path()).await;
    let mut expected = BTreeSet::new();
    let (mut copied, mut corrected, mut noisy, mut withdrawn) = (None, None, None, None);
    for hour in 0..30 * 24 {
        let (day, of_day, now) = (hour / 24, hour % 24, hours(hour));
        // Alpha tells of the ombudsman twice a day, and of other things; the others of other things, until they fall silent.
        if of_day == 8 || of_day == 16 {
            world.publish("alpha", now, "ombudsman");
            expected.insert(world.agencies["alpha"].items[0].title.clone());
        }
        if of_day == 12 {
            world.publish("alpha", now, "weather");
        }
        if of_day % 6 == 3 && day < 12 {
            world.publish("gamma", now, "harvest");
        }
        if of_day % 6 == 4 {
            world.publish("epsilon", now, "market");
            world.publish("beta", now, "theatre");
        }
        if of_day == 5 && !(20..21).contains(&day) {
            world.publish("delta", now, "railway");
        }
        match (day, of_day) {
            // Beta carries alpha's report under another headline.
            (3, 10) => {
                let original = world.agencies["alpha"].items[0].clone();
                copied = Some(original.title.clone());
                let copy = Item { guid: "copy".into(), path: "/beta/copy".into(), title: "Beta has it too".into(), at: now, ..original };
                world.change("beta", |beta| beta.items.insert(0, copy));
            }
            (5, 11) => world.change("alpha", |alpha| {
                alpha.items[0].paragraphs[2] = alpha.items[0].paragraphs[2].replace("region", "district");
                corrected = Some(alpha.items[0].title.clone());
            }),
            (6, 11) => world.change("alpha", |alpha| {
                let item = &mut alpha.items[0];
                item.paragraphs[1] = item.paragraphs[1].replace(' ', "\n  ");
                item.paragraphs.push("Views: 1042".into());
                item.paragraphs.push("Read also: another report".into());
                noisy = Some(item.title.clone());
            }),
            (8, 13) => {
                let alpha = &world.agencies["alpha"];
                let item = &alpha.items[1];
                withdrawn = Some(item.title.clone());
                world.origin.set(&item.path, Reply::status(404));
                // The feed still lists it, and later polls must not bring the page back.
                world.agencies.get_mut("alpha").unwrap().items[1].paragraphs.clear();
            }
            // Other ids at the same addresses; then other addresses with the same ids; then both.
            (11, 1) => world.change("alpha", |alpha| alpha.items.iter_mut().for_each(|item| item.guid = format!("urn:{}", item.guid))),
            (14, 1) => world.change("alpha", |alpha| alpha.items.iter_mut().for_each(|item| item.path = format!("/en{}", item.path))),
            (18, 1) => world.change("alpha", |alpha| {
                alpha
                    .items
                    .iter_mut()
                    .for_each(|item| (item.path, item.guid) = (format!("/new{}.html", item.path), format!("new-{}", item.guid)));
            }),
            // Old articles come again as new ones, and go.
            (22, 1) => world.change("alpha", |alpha| {
                let old: Vec<Item> = alpha.items[16..26]
                    .iter()
                    .map(|item| Item { guid: format!("again-{}", item.guid), path: format!("/again{}", item.path), ..item.clone() })
                    .collect();
                alpha.items.splice(0..0, old);
            }),
            (22, 7) => world.change("alpha", |alpha| drop(alpha.items.drain(..10))),
            // Delta lists nothing that it listed before; its feed moves; beta is gone; epsilon builds a wall.
            (20, 5) => {
                for _ in 0..LISTED {
                    world.publish("delta", now, "railway");
                }
            }
            (9, 2) => {
                let state = world.state(4);
                assert!(state.bodies.iter().all(|body| *body), "{:?}", state.bodies);
            }
            (25, 2) => drop(world.origin.set("/beta.rss", Reply::status(410))),
            _ => {}
        }
        if day >= 24 && of_day % 6 == 4 {
            let page = world.agencies["epsilon"].items[0].path.clone();
            world.origin.set(&page, Reply::status(403));
        }
        world.until(now).await;
    }

    let wire = world.wire();
    let titles: Vec<String> = wire.iter().map(|entry| entry.article.article.title.clone()).collect();
    assert_eq!(titles.iter().cloned().collect::<BTreeSet<_>>(), expected);
    assert_eq!(titles.len(), expected.len(), "an entry is there twice");
    let also: BTreeMap<String, Vec<String>> = wire
        .iter()
        .filter(|entry| !entry.also.is_empty())
        .map(|entry| (entry.article.article.title.clone(), entry.also.iter().map(|carrier| carrier.title.clone()).collect()))
        .collect();
    assert_eq!(also, BTreeMap::from([(copied.unwrap(), vec!["Beta has it too".to_owned()])]));

    let corrections: Vec<(String, u32)> = wire
        .iter()
        .filter(|entry| entry.article.corrections > 0)
        .map(|entry| (entry.article.article.title.clone(), entry.article.corrections))
        .collect();
    assert_eq!(corrections, [(corrected.clone().unwrap(), 1)]);
    let entry = world.entry(&corrected.unwrap()).article;
    let versions = world.tools.store.versions(entry.key).unwrap();
    assert!(entry.updated > entry.first_seen && entry.article.text.contains("district"));
    assert_eq!((versions.len(), versions[0].since, versions[0].text.contains("district")), (1, entry.first_seen, false));
    let noisy = world.entry(&noisy.unwrap()).article;
    assert_eq!(noisy.updated, noisy.first_seen);

    let gone: Vec<String> =
        wire.iter().filter(|entry| entry.article.withdrawn.is_some()).map(|entry| entry.article.article.title.clone()).collect();
    assert_eq!(gone, [withdrawn.unwrap()]);
    let gone = world.entry(&gone[0]).article;
    assert!(gone.article.text.contains("ombudsman") && gone.updated == gone.first_seen);
    let channel = world.config.channel(&Scope::Topic(world.config.wires[0].topic.id.clone())).unwrap();
    let wire = Wire::new(&world.config, &channel, &View::default(), &[world.entry(&gone.article.title)]);
    let atom = wire.render(Format::Atom, Tongue::English);
    assert!(atom.contains("Withdrawn: the agency took the page away"));

    let alarms = [
        ("alpha", Condition::Flood, false),
        ("beta", Condition::Gone, true),
        ("delta", Condition::Gap, false),
        ("epsilon", Condition::Extraction, true),
        ("gamma", Condition::Silent, true),
    ];
    assert_eq!(world.alarms(), alarms.map(|(subject, condition, holds)| (subject.to_owned(), condition, holds)).into());
    assert_eq!(world.tools.store.verify().unwrap(), Vec::<String>::new());
}
