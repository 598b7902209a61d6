//! Duplicate keys, and documents that not every reader takes.

use super::super::Unreadable;
use super::FindingCode;
use super::case::Case;
use crate::evidence::json::{Json, Limits};

/// Largest bundle that `sclite-core` 2.0.1 reads: 8 MiB.
const TOTAL_MAX: usize = 8 << 20;
/// Most duplicate keys of a file that are named.
const NAMED_MAX: usize = 8;

pub(super) fn inspect(case: &mut Case<'_>) {
    let files = case.files;
    let total = files.bundle().total_bytes();
    if total > TOTAL_MAX {
        let message = format!("the files have {total} bytes together; other verifiers read at most {TOTAL_MAX}");
        case.find(FindingCode::DocumentLimits, "", message);
    }
    for (file, bytes) in files.bundle().iter().filter(|(file, _)| file.rsplit('.').next() == Some("json")) {
        for key in files.duplicate_keys(file).iter().take(NAMED_MAX) {
            let message = format!("{key} occurs twice; the last value counts here, and another reader may take the first");
            case.find(FindingCode::DuplicateKey, file, message);
        }
        let max = Limits::STRICT.max_bytes;
        if bytes.len() > max {
            let message = format!("{} bytes; other verifiers read at most {max}", bytes.len());
            case.find(FindingCode::DocumentLimits, file, message);
        }
        match files.artifact(file) {
            Ok(artifact) if depth(artifact.value()) > Limits::STRICT.max_depth => {
                let message = format!("nested deeper than {} levels; other verifiers refuse that", Limits::STRICT.max_depth);
                case.find(FindingCode::DocumentLimits, file, message);
            }
            Ok(_) | Err(Unreadable::Missing | Unreadable::Directory) => {}
            Err(Unreadable::NotObject) => case.find(FindingCode::Unreadable, file, "the JSON is no object"),
            Err(Unreadable::Json(error)) => case.find(FindingCode::Unreadable, file, format!("not readable: {error}")),
        }
    }
}

/// How many values lie inside one another, as the reader counts levels. The reader has bounded it.
fn depth(value: &Json) -> usize {
    let inner = match value {
        Json::Array(items) => items.iter().map(depth).max(),
        Json::Object(members) => members.iter().map(|(_, item)| depth(item)).max(),
        _ => None,
    };
    inner.map_or(1, |inner| inner + 1)
}
