//! The key of checkpoints: the operator's, or one made on first use.
#![expect(clippy::disallowed_methods, reason = "reads the key file and its mode")]

use std::fs::File;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use ring::rand::{SecureRandom as _, SystemRandom};
use rusqlite::TransactionBehavior;

use super::file::{read_open, write_atomically};
use super::{Db, StoreError};
use crate::evidence::log::{KEY_TEXT_MAX, SigningKey};

/// Name of the key that is made on first use.
const FILE: &str = "checkpoint.key";

impl Db {
    /// The key that signs this log's checkpoints, named after the log: the operator's `file`, or `checkpoint.key` in the state
    /// directory, which is made (mode 0600) when it is not there. Processes that come at once get the same key.
    ///
    /// # Errors
    /// [`StoreError::Key`] when the file can not be read, is readable by others, or is no Ed25519 key. SQLite's.
    pub fn checkpoint_key(&mut self, file: Option<&Path>) -> Result<SigningKey, StoreError> {
        if let Some(file) = file {
            return self
                .read_key(file)?
                .ok_or_else(|| StoreError::Key { path: file.to_owned(), what: "no such file".to_owned() });
        }
        let file = self.directory.join(FILE);
        if let Some(key) = self.read_key(&file)? {
            return Ok(key);
        }
        // The write lock of the database is what all processes of a state directory share.
        let lock = rusqlite::Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        if let Some(key) = self.read_key(&file)? {
            return Ok(key);
        }
        let fail = |what: String| StoreError::Key { path: file.clone(), what };
        let mut seed = [0_u8; 32];
        SystemRandom::new().fill(&mut seed).map_err(|_| fail("the system gives no random numbers".to_owned()))?;
        let text = SigningKey::text_of_seed(&self.origin, &seed).map_err(|error| fail(error.to_string()))?;
        write_atomically(&file, format!("{text}\n").as_bytes())?;
        drop(lock);
        SigningKey::from_seed(&self.origin, &seed).map_err(|error| fail(error.to_string()))
    }

    fn read_key(&self, path: &Path) -> Result<Option<SigningKey>, StoreError> {
        let fail = |what: String| StoreError::Key { path: path.to_owned(), what };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fail(error.to_string())),
        };
        let mode = file.metadata().map_err(|error| fail(error.to_string()))?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(fail(format!("others may use it (mode {:04o}): `chmod 600` it", mode & 0o7777)));
        }
        let text = read_open(file, KEY_TEXT_MAX).map_err(|error| fail(error.to_string()))?;
        SigningKey::parse(&self.origin, &text).map(Some).map_err(|error| fail(error.to_string()))
    }
}
