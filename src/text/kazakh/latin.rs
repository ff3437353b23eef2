//! Kazakh in Latin letters, read as Cyrillic: the spelling of 2018 (`á ǵ ı ń ó ú ý`), which Kazinform writes, and that of 2021
//! (`ä ğ ı ñ ö ş ū ü`).
//!
//! They disagree on `i`, `ı` and `u`: `jetim` and `jetım` are both `жетім`, each in its own. A word that has no letter of one alone is read
//! in both. And each has one letter for `и` and `й`, and none for `ц`: what they stand for is told by the letters around them, and where
//! that leaves a doubt there are two readings more.

/// Of a word so many readings are given at most.
const MAX_READINGS: usize = 8;

/// What the word can be in Cyrillic, the likelier first; letters of other alphabets stay.
pub(in crate::text) fn to_cyrillic(word: &str) -> Vec<String> {
    let (old, new) = (word.contains(['á', 'ǵ', 'ń', 'ó', 'ú', 'ý']), word.contains(['ä', 'ğ', 'ñ', 'ö', 'ş', 'ū', 'ü']));
    let spellings: &[&Spelling] = match (old, new) {
        (false, true) => &[&OF_2021],
        (false, false) if word.contains(['i', 'ı', 'u']) => &[&OF_2018, &OF_2021],
        _ => &[&OF_2018],
    };
    let mut readings: Vec<String> = Vec::new();
    for reading in spellings.iter().flat_map(|spelling| spelling.read(word)) {
        if !readings.contains(&reading) {
            readings.push(reading);
        }
    }
    readings
}

struct Spelling {
    /// The longest first.
    sequences: &'static [(&'static str, &'static str)],
    letters: (&'static str, &'static str),
    /// Both `и` and `й`.
    glide: char,
    /// `у`
    u: char,
}

const OF_2018: Spelling = Spelling {
    sequences: &[("shch", "щ"), ("tsh", "тш"), ("sh", "ш"), ("ch", "ч"), ("ts", "ц")],
    letters: ("aábvgǵdejziqklmnńoóprstýuúfhyəxcw", "аәбвгғдежзіқклмнңоөпрстуұүфхыәхкв"),
    glide: 'ı',
    u: 'ý',
};
const OF_2021: Spelling = Spelling {
    sequences: &[("şş", "щ"), ("iya", "ия"), ("ch", "ч"), ("ts", "ц")],
    letters: ("aäbvgğdejzıqklmnñoöprsştuūüfhyəxcw", "аәбвгғдежзіқклмнңоөпрсштуұүфхыәхкв"),
    glide: 'i',
    u: 'u',
};

impl Spelling {
    fn read(&self, word: &str) -> Vec<String> {
        let mut readings = vec![String::with_capacity(word.len() * 2)];
        let mut rest = word;
        while let Some(letter) = rest.chars().next() {
            let (choices, length) = self.next(&readings, rest, letter);
            let (first, others) = choices.split_first().unwrap_or((&"", &[]));
            let more = others.iter().flat_map(|other| readings.iter().map(move |reading| format!("{reading}{other}")));
            let more: Vec<String> = more.take(MAX_READINGS.saturating_sub(readings.len())).collect();
            for reading in &mut readings {
                if choices.is_empty() {
                    reading.push(self.letter(letter));
                } else {
                    reading.push_str(first);
                }
            }
            readings.extend(more);
            rest = rest.get(length..).unwrap_or_default();
        }
        readings
    }

    /// What `rest` begins with can be, and how long that is; none where a letter is a letter.
    fn next(&self, readings: &[String], rest: &str, letter: char) -> (&'static [&'static str], usize) {
        if let Some((latin, letters)) = self.sequences.iter().find(|(latin, _)| rest.starts_with(latin)) {
            return (std::slice::from_ref(letters), latin.len());
        }
        let last = readings.first().and_then(|reading| reading.chars().next_back());
        let after = rest.get(letter.len_utf8()..).and_then(|after| after.chars().next());
        // `polısıa`
        if letter == 's' && last.is_some_and(|last| last != 'с') && self.is_followed_by_ia(rest) {
            return (&["с", "ц"], 1);
        }
        if letter != self.glide {
            return (&[], letter.len_utf8());
        }
        let pair = letter.len_utf8() + after.map_or(0, char::len_utf8);
        match (last, after) {
            (last, Some('a')) => (if last.is_none_or(is_vowel) { &["я"] } else { &["ия", "я"] }, pair),
            (Some(last), Some(after)) if after == self.u => (if is_vowel(last) { &["ю"] } else { &["ию", "ю"] }, pair),
            (None, Some(after)) if after == self.u => (&["ю"], pair),
            // `Ukraına`, and all words of Kazakh have `й`.
            (Some('а' | 'о' | 'е' | 'э'), _) => (&["й", "и"], letter.len_utf8()),
            (Some(last), _) if is_vowel(last) => (&["й"], letter.len_utf8()),
            _ => (&["и"], letter.len_utf8()),
        }
    }

    fn is_followed_by_ia(&self, rest: &str) -> bool {
        let mut letters = rest.chars().skip(1);
        letters.next() == Some(self.glide) && letters.next() == Some('a')
    }

    fn letter(&self, letter: char) -> char {
        let place = self.letters.0.chars().position(|candidate| candidate == letter);
        place.and_then(|place| self.letters.1.chars().nth(place)).unwrap_or(letter)
    }
}

fn is_vowel(letter: char) -> bool {
    "аәеоөұүыіиуэюяё".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::to_cyrillic;

    #[test]
    fn every_letter_has_a_counterpart() {
        for spelling in [super::OF_2018, super::OF_2021] {
            assert_eq!(spelling.letters.0.chars().count(), spelling.letters.1.chars().count());
        }
        assert_eq!(to_cyrillic("balalardyń"), ["балалардың"]);
        assert_eq!(to_cyrillic("jasóspirimderge"), ["жасөспірімдерге"]);
        assert_eq!(to_cyrillic("qūqyğy"), ["құқығы"]);
        assert_eq!(to_cyrillic("jetım"), ["жетим", "жетім"]);
        assert_eq!(to_cyrillic("sóıleý"), ["сөйлеу"]);
        assert!(to_cyrillic("ıııııııııııııııı").len() <= 2 * super::MAX_READINGS);
    }
}
