//! A checkpoint as one word, for the end of a line.

use std::fmt::Write as _;

use super::checkpoint::{Checkpoint, SignedCheckpoint};
use super::encoding::{base64url, decimal, from_base64url};
use super::note::{Note, NoteSignature};
use crate::api::Digest;

/// How the word begins.
const PREFIX: &str = "checkpoint=";
/// Most tokens that are looked for in one text.
const TOKENS_MAX: usize = 100_000;

/// `checkpoint=ORIGIN/SIZE/ROOT/SIGNATURE`: the origin percent-encoded, root and signature (key id and bytes) in URL-safe base64
/// without padding. The key's name is the origin.
pub(super) fn write(signed: &SignedCheckpoint) -> Option<String> {
    let checkpoint = signed.checkpoint();
    // The signature is over the three lines, so a note with more has no such word.
    if signed.note().text() != checkpoint.text() {
        return None;
    }
    let signature = signed.note().signatures().iter().find(|signature| signature.name == checkpoint.origin)?;
    Some(format!(
        "{PREFIX}{}/{}/{}/{}",
        encoded(&checkpoint.origin),
        checkpoint.size,
        base64url(checkpoint.root.as_bytes()),
        base64url(&signature.to_bytes())
    ))
}

/// Every token in `text`, in order, each once.
pub(super) fn find_all(text: &str) -> Vec<SignedCheckpoint> {
    // Mail programs may have written quoted-printable: `=` as `=3D`, long lines broken after a `=`.
    let plain;
    let text = if text.contains("checkpoint=3D") {
        plain = text.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=");
        &plain
    } else {
        text
    };
    let mut found: Vec<SignedCheckpoint> = Vec::new();
    for (at, _) in text.match_indices(PREFIX).take(TOKENS_MAX) {
        let rest = text.get(at + PREFIX.len()..).unwrap_or_default();
        if let Some(checkpoint) = read(rest)
            && found.last() != Some(&checkpoint)
        {
            found.push(checkpoint);
        }
    }
    found
}

/// Reads what follows the prefix, up to the first character that can not belong to it.
fn read(rest: &str) -> Option<SignedCheckpoint> {
    let mut fields = rest.splitn(4, '/');
    let (origin, size, root, end) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let length = end.find(|character: char| !(character.is_ascii_alphanumeric() || matches!(character, '-' | '_')));
    let signature = from_base64url(end.get(..length.unwrap_or(end.len()))?)?;
    let origin = decoded(origin)?;
    let checkpoint = Checkpoint { size: decimal(size)?, root: Digest::from_bytes(&from_base64url(root)?)?, origin };
    let signature = NoteSignature::from_bytes(&checkpoint.origin, &signature)?;
    SignedCheckpoint::of_note(Note::new(checkpoint.text(), vec![signature]).ok()?).ok()
}

fn encoded(origin: &str) -> String {
    let mut out = String::with_capacity(origin.len());
    // Behind the `=`, these two would look like quoted-printable.
    let quoted = usize::from(origin.starts_with("3D"));
    for (place, byte) in origin.bytes().enumerate() {
        if (place >= quoted && byte.is_ascii_alphanumeric()) || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn decoded(origin: &str) -> Option<String> {
    let mut out = Vec::with_capacity(origin.len());
    let mut bytes = origin.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            out.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}
