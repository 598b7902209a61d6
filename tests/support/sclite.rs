//! An installed `sclite-core`, the verifier of the Python stack, from PyPI.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A directory of this version's package, made once and kept with the build: installing takes longer than everything else.
pub fn python(version: &str) -> PathBuf {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sclite-core-{version}"));
    let python = cache.join("bin/python");
    if cache.join("complete").exists() {
        return python;
    }
    // Beside its place, then renamed: two tests that need it at once make two, and one of them stays.
    let making = TempDir::with_prefix_in(format!("sclite-core-{version}-"), env!("CARGO_TARGET_TMPDIR")).unwrap().keep();
    run(Command::new("python3").args(["-m", "venv", "--copies"]).arg(&making), "tests/run installs python3-venv on Debian");
    let package = format!("sclite-core=={version}");
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", &package];
    run(Command::new(making.join("bin/python")).args(pip), "this test needs PyPI, or an index that PIP_INDEX_URL names");
    fs::write(making.join("complete"), "").unwrap();
    if fs::rename(&making, &cache).is_err() {
        fs::remove_dir_all(&making).unwrap();
    }
    assert!(python.exists(), "{}", python.display());
    python
}

/// Runs a command to its end and returns what it printed.
pub fn run(command: &mut Command, advice: &str) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; {advice}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?} failed; {advice}\n{out}{err}");
    out.into_owned()
}
