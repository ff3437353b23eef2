//! Reads TOML tables key by key and gathers every mistake with its place, where serde would stop at the first.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Mistake;

/// The mistakes found so far.
pub(super) struct Mistakes<'t> {
    text: &'t str,
    found: Vec<(usize, String)>,
}

impl<'t> Mistakes<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, found: Vec::new() }
    }

    pub(super) fn add(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.found.push((span.start, message.into()));
    }

    pub(super) fn count(&self) -> usize {
        self.found.len()
    }

    /// The text that a value was written as.
    pub(super) fn written(&self, span: Range<usize>) -> &'t str {
        self.text.get(span).unwrap_or_default()
    }

    /// The byte at which line `line` (from 1) and character `column` (from 1), counted from byte `start`, stand.
    pub(super) fn place(&self, start: usize, line: usize, column: usize) -> usize {
        let rest = self.text.get(start..).unwrap_or_default();
        let line_start: usize = rest.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let line_text = rest.get(line_start..).unwrap_or_default();
        let within = line_text.char_indices().nth(column.saturating_sub(1)).map_or(0, |(index, _)| index);
        start + line_start + within
    }

    /// In the order of the text.
    pub(super) fn into_found(mut self) -> Vec<Mistake> {
        self.found.sort();
        let text = self.text;
        let mistake = |(start, message): (usize, String)| {
            let before = text.get(..start).unwrap_or(text);
            let line_start = before.rfind('\n').map_or(0, |index| index + 1);
            let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
            Mistake { line: before.matches('\n').count() + 1, column, message }
        };
        self.found.into_iter().map(mistake).collect()
    }
}

/// A table of which each key is asked for once; [`Table::finish`] reports the keys that nobody asked for.
#[derive(Default)]
pub(super) struct Table<'a> {
    span: Range<usize>,
    values: BTreeMap<&'a str, (Range<usize>, &'a Spanned<DeValue<'a>>)>,
    asked: Vec<&'static str>,
}

impl<'a> Table<'a> {
    pub(super) fn new(table: &'a DeTable<'a>, span: Range<usize>) -> Self {
        let values = table.iter().map(|(key, value)| (key.get_ref().as_ref(), (key.span(), value))).collect();
        Self { span, values, asked: Vec::new() }
    }

    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    fn take(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.push(key);
        self.values.remove(key).map(|(_, value)| value)
    }

    /// The text of a key that is asked for later, if it is text.
    pub(super) fn peek(&self, key: &str) -> Option<(&'a str, Range<usize>)> {
        let (_, value) = self.values.get(key)?;
        value.get_ref().as_str().map(|text| (text, value.span()))
    }

    pub(super) fn text(&mut self, key: &'static str, mistakes: &mut Mistakes<'_>) -> Option<Spanned<&'a str>> {
        let value = self.take(key)?;
        if let Some(text) = value.get_ref().as_str() {
            return Some(Spanned::new(value.span(), text));
        }
        mistakes.add(value.span(), format!("`{key}` is text: write it in quotes"));
        None
    }

    /// Text that `parse` makes a value of; its error is the message.
    pub(super) fn parsed<T, E: Display>(
        &mut self,
        key: &'static str,
        mistakes: &mut Mistakes<'_>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(key, mistakes)?;
        parse(text.get_ref()).map_err(|error| mistakes.add(text.span(), error.to_string())).ok()
    }

    /// As [`Table::parsed`]; that the key is absent is a mistake too.
    pub(super) fn required<T, E: Display>(
        &mut self,
        key: &'static str,
        mistakes: &mut Mistakes<'_>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if !self.values.contains_key(key) {
            mistakes.add(self.span(), format!("`{key}` is missing"));
        }
        self.parsed(key, mistakes, parse)
    }

    /// One text or a list of texts.
    pub(super) fn texts(&mut self, key: &'static str, mistakes: &mut Mistakes<'_>) -> Vec<Spanned<&'a str>> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let items: Vec<&Spanned<DeValue<'a>>> = match value.get_ref() {
            DeValue::Array(array) => array.iter().collect(),
            _ => vec![value],
        };
        let text = |item: &&'a Spanned<DeValue<'a>>| {
            let text = item.get_ref().as_str();
            if text.is_none() {
                mistakes.add(item.span(), format!("`{key}` is text or a list of texts: write them in quotes"));
            }
            text.map(|text| Spanned::new(item.span(), text))
        };
        items.iter().filter_map(text).collect()
    }

    pub(super) fn flag(&mut self, key: &'static str, mistakes: &mut Mistakes<'_>) -> Option<bool> {
        let value = self.take(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            mistakes.add(value.span(), format!("`{key}` is true or false, without quotes"));
        }
        flag
    }

    pub(super) fn number(&mut self, key: &'static str, range: RangeInclusive<u64>, mistakes: &mut Mistakes<'_>) -> Option<u64> {
        let value = self.take(key)?;
        let number = value.get_ref().as_integer().and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok());
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            mistakes.add(value.span(), format!("`{key}` is a whole number from {} to {}", range.start(), range.end()));
        }
        number
    }

    /// A positive number, whole or not.
    pub(super) fn decimal(&mut self, key: &'static str, mistakes: &mut Mistakes<'_>) -> Option<f64> {
        let value = self.take(key)?;
        let written = match value.get_ref() {
            DeValue::Integer(number) => number.as_str().parse().ok(),
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => None,
        };
        let number = written.filter(|number: &f64| number.is_finite() && *number > 0.0);
        if number.is_none() {
            mistakes.add(value.span(), format!("`{key}` is a number above zero"));
        }
        number
    }

    /// A time span as people write it: `90s`, `10m`, `1h 30m`, `2days`.
    pub(super) fn duration(&mut self, key: &'static str, range: RangeInclusive<Duration>, mistakes: &mut Mistakes<'_>) -> Option<Duration> {
        if let Some((_, value)) = self.values.get(key).filter(|(_, value)| value.get_ref().as_str().is_none()) {
            mistakes.add(value.span(), format!("`{key}` is a time span in quotes: write \"90s\", \"10m\", \"2h\" or \"1day\""));
            self.take(key);
            return None;
        }
        self.parsed(key, mistakes, |text| {
            let duration = humantime::parse_duration(text)
                .map_err(|_| format!("`{text}` is not a time span: write \"90s\", \"10m\", \"2h\" or \"1day\""))?;
            let [min, max] = [range.start(), range.end()].map(|bound| humantime::format_duration(*bound));
            if range.contains(&duration) { Ok(duration) } else { Err(format!("`{key}` is from {min} to {max}")) }
        })
    }

    pub(super) fn table(&mut self, key: &'static str, mistakes: &mut Mistakes<'_>) -> Option<Table<'a>> {
        let value = self.take(key)?;
        if let DeValue::Table(table) = value.get_ref() {
            return Some(Table::new(table, value.span()));
        }
        mistakes.add(value.span(), format!("`{key}` is a table: write [{key}] above its keys"));
        None
    }

    /// All keys that are left, which may have any name, with the places of their names and their texts.
    pub(super) fn into_texts(self, mistakes: &mut Mistakes<'_>) -> Vec<(&'a str, Range<usize>, Spanned<&'a str>)> {
        let text = |(key, (place, value)): (&'a str, (Range<usize>, &'a Spanned<DeValue<'a>>))| {
            let text = value.get_ref().as_str();
            if text.is_none() {
                mistakes.add(value.span(), format!("`{key}` is text: write it in quotes"));
            }
            Some((key, place, Spanned::new(value.span(), text?)))
        };
        self.values.into_iter().filter_map(text).collect()
    }

    /// An array of tables: `[[feed]]`.
    pub(super) fn tables(&mut self, key: &'static str, mistakes: &mut Mistakes<'_>) -> Vec<Table<'a>> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let DeValue::Array(array) = value.get_ref() else {
            mistakes.add(value.span(), format!("`{key}` stands once for each {key}: write [[{key}]]"));
            return Vec::new();
        };
        let mut tables = Vec::with_capacity(array.len());
        for item in array {
            match item.get_ref() {
                DeValue::Table(table) => tables.push(Table::new(table, item.span())),
                _ => mistakes.add(item.span(), format!("each `{key}` is a table: write [[{key}]] above its keys")),
            }
        }
        tables
    }

    /// Reports what is left: keys that mean nothing here.
    pub(super) fn finish(self, mistakes: &mut Mistakes<'_>) {
        for (key, (span, _)) in &self.values {
            let near = self.asked.iter().max_by(|one, other| strsim::jaro(key, one).total_cmp(&strsim::jaro(key, other)));
            let hint = match near {
                Some(near) if strsim::jaro(key, near) > 0.75 => format!("did you mean `{near}`?"),
                _ => format!("known here: {}", self.asked.join(", ")),
            };
            mistakes.add(span.clone(), format!("there is no key `{key}` here; {hint}"));
        }
    }
}
