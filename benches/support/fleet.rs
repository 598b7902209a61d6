//! Many hosts on loopback: every address is a host of its own to clients, behind a few real OpenSSH servers.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::sshd::Sshd;
use super::{Cost, cost};

/// Addresses of one server: OpenSSH listens on 16 at most, and one is the harness's own.
const ADDRESSES: usize = 10;
/// The one key exchange that everybody uses: the default of newer clients costs three times as much.
pub const KEX: &str = "curve25519-sha256";

/// One host.
#[derive(Debug, Clone)]
pub struct Host {
    pub address: String,
    pub port: u16,
}

/// Running servers and what a client needs to reach them.
pub struct Fleet {
    servers: Vec<Sshd>,
    pub hosts: Vec<Host>,
    pub user: String,
    pub key: PathBuf,
    pub known_hosts: PathBuf,
}

impl Fleet {
    /// Starts servers for `count` hosts. Their login is an account without a home directory whose shell is /bin/sh, where the
    /// harness may make one: what a login shell reads at its start would otherwise be part of every figure.
    pub fn start(count: usize) -> Self {
        let servers: Vec<Sshd> = (0..count.div_ceil(ADDRESSES)).map(|server| start(server, count)).collect();
        let hosts: Vec<Host> =
            (0..count).map(|host| Host { address: address(host), port: servers[host / ADDRESSES].port }).collect();
        let mut known = String::new();
        for (host, place) in hosts.iter().enumerate() {
            let server = &servers[host / ADDRESSES];
            writeln!(known, "[{}]:{} {}", place.address, place.port, server.host_key("ed25519")).unwrap();
        }
        let known_hosts = servers[0].path("known_hosts");
        std::fs::write(&known_hosts, known).unwrap();
        // One user key for all: the first server's.
        for server in &servers[1..] {
            std::fs::copy(servers[0].path("id.pub"), server.path("authorized_keys")).unwrap();
        }
        Self { user: servers[0].user.clone(), key: servers[0].user_key(), known_hosts, hosts, servers }
    }

    /// One bare login of OpenSSH's own client that runs `command` on a host.
    pub fn ssh(&self, host: usize, command: &str) -> Cost {
        let option = |name: &str, value: &str| format!("{name}={value}");
        let host = &self.hosts[host];
        cost(
            Command::new("ssh")
                .args(["-F", "none", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=yes"])
                .args(["-o", "GlobalKnownHostsFile=none", "-o", &option("KexAlgorithms", KEX)])
                .args(["-o", &option("UserKnownHostsFile", &self.known_hosts.to_string_lossy())])
                .arg("-i")
                .arg(&self.key)
                .args(["-p", &host.port.to_string(), "-l", &self.user, &host.address, command]),
        )
    }

    /// A directory for the files of a peer, gone with the servers.
    pub fn dir(&self) -> &Path {
        self.servers[0].dir.path()
    }
}

fn start(server: usize, count: usize) -> Sshd {
    let first = server * ADDRESSES;
    let mut builder = Sshd::builder()
        .unprivileged()
        .line(format!("KexAlgorithms {KEX}"))
        .line("MaxStartups 500:30:600")
        .line("PermitUserRC no");
    for host in first..count.min(first + ADDRESSES) {
        builder = builder.line(format!("ListenAddress {}", address(host)));
    }
    builder.start()
}

fn address(host: usize) -> String {
    format!("127.77.{}.{}", host / 200, host % 200 + 1)
}
