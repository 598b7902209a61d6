//! What a run's evidence binds besides what it saw.

use jiff::Timestamp;

use super::json::{Json, Object};
use super::members::Members;
use crate::api::Digest;

/// Where a run comes from.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// Digest of the manifests' content.
    pub manifest_digest: Digest,
    /// Git commit of the manifests.
    pub revision: Option<String>,
    /// Whether the manifests differ from that commit.
    pub dirty: bool,
    /// Digest of the profile.
    pub profile_digest: Digest,
    /// Version of tecrax.
    pub tool_version: &'static str,
}

impl Provenance {
    /// As evidence keeps it.
    pub(super) fn write(&self, m: &mut Members<'_>) {
        m.flag("git_dirty", self.dirty);
        m.optional_text("git_revision", self.revision.as_deref());
        m.digest("manifest_digest", self.manifest_digest);
        m.digest("profile_digest", self.profile_digest);
        m.word("tool_version", self.tool_version);
    }

    /// The same as a value.
    pub(super) fn to_json(&self) -> Object {
        Object::from([
            ("git_dirty", Json::from(self.dirty)),
            ("git_revision", Json::from(self.revision.as_deref())),
            ("manifest_digest", Json::from(self.manifest_digest.to_string())),
            ("profile_digest", Json::from(self.profile_digest.to_string())),
            ("tool_version", Json::from(self.tool_version)),
        ])
    }
}

/// A rerun's parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lineage {
    /// Sequence number of the run that led to this one.
    pub parent_seq: u64,
    /// How many reruns led here.
    pub depth: u32,
}

/// A try of a reading that failed and was followed by another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedTry {
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// The error class.
    pub outcome: &'static str,
    /// What happened, for a person on this machine; artifacts do not show it.
    pub message: String,
}

/// One reading as evidence keeps it: never the raw output, only its digest.
#[derive(Debug, Clone)]
pub struct RecordedReading {
    /// When it was taken.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// How often it was tried; 0 when nothing was asked.
    pub attempts: u32,
    /// The tries before the last one, in order. (The last is what the other members tell.)
    pub failed: Vec<FailedTry>,
    /// `ok`, or the error class.
    pub outcome: &'static str,
    /// Exit status, when there was one.
    pub exit_code: Option<i32>,
    /// Which form of the shape was sent, when it has several.
    pub form: Option<String>,
    /// Digest of the kept output.
    pub output_digest: Option<Digest>,
    /// Whether it came over the network.
    pub network: bool,
    /// Whether it was recorded earlier instead of taken.
    pub fixture: bool,
}

impl RecordedReading {
    /// As evidence keeps it; which shape was sent stands in the execution contract under the same step.
    pub(super) fn write(&self, step: &str, m: &mut Members<'_>) {
        m.instant("at", self.at);
        m.number("attempts", u64::from(self.attempts));
        match self.exit_code {
            Some(code) => m.signed("exit_code", i64::from(code)),
            None => m.null("exit_code"),
        }
        // Few readings need a second try, and the others say nothing of it.
        if !self.failed.is_empty() {
            m.list("failed_attempts", |items| {
                for failed in &self.failed {
                    items.object(|m| {
                        m.instant("at", failed.at);
                        m.word("outcome", failed.outcome);
                        m.number("took_ms", failed.took_ms);
                    });
                }
            });
        }
        if let Some(form) = &self.form {
            m.text("form", form);
        }
        m.word("outcome", self.outcome);
        m.optional_digest("output_digest", self.output_digest);
        m.text("step", step);
        m.number("took_ms", self.took_ms);
    }

    /// Whether something was sent and answered.
    pub(super) const fn answered(&self) -> bool {
        self.output_digest.is_some()
    }
}
