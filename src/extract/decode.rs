//! Bytes to text as a browser reads them: a byte order mark, then the `Content-Type`, then the page's own `meta`, then what the
//! bytes look like.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

use crate::text::charset::Charset;

/// How far the page's own `meta` is looked for: browsers promise 1024 bytes, real pages need more.
const PRESCAN: usize = 8192;
/// How much of a page the detector reads.
const DETECT: usize = 64 << 10;

pub(super) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>, top_level_domain: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(length..).unwrap_or_default()).0;
    }
    // What is UTF-8 beyond ASCII is hardly ever anything else, whatever it is called: old pages that were moved to a new server.
    if !bytes.is_ascii()
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return if is_encoded_twice(text) { Cow::Owned(decoded_again(text)) } else { Cow::Borrowed(text) };
    }
    let charset = content_type.and_then(of_content_type).or_else(|| declared(bytes));
    match charset {
        // Pages that say nothing, or UTF-8 without being it, are read by what they look like.
        Some(charset) if charset.encoding != UTF_8 || mostly_utf8(bytes) => charset.decode(bytes),
        Some(_) | None => detected(bytes, top_level_domain).decode_without_bom_handling(bytes).0,
    }
}

fn of_content_type(content_type: &str) -> Option<Charset> {
    let lower = content_type.to_ascii_lowercase();
    let (_, label) = lower.split_once("charset=")?;
    let label = label.trim_start_matches(['"', '\'', ' ']);
    Charset::for_label(label.split(['"', '\'', ';', ' ']).next().unwrap_or(label))
}

/// The encoding that `<meta charset>`, its `http-equiv` form or an XML declaration names.
fn declared(bytes: &[u8]) -> Option<Charset> {
    let head = bytes.get(..PRESCAN.min(bytes.len())).unwrap_or_default().to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head);
    let mut rest: &str = &head;
    while let Some(at) = rest.find('<') {
        let tag = rest.get(at..).unwrap_or_default();
        let end = tag.find('>').unwrap_or(tag.len());
        let (inside, after) = tag.split_at(end);
        if inside.starts_with("<!--") {
            rest = tag.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let named = ["charset", "encoding"].iter().find_map(|name| inside.split_once(name)).map(|(_, value)| value.trim_start());
        let is_place = inside.starts_with("<meta") || inside.starts_with("<?xml");
        if is_place && let Some(value) = named.and_then(|value| value.strip_prefix('=')) {
            let label = value.trim_start_matches(['"', '\'', ' ']);
            let label = label.split(['"', '\'', ';', ' ', '/', '?']).next().unwrap_or(label);
            if let Some(charset) = Charset::for_label(label) {
                // The HTML standard: a page that could be read up to here is neither UTF-16 nor user-defined.
                let impossible = charset.encoding == UTF_16BE || charset.encoding == UTF_16LE;
                return Some(if impossible {
                    UTF_8.into()
                } else if charset.encoding == X_USER_DEFINED {
                    WINDOWS_1252.into()
                } else {
                    charset
                });
            }
        }
        rest = after.get(1..).unwrap_or_default();
    }
    None
}

/// Whether bytes that are not quite UTF-8 are nothing else: cut or mixed in a few places.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut rest, mut bad) = (bytes, 0_usize);
    while let Err(error) = std::str::from_utf8(rest) {
        bad += 1;
        let skip = error.valid_up_to() + error.error_len().unwrap_or(1);
        rest = rest.get(skip..).unwrap_or_default();
    }
    let beyond_ascii = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    bad * 20 <= beyond_ascii
}

fn detected(bytes: &[u8], top_level_domain: Option<&str>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes.get(..DETECT.min(bytes.len())).unwrap_or_default(), true);
    detector.guess(top_level_domain.filter(|domain| domain.is_ascii()).map(str::as_bytes), Utf8Detection::Allow)
}

/// Whether a text was UTF-8 that a program took for windows-1252 and encoded once more: only then do controls follow accented
/// letters, or the parts of a quotation mark each other.
fn is_encoded_twice(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_twice = |at| matches!(bytes.get(at..), Some([0xc3, 0x82..=0xb4, 0xc2, 0x80..=0x9f, ..] | [0xc3, 0xa2, 0xe2, 0x82, ..]));
    memchr::memchr_iter(0xc3, bytes).any(is_twice)
}

/// Undoes the second encoding wherever the first one shows.
fn decoded_again(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let bytes: Vec<u8> =
            rest.chars().take(4).map_while(|character| if character.is_ascii() { None } else { byte(character) }).collect();
        let once = (2..=bytes.len()).find_map(|length| std::str::from_utf8(bytes.get(..length)?).ok());
        let taken = once.map_or(1, |once| once.chars().map(char::len_utf8).sum());
        match once {
            Some(once) => decoded.push_str(once),
            None => decoded.push(first),
        }
        let length = rest.chars().take(taken).map(char::len_utf8).sum();
        rest = rest.get(length..).unwrap_or_default();
    }
    decoded
}

/// The byte that windows-1252 writes for a character. Its five empty places are controls.
fn byte(character: char) -> Option<u8> {
    u8::try_from(u32::from(character)).ok().or_else(|| {
        let mut buffer = [0; 4];
        let (bytes, _, failed) = WINDOWS_1252.encode(character.encode_utf8(&mut buffer));
        if failed { None } else { bytes.first().copied() }
    })
}
