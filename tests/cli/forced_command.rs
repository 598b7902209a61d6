//! `ssh forced-command`: what it prints, for which target, and what it asks a person to do.

use std::fs;

use crate::support::cli::{Home, settings};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3LnCcJBjNoKbbOjqJYmIVFdL9Xr/4dWcPNgC3q5aJg";

/// A host with a key file beside the manifests, its jump host, two hosts of a TargetSet, this machine, and one host in another
/// namespace.
fn lab() -> Home {
    let home = Home::new();
    home.write(
        "targets.yaml",
        "apiVersion: tecrax.io/v1alpha1
kind: Target
metadata: {name: web-07, labels: {site: fra}}
spec:
  type: Host
  connections:
  - name: os
    ssh: {host: web-07.example.net, user: tecrax, port: 2222, identity: {file: id}, viaRefs: [{name: bastion}]}
---
apiVersion: tecrax.io/v1alpha1
kind: Target
metadata: {name: bastion, labels: {site: hub}}
spec: {type: Host, connections: [{name: os, ssh: {host: bastion.example.net, user: jump}}]}
---
apiVersion: tecrax.io/v1alpha1
kind: Target
metadata: {name: here, labels: {site: hub}}
spec: {type: Host, connections: [{name: os, local: {}}]}
---
apiVersion: tecrax.io/v1alpha1
kind: Target
metadata: {name: web-07, namespace: lab}
spec: {type: Host, connections: [{name: os, ssh: {host: web-07.lab.example.net}}]}
---
apiVersion: tecrax.io/v1alpha1
kind: TargetSet
metadata: {name: db}
spec:
  template: {metadata: {labels: {site: fra}}, spec: {type: Host, connections: [{name: os, ssh: {user: tecrax}}]}}
  items: [{name: db-1, host: db-1.example.net}, {name: db-2, host: db-2.example.net}]
",
    );
    home.write(
        "checks.yaml",
        "apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: clock}
spec: {intent: check_ntp_health, targetSelector: {matchExpressions: [{key: site, operator: Exists}]}}
---
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: posture}
spec: {intent: collect_host_security_posture_readonly, targetRef: {name: web-07}}
",
    );
    fs::write(home.path("manifests/id.pub"), format!("{KEY} anna@desk\n")).unwrap();
    home
}

#[test]
fn screens() {
    let home = lab();
    let lines = [
        "ssh forced-command web-07 manifests",
        "ssh forced-command db-2 manifests --line",
        "ssh forced-command bastion manifests --line --key manifests/id.pub --path /opt/gate",
        "ssh forced-command web-07 manifests --namespace lab --script",
        "ssh forced-command here manifests",
        "ssh forced-command web-7 manifests",
        "ssh forced-command web-07 manifests --path gate",
        "ssh forced-command web-07 manifests --key manifests/checks.yaml",
        "ssh forced-command web-07 manifests --key nothing.pub",
    ];
    let text: Vec<String> = lines.iter().map(|line| format!("$ tecrax {line}\n{}", home.tecrax(line).screen())).collect();
    settings(home.dir.path(), false).bind(|| insta::assert_snapshot!("screens", text.join("\n")));
}

/// What is printed alone is what stands in both, and the same every time.
#[test]
fn the_parts_are_those_of_the_whole() {
    let home = lab();
    let whole = home.tecrax("ssh forced-command web-07 manifests").out;
    let (line, script) = (
        home.tecrax("ssh forced-command web-07 manifests --line").out,
        home.tecrax("ssh forced-command web-07 manifests --script").out,
    );
    assert_eq!(line, format!("restrict,command=\"/usr/local/lib/tecrax/gate-default.web-07\" {KEY}\n"));
    assert!(script.starts_with("#!/bin/sh\n") && script.ends_with("\nexit 126\n"), "{script}");
    assert!(whole.contains(&line) && whole.ends_with(&script), "{whole}");
    assert_eq!(home.tecrax("ssh forced-command web-07 manifests").out, whole);
}

#[test]
fn a_broken_manifest_is_told_and_the_rest_printed() {
    let home = lab();
    home.write("bad.yaml", "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {name: bad}\nspec: {intent: nothing, targetRef: {name: web-07}}\n");
    let ended = home.tecrax("ssh forced-command web-07 manifests --script");
    assert_eq!(ended.code, 65, "{ended:?}");
    assert!(ended.out.starts_with("#!/bin/sh\n") && ended.err.contains("bad.yaml:4:"), "{ended:?}");
}
