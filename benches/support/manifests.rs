//! Manifests for the benches.

use std::fmt::Write as _;
use std::path::Path;

use super::fleet::Fleet;

/// The seven inventory readings every day, of every Target.
pub const CHECK: &str = "\
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: inventory}
spec: {intent: collect_basic_host_inventory, interval: 24h, targetSelector: {matchLabels: {bench: \"yes\"}}}
";

/// Writes one Target for every host of `fleet`, and the Check.
pub fn of_fleet(fleet: &Fleet, directory: &Path) {
    let mut text = CHECK.to_owned();
    for (index, host) in fleet.hosts.iter().enumerate() {
        let (user, key, known) = (&fleet.user, fleet.key.display(), fleet.known_hosts.display());
        write!(
            text,
            "---\n\
             apiVersion: tecrax.io/v1alpha1\n\
             kind: Target\n\
             metadata: {{name: host-{index}, labels: {{bench: \"yes\"}}}}\n\
             spec:\n\
             \x20 type: Host\n\
             \x20 connections:\n\
             \x20 - name: os\n\
             \x20   ssh:\n\
             \x20     host: {}\n\
             \x20     port: {}\n\
             \x20     user: {user}\n\
             \x20     identity: {{file: {key}}}\n\
             \x20     hostKeys: {{file: {known}}}\n",
            host.address, host.port,
        )
        .unwrap();
    }
    std::fs::write(directory.join("fleet.yaml"), text).unwrap();
}

/// A Target that answers from recorded readings.
pub fn recorded(index: usize) -> String {
    format!(
        "\
apiVersion: tecrax.io/v1alpha1
kind: Target
metadata:
  name: host-{index:05}
  labels: {{bench: \"yes\", rack: r{}}}
spec:
  type: Host
  connections:
  - name: os
    fixture:
      readings:
      - {{shape: read_os_release, stdout: \"PRETTY_NAME=\\\"Debian GNU/Linux 12 (bookworm)\\\"\\nID=debian\\nVERSION_ID=\\\"12\\\"\\n\"}}
      - {{shape: read_kernel_identity, stdout: \"Linux 6.1.0-18-amd64 x86_64\\n\"}}
      - {{shape: read_hostname, stdout: \"host-{index:05}\\n\"}}
      - {{shape: read_uptime, stdout: \" 12:04:11 up 41 days,  3:12,  1 user,  load average: 0.08, 0.03, 0.01\\n\"}}
      - {{shape: read_load_average, stdout: \"0.08 0.03 0.01 1/213 40112\\n\"}}
      - {{shape: read_filesystem_usage, stdout: \"Filesystem 1024-blocks Used Available Capacity Mounted on\\n/dev/vda1 20511312 9280632 10165896 48% /\\n\"}}
      - {{shape: read_memory_summary, stdout: \"MemTotal: 4008960 kB\\nMemFree: 1232896 kB\\nMemAvailable: 3382272 kB\\nBuffers: 102400 kB\\nCached: 2048000 kB\\nSwapTotal: 0 kB\\nSwapFree: 0 kB\\n\"}}
",
        index % 40
    )
}
