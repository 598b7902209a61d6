//! Why the upstream verifier refuses something: its kind of error and its words.

use std::fmt;

/// A refusal of `sclite-core` 1.0.5 (or 2.0.1 where a function says so): the class of the error and its message.
///
/// Messages are those of the reference, except the words of JSON parsers and of operating systems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which error it is.
    pub class: RefusalClass,
    /// Its text.
    pub message: String,
}

/// The classes of errors that the upstream API raises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalClass {
    /// The directory is no review bundle.
    Shape,
    /// A digest, a link or a lifecycle rule does not hold.
    Chain,
    /// An artifact breaks its schema.
    Schema,
    /// A ticket does not fit its execution contract.
    TicketSemantics,
    /// A receipt or its evidence goes beyond the ticket.
    TicketUse,
    /// A kernel guard does not hold.
    Guard,
    /// The guarded-strict profile is not met.
    SecureBundle,
    /// A trust or carrier reference is not bound to its subject.
    ProfileReference,
    /// A file that is needed is not there.
    MissingFile,
    /// Text that upstream's parser cannot read, outside any class of its own.
    Json,
    /// A value that upstream stops at with an uncaught exception.
    Uncaught,
}

impl RefusalClass {
    /// The name of the error class in the reference, as recorded results name it; `ValueError` stands for every uncaught one.
    pub const fn upstream_name(self) -> &'static str {
        match self {
            Self::Shape => "ReviewBundleError",
            Self::Chain => "ChainVerificationError",
            Self::Schema => "JsonSchemaValidationError",
            Self::TicketSemantics => "TicketSemanticError",
            Self::TicketUse => "TicketUseVerificationError",
            Self::Guard => "KernelGuardError",
            Self::SecureBundle => "SecureBundleError",
            Self::ProfileReference => "ProfileReferenceError",
            Self::MissingFile => "FileNotFoundError",
            Self::Json => "JSONDecodeError",
            Self::Uncaught => "ValueError",
        }
    }
}

impl Refusal {
    /// A refusal in these words.
    pub(super) fn new(class: RefusalClass, message: impl Into<String>) -> Self {
        Self { class, message: message.into() }
    }

    /// A broken digest, link or lifecycle rule.
    pub(super) fn chain(message: impl Into<String>) -> Self {
        Self::new(RefusalClass::Chain, message)
    }

    /// An exception that upstream does not catch.
    pub(super) fn uncaught(message: impl Into<String>) -> Self {
        Self::new(RefusalClass::Uncaught, message)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}
