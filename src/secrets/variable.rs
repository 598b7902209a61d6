//! The names by which a reference is looked up where there are no directories: environment variables and credentials.

use crate::api::{DEFAULT_NAMESPACE, SecretId};

/// What every variable of a secret begins with.
pub(super) const PREFIX: &str = "TECRAX_SECRET_";

/// `TECRAX_SECRET_<NAME>_<KEY>`; before the name `<NAMESPACE>__` unless it is the default one. Letters are in upper case and
/// everything else but digits is `_`, so that two references may meet in one variable: a caller must refuse that.
pub(super) fn variable(id: &SecretId) -> String {
    let upper = |text: &str| -> String {
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
    };
    let namespace = if is_default(id) { String::new() } else { format!("{}__", upper(id.namespace.as_str())) };
    format!("{PREFIX}{namespace}{}_{}", upper(id.name.as_str()), upper(&id.key))
}

/// `<name>.<key>`; before the name `<namespace>@` unless it is the default one. A name may hold a dot as well, so that two
/// references may meet here too.
pub(super) fn credential(id: &SecretId) -> String {
    let namespace = if is_default(id) { String::new() } else { format!("{}@", id.namespace) };
    format!("{namespace}{}.{}", id.name, id.key)
}

/// Whether no namespace is written.
pub(super) fn is_default(id: &SecretId) -> bool {
    id.namespace.as_str() == DEFAULT_NAMESPACE
}
