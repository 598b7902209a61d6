//! Values that have passed the Redactor.

use serde_json::Value;

use crate::secrets::Redactor;

/// A value that has passed the Redactor. Only [`redact`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Redacted {
    value: Value,
}

impl Redacted {
    /// The value.
    pub const fn value(&self) -> &Value {
        &self.value
    }

    pub(super) fn into_value(self) -> Value {
        self.value
    }
}

/// Passes every text of `value`, keys included, through the Redactor.
pub fn redact(value: Value, redactor: &Redactor) -> Redacted {
    fn walk(value: Value, redactor: &Redactor) -> Value {
        match value {
            Value::String(text) => Value::String(redactor.redact(text)),
            Value::Array(items) => Value::Array(items.into_iter().map(|item| walk(item, redactor)).collect()),
            Value::Object(map) => {
                Value::Object(map.into_iter().map(|(key, item)| (redactor.redact(key), walk(item, redactor))).collect())
            }
            other => other,
        }
    }
    Redacted { value: walk(value, redactor) }
}
