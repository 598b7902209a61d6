//! Other programs: clients from PyPI and checkers from Debian, each in a directory of its own below the target directory.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::nginx::Nginx;
use super::{Cost, empty_dir};

/// What is compared with.
const PACKAGES: [&str; 2] = ["asyncssh==2.24.1", "parallel-ssh==2.16.0"];

/// The Python interpreter of the environment, made and filled when it is absent.
pub fn python() -> PathBuf {
    let home = super::scratch().join("peers-venv");
    let python = home.join("bin/python");
    let installed = home.join("installed");
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == PACKAGES.join(" ")) {
        return python;
    }
    println!("installing {} into {}", PACKAGES.join(" and "), home.display());
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home));
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(PACKAGES));
    std::fs::write(installed, PACKAGES.join(" ")).unwrap();
    python
}

/// A script of ours that drives a peer.
pub fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(name)
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}; install python3 and python3-venv"));
    assert!(status.success(), "{command:?}: {status}; python3-venv and a way to PyPI are needed");
}

/// A program of a Debian package of `release`, unpacked; the machine's own packages are not touched.
pub fn debian(package: &str, release: &str, program: &str) -> PathBuf {
    let home = super::scratch().join("debian").join(package);
    let path = home.join(program);
    if path.exists() {
        return path;
    }
    std::fs::create_dir_all(home.join("lists/partial")).unwrap();
    let sources = home.join("sources.list");
    std::fs::write(&sources, format!("deb {} {release} main\n", mirror())).unwrap();
    let options = [
        format!("Dir::Etc::sourcelist={}", sources.display()),
        "Dir::Etc::sourceparts=/dev/null".to_owned(),
        format!("Dir::State::lists={}", home.join("lists").display()),
        "APT::Sandbox::User=root".to_owned(),
    ];
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        for option in &options {
            command.arg("-o").arg(option);
        }
        command.args(arguments).current_dir(&home).stdout(Stdio::null());
        let status = command.status().unwrap();
        assert!(status.success(), "{command:?}: {status}");
    };
    println!("unpacking {package} of {release} below {}", home.display());
    apt(&["-qq", "update"]);
    apt(&["-qq", "download", package]);
    for entry in std::fs::read_dir(&home).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "deb") {
            run(Command::new("dpkg").arg("-x").arg(&file).arg(&home));
        }
    }
    assert!(path.exists(), "{} is not in the package", path.display());
    path
}

/// Where this machine gets Debian's packages from.
fn mirror() -> String {
    let output = Command::new("apt-get").args(["indextargets", "--format", "$(REPO_URI)"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let found = text.lines().find(|line| line.contains("debian") && !line.contains("security"));
    found.unwrap_or("http://deb.debian.org/debian").to_owned()
}

/// prometheus-blackbox-exporter, asked by a driver of ours; only its own processor time counts.
pub struct Blackbox {
    child: Child,
    port: u16,
    _home: tempfile::TempDir,
}

impl Blackbox {
    pub fn start() -> Self {
        let program = debian("prometheus-blackbox-exporter", "bookworm", "usr/bin/prometheus-blackbox-exporter");
        let home = empty_dir();
        let config = home.path().join("blackbox.yml");
        let text = "modules:\n  zabbix:\n    prober: http\n    timeout: 5s\n    http:\n      method: POST\n      preferred_ip_protocol: ip4\n      \
                    headers: {Content-Type: application/json}\n      body: '{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"apiinfo.version\",\"params\":{}}'\n      \
                    fail_if_body_not_matches_regexp: ['6\\.0\\.14']\n";
        std::fs::write(&config, text).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(program)
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "blackbox_exporter does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
        Self { child, port, _home: home }
    }

    /// `count` probes, ten at a time.
    pub fn probe(&self, nginx: &Nginx, count: usize) -> Cost {
        use futures::stream::{self, StreamExt as _};
        let (clock, before) = (Instant::now(), self.cpu());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let _ = rustls::crypto::ring::default_provider().install_default();
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let urls = (0..count).map(|index| {
                format!("http://127.0.0.1:{}/probe?module=zabbix&target={}/api_jsonrpc.php", self.port, nginx.url(index))
            });
            let answers = stream::iter(urls).map(|url| client.get(url).send()).buffer_unordered(10);
            let good = answers
                .filter_map(async |answer| answer.unwrap().text().await.unwrap().contains("probe_success 1").then_some(()));
            assert_eq!(good.count().await, count, "every probe succeeds");
        });
        Cost { wall: clock.elapsed().as_secs_f64(), cpu: self.cpu() - before, ..Cost::default() }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Probes `count` addresses evenly spread over each `interval`, as a scraper does, until told to stop; counts them in `probes`.
    pub fn keep_probing(&self, nginx: &Nginx, count: usize, interval: Duration, probes: &AtomicUsize, stop: &AtomicBool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let _ = rustls::crypto::ring::default_provider().install_default();
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let mut ticks = tokio::time::interval(interval / u32::try_from(count).unwrap());
            for index in (0..count).cycle().take_while(|_| !stop.load(Ordering::Relaxed)) {
                ticks.tick().await;
                let url =
                    format!("http://127.0.0.1:{}/probe?module=zabbix&target={}/api_jsonrpc.php", self.port, nginx.url(index));
                let answer = client.get(url).send().await.unwrap().text().await.unwrap();
                assert!(answer.contains("probe_success 1"), "{answer}");
                probes.fetch_add(1, Ordering::Relaxed);
            }
        });
    }

    /// Processor seconds so far, from `/proc/PID/stat` in ticks of a hundredth.
    fn cpu(&self) -> f64 {
        let text = std::fs::read_to_string(Path::new("/proc").join(self.child.id().to_string()).join("stat")).unwrap();
        let fields: Vec<&str> = text.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks = |index: usize| fields[index].parse::<f64>().unwrap();
        (ticks(11) + ticks(12)) / 100.0
    }
}

impl Drop for Blackbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
