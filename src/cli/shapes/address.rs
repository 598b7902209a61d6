//! Where a connection leads, without any secret.

use crate::api::SecretId;
use crate::desired::{BaseUrl, ConnectionConfig, SshConfig, ValueSource};

/// The address in one line: `user@host:port`, the origin of a URL, `server:port`, a path.
pub(super) fn of(config: &ConnectionConfig) -> String {
    match config {
        ConnectionConfig::Local => "this machine".to_owned(),
        ConnectionConfig::Ssh(ssh) => login(ssh),
        ConnectionConfig::Wrapper(wrapper) => wrapper.path.display().to_string(),
        ConnectionConfig::Http(http) => match &http.base_url {
            BaseUrl::Given(url) => origin(url).to_owned(),
            BaseUrl::From(source) => reference(source),
        },
        ConnectionConfig::Dns(dns) => host_port(&dns.server, dns.port),
        ConnectionConfig::Fixture(_) | ConnectionConfig::NotInEffect(_) => "-".to_owned(),
    }
}

/// The hops of a connection in order.
pub(super) fn via(config: &ConnectionConfig) -> Vec<String> {
    match config {
        ConnectionConfig::Ssh(ssh) => ssh.via.iter().map(|hop| login(hop)).collect(),
        _ => Vec::new(),
    }
}

/// The base of a URL: as written, or the reference that will name it.
pub(super) fn base(url: &BaseUrl) -> String {
    match url {
        BaseUrl::Given(url) => url.trim_end_matches('/').to_owned(),
        BaseUrl::From(source) => reference(source),
    }
}

/// `server:port`; IPv6 addresses in brackets.
pub(super) fn host_port(host: &str, port: u16) -> String {
    if host.contains(':') && !host.starts_with('[') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

fn login(ssh: &SshConfig) -> String {
    let host = ssh.host_from.as_ref().map_or_else(|| ssh.host.clone(), reference);
    let place = if ssh.host_from.is_some() { format!("{host}:{}", ssh.port) } else { host_port(&host, ssh.port) };
    ssh.user.as_ref().map_or_else(|| place.clone(), |user| format!("{user}@{place}"))
}

/// Scheme, host and port of a checked URL.
fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(start..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| start + at);
    url.get(..end).unwrap_or(url)
}

/// Where a value will be read: `<secret ns/name key>` or `<file path>`.
pub(super) fn reference(source: &ValueSource) -> String {
    match source {
        ValueSource::Secret(SecretId { namespace, name, key }) => format!("<secret {namespace}/{name} {key}>"),
        ValueSource::File(path) => format!("<file {}>", path.display()),
    }
}
