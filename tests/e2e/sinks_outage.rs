//! An outage from end to end: real SSH servers go away and come back, and Alertmanager has one alert for it.

use std::fmt::Write as _;

use crate::support::alertmanager::Alertmanager;
use crate::support::cli::Home;
use crate::support::hosts::INVENTORY;
use crate::support::relay::Relay;
use crate::support::sshd::Sshd;
use serde_json::Value;

const FORCE: &str = "reconcile --once --force manifests";

/// A Target that is reached through `relay`.
fn target(name: &str, server: &Sshd, relay: &Relay, more: &str) -> String {
    // The server is known by its own port; here it stands behind another.
    let key = server.host_key("ed25519");
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}, labels: {{site: lab}}}}\n\
         spec: {{type: Host, {more}connections: [{{name: os, ssh: {{host: 127.0.0.1, port: {}, user: {}, connectTimeout: 20s, \
         identity: {{file: {}}}, hostKeys: {{inline: [\"[127.0.0.1]:{} {key}\"]}}}}}}]}}\n",
        relay.port,
        server.user,
        server.user_key().display(),
        relay.port,
    )
}

fn home(targets: &str, server: &Alertmanager) -> Home {
    let home = Home::new();
    let check = INVENTORY.replace("spec:\n", "spec:\n  timeout: 2m\n").replace("values: [\"90\"]", "values: [\"101\"]");
    home.write("check.yaml", &check);
    home.write("targets.yaml", targets);
    home.write(
        "sinks.yaml",
        &format!(
            "apiVersion: tecrax.io/v1alpha1\nkind: Sink\nmetadata: {{name: ops}}\nspec: {{alertmanager: {{urls: [\"{}\"]}}}}\n",
            server.url()
        ),
    );
    home
}

fn label<'a>(alert: &'a Value, name: &str) -> &'a str {
    alert["labels"][name].as_str().unwrap_or_default()
}

#[test]
fn a_host_goes_down_and_comes_back_and_there_is_one_alert_in_between() {
    let (folder, server) = (tempfile::TempDir::new().unwrap(), Sshd::start());
    let (mut relay, alerts) = (Relay::start(server.port), Alertmanager::start(folder.path()));
    let home = home(&target("web-07", &server, &relay, ""), &alerts);
    let up = home.tecrax(FORCE);
    assert_eq!((up.code, alerts.alerts().len()), (0, 0), "{up:?}");

    relay.down();
    let down = home.tecrax(FORCE);
    assert_eq!(down.code, 2, "{down:?}");
    let found = alerts.alerts();
    assert_eq!(found.len(), 1, "{found:#?}\n{down:?}");
    assert_eq!(label(&found[0], "target"), "web-07");
    // Another process, another look: still the same.
    home.tecrax(FORCE);
    let again = alerts.alerts();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0]["fingerprint"], found[0]["fingerprint"]);

    relay.up();
    let back = home.tecrax(FORCE);
    assert_eq!((back.code, alerts.alerts().len()), (0, 0), "{back:?}");
}

#[test]
fn a_dead_gateway_with_ten_children_is_one_alert() {
    let (folder, server) = (tempfile::TempDir::new().unwrap(), Sshd::start());
    let (mut relay, alerts) = (Relay::start(server.port), Alertmanager::start(folder.path()));
    let mut targets = target("gw-fra", &server, &relay, "");
    for child in 0..10 {
        let more = "dependsOn: [{name: gw-fra}], ";
        write!(targets, "{}", target(&format!("web-{child:02}"), &server, &relay, more)).unwrap();
    }
    let home = home(&targets, &alerts);
    relay.down();
    for pass in 0..3 {
        let down = home.tecrax(FORCE);
        let found = alerts.alerts();
        let shown: Vec<String> = found.iter().map(|alert| alert["annotations"]["summary"].to_string()).collect();
        assert_eq!(found.len(), 1, "pass {pass}: {shown:#?}\n{down:?}");
    }
    relay.up();
    let back = home.tecrax(FORCE);
    assert_eq!((back.code, alerts.alerts().len()), (0, 0), "{back:?}");
}
