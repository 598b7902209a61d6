//! One record of an export.

use std::path::Path;

use serde_json::Value;

use super::super::files::{self, Unreadable};
use super::super::layout::{BODY, BODY_MAX, HEADER, HEADER_MAX, PROOF, RECORDS, record_path};
use super::header;
use super::outcome::Outcome;
use crate::api::Digest;
use crate::evidence::log::{SignedCheckpoint, TLOG_PROOF_MAX, TlogProof, verify_inclusion};
use crate::evidence::{Header, Subject};

/// What a record must fit.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// The export.
    pub root: &'a Path,
    /// Its checkpoint, whose signature was checked.
    pub checkpoint: Option<&'a SignedCheckpoint>,
    /// Sequence number and leaf of the record before, when it is in the export.
    pub before: Option<(u64, Digest)>,
}

/// A record of an export whose header could be read.
#[derive(Debug)]
pub struct Checked {
    /// Its header.
    pub header: Header,
    /// Its leaf.
    pub leaf: Digest,
    /// Its body; `None` when there is none that the header binds.
    pub body: Option<Value>,
}

/// Checks one record; what can not be read is wrong and gives `None`.
pub fn check(around: &Around<'_>, subject: &Subject, seq: u64, outcome: &mut Outcome) -> Option<Checked> {
    let at = record_path(RECORDS, subject, seq);
    let path = |name: &str| format!("{at}/{name}");
    let read = |name: &str, max: u64| files::read(&around.root.join(&at).join(name), max);
    let bytes = match read(HEADER, HEADER_MAX) {
        Ok(bytes) => bytes,
        Err(error) => {
            outcome.wrong(path(HEADER), error.to_string());
            return None;
        }
    };
    let Some(header) = header::read(&bytes) else {
        outcome.wrong(path(HEADER), "it is no header in canonical JSON");
        return None;
    };
    if header.subject != *subject || header.seq != seq {
        outcome.wrong(path(HEADER), format!("it is the header of {}@{}", header.subject, header.seq));
    }
    let leaf = header.leaf();
    chained(around, &header, &path(HEADER), outcome);
    proven(around, &header, leaf, &read(PROOF, TLOG_PROOF_MAX as u64), &path(PROOF), outcome);
    let body = match read(BODY, BODY_MAX) {
        Ok(bytes) if Digest::of(&bytes) == header.body => serde_json::from_slice(&bytes).ok(),
        Ok(_) => {
            outcome.wrong(path(BODY), "it is not the body that the header binds");
            None
        }
        Err(error) => {
            outcome.wrong(path(BODY), error.to_string());
            None
        }
    };
    parts(around.root, &at, body.as_ref(), outcome);
    Some(Checked { header, leaf, body })
}

/// Number and link of the record before.
fn chained(around: &Around<'_>, header: &Header, path: &str, outcome: &mut Outcome) {
    match around.before {
        Some((seq, _)) if seq.checked_add(1) != Some(header.seq) => {
            let what = format!("number {} of its sequence is followed by {}: records are missing", seq, header.seq);
            outcome.wrong(path, what);
        }
        Some((seq, leaf)) if leaf != header.prev => outcome.wrong(path, format!("it is not bound to number {seq}")),
        None if header.seq == 1 && header.prev != Digest::ZERO => outcome.wrong(path, "the first of a sequence binds another"),
        _ => {}
    }
}

/// The proof, against the checkpoint of the export.
fn proven(
    around: &Around<'_>,
    header: &Header,
    leaf: Digest,
    bytes: &Result<Vec<u8>, Unreadable>,
    path: &str,
    outcome: &mut Outcome,
) {
    let read = bytes.as_ref().map_err(ToString::to_string).and_then(|bytes| {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is no text".to_owned())?;
        TlogProof::parse(text).map_err(|error| error.to_string())
    });
    let (Some(checkpoint), proof) = (around.checkpoint, read) else { return };
    let proof = match proof {
        Ok(proof) => proof,
        Err(what) => return outcome.wrong(path, what),
    };
    if proof.checkpoint != *checkpoint {
        outcome.wrong(path, "its checkpoint is not that of the export");
    }
    if proof.extra.as_deref().is_some_and(|extra| extra != header.canonical()) {
        outcome.wrong(path, "its extra data is not the header");
    }
    let log = checkpoint.checkpoint();
    if header.origin != log.origin {
        outcome.wrong(path, format!("the record is of the log {}, the checkpoint of {}", header.origin, log.origin));
    }
    if let Err(error) = verify_inclusion(&leaf, proof.index, log.size, &proof.path, &log.root) {
        outcome.wrong(path, error.to_string());
    }
}

/// Parts beside the body: each must be what the body binds.
fn parts(root: &Path, at: &str, body: Option<&Value>, outcome: &mut Outcome) {
    let Ok(names) = files::names(&root.join(at)) else { return };
    let bound = body.and_then(|body| body.get("parts"));
    for name in names.iter().filter(|name| ![HEADER, BODY, PROOF].contains(&name.as_str())) {
        let path = format!("{at}/{name}");
        let digest = name.strip_suffix(".json").and_then(|part| bound?.get(part)?.as_str());
        match (digest, files::read(&root.join(&path), BODY_MAX)) {
            (None, _) => outcome.wrong(path, "no part of the record: nothing vouches for it"),
            (Some(digest), Ok(bytes)) if Digest::of(&bytes).to_string() == digest => {}
            (Some(_), Ok(_)) => outcome.wrong(path, "it is not the part that the body binds"),
            (Some(_), Err(error)) => outcome.wrong(path, error.to_string()),
        }
    }
}
