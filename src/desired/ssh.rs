//! One SSH connection as written: unions, defaults, files joined to the manifest's directory.

use super::model::{HostKeySource, IdentitySource, SshConfig};
use super::report::{Report, Scope};
use super::union::{at_most_one, exactly_one};
use super::value::{secret_id, value_source};
use crate::api::{Duration, HostKeys, Identity, Ssh, reason};

/// The port when none is written.
const DEFAULT_PORT: u16 = 22;
/// The connect time-out when none is written.
const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest connect time-out.
const MAX_CONNECT_TIMEOUT: Duration = Duration::from_secs(120);
/// Longest host name or address, in bytes.
const MAX_HOST: usize = 253;
/// Longest login name, in bytes.
const MAX_USER: usize = 64;

/// What a connection turned out to be.
pub(super) enum Read {
    /// Complete but for its hops; an empty host is filled in by a TargetSet item.
    Config(SshConfig),
    /// It needs something that this version does not build yet; the sentence says what.
    Idle { sentence: String, path: String },
}

/// Reads the `ssh` field at `path`. `filled` says that a TargetSet item fills in the host.
pub(super) fn read(report: &mut Report, scope: &Scope<'_>, path: &str, ssh: &Ssh, filled: bool) -> Read {
    let hosts = [("host", ssh.host.is_some()), ("hostFrom", ssh.host_from.is_some())];
    if filled {
        at_most_one(report, scope, path, hosts);
    } else {
        exactly_one(report, scope, path, &hosts);
    }
    if let Some(host) = &ssh.host {
        self::host(report, scope, &format!("{path}.host"), host);
    }
    if ssh.port == Some(0) {
        report.error(scope, &format!("{path}.port"), reason::BAD_VALUE, "port 0 does not exist: write 1 to 65535");
    }
    if let Some(user) = &ssh.user
        && (user.is_empty() || user.len() > MAX_USER || user.chars().any(char::is_control))
    {
        let message = format!("user must be 1 to {MAX_USER} characters without control characters");
        report.error(scope, &format!("{path}.user"), reason::BAD_VALUE, message);
    }
    let connect_timeout = ssh.connect_timeout.unwrap_or(DEFAULT_CONNECT_TIMEOUT);
    if connect_timeout == Duration::from_millis(0) || connect_timeout > MAX_CONNECT_TIMEOUT {
        let message = format!("connectTimeout must be above 0s and at most {MAX_CONNECT_TIMEOUT}");
        report.error(scope, &format!("{path}.connectTimeout"), reason::BAD_VALUE, message);
    }
    let identity = ssh.identity.as_ref().map_or(IdentitySource::Usual, |field| identity(report, scope, path, field));
    let host_keys = ssh.host_keys.as_ref().map_or(Ok(HostKeySource::Usual), |field| host_keys(report, scope, path, field));
    let host_from = match &ssh.host_from {
        Some(from) => value_source(report, scope, &format!("{path}.hostFrom"), "hostFrom", from).map(Some),
        None => Ok(None),
    };
    match (host_keys, host_from) {
        (Ok(host_keys), Ok(host_from)) => Read::Config(SshConfig {
            host: ssh.host.clone().unwrap_or_default(),
            host_from,
            port: ssh.port.unwrap_or(DEFAULT_PORT),
            user: ssh.user.clone(),
            identity,
            host_keys,
            via: Vec::new(),
            connect_timeout,
        }),
        (Err(field), _) => idle(path, field),
        (_, Err(field)) => idle(path, &field),
    }
}

fn idle(path: &str, field: &str) -> Read {
    let sentence = format!("ssh.{field} has no effect in this version, so this connection is not made");
    Read::Idle { sentence, path: format!("{path}.{field}") }
}

/// Checks a host name or address: it becomes part of a socket address and of messages, never of a command line.
pub(super) fn host(report: &mut Report, scope: &Scope<'_>, path: &str, host: &str) {
    if !is_host(host) {
        let help = "write a host name, an IPv4 address or an IPv6 address, without a user and without a port";
        report.error_with_help(scope, path, reason::BAD_VALUE, "host is no name and no address", help);
    }
}

/// Whether `text` is a host name or address as far as can be told without asking anybody.
pub fn is_host(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:%[]".contains(&byte);
    !text.is_empty() && text.len() <= MAX_HOST && text.bytes().all(plain) && !text.starts_with('-')
}

fn identity(report: &mut Report, scope: &Scope<'_>, path: &str, identity: &Identity) -> IdentitySource {
    let fields = [
        ("agent", identity.agent.is_some()),
        ("file", identity.file.is_some()),
        ("secretKeyRef", identity.secret_key_ref.is_some()),
    ];
    exactly_one(report, scope, &format!("{path}.identity"), &fields);
    if let Some(reference) = &identity.secret_key_ref
        && let Some(id) = secret_id(report, scope, &format!("{path}.identity.secretKeyRef"), reference)
    {
        return IdentitySource::Secret(id);
    }
    match &identity.file {
        Some(file) => IdentitySource::File(scope.origin.directory.join(file)),
        None => IdentitySource::Agent,
    }
}

/// `Err` names the field that has no effect yet.
fn host_keys(report: &mut Report, scope: &Scope<'_>, path: &str, keys: &HostKeys) -> Result<HostKeySource, &'static str> {
    let fields = [
        ("file", keys.file.is_some()),
        ("inline", !keys.inline.is_empty()),
        ("configMapKeyRef", keys.config_map_key_ref.is_some()),
    ];
    exactly_one(report, scope, &format!("{path}.hostKeys"), &fields);
    if keys.config_map_key_ref.is_some() {
        return Err("hostKeys.configMapKeyRef");
    }
    Ok(match &keys.file {
        Some(file) => HostKeySource::File(scope.origin.directory.join(file)),
        None => HostKeySource::Inline(keys.inline.clone()),
    })
}
