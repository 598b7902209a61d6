//! A monitoring host on which all is well, reading by reading, and manifests of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The check of everything labelled `role: monitoring`.
pub const DIAGNOSIS: &str = "\
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: whole}
spec:
  intent: diagnose_monitoring_host
  targetSelector: {matchLabels: {role: monitoring}}
";

/// What such a host and the services on it answer: shape, standard output.
pub const WELL: [(&str, &str); 21] = [
    ("read_os_release", "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"),
    ("read_kernel_identity", "Linux 6.1.0-31-amd64 x86_64\n"),
    ("read_hostname", "mon01\n"),
    ("read_uptime", " 10:41:07 up 37 days,  2:15,  1 user,  load average: 0.12, 0.20, 0.18\n"),
    ("read_load_average", "0.12 0.20 0.18 2/612 184215\n"),
    ("read_filesystem_usage", "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 100 50 50 50% /\n"),
    ("read_memory_summary", "MemTotal: 2048 kB\nMemFree: 1024 kB\nMemAvailable: 1536 kB\n"),
    ("read_ntp_sync_state", "NTP=yes\nNTPSynchronized=yes\n"),
    (
        "read_ntp_daemon_units",
        "Id=ntpsec.service\nLoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\n",
    ),
    ("read_docker_service_state", "LoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\n"),
    ("read_docker_socket_state", "LoadState=loaded\nActiveState=active\nSubState=listening\nUnitFileState=enabled\n"),
    ("read_unattended_upgrades_state", "enabled\n"),
    ("read_available_updates_summary", "0;0"),
    ("read_aslr_state", "2\n"),
    ("read_dmesg_restrict_state", "1\n"),
    ("read_reboot_required_marker", ""),
    ("read_ntp_server_variables", "stratum=2, offset=0.012, rootdelay=1.2, rootdisp=3.4, leap=00\n"),
    ("read_zabbix_api_version", r#"{"id":1,"jsonrpc":"2.0","result":"6.0.14"}"#),
    ("read_adguard_dns_resolution", "example.com. 300 IN A 93.184.216.34\n"),
    ("read_adguard_login_status", "200"),
    ("read_portainer_status", r#"{"Version":"2.19.5"}"#),
];

/// The role that a shape is read through.
fn role(shape: &str) -> &'static str {
    match shape {
        "read_zabbix_api_version" => "zabbix",
        "read_adguard_dns_resolution" => "adguard-dns",
        "read_adguard_login_status" => "adguard",
        "read_portainer_status" => "portainer",
        _ => "os",
    }
}

/// What one shape answered: standard output, standard error, exit status.
pub type Said<'a> = (&'a str, &'a str, i32);

/// Connections of a Target, each as a YAML flow mapping.
pub struct Host(BTreeMap<String, String>);

impl Host {
    /// Recorded connections of every role; `otherwise` replaces single answers.
    pub fn recorded(otherwise: &[(&str, Said<'_>)]) -> Self {
        let mut connections: BTreeMap<String, String> = BTreeMap::new();
        for (shape, stdout) in WELL {
            let (stdout, stderr, exit) =
                otherwise.iter().find(|(name, _)| *name == shape).map_or((stdout, "", 0), |(_, said)| *said);
            let text = connections.entry(role(shape).to_owned()).or_insert_with(|| "fixture: {readings: [".to_owned());
            let (stdout, stderr) = (serde_json::Value::from(stdout), serde_json::Value::from(stderr));
            write!(text, "{{shape: {shape}, stdout: {stdout}, stderr: {stderr}, exitCode: {exit}}}, ").unwrap();
        }
        for (shape, _) in otherwise {
            assert!(WELL.iter().any(|(name, _)| name == shape), "no shape {shape}");
        }
        for text in connections.values_mut() {
            text.push_str("]}");
        }
        Self(connections)
    }

    /// Without these connections.
    pub fn without(mut self, roles: &[&str]) -> Self {
        for role in roles {
            assert!(self.0.remove(*role).is_some(), "no role {role}");
        }
        self
    }

    /// With another connection of a role, as a YAML flow mapping.
    pub fn with(mut self, role: &str, connection: &str) -> Self {
        self.0.insert(role.to_owned(), connection.to_owned());
        self
    }

    /// The Target.
    pub fn manifest(&self, name: &str) -> String {
        let mut text = format!(
            "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}, labels: {{role: monitoring}}}}\n\
             spec:\n  type: Host\n  connections:\n"
        );
        for (role, connection) in &self.0 {
            writeln!(text, "  - {{name: {role}, {connection}}}").unwrap();
        }
        text
    }
}
