//! What opening a session needs besides the Target: who we are on this machine, what is allowed, and shared limits.

use std::path::PathBuf;
use std::sync::Arc;

use super::fixture::Recordings;
use super::http::Clients;
use super::sandbox::Sandbox;
use super::ssh::Handshakes;
use crate::secrets::Resolver;

/// Who we are on this machine. Read once, then passed as a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// Home directory: where the usual key and known_hosts files are.
    pub home: Option<PathBuf>,
    /// Name of the current user: the login name of connections that name none.
    pub user: Option<String>,
    /// Socket of the SSH agent.
    pub agent: Option<PathBuf>,
}

impl Environment {
    /// Reads `HOME`, `LOGNAME`, `USER` and `SSH_AUTH_SOCK`; what cron and systemd leave out comes from `/etc/passwd`.
    #[expect(clippy::disallowed_methods, reason = "the one place of this stage that reads the environment")]
    pub fn from_process() -> Self {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let account =
            std::fs::read_to_string("/etc/passwd").ok().and_then(|text| account(&text, rustix::process::geteuid().as_raw()));
        let (passwd_user, passwd_home) = account.unzip();
        Self {
            home: variable("HOME").map(PathBuf::from).or(passwd_home),
            user: passwd_user
                .or_else(|| variable("LOGNAME").or_else(|| variable("USER")).and_then(|name| name.into_string().ok())),
            agent: variable("SSH_AUTH_SOCK").map(PathBuf::from),
        }
    }
}

/// Name and home directory of a uid in the text of a passwd file.
fn account(passwd: &str, uid: u32) -> Option<(String, PathBuf)> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let number = fields.nth(1)?;
        let home = fields.nth(2)?;
        (number.parse() == Ok(uid)).then(|| (name.to_owned(), PathBuf::from(home)))
    })
}

/// Everything [`Session::open`](super::Session::open) needs besides the connection. Cheap to clone; clones share their limits.
#[derive(Debug, Clone)]
pub struct OpenContext {
    /// Who we are on this machine.
    pub environment: Arc<Environment>,
    /// Whether recorded readings may be used.
    pub allow_fixtures: bool,
    /// Turns references to secrets into values.
    pub secrets: Arc<Resolver>,
    /// Shuts in commands of this machine.
    pub sandbox: Sandbox,
    /// What `fixture` connections answer in place of their own readings.
    pub(super) recordings: Option<Arc<dyn Recordings>>,
    /// Handshakes under way, by jump host.
    pub(super) handshakes: Arc<Handshakes>,
    /// HTTP clients, by TLS material.
    pub(super) clients: Arc<Clients>,
}

impl OpenContext {
    /// A context with fresh limits and without HTTP clients. One per process: the sessions that share it share both.
    pub fn new(environment: Environment, allow_fixtures: bool) -> Self {
        Self {
            environment: Arc::new(environment),
            allow_fixtures,
            secrets: Arc::default(),
            sandbox: Sandbox::default(),
            recordings: None,
            handshakes: Arc::default(),
            clients: Arc::default(),
        }
    }

    /// The same with a resolver of secrets; without one, no reference leads anywhere.
    #[must_use]
    pub fn with_secrets(self, secrets: Arc<Resolver>) -> Self {
        Self { secrets, ..self }
    }

    /// The same with a sandbox; without one, commands of this machine run at level `none`.
    #[must_use]
    pub fn with_sandbox(self, sandbox: Sandbox) -> Self {
        Self { sandbox, ..self }
    }

    /// The same with another world behind `fixture` connections; without one, each answers its own readings.
    #[must_use]
    pub fn with_recordings(self, recordings: Arc<dyn Recordings>) -> Self {
        Self { recordings: Some(recordings), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::account;

    #[test]
    fn the_account_of_a_uid_has_name_and_home() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nbroken\nanna:x:1000:1000::/home/anna:/bin/bash\n";
        assert_eq!(account(passwd, 1000), Some(("anna".to_owned(), "/home/anna".into())));
        assert_eq!(account(passwd, 7), None);
    }
}
