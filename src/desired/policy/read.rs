//! One Policy: its selectors, its rules, and what is wrong with them.

use std::collections::{BTreeMap, BTreeSet};

use super::controls::{CONSTRAINTS, Controls, Fault, OBLIGATIONS};
use super::key::{Key, Values};
use super::order::{covers, decides_first};
use super::{Condition, DesiredPolicy, Law, Rule, Selection};
use crate::api::{Digest, Manifest, PolicyCondition, PolicyEffect, PolicyRule, PolicySpec, reason};
use crate::desired::check::selector as check_selector;
use crate::desired::report::{Report, Scope};
use crate::desired::union;
use crate::profile::Profile;
use crate::source::{LostPolicy, Origin};

/// Words of a list that a help names.
const WORDS_MAX: usize = 12;

/// What is read with.
struct Reader<'r, 'a> {
    report: &'r mut Report,
    scope: &'r Scope<'a>,
    profile: &'r Profile,
}

/// The scope of a Policy.
pub(in crate::desired) fn scope<'a>(origin: &'a Origin, manifest: &Manifest<PolicySpec>) -> Scope<'a> {
    let namespace = manifest.metadata.namespace.clone();
    Scope { origin, namespace, object: format!("Policy/{}", manifest.metadata.name), base: "spec" }
}

/// Reads a Policy and reports everything that is wrong with it. Always a Policy: with an error an unusable one.
pub(in crate::desired) fn read(
    report: &mut Report,
    origin: &Origin,
    manifest: &Manifest<PolicySpec>,
    profile: &Profile,
) -> DesiredPolicy {
    let (metadata, spec) = (&manifest.metadata, &manifest.spec);
    let scope = scope(origin, manifest);
    let before = report.errors();
    let mut selection = Selection::from(spec);
    for (path, selector) in [("targetSelector", &mut selection.target), ("checkSelector", &mut selection.check)] {
        // A selector that can not be meant must not become one that selects nothing.
        let before = report.errors();
        check_selector(report, &scope, path, selector);
        if report.errors() != before {
            *selector = crate::api::LabelSelector::default();
        }
    }
    union::unique(report, &scope, "rules", "name", spec.rules.iter().map(|rule| rule.name.as_str()));
    let mut reader = Reader { report: &mut *report, scope: &scope, profile };
    let rules: Vec<Option<Rule>> = spec.rules.iter().enumerate().map(|(index, rule)| reader.rule(index, rule)).collect();
    reader.compare(&rules);
    let law = if report.errors() == before {
        let mut rules: Vec<Rule> = rules.into_iter().flatten().collect();
        rules.sort_by(decides_first);
        Law::Rules(rules)
    } else {
        Law::Unusable(format!("it has errors, see {}", origin.place()))
    };
    let title = format!("{}/{}", metadata.namespace, metadata.name);
    DesiredPolicy {
        namespace: Some(metadata.namespace.clone()),
        name: metadata.name.to_string(),
        labels: metadata.labels.clone(),
        selections: vec![selection],
        last_good: Vec::new(),
        digest: Digest::of_parts([b"policy".as_slice(), title.as_bytes(), Digest::of_canonical(spec).as_bytes()]),
        law,
        place: origin.place().to_string(),
    }
}

/// A Policy that is there and could not be read.
pub(in crate::desired) fn lost(lost: &LostPolicy) -> DesiredPolicy {
    let selection = Selection {
        target: lost.target_selector.clone().unwrap_or_default(),
        check: lost.check_selector.clone().unwrap_or_default(),
    };
    let place = lost.place.to_string();
    let name = lost.name.clone().unwrap_or_else(|| format!("(at {place})"));
    DesiredPolicy {
        namespace: lost.namespace.clone(),
        labels: crate::api::Labels::new(),
        digest: Digest::of_parts([&b"unusable policy"[..], name.as_bytes(), Digest::of_canonical(&selection).as_bytes()]),
        name,
        selections: vec![selection],
        last_good: Vec::new(),
        law: Law::Unusable(format!("it could not be read, see {place}")),
        place,
    }
}

impl Reader<'_, '_> {
    fn error(&mut self, path: &str, message: impl Into<String>, help: impl Into<String>) {
        self.report.error_with_help(self.scope, path, reason::BAD_POLICY, message, help);
    }

    fn rule(&mut self, index: usize, rule: &PolicyRule) -> Option<Rule> {
        let before = self.report.errors();
        let path = format!("rules[{index}]");
        let conditions = self.conditions(&path, &rule.conditions);
        let controls = self.controls(&path, rule);
        (self.report.errors() == before).then(|| Rule {
            name: rule.name.clone(),
            effect: rule.effect,
            conditions,
            controls,
            priority: rule.priority,
            reason_code: rule.reason_code.clone(),
        })
    }

    /// One condition a key: where a key stands twice both must hold.
    fn conditions(&mut self, path: &str, written: &[PolicyCondition]) -> Vec<Condition> {
        let mut conditions: BTreeMap<Key, BTreeSet<String>> = BTreeMap::new();
        for (index, condition) in written.iter().enumerate() {
            let path = format!("{path}.conditions[{index}]");
            let Some(key) = Key::parse(&condition.key) else {
                self.unknown_key(&path, &condition.key);
                continue;
            };
            if condition.values.is_empty() {
                self.error(&format!("{path}.values"), "a condition without values never holds", "name at least one value");
            }
            for (number, value) in condition.values.iter().enumerate() {
                self.value(&format!("{path}.values[{number}]"), &key, value);
            }
            let values: BTreeSet<String> = condition.values.iter().cloned().collect();
            conditions.entry(key).and_modify(|both| both.retain(|value| values.contains(value))).or_insert(values);
        }
        conditions.into_iter().map(|(key, values)| Condition { key, values }).collect()
    }

    fn unknown_key(&mut self, path: &str, key: &str) {
        let near = crate::api::did_you_mean(key, Key::words());
        let bare = || Key::words().find(|word| word.rsplit('.').next().is_some_and(|last| !last.is_empty() && last == key));
        let help = near.or_else(bare).map_or_else(
            || {
                format!(
                    "the keys are {}",
                    Key::words()
                        .map(|word| if word.ends_with('.') { format!("{word}KEY") } else { word.to_owned() })
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            },
            |near| format!("did you mean `{near}`?"),
        );
        self.error(&format!("{path}.key"), format!("a request has no key `{}`", key.escape_debug()), help);
    }

    fn value(&mut self, path: &str, key: &Key, value: &str) {
        match key.values(self.profile, &self.scope.namespace) {
            Values::Words(words) if words.contains(&value) => {}
            Values::Words(words) => {
                let help = crate::api::did_you_mean(value, words.iter().copied()).map_or_else(
                    || {
                        let more = if words.len() > WORDS_MAX { ", …" } else { "" };
                        format!("write one of {}{more}", words.iter().take(WORDS_MAX).copied().collect::<Vec<_>>().join(", "))
                    },
                    |near| format!("did you mean `{near}`?"),
                );
                self.error(path, format!("`{key}` is never `{}`", value.escape_debug()), help);
            }
            Values::Form(fits, _) if fits(value) => {}
            Values::Form(_, rule) => self.error(path, format!("`{key}` is never `{}`", value.escape_debug()), rule),
        }
    }

    fn controls(&mut self, path: &str, rule: &PolicyRule) -> Controls {
        let scope = self.scope;
        union::unique(
            self.report,
            scope,
            &format!("{path}.obligations"),
            "name",
            rule.obligations.iter().map(|it| it.name.as_str()),
        );
        union::unique(
            self.report,
            scope,
            &format!("{path}.constraints"),
            "name",
            rule.constraints.iter().map(|it| it.name.as_str()),
        );
        let list = if rule.obligations.is_empty() { "constraints" } else { "obligations" };
        let any = !rule.obligations.is_empty() || !rule.constraints.is_empty();
        match rule.effect {
            PolicyEffect::Allow if any => {
                let help = "write `effect: AllowWithObligations`, which admits and binds";
                self.error(&format!("{path}.{list}"), format!("an Allow has no {list}"), help);
            }
            PolicyEffect::Deny | PolicyEffect::ApprovalRequired if any => {
                self.error(&format!("{path}.{list}"), format!("what does not run has no {list}"), "remove them");
            }
            _ => {}
        }
        let mut all = Controls::default();
        for (index, obligation) in rule.obligations.iter().enumerate() {
            let kind = &obligation.kind;
            match Controls::obligation(kind) {
                Ok(one) => all = all.strictest(one),
                Err(_) => self.unknown_kind(&format!("{path}.obligations[{index}].kind"), "obligation", kind, &OBLIGATIONS),
            }
        }
        for (index, constraint) in rule.constraints.iter().enumerate() {
            let path = format!("{path}.constraints[{index}]");
            let kind = &constraint.kind;
            match Controls::constraint(kind, &constraint.value) {
                Ok(one) => all = all.strictest(one),
                Err(Fault::Kind) => self.unknown_kind(&format!("{path}.kind"), "constraint", kind, &CONSTRAINTS),
                Err(Fault::Value(help)) => self.error(&format!("{path}.value"), format!("bad value of `{kind}`"), help),
            }
        }
        all
    }

    fn unknown_kind(&mut self, path: &str, what: &str, kind: &str, known: &[&str]) {
        let help = crate::api::did_you_mean(kind, known.iter().copied())
            .map_or_else(|| format!("the kinds are {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
        self.error(path, format!("unknown {what} `{}`", kind.escape_debug()), help);
    }

    /// Holds the rules against each other. Rules with errors have been reported.
    fn compare(&mut self, rules: &[Option<Rule>]) {
        let named = |index: usize, rule: &Rule| format!("rule `{}` ({:?}, number {})", rule.name, rule.effect, index + 1);
        for (index, rule) in rules.iter().enumerate().filter_map(|(index, rule)| Some((index, rule.as_ref()?))) {
            if rule.conditions.iter().any(|condition| condition.values.is_empty()) {
                let message = format!("rule `{}` never decides: two of its conditions exclude each other", rule.name);
                self.report.warn(self.scope, &format!("rules[{index}].name"), reason::UNREACHABLE_RULE, message);
                continue;
            }
            let others = || rules.iter().enumerate().filter_map(|(at, other)| Some((at, other.as_ref()?)));
            let same = |other: &Rule| other.conditions == rule.conditions && other.effect != rule.effect;
            if let Some((at, other)) = others().find(|(at, other)| *at < index && same(other)) {
                let message = format!("rule `{}` has the conditions of {} and another effect", rule.name, named(at, other));
                self.error(&format!("rules[{index}].effect"), message, "remove one, or tell their conditions apart");
                continue;
            }
            let beaten = |other: &Rule| decides_first(other, rule).is_lt() && covers(other, rule);
            if let Some((at, other)) = others().find(|(at, other)| *at != index && beaten(other)) {
                let message =
                    format!("rule `{}` never decides: {} matches all it matches and comes first", rule.name, named(at, other));
                self.report.warn(self.scope, &format!("rules[{index}].name"), reason::UNREACHABLE_RULE, message);
            }
        }
    }
}
