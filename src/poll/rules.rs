//! Whether the rules of a feed's site still match its pages: sites are rebuilt, and nobody tells. Pure.

use std::collections::BTreeMap;

use crate::extract::SiteRules;
use crate::model::RuleName;

/// How many pages in a row a rule may not match: authors and things to remove are not on every page.
const PATIENCE: u32 = 25;

/// On how many pages in a row each rule has not matched, after `pages`: the names of those that did not, page by page.
pub(super) fn unmatched(before: &BTreeMap<RuleName, u32>, rules: &SiteRules, pages: &[Vec<RuleName>]) -> BTreeMap<RuleName, u32> {
    let after = |name: RuleName| {
        let so_far = before.get(&name).copied().unwrap_or(0);
        pages.iter().fold(so_far, |streak, missed| if missed.contains(&name) { streak.saturating_add(1) } else { 0 })
    };
    rules.given().map(|name| (name, after(name))).filter(|(_, streak)| *streak > 0).collect()
}

/// A line for each rule that seems to match no more, when `after` is what [`unmatched`] counted with `pages`.
pub(super) fn warnings(after: &BTreeMap<RuleName, u32>, rules: &SiteRules, pages: &[Vec<RuleName>]) -> Vec<String> {
    let warning = |name: RuleName| {
        let missed = pages.iter().filter(|page| page.contains(&name)).count();
        let streak = after.get(&name).copied().unwrap_or(0);
        let told = match name {
            RuleName::Body | RuleName::Title | RuleName::Date if missed == pages.len() => format!("matched none of {missed} pages"),
            RuleName::Body | RuleName::Title | RuleName::Date => format!("did not match {missed} of {} pages", pages.len()),
            RuleName::Author | RuleName::Remove if streak >= PATIENCE => format!("matched none of the last {streak} pages"),
            // Most articles stand on one page.
            RuleName::Author | RuleName::Remove | RuleName::NextPage => return None,
        };
        (missed > 0).then(|| format!("the rule `{name}` {told}: see `topicwire extract --explain` with one of them"))
    };
    rules.given().filter_map(warning).collect()
}
