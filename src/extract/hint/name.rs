//! What a name says, by the words in it: `article-body`, `relatedPosts`, `b-comments__list`.

use super::{Hint, stronger};

/// What the words of each name in a `class` or `id` say together.
pub(super) fn of_names(value: &str) -> Hint {
    let names = || value.split_ascii_whitespace().take(32);
    let hint = names().map(of_name).fold(Hint::None, stronger);
    // `hidden md:block` is hidden on small screens only.
    if hint == Hint::Hidden && names().any(is_shown_on_some) { Hint::None } else { hint }
}

fn is_shown_on_some(name: &str) -> bool {
    name.split_once(':').is_some_and(|(_, display)| matches!(display, "block" | "flex" | "grid" | "inline" | "contents"))
}

fn of_name(name: &str) -> Hint {
    if matches!(name, "hidden" | "visually-hidden" | "visuallyhidden" | "sr-only" | "screen-reader-text" | "element-invisible" | "noprint")
    {
        return Hint::Hidden;
    }
    let mut seen = Seen::default();
    for part in name.split(|character: char| !character.is_ascii_alphanumeric()).take(24).filter(|part| !is_number(part)) {
        // The page builder Elementor calls every piece of an article a widget.
        if part == "widget" && name.starts_with("elementor") {
            continue;
        }
        let mut word = Word::default();
        let mut before = 0_u8;
        for byte in part.bytes().take(120) {
            if !byte.is_ascii_alphabetic() || (byte.is_ascii_uppercase() && before.is_ascii_lowercase() && word.length > 2) {
                seen.add(word.as_str());
                word.length = 0;
            }
            if byte.is_ascii_alphabetic() {
                word.push(byte.to_ascii_lowercase());
            }
            before = byte;
        }
        seen.add(word.as_str());
    }
    seen.hint()
}

/// Whether a part of a name is a number in hexadecimal, as machines give them: its `ad` is not an advertisement.
fn is_number(part: &str) -> bool {
    let has_digits = part.bytes().any(|byte| byte.is_ascii_digit());
    has_digits && part.len() >= 4 && part.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A word of a name, lower case, without an allocation.
#[derive(Default)]
struct Word {
    bytes: [u8; 24],
    length: usize,
}

impl Word {
    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    fn as_str(&self) -> &str {
        self.bytes.get(..self.length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

#[derive(Default)]
struct Seen {
    /// `article`, `post`, `news`: what the element belongs to.
    subject: bool,
    /// `body`, `text`, `content`: that it is the text of it.
    text: bool,
    /// `has-sidebar`, `no-comments`: the name is about something else on the page.
    about: bool,
    hint: Hint,
}

impl Seen {
    fn add(&mut self, word: &str) {
        match word {
            "" => {}
            "article" | "story" | "post" | "entry" | "news" | "blog" | "single" | "artikel" | "nota" | "noticia" | "statya"
            | "publication" | "material" | "detail" | "full" | "main" | "page" | "item" | "node" | "field" | "topic" => self.subject = true,
            "body" | "content" | "contents" | "text" | "txt" | "copy" | "inhalt" | "tekst" | "cuerpo" | "contenido" => self.text = true,
            "has" | "no" | "with" | "without" | "is" | "wrapper" | "container" | "layout" | "col" | "row" | "grid" | "enabled"
            | "disabled" | "true" | "false" => self.about = true,
            "articlebody" | "articletext" | "articlecontent" | "fulltext" | "bodytext" | "newstext" | "storytext" | "storybody"
            | "postcontent" | "posttext" | "postbody" | "entrycontent" | "maincontent" | "newsbody" | "articlefulltext" | "contentbody" => {
                self.hint = stronger(self.hint, Hint::Body);
            }
            "lead" | "lede" | "intro" | "standfirst" | "summary" | "dek" | "excerpt" | "anons" | "lid" | "perex" | "chapo" | "subtitle"
            | "ingress" | "vorspann" | "entradilla" | "description" | "announce" | "annotation" | "subheadline" | "subheading" => {
                self.hint = stronger(self.hint, Hint::Lead);
            }
            "byline" | "bio" | "autor" | "auteur" | "avtor" | "writer" | "contributor" => {
                self.hint = stronger(self.hint, Hint::Author);
            }
            "date" | "dates" | "time" | "datetime" | "published" | "pubdate" | "timestamp" | "posted" | "datum" | "fecha" | "dateline"
            | "postdate" | "datepublished" => self.hint = stronger(self.hint, Hint::Date),
            "captions" | "captiontext" | "gallery" | "lightbox" | "imagebox" => self.hint = stronger(self.hint, Hint::Caption),
            _ if word.ends_with("caption") => self.hint = stronger(self.hint, Hint::Caption),
            _ if word.starts_with("author") && !word.starts_with("authori") => self.hint = stronger(self.hint, Hint::Author),
            // `field--label-hidden`: a field of a form, or one whose name is not shown.
            "label" if !self.subject => self.hint = stronger(self.hint, Hint::Furniture),
            _ if is_furniture(word) => self.hint = stronger(self.hint, Hint::Furniture),
            _ if is_of_readers(word) => self.hint = stronger(self.hint, Hint::Comments),
            _ if is_noise(word) => self.hint = stronger(self.hint, Hint::Noise),
            _ => {}
        }
    }

    fn hint(&self) -> Hint {
        let about =
            self.about && matches!(self.hint, Hint::Noise | Hint::Comments | Hint::Furniture | Hint::Lead | Hint::Date | Hint::Author);
        if self.subject && self.text && (self.hint == Hint::None || about) {
            Hint::Body
        } else if about {
            Hint::None
        } else {
            self.hint
        }
    }
}

/// Small things inside or next to an article.
fn is_furniture(word: &str) -> bool {
    matches!(
        word,
        "tags"
            | "tag"
            | "taglist"
            | "tagcloud"
            | "keywords"
            | "meta"
            | "metadata"
            | "postmeta"
            | "credit"
            | "credits"
            | "copyright"
            | "views"
            | "counter"
            | "rating"
            | "ratings"
            | "vote"
            | "votes"
            | "print"
            | "category"
            | "categories"
            | "rubric"
            | "kicker"
            | "toc"
            | "editsection"
            | "noprint"
            | "disclaimer"
            | "widget"
            | "teaser"
            | "more"
            | "source"
            | "info"
            | "button"
            | "btn"
            | "tools"
            | "actions"
            | "icon"
            | "icons"
            | "links"
            | "link"
    )
}

fn is_of_readers(word: &str) -> bool {
    (word.starts_with("comment") && !word.starts_with("commentary"))
        || word.ends_with("comment")
        || word.ends_with("comments")
        || matches!(word, "disqus" | "respond" | "reply" | "replies" | "komentarze" | "kommentare" | "feedback" | "reviews" | "livefyre")
}

fn is_noise(word: &str) -> bool {
    const STARTS: [&str; 26] = [
        "othernews",
        "morenews",
        "lastnews",
        "latestnews",
        "verwandte",
        "relacionad",
        "related",
        "recommend",
        "subscri",
        "newsletter",
        "breadcrumb",
        "sidebar",
        "cookie",
        "advert",
        "sponsor",
        "outbrain",
        "taboola",
        "paginat",
        "socia",
        "sharing",
        "share",
        "navig",
        "popular",
        "trending",
        "donat",
        "signup",
    ];
    matches!(
        word,
        "nav"
            | "navbar"
            | "menu"
            | "submenu"
            | "footer"
            | "ad"
            | "ads"
            | "adv"
            | "adsense"
            | "banner"
            | "banners"
            | "promo"
            | "promos"
            | "promotion"
            | "gdpr"
            | "consent"
            | "popup"
            | "modal"
            | "overlay"
            | "lightbox"
            | "toolbar"
            | "pager"
            | "login"
            | "register"
            | "search"
            | "similar"
            | "mostread"
            | "mostpopular"
            | "readmore"
            | "readalso"
            | "authorbox"
            | "reklama"
            | "catlinks"
            | "navbox"
            | "regwall"
            | "poll"
            | "quiz"
            | "also"
            | "skip"
            | "addthis"
            | "addtoany"
            | "ticker"
            | "crumbs"
            | "yarpp"
            | "widgets"
            | "loginbox"
            | "kommentare"
            | "aside"
            | "dropdown"
            | "prevnext"
            | "tabs"
            | "carousel"
            | "slider"
            | "cta"
            | "upsell"
            | "printonly"
            | "nocontent"
            | "buttons"
            | "takze"
            | "takzhe"
            | "pohozhie"
            | "similaires"
            | "benzer"
    ) || STARTS.iter().any(|start| word.starts_with(start))
}
