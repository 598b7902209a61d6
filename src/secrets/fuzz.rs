//! A secrets file from memory, for fuzzers.

use std::path::Path;

use super::file;

/// Reads `bytes` as a secrets file: how many namespaces it names, or why it is none.
///
/// # Errors
/// What a person would be told; never a word of the file.
pub fn secrets_file(bytes: &[u8]) -> Result<usize, String> {
    file::parse(Path::new("secrets.yaml"), bytes.to_vec().into()).map(|values| values.len()).map_err(|error| error.message)
}
