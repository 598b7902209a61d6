//! The public key that a line of `authorized_keys` is for. Private keys are never opened for it.
#![expect(clippy::disallowed_methods, reason = "reads a public key that the user names")]

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::super::exit::{Exit, Failure};
use crate::connect::ssh::{MAX_PUBLIC_KEY, public_key};
use crate::desired::IdentitySource;

/// Stands where the key is not known; no server takes such a line for a key.
pub(super) const PLACEHOLDER: &str = "PUBLIC-KEY";

/// The key of `given`, else of the file beside the identity's; `None` when neither says.
pub(super) fn of(given: Option<&Path>, identity: &IdentitySource) -> Result<Option<String>, Failure> {
    let path = match (given, identity) {
        (Some(path), _) => path.to_owned(),
        (None, IdentitySource::File(private)) => {
            let mut path = private.clone().into_os_string();
            path.push(".pub");
            PathBuf::from(path)
        }
        (None, IdentitySource::Usual | IdentitySource::Agent | IdentitySource::Secret(_)) => return Ok(None),
    };
    let bad = |why: &str, help: &str| Failure::new(Exit::Config, format!("the public key {} {why}", path.display())).help(help);
    let mut text = String::new();
    match File::open(&path).and_then(|file| file.take(MAX_PUBLIC_KEY as u64).read_to_string(&mut text)) {
        Ok(_) => {}
        Err(error) if given.is_none() && error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(bad(&format!("can not be read: {error}"), "Correct --key.")),
    }
    let help = "Name the file that ssh-keygen wrote beside the private key, or what `ssh-add -L` prints of one key.";
    public_key(&text).map(Some).ok_or_else(|| bad("is not one public key", help))
}
