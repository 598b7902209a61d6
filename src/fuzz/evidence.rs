//! What an auditor is handed.

use super::{pieces, text};
use crate::api::{Digest, PairId};
use crate::evidence::json::{Limits, canonical, read};
use crate::evidence::log::{Note, Retention, SignedCheckpoint, SigningKey, TlogProof, VerifierKey};
use crate::evidence::sclite::{Bundle, verify_bundle};
use crate::evidence::{Header, Record, RecordKind, Subject, pack, unpack};
use crate::status::{PairState, fold};

/// Files of a bundle, by the digit their piece begins with.
pub(super) const FILES: [&str; 10] = [
    "manifest.json",
    "01_intent_contract.json",
    "02_policy_decision.json",
    "03_execution_ticket.json",
    "04_execution_receipt.json",
    "05_verification_receipt.json",
    "06_review_record.json",
    "approval.json",
    "guard.json",
    "reaction_plan.json",
];

/// A document: what was read and written reads the same.
pub(super) fn json(bytes: &[u8]) {
    for limits in [Limits::UPSTREAM, Limits::STRICT] {
        let Ok(document) = read(bytes, &limits) else { continue };
        let written = canonical(&document.value);
        let again = read(&written, &Limits::UPSTREAM).map(|document| canonical(&document.value));
        assert_eq!(again.as_ref(), Ok(&written), "canonical bytes read as something else");
    }
}

/// The files of a bundle, each a piece that begins with a digit.
pub(super) fn bundle(bytes: &[u8]) {
    let mut bundle = Bundle::new("bundle");
    for piece in pieces(bytes) {
        let Some((digit, content)) = piece.split_first() else { continue };
        let Some(name) = FILES.get(usize::from(digit.wrapping_sub(b'0')) % FILES.len()) else { continue };
        let _ = bundle.insert(*name, content);
    }
    let _ = verify_bundle(&bundle, None).is_clean();
}

/// The stored parts of a record.
pub(super) fn parts(bytes: &[u8]) {
    if let Ok(parts) = unpack(bytes) {
        let again = unpack(&pack(parts.iter().map(|(name, part)| (name.as_str(), part.as_slice()))));
        assert_eq!(again.ok(), Some(parts), "parts that do not come back");
    }
}

/// Notes, checkpoints, proofs and keys.
pub(super) fn notes(bytes: &[u8]) {
    let text = text(bytes);
    let keys: Vec<VerifierKey> = VerifierKey::parse(&text).into_iter().collect();
    if let Ok(note) = Note::parse(&text) {
        let _ = note.verify(&keys);
    }
    if let Ok(signed) = SignedCheckpoint::parse(&text) {
        assert!(signed.verify(&[]).is_err(), "verified without a key");
    }
    if let Ok(proof) = TlogProof::parse(&text) {
        assert!(proof.verify(&Digest::ZERO, &[]).is_err(), "proven without a key");
    }
    let _ = Retention::parse(bytes);
}

/// A text with checkpoints in it, as a cron mail holds them, and a private key. What is found is found again in its own word.
pub(super) fn checkpoints(bytes: &[u8]) {
    let text = text(bytes);
    for found in SignedCheckpoint::find_all(&text).unwrap_or_default() {
        assert!(found.verify(&[]).is_err(), "verified without a key");
        let note = SignedCheckpoint::parse(&found.to_string());
        assert_eq!(note.as_ref(), Ok(&found), "a note that does not come back");
        if let Some(token) = found.token() {
            let again = SignedCheckpoint::find_all(&token).unwrap_or_default();
            assert!(matches!(again.as_slice(), [one] if one.checkpoint() == found.checkpoint()), "{token}");
        }
    }
    let _ = SigningKey::parse("example.net/log", &text);
}

/// A body and a detail of a record of every kind, folded.
pub(super) fn records(bytes: &[u8]) {
    let Some(pair) = PairId::parse("default/clock.web-07") else { return };
    let mut parts = pieces(bytes);
    taken(&PairState::new(pair), parts.next().unwrap_or_default(), parts.next());
}

/// A state takes a record of every kind with this body and detail.
pub(super) fn taken(state: &PairState, body: &[u8], detail: Option<&[u8]>) {
    for kind in ["run.v1", "reaction.v1", "denial.v1", "suspension.v1", "tombstone.v1", "retention.v1", "later"] {
        let header = Header {
            origin: "origin".to_owned(),
            subject: Subject::Pair(state.pair.clone()),
            seq: 1,
            kind: kind.to_owned(),
            prev: Digest::ZERO,
            sealed_at: jiff::Timestamp::UNIX_EPOCH,
            body: Digest::of(body),
        };
        let leaf = header.leaf();
        let state = fold(state.clone(), &Record { header: &header, leaf, body, detail });
        assert_eq!((state.seq, state.leaf), (1, leaf), "the head moves, whatever the record says");
        assert_eq!(RecordKind::parse(kind).is_some(), kind != "later");
    }
}
