//! The files of a profile: the embedded ones, those of a directory, and writing the embedded ones out.
//!
//! The only code of this stage that touches a disk; every check works on [`Files`].
#![allow(clippy::disallowed_methods, reason = "the one module of the profile that reads and writes files")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use include_dir::{Dir, include_dir};

use super::report::has_extension;
use crate::api::{Place, Problem, reason};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/profile");

/// Most files a profile may have.
const MAX_FILES: usize = 512;
/// Largest file of a profile, in bytes.
const MAX_FILE_BYTES: u64 = 256 * 1024;
/// Deepest folder below the root of a profile.
const MAX_DEPTH: usize = 2;

/// Text of every YAML and JSON file by its path relative to the root, with `/` as separator.
#[derive(Debug, Clone)]
pub(super) struct Files {
    /// What places start with: the directory as the user wrote it.
    pub(super) label: String,
    /// Text by path.
    pub(super) texts: BTreeMap<String, String>,
}

impl Files {
    /// The whole file `path` as a place.
    pub(super) fn place(&self, path: &str) -> Place {
        Place { file: format!("{}/{path}", self.label).into(), line: 0, column: 0 }
    }
}

/// Every file of the embedded profile: path relative to its root, and bytes, sorted by path.
pub fn embedded_files() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    let mut files = Vec::new();
    let mut folders = vec![&EMBEDDED];
    while let Some(folder) = folders.pop() {
        files.extend(folder.files().filter_map(|file| Some((file.path().to_str()?, file.contents()))));
        folders.extend(folder.dirs());
    }
    files.sort_unstable_by_key(|(path, _)| *path);
    files.into_iter()
}

/// The embedded files as text.
pub(super) fn embedded() -> Files {
    let texts = embedded_files()
        .filter(|(path, _)| is_part(path))
        .map(|(path, bytes)| (path.to_owned(), String::from_utf8_lossy(bytes).into_owned()))
        .collect();
    Files { label: "profile".to_owned(), texts }
}

/// The files of a directory. Hidden entries and files that are neither YAML nor JSON are no part of a profile.
pub(super) fn read(root: &Path) -> Result<Files, Vec<Problem>> {
    let mut files = Files { label: root.display().to_string().trim_end_matches('/').to_owned(), texts: BTreeMap::new() };
    let mut problems = Vec::new();
    read_folder(root, "", 0, &mut files, &mut problems);
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

fn read_folder(folder: &Path, prefix: &str, depth: usize, files: &mut Files, problems: &mut Vec<Problem>) {
    let bad = |files: &Files, path: &str, message: String| Problem::error(reason::BAD_PROFILE, message).at(files.place(path));
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let place = Place { file: folder.display().to_string().into(), line: 0, column: 0 };
            problems.push(
                Problem::error(reason::BAD_PROFILE, format!("cannot read the folder: {error}"))
                    .at(place)
                    .help("name a folder that `tecrax profile export` wrote"),
            );
            return;
        }
    };
    for entry in entries.take(MAX_FILES * 2) {
        let Ok(entry) = entry else { continue };
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') {
            continue;
        }
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth < MAX_DEPTH => {
                read_folder(&entry.path(), &path, depth + 1, files, problems);
            }
            Ok(kind) if kind.is_file() && is_part(&path) => {
                if files.texts.len() >= MAX_FILES {
                    problems.push(bad(files, &path, format!("more than {MAX_FILES} files")));
                    return;
                }
                match read_text(&entry.path()) {
                    Ok(text) => {
                        files.texts.insert(path, text);
                    }
                    Err(message) => problems.push(bad(files, &path, message)),
                }
            }
            Ok(kind) if kind.is_symlink() => {
                problems.push(bad(files, &path, "a symlink; copy the file instead".to_owned()));
            }
            _ => {}
        }
    }
}

fn read_text(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = fs::File::open(path).map_err(|error| format!("cannot read the file: {error}"))?;
    file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text).map_err(|error| format!("cannot read the file: {error}"))?;
    if text.len() as u64 > MAX_FILE_BYTES { Err(format!("larger than {MAX_FILE_BYTES} bytes")) } else { Ok(text) }
}

fn is_part(path: &str) -> bool {
    ["yaml", "yml", "json"].iter().any(|extension| has_extension(path, extension))
}

/// Writes the embedded profile into `dir`, which must not exist or be empty. Returns how many files it wrote.
///
/// # Errors
/// [`reason::UNREADABLE`] with the path that could not be written, or when `dir` holds something already.
pub fn export(dir: &Path) -> Result<usize, Box<Problem>> {
    let failed = |path: &Path, error: &std::io::Error| {
        let place = Place { file: path.display().to_string().into(), line: 0, column: 0 };
        Box::new(Problem::error(reason::UNREADABLE, format!("cannot write: {error}")).at(place))
    };
    fs::create_dir_all(dir).map_err(|error| failed(dir, &error))?;
    if fs::read_dir(dir).map_err(|error| failed(dir, &error))?.next().is_some() {
        let place = Place { file: dir.display().to_string().into(), line: 0, column: 0 };
        let problem = Problem::error(reason::UNREADABLE, "the folder is not empty").at(place);
        return Err(Box::new(problem.help("name a new folder: files of an older profile would mix with these")));
    }
    let mut written = 0;
    for (path, bytes) in embedded_files() {
        let target = dir.join(path);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).map_err(|error| failed(parent, &error))?;
        }
        fs::write(&target, bytes).map_err(|error| failed(&target, &error))?;
        written += 1;
    }
    Ok(written)
}
