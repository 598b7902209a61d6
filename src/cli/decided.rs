//! What policy would say, for commands that contact nothing.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::context::Context;
use super::default_policy::PolicyArgs;
use super::exit::Failure;
use super::loaded::Loaded;
use crate::admission::{Bounds, Decision, Denial, Judge};
use crate::api::SandboxLevel;
use crate::desired::policy::remember;
use crate::engine::{remembered, source_id};
use crate::plan::propose;

/// The judge of loaded manifests, which takes it that any sandbox can be had.
pub fn judge(context: &Context<'_>, loaded: &Loaded, args: PolicyArgs) -> Result<Judge, Failure> {
    // Which sandbox can be had is found out where commands run: to try it starts one and writes.
    Ok(Judge::new(&loaded.desired, &context.profile()?.name, args.into(), SandboxLevel::Full))
}

/// Adds what is known of Policies that the manifests at `paths` had before, as the engine does.
pub fn with_memory(context: &Context<'_>, loaded: &mut Loaded, paths: &[PathBuf]) -> Result<(), Failure> {
    if let Some(db) = context.db()? {
        remember(&mut loaded.desired, remembered(db.desired_by(&source_id(paths), "Policy")?));
    }
    Ok(())
}

/// How many pairs are denied.
pub fn denied(loaded: &Loaded, judge: &Judge) -> usize {
    loaded.desired.pairs.iter().filter(|pair| judge.decide(&propose(pair)).is_err()).count()
}

/// A decision as a cell of a table.
pub fn cell(decision: &Result<Decision, Denial>) -> String {
    match decision {
        Ok(decision) => format!("admitted by {}", decision.rule),
        Err(denial) => format!("denied by {}", denial.rule),
    }
}

/// A decision as an object.
pub fn as_json(decision: &Result<Decision, Denial>) -> Value {
    match decision {
        Ok(Decision { rule, policy, bounds, obligations }) => {
            let Bounds { max_steps, timeout, max_output_bytes, max_total_bytes, max_connections, sandbox } = bounds;
            json!({
                "admitted": true,
                "rule": rule,
                "policyDigest": policy,
                "obligations": obligations,
                "bounds": {
                    "maxSteps": max_steps,
                    "timeoutMs": u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX),
                    "maxOutputBytes": max_output_bytes,
                    "maxTotalBytes": max_total_bytes,
                    "maxConnections": max_connections,
                    "sandbox": sandbox.as_str(),
                },
            })
        }
        Err(Denial { rule, policy, reason, message, .. }) => {
            json!({"admitted": false, "rule": rule, "policyDigest": policy, "reason": reason.as_str(), "message": message})
        }
    }
}
