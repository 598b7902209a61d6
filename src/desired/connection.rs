//! One connection of a Target: its union, its role, its parameters.

use std::collections::{BTreeMap, BTreeSet};

use super::http;
use super::idle;
use super::model::{ConnectionConfig, DnsConfig, FixtureConfig, WrapperConfig};
use super::parameters::Declared;
use super::report::{Report, Scope};
use super::ssh::{self, Read};
use super::union::{at_most_one, exactly_one, unique};
use crate::api::{Connection, ConnectionKind, Dns, Fixture, LabelName, SubdomainName, reason};
use crate::profile::Profile;
use std::sync::Arc;

/// The port of a DNS server when none is written.
const DNS_PORT: u16 = 53;

/// What every connection of a build is checked against.
pub(super) struct Context<'p> {
    pub(super) profile: &'p Profile,
    pub(super) declared: Declared<'p>,
}

impl<'p> Context<'p> {
    pub(super) fn new(profile: &'p Profile) -> Self {
        Self { profile, declared: Declared::new(profile) }
    }
}

/// A connection before its hops are resolved.
#[derive(Debug, Clone)]
pub(super) struct DraftConnection {
    pub(super) config: ConnectionConfig,
    /// Targets to hop through, as written.
    pub(super) via: Vec<SubdomainName>,
    pub(super) parameters: BTreeMap<LabelName, String>,
    /// Position in `connections`, for places.
    pub(super) index: usize,
}

/// Reads `connections[index]`; `None` when it is no usable connection. `filled`: a TargetSet item fills in the SSH host.
pub(super) fn read(
    report: &mut Report,
    scope: &Scope<'_>,
    context: &Context<'_>,
    index: usize,
    connection: &Connection,
    filled: bool,
    sentences: &mut Vec<String>,
) -> Option<DraftConnection> {
    let path = format!("connections[{index}]");
    let kind = kind(report, scope, &path, connection)?;
    let name = &connection.name;
    let Some(role) = context.profile.roles.get(name) else {
        let message = format!("the profile has no connection role `{name}`");
        let roles = || context.profile.roles.keys().map(LabelName::as_str);
        let help = report.near(name.as_str(), roles()).map_or_else(
            || format!("the name of a connection says what it is for: {}", roles().collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        report.error_with_help(scope, &format!("{path}.name"), reason::BAD_ROLE, message, help);
        return None;
    };
    if !role.allows(kind.as_str()) {
        let message = format!("role `{name}` cannot be a connection of kind {}", kind.as_str());
        let help = format!("use {} or fixture", role.kinds.join(", "));
        report.error_with_help(scope, &format!("{path}.{}", kind.as_str()), reason::BAD_ROLE, message, help);
        return None;
    }
    let (mut via, mut sentence, mut at) = (Vec::new(), None, path.clone());
    let config = match kind {
        ConnectionKind::Local => ConnectionConfig::Local,
        ConnectionKind::Ssh(written) => match ssh::read(report, scope, &format!("{path}.ssh"), written, filled) {
            Read::Config(config) => {
                via = written.via_refs.iter().map(|hop| hop.name.clone()).collect();
                ConnectionConfig::Ssh(Arc::new(config))
            }
            Read::Idle { sentence: why, path } => {
                at = path;
                ConnectionConfig::NotInEffect(sentence.insert(why).clone())
            }
        },
        ConnectionKind::Fixture(written) => fixture(report, scope, &path, context, name, written),
        ConnectionKind::Wrapper(written) => {
            ConnectionConfig::Wrapper(Arc::new(WrapperConfig { path: scope.origin.directory.join(&written.path) }))
        }
        ConnectionKind::Http(written) => match http::read(report, scope, &format!("{path}.http"), context.profile, role, written)
        {
            Ok(config) => ConnectionConfig::Http(Arc::new(config)),
            Err((why, path)) => {
                at = path;
                ConnectionConfig::NotInEffect(sentence.insert(why).clone())
            }
        },
        ConnectionKind::Dns(written) => dns(report, scope, &format!("{path}.dns"), written),
    };
    if let Some(sentence) = sentence {
        idle::note(report, scope, &at, sentence, sentences);
    }
    let given = &connection.parameters;
    let parameters = context.declared.connection(report, scope, &format!("{path}.parameters"), name, given);
    Some(DraftConnection { config, via, parameters, index })
}

fn kind<'c>(report: &mut Report, scope: &Scope<'_>, path: &str, connection: &'c Connection) -> Option<ConnectionKind<'c>> {
    let fields = [
        ("local", connection.local.is_some()),
        ("ssh", connection.ssh.is_some()),
        ("wrapper", connection.wrapper.is_some()),
        ("http", connection.http.is_some()),
        ("dns", connection.dns.is_some()),
        ("fixture", connection.fixture.is_some()),
    ];
    if exactly_one(report, scope, path, &fields) { connection.kind() } else { None }
}

fn dns(report: &mut Report, scope: &Scope<'_>, path: &str, dns: &Dns) -> ConnectionConfig {
    ssh::host(report, scope, &format!("{path}.server"), &dns.server);
    if dns.port == Some(0) {
        report.error(scope, &format!("{path}.port"), reason::BAD_VALUE, "port 0 does not exist: write 1 to 65535");
    }
    ConnectionConfig::Dns(Arc::new(DnsConfig { server: dns.server.clone(), port: dns.port.unwrap_or(DNS_PORT) }))
}

fn fixture(
    report: &mut Report,
    scope: &Scope<'_>,
    path: &str,
    context: &Context<'_>,
    role: &LabelName,
    fixture: &Fixture,
) -> ConnectionConfig {
    let list = format!("{path}.fixture.readings");
    unique(report, scope, &list, "shape", fixture.readings.iter().map(|reading| reading.shape.as_str()));
    let shapes: BTreeSet<&str> = context
        .profile
        .connectors
        .values()
        .filter(|connector| connector.role.name == *role)
        .flat_map(|connector| connector.shapes.keys().map(String::as_str))
        .collect();
    let mut readings = BTreeMap::new();
    for (index, reading) in fixture.readings.iter().enumerate() {
        if !shapes.contains(reading.shape.as_str()) {
            let message = format!("role `{role}` has no shape `{}`", reading.shape.escape_debug());
            let at = format!("{list}[{index}].shape");
            report.unknown(scope, &at, reason::UNKNOWN_REFERENCE, message, &reading.shape, shapes.iter().copied());
        }
        if !(0..=255).contains(&reading.exit_code) {
            report.error(scope, &format!("{list}[{index}].exitCode"), reason::BAD_VALUE, "exitCode must be from 0 to 255");
        }
        readings.insert(reading.shape.clone(), (reading.stdout.clone(), reading.stderr.clone(), reading.exit_code));
    }
    ConnectionConfig::Fixture(Arc::new(FixtureConfig { readings }))
}

/// Checks an item's host and port against the template's `os` connection. Returns whether the item fills it in.
pub(super) fn filled_by_items(connection: &Connection) -> bool {
    connection.name.as_str() == OS_ROLE && connection.ssh.is_some()
}

/// The role that a TargetSet item's `host` and `port` fill in, and that a hop is reached through.
pub(super) const OS_ROLE: &str = "os";

/// An item that names a host for a template that takes it from elsewhere.
pub(super) fn host_twice(report: &mut Report, scope: &Scope<'_>, path: &str, host_from: bool) {
    at_most_one(report, scope, path, [("host", true), ("the template's ssh.hostFrom", host_from)]);
}
