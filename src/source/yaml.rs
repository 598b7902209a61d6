//! The typed reading of one document: one set of options for everything that tecrax reads as YAML.

use serde::de::DeserializeOwned;
use serde_yaml::options::DuplicateKeyPolicy;
use serde_yaml::{Error, Location, MergeKeyPolicy, Options};

use crate::api::reason;

use super::bounds::{MAX_DEPTH, MAX_FILE_BYTES, MAX_NODES};
use super::finding::{Finding, word};
use super::tree::Mark;

/// YAML 1.2 without its surprises: no `yes`, no octal, no merge keys, no aliases, no foreign tags, no duplicate keys.
///
/// Errors carry no snippet: a manifest may hold what must not reach a log.
pub(super) fn strict() -> Options {
    serde_yaml::options! {
        budget: serde_yaml::budget! {
            max_reader_input_bytes: Some(MAX_FILE_BYTES),
            max_documents: 1,
            max_nodes: MAX_NODES,
            max_depth: MAX_DEPTH,
            max_aliases: 0,
            max_anchors: 0,
            max_merge_keys: 0,
        },
        emit_comments: false,
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

/// Reads one document as `T`.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Finding> {
    serde_yaml::from_str_with_options(text, strict()).map_err(|error| finding(&error))
}

/// What the reader says, without the values it quotes: only words that come from the types are kept.
fn finding(error: &Error) -> Finding {
    let mark = error.location().map_or(Mark { byte: 0, line: 1, column: 1 }, |location| mark(&location));
    match error.without_snippet() {
        // The types' own messages: names, durations.
        Error::Message { msg, .. } => Finding::value(mark, word_line(msg)),
        Error::SerdeUnknownField { field, .. } => {
            Finding::new(reason::UNKNOWN_FIELD, mark, format!("unknown field `{}`", word(field)))
        }
        Error::SerdeMissingField { field, .. } => {
            Finding::new(reason::MISSING_FIELD, mark, format!("missing field `{field}`")).help(format!("add `{field}:`"))
        }
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().map(|key| format!(" `{}`", word(key))).unwrap_or_default();
            Finding::new(reason::DUPLICATE_KEY, mark, format!("a key{key} stands twice"))
        }
        Error::SerdeInvalidType { expected, .. } | Error::SerdeInvalidValue { expected, .. } => {
            Finding::value(mark, format!("expected {}", word_line(expected)))
        }
        Error::Unexpected { expected, .. } => Finding::value(mark, format!("expected {expected}")),
        Error::InvalidScalar { ty, .. } => Finding::value(mark, format!("expected {ty}")),
        Error::NullIntoString { .. } => Finding::value(mark, "expected a string, found nothing"),
        _ => Finding::value(mark, "this value does not fit its kind"),
    }
}

fn mark(location: &Location) -> Mark {
    let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX).max(1);
    Mark { byte: 0, line: count(location.line()), column: count(location.column()) }
}

/// One bounded line.
fn word_line(text: &str) -> String {
    text.chars().take(400).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
