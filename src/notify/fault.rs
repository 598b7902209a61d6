//! Why a Sink did not accept.

use reqwest::StatusCode;

use crate::api::ErrorClass;
use crate::http;
use crate::secrets::SecretError;

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
        if http::no_files(&error) {
            return Self::new(ErrorClass::Transient, format!("{}. {}", error.message, http::MORE_FILES.trim_end_matches('.')));
        }
        Self::new(ErrorClass::CredentialUnusable, format!("{}. {}", error.message, error.help))
    }
}

impl From<http::Fault> for Fault {
    fn from(fault: http::Fault) -> Self {
        let http::Fault { class, mut message, next_step, reached } = fault;
        if let Some(step) = next_step {
            message.push_str(". ");
            message.push_str(step.trim_end_matches('.'));
        }
        Self { class, message, reached, single: false }
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
