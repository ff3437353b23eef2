//! The words of pages that stand in place of an article: lists in lower case, one sign a line. A sign is a phrase; or, after `= `, a
//! whole title; or, with ` + ` between them, phrases that say so together, however long the page is.

use std::sync::LazyLock;

use super::Failure;

/// Where a line says of itself what it is, it says so in its first words: phrases begin in so many characters.
const NEAR: usize = 60;
/// What follows the phrase in a line that says nothing else, in characters.
const NEAR_AFTER: usize = 20;
/// The same as [`NEAR`] of titles.
const NEAR_IN_TITLE: usize = 20;

/// The signs of one failure.
pub(super) struct Signs {
    pub(super) failure: Failure,
    phrases: Vec<&'static str>,
    titles: Vec<&'static str>,
    together: Vec<Vec<&'static str>>,
}

/// Of all failures that have signs, the first to be believed first.
pub(super) static SIGNS: LazyLock<[Signs; 5]> = LazyLock::new(|| {
    [
        Signs::new(Failure::BotWall, include_str!("bot_wall.txt")),
        Signs::new(Failure::NeedsScript, include_str!("needs_script.txt")),
        Signs::new(Failure::CookieWall, include_str!("cookie_wall.txt")),
        Signs::new(Failure::ErrorPage, include_str!("error_page.txt")),
        Signs::new(Failure::Paywall, include_str!("paywall.txt")),
    ]
});

impl Signs {
    fn new(failure: Failure, list: &'static str) -> Self {
        let (mut phrases, mut titles, mut together) = (Vec::new(), Vec::new(), Vec::new());
        for line in list.lines().filter(|line| !line.is_empty()) {
            if let Some(title) = line.strip_prefix("= ") {
                titles.push(title);
            } else if line.contains(" + ") {
                together.push(line.split(" + ").collect());
            } else {
                phrases.push(line);
            }
        }
        Self { failure, phrases, titles, together }
    }

    /// Whether one of the phrases is anywhere in a text. All texts are given as [`folded`] makes them.
    pub(super) fn are_in(&self, text: &str) -> bool {
        self.phrases.iter().any(|phrase| text.contains(phrase))
    }

    /// Whether a line is about this failure rather than mentions it.
    pub(super) fn begin(&self, line: &str) -> bool {
        self.stand_near(line, NEAR)
    }

    /// Whether a line is about this failure and nothing else.
    pub(super) fn are_all_of(&self, line: &str) -> bool {
        let around = self.phrases.iter().filter_map(|phrase| line.split_once(phrase));
        around
            .map(|(before, after)| [before, after].map(|text| text.chars().count()))
            .any(|[before, after]| before <= NEAR && after <= NEAR_AFTER)
    }

    pub(super) fn entitle(&self, title: &str) -> bool {
        let bare = title.trim_matches(|character: char| !character.is_alphanumeric());
        self.titles.contains(&bare) || self.stand_near(title, NEAR_IN_TITLE)
    }

    /// Whether one of the phrases begins in the first `near` characters.
    fn stand_near(&self, line: &str, near: usize) -> bool {
        let before = |phrase: &&str| line.split_once(*phrase).map(|(before, _)| before);
        self.phrases.iter().filter_map(before).any(|before| before.chars().count() <= near)
    }

    /// Whether a text says all that only a wall says.
    pub(super) fn fill(&self, text: &str) -> bool {
        self.together.iter().any(|phrases| phrases.iter().all(|phrase| text.contains(phrase)))
    }
}

/// A text as the lists are written: lower case, and one letter or mark for what is written in two ways.
pub(super) fn folded(text: &str) -> String {
    let letters = text.chars().map(|character| match character {
        'ё' | 'Ё' => 'е',
        '’' | 'ʼ' | 'ʻ' | '‘' => '\'',
        space if space.is_whitespace() && space != '\n' => ' ',
        other => other,
    });
    letters.collect::<String>().to_lowercase()
}
