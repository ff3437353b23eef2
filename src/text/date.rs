//! Dates and times as agencies write them, in their languages.
//!
//! A text becomes tokens (`token`), words get their meaning from tables (`words`), and one pass over the tokens fills a
//! draft (`take`): what each token means depends only on itself, its neighbours and what is already known. There are no
//! format strings. The calendar has the last word (`draft`): an impossible date is no date.

mod draft;
mod take;
mod token;
mod words;

use chrono_tz::Tz;

use self::draft::Draft;
use self::token::Token;
use crate::model::{Instant, Timestamp};

/// The longest text that [`parse`] looks at, in characters.
const MAX_PARSED: usize = 200;
/// The longest text that [`find`] looks at, in characters.
const MAX_SEARCHED: usize = 5_000;
/// The longest date, in tokens: keeps [`find`] linear.
const MAX_TOKENS: usize = 32;

/// Reads the date and time that `text` consists of (white space and separators around it aside): RFC 3339 and 2822 and what
/// comes near them, `15:22, 26 Ноябрь 2025 | GMT +5`, `26.11.2025 15:22`, "2 часа назад" against `now`.
///
/// A time without a zone is in `timezone`, or in UTC when there is none; a date without a time is at midnight. A date without
/// a year, and one that counts from today, is only read with `now`. Numbers are day first unless that is impossible.
#[must_use]
pub fn parse(text: &str, timezone: Option<Tz>, now: Option<Instant>) -> Option<Timestamp> {
    let tokens = token::split(text, MAX_PARSED);
    let (draft, rest) = Draft::read(skip_label(&tokens));
    if rest.is_empty() { draft.resolve(timezone, now) } else { None }
}

/// Finds the first date inside a longer text, such as a byline. A day without a year counts only with a time of day.
#[must_use]
pub fn find(text: &str, timezone: Option<Tz>, now: Option<Instant>) -> Option<Timestamp> {
    let tokens = token::split(text, MAX_SEARCHED);
    (0..tokens.len())
        .filter_map(|start| tokens.get(start..tokens.len().min(start + MAX_TOKENS)))
        .filter(|tokens| take::may_begin(tokens))
        .find_map(|tokens| Some(Draft::read(tokens).0).filter(Draft::is_distinct)?.resolve(timezone, now))
}

/// The tokens without a first word that means nothing to us and ends in a comma or colon: a weekday in a language that the
/// tables lack, or "Published:".
fn skip_label(tokens: &[Token]) -> &[Token] {
    match tokens {
        [Token::Word(word), Token::Mark { mark: ',' | '.' | ':', .. }, rest @ ..] if words::meaning(word).is_none() => rest,
        _ => tokens,
    }
}
