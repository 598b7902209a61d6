//! Checks meet Targets.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::check::{self, ExpectCheck, Read};
use super::draft::Drafts;
use super::model::{ConnectionConfig, DesiredCheck, DesiredTarget, Pair};
use super::report::{Report, Scope};
use super::select::Index;
use crate::api::{CheckSpec, Digest, LabelName, Manifest, Namespace, PairId, SubdomainName, TargetType, reason};
use crate::profile::{Auth, Intent, Profile, RoleUse, WorkflowStep};
use crate::source::Document;

/// Most pairs of one build.
pub const MAX_PAIRS: usize = 200_000;
/// Problems of one Check and reason that are told one by one; more become one problem.
const MAX_SINGLE_PROBLEMS: usize = 3;

/// What the Checks are met with.
pub(super) struct Meeting<'a> {
    pub(super) drafts: &'a Drafts<'a>,
    /// By position in `drafts`; `None` where the draft has errors.
    pub(super) targets: &'a [Option<Arc<DesiredTarget>>],
    pub(super) index: Index<'a>,
    pub(super) profile: &'a Profile,
    pub(super) check_expect: &'a ExpectCheck<'a>,
    pub(super) checks: BTreeMap<(Namespace, LabelName), Arc<DesiredCheck>>,
    pub(super) pairs: Vec<Pair>,
}

/// Why some pairs of a Check do not exist: by reason, the Targets and what is said of each.
type Refusals = BTreeMap<&'static str, Vec<(SubdomainName, String)>>;

impl Meeting<'_> {
    /// Reads one Check and makes its pairs.
    pub(super) fn check(&mut self, report: &mut Report, document: &Document, manifest: &Manifest<CheckSpec, LabelName>) {
        let scope = check::scope(&document.origin, manifest);
        let read = check::read(report, document, manifest, self.profile, self.check_expect);
        let (selected, path) = self.select(report, &scope, manifest);
        if self.pairs.len() + selected.len() > MAX_PAIRS {
            let message = format!("with this Check there are more than {MAX_PAIRS} pairs; it does not run");
            report.error(&scope, path, reason::TOO_LARGE, message);
            return;
        }
        match read {
            Read::Broken => {}
            Read::Ready(check) => {
                let refusals = self.pairs_of(&check, &selected);
                tell(report, &scope, path, &check, refusals);
                self.checks.insert((check.namespace.clone(), check.name.clone()), check);
            }
        }
    }

    /// Positions of the Targets that the Check means, and the field that says so.
    fn select(
        &self,
        report: &mut Report,
        scope: &Scope<'_>,
        manifest: &Manifest<CheckSpec, LabelName>,
    ) -> (Vec<usize>, &'static str) {
        let (spec, namespace) = (&manifest.spec, &manifest.metadata.namespace);
        match (&spec.target_ref, &spec.target_selector) {
            (Some(target), None) => {
                let found = self.drafts.get(namespace, &target.name);
                if found.is_none() {
                    let message = format!("there is no Target `{}` in namespace `{namespace}`", target.name);
                    let names = self.drafts.by_key.keys().filter(|(other, _)| other == namespace).map(|(_, name)| name.as_str());
                    report.unknown(scope, "targetRef.name", reason::UNKNOWN_REFERENCE, message, target.name.as_str(), names);
                }
                (found.into_iter().collect(), "targetRef.name")
            }
            (None, Some(selector)) => {
                let selected = self.index.select(self.drafts, namespace, selector);
                if selected.is_empty() {
                    let message = format!("this selector matches no Target of namespace `{namespace}`");
                    report.warn(scope, "targetSelector", reason::EMPTY_SELECTION, message);
                }
                (selected, "targetSelector")
            }
            _ => (Vec::new(), ""),
        }
    }

    fn pairs_of(&mut self, check: &Arc<DesiredCheck>, selected: &[usize]) -> Refusals {
        let mut refusals = Refusals::new();
        // A Target with errors has been reported where it stands; it only costs its own pairs.
        for target in selected.iter().filter_map(|index| self.targets.get(*index)?.as_ref()) {
            if let Some(Misfit { reason, why, .. }) = misfit(&check.intent, target) {
                refusals.entry(reason).or_default().push((target.name.clone(), why));
                continue;
            }
            let mut not_in_effect = check.not_in_effect.clone();
            not_in_effect.extend(target.not_in_effect.iter().filter(|sentence| !check.not_in_effect.contains(sentence)).cloned());
            self.pairs.push(Pair {
                id: id(&check.namespace, &check.name, target),
                check: Arc::clone(check),
                target: Arc::clone(target),
                spec_digest: Digest::of_parts([&check.spec_digest.as_bytes()[..], &target.spec_digest.as_bytes()[..]]),
                not_in_effect,
            });
        }
        refusals
    }
}

fn id(namespace: &Namespace, check: &LabelName, target: &DesiredTarget) -> PairId {
    PairId { namespace: namespace.clone(), check: check.clone(), target: target.name.clone() }
}

/// Why an intent cannot be asked of a Target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The reason: a word of `api::reason`.
    pub reason: &'static str,
    /// The connection that is missing or lacks something; `None` when it is about none.
    pub role: Option<LabelName>,
    /// Why, as the end of a sentence about the Target.
    pub why: String,
}

/// Why `intent` cannot be asked of `target`; `None` when it can.
pub fn misfit(intent: &Intent, target: &DesiredTarget) -> Option<Misfit> {
    if !intent.target_types.contains(&target.r#type) {
        let types: Vec<&str> = intent.target_types.iter().map(|kind| TargetType::as_str(*kind)).collect();
        let why = format!("is a {}, but intent `{}` is for {}", target.r#type.as_str(), intent.id, types.join(" and "));
        return Some(Misfit { reason: reason::WRONG_TARGET_TYPE, role: None, why });
    }
    let missing = |role: &LabelName, why| Misfit { reason: reason::MISSING_CONNECTION, role: Some(role.clone()), why };
    if let Some(lacking) = intent.roles.iter().find(|role| role.required && !target.connections.contains_key(&role.role)) {
        let why = format!("declares no connection `{}`, which intent `{}` needs", lacking.role, intent.id);
        return Some(missing(&lacking.role, why));
    }
    let has = |role: &LabelName| target.connections.contains_key(role);
    let half = |role: &&RoleUse| role.with.as_ref().is_some_and(|with| has(&role.role) && !has(with));
    if let Some(RoleUse { role, with: Some(with), .. }) = intent.roles.iter().find(half) {
        let why = format!("declares connection `{role}` without `{with}`, and intent `{}` reads both or neither", intent.id);
        return Some(missing(with, why));
    }
    let bare = intent.workflow.steps.iter().find_map(|step| without_token(step, target))?;
    let why = format!("has no `auth.tokenFrom` in connection `{bare}`, and intent `{}` needs a token there", intent.id);
    Some(Misfit { reason: reason::MISSING_FIELD, role: Some(bare.clone()), why })
}

/// The role through which a step sends a token that the Target does not name.
fn without_token<'s>(step: &'s WorkflowStep, target: &DesiredTarget) -> Option<&'s LabelName> {
    let WorkflowStep::Read { connector, shape, .. } = step else { return None };
    let role = &connector.role.name;
    let needed = shape.http().is_some_and(|http| http.auth != Auth::None);
    let absent = match &target.connections.get(role)?.config {
        ConnectionConfig::Http(config) => config.auth.is_none(),
        _ => false,
    };
    (needed && absent).then_some(role)
}

/// What to do about a refusal, where its sentence does not say it.
fn help(reason: &str) -> Option<&'static str> {
    match reason {
        reason::MISSING_FIELD => {
            Some("add `auth: {tokenFrom: {secretKeyRef: {name: …, key: …}}}` to the `http` of that connection")
        }
        reason::MISSING_CONNECTION => {
            Some("add the connection to the Target under this very name, or take the Target off this Check")
        }
        _ => None,
    }
}

/// Tells refusals one by one, or together when they are many.
fn tell(report: &mut Report, scope: &Scope<'_>, path: &str, check: &DesiredCheck, refusals: Refusals) {
    for (reason, list) in refusals {
        if list.len() <= MAX_SINGLE_PROBLEMS {
            for (target, why) in list {
                let scope = Scope { object: format!("{}/{}.{target}", check.namespace, check.name), ..scope.clone() };
                told(report, &scope, path, reason, format!("Target `{target}` {why}"));
            }
            continue;
        }
        let names: Vec<String> = list.iter().take(MAX_SINGLE_PROBLEMS).map(|(target, _)| format!("`{target}`")).collect();
        let more = list.len() - names.len();
        let (first, why) = list.first().map_or(("", ""), |(target, why)| (target.as_str(), why.as_str()));
        let message = format!("{} Targets cannot be checked: {} and {more} more; `{first}` {why}", list.len(), names.join(", "));
        told(report, scope, path, reason, message);
    }
}

fn told(report: &mut Report, scope: &Scope<'_>, path: &str, reason: &'static str, message: String) {
    match help(reason) {
        Some(help) => report.error_with_help(scope, path, reason, message, help),
        None => report.error(scope, path, reason, message),
    }
}
