//! What a run may not exceed.

use std::time::Duration;

use crate::api::SandboxLevel;
use crate::desired::policy::Controls;

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

    /// The narrower of both, each bound by itself.
    #[must_use]
    pub fn narrower(self, other: &Self) -> Self {
        Self {
            max_steps: self.max_steps.min(other.max_steps),
            timeout: self.timeout.min(other.timeout),
            max_output_bytes: self.max_output_bytes.min(other.max_output_bytes),
            max_total_bytes: self.max_total_bytes.min(other.max_total_bytes),
            max_connections: self.max_connections.min(other.max_connections),
            sandbox: self.sandbox.max(other.sandbox),
        }
    }

    /// The stricter of each: nothing that a rule says widens a bound.
    #[must_use]
    pub fn within(self, controls: &Controls) -> Self {
        Self {
            max_steps: controls.max_steps.map_or(self.max_steps, |most| most.min(self.max_steps)),
            timeout: controls.timeout.map_or(self.timeout, |most| most.min(self.timeout)),
            max_output_bytes: controls.max_output_bytes.map_or(self.max_output_bytes, |most| most.min(self.max_output_bytes)),
            max_total_bytes: controls.max_total_bytes.map_or(self.max_total_bytes, |most| most.min(self.max_total_bytes)),
            max_connections: controls.max_connections.map_or(self.max_connections, |most| most.min(self.max_connections)),
            sandbox: controls.sandbox.map_or(self.sandbox, |least| least.max(self.sandbox)),
        }
    }
}
