//! The desired side of what is shown, small enough to keep for every pair: it lets `get` and `status` answer without manifests.

use serde::{Deserialize, Serialize};

use crate::api::{Accept, Confirmations, Duration, Labels, PairId, SubdomainName};
use crate::desired::{Cadence, Calendar, DesiredCheck, DesiredTarget, Pair};

/// What status needs to know of a desired pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The pair.
    pub pair: PairId,
    /// The intent.
    pub intent: String,
    /// Labels of the Target.
    pub labels: Labels,
    /// Whether the Check or the Target is suspended.
    pub suspended: bool,
    /// How often, unless `schedule` says when.
    pub interval: Option<Duration>,
    /// When.
    pub schedule: Option<Calendar>,
    /// Time for the whole run.
    pub timeout: Duration,
    /// How long evidence counts as fresh.
    pub fresh_for: Option<Duration>,
    /// Waivers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<Accept>,
    /// How many runs in a row confirm a failure or a recovery.
    #[serde(default)]
    pub confirmations: Confirmations,
    /// Sentences about declared things without effect.
    pub not_in_effect: Vec<String>,
    /// Objects (`Kind/name`) among those it is about that have errors: their last good version is in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<String>,
}

impl Wanted {
    /// How often.
    pub fn cadence(&self) -> Cadence {
        match &self.schedule {
            Some(calendar) => Cadence::Schedule(calendar.clone()),
            None => Cadence::Interval(self.interval.unwrap_or(crate::api::CheckSpec::DEFAULT_INTERVAL)),
        }
    }
}

impl From<&Pair> for Wanted {
    fn from(pair: &Pair) -> Self {
        let (interval, schedule) = split(&pair.check.cadence);
        Self {
            pair: pair.id.clone(),
            intent: pair.check.intent.id.clone(),
            labels: pair.target.labels.clone(),
            suspended: pair.check.suspend || pair.target.suspend,
            interval,
            schedule,
            timeout: pair.check.timeout,
            fresh_for: pair.check.fresh_for,
            accept: pair.check.accept.clone(),
            confirmations: pair.check.confirmations,
            not_in_effect: pair.not_in_effect.clone(),
            held: Vec::new(),
        }
    }
}

/// What status needs to know of a desired Target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedTarget {
    /// `Host` or `NetworkDevice`.
    pub r#type: String,
    /// Labels.
    pub labels: Labels,
    /// Role and kind of each connection.
    pub connections: Vec<(String, String)>,
    /// Targets that a connection goes through (`viaRefs`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hops: Vec<SubdomainName>,
    /// Parents, `viaRefs` hops included.
    #[serde(default)]
    pub depends_on: Vec<SubdomainName>,
    /// Whether it is suspended.
    pub suspended: bool,
    /// The TargetSet it came from.
    pub set: Option<String>,
    /// Where it is declared.
    pub place: String,
    /// Sentences about declared things without effect.
    pub not_in_effect: Vec<String>,
}

impl From<&DesiredTarget> for WantedTarget {
    fn from(target: &DesiredTarget) -> Self {
        Self {
            r#type: target.r#type.as_str().to_owned(),
            labels: target.labels.clone(),
            connections: target
                .connections
                .values()
                .map(|connection| (connection.name.to_string(), connection.config.kind().to_owned()))
                .collect(),
            hops: target.hops.clone(),
            depends_on: target.depends_on.clone(),
            suspended: target.suspend,
            set: target.set.as_ref().map(ToString::to_string),
            place: target.place.to_string(),
            not_in_effect: target.not_in_effect.clone(),
        }
    }
}

/// What status needs to know of a desired Check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedCheck {
    /// The intent.
    pub intent: String,
    /// Labels.
    pub labels: Labels,
    /// How often, unless `schedule` says when.
    pub interval: Option<Duration>,
    /// When.
    pub schedule: Option<Calendar>,
    /// Whether it is suspended.
    pub suspended: bool,
    /// Where the runbook is.
    pub runbook_url: Option<String>,
    /// Where it is declared.
    pub place: String,
    /// Sentences about declared things without effect.
    pub not_in_effect: Vec<String>,
}

impl From<&DesiredCheck> for WantedCheck {
    fn from(check: &DesiredCheck) -> Self {
        let (interval, schedule) = split(&check.cadence);
        Self {
            intent: check.intent.id.clone(),
            labels: check.labels.clone(),
            interval,
            schedule,
            suspended: check.suspend,
            runbook_url: check.runbook_url.clone(),
            place: check.place.to_string(),
            not_in_effect: check.not_in_effect.clone(),
        }
    }
}

fn split(cadence: &Cadence) -> (Option<Duration>, Option<Calendar>) {
    match cadence {
        Cadence::Interval(interval) => (Some(*interval), None),
        Cadence::Schedule(calendar) => (None, Some(calendar.clone())),
    }
}
