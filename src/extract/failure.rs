//! Why a page holds no article: pages that stand in its place say so in a few words.

use super::weigh::Weight;

/// Why there is no article in a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("the page has no article text")]
    Empty,
    #[error("the page asks whether the reader is a robot")]
    BotWall,
    #[error("the page asks for consent to cookies and shows no article")]
    CookieWall,
    #[error("the page shows only the beginning of the article to those who do not pay")]
    Paywall,
    #[error("the page shows its text only with JavaScript")]
    NeedsScript,
    #[error("the server answered with an error page")]
    ErrorPage,
    #[error("the page is a list of articles")]
    Listing,
    #[error("what the address answers with is not text")]
    NotText,
}

/// What such pages say, lower case. Only looked for where there is hardly any other text.
const SIGNS: [(Failure, &[&str]); 5] = [
    (
        Failure::BotWall,
        &[
            "checking your browser",
            "verify you are human",
            "verifying you are human",
            "are you a robot",
            "not a robot",
            "captcha",
            "unusual traffic",
            "ddos protection",
            "security check",
            "access denied",
            "attention required! | cloudflare",
            "just a moment...",
            "request blocked",
            "bot protection",
            "проверка браузера",
            "вы не робот",
            "подтвердите, что вы человек",
            "доступ запрещен",
            "доступ ограничен",
        ],
    ),
    (
        Failure::NeedsScript,
        &[
            "enable javascript",
            "javascript is required",
            "javascript is disabled",
            "requires javascript",
            "need to enable javascript",
            "turn on javascript",
            "включите javascript",
            "включить javascript",
            "javascript aktivieren",
            "activez javascript",
            "active javascript",
            "habilite javascript",
        ],
    ),
    (
        Failure::CookieWall,
        &[
            "accept cookies",
            "accept all cookies",
            "we use cookies",
            "consent to cookies",
            "before you continue",
            "cookies akzeptieren",
            "accepter les cookies",
            "aceptar cookies",
            "используем файлы cookie",
            "используем cookie",
        ],
    ),
    (
        Failure::ErrorPage,
        &[
            "404 not found",
            "page not found",
            "page cannot be found",
            "page does not exist",
            "page you requested",
            "page you are looking for",
            "500 internal server error",
            "bad gateway",
            "service unavailable",
            "gateway timeout",
            "error 404",
            "404 error",
            "ошибка 404",
            "страница не найдена",
            "страница не существует",
            "бет табылмады",
            "seite nicht gefunden",
            "page introuvable",
            "página no encontrada",
            "strona nie istnieje",
            "сторінку не знайдено",
        ],
    ),
    (
        Failure::Paywall,
        &[
            "subscribe to continue",
            "subscribe to read",
            "to continue reading",
            "already a subscriber",
            "subscribers only",
            "for subscribers",
            "log in to read",
            "только для подписчиков",
            "доступно по подписке",
            "чтобы продолжить чтение",
            "nur für abonnenten",
            "réservé aux abonnés",
            "solo para suscriptores",
        ],
    ),
];

/// Text this long, in characters, is an article whatever it says.
const LONG: usize = 600;
/// And text this short on a page of links is not its subject.
const SHORT: usize = 150;

/// Whether a page is something else than text that was called a page: a picture, an archive, a program.
pub(super) fn is_binary(text: &str) -> bool {
    let (mut wrong, mut all) = (0, 0);
    for character in text.chars().take(4096) {
        all += 1;
        wrong += usize::from((character.is_control() && !character.is_whitespace()) || character == char::REPLACEMENT_CHARACTER);
    }
    wrong * 10 > all
}

/// The failure that a page shows in place of an article. `body` is what was found, `everything` tells the beginning of the page's text, and
/// `whole` its weight.
///
/// Where some text was found, only that and the title are listened to: a short report on a page with a banner about cookies is a report.
pub(super) fn of(title: &str, body: &str, everything: impl FnOnce() -> String, whole: Weight) -> Option<Failure> {
    let characters = body.chars().take(LONG).count();
    if characters >= LONG {
        return None;
    }
    let everything = if characters < SHORT { everything() } else { String::new() };
    let said = format!("{title}\n{}", if characters < SHORT { &everything } else { body }).to_lowercase();
    let sign = SIGNS.iter().find(|(_, signs)| signs.iter().any(|sign| said.contains(sign)));
    let listing = characters < SHORT && whole.is_linked(50) && whole.linked >= 200;
    sign.map(|(failure, _)| *failure).or(listing.then_some(Failure::Listing)).or((characters == 0).then_some(Failure::Empty))
}
