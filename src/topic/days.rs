//! Days of publication as rules write them: `date>=2025-01-01`, `date<2025-06`, `date:2025`, `date:2025-03-01..2025-03-15`.
//!
//! A year or a month stands for all its days. Days are absolute, so that a rule says the same of an article on every day.

use chrono::{Days as Count, Months, NaiveDate};

use super::expression::Days;

/// What is said to whoever wrote something else.
const HINT: &str = "write `date>=2025-01-01`, `date<2025-06`, `date:2025` or `date:2025-03-01..2025-03-15`";

/// What follows `date:`.
pub(super) fn within(value: &str) -> Result<Days, String> {
    let (from, to) = value.split_once("..").unwrap_or((value, value));
    let (Some((first, _)), Some((_, last))) = (period(from), period(to)) else {
        return Err(format!("`{value}` is not a date: {HINT}"));
    };
    if first > last {
        return Err(format!("`date:{value}` ends before it begins"));
    }
    Ok(Days { first: Some(first), last: Some(last) })
}

/// A word such as `date>=2025-01-01`; none when it is another word.
pub(super) fn compared(word: &str) -> Option<Result<Days, String>> {
    let rest = word.strip_prefix("date")?;
    let operator = [">=", "<=", ">", "<", "="].into_iter().find(|operator| rest.starts_with(operator))?;
    let wrong = || format!("`{word}` is not a date to compare with: {HINT}");
    let Some((first, last)) = rest.strip_prefix(operator).and_then(period) else { return Some(Err(wrong())) };
    let (first, last) = match operator {
        ">=" => (Some(first), None),
        "<=" => (None, Some(last)),
        ">" => (last.checked_add_days(Count::new(1)), None),
        "<" => (None, first.checked_sub_days(Count::new(1))),
        _ => (Some(first), Some(last)),
    };
    Some(if first.is_none() && last.is_none() { Err(wrong()) } else { Ok(Days { first, last }) })
}

/// The first and the last day of a year, a month or a day.
fn period(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') || !text.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let (months, whole) = match text.len() {
        4 => (12, format!("{text}-01-01")),
        7 => (1, format!("{text}-01")),
        10 => (0, text.to_owned()),
        _ => return None,
    };
    let first: NaiveDate = whole.parse().ok()?;
    let last = if months == 0 { first } else { first.checked_add_months(Months::new(months))?.pred_opt()? };
    Some((first, last))
}
