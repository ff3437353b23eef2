//! What a page says of its article in JSON-LD: `NewsArticle` and its kin, alone, in lists or in a `@graph`, broken or not, and beside
//! what it says of other articles.

mod lenient;
mod subject;

use std::cmp::Reverse;

use serde_json::{Map, Value};

use self::subject::Claim;
pub(super) use self::subject::Subject;

/// The statements about the article, as written.
#[derive(Debug, Default)]
pub(super) struct Linked {
    pub(super) headline: Option<String>,
    pub(super) published: Option<String>,
    pub(super) modified: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) image: Option<String>,
    pub(super) language: Option<String>,
    pub(super) section: Option<String>,
    pub(super) keywords: Vec<String>,
    pub(super) site: Option<String>,
    /// The page says that it is an article, not just some page.
    pub(super) is_article: bool,
    /// The page says that readers must pay.
    pub(super) is_paid: bool,
}

/// Reads all JSON-LD scripts of a page that is about `subject`. What cannot be read is as if it were not there.
pub(super) fn read(scripts: &[&str], subject: &Subject<'_>) -> Linked {
    let values: Vec<Value> = scripts.iter().flat_map(|script| parse(script)).collect();
    let mut found = Vec::new();
    for value in &values {
        collect(value, false, &mut found);
    }
    let objects: Vec<&Map<String, Value>> = found.iter().map(|found| found.object).collect();
    let mut linked = Linked::default();
    if let Some(object) = described(&found, subject) {
        linked.read(object, &objects);
    }
    linked
}

/// The object that is most likely about the page's article.
fn described<'a>(found: &[Found<'a>], subject: &Subject<'_>) -> Option<&'a Map<String, Value>> {
    let ranked = found.iter().filter_map(|Found { object, is_part }| {
        let rank = rank(object);
        let is_part = *is_part || rank == VIDEO;
        let claim = if rank == 0 { Claim::Another } else { subject.claim(object, headline(object).as_deref(), is_part) };
        let (is_this, is_whole) = match claim {
            Claim::This => (rank >= ARTICLE, true),
            Claim::Unclear => (false, !is_part),
            Claim::Another => return None,
        };
        Some((Reverse((is_this, is_whole, rank)), *object))
    });
    // The first of equals.
    ranked.min_by_key(|(order, _)| *order).map(|(_, object)| object)
}

/// The longest JSON-LD that is read.
const MAX_SCRIPT: usize = 1 << 20;

fn parse(script: &str) -> Vec<Value> {
    if script.len() > MAX_SCRIPT {
        return Vec::new();
    }
    let strict: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(script).into_iter::<Value>().collect();
    strict.unwrap_or_else(|_| lenient::read(script))
}

/// An object of a page's JSON-LD.
struct Found<'a> {
    object: &'a Map<String, Value>,
    /// It stands for a part of what another one is about.
    is_part: bool,
}

/// All objects of a value, however deep. Both readers bound the depth.
fn collect<'a>(value: &'a Value, is_part: bool, found: &mut Vec<Found<'a>>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect(value, is_part, found)),
        Value::Object(object) => {
            found.push(Found { object, is_part });
            for (key, value) in object {
                match key.as_str() {
                    "@graph" | "mainEntity" | "mainEntityOfPage" | "author" | "publisher" | "isPartOf" => collect(value, is_part, found),
                    "hasPart" | "liveBlogUpdate" | "itemReviewed" => collect(value, true, found),
                    _ => {}
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The ranks of what is an article, and of films.
const ARTICLE: u8 = 4;
const VIDEO: u8 = 2;

/// How much an object is the article: 0 when it is something else.
fn rank(object: &Map<String, Value>) -> u8 {
    let rank = |name: &str| match name.rsplit('/').next().unwrap_or(name) {
        "NewsArticle"
        | "ReportageNewsArticle"
        | "AnalysisNewsArticle"
        | "OpinionNewsArticle"
        | "BackgroundNewsArticle"
        | "ReviewNewsArticle" => 5,
        "Article" | "BlogPosting" | "TechArticle" | "ScholarlyArticle" | "LiveBlogPosting" | "Report" | "AdvertiserContentArticle" => {
            ARTICLE
        }
        "SocialMediaPosting" | "DiscussionForumPosting" | "Review" | "Recipe" | "MedicalWebPage" => 3,
        "VideoObject" => VIDEO,
        "WebPage" | "ItemPage" | "CreativeWork" => 1,
        _ => 0,
    };
    match object.get("@type") {
        Some(Value::String(name)) => rank(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(rank).max().unwrap_or(0),
        _ => 0,
    }
}

impl Linked {
    fn read(&mut self, object: &Map<String, Value>, all: &[&Map<String, Value>]) {
        let text = |key: &str| object.get(key).and_then(first_text);
        self.headline = headline(object);
        self.is_article = rank(object) >= ARTICLE;
        self.published = text("datePublished").or_else(|| text("dateCreated")).or_else(|| text("uploadDate"));
        self.modified = text("dateModified");
        self.language = text("inLanguage");
        self.section = text("articleSection");
        self.authors = ["author", "creator"].iter().find_map(|key| object.get(*key)).map(|value| people(value, all)).unwrap_or_default();
        self.image = ["image", "thumbnailUrl"].iter().find_map(|key| object.get(*key)).and_then(|image| address(image, all));
        self.site = object.get("publisher").map(|value| people(value, all)).and_then(|names| names.into_iter().next());
        self.keywords = object.get("keywords").map(keywords).unwrap_or_default();
        self.is_paid = match object.get("isAccessibleForFree") {
            Some(Value::Bool(free)) => !free,
            Some(Value::String(free)) => free.eq_ignore_ascii_case("false"),
            _ => false,
        };
    }
}

fn headline(object: &Map<String, Value>) -> Option<String> {
    ["headline", "name"].iter().find_map(|key| object.get(*key).and_then(first_text))
}

fn first_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Array(values) => values.iter().find_map(first_text),
        Value::Object(object) => ["@value", "name"].iter().find_map(|key| object.get(*key)).and_then(first_text),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// The object that `{"@id": …}` stands for.
fn resolved<'a>(object: &'a Map<String, Value>, all: &[&'a Map<String, Value>]) -> &'a Map<String, Value> {
    let id = object.get("@id").and_then(Value::as_str).filter(|_| object.len() == 1);
    let named = id.and_then(|id| all.iter().find(|other| other.len() > 1 && other.get("@id").and_then(Value::as_str) == Some(id)));
    named.copied().unwrap_or(object)
}

fn people(value: &Value, all: &[&Map<String, Value>]) -> Vec<String> {
    match value {
        Value::String(name) => vec![name.clone()],
        Value::Array(values) => values.iter().flat_map(|value| people(value, all)).collect(),
        Value::Object(object) => {
            let object = resolved(object, all);
            match object.get("name") {
                Some(Value::Array(names)) => names.iter().filter_map(first_text).collect(),
                Some(name) => first_text(name).into_iter().collect(),
                None => Vec::new(),
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

fn address(value: &Value, all: &[&Map<String, Value>]) -> Option<String> {
    match value {
        Value::String(address) => Some(address.clone()),
        Value::Array(values) => values.iter().find_map(|value| address_of_one(value, all)),
        other => address_of_one(other, all),
    }
}

fn address_of_one(value: &Value, all: &[&Map<String, Value>]) -> Option<String> {
    match value {
        Value::String(address) => Some(address.clone()),
        Value::Object(object) => {
            let object = resolved(object, all);
            ["url", "contentUrl", "@id"].iter().find_map(|key| object.get(*key)).and_then(first_text)
        }
        Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn keywords(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect(),
        Value::Array(values) => values.iter().filter_map(first_text).collect(),
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}
