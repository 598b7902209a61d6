//! `tecrax reaction-proposal-validate`

use super::args::ProposalArgs;
use super::profile::Known;
use super::{Context, Exit, Failure, answer, input, refused};
use crate::api::Digest;
use crate::evidence::json::{Json, canonical};
use crate::evidence::sclite::schema;
use crate::reaction::artifacts::READ_ONLY_MODES;

/// Schema of a proposal.
const SCHEMA: &str = "schemas/escalation_proposal.v0.1.schema.json";

/// Runs it.
pub(super) fn run(context: &Context<'_>, args: &ProposalArgs) -> Result<Exit, Failure> {
    let profile = Known::load(context)?;
    let proposal = input::object(&args.proposal)?;
    schema::validate(&proposal, SCHEMA).map_err(|error| refused(error.to_string()))?;
    let runs = matches!(proposal.text_at(&["suggested_outcome"]), Some("run_intent" | "retry_intent"));
    match (runs, proposal.text_at(&["intent_ref"]).filter(|intent| !intent.is_empty())) {
        (true, None) => return Err(refused("proposal intent_ref is required")),
        (false, Some(_)) => return Err(refused("proposal intent_ref is only valid for intent outcomes")),
        (true, Some(intent)) => reads(&profile, intent)?,
        (false, None) => {}
    }
    let valid = Json::from([
        ("may_execute", Json::from(false)),
        ("proposal_digest", Json::from(Digest::of(&canonical(&proposal)).to_string())),
        ("requires_govengine_admission", Json::from(true)),
        ("status", Json::from("valid_untrusted_proposal")),
    ]);
    Ok(answer(context, &valid))
}

/// Whether the profile has the intent, and it only reads.
fn reads(profile: &Known, intent: &str) -> Result<(), Failure> {
    let modes = profile.modes(intent)?;
    if modes.is_empty() {
        return Err(refused(format!("proposal intent must declare modes: {intent}")));
    }
    if modes.iter().all(|mode| READ_ONLY_MODES.contains(&mode.as_str())) {
        return Ok(());
    }
    Err(refused(format!("proposal intent is not read-only: {intent}")))
}
