//! What speaks against a plan when every Policy has been heard, and how that is told.

use std::collections::BTreeSet;

use super::DenialReason;
use super::court::{Court, Said};
use super::policy::Effect;
use super::request::Asking;

/// Rules that one decision names.
const RULES_MAX: usize = 8;

/// Why one request is refused.
pub(super) struct Refusal {
    pub(super) rule: String,
    pub(super) reason: DenialReason,
    pub(super) message: String,
}

/// What speaks against one request, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Objection {
    /// A rule denies it.
    Denied,
    /// A rule wants a person.
    ApprovalRequired,
    /// No rule admits it.
    Silence,
}

impl Objection {
    /// `None`: some rule admits and none objects.
    pub(super) fn among<'s, 'c: 's>(said: impl Iterator<Item = &'s Said<'c>>) -> Option<Self> {
        let (mut approval, mut admitted) = (false, false);
        for said in said {
            match said.effect {
                Effect::Deny if said.rule.is_some() => return Some(Self::Denied),
                Effect::ApprovalRequired if said.rule.is_some() => approval = true,
                effect => admitted |= effect.admits(),
            }
        }
        match (approval, admitted) {
            (true, _) => Some(Self::ApprovalRequired),
            (false, true) => None,
            (false, false) => Some(Self::Silence),
        }
    }

    /// The refusal of a row about which every Policy said this.
    pub(super) fn told(self, asking: &Asking<'_>, row: usize, said: &[(&Court, &Said<'_>)]) -> Refusal {
        let about = asking.reading(row).map_or_else(String::new, |reading| format!(" ({reading})"));
        let near = || {
            let request = asking.whole(row);
            let near = said.iter().filter_map(|(court, _)| court.nearest(&request, &asking.runtime)).min();
            near.map_or_else(|| "no rule admits anything".to_owned(), |(_, sentence)| sentence)
        };
        let by = |effect: Effect| {
            let found = said.iter().find_map(|(court, said)| Some((court, said.rule.filter(|_| said.effect == effect)?, said)));
            found.map_or_else(Default::default, |(court, rule, said)| {
                (format!("{}/{rule}", court.title), said.reason_code.to_string())
            })
        };
        match self {
            Self::Denied => {
                let (rule, code) = by(Effect::Deny);
                let message = format!("rule {rule} denies it, {code}{about}; {}", near());
                Refusal { rule, reason: DenialReason::Denied, message }
            }
            Self::ApprovalRequired => {
                let (rule, code) = by(Effect::ApprovalRequired);
                let message = format!("rule {rule} wants a person's approval, {code}{about}, and there is no way to give it yet");
                Refusal { rule, reason: DenialReason::ApprovalRequired, message }
            }
            Self::Silence => {
                let titles = names(said.iter().map(|(court, _)| &court.title));
                let message = format!("no rule of Policy {titles} matches{about}; {}", near());
                Refusal { rule: titles, reason: DenialReason::Denied, message }
            }
        }
    }
}

/// The first names, and how many more there are.
pub(super) fn names<'n>(names: impl Iterator<Item = &'n String>) -> String {
    let names: BTreeSet<&String> = names.collect();
    let first: Vec<&str> = names.iter().take(RULES_MAX).map(|name| name.as_str()).collect();
    let more = names.len().saturating_sub(RULES_MAX);
    if more == 0 { first.join(", ") } else { format!("{} and {more} more", first.join(", ")) }
}
