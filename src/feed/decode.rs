//! Bytes to text. Which charset is right is said in many places, and they lie: what decodes without an error wins, and
//! text that is valid UTF-8 is UTF-8 whatever is said of it.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use url::Url;

use super::Warning;
use crate::text::charset::Charset;

/// How far into a document a declaration of its charset is looked for, in bytes.
const DECLARATION: usize = 1024;

/// The text of a document, without its byte order mark and without characters that XML forbids.
///
/// The address only helps to guess: what is `.ru` is rather Cyrillic.
pub(super) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>, url: Option<&Url>, warnings: &mut Vec<Warning>) -> Cow<'a, str> {
    let text = with_mark(bytes).unwrap_or_else(|| without_mark(bytes, content_type, url, warnings));
    if may_have_unwanted(text.as_bytes()) && text.contains(|character| is_forbidden(character) || is_c1(character)) {
        warnings.push(Warning("removed control characters".to_owned()));
        return Cow::Owned(text.chars().filter(|character| !is_forbidden(*character)).map(windows_1252).collect());
    }
    text
}

/// U+0080 to U+009F are no printable characters; who writes them means Windows-1252 (as HTML, section 13.2.5.80, says).
pub(super) fn windows_1252(character: char) -> char {
    match u8::try_from(character) {
        Ok(byte) if is_c1(character) => WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next().unwrap_or(character),
        _ => character,
    }
}

fn is_c1(character: char) -> bool {
    matches!(character, '\u{80}'..='\u{9f}')
}

/// Whether there may be forbidden or C1 characters. Looking at pairs of bytes, without a branch, is many times faster than looking at
/// characters: several are compared at once.
#[expect(clippy::needless_bitwise_bool, reason = "without a branch several bytes are compared at once")]
fn may_have_unwanted(bytes: &[u8]) -> bool {
    let is_control = |byte: u8| (byte < b' ') & (byte != b'\t') & (byte != b'\n') & (byte != b'\r');
    let is_pair = |one: u8, two: u8| ((one == 0xc2) & (two < 0xa0)) | ((one == 0xef) & (two == 0xbf));
    let next = bytes.get(1..).unwrap_or_default();
    let pairs = bytes.iter().zip(next).fold(false, |found, (one, two)| found | is_control(*one) | is_pair(*one, *two));
    pairs | bytes.last().is_some_and(|byte| is_control(*byte))
}

/// Whether XML 1.0, section 2.2, forbids the character.
pub(super) fn is_forbidden(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// The text of a document that begins with a byte order mark, or with the zeros of an ASCII character in UTF-16 or UTF-32.
fn with_mark(bytes: &[u8]) -> Option<Cow<'_, str>> {
    match bytes {
        [0, 0, 0xfe, 0xff, rest @ ..] => Some(utf_32(rest, u32::from_be_bytes)),
        [0xff, 0xfe, 0, 0, rest @ ..] => Some(utf_32(rest, u32::from_le_bytes)),
        [0, 0, 0, b'<', ..] => Some(utf_32(bytes, u32::from_be_bytes)),
        [b'<', 0, 0, 0, ..] => Some(utf_32(bytes, u32::from_le_bytes)),
        [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).ok().map(Cow::Borrowed),
        [0xfe, 0xff, rest @ ..] => Some(UTF_16BE.decode_without_bom_handling(rest).0),
        [0xff, 0xfe, rest @ ..] => Some(UTF_16LE.decode_without_bom_handling(rest).0),
        [0, b'<', 0, _, ..] => Some(UTF_16BE.decode_without_bom_handling(bytes).0),
        [b'<', 0, _, 0, ..] => Some(UTF_16LE.decode_without_bom_handling(bytes).0),
        _ => None,
    }
}

fn utf_32(bytes: &[u8], unit: impl Fn([u8; 4]) -> u32) -> Cow<'_, str> {
    let (units, _) = bytes.as_chunks::<4>();
    units.iter().map(|bytes| char::from_u32(unit(*bytes)).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn without_mark<'a>(bytes: &'a [u8], content_type: Option<&str>, url: Option<&Url>, warnings: &mut Vec<Warning>) -> Cow<'a, str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let said = [content_type.and_then(charset_parameter), declared(bytes)];
    let said = || said.iter().flatten().copied();
    let utf_8 = std::str::from_utf8(bytes).ok();
    // ISO-2022-JP is written in ASCII bytes; all else that is valid UTF-8 is UTF-8.
    if let Some(text) = utf_8.filter(|_| !(bytes.contains(&0x1b) && said().any(|charset| charset.encoding == ISO_2022_JP))) {
        if !text.is_ascii() && said().next().is_some_and(|charset| charset.encoding != UTF_8) {
            warnings.push(Warning("the text is UTF-8, although another charset is declared".to_owned()));
        }
        return Cow::Borrowed(text);
    }
    if is_nearly_utf_8(bytes) {
        warnings.push(Warning("some characters of the UTF-8 text are broken".to_owned()));
        return UTF_8.decode_without_bom_handling(bytes).0;
    }
    if let Some(text) = said().find_map(|charset| charset.decode_strictly(bytes)) {
        return text;
    }
    let encoding = guess(bytes, url);
    warnings.push(Warning(format!("the charset is not declared or declared wrongly; read as {}", encoding.name())));
    encoding.decode_without_bom_handling(bytes).0
}

/// A few broken characters (a text cut in the middle of one) do not make it something else.
fn is_nearly_utf_8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    whole > 10 * broken
}

fn guess(bytes: &[u8], url: Option<&Url>) -> &'static encoding_rs::Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let top_level = url.and_then(Url::domain).and_then(|domain| domain.rsplit('.').next());
    // The detector panics on names that are not in the form of DNS.
    let top_level = top_level.filter(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
    detector.guess(top_level.map(str::as_bytes), Utf8Detection::Allow)
}

/// The `charset` of a `Content-Type`. US-ASCII is what programs say that know nothing.
fn charset_parameter(content_type: &str) -> Option<Charset> {
    let (_, label) = content_type
        .split(';')
        .skip(1)
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
    let label = label.trim().trim_matches(['"', '\'']);
    if label.to_ascii_lowercase().contains("ascii") { None } else { Charset::for_label(label) }
}

/// The encoding of the XML declaration, or of a `meta` element of HTML.
fn declared(bytes: &[u8]) -> Option<Charset> {
    let start = bytes.get(..DECLARATION.min(bytes.len()))?;
    let start = String::from_utf8_lossy(start);
    let value = match start.split_once("<?xml") {
        Some((_, declaration)) => declaration.split_once('>')?.0.split_once("encoding")?.1,
        None => start.split_once("charset")?.1,
    };
    let label = value.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let label = label.split(['"', '\'', '?', ' ', '>', '/']).next()?;
    Charset::for_label(label)
}
