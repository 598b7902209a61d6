//! What is kept of the manifests for `get` and `status`, without secrets: a label or a URL may hold one by mistake.
//!
//! Names stay as they are, because they are what everything else refers to; so do places, which name files.

use std::collections::BTreeMap;

use crate::api::{Accept, Labels};
use crate::desired::policy::DesiredPolicy;
use crate::desired::sink::DesiredSink;
use crate::desired::{DesiredCheck, DesiredTarget, Pair};
use crate::secrets::Redactor;
use crate::status::{Wanted, WantedCheck, WantedPolicy, WantedSink, WantedTarget};

/// Stands for a label value that looks like a secret; unlike the usual mark it is a label value.
const LABEL: &str = "REDACTED";
/// Begins the key that stands for a label key that looks like a secret.
const KEY: &str = "redacted-";

/// Removes secrets from what is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a>(pub(super) &'a Redactor);

impl Shown<'_> {
    pub(super) fn pair(self, pair: &Pair) -> Wanted {
        let wanted = Wanted::from(pair);
        Wanted {
            labels: self.labels(wanted.labels),
            accept: wanted.accept.into_iter().map(|accept| self.waiver(accept)).collect(),
            not_in_effect: self.texts(wanted.not_in_effect),
            ..wanted
        }
    }

    fn waiver(self, accept: Accept) -> Accept {
        let Accept { finding, reason, owner, expires } = accept;
        let clean = |text| self.0.redact(text);
        Accept { finding: clean(finding), reason: clean(reason), owner: clean(owner), expires }
    }

    pub(super) fn target(self, target: &DesiredTarget) -> WantedTarget {
        let wanted = WantedTarget::from(target);
        WantedTarget { labels: self.labels(wanted.labels), not_in_effect: self.texts(wanted.not_in_effect), ..wanted }
    }

    pub(super) fn check(self, check: &DesiredCheck) -> WantedCheck {
        let wanted = WantedCheck::from(check);
        WantedCheck {
            labels: self.labels(wanted.labels),
            runbook_url: wanted.runbook_url.map(|url| self.0.redact(url)),
            not_in_effect: self.texts(wanted.not_in_effect),
            ..wanted
        }
    }

    pub(super) fn policy(self, policy: &DesiredPolicy, pairs: usize) -> WantedPolicy {
        let wanted = WantedPolicy::of(policy, pairs);
        // What it selects stays as it is: it decides what is denied while the Policy can not be read.
        WantedPolicy { labels: self.labels(wanted.labels), ..wanted }
    }

    pub(super) fn sink(self, sink: &DesiredSink) -> WantedSink {
        let wanted = WantedSink::from(sink);
        WantedSink { labels: self.labels(wanted.labels), addresses: self.texts(wanted.addresses), ..wanted }
    }

    fn texts(self, texts: Vec<String>) -> Vec<String> {
        texts.into_iter().map(|text| self.0.redact(text)).collect()
    }

    pub(super) fn labels(self, labels: Labels) -> Labels {
        let label = |(index, (key, value)): (usize, (String, String))| {
            let clean = self.0.redact_under(&key, value.clone());
            let value = if clean == value { value } else { LABEL.to_owned() };
            let key = if self.0.redact_str(&key) == key { key } else { format!("{KEY}{index}") };
            (key, value)
        };
        labels.into_iter().enumerate().map(label).collect::<BTreeMap<_, _>>()
    }
}
