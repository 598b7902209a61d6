//! A small file system of its own, in a mount namespace of this thread and of the processes and threads that it starts from then on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sched::{CloneFlags, unshare};

/// A tmpfs that nobody else sees; it is gone when dropped.
pub struct SmallDisk {
    place: PathBuf,
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.place).status();
    }
}

impl SmallDisk {
    /// A file system of `size` (as mount takes it) at `place`, which is made.
    pub fn new(place: &Path, size: &str) -> Self {
        assert!(rustix::process::geteuid().is_root(), "this test mounts a file system: run it as root, or tests/run --quick");
        fs::create_dir(place).unwrap();
        unshare(CloneFlags::CLONE_NEWNS).expect("a mount namespace; a machine that forbids them can not run this test");
        let disk = Self { place: place.to_owned() };
        Self::mount(&["--make-rprivate", "/"]);
        Self::mount(&["-t", "tmpfs", "-o", &format!("size={size},mode=700"), "small", &disk.path()]);
        disk
    }

    fn path(&self) -> String {
        self.place.display().to_string()
    }

    fn mount(words: &[&str]) {
        let status = Command::new("mount").args(words).status().unwrap();
        assert!(status.success(), "mount {words:?}");
    }

    /// From now on nothing can be written, or it can be again. Nobody may have a file open for writing.
    pub fn read_only(&self, yes: bool) {
        Self::mount(&["-o", if yes { "remount,ro" } else { "remount,rw" }, &self.path()]);
    }

    /// Writes until nothing fits any more.
    pub fn fill(&self) {
        let mut ballast = fs::File::options().create(true).append(true).open(self.place.join("ballast")).unwrap();
        for size in [65_536, 4_096, 512, 1] {
            while ballast.write_all(&vec![0; size]).is_ok() {}
        }
    }

    /// Makes room again.
    pub fn clear(&self) {
        fs::remove_file(self.place.join("ballast")).unwrap();
    }
}
