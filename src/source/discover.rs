//! Which files a PATH means. Finds them in a fixed order; opens nothing.
#![expect(clippy::disallowed_methods, reason = "finds manifest files")]

use std::collections::HashSet;
use std::fs::{self, DirEntry, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::api::{Place, Problem, reason};

use super::bare::Given;
use super::bounds::{MAX_DIRECTORIES, MAX_DIRECTORY_DEPTH, MAX_FILES};

/// A manifest file that was found.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Path as the user wrote or would write it.
    pub path: PathBuf,
    /// Path below its PATH; the file's name when the PATH is the file.
    pub relative: PathBuf,
    /// The file itself, free of symlinks.
    pub real: PathBuf,
}

/// What the PATHs mean.
#[derive(Debug, Default)]
pub(super) struct Discovery {
    /// Files in the order they are read.
    pub files: Vec<Found>,
    /// What could not be looked at.
    pub problems: Vec<Problem>,
    /// Where that was, free of symlinks but for the last name.
    pub unseen: Vec<PathBuf>,
    /// Symlinks that were followed: the link's own real place, and what it says.
    pub links: Vec<(PathBuf, PathBuf)>,
    /// The same links with the real places that they lead to.
    pub targets: Vec<(PathBuf, PathBuf)>,
    /// Every PATH that exists, free of symlinks.
    pub roots: Vec<PathBuf>,
    /// Every PATH, with what was found by it.
    pub given: Vec<Given>,
    /// Real paths of the directories and files that were already found, so that overlapping PATHs and looping symlinks cost
    /// nothing. Two hard links are two files.
    seen: HashSet<PathBuf>,
    directories: usize,
    full: bool,
}

/// A directory that is being walked.
struct Directory {
    path: PathBuf,
    relative: PathBuf,
    real: PathBuf,
    depth: usize,
}

/// Finds the files of every PATH: directories are walked, names sorted by their bytes, dot-names left out.
pub(super) fn discover(paths: &[PathBuf]) -> Discovery {
    let mut discovery = Discovery::default();
    for path in paths {
        discovery.root(path);
    }
    discovery
}

impl Discovery {
    /// Whether files or directories were left out.
    pub const fn is_full(&self) -> bool {
        self.full
    }

    fn root(&mut self, path: &Path) {
        let (real, metadata) = match fs::canonicalize(path).and_then(|real| Ok((fs::metadata(&real)?, real))) {
            Ok((metadata, real)) => (real, metadata),
            Err(error) => {
                if error.kind() == io::ErrorKind::NotFound {
                    self.given.push(Given { path: path.to_owned(), real: None });
                }
                return self.problems.push(unreadable(path, &error, "check the path"));
            }
        };
        self.roots.push(real.clone());
        let (start, told, root) = (self.files.len(), self.problems.len(), real.clone());
        if metadata.is_dir() {
            let mut links = Vec::new();
            self.walk(Directory { path: path.to_owned(), relative: PathBuf::new(), real: real.clone(), depth: 0 }, &mut links);
            // Real names come before linked ones, so that a link never hides the name that a file has by itself.
            let mut at = 0;
            while let Some(link) = links.get(at).cloned() {
                self.link(link, &real, &mut links);
                at += 1;
            }
        } else {
            let relative = path.file_name().map_or_else(|| path.to_owned(), PathBuf::from);
            self.file(Found { path: path.to_owned(), relative, real }, metadata.file_type());
        }
        if let Some(files) = self.files.get_mut(start..) {
            files.sort_by(|left, right| left.relative.cmp(&right.relative));
        }
        // The file system lists names in any order.
        if let Some(problems) = self.problems.get_mut(told..) {
            problems.sort_by(|left, right| left.place.cmp(&right.place));
        }
        self.given.push(Given { path: path.to_owned(), real: Some(root) });
    }

    fn walk(&mut self, top: Directory, links: &mut Vec<Found>) {
        let mut stack = vec![top];
        while let Some(directory) = stack.pop() {
            self.directories += 1;
            if directory.depth > MAX_DIRECTORY_DEPTH || self.directories > MAX_DIRECTORIES {
                self.too_many(&directory.path, "nested or numerous directories");
                continue;
            }
            if !self.seen.insert(directory.real.clone()) {
                continue;
            }
            let entries = match fs::read_dir(&directory.real) {
                Ok(entries) => entries,
                Err(error) => {
                    let help = "give tecrax read access, or name its neighbours instead";
                    self.unseen(directory.real, unreadable(&directory.path, &error, help));
                    continue;
                }
            };
            for entry in entries {
                match entry.and_then(|entry| Ok((entry.file_type()?, entry))) {
                    Ok((kind, entry)) => self.entry(&directory, &entry, kind, &mut stack, links),
                    // Gone between listing and looking: it is not there.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => {
                        self.unseen(directory.real.clone(), unreadable(&directory.path, &error, "look at the file system"));
                    }
                }
            }
        }
        links.sort_by(|left, right| left.relative.cmp(&right.relative));
    }

    fn entry(
        &mut self,
        parent: &Directory,
        entry: &DirEntry,
        kind: FileType,
        stack: &mut Vec<Directory>,
        links: &mut Vec<Found>,
    ) {
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b".") {
            return;
        }
        let found = Found { path: parent.path.join(&name), relative: parent.relative.join(&name), real: parent.real.join(&name) };
        if kind.is_symlink() {
            links.push(found);
        } else if kind.is_dir() {
            let Found { path, relative, real } = found;
            stack.push(Directory { path, relative, real, depth: parent.depth + 1 });
        } else if is_manifest(&found.path) {
            self.file(found, kind);
        }
    }

    fn link(&mut self, link: Found, root: &Path, links: &mut Vec<Found>) {
        let target = fs::canonicalize(&link.real).and_then(|real| Ok((fs::metadata(&real)?, real)));
        let (metadata, real) = match target {
            Ok(target) => target,
            // A dangling link to something else than a manifest hides nothing.
            Err(_) if !is_manifest(&link.path) => return,
            Err(error) => {
                let problem = unreadable(&link.path, &error, "the symlink leads nowhere; mend or remove it");
                return self.unseen(link.real, problem);
            }
        };
        if !metadata.is_dir() && !is_manifest(&link.path) {
            return;
        }
        if !real.starts_with(root) {
            let problem = Problem::error(reason::OUTSIDE_ROOT, "the symlink leads out of the PATH that was given")
                .help("give the place it leads to as a PATH of its own");
            return self.unseen(link.real, problem.at(place(&link.path)));
        }
        if let Ok(text) = fs::read_link(&link.real) {
            self.links.push((link.real.clone(), text));
        }
        self.targets.push((link.real.clone(), real.clone()));
        if metadata.is_dir() {
            let depth = link.relative.components().count();
            // No directory is walked twice, so no link comes up twice.
            let mut fresh = Vec::new();
            self.walk(Directory { path: link.path, relative: link.relative, real, depth }, &mut fresh);
            links.append(&mut fresh);
        } else {
            self.file(Found { real, ..link }, metadata.file_type());
        }
    }

    fn file(&mut self, found: Found, kind: FileType) {
        if !kind.is_file() {
            let problem = Problem::error(reason::UNREADABLE, "not a regular file").help("write the manifests to a file");
            return self.unseen(found.real, problem.at(place(&found.path)));
        }
        if self.files.len() >= MAX_FILES {
            return self.too_many(&found.path, "manifest files");
        }
        if self.seen.insert(found.real.clone()) {
            self.files.push(found);
        }
    }

    fn too_many(&mut self, path: &Path, what: &str) {
        if !self.full {
            let message = format!("too many {what}: this and what follows is left out");
            let help = format!("at most {MAX_FILES} files and {MAX_DIRECTORY_DEPTH} levels of directories; give narrower PATHs");
            self.problems.push(Problem::error(reason::TOO_LARGE, message).help(help).at(place(path)));
        }
        self.full = true;
    }

    fn unseen(&mut self, real: PathBuf, problem: Problem) {
        self.unseen.push(real);
        self.problems.push(problem);
    }
}

/// Problem for a path that can not be read.
pub(super) fn unreadable(path: &Path, error: &io::Error, help: &str) -> Problem {
    // The system's words without Rust's "(os error 2)".
    let words = error.to_string();
    let words = words.split(" (os error").next().unwrap_or_default().to_lowercase();
    Problem::error(reason::UNREADABLE, format!("can not be read: {words}")).help(help).at(place(path))
}

/// The whole file.
pub(super) fn place(path: &Path) -> Place {
    Place { file: display(path), line: 0, column: 0 }
}

/// A path as text: one line, whatever bytes the file system holds.
pub(super) fn display(path: &Path) -> Arc<str> {
    let text = path.to_string_lossy();
    if text.contains(char::is_control) { text.replace(char::is_control, "\u{fffd}").into() } else { text.into() }
}

/// Whether a name is that of a manifest: `.yaml`, `.yml`, `.json`.
pub(super) fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known))
}

#[cfg(test)]
mod tests {
    use super::{Discovery, Found, MAX_DIRECTORIES, MAX_FILES, discover};
    use crate::api::reason;
    use std::path::PathBuf;

    fn source() -> PathBuf {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/manifests/good"))
    }

    fn after(mut discovery: Discovery) -> (usize, Vec<&'static str>) {
        let before = discovery.files.len();
        discovery.root(&source());
        (discovery.files.len() - before, discovery.problems.iter().map(|problem| problem.reason).collect())
    }

    #[test]
    fn files_of_a_snapshot_are_bounded_and_the_bound_is_told_once() {
        let found = Found { path: PathBuf::new(), relative: PathBuf::new(), real: PathBuf::new() };
        let full = |files| Discovery { files: vec![found.clone(); files], ..Discovery::default() };
        assert!(discover(&[source()]).files.len() > 2);
        assert_eq!(after(full(MAX_FILES - 2)), (2, vec![reason::TOO_LARGE]));
    }

    #[test]
    fn directories_of_a_snapshot_are_bounded() {
        let full = |directories| Discovery { directories, ..Discovery::default() };
        assert!(after(full(MAX_DIRECTORIES - 1)).1.is_empty());
        assert_eq!(after(full(MAX_DIRECTORIES)), (0, vec![reason::TOO_LARGE]));
    }
}
