//! Records of Escalations: what changed, and the whole new state.

use serde_json::Value;

use super::json::{Json, Object};
use super::{DETAIL, Part, Place, RecordKind, Redacted, Sealed, Subject, seal};
use crate::api::EscalationId;
use crate::secrets::Redactor;

/// Members whose texts are names, words, instants and digests of ours, or come out of sealed records: a fold compares them, so they
/// stay as they are. Every other text passes the Redactor.
const FRAME: [&str; 26] = [
    "name",
    "target",
    "check",
    "pair",
    "names",
    "others",
    "kind",
    "component",
    "reason_code",
    "reasonCode",
    "severity",
    "since",
    "last_seen",
    "first_seen",
    "resolved_at",
    "because",
    "at",
    "expires",
    "until",
    "last_healthy",
    "leaf",
    "root",
    "checkpoint",
    "explain",
    "change",
    "uncompared",
];

/// Members of the state that the body repeats: what an auditor reads. The others are words for people and facts, which stay inside.
const SHOWN: [&str; 8] = ["acknowledged", "first_seen", "incident", "key", "resolved_at", "severity", "suppressed", "target"];

/// Seals one change of an Escalation. `matter` is the state after it, as the fold reads it out of the part [`DETAIL`].
pub fn seal_escalation(id: &EscalationId, place: &Place<'_>, change: &str, matter: &Value, redactor: &Redactor) -> Sealed {
    let matter = clean(None, Json::from(matter), redactor);
    let mut body = Object::default();
    body.insert("change", change);
    for key in SHOWN {
        if let Some(value) = matter.get(key) {
            body.insert(key, value.clone());
        }
    }
    let body = Redacted::assembled(Json::Object(body));
    let detail = Part::own(DETAIL, |m| m.json("matter", &matter));
    seal(place.origin, &Subject::Escalation(id.clone()), place.head, RecordKind::Escalation, body, vec![detail], place.at)
}

fn clean(key: Option<&str>, value: Json, redactor: &Redactor) -> Json {
    match value {
        Json::Text(text) if key.is_some_and(|key| FRAME.contains(&key)) => Json::Text(text),
        Json::Text(text) => Json::Text(redactor.redact(text)),
        Json::Array(items) => Json::Array(items.into_iter().map(|item| clean(key, item, redactor)).collect()),
        Json::Object(members) => Json::Object(
            members
                .into_iter()
                .map(|(key, item)| {
                    let item = clean(Some(&key), item, redactor);
                    (key, item)
                })
                .collect::<Object>(),
        ),
        other => other,
    }
}
