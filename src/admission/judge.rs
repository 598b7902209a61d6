//! The decision over one plan: invariants, then every Policy that selects its pair, then whether what they ask can be met.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::court::{Court, Said};
use super::objection::{Objection, Refusal, names};
use super::request::{Asking, Detail};
use super::{Admitted, Bounds, Decision, Denial, DenialReason, bundled, met};
use crate::api::{Available, Digest, MESSAGE_MAX, Namespace, SandboxLevel};
use crate::desired::Desired;
use crate::desired::policy::Controls;
use crate::plan::{Plan, Proposed};

/// Characters of a denial: it fits a condition's message with a few words before it.
const SENTENCE_MAX: usize = MESSAGE_MAX - 64;

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
    available: Available,
}

/// Admits a plan as where there is no Policy.
///
/// # Errors
/// As [`Judge::admit`].
pub fn admit(plan: Plan<Proposed>) -> Result<Plan<Admitted>, Denial> {
    Judge::without(String::new(), DefaultPolicy::Bundled, SandboxLevel::None.into()).admit(plan)
}

impl Judge {
    const fn without(profile: String, default: DefaultPolicy, available: Available) -> Self {
        Self { courts: BTreeMap::new(), everywhere: Vec::new(), profile, default, available }
    }

    /// A judge over the Policies of `desired`. `profile`: the name of the profile. `available`: what can stand between a local command
    /// and this machine here, as far as it is known when a plan is decided over; more can not be obliged.
    pub fn new(desired: &Desired, profile: &str, default: DefaultPolicy, available: impl Into<Available>) -> Self {
        let mut judge = Self::without(profile.to_owned(), default, available.into());
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
        if let Some((rule, message)) = met::unmet(plan, &admitting, self.available.level()) {
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
        if courts.is_empty() {
            return Ok(BTreeMap::new());
        }
        let detail = courts.iter().fold(Detail::default(), |all, court| all.and(court.detail));
        let asking = Asking::of(plan, &self.profile, detail).map_err(|refused| Refusal {
            rule: bundled::RULE.to_owned(),
            reason: DenialReason::Denied,
            message: format!("policy can not be asked about this plan: {refused}"),
        })?;
        let heard: Vec<Vec<Said>> = courts.iter().map(|court| court.ask(&asking)).collect();
        let mut worst: Option<(Objection, usize)> = None;
        let mut admitting: BTreeMap<(usize, &str), Controls> = BTreeMap::new();
        for row in 0..asking.rows.len() {
            let said = || courts.iter().zip(&heard).filter_map(|(court, said)| Some((*court, said.get(row)?)));
            if let Some(objection) = Objection::among(said().map(|(_, said)| said))
                && worst.is_none_or(|(before, _)| objection < before)
            {
                worst = Some((objection, row));
            }
            for (place, (court, said)) in said().enumerate() {
                if let Some(rule) = said.rule.filter(|_| said.effect.admits()) {
                    admitting.entry((place, rule)).or_insert_with(|| court.controls(rule));
                }
            }
        }
        if let Some((objection, row)) = worst {
            let said = courts.iter().zip(&heard).filter_map(|(court, said)| Some((*court, said.get(row)?)));
            return Err(objection.told(&asking, row, &said.collect::<Vec<_>>()));
        }
        let name = |place: usize, rule: &str| format!("{}/{rule}", courts.get(place).map_or("", |court| &court.title));
        Ok(admitting.into_iter().map(|((place, rule), controls)| (name(place, rule), controls)).collect())
    }
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
