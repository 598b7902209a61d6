//! How much is done at the same time.

/// Targets read at the same time: lets a few hundred dead hosts time out beside each other. Each takes a few files, sixteen runs of local
/// commands more than a hundred, so the process raises its limit of open files.
const TARGETS: usize = 256;
/// Runs of one Target at the same time. An SSH server takes four commands at a time; what waits beyond a few times that only uses up its
/// own time.
const PER_TARGET: usize = 16;

/// How much is done at the same time; 0 counts as 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Targets that are read.
    pub targets: usize,
    /// Of those, Targets whose round needs one and the same connector; more than `targets` counts as `targets`. Three quarters as many may
    /// be Targets that gave no answer when they were last asked.
    pub per_connector: usize,
    /// Runs of one Target.
    pub per_target: usize,
}

impl Limits {
    /// So many Targets at the same time, and three quarters of them through one connector: a quarter is left to the others when every server
    /// behind one connector hangs.
    pub const fn of(targets: usize) -> Self {
        Self { targets, per_connector: three_quarters(targets), per_target: PER_TARGET }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::of(TARGETS)
    }
}

/// Rounded down, and never nothing.
pub(super) const fn three_quarters(all: usize) -> usize {
    let rest = all - all.div_ceil(4);
    if rest == 0 { 1 } else { rest }
}
