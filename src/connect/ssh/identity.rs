//! Private keys: from files and from secrets.
#![expect(clippy::disallowed_methods, reason = "reads key files")]

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;

use russh::keys::{PrivateKey, decode_secret_key};
use zeroize::Zeroizing;

use crate::api::{ErrorClass, SecretId};
use crate::connect::{Environment, Failure};
use crate::secrets::SecretValue;

/// Largest private key file, in bytes.
const MAX_FILE: u64 = 64 * 1024;
/// The usual key files below the home directory, in the order they are tried.
const USUAL: [&str; 3] = [".ssh/id_ed25519", ".ssh/id_ecdsa", ".ssh/id_rsa"];

/// A private key and where it came from.
#[derive(Debug, Clone)]
pub(super) struct OwnKey {
    /// The key.
    pub(super) key: Arc<PrivateKey>,
    /// Its file or secret, for people.
    pub(super) name: String,
}

/// The usual key files that can be used, and why others that exist can not.
pub(super) async fn usual(environment: &Environment) -> (Vec<OwnKey>, Vec<Failure>) {
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
pub(super) async fn load(path: &Path) -> Result<OwnKey, Failure> {
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => unusable(path, "does not exist", "Correct `identity.file`."),
        _ => unusable(path, &format!("can not be read: {error}"), "Let the user who runs tecrax read it.").because(&error),
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
    let text = Zeroizing::new(tokio::fs::read_to_string(path).await.map_err(unreadable)?);
    match decode(&text) {
        Ok(key) => Ok(OwnKey { key, name: path.display().to_string() }),
        Err(Undecoded::Encrypted) => Err(unusable(
            path,
            "is encrypted",
            "Add it to an SSH agent (`ssh-add`) and use `identity: {agent: {}}`, or make a key without a passphrase for tecrax.",
        )),
        Err(Undecoded::Bad(error)) => {
            Err(unusable(path, &format!("holds no private key that can be used: {error}"), "Correct `identity.file`."))
        }
    }
}

/// The private key that a secret holds. It must not be encrypted.
pub(super) fn of_secret(id: &SecretId, value: &SecretValue) -> Result<OwnKey, Failure> {
    // Of the line break at the end of a file nothing is left, and PEM wants one.
    let text = Zeroizing::new(format!("{}\n", value.expose()));
    let bad = |why: &str, next: &str| Failure::new(ErrorClass::CredentialUnusable, format!("{id} {why}")).next_step(next);
    match decode(&text) {
        Ok(key) => Ok(OwnKey { key, name: id.to_string() }),
        Err(Undecoded::Encrypted) => {
            Err(bad("is an encrypted private key", "Give a key without a passphrase that only tecrax uses."))
        }
        // What the decoder says may quote what it read.
        Err(Undecoded::Bad(_)) => Err(bad(
            "holds no private key that can be used",
            "Give the whole text of the key file, first and last line included.",
        )),
    }
}

enum Undecoded {
    Encrypted,
    Bad(russh::keys::Error),
}

fn decode(text: &str) -> Result<Arc<PrivateKey>, Undecoded> {
    match decode_secret_key(text, None) {
        Ok(key) if !key.is_encrypted() => Ok(Arc::new(key)),
        Ok(_) | Err(russh::keys::Error::KeyIsEncrypted) => Err(Undecoded::Encrypted),
        Err(error) => Err(Undecoded::Bad(error)),
    }
}

fn unusable(path: &Path, why: &str, next_step: &str) -> Failure {
    Failure::new(ErrorClass::CredentialUnusable, format!("private key {} {why}", path.display())).next_step(next_step)
}
