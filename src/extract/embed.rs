//! Embedded posts and videos, as links to where they are: what a feed reader cannot show, its reader can open.

use url::Url;

use super::body::{Block, Kind, web_link};
use super::hint::Hint;
use super::outline::{Node, Outline, Tag};
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
    address(node, base).map(|address| figure(&address))
}

fn figure(address: &Url) -> Block {
    let mut html = format!("<a href=\"{}\">", escape_attribute(address.as_str()));
    escape(&mut html, address.as_str());
    html.push_str("</a>");
    Block { kind: Kind::Figure, quote: None, text: String::new(), html, linked: 0, hint: Hint::None }
}

/// The link that an element becomes which a script of a network would put a post into, where it holds none itself.
pub(super) fn post(outline: &Outline<'_>, index: usize, base: &Url) -> Option<Block> {
    let node = outline.get(index).filter(|node| !node.tag.is_inline())?;
    let stated = ["data-instgrm-permalink", "data-href", "cite"].into_iter().find_map(|name| node.attribute(name))?;
    let address = web_link(base, stated).filter(is_known)?;
    let has_link = outline.subtree(index).any(|(_, node)| node.tag == Tag::Link);
    (!has_link).then(|| figure(&address))
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
        let of_youtube = frame.host_str().is_some_and(|host| host.contains("youtube"));
        let video = frame.path().strip_prefix("/embed/").filter(|video| of_youtube && !video.is_empty());
        let watched = video.and_then(|video| Url::parse(&format!("https://www.youtube.com/watch?v={video}")).ok());
        is_known(&frame).then(|| watched.unwrap_or(frame))
    })
}

fn is_known(address: &Url) -> bool {
    let is_of = |host: &str, site: &str| host.strip_suffix(site).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    address.host_str().is_some_and(|host| SITES.iter().any(|site| is_of(host, site)))
}
