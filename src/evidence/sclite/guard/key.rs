//! The key of a guard.

use std::fmt;

use ring::hmac::{HMAC_SHA256, Key, sign, verify};

use crate::api::Digest;
use crate::evidence::json::{Json, canonical};

/// A key of a kernel guard: the bytes of its text, which is secret and shown nowhere.
#[derive(Clone)]
pub struct GuardKey {
    key: Key,
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
        Ok(Self { key: Key::new(HMAC_SHA256, text.as_bytes()), length: text.len() })
    }

    /// Whether the key is shorter than [`Self::MIN_LENGTH`].
    pub const fn is_short(&self) -> bool {
        self.length < Self::MIN_LENGTH
    }

    /// The tag of a transcript: 64 lower-case hex digits.
    pub(super) fn tag(&self, transcript: &Json) -> String {
        let tag = sign(&self.key, &canonical(transcript));
        Digest::from_bytes(tag.as_ref()).map(|tag| tag.to_string()).unwrap_or_default()
    }

    /// Whether `tag` is the tag of a transcript, in time that does not depend on where they differ.
    pub(super) fn verifies(&self, transcript: &Json, tag: &str) -> bool {
        // Only lower-case hex is a tag; its form is no secret.
        let bytes = Digest::parse(tag).filter(|bytes| bytes.to_string() == tag);
        bytes.is_some_and(|tag| verify(&self.key, &canonical(transcript), tag.as_bytes()).is_ok())
    }
}

impl fmt::Debug for GuardKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GuardKey(…)")
    }
}
