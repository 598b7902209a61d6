//! `facts validate`: facts against the contract and version that they name.

use serde_json::Value;

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::super::format;
use super::super::input;
use super::args::ValidateArgs;
use crate::api::did_you_mean;
use crate::facts::contracts;

/// Largest file, in bytes: many times what a contract allows.
const MAX_BYTES: usize = 1024 * 1024;

/// Runs `facts validate`.
pub(super) fn run(context: &Context<'_>, args: &ValidateArgs) -> Result<Exit, Failure> {
    let bytes = input::bytes(&args.file, MAX_BYTES)?;
    let name = args.file.display();
    let facts: Value =
        serde_json::from_slice(&bytes).map_err(|error| Failure::new(Exit::Failing, format!("{name} is not JSON: {error}")))?;
    let text = |pointer: &str| facts.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (id, version) = (text("/contract/id"), text("/contract/version"));
    let errors = contracts::validate(&facts, None, version);
    if errors.is_empty() {
        context.screen.word(&format!("{name} keeps {id}@{version}"));
        return Ok(Exit::Ok);
    }
    context.screen.data(&format::lines(&errors));
    if errors.iter().any(|error| error == "unknown_contract") {
        let known: Vec<String> = contracts::all().map(|known| format!("{}@{}", known.id, known.version)).collect();
        let named = format!("{id}@{version}");
        let hint = did_you_mean(&named, known.iter().map(String::as_str)).map_or_else(
            || "contract.id and contract.version name no contract of this version; `tecrax get intents` shows them".to_owned(),
            |near| format!("there is {near}"),
        );
        context.screen.word(&format!("hint: {hint}"));
    }
    Ok(Exit::Failing)
}
