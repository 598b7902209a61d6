//! Writes canonical JSON of known shape member by member, without building the value first: sealing is measured in microseconds.

use std::cell::Cell;

use jiff::Timestamp;

use super::json::{Json, write_canonical, write_integer, write_text};
use crate::api::Digest;

/// Few artifacts are longer.
const USUAL: usize = 8 << 10;

thread_local! {
    // What is written here is copied out at its own length: hundreds of runs wait for their commit, and none holds room it does not use.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The members of one object. Keys are ours: plain ASCII, written in order.
pub(super) struct Members<'a> {
    out: &'a mut Vec<u8>,
    last: &'static str,
}

/// The items of one list.
pub(super) struct Items<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

/// The canonical bytes of an object.
pub(super) fn object(write: impl FnOnce(&mut Members<'_>)) -> Vec<u8> {
    let mut out = SCRATCH.take();
    out.clear();
    out.reserve(USUAL);
    members(&mut out, write);
    let written = out.as_slice().to_vec();
    if out.capacity() <= USUAL {
        SCRATCH.set(out);
    }
    written
}

fn members(out: &mut Vec<u8>, write: impl FnOnce(&mut Members<'_>)) {
    out.push(b'{');
    write(&mut Members { out, last: "" });
    out.push(b'}');
}

impl Members<'_> {
    /// Begins a member and returns where its value goes.
    pub(super) fn key(&mut self, key: &'static str) -> &mut Vec<u8> {
        debug_assert!(self.last < key, "`{key}` after `{}` is not canonical", self.last);
        if !self.last.is_empty() {
            self.out.push(b',');
        }
        self.last = key;
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    pub(super) fn text(&mut self, key: &'static str, text: &str) {
        write_text(text, self.key(key));
    }

    /// A text of ours that needs no escape.
    pub(super) fn word(&mut self, key: &'static str, word: &'static str) {
        debug_assert!(word.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\'), "{word}");
        let out = self.key(key);
        out.push(b'"');
        out.extend_from_slice(word.as_bytes());
        out.push(b'"');
    }

    /// A text of several pieces that need no escape.
    pub(super) fn joined(&mut self, key: &'static str, pieces: &[&str]) {
        let out = self.key(key);
        out.push(b'"');
        for piece in pieces {
            out.extend_from_slice(piece.as_bytes());
        }
        out.push(b'"');
    }

    pub(super) fn optional_text(&mut self, key: &'static str, text: Option<&str>) {
        match text {
            Some(text) => self.text(key, text),
            None => self.key(key).extend_from_slice(b"null"),
        }
    }

    pub(super) fn digest(&mut self, key: &'static str, digest: Digest) {
        write_digest(digest, self.key(key));
    }

    pub(super) fn optional_digest(&mut self, key: &'static str, digest: Option<Digest>) {
        match digest {
            Some(digest) => self.digest(key, digest),
            None => self.key(key).extend_from_slice(b"null"),
        }
    }

    /// An instant as RFC 3339 with `Z` and as many decimals as it has.
    pub(super) fn instant(&mut self, key: &'static str, at: Timestamp) {
        self.text(key, &at.to_string());
    }

    pub(super) fn number(&mut self, key: &'static str, number: u64) {
        write_integer(false, number, self.key(key));
    }

    pub(super) fn signed(&mut self, key: &'static str, number: i64) {
        write_integer(number < 0, number.unsigned_abs(), self.key(key));
    }

    pub(super) fn flag(&mut self, key: &'static str, flag: bool) {
        self.key(key).extend_from_slice(if flag { b"true" } else { b"false" });
    }

    pub(super) fn null(&mut self, key: &'static str) {
        self.key(key).extend_from_slice(b"null");
    }

    pub(super) fn json(&mut self, key: &'static str, value: &Json) {
        write_canonical(value, self.key(key));
    }

    pub(super) fn object(&mut self, key: &'static str, write: impl FnOnce(&mut Members<'_>)) {
        members(self.key(key), write);
    }

    pub(super) fn list(&mut self, key: &'static str, write: impl FnOnce(&mut Items<'_>)) {
        let out = self.key(key);
        out.push(b'[');
        write(&mut Items { out, empty: true });
        out.push(b']');
    }

    /// Lets `write` add exactly the member `key`, and returns the canonical bytes of its value.
    pub(super) fn written(&mut self, key: &'static str, write: impl FnOnce(&mut Self)) -> &[u8] {
        let comma = usize::from(!self.last.is_empty());
        // `"key":`
        let start = self.out.len() + comma + key.len() + 3;
        write(self);
        self.out.get(start..).unwrap_or_default()
    }

    pub(super) fn texts<'t>(&mut self, key: &'static str, texts: impl IntoIterator<Item = &'t str>) {
        self.list(key, |items| texts.into_iter().for_each(|text| items.text(text)));
    }
}

impl Items<'_> {
    fn next(&mut self) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
        self.out
    }

    pub(super) fn text(&mut self, text: &str) {
        write_text(text, self.next());
    }

    pub(super) fn object(&mut self, write: impl FnOnce(&mut Members<'_>)) {
        members(self.next(), write);
    }
}

fn write_digest(digest: Digest, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(&digest.hex());
    out.push(b'"');
}
