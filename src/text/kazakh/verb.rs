//! Kazakh verbs by their infinitive, as dictionaries and rules have them: `қорғайды`, `қорғаған` and `қорғамаған` are `қорғау`.
//!
//! Stem + negation + tense + person. Imperatives of the second person and forms of two words (`жазып отыр`) are left as they are: a bare
//! stem is too often a noun.

use super::{is_voiceless, is_vowel, without_if};

const PERSONS: &[&str] = &["мын", "мін", "мыз", "міз", "сың", "сің", "сыз", "сіз", "ңыз", "ңіз", "м", "ң", "қ", "к"];
#[rustfmt::skip]
const TENSES: &[&str] = &[
    "ды", "ді", "ты", "ті", "ған", "ген", "қан", "кен", "ады", "еді", "йды", "йді", "иды", "иді", "атын", "етін", "йтын", "йтін", "итын",
    "итін", "ып", "іп", "п", "са", "се", "сын", "сін",
];
/// The tense that needs a person after it: `жазамын`.
const PRESENT: &[&str] = &["а", "е", "й", "и"];
const NEGATIONS: &[&str] = &["ма", "ме", "ба", "бе", "па", "пе"];
/// Tenses that take the endings of nouns.
const PARTICIPLES: &[&str] = &["ған", "ген", "қан", "кен", "тын", "тін"];

/// Adds the infinitives that the first of `stems`, a word, can be a form of, or that a participle among the others can.
pub(super) fn add_infinitives(stems: &mut Vec<String>) {
    for place in 0..stems.len() {
        let Some(word) = stems.get(place).cloned() else { return };
        if place == 0 || PARTICIPLES.iter().any(|ending| word.ends_with(ending)) {
            add_tenses(&word, TENSES, stems);
        }
        if place > 0 {
            continue;
        }
        for person in PERSONS {
            let Some(rest) = word.strip_suffix(person) else { continue };
            add_tenses(rest, TENSES, stems);
            // Of one letter are only the persons of the past and of the conditional.
            if person.chars().nth(1).is_some() {
                add_tenses(rest, PRESENT, stems);
            }
        }
    }
}

fn add_tenses(word: &str, tenses: &[&str], found: &mut Vec<String>) {
    for stem in tenses.iter().filter_map(|tense| without_if(word, tense, fits_verb)) {
        add_infinitive(stem, found);
        for stem in NEGATIONS.iter().filter_map(|negation| without_if(stem, negation, fits_verb)) {
            add_infinitive(stem, found);
        }
    }
}

/// `жаз` is of `жазу`, `оқы` of `оқу`, `қой` of `қою`, `шық` of `шығу`.
fn add_infinitive(stem: &str, found: &mut Vec<String>) {
    let Some(last) = stem.chars().next_back() else { return };
    let shorter = stem.strip_suffix(last).unwrap_or(stem);
    let candidates = match last {
        'ы' | 'і' => [Some(format!("{shorter}у")), None],
        'й' => [Some(format!("{shorter}ю")), None],
        'қ' => [Some(format!("{stem}у")), Some(format!("{shorter}ғу"))],
        'к' => [Some(format!("{stem}у")), Some(format!("{shorter}гу"))],
        'п' => [Some(format!("{stem}у")), Some(format!("{shorter}бу"))],
        _ => [Some(format!("{stem}у")), None],
    };
    for candidate in candidates.into_iter().flatten() {
        if !found.contains(&candidate) {
            found.push(candidate);
        }
    }
}

/// Whether the stem's last sound asks for the ending's first.
fn fits_verb(stem: &str, ending: &str) -> bool {
    let Some(last) = stem.chars().next_back() else { return false };
    let (vowel, voiceless) = (is_vowel(last), is_voiceless(last));
    let nasal = matches!(last, 'м' | 'н' | 'ң' | 'з' | 'ж');
    match ending.chars().next() {
        Some('т' | 'қ' | 'к') => voiceless,
        Some('д' | 'ғ' | 'г') => !voiceless,
        Some('а' | 'е' | 'ы' | 'і' | 'и') => !vowel || last == 'у',
        Some('м') => !voiceless && !nasal,
        Some('б') => nasal,
        // A negation, or the vowel's kind of `ып`.
        Some('п') if NEGATIONS.contains(&ending) => voiceless,
        Some('п' | 'й') => vowel,
        Some(_) | None => true,
    }
}
