//! Kazakh in Latin letters, read as Cyrillic: the spelling of 2018 (`á ǵ ı ń ó ú ý`), which Kazinform writes, and that of 2021
//! (`ä ğ ñ ö ş ū ü`). Both are read by one table; a word that shows neither's letters is read as of 2018.

/// The word in Cyrillic; letters of other alphabets stay.
pub(in crate::text) fn to_cyrillic(word: &str) -> String {
    let of_2021 = word.contains(['ä', 'ğ', 'ñ', 'ö', 'ş', 'ū', 'ü']) && !word.contains(['á', 'ǵ', 'ń', 'ó', 'ú', 'ý']);
    let (sequences, letters) = if of_2021 { (SEQUENCES_2021, LETTERS_2021) } else { (SEQUENCES_2018, LETTERS_2018) };
    let mut cyrillic = String::with_capacity(word.len() * 2);
    let mut rest = word;
    while let Some(letter) = rest.chars().next() {
        if let Some((latin, letters)) = sequences.iter().find(|(latin, _)| rest.starts_with(latin)) {
            cyrillic.push_str(letters);
            rest = rest.strip_prefix(latin).unwrap_or_default();
            continue;
        }
        let place = letters.0.chars().position(|candidate| candidate == letter);
        cyrillic.push(place.and_then(|place| letters.1.chars().nth(place)).unwrap_or(letter));
        rest = rest.strip_prefix(letter).unwrap_or_default();
    }
    cyrillic
}

/// The longest first.
const SEQUENCES_2018: &[(&str, &str)] = &[
    ("shch", "щ"),
    ("tsh", "тш"),
    ("ııa", "ия"),
    ("ııý", "ию"),
    ("ıa", "я"),
    ("ıý", "ю"),
    ("ıo", "ё"),
    ("sh", "ш"),
    ("ch", "ч"),
    ("ts", "ц"),
];
const LETTERS_2018: (&str, &str) = ("aábvgǵdejzıikqlmnńoóprstýuúfhyəxcw", "аәбвгғдежзиікқлмнңоөпрстуұүфхыәхкв");
const SEQUENCES_2021: &[(&str, &str)] = &[("şş", "щ"), ("iya", "ия"), ("ia", "я"), ("iu", "ю"), ("io", "ё"), ("ch", "ч"), ("ts", "ц")];
const LETTERS_2021: (&str, &str) = ("aäbvgğdejziıkqlmnñoöprsştuūüfhyəxcw", "аәбвгғдежзиікқлмнңоөпрсштуұүфхыәхкв");

#[cfg(test)]
mod tests {
    use super::to_cyrillic;

    #[test]
    fn every_letter_has_a_counterpart() {
        for letters in [super::LETTERS_2018, super::LETTERS_2021] {
            assert_eq!(letters.0.chars().count(), letters.1.chars().count());
        }
        assert_eq!(to_cyrillic("balalardyń"), "балалардың");
        assert_eq!(to_cyrillic("jasóspirimderge"), "жасөспірімдерге");
        assert_eq!(to_cyrillic("qūqyğy"), "құқығы");
    }
}
