//! Strict reading of one profile file, with the place of every fault.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_yaml::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_yaml::{Location, MessageFormatter as _, Options, Spanned, UserMessageFormatter};

use super::files::Files;
use super::report::has_extension;
use crate::api::{Problem, reason};

/// Most nodes of one file.
const MAX_NODES: usize = 20_000;
/// Deepest nesting of one file.
const MAX_DEPTH: usize = 32;

/// A value with its place.
pub(super) type At<T> = Spanned<T>;

fn options() -> Options {
    serde_yaml::options! {
        budget: serde_yaml::budget! {
            max_documents: 1,
            max_nodes: MAX_NODES,
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_aliases: 0,
            max_anchors: 0,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

/// Reads a file into its type; unknown fields, duplicate keys and aliases are faults.
pub(super) fn typed<T: DeserializeOwned>(files: &Files, path: &str, text: &str) -> Result<T, Box<Problem>> {
    serde_yaml::from_str_with_options(text, options()).map_err(|error| Box::new(fault(files, path, &error)))
}

/// Reads a file into a plain value, for digests and published schemas.
pub(super) fn value(files: &Files, path: &str, text: &str) -> Result<Value, Box<Problem>> {
    if has_extension(path, "json") {
        return serde_json::from_str(text).map_err(|error| {
            let mut place = files.place(path);
            place.line = u32::try_from(error.line()).unwrap_or_default();
            place.column = u32::try_from(error.column()).unwrap_or_default();
            Box::new(Problem::error(reason::BAD_PROFILE, format!("not JSON: {error}")).at(place))
        });
    }
    typed(files, path, text)
}

fn fault(files: &Files, path: &str, error: &serde_yaml::Error) -> Problem {
    let error = error.without_snippet();
    let message = UserMessageFormatter.format_message(error).escape_debug().to_string();
    at(files, path, error.location(), message)
}

/// A fault at a location of a file.
pub(super) fn at(files: &Files, path: &str, location: Option<Location>, message: impl Into<String>) -> Problem {
    let mut place = files.place(path);
    if let Some(location) = location {
        place.line = u32::try_from(location.line()).unwrap_or_default();
        place.column = u32::try_from(location.column()).unwrap_or_default();
    }
    Problem::error(reason::BAD_PROFILE, message).at(place)
}
