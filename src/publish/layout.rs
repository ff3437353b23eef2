//! What stands around every page: the document, its stylesheet and its icon. No script, no inline style, nothing from elsewhere.

use std::sync::LazyLock;

use maud::{DOCTYPE, Markup, html};

use super::Tongue;

/// The stylesheet of all pages.
pub const STYLESHEET: &str = include_str!("style.css");

/// The icon of all pages, as SVG.
pub const ICON: &str = concat!(
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect width=\"32\" height=\"32\" rx=\"7\" fill=\"#0a5296\"/>",
    "<path d=\"M8 10h16M8 16h16M8 22h9\" stroke=\"#fff\" stroke-width=\"3\" stroke-linecap=\"round\"/></svg>\n"
);

/// The stylesheet's file name: another when it says something else, so that it can be kept for ever.
#[must_use]
pub fn stylesheet_name() -> &'static str {
    static NAME: LazyLock<String> =
        LazyLock::new(|| format!("style-{}.css", blake3::hash(STYLESHEET.as_bytes()).to_hex().get(..16).unwrap_or_default()));
    &NAME
}

/// What follows the name of a page that is a file: a static host does not know what language a browser wants.
#[must_use]
pub fn page_ending(tongue: Tongue) -> String {
    if tongue == Tongue::default() { "html".to_owned() } else { format!("{}.html", tongue.tag()) }
}

/// The links for browsers to a page in all its languages, each under a name that begins like this.
pub(crate) fn translations(name: &str) -> Markup {
    html! {
        @for tongue in Tongue::ALL { link rel="alternate" hreflang=(tongue.tag()) href={ (name) "." (page_ending(tongue)) }; }
        link rel="alternate" hreflang="x-default" href={ (name) "." (page_ending(Tongue::default())) };
    }
}

/// As [`translations`], for people.
pub(crate) fn languages(own: Tongue, label: &str, name: &str) -> Markup {
    html! {
        nav aria-label=(label) {
            ul.languages {
                @for tongue in Tongue::ALL {
                    li {
                        a href={ (name) "." (page_ending(tongue)) } lang=(tongue.tag()) hreflang=(tongue.tag())
                            aria-current=[(tongue == own).then_some("true")] { (tongue.name()) }
                    }
                }
            }
        }
    }
}

/// A page that speaks `language`. Its stylesheet is in the folder `root`, which is empty or ends in a slash.
pub(crate) fn document(language: &str, title: &str, root: &str, head: &Markup, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(language) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex, nofollow";
                meta name="referrer" content="no-referrer";
                title { (title) }
                link rel="stylesheet" href={ (root) (stylesheet_name()) };
                (head)
            }
            body { (body) }
        }
    };
    page.into_string() + "\n"
}
