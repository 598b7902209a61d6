//! Which files are looked at.
#![expect(clippy::disallowed_methods, reason = "reads what the user asked to look through")]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::super::exit::{Exit, Failure};
use crate::source::tracked;

/// Extensions of text files, lower-case.
const EXTENSIONS: [&str; 10] = ["cfg", "ini", "json", "md", "py", "rst", "toml", "txt", "yaml", "yml"];
/// Directories that hold what a tool can make again.
const CACHES: [&str; 11] = [
    "__pycache__",
    ".git",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".tox",
    ".venv",
    "node_modules",
    "site-packages",
    "target",
    "venv",
];
/// Largest file, in bytes.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// Bytes in which a file that is no text shows it.
const MAGIC: usize = 8 * 1024;
/// Most files of one PATH.
const MAX_FILES: usize = 200_000;
/// Deepest folder below a PATH.
const MAX_DEPTH: usize = 64;

/// A file to look at.
pub(super) struct File {
    pub shown: String,
    path: PathBuf,
}

impl File {
    pub(super) fn new(path: PathBuf) -> Self {
        let shown = path.strip_prefix(".").unwrap_or(&path).to_string_lossy().into_owned();
        Self { shown, path }
    }

    /// The folder it lies in, and its name there.
    pub(super) fn place(&self) -> (&Path, String) {
        let name = self.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        (self.path.parent().unwrap_or(Path::new("")), name)
    }
}

/// The files that `root` means.
pub(super) fn below(root: &Path) -> Result<Vec<File>, Failure> {
    let io = |error: std::io::Error| Failure::new(Exit::Io, format!("cannot read {}: {error}", root.display()));
    let kind = fs::metadata(root).map_err(io)?;
    if kind.is_file() {
        // A symlink that the user names is meant itself.
        return Ok(vec![File { shown: File::new(root.to_owned()).shown, path: fs::canonicalize(root).map_err(io)? }]);
    }
    if !kind.is_dir() {
        return Err(Failure::new(Exit::Io, format!("{} is neither a file nor a directory", root.display())));
    }
    let tree = tracked(root)
        .map_err(|why| Failure::new(Exit::Io, why).help("name single files instead, or repair the work tree with `git fsck`"))?;
    let mut files = Vec::new();
    if let Some(tree) = tree {
        let real = fs::canonicalize(root).map_err(io)?;
        let inside = real.strip_prefix(&tree.top).unwrap_or(Path::new(""));
        files.extend(
            tree.files.iter().filter_map(|file| file.strip_prefix(inside).ok()).filter(|file| wanted(file)).map(Path::to_owned),
        );
    } else {
        walk(root, Path::new(""), 0, &mut files).map_err(io)?;
    }
    if files.len() > MAX_FILES {
        return Err(
            Failure::new(Exit::Io, format!("{} holds more than {MAX_FILES} files", root.display())).help("name its parts")
        );
    }
    Ok(files.into_iter().map(|file| File::new(root.join(file))).collect())
}

fn walk(root: &Path, below: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if depth > MAX_DEPTH {
        return Err(std::io::Error::other(format!("{} is nested too deep", below.display())));
    }
    let mut entries = fs::read_dir(root.join(below))?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (kind, path) = (entry.file_type()?, below.join(entry.file_name()));
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if kind.is_dir() && !hidden && wanted_folder(&path) {
            walk(root, &path, depth + 1, files)?;
        } else if kind.is_file() && wanted(&path) {
            files.push(path);
        }
        if files.len() > MAX_FILES {
            return Ok(());
        }
    }
    Ok(())
}

fn wanted_folder(path: &Path) -> bool {
    !path.file_name().and_then(|name| name.to_str()).is_some_and(|name| CACHES.contains(&name))
}

fn wanted(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
        && path.parent().is_none_or(|parent| parent.ancestors().all(wanted_folder))
}

/// The bytes of a file; `None` when it is gone or no text, a sentence when it can not be looked at.
pub(super) fn text(file: &File) -> Result<Option<Vec<u8>>, String> {
    let gone = |error: &std::io::Error| error.kind() == std::io::ErrorKind::NotFound;
    match fs::symlink_metadata(&file.path) {
        // What a symlink leads to is looked at where it lies.
        Ok(meta) if !meta.is_file() => return Ok(None),
        Ok(_) => {}
        Err(error) if gone(&error) => return Ok(None),
        Err(error) => return Err(format!("cannot be read: {error}")),
    }
    let mut bytes = Vec::new();
    let opened = fs::File::open(&file.path).and_then(|opened| opened.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    match opened {
        Ok(_) if bytes.len() as u64 > MAX_BYTES => Err(format!("larger than {MAX_BYTES} bytes, not looked at")),
        Ok(_) => Ok((!bytes.get(..bytes.len().min(MAGIC)).is_some_and(|head| head.contains(&0))).then_some(bytes)),
        Err(error) if gone(&error) => Ok(None),
        Err(error) => Err(format!("cannot be read: {error}")),
    }
}
