//! The bounded result of one shape on one connection.

use std::error::Error;

use crate::api::{Digest, ErrorClass};
use crate::http::{MORE_FILES, no_files};
use crate::secrets::{Redactor, SecretError};

/// What a command answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Standard output as text, cut to the shape's bound, without secrets.
    pub stdout: String,
    /// Standard error as text, cut to the shape's bound, without secrets.
    pub stderr: String,
    /// Exit status; 0 for what has none.
    pub exit_code: i32,
    /// Which form of the shape was sent, when it has several.
    pub form: Option<String>,
    /// Digest of `stdout` and `stderr` as they stand here: who sees a text can compute its digest, and a digest tells nothing
    /// about what was removed.
    pub digest: Digest,
}

/// Why there is no usable output.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The class.
    pub class: ErrorClass,
    /// What happened: one bounded line, no secrets, no durations that change from run to run.
    pub message: String,
    /// What to do next, as a sentence or a command to type.
    pub next_step: Option<String>,
    /// What was read before it failed: a cut output, or that of a command with an unlisted exit status.
    pub partial: Option<Box<Output>>,
    /// Whether it may pass by itself, so that `retry.on: [Transient]` covers it. The class does not tell: a server that answers
    /// with status 503 has been seen.
    pub transient: bool,
    /// Which form of the shape was sent, when it has several and one was.
    pub form: Option<String>,
}

impl Failure {
    /// A failure with the usual next step of its class.
    pub fn new(class: ErrorClass, message: impl Into<String>) -> Self {
        let transient = matches!(class, ErrorClass::Transient | ErrorClass::Interrupted);
        Self {
            class,
            message: message.into(),
            next_step: Some(usual_step(class).to_owned()),
            partial: None,
            transient,
            form: None,
        }
    }

    /// May pass by itself.
    #[must_use]
    pub(super) fn may_pass(self) -> Self {
        Self { transient: true, ..self }
    }

    /// The same, unless `cause` is that this machine has no more open files: that may pass, and says nothing of the target.
    #[must_use]
    pub(super) fn because(self, cause: &(dyn Error + 'static)) -> Self {
        if no_files(cause) { Self::new(ErrorClass::Transient, self.message).next_step(MORE_FILES) } else { self }
    }

    /// Without secrets.
    #[must_use]
    pub(super) fn redacted(mut self, redactor: &Redactor) -> Self {
        self.message = redactor.redact(self.message);
        self.next_step = self.next_step.map(|step| redactor.redact(step));
        self
    }

    /// Says better what to do next.
    #[must_use]
    pub fn next_step(mut self, step: impl Into<String>) -> Self {
        self.next_step = Some(step.into());
        self
    }
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        Self::new(ErrorClass::CredentialUnusable, &error.message).next_step(&error.help).because(&error)
    }
}

/// What to do where nobody says better: every failure ends as `unknown` with a next step.
const fn usual_step(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Unreachable => "Check that the host is up, its name and port, and what stands in between.",
        ErrorClass::NameUnresolved => "Check the name in the connection, and the resolver of this machine.",
        ErrorClass::TlsUntrusted => {
            "Name the CA of the server in `tls.caFrom`, or give the server a certificate that is trusted here."
        }
        ErrorClass::TlsName => "Use the name that the server's certificate carries, or give the server another certificate.",
        ErrorClass::TlsExpired => "Renew the certificate of the server, and check the clocks of both machines.",
        ErrorClass::TlsFailed => "Look at the TLS settings and at the log of the server.",
        ErrorClass::HttpStatus => "Open the same address by hand, and look at the log of the server.",
        ErrorClass::UnexpectedAnswer => "Check that the connection names the service that the question is about.",
        ErrorClass::ApiError => "Look at what the server says, and at its log.",
        ErrorClass::UnknownHostKey | ErrorClass::ChangedHostKey => "Compare the key with the host's own, and correct `hostKeys`.",
        ErrorClass::AuthRefused => "Check `user` and `identity` of the connection.",
        ErrorClass::CredentialUnusable => "Check `identity` and `hostKeys` of the connection.",
        ErrorClass::Timeout => "Raise `timeout` of the Check, or look at what is slow on the target.",
        ErrorClass::Interrupted => "Look at the log of the host's SSH server; the next run tries again.",
        ErrorClass::Transient => "The next run tries again; look at the load of the target if it stays.",
        ErrorClass::OutputCut => "Run the command on the target to see why it writes so much.",
        ErrorClass::BoundReached => "Raise the bound in the policy that admits the plan, or ask for less on this Target.",
        ErrorClass::CommandFailed => "Run the command on the target as the same user to see why it fails.",
        ErrorClass::Unsupported => "Install what is missing on the target, or take the Check off it.",
        ErrorClass::NotText => "Run the command on the target to see what it answers.",
        ErrorClass::NotDeclared => "Declare the connection on the Target.",
        ErrorClass::NotInEffect => "Use another kind of connection, or a later version.",
        ErrorClass::FixturesNotAllowed => "Run with --allow-fixtures, or declare a real connection.",
        ErrorClass::NotConfined => {
            "Let the machine give more (user namespaces, Landlock), or let policy require less; docs/sandbox.md says how."
        }
        ErrorClass::Internal => "This is a bug of tecrax: please report it.",
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::Failure;
    use crate::api::ErrorClass;
    use crate::secrets::SecretError;

    #[test]
    fn a_machine_without_open_files_says_nothing_of_the_target_whatever_it_could_not_open() {
        for (code, class) in [(24, ErrorClass::Transient), (23, ErrorClass::Transient), (13, ErrorClass::CredentialUnusable)] {
            let cause = Some(io::Error::from_raw_os_error(code));
            let failure = Failure::from(SecretError { message: "m".to_owned(), help: "h".to_owned(), cause });
            assert_eq!((failure.class, failure.transient), (class, class == ErrorClass::Transient));
            assert_eq!(failure.next_step.as_deref() == Some("h"), !failure.transient, "what to do is about this machine then");
        }
    }
}
