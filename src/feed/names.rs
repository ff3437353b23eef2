//! What the elements of RSS 0.9 to 2.0, Atom 0.3 and 1.0 and their extensions mean. RSS and Atom share one vocabulary here:
//! where both have a name it means the same, and mixtures of the two are common.

/// A family of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Namespace {
    /// RSS and Atom, all versions, and elements without a namespace.
    Core,
    Content,
    DublinCore,
    DublinCoreTerms,
    Itunes,
    Media,
    Rdf,
    Syndication,
    Xhtml,
    Yandex,
    Other,
}

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// `rss`, `channel`, `feed` and the like: what is in it belongs to the feed.
    Feed,
    Item,
    /// Atom `author`, which has its name in an element.
    Person,
    /// Atom `source`, which has the other feed's title and links in elements.
    Source,
    /// `media:group`: what is in it belongs to the item.
    Media,
    /// `media:content`: the words in it are about a picture or recording.
    MediaContent,
    Text(Field),
    /// It and what is in it say nothing to us.
    Unknown,
}

/// What the text of an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Title,
    Summary,
    Content,
    FullText,
    Link,
    Id,
    Author,
    Category,
    Published,
    Updated,
    Source,
    Language,
    Ttl,
    UpdatePeriod,
    UpdateFrequency,
    SkipHour,
    SkipDay,
    /// Only its attributes matter.
    Enclosure,
    Picture,
    /// The words that go with a picture; of the item itself where it has no others.
    Caption,
}

impl Namespace {
    pub(super) fn of_uri(uri: &str, prefix: &str) -> Self {
        const KNOWN: &[(&str, Namespace)] = &[
            ("purl.org/rss/1.0/modules/content", Namespace::Content),
            ("purl.org/rss/1.0/modules/syndication", Namespace::Syndication),
            ("purl.org/rss/1.0/modules/rss091", Namespace::Core),
            ("purl.org/rss/1.0/modules/", Namespace::Other),
            ("purl.org/dc/elements", Namespace::DublinCore),
            ("purl.org/dc/terms", Namespace::DublinCoreTerms),
            ("search.yahoo.com/mrss", Namespace::Media),
            ("media-rss", Namespace::Media),
            ("itunes.com/", Namespace::Itunes),
            ("news.yandex", Namespace::Yandex),
            ("22-rdf-syntax-ns", Namespace::Rdf),
            ("w3.org/1999/xhtml", Namespace::Xhtml),
            ("w3.org/2005/atom", Namespace::Core),
            ("purl.org/atom", Namespace::Core),
            ("purl.org/rss", Namespace::Core),
            ("purl.org/net/rss1.1", Namespace::Core),
            ("netscape.com/", Namespace::Core),
            ("backend.userland.com/rss", Namespace::Core),
            ("harvard.edu/", Namespace::Core),
        ];
        let uri = uri.to_ascii_lowercase();
        let known = KNOWN.iter().find(|(part, _)| uri.contains(part)).map(|(_, namespace)| *namespace);
        // An unknown default namespace is somebody's idea of RSS.
        known.unwrap_or_else(|| if prefix.is_empty() { Self::Core } else { Self::of_prefix(prefix) })
    }

    /// What everybody means by a prefix, for documents that do not declare it.
    pub(super) fn of_prefix(prefix: &str) -> Self {
        match prefix.to_ascii_lowercase().as_str() {
            "" | "atom" | "atom10" | "atom03" | "a10" | "rss" => Self::Core,
            "content" => Self::Content,
            "dc" => Self::DublinCore,
            "dcterms" => Self::DublinCoreTerms,
            "itunes" => Self::Itunes,
            "media" => Self::Media,
            "rdf" => Self::Rdf,
            "sy" => Self::Syndication,
            "xhtml" | "html" => Self::Xhtml,
            "yandex" => Self::Yandex,
            _ => Self::Other,
        }
    }
}

/// What the element is inside an element of the role `parent`, and the rank of its text: of two texts for one field the lower
/// rank counts. `name` is in small letters.
pub(super) fn role(parent: Role, namespace: Namespace, name: &str) -> (Role, u8) {
    use Namespace::{Core, Rdf};
    match (parent, namespace, name) {
        (Role::Unknown | Role::Source | Role::Feed | Role::Item, Core, "item" | "entry") => (Role::Item, 0),
        (Role::Feed, Core | Rdf, "rss" | "rdf" | "feed" | "channel" | "skiphours" | "skipdays" | "items") => (Role::Feed, 0),
        (Role::Item | Role::Feed, _, _) => field(namespace, name),
        (Role::MediaContent, Namespace::Media, "description") => (Role::Text(Field::Caption), 0),
        (Role::MediaContent, Namespace::Media, "title") => (Role::Text(Field::Caption), 1),
        (Role::Media | Role::MediaContent, Namespace::Media, _) => media(name),
        (Role::Person, _, "name") => (Role::Text(Field::Author), 0),
        (Role::Person, _, "email") => (Role::Text(Field::Author), 1),
        (Role::Source, Core, "title") => (Role::Text(Field::Source), 0),
        (Role::Source, Core, "link") => (Role::Text(Field::Link), 0),
        (Role::Media | Role::MediaContent | Role::Person | Role::Source | Role::Text(_) | Role::Unknown, _, _) => (Role::Unknown, 0),
    }
}

fn field(namespace: Namespace, name: &str) -> (Role, u8) {
    use Namespace::{Content, Core, DublinCore, DublinCoreTerms, Itunes, Media, Syndication, Xhtml, Yandex};
    let (field, rank) = match (namespace, name) {
        (Core, "title") => (Field::Title, 0),
        (DublinCore | DublinCoreTerms, "title") => (Field::Title, 1),
        (Core, "description" | "summary") => (Field::Summary, 0),
        (Core | DublinCoreTerms, "abstract") | (DublinCore | DublinCoreTerms, "description") => (Field::Summary, 1),
        (Itunes, "summary") => (Field::Summary, 2),
        (Itunes, "subtitle") => (Field::Summary, 3),
        (Core, "content") | (Content, "encoded") => (Field::Content, 0),
        (Xhtml, "body" | "div") | (Core, "fullitem" | "body") => (Field::Content, 1),
        (Yandex, "full-text") => (Field::FullText, 0),
        (Core, "link") => (Field::Link, 0),
        (Core, "guid" | "id") => (Field::Id, 0),
        (DublinCore, "creator") => (Field::Author, 0),
        (Itunes, "author") | (DublinCore, "author" | "publisher") => (Field::Author, 2),
        (Core, "category" | "keywords") | (DublinCore, "subject") => (Field::Category, 0),
        (Core, "pubdate" | "published" | "issued") | (DublinCoreTerms, "issued") => (Field::Published, 0),
        (DublinCore, "date") => (Field::Published, 1),
        (Core | DublinCoreTerms, "created" | "date") => (Field::Published, 2),
        (Core, "updated" | "modified") | (DublinCoreTerms, "modified") => (Field::Updated, 0),
        (Core | DublinCore | DublinCoreTerms, "language") => (Field::Language, 0),
        (Core, "ttl") => (Field::Ttl, 0),
        (Core, "hour") => (Field::SkipHour, 0),
        (Core, "day") => (Field::SkipDay, 0),
        (Syndication, "updateperiod") => (Field::UpdatePeriod, 0),
        (Syndication, "updatefrequency") => (Field::UpdateFrequency, 0),
        (Core, "enclosure") => (Field::Enclosure, 0),
        (Itunes, "image") => (Field::Picture, 0),
        (Core, "author") => return (Role::Person, 0),
        (Core, "source") => return (Role::Source, 0),
        (Media, _) => return media(name),
        _ => return (Role::Unknown, 0),
    };
    (Role::Text(field), rank)
}

fn media(name: &str) -> (Role, u8) {
    match name {
        "group" => (Role::Media, 0),
        "content" => (Role::MediaContent, 0),
        "thumbnail" => (Role::Text(Field::Picture), 0),
        "title" => (Role::Text(Field::Title), 3),
        "description" => (Role::Text(Field::Summary), 4),
        _ => (Role::Unknown, 0),
    }
}
