//! What an admitted run must do and must not exceed: the closed lists of kinds, read by type.

use std::time::Duration;

use crate::api::{self, SandboxLevel};

/// The obligations and constraints of one rule, or of several together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Controls {
    /// Every run seals a receipt.
    pub receipt: bool,
    /// Every reading's output has its digest in the receipt.
    pub output_digest: bool,
    /// Time for the whole run with retries.
    pub timeout: Option<Duration>,
    /// Most readings.
    pub max_steps: Option<usize>,
    /// Most bytes of stdout, and of stderr, of one reading.
    pub max_output_bytes: Option<u32>,
    /// Most bytes of all readings together.
    pub max_total_bytes: Option<u64>,
    /// Most connections to the Target.
    pub max_connections: Option<usize>,
    /// Least that has to stand between a local command and this machine.
    pub sandbox: Option<SandboxLevel>,
}

/// Kinds of obligations.
pub(super) const OBLIGATIONS: [&str; 2] = ["receipt", "output_digest_required"];
/// Kinds of constraints.
pub(super) const CONSTRAINTS: [&str; 6] =
    ["timeout", "max_steps", "output_limit", "max_total_bytes", "max_connections", "sandbox"];

/// Why a control can not be read.
pub(super) enum Fault {
    /// No such kind.
    Kind,
    /// The value is none of the kind's; what to write.
    Value(&'static str),
}

const TIMEOUT: &str = "write a time above zero, such as 30s or 1m30s, or a number of seconds";
const NUMBER: &str = "write a whole number above zero";
const SANDBOX: &str = "write basic or full";

impl Controls {
    /// All of both: the smaller bound, the higher level, either's obligation.
    #[must_use]
    pub fn strictest(self, other: Self) -> Self {
        Self {
            receipt: self.receipt || other.receipt,
            output_digest: self.output_digest || other.output_digest,
            timeout: least(self.timeout, other.timeout),
            max_steps: least(self.max_steps, other.max_steps),
            max_output_bytes: least(self.max_output_bytes, other.max_output_bytes),
            max_total_bytes: least(self.max_total_bytes, other.max_total_bytes),
            max_connections: least(self.max_connections, other.max_connections),
            sandbox: self.sandbox.max(other.sandbox),
        }
    }

    /// One obligation.
    pub(super) fn obligation(kind: &str) -> Result<Self, Fault> {
        match kind {
            "receipt" => Ok(Self { receipt: true, ..Self::default() }),
            "output_digest_required" => Ok(Self { output_digest: true, ..Self::default() }),
            _ => Err(Fault::Kind),
        }
    }

    /// One constraint.
    pub(super) fn constraint(kind: &str, value: &str) -> Result<Self, Fault> {
        let number = || number(value).ok_or(Fault::Value(NUMBER));
        let mut controls = Self::default();
        match kind {
            "timeout" => controls.timeout = Some(time(value).ok_or(Fault::Value(TIMEOUT))?),
            "max_steps" => controls.max_steps = Some(usize::try_from(number()?).unwrap_or(usize::MAX)),
            "output_limit" => controls.max_output_bytes = Some(u32::try_from(number()?).unwrap_or(u32::MAX)),
            "max_total_bytes" => controls.max_total_bytes = Some(number()?),
            "max_connections" => controls.max_connections = Some(usize::try_from(number()?).unwrap_or(usize::MAX)),
            "sandbox" => {
                let asked = [SandboxLevel::Basic, SandboxLevel::Full].into_iter().find(|level| level.as_str() == value);
                controls.sandbox = Some(asked.ok_or(Fault::Value(SANDBOX))?);
            }
            _ => return Err(Fault::Kind),
        }
        Ok(controls)
    }
}

/// The smaller of those that are given.
fn least<T: Ord>(left: Option<T>, right: Option<T>) -> Option<T> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.min(right)),
        (left, right) => left.or(right),
    }
}

/// Decimal digits, above zero.
fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number > 0)
}

/// A duration, or seconds as a decimal number; above zero, in whole milliseconds.
fn time(text: &str) -> Option<Duration> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let seconds = || text.parse::<f64>().ok().filter(|_| plain).and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let time = api::Duration::parse(text).map(api::Duration::to_std).or_else(seconds)?;
    let whole = Duration::from_millis(u64::try_from(time.as_millis()).ok()?);
    (!whole.is_zero()).then_some(whole)
}
