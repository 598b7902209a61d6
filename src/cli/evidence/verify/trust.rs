//! Keys and checkpoints that an auditor brings along.

use std::path::{Path, PathBuf};

use super::super::super::exit::{Exit, Failure};
use super::super::files::{self, Unreadable};
use crate::evidence::log::{KEY_TEXT_MAX, SignedCheckpoint, VerifierKey};
use crate::evidence::sclite::guard::GuardKey;

/// Most bytes of a file with checkpoints: years of cron mail.
const CHECKPOINTS_MAX: u64 = 64 << 20;
/// Most bytes of a file with a guard key.
const GUARD_KEY_MAX: u64 = 64 << 10;

/// Reads `--key`: the key itself, or a file with one.
///
/// # Errors
/// [`Exit::Config`]
pub fn key(text: &str) -> Result<VerifierKey, Failure> {
    // A key has two plus signs and is no sensible name of a file.
    if let Ok(key) = VerifierKey::parse(text) {
        return Ok(key);
    }
    let bytes = files::read_named(Path::new(text), KEY_TEXT_MAX as u64).map_err(|error| match error {
        Unreadable::Absent => Failure::new(Exit::Config, format!("`{text}` is neither a key nor a file"))
            .help("give NAME+ID+BASE64, or a file with it such as checkpoint.vkey of an export"),
        other => Failure::new(Exit::Config, format!("key file {text}: {other}")),
    })?;
    String::from_utf8(bytes)
        .ok()
        .ok_or_else(|| "it is no text".to_owned())
        .and_then(|text| VerifierKey::parse(&text).map_err(|error| error.to_string()))
        .map_err(|error| Failure::new(Exit::Config, format!("key file {text}: {error}")))
}

/// Reads every `--checkpoint`: signed notes, or tokens among other words. `-` is stdin.
///
/// # Errors
/// [`Exit::Config`]
pub fn checkpoints(paths: &[PathBuf]) -> Result<Vec<SignedCheckpoint>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        let shown = path.display();
        let bad = |what: String| Failure::new(Exit::Config, format!("checkpoint file {shown}: {what}"));
        let bytes =
            if path.as_os_str() == "-" { files::read_stdin(CHECKPOINTS_MAX) } else { files::read_named(path, CHECKPOINTS_MAX) };
        let bytes = bytes.map_err(|error| bad(error.to_string()))?;
        // Mail may hold bytes of other encodings around the tokens.
        let text = String::from_utf8_lossy(&bytes);
        found.extend(SignedCheckpoint::find_all(&text).map_err(|error| {
            bad(format!("{error}")).help("give a signed note, or text with tokens `checkpoint=…` of summary lines")
        })?);
    }
    Ok(found)
}

/// Reads `--guard-key-file`: its text without white space at the ends.
///
/// # Errors
/// [`Exit::Config`]
pub fn guard_key(path: &Path) -> Result<GuardKey, Failure> {
    let bad = |what: String| Failure::new(Exit::Config, format!("guard key file {}: {what}", path.display()));
    let bytes = files::read_named(path, GUARD_KEY_MAX).map_err(|error| bad(error.to_string()))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| bad("it is no text".to_owned()))?;
    GuardKey::new(text.trim()).map_err(|error| bad(error.to_string()))
}
