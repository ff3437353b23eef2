//! What of a page is parsed. Left out is what nobody reads: the code of scripts and styles, drawings and remarks, often a third of a
//! page. And left out is what is beyond any honest page: the time that parsing takes grows with the square of the depth of a page and
//! of the attributes of a tag.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr3, memmem};

/// The deepest nesting that is kept: eight times what browsers keep.
const MAX_DEPTH: usize = 4096;
const MAX_ATTRIBUTES: usize = 256;
/// The longest page that is read, in bytes.
const MAX_PAGE: usize = 16 << 20;
/// What follows tags of so much weight is not read: what they make is all in memory at the same time. The richest of two thousand pages
/// weighs 180,000.
const MAX_WEIGHT: usize = 800_000;

/// The page without what nobody reads, and without its excess.
pub(super) fn bounded(page: Cow<'_, str>) -> Cow<'_, str> {
    let mut page_end = page.floor_char_boundary(MAX_PAGE);
    let bytes = page.as_bytes().get(..page_end).unwrap_or_default();
    let mut kept = Kept { page: &page, text: String::new(), copied: 0, endless: Vec::new(), is_foreign: false };
    let (mut at, mut depth, mut weight) = (0, 0_usize, 0);
    while let Some(start) = next_tag(bytes, at) {
        let is_remark = from(bytes, start).starts_with(b"<!--");
        let tag = Tag::read(bytes, start, kept.is_foreign);
        // An element or a remark, the text after it, and the attributes that there may be in so many bytes; more than a few are rather
        // long ones.
        weight += if is_remark { 4 } else { 2 + ((tag.end - start) / 8).min(32) };
        if weight > MAX_WEIGHT {
            page_end = start;
            break;
        }
        if is_remark {
            at = kept.leave_out(start + 4..end_of_remark(bytes, start));
            continue;
        }
        depth = if tag.closes { depth.saturating_sub(usize::from(tag.nests)) } else { depth + usize::from(tag.nests) };
        if depth > MAX_DEPTH && tag.nests && !tag.closes {
            depth -= 1;
            kept.leave_out(start..tag.end);
        } else if let Some(cut) = tag.cut {
            // A tag with too many attributes keeps its first ones.
            kept.leave_out(cut..tag.end - 1);
        }
        at = kept.pass(bytes, &tag);
    }
    if kept.copied == 0 && page_end == page.len() {
        return page;
    }
    kept.leave_out(page_end..page_end);
    Cow::Owned(kept.text)
}

/// The page as far as it was copied.
struct Kept<'a> {
    page: &'a str,
    text: String,
    copied: usize,
    /// The elements that have no end tag from here on. What follows such a start tag may be the article: it is left to the parser.
    endless: Vec<&'static [u8]>,
    /// Whether the parser may be inside a drawing or formula, where nothing is data and nothing is flat.
    is_foreign: bool,
}

impl Kept<'_> {
    /// Leaves out what nobody reads after a tag; tells where the next one is looked for.
    fn pass(&mut self, bytes: &[u8], tag: &Tag) -> usize {
        let name = match tag.inside {
            Inside::Data(_) if self.is_foreign => return tag.end,
            Inside::Data(name) | Inside::Code(name) => name,
            Inside::Drawing => b"svg",
            Inside::Formula => {
                self.is_foreign = true;
                return tag.end;
            }
            Inside::Markup => return tag.end,
        };
        let Some(end) = self.end_of(bytes, tag, name) else {
            self.is_foreign |= matches!(tag.inside, Inside::Drawing);
            return tag.end;
        };
        let is_read = match tag.inside {
            Inside::Data(_) => true,
            Inside::Code(_) => !self.is_foreign && is_entangled(bytes.get(tag.end..end).unwrap_or_default()),
            Inside::Drawing | Inside::Formula | Inside::Markup => false,
        };
        if is_read { end } else { self.leave_out(tag.end..end) }
    }

    /// Where the end tag of an element begins. Whether there is one is looked for once: the time stays linear.
    fn end_of(&mut self, bytes: &[u8], tag: &Tag, name: &'static [u8]) -> Option<usize> {
        if self.endless.contains(&name) {
            return None;
        }
        let is_drawing = matches!(tag.inside, Inside::Drawing);
        let end = if is_drawing { end_of_drawing(bytes, tag.end) } else { end_of_raw(bytes, tag.end, name) };
        if end.is_none() {
            self.endless.push(name);
        }
        end
    }

    /// Copies up to `range` and goes on at its end, which is returned.
    fn leave_out(&mut self, range: Range<usize>) -> usize {
        self.text.push_str(self.page.get(self.copied..range.start).unwrap_or_default());
        self.copied = range.end.max(self.copied);
        range.end
    }
}

/// What follows a start tag.
enum Inside {
    Markup,
    /// Text up to the end tag of this name, which is not markup.
    Data(&'static [u8]),
    /// The same, and nobody reads it.
    Code(&'static [u8]),
    Drawing,
    /// Markup to whose elements the rules of HTML do not apply: a formula, or a drawing that seems to end at once.
    Formula,
}

/// A tag, or what looks like one, from its `<`.
struct Tag {
    /// It opens or closes a level.
    nests: bool,
    closes: bool,
    /// Where the attributes begin that are too many.
    cut: Option<usize>,
    /// After its `>`.
    end: usize,
    inside: Inside,
}

impl Tag {
    fn read(bytes: &[u8], start: usize, is_foreign: bool) -> Self {
        let closes = from(bytes, start + 1).first() == Some(&b'/');
        let name_start = start + 1 + usize::from(closes);
        let mut name = [0; LONGEST];
        let length = name_at(from(bytes, name_start), &mut name);
        if !name.first().is_some_and(u8::is_ascii_alphabetic) {
            // `<!x>`, `<?x>` and `</ x>` are remarks up to their first `>`.
            let is_remark = closes || matches!(name.first(), Some(b'!' | b'?'));
            let end = if is_remark { memchr(b'>', from(bytes, start)).map_or(bytes.len(), |offset| start + offset + 1) } else { start + 1 };
            return Self { nests: false, closes, cut: None, end, inside: Inside::Markup };
        }
        let name = name.get(..length).unwrap_or_default();
        let end = end_of_tag(bytes, name_start + length);
        let attributes = bytes.get(name_start + length..end).unwrap_or_default();
        // Each attribute takes two bytes at least.
        let many = if attributes.len() > 2 * MAX_ATTRIBUTES { excess(attributes) } else { None };
        let inside = if closes { Inside::Markup } else { inside(name, attributes) };
        Self { nests: !is_flat(name, is_foreign), closes, cut: many.map(|excess| name_start + length + excess), end, inside }
    }
}

/// No name that matters is longer.
const LONGEST: usize = 10;

/// Reads the name of a tag, lower case, as far as it fits; tells its length.
fn name_at(bytes: &[u8], name: &mut [u8; LONGEST]) -> usize {
    let length = bytes.iter().take(LONGEST).take_while(|byte| !matches!(byte, b'>' | b'/') && !byte.is_ascii_whitespace()).count();
    for (place, byte) in name.iter_mut().zip(bytes.iter().take(length)) {
        *place = byte.to_ascii_lowercase();
    }
    length
}

fn inside(name: &[u8], attributes: &[u8]) -> Inside {
    match name {
        b"script" if states_facts(attributes) => Inside::Data(b"script"),
        b"script" => Inside::Code(b"script"),
        b"style" => Inside::Code(b"style"),
        b"noscript" => Inside::Code(b"noscript"),
        b"svg" if !attributes.ends_with(b"/>") => Inside::Drawing,
        b"svg" | b"math" => Inside::Formula,
        b"title" => Inside::Data(b"title"),
        b"textarea" => Inside::Data(b"textarea"),
        b"iframe" => Inside::Data(b"iframe"),
        b"xmp" => Inside::Data(b"xmp"),
        b"noframes" => Inside::Data(b"noframes"),
        b"noembed" => Inside::Data(b"noembed"),
        _ => Inside::Markup,
    }
}

/// Whether a script is JSON-LD, its plus sign perhaps an entity.
fn states_facts(attributes: &[u8]) -> bool {
    let lower = attributes.to_ascii_lowercase();
    [b"ld+json".as_slice(), b"ld&#"].iter().any(|kind| memmem::find(&lower, kind).is_some())
}

/// Whether a script holds a remark with another script, whose end tag may not be its own: the parser knows.
fn is_entangled(code: &[u8]) -> bool {
    let remark = memmem::find(code, b"<!--").map(|start| from(code, start));
    remark.is_some_and(|remark| memchr_iter(b'<', remark).any(|at| is_tag(from(remark, at + 1), b"", b"script")))
}

/// Elements that hold nothing or cannot hold themselves without another element between: most of them only in HTML itself.
fn is_flat(name: &[u8], is_foreign: bool) -> bool {
    match name {
        b"p" | b"li" | b"dt" | b"dd" | b"br" | b"img" | b"hr" | b"meta" | b"embed" => true,
        b"td" | b"th" | b"tr" | b"option" | b"link" | b"input" | b"source" | b"wbr" | b"area" | b"base" | b"col" | b"script" | b"style"
        | b"noscript" | b"title" | b"textarea" | b"iframe" | b"xmp" | b"noframes" | b"noembed" => !is_foreign,
        _ => false,
    }
}

/// Where the end tag of an element of text that begins before `start` begins.
fn end_of_raw(bytes: &[u8], start: usize, name: &[u8]) -> Option<usize> {
    let mut tags = memchr_iter(b'<', from(bytes, start)).map(|offset| start + offset);
    tags.find(|at| is_tag(from(bytes, at + 1), b"/", name))
}

/// Where the end tag of a drawing begins; others may be inside.
fn end_of_drawing(bytes: &[u8], start: usize) -> Option<usize> {
    let (mut open, mut at) = (1_usize, start);
    while let Some(found) = next_tag(bytes, at) {
        let tag = from(bytes, found + 1);
        at = found + 1;
        if is_tag(tag, b"/", b"svg") {
            open -= 1;
        } else if is_tag(tag, b"", b"svg") {
            at = end_of_tag(bytes, found);
            open += usize::from(!bytes.get(found..at).unwrap_or_default().ends_with(b"/>"));
        }
        if open == 0 {
            return Some(found);
        }
    }
    None
}

/// Whether a tag, of which the `<` is read, begins with `slash` and is of this name.
fn is_tag(tag: &[u8], slash: &[u8], name: &[u8]) -> bool {
    let after = slash.len() + name.len();
    tag.starts_with(slash)
        && tag.get(slash.len()..after).is_some_and(|found| found.eq_ignore_ascii_case(name))
        && tag.get(after).is_none_or(|next| matches!(next, b'>' | b'/') || next.is_ascii_whitespace())
}

/// Where the `-->` of a remark is. `<!-->` and `<!--->` are remarks too.
fn end_of_remark(bytes: &[u8], start: usize) -> usize {
    let inside = from(bytes, start + 2);
    let mut closes = memchr_iter(b'>', inside).filter(|at| *at >= 2);
    let end = closes.find_map(|at| {
        let before = inside.get(..at).unwrap_or_default();
        let length = if before.ends_with(b"--") { 2 } else { 3 };
        let closes = length == 2 || (at > 4 && before.ends_with(b"--!"));
        closes.then_some(start + 2 + at - length)
    });
    end.map_or(bytes.len(), |end| end.max(start + 4))
}

/// Where the next `<` is.
fn next_tag(bytes: &[u8], start: usize) -> Option<usize> {
    memchr(b'<', from(bytes, start)).map(|offset| start + offset)
}

fn from(bytes: &[u8], start: usize) -> &[u8] {
    bytes.get(start..).unwrap_or_default()
}

/// After the `>` that ends a tag whose attributes begin at `start`: one inside quotes does not.
fn end_of_tag(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(offset) = memchr3(b'>', b'"', b'\'', from(bytes, at)) {
        let found = at + offset;
        let byte = bytes.get(found).copied().unwrap_or(b'>');
        if byte == b'>' {
            return found + 1;
        }
        let before = bytes.get(at..found).unwrap_or_default().trim_ascii_end();
        let quoted = if before.ends_with(b"=") { memchr(byte, from(bytes, found + 1)) } else { Some(0) };
        let Some(length) = quoted else { break };
        at = if before.ends_with(b"=") { found + length + 2 } else { found + 1 };
    }
    bytes.len()
}

/// Where among the attributes of a tag those begin that are too many.
fn excess(attributes: &[u8]) -> Option<usize> {
    let (mut count, mut quote, mut before) = (0_usize, None, b' ');
    for (index, byte) in attributes.iter().copied().enumerate() {
        match quote {
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None if matches!(byte, b'"' | b'\'') && before == b'=' => quote = Some(byte),
            None => count += usize::from(!is_space(byte) && is_space(before)),
        }
        if count > MAX_ATTRIBUTES {
            return Some(index);
        }
        if !(is_space(byte) && before == b'=') {
            before = byte;
        }
    }
    None
}

/// What stands between attributes; after a quote no space is needed.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c | b'/' | b'"' | b'\'')
}
