//! `tecrax reaction-observation`

use serde_json::Value;

use super::args::ObservationArgs;
use super::profile::Known;
use super::{Context, Exit, Failure, USAGE, answer, input, refused};
use crate::evidence::sclite::ProfileRef;
use crate::reaction::artifacts::{Observed, observation};

/// The intent whose facts are observed.
const INTENT: &str = "diagnose_monitoring_host";

/// Runs it.
pub(super) fn run(context: &Context<'_>, args: &ObservationArgs) -> Result<Exit, Failure> {
    let (Some(path), Some(operation), Some(target)) = (&args.input, &args.operation, &args.target) else {
        return Err(Failure::new(USAGE, "reaction-observation requires --input --operation --target"));
    };
    let bytes = input::bytes(path)?;
    let diagnosis: Value = serde_json::from_slice(&bytes)
        .map_err(|error| refused(format!("invalid JSON artifact: {}", path.display())).help(error.to_string()))?;
    if !diagnosis.is_object() {
        return Err(refused("diagnosis input must be a JSON object"));
    }
    let profile = Known::load(context)?;
    let pack = profile.pack(INTENT)?;
    let digest = pack.profile_digest().to_string();
    let observed = Observed {
        operation_id: operation,
        target_id: target,
        observed_at: &super::plan::stamp((context.now)()),
        profile: ProfileRef { id: &profile.name, version: &profile.version, digest: &digest },
    };
    let envelope = observation(&diagnosis, &observed).map_err(|rejected| refused(rejected.to_string()))?;
    Ok(answer(context, &envelope))
}
