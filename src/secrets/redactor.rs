//! Removes secrets from text: values that are known, and what looks like one.

use std::borrow::Cow;
use std::sync::{Arc, PoisonError, RwLock, TryLockError};

use serde_json::Value;

use super::known::Known;
use super::{SecretValue, json};
use crate::api::secret_text::{self, replaced};

/// Passes over one text: what one pass leaves may look like a secret to the next, which settles at once but for made-up cases.
const MAX_PASSES: usize = 4;

/// Replaces secrets by `[REDACTED]`. Opaque: it can not be asked for the values it knows.
///
/// Clones share what they know, and a value that is registered is removed from then on everywhere, in any case, and also as
/// Base64, hex, percent-encoded and JSON-escaped. Patterns need no registration: private keys, tokens with a telling beginning,
/// JSON Web Tokens, `Bearer` and `Basic` credentials, passwords in URLs, and values after a secret's usual names.
#[derive(Clone, Default)]
pub struct Redactor {
    known: Arc<RwLock<Arc<Known>>>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} values)", self.known().len())
    }
}

impl Redactor {
    /// A Redactor that knows `values`; those shorter than four characters are not removed.
    pub fn new(values: impl IntoIterator<Item = String>) -> Self {
        let redactor = Self::default();
        let values: Vec<SecretValue> = values.into_iter().map(SecretValue::new).collect();
        redactor.register(&values);
        redactor
    }

    /// Makes more values known, to every clone.
    pub fn register<'v>(&self, values: impl IntoIterator<Item = &'v SecretValue>) {
        let values: Vec<&str> = values.into_iter().map(SecretValue::expose).collect();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(more) = known.with(&values) {
            *known = Arc::new(more);
        }
    }

    /// `text` without any secret. What it returns it would return again.
    pub fn redact(&self, text: String) -> String {
        cleaned(&self.known(), &text).unwrap_or(text)
    }

    /// The same for borrowed text; costs no copy when there is nothing to remove.
    pub fn redact_str<'t>(&self, text: &'t str) -> Cow<'t, str> {
        cleaned(&self.known(), text).map_or(Cow::Borrowed(text), Cow::Owned)
    }

    /// The same for text that was cut at its end, where the beginning of a known value may stand.
    pub fn redact_cut(&self, text: String) -> String {
        let known = self.known();
        let text = match known.cut_off(&text.to_ascii_lowercase()).and_then(|tail| replaced(&text, vec![tail])) {
            Some(text) => text,
            None => text,
        };
        cleaned(&known, &text).unwrap_or(text)
    }

    /// A document without any secret in its keys and texts, and without values under keys that name a secret.
    ///
    /// A text that is nothing but a SHA-256 digest or an RFC 3339 instant is removed only whole: a short value that happens to
    /// stand inside one would cost the evidence its meaning and hide nothing.
    pub fn redact_json(&self, value: Value) -> Value {
        let known = self.known();
        let all = json::Texts::of(&value);
        if !all.may_tell() && !is_known(&known, &all.keys) && parts(&known, &all.texts).is_none() {
            return value;
        }
        json::redacted(value, &|text| cleaned(&known, text))
    }

    /// A text without any secret; without anything when `key`, under which it stands, names a secret.
    pub fn redact_under(&self, key: &str, text: String) -> String {
        let known = self.known();
        json::redacted_under(key, text, &|text| cleaned(&known, text))
    }

    /// The same as [`Redactor::redact_str`] for the hook of a panic, which must not wait: `None` while values are being registered,
    /// maybe by the very thread that panics.
    pub fn redact_now(&self, text: &str) -> Option<String> {
        let known = match self.known.try_read() {
            Ok(known) => Arc::clone(&known),
            Err(TryLockError::Poisoned(known)) => Arc::clone(&known.into_inner()),
            Err(TryLockError::WouldBlock) => return None,
        };
        Some(cleaned(&known, text).unwrap_or_else(|| text.to_owned()))
    }

    fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// `text` without any secret; `None` when there is none.
fn cleaned(known: &Known, text: &str) -> Option<String> {
    let mut clean = parts(known, text)?;
    for _ in 1..MAX_PASSES {
        match parts(known, &clean) {
            Some(cleaner) => clean = cleaner,
            None => break,
        }
    }
    Some(clean)
}

/// Whether a value that is known stands in `text`.
fn is_known(known: &Known, text: &str) -> bool {
    let mut found = Vec::new();
    known.find(&text.to_ascii_lowercase(), &mut found);
    !found.is_empty()
}

/// One pass.
fn parts(known: &Known, text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    known.find(&lower, &mut found);
    secret_text::find(text, &lower, &mut found);
    replaced(text, found)
}
