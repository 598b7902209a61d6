//! One Check: its intent, its cadence, its expectations.

use std::sync::Arc;

use serde_json::Value;

use super::model::DesiredCheck;
use super::report::{Report, Scope};
use super::union::{exactly_one, unique};
use super::{cadence, parameters, waiver};
use crate::api::{
    CheckSpec, Digest, Duration, Expect, LabelName, LabelSelector, Manifest, RUN_REQUESTED, Retry, SelectorOperator, reason, uid,
};
use crate::profile::{Intent, Profile};
use crate::source::{Document, Origin};

/// Checks one expectation against the schema of the facts contract.
pub type ExpectCheck<'a> = dyn Fn(&Expect, &Value) -> Result<(), String> + 'a;

/// Most extra tries of one reading.
const MAX_ATTEMPTS: u8 = 10;
/// Most runs that a confirmation may ask for.
const MAX_CONFIRMATIONS: u8 = 10;

/// What a Check turned out to be.
pub(super) enum Read {
    /// It may have pairs.
    Ready(Arc<DesiredCheck>),
    /// It has errors.
    Broken,
}

/// The scope of a Check.
pub(super) fn scope<'a>(origin: &'a Origin, manifest: &Manifest<CheckSpec, LabelName>) -> Scope<'a> {
    let namespace = manifest.metadata.namespace.clone();
    Scope { origin, namespace, object: format!("Check/{}", manifest.metadata.name), base: "spec" }
}

/// Reads a Check and reports everything that is wrong with it alone.
pub(super) fn read(
    report: &mut Report,
    document: &Document,
    manifest: &Manifest<CheckSpec, LabelName>,
    profile: &Profile,
    check_expect: &ExpectCheck<'_>,
) -> Read {
    let origin = &document.origin;
    let scope = scope(origin, manifest);
    let spec = &manifest.spec;
    let before = report.errors();
    let targets = [("targetRef", spec.target_ref.is_some()), ("targetSelector", spec.target_selector.is_some())];
    exactly_one(report, &scope, "", &targets);
    if let Some(selector) = &spec.target_selector {
        self::selector(report, &scope, "targetSelector", selector);
    }
    let (cadence, timeout, fresh_for) = cadence::read(report, &scope, spec);
    let retry = retry(report, &scope, spec.retry.as_ref(), timeout);
    unique(report, &scope, "expect", "name", spec.expect.iter().map(|expect| expect.name.as_str()));
    waiver::read(report, &scope, spec);
    confirmations(report, &scope, spec);
    let Some(intent) = profile.intents.get(&spec.intent) else {
        return unknown_intent(report, &scope, spec, profile);
    };
    let parameters = parameters::of_check(report, &scope, &intent.parameters, &spec.parameters);
    expectations(report, &scope, spec, intent, profile, check_expect);
    waiver::known(report, &scope, spec, intent, profile);
    if report.errors() != before {
        return Read::Broken;
    }
    let metadata = &manifest.metadata;
    Read::Ready(Arc::new(DesiredCheck {
        namespace: metadata.namespace.clone(),
        name: metadata.name.clone(),
        uid: uid("Check", metadata.namespace.as_str(), metadata.name.as_str()),
        labels: metadata.labels.clone(),
        intent: Arc::clone(intent),
        parameters,
        cadence,
        timeout,
        fresh_for,
        retry,
        expect: spec.expect.clone(),
        accept: spec.accept.clone(),
        confirmations: spec.confirmations.unwrap_or_default(),
        severity: spec.escalation.as_ref().and_then(|escalation| escalation.severity),
        suspend: spec.suspend,
        run_requested: metadata.annotations.get(RUN_REQUESTED).map(|value| Digest::of(value.as_bytes())),
        runbook_url: spec.escalation.as_ref().and_then(|escalation| escalation.runbook_url.clone()),
        spec_digest: document.spec,
        place: origin.place(),
        not_in_effect: Vec::new(),
    }))
}

fn unknown_intent(report: &mut Report, scope: &Scope<'_>, spec: &CheckSpec, profile: &Profile) -> Read {
    let intent = &spec.intent;
    let known = profile.intents.keys().map(String::as_str);
    let message = format!("the profile has no intent `{}`", intent.escape_debug());
    report.unknown(scope, "intent", reason::UNKNOWN_INTENT, message, intent, known);
    Read::Broken
}

fn expectations(
    report: &mut Report,
    scope: &Scope<'_>,
    spec: &CheckSpec,
    intent: &Intent,
    profile: &Profile,
    check_expect: &ExpectCheck<'_>,
) {
    // The loader of the profile has made sure that every intent in effect has a schema.
    let Some(schema) = profile.contracts.get(&intent.contract.to_string()) else { return };
    for (index, expect) in spec.expect.iter().enumerate() {
        if let Err(why) = check_expect(expect, schema) {
            let help = format!("the facts of this intent are described by contract {}", intent.contract);
            report.error_with_help(scope, &format!("expect[{index}].key"), reason::BAD_EXPECTATION, why, help);
        }
    }
}

/// Reports requirements that can not be meant; `path` is the selector's.
pub(super) fn selector(report: &mut Report, scope: &Scope<'_>, path: &str, selector: &LabelSelector) {
    for (index, requirement) in selector.match_expressions.iter().enumerate() {
        let path = format!("{path}.matchExpressions[{index}].values");
        let wants_values = matches!(requirement.operator, SelectorOperator::In | SelectorOperator::NotIn);
        if wants_values && requirement.values.is_empty() {
            report.error(scope, &path, reason::BAD_VALUE, "In and NotIn need at least one value");
        } else if !wants_values && !requirement.values.is_empty() {
            report.error(scope, &path, reason::BAD_VALUE, "Exists and DoesNotExist take no values");
        }
    }
}

fn retry(report: &mut Report, scope: &Scope<'_>, written: Option<&Retry>, timeout: Duration) -> Retry {
    let retry = written.cloned().unwrap_or_default();
    if retry.attempts > MAX_ATTEMPTS {
        report.error(scope, "retry.attempts", reason::BAD_VALUE, format!("more than {MAX_ATTEMPTS} attempts"));
    }
    if let Some(interval) = retry.interval {
        cadence::between(report, scope, "retry.interval", interval, Duration::from_millis(0), timeout);
    }
    let set: std::collections::BTreeSet<&str> = retry.on.iter().map(|class| class_name(*class)).collect();
    if set.len() != retry.on.len() {
        report.error(scope, "retry.on", reason::DUPLICATE_KEY, "a class stands twice in retry.on");
    }
    retry
}

const fn class_name(class: crate::api::RetryClass) -> &'static str {
    match class {
        crate::api::RetryClass::Timeout => "Timeout",
        crate::api::RetryClass::Transient => "Transient",
    }
}

fn confirmations(report: &mut Report, scope: &Scope<'_>, spec: &CheckSpec) {
    if let Some(confirmations) = spec.confirmations {
        for (field, value) in [("failures", confirmations.failures), ("recoveries", confirmations.recoveries)] {
            if !(1..=MAX_CONFIRMATIONS).contains(&value) {
                let message = format!("{field} must be from 1 to {MAX_CONFIRMATIONS}");
                report.error(scope, &format!("confirmations.{field}"), reason::BAD_VALUE, message);
            }
        }
    }
}
