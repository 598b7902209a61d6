//! Where a change of a PATH may show.
//!
//! A swapped symlink makes no event at its own path, and whoever watches it goes on with the old target. So every directory that holds a
//! symlink on the way is a spot of its own, and so is the one in which the way ends before its end.
#![expect(clippy::disallowed_methods, reason = "looks for what to watch")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use super::revision::top;
use super::tracked::git_directory;

/// Symlinks on the way of one PATH; the kernel follows as many.
const MAX_HOPS: usize = 40;
/// Files of a Git directory that say that the work tree or the commit changed. The rest is noise: objects, logs, refs.
const OF_GIT: [&str; 3] = ["HEAD", "index", "index.lock"];

/// Device and inode: a directory of the same name may be another one.
type Identity = (u64, u64);

/// Directories to watch, all free of symlinks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spots {
    /// Directories with everything below.
    trees: BTreeMap<PathBuf, Identity>,
    /// Directories in which only these names matter.
    names: BTreeMap<PathBuf, (Identity, BTreeSet<OsString>)>,
}

impl Spots {
    /// As the symlinks lead now.
    pub fn of(paths: &[PathBuf]) -> Self {
        let mut spots = Self::default();
        for path in paths {
            let Some(real) = spots.follow(path) else { continue };
            let Some(git) = top(&[real]).and_then(|top| git_directory(top).ok()).and_then(|git| fs::canonicalize(git).ok())
            else {
                continue;
            };
            for name in OF_GIT {
                spots.name(&git, OsStr::new(name));
            }
        }
        spots
    }

    /// Directories to watch with everything below.
    pub fn trees(&self) -> impl Iterator<Item = &Path> {
        self.trees.keys().map(PathBuf::as_path)
    }

    /// Directories to watch without what is below.
    pub fn directories(&self) -> impl Iterator<Item = &Path> {
        self.names.keys().map(PathBuf::as_path)
    }

    /// Whether something that happened at `path` may concern the PATHs.
    pub fn concern(&self, path: &Path) -> bool {
        let named = |path: &Path| {
            let names = path.parent().and_then(|parent| self.names.get(parent)).map(|(_, names)| names);
            names.zip(path.file_name()).is_some_and(|(names, name)| names.contains(name))
        };
        named(path)
            || self.names.contains_key(path)
            || self.trees.keys().any(|tree| path.strip_prefix(tree).is_ok_and(|below| !is_noise(below)))
    }

    /// Takes note of the way of `path`; what it leads to, when it leads anywhere.
    fn follow(&mut self, path: &Path) -> Option<PathBuf> {
        let mut at = PathBuf::from("/");
        let mut rest: VecDeque<OsString> = names(&std::path::absolute(path).ok()?);
        let mut hops = 0;
        while let Some(name) = rest.pop_front() {
            if name == ".." {
                at.pop();
                continue;
            }
            let next = at.join(&name);
            match fs::symlink_metadata(&next) {
                Ok(metadata) if metadata.is_symlink() => {
                    self.name(&at, &name);
                    hops += 1;
                    let target = fs::read_link(&next).ok().filter(|_| hops <= MAX_HOPS)?;
                    if target.is_absolute() {
                        at = PathBuf::from("/");
                    }
                    for name in names(&target).into_iter().rev() {
                        rest.push_front(name);
                    }
                }
                Ok(_) => at = next,
                Err(_) => {
                    self.name(&at, &name);
                    return None;
                }
            }
        }
        // One that is put in its place by a rename is another one.
        if let Some((parent, name)) = at.parent().zip(at.file_name()) {
            self.name(parent, name);
        }
        let metadata = fs::metadata(&at).ok()?;
        if metadata.is_dir() {
            self.trees.insert(at.clone(), (metadata.dev(), metadata.ino()));
        }
        Some(at)
    }

    fn name(&mut self, directory: &Path, name: &OsStr) {
        let Ok(metadata) = fs::metadata(directory) else { return };
        let entry = self.names.entry(directory.to_owned());
        let (_, names) = entry.or_insert_with(|| ((metadata.dev(), metadata.ino()), BTreeSet::new()));
        names.insert(name.to_owned());
    }
}

/// Whether a path below a tree is one of Git's own files that say nothing about the work tree.
fn is_noise(below: &Path) -> bool {
    let mut parts = below.components().map(Component::as_os_str).skip_while(|part| *part != ".git").skip(1);
    parts.next().is_some_and(|name| !OF_GIT.iter().any(|known| name == *known))
}

fn names(path: &Path) -> VecDeque<OsString> {
    let name = |part| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsString::from("..")),
        Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
    };
    path.components().filter_map(name).collect()
}
