//! Manifests for the benches.

use std::fmt::Write as _;
use std::path::Path;

use super::fleet::Fleet;

/// A Check that asks every Target of a bench once a day.
pub fn check(intent: &str) -> String {
    format!(
        "\
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {{name: bench}}
spec: {{intent: {intent}, interval: 24h, targetSelector: {{matchLabels: {{bench: \"yes\"}}}}}}
"
    )
}

/// Writes one Target for every host of `fleet`, and a Check of the inventory.
pub fn of_fleet(fleet: &Fleet, directory: &Path) {
    asking(fleet, "collect_basic_host_inventory", directory);
}

/// Writes one Target for every host of `fleet`, and a Check of `intent`.
pub fn asking(fleet: &Fleet, intent: &str, directory: &Path) {
    let mut text = check(intent);
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

/// What a recorded Target answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// The two readings of `check_ntp_health`: a document about as long as one of an SSH host.
    Clock,
    /// The seven readings of `collect_basic_host_inventory`: twice as long.
    Inventory,
}

impl Recorded {
    /// The intent whose readings they are.
    pub const fn intent(self) -> &'static str {
        match self {
            Self::Clock => "check_ntp_health",
            Self::Inventory => "collect_basic_host_inventory",
        }
    }

    const fn readings(self) -> &'static str {
        match self {
            Self::Clock => {
                r#"      - {shape: read_ntp_sync_state, stdout: "NTPSynchronized=yes\nNTP=yes\n"}
      - {shape: read_ntp_daemon_units, stdout: "Id=chrony.service\nLoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\n"}
"#
            }
            Self::Inventory => {
                r#"      - {shape: read_os_release, stdout: "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n"}
      - {shape: read_kernel_identity, stdout: "Linux 6.1.0-18-amd64 x86_64\n"}
      - {shape: read_hostname, stdout: "host\n"}
      - {shape: read_uptime, stdout: " 12:04:11 up 41 days,  3:12,  1 user,  load average: 0.08, 0.03, 0.01\n"}
      - {shape: read_load_average, stdout: "0.08 0.03 0.01 1/213 40112\n"}
      - {shape: read_filesystem_usage, stdout: "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 20511312 9280632 10165896 48% /\n"}
      - {shape: read_memory_summary, stdout: "MemTotal: 4008960 kB\nMemFree: 1232896 kB\nMemAvailable: 3382272 kB\nBuffers: 102400 kB\nCached: 2048000 kB\n"}
"#
            }
        }
    }

    /// One Target.
    pub fn target(self, index: usize) -> String {
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
{}",
            index % 40,
            self.readings()
        )
    }
}
