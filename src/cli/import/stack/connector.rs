//! Connectors of an environment become connections: one role each, and for two of them one together.

use super::super::super::catalog::scalar;
use super::super::item::{Kind, Report};
use super::environment::{Environment, text};
use super::secret::Secrets;
use super::{adguard, http, os};
use crate::api::{Connection, Dns, Http, LabelName, Local, Ssh, Wrapper};
use crate::source::Located;

/// Where an executable is put that the Python stack found by PATH.
const PROGRAMS: &str = "/usr/local/bin";

/// What a connector became.
#[derive(Debug, Clone)]
pub(super) struct Converted {
    /// Name of the connector.
    pub name: String,
    pub connections: Vec<Connection>,
    /// Parameters that Checks take instead: name and value.
    pub parameters: Vec<(&'static str, String)>,
    /// Seconds that one reading may take.
    pub timeout: Option<u64>,
}

/// What a connection is made with.
pub(super) struct Work<'a> {
    pub environment: &'a Environment,
    pub config: &'a Located,
    pub object: String,
    pub home: Option<&'a str>,
    pub report: &'a mut Report,
    pub secrets: &'a mut Secrets,
}

impl Work<'_> {
    /// Something about a value of the connector.
    pub(super) fn say(&mut self, kind: Kind, at: &Located, message: impl Into<String>, help: &str) {
        let place = self.environment.place(at);
        if help.is_empty() {
            self.report.add(kind, &place, &self.object, message);
        } else {
            self.report.advise(kind, &place, &self.object, message, help);
        }
    }

    /// Entries of the allowlist: action, command, arguments.
    pub(super) fn allowed(&self) -> Vec<(String, String, Vec<String>)> {
        let entries = self.config.get("allowlist").and_then(Located::list).unwrap_or_default();
        let entry = |entry: &Located| {
            let command = text(entry, "command").map(|(text, _)| text).unwrap_or_default();
            let action = text(entry, "action").map_or_else(|| command.clone(), |(text, _)| text);
            let arguments = entry.get("args").and_then(Located::list).unwrap_or_default();
            (action, command, arguments.iter().filter_map(scalar).collect())
        };
        entries.iter().map(entry).collect()
    }
}

/// Every connector of an environment that is on, in the order of the file.
pub(super) fn convert(
    environment: &Environment,
    home: Option<&str>,
    secrets: &mut Secrets,
    report: &mut Report,
) -> Vec<Converted> {
    let mut all = Vec::new();
    for (name, config) in environment.connectors() {
        let object = format!("connector {}", report.word(name).trim_matches('`'));
        let mut work = Work { environment, config, object, home, report: &mut *report, secrets: &mut *secrets };
        let mut converted = Converted { name: name.to_owned(), connections: Vec::new(), parameters: Vec::new(), timeout: None };
        let made = match name {
            "monitoring_host" => os::connection_of(&mut work).into_iter().collect(),
            "network_device_cli" => wrapper(&mut work).into_iter().collect(),
            "adguard_health" => adguard::connections(&mut work, &mut converted.parameters),
            "portainer_api" => http::connection(&mut work, "portainer", true).into_iter().collect(),
            "zabbix_api" | "zabbix_api_authenticated" => http::connection(&mut work, "zabbix", false).into_iter().collect(),
            _ => {
                work.say(Kind::LeftOut, config, "is no connector of the profile", "`tecrax shapes` lists what can be read");
                Vec::new()
            }
        };
        converted.connections = made;
        converted.timeout = timeout(&mut work);
        bounds(&mut work);
        all.push(converted);
    }
    all
}

fn wrapper(work: &mut Work<'_>) -> Option<Connection> {
    let commands: Vec<String> = work.allowed().into_iter().map(|(_, command, _)| command).collect();
    let config = work.config;
    let Some(command) = commands.first().filter(|command| !command.is_empty()) else {
        work.say(Kind::LeftOut, config, "names no command in its allowlist", "add a connection `cli` with `wrapper.path`");
        return None;
    };
    if commands.iter().any(|other| other != command) {
        work.say(Kind::Changed, config, "names several commands: the first is carried", "a wrapper is one executable");
    }
    if work.report.plain(command).is_none() {
        work.say(Kind::LeftOut, config, "the command can not stand in a manifest", "");
        return None;
    }
    let path = if command.starts_with('/') { command.clone() } else { format!("{PROGRAMS}/{}", base(command)) };
    if path != *command {
        let message = format!("the executable was found by PATH: the manifest says {path}");
        work.say(Kind::Changed, config, message, "correct `wrapper.path` where it is somewhere else");
    }
    connection("cli", Made::Wrapper(Wrapper { path }))
}

fn base(command: &str) -> &str {
    command.rsplit('/').next().unwrap_or(command)
}

/// A kind of connection.
pub(super) enum Made {
    Local,
    Ssh(Box<Ssh>),
    Wrapper(Wrapper),
    Http(Box<Http>),
    Dns(Dns),
}

/// A connection of a role, whose name is written in the program.
pub(super) fn connection(role: &str, made: Made) -> Option<Connection> {
    let mut connection = Connection {
        name: LabelName::parse(role).ok()?,
        local: None,
        ssh: None,
        wrapper: None,
        http: None,
        dns: None,
        fixture: None,
        parameters: Vec::new(),
    };
    match made {
        Made::Local => connection.local = Some(Local {}),
        Made::Ssh(ssh) => connection.ssh = Some(ssh),
        Made::Wrapper(wrapper) => connection.wrapper = Some(wrapper),
        Made::Http(http) => connection.http = Some(http),
        Made::Dns(dns) => connection.dns = Some(dns),
    }
    Some(connection)
}

fn timeout(work: &mut Work<'_>) -> Option<u64> {
    let (given, at) = text(work.config, "timeout_seconds")?;
    let seconds = given.parse::<f64>().ok().filter(|seconds| seconds.is_finite() && *seconds > 0.0);
    let Some(seconds) = seconds else {
        work.say(Kind::NotCarried, at, "is no time", "");
        return None;
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive and bounded")]
    let whole = seconds.ceil().min(1e6) as u64;
    Some(whole)
}

/// What the shapes of the profile fix, told once a connector.
fn bounds(work: &mut Work<'_>) {
    for (key, message) in [
        ("max_output_bytes", "outputs are bounded by the shapes of the profile, or by a Policy"),
        ("max_response_bytes", "answers are bounded by the shapes of the profile, or by a Policy"),
        ("retry", "Checks try again once after a time-out or a fault that may pass; `retry` of a Check says otherwise"),
        ("actions", "requests are those of the shapes of the profile"),
        ("allowlist", "commands are those of the shapes of the profile"),
    ] {
        if let Some(at) = work.config.get(key) {
            work.say(Kind::Note, at, format!("{key}: {message}"), "");
        }
    }
}
