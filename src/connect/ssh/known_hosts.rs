//! Known host keys: the lines about one host, from files or from a manifest. Rule: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT".
//!
//! Keys are compared as bytes, so a key type that this version can not use still counts as known and as revoked.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use russh::keys::ssh_encoding::base64::{Base64, Encoding as _};

use super::pattern::{covers, lookup_name};
use crate::api::ErrorClass;
use crate::connect::{Environment, Failure};
use crate::desired::HostKeySource;

/// Largest known_hosts file, in bytes.
const MAX_FILE: u64 = 16 * 1024 * 1024;
/// The usual files below the home directory, then those of the machine.
const USUAL_HOME: [&str; 2] = [".ssh/known_hosts", ".ssh/known_hosts2"];
const USUAL_MACHINE: [&str; 2] = ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];

/// What a line says about its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    /// The host's own key.
    Key,
    /// `@cert-authority`: signs host certificates.
    Authority,
    /// `@revoked`: never to be accepted, whatever other lines say.
    Revoked,
}

/// One line about the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// What it says.
    pub(super) marker: Marker,
    /// Type name as written, equal to the one inside the blob.
    pub(super) key_type: String,
    /// The key as on the wire.
    pub(super) blob: Vec<u8>,
    /// `file:line`, for people.
    pub(super) place: String,
}

/// Every line about one host.
#[derive(Debug, Clone, Default)]
pub(super) struct KnownHosts {
    /// The host as given, without the port.
    pub(super) host: String,
    /// Its port.
    pub(super) port: u16,
    /// Lines whose hosts field covers it.
    pub(super) lines: Vec<Line>,
    /// Where the lines came from, for people.
    pub(super) sources: String,
    /// Where a new line goes, for people.
    pub(super) add_to: String,
    /// First line that is not of the format, as `file:line`.
    pub(super) malformed: Option<String>,
}

impl KnownHosts {
    /// Reads the lines about `host` and `port`. A usual file that does not exist is empty; a file that a manifest names must exist.
    pub(super) async fn load(source: &HostKeySource, environment: &Environment, host: &str, port: u16) -> Result<Self, Failure> {
        let mut known = Self { host: host.to_ascii_lowercase(), port, ..Self::default() };
        match source {
            HostKeySource::Inline(lines) => {
                "the `hostKeys` of the connection".clone_into(&mut known.sources);
                known.add_to.clone_from(&known.sources);
                known.add("hostKeys", &lines.join("\n"))?;
            }
            HostKeySource::File(path) => {
                known.sources = path.display().to_string();
                known.add_to.clone_from(&known.sources);
                let text = read(path).await?.ok_or_else(|| unusable(path, "does not exist"))?;
                known.add(&path.display().to_string(), &text)?;
            }
            HostKeySource::Usual => {
                "the usual known_hosts files".clone_into(&mut known.sources);
                "~/.ssh/known_hosts".clone_into(&mut known.add_to);
                let home = environment.home.iter().flat_map(|home| USUAL_HOME.map(|name| home.join(name)));
                for path in home.chain(USUAL_MACHINE.map(PathBuf::from)) {
                    if let Some(text) = read(&path).await? {
                        known.add(&path.display().to_string(), &text)?;
                    }
                }
            }
        }
        Ok(known)
    }

    /// Adds the lines of `text` that are about this host.
    ///
    /// A line that can not be read is passed over, as every SSH client does, unless it revokes: then nobody could tell which key
    /// must not be accepted, and the file is unusable.
    pub(super) fn add(&mut self, source: &str, text: &str) -> Result<(), Failure> {
        let name = lookup_name(&self.host, self.port);
        for (index, line) in text.lines().enumerate() {
            let place = || format!("{source}:{}", index + 1);
            match parse(line, &name) {
                Parsed::Other => {}
                Parsed::Line { marker, key_type, blob } => {
                    self.lines.push(Line { marker, key_type, blob, place: place() });
                }
                Parsed::Malformed if line.trim_start().starts_with("@revoked") => {
                    return Err(Failure::new(ErrorClass::CredentialUnusable, format!("{} revokes no readable key", place()))
                        .next_step(format!("Correct or remove line {}.", place())));
                }
                Parsed::Malformed => {
                    self.malformed.get_or_insert_with(place);
                }
            }
        }
        Ok(())
    }

    /// Lines with this marker.
    pub(super) fn marked(&self, marker: Marker) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.marker == marker)
    }
}

enum Parsed {
    /// Blank, a comment, or about other hosts.
    Other,
    Malformed,
    Line {
        marker: Marker,
        key_type: String,
        blob: Vec<u8>,
    },
}

fn parse(line: &str, name: &str) -> Parsed {
    let mut fields = line.split([' ', '\t']).filter(|field| !field.is_empty()).peekable();
    let marker = match fields.peek() {
        None => return Parsed::Other,
        Some(first) if first.starts_with('#') => return Parsed::Other,
        Some(&"@cert-authority") => Marker::Authority,
        Some(&"@revoked") => Marker::Revoked,
        Some(first) if first.starts_with('@') => return Parsed::Malformed,
        Some(_) => Marker::Key,
    };
    if marker != Marker::Key {
        fields.next();
    }
    let (Some(hosts), Some(key_type), Some(base64)) = (fields.next(), fields.next(), fields.next()) else {
        return Parsed::Malformed;
    };
    if !covers(hosts, name) {
        return Parsed::Other;
    }
    match Base64::decode_vec(base64.trim_end_matches('\r')) {
        Ok(blob) if blob_type(&blob) == Some(key_type) => Parsed::Line { marker, key_type: key_type.to_owned(), blob },
        Ok(_) | Err(_) => Parsed::Malformed,
    }
}

/// The type name inside a key blob. Rule: RFC 4253, section 6.6.
fn blob_type(blob: &[u8]) -> Option<&str> {
    let (length, rest) = blob.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    std::str::from_utf8(rest.get(..length)?).ok()
}

/// The text of a file, `None` when there is none.
#[expect(clippy::disallowed_methods, reason = "reads known_hosts")]
async fn read(path: &Path) -> Result<Option<String>, Failure> {
    let bytes = match tokio::fs::metadata(path).await {
        Ok(meta) if !meta.is_file() => return Err(unusable(path, "is not a regular file")),
        Ok(meta) if meta.len() > MAX_FILE => return Err(unusable(path, "is larger than 16 MiB")),
        Ok(_) => tokio::fs::read(path).await,
        Err(error) => Err(error),
    };
    match bytes {
        // Comments may be in any encoding; names and keys are ASCII.
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(unusable(path, &format!("can not be read: {error}")).because(&error)),
    }
}

fn unusable(path: &Path, why: &str) -> Failure {
    let message = format!("known_hosts file {} {why}", path.display());
    Failure::new(ErrorClass::CredentialUnusable, message)
        .next_step("Correct `hostKeys` of the connection, or the file and its permissions.")
}

#[cfg(test)]
#[path = "known_hosts_tests.rs"]
mod tests;
