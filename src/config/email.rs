//! `[email]`, the relay that takes our mail, and `digest` of a topic: who is sent what is new in it, and when.

use chrono::{NaiveTime, Weekday};
use lettre::Address;
use lettre::message::Mailbox;
use url::Host;

use super::table::{Mistakes, Table};
use super::{Auth, access, clamp, feeds, is_this_machine};
use crate::model::Language;
use crate::schedule::Calendar;

/// The most entries in a digest that does not say how many.
const DEFAULT_ENTRIES: usize = 30;
/// The languages that digests speak.
const LANGUAGES: [&str; 3] = ["en", "ru", "kk"];

/// Where mail is handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    pub relay: Host,
    pub port: u16,
    pub tls: Tls,
    pub from: Mailbox,
    pub auth: Option<Auth>,
}

/// How the way to the relay is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Not: for a relay on this machine or in a network of one's own.
    None,
    /// After a word in the clear (RFC 3207), and never without.
    Start,
    /// From the first byte (RFC 8314).
    Whole,
}

/// A letter with what is new in a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    pub to: Vec<Address>,
    pub calendar: Calendar,
    /// The most of them; the rest is on the wire's page.
    pub entries: usize,
    /// What it is written in; English if that is not said.
    pub language: Option<Language>,
}

pub(super) fn read(mut table: Table<'_>, mistakes: &mut Mistakes<'_>) -> Option<Email> {
    let relay = table.required("relay", mistakes, host);
    let tls = table.parsed("tls", mistakes, tls).unwrap_or(Tls::Start);
    let port = table.number("port", 1..=u16::MAX.into(), mistakes).and_then(|port| u16::try_from(port).ok());
    let from = table.required("from", mistakes, mailbox);
    let place = table.span();
    let auth = table.table("auth", mistakes).and_then(|table| access::auth(table, mistakes));
    table.finish(mistakes);
    let relay = relay?;
    if auth.is_some() && tls == Tls::None && !is_this_machine(&relay) {
        mistakes.add(place, "without `tls` the password would be sent in the clear: only a relay on this machine may get it so");
    }
    let usual = match tls {
        Tls::None => 25,
        Tls::Start => 587,
        Tls::Whole => 465,
    };
    Some(Email { relay, port: port.unwrap_or(usual), tls, from: from?, auth })
}

fn host(text: &str) -> Result<Host, String> {
    Host::parse(text).map_err(|_| format!("`{text}` is not the name or address of a machine: write it alone, as in \"smtp.example.org\""))
}

fn tls(text: &str) -> Result<Tls, String> {
    match text {
        "none" => Ok(Tls::None),
        "starttls" => Ok(Tls::Start),
        "tls" => Ok(Tls::Whole),
        _ => Err(format!("there is no `{text}`: write \"starttls\", \"tls\" (from the first byte) or \"none\" (a relay on this machine)")),
    }
}

fn mailbox(text: &str) -> Result<Mailbox, String> {
    let hint = || format!("`{text}` is not a sender: write \"news@example.org\" or \"News desk <news@example.org>\"");
    text.parse().ok().filter(|_| !text.contains(char::is_control)).ok_or_else(hint)
}

/// `has_relay`: there is an `[email]`.
pub(super) fn digest(mut table: Table<'_>, has_relay: bool, mistakes: &mut Mistakes<'_>) -> Digest {
    if !has_relay {
        mistakes.add(table.span(), "a digest needs a relay that takes mail: write [email] with `relay` and `from`");
    }
    let to = addresses(&mut table, mistakes);
    let weekly = table.parsed("every", mistakes, every).unwrap_or(false);
    let at = table.parsed("at", mistakes, time).unwrap_or_default();
    let place = table.peek("weekday").map(|(_, place)| place);
    let weekday = table.parsed("weekday", mistakes, weekday);
    if let Some(place) = place.filter(|_| !weekly) {
        mistakes.add(place, "`weekday` is for a digest that comes once a week: write every = \"week\"");
    }
    let timezone = table.parsed("timezone", mistakes, feeds::timezone).unwrap_or(chrono_tz::UTC);
    let entries = table.number("entries", 1..=200, mistakes).map_or(DEFAULT_ENTRIES, clamp);
    let language = table.parsed("language", mistakes, language);
    table.finish(mistakes);
    let calendar = Calendar { at: at.0, weekday: weekly.then(|| weekday.unwrap_or(Weekday::Mon)), timezone };
    Digest { to, calendar, entries, language }
}

fn addresses(table: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> Vec<Address> {
    let mut addresses: Vec<Address> = Vec::new();
    let texts = table.texts("to", mistakes);
    if texts.is_empty() {
        mistakes.add(table.span(), "a digest is sent to somebody: write to = [\"desk@example.org\"]");
    }
    for text in texts {
        match text.get_ref().parse::<Address>() {
            Ok(address) if addresses.contains(&address) => mistakes.add(text.span(), format!("`{address}` is there twice")),
            Ok(address) => addresses.push(address),
            Err(_) => {
                let hint = "write it alone, as in \"desk@example.org\"";
                mistakes.add(text.span(), format!("`{}` is not a mail address: {hint}", text.get_ref()));
            }
        }
    }
    addresses
}

fn every(text: &str) -> Result<bool, String> {
    match text {
        "day" => Ok(false),
        "week" => Ok(true),
        _ => Err(format!("there is no digest every `{text}`: write \"day\" or \"week\"")),
    }
}

/// A time of day: in the morning, unless it is said.
struct Time(NaiveTime);

impl Default for Time {
    fn default() -> Self {
        Self(NaiveTime::from_hms_opt(8, 0, 0).unwrap_or_default())
    }
}

fn time(text: &str) -> Result<Time, String> {
    let time = NaiveTime::parse_from_str(text, "%H:%M").map(Time);
    time.map_err(|_| format!("`{text}` is not a time of day: write it as in \"08:00\" or \"17:30\""))
}

fn weekday(text: &str) -> Result<Weekday, String> {
    text.parse().map_err(|_| format!("`{text}` is not a day of the week: write \"monday\", \"tuesday\" and so on"))
}

fn language(text: &str) -> Result<Language, String> {
    let known = LANGUAGES.contains(&text).then(|| Language::new(text).ok()).flatten();
    known.ok_or_else(|| format!("topicwire does not speak `{text}`: write \"{}\"", LANGUAGES.join("\", \"")))
}
