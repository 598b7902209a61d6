//! Private folders of commands: the only place where one may write, gone afterwards.

#![expect(clippy::disallowed_methods, reason = "makes and removes private folders below the state directory")]

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{FlockOperation, flock};

/// The folders of one process. Whoever comes later removes what a process left behind that was killed.
#[derive(Debug)]
pub(super) struct Folders {
    own: PathBuf,
    next: AtomicU64,
    /// Held for as long as the folders are in use.
    _held: File,
}

impl Folders {
    /// Makes room below `parent`, which is made if it is not there.
    pub(super) fn open(parent: &Path) -> io::Result<Self> {
        private().recursive(true).create(parent)?;
        let parent_held = File::open(parent)?;
        // Between making a folder and holding it, nobody else may look.
        flock(&parent_held, FlockOperation::LockExclusive)?;
        for entry in fs::read_dir(parent)? {
            let path = entry?.path();
            let is_left = File::open(&path).is_ok_and(|held| flock(&held, FlockOperation::NonBlockingLockExclusive).is_ok());
            if is_left {
                // What can not be removed now is tried again by the next process.
                let _ = remove(&path);
            }
        }
        let own = own_name(parent)?;
        let held = File::open(&own)?;
        flock(&held, FlockOperation::LockExclusive)?;
        // A command is told an absolute name: it starts in `/`.
        let own = std::path::absolute(&own)?;
        Ok(Self { own, next: AtomicU64::new(0), _held: held })
    }

    /// A new and empty folder.
    pub(super) fn fresh(&self) -> io::Result<Folder> {
        let path = self.own.join(self.next.fetch_add(1, Ordering::Relaxed).to_string());
        private().create(&path)?;
        Ok(Folder { path })
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        let _ = remove(&self.own);
    }
}

/// The folder of one command. Removed when dropped, with whatever is in it.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What can not be removed now is tried again by the next process.
        let _ = remove(&self.path);
    }
}

/// Makes a folder that nobody else has: other containers may share the state directory and our process number.
fn own_name(parent: &Path) -> io::Result<PathBuf> {
    let mut number = 0_u32;
    loop {
        let own = parent.join(format!("{}-{number}", std::process::id()));
        match private().create(&own) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number = number.checked_add(1).ok_or(error)?,
            made => return made.map(|()| own),
        }
    }
}

fn private() -> fs::DirBuilder {
    let mut builder = fs::DirBuilder::new();
    builder.mode(0o700);
    builder
}

/// Removes a folder without ever being more than one level inside of it: a command may have made it deeper than any stack, so
/// every folder found inside is moved to the top first. Links are removed and never followed.
fn remove(top: &Path) -> io::Result<()> {
    // Most commands leave nothing.
    if fs::remove_dir(top).is_ok() {
        return Ok(());
    }
    let mut moved = 0_u64;
    let mut folders = VecDeque::from([top.to_owned()]);
    while let Some(folder) = folders.pop_front() {
        open_up(&folder)?;
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if !entry.file_type()?.is_dir() {
                fs::remove_file(entry.path())?;
            } else if folder == top {
                folders.push_back(entry.path());
            } else {
                open_up(&entry.path())?;
                let place = free_name(top, &mut moved);
                fs::rename(entry.path(), &place)?;
                folders.push_back(place);
            }
        }
        if folder != top {
            fs::remove_dir(&folder)?;
        }
    }
    fs::remove_dir(top)
}

/// A name that nothing at the top has.
fn free_name(top: &Path, moved: &mut u64) -> PathBuf {
    loop {
        let place = top.join(format!(".moved-{moved}"));
        *moved += 1;
        if fs::symlink_metadata(&place).is_err() {
            return place;
        }
    }
}

/// A folder that its maker shut is opened again.
fn open_up(folder: &Path) -> io::Result<()> {
    let mode = fs::symlink_metadata(folder)?.permissions().mode();
    if mode & 0o700 == 0o700 { Ok(()) } else { fs::set_permissions(folder, fs::Permissions::from_mode(0o700)) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::DirBuilderExt as _;

    use super::*;

    #[test]
    fn everything_goes_however_deep_and_links_are_not_followed() {
        let home = tempfile::TempDir::new().unwrap();
        let outside = home.path().join("outside");
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("kept"), "").unwrap();
        let folders = Folders::open(&home.path().join("sandbox")).unwrap();
        let folder = folders.fresh().unwrap();
        let mut deep = folder.path().to_owned();
        for _ in 0..300 {
            deep.push("d");
            private().create(&deep).unwrap();
            fs::write(deep.join(".moved-0"), "").unwrap();
            std::os::unix::fs::symlink(&outside, deep.join("link")).unwrap();
        }
        fs::DirBuilder::new().mode(0o000).create(folder.path().join("shut")).unwrap();
        private().create(&folder.path().join(".moved-1")).unwrap();
        let path = folder.path().to_owned();
        drop(folder);
        assert!(!path.exists() && outside.join("kept").exists());
    }

    #[test]
    fn what_a_killed_process_left_is_removed_and_what_lives_is_not() {
        let home = tempfile::TempDir::new().unwrap();
        let parent = home.path().join("sandbox");
        fs::create_dir_all(parent.join("77/3")).unwrap();
        fs::write(parent.join("77/3/left"), "").unwrap();
        let held = File::open(parent.join("77")).unwrap();
        flock(&held, FlockOperation::LockExclusive).unwrap();
        drop(Folders::open(&parent).unwrap());
        assert!(parent.join("77/3/left").exists());
        drop(held);
        drop(Folders::open(&parent).unwrap());
        assert_eq!(fs::read_dir(&parent).unwrap().count(), 0);
    }
}
