//! Alerts as Alertmanager's API v2 takes them: `POST /api/v2/alerts` with a list. Pure.
//!
//! The labels make the alert: they stay the same as long as the Escalation is the same, through every restart, and so does the severity
//! of an incident: it is the one that was told first. An open
//! alert ends by itself after the Sink's `resolveTimeout`, unless it is told again; a resolved one ends when the incident did.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::{Due, Notice, Stamp};
use crate::api::Duration;
use crate::desired::sink::DesiredSink;

/// Where alerts are posted, below the base URL.
pub const PATH: &str = "/api/v2/alerts";
/// Most alerts of one request.
pub const MAX_BATCH: usize = 64;
/// Name of the alert of an incident.
const ALERT: &str = "TecraxEscalation";
/// Name of the alert that says that tecrax is alive; it ends when three heartbeats are missing.
const ALIVE: &str = "TecraxHeartbeat";
/// Heartbeats that may be missing.
const MISSING: i64 = 3;
/// Most characters of the lines of a description together.
const MAX_DESCRIPTION: usize = 4096;

/// The list that is posted.
pub fn body(sink: &DesiredSink, resolve_timeout: Duration, batch: &[Due], stamp: &Stamp) -> Value {
    batch
        .iter()
        .map(|due| match &due.notice {
            Some(notice) => incident(sink, notice, resolve_timeout, stamp),
            None => heartbeat(sink, stamp),
        })
        .collect()
}

fn incident(sink: &DesiredSink, notice: &Notice, resolve_timeout: Duration, stamp: &Stamp) -> Value {
    let notice = notice.clone().bounded();
    let mut labels = Map::new();
    let mut put = |key: &str, value: &str| labels.insert(key.to_owned(), json!(value));
    put("alertname", ALERT);
    put("namespace", notice.namespace.as_str());
    put("escalation", &notice.name);
    put("severity", &notice.label().as_str().to_lowercase());
    put("kind", &notice.finding.kind);
    put("component", &notice.finding.component);
    put("reason", &notice.finding.reason_code);
    if let ([target], 1) = (notice.targets.as_slice(), notice.target_count) {
        put("target", &target.name);
    }
    let mut annotations = Map::new();
    let mut put = |key: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            annotations.insert(key.to_owned(), json!(value));
        }
    };
    put("summary", Some(notice.summary.clone()));
    put("description", Some(cut(notice.description.join("\n"))));
    put("runbook_url", notice.runbook.clone());
    put("explain", notice.explain.clone());
    put("incident", Some(notice.identity()));
    put("log_index", notice.log_index.map(|index| index.to_string()));
    put("checkpoint", stamp.checkpoint.clone());
    put("sink", Some(sink.title()));
    put("severity_now", (notice.severity != notice.label()).then(|| notice.severity.as_str().to_lowercase()));
    put("held", notice.held.map(|held| format!("{held:?}").to_lowercase()));
    match notice.targets.as_slice() {
        [target] if notice.target_count == 1 => {
            let labels: Vec<String> = target.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
            put("target_labels", Some(labels.join(",")));
        }
        targets => {
            let names: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
            let more = notice.target_count.saturating_sub(names.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            put("targets", Some(format!("{}{more}", names.join(", "))));
        }
    }
    // Alertmanager refuses an alert that ends before it starts, and one that ends in the future is not over: clocks may have stepped.
    let ends = match notice.resolved {
        Some(at) => at.min(stamp.now),
        None => later(stamp.now, resolve_timeout, 1),
    };
    let starts = notice.since.min(ends);
    json!({
        "labels": labels,
        "annotations": annotations,
        "startsAt": starts.to_string(),
        "endsAt": ends.to_string(),
    })
}

fn heartbeat(sink: &DesiredSink, stamp: &Stamp) -> Value {
    let every = sink.heartbeat.unwrap_or(Duration::from_secs(60));
    let mut annotations = json!({
        "summary": "tecrax is alive; this alert ends when it is not",
        "version": env!("CARGO_PKG_VERSION"),
    });
    if let (Some(checkpoint), Some(annotations)) = (&stamp.checkpoint, annotations.as_object_mut()) {
        annotations.insert("checkpoint".to_owned(), json!(checkpoint));
    }
    json!({
        "labels": {"alertname": ALIVE, "namespace": sink.namespace, "sink": sink.name, "severity": "none"},
        "annotations": annotations,
        "startsAt": stamp.now.to_string(),
        "endsAt": later(stamp.now, every, MISSING).to_string(),
    })
}

fn later(now: Timestamp, pause: Duration, times: i64) -> Timestamp {
    let millis = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX).saturating_mul(times);
    now.checked_add(SignedDuration::from_millis(millis)).unwrap_or(now)
}

fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_DESCRIPTION) {
        text.truncate(end);
        text.push('…');
    }
    text
}
