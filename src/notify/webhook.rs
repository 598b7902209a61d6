//! The body of a request to a webhook. Pure.

use super::{Due, Notice, Stamp};
use crate::api::{WebhookBody, WebhookFinding, WebhookIncident, WebhookPhase, WebhookTarget};
use crate::desired::sink::DesiredSink;
use crate::status::Phase;

/// The id of a request: `identity/phase`; of a heartbeat the Sink and its time, because each is another.
pub fn id(sink: &DesiredSink, due: &Due, stamp: &Stamp) -> String {
    match due.notice {
        Some(_) => format!("{}/{}", due.identity, due.phase.as_str()),
        None => format!("{}/{}/{}", sink.uid, due.identity, stamp.now.as_second()),
    }
}

/// What is posted.
pub fn body(sink: &DesiredSink, due: &Due, stamp: &Stamp) -> WebhookBody {
    WebhookBody {
        version: WebhookBody::VERSION,
        id: id(sink, due, stamp),
        phase: match due.phase {
            Phase::Firing => WebhookPhase::Firing,
            Phase::Resolved => WebhookPhase::Resolved,
            Phase::Heartbeat => WebhookPhase::Heartbeat,
        },
        sent_at: stamp.now.to_string(),
        sink: sink.title(),
        incident: due.notice.as_ref().map(incident),
        checkpoint: stamp.checkpoint.clone(),
        tecrax: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

fn incident(notice: &Notice) -> WebhookIncident {
    let notice = notice.clone().bounded();
    WebhookIncident {
        namespace: notice.namespace.to_string(),
        escalation: notice.name,
        uid: notice.uid,
        incident: notice.incident,
        severity: notice.severity,
        finding: WebhookFinding::from(&notice.finding),
        targets: notice.targets.into_iter().map(|target| WebhookTarget { name: target.name, labels: target.labels }).collect(),
        target_count: notice.target_count as u64,
        summary: notice.summary,
        description: notice.description,
        runbook_url: notice.runbook,
        since: notice.since.to_string(),
        resolved_at: notice.resolved.map(|at| at.to_string()),
        log_index: notice.log_index,
        explain: notice.explain,
    }
}
