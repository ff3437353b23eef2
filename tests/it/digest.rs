//! Digests by mail, against a relay on loopback: at their time, once, whole, and whatever the relay does.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc, Weekday};
use insta::assert_snapshot;
use proptest::prelude::*;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use topicwire::config::Config;
use topicwire::fetch::Client;
use topicwire::hub::{Hub, Post, Targets};
use topicwire::model::StoredArticle;
use topicwire::schedule::Calendar;
use topicwire::serve::metrics::Metrics;
use topicwire::store::Store;

use crate::conditional::{CONFIG, Site};
use crate::origin::settings;
use crate::store::{article, poll};

/// What a relay does with a letter.
#[derive(Clone, Copy, Debug)]
enum Answer {
    /// 451: not now.
    Busy,
    /// 550: not to this address, whatever it is.
    Refused,
    /// It is taken, and nobody hears that.
    Lost,
    /// The connection ends before anything is said.
    Silent,
}

/// A relay that takes all mail, save what it is told to do otherwise.
#[derive(Clone, Default)]
struct Relay(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    letters: Vec<Mail>,
    answers: VecDeque<Answer>,
    refused: usize,
}

/// A letter as it came.
#[derive(Clone, Debug)]
struct Mail {
    to: String,
    data: String,
}

impl Relay {
    async fn start() -> (Self, SocketAddr) {
        let relay = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = relay.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (serving, stream) = (serving.clone(), stream.into_std().unwrap());
                // The clock does not turn while somebody talks. Whoever hangs up half way through is served no further.
                drop(tokio::task::spawn_blocking(move || serving.serve(&stream)));
            }
        });
        (relay, address)
    }

    fn serve(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        stream.set_nonblocking(false)?;
        let answer = self.0.lock().unwrap().answers.pop_front();
        if answer.is_some() {
            self.0.lock().unwrap().refused += 1;
        }
        if matches!(answer, Some(Answer::Silent)) {
            return Ok(());
        }
        let mut lines = BufReader::new(stream).lines();
        stream.write_all(b"220 relay\r\n")?;
        let mut to = String::new();
        while let Some(line) = lines.next().transpose()? {
            let said: &[u8] = match line.split(' ').next().unwrap() {
                "EHLO" => b"250-relay\r\n250 8BITMIME\r\n",
                "RCPT" if matches!(answer, Some(Answer::Refused)) => b"550-5.1.1 nobody\r\n550 5.1.1 is here\r\n",
                "RCPT" => {
                    line.trim_start_matches("RCPT TO:").trim_matches(['<', '>']).clone_into(&mut to);
                    b"250 ok\r\n"
                }
                "DATA" => {
                    stream.write_all(b"354 go on\r\n")?;
                    let mut data = String::new();
                    while let Some(line) = lines.next().transpose()?.filter(|line| line != ".") {
                        data += line.strip_prefix('.').unwrap_or(&line);
                        data += "\n";
                    }
                    if matches!(answer, Some(Answer::Busy)) {
                        b"451 4.3.0 come again\r\n"
                    } else {
                        self.0.lock().unwrap().letters.push(Mail { to: to.clone(), data });
                        if matches!(answer, Some(Answer::Lost)) {
                            return Ok(());
                        }
                        b"250 taken\r\n"
                    }
                }
                "QUIT" => return stream.write_all(b"221 bye\r\n"),
                _ => b"250 ok\r\n",
            };
            stream.write_all(said)?;
        }
        Ok(())
    }

    fn letters(&self) -> Vec<Mail> {
        self.0.lock().unwrap().letters.clone()
    }

    /// Waits, by a clock that turns as soon as all wait, for so many letters.
    async fn until(&self, letters: usize) {
        for _ in 0..4000 {
            if self.letters().len() >= letters {
                return;
            }
            tokio::time::sleep(Duration::from_mins(5)).await;
        }
        panic!("{} letters, not {letters}", self.letters().len());
    }
}

impl Mail {
    /// A header, its further lines joined to it.
    fn header(&self, name: &str) -> String {
        let head = self.data.split("\n\n").next().unwrap().replace("\n ", " ");
        let found: Vec<&str> = head.lines().filter_map(|line| line.strip_prefix(&format!("{name}: "))).collect();
        assert_eq!(found.len(), 1, "{name} in {head}");
        found[0].to_owned()
    }

    /// The part of this type, decoded.
    fn part(&self, kind: &str) -> String {
        let (_, part) = self.data.split_once(&format!("Content-Type: {kind}")).unwrap();
        let (head, body) = part.split_once("\n\n").unwrap();
        let body = body.split("\n--").next().unwrap();
        let bytes = if head.contains("base64") {
            BASE64_STANDARD.decode(body.split_whitespace().collect::<String>()).unwrap()
        } else if head.contains("quoted-printable") {
            unquoted(body)
        } else {
            body.as_bytes().to_vec()
        };
        String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
    }

    /// The numbers of the articles that it links to.
    fn articles(&self) -> Vec<u32> {
        let text = self.part("text/plain");
        text.lines().filter_map(|line| line.strip_prefix("https://agency.kz/news/")?.parse().ok()).collect()
    }
}

fn unquoted(text: &str) -> Vec<u8> {
    let text = text.replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, more @ ..] = rest {
        if *first == b'=' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&more[..2]).unwrap(), 16).unwrap());
            rest = &more[2..];
        } else {
            bytes.push(*first);
            rest = more;
        }
    }
    bytes
}

/// Somebody who carries letters until it is stopped.
struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
    metrics: Arc<Metrics>,
}

impl Running {
    fn start(site: &Site) -> Self {
        let post = Post::new(site.config.email.clone().unwrap(), None).unwrap();
        let metrics: Arc<Metrics> = Arc::default();
        let targets = Targets { webhooks: Vec::new(), post: Some(post) };
        let client = Client::new(settings()).unwrap();
        let hub = Hub::open(&site.config, targets, Arc::clone(&site.wires), site.store.clone(), client, Arc::clone(&metrics)).unwrap();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move { Arc::new(hub).run(async { drop(stopped.await) }).await });
        Self { stop, task, metrics }
    }

    async fn stop(self) {
        drop(self.stop);
        self.task.await.unwrap();
    }
}

fn config(relay: SocketAddr, digest: &str) -> String {
    let email =
        format!("[email]\nrelay = \"{}\"\nport = {}\ntls = \"none\"\nfrom = \"Desk <news@desk.example>\"\n", relay.ip(), relay.port());
    format!("[site]\naddress = \"https://desk.example\"\n{email}{CONFIG}digest = {{ to = [\"one@paper.kz\"], {digest} }}\n")
}

async fn a_day() {
    tokio::time::sleep(Duration::from_hours(24)).await;
}

#[tokio::test(start_paused = true)]
async fn a_letter_comes_at_its_time_and_only_with_what_is_new() {
    let (relay, address) = Relay::start().await;
    let site = Site::new(&config(address, "entries = 2, language = \"ru\", timezone = \"Asia/Almaty\""));
    site.bring(vec![article(1, &["a"])]);
    let running = Running::start(&site);
    a_day().await;
    a_day().await;
    assert!(relay.letters().is_empty(), "what was there before is not sent");

    site.bring((2..=5).map(|number| article(number, &["a"])).collect());
    relay.until(1).await;
    a_day().await;
    a_day().await;
    let letter = relay.letters().pop().unwrap();
    assert_eq!((relay.letters().len(), letter.to.as_str(), letter.articles()), (1, "one@paper.kz", vec![5, 4]));
    let sent = DateTime::parse_from_rfc2822(&letter.header("Date")).unwrap().with_timezone(&chrono_tz::Asia::Almaty);
    let late = sent.time() - NaiveTime::from_hms_opt(8, 0, 0).unwrap();
    assert!(late >= TimeDelta::zero() && late < TimeDelta::minutes(1), "{sent}");
    assert_snapshot!(letter.part("text/plain"), @r"
    a: 4 новых

    1. Права детей 5
    Агентство, 15.11.2023, 04:13 +06
    Текст 5
    https://agency.kz/news/5
    (a, score 12.3: права)

    2. Права детей 4
    Агентство, 15.11.2023, 04:13 +06
    Текст 4
    https://agency.kz/news/4
    (a, score 12.3: права)

    +2. Остальные сообщения здесь: https://desk.example/topics/a.html

    -- 
    Это письмо составил topicwire, который следит за темой: https://desk.example/topics/a.html
    ");
    assert!(letter.part("text/html").contains("<a href=\"https://agency.kz/news/5\">Права детей 5</a>"));
    for (name, value) in [
        ("From", "Desk <news@desk.example>"),
        ("To", "one@paper.kz"),
        ("Auto-Submitted", "auto-generated"),
        ("List-Id", "<a.desk.example>"),
        ("List-Archive", "<https://desk.example/topics/a.html>"),
        ("List-Unsubscribe", "<mailto:news@desk.example?subject=unsubscribe%20a>"),
    ] {
        assert_eq!(letter.header(name), value, "{name}");
    }
    assert!(running.metrics.render().contains("topicwire_deliveries_total{kind=\"digest\",result=\"taken\"} 1"));
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_not_taken_comes_again_under_the_same_name() {
    let (relay, address) = Relay::start().await;
    let site = Site::new(&config(address, "at = \"06:30\""));
    let running = Running::start(&site);
    site.bring(vec![article(1, &["a"])]);
    relay.0.lock().unwrap().answers.extend([Answer::Silent, Answer::Busy, Answer::Lost, Answer::Busy]);
    relay.until(2).await;
    a_day().await;
    running.stop().await;
    let letters = relay.letters();
    assert_eq!((letters.len(), relay.0.lock().unwrap().refused), (2, 4));
    assert_eq!(letters[0].header("Message-ID"), letters[1].header("Message-ID"));
    assert_eq!((letters[0].articles(), letters[1].articles()), (vec![1], vec![1]));
    assert!(site.store.alarms(None).unwrap().is_empty(), "a bad moment is no alarm");
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_for_good_is_told_and_goes_into_the_next_letter() {
    let (relay, address) = Relay::start().await;
    let site = Site::new(&config(address, "at = \"06:30\""));
    let running = Running::start(&site);
    site.bring(vec![article(1, &["a"])]);
    relay.0.lock().unwrap().answers.extend([Answer::Refused]);
    while site.store.alarms(None).unwrap().is_empty() {
        tokio::time::sleep(Duration::from_mins(5)).await;
    }
    let alarm = site.store.alarms(None).unwrap().remove(0);
    assert!(alarm.subject == "digest/a/one@paper.kz" && alarm.detail.contains("5.1.1 nobody"), "{alarm:?}");
    site.bring(vec![article(2, &["a"])]);
    tokio::time::sleep(Duration::from_hours(2)).await;
    assert!(relay.letters().is_empty());
    relay.until(1).await;
    assert_eq!(relay.letters()[0].articles(), [2, 1]);
    while site.store.alarms(None).unwrap().iter().any(|alarm| alarm.ended.is_none()) {
        tokio::time::sleep(Duration::from_mins(5)).await;
    }
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_restart_goes_on_where_it_was_cut_and_sends_one_letter_for_all_that_time() {
    let (relay, address) = Relay::start().await;
    let text = config(address, "at = \"06:30\"");
    let site = Site::new(&text);
    let running = Running::start(&site);
    site.bring(vec![article(1, &["a"])]);
    relay.0.lock().unwrap().answers.extend([Answer::Lost]);
    relay.until(1).await;
    // Nobody heard that it was taken. More comes, and days pass.
    running.stop().await;
    let site = site.reopened(&text);
    site.bring(vec![article(2, &["a"])]);
    for _ in 0..5 {
        a_day().await;
    }
    let running = Running::start(&site);
    relay.until(2).await;
    let letters = relay.letters();
    assert_eq!((letters[1].articles(), letters[1].header("Message-ID")), (vec![1], letters[0].header("Message-ID")));
    relay.until(3).await;
    running.stop().await;
    let site = site.reopened(&text);
    let running = Running::start(&site);
    a_day().await;
    a_day().await;
    running.stop().await;
    let letters = relay.letters();
    assert_eq!((letters.len(), letters[2].articles()), (3, vec![2]));
    assert_ne!(letters[2].header("Message-ID"), letters[0].header("Message-ID"));
}

#[tokio::test(start_paused = true)]
async fn titles_are_no_headers() {
    let (relay, address) = Relay::start().await;
    let title = "title = \"News\\r\\nBcc: all@paper.kz\\r\\n\\r\\n<b>\"\ndescription";
    let site = Site::new(&config(address, "language = \"kk\"").replace("rules =", &format!("{title} = \"x\"\nrules =")));
    let running = Running::start(&site);
    let mut hostile = article(1, &["a"]);
    hostile.article.title = "Қала\r\nTo: other@paper.kz\r\n.\r\n<script>\u{202e}".to_owned();
    hostile.article.text = ".\n..\nRCPT TO:<other@paper.kz>\n".repeat(50);
    site.bring(vec![hostile]);
    relay.until(1).await;
    running.stop().await;
    let letter = relay.letters().remove(0);
    assert_eq!((letter.to.as_str(), letter.header("To").as_str()), ("one@paper.kz", "one@paper.kz"));
    assert_eq!(letter.header("Subject"), "News Bcc: all@paper.kz <b>: 1 =?utf-8?b?0LbQsNKj0LA=?=");
    let (head, _) = letter.data.split_once("\n\n").unwrap();
    assert!(head.lines().all(|line| !line.starts_with("Bcc")), "{head}");
    assert!(!letter.part("text/html").contains("<script>") && letter.part("text/plain").contains("1. Қала To: other@paper.kz . <script>"));
}

#[track_caller]
fn check(calendar: (&str, Option<Weekday>, chrono_tz::Tz), after: &str, expected: &str) {
    let (at, weekday, timezone) = calendar;
    let calendar = Calendar { at: NaiveTime::parse_from_str(at, "%H:%M").unwrap(), weekday, timezone };
    let next = calendar.next(after.parse::<DateTime<Utc>>().unwrap());
    assert_eq!(next.with_timezone(&timezone).to_rfc3339(), expected, "{calendar:?} after {after}");
}

#[test]
fn times_of_day_are_those_of_the_clock_on_the_wall() {
    let (almaty, berlin, apia) = (chrono_tz::Asia::Almaty, chrono_tz::Europe::Berlin, chrono_tz::Pacific::Apia);
    check(("08:00", None, almaty), "2025-01-05T02:59:59Z", "2025-01-05T08:00:00+05:00");
    check(("08:00", None, almaty), "2025-01-05T03:00:00Z", "2025-01-06T08:00:00+05:00");
    check(("08:00", None, almaty), "2024-02-29T02:30:00Z", "2024-03-01T08:00:00+05:00");
    check(("08:00", Some(Weekday::Mon), almaty), "2025-01-06T03:00:00Z", "2025-01-13T08:00:00+05:00");
    check(("00:00", Some(Weekday::Sun), almaty), "2025-01-06T03:00:00Z", "2025-01-12T00:00:00+05:00");
    // The clocks go on from 02:00 to 03:00, and back from 03:00 to 02:00.
    check(("08:00", None, berlin), "2026-03-28T12:00:00Z", "2026-03-29T08:00:00+02:00");
    check(("02:30", None, berlin), "2026-03-28T12:00:00Z", "2026-03-29T03:00:00+02:00");
    check(("02:30", None, berlin), "2026-03-29T01:00:00Z", "2026-03-30T02:30:00+02:00");
    check(("02:30", None, berlin), "2026-10-24T12:00:00Z", "2026-10-25T02:30:00+02:00");
    check(("02:30", None, berlin), "2026-10-25T00:30:00Z", "2026-10-26T02:30:00+01:00");
    // A day that never was.
    check(("08:00", None, apia), "2011-12-30T08:00:00Z", "2011-12-31T00:00:00+14:00");
}

proptest! {
    #[test]
    fn there_is_always_a_next_time_within_eight_days(
        second in 0_i64..4_000_000_000, minute in 0_u32..1440, weekday in proptest::option::of(0_u8..7), zone in 0..chrono_tz::TZ_VARIANTS.len(),
    ) {
        let at = NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0).unwrap();
        let weekday = weekday.map(|day| Weekday::try_from(day).unwrap());
        let calendar = Calendar { at, weekday, timezone: chrono_tz::TZ_VARIANTS[zone] };
        let time = DateTime::from_timestamp(second, 0).unwrap();
        let next = calendar.next(time);
        prop_assert!(next > time && next - time <= TimeDelta::days(8) + TimeDelta::hours(1), "{next}");
        prop_assert_eq!(calendar.next(next - TimeDelta::seconds(1)), next);
    }
}

#[test]
fn mistakes_say_what_to_write() {
    let mistakes = |text: &str| {
        let mistakes = Config::parse(text).unwrap_err();
        mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let email =
        "relay = \"smtp.paper.kz:25\"\ntls = \"ssl\"\nport = 0\nfrom = \"me\"\nauth = { user = \"a\", password = \"b\" }\nto = \"c\"";
    let digest = "to = [\"a@b.kz\", \"a@b.kz\", \"Me <a@b.kz>\"], every = \"hour\", at = \"8\", weekday = \"someday\", timezone = \"Almaty\", language = \"de\"";
    assert_snapshot!(mistakes(&format!("[email]\n{email}\n{CONFIG}digest = {{ {digest} }}\n")), @r#"
    2:9: `smtp.paper.kz:25` is not the name or address of a machine: write it alone, as in "smtp.example.org"
    3:7: there is no `ssl`: write "starttls", "tls" (from the first byte) or "none" (a relay on this machine)
    4:8: `port` is a whole number from 1 to 65535
    5:8: `me` is not a sender: write "news@example.org" or "News desk <news@example.org>"
    6:33: secrets do not stand here: write where it is, as in "file:/etc/topicwire/token" or "env:TOPICWIRE_TOKEN"
    7:1: there is no key `to` here; known here: relay, tls, port, from, auth
    14:28: `a@b.kz` is there twice
    14:38: `Me <a@b.kz>` is not a mail address: write it alone, as in "desk@example.org"
    14:62: there is no digest every `hour`: write "day" or "week"
    14:75: `8` is not a time of day: write it as in "08:00" or "17:30"
    14:90: `someday` is not a day of the week: write "monday", "tuesday" and so on
    14:90: `weekday` is for a digest that comes once a week: write every = "week"
    14:112: there is no time zone `Almaty`: write its IANA name, as in "Asia/Almaty"
    14:133: topicwire does not speak `de`: write "en", "ru", "kk"
    "#);
    let digest = "digest = { weekday = \"friday\" }\n";
    assert_snapshot!(mistakes(&format!("{CONFIG}{digest}")), @r#"
    7:10: a digest is sent to somebody: write to = ["desk@example.org"]
    7:10: a digest needs a relay that takes mail: write [email] with `relay` and `from`
    7:22: `weekday` is for a digest that comes once a week: write every = "week"
    "#);
    let clear = "[email]\nrelay = \"192.0.2.1\"\nfrom = \"a@b.kz\"\ntls = \"none\"\nauth = { user = \"a\", password = \"env:B\" }";
    assert_snapshot!(mistakes(clear), @"1:1: without `tls` the password would be sent in the clear: only a relay on this machine may get it so");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_shows_the_next_letter_and_sends_it() {
    let (relay, address) = Relay::start().await;
    let folder = TempDir::new().unwrap();
    let bring = |articles: Vec<StoredArticle>| drop(Store::open(&folder.path().join("store")).unwrap().commit(&poll(1, articles)).unwrap());
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_topicwire")).args(arguments).current_dir(folder.path()).output().unwrap();
        String::from_utf8(if output.status.success() { output.stdout } else { output.stderr }).unwrap()
    };
    fs::write(folder.path().join("feeds.toml"), CONFIG).unwrap();
    bring(vec![article(1, &["a"])]);
    assert!(run(&["digest", "a"]).contains("https://agency.kz/news/1\n"));
    assert!(run(&["digest", "a", "--send"]).contains("has no `digest`"));
    assert!(run(&["digest", "b"]).contains("there is no topic `b`"));

    fs::write(folder.path().join("feeds.toml"), config(address, "")).unwrap();
    assert_eq!(run(&["digest", "a", "--send"]), "sent for one@paper.kz: a: 1 new\n");
    assert_eq!(run(&["digest", "a"]), "nothing new for one@paper.kz\n");
    bring(vec![article(2, &["a"])]);
    relay.0.lock().unwrap().answers.extend([Answer::Busy]);
    assert!(run(&["digest", "a", "--send"]).contains("451"));
    assert!(run(&["digest", "a", "--send", "--json"]).contains("\"sent\":true"));
    let articles: Vec<Vec<u32>> = relay.letters().iter().map(Mail::articles).collect();
    assert_eq!(articles, [[1], [2]]);
}
