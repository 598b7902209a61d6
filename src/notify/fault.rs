//! Every way that telling can fail, told apart by the types in the chain of the library's error.

use std::error::Error;
use std::io;

use reqwest::StatusCode;
use rustls::CertificateError;

use super::names::NameError;
use crate::api::ErrorClass;
use crate::secrets::SecretError;

/// Errors in one chain that are looked at.
const MAX_CHAIN: usize = 16;

/// Why a Sink did not accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The class.
    pub class: ErrorClass,
    /// What happened and what to do: one line without secrets, durations or counts, so that the same fault has the same words.
    pub message: String,
    /// Whether the request may have arrived all the same.
    pub reached: bool,
    /// Whether it is about this one request: another may be accepted.
    pub single: bool,
}

impl Fault {
    /// A fault of the Sink, before anything was sent.
    pub fn new(class: ErrorClass, message: impl Into<String>) -> Self {
        Self { class, message: message.into(), reached: false, single: false }
    }

    fn maybe_reached(self) -> Self {
        Self { reached: true, ..self }
    }
}

impl From<SecretError> for Fault {
    fn from(error: SecretError) -> Self {
        Self::new(ErrorClass::CredentialUnusable, format!("{}. {}", error.message, error.help))
    }
}

/// What keeps a status from being an acceptance. 200 to 299 is one.
pub(super) fn of_status(status: StatusCode, name: &str) -> Option<Fault> {
    if status.is_success() {
        return None;
    }
    let code = status.as_u16();
    let said = format!("{name} answers with status {code}");
    let fault = |class, help: &str| Fault::new(class, format!("{said}{help}"));
    Some(match code {
        401 | 403 => fault(ErrorClass::AuthRefused, "; check `auth` and the client certificate of the Sink"),
        300..=399 => fault(ErrorClass::HttpStatus, "; redirects are not followed: name the address that finally answers"),
        404 | 405 => fault(ErrorClass::HttpStatus, "; check the URL of the Sink with its path"),
        400 | 413 | 422 => {
            Fault { single: true, ..fault(ErrorClass::HttpStatus, "; look at its log for why it refuses this notice") }
        }
        408 | 500..=599 => fault(ErrorClass::HttpStatus, "").maybe_reached(),
        _ => fault(ErrorClass::HttpStatus, ""),
    })
}

/// Nothing came back in time.
pub(super) fn of_time_out(name: &str) -> Fault {
    Fault::new(ErrorClass::Timeout, format!("{name} does not answer in time")).maybe_reached()
}

/// Why there is no response. `quiet` leaves out what would tell a secret address.
pub(super) fn of_error(error: &reqwest::Error, name: &str, quiet: bool) -> Fault {
    if find::<NameError>(error).is_some() {
        return Fault::new(ErrorClass::NameUnresolved, format!("the name in {name} can not be resolved"));
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return of_tls(tls, name, quiet);
    }
    if error.is_connect() {
        let why = match find::<io::Error>(error).map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => "refuses connections",
            Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => "has no route from here",
            _ => "can not be reached",
        };
        return Fault::new(ErrorClass::Unreachable, format!("{name} {why}"));
    }
    Fault::new(ErrorClass::Interrupted, format!("{name} closed the connection without an answer that is one of HTTP"))
        .maybe_reached()
}

fn of_tls(error: &rustls::Error, name: &str, quiet: bool) -> Fault {
    use CertificateError as Bad;
    use rustls::Error as Tls;
    let (class, what) = match error {
        Tls::InvalidCertificate(
            Bad::Expired | Bad::ExpiredContext { .. } | Bad::NotValidYet | Bad::NotValidYetContext { .. },
        ) => (ErrorClass::TlsExpired, "has expired, or is not valid yet".to_owned()),
        Tls::InvalidCertificate(Bad::UnknownIssuer | Bad::BadSignature) => {
            (ErrorClass::TlsUntrusted, "is from a CA that is not trusted here; name the CA in `tls.caFrom`".to_owned())
        }
        Tls::InvalidCertificate(Bad::NotValidForName | Bad::NotValidForNameContext { .. }) => {
            (ErrorClass::TlsName, "is for another name".to_owned())
        }
        // Only kinds of errors are named: what a server sends is not quoted.
        Tls::InvalidCertificate(_) => (ErrorClass::TlsFailed, "can not be used".to_owned()),
        _ if quiet => return Fault::new(ErrorClass::TlsFailed, format!("TLS with {name} failed")),
        Tls::AlertReceived(alert) => {
            return Fault::new(ErrorClass::TlsFailed, format!("TLS with {name} failed: it says {alert:?}"));
        }
        Tls::InvalidMessage(_) => {
            return Fault::new(ErrorClass::TlsFailed, format!("{name} does not speak TLS at this port"));
        }
        _ => return Fault::new(ErrorClass::TlsFailed, format!("TLS with {name} failed")),
    };
    Fault::new(class, format!("the certificate of {name} {what}"))
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
