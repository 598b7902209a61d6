//! What flows back from the store into planning: plain values, handed in by the engine.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Assessment, Coverage, Digest};

/// The latest sealed run of a pair, as planning needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastEvidence {
    /// When that run started.
    pub started: Timestamp,
    /// Digest of the plan it executed.
    pub plan_digest: Digest,
    /// Digest of the Check's and the Target's spec it ran under.
    pub spec_digest: Digest,
    /// What it said.
    pub assessment: Assessment,
    /// How much it saw.
    pub coverage: Coverage,
    /// The reaction it led to.
    pub reaction: ReactionOutcome,
    /// Runs in a row, this one included, that said something other than healthy.
    pub failures: u32,
    /// Sequence number of its record in the pair.
    pub seq: u64,
}

/// The three outcomes of a reaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReactionOutcome {
    /// Nothing to do.
    NoOp,
    /// Look again.
    Rerun,
    /// Call a person.
    Escalate,
}

impl ReactionOutcome {
    /// The word used in status and evidence.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoOp => "no_op",
            Self::Rerun => "rerun",
            Self::Escalate => "escalate",
        }
    }
}

/// Why a reading has no usable output. Every failure has exactly one class; none ends as healthy or as a failed program, and only a
/// server that answered (`HttpStatus`, `UnexpectedAnswer`, `ApiError`) may end as unhealthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ErrorClass {
    /// No answer at the address: refused, no route, connection lost before authentication; for SSH also a name not found.
    Unreachable,
    /// The name of the server could not be resolved.
    NameUnresolved,
    /// The server's certificate is from a CA that is not trusted here.
    TlsUntrusted,
    /// The server's certificate is for another name.
    TlsName,
    /// The server's certificate has expired, or is not valid yet.
    TlsExpired,
    /// TLS failed in another way: no common version, a broken handshake, a refused client certificate.
    TlsFailed,
    /// The host's key is not among the known ones.
    UnknownHostKey,
    /// The host presents another key than the known one, or a revoked one.
    ChangedHostKey,
    /// The server refused every credential.
    AuthRefused,
    /// A private key, agent or known_hosts file could not be used.
    CredentialUnusable,
    /// It did not end in time.
    Timeout,
    /// The connection was lost in the middle of a reading.
    Interrupted,
    /// The server refused a channel, this machine had no more open files or processes, or something else that may pass.
    Transient,
    /// The output was longer than the bound; it is cut.
    OutputCut,
    /// A bound of the admission is reached: steps, connections or bytes of the whole run. It was not asked, or not kept.
    BoundReached,
    /// The command ended with an exit status its shape does not list.
    CommandFailed,
    /// The system does not have what the shape asks for.
    Unsupported,
    /// The output is not text.
    NotText,
    /// An HTTP server answered with a status that is no answer; redirects are never followed.
    HttpStatus,
    /// The server answered with something else than the shape expects.
    UnexpectedAnswer,
    /// The server understood the request and answered with an error of its own.
    ApiError,
    /// The Target declares no connection for this role.
    NotDeclared,
    /// The connection kind or value source is not built yet.
    NotInEffect,
    /// Fixtures are not allowed in this run.
    FixturesNotAllowed,
    /// The machine would not shut a local command in as far as policy requires; nothing was started.
    NotConfined,
    /// Something inside tecrax failed; a bug.
    Internal,
}
