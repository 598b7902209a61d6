//! Every way that sending and reading can fail, told apart by the types in the chain of the library's error.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError};

use super::names::NameError;
use crate::api::ErrorClass;
use crate::connect::Failure;
use crate::connect::answer::printable;

/// Names of a certificate that a message lists.
const MAX_NAMES: usize = 3;
/// Characters of a library's own words in a message.
const MAX_WORDS: usize = 160;
/// Errors in one chain that are looked at.
const MAX_CHAIN: usize = 16;

/// Why there is no response. `quiet` leaves out what would tell a secret address.
pub(super) fn failure(error: &reqwest::Error, name: &str, quiet: bool) -> Failure {
    if let Some(why) = find::<NameError>(error) {
        let why = if quiet { String::new() } else { format!(": {}", printable(&why.to_string(), MAX_WORDS)) };
        return Failure::new(ErrorClass::NameUnresolved, format!("the name in {name} can not be resolved{why}"));
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return of_tls(tls, name, quiet);
    }
    if error.is_connect() {
        let why = match find::<io::Error>(error).map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => "refuses connections",
            Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => "has no route from here",
            Some(io::ErrorKind::TimedOut) => "does not answer",
            Some(io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => return tls_cut(name),
            _ => "can not be reached",
        };
        return Failure::new(ErrorClass::Unreachable, format!("{name} {why}"));
    }
    if find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
        return Failure::new(ErrorClass::UnexpectedAnswer, format!("{name} answers with something else than HTTP"));
    }
    interrupted(format!("{name} closed the connection without an answer"))
}

/// Why the content of a response ends early.
pub(super) fn while_reading(error: &reqwest::Error, name: &str) -> Failure {
    if let Some(tls) = find::<rustls::Error>(error) {
        return of_tls(tls, name, true);
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
            Failure::new(ErrorClass::UnexpectedAnswer, format!("{name} breaks the rules of HTTP in its answer"))
        }
        _ => interrupted(format!("{name} closed the connection in the middle of its answer")),
    }
}

fn interrupted(message: String) -> Failure {
    Failure::new(ErrorClass::Interrupted, message).next_step("Look at the log of the server; the next run tries again.")
}

fn tls_cut(name: &str) -> Failure {
    Failure::new(ErrorClass::TlsFailed, format!("{name} closed the connection during the TLS handshake"))
}

fn of_tls(error: &rustls::Error, name: &str, quiet: bool) -> Failure {
    use rustls::Error as Tls;
    match error {
        Tls::InvalidCertificate(error) => of_certificate(error, name, quiet),
        Tls::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied,
        ) => Failure::new(ErrorClass::TlsFailed, format!("{name} does not take our client certificate, or wants one"))
            .next_step("Check `tls.clientCertFrom` of the connection."),
        Tls::InvalidMessage(_) => Failure::new(ErrorClass::TlsFailed, format!("{name} does not speak TLS at this port"))
            .next_step("Check scheme and port of the base URL."),
        other => {
            Failure::new(ErrorClass::TlsFailed, format!("TLS with {name} failed: {}", printable(&other.to_string(), MAX_WORDS)))
        }
    }
}

fn of_certificate(error: &CertificateError, name: &str, quiet: bool) -> Failure {
    use CertificateError as Bad;
    let (class, what) = match error {
        Bad::Expired | Bad::ExpiredContext { .. } => (ErrorClass::TlsExpired, "has expired".to_owned()),
        Bad::NotValidYet | Bad::NotValidYetContext { .. } => (ErrorClass::TlsExpired, "is not valid yet".to_owned()),
        // A CA that was made anew under its old name is found by that name, and then its signature does not hold.
        Bad::UnknownIssuer | Bad::BadSignature => (ErrorClass::TlsUntrusted, "is from a CA that is not trusted here".to_owned()),
        Bad::NotValidForNameContext { presented, .. } if !quiet && !presented.is_empty() => {
            let names: Vec<_> = presented.iter().take(MAX_NAMES).map(|name| printable(name, MAX_WORDS)).collect();
            (ErrorClass::TlsName, format!("is for another name: {}", names.join(", ")))
        }
        Bad::NotValidForName | Bad::NotValidForNameContext { .. } => (ErrorClass::TlsName, "is for another name".to_owned()),
        other => {
            let words = printable(&format!("{other:?}"), MAX_WORDS);
            if words.contains("CaUsedAsEndEntity") {
                return Failure::new(
                    ErrorClass::TlsFailed,
                    format!("the certificate of {name} is that of a CA, not of a server"),
                )
                .next_step("Give the server a certificate of its own, signed by that CA (`basicConstraints=CA:FALSE`).");
            }
            (ErrorClass::TlsFailed, format!("can not be used: {words}"))
        }
    };
    Failure::new(class, format!("the certificate of {name} {what}"))
}

/// The first `E` in the chain of an error. What an `io::Error` wraps is not its source, but stands in its place.
fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    for _ in 0..MAX_CHAIN {
        let here = next?;
        if let Some(found) = here.downcast_ref::<E>() {
            return Some(found);
        }
        next = match here.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => here.source(),
        };
    }
    None
}
