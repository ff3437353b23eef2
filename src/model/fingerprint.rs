//! How records hold a text's fingerprint (see `story`): its words, each with the least byte first, in base64. Records of before hold
//! the words as numbers, which takes twice the room.

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD as BASE64;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

pub(crate) fn serialize<S: Serializer>(fingerprint: &[u32], serializer: S) -> Result<S::Ok, S::Error> {
    let bytes: Vec<u8> = fingerprint.iter().flat_map(|word| word.to_le_bytes()).collect();
    serializer.serialize_str(&BASE64.encode(bytes))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        Packed(String),
        Numbers(Vec<u32>),
    }
    let text = match Form::deserialize(deserializer)? {
        Form::Numbers(numbers) => return Ok(numbers),
        Form::Packed(text) => text,
    };
    let bytes = BASE64.decode(text).map_err(D::Error::custom)?;
    let (words, rest) = bytes.as_chunks::<4>();
    if rest.is_empty() {
        Ok(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
    } else {
        Err(D::Error::custom("a fingerprint that ends within a word"))
    }
}
