//! A Debian host with real systemd as PID 1 and OpenSSH, in namespaces of its own: nothing of this machine's network, control
//! groups or files is seen by it or changed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use crate::support::cli::{Ended, Home, ended};
use crate::support::daemon::{Daemon, cached, needs, run};

/// Raise it when what is installed in the images changes.
const IMAGE: u32 = 1;
const INCLUDE: &str =
    "systemd,systemd-sysv,systemd-timesyncd,dbus,openssh-server,procps,hostname,python3,libedit2,libbsd0,libgnutls30,netbase";
/// Packages whose files are there to unpack: they conflict with each other, so that none is installed.
const DOWNLOADED: [&str; 3] = ["ntpsec", "python3-ntp", "chrony"];

/// A host that is not booted yet.
pub struct Builder {
    image: PathBuf,
    dir: TempDir,
}

impl Builder {
    /// Writes a file below the root of the host.
    pub fn file(self, path: &str, text: &str) -> Self {
        let path = self.files().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Copies a program of this machine, as one of the administrator's own.
    pub fn program(self, path: &str) -> Self {
        self.program_in("usr/local/bin", path)
    }

    /// Copies a program of this machine into a folder of the host.
    pub fn program_in(self, folder: &str, path: &str) -> Self {
        let folder = self.files().join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::copy(path, folder.join(Path::new(path).file_name().unwrap())).unwrap();
        self
    }

    /// A service that runs one command, started at boot.
    pub fn service(self, name: &str, command: &str) -> Self {
        let text = format!("[Service]\nExecStart={command}\n[Install]\nWantedBy=multi-user.target\n");
        let wants = self.files().join("etc/systemd/system/multi-user.target.wants");
        fs::create_dir_all(&wants).unwrap();
        std::os::unix::fs::symlink(format!("../{name}.service"), wants.join(format!("{name}.service"))).unwrap();
        self.file(&format!("etc/systemd/system/{name}.service"), &text)
    }

    /// Unpacks a package of [`DOWNLOADED`], without its scripts.
    pub fn unpack(self, package: &str) -> Self {
        let debs = fs::read_dir(self.image.join("debs")).unwrap().flatten().map(|entry| entry.path());
        let mut of_package = debs.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(&format!("{package}_")));
        let deb = of_package.next().expect(package);
        run(&["dpkg-deb".as_ref(), "-x".as_ref(), deb.as_os_str(), self.files().as_os_str()]);
        // Its units would be found beside those that a test writes.
        let _ = fs::remove_dir_all(self.files().join("usr/lib/systemd"));
        self
    }

    fn files(&self) -> PathBuf {
        self.dir.path().join("files")
    }

    /// Boots it and waits until systemd has started everything and sshd lets us in.
    pub fn boot(self) -> Host {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let (files, folder) = (self.files(), self.dir.path().to_owned());
        run(&["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder.join("id").to_str().unwrap()]);
        let key = files.join("etc/ssh/ssh_host_ed25519_key");
        fs::create_dir_all(files.join("etc/ssh")).unwrap();
        run(&["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.to_str().unwrap()]);
        fs::create_dir_all(files.join("root/.ssh")).unwrap();
        fs::copy(folder.join("id.pub"), files.join("root/.ssh/authorized_keys")).unwrap();
        for private in ["root", "root/.ssh"] {
            fs::set_permissions(files.join(private), fs::Permissions::from_mode(0o700)).unwrap();
        }
        let known = fs::read_to_string(key.with_extension("pub")).unwrap();
        let known = format!("127.0.0.1 {}", known.split(' ').take(2).collect::<Vec<_>>().join(" "));
        fs::write(folder.join("known_hosts"), format!("{known}\n")).unwrap();
        let this = self.file("etc/hostname", "web\n").file("etc/hosts", "127.0.0.1 localhost web\n::1 localhost\n");
        fs::create_dir(folder.join("mnt")).unwrap();
        let group = format!("tecrax-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/systemd_host.sh");
        let words: [OsString; 6] =
            ["bash".into(), script.into(), folder.clone().into(), this.image.clone().into(), group.clone().into(), "web".into()];
        let daemon = Daemon::of(folder.join("console.log"), &words).private("mount").private("net").start();
        let network = daemon.network();
        let mut host = Host { daemon: Some(daemon), group, network: network.clone(), known, dir: this.dir };
        host.daemon.as_mut().unwrap().wait("host that has booted", 60, || {
            let (_, said) = ssh(&network, &folder, "systemctl is-system-running");
            matches!(said.trim(), "running" | "degraded").then_some(())
        });
        host
    }
}

/// Runs a command line as root in a host's network. Its exit code and what it printed.
fn ssh(network: &str, folder: &Path, line: &str) -> (i32, String) {
    let path = |name: &str| folder.join(name).display().to_string();
    let output = Command::new("nsenter")
        .args([network, "ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5", "-i", &path("id")])
        .args(["-o", &format!("UserKnownHostsFile={}", path("known_hosts")), "root@127.0.0.1", line])
        .output()
        .unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A booted host. Dropping it ends it at once, as a power cut would.
pub struct Host {
    daemon: Option<Daemon>,
    group: String,
    network: String,
    known: String,
    dir: TempDir,
}

impl Drop for Host {
    fn drop(&mut self) {
        self.daemon = None;
        // Empty groups outlive their processes by a moment and the mount by far.
        let script = format!(
            "mount --make-rprivate /; mount -t cgroup2 none /sys/fs/cgroup; cd /sys/fs/cgroup; for i in $(seq 100); do \
             [ -d {0} ] || exit 0; find {0} -depth -type d -exec rmdir {{}} + 2>/dev/null; sleep 0.02; done",
            self.group
        );
        let _ = Command::new("unshare").args(["--mount", "sh", "-c", &script]).status();
    }
}

impl Host {
    /// A host of a Debian release, `bookworm` or `trixie`; its image is made once and kept below the target folder.
    pub fn of(release: &str) -> Builder {
        needs("/usr/sbin/debootstrap", "debootstrap");
        needs("/usr/bin/systemd-nspawn", "systemd-container");
        let image = cached(&format!("debian-{release}-{IMAGE}"), |half| make_image(release, half));
        let dir = TempDir::new().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(dir.path().join("files")).unwrap();
        Builder { image, dir }
    }

    /// The connection of a Target on this host, as YAML.
    pub fn connection(&self) -> String {
        format!(
            "name: os, ssh: {{host: 127.0.0.1, port: 22, user: root, identity: {{file: {}}}, hostKeys: {{inline: [\"{}\"]}}}}",
            self.dir.path().join("id").display(),
            self.known
        )
    }

    /// What a command line prints that an administrator runs on the host; it must succeed.
    pub fn ssh(&self, line: &str) -> String {
        let (code, said) = ssh(&self.network, self.dir.path(), line);
        assert_eq!(code, 0, "{line}: {said}");
        said
    }

    /// The program on a home's state directory, in the network of the host.
    pub fn tecrax(&self, home: &Home, line: &str) -> Ended {
        let mut command = assert_cmd::Command::new("nsenter");
        command
            .args([&self.network, env!("CARGO_BIN_EXE_tecrax")])
            .args(line.split(' '))
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", home.dir.path())
            .env("TECRAX_STATE_DIR", home.state())
            .current_dir(home.dir.path())
            .timeout(Duration::from_mins(1));
        ended(&mut command)
    }
}

fn make_image(release: &str, half: &Path) {
    let root = half.to_str().unwrap();
    let include = if release == "bookworm" { INCLUDE.to_owned() } else { INCLUDE.replace("libgnutls30", "libgnutls30t64") };
    run(&["debootstrap", "--variant=minbase", &format!("--include={include}"), release, root]);
    let _ = fs::copy("/etc/resolv.conf", half.join("etc/resolv.conf"));
    fs::create_dir(half.join("debs")).unwrap();
    let download = format!("apt-get update -qq && cd /debs && apt-get download -qq {}", DOWNLOADED.join(" "));
    run(&["chroot", root, "sh", "-c", &download]);
    fs::remove_file(half.join("etc/resolv.conf")).unwrap();
}
