//! A diagnosis of the Python stack as an observation.

use serde_json::Value;

use super::Rejected;
use crate::evidence::json::Json;
use crate::evidence::sclite::{Artifact, ObservationEnvelope, ProfileRef};
use crate::facts::contracts;

/// The one contract that the stack makes observations of.
const CONTRACT: &str = "tecrax.monitoring_host_diagnosis";
/// The version that is meant where none is named.
const VERSION: &str = "1.0";
/// The intent whose facts they are.
const INTENT: &str = "diagnose_monitoring_host";

/// Where a diagnosis comes from.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    /// The operation that made it; with at most 100 characters its observation can be named after it.
    pub operation_id: &'a str,
    /// Of which target, 1 to 128 characters.
    pub target_id: &'a str,
    /// When, 1 to 64 characters.
    pub observed_at: &'a str,
    /// The profile that asked.
    pub profile: ProfileRef<'a>,
}

/// The artifact `observation_envelope` of a diagnosis, whose facts stay as they are.
///
/// # Errors
/// How the diagnosis breaks its contract, else what the closed shape of the artifact refuses first.
pub fn observation(diagnosis: &Value, observed: &Observed<'_>) -> Result<Json, Rejected> {
    keeps_contract(diagnosis)?;
    let artifact = Artifact::of(
        ObservationEnvelope {
            observation_id: &format!("observation:{}:monitoring-host", observed.operation_id),
            observed_at: observed.observed_at,
            profile: observed.profile,
            operation_id: observed.operation_id,
            intent_id: INTENT,
            target_id: observed.target_id,
            facts: Json::from(diagnosis),
        }
        .to_json(),
    );
    artifact.keeps_schema().map_err(|refusal| Rejected::new(refusal.message))?;
    Ok(artifact.value().clone())
}

/// Whether a diagnosis keeps the version of the contract that it names, or the first one.
pub(super) fn keeps_contract(diagnosis: &Value) -> Result<(), Rejected> {
    let named = diagnosis.pointer("/contract/version").and_then(Value::as_str);
    let version = named.filter(|version| contracts::find(CONTRACT, version).is_some()).unwrap_or(VERSION);
    let errors = contracts::validate(diagnosis, Some(CONTRACT), version);
    if errors.is_empty() {
        return Ok(());
    }
    Err(Rejected::new(format!("invalid_monitoring_host_diagnosis:{}", errors.join(","))))
}
