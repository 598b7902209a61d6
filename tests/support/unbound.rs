//! A real DNS server on loopback: unbound from Debian, with one zone of its own and nothing else.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

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
        for _ in 0..5 {
            let port = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
            fs::write(folder.path().join("unbound.conf"), config(folder.path(), port)).unwrap();
            let mut command = Command::new("setpriv");
            command.args(["--pdeathsig", "KILL", PROGRAM, "-d", "-c"]).arg(folder.path().join("unbound.conf"));
            let log = fs::File::create(folder.path().join("log")).unwrap();
            let mut child = command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
            if answers(port, &mut child) {
                return Self { port, child, _folder: folder };
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        panic!("unbound does not start:\n{}", fs::read_to_string(folder.path().join("log")).unwrap());
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

/// Asks for the root with an id of zero until anything comes back.
fn answers(port: u16, child: &mut Child) -> bool {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let question = [&[0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 7][..], b"example", &[3], b"com", &[0, 0, 1, 0, 1]].concat();
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        let asked = Instant::now();
        if socket.send(&question).is_ok() && socket.recv(&mut [0; 512]).is_ok() {
            return true;
        }
        // A closed port is told at once: no busy waiting.
        std::thread::sleep(Duration::from_millis(50).saturating_sub(asked.elapsed()));
    }
    false
}
