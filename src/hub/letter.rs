//! A letter as mail (RFC 5322): its headers tell programs who writes why, and that it is the same when it comes again. Pure.

use std::ops::Range;

use lettre::address::AddressError;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};

use crate::config::Email;
use crate::model::{Instant, TopicId, UrlHash};
use crate::publish::Letter;

/// What a letter is about.
#[derive(Clone, Debug)]
pub struct About<'a> {
    pub topic: &'a TopicId,
    /// The numbers of the arrivals that it tells of.
    pub numbers: Range<u64>,
    /// The first and the last of these articles, if they are still there: after a restore a number may be given again.
    pub articles: Option<(UrlHash, UrlHash)>,
    /// The address of the wire's page.
    pub page: &'a str,
}

/// Why there is no mail.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("`{to}` is not a mail address")]
    Address {
        to: String,
        #[source]
        source: AddressError,
    },
    #[error("the letter cannot be written")]
    Content(#[from] lettre::error::Error),
}

/// Writes the mail. The same letter to the same address has the same `Message-ID`, however often it is tried.
///
/// # Errors
/// When `to` is not an address.
pub fn message(email: &Email, to: &str, about: &About<'_>, letter: Letter, now: Instant) -> Result<Message, Error> {
    let address: Address = to.parse().map_err(|source| Error::Address { to: to.to_owned(), source })?;
    let (topic, domain) = (about.topic, email.from.email.domain());
    let name = format!("{topic}\n{to}\n{:?}\n{:?}", about.numbers, about.articles);
    let id: String = blake3::hash(name.as_bytes()).to_hex().chars().take(32).collect();
    let unsubscribe = format!("<mailto:{}?subject=unsubscribe%20{topic}>", email.from.email);
    let message = Message::builder()
        .from(email.from.clone())
        .to(Mailbox::new(None, address))
        .date(now.into())
        .message_id(Some(format!("<{id}@{domain}>")))
        .subject(letter.subject)
        // No out-of-office notes (RFC 3834), and a place to sort it to (RFC 2919, RFC 2369).
        .raw_header(header("Auto-Submitted", "auto-generated".to_owned()))
        .raw_header(header("List-Id", format!("<{topic}.{domain}>")))
        .raw_header(header("List-Archive", format!("<{}>", about.page)))
        .raw_header(header("List-Unsubscribe", unsubscribe))
        .multipart(MultiPart::alternative_plain_html(letter.text, letter.html))?;
    Ok(message)
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}
