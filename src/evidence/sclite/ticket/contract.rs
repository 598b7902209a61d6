//! A ticket against its execution contract.

use std::borrow::Cow;

use super::super::artifact::check;
use super::super::coerce::{self, Whole};
use super::super::layout::APPROVED;
use super::super::refusal::Refusal;
use super::super::{args_digest, artifact::Artifact};
use super::part::{level, link, object, semantics};
use super::{TicketRules, TicketUse, window};
use crate::evidence::json::Json;

/// Profiles of tickets.
const PROFILES: [&str; 3] = ["review_record", "scoped_execution_ticket", "external_capability_ref"];
/// The schema of a ticket that declares none.
const SCHEMA: &str = "schemas/execution_ticket.v0.3.schema.json";

/// What a ticket leaves to be said about scope.
pub(super) struct Scope {
    /// Whether the contract says that the target is in scope; only asked by 2.0.1.
    pub(super) asserted: bool,
}

/// The ticket fits its contract.
pub(super) fn verify(parts: &TicketUse<'_>, rules: TicketRules) -> Result<Scope, Refusal> {
    let TicketUse { ticket, contract, .. } = *parts;
    if coerce::truthy(ticket.get("schema_ref")) {
        ticket.keeps_schema()?;
    } else {
        check(ticket.value(), SCHEMA)?;
    }
    let scoped = profile(ticket)?;
    binding(ticket, contract)?;
    let target = object(contract.get("target_binding"), "execution_contract.target_binding")?;
    let asserted = target.get("target_in_scope").and_then(Json::as_bool);
    if rules.newer() {
        window::in_scope(asserted)?;
        window::of_ticket(ticket)?;
    }
    let sides = Sides {
        target,
        shape: object(contract.get("execution_shape"), "execution_contract.execution_shape")?,
        bounds: object(contract.get("execution_bounds"), "execution_contract.execution_bounds")?,
        limits: object(ticket.get("execution_limits"), "ticket.execution_limits")?,
        scope: object(ticket.get("scope_binding"), "ticket.scope_binding")?,
        spend: object(ticket.get("spend_limits"), "ticket.spend_limits")?,
    };
    sides.scope()?;
    sides.uses(rules)?;
    sides.obligations(contract, scoped)?;
    Ok(Scope { asserted: asserted == Some(true) })
}

/// The profile of the ticket and what it says of itself; whether it is a scoped one.
fn profile(ticket: &Artifact) -> Result<bool, Refusal> {
    let profile = coerce::text(ticket.get("ticket_profile"));
    if !PROFILES.contains(&profile.as_ref()) {
        return Err(semantics(format!("unsupported ticket_profile: {profile}")));
    }
    let says = object(ticket.get("ticket_semantics"), "ticket.ticket_semantics")?;
    let consumable = coerce::truthy(says.get("consumable_by_runtime"));
    if profile == "review_record" && consumable {
        return Err(semantics("review_record tickets must not be runtime-consumable"));
    }
    let scoped = profile == "scoped_execution_ticket";
    let runtime = coerce::text(says.get("kind")) == "runtime_consumable_scoped_ticket";
    if scoped && !(consumable && runtime) {
        return Err(semantics("scoped_execution_ticket must declare runtime_consumable_scoped_ticket semantics"));
    }
    if coerce::truthy(says.get("default_transferable")) {
        return Err(semantics("scoped tickets must not be transferable by default"));
    }
    let status = coerce::text(object(ticket.get("approval"), "ticket.approval")?.get("status"));
    if scoped && !APPROVED.contains(&status.as_ref()) {
        return Err(semantics(format!("scoped ticket is not approved for runtime consumption: {status}")));
    }
    Ok(scoped)
}

/// The ticket is bound to this contract.
fn binding(ticket: &Artifact, contract: &Artifact) -> Result<(), Refusal> {
    if !contract.is_described_by(link(ticket, "ticket", "execution_contract")?) {
        return Err(semantics("ticket execution_contract descriptor mismatch"));
    }
    let integrity = object(ticket.get("integrity"), "ticket.integrity")?;
    if coerce::text(integrity.get("ticket_binds_execution_contract_digest")) != contract.digest() {
        return Err(semantics("ticket integrity execution_contract digest mismatch"));
    }
    Ok(())
}

/// The parts of contract and ticket that are held against each other.
struct Sides<'a> {
    target: &'a Json,
    shape: &'a Json,
    bounds: &'a Json,
    limits: &'a Json,
    scope: &'a Json,
    spend: &'a Json,
}

impl Sides<'_> {
    /// Target, tool, mode, arguments and network of the ticket are within the contract.
    fn scope(&self) -> Result<(), Refusal> {
        let host = coerce::text(self.target.get("target_host"));
        if coerce::text(self.scope.get("target_host")) != host {
            return Err(semantics("ticket target_host drift from execution_contract"));
        }
        let target = coerce::text(self.scope.get("target_ref"));
        let whole = coerce::text(self.target.get("target"));
        if target != host && target.strip_prefix("host:") != Some(host.as_ref()) && target != whole {
            return Err(semantics("ticket target_ref drift from execution_contract"));
        }
        if coerce::text(self.scope.get("tool")) != coerce::text(self.shape.get("tool")) {
            return Err(semantics("ticket tool drift from execution_contract"));
        }
        let mode = mode(self.scope, self.limits);
        if level(&mode) > level(&coerce::text(self.bounds.get("mode"))) {
            return Err(semantics("ticket mode escalates beyond execution_contract bounds"));
        }
        if coerce::text(self.limits.get("mode")) != mode {
            return Err(semantics("ticket execution_limits.mode must match scope_binding.mode"));
        }
        if coerce::text(self.scope.get("normalized_args_digest")) != arguments_digest(self.shape)? {
            return Err(semantics("ticket normalized_args_digest mismatch"));
        }
        let allows = |value: &Json| coerce::truthy(value.get("network_execution_allowed"));
        if allows(self.spend) && !allows(self.bounds) {
            return Err(semantics("ticket network execution exceeds execution_contract bounds"));
        }
        Ok(())
    }

    /// Uses and runs.
    fn uses(&self, rules: TicketRules) -> Result<(), Refusal> {
        let (runs, uses) = (number(self.limits, "max_runs")?, number(self.spend, "max_uses")?);
        let one = Whole::from(1);
        let one_shot = coerce::truthy(self.spend.get("one_shot"));
        if uses > runs {
            return Err(semantics("ticket spend_limits.max_uses exceeds execution_limits.max_runs"));
        }
        if one_shot && uses != one {
            return Err(semantics("one_shot ticket must have max_uses=1"));
        }
        if rules.strict_ticket && one_shot && runs != one {
            return Err(semantics("strict one_shot ticket must have execution_limits.max_runs=1"));
        }
        if coerce::truthy(self.limits.get("one_shot")) && !one_shot {
            return Err(semantics("execution_limits.one_shot requires spend_limits.one_shot"));
        }
        Ok(())
    }

    /// What must come back.
    fn obligations(&self, contract: &Artifact, scoped: bool) -> Result<(), Refusal> {
        let receipt = coerce::truthy(self.spend.get("requires_receipt"));
        let expected = contract.get("expected_receipt").and_then(|expected| expected.get("required"));
        if coerce::truthy(expected) && !receipt {
            return Err(semantics("execution_contract requires a receipt but ticket does not"));
        }
        if scoped && !receipt {
            return Err(semantics("scoped execution tickets must require a receipt"));
        }
        if scoped && !coerce::truthy(self.spend.get("requires_evidence_contract")) {
            return Err(semantics("scoped execution tickets must require an evidence contract"));
        }
        Ok(())
    }
}

/// The mode of a ticket.
pub(super) fn mode<'a>(scope: &'a Json, limits: &'a Json) -> Cow<'a, str> {
    let mode = coerce::text(scope.get("mode"));
    if mode.is_empty() { coerce::text(limits.get("mode")) } else { mode }
}

/// The digest of the arguments: of a list, of the characters of a text, of the names of members; anything else raises.
fn arguments_digest(shape: &Json) -> Result<String, Refusal> {
    let empty = Json::Array(Vec::new());
    let args = shape.get("normalized_args").filter(|args| args.is_truthy()).unwrap_or(&empty);
    match args {
        Json::Array(_) => Ok(args_digest(args)),
        Json::Text(text) => Ok(args_digest(&text.chars().map(String::from).collect())),
        Json::Object(members) => Ok(args_digest(&members.keys().collect())),
        _ => Err(Refusal::uncaught(format!("{} is not iterable", args.kind()))),
    }
}

/// A number of the ticket; absent and falsy ones are 0.
fn number(object: &Json, key: &str) -> Result<Whole, Refusal> {
    let Some(value) = object.get(key).filter(|value| value.is_truthy()) else { return Ok(Whole::from(0)) };
    Whole::of(value).ok_or_else(|| Refusal::uncaught(format!("{key} is no whole number")))
}
