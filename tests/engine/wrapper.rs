//! Network devices through an executable of the operator, from YAML to facts.

use std::fs;
use std::net::UdpSocket;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::support::cli::Home;
use crate::support::log;
use serde_json::{Value, json};

const CHECKS: &str = "\
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: inventory}
spec:
  intent: collect_network_device_inventory_readonly
  targetSelector: {}
---
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: posture}
spec:
  intent: assess_network_device_management_posture_readonly
  targetSelector: {}
";

fn switch(name: &str, path: &str) -> String {
    format!(
        "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}}}\nspec:\n  type: NetworkDevice\n  connections:\n  \
         - name: cli\n    wrapper: {{path: {path}}}\n"
    )
}

fn executable(path: &Path, text: &str, mode: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The last run of a pair.
fn run(home: &Home, pair: &str) -> Value {
    log::runs(&home.state(), &format!("default/{pair}")).pop().unwrap_or_else(|| panic!("no run of {pair}"))
}

fn codes(run: &Value) -> Vec<&str> {
    run["findings"].as_array().unwrap().iter().map(|finding| finding["reasonCode"].as_str().unwrap()).collect()
}

/// Says which Target and which word it was asked for, in its answer and to a port of this machine: files it may not write.
const TELLTALE: &str = "#!/bin/bash
echo \"$TECRAX_TARGET $*\" >/dev/udp/127.0.0.1/PORT
case $1 in
system-info) printf 'System Name : %s\\nHardware Version : TL-SG2452 2.0\\nSoftware Version : 1\\n' \"${TECRAX_TARGET#*/}\" ;;
ssh-status) printf 'Model : TL-SG2452\\nSSH Server : Enabled\\nProtocol V1 : Disabled\\nProtocol V2 : Enabled\\nIdle Timeout : 60\\nMAX Clients : 5\\nAES256-CTR : Enabled\\n' ;;
esac
";

/// Everything that was said to `listener` so far, sorted.
fn heard(listener: &UdpSocket) -> Vec<String> {
    listener.set_nonblocking(true).unwrap();
    let mut heard = Vec::new();
    let mut some = [0; 256];
    while let Ok(count) = listener.recv(&mut some) {
        heard.push(String::from_utf8_lossy(&some[..count]).trim_end().to_owned());
    }
    heard.sort_unstable();
    heard
}

#[test]
fn two_switches_behind_one_wrapper_never_share_a_reading() {
    let home = Home::new();
    home.write("checks.yaml", CHECKS);
    fs::create_dir(home.path("manifests/plant")).unwrap();
    // Relative to the manifest, whatever directory the program was started in.
    home.write("plant/switches.yaml", &[switch("sw-01", "bin/cli"), switch("sw-02", "bin/cli")].join("---\n"));
    let listener = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    executable(&home.path("manifests/plant/bin/cli"), &TELLTALE.replace("PORT", &port), 0o755);
    let ended = home.tecrax("reconcile --once manifests");
    assert_eq!(ended.code, 0, "{ended:?}");
    for name in ["sw-01", "sw-02"] {
        let facts = run(&home, &format!("inventory.{name}"))["facts"].clone();
        assert_eq!(facts["device"]["system_name"], name, "{facts:#}");
    }
    // Two Checks of one Target share its readings; two Targets share none.
    let asked = heard(&listener);
    let expected =
        ["default/sw-01 ssh-status", "default/sw-01 system-info", "default/sw-02 ssh-status", "default/sw-02 system-info"];
    assert_eq!(asked, expected);
    log::verify(&home.state());
}

/// Two of the three things that the posture is about were not said: that is not healthy.
#[test]
fn a_switch_that_says_too_little_of_its_management_is_unknown_and_can_be_accepted() {
    let home = Home::new();
    home.write("checks.yaml", CHECKS);
    home.write("switch.yaml", &switch("sw-01", "cli"));
    let silent = TELLTALE.replace("Protocol V1 : Disabled\\n", "").replace("AES256-CTR : Enabled\\n", "").replace("PORT", "9");
    executable(&home.path("manifests/cli"), &silent, 0o755);
    let ended = home.tecrax("reconcile --once manifests");
    assert_eq!(ended.code, 2, "{ended:?}");
    let posture = run(&home, "posture.sw-01");
    let open = ["ssh_protocols_not_observed", "ssh_crypto_not_observed"];
    assert_eq!((&posture["assessment"], codes(&posture)), (&json!("unknown"), open.to_vec()), "{posture:#}");
    assert_eq!(run(&home, "inventory.sw-01")["assessment"], "healthy", "the inventory says what there is");
    // Who knows that this device never says it may say so.
    let accept =
        open.map(|code| format!("  - {{finding: {code}, reason: never said, owner: anna, expires: \"2999-01-01T00:00:00Z\"}}\n"));
    home.write("checks.yaml", &[CHECKS, "  accept:\n", &accept.concat()].concat());
    let ended = home.tecrax("reconcile --once --force manifests");
    assert_eq!(ended.code, 0, "{ended:?}");
}

#[test]
fn an_executable_that_is_none_is_unsupported_with_the_next_step() {
    let home = Home::new();
    home.write("checks.yaml", CHECKS);
    home.write("switches.yaml", &[switch("absent", "/no/such/wrapper"), switch("plain", "plain")].join("---\n"));
    executable(&home.path("manifests/plain"), "#!/bin/sh\n", 0o644);
    let ended = home.tecrax("reconcile --once manifests");
    assert_eq!(ended.code, 2, "{ended:?}");
    for name in ["absent", "plain"] {
        let run = run(&home, &format!("inventory.{name}"));
        assert_eq!((&run["assessment"], codes(&run)), (&json!("unknown"), vec!["Unsupported"]), "{run:#}");
        assert!(run["findings"][0]["nextStep"].as_str().unwrap().contains("wrapper.path"), "{run:#}");
    }
}

#[test]
fn the_example_runs_as_its_page_says() {
    let home = Home::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/network-device-wrapper");
    let ended = home.run(["reconcile", "--once", folder.to_str().unwrap()]);
    assert_eq!(ended.code, 2, "{ended:?}");
    let one = run(&home, "switch-management.sw-01");
    assert_eq!((&one["assessment"], codes(&one)), (&json!("degraded"), vec!["legacy_ssh_v1_enabled"]), "{one:#}");
    let two = run(&home, "switch-management.sw-02");
    assert_eq!((&two["assessment"], codes(&two)), (&json!("unknown"), vec!["ssh_crypto_not_observed"]), "{two:#}");
    for (name, family) in [("sw-01", "tplink_sg2452_v1"), ("sw-02", "hpe_v1910_comware5")] {
        let run = run(&home, &format!("switches.{name}"));
        assert_eq!((&run["assessment"], &run["facts"]["device"]["family"]), (&json!("healthy"), &json!(family)), "{run:#}");
        // What the device says about people and places does not leave the wrapper.
        assert!(!run.to_string().contains("Rack 4") && !run.to_string().contains("anna"), "{run:#}");
    }
}

#[test]
fn the_example_refuses_what_is_not_in_its_table() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/network-device-wrapper/network-cli-readonly");
    for (target, words) in [
        ("default/sw-77", &["system-info"][..]),
        ("", &["system-info"]),
        ("default/sw-01", &["show running-config"]),
        ("default/sw-01", &[]),
        ("default/sw-01", &["system-info", "more"]),
    ] {
        let output = std::process::Command::new(&script)
            .args(words)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("TECRAX_TARGET", target)
            .output();
        let output = output.unwrap();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b""[..]), "{target} {words:?}");
        assert!(!output.stderr.is_empty(), "{target} {words:?}");
    }
}
