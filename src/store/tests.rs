//! What cannot be reached through the store: bytes that are not what was written.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use super::record;

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
