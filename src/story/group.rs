//! Stories among articles that are all there: what a [`super::Window`] tells of those that come one by one.

use super::index::Index;

/// For each fingerprint the place of the first one of its story; its own when it is the first, or empty.
///
/// A story is all that a chain of alike texts connects, whatever their order.
#[must_use]
pub fn group(fingerprints: &[Vec<u32>]) -> Vec<usize> {
    let mut index = Index::default();
    // By place in the index: the place in `fingerprints`.
    let mut places = Vec::new();
    let mut first: Vec<usize> = (0..fingerprints.len()).collect();
    for (place, fingerprint) in fingerprints.iter().enumerate() {
        for other in index.alike(fingerprint).iter().filter_map(|other| places.get(*other)) {
            join(&mut first, place, *other);
        }
        if index.insert(fingerprint).is_some() {
            places.push(place);
        }
    }
    (0..first.len()).map(|place| root(&first, place)).collect()
}

/// Lets the later of two stories begin where the earlier one does.
fn join(first: &mut [usize], one: usize, other: usize) {
    let (one, other) = (root(first, one), root(first, other));
    if let Some(later) = first.get_mut(one.max(other)) {
        *later = one.min(other);
    }
}

fn root(first: &[usize], mut place: usize) -> usize {
    while let Some(earlier) = first.get(place).filter(|earlier| **earlier != place) {
        place = *earlier;
    }
    place
}
