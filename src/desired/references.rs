//! Which secrets the Targets refer to.

use super::model::{ConnectionConfig, Desired, IdentitySource, SshConfig, ValueSource};
use crate::api::SecretId;

impl Desired {
    /// Every reference to a secret, hops included; one that several Targets share comes several times.
    pub fn secrets(&self) -> Vec<SecretId> {
        let mut found = Vec::new();
        for connection in self.targets.values().flat_map(|target| target.connections.values()) {
            if let ConnectionConfig::Ssh(config) = &connection.config {
                for host in config.via.iter().map(AsRef::as_ref).chain([config.as_ref()]) {
                    found.extend(of_host(host).cloned());
                }
            }
        }
        found
    }
}

fn of_host(config: &SshConfig) -> impl Iterator<Item = &SecretId> {
    let identity = match &config.identity {
        IdentitySource::Secret(id) => Some(id),
        IdentitySource::Usual | IdentitySource::Agent | IdentitySource::File(_) => None,
    };
    let host = match &config.host_from {
        Some(ValueSource::Secret(id)) => Some(id),
        Some(ValueSource::File(_)) | None => None,
    };
    identity.into_iter().chain(host)
}
