//! The diagnosis of a machine that nobody reaches over SSH.

use std::process::Command;

use crate::support::diagnosis::{UNKNOWN, closed_port, diagnosed, named, reasons};
use crate::support::monitoring::Host;
use serde_json::json;
use tempfile::TempDir;

/// An SSH connection with everything right but the host, which is down.
struct Down {
    connection: String,
    _key: TempDir,
}

impl Down {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let key = dir.path().join("key");
        let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status().unwrap();
        assert!(made.success(), "ssh-keygen: {made}");
        let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
        let words: Vec<&str> = public.split_whitespace().take(2).collect();
        let port = closed_port();
        let connection = format!(
            "ssh: {{host: 127.0.0.1, port: {port}, user: tecrax, identity: {{file: {}}}, \
             hostKeys: {{inline: ['[127.0.0.1]:{port} {}']}}}}",
            key.display(),
            words.join(" "),
        );
        Self { connection, _key: dir }
    }
}

#[test]
fn host_that_is_down_still_has_a_diagnosis() {
    let down = Down::new();
    let only_os = Host::recorded(&[]).without(&["zabbix", "adguard", "adguard-dns", "portainer"]).with("os", &down.connection);
    let (ended, run) = diagnosed(&only_os);
    assert_eq!(ended.code, UNKNOWN, "{}{}", ended.out, ended.err);
    assert_eq!((&run["assessment"], &run["coverage"]), (&"unknown".into(), &"blocked".into()));
    assert_eq!(named(&run, "unavailable"), ["docker", "host_inventory", "host_security", "ntp", "ntp_server"]);
    assert_eq!(reasons(&run), ["Unreachable"], "said once");
    let failures = &run["facts"]["continued_failures"];
    assert_eq!(failures, &json!([{"step_id": "read_aslr_state and 16 more", "error_class": "unreachable", "count": 17}]));
}

#[test]
fn host_that_is_half_down_shows_the_other_half() {
    let down = Down::new();
    let (ended, run) = diagnosed(&Host::recorded(&[]).with("os", &down.connection));
    assert_eq!(ended.code, UNKNOWN, "{}{}", ended.out, ended.err);
    assert_eq!((&run["assessment"], &run["coverage"]), (&"unknown".into(), &"partial".into()));
    assert_eq!(named(&run, "healthy"), ["adguard", "portainer", "zabbix"]);
    assert_eq!(named(&run, "unavailable").len(), 5);
    assert_eq!(reasons(&run), ["Unreachable"], "one finding for the lost way");
}
