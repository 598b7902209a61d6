//! Manifests of recorded hosts.

use std::fmt::Write as _;

/// The inventory Check of every host labelled `site: lab`, which wants the root file system below 90 %.
pub const INVENTORY: &str = "\
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: inventory}
spec:
  intent: collect_basic_host_inventory
  targetSelector: {matchLabels: {site: lab}}
  expect:
  - {name: root-disk, key: root_filesystem.used_percent, operator: Lt, values: [\"90\"]}
";

/// A recorded host whose root file system is `used` percent full; `None`: `df` fails.
pub fn host(name: &str, used: Option<u32>) -> String {
    let free = used.map(|used| 100 - used);
    let df = match (used, free) {
        (Some(used), Some(free)) => format!(
            "stdout: \"Filesystem 1024-blocks Used Available Capacity Mounted on\\n/dev/vda1 1000000 {used}0000 {free}0000 {used}% /\\n\""
        ),
        _ => "stderr: \"df: /: Input/output error\\n\", exitCode: 1".to_owned(),
    };
    format!(
        "---
apiVersion: tecrax.io/v1alpha1
kind: Target
metadata: {{name: {name}, labels: {{site: lab}}}}
spec:
  type: Host
  connections:
  - name: os
    fixture:
      readings:
      - {{shape: read_os_release, stdout: \"PRETTY_NAME=\\\"Debian GNU/Linux 12 (bookworm)\\\"\\nID=debian\\nVERSION_ID=\\\"12\\\"\\n\"}}
      - {{shape: read_kernel_identity, stdout: \"Linux 6.1.0-18-amd64 x86_64\\n\"}}
      - {{shape: read_hostname, stdout: \"{name}\\n\"}}
      - {{shape: read_uptime, stdout: \" 12:04:11 up 41 days,  3:12,  1 user,  load average: 0.08, 0.03, 0.01\\n\"}}
      - {{shape: read_load_average, stdout: \"0.08 0.03 0.01 1/213 40112\\n\"}}
      - {{shape: read_filesystem_usage, {df}}}
      - shape: read_memory_summary
        stdout: |2
                         total        used        free      shared  buff/cache   available
          Mem:            3915         612        1204          12        2353        3303
          Swap:              0           0           0
"
    )
}

/// The inventory Check and `number` hosts `web-000`, …, half full.
pub fn fleet(number: usize) -> String {
    (0..number).fold(INVENTORY.to_owned(), |mut text, index| {
        let _ = write!(text, "{}", host(&format!("web-{index:03}"), Some(50)));
        text
    })
}

/// The inventory Check and `number` targets that are all this machine.
pub fn local_fleet(number: usize) -> String {
    (0..number).fold(INVENTORY.to_owned(), |mut text, index| {
        let _ = write!(
            text,
            "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: host-{index}, labels: {{site: lab}}}}\n\
             spec: {{type: Host, connections: [{{name: os, local: {{}}}}]}}\n"
        );
        text
    })
}
