//! An article's text with the words that counted marked: whole, or as snippets around them.

use std::fmt::Write as _;
use std::ops::Range;

/// How much text is shown on both sides of a word, in bytes.
const AROUND: usize = 90;

/// What stands before and after a marked word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks(pub(super) &'static str, pub(super) &'static str);

/// For a terminal, and for everything else.
pub(super) const COLOUR: Marks = Marks("\x1b[1;33m", "\x1b[0m");
pub(super) const BRACKETS: Marks = Marks("[", "]");

/// The text with all places marked. Places are byte offsets into it; those that overlap are marked as one.
pub(super) fn whole(text: &str, places: &[Range<usize>], marks: Marks) -> String {
    let mut marked = String::with_capacity(text.len() + places.len() * 8);
    section(&mut marked, text, 0..text.len(), &joined(places, 0), marks);
    marked
}

/// The surroundings of the places; empty when there are none.
pub(super) fn snippets(text: &str, places: &[Range<usize>], marks: Marks) -> String {
    let places = joined(places, 0);
    let wide: Vec<Range<usize>> = places.iter().map(|place| before(text, place.start)..after(text, place.end)).collect();
    let mut marked = String::new();
    for shown in joined(&wide, 1) {
        let _ = if shown.start > 0 { marked.write_str("… ") } else { Ok(()) };
        section(&mut marked, text, shown.clone(), &places, marks);
        marked.push_str(if shown.end < text.len() { " …\n" } else { "\n" });
    }
    marked
}

/// Writes a part of the text, without control characters save the end of a line.
fn section(marked: &mut String, text: &str, shown: Range<usize>, places: &[Range<usize>], marks: Marks) {
    let Marks(open, close) = marks;
    let plain = |range: Range<usize>| text.get(range).unwrap_or_default().chars().filter(|letter| *letter == '\n' || !letter.is_control());
    let mut at = shown.start;
    for place in places.iter().filter(|place| shown.start <= place.start && place.end <= shown.end) {
        marked.extend(plain(at..place.start));
        marked.push_str(open);
        marked.extend(plain(place.clone()));
        marked.push_str(close);
        at = place.end;
    }
    marked.extend(plain(at..shown.end));
}

/// The places in order, those that are `gap` bytes or less apart as one.
fn joined(places: &[Range<usize>], gap: usize) -> Vec<Range<usize>> {
    let mut sorted = places.to_vec();
    sorted.sort_by_key(|place| (place.start, place.end));
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(sorted.len());
    for place in sorted {
        match joined.last_mut().filter(|last| place.start < last.end + gap) {
            Some(last) => last.end = last.end.max(place.end),
            None => joined.push(place),
        }
    }
    joined
}

/// The beginning of a word some way before `at`, within the paragraph.
fn before(text: &str, at: usize) -> usize {
    let from = text.floor_char_boundary(at.saturating_sub(AROUND));
    let between = text.get(from..at).unwrap_or_default();
    let paragraph = between.rfind('\n').map(|end| end + 1);
    let word = || between.find(' ').map(|end| end + 1);
    from + paragraph.or_else(|| if from == 0 { Some(0) } else { word() }).unwrap_or(0)
}

/// The end of a word some way after `at`, within the paragraph.
fn after(text: &str, at: usize) -> usize {
    let to = text.ceil_char_boundary((at + AROUND).min(text.len()));
    let between = text.get(at..to).unwrap_or_default();
    let paragraph = between.find('\n');
    let word = || between.rfind(' ');
    paragraph.or_else(|| if to == text.len() { None } else { word() }).map_or(to, |length| at + length)
}
