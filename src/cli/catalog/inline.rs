//! No secret stands in a catalog or an environment: values are named by reference.

use super::fields::{Refusal, refuse, scalar};
use crate::secrets::Redactor;
use crate::source::{Located, LocatedValue};

/// Parts of a key that say its value is a secret.
const WORDS: [&str; 11] = [
    "password",
    "passwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "private_key",
    "credential",
    "authorization",
    "auth_header",
    "access_key",
];
/// A key that names where secrets are, not one of them.
const SOURCE: &str = "secrets_source";

/// Refuses the first value that is a secret by its key or its looks.
pub(super) fn check(file: &str, path: &str, value: &Located, redactor: &Redactor) -> Result<(), Refusal> {
    match &value.value {
        LocatedValue::Map(pairs) => {
            for (key, value) in pairs {
                let path = format!("{path}.{key}");
                let lower = key.to_ascii_lowercase();
                let named = WORDS.iter().any(|word| lower.contains(word)) && !lower.ends_with("_ref") && lower != SOURCE;
                if named && scalar(value).is_some_and(|text| !text.is_empty()) {
                    let message = format!("inline secret-like value forbidden at {path}; use secret_ref");
                    return Err(refuse(file, value, message));
                }
                check(file, &path, value, redactor)?;
            }
            Ok(())
        }
        LocatedValue::List(items) => items.iter().try_for_each(|item| check(file, &format!("{path}[]"), item, redactor)),
        LocatedValue::Text(text) if redactor.redact_str(text) != *text => {
            Err(refuse(file, value, format!("inline secret material forbidden at {path}; use secret_ref")))
        }
        _ => Ok(()),
    }
}
