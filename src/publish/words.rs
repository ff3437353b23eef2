//! Texts made fit for publication: characters that XML forbids, summaries, and the reason of a match in a line.

use super::tongue::Phrases;
use crate::model::Match;

/// How many different words are named as the reason.
const MAX_WORDS: usize = 8;

/// The most characters of a summary that stands for the whole text.
const MAX_SUMMARY: usize = 400;

/// The text without what XML 1.0 forbids (section 2.2) or validators frown at: C0 and C1 controls, noncharacters. A carriage
/// return becomes a line feed, as a reader would make of it.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .filter_map(|character| match character {
            '\r' => Some('\n'),
            '\t' | '\n' => Some(character),
            '\u{fdd0}'..='\u{fdef}' => None,
            _ if character.is_control() || u32::from(character) & 0xfffe == 0xfffe => None,
            _ => Some(character),
        })
        .collect()
}

/// The beginning of a text, cut between words.
pub(crate) fn shortened(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(MAX_SUMMARY) else { return text.to_owned() };
    let cut = text.get(..end).unwrap_or(text);
    let whole = cut.rfind(char::is_whitespace).and_then(|space| cut.get(..space)).unwrap_or(cut);
    format!("{}…", whole.trim_end_matches(|character: char| !character.is_alphanumeric()))
}

/// Why an entry is in the wire: the words that counted, the most frequent first, and the score.
pub(super) fn why(matched: &Match, phrases: &Phrases) -> String {
    let mut words: Vec<(String, usize)> = Vec::new();
    for evidence in &matched.evidence {
        let word = plain(&evidence.text).to_lowercase();
        match words.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => words.push((word, 1)),
        }
    }
    words.sort_by(|(_, one), (_, other)| other.cmp(one));
    let more = words.len().saturating_sub(MAX_WORDS);
    words.truncate(MAX_WORDS);
    let mut named: Vec<String> = words.into_iter().map(|(word, count)| if count > 1 { format!("{word} ×{count}") } else { word }).collect();
    if more > 0 {
        named.push(format!("{more} {}", phrases.more));
    }
    format!("{}, {} {:.1}: {}", matched.topic, phrases.score, matched.score, named.join(", "))
}
