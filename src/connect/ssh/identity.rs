//! Private key files.
#![expect(clippy::disallowed_methods, reason = "reads key files")]

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use russh::keys::{PrivateKey, decode_secret_key};

use crate::api::ErrorClass;
use crate::connect::{Environment, Failure};

/// Largest private key file, in bytes.
const MAX_FILE: u64 = 64 * 1024;
/// The usual key files below the home directory, in the order they are tried.
const USUAL: [&str; 3] = [".ssh/id_ed25519", ".ssh/id_ecdsa", ".ssh/id_rsa"];

/// A private key and the file it came from.
#[derive(Debug, Clone)]
pub(super) struct KeyFile {
    /// The key.
    pub(super) key: Arc<PrivateKey>,
    /// Its file.
    pub(super) path: PathBuf,
}

/// The usual key files that can be used, and why others that exist can not.
pub(super) async fn usual(environment: &Environment) -> (Vec<KeyFile>, Vec<Failure>) {
    let (mut keys, mut failures) = (Vec::new(), Vec::new());
    for path in environment.home.iter().flat_map(|home| USUAL.map(|name| home.join(name))) {
        if tokio::fs::try_exists(&path).await.unwrap_or(true) {
            match load(&path).await {
                Ok(key) => keys.push(key),
                Err(failure) => failures.push(failure),
            }
        }
    }
    (keys, failures)
}

/// Reads one private key file. It must not be encrypted, and nobody but its owner may read it.
pub(super) async fn load(path: &Path) -> Result<KeyFile, Failure> {
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => unusable(path, "does not exist", "Correct `identity.file`."),
        _ => unusable(path, &format!("can not be read: {error}"), "Let the user who runs tecrax read it."),
    };
    let meta = tokio::fs::metadata(path).await.map_err(unreadable)?;
    if !meta.is_file() {
        return Err(unusable(path, "is not a regular file", "Correct `identity.file`."));
    }
    if meta.len() > MAX_FILE {
        return Err(unusable(path, "is too large for a private key", "Correct `identity.file`."));
    }
    // As OpenSSH: group access is an owner's mistake, but how a service account reads a key that root keeps for it.
    let ours = meta.uid() == rustix::process::geteuid().as_raw();
    if meta.mode() & 0o007 != 0 || (ours && meta.mode() & 0o070 != 0) {
        let next = format!("Run `chmod 600 {}`.", path.display());
        return Err(unusable(path, "can be read by others than its owner", &next));
    }
    let text = tokio::fs::read_to_string(path).await.map_err(unreadable)?;
    match decode_secret_key(&text, None) {
        Ok(key) if !key.is_encrypted() => Ok(KeyFile { key: Arc::new(key), path: path.to_owned() }),
        Ok(_) | Err(russh::keys::Error::KeyIsEncrypted) => Err(unusable(
            path,
            "is encrypted",
            "Add it to an SSH agent (`ssh-add`) and use `identity: {agent: {}}`, or make a key without a passphrase for tecrax.",
        )),
        Err(error) => Err(unusable(path, &format!("holds no private key that can be used: {error}"), "Correct `identity.file`.")),
    }
}

fn unusable(path: &Path, why: &str, next_step: &str) -> Failure {
    Failure::new(ErrorClass::CredentialUnusable, format!("private key {} {why}", path.display())).next_step(next_step)
}
