//! Which secrets the Targets and Sinks refer to.

use super::model::{BaseUrl, ConnectionConfig, Desired, HttpConfig, IdentitySource, SshConfig, ValueSource};
use crate::api::SecretId;

impl Desired {
    /// Every reference to a secret, hops included; one that several objects share comes several times.
    pub fn secrets(&self) -> Vec<SecretId> {
        let connections = self.targets.values().flat_map(|target| target.connections.values());
        let mut found: Vec<SecretId> = self.sinks.values().flat_map(|sink| sink.sources()).filter_map(secret).cloned().collect();
        for connection in connections {
            match &connection.config {
                ConnectionConfig::Ssh(config) => {
                    for host in config.via.iter().map(AsRef::as_ref).chain([config.as_ref()]) {
                        found.extend(of_host(host).cloned());
                    }
                }
                ConnectionConfig::Http(config) => found.extend(of_http(config).filter_map(secret).cloned()),
                ConnectionConfig::Local
                | ConnectionConfig::Wrapper(_)
                | ConnectionConfig::Dns(_)
                | ConnectionConfig::Fixture(_)
                | ConnectionConfig::NotInEffect(_) => {}
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
    identity.into_iter().chain(config.host_from.iter().filter_map(secret))
}

fn of_http(config: &HttpConfig) -> impl Iterator<Item = &ValueSource> {
    let base = match &config.base_url {
        BaseUrl::From(from) => Some(from),
        BaseUrl::Given(_) => None,
    };
    let token = config.auth.as_ref().map(|(_, token)| token);
    let headers = config.headers.iter().map(|(_, value)| value);
    base.into_iter().chain(token).chain(headers).chain(&config.ca).chain(&config.client_cert)
}

const fn secret(source: &ValueSource) -> Option<&SecretId> {
    match source {
        ValueSource::Secret(id) => Some(id),
        ValueSource::File(_) => None,
    }
}
