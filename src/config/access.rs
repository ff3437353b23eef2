//! `auth` and `headers` of a feed: who asks, for servers that answer only those they know.

use super::Secret;
use super::table::{Mistakes, Table};

/// What a feed's own server is shown with each request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    pub auth: Option<Auth>,
    /// Each header's name and where its value is.
    pub headers: Vec<(String, Secret)>,
}

/// A user and a password (RFC 7617).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Auth {
    pub user: String,
    pub password: Secret,
}

/// Those that a request has already, or that say how it is sent.
const OURS: &str =
    "a-im accept-encoding connection content-length expect host if-modified-since if-none-match range te transfer-encoding upgrade";

pub(super) fn read(feed: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> Access {
    let auth = feed.table("auth", mistakes).and_then(|table| auth(table, mistakes));
    let headers = feed.table("headers", mistakes).map(|table| headers(table, mistakes)).unwrap_or_default();
    let has_token = headers.iter().any(|(name, _)| name == "authorization");
    if auth.is_some() && has_token {
        mistakes.add(feed.span(), "`auth` is a header `Authorization` too: write one of them");
    }
    Access { auth, headers }
}

pub(super) fn auth(mut table: Table<'_>, mistakes: &mut Mistakes<'_>) -> Option<Auth> {
    let user = table.required("user", mistakes, user);
    let password = table.required("password", mistakes, Secret::parse);
    table.finish(mistakes);
    Some(Auth { user: user?, password: password? })
}

fn user(text: &str) -> Result<String, &'static str> {
    if text.contains(':') || text.chars().any(char::is_control) {
        return Err("a user's name has no colon in it: the password has a key of its own");
    }
    Ok(text.to_owned())
}

fn headers(table: Table<'_>, mistakes: &mut Mistakes<'_>) -> Vec<(String, Secret)> {
    let mut headers: Vec<(String, Secret)> = Vec::new();
    for (name, place, value) in table.into_texts(mistakes) {
        let lower = name.to_ascii_lowercase();
        let is_token = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
        if !is_token {
            mistakes.add(place, format!("`{name}` is not the name of a header: write one as in \"X-Api-Key\""));
        } else if OURS.split(' ').any(|ours| ours == lower) {
            mistakes.add(place, format!("topicwire itself writes the header `{name}`: leave it out"));
        } else if headers.iter().any(|(other, _)| *other == lower) {
            mistakes.add(place, format!("there is another header `{name}`: give each once"));
        } else {
            match Secret::parse(value.get_ref()) {
                Ok(secret) => headers.push((lower, secret)),
                Err(message) => mistakes.add(value.span(), message),
            }
        }
    }
    headers
}
