//! What hostile markup may cost. The time that parsing takes grows with the square of the depth of a page and of the attributes of
//! a tag, so tags beyond what any honest page has are left out before it is parsed.

use std::borrow::Cow;

/// The deepest nesting that is kept: eight times what browsers keep.
const MAX_DEPTH: usize = 4096;
const MAX_ATTRIBUTES: usize = 256;
/// The longest page that is read: a bomb of 10 MB is still read whole.
const MAX_PAGE: usize = 16 << 20;

/// The page without its excess. Honest pages are returned as they are.
pub(super) fn bounded(page: Cow<'_, str>) -> Cow<'_, str> {
    let mut kept = String::new();
    let (mut copied, mut at, mut depth) = (0, 0, 0_usize);
    let page_end = page.floor_char_boundary(MAX_PAGE);
    while let Some(start) = next_tag(&page, at).filter(|start| *start < page_end) {
        let tag = Tag::read(&page, start);
        depth = if tag.closes { depth.saturating_sub(usize::from(tag.nests)) } else { depth + usize::from(tag.nests) };
        let too_deep = depth > MAX_DEPTH && tag.nests && !tag.closes;
        if too_deep || tag.cut < tag.end {
            // A tag with too many attributes keeps its first ones.
            kept.push_str(page.get(copied..if too_deep { start } else { tag.cut }).unwrap_or_default());
            kept.push_str(if too_deep { "" } else { ">" });
            copied = tag.end;
            depth -= usize::from(too_deep);
        }
        at = tag.end;
    }
    if copied == 0 && page_end == page.len() {
        return page;
    }
    kept.push_str(page.get(copied..page_end).unwrap_or_default());
    Cow::Owned(kept)
}

/// A tag, or what looks like one, from its `<`.
struct Tag {
    /// It opens or closes a level.
    nests: bool,
    closes: bool,
    /// Where the attributes that are too many begin, or `end`.
    cut: usize,
    /// After its `>`.
    end: usize,
}

impl Tag {
    fn read(page: &str, start: usize) -> Self {
        let bytes = page.as_bytes();
        let rest = bytes.get(start + 1..).unwrap_or_default();
        let closes = rest.first() == Some(&b'/');
        let name = rest.get(usize::from(closes)..).unwrap_or_default();
        let length = name.iter().take(24).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let name = name.get(..length).unwrap_or_default();
        if !name.first().is_some_and(u8::is_ascii_alphabetic) {
            return Self { nests: false, closes, cut: start + 1, end: start + 1 };
        }
        let (cut, end) = attributes(bytes, start + 1 + usize::from(closes) + length);
        let raw = !closes && (name.eq_ignore_ascii_case(b"script") || name.eq_ignore_ascii_case(b"style"));
        // The text of a script is not markup. When it never ends, nothing after it is.
        if raw && cut == end {
            let end = end_of_raw(page, end, name);
            return Self { nests: false, closes, cut: end, end };
        }
        Self { nests: !is_flat(name), closes, cut, end }
    }
}

/// Elements that hold nothing or cannot hold themselves without another element between.
fn is_flat(name: &[u8]) -> bool {
    const FLAT: [&str; 22] = [
        "p", "li", "td", "th", "tr", "dt", "dd", "option", "br", "img", "hr", "meta", "link", "input", "source", "wbr", "area", "base",
        "col", "embed", "script", "style",
    ];
    FLAT.iter().any(|flat| name.eq_ignore_ascii_case(flat.as_bytes()))
}

/// Where the end tag of a script or style that begins before `start` begins.
fn end_of_raw(page: &str, start: usize, name: &[u8]) -> usize {
    let is_end = |at: &usize| {
        let tag = page.as_bytes().get(*at + 1..).unwrap_or_default();
        tag.first() == Some(&b'/') && tag.get(1..=name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name))
    };
    std::iter::successors(next_tag(page, start), |at| next_tag(page, at + 1)).find(is_end).unwrap_or(page.len())
}

/// Where the next `<` is.
fn next_tag(page: &str, start: usize) -> Option<usize> {
    page.get(start..)?.find('<').map(|offset| start + offset)
}

/// Where the attributes that are too many begin, and where the tag ends.
fn attributes(bytes: &[u8], start: usize) -> (usize, usize) {
    let (mut count, mut cut, mut quote, mut before) = (0_usize, None, None, b' ');
    for (index, byte) in bytes.iter().copied().enumerate().skip(start) {
        match quote {
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None if byte == b'>' => return (cut.unwrap_or(index + 1), index + 1),
            None if matches!(byte, b'"' | b'\'') && before == b'=' => quote = Some(byte),
            None => {
                let begins = !is_space(byte) && is_space(before);
                count += usize::from(begins);
                if count > MAX_ATTRIBUTES && cut.is_none() {
                    cut = Some(index);
                }
            }
        }
        if !(is_space(byte) && before == b'=') {
            before = byte;
        }
    }
    (cut.unwrap_or(bytes.len()), bytes.len())
}

/// What stands between attributes; after a quote no space is needed.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c | b'/' | b'"' | b'\'')
}
