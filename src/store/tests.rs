//! What cannot be reached through the store: bytes that are not what was written.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use super::engine::Engine;
use super::{alias, record};
use crate::model::UrlHash;

#[test]
fn a_record_tells_when_any_of_its_bytes_is_wrong() {
    for text in ["short".to_owned(), "long ".repeat(200)] {
        let whole = record::encode(b"key", &text).unwrap().concat();
        assert_eq!(record::decode::<String>(b"key", &whole).unwrap(), text);
        assert!(record::decode::<String>(b"other", &whole).is_err());
        for length in 0..whole.len() {
            assert!(record::decode::<String>(b"key", &whole[..length]).is_err(), "cut to {length}");
        }
        for place in 0..whole.len() {
            let mut wrong = whole.clone();
            wrong[place] ^= 1;
            assert!(record::decode::<String>(b"key", &wrong).is_err(), "byte {place}");
        }
    }
}

#[test]
fn an_alias_is_read_as_it_is_written_now_and_as_it_was_before() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::open(folder.path()).unwrap();
    let (identity, article) = ([7; 16], UrlHash::from_stored([9; 16]));
    let (now, before) = (alias::encode(&identity, article), record::encode(&identity, &article).unwrap().concat());
    for whole in [&now[..], &before] {
        engine.aliases.insert(identity, whole).unwrap();
        assert_eq!(engine.alias(&identity).unwrap(), Some(article));
        engine.aliases.insert([8; 16], whole).unwrap();
        assert!(engine.alias(&[8; 16]).is_err(), "of another identity");
        for place in 0..whole.len() {
            let mut wrong = whole.to_vec();
            wrong[place] ^= 1;
            engine.aliases.insert(identity, wrong).unwrap();
            assert!(engine.alias(&identity).is_err(), "byte {place}");
        }
    }
}
