//! What a state directory and an export hold.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{evidence, pieces, text};
use crate::api::PairId;
use crate::cli::fuzz;
use crate::plan::Mode;
use crate::status::{Counts, PairState, Wanted, matter_now, view};
use crate::store::fuzz::{INDEX, escalation, pair, seal, wal as judged};

/// A write-ahead log behind the index that processes share. Each bit of the first byte makes a checksum right: that of the header, then
/// those of the first six frames and of all that follow. A log whose checksums are right is whole.
pub(super) fn wal(bytes: &[u8]) {
    let Some((right, rest)) = bytes.split_first() else { return };
    let (index, log) = rest.split_at(INDEX.min(rest.len()));
    let mut log = log.to_vec();
    let sealed = right & 1 == 1 && seal(&mut log, |frame| right & (2 << frame.min(6)) != 0);
    let said = judged(index, &log);
    assert_eq!(said, judged(index, &log), "two verdicts");
    if sealed && *right == u8::MAX {
        assert_eq!(judged(&[], &log), None, "a whole log");
        let lost = said.is_none_or(|said| said.contains("were committed"));
        assert!(lost, "a whole log lacks at most what the index knows of");
    }
}

/// A stored state of a pair or an Escalation, what status knows of the desired pair, and the body and the detail of a record: four pieces.
/// What reads is stored so that it reads the same, takes every record, and is shown at any time.
pub(super) fn states(bytes: &[u8]) {
    let mut parts = pieces(bytes);
    let stored = text(parts.next().unwrap_or_default()).into_owned();
    let wanted = parts.next().and_then(|wanted| serde_json::from_slice::<Wanted>(wanted).ok());
    let mut pairs: HashMap<PairId, PairState> = HashMap::new();
    if let Ok((state, again)) = pair(&stored) {
        assert_eq!(pair(&again).ok().map(|(again, _)| again).as_ref(), Some(&state), "stored as another state");
        if let Some(wanted) = &wanted {
            for now in MOMENTS.into_iter().filter_map(|seconds| Timestamp::from_second(seconds).ok()) {
                for mode in [Mode::Once, Mode::Watch, Mode::Force] {
                    let mut counts = Counts::default();
                    counts.add(&view(wanted, Some(&state), now, mode));
                    assert_eq!(counts.total() + counts.suspended, 1, "one pair is counted once");
                }
            }
        }
        evidence::taken(&state, parts.next().unwrap_or_default(), parts.next());
        pairs.insert(state.pair.clone(), state);
    }
    if let Ok((state, again)) = escalation(&stored) {
        assert_eq!(escalation(&again).ok().map(|(again, _)| again).as_ref(), Some(&state), "stored as another state");
        for now in MOMENTS.into_iter().filter_map(|seconds| Timestamp::from_second(seconds).ok()) {
            let matter = matter_now(&state, &pairs, now);
            assert_eq!(matter.is_some(), state.matter.is_some(), "shown out of nothing");
            let _ = state.calls(now);
        }
    }
}

/// Moments at which a state is shown, in seconds since 1970: the ends of time, and in between.
const MOMENTS: [i64; 4] = [-377_705_023_201, 0, 1_764_000_000, 253_402_207_200];

/// The header of a record in an export, and lines of its `SHA256SUMS`: what is read is written the same, and leads nowhere else.
pub(super) fn exports(bytes: &[u8]) {
    if let Some(header) = fuzz::header(bytes) {
        assert_eq!(header.canonical(), bytes, "not the bytes that are hashed");
    }
    for line in text(bytes).lines() {
        let Some((path, written)) = fuzz::sums(line) else { continue };
        assert_eq!(written, format!("{line}\n"), "another line");
        let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
        assert!(path.split('/').all(plain), "{path:?} leads out of the export");
    }
}
