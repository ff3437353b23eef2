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
    bytes(digest.trim()).is_some_and(|digest| hmac::verify(&key, body, &digest).is_ok())
}

/// What pairs of hexadecimal digits stand for.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(byte).collect()
}
