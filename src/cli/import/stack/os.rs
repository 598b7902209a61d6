//! `monitoring_host`: the machine itself, over SSH or where tecrax runs.

use super::super::item::Kind;
use super::connector::{Made, Work, connection};
use super::environment::text;
use super::secret::Content;
use crate::api::{Connection, HostKeys, Identity, Ssh};
use crate::desired::is_host;

/// The policy under which a host key must be known.
const STRICT: &str = "strict";
/// Longest login name and path, in bytes.
const MAX_USER: usize = 64;
const MAX_PATH: usize = 4096;

/// The connection `os`.
pub(super) fn connection_of(work: &mut Work<'_>) -> Option<Connection> {
    let config = work.config;
    let backend = text(config, "backend").or_else(|| text(config, "mode")).map(|(backend, _)| backend).unwrap_or_default();
    match backend.as_str() {
        "ssh_readonly" => ssh(work).and_then(|ssh| connection("os", Made::Ssh(Box::new(ssh)))),
        "local_shell_readonly" => connection("os", Made::Local),
        other => {
            let message = format!("backend {} has no counterpart", work.report.word(other));
            work.say(Kind::LeftOut, config, message, "add a connection `os` with `ssh` or `local`");
            None
        }
    }
}

fn ssh(work: &mut Work<'_>) -> Option<Ssh> {
    let config = work.config;
    let Some((host, _)) = text(config, "host").filter(|(host, _)| is_host(host) && work.report.plain(host).is_some()) else {
        let at = config.get("host").unwrap_or(config);
        work.say(Kind::LeftOut, at, "host is no name and no address", "add a connection `os` with `ssh.host`");
        return None;
    };
    let user = usable(work, "user", MAX_USER);
    let port = text(config, "port").and_then(|(port, at)| {
        let number = port.parse().ok().filter(|port: &u16| *port > 0);
        if number.is_none() {
            work.say(Kind::NotCarried, at, "port is no port", "");
        }
        number
    });
    match text(config, "known_hosts_policy") {
        Some((policy, _)) if policy == STRICT => {}
        found => {
            let at = found.map_or(config, |(_, at)| at);
            let help = "add the key first: `tecrax ssh known-hosts HOST`, compared with what the host itself shows";
            work.say(Kind::Changed, at, "host keys are always verified, and none is trusted on first use", help);
        }
    }
    let host_keys = usable(work, "known_hosts_file", MAX_PATH).and_then(|file| {
        let file = match (file.strip_prefix("~/"), work.home) {
            (Some(rest), Some(home)) => format!("{home}/{rest}"),
            _ => file,
        };
        if !file.starts_with('/') {
            let at = config.get("known_hosts_file").unwrap_or(config);
            let message = "known_hosts_file was relative to the working directory, and a manifest has none";
            work.say(Kind::NotCarried, at, message, "write `hostKeys.file` relative to the manifest");
            return None;
        }
        Some(HostKeys { file: Some(file), inline: Vec::new(), config_map_key_ref: None })
    });
    let identity = text(config, "identity_file_secret_ref").and_then(|(name, at)| {
        let place = work.environment.place(at);
        let content = Content::File("the private key");
        let reference = work.secrets.reference(&name, content, &place, &work.object, work.report)?;
        Some(Identity { agent: None, file: None, secret_key_ref: Some(reference) })
    });
    Some(Ssh {
        host: Some(host),
        host_from: None,
        port: port.filter(|port| *port != 22),
        user,
        identity,
        host_keys,
        via_refs: Vec::new(),
        connect_timeout: None,
    })
}

fn usable(work: &mut Work<'_>, key: &str, most: usize) -> Option<String> {
    let (found, at) = text(work.config, key)?;
    if found.len() <= most && work.report.plain(&found).is_some() {
        return Some(found);
    }
    work.say(Kind::NotCarried, at, format!("{key} can not stand in a manifest"), "");
    None
}
