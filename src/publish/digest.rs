//! A wire's entries as a letter: for those who would rather read their mail. As plain text and as HTML that needs nothing from elsewhere.

use std::fmt::Write;

use chrono_tz::Tz;
use maud::{DOCTYPE, html};
use serde::{Deserialize, Serialize};

use super::tongue::Tongue;
use super::words::shortened;
use super::{Format, Item, Wire};

/// What is in a letter. Who writes it to whom, and what its headers say beside the subject, is `hub::letter`'s.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Invariant: one line without control characters.
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Wire {
    /// The wire as a letter that tells of `more` entries beside those that it has.
    #[must_use]
    pub fn letter(&self, tongue: Tongue, timezone: Tz, more: usize) -> Letter {
        let subject = format!("{}: {} {}", self.channel.title, self.items.len() + more, tongue.phrases().new);
        let spoken = Spoken { wire: self, tongue, timezone, more, subject: line(&subject), address: self.address(Format::Html) };
        Letter { text: spoken.text(), html: spoken.html(), subject: spoken.subject }
    }
}

/// What both forms are made from.
struct Spoken<'a> {
    wire: &'a Wire,
    tongue: Tongue,
    timezone: Tz,
    more: usize,
    subject: String,
    address: String,
}

impl Spoken<'_> {
    fn text(&self) -> String {
        let phrases = self.tongue.phrases();
        let mut text = format!("{}\n", self.subject);
        for (number, item) in (1..).zip(&self.wire.items) {
            // Writing to a string does not fail.
            let _ = write!(text, "\n{number}. {}\n{}\n", line(&item.title), self.origin(item));
            let _ = summary(item).map_or(Ok(()), |summary| writeln!(text, "{summary}"));
            let _ = writeln!(text, "{}", item.link);
            for why in &item.why {
                let _ = writeln!(text, "({})", line(why));
            }
        }
        if self.more > 0 {
            let _ = write!(text, "\n+{}. {} {}\n", self.more, phrases.more_there, self.address);
        }
        let _ = write!(text, "\n-- \n{} {}\n", phrases.sent_by, self.address);
        text
    }

    fn html(&self) -> String {
        let phrases = self.tongue.phrases();
        let page = html! {
            (DOCTYPE)
            html lang=(phrases.language) {
                head { meta charset="utf-8"; title { (self.subject) } }
                body {
                    h1 { a href=(self.address) { (line(&self.wire.channel.title)) } }
                    @for item in &self.wire.items {
                        div lang=[item.language.as_ref()] {
                            h2 { a href=(item.link) { (line(&item.title)) } }
                            p { small { (self.origin(item)) } }
                            @if let Some(summary) = summary(item) { p { (summary) } }
                            @for why in &item.why { p { small { (line(why)) } } }
                        }
                    }
                    @if self.more > 0 { p { "+" (self.more) ". " (phrases.more_there) " " a href=(self.address) { (self.address) } } }
                    hr;
                    p { small { (phrases.sent_by) " " a href=(self.address) { (self.address) } } }
                }
            }
        };
        page.into_string() + "\n"
    }

    /// Whose it is, and of when.
    fn origin(&self, item: &Item) -> String {
        let published = item.published.with_timezone(&self.timezone);
        format!("{}, {} {}", line(&item.agency), published.format(self.tongue.time_format()), published.format("%Z"))
    }
}

fn summary(item: &Item) -> Option<String> {
    item.summary.as_deref().map(|summary| line(&shortened(summary)))
}

/// A text on one line.
fn line(text: &str) -> String {
    text.split(|letter: char| letter.is_whitespace() || letter.is_control()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
