//! Obligations and constraints of a verdict, as limits of a run.

use serde_json::{Value, json};

use super::Verdict;

/// Largest whole limit that is read: a float holds it exactly.
const WHOLE_MAX: u64 = 1 << 53;

/// Limits of one operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Controls {
    /// Seconds; 0 sets none.
    pub timeout_seconds: f64,
    /// Steps; 0 sets none.
    pub max_steps: u64,
    /// Bytes of output; 0 sets none.
    pub max_output_bytes: u64,
    /// Always.
    pub receipt_required: bool,
    /// Whether output needs a digest.
    pub output_digest_required: bool,
    /// Names of the obligations and constraints, sorted, each once.
    pub control_ids: Vec<String>,
}

impl Default for Controls {
    fn default() -> Self {
        Self {
            timeout_seconds: 0.0,
            max_steps: 0,
            max_output_bytes: 0,
            receipt_required: true,
            output_digest_required: false,
            control_ids: Vec::new(),
        }
    }
}

impl Controls {
    /// Reads the obligations and constraints of a verdict. Of several limits of a kind the least holds. A verdict that admits nothing
    /// sets nothing.
    ///
    /// # Errors
    /// The reason code of the first that is not supported, or whose value is none for its kind.
    pub fn of(verdict: &Verdict) -> Result<Self, String> {
        let mut controls = Self::default();
        if !verdict.decision.admits() {
            return Ok(controls);
        }
        for obligation in &verdict.obligations {
            match obligation.kind.as_str() {
                "receipt" | "receipt_required" => {}
                "output_digest_required" => controls.output_digest_required = true,
                other => return Err(format!("unsupported_policy_obligation:{other}")),
            }
        }
        for constraint in &verdict.constraints {
            let value = &constraint.value;
            let invalid = || format!("invalid_policy_constraint:{}", constraint.kind);
            match constraint.kind.as_str() {
                "timeout" => {
                    let seconds = seconds(value).ok_or_else(invalid)?;
                    let unset = controls.timeout_seconds <= 0.0;
                    controls.timeout_seconds = if unset { seconds } else { controls.timeout_seconds.min(seconds) };
                }
                "max_steps" => least(&mut controls.max_steps, whole(value).ok_or_else(invalid)?),
                "output_limit" => least(&mut controls.max_output_bytes, whole(value).ok_or_else(invalid)?),
                "receipt_required" if *value == Value::Bool(true) => {}
                "output_digest_required" => controls.output_digest_required |= value.as_bool().ok_or_else(invalid)?,
                "receipt_required" => return Err(invalid()),
                other => return Err(format!("unsupported_policy_constraint:{other}")),
            }
        }
        let obligations = verdict.obligations.iter().map(|obligation| &obligation.id);
        controls.control_ids = obligations.chain(verdict.constraints.iter().map(|constraint| &constraint.id)).cloned().collect();
        controls.control_ids.sort();
        controls.control_ids.dedup();
        Ok(controls)
    }

    /// The record of the Python stack.
    pub fn record(&self) -> Value {
        json!({
            "timeout_seconds": self.timeout_seconds,
            "max_steps": self.max_steps,
            "max_output_bytes": self.max_output_bytes,
            "receipt_required": self.receipt_required,
            "output_digest_required": self.output_digest_required,
            "control_ids": self.control_ids,
        })
    }
}

fn least(limit: &mut u64, value: u64) {
    *limit = if *limit == 0 { value } else { value.min(*limit) };
}

/// A positive number, or a text that is one.
fn seconds(value: &Value) -> Option<f64> {
    let seconds = match value {
        Value::Bool(true) => 1.0,
        Value::String(text) => text.trim().parse().ok()?,
        other => other.as_f64()?,
    };
    (seconds.is_finite() && seconds > 0.0).then_some(seconds)
}

/// A positive number without a fraction.
fn whole(value: &Value) -> Option<u64> {
    let float = value.as_f64().filter(|float| float.fract() == 0.0 && *float >= 1.0)?;
    #[expect(clippy::cast_precision_loss, reason = "the bound is a power of two")]
    let bounded = float <= WHOLE_MAX as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, positive and bounded")]
    bounded.then_some(float as u64)
}
