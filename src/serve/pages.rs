//! Pages for people, made for each request from the desk's answers: a few at a time, and apart from the wires.

use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::NaiveDate;
use tokio::sync::Semaphore;

use super::Wires;
use super::encoding::Encoding;
use super::lab;
use super::not_found;
use super::rendered::Rendered;
use super::token;
use super::wires::{reply, tongue};
use crate::clock;
use crate::desk::{Article, Desk, Feeds, Filter, Question, Refusal, Results};
use crate::model::{FeedId, Language, Scope, StoredArticle, UrlHash};
use crate::pages::{self, Asked, Notice, Searched, Visit, Way};
use crate::poll::blocking;
use crate::publish::{self, Misread, View};
use crate::topic::{Query, RuleError};

/// Pages that are made at the same time; who asks more waits.
const AT_ONCE: usize = 4;
/// The longest form that is read, in bytes.
const LONGEST_FORM: usize = 256 << 10;
/// Articles on a page of a search.
const FOUND: usize = 25;
/// How long a search looks for them, in seconds.
const PATIENCE: u32 = 2;

/// The ways to the index from pages that are so many folders deep.
const ROOTS: [&str; 4] = ["", "../", "../../", "../../../"];

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// Where people find them. The pages of wires are where the wires are.
pub(super) fn routes(wires: Arc<Wires>) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/feeds", get(feeds))
        .route("/search", get(search))
        .route("/lab", get(lab::form).post(lab::attempt).layer(DefaultBodyLimit::max(LONGEST_FORM)))
        .route("/articles/{key}", get(article))
        .route(&format!("/{}", publish::stylesheet_name()), get(stylesheet))
        .route("/icon.svg", get(icon))
        .route("/favicon.ico", get(icon))
        .with_state(wires)
}

/// Who looks at a page, as far as the request tells.
#[derive(Debug)]
pub(super) struct Visitor {
    desk: Desk,
    headers: HeaderMap,
    root: &'static str,
    /// A token that the address shows and that opens something.
    token: Option<String>,
}

/// A page that was made, or why there is none.
pub(super) type Made = Result<String, Absent>;

/// Why there is no page.
#[derive(Debug)]
pub(super) enum Absent {
    NotFound,
    /// There is nothing, or nothing for strangers: which of these is not said.
    Closed,
    Wrong(Misread),
    Trouble(Refusal),
}

impl From<Refusal> for Absent {
    fn from(refusal: Refusal) -> Self {
        Self::Trouble(refusal)
    }
}

impl Visitor {
    pub(super) fn new(wires: &Wires, headers: HeaderMap, root: &'static str) -> Self {
        Self { desk: wires.public_desk(), headers, root, token: None }
    }

    pub(super) fn visit(&self) -> Visit<'_> {
        Visit {
            site: &self.desk.config.site,
            tongue: tongue(&self.headers),
            now: clock::now(),
            root: self.root,
            way: Way::Served { token: self.token.as_deref() },
        }
    }

    pub(super) fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Makes a page where blocking is allowed, when it is this visitor's turn, and answers with it.
    pub(super) async fn shown(self, make: impl FnOnce(&Self) -> Made + Send + 'static) -> Response {
        // The semaphore is never closed.
        let _turn = TURNS.acquire().await;
        let encoding = Encoding::asked_for(&self.headers);
        let answer = blocking(move || {
            let (status, page) = match make(&self) {
                Ok(page) => (StatusCode::OK, page),
                Err(Absent::Closed) => (StatusCode::UNAUTHORIZED, String::new()),
                Err(absent) => self.absent(&absent),
            };
            Ok::<_, std::convert::Infallible>((status, Rendered::new(page).encoded(encoding), self))
        });
        let Ok((status, encoded, visitor)) = answer.await;
        if status == StatusCode::UNAUTHORIZED {
            return token::asked_for();
        }
        let validator = [(header::ETAG, encoded.etag.clone())];
        if status == StatusCode::OK && encoded.is_known(&visitor.headers, clock::now()) {
            return (StatusCode::NOT_MODIFIED, validator, page_headers()).into_response();
        }
        let encoding = encoding.name().map(|name| [(header::CONTENT_ENCODING, HeaderValue::from_static(name))]);
        (status, validator, page_headers(), encoding, encoded.bytes).into_response()
    }

    fn absent(&self, absent: &Absent) -> (StatusCode, String) {
        let visit = self.visit();
        match absent {
            Absent::NotFound | Absent::Closed => (StatusCode::NOT_FOUND, visit.notice(Notice::NotFound)),
            Absent::Wrong(misread) => (StatusCode::BAD_REQUEST, visit.notice(Notice::WrongFilter(&misread.said(visit.tongue)))),
            Absent::Trouble(refusal) => {
                tracing::error!(error = %refusal, "a page cannot be made");
                (StatusCode::INTERNAL_SERVER_ERROR, visit.notice(Notice::Trouble))
            }
        }
    }
}

/// What every page comes with: it may load its stylesheet and its icon, send its forms here, and nothing else.
pub(super) fn page_headers() -> [(HeaderName, HeaderValue); 7] {
    let policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache")),
        (header::VARY, HeaderValue::from_static("accept-encoding, accept-language")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow")),
    ]
}

async fn index(State(wires): State<Arc<Wires>>, headers: HeaderMap) -> Response {
    let counting = Arc::clone(&wires);
    Visitor::new(&wires, headers, "")
        .shown(move |visitor| {
            let topics = counting.topics()?;
            Ok(pages::index(&visitor.visit(), &visitor.desk().config, &topics))
        })
        .await
}

async fn feeds(State(wires): State<Arc<Wires>>, headers: HeaderMap) -> Response {
    Visitor::new(&wires, headers, "").shown(|visitor| Ok(pages::feeds(&visitor.visit(), &Feeds {}.answer(visitor.desk())?))).await
}

async fn article(State(wires): State<Arc<Wires>>, Path(key): Path<String>, address: Uri, headers: HeaderMap) -> Response {
    let (opened, token) = wires.opened(&address, &headers);
    Visitor { desk: wires.desk_knowing(&opened), headers, root: "../", token }
        .shown(move |visitor| {
            let key: UrlHash = key.parse().map_err(|_| visitor.nothing())?;
            let dossier = Article { address: key.to_string() }.answer(visitor.desk()).map_err(|refusal| match refusal {
                // Whether it was never there, was purged or is not for this visitor, it is not there.
                Refusal::NotDone(_) if visitor.is_absent(key) => visitor.nothing(),
                refusal => Absent::Trouble(refusal),
            })?;
            Ok(pages::article(&visitor.visit(), &visitor.desk().config, &dossier))
        })
        .await
}

impl Visitor {
    fn is_absent(&self, key: UrlHash) -> bool {
        let is_shown = |article: &StoredArticle| self.desk.config.shows(article);
        self.desk.store.as_ref().is_none_or(|store| store.article(key).is_ok_and(|article| !article.as_ref().is_some_and(is_shown)))
    }

    /// Why an article is not there.
    fn nothing(&self) -> Absent {
        if self.desk.config.hidden.is_empty() { Absent::NotFound } else { Absent::Closed }
    }
}

/// The page of a wire, with the query of its address, and the token if one is in that.
pub(super) async fn wire(desk: Desk, scope: Scope, query: Option<String>, token: Option<String>, headers: HeaderMap) -> Response {
    let root = if scope == Scope::All { "" } else { "../" };
    Visitor { desk, headers, root, token }
        .shown(move |visitor| {
            let fields = Fields::of(query.as_deref().unwrap_or_default());
            let asked = asked(&fields);
            let view = View::parse(query.as_deref().unwrap_or_default()).map_err(Absent::Wrong)?;
            let filter = filter(&asked).map_err(Absent::Wrong)?;
            let browsed = visitor.desk().browse_view(&scope, &view, &filter, fields.place("before")?)?.ok_or(Absent::NotFound)?;
            Ok(pages::wire(&visitor.visit(), &visitor.desk().config, &browsed, &asked))
        })
        .await
}

/// The answer where there is nothing: a page for browsers, a line for programs.
pub(super) async fn nothing_there(wires: &Wires, address: &Uri, headers: HeaderMap) -> Response {
    let mut accepted = headers.get_all(header::ACCEPT).into_iter().filter_map(|line| line.to_str().ok());
    let is_browser = accepted.any(|line| line.contains("text/html"));
    let depth = address.path().trim_start_matches('/').matches('/').count();
    match ROOTS.get(depth).filter(|_| is_browser) {
        Some(root) => Visitor::new(wires, headers, root).shown(|_| Err(Absent::NotFound)).await,
        None => not_found(),
    }
}

async fn search(State(wires): State<Arc<Wires>>, address: Uri, headers: HeaderMap) -> Response {
    Visitor::new(&wires, headers, "")
        .shown(move |visitor| {
            let fields = Fields::of(address.query().unwrap_or_default());
            let text = fields.text("q");
            let searched = match Query::parse(&text) {
                _ if text.trim().is_empty() => Searched::Nothing,
                Err(mistakes) => Searched::Wrong(mistakes),
                Ok(query) => {
                    let Results { found, next } = visitor.desk().search(&query, FOUND, PATIENCE, fields.place("before")?)?;
                    Searched::Found { full: found.len() == FOUND, found, next }
                }
            };
            Ok(pages::search(&visitor.visit(), &visitor.desk().config, &text, &searched))
        })
        .await
}

async fn stylesheet(headers: HeaderMap) -> Response {
    static STYLESHEET: LazyLock<Rendered> = LazyLock::new(|| Rendered::new(publish::STYLESHEET.to_owned()));
    let encoding = Encoding::asked_for(&headers);
    let fixed = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8")),
        // Its name changes with what it says.
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    reply(STYLESHEET.encoded(encoding), encoding, &headers, clock::now(), fixed)
}

async fn icon() -> Response {
    let fixed = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'")),
    ];
    (fixed, publish::ICON).into_response()
}

/// The fields of a form.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(super) fn of(encoded: &str) -> Self {
        Self(url::form_urlencoded::parse(encoded.as_bytes()).into_owned().take(20).collect())
    }

    /// Empty when it is not there.
    pub(super) fn text(&self, name: &str) -> String {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// All that is given under a name, with commas between.
    fn list(&self, name: &str) -> String {
        let values = self.0.iter().filter(|(field, value)| field == name && !value.is_empty()).map(|(_, value)| value.as_str());
        values.collect::<Vec<_>>().join(",")
    }

    /// Where the page before ended; none when it is not there.
    fn place<T: FromStr>(&self, name: &str) -> Result<Option<T>, Absent> {
        match self.text(name).trim() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| Absent::Wrong(Misread::Place(text.to_owned()))),
        }
    }
}

fn asked(fields: &Fields) -> Asked {
    Asked {
        language: fields.list("lang"),
        feed: fields.text("agency"),
        from: fields.text("from"),
        to: fields.text("to"),
        words: fields.text("q"),
        min_score: fields.text("min_score"),
        limit: fields.text("limit"),
        later: !fields.text("before").is_empty(),
    }
}

/// What a view has no words for; and a single language, by which more can be looked through.
fn filter(asked: &Asked) -> Result<Filter, Misread> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let day = |text: &str| given(text).map(|day| day.parse::<NaiveDate>().map_err(|_| Misread::Day(day))).transpose();
    let mistakes = |mistakes: Vec<RuleError>| Misread::Words(mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
    Ok(Filter {
        language: given(&asked.language).and_then(|tag| Language::new(&tag).ok()),
        feed: given(&asked.feed).map(|id| FeedId::new(id.as_str()).map_err(|_| Misread::Agency(id))).transpose()?,
        from: day(&asked.from)?,
        to: day(&asked.to)?,
        query: given(&asked.words).map(|words| Query::parse(&words).map_err(mistakes)).transpose()?,
    })
}
