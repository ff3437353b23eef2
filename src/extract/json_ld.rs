//! What a page says of its article in JSON-LD: `NewsArticle` and its kin, alone, in lists or in a `@graph`, mildly broken or not.

use serde_json::{Map, Value};

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
    /// The page says that readers must pay.
    pub(super) paid: bool,
}

/// Reads all JSON-LD scripts of a page. What cannot be read is as if it were not there.
pub(super) fn read(scripts: &[&str]) -> Linked {
    let values: Vec<Value> = scripts.iter().flat_map(|script| parse(script)).collect();
    let mut objects = Vec::new();
    for value in &values {
        collect(value, &mut objects);
    }
    let mut linked = Linked::default();
    let mut articles: Vec<&Map<String, Value>> = objects.iter().copied().filter(|object| rank(object) > 0).collect();
    articles.sort_by_key(|object| std::cmp::Reverse(rank(object)));
    for object in articles.into_iter().take(1) {
        linked.read(object, &objects);
    }
    linked
}

/// The longest JSON-LD that is read.
const MAX_SCRIPT: usize = 1 << 20;

fn parse(script: &str) -> Vec<Value> {
    let script = script.trim().trim_start_matches("<!--").trim_start_matches("//<![CDATA[").trim_start_matches("<![CDATA[");
    let script = script.trim().trim_end_matches("-->").trim_end_matches("//]]>").trim_end_matches("]]>").trim().trim_end_matches(';');
    if script.len() > MAX_SCRIPT {
        return Vec::new();
    }
    let read = |text: &str| serde_json::Deserializer::from_str(text).into_iter::<Value>().map_while(Result::ok).collect::<Vec<_>>();
    let values = read(script);
    if values.is_empty() { read(&repaired(script)) } else { values }
}

/// Raw line breaks inside strings become spaces, commas before a closing bracket go, and so do escapes that JSON does not know.
fn repaired(script: &str) -> String {
    let mut repaired = String::with_capacity(script.len());
    let (mut quoted, mut escaped) = (false, false);
    for character in script.chars() {
        if escaped {
            escaped = false;
            if !matches!(character, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') {
                repaired.pop();
            }
        } else if quoted && character == '\\' {
            escaped = true;
        } else if character == '"' {
            quoted = !quoted;
        } else if !quoted && matches!(character, '}' | ']') {
            let kept = repaired.trim_end().trim_end_matches(',').len();
            repaired.truncate(kept);
        }
        repaired.push(if character.is_control() { ' ' } else { character });
    }
    repaired
}

/// All objects of a value, however deep. `serde_json` bounds the depth.
fn collect<'a>(value: &'a Value, objects: &mut Vec<&'a Map<String, Value>>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect(value, objects)),
        Value::Object(object) => {
            objects.push(object);
            for (key, value) in object {
                if matches!(
                    key.as_str(),
                    "@graph"
                        | "mainEntity"
                        | "mainEntityOfPage"
                        | "hasPart"
                        | "author"
                        | "publisher"
                        | "isPartOf"
                        | "liveBlogUpdate"
                        | "itemReviewed"
                ) {
                    collect(value, objects);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// How much an object is the article: 0 when it is something else.
fn rank(object: &Map<String, Value>) -> u8 {
    let rank = |name: &str| match name.rsplit('/').next().unwrap_or(name) {
        "NewsArticle"
        | "ReportageNewsArticle"
        | "AnalysisNewsArticle"
        | "OpinionNewsArticle"
        | "BackgroundNewsArticle"
        | "ReviewNewsArticle" => 4,
        "Article" | "BlogPosting" | "TechArticle" | "ScholarlyArticle" | "LiveBlogPosting" | "Report" | "AdvertiserContentArticle" => 3,
        "SocialMediaPosting" | "DiscussionForumPosting" | "Review" | "Recipe" | "MedicalWebPage" | "VideoObject" => 2,
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
        self.headline = text("headline").or_else(|| text("name"));
        self.published = text("datePublished").or_else(|| text("dateCreated")).or_else(|| text("uploadDate"));
        self.modified = text("dateModified");
        self.language = text("inLanguage");
        self.section = text("articleSection");
        self.authors = ["author", "creator"].iter().find_map(|key| object.get(*key)).map(|value| people(value, all)).unwrap_or_default();
        self.image = ["image", "thumbnailUrl"].iter().find_map(|key| object.get(*key)).and_then(|image| address(image, all));
        self.site = object.get("publisher").map(|value| people(value, all)).and_then(|names| names.into_iter().next());
        self.keywords = object.get("keywords").map(keywords).unwrap_or_default();
        self.paid = match object.get("isAccessibleForFree") {
            Some(Value::Bool(free)) => !free,
            Some(Value::String(free)) => free.eq_ignore_ascii_case("false"),
            _ => false,
        };
    }
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
