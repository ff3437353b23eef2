//! What a reader narrows a wire to: `?lang=kk&min_score=5&limit=20`; and what is said where that cannot be read.

use std::collections::BTreeSet;
use std::fmt;

use super::Tongue;
use crate::config::Config;
use crate::model::{Language, Published, Scope};

/// The most entries that a reader may ask for.
pub const MAX_LIMIT: usize = 200;

/// A part of a wire. The default is the whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// In one of these languages; any when there are none.
    languages: BTreeSet<Language>,
    min_score: Option<f64>,
    limit: Option<usize>,
    /// Which a reader of a wire that is not for everybody showed in its address.
    token: Option<String>,
}

impl View {
    /// Reads a query. Keys that mean nothing here are passed over: readers and proxies add their own.
    ///
    /// # Errors
    /// The first value that cannot be read.
    pub fn parse(query: &str) -> Result<Self, Misread> {
        let mut view = Self::default();
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match key.as_ref() {
                "lang" => {
                    for language in value.split(',').filter(|language| !language.is_empty()) {
                        let language = Language::new(language).map_err(|_| Misread::Languages(value.to_string()))?;
                        view.languages.insert(language);
                    }
                }
                "min_score" => {
                    let score = value.parse().ok().filter(|score: &f64| score.is_finite());
                    view.min_score = Some(score.ok_or_else(|| Misread::Score(value.to_string()))?);
                }
                "limit" => {
                    let limit = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
                    view.limit = Some(limit.ok_or_else(|| Misread::Limit(value.to_string()))?);
                }
                _ => {}
            }
        }
        Ok(view)
    }

    /// The same for a reader whose address has this token in it.
    #[must_use]
    pub fn with_token(self, token: Option<String>) -> Self {
        Self { token, ..self }
    }

    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.languages.is_empty() && self.min_score.is_none() && self.limit.is_none()
    }

    /// Whether it has all that it admits, without a limit: then archives go on where it ends.
    #[must_use]
    pub fn is_endless(&self) -> bool {
        self.limit.is_none()
    }

    /// How many entries it has at most in a wire of `entries`.
    #[must_use]
    pub fn limit(&self, entries: usize) -> usize {
        self.limit.unwrap_or(entries)
    }

    /// Whether an entry of the wire of `scope` is in it.
    #[must_use]
    pub fn admits(&self, config: &Config, scope: &Scope, entry: &Published) -> bool {
        let article = &entry.article;
        let spoken = || {
            article
                .article
                .language
                .as_ref()
                .is_some_and(|language| self.languages.iter().any(|asked| asked.as_str() == language.primary()))
        };
        let enough = |least: f64| article.matches.iter().any(|found| found.score >= least && config.shown(&found.topic, scope).is_some());
        (self.languages.is_empty() || spoken()) && self.min_score.is_none_or(enough)
    }
}

/// A query with a token behind it.
pub(crate) fn with_token(query: &str, token: Option<&str>) -> String {
    let Some(token) = token else { return query.to_owned() };
    let token = url::form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish();
    if query.is_empty() { token } else { format!("{query}&{token}") }
}

/// As a query without the token, always the same for the same view.
impl fmt::Display for View {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if !self.languages.is_empty() {
            let languages: Vec<&str> = self.languages.iter().map(Language::as_str).collect();
            query.append_pair("lang", &languages.join(","));
        }
        if let Some(score) = self.min_score {
            query.append_pair("min_score", &score.to_string());
        }
        if let Some(limit) = self.limit {
            query.append_pair("limit", &limit.to_string());
        }
        formatter.write_str(&query.finish().replace("%2C", ","))
    }
}

/// Something in an address or a form that cannot be read, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misread {
    Languages(String),
    Score(String),
    Limit(String),
    Day(String),
    Agency(String),
    /// Where the page before ended.
    Place(String),
    /// What is wrong with the words that are looked for.
    Words(String),
}

impl Misread {
    /// What is wrong and what to write, for people.
    #[must_use]
    pub fn said(&self, tongue: Tongue) -> String {
        let [english, russian, kazakh] = self.advice();
        let advice = match tongue {
            Tongue::English => english,
            Tongue::Russian => russian,
            Tongue::Kazakh => kazakh,
        };
        match self {
            Self::Languages(text) => format!("`lang={text}`: {advice} `lang=kk,ru`"),
            Self::Score(text) => format!("`min_score={text}`: {advice} `min_score=12.5`"),
            Self::Limit(text) => format!("`limit={text}`: {advice} 1–{MAX_LIMIT}"),
            Self::Day(text) => format!("`{text}`: {advice} 2025-03-01"),
            Self::Agency(text) | Self::Place(text) => format!("`{text}`: {advice}"),
            Self::Words(mistake) => mistake.clone(),
        }
    }

    /// In English, Russian and Kazakh; an example follows some.
    fn advice(&self) -> [&'static str; 3] {
        match self {
            Self::Languages(_) => ["write codes as in", "коды языков пишутся так:", "тіл кодтары былай жазылады:"],
            Self::Score(_) => ["write a number as in", "число пишется так:", "сан былай жазылады:"],
            Self::Limit(_) => ["write a whole number,", "нужно целое число,", "бүтін сан керек,"],
            Self::Day(_) => ["write a day as in", "день пишется так:", "күн былай жазылады:"],
            Self::Agency(_) => ["there is no such agency", "такого агентства нет", "мұндай агенттік жоқ"],
            Self::Place(_) => [
                "one cannot go on from there; begin with the newest",
                "отсюда продолжить нельзя; начните с новейших",
                "бұл жерден жалғастыруға болмайды; ең жаңасынан бастаңыз",
            ],
            Self::Words(_) => [""; 3],
        }
    }
}
