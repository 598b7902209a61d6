//! The Git revision of the manifests, asked of `git` without letting a repository's configuration run anything.
//!
//! `git status` would run the filters that a repository configures. So only two commands are asked, both of which read the
//! object store and nothing else: `rev-parse` for the commit and `ls-tree` for its files. The comparison is ours, over the very
//! bytes that were read.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use sha1::Sha1;
use sha2::Sha256;

use crate::api::{Problem, reason};

use super::discover::{is_manifest, place};
use super::git::Git;
use super::snapshot::Revision;

/// A commit's files below the PATHs, compared with what was read.
#[derive(Debug)]
pub(super) struct WorkTree {
    top: PathBuf,
    commit: String,
    roots: Vec<PathBuf>,
    /// Files of the commit by path below `top`, with their object id; taken out when they were read.
    entries: HashMap<PathBuf, Entry>,
    dirty: bool,
}

#[derive(Debug)]
struct Entry {
    id: String,
    read: bool,
}

impl WorkTree {
    /// The work tree of the first PATH, or why it has no revision although it is in one.
    pub fn open(roots: &[PathBuf]) -> (Option<Self>, Option<Problem>) {
        let Some(top) = top(roots) else { return (None, None) };
        match Self::read(top, roots) {
            Ok(tree) => (Some(tree), None),
            Err(why) => {
                let mut problem = Problem::warning(reason::NO_REVISION, format!("no Git revision: {why}"))
                    .help("evidence will not name a commit; everything else works")
                    .at(place(top));
                problem.severity = crate::api::Severity::Note;
                (None, Some(problem))
            }
        }
    }

    fn read(top: &Path, roots: &[PathBuf]) -> Result<Self, String> {
        let git = Git::new(top);
        let commit = commit(&git)?;
        let below: Vec<&Path> = roots.iter().filter_map(|root| root.strip_prefix(top).ok()).collect();
        let mut arguments: Vec<OsString> = ["ls-tree", "-r", "-z", "--full-tree"].map(OsString::from).into();
        arguments.push(commit.clone().into());
        arguments.push("--".into());
        if !below.iter().any(|path| path.as_os_str().is_empty()) {
            arguments.extend(below.iter().map(|path| path.as_os_str().to_owned()));
        }
        let arguments: Vec<&OsStr> = arguments.iter().map(OsString::as_os_str).collect();
        let listing = git.run(&arguments)?.ok_or("git can not list the commit")?;
        Ok(Self { top: top.to_owned(), commit, roots: roots.to_vec(), entries: entries(&listing), dirty: false })
    }

    /// Compares a file that was read, by its real path.
    pub fn compare(&mut self, real: &Path, content: &[u8]) {
        let id = if self.commit.len() == 64 { object_id::<Sha256>(content) } else { object_id::<Sha1>(content) };
        let same = real.strip_prefix(&self.top).ok().and_then(|path| self.entries.get_mut(path)).is_some_and(|entry| {
            entry.read = true;
            entry.id == id
        });
        self.dirty |= !same;
    }

    /// The revision, after every file was compared. `links` are the symlinks that were followed.
    pub fn revision(mut self, links: &[(PathBuf, PathBuf)]) -> Revision {
        for (link, target) in links {
            self.compare(link, target.as_os_str().as_bytes());
        }
        // What the commit has and the directory lacks counts too: a removed manifest is a change.
        let roots: Vec<&Path> = self.roots.iter().filter_map(|root| root.strip_prefix(&self.top).ok()).collect();
        let missing = |path: &Path| {
            let shown = |below: &Path| {
                below.as_os_str().is_empty()
                    || (is_manifest(below) && !below.iter().any(|part| part.as_bytes().starts_with(b".")))
            };
            roots.iter().any(|root| path.strip_prefix(root).is_ok_and(shown))
        };
        let dirty = self.dirty || self.entries.iter().any(|(path, entry)| !entry.read && missing(path));
        Revision { commit: self.commit, dirty }
    }
}

/// The commit that the work tree of the first PATH is at; `None` without a work tree, or without a commit that git can read.
pub(super) fn head(roots: &[PathBuf]) -> Option<String> {
    commit(&Git::new(top(roots)?)).ok()
}

/// The top directory of the work tree that the first PATH is in.
#[expect(clippy::disallowed_methods, reason = "looks for the work tree")]
pub(super) fn top(roots: &[PathBuf]) -> Option<&Path> {
    roots.first()?.ancestors().find(|path| path.join(".git").symlink_metadata().is_ok())
}

fn commit(git: &Git<'_>) -> Result<String, String> {
    let commit = git.run(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"].map(OsStr::new))?;
    let commit = commit.ok_or("there is no commit that git can read")?;
    let commit = String::from_utf8(commit).unwrap_or_default().trim().to_owned();
    if !matches!(commit.len(), 40 | 64) || !commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("git gave no commit id".into());
    }
    Ok(commit)
}

/// Git's id of a file's content.
fn object_id<D: sha1::Digest>(content: &[u8]) -> String {
    let mut hasher = D::new();
    hasher.update(format!("blob {}\0", content.len()));
    hasher.update(content);
    hasher.finalize().iter().fold(String::new(), |mut hex, byte| {
        let digit = |nibble| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
        hex.extend([digit(byte >> 4), digit(byte & 15)]);
        hex
    })
}

/// Reads `ls-tree -z`: `<mode> blob <id>\t<path>\0`.
fn entries(listing: &[u8]) -> HashMap<PathBuf, Entry> {
    let entry = |record: &[u8]| {
        let tab = record.iter().position(|byte| *byte == b'\t')?;
        let (head, path) = record.split_at_checked(tab)?;
        let id = std::str::from_utf8(head).ok()?.split(' ').nth(2)?;
        let path = OsString::from_vec(path.get(1..)?.to_vec());
        Some((PathBuf::from(path), Entry { id: id.to_owned(), read: false }))
    };
    listing.split(|byte| *byte == 0).filter_map(entry).collect()
}
