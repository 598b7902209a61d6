//! Every way that sending and reading can fail, told apart by the types in the chain of the library's error.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError};

use super::names::NameError;
use super::shortage::{MORE_FILES, WORDS, chain, no_files};
use crate::api::{ErrorClass, printable};

/// Names of a certificate that a message lists.
const MAX_NAMES: usize = 3;
/// Characters of a library's own words in a message.
const MAX_WORDS: usize = 160;
/// What to do about a CA that is not trusted.
const NAME_THE_CA: &str = "Name the CA of the server in `tls.caFrom`, or give the server a certificate that is trusted here.";

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The class.
    pub class: ErrorClass,
    /// What happened: one bounded line without secrets, durations or counts, so that the same fault has the same words.
    pub message: String,
    /// What to do next, where there is more to say than its class does: a sentence.
    pub next_step: Option<&'static str>,
    /// Whether the request may have arrived all the same.
    pub reached: bool,
}

impl Fault {
    pub(super) fn new(class: ErrorClass, message: impl Into<String>) -> Self {
        Self { class, message: message.into(), next_step: None, reached: false }
    }

    pub(super) fn next_step(self, step: &'static str) -> Self {
        Self { next_step: Some(step), ..self }
    }

    /// `name` was not asked, because this machine has no more open files.
    pub(super) fn no_files(name: &str) -> Self {
        Self::new(ErrorClass::Transient, format!("{name} was not asked: {WORDS}")).next_step(MORE_FILES)
    }
}

/// Why there is no response from the server called `name`. `quiet` leaves out what would tell a secret address.
pub fn of_error(error: &reqwest::Error, name: &str, quiet: bool) -> Fault {
    if no_files(error) {
        return Fault::no_files(name);
    }
    if let Some(why) = find::<NameError>(error) {
        let why = if quiet { String::new() } else { format!(": {}", printable(&why.to_string(), MAX_WORDS)) };
        return Fault::new(ErrorClass::NameUnresolved, format!("the name in {name} can not be resolved{why}"));
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
        return Fault::new(ErrorClass::Unreachable, format!("{name} {why}"));
    }
    if find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
        let said = Fault::new(ErrorClass::UnexpectedAnswer, format!("{name} answers with something else than HTTP"));
        return Fault { reached: true, ..said };
    }
    interrupted(format!("{name} closed the connection without an answer"))
}

/// Why the content of a response ends early.
pub fn while_reading(error: &reqwest::Error, name: &str) -> Fault {
    if let Some(tls) = find::<rustls::Error>(error) {
        return of_tls(tls, name, true);
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
            Fault::new(ErrorClass::UnexpectedAnswer, format!("{name} breaks the rules of HTTP in its answer"))
        }
        _ => interrupted(format!("{name} closed the connection in the middle of its answer")),
    }
}

fn interrupted(message: String) -> Fault {
    Fault { reached: true, ..Fault::new(ErrorClass::Interrupted, message) }.next_step("Look at the log of the server.")
}

fn tls_cut(name: &str) -> Fault {
    Fault::new(ErrorClass::TlsFailed, format!("{name} closed the connection during the TLS handshake"))
}

fn of_tls(error: &rustls::Error, name: &str, quiet: bool) -> Fault {
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
        ) => Fault::new(ErrorClass::TlsFailed, format!("{name} does not take our client certificate, or wants one"))
            .next_step("Check `tls.clientCertFrom`."),
        Tls::InvalidMessage(_) => Fault::new(ErrorClass::TlsFailed, format!("{name} does not speak TLS at this port"))
            .next_step("Check scheme and port of the URL."),
        other => {
            Fault::new(ErrorClass::TlsFailed, format!("TLS with {name} failed: {}", printable(&other.to_string(), MAX_WORDS)))
        }
    }
}

fn of_certificate(error: &CertificateError, name: &str, quiet: bool) -> Fault {
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
                return Fault::new(ErrorClass::TlsFailed, format!("the certificate of {name} is that of a CA, not of a server"))
                    .next_step("Give the server a certificate of its own, signed by that CA (`basicConstraints=CA:FALSE`).");
            }
            (ErrorClass::TlsFailed, format!("can not be used: {words}"))
        }
    };
    let fault = Fault::new(class, format!("the certificate of {name} {what}"));
    if class == ErrorClass::TlsUntrusted { fault.next_step(NAME_THE_CA) } else { fault }
}

/// The first `E` in the chain of an error.
fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    chain(error).find_map(|cause| cause.downcast_ref::<E>())
}
