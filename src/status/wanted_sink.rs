//! The desired side of what is shown of a Sink.

use serde::{Deserialize, Serialize};

use crate::api::{Criticality, Duration, LabelSelector, Labels};
use crate::desired::sink::{DesiredSink, SinkKind};

/// What status needs to know of a Sink.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedSink {
    /// Labels.
    pub labels: Labels,
    /// Under what is kept what it has been told.
    #[serde(default)]
    pub receiver: String,
    /// `alertmanager` or `webhook`.
    pub kind: String,
    /// Where it sends; a URL that is a secret is named by its reference.
    pub addresses: Vec<String>,
    /// Targets whose Escalations it tells.
    pub selector: LabelSelector,
    /// Escalations below this are not told.
    pub min_severity: Criticality,
    /// How often it says that tecrax is alive.
    pub heartbeat: Option<Duration>,
    /// Whether it is suspended.
    pub suspended: bool,
    /// Where it is declared.
    pub place: String,
}

impl From<&DesiredSink> for WantedSink {
    fn from(sink: &DesiredSink) -> Self {
        Self {
            labels: sink.labels.clone(),
            receiver: sink.receiver(),
            kind: match sink.kind {
                SinkKind::Alertmanager(_) => "alertmanager".to_owned(),
                SinkKind::Webhook(_) => "webhook".to_owned(),
            },
            addresses: sink.addresses(),
            selector: sink.selector.clone(),
            min_severity: sink.min_severity,
            heartbeat: sink.heartbeat,
            suspended: sink.suspend,
            place: sink.place.to_string(),
        }
    }
}
