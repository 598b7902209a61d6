//! `tecrax evidence prove`: that one record is in the log.

use std::path::Path;

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::args::ProveArgs;
use super::verify::trust;
use super::{files, reference};
use crate::evidence::log::{SignedCheckpoint, TlogProof, VerifierKey};
use crate::store::{Db, LoggedRecord};

/// Runs `evidence prove`.
pub fn run(context: &Context<'_>, args: &ProveArgs) -> Result<Exit, Failure> {
    let given = args.checkpoint.as_deref().map(|file| trust::checkpoints(&[file.to_owned()])).transpose()?;
    let (db, record) = reference::open(context, &args.reference, &args.namespace)?;
    db.freeze()?;
    let checkpoint = match (given, &args.checkpoint) {
        (Some(given), Some(file)) => against(&db, &record, given, file)?,
        _ => newest(&db, &record)?,
    };
    let log = checkpoint.checkpoint();
    let path = db.inclusion(record.index, log.size)?;
    let proof = TlogProof { extra: Some(record.header.canonical()), index: record.index, path, checkpoint: checkpoint.clone() };
    let key = signer(&db, &checkpoint)?;
    // What does not verify here would not verify anywhere.
    if proof.verify(&record.leaf, std::slice::from_ref(&key)).is_err() || record.header.leaf() != record.leaf {
        return Err(Failure::new(
            Exit::Failing,
            format!("record {} does not lead to the checkpoint at {}", record.index, log.size),
        )
        .help("`tecrax evidence verify` says what is wrong"));
    }
    if let Some(file) = &args.header {
        files::write(file, &record.header.canonical())?;
    }
    context.screen.data(&proof.to_string());
    for words in [
        format!(
            "proves: {} ({}, sealed {}) is record {} of the first {} in the log {}",
            reference::name(&record.header.subject, record.header.seq),
            record.header.kind,
            record.header.sealed_at,
            record.index,
            log.size,
            log.origin
        ),
        format!("leaf hash: {} (SHA-256 of a zero byte and the header, which is the proof's extra data)", record.leaf),
        format!("signed by: {key}"),
    ] {
        context.screen.word(&words);
    }
    Ok(Exit::Ok)
}

/// The newest checkpoint of the log.
fn newest(db: &Db, record: &LoggedRecord) -> Result<SignedCheckpoint, Failure> {
    let latest = db.latest_checkpoint()?.map(|kept| kept.signed);
    latest.filter(|latest| record.index < latest.checkpoint().size).ok_or_else(|| {
        Failure::new(Exit::Io, format!("no checkpoint covers record {} yet", record.index))
            .help("`tecrax reconcile --once PATH` signs one at its end, a daemon at least once a minute")
    })
}

/// The smallest of the given checkpoints that covers the record; the log must continue it.
fn against(db: &Db, record: &LoggedRecord, given: Vec<SignedCheckpoint>, file: &Path) -> Result<SignedCheckpoint, Failure> {
    let bad = |exit, what: String| Failure::new(exit, format!("checkpoint file {}: {what}", file.display()));
    let size = db.log_size()?;
    let covers = |checkpoint: &SignedCheckpoint| {
        checkpoint.checkpoint().origin == db.origin() && checkpoint.checkpoint().size > record.index
    };
    let chosen = given.into_iter().filter(covers).min_by_key(|checkpoint| checkpoint.checkpoint().size);
    let chosen =
        chosen.ok_or_else(|| bad(Exit::Config, format!("no checkpoint of this log in it covers record {}", record.index)))?;
    let said = chosen.checkpoint();
    if said.size > size || db.root_at(said.size)? != said.root {
        let what = format!("the log is no continuation of its checkpoint at {}", said.size);
        return Err(bad(Exit::Failing, what).help("`tecrax evidence verify --checkpoint FILE` says more"));
    }
    Ok(chosen)
}

/// The key of this log that has signed.
pub fn signer(db: &Db, checkpoint: &SignedCheckpoint) -> Result<VerifierKey, Failure> {
    let keys = db.verifier_keys()?;
    checkpoint.verify(&keys).cloned().map_err(|error| {
        Failure::new(Exit::Failing, format!("the checkpoint at {}: {error}", checkpoint.checkpoint().size))
            .help("`tecrax evidence verify` says what is wrong")
    })
}
