//! Values that have passed the Redactor.

use super::json::{Json, Object};
use crate::secrets::Redactor;

/// A value that has passed the Redactor. Outside this stage only [`redact`] makes one; inside, artifacts are put together from
/// redacted values, names, digests, numbers and instants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    value: Json,
}

impl Redacted {
    /// The value.
    pub const fn value(&self) -> &Json {
        &self.value
    }

    pub(super) fn into_value(self) -> Json {
        self.value
    }

    /// Takes a value whose free texts have passed the Redactor one by one. The frame around them is ours: redacting it as well
    /// could only break it, where a secret is as short as a word of the format.
    pub(super) const fn assembled(value: Json) -> Self {
        Self { value }
    }
}

/// Passes `value` through the Redactor: every text, keys included, and what stands under a key that names a secret.
pub fn redact(value: impl Into<Json>, redactor: &Redactor) -> Redacted {
    fn walk(value: Json, redactor: &Redactor) -> Json {
        match value {
            Json::Text(text) => Json::Text(redactor.redact(text)),
            Json::Array(items) => Json::Array(items.into_iter().map(|item| walk(item, redactor)).collect()),
            Json::Object(members) => Json::Object(
                members
                    .into_iter()
                    .map(|(key, item)| {
                        let item = match item {
                            Json::Text(text) => Json::Text(redactor.redact_under(&key, text)),
                            other => walk(other, redactor),
                        };
                        (redactor.redact(key.into_owned()), item)
                    })
                    .collect::<Object>(),
            ),
            other => other,
        }
    }
    Redacted { value: walk(value.into(), redactor) }
}
