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
        match word.as_bytes() {
            b"" => {}
            b"article" | b"story" | b"post" | b"entry" | b"news" | b"blog" | b"single" | b"artikel" | b"nota" | b"noticia" | b"statya"
            | b"publication" | b"material" | b"detail" | b"full" | b"main" | b"page" | b"item" | b"node" | b"field" | b"topic" => {
                self.subject = true;
            }
            b"body" | b"content" | b"contents" | b"text" | b"txt" | b"copy" | b"inhalt" | b"tekst" | b"cuerpo" | b"contenido" => {
                self.text = true;
            }
            b"has" | b"no" | b"with" | b"without" | b"is" | b"wrapper" | b"container" | b"layout" | b"col" | b"row" | b"grid"
            | b"enabled" | b"disabled" | b"true" | b"false" => self.about = true,
            b"articlebody" | b"articletext" | b"articlecontent" | b"fulltext" | b"bodytext" | b"newstext" | b"storytext" | b"storybody"
            | b"postcontent" | b"posttext" | b"postbody" | b"entrycontent" | b"maincontent" | b"newsbody" | b"articlefulltext"
            | b"contentbody" => {
                self.hint = stronger(self.hint, Hint::Body);
            }
            b"lead" | b"lede" | b"intro" | b"standfirst" | b"summary" | b"dek" | b"excerpt" | b"anons" | b"lid" | b"perex" | b"chapo"
            | b"subtitle" | b"ingress" | b"vorspann" | b"entradilla" | b"description" | b"announce" | b"annotation" | b"subheadline"
            | b"subheading" => {
                self.hint = stronger(self.hint, Hint::Lead);
            }
            b"byline" | b"bio" | b"autor" | b"auteur" | b"avtor" | b"writer" | b"contributor" => {
                self.hint = stronger(self.hint, Hint::Author);
            }
            b"date" | b"dates" | b"time" | b"datetime" | b"published" | b"pubdate" | b"timestamp" | b"posted" | b"datum" | b"fecha"
            | b"dateline" | b"postdate" | b"datepublished" => self.hint = stronger(self.hint, Hint::Date),
            b"captions" | b"captiontext" | b"gallery" | b"lightbox" | b"imagebox" | b"legend" | b"legende" | b"bildunterschrift"
            | b"bildlegende" | b"bildtext" => self.hint = stronger(self.hint, Hint::Caption),
            _ if word.ends_with("caption") => self.hint = stronger(self.hint, Hint::Caption),
            _ if word.starts_with("author") && !word.starts_with("authori") => self.hint = stronger(self.hint, Hint::Author),
            // `field--label-hidden`: a field of a form, or one whose name is not shown.
            b"label" if !self.subject => self.hint = stronger(self.hint, Hint::Furniture),
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
        word.as_bytes(),
        b"tags"
            | b"tag"
            | b"taglist"
            | b"tagcloud"
            | b"keywords"
            | b"meta"
            | b"metadata"
            | b"postmeta"
            | b"postmetadata"
            | b"disclosure"
            | b"credit"
            | b"credits"
            | b"copyright"
            | b"views"
            | b"counter"
            | b"rating"
            | b"ratings"
            | b"vote"
            | b"votes"
            | b"print"
            | b"category"
            | b"categories"
            | b"rubric"
            | b"kicker"
            | b"toc"
            | b"editsection"
            | b"noprint"
            | b"disclaimer"
            | b"widget"
            | b"teaser"
            | b"more"
            | b"source"
            | b"info"
            | b"button"
            | b"btn"
            | b"tools"
            | b"actions"
            | b"icon"
            | b"icons"
            | b"links"
            | b"link"
    )
}

fn is_of_readers(word: &str) -> bool {
    (word.starts_with("comment") && !word.starts_with("commentary"))
        || word.ends_with("comment")
        || word.ends_with("comments")
        || matches!(word, "disqus" | "respond" | "reply" | "replies" | "komentarze" | "kommentare" | "feedback" | "reviews" | "livefyre")
}

fn is_noise(word: &str) -> bool {
    const STARTS: [&str; 27] = [
        "othernews",
        "morenews",
        "lastnews",
        "latestnews",
        "verwandte",
        "affiliat",
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
        word.as_bytes(),
        b"nav"
            | b"navbar"
            | b"menu"
            | b"submenu"
            | b"footer"
            | b"ad"
            | b"ads"
            | b"adv"
            | b"adsense"
            | b"banner"
            | b"banners"
            | b"promo"
            | b"promos"
            | b"promotion"
            | b"gdpr"
            | b"consent"
            | b"popup"
            | b"modal"
            | b"overlay"
            | b"lightbox"
            | b"toolbar"
            | b"pager"
            | b"login"
            | b"register"
            | b"search"
            | b"similar"
            | b"mostread"
            | b"mostpopular"
            | b"readmore"
            | b"readalso"
            | b"authorbox"
            | b"reklama"
            | b"catlinks"
            | b"navbox"
            | b"regwall"
            | b"poll"
            | b"quiz"
            | b"also"
            | b"skip"
            | b"addthis"
            | b"addtoany"
            | b"ticker"
            | b"crumbs"
            | b"yarpp"
            | b"widgets"
            | b"loginbox"
            | b"kommentare"
            | b"aside"
            | b"dropdown"
            | b"prevnext"
            | b"tabs"
            | b"carousel"
            | b"slider"
            | b"cta"
            | b"upsell"
            | b"printonly"
            | b"nocontent"
            | b"nojs"
            | b"teasers"
            | b"buttons"
            | b"takze"
            | b"takzhe"
            | b"pohozhie"
            | b"similaires"
            | b"benzer"
    ) || STARTS.iter().any(|start| word.starts_with(start))
}
