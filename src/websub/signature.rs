//! Whether a push comes from who knows the secret: `X-Hub-Signature`, an HMAC over the body (`WebSub`, section 8). Pure.

use ring::hmac;

/// Whether `signature`, as in `sha256=5f2c…`, is the one of `body`. The comparison takes the same time wherever they differ.
pub(super) fn is_genuine(signature: &str, secret: &str, body: &[u8]) -> bool {
    let Some((method, digest)) = signature.trim().split_once('=') else { return false };
    let algorithm = match method.trim().to_ascii_lowercase().as_str() {
        "sha1" => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        "sha256" => hmac::HMAC_SHA256,
        "sha384" => hmac::HMAC_SHA384,
        "sha512" => hmac::HMAC_SHA512,
        _ => return false,
    };
    let key = hmac::Key::new(algorithm, secret.as_bytes());
    hex::decode(digest.trim()).is_ok_and(|digest| hmac::verify(&key, body, &digest).is_ok())
}

/// The signature of `body`, as in `sha256=5f2c…`.
pub(crate) fn sign(secret: &str, body: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body);
    format!("sha256={}", hex::encode(tag))
}
