//! Embedded posts and videos, as links to where they are: what a feed reader cannot show, its reader can open.

use url::Url;

use super::body::{Block, Kind, web_link};
use super::hint::Hint;
use super::outline::Node;
use super::render::{escape, escape_attribute};

/// The sites whose frames are part of articles. Other frames hold advertisements and counters.
const SITES: [&str; 17] = [
    "youtube.com",
    "youtube-nocookie.com",
    "youtu.be",
    "t.me",
    "twitter.com",
    "x.com",
    "instagram.com",
    "facebook.com",
    "tiktok.com",
    "vk.com",
    "vkvideo.ru",
    "ok.ru",
    "rutube.ru",
    "vimeo.com",
    "dailymotion.com",
    "soundcloud.com",
    "spotify.com",
];

/// The link that a frame, or a script that puts a post in its place, becomes.
pub(super) fn link(node: &Node<'_>, base: &Url) -> Option<Block> {
    let address = address(node, base)?;
    let mut html = format!("<a href=\"{}\">", escape_attribute(address.as_str()));
    escape(&mut html, address.as_str());
    html.push_str("</a>");
    Some(Block { kind: Kind::Figure, quote: None, text: String::new(), html, linked: 0, hint: Hint::None })
}

fn address(node: &Node<'_>, base: &Url) -> Option<Url> {
    let stated = |name, start: &str| {
        let name = node.attribute(name).map(str::trim).filter(|name| !name.is_empty())?;
        Url::parse(&format!("{start}{name}")).ok()
    };
    let post = stated("data-telegram-post", "https://t.me/")
        .or_else(|| stated("data-tweetid", "https://twitter.com/i/status/"))
        .or_else(|| stated("data-videoid", "https://www.youtube.com/watch?v="));
    post.or_else(|| {
        let frame =
            ["src", "data-src", "data-lazy-src"].iter().filter_map(|name| node.attribute(name)).find_map(|src| web_link(base, src))?;
        let host = frame.host_str()?;
        let is_known = SITES.iter().any(|site| host.strip_suffix(site).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
        let video = frame.path().strip_prefix("/embed/").filter(|video| host.contains("youtube") && !video.is_empty());
        let watched = video.and_then(|video| Url::parse(&format!("https://www.youtube.com/watch?v={video}")).ok());
        is_known.then(|| watched.unwrap_or(frame))
    })
}
