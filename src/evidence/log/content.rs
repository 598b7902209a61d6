//! What a record's body binds: its parts.

use std::sync::Arc;

use serde::Deserialize;

use super::super::json::{Json, Limits, Object, canonical, read};
use super::super::{Header, unpack};
use super::defect::{Defect, Place};
use crate::api::Digest;

/// One record as it was read, before anything about it is believed.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// Index of the leaf, from 0.
    pub index: u64,
    /// The header as stored, with the name of the log that is checked.
    pub header: &'a Header,
    /// The leaf hash as stored.
    pub leaf: Digest,
    /// Canonical JSON of the body.
    pub body: &'a [u8],
}

impl Row<'_> {
    /// How a defect names it.
    pub fn place(&self) -> Place {
        Place::Record { index: self.index, subject: self.header.subject.to_string(), seq: self.header.seq }
    }
}

/// One record with everything that it binds, for checks of its meaning.
#[derive(Debug, Clone)]
pub struct RecordParts<'a> {
    /// Index of the leaf, from 0.
    pub index: u64,
    /// The header.
    pub header: &'a Header,
    /// Canonical JSON of the body.
    pub body: &'a [u8],
    /// Names and bytes of its parts, shared ones included.
    pub parts: Vec<(String, Arc<[u8]>)>,
}

impl RecordParts<'_> {
    /// How a defect names it.
    pub fn place(&self) -> Place {
        Place::Record { index: self.index, subject: self.header.subject.to_string(), seq: self.header.seq }
    }

    /// One part by name.
    pub fn part(&self, name: &str) -> Option<&[u8]> {
        self.parts.iter().find(|(known, _)| known == name).map(|(_, bytes)| &**bytes)
    }
}

/// Parts that are stored together, each with the digest of its bytes; the last one is that under which they stand.
pub type Together = Arc<[(Digest, Arc<[u8]>)]>;

/// Finds what is stored under the digest of a shared part; `None` when nothing is.
pub type SharedParts<'a> = dyn FnMut(&Digest) -> Option<Together> + 'a;

/// Of each shared part in `wanted` its bytes, wherever they stand: under its own digest, or together with another one.
pub fn gather(wanted: &[Digest], shared: &mut SharedParts<'_>) -> Vec<Option<Arc<[u8]>>> {
    let mut found: Vec<Together> = Vec::with_capacity(1);
    let part = |found: &[Together], digest: &Digest| {
        found.iter().flat_map(|together| together.iter()).find(|(known, _)| known == digest).map(|(_, bytes)| Arc::clone(bytes))
    };
    for digest in wanted {
        if part(&found, digest).is_none() {
            found.extend(shared(digest));
        }
    }
    wanted.iter().map(|digest| part(&found, digest)).collect()
}

/// Checks that a record's body is canonical and that its parts are those that it binds, and returns them all.
pub fn resolve<'a>(row: &Row<'a>, stored: Option<&[u8]>, shared: &mut SharedParts<'_>) -> (RecordParts<'a>, Vec<Defect>) {
    let mut record = RecordParts { index: row.index, header: row.header, body: row.body, parts: Vec::new() };
    let mut defects = Vec::new();
    let mut blame = |what: String| defects.push(Defect::new(row.place(), what));
    let body = match read(row.body, &Limits::STRICT) {
        Ok(body) => body.value,
        Err(error) => {
            blame(format!("its body is not JSON: {error}"));
            return (record, defects);
        }
    };
    if canonical(&body) != row.body {
        blame("its body is not canonical".to_owned());
    }
    match (body.get("stored").and_then(Json::as_str).map(Digest::parse), stored) {
        (None, None) => {}
        (Some(Some(bound)), Some(blob)) if Digest::of(blob) == bound => {}
        _ => blame("its stored parts are not what the body binds".to_owned()),
    }
    match stored.map(unpack).transpose() {
        Ok(parts) => record.parts = parts.unwrap_or_default().into_iter().map(|(name, bytes)| (name, bytes.into())).collect(),
        Err(error) => blame(format!("its stored parts can not be read: {error}")),
    }
    let bound = body.get("parts").and_then(Json::as_object);
    for (name, bytes) in &record.parts {
        let digest = bound.and_then(|bound| bound.get(name)).and_then(Json::as_str);
        if digest.and_then(Digest::parse) != Some(Digest::of(bytes)) {
            blame(format!("its part `{name}` is not what the body binds"));
        }
    }
    let (mut names, mut digests) = (Vec::new(), Vec::new());
    for (name, digest) in bound.into_iter().flat_map(Object::iter) {
        if record.part(name).is_some() {
            continue;
        }
        let Some(digest) = digest.as_str().and_then(Digest::parse) else {
            blame(format!("it binds its part `{name}` by no digest"));
            continue;
        };
        names.push(name);
        digests.push(digest);
    }
    for ((name, digest), bytes) in names.into_iter().zip(&digests).zip(gather(&digests, shared)) {
        match bytes {
            Some(bytes) => record.parts.push((name.to_owned(), bytes)),
            None => blame(format!("its part `{name}` ({digest}) is missing")),
        }
    }
    (record, defects)
}

/// Whether a body binds just these stored parts, or none where there are none. Verifying a log asks this of every record, so what our
/// own writer wrote is answered without reading all of the JSON.
pub(super) fn binds(body: &[u8], stored: Option<&Digest>) -> bool {
    /// The only part of a body that is read.
    #[derive(Deserialize)]
    struct Body {
        stored: Option<Digest>,
    }
    match last_member(body) {
        Some(digits) => stored.is_some_and(|stored| *digits == stored.hex()),
        None if !names(body) => stored.is_none(),
        None => serde_json::from_slice::<Body>(body).is_ok_and(|body| body.stored.as_ref() == stored),
    }
}

/// The digits of `stored`, when it is the last member. A quote after a comma opens a string unless it ends one, and then the text
/// would be no JSON: so these bytes are a member, and the last brace makes it one of the body itself.
fn last_member(body: &[u8]) -> Option<&[u8; 64]> {
    let (rest, digits) = body.strip_suffix(b"\"}")?.split_last_chunk::<64>()?;
    rest.ends_with(b",\"stored\":\"").then_some(digits)
}

/// Whether a member of this name may be there at all.
fn names(body: &[u8]) -> bool {
    const NAME: &[u8] = b"\"stored\"";
    // An escape could spell the name otherwise.
    body.contains(&b'\\') || body.windows(NAME.len()).any(|window| window == NAME)
}
