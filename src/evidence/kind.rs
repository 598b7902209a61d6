//! Kinds of records.

/// What a record is about. The set is open: a reader keeps records of kinds it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// One execution of one admitted plan.
    Run,
    /// The decision that followed a run.
    Reaction,
    /// A plan that policy refused.
    Denial,
    /// The pair is wanted and suspended: it does not run until the next run record.
    Suspension,
    /// The pair is no longer desired.
    Tombstone,
    /// An open matter for a person began, changed or ended: the whole of its new state.
    Escalation,
    /// Older records were dropped; what they fold to is sealed here.
    Retention,
}

impl RecordKind {
    /// Every kind that this version knows.
    pub const ALL: [Self; 7] =
        [Self::Run, Self::Reaction, Self::Denial, Self::Suspension, Self::Tombstone, Self::Escalation, Self::Retention];

    /// The versioned word in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run.v1",
            Self::Reaction => "reaction.v1",
            Self::Denial => "denial.v1",
            Self::Suspension => "suspension.v1",
            Self::Tombstone => "tombstone.v1",
            Self::Escalation => "escalation.v1",
            Self::Retention => "retention.v1",
        }
    }

    /// The kind of that word; `None` for those of later versions.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}
