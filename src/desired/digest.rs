//! Canonical digests of what is wanted.

use serde::Serialize;
use serde_json::{Value, json};

use super::model::{ConnectionConfig, HostKeySource, IdentitySource, SshConfig};
use crate::api::Digest;

/// Digest of the canonical JSON (keys sorted, no spaces) of a spec as written. The value is built first: serde_json keeps its
/// objects sorted, so the order of fields in the source code does not matter.
pub(super) fn spec(spec: &impl Serialize) -> Digest {
    let value = serde_json::to_value(spec).unwrap_or(Value::Null);
    Digest::of(value.to_string().as_bytes())
}

/// Everything that decides where a reading is taken and as whom.
pub(super) fn connection(config: &ConnectionConfig, parameters: &impl Serialize) -> Digest {
    let config = match config {
        ConnectionConfig::Local => json!("local"),
        ConnectionConfig::Ssh(config) => ssh(config),
        ConnectionConfig::Fixture(config) => json!({"fixture": config.readings}),
        ConnectionConfig::NotInEffect(sentence) => json!({"notInEffect": sentence}),
    };
    spec(&json!({"config": config, "parameters": parameters}))
}

/// The resolved configuration of one SSH server, hops included.
pub(super) fn ssh(config: &SshConfig) -> Value {
    let identity = match &config.identity {
        IdentitySource::Usual => json!("usual"),
        IdentitySource::Agent => json!("agent"),
        IdentitySource::File(path) => json!({"file": path.to_string_lossy()}),
    };
    let host_keys = match &config.host_keys {
        HostKeySource::Usual => json!("usual"),
        HostKeySource::File(path) => json!({"file": path.to_string_lossy()}),
        HostKeySource::Inline(lines) => json!({"inline": lines}),
    };
    json!({
        "host": config.host,
        "port": config.port,
        "user": config.user,
        "identity": identity,
        "hostKeys": host_keys,
        "via": config.via.iter().map(|hop| ssh(hop)).collect::<Vec<_>>(),
        "connectTimeout": config.connect_timeout,
    })
}
