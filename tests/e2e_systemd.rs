//! Debian 12 and 13 with real systemd: what the checks of a host say of units in every state.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "support/daemon.rs"]
mod daemon;
mod support;
#[path = "support/systemd_host.rs"]
mod systemd_host;

use serde_json::Value;
use support::cli::Home;
use support::log;
use systemd_host::Host;

fn boot(release: &str) -> Host {
    Host::of(release).service("docker", "/bin/sleep infinity").boot()
}

/// A home with one Check of each intent on this host.
fn home(host: &Host, intents: &[&str]) -> Home {
    let home = Home::new();
    let mut text = format!(
        "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: web}}\nspec: {{type: Host, connections: [{{{}}}]}}\n",
        host.connection()
    );
    for (name, intent) in intents.iter().map(|words| words.split_once('=').unwrap()) {
        text += &format!(
            "---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: {name}}}\nspec: {{intent: {intent}, timeout: 40s, targetRef: {{name: web}}}}\n"
        );
    }
    home.write("all.yaml", &text);
    home
}

/// Facts of the last run of a Check that was no rerun.
fn facts(home: &Home, check: &str) -> Value {
    let runs = log::runs(&home.state(), &format!("default/{check}.web"));
    runs.into_iter().rfind(|run| run["depth"] == 0).expect("a run")["facts"].clone()
}

fn a_release(release: &str) {
    let host = boot(release);
    let home = home(
        &host,
        &["inventory=collect_basic_host_inventory", "posture=collect_host_security_posture_readonly", "ntp=check_ntp_health"],
    );
    let t = std::time::Instant::now();
    let ended = host.tecrax(&home, "reconcile --once manifests");
    println!("{:?} {}", t.elapsed(), ended.screen());
    for check in ["inventory", "posture", "ntp"] {
        println!("{:#}", facts(&home, check));
    }
}

#[test]
fn debian_12() {
    a_release("bookworm");
}

#[test]
fn debian_13() {
    a_release("trixie");
}
