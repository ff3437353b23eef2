//! A text in one form of its letters: lower case, compatibility forms composed, `ё` as `е`.

use unicode_normalization::UnicodeNormalization;

/// Folds a text. Words apart: nothing composes across a space, and most words have nothing to compose.
pub(super) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_inclusive(' ') {
        if word.chars().all(is_plain) {
            folded.extend(word.chars().map(fold_plain));
        } else {
            folded.extend(word.nfkc().flat_map(char::to_lowercase).map(|letter| if letter == 'ё' { 'е' } else { letter }));
        }
    }
    folded
}

/// Whether a character is a letter or digit. Cyrillic is asked for first because the general answer is slow for it.
pub(super) fn is_alphanumeric(letter: char) -> bool {
    is_cyrillic(letter) || letter.is_alphanumeric()
}

/// Whether a character is a figure.
pub(super) fn is_numeric(letter: char) -> bool {
    !is_cyrillic(letter) && letter.is_numeric()
}

/// Letters only: the block has marks and signs too.
fn is_cyrillic(letter: char) -> bool {
    matches!(letter, '\u{400}'..='\u{481}' | '\u{48a}'..='\u{52f}')
}

/// What normalisation leaves as it is, and what no mark follows.
fn is_plain(letter: char) -> bool {
    letter.is_ascii() || is_cyrillic(letter) || matches!(letter, '«' | '»' | '–' | '—')
}

fn fold_plain(letter: char) -> char {
    match letter {
        'а'..='я' => letter,
        'ё' | 'Ё' => 'е',
        letter if letter.is_ascii() => letter.to_ascii_lowercase(),
        // One letter for each of them.
        letter => letter.to_lowercase().next().unwrap_or(letter),
    }
}
