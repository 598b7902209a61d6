//! One value of a secret.

use zeroize::Zeroizing;

/// Text that must not be seen. Only [`SecretValue::expose`] shows it, so every use can be found by that word.
///
/// It is wiped from memory when it is dropped. What the Redactor must go on knowing, to keep it out of what is written later, it
/// holds for itself.
#[derive(Clone)]
pub struct SecretValue(Zeroizing<String>);

impl std::fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretValue")
    }
}

impl SecretValue {
    /// Takes text as it is.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Takes the text of a file: one line break at the end belongs to the file, not to the value.
    pub(super) fn of_file(mut text: Zeroizing<String>) -> Self {
        if text.ends_with('\n') {
            text.pop();
            if text.ends_with('\r') {
                text.pop();
            }
        }
        Self(text)
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}
