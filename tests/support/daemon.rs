//! A server program that ends with the test that started it, however that test ends: it is alone in a process namespace whose
//! first process is killed with its parent.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What to start.
pub struct Builder {
    log: PathBuf,
    namespaces: Vec<&'static str>,
    login: Option<String>,
    words: Vec<OsString>,
    variables: Vec<(&'static str, OsString)>,
}

impl Builder {
    /// A private `mount` or `net` namespace beside those of processes and IPC.
    pub fn private(mut self, namespace: &'static str) -> Self {
        self.namespaces.push(namespace);
        self
    }

    /// The account it runs as, with its group; root without this.
    pub fn login(mut self, account: &str) -> Self {
        self.login = Some(account.to_owned());
        self
    }

    pub fn variable(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    pub fn start(self) -> Daemon {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "unshare", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc"]);
        command.args(self.namespaces.iter().map(|namespace| format!("--{namespace}")));
        // The kernel forgets who is killed with its parent when a process changes its user: the shell in front never does.
        command.args(["--", "sh", "-c", "\"$@\"; exit $?", "sh"]);
        if let Some(login) = &self.login {
            command.args(["setpriv", "--reuid", login, "--regid", login, "--init-groups", "--"]);
        }
        let log = fs::File::create(&self.log).unwrap();
        let child = command
            .args(&self.words)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .envs(self.variables)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("setpriv and unshare are part of Debian's package util-linux");
        let mut daemon = Daemon { child, first: 0, log: self.log };
        let pid = daemon.child.id();
        daemon.first = daemon.wait("namespaces", 20, || {
            let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
            children.split_whitespace().next()?.parse().ok()
        });
        daemon
    }
}

/// A running server. Dropping it kills it with everything it has started.
pub struct Daemon {
    child: Child,
    first: u32,
    log: PathBuf,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Daemon {
    /// A program with its arguments, writing to a log file; it must stay in the foreground.
    pub fn of<S: AsRef<OsStr>>(log: impl Into<PathBuf>, words: &[S]) -> Builder {
        assert!(
            rustix::process::geteuid().is_root(),
            "this test starts servers in namespaces of their own: run it as root, or run tests/run --quick, which leaves it out"
        );
        let words = words.iter().map(|word| word.as_ref().to_owned()).collect();
        Builder { log: log.into(), namespaces: Vec::new(), login: None, words, variables: Vec::new() }
    }

    /// Waits until the server is `ready`; a server that ends before is a failure with its log.
    pub fn wait<T>(&mut self, what: &str, seconds: u64, mut ready: impl FnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + Duration::from_secs(seconds);
        loop {
            if let Some(value) = ready() {
                return value;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "no {what} after {seconds} s ({ended:?}); if the log says that an operation is not permitted, this machine forbids \
                 namespaces and the test can not run on it:\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The network namespace, as `nsenter` takes it.
    pub fn network(&self) -> String {
        format!("--net=/proc/{}/ns/net", self.first)
    }

    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }
}

/// Fails with the name of the package when a program of it is absent.
pub fn needs(program: &str, package: &str) {
    assert!(Path::new(program).exists(), "{program} is absent: run tests/run, which installs {package}");
}

/// Runs a program to its end; anything but success is a failure with all it said.
pub fn run<S: AsRef<OsStr>>(words: &[S]) -> String {
    let words: Vec<&OsStr> = words.iter().map(AsRef::as_ref).collect();
    let output = Command::new(words[0]).args(&words[1..]).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{words:?}: {error}"));
    assert!(
        output.status.success(),
        "{words:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Waits until `condition` gives a value.
pub fn until<T>(what: &str, seconds: u64, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(Instant::now() < deadline, "waited {seconds} s in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A port of 127.0.0.1 that nobody listens on now.
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// So many different ones: two that are asked for one after the other may be the same.
pub fn free_ports(count: usize) -> Vec<u16> {
    let held: Vec<TcpListener> = (0..count).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()).collect();
    held.iter().map(|listener| listener.local_addr().unwrap().port()).collect()
}

/// A free port from `first` on, below those that the kernel gives away; some servers take no other.
pub fn low_port(first: u16) -> u16 {
    let start = u16::try_from(std::process::id() % 6000).unwrap();
    (0..6000)
        .map(|step| first + (start + step) % 6000)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("a free port")
}

/// The folder that outlives a test run, for what takes long to make.
pub fn cache() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// Makes `cache()/name` with `make` once, however many tests want it at the same time; a half-made one never stays.
pub fn cached(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    fs::create_dir_all(cache()).unwrap();
    let path = cache().join(name);
    let lock = fs::File::create(cache().join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    if !path.exists() {
        let half = cache().join(format!("{name}.half"));
        run(&["rm".as_ref(), "-rf".as_ref(), "--one-file-system".as_ref(), half.as_os_str()]);
        make(&half);
        fs::rename(&half, &path).unwrap();
    }
    path
}
