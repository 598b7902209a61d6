//! Other clients, from PyPI, in an environment of their own below the target directory.

use std::path::PathBuf;
use std::process::Command;

/// What is compared with.
const PACKAGES: [&str; 2] = ["asyncssh==2.24.1", "parallel-ssh==2.16.0"];

/// The Python interpreter of the environment, made and filled when it is absent.
pub fn python() -> PathBuf {
    let home = super::scratch().join("peers-venv");
    let python = home.join("bin/python");
    let installed = home.join("installed");
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == PACKAGES.join(" ")) {
        return python;
    }
    println!("installing {} into {}", PACKAGES.join(" and "), home.display());
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home));
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(PACKAGES));
    std::fs::write(installed, PACKAGES.join(" ")).unwrap();
    python
}

/// A script of ours that drives a peer.
pub fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(name)
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}; install python3 and python3-venv"));
    assert!(status.success(), "{command:?}: {status}; python3-venv and a way to PyPI are needed");
}
