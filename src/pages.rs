//! What people see in a browser: the answers of the desk as pages. Pure: who serves them is `serve`, and `export` writes them as files.
//!
//! Pages work without scripts, load nothing from elsewhere, and carry no inline style: whatever an agency wrote is text or one of a few
//! elements without attributes (`marks`).

mod article;
mod chart;
mod feeds;
mod index;
mod lab;
mod marks;
mod reason;
mod search;
mod wire;
mod words;

use chrono::{DateTime, FixedOffset, TimeDelta};
use maud::{Markup, html};

pub use self::article::article;
pub use self::feeds::feeds;
pub use self::index::index;
pub use self::lab::{Door, Lab, Outcome, lab};
pub use self::search::{Searched, search};
pub use self::wire::{Asked, wire};
use self::words::Words;
use crate::config::Site;
use crate::model::{Instant, Scope, UrlHash};
use crate::publish::{self, FEEDS, Format, Tongue, document, languages, plain, translations};

/// What a page has to know of whoever looks at it.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    pub site: &'a Site,
    pub tongue: Tongue,
    pub now: Instant,
    /// The way from the page to the index: empty, or `../` for each folder.
    pub root: &'static str,
    pub way: Way<'a>,
}

/// How pages lead to each other.
#[derive(Clone, Copy, Debug)]
pub enum Way<'a> {
    /// They are served, in the language that the browser asks for. The token is what the address shows, where that is needed: links to what
    /// it may open show it too.
    Served { token: Option<&'a str> },
    /// They are files for a host that serves nothing else: one for each language, without what needs an answer.
    Files {
        /// This page's own place, from the index.
        path: &'a str,
        /// The forms in which wires are there too.
        formats: &'a [Format],
    },
}

/// The parts of the site, as the navigation names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Topics,
    Feeds,
    Search,
    Lab,
}

impl Section {
    const ALL: [Self; 4] = [Self::Topics, Self::Search, Self::Feeds, Self::Lab];

    fn address(self) -> &'static str {
        match self {
            Self::Topics => "./",
            Self::Feeds => "feeds",
            Self::Search => "search",
            Self::Lab => "lab",
        }
    }

    fn name(self, words: &Words) -> &'static str {
        match self {
            Self::Topics => words.topics,
            Self::Feeds => words.feeds,
            Self::Search => words.search,
            Self::Lab => words.lab,
        }
    }
}

impl Visit<'_> {
    fn words(&self) -> &'static Words {
        words::of(self.tongue)
    }

    /// A whole page. `here` is the section that it is the first page of.
    fn page(&self, here: Option<Section>, title: &str, head: &Markup, content: &Markup) -> String {
        let (words, root, site) = (self.words(), self.root, plain(&self.site.title));
        let body = html! {
            a.skip href="#content" { (words.skip) }
            header.top {
                div {
                    a.name href=(self.section(Section::Topics)) { (site) }
                    nav aria-label=(words.sections) {
                        ul {
                            @for section in Section::ALL.into_iter().filter(|section| self.has(*section)) {
                                li {
                                    a href=(self.section(section)) aria-current=[(here == Some(section)).then_some("page")] {
                                        (section.name(words))
                                    }
                                }
                            }
                        }
                    }
                }
            }
            main id="content" tabindex="-1" { (content) }
            footer.foot {
                p { (words.made_by) " · " a href={ (root) "wires.opml" } { (words.all_wires) } }
                @if let Way::Files { path, .. } = self.way { (languages(self.tongue, words.language, &format!("{root}{path}"))) }
            }
        };
        let head = html! {
            link rel="icon" href={ (root) "icon.svg" } type="image/svg+xml";
            @if let Way::Files { path, .. } = self.way { (translations(&format!("{root}{path}"))) }
            (head)
        };
        let title = plain(title);
        let title = if title == site { title } else { format!("{title} — {site}") };
        document(words.tag, &title, root, &head, &body)
    }

    /// A day and time as the reader's language writes it, in the zone that comes with it.
    fn time(&self, time: DateTime<FixedOffset>) -> Markup {
        let shown = time.format(self.tongue.time_format());
        let zone = if time.offset().local_minus_utc() == 0 { "UTC".to_owned() } else { time.format("%:z").to_string() };
        html! { time datetime=(time.to_rfc3339()) { (shown) " " (zone) } }
    }

    fn instant(&self, time: Instant) -> Markup {
        self.time(time.fixed_offset())
    }

    /// Whether there is such a part: what needs an answer, or says how it is just now, is no file.
    fn has(&self, section: Section) -> bool {
        matches!(self.way, Way::Served { .. }) || section == Section::Topics
    }

    fn section(&self, section: Section) -> String {
        match self.way {
            Way::Served { .. } => format!("{}{}", self.root, section.address()),
            Way::Files { .. } => format!("{}{}", self.root, file(INDEX, self.tongue)),
        }
    }

    /// The feeds that are there of each wire.
    fn feeds(&self) -> impl Iterator<Item = Format> {
        FEEDS.into_iter().filter(move |format| match self.way {
            Way::Served { .. } => true,
            Way::Files { formats, .. } => formats.contains(format),
        })
    }

    /// How far from now a time is, with the time itself to be read out; the time alone in a file, which does not know when it is read.
    fn distance(&self, time: Instant) -> Markup {
        if matches!(self.way, Way::Files { .. }) {
            return self.instant(time);
        }
        let (words, distance) = (self.words(), time - self.now);
        let text = if distance.abs() < TimeDelta::minutes(1) {
            words.now.to_owned()
        } else if distance < TimeDelta::zero() {
            format!("{} {}", self.span(-distance), words.ago)
        } else {
            format!("{} {} {}", words.ahead, self.span(distance), words.ahead_after)
        };
        html! { time datetime=(time.to_rfc3339()) title=(time.format("%Y-%m-%d %H:%M UTC")) { (text.trim()) } }
    }

    fn span(&self, span: TimeDelta) -> String {
        let words = self.words();
        match span.num_minutes() {
            minutes @ ..90 => format!("{minutes} {}", words.minutes),
            _ if span.num_hours() < 48 => format!("{} {}", span.num_hours(), words.hours),
            _ => format!("{} {}", span.num_days(), words.day_unit),
        }
    }

    /// Where a wire is, in that form.
    fn wire(&self, scope: &Scope, format: Format) -> String {
        match self.way {
            Way::Files { .. } if format == Format::Html => format!("{}{}", self.root, file(&scope.path(), self.tongue)),
            Way::Files { .. } | Way::Served { .. } => self.shown(&publish::file(scope, format)),
        }
    }

    /// Where an article's page is.
    fn article(&self, key: UrlHash) -> String {
        let path = article_path(key);
        match self.way {
            Way::Served { .. } => self.shown(&path),
            Way::Files { .. } => format!("{}{}", self.root, file(&path, self.tongue)),
        }
    }

    fn shown(&self, path: &str) -> String {
        let query = publish::with_token("", self.token());
        if query.is_empty() { format!("{}{path}", self.root) } else { format!("{}{path}?{query}", self.root) }
    }

    fn token(&self) -> Option<&str> {
        match self.way {
            Way::Served { token } => token,
            Way::Files { .. } => None,
        }
    }

    /// A page that says only that something is wrong.
    #[must_use]
    pub fn notice(&self, notice: Notice<'_>) -> String {
        let words = self.words();
        let text = match notice {
            Notice::NotFound => words.not_found.to_owned(),
            Notice::Trouble => words.trouble.to_owned(),
            Notice::WrongFilter(mistake) => format!("{}: {}", words.wrong_filter, plain(mistake)),
        };
        self.page(None, &text, &html! {}, &html! { h1 { (text) } p { a href={ (self.root) "./" } { (words.topics) } } })
    }
}

/// The path of the first page, as a file.
pub const INDEX: &str = "index";

/// Where a page is as a file, from the index.
#[must_use]
pub fn file(path: &str, tongue: Tongue) -> String {
    format!("{path}.{}", publish::page_ending(tongue))
}

/// The path of an article's page, from the index.
#[must_use]
pub fn article_path(key: UrlHash) -> String {
    format!("articles/{key}")
}

/// Why there is no page.
#[derive(Clone, Copy, Debug)]
pub enum Notice<'a> {
    NotFound,
    Trouble,
    /// What is wrong with the values of a form.
    WrongFilter(&'a str),
}
