//! A write-ahead log and the index beside it from memory, for fuzzers.

use super::wal::{FRAME_HEADER, HEADER, INDEX_HEADER, acknowledged, checksum, form, judge, word};

/// Bytes of the index that are read.
pub const INDEX: usize = INDEX_HEADER;

/// What is wrong with the log of these bytes beside this index.
pub fn wal(mut index: &[u8], mut log: &[u8]) -> Option<String> {
    let length = u64::try_from(log.len()).unwrap_or(u64::MAX);
    // Memory is read without errors.
    judge(&mut log, length, acknowledged(&mut index).ok()?).ok()?
}

/// Makes the checksums of a log right, which no fuzzer would find: that of the header, and salts and checksum of each frame whose number
/// (from 0) `frames` names. False when nobody can say where its frames begin.
pub fn seal(log: &mut [u8], frames: impl Fn(usize) -> bool) -> bool {
    let Some((header, rest)) = log.split_first_chunk_mut::<HEADER>() else { return false };
    let Some((big, page)) = form(header) else { return false };
    let mut sum = checksum(big, (0, 0), header.get(..24).unwrap_or_default());
    put(header, 24, sum);
    let salts = (word(header, 16), word(header, 20));
    for (number, frame) in rest.chunks_exact_mut(FRAME_HEADER + page).enumerate() {
        let next = checksum(big, sum, frame.get(..8).unwrap_or_default());
        let next = checksum(big, next, frame.get(FRAME_HEADER..).unwrap_or_default());
        if frames(number) {
            put(frame, 8, salts);
            put(frame, 16, next);
            sum = next;
        }
    }
    true
}

/// Two big-endian words at a position.
fn put(bytes: &mut [u8], at: usize, (first, second): (u32, u32)) {
    let words = first.to_be_bytes().into_iter().chain(second.to_be_bytes());
    for (place, byte) in bytes.iter_mut().skip(at).zip(words) {
        *place = byte;
    }
}
