//! Removes known secret values from text.

/// What a removed value is replaced by.
const MARK: &str = "[REDACTED]";
/// Shorter values are not replaced: they would tear ordinary words apart.
const SHORTEST: usize = 4;

/// Replaces every registered value by `[REDACTED]`. Opaque: it can not be asked for its values.
#[derive(Clone, Default)]
pub struct Redactor {
    /// Longest first, so that a value that contains another is removed whole.
    values: Vec<String>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} values)", self.values.len())
    }
}

impl Redactor {
    /// A Redactor for `values`; those shorter than four characters are left out.
    pub fn new(values: impl IntoIterator<Item = String>) -> Self {
        let mut values: Vec<String> = values.into_iter().filter(|value| value.chars().count() >= SHORTEST).collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.dedup();
        Self { values }
    }

    /// `text` without any registered value.
    pub fn redact(&self, text: String) -> String {
        self.values.iter().fold(text, |text, value| if text.contains(value) { text.replace(value, MARK) } else { text })
    }
}
