//! Which files of a work tree Git tracks, read from its index. Starts no program: `git ls-files` would obey the configuration of
//! a repository that nobody has vouched for.
#![expect(clippy::disallowed_methods, reason = "reads the index of a work tree")]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// Largest index, in bytes.
const MAX_INDEX: u64 = 256 * 1024 * 1024;
/// Bytes of an entry before its object id: times, device, inode, mode, owner, size.
const STAT: usize = 40;
/// Largest small file of a Git directory, in bytes.
const MAX_SMALL: u64 = 64 * 1024;

/// A work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracked {
    /// Its top directory, free of symlinks.
    pub top: PathBuf,
    /// Regular files that its index names, below `top`, sorted.
    pub files: BTreeSet<PathBuf>,
}

/// The work tree that holds `path` (which must exist), or `None` when there is none.
///
/// # Errors
/// A sentence: the index can not be read, or is of a form that this version does not know.
pub fn tracked(path: &Path) -> Result<Option<Tracked>, String> {
    let real = fs::canonicalize(path).map_err(|error| format!("cannot look at {}: {error}", path.display()))?;
    let Some(top) = real.ancestors().find(|place| place.join(".git").symlink_metadata().is_ok()) else { return Ok(None) };
    let git = git_directory(top)?;
    let id = if sha256(&git) { 32 } else { 20 };
    let index = match read(&git.join("index"), MAX_INDEX) {
        Ok(index) => index,
        // Nothing was ever added.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Some(Tracked { top: top.to_owned(), files: BTreeSet::new() }));
        }
        Err(error) => return Err(format!("cannot read the Git index: {error}")),
    };
    let files = entries(&index, id).ok_or("the Git index is damaged, or of a form that is not known here")?;
    Ok(Some(Tracked { top: top.to_owned(), files }))
}

/// Where the index lies: `.git` itself, or the directory that the file `.git` names (submodules, linked work trees).
pub(super) fn git_directory(top: &Path) -> Result<PathBuf, String> {
    let dot = top.join(".git");
    if dot.is_dir() {
        return Ok(dot);
    }
    let text = read(&dot, MAX_SMALL).map_err(|error| format!("cannot read {}: {error}", dot.display()))?;
    let text = String::from_utf8_lossy(&text);
    let named = text.strip_prefix("gitdir:").ok_or_else(|| format!("{} names no Git directory", dot.display()))?;
    Ok(top.join(named.trim_end_matches(['\n', '\r']).trim_start()))
}

/// Whether object ids are of SHA-256.
fn sha256(git: &Path) -> bool {
    let common = read(&git.join("commondir"), MAX_SMALL).ok().map(|text| String::from_utf8_lossy(&text).trim().to_owned());
    let config = common.map_or_else(|| git.to_owned(), |common| git.join(common)).join("config");
    let text = read(&config, MAX_SMALL).unwrap_or_default();
    let plain: String = String::from_utf8_lossy(&text).to_ascii_lowercase().split_whitespace().collect();
    plain.contains("objectformat=sha256")
}

fn read(path: &Path, max: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max { Err(std::io::Error::other(format!("larger than {max} bytes"))) } else { Ok(bytes) }
}

/// The regular files of an index of version 2, 3 or 4; `None` when it is none.
pub(super) fn entries(index: &[u8], id: usize) -> Option<BTreeSet<PathBuf>> {
    let version = number(index, 4)?;
    if index.get(..4)? != b"DIRC" || !(2..=4).contains(&version) {
        return None;
    }
    let count = number(index, 8)?;
    let mut at = 12;
    let mut name: Vec<u8> = Vec::new();
    let mut files = BTreeSet::new();
    for _ in 0..count {
        let start = at;
        let mode = number(index, start + 24)?;
        at = start + STAT + id;
        let flags = u16::from_be_bytes(index.get(at..at + 2)?.try_into().ok()?);
        at += 2;
        if flags & 0x4000 != 0 {
            if version < 3 {
                return None;
            }
            at += 2;
        }
        if version == 4 {
            let strip = varint(index, &mut at)?;
            name.truncate(name.len().checked_sub(strip)?);
        } else {
            name.clear();
        }
        let rest = index.get(at..)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        name.extend_from_slice(rest.get(..end)?);
        at += end + 1;
        if version < 4 {
            // Entries are padded with NUL to a multiple of eight; the one that ends the name counts.
            at = start + (at - start).div_ceil(8) * 8;
        }
        let plain = !name.is_empty() && !name.starts_with(b"/") && name.split(|byte| *byte == b'/').all(|part| part != b"..");
        if mode >> 12 == 0o10 && plain {
            files.insert(PathBuf::from(OsString::from_vec(name.clone())));
        }
    }
    // A split index keeps most of its entries in another file.
    (index.get(at..at + 4) != Some(b"link")).then_some(files)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Git's variable-length number, in which every continuation adds one.
fn varint(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut value: usize = 0;
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value = value.checked_mul(128)?.checked_add(usize::from(byte & 127))?;
        if byte & 128 == 0 {
            return Some(value);
        }
        value = value.checked_add(1)?;
    }
}
