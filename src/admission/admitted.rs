//! An admitted plan, its bounds, and a denial.

use std::time::Duration;

use crate::api::{Digest, SandboxLevel};
use crate::plan::{Plan, ReadStep};

/// What admission attached to a plan. Only this module's stage can make one.
#[derive(Debug)]
pub struct Admitted {
    rule: String,
    policy: Digest,
    bounds: Bounds,
}

/// What a run may not exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Most readings.
    pub max_steps: usize,
    /// Time for the whole run with retries.
    pub timeout: Duration,
    /// Most bytes of stdout, and of stderr, of one reading.
    pub max_output_bytes: u32,
    /// Most bytes of all its readings together.
    pub max_total_bytes: u64,
    /// Most connections to the Target, one a role.
    pub max_connections: usize,
    /// Least that has to stand between a local command and this machine.
    pub sandbox: SandboxLevel,
}

impl Bounds {
    /// The outer bounds of the bundled policy: 64 readings, ten minutes, 1 MiB a stream, 16 MiB a run, 16 connections, any
    /// sandbox.
    pub const fn bundled() -> Self {
        Self {
            max_steps: 64,
            timeout: Duration::from_mins(10),
            max_output_bytes: 1 << 20,
            max_total_bytes: 16 << 20,
            max_connections: 16,
            sandbox: SandboxLevel::None,
        }
    }
}

impl Bounds {
    /// The narrower of both, each bound by itself.
    fn narrowed(self, other: &Self) -> Self {
        Self {
            max_steps: self.max_steps.min(other.max_steps),
            timeout: self.timeout.min(other.timeout),
            max_output_bytes: self.max_output_bytes.min(other.max_output_bytes),
            max_total_bytes: self.max_total_bytes.min(other.max_total_bytes),
            max_connections: self.max_connections.min(other.max_connections),
            sandbox: self.sandbox.max(other.sandbox),
        }
    }
}

impl Admitted {
    pub(super) const fn new(rule: String, policy: Digest, bounds: Bounds) -> Self {
        Self { rule, policy, bounds }
    }

    /// The rule that admitted the plan.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// Digest of the policy that the rule is part of.
    pub const fn policy(&self) -> Digest {
        self.policy
    }

    /// What the run may not exceed.
    pub const fn bounds(&self) -> Bounds {
        self.bounds
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
        let Admitted { rule, policy, bounds: own } = self.state();
        let state = Admitted::new(rule.clone(), *policy, own.narrowed(bounds));
        self.with_state(state)
    }

    /// The steps, each with its bounds.
    pub fn admitted_steps(&self) -> impl Iterator<Item = AdmittedStep<'_>> {
        let bounds = self.state().bounds();
        self.steps().iter().map(move |step| AdmittedStep { step, bounds })
    }
}

/// Why a plan may not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Denial {
    /// The rule that decided.
    pub rule: String,
    /// Digest of the policy that the rule is part of.
    pub policy: Digest,
    /// What is wrong.
    pub message: String,
    /// Digest of the denied plan.
    pub plan_digest: Digest,
}
