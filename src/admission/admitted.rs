//! An admitted plan, its steps, and a denial.

use std::time::Duration;

use super::Bounds;
use crate::api::{Digest, SandboxLevel, reason};
use crate::plan::{Plan, ReadStep};

/// What admission says of a plan that may run. A plain value: it admits nothing by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The rules that admit, as `namespace/policy/rule`, or the bundled one.
    pub rule: String,
    /// Digest of every policy that was asked.
    pub policy: Digest,
    /// What the run may not exceed.
    pub bounds: Bounds,
    /// Obligations that a rule names: `receipt`, `output_digest_required`. Every run meets them, asked or not.
    pub obligations: Vec<&'static str>,
}

/// What admission attached to a plan. Only this module's stage can make one.
#[derive(Debug)]
pub struct Admitted {
    decision: Decision,
}

impl Admitted {
    pub(super) const fn new(decision: Decision) -> Self {
        Self { decision }
    }

    /// The rule that admitted the plan.
    pub fn rule(&self) -> &str {
        &self.decision.rule
    }

    /// Digest of every policy that was asked.
    pub const fn policy(&self) -> Digest {
        self.decision.policy
    }

    /// What the run may not exceed.
    pub const fn bounds(&self) -> Bounds {
        self.decision.bounds
    }

    /// Obligations that a rule names.
    pub fn obligations(&self) -> &[&'static str] {
        &self.decision.obligations
    }
}

/// One step of an admitted plan: the only thing a connector accepts.
#[derive(Debug, Clone, Copy)]
pub struct AdmittedStep<'a> {
    step: &'a ReadStep,
    bounds: Bounds,
}

impl<'a> AdmittedStep<'a> {
    /// The step.
    pub const fn step(&self) -> &'a ReadStep {
        self.step
    }

    /// Time for the reading.
    pub fn timeout(&self) -> Duration {
        self.step.timeout.to_std().min(self.bounds.timeout)
    }

    /// Most bytes of each stream.
    pub fn max_output_bytes(&self) -> u32 {
        self.step.shape.max_output_bytes.min(self.bounds.max_output_bytes)
    }

    /// Least that has to stand between a local command and this machine.
    pub const fn sandbox(&self) -> SandboxLevel {
        self.bounds.sandbox
    }

    /// The same step with at most `bytes` of each stream. Bounds are only ever narrowed.
    #[must_use]
    pub fn within(self, bytes: u32) -> Self {
        let max_output_bytes = self.bounds.max_output_bytes.min(bytes);
        Self { bounds: Bounds { max_output_bytes, ..self.bounds }, ..self }
    }
}

impl Plan<Admitted> {
    /// The same plan under the narrower of its own bounds and `bounds`, each by itself. Anybody may narrow, nobody can widen.
    #[must_use]
    pub fn within(self, bounds: &Bounds) -> Self {
        let own = &self.state().decision;
        let decision = Decision { bounds: own.bounds.narrower(bounds), ..own.clone() };
        self.with_state(Admitted::new(decision))
    }

    /// The steps, each with its bounds.
    pub fn admitted_steps(&self) -> impl Iterator<Item = AdmittedStep<'_>> {
        let bounds = self.state().bounds();
        self.steps().iter().map(move |step| AdmittedStep { step, bounds })
    }
}

/// In what way a plan is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DenialReason {
    /// A rule, an invariant or the default denies it, or what a rule asks can not be met.
    Denied,
    /// A rule wants a person.
    ApprovalRequired,
    /// A Policy that may select the pair can not be used.
    PolicyUnusable,
}

impl DenialReason {
    /// The reason of the condition.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Denied => reason::DENIED,
            Self::ApprovalRequired => reason::APPROVAL_REQUIRED,
            Self::PolicyUnusable => reason::POLICY_UNUSABLE,
        }
    }
}

/// Why a plan may not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Denial {
    /// The rule that decided, as `namespace/policy/rule`; `namespace/policy` where none matched; or the bundled one.
    pub rule: String,
    /// Digest of every policy that was asked.
    pub policy: Digest,
    /// In what way.
    pub reason: DenialReason,
    /// What is wrong.
    pub message: String,
    /// Digest of the denied plan.
    pub plan_digest: Digest,
}
