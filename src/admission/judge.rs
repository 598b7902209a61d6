//! The decision over one plan: invariants, then every Policy that selects its pair, then whether what they ask can be met.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::court::{Court, Said};
use super::policy::Effect;
use super::request::{Asked, Detail, requests};
use super::{Admitted, Bounds, Decision, Denial, DenialReason, bundled, met};
use crate::api::{Digest, MESSAGE_MAX, Namespace, SandboxLevel};
use crate::desired::Desired;
use crate::desired::policy::Controls;
use crate::plan::{Plan, Proposed};

/// Characters of a denial: it fits a condition's message with a few words before it.
const SENTENCE_MAX: usize = MESSAGE_MAX - 64;
/// Rules that one decision names.
const RULES_MAX: usize = 8;

/// What becomes of pairs that no Policy selects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DefaultPolicy {
    /// The bundled default admits them: read-only intents inside outer bounds.
    #[default]
    Bundled,
    /// They are denied.
    Deny,
}

/// Decides over plans. Made once for what is desired, asked for every run.
#[derive(Debug)]
pub struct Judge {
    courts: BTreeMap<Namespace, Vec<Arc<Court>>>,
    /// Unusable Policies whose namespace nobody knows.
    everywhere: Vec<Arc<Court>>,
    profile: String,
    default: DefaultPolicy,
    available: SandboxLevel,
}

/// Admits a plan as where there is no Policy.
///
/// # Errors
/// As [`Judge::admit`].
pub fn admit(plan: Plan<Proposed>) -> Result<Plan<Admitted>, Denial> {
    Judge::without(String::new(), DefaultPolicy::Bundled, SandboxLevel::None).admit(plan)
}

impl Judge {
    const fn without(profile: String, default: DefaultPolicy, available: SandboxLevel) -> Self {
        Self { courts: BTreeMap::new(), everywhere: Vec::new(), profile, default, available }
    }

    /// A judge over the Policies of `desired`. `profile`: the name of the profile. `available`: what can stand between a local command
    /// and this machine here; more can not be obliged.
    pub fn new(desired: &Desired, profile: &str, default: DefaultPolicy, available: SandboxLevel) -> Self {
        let mut judge = Self::without(profile.to_owned(), default, available);
        for policy in &desired.policies {
            let court = Arc::new(Court::new(policy));
            match &policy.namespace {
                Some(namespace) => judge.courts.entry(namespace.clone()).or_default().push(court),
                None => judge.everywhere.push(court),
            }
        }
        // The order of documents means nothing, not even for the digest.
        judge.courts.values_mut().chain([&mut judge.everywhere]).for_each(|courts| {
            courts.sort_by(|left, right| (&left.title, left.policy.digest).cmp(&(&right.title, right.policy.digest)));
        });
        judge
    }

    /// Admits a plan inside the bounds that every rule together leaves.
    ///
    /// # Errors
    /// A [`Denial`] that names the rule; nothing has been contacted.
    pub fn admit(&self, plan: Plan<Proposed>) -> Result<Plan<Admitted>, Denial> {
        let decision = self.decide(&plan)?;
        Ok(plan.with_state(Admitted::new(decision)))
    }

    /// What becomes of a plan, without admitting it.
    ///
    /// # Errors
    /// As [`Judge::admit`].
    pub fn decide(&self, plan: &Plan<Proposed>) -> Result<Decision, Denial> {
        let courts = self.courts_of(plan);
        let policy = digest(&courts, self.default);
        let deny = |rule: String, reason: DenialReason, message: String| Denial {
            rule,
            policy,
            reason,
            message: message.chars().take(SENTENCE_MAX).collect(),
            plan_digest: plan.digest(),
        };
        let broken = bundled::faults(plan);
        if !broken.is_empty() {
            return Err(deny(bundled::RULE.to_owned(), DenialReason::Denied, broken.join("; ")));
        }
        if courts.is_empty() && self.default == DefaultPolicy::Deny {
            let message = "no Policy selects this pair, and the default is to deny".to_owned();
            return Err(deny(bundled::DENY.to_owned(), DenialReason::Denied, message));
        }
        if let Some((court, why)) = courts.iter().find_map(|court| Some((court, court.unusable()?))) {
            let message = format!("Policy {} may select this pair and can not be used: {why}", court.title);
            return Err(deny(court.title.clone(), DenialReason::PolicyUnusable, message));
        }
        let admitting = match self.hear(plan, &courts) {
            Ok(admitting) => admitting,
            Err(Refusal { rule, reason, message }) => return Err(deny(rule, reason, message)),
        };
        if let Some((rule, message)) = met::unmet(plan, &admitting, self.available) {
            return Err(deny(rule, DenialReason::Denied, message));
        }
        let controls = admitting.values().fold(Controls::default(), |all, one| all.strictest(*one));
        let timeout = plan.pair().check.timeout.to_std();
        let outer = Bounds { timeout, ..Bounds::bundled() };
        let obligations = [("receipt", controls.receipt), ("output_digest_required", controls.output_digest)];
        Ok(Decision {
            rule: if courts.is_empty() { bundled::RULE.to_owned() } else { names(admitting.keys()) },
            policy,
            bounds: outer.within(&controls),
            obligations: obligations.into_iter().filter(|(_, asked)| *asked).map(|(kind, _)| kind).collect(),
        })
    }

    /// The Policies that select the pair, sorted.
    fn courts_of(&self, plan: &Plan<Proposed>) -> Vec<&Court> {
        let pair = plan.pair();
        let here = self.courts.get(&pair.id.namespace).into_iter().flatten();
        here.chain(&self.everywhere).map(Arc::as_ref).filter(|court| court.policy.selects(pair)).collect()
    }

    /// Asks every Policy about every reading: the rules that admit, by name, or why not.
    fn hear(&self, plan: &Plan<Proposed>, courts: &[&Court]) -> Result<BTreeMap<String, Controls>, Refusal> {
        let mut admitting = BTreeMap::new();
        if courts.is_empty() {
            return Ok(admitting);
        }
        let detail = courts.iter().fold(Detail::default(), |all, court| all.and(court.detail));
        let asked = requests(plan, &self.profile, detail).map_err(|refused| Refusal {
            rule: bundled::RULE.to_owned(),
            reason: DenialReason::Denied,
            message: format!("policy can not be asked about this plan: {refused}"),
        })?;
        let mut refusal: Option<(u8, Refusal)> = None;
        for asked in &asked {
            let said: Vec<(&Court, Said)> = courts.iter().map(|court| (*court, court.ask(asked))).collect();
            if let Some((rank, one)) = refused(asked, &said, courts)
                && refusal.as_ref().is_none_or(|(before, _)| rank < *before)
            {
                refusal = Some((rank, one));
            }
            for (court, said) in said {
                if let Some(rule) = said.rule.filter(|_| said.effect.admits()) {
                    admitting.insert(format!("{}/{rule}", court.title), said.controls);
                }
            }
        }
        refusal.map_or(Ok(admitting), |(_, refusal)| Err(refusal))
    }
}

/// Why one request is refused.
struct Refusal {
    rule: String,
    reason: DenialReason,
    message: String,
}

/// A rule that denies comes before one that wants a person, and both before the silence of all; `None`: some rule admits and none objects.
fn refused(asked: &Asked, said: &[(&Court, Said)], courts: &[&Court]) -> Option<(u8, Refusal)> {
    let of = |effect: Effect| said.iter().find(|(_, said)| said.effect == effect && said.rule.is_some());
    let about = asked.reading.as_ref().map_or_else(String::new, |reading| format!(" ({reading})"));
    let near = || {
        let near = courts.iter().filter_map(|court| court.nearest(asked)).min();
        near.map_or_else(|| "no rule admits anything".to_owned(), |(_, sentence)| sentence)
    };
    let named = |court: &Court, said: &Said| format!("{}/{}", court.title, said.rule.as_deref().unwrap_or("-"));
    if let Some((court, said)) = of(Effect::Deny) {
        let rule = named(court, said);
        let message = format!("rule {rule} denies it, {}{about}; {}", said.reason_code, near());
        return Some((0, Refusal { rule, reason: DenialReason::Denied, message }));
    }
    if let Some((court, said)) = of(Effect::ApprovalRequired) {
        let rule = named(court, said);
        let message =
            format!("rule {rule} wants a person's approval, {}{about}, and there is no way to give it yet", said.reason_code);
        return Some((1, Refusal { rule, reason: DenialReason::ApprovalRequired, message }));
    }
    if said.iter().any(|(_, said)| said.effect.admits()) {
        return None;
    }
    let titles = names(courts.iter().map(|court| &court.title));
    let message = format!("no rule of Policy {titles} matches{about}; {}", near());
    Some((2, Refusal { rule: titles, reason: DenialReason::Denied, message }))
}

/// The first names, and how many more there are.
fn names<'n>(names: impl Iterator<Item = &'n String>) -> String {
    let names: BTreeSet<&String> = names.collect();
    let first: Vec<&str> = names.iter().take(RULES_MAX).map(|name| name.as_str()).collect();
    let more = names.len().saturating_sub(RULES_MAX);
    if more == 0 { first.join(", ") } else { format!("{} and {more} more", first.join(", ")) }
}

/// Digest of every policy that decides over a pair; the bundled one always does.
fn digest(courts: &[&Court], default: DefaultPolicy) -> Digest {
    if courts.is_empty() {
        return match default {
            DefaultPolicy::Bundled => bundled::digest(),
            DefaultPolicy::Deny => Digest::of_parts([bundled::DENY.as_bytes()]),
        };
    }
    let digests = courts.iter().map(|court| court.policy.digest);
    let all: Vec<Digest> = std::iter::once(bundled::digest()).chain(digests).collect();
    Digest::of_parts(all.iter().map(|digest| &digest.as_bytes()[..]))
}
