//! A network device whose wrapper does something else besides answering: hostile commands by the front door.

#![allow(dead_code, reason = "each test uses its own part")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::Value;

use super::cli::{Ended, Home, ended};
use super::log;

/// One device, asked once.
pub struct Wrapped {
    pub home: Home,
}

impl Wrapped {
    /// A wrapper that runs `script`, which sets `said` to one word, and then answers with that word as the device's name.
    pub fn new(script: &str) -> Self {
        Self::answering(&format!("said=nothing\n{script}\nprintf 'System Name : %s\\n' \"$said\"\n"))
    }

    /// A wrapper that runs `script` and nothing else but the rest of a good answer.
    pub fn answering(script: &str) -> Self {
        let rest = "printf 'Hardware Version : TL-SG2452 2.0\\nSoftware Version : 1\\n'";
        Self::running("#!/bin/sh", &format!("{script}\n{rest}\n"))
    }

    /// A wrapper with this first line and this text.
    pub fn running(first: &str, text: &str) -> Self {
        let home = Home::new();
        home.write(
            "all.yaml",
            "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {name: inventory}\nspec:\n  \
             intent: collect_network_device_inventory_readonly\n  timeout: 20s\n  targetSelector: {}\n---\n\
             apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {name: switch}\nspec:\n  type: NetworkDevice\n  connections:\n  \
             - name: cli\n    wrapper: {path: cli}\n",
        );
        let path = home.path("manifests/cli");
        fs::write(&path, format!("{first}\n{text}")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Self { home }
    }

    /// Adds a Policy that admits everything, and wants commands shut in at `level`.
    pub fn demand(&self, level: &str) {
        self.home.write(
            "policy.yaml",
            &format!(
                "apiVersion: tecrax.io/v1alpha1\nkind: Policy\nmetadata: {{name: shut-in}}\nspec:\n  rules:\n  - name: commands\n    \
                 effect: AllowWithObligations\n    constraints: [{{name: level, kind: sandbox, value: {level}}}]\n"
            ),
        );
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path(name)
    }

    /// One pass by the program itself.
    pub fn pass(&self) -> Ended {
        self.home.tecrax("reconcile --once --force manifests")
    }

    /// One pass by `program`, which is told tecrax and its arguments.
    pub fn pass_by(&self, program: &str, arguments: &[&str]) -> Ended {
        let mut command = assert_cmd::Command::new(program);
        command
            .args(arguments)
            .args([env!("CARGO_BIN_EXE_tecrax"), "reconcile", "--once", "--force", "manifests"])
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("TECRAX_STATE_DIR", self.home.state())
            .current_dir(self.home.dir.path())
            .timeout(std::time::Duration::from_mins(1));
        ended(&mut command)
    }

    /// One pass on a kernel whose call `name` fails with `error`.
    ///
    /// # Panics
    /// Without strace.
    pub fn pass_without(&self, name: &str, error: &str) -> Ended {
        self.pass_injecting(name, &format!("error={error}"))
    }

    /// One pass on a kernel whose call `name` sends its caller `signal`.
    pub fn pass_killing(&self, name: &str, signal: &str) -> Ended {
        self.pass_injecting(name, &format!("signal={signal}"))
    }

    fn pass_injecting(&self, name: &str, what: &str) -> Ended {
        let strace = "/usr/bin/strace";
        assert!(std::path::Path::new(strace).exists(), "{strace} is absent: run tests/run, which installs strace");
        let trace = self.path("trace");
        let inject = format!("inject={name}:{what}");
        self.pass_by(strace, &["-f", "-qq", "-o", trace.to_str().unwrap(), "-e", &format!("trace={name}"), "-e", &inject])
    }

    /// The last run.
    pub fn run(&self) -> Value {
        log::runs(&self.home.state(), "default/inventory.switch").pop().expect("a run")
    }

    /// The word that the wrapper ended with, at the level that was reached.
    ///
    /// # Panics
    /// When that is another level.
    pub fn said(&self, level: &str) -> String {
        let run = self.run();
        assert_eq!(
            run["sandbox_level"], level,
            "tests of this level need a machine that allows user and PID namespaces and has Landlock and seccomp: {run:#}"
        );
        run["facts"]["device"]["system_name"].as_str().unwrap_or_else(|| panic!("no answer: {run:#}")).to_owned()
    }

    /// Nothing that the wrapper started is left, no private folder, and, a moment later, nothing of tecrax.
    pub fn nothing_is_left(&self) {
        assert_eq!(self.left(), Vec::<String>::new());
        self.ours_end();
        let folders = self.home.state().join("sandbox");
        let left: Vec<_> = fs::read_dir(folders).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }

    /// Waits until template and helpers of this home have ended.
    ///
    /// # Panics
    /// When they have not after ten seconds.
    pub fn ours_end(&self) {
        let clock = std::time::Instant::now();
        while !self.ours().is_empty() {
            assert!(clock.elapsed() < std::time::Duration::from_secs(10), "still here: {:?}", self.ours());
            std::thread::yield_now();
        }
    }

    /// Process numbers of this home's template and of its copies, the template first. (Numbers grow, but for once in a long while.)
    pub fn ours(&self) -> Vec<u32> {
        let mark = format!("tecrax\0__sandbox\0template\0{}\0", self.home.state().join("sandbox").display());
        let mut found: Vec<u32> = fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let is_ours = fs::read(path.join("cmdline")).is_ok_and(|line| line == mark.as_bytes());
                path.file_name()?.to_str()?.parse().ok().filter(|_| is_ours)
            })
            .collect();
        found.sort_unstable();
        found
    }

    /// Command lines of processes that were told this Target's private folder.
    pub fn left(&self) -> Vec<String> {
        let mark = format!("TMPDIR={}/", self.home.state().join("sandbox").display());
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
            if environment.windows(mark.len()).any(|window| window == mark.as_bytes()) {
                let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
                found.push(String::from_utf8_lossy(&line).replace('\0', " "));
            }
        }
        found
    }
}
