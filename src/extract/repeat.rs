//! Lists of other articles: siblings built alike, each with a linked headline and little text.

use super::outline::{Content, Outline, Tag};
use super::weigh::Weight;

/// So many siblings alike make a list.
const MIN_TEASERS: usize = 3;

/// The elements that are teasers of other articles.
pub(super) fn teasers(outline: &Outline<'_>, whole: &[Weight]) -> Vec<bool> {
    let mut teasers = vec![false; outline.nodes.len()];
    let total = whole.first().map_or(0, |weight| weight.prose);
    for parent in 0..outline.nodes.len() {
        let runs = whole.get(parent).map_or(0, |weight| weight.runs);
        if runs < 2 * MIN_TEASERS || outline.get(parent).is_some_and(|node| node.tag.is_inline()) {
            continue;
        }
        for group in groups(outline, parent) {
            let like: Vec<usize> = group
                .iter()
                .copied()
                .filter(|index| whole.get(*index).is_some_and(is_short) && begins_with_link(outline, *index))
                .collect();
            let prose: usize = group.iter().filter_map(|index| whole.get(*index)).map(|weight| weight.prose).sum();
            if like.len() >= MIN_TEASERS && like.len() * 5 >= group.len() * 4 && prose * 2 < total {
                for index in group {
                    teasers.get_mut(index).into_iter().for_each(|teaser| *teaser = true);
                }
            }
        }
    }
    teasers
}

/// A line or two, with a link in it.
fn is_short(weight: &Weight) -> bool {
    (30..900).contains(&weight.characters) && weight.linked >= 15 && weight.is_linked(15) && weight.runs >= 2
}

/// Whether the first words of an element, its headline, are a link.
fn begins_with_link(outline: &Outline<'_>, index: usize) -> bool {
    let first = outline.subtree(index).find(
        |(_, node)| matches!(node.content, Content::Text(text) if text.chars().filter(|character| character.is_alphabetic()).count() >= 12),
    );
    first.is_some_and(|(text, _)| {
        let mut around = outline.ancestors(text).take_while(|ancestor| *ancestor >= index);
        around.any(|ancestor| outline.get(ancestor).is_some_and(|node| node.tag == Tag::Link))
    })
}

/// Elements that look alike.
struct Group<'a> {
    tag: Tag,
    class: Option<&'a str>,
    members: Vec<usize>,
}

/// The children of an element that share their tag and class, in groups.
fn groups(outline: &Outline<'_>, parent: usize) -> Vec<Vec<usize>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let end = outline.get(parent).map_or(parent, |node| node.end);
    let mut index = parent + 1;
    while index < end {
        let Some(node) = outline.get(index) else { break };
        let is_box = !node.tag.is_inline() && !matches!(node.tag, Tag::Paragraph | Tag::Heading(_) | Tag::Break | Tag::Row | Tag::Cell);
        if is_box {
            let (tag, class) = (node.tag, node.attribute("class"));
            match groups.iter_mut().rev().take(4).find(|group| group.tag == tag && group.class == class) {
                Some(group) => group.members.push(index),
                None => groups.push(Group { tag, class, members: vec![index] }),
            }
        }
        index = node.end;
    }
    groups.into_iter().map(|group| group.members).filter(|group| group.len() >= MIN_TEASERS).collect()
}
