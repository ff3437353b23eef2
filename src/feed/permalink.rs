//! Where items are whose links all lead to one page, by their ids: those tell them apart, and in RSS they may be addresses.

use std::collections::HashMap;

use url::Url;

use super::draft::{Draft, Link};
use super::read::{page, web_url};
use crate::model::CanonicalUrl;

/// Gives items the addresses that are their ids, where their links lead to the front page, to the feed's own page or to that of others.
pub(super) fn settle(items: &mut [Draft], head: &Draft) {
    let home = link(head).map(|home| canonical(&home));
    // Of each link one item that has it, and whether others have it too.
    let mut owners: HashMap<String, (Option<String>, bool)> = HashMap::new();
    for item in &*items {
        let Some(link) = link(item) else { continue };
        let id = item.id.get().cloned();
        owners.entry(canonical(&link)).and_modify(|(first, is_shared)| *is_shared |= *first != id).or_insert((id, false));
    }
    let is_general = |link: &Url| {
        let known = canonical(link);
        is_front(link) || home.as_ref() == Some(&known) || owners.get(&known).is_some_and(|(_, is_shared)| *is_shared)
    };
    for item in items.iter_mut().filter(|item| item.id_is_permalink) {
        let own = item.id.get().and_then(|id| web_url(id));
        if let Some(own) = own.filter(|own| !is_general(own) && link(item).is_some_and(|link| is_general(&link))) {
            item.links.insert(0, Link { href: own.into(), relation: String::new(), media_type: "text/html".to_owned() });
        }
    }
}

fn link(draft: &Draft) -> Option<Url> {
    web_url(&page(&draft.links)?.href)
}

fn canonical(url: &Url) -> String {
    CanonicalUrl::of(url).map_or_else(|_| url.to_string(), String::from)
}

/// `https://agency.kz/`.
fn is_front(url: &Url) -> bool {
    url.path() == "/" && url.query().is_none()
}
