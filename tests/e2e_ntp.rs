//! Time daemons that answer, and one that does not: ntpsec and chrony, each under systemd on a host of its own.
#![allow(clippy::disallowed_methods, reason = "tests read files and clocks and start programs")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

#[path = "support/daemon.rs"]
mod daemon;
#[path = "support/ntp.rs"]
mod ntp;
mod support;
#[path = "support/systemd_host.rs"]
mod systemd_host;

use daemon::until;
use serde_json::Value;
use support::cli::{Ended, Home};
use support::log;
use systemd_host::Host;

fn home(host: &Host) -> Home {
    let home = Home::new();
    home.write(
        "all.yaml",
        &format!(
            "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: time}}\nspec: {{type: Host, connections: [{{{}}}]}}\n---\n\
             apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: server}}\n\
             spec: {{intent: check_ntp_server_health, timeout: 50s, targetRef: {{name: time}}}}\n",
            host.connection()
        ),
    );
    home
}

fn pass(host: &Host, home: &Home) -> (Ended, Value, Vec<String>) {
    let ended = host.tecrax(home, "reconcile --once --force manifests");
    let runs = log::runs(&home.state(), "default/server.time");
    let run = runs.into_iter().rfind(|run| run["depth"] == 0).expect("a run");
    let findings = run["findings"].as_array().unwrap().iter();
    let reasons = findings.map(|finding| finding["reasonCode"].as_str().unwrap().to_owned()).collect();
    (ended, run, reasons)
}

#[test]
fn ntpsec_says_how_near_to_the_time_it_is() {
    let host = ntp::ntpsec().boot();
    let home = home(&host);
    // Before it has found its source.
    let (ended, run, reasons) = pass(&host, &home);
    println!("{}\n{reasons:?}\n{:#}", ended.screen(), run["facts"]);

    let variables = || host.ssh("timeout 5 ntpq -c 'rv 0 stratum,leap'");
    until("ntpd to follow its source", 60, || variables().contains("leap=00").then_some(()));
    let (ended, run, reasons) = pass(&host, &home);
    println!("{}\n{reasons:?}\n{:#}", ended.screen(), run["facts"]);

    host.ssh("systemctl stop ntpsec");
    let (ended, run, reasons) = pass(&host, &home);
    println!("{}\n{reasons:?}\n{:#}", ended.screen(), run["facts"]);
    log::verify(&home.state());
}

#[test]
fn chrony_has_no_ntpq_and_that_is_no_failure() {
    let host = ntp::chronyd().boot();
    let home = home(&host);
    let (ended, run, reasons) = pass(&host, &home);
    println!("{}\n{reasons:?}\n{:#}", ended.screen(), run);
    log::verify(&home.state());
}
