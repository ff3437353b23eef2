//! Which of the media that items carry is their picture.

use std::borrow::Cow;

use super::markup::{Tag, local_name};

/// The address of the picture that an `enclosure`, `media:content`, `media:thumbnail` or `itunes:image` gives, and its rank: the
/// lowest is the best picture.
pub(super) fn of<'a>(tag: &Tag<'a>) -> Option<(u8, Cow<'a, str>)> {
    let url = tag.attribute("url").or_else(|| tag.attribute("href")).filter(|url| !url.trim().is_empty())?;
    let kind = tag.attribute("type").or_else(|| tag.attribute("medium")).unwrap_or_default().to_ascii_lowercase();
    let rank = match local_name(tag.name) {
        "content" if kind.starts_with("image") => 0,
        "enclosure" if kind.starts_with("image") => 1,
        "content" | "enclosure" if kind.is_empty() && has_picture_ending(&url) => 2,
        "thumbnail" => 3,
        "image" => 4,
        _ => return None,
    };
    Some((rank, url))
}

fn has_picture_ending(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url).to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"].iter().any(|ending| path.ends_with(ending))
}
