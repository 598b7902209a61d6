//! The real program, run against manifests of its own, watched by strace where the kernel's view is asked for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

pub const TECRAX: &str = env!("CARGO_BIN_EXE_tecrax");
const STRACE: &str = "/usr/bin/strace";

/// Manifests and a state directory, outside every Git work tree; gone when dropped.
pub struct Program {
    dir: TempDir,
}

impl Program {
    pub fn new() -> Self {
        let dir = TempDir::new().unwrap();
        fs::create_dir(dir.path().join("manifests")).unwrap();
        fs::create_dir(dir.path().join("state")).unwrap();
        Self { dir }
    }

    /// The state directory.
    pub fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    /// Writes one manifest file.
    pub fn write(&self, name: &str, text: &str) -> &Self {
        fs::write(self.dir.path().join("manifests").join(name), text).unwrap();
        self
    }

    /// `tecrax reconcile --once`. Returns the summary line.
    pub fn once(&self) -> String {
        summary(&self.reconcile(&mut Command::new(TECRAX)))
    }

    /// The same under `strace -f`, seeing only `calls`. Returns the summary line and the traced lines.
    ///
    /// # Panics
    /// When strace is absent or may not trace: counts that nobody takes prove nothing.
    pub fn once_traced(&self, calls: &str) -> (String, Vec<String>) {
        let trace = self.path("trace");
        let mut command = Command::new(strace());
        command
            .args(["-f", "-qq", "-s", "4096", "-e", "signal=none", "-e"])
            .arg(format!("trace={calls}"))
            .arg("-o")
            .arg(&trace)
            .arg(TECRAX);
        let output = self.reconcile(&mut command);
        let lines = fs::read_to_string(&trace).unwrap_or_default();
        let summary = summary(&output);
        (summary, whole(&lines))
    }

    fn reconcile(&self, command: &mut Command) -> Output {
        command
            .arg("--state-dir")
            .arg(self.path("state"))
            .args(["reconcile", "--once", "--allow-fixtures"])
            .arg(self.path("manifests"))
            .env_remove("SSH_AUTH_SOCK")
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

/// strace.
///
/// # Panics
/// When it is absent.
pub fn strace() -> &'static str {
    assert!(Path::new(STRACE).exists(), "{STRACE} is absent: run tests/run, which installs strace");
    STRACE
}

/// The lines of a trace. A call that another process's call fell into stands in two parts: they are put together again.
pub fn whole(trace: &str) -> Vec<String> {
    let mut begun: BTreeMap<&str, &str> = BTreeMap::new();
    let mut lines = Vec::new();
    for line in trace.lines() {
        let (process, rest) = line.split_once(' ').unwrap_or((line, ""));
        if let Some(start) = line.strip_suffix(" <unfinished ...>") {
            begun.insert(process, start);
            continue;
        }
        let resumed = rest.trim_start().strip_prefix("<... ").and_then(|rest| rest.split_once(" resumed>"));
        match resumed.and_then(|(_, end)| Some((begun.remove(process)?, end))) {
            Some((start, end)) => lines.push(format!("{start}{end}")),
            None => lines.push(line.to_owned()),
        }
    }
    lines
}

/// The line that starts with the number of pairs.
fn summary(output: &Output) -> String {
    let words = String::from_utf8_lossy(&output.stderr);
    let line = words.lines().find(|line| line.contains(" pair") && line.contains("; ran "));
    line.unwrap_or_else(|| panic!("{}: no summary in\n{}\n{words}", output.status, String::from_utf8_lossy(&output.stdout)))
        .to_owned()
}

/// A Check of `intent` on everything labelled `count: "yes"`.
pub fn check(name: &str, intent: &str) -> String {
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: {name}}}\nspec:\n  intent: {intent}\n  interval: 24h\n\
         \x20 timeout: 60s\n  targetSelector: {{matchLabels: {{count: \"yes\"}}}}\n"
    )
}

/// A Target labelled `count: "yes"` with the connection `os`, given as a YAML flow mapping.
pub fn target(name: &str, connection: &str) -> String {
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}, labels: {{count: \"yes\"}}}}\n\
         spec: {{type: Host, connections: [{{name: os, {connection}}}]}}\n"
    )
}

/// A recorded connection that answers the seven inventory readings like a healthy host.
pub fn recorded() -> String {
    let readings = [
        ("read_os_release", "PRETTY_NAME=\\\"Debian GNU/Linux 12 (bookworm)\\\"\\nID=debian\\nVERSION_ID=\\\"12\\\"\\n"),
        ("read_kernel_identity", "Linux 6.1.0-18-amd64 x86_64\\n"),
        ("read_hostname", "host\\n"),
        ("read_uptime", " 12:04:11 up 41 days,  3:12,  1 user,  load average: 0.08, 0.03, 0.01\\n"),
        ("read_load_average", "0.08 0.03 0.01 1/213 40112\\n"),
        (
            "read_filesystem_usage",
            "Filesystem 1024-blocks Used Available Capacity Mounted on\\n/dev/vda1 20511312 9280632 10165896 48% /\\n",
        ),
        (
            "read_memory_summary",
            "MemTotal: 4008960 kB\\nMemFree: 1232896 kB\\nMemAvailable: 3382272 kB\\nBuffers: 102400 kB\\nCached: 2048000 kB\\n",
        ),
    ];
    let mut text = String::from("fixture: {readings: [");
    for (shape, stdout) in readings {
        write!(text, "{{shape: {shape}, stdout: \"{stdout}\"}}, ").unwrap();
    }
    text.push_str("]}");
    text
}

/// Command lines that an intent sends, in step order, as the shell of the host sees them.
pub fn commands(intent: &str) -> Vec<Vec<String>> {
    steps(intent).into_iter().map(|(_, argv)| argv).collect()
}

/// The same, each with the id of its step.
pub fn steps(intent: &str) -> Vec<(String, Vec<String>)> {
    use tecrax::profile::{Profile, WorkflowStep};
    let known = |name: &str| tecrax::facts::normalizer(name).is_some();
    let profile = Profile::embedded(&known).unwrap();
    profile.intents[intent]
        .workflow
        .steps
        .iter()
        .filter_map(|step| match step {
            WorkflowStep::Read { id, shape, .. } => Some((id.clone(), shape.argv().to_vec())),
            WorkflowStep::Normalize { .. } | WorkflowStep::Seal { .. } => None,
        })
        .collect()
}
