//! The write-ahead log, before SQLite reads it: a frame that does not fit ends it for SQLite, and what follows is forgotten.
//!
//! Format: <https://www.sqlite.org/fileformat2.html#the_write_ahead_log> and <https://www.sqlite.org/walformat.html>.
#![expect(clippy::disallowed_methods, reason = "reads the files of the database before SQLite does")]

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::super::db::FILE;

pub(super) const HEADER: usize = 32;
pub(super) const FRAME_HEADER: usize = 24;
/// Both copies of the header of the index that processes share.
pub(super) const INDEX_HEADER: usize = 96;
/// A process that writes meanwhile may show half of a frame, or begin the log anew.
const ATTEMPTS: u32 = 8;

/// Says what is wrong with the write-ahead log, if anything is.
pub(super) fn check(directory: &Path) -> Option<String> {
    let mut last = None;
    for _ in 0..ATTEMPTS {
        let before = beginning(directory);
        let what = attempt(directory).unwrap_or_else(|error| Some(format!("the write-ahead log can not be read: {error}")));
        // One that began anew meanwhile was read in two halves.
        let whole = beginning(directory) == before;
        last = what.filter(|_| whole);
        if whole && last.is_none() {
            break;
        }
    }
    last
}

/// The header as it stands now.
fn beginning(directory: &Path) -> Option<[u8; HEADER]> {
    let mut header = [0_u8; HEADER];
    let mut file = open(&directory.join(format!("{FILE}-wal"))).ok()??;
    (read(&mut file, &mut header).ok()? == HEADER).then_some(header)
}

fn attempt(directory: &Path) -> io::Result<Option<String>> {
    let acknowledged = match open(&directory.join(format!("{FILE}-shm")))? {
        Some(mut index) => acknowledged(&mut index)?,
        None => None,
    };
    let Some(mut file) = open(&directory.join(format!("{FILE}-wal")))? else { return Ok(None) };
    let length = file.metadata()?.len();
    judge(&mut file, length, acknowledged)
}

/// How many frames the processes that share the database know to be committed, and the salts of the log they mean.
pub(super) type Acknowledged = (u32, (u32, u32));

/// The byte order and the page size that a header names; `None` when it is none of a write-ahead log.
pub(super) fn form(header: &[u8; HEADER]) -> Option<(bool, usize)> {
    let page = word(header, 8) as usize;
    let known = word(header, 0) & !1 == 0x377f_0682 && page.is_power_of_two() && (512..=65_536).contains(&page);
    known.then_some((word(header, 0) & 1 == 1, page))
}

/// What is wrong with a log of `length` bytes.
pub(super) fn judge(file: &mut impl Read, length: u64, acknowledged: Option<Acknowledged>) -> io::Result<Option<String>> {
    let mut header = [0_u8; HEADER];
    if read(file, &mut header)? < HEADER {
        return Ok(None);
    }
    let form = form(&header).map(|(big, page)| (big, page, checksum(big, (0, 0), header.get(..24).unwrap_or_default())));
    let more = length > HEADER as u64;
    let Some((big, page, mut sum)) = form.filter(|(_, _, sum)| *sum == (word(&header, 24), word(&header, 28))) else {
        return Ok(more.then(|| "the header of the write-ahead log does not fit: what it holds is lost to SQLite".to_owned()));
    };
    let salts = (word(&header, 16), word(&header, 20));
    let acknowledged = acknowledged.filter(|(_, index_salts)| *index_salts == salts).map(|(said, _)| said);
    let mut frame = vec![0_u8; FRAME_HEADER + page];
    let (mut valid, mut ended) = (0_u32, false);
    let mut committed = 0;
    while read(file, &mut frame)? == frame.len() {
        let found = (word(&frame, 8), word(&frame, 12));
        if ended {
            // Of a transaction whose process was killed, the next one writes over as many frames as it needs: what follows them is
            // of no transaction. Where the processes know how much is committed, nothing but that counts.
            if found == salts && acknowledged.is_none() {
                return Ok(Some(format!("frame {} of the write-ahead log does not fit, and others follow it", valid + 1)));
            }
            continue;
        }
        let next = checksum(big, sum, frame.get(..8).unwrap_or_default());
        let next = checksum(big, next, frame.get(FRAME_HEADER..).unwrap_or_default());
        if found == salts && next == (word(&frame, 16), word(&frame, 20)) {
            (valid, sum) = (valid + 1, next);
            if word(&frame, 4) != 0 {
                committed = valid;
            }
        } else {
            // Frames of an earlier round differ in both salts.
            if found != salts && (found.0 == salts.0 || found.1 == salts.1) {
                return Ok(Some(format!("frame {} of the write-ahead log was changed", valid + 1)));
            }
            ended = true;
        }
    }
    let lost = acknowledged.filter(|said| *said > committed);
    Ok(lost.map(|said| format!("{said} frames of the write-ahead log were committed, and only {committed} can be read")))
}

/// What the shared index says. The file does not outlive the last process everywhere, and says nothing when its two copies differ.
pub(super) fn acknowledged(file: &mut impl Read) -> io::Result<Option<Acknowledged>> {
    let mut index = [0_u8; INDEX_HEADER];
    if read(file, &mut index)? < INDEX_HEADER {
        return Ok(None);
    }
    let (first, second) = index.split_at(INDEX_HEADER / 2);
    let native = |at: usize| index.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u32::from_ne_bytes(*bytes));
    // The salts are copied as they stand in the log; the rest is in the machine's order.
    Ok((first == second && native(0) == 3_007_000).then(|| (native(16), (word(&index, 32), word(&index, 36)))))
}

fn open(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Fills `buffer` as far as the file goes.
fn read(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            more => filled += more,
        }
    }
    Ok(filled)
}

/// The big-endian word at a position.
pub(super) fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |word| u32::from_be_bytes(*word))
}

/// SQLite's running checksum over pairs of words.
pub(super) fn checksum(big: bool, start: (u32, u32), bytes: &[u8]) -> (u32, u32) {
    let read = |word: [u8; 4]| if big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) };
    let (words, _) = bytes.as_chunks::<4>();
    let (pairs, _) = words.as_chunks::<2>();
    pairs.iter().fold(start, |(first, second), [left, right]| {
        let first = first.wrapping_add(read(*left)).wrapping_add(second);
        (first, second.wrapping_add(read(*right)).wrapping_add(first))
    })
}
