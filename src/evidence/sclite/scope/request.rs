//! Scope fidelity of a request: the hosts in its arguments and steps against its target.

use super::super::coerce;
use super::super::redaction::sanitize;
use super::super::refusal::Refusal;
use super::host::hosts;
use super::{extract_host, public_safety};
use crate::evidence::json::Json;
use crate::facts::text;

/// What a report of this kind does not say.
const LIMITATIONS: [&str; 4] = [
    "static_host_binding_check_only",
    "does_not_resolve_dns_redirects_or_ownership",
    "does_not_prove_legal_authorization",
    "does_not_execute_tools",
];

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The target, a text.
    pub target: &'a Json,
    /// The arguments.
    pub args: &'a [Json],
    /// The steps; of each, `args` and the lines of `stdin` count.
    pub plan: &'a [Json],
}

/// The hosts in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestScope {
    /// `pass`: all hosts are the target's. `fail`: another one is among them. `review`: there are none.
    pub verdict: &'static str,
    /// The host of the target; empty when it names none.
    pub target_host: String,
    /// `arg_hosts_detected`, `execution_plan_hosts_detected`, `all_hosts_detected`, `mismatched_hosts_detected`,
    /// `target_host_match_status`, and status, reason and source under `request_shape_hygiene_`.
    pub shape: Json,
}

/// Compares the hosts in a request with its target.
pub fn request_scope(request: &Request<'_>) -> Result<RequestScope, Refusal> {
    let target_host = extract_host(request.target)?;
    let in_args = hosts(request.args)?;
    let mut in_plan = Vec::new();
    for step in request.plan.iter().filter(|step| step.as_object().is_some()) {
        add(&mut in_plan, step_hosts(step)?);
    }
    let mut all = in_args.clone();
    add(&mut all, in_plan.clone());
    let strange = |hosts: &[String]| hosts.iter().filter(|host| **host != target_host).cloned().collect::<Vec<_>>();
    let mismatched = strange(&all);
    let (verdict, matching, status, reason) = if !mismatched.is_empty() {
        ("fail", "mixed", "cross_host_mismatch", format!("mismatched_hosts_detected:{}", mismatched.join(",")))
    } else if all.is_empty() {
        ("review", "none_detected", "ambiguous", "no_hosts_detected_in_execution_shape".to_owned())
    } else {
        ("pass", "exact", "clean", "all_detected_hosts_match_target".to_owned())
    };
    let sources = [("normalized_args", &in_args), ("execution_plan", &in_plan)];
    let named = |counts: &dyn Fn(&[String]) -> bool| {
        let found = sources.iter().filter(|(_, hosts)| counts(hosts)).map(|(name, _)| *name);
        found.collect::<Vec<_>>().join("+")
    };
    let source = [named(&|hosts| !strange(hosts).is_empty()), named(&|hosts| !hosts.is_empty()), "none".to_owned()];
    let source = source.into_iter().find(|source| !source.is_empty()).unwrap_or_default();
    let list = |items: Vec<String>| items.into_iter().collect::<Json>();
    let shape = Json::from([
        ("all_hosts_detected", list(all)),
        ("arg_hosts_detected", list(in_args)),
        ("execution_plan_hosts_detected", list(in_plan)),
        ("mismatched_hosts_detected", list(mismatched)),
        ("request_shape_hygiene_reason", Json::from(reason)),
        ("request_shape_hygiene_source", Json::from(source)),
        ("request_shape_hygiene_status", Json::from(status)),
        ("target_host_match_status", Json::from(matching)),
    ]);
    Ok(RequestScope { verdict, target_host, shape })
}

/// The report on a request, sanitized. `in_scope` is what the operator says of the target, `source` where the request is from,
/// `generated_at` RFC 3339.
pub fn request_report(request: &Request<'_>, in_scope: Option<bool>, source: &str, generated_at: &str) -> Result<Json, Refusal> {
    let scope = request_scope(request)?;
    Ok(sanitize(&Json::from([
        ("artifact_type", Json::from("scope_fidelity_report")),
        ("generated_at", Json::from(generated_at)),
        ("limitations", LIMITATIONS.into_iter().collect()),
        ("public_safety", public_safety()),
        ("request_shape", scope.shape),
        ("schema_ref", Json::from("schemas/scope_fidelity_report.v0.1.schema.json")),
        ("schema_version", Json::from("v0.1")),
        ("source_artifact", Json::from(source)),
        ("target", Json::from(&*coerce::text(Some(request.target)))),
        ("target_host", Json::from(scope.target_host)),
        ("target_in_scope", Json::from(in_scope)),
        ("verdict", Json::from(scope.verdict)),
    ])))
}

/// The hosts in the arguments and the input of a step.
fn step_hosts(step: &Json) -> Result<Vec<String>, Refusal> {
    let stdin = coerce::text(step.get("stdin"));
    let lines: Vec<Json> = text::lines(&stdin).map(Json::from).collect();
    hosts(step.get("args").and_then(Json::as_array).unwrap_or_default().iter().chain(&lines))
}

/// Adds what is not there yet.
fn add(hosts: &mut Vec<String>, more: Vec<String>) {
    for host in more {
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
}
