//! Host certificates. Rule: OpenSSH PROTOCOL.certkeys, and what ssh(1) checks before it believes one.

use russh::keys::ssh_key::certificate::CertType;
use russh::keys::{Algorithm, Certificate, HashAlg, PublicKey};

use super::known_hosts::{KnownHosts, Marker};
use super::pattern::glob;

/// Why a certificate does not prove that the server is `known.host`; `None` when it does.
///
/// Checked: the authority is among the `@cert-authority` lines of the host, its signature is sound and not SHA-1, the type is
/// host, `now` (seconds since 1970) is inside the validity, the host is a principal, and there is no critical option (none is
/// defined for hosts).
pub(super) fn objection(certificate: &Certificate, known: &KnownHosts, now: u64) -> Option<String> {
    let authority = PublicKey::new(certificate.signature_key().clone(), "");
    let Ok(authority_blob) = authority.to_bytes() else {
        return Some("its authority's key can not be read".to_owned());
    };
    if !known.marked(Marker::Authority).any(|line| line.blob == authority_blob) {
        return Some("no @cert-authority line of this host holds the key that signed it".to_owned());
    }
    if certificate.cert_type() != CertType::Host {
        return Some("it is not a host certificate".to_owned());
    }
    if certificate.signature().algorithm() == (Algorithm::Rsa { hash: None }) {
        return Some("it is signed with SHA-1".to_owned());
    }
    if now < certificate.valid_after() {
        return Some("it is not valid yet".to_owned());
    }
    if now >= certificate.valid_before() {
        return Some("it has expired".to_owned());
    }
    if certificate.validate_at(now, [&authority.fingerprint(HashAlg::Sha256)]).is_err() {
        return Some("its signature is wrong".to_owned());
    }
    if certificate.critical_options().iter().next().is_some() {
        return Some("it has critical options".to_owned());
    }
    // A certificate without principals is for every host of its authority.
    let principals = certificate.valid_principals();
    if !principals.is_empty() && !principals.iter().any(|principal| glob(principal, &known.host)) {
        return Some(format!("it names other hosts than {}", known.host));
    }
    None
}
