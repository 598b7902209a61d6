//! The daemon on a home's manifests, killed when dropped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::fs;
use std::process::{Child, Command, Stdio};

use super::cli::Home;

/// The daemon, killed when dropped.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Follows the manifests of `home`; recorded readings are allowed. Its words are in [`told`].
pub fn watch(home: &Home) -> Running {
    let child = Command::new(env!("CARGO_BIN_EXE_tecrax"))
        .args(["reconcile", "--allow-fixtures", "manifests"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("TECRAX_STATE_DIR", home.state())
        .current_dir(home.dir.path())
        .stdout(Stdio::null())
        .stderr(fs::File::create(home.path("daemon.log")).unwrap())
        .spawn()
        .unwrap();
    Running(child)
}

/// What the daemon has said so far.
pub fn told(home: &Home) -> String {
    fs::read_to_string(home.path("daemon.log")).unwrap()
}
