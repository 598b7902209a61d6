//! The key of a guard.

use std::fmt;

use ring::hmac;

use crate::evidence::json::{Json, canonical};

/// A key of a kernel guard: the bytes of its text, which is secret and shown nowhere.
#[derive(Clone)]
pub struct GuardKey {
    key: hmac::Key,
    length: usize,
}

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the guard key is empty; give at least {min} bytes", min = GuardKey::MIN_LENGTH)]
pub struct GuardKeyError;

impl GuardKey {
    /// Fewest bytes of a key that `sclite-core` 2.0.1 takes; 1.0.5 takes any.
    pub const MIN_LENGTH: usize = 32;

    /// Takes the text of a key as it is, without trimming. Short keys are taken, because old guards must be checked.
    pub fn new(text: &str) -> Result<Self, GuardKeyError> {
        if text.is_empty() {
            return Err(GuardKeyError);
        }
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes()), length: text.len() })
    }

    /// Whether the key is shorter than [`Self::MIN_LENGTH`].
    pub const fn is_short(&self) -> bool {
        self.length < Self::MIN_LENGTH
    }

    /// The tag of a transcript: 64 lower-case hex digits.
    pub(super) fn tag(&self, transcript: &Json) -> String {
        let tag = hmac::sign(&self.key, &canonical(transcript));
        tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether `tag` is the tag of a transcript, in time that does not depend on where they differ.
    pub(super) fn verifies(&self, transcript: &Json, tag: &str) -> bool {
        // Only the lower-case form is a tag; its form is no secret.
        bytes(tag).is_some_and(|tag| hmac::verify(&self.key, &canonical(transcript), &tag).is_ok())
    }
}

/// The bytes of a text of lower-case hex digits.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).filter(|_| !byte.is_ascii_uppercase());
    let pairs = hex.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(digit(*high)? << 4 | digit(*low)?).ok(),
        _ => None,
    });
    pairs.collect()
}

impl fmt::Debug for GuardKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GuardKey(…)")
    }
}
