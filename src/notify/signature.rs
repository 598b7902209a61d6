//! The signature of a webhook request, as Standard Webhooks (standardwebhooks.com) defines it, so that its libraries verify it.
//!
//! `webhook-signature: v1,BASE64(HMAC-SHA256(key, "ID.SECONDS.BODY"))` with `webhook-id: ID` and `webhook-timestamp: SECONDS`, the
//! Unix time of the try. The key is the value of `hmacFrom`: behind the prefix `whsec_` in Base64, anything else as its bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{Context, HMAC_SHA256, Key};
use zeroize::Zeroizing;

use super::Fault;
use crate::api::ErrorClass;
use crate::secrets::SecretValue;

/// How a key in Base64 begins.
const PREFIX: &str = "whsec_";
/// Shortest key, in bytes: what is shorter can be guessed.
const MIN_KEY: usize = 16;

/// The value of `webhook-signature`.
///
/// # Errors
/// A key that is no Base64 or shorter than 16 bytes.
pub(super) fn sign(key: &SecretValue, id: &str, seconds: i64, body: &str) -> Result<String, Fault> {
    let unusable = |why: &str| Fault::new(ErrorClass::CredentialUnusable, format!("the key in `hmacFrom` {why}"));
    let text = key.expose().trim();
    let bytes = Zeroizing::new(match text.strip_prefix(PREFIX) {
        Some(encoded) => STANDARD.decode(encoded).map_err(|_| unusable("is no Base64 behind its prefix `whsec_`"))?,
        None => text.as_bytes().to_vec(),
    });
    if bytes.len() < MIN_KEY {
        return Err(unusable("is shorter than 16 bytes; make one with `openssl rand -base64 32`"));
    }
    let mut context = Context::with_key(&Key::new(HMAC_SHA256, &bytes));
    for part in [id, ".", &seconds.to_string(), ".", body] {
        context.update(part.as_bytes());
    }
    Ok(format!("v1,{}", STANDARD.encode(context.sign())))
}

/// The value of `Authorization` for user name and password (RFC 7617).
pub(super) fn basic(user: &str, password: &str) -> Zeroizing<String> {
    let both = Zeroizing::new(format!("{user}:{password}"));
    Zeroizing::new(format!("Basic {}", STANDARD.encode(both.as_bytes())))
}
