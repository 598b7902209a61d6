//! A small file system of its own in a mount namespace, for as long as the test has it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A tmpfs that nobody sees but who is sent there.
pub struct SmallDisk {
    keeper: Child,
    place: PathBuf,
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
    }
}

impl SmallDisk {
    /// A file system of `size` (as mount takes it) at `place`, which is there.
    pub fn new(place: &Path, size: &str) -> Self {
        assert!(rustix::process::geteuid().is_root(), "this test mounts a file system: run it as root, or tests/run --quick");
        let script = "mount -t tmpfs -o size=$1,mode=700 small \"$2\" && echo ready && exec cat";
        let mut keeper = Command::new("unshare")
            .args(["--mount", "--propagation", "private", "sh", "-c", script, "sh", size])
            .arg(place)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("unshare is part of Debian's package util-linux");
        let mut ready = [0; 6];
        let said = keeper.stdout.as_mut().unwrap().read_exact(&mut ready);
        assert!(said.is_ok(), "no small file system; if an operation is not permitted, this machine forbids namespaces");
        Self { keeper, place: place.to_owned() }
    }

    /// The words before a command that is to see it.
    pub fn inside(&self) -> [String; 3] {
        [
            "nsenter".to_owned(),
            format!("--mount=/proc/{}/ns/mnt", self.keeper.id()),
            format!("--wdns={}", self.place.parent().unwrap().display()),
        ]
    }

    /// Where it is seen from outside.
    pub fn seen(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.keeper.id()));
        root.join(self.place.strip_prefix("/").unwrap())
    }

    /// Writes until nothing fits any more.
    pub fn fill(&self) {
        let mut ballast = fs::File::options().create(true).append(true).open(self.seen().join("ballast")).unwrap();
        for size in [65_536, 4_096, 512, 1] {
            while ballast.write_all(&vec![0; size]).is_ok() {}
        }
    }

    /// Makes room again.
    pub fn clear(&self) {
        fs::remove_file(self.seen().join("ballast")).unwrap();
    }

    /// Runs a command inside to its end.
    pub fn run(&self, words: &[&str]) {
        let inside = self.inside();
        let status = Command::new(&inside[0]).args(&inside[1..]).args(words).status().unwrap();
        assert!(status.success(), "{words:?}");
    }
}
