//! What stands, in Prometheus' naming: on the daemon's page and in the file of one pass alike.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64};

use jiff::Timestamp;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::classic::classic;
use crate::api::{Assessment, Criticality};

/// Names and values of labels. Values are closed words.
pub(super) type Labels = Vec<(&'static str, String)>;
/// A number that goes up and down.
pub(super) type Number = Gauge<i64, AtomicI64>;
/// An instant or a span, in seconds.
pub(super) type Seconds = Gauge<f64, AtomicU64>;

const SEVERITIES: [Criticality; 4] = [Criticality::Low, Criticality::Medium, Criticality::High, Criticality::Critical];

/// What stands.
#[derive(Debug, Default)]
pub(super) struct Standing {
    pub(super) pairs: Number,
    statuses: Family<Labels, Number>,
    stale: Family<Labels, Number>,
    pub(super) without_evidence: Number,
    pub(super) manifest_errors: Number,
    pub(super) manifest_held: Number,
    pub(super) last_run: Seconds,
    escalations: Family<Labels, Number>,
}

impl Standing {
    /// Adds the families to `registry`, whose prefix is `tecrax`. Every severity is there from the start.
    pub(super) fn register(&self, registry: &mut Registry) {
        let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "Version of this program", version);
        registry.register("pairs", "Pairs of a Check and a Target that are wanted", self.pairs.clone());
        let help = "Pairs by what they said last; of the daemon, a pair that is not seen any more keeps its word until it is stale elsewhere";
        registry.register("pairs_said", help, self.statuses.clone());
        let help = "Pairs that show Stale, by whether no run has begun when one should have";
        registry.register("pairs_stale", help, self.stale.clone());
        self.stale(0, 0);
        let help = "Pairs that may run, being neither suspended nor denied, and were never observed";
        registry.register("pairs_without_evidence", help, self.without_evidence.clone());
        let errors = self.manifest_errors.clone();
        registry.register("manifest_errors", "Errors in the manifests as they were read last", errors);
        let at_last_good = self.manifest_held.clone();
        registry.register("manifest_objects_held", "Objects with errors whose last good version is in force", at_last_good);
        let last_run = self.last_run.clone();
        registry.register_with_unit("last_run_timestamp", "When a run was recorded last, Unix time", Unit::Seconds, last_run);
        let help = "Open Escalations, by severity and by whether they are suppressed";
        registry.register("escalations_open", help, self.escalations.clone());
        self.stand(&BTreeMap::new());
    }

    /// The gauge of pairs that say `assessment`.
    pub(super) fn said(&self, assessment: Assessment) -> Number {
        self.statuses.get_or_create(&vec![("assessment", assessment.as_str().to_owned())]).clone()
    }

    /// Takes how many pairs show `Stale`.
    pub(super) fn stale(&self, overdue: usize, on_schedule: usize) {
        for (word, number) in [("true", overdue), ("false", on_schedule)] {
            self.stale.get_or_create(&vec![("overdue", word.to_owned())]).set(signed(number));
        }
    }

    /// Takes how many Escalations are open, by severity and by whether they are suppressed.
    pub(super) fn stand(&self, open: &BTreeMap<(Criticality, bool), usize>) {
        for severity in SEVERITIES {
            for suppressed in [false, true] {
                let number = open.get(&(severity, suppressed)).copied().unwrap_or(0);
                let labels = vec![("severity", severity.as_str().to_owned()), ("suppressed", suppressed.to_string())];
                self.escalations.get_or_create(&labels).set(signed(number));
            }
        }
    }
}

/// A count as a gauge takes it.
pub(super) fn signed(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// An instant as a gauge takes it.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are exact in a double")]
pub(super) fn seconds(at: Timestamp) -> f64 {
    at.as_millisecond() as f64 / 1000.0
}

/// The families of `registry` in the text format that every Prometheus reads.
pub(super) fn text(registry: &Registry) -> String {
    let mut page = String::new();
    // Writing to a string does not fail.
    let _ = encode(&mut page, registry);
    classic(&page)
}
