//! One word, made comparable: compatibility forms composed, invisible characters and stress marks gone, `ё` as `е`, one kind of
//! apostrophe, and letters of a foreign script that only look right (`pебёнка` with a Latin `p`) put back into their own.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// The word as it should have been spelt, in its own letter case.
#[must_use]
pub fn spelling(word: &str) -> Cow<'_, str> {
    if is_well_spelt(word) { Cow::Borrowed(word) } else { Cow::Owned(spelt(word)) }
}

/// What is so without looking closely, as nearly all words are.
fn is_well_spelt(word: &str) -> bool {
    let (mut latin, mut cyrillic) = (false, false);
    word.chars().all(|letter| {
        let plain_cyrillic = is_plain_cyrillic(letter);
        latin |= letter.is_ascii_alphabetic();
        cyrillic |= plain_cyrillic;
        (plain_cyrillic || letter.is_ascii() && letter != '`') && !(latin && cyrillic)
    })
}

fn spelt(word: &str) -> String {
    let plain: String = word.nfkc().filter(|&letter| !is_invisible(letter) && !is_mark(letter)).map(plain_letter).collect();
    if plain.contains('-') { plain.split('-').map(in_one_script).collect::<Vec<_>>().join("-") } else { in_one_script(&plain) }
}

/// Lower case, with Turkish `İ` as plain `i`.
pub fn lowercase(word: &str) -> String {
    word.chars().filter(|&letter| !is_mark(letter)).map(lowercase_letter).collect()
}

/// The commonest letters are asked for first because the general answer is slow.
pub(crate) fn lowercase_letter(letter: char) -> char {
    match letter {
        '\0'..='\x7f' => letter.to_ascii_lowercase(),
        'а'..='я' => letter,
        'А'..='Я' => char::from_u32(letter as u32 + ('а' as u32 - 'А' as u32)).unwrap_or(letter),
        // Capital and small by turns.
        '\u{48a}'..='\u{4bf}' | '\u{4d0}'..='\u{52f}' => char::from_u32(letter as u32 | 1).unwrap_or(letter),
        // Only `İ` has more than one letter: the other one is its dot.
        letter => letter.to_lowercase().next().unwrap_or(letter),
    }
}

/// Written inside words, but no part of them: soft hyphens, joiners, direction marks.
pub(super) fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Combining marks, such as the stress in `пра́ва`. Those that belong to a letter are composed with it before this is asked.
pub(super) fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

pub(super) fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '`' | '´' | 'ʼ' | 'ʻ' | 'ʹ' | '‘' | '’' | '＇')
}

pub(super) fn is_cyrillic(letter: char) -> bool {
    matches!(letter, '\u{400}'..='\u{52f}')
}

/// Composed, and as [`plain_letter`] has it. Asked for first because the general answer is slow.
pub(super) fn is_plain_cyrillic(letter: char) -> bool {
    matches!(letter, '\u{402}'..='\u{450}' | '\u{452}'..='\u{481}' | '\u{48a}'..='\u{52f}')
}

pub(super) fn is_latin(letter: char) -> bool {
    letter.is_ascii_alphabetic() || matches!(letter, 'À'..='ɏ' | 'ə') && letter.is_alphabetic()
}

fn plain_letter(letter: char) -> char {
    match letter {
        'ё' => 'е',
        'Ё' => 'Е',
        '‐' | '‑' => '-',
        letter if is_apostrophe(letter) => '\'',
        letter => letter,
    }
}

/// Gives a word that mixes scripts to the one with more letters, if every letter of the other has a twin there; else to the other
/// one, on the same condition; else leaves it.
fn in_one_script(word: &str) -> String {
    let latin = word.chars().filter(|&letter| is_latin(letter)).count();
    let cyrillic = word.chars().filter(|&letter| is_cyrillic(letter)).count();
    if latin == 0 || cyrillic == 0 {
        return word.to_owned();
    }
    let repaired =
        if latin > cyrillic { all_latin(word).or_else(|| all_cyrillic(word)) } else { all_cyrillic(word).or_else(|| all_latin(word)) };
    repaired.unwrap_or_else(|| word.to_owned())
}

fn all_cyrillic(word: &str) -> Option<String> {
    word.chars().map(|letter| if is_latin(letter) { twin(letter, LATIN, CYRILLIC) } else { Some(letter) }).collect()
}

fn all_latin(word: &str) -> Option<String> {
    word.chars().map(|letter| if is_cyrillic(letter) { twin(letter, CYRILLIC, LATIN) } else { Some(letter) }).collect()
}

/// Letters that look alike stand at the same place in both.
const LATIN: &str = "aceopxyikmthbəáéëóýABCEHIKMOPTXYƏÁÉËÓ";
const CYRILLIC: &str = "асеорхуікмтһвәаееоуАВСЕНІКМОРТХУӘАЕЕО";

fn twin(letter: char, from: &str, to: &str) -> Option<char> {
    let place = from.chars().position(|candidate| candidate == letter)?;
    to.chars().nth(place)
}
