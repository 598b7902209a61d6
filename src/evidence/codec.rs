//! How the parts of a record are stored: framed and compressed as one blob.

/// First byte of a blob: zstd over the frames.
const ZSTD: u8 = 1;
/// Most bytes of all parts of one record, unpacked: facts are bounded far below.
const MAX_UNPACKED: usize = 8 << 20;
/// Level of compression: sealing is measured in runs a second.
const LEVEL: i32 = 1;

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
    let mut raw = Vec::with_capacity(16 << 10);
    for (name, bytes) in parts {
        raw.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        raw.extend(name.bytes().take(usize::from(u8::MAX)));
        raw.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
        raw.extend(bytes);
    }
    let packed = zstd::bulk::compress(&raw, LEVEL).unwrap_or_default();
    let mut blob = Vec::with_capacity(packed.len() + 5);
    blob.push(ZSTD);
    blob.extend(u32::try_from(raw.len()).unwrap_or(u32::MAX).to_le_bytes());
    blob.extend(packed);
    blob
}

/// Names and bytes of the parts in a blob.
///
/// # Errors
/// [`UnpackError`]
pub fn unpack(blob: &[u8]) -> Result<Vec<(String, Vec<u8>)>, UnpackError> {
    let (form, rest) = blob.split_first().ok_or(UnpackError::Damaged)?;
    if *form != ZSTD {
        return Err(UnpackError::Unknown);
    }
    let (length, packed) = rest.split_first_chunk::<4>().ok_or(UnpackError::Damaged)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    if length > MAX_UNPACKED {
        return Err(UnpackError::Damaged);
    }
    let raw = zstd::bulk::decompress(packed, length).map_err(|_| UnpackError::Damaged)?;
    let mut rest = raw.as_slice();
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
