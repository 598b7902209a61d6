//! Finding the end of a plain stretch of text, eight bytes at a time.

/// Bytes at once.
const LANES: usize = 8;
/// `0x01` in every lane.
const ONES: u64 = u64::MAX / 255;
/// `0x80` in every lane.
const HIGHS: u64 = ONES << 7;

/// How many bytes come before the first control character (below U+0020), `"` or `\`; all of them when there is none.
pub(super) fn plain_len(bytes: &[u8]) -> usize {
    let (chunks, rest) = bytes.as_chunks::<LANES>();
    for (index, chunk) in chunks.iter().enumerate() {
        let lanes = special_lanes(u64::from_le_bytes(*chunk));
        if lanes != 0 {
            return index * LANES + lanes.trailing_zeros() as usize / 8;
        }
    }
    let tail = rest.iter().position(|byte| is_special(*byte)).unwrap_or(rest.len());
    bytes.len() - rest.len() + tail
}

/// Whether a byte can not stand for itself in a string.
pub(super) const fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// The high bit of each lane that holds a special byte. Lanes above the first marked one may be marked wrongly: a borrow runs
/// upwards only, and the first one is all that is asked for.
const fn special_lanes(word: u64) -> u64 {
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = word ^ (ONES * b'"' as u64);
    let slash = word ^ (ONES * b'\\' as u64);
    (control | (quote.wrapping_sub(ONES) & !quote) | (slash.wrapping_sub(ONES) & !slash)) & HIGHS
}
