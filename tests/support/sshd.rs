//! A real OpenSSH server for tests: own configuration, own host keys, own user key, loopback only, gone when dropped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const SSHD: &str = "/usr/sbin/sshd";
/// Account that tests use when they run as root and need a login that is not root.
const ACCOUNT: &str = "tecrax-test";

/// What to start.
#[derive(Default)]
pub struct Builder {
    lines: Vec<String>,
    key_types: Vec<&'static str>,
    unprivileged: bool,
}

impl Builder {
    /// Adds a line to sshd_config.
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// Host key types instead of `ed25519`.
    pub fn host_keys(mut self, types: &[&'static str]) -> Self {
        self.key_types = types.to_vec();
        self
    }

    /// Logs in as an account that is not root: OpenSSH lets only those receive signals.
    pub fn unprivileged(mut self) -> Self {
        self.unprivileged = true;
        self
    }

    /// Starts the server and waits until it answers.
    pub fn start(self) -> Sshd {
        assert!(Path::new(SSHD).exists(), "{SSHD} is absent: run tests/run, which installs openssh-server");
        let root = rustix::process::geteuid().is_root();
        if root {
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let user = if root && self.unprivileged { account() } else { command_line("id", &["-un"]) };
        let dir = TempDir::new().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o711)).unwrap();
        let types = if self.key_types.is_empty() { vec!["ed25519"] } else { self.key_types };
        for kind in &types {
            keygen(kind, &dir.path().join(format!("host_{kind}")));
        }
        keygen("ed25519", &dir.path().join("id"));
        fs::copy(dir.path().join("id.pub"), dir.path().join("authorized_keys")).unwrap();
        fs::set_permissions(dir.path().join("authorized_keys"), fs::Permissions::from_mode(0o644)).unwrap();
        for _ in 0..5 {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
            let config = configuration(dir.path(), port, &types, &self.lines);
            fs::write(dir.path().join("sshd_config"), config).unwrap();
            let log = fs::File::create(dir.path().join("log")).unwrap();
            let mut child = Command::new(SSHD)
                .args(["-D", "-e", "-f"])
                .arg(dir.path().join("sshd_config"))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log)
                .spawn()
                .unwrap();
            if answers(port, &mut child) {
                return Sshd { child, port, user, key_types: types, dir };
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        panic!("sshd does not start: {}", fs::read_to_string(dir.path().join("log")).unwrap());
    }
}

/// A running server. Dropping it ends it and its sessions.
pub struct Sshd {
    child: Child,
    pub port: u16,
    pub user: String,
    pub key_types: Vec<&'static str>,
    pub dir: TempDir,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.kill_sessions();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sshd {
    /// A server with an ed25519 host key and the current user as login.
    pub fn start() -> Self {
        Self::builder().start()
    }

    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Process id of the listening server.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A file in the server's directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Private key that the server accepts.
    pub fn user_key(&self) -> PathBuf {
        self.path("id")
    }

    /// Type and base64 of a host key.
    pub fn host_key(&self, kind: &str) -> String {
        public_key(&self.path(&format!("host_{kind}")))
    }

    /// The name that known_hosts lines of this server carry.
    pub fn known_name(&self) -> String {
        format!("[127.0.0.1]:{}", self.port)
    }

    /// The known_hosts line of one host key.
    pub fn known_line(&self, kind: &str) -> String {
        format!("{} {}", self.known_name(), self.host_key(kind))
    }

    /// Ends every session process of the server, as a crash or a pulled cable would.
    pub fn kill_sessions(&self) {
        for process in descendants(self.child.id()) {
            if let Some(pid) = rustix::process::Pid::from_raw(i32::try_from(process).unwrap()) {
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            }
        }
    }

    /// What the server wrote to its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap()
    }
}

fn configuration(dir: &Path, port: u16, types: &[&str], lines: &[String]) -> String {
    let dir = dir.display();
    let mut text = format!(
        "Port {port}\nListenAddress 127.0.0.1\nPidFile none\nAuthorizedKeysFile {dir}/authorized_keys\nStrictModes no\n\
         PermitRootLogin yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\nPrintMotd no\n\
         LogLevel VERBOSE\nMaxStartups 100\n"
    );
    // bash started by sshd reads ~/.bashrc, which may be slow; not below the top level.
    text.push_str("SetEnv SHLVL=1\n");
    for kind in types {
        writeln!(text, "HostKey {dir}/host_{kind}").unwrap();
    }
    // The first value of a keyword holds, so a test's lines stand in front.
    format!("{}\n{text}", lines.join("\n"))
}

/// Whether the server itself answers: a port that was free a moment ago may have gone to somebody else, and a connection to an
/// unused local port may even meet itself.
fn answers(port: u16, child: &mut Child) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline && child.try_wait().unwrap().is_none() {
        let mut banner = [0; 8];
        let greeted = TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok_and(|mut stream| {
            stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            stream.read_exact(&mut banner).is_ok()
        });
        if greeted && &banner == b"SSH-2.0-" {
            return child.try_wait().unwrap().is_none();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

/// Makes a key pair without a passphrase at `path` and `path`.pub.
pub fn keygen(kind: &str, path: &Path) {
    let bits: &[&str] = if kind == "rsa" { &["-b", "2048"] } else { &[] };
    ssh_keygen(&[&["-q", "-t", kind, "-N", "", "-C", "test", "-f", path.to_str().unwrap()], bits].concat());
}

/// Type and base64 of the public key beside a private key.
pub fn public_key(private: &Path) -> String {
    let text = fs::read_to_string(private.with_extension("pub")).unwrap();
    text.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// Runs `ssh-keygen` and returns what it printed.
pub fn ssh_keygen(arguments: &[&str]) -> String {
    let output = Command::new("ssh-keygen").args(arguments).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "ssh-keygen {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn command_line(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn account() -> String {
    if !command_line("id", &["-u", ACCOUNT]).is_empty() {
        return ACCOUNT.to_owned();
    }
    let status = Command::new("useradd")
        .args(["--system", "--no-create-home", "--home-dir", "/", "--shell", "/bin/sh", "--password", "*", ACCOUNT])
        .status()
        .expect("useradd is part of Debian's package passwd");
    // 9: another test was faster.
    assert!(matches!(status.code(), Some(0 | 9)), "useradd {ACCOUNT}: {status}");
    ACCOUNT.to_owned()
}

/// Every process below `pid`.
pub fn descendants(pid: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    children
        .split(' ')
        .filter_map(|child| child.parse().ok())
        .flat_map(|child| {
            let mut all = vec![child];
            all.extend(descendants(child));
            all
        })
        .collect()
}

/// Whether a process that mentions `marker` in its command line runs.
pub fn is_running(marker: &str) -> bool {
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .any(|entry| fs::read(entry.path().join("cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(marker)))
}

/// Waits until `condition` holds, ten seconds at most.
pub fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
