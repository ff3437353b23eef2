//! A text as numbers, folded words and marks. White space only says whether a number clings to the mark before it.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Number(Number),
    /// Letters, in the form that [`fold`] gives.
    Word(String),
    Mark {
        mark: char,
        /// No white space stands between it and what follows.
        clings: bool,
    },
}

/// Decimal digits. Invariant: at most 18 of them, so that the value is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) value: u64,
    pub(super) digits: u32,
}

/// Digits beyond these belong to no date: the number they are in is cut here and then fits nowhere.
const MAX_DIGITS: u32 = 18;

/// The tokens of the first `limit` characters of `text`.
pub(super) fn split(text: &str, limit: usize) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut characters = text.chars().take(limit).map(plain).peekable();
    while let Some(character) = characters.next() {
        if let Some(digit) = character.to_digit(10) {
            let mut number = Number { value: u64::from(digit), digits: 1 };
            while let Some(digit) = characters.peek().and_then(|next| next.to_digit(10)) {
                if number.digits < MAX_DIGITS {
                    number = Number { value: number.value * 10 + u64::from(digit), digits: number.digits + 1 };
                }
                characters.next();
            }
            tokens.push(Token::Number(number));
        } else if character.is_alphabetic() {
            let mut word = String::from(character);
            while let Some(letter) = characters.next_if(|next| next.is_alphabetic() || is_combining_mark(*next)) {
                word.push(letter);
            }
            tokens.push(Token::Word(fold(&word)));
        } else if !is_blank(character) {
            tokens.push(Token::Mark { mark: character, clings: characters.peek().is_some_and(|next| !is_blank(*next)) });
        }
    }
    tokens
}

/// A word in small letters and without accents, so that the tables need not list `февраля́`, `Févr` and `fevr`.
pub(super) fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    word.to_lowercase().nfd().filter(|character| !is_combining_mark(*character)).collect()
}

/// One mark for its many looks.
fn plain(character: char) -> char {
    match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{ff0c}' | '\u{60c}' => ',',
        '\u{ff1a}' => ':',
        '\u{ff0f}' | '\u{2044}' => '/',
        _ => character,
    }
}

/// White space, invisible characters and apostrophes, which stand inside words in some spellings.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || character.is_control() || matches!(character, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}')
}
