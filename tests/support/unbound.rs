//! A real DNS server on loopback: unbound from Debian, with one zone of its own and nothing else.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, UdpSocket};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use tempfile::TempDir;

/// Debian's unbound.
const PROGRAM: &str = "/usr/sbin/unbound";
/// Records of `many.example.com`: more than fit into 1232 bytes.
pub const MANY: usize = 100;

/// What the zone example.com holds besides `many`.
const ZONE: &str = "\
$ORIGIN example.com.
$TTL 300
@        IN SOA ns hostmaster 1 3600 600 86400 60
@        IN NS ns
ns       IN A 192.0.2.53
@        IN A 192.0.2.10
@        IN AAAA 2001:db8::10
www      IN CNAME alias
alias    IN CNAME @
ads      IN A 0.0.0.0
ads      IN AAAA ::
mail     IN MX 10 @
";

/// A running server. `example.com` is a zone of its own, everything under `broken.example.org` fails.
pub struct Unbound {
    pub port: u16,
    child: Child,
    /// Kept open: what it says later must not end it.
    _log: BufReader<ChildStderr>,
    _folder: TempDir,
}

impl Drop for Unbound {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Unbound {
    pub fn start() -> Self {
        assert!(Path::new(PROGRAM).exists(), "{PROGRAM} is absent: run tests/run, which installs unbound");
        let folder = TempDir::new().unwrap();
        let mut zone = ZONE.to_owned();
        for last in 1..=MANY {
            writeln!(zone, "many IN A 198.51.100.{last}").unwrap();
        }
        fs::write(folder.path().join("example.zone"), zone).unwrap();
        // A zone without a record can not be answered for.
        fs::write(folder.path().join("broken.zone"), "").unwrap();
        // Whoever takes the port in between makes the server end, and another one is tried.
        let mut said = String::new();
        for _ in 0..5 {
            let port = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
            fs::write(folder.path().join("unbound.conf"), config(folder.path(), port)).unwrap();
            let mut command = Command::new("setpriv");
            command.args(["--pdeathsig", "KILL", PROGRAM, "-d", "-c"]).arg(folder.path().join("unbound.conf"));
            let mut child =
                command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            let mut log = BufReader::new(child.stderr.take().unwrap());
            said.clear();
            while log.read_line(&mut said).unwrap() > 0 {
                if said.contains("start of service") {
                    return Self { port, child, _log: log, _folder: folder };
                }
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        panic!("unbound does not start:\n{said}");
    }
}

fn config(folder: &Path, port: u16) -> String {
    let zone = |name: &str, file: &str| {
        format!(
            "auth-zone:\n name: {name:?}\n zonefile: {file:?}\n for-upstream: no\n for-downstream: yes\n fallback-enabled: no\n"
        )
    };
    format!(
        "server:\n interface: 127.0.0.1@{port}\n do-daemonize: no\n username: \"\"\n chroot: \"\"\n directory: \"{}\"\n \
         pidfile: \"\"\n use-syslog: no\n access-control: 127.0.0.0/8 allow\n module-config: \"iterator\"\n{}{}",
        folder.display(),
        zone("example.com.", "example.zone"),
        zone("broken.example.org.", "broken.zone"),
    )
}
