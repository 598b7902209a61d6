//! The verdict on a server's key: known, unknown, or changed. No trust on first use.

use std::borrow::Cow;
use std::time::{SystemTime, UNIX_EPOCH};

use russh::Preferred;
use russh::keys::{Algorithm, EcdsaCurve, HashAlg, PublicKey, PublicKeyOrCertificate};

use super::certificate;
use super::known_hosts::{KnownHosts, Line, Marker};
use crate::api::ErrorClass;
use crate::connect::Failure;

/// Host key algorithms in order of preference; SHA-1 signatures are not among them.
pub(super) const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::Ed25519,
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 },
    Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
    Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
];

impl KnownHosts {
    /// Asks for the key types first that are known for this host, so that a host with several keys shows the known one; for
    /// certificates only where an authority is known.
    pub(super) fn prefer(&self, preferred: &mut Preferred) {
        let known = |algorithm: &Algorithm| {
            let plain = match algorithm {
                Algorithm::Rsa { .. } => Algorithm::Rsa { hash: None },
                other => other.clone(),
            };
            self.marked(Marker::Key).any(|line| line.key_type == plain.as_str())
        };
        let (mut first, rest): (Vec<_>, Vec<_>) = ALGORITHMS.into_iter().partition(known);
        first.extend(rest);
        preferred.key = Cow::Owned(first);
        if self.marked(Marker::Authority).next().is_some() {
            preferred.host_key_certificates = Cow::Owned(ALGORITHMS.to_vec());
        }
    }

    /// Whether the server may be believed to be this host.
    #[expect(clippy::disallowed_methods, reason = "certificates are valid now or not; verify_at takes the instant")]
    pub(super) fn verify(&self, presented: &PublicKeyOrCertificate) -> Result<(), Failure> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        self.verify_at(presented, now)
    }

    /// The same at a given second since 1970. A certificate that proves nothing counts as the plain key inside it, whose private
    /// half the server holds: that is how a host known by its key goes on working when it is given a certificate.
    fn verify_at(&self, presented: &PublicKeyOrCertificate, now: u64) -> Result<(), Failure> {
        let key = presented.public_key();
        let blob = key.to_bytes().map_err(|error| self.unreadable(&error))?;
        if let Some(line) = self.revoked(&blob) {
            return Err(self.revoked_key(&key, line));
        }
        let mut objection = None;
        if let Some(certificate) = presented.certificate() {
            let authority = PublicKey::new(certificate.signature_key().clone(), "");
            let authority_blob = authority.to_bytes().map_err(|error| self.unreadable(&error))?;
            if let Some(line) = self.revoked(&authority_blob) {
                return Err(self.revoked_key(&authority, line));
            }
            objection = certificate::objection(certificate, self, now);
            if objection.is_none() {
                return Ok(());
            }
        }
        let mut keys = self.marked(Marker::Key).peekable();
        let known = keys.peek().map(|line| line.place.clone());
        if keys.any(|line| line.blob == blob) {
            return Ok(());
        }
        Err(match (known, objection) {
            (Some(place), _) => self.changed(&key, &place),
            (None, objection) => self.unknown(&key, objection.as_deref()),
        })
    }

    fn revoked(&self, blob: &[u8]) -> Option<&Line> {
        self.marked(Marker::Revoked).find(|line| line.blob == blob)
    }

    /// The command that shows the host's keys.
    fn scan_command(&self) -> String {
        match self.port {
            22 => format!("tecrax ssh known-hosts {}", self.host),
            port => format!("tecrax ssh known-hosts {} -p {port}", self.host),
        }
    }

    fn unknown(&self, key: &PublicKey, objection: Option<&str>) -> Failure {
        let mut message = format!("{} shows {}, which is not in {}", self.label(), describe(key), self.sources);
        if let Some(objection) = objection {
            message = format!("{} shows a host certificate that is not accepted: {objection}", self.label());
        } else if self.marked(Marker::Authority).next().is_some() {
            message.push_str("; an authority is known for it, but it shows no certificate");
        }
        if let Some(place) = &self.malformed {
            message.push_str("; ");
            message.push_str(place);
            message.push_str(" is not a known_hosts line");
        }
        Failure::new(ErrorClass::UnknownHostKey, message).next_step(format!(
            "Run `{}`, compare the fingerprint with the host's own, and add the line to {}.",
            self.scan_command(),
            self.add_to
        ))
    }

    fn changed(&self, key: &PublicKey, place: &str) -> Failure {
        let message = format!("{} shows {}, but {place} holds another key for it", self.label(), describe(key));
        Failure::new(ErrorClass::ChangedHostKey, message).next_step(format!(
            "Someone may be in the middle. If the host was set up anew: run `{}`, compare the fingerprint on the host itself, \
             and replace the line at {place}.",
            self.scan_command()
        ))
    }

    fn revoked_key(&self, key: &PublicKey, line: &Line) -> Failure {
        let message = format!("{} shows {}, which {} revokes", self.label(), describe(key), line.place);
        Failure::new(ErrorClass::ChangedHostKey, message)
            .next_step("Give the host a new key; a revoked one must not be used again.")
    }

    fn unreadable(&self, error: &dyn std::fmt::Display) -> Failure {
        Failure::new(ErrorClass::UnknownHostKey, format!("{} shows a key that can not be read: {error}", self.label()))
    }

    /// `host:port` for messages.
    pub(super) fn label(&self) -> String {
        super::label(&self.host, self.port)
    }
}

/// Type and fingerprint, as every SSH tool writes them.
pub(super) fn describe(key: &PublicKey) -> String {
    format!("{} key {}", key.algorithm(), key.fingerprint(HashAlg::Sha256))
}
