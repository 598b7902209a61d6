//! Files that hold one JSON object.
#![expect(clippy::disallowed_methods, reason = "asks whether the file that the user named is one")]

use std::path::Path;

use super::super::exit::Failure;
use super::super::input;
use super::refused;
use crate::evidence::json::{DuplicateKeys, Json, Limits, read};

/// Largest file, in bytes.
const MAX_BYTES: usize = 1_048_576;
/// What is taken: deep as our own artifacts; of a key that stands twice the last one counts, there as here.
const LIMITS: Limits = Limits { max_bytes: MAX_BYTES, max_depth: 64, duplicate_keys: DuplicateKeys::LastWins };

/// The bytes of a file.
///
/// # Errors
/// It is not there, can not be read, or is larger than its bound.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let shown = path.display();
    if !path.is_file() {
        return Err(refused(format!("JSON artifact not found: {shown}")));
    }
    let bytes = input::bytes(path, MAX_BYTES + 1).map_err(|failure| refused(failure.message))?;
    if bytes.len() > MAX_BYTES { Err(refused(format!("JSON artifact exceeds {MAX_BYTES} bytes: {shown}"))) } else { Ok(bytes) }
}

/// The object in a file.
///
/// # Errors
/// As [`bytes`], and what is no JSON or no object.
pub(super) fn object(path: &Path) -> Result<Json, Failure> {
    let (bytes, shown) = (bytes(path)?, path.display());
    let document =
        read(&bytes, &LIMITS).map_err(|error| refused(format!("invalid JSON artifact: {shown}")).help(error.to_string()))?;
    match document.value {
        object @ Json::Object(_) => Ok(object),
        _ => Err(refused(format!("JSON artifact must be an object: {shown}"))),
    }
}
