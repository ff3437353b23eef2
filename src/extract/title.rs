//! The headline, without the site's name.

use super::Page;
use super::metadata::{Metadata, plain};
use super::outline::{Outline, Tag};
use super::weigh::Weights;
use crate::model::Origin;
use crate::text::lowercase_letter;

/// What separates a headline from the site's name, in either order.
const SEPARATORS: [&str; 12] = [" | ", " - ", " – ", " — ", " :: ", " » ", " « ", " / ", " • ", " · ", " ‹ ", ": "];

/// The headline that most of the page's evidence agrees on. None where nothing is one.
pub(super) fn title(page: &Page<'_>, outline: &Outline<'_>, weights: &Weights, metadata: &Metadata<'_>) -> Option<(String, Origin)> {
    let site = metadata.site().map(|(site, _)| site);
    let names = SiteNames { site: site.as_deref(), host: page.url.host_str() };
    let document = plain(&metadata.title);
    let linked = metadata.linked.headline.as_deref().map(|headline| (headline, Origin::JsonLd));
    let entry = page.entry.and_then(|entry| entry.title.as_deref()).map(|title| (title, Origin::FeedEntry));
    let claims: Vec<(String, Origin)> = [linked, metadata.claim(&["og:title", "twitter:title", "dc.title", "title"]), entry]
        .into_iter()
        .flatten()
        .map(|(claim, origin)| (names.stripped(&plain(claim)), origin))
        .filter(|(claim, _)| !claim.is_empty())
        .collect();
    let shown: Vec<String> = headings(outline, weights).into_iter().filter(|heading| !names.is_name(heading)).collect();
    let agreed = shown.iter().find(|heading| agrees(heading, &document) || claims.iter().any(|(claim, _)| agrees(heading, claim)));
    if let Some(heading) = agreed {
        return Some((names.stripped(heading), Origin::Element));
    }
    if let Some(claim) = claims.into_iter().find(|(claim, _)| !names.is_name(claim)) {
        return Some(claim);
    }
    let stripped = names.stripped(&document);
    let is_name = stripped.is_empty() || names.is_name(&stripped);
    let title = shown.into_iter().next().filter(|_| is_name).unwrap_or(stripped);
    Some((title, Origin::Element)).filter(|(title, _)| !title.is_empty())
}

/// The headings of the first level that are shown, or those of the second where there are none.
fn headings(outline: &Outline<'_>, weights: &Weights) -> Vec<String> {
    let of_level = |level: u8| {
        let nodes = outline.nodes.iter().enumerate();
        let found = nodes.filter(move |(index, node)| node.tag == Tag::Heading(level) && !weights.is_elsewhere(*index));
        let texts = found.take(12).map(|(index, _)| outline.text(index, 400));
        texts.filter(|text| (8..400).contains(&text.len())).collect::<Vec<_>>()
    };
    let mut headings = of_level(1);
    headings.extend(of_level(2));
    headings
}

/// Whether two texts are the same headline, one of them perhaps shortened or reworded for machines.
pub(super) fn agrees(heading: &str, claim: &str) -> bool {
    let (letters_of_heading, letters_of_claim) = (letters(heading), letters(claim));
    let (short, long) = (letters_of_heading.len().min(letters_of_claim.len()), letters_of_heading.len().max(letters_of_claim.len()));
    if short == 0 {
        return false;
    }
    let contained = letters_of_claim.contains(&letters_of_heading) || letters_of_heading.contains(&letters_of_claim);
    (contained && short * 5 >= long * 2) || shares_words(heading, claim)
}

/// Whether at least half of the longer words of a heading are in a claim.
fn shares_words(heading: &str, claim: &str) -> bool {
    let words = |text: &str| {
        text.split(|character: char| !character.is_alphanumeric())
            .filter(|word| word.chars().count() > 3)
            .map(str::to_lowercase)
            .collect::<Vec<_>>()
    };
    let (heading, claim) = (words(heading), words(claim));
    let shared = heading.iter().filter(|word| claim.contains(word)).count();
    shared >= 3 && shared * 2 >= heading.len()
}

/// Letters and digits only, lower case: what two spellings of one headline have in common.
pub(super) fn letters(text: &str) -> String {
    let mut letters = String::with_capacity(text.len());
    letters.extend(text.chars().filter(|character| character.is_alphanumeric()).map(lowercase_letter));
    letters
}

struct SiteNames<'a> {
    site: Option<&'a str>,
    host: Option<&'a str>,
}

impl SiteNames<'_> {
    /// Whether a part of a title names the site.
    fn is_name(&self, part: &str) -> bool {
        let part = letters(part);
        let site = self.site.map(letters).filter(|site| site.len() > 2);
        let host = self.host.map(letters);
        let name = self.host.and_then(registrable_label).map(letters).filter(|name| name.len() > 2);
        !part.is_empty()
            && (site.is_some_and(|site| site == part || (part.len() < 60 && part.contains(&site)))
                || host.is_some_and(|host| host == part || host.trim_start_matches("www") == part)
                || name.is_some_and(|name| part == name || (part.len() < name.len() + 14 && part.contains(&name))))
    }

    /// The title without a site's name at its end or start. Dashes of its own stay.
    fn stripped(&self, title: &str) -> String {
        let mut title = title.trim();
        for _ in 0..3 {
            let Some(shorter) = self.without_name(title) else { break };
            title = shorter;
        }
        title
            .trim_matches(|character: char| {
                character.is_whitespace() || matches!(character, '|' | '»' | '-' | '–' | '—') && !title.contains('«')
            })
            .to_owned()
    }

    fn without_name<'t>(&self, title: &'t str) -> Option<&'t str> {
        SEPARATORS.iter().find_map(|separator| {
            let at_end =
                title.rsplit_once(separator).filter(|(rest, name)| !rest.trim().is_empty() && *separator != ": " && self.is_name(name));
            let at_start = title.split_once(separator).filter(|(name, rest)| !rest.trim().is_empty() && self.is_name(name));
            // A bar or a guillemet is hardly ever part of a headline.
            let bar = title.rsplit_once(separator).filter(|(rest, name)| {
                matches!(*separator, " | " | " :: " | " » " | " « " | " ‹ ") && rest.chars().count() >= 15 && name.len() < rest.len()
            });
            at_end.or(bar).map(|(rest, _)| rest.trim()).or(at_start.map(|(_, rest)| rest.trim()))
        })
    }
}

/// `inform` of `www.inform.kz`.
fn registrable_label(host: &str) -> Option<&str> {
    psl::domain_str(host).and_then(|domain| domain.split('.').next())
}
