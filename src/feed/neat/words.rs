//! The texts and the values of attributes in neat HTML: read, and written as HTML is serialised.

use std::borrow::Cow;

use crate::feed::entities;

/// Bytes that are looked at together.
const CHUNK: usize = 32;

/// Whether it is an address of the web whose spelling leaves no questions.
pub(super) fn is_plain_address(value: &str) -> bool {
    let Some(rest) = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://")) else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_plain_label = |label: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        label.bytes().all(is_plain) && label.starts_with(|first: char| first.is_ascii_alphanumeric()) && !label.contains("--")
    };
    // The last label of an IPv4 address begins with a digit, and not all such addresses are valid.
    let last = host.rsplit('.').next().unwrap_or_default();
    host.split('.').all(is_plain_label) && last.starts_with(|first: char| first.is_ascii_alphabetic()) && !last.ends_with('-')
}

/// The value of an attribute without its references. None: some of them are not neat.
pub(super) fn references(value: &str) -> Option<Cow<'_, str>> {
    if value.contains('\r') {
        return None;
    }
    if !value.contains('&') {
        return Some(Cow::Borrowed(value));
    }
    let (mut text, mut rest) = (String::with_capacity(value.len()), value);
    while let Some((before, source)) = rest.find('&').and_then(|start| rest.split_at_checked(start)) {
        text.push_str(before);
        let (character, length) = reference(source, true)?;
        text.push(character);
        rest = source.get(length..)?;
    }
    text.push_str(rest);
    Some(Cow::Owned(text))
}

/// The character that the `&` at the front of `source` stands for, and the length of what was read. None: that is not neat.
fn reference(source: &str, in_attribute: bool) -> Option<(char, usize)> {
    let name = source.get(1..)?;
    let end = name.bytes().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(name.len());
    if end == 0 && !name.starts_with('#') || in_attribute && end > 0 && name.as_bytes().get(end) == Some(&b'=') {
        return Some(('&', 1));
    }
    let (character, length) = entities::character(source)?;
    Some((character.filter(|character| is_neat(*character))?, length))
}

/// Whether a reference to the character means the same to everybody. HTML has changed its mind about two brackets.
fn is_neat(character: char) -> bool {
    let is_noncharacter = u32::from(character) & 0xfffe == 0xfffe || matches!(character, '\u{fdd0}'..='\u{fdef}');
    !is_noncharacter && !character.is_control() && !matches!(character, '\u{2329}' | '\u{232a}')
}

/// Writes a text, up to the next `<`, or a whole value of an attribute, as HTML is serialised (section 13.3), and gives what follows.
pub(super) fn push_escaped<'h>(source: &'h str, in_attribute: bool, html: &mut String) -> Option<&'h str> {
    let mut rest = source;
    while let Some((before, special)) = special(rest.as_bytes()).and_then(|start| rest.split_at_checked(start)) {
        html.push_str(before);
        let (character, length) = match special.as_bytes().first()? {
            b'<' if !in_attribute => return Some(special),
            b'&' => reference(special, in_attribute)?,
            0xc2 => (special.chars().next()?, 2),
            // HTML knows one kind of line break.
            b'\r' => ('\n', if special.starts_with("\r\n") { 2 } else { 1 }),
            byte if byte.is_ascii_control() => return None,
            byte => (char::from(*byte), 1),
        };
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' if in_attribute => html.push_str("&quot;"),
            '\u{a0}' => html.push_str("&nbsp;"),
            character => html.push(character),
        }
        rest = special.get(length..)?;
    }
    html.push_str(rest);
    Some("")
}

/// Writes the value of an attribute whose references are resolved already.
pub(super) fn push_resolved(value: &str, html: &mut String) -> Option<()> {
    push_escaped(&value.replace('&', "&amp;"), true, html).map(|_| ())
}

/// Where the first byte is that [`is_special`].
fn special(bytes: &[u8]) -> Option<usize> {
    // Those of a chunk are looked at together, without a branch.
    let (chunks, _) = bytes.as_chunks::<CHUNK>();
    let is_plain = |chunk: &&[u8; CHUNK]| !chunk.iter().fold(false, |found, byte| found | is_special(*byte));
    let plain = chunks.iter().take_while(is_plain).count() * CHUNK;
    let within = bytes.get(plain..)?.iter().position(|byte| is_special(*byte))?;
    Some(plain + within)
}

/// Whether a character that begins with the byte may need more than being written.
#[expect(clippy::needless_bitwise_bool, reason = "without a branch several bytes are compared at once")]
fn is_special(byte: u8) -> bool {
    let is_control = (byte < b' ') & (byte != b'\n') & (byte != b'\t');
    let is_markup = (byte == b'&') | (byte == b'<') | (byte == b'>') | (byte == b'"');
    is_control | is_markup | (byte == 0x7f) | (byte == 0xc2)
}
