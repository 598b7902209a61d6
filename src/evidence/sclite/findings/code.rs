//! One finding.

use std::fmt;

/// Something that upstream tolerates and we name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleFinding {
    /// What it is.
    pub code: FindingCode,
    /// The file it is in, relative to the bundle.
    pub file: String,
    /// What is there, and what it means.
    pub message: String,
}

impl fmt::Display for BundleFinding {
    /// `file: message [code]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} [{}]", self.file, self.message, self.code.as_str())
    }
}

/// Kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FindingCode {
    /// A key occurs twice in an object: readers may disagree on the value.
    DuplicateKey,
    /// A file or the whole is larger, or nested deeper, than `sclite-core` 2.0.1 reads.
    DocumentLimits,
    /// A JSON file cannot be read, although nothing that upstream checks needs it.
    Unreadable,
    /// A number equals the right one but is written as another kind.
    InexactNumber,
    /// A file that belongs to no bundle.
    ExtraFile,
    /// `REVIEW.md` or `verification_receipt.json` is not what the artifacts give.
    StaleReview,
    /// The manifest has a profile that no verifier knows, or the wrong one.
    ManifestProfile,
    /// What the manifest says of the chain or of an entry is not as it should be.
    ManifestMetadata,
    /// The window of the ticket is no window in time.
    TicketWindow,
    /// The times of a receipt are missing, disordered, or outside the ticket's window.
    ReceiptTime,
    /// A time without offset, or no time at all.
    Timestamp,
    /// The target is not said to be in scope.
    TargetScope,
    /// The receipt does not say how it used the ticket.
    TicketUse,
    /// Artifacts of one run are of different modes.
    ModeMismatch,
    /// The receipt counts more than the contract allows.
    OverBounds,
    /// Identifiers of one run name different operations.
    IdMismatch,
    /// A link that upstream does not compare points elsewhere.
    LinkMismatch,
    /// The key of the guard is short.
    GuardKeyShort,
    /// A key was given, and there is no guard that it opens.
    GuardMissing,
    /// A ticket or a receipt is used by more than one bundle.
    Replay,
    /// A reference or a redaction receipt beside the bundle does not fit what it is about.
    Sidecar,
}

impl FindingCode {
    /// The word for output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DuplicateKey => "duplicate-key",
            Self::DocumentLimits => "document-limits",
            Self::Unreadable => "unreadable",
            Self::InexactNumber => "inexact-number",
            Self::ExtraFile => "extra-file",
            Self::StaleReview => "stale-review",
            Self::ManifestProfile => "manifest-profile",
            Self::ManifestMetadata => "manifest-metadata",
            Self::TicketWindow => "ticket-window",
            Self::ReceiptTime => "receipt-time",
            Self::Timestamp => "timestamp",
            Self::TargetScope => "target-scope",
            Self::TicketUse => "ticket-use",
            Self::ModeMismatch => "mode-mismatch",
            Self::OverBounds => "over-bounds",
            Self::IdMismatch => "id-mismatch",
            Self::LinkMismatch => "link-mismatch",
            Self::GuardKeyShort => "guard-key-short",
            Self::GuardMissing => "guard-missing",
            Self::Replay => "replay",
            Self::Sidecar => "sidecar",
        }
    }
}
