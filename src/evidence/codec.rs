//! How the parts of a record are stored: framed and compressed as one blob.
//!
//! Blob = form byte, length of the frames (4 bytes, little endian), payload. Frame = length of the name (1 byte), name, length of
//! the content (4 bytes, little endian), content.

use std::cell::{Cell, RefCell};
use std::sync::LazyLock;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// First byte of a blob: the frames as they are. Written where compression fails.
const PLAIN: u8 = 0;
/// First byte of a blob: the frames as one zstd frame with [`DICTIONARY`].
const ZSTD: u8 = 1;
/// What compression may refer to from the first byte on: artifacts as they usually are. Part of form 1 and frozen with it: another
/// text is another form.
const DICTIONARY: &[u8] = include_bytes!("dictionary.txt");
/// Most bytes of all parts of one record, unpacked: facts are bounded far below.
const MAX_UNPACKED: usize = 8 << 20;
/// A thread keeps the memory of the frames it packed last up to this.
const RAW_MAX: usize = 64 << 10;
/// Level of compression: sealing is measured in runs a second. The dictionary does most of it; a code for the letters that it does not
/// hold (level 1) would save a tenth of a run and take a third longer.
const LEVEL: i32 = -1;

static ENCODER: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(DICTIONARY, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));

thread_local! {
    // A context is some hundred kilobytes: made once a thread, not once a record.
    static RAW: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Why a blob can not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    /// Its first byte names no known form.
    #[error("stored in an unknown form; a newer tecrax may have written it")]
    Unknown,
    /// It can not be decompressed within the bound, or its frames do not add up.
    #[error("damaged")]
    Damaged,
}

/// Packs named parts into one blob. The same parts give the same bytes.
pub fn pack<'a>(parts: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut raw = RAW.take();
    raw.clear();
    for (name, bytes) in parts {
        raw.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        raw.extend(name.bytes().take(usize::from(u8::MAX)));
        raw.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
        raw.extend_from_slice(bytes);
    }
    let packed = COMPRESSOR.with_borrow_mut(|slot| compress(slot, &raw));
    let (form, payload) = packed.as_ref().map_or((PLAIN, &raw), |packed| (ZSTD, packed));
    let mut blob = Vec::with_capacity(payload.len() + 5);
    blob.push(form);
    blob.extend(u32::try_from(raw.len()).unwrap_or(u32::MAX).to_le_bytes());
    blob.extend_from_slice(payload);
    if raw.capacity() <= RAW_MAX {
        RAW.set(raw);
    }
    blob
}

fn compress(slot: &mut Option<Compressor<'static>>, raw: &[u8]) -> Option<Vec<u8>> {
    if slot.is_none() {
        let mut made = Compressor::with_prepared_dictionary(&ENCODER).ok()?;
        made.include_contentsize(false).ok()?;
        *slot = Some(made);
    }
    slot.as_mut()?.compress(raw).ok()
}

/// Names and bytes of the parts in a blob.
///
/// # Errors
/// [`UnpackError`]
pub fn unpack(blob: &[u8]) -> Result<Vec<(String, Vec<u8>)>, UnpackError> {
    let (form, rest) = blob.split_first().ok_or(UnpackError::Damaged)?;
    if ![PLAIN, ZSTD].contains(form) {
        return Err(UnpackError::Unknown);
    }
    let (length, payload) = rest.split_first_chunk::<4>().ok_or(UnpackError::Damaged)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    if length > MAX_UNPACKED {
        return Err(UnpackError::Damaged);
    }
    let unpacked;
    let raw = if *form == ZSTD {
        unpacked = DECOMPRESSOR.with_borrow_mut(|slot| decompress(slot, payload, length)).ok_or(UnpackError::Damaged)?;
        &unpacked
    } else {
        payload
    };
    if raw.len() != length {
        return Err(UnpackError::Damaged);
    }
    frames(raw)
}

fn decompress(slot: &mut Option<Decompressor<'static>>, packed: &[u8], length: usize) -> Option<Vec<u8>> {
    if slot.is_none() {
        *slot = Some(Decompressor::with_prepared_dictionary(&DECODER).ok()?);
    }
    slot.as_mut()?.decompress(packed, length).ok()
}

fn frames(raw: &[u8]) -> Result<Vec<(String, Vec<u8>)>, UnpackError> {
    let mut rest = raw;
    let mut parts = Vec::with_capacity(4);
    while let Some((name_length, after)) = rest.split_first() {
        let (name, after) = after.split_at_checked(usize::from(*name_length)).ok_or(UnpackError::Damaged)?;
        let (length, after) = after.split_first_chunk::<4>().ok_or(UnpackError::Damaged)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let (bytes, after) = after.split_at_checked(length).ok_or(UnpackError::Damaged)?;
        let name = String::from_utf8(name.to_vec()).map_err(|_| UnpackError::Damaged)?;
        parts.push((name, bytes.to_vec()));
        rest = after;
    }
    Ok(parts)
}
