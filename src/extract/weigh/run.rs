//! A run of text between two block boundaries: how much of it there is, and how much it reads like sentences.

use super::{Weight, is_stop};

#[derive(Default)]
pub(super) struct Run {
    pub(super) characters: usize,
    linked: usize,
    commas: usize,
    stops: usize,
}

impl Run {
    pub(super) fn read(&mut self, text: &str, linked: bool) {
        let mut characters = 0;
        for character in text.chars() {
            if character.is_ascii() {
                characters += usize::from(!character.is_ascii_whitespace() && !character.is_ascii_control());
                self.commas += usize::from(matches!(character, ',' | ';' | ':' | '"'));
                self.stops += usize::from(matches!(character, '.' | '!' | '?'));
            } else {
                characters += width(character);
                self.commas += usize::from(is_comma(character));
                self.stops += usize::from(is_stop(character));
            }
        }
        self.characters += characters;
        self.linked += if linked { characters } else { 0 };
    }

    pub(super) fn weight(&self, heading: bool) -> Weight {
        let Self { characters, linked, commas, stops } = *self;
        let percent = match characters {
            _ if linked * 2 > characters => 0,
            _ if heading => 30,
            0..25 => 5 * stops.min(2),
            25..70 => 20 + 40 * stops.min(1) + 10 * commas.min(1),
            _ if stops > 0 => 100,
            _ if commas > 0 => 70,
            _ => 40,
        };
        let prose = characters.saturating_sub(linked) * percent / 100;
        Weight { characters, linked, prose, runs: 1 }
    }
}

/// A letter of a script that writes syllables or words with one character counts for two.
fn width(character: char) -> usize {
    match character {
        '\u{a0}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{2000}'..='\u{200a}' | '\u{3000}' | '\u{feff}' => 0,
        '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' => 2,
        _ => 1,
    }
}

fn is_comma(character: char) -> bool {
    matches!(character, '،' | '؛' | '、' | '，' | '；' | '：' | '፣' | '፤' | '՝' | '·' | '«' | '»' | '„' | '“' | '”' | '–' | '—')
}
