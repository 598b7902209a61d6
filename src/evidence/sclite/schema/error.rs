//! What a schema refuses.

/// The first thing that a schema refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SchemaError {
    /// Where: `$`, `$.a.b[0]`; for an unknown schema the reference to it.
    pub path: String,
    /// The whole sentence, such as `$.a: expected minLength 1`. Values in it are cut after 200 characters.
    pub message: String,
    /// Whether there is no such schema.
    pub unknown_schema: bool,
}

impl SchemaError {
    /// The value at `path` breaks a rule.
    pub(super) fn at(path: &str, problem: &str) -> Self {
        Self { path: path.to_owned(), message: format!("{path}: {problem}"), unknown_schema: false }
    }

    /// `schema_ref` names no schema of the format.
    pub(super) fn unknown(schema_ref: &str) -> Self {
        let problem = "not a packaged SCLite schema; external schema refs require allow_external_schema_refs=True";
        Self { path: schema_ref.to_owned(), message: format!("{schema_ref}: {problem}"), unknown_schema: true }
    }
}
