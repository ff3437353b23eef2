//! What an identity leads to: the key of an article, in so few bytes that `sled` keeps them within its leaves.
//!
//! ```text
//! bytes 0 to 15    the key
//! 16 to 19         the first bytes of BLAKE3 over the identity and the key
//! ```
//!
//! Stores of before hold records (`store::record`) instead, which are longer.

use sled::IVec;

use crate::model::UrlHash;

use super::Error;
use super::engine::{Engine, Kind, damaged};
use super::record::Damage;

const LENGTH: usize = 20;

pub(super) fn encode(identity: &[u8], article: UrlHash) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    let (key, sum) = bytes.split_at_mut(article.as_bytes().len());
    key.copy_from_slice(article.as_bytes());
    blake3::Hasher::new().update(identity).update(key).finalize_xof().fill(sum);
    bytes
}

impl Engine {
    pub(super) fn alias(&self, identity: &[u8]) -> Result<Option<UrlHash>, Error> {
        let found = self.aliases.get(identity).map_err(|error| self.fault(error))?;
        found.map(|bytes| self.decode_alias(identity, &bytes)).transpose()
    }

    pub(super) fn decode_alias(&self, identity: &[u8], bytes: &IVec) -> Result<UrlHash, Error> {
        if bytes.len() != LENGTH {
            return self.decode(Kind::Alias, identity, bytes);
        }
        let article = bytes.first_chunk().map(|key| UrlHash::from_stored(*key));
        let intact = article.filter(|article| encode(identity, *article) == **bytes);
        intact.ok_or_else(|| damaged(Kind::Alias, identity, &Damage::Checksum))
    }
}
