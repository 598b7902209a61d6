//! Sinks and notices for tests.

use jiff::{SignedDuration, Timestamp};
use tecrax::api::{Criticality, Digest, Duration, FindingKey, LabelSelector, Labels, Namespace, Place, SubdomainName, uid};
use tecrax::desired::BaseUrl;
use tecrax::desired::sink::{AlertmanagerConfig, DesiredSink, SinkKind, SinkTls, WebhookConfig};
use tecrax::notify::{Notice, NoticeTarget};

pub fn start() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

pub fn after(seconds: i64) -> Timestamp {
    start() + SignedDuration::from_secs(seconds)
}

fn sink(kind: SinkKind) -> DesiredSink {
    DesiredSink {
        namespace: Namespace::default(),
        name: SubdomainName::parse("ops").unwrap(),
        uid: uid("Sink", "default", "ops"),
        labels: Labels::new(),
        selector: LabelSelector::default(),
        min_severity: Criticality::Low,
        heartbeat: None,
        suspend: false,
        kind,
        spec_digest: Digest::ZERO,
        place: Place { file: "sinks.yaml".into(), line: 1, column: 1 },
    }
}

pub fn webhook(url: &str) -> DesiredSink {
    let config = WebhookConfig { url: BaseUrl::Given(url.to_owned()), hmac: None, credential: None, tls: SinkTls::default() };
    sink(SinkKind::Webhook(config))
}

pub fn alertmanager(urls: &[&str], resolve_timeout: u64) -> DesiredSink {
    sink(SinkKind::Alertmanager(AlertmanagerConfig {
        urls: urls.iter().map(|url| (*url).to_owned()).collect(),
        resolve_timeout: Duration::from_secs(resolve_timeout),
        credential: None,
        tls: SinkTls::default(),
    }))
}

/// Incident `incident` of the clock of `target`, open since `start()`.
pub fn notice(target: &str, incident: u64) -> Notice {
    let name = format!("{target}.0a1b2c3d");
    Notice {
        namespace: Namespace::default(),
        uid: uid("Escalation", "default", &name),
        name,
        incident,
        held: None,
        severity: Criticality::High,
        told_as: None,
        targets: vec![NoticeTarget { name: target.to_owned(), labels: Labels::from([("site".to_owned(), "fra".to_owned())]) }],
        target_count: 1,
        finding: FindingKey {
            kind: "facts".to_owned(),
            component: "clock".to_owned(),
            reason_code: "ClockNotSynchronized".to_owned(),
        },
        summary: format!("{target}: clock not synchronised, 3 of 3 runs since 12:00Z"),
        description: vec!["Last healthy: 2026-03-01T11:55:00Z".to_owned()],
        runbook: Some("https://wiki.example.net/clock".to_owned()),
        since: start(),
        resolved: None,
        log_index: Some(41),
        explain: Some(format!("tecrax explain observation/ntp.{target}")),
    }
}
