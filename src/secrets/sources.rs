//! Where secrets may be.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::{SecretError, SecretValue, variable};

/// Names the secrets file.
pub(super) const FILE_VARIABLE: &str = "TECRAX_SECRETS_FILE";
/// Names the secrets directory.
pub(super) const DIRECTORY_VARIABLE: &str = "TECRAX_SECRETS_DIR";
/// Names the directory of a systemd unit's credentials.
const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";

/// The sources of this process. Read once, then passed as a value; the default has none.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// `TECRAX_SECRETS_FILE`: one YAML file.
    pub file: Option<PathBuf>,
    /// `TECRAX_SECRETS_DIR`: a directory for each secret, a file for each key.
    pub directory: Option<PathBuf>,
    /// `CREDENTIALS_DIRECTORY`: what systemd gave to the unit.
    pub credentials: Option<PathBuf>,
    /// `TECRAX_SECRET_…`, by the whole name. An empty one counts as absent.
    pub variables: BTreeMap<String, SecretValue>,
}

impl Sources {
    /// Reads the environment.
    ///
    /// # Errors
    /// A `TECRAX_SECRET_…` that is not UTF-8 or too long.
    #[expect(clippy::disallowed_methods, reason = "the one place of this stage that reads the environment")]
    pub fn from_process() -> Result<Self, SecretError> {
        Self::of(std::env::vars_os())
    }

    /// The sources that an environment names.
    ///
    /// # Errors
    /// As [`Sources::from_process`].
    pub fn of(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Self, SecretError> {
        let mut sources = Self::default();
        for (name, value) in variables.into_iter().filter(|(_, value)| !value.is_empty()) {
            let path = || Some(PathBuf::from(&value));
            match name.to_str() {
                Some(FILE_VARIABLE) => sources.file = path(),
                Some(DIRECTORY_VARIABLE) => sources.directory = path(),
                Some(CREDENTIALS_VARIABLE) => sources.credentials = path(),
                Some(name) if name.starts_with(variable::PREFIX) => {
                    sources.variables.insert(name.to_owned(), text(name, &value)?);
                }
                Some(_) | None => {}
            }
        }
        Ok(sources)
    }
}

fn text(name: &str, value: &OsStr) -> Result<SecretValue, SecretError> {
    match value.to_str() {
        Some(text) if text.len() <= super::safe::MAX_VALUE => Ok(SecretValue::new(text)),
        Some(_) => Err(SecretError::new(format!("the variable {name} is longer than 64 KiB"), "Give a shorter value.")),
        None => Err(SecretError::new(format!("the variable {name} is not UTF-8"), "Give the value as text, or unset it.")),
    }
}
