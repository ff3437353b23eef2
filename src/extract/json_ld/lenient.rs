//! Reads what was meant to be JSON, as far as it goes: templates leave out commas and brackets, write quotes into texts, comment, and
//! are cut off. Any text can be read, in time linear in its length; what makes no sense is passed over.

use serde_json::map::Entry;
use serde_json::{Map, Value};

/// Nothing of worth is deeper.
const MAX_DEPTH: usize = 64;
/// How far is looked, in bytes, to tell whether a quotation mark ends a text.
const MAX_GLANCE: usize = 200;
/// Longer names, in bytes, are none.
const MAX_KEY: usize = 64;

/// All objects and arrays that stand in a text, one after the other.
pub(super) fn read(text: &str) -> Vec<Value> {
    // In JSON itself quotation marks must stand.
    if !text.contains('"') && text.contains("&quot;") {
        return values(&text.replace("&quot;", "\"").replace("&amp;", "&"));
    }
    values(text)
}

fn values(text: &str) -> Vec<Value> {
    let mut reader = Reader::new(text);
    let mut values = Vec::new();
    while let Some(character) = reader.peek_past_noise() {
        if matches!(character, '{' | '[') {
            values.extend(reader.value(Place::Top, 0));
        } else {
            reader.next();
        }
    }
    values
}

/// Where a value or a text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Key,
    Object,
    Array,
}

struct Reader<'a> {
    rest: &'a str,
    /// How many objects are being read, one inside the other.
    objects: usize,
    /// The same of arrays.
    arrays: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text, objects: 0, arrays: 0 }
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next();
        self.rest = characters.as_str();
        next
    }

    /// Takes what `wanted` accepts from the beginning of the rest.
    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|character| !wanted(character)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn strip(&mut self, start: &str) -> bool {
        let rest = self.rest.strip_prefix(start);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// The next character that means something: not white space, and in no comment.
    fn peek_past_noise(&mut self) -> Option<char> {
        loop {
            self.take(|character| character.is_whitespace() || character.is_control() || character == '\u{feff}');
            if self.strip("/*") {
                self.rest = self.rest.split_once("*/").map_or("", |(_, rest)| rest);
            } else if self.strip("//") {
                self.take(|character| character == ' ');
                if !self.strip_marker() {
                    self.take(|character| !matches!(character, '\n' | '\r'));
                }
            } else if !self.strip_marker() {
                return self.peek();
            }
        }
    }

    /// What hides a script from old browsers.
    fn strip_marker(&mut self) -> bool {
        ["<!--", "-->", "<![CDATA[", "]]>"].iter().any(|marker| self.strip(marker))
    }

    /// As [`Reader::peek_past_noise`], past commas too.
    fn peek_past_commas(&mut self) -> Option<char> {
        while matches!(self.peek_past_noise(), Some(',' | ';')) {
            self.next();
        }
        self.peek()
    }

    /// The value that begins here. None where there is none, or it is cut off.
    fn value(&mut self, place: Place, depth: usize) -> Option<Value> {
        if depth >= MAX_DEPTH {
            self.rest = "";
            return None;
        }
        match self.peek()? {
            '{' => Some(Value::Object(self.object(depth))),
            '[' => Some(Value::Array(self.array(depth))),
            character if is_quote(character) => self.text(place).map(Value::String),
            _ => bare(self.take(|character| !is_mark(character))),
        }
    }

    fn object(&mut self, depth: usize) -> Map<String, Value> {
        let mut object = Map::new();
        self.next();
        self.objects += 1;
        while let Some(character) = self.peek_past_commas() {
            if character == '}' {
                self.next();
                break;
            }
            if character == ']' && self.arrays > 0 {
                break;
            }
            let before = self.rest.len();
            if let Some(key) = self.key()
                && let Some(value) = self.member(depth)
                && let Entry::Vacant(entry) = object.entry(key)
            {
                entry.insert(value);
            }
            if self.rest.len() == before {
                self.next();
            }
        }
        self.objects -= 1;
        object
    }

    fn array(&mut self, depth: usize) -> Vec<Value> {
        let mut array = Vec::new();
        self.next();
        self.arrays += 1;
        while let Some(character) = self.peek_past_commas() {
            if character == ']' {
                self.next();
                break;
            }
            if character == '}' && self.objects > 0 {
                break;
            }
            let before = self.rest.len();
            array.extend(self.value(Place::Array, depth + 1));
            if self.rest.len() == before {
                self.next();
            }
        }
        self.arrays -= 1;
        array
    }

    /// A name and the colon after it.
    fn key(&mut self) -> Option<String> {
        let key = if self.peek().is_some_and(is_quote) {
            self.text(Place::Key)?
        } else {
            self.take(|character| character != ':' && !is_mark(character) && !character.is_whitespace()).to_owned()
        };
        (self.peek_past_noise() == Some(':') && !key.is_empty()).then(|| {
            self.next();
            key
        })
    }

    /// What a name stands for.
    fn member(&mut self, depth: usize) -> Option<Value> {
        match self.peek_past_noise()? {
            ',' | '}' | ']' => None,
            _ => self.value(Place::Object, depth + 1),
        }
    }

    /// A text in quotation marks, some of which may be its own. None where it does not end.
    fn text(&mut self, place: Place) -> Option<String> {
        let open = self.next()?;
        let mut text = String::new();
        loop {
            match self.next()? {
                '\\' => text.extend(self.escaped()),
                character if is_closing(open, character) && ends(self.rest, place) => return Some(text),
                character if character.is_control() => text.push(' '),
                character => text.push(character),
            }
        }
    }

    /// What an escape stands for, after its backslash. An unknown one stands for itself.
    fn escaped(&mut self) -> Option<char> {
        match self.next()? {
            'n' | 'r' | 't' => Some(' '),
            'b' | 'f' => None,
            'u' => {
                let high = self.unit()?;
                if !(0xd800..0xdc00).contains(&high) {
                    return char::from_u32(high);
                }
                let low = if self.strip("\\u") { self.unit() } else { None };
                low.and_then(|low| char::from_u32(0x10000 + ((high - 0xd800) << 10) + low.checked_sub(0xdc00)?))
            }
            character => Some(character),
        }
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4).filter(|(digits, _)| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        self.rest = rest;
        u32::from_str_radix(digits, 16).ok()
    }

    /// Whether a name and a colon begin here.
    fn is_at_key(&mut self) -> bool {
        let Some(first) = self.peek() else { return false };
        let name = if is_quote(first) {
            self.next();
            let name = self.take(|character| !is_closing(first, character) && character != '\n');
            name.len() <= MAX_KEY && self.next().is_some_and(|character| is_closing(first, character)) && !name.is_empty()
        } else {
            // Words of a text can stand before a colon as well: names without quotation marks are in plain letters.
            !self.take(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '@' | '$' | '-')).is_empty()
        };
        name && self.peek_past_noise() == Some(':')
    }
}

fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\'' | '“' | '”')
}

fn is_closing(open: char, character: char) -> bool {
    character == open || (matches!(open, '“' | '”') && matches!(character, '“' | '”'))
}

/// Whether a character ends a word without quotation marks.
fn is_mark(character: char) -> bool {
    is_quote(character) || matches!(character, ',' | ';' | '{' | '}' | '[' | ']' | '\n' | '\r')
}

/// Whether a text ends at a quotation mark, by what stands `after` it.
fn ends(after: &str, place: Place) -> bool {
    let end = after.floor_char_boundary(MAX_GLANCE);
    let mut glance = Reader::new(after.get(..end).unwrap_or_default());
    match (place, glance.peek_past_noise()) {
        (Place::Key, _) | (_, None | Some('}' | ']' | ';')) => true,
        (_, Some(',')) => match (place, glance.peek_past_commas()) {
            (_, None | Some('}' | ']')) => true,
            (Place::Object, Some(_)) => glance.is_at_key(),
            (Place::Top | Place::Key | Place::Array, Some(next)) => {
                is_quote(next) || matches!(next, '{' | '[' | '-') || next.is_ascii_alphanumeric()
            }
        },
        // A comma is missing, or the text goes on.
        (Place::Object, Some(next)) => is_quote(next) && glance.is_at_key(),
        (Place::Top | Place::Array, Some(next)) => is_quote(next),
    }
}

/// A word without quotation marks: a number, a truth, nothing, or a text.
fn bare(word: &str) -> Option<Value> {
    // A comment may follow.
    let word = word.split(" /").next().unwrap_or_default().trim();
    match word {
        "" | "undefined" | "None" | "NaN" | "nil" => None,
        "True" => Some(Value::Bool(true)),
        "False" => Some(Value::Bool(false)),
        word => Some(serde_json::from_str(word).unwrap_or_else(|_| Value::String(word.to_owned()))),
    }
}
