//! What commands leave as it is.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::time::SystemTime;

use crate::support::cli::Home;

/// Content and time of every file below `folder`.
fn files(folder: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let written = fs::metadata(&path).unwrap().modified().unwrap();
            found.insert(path.display().to_string(), (fs::read(&path).unwrap(), written));
        }
    }
    found
}

/// The key of nobody.
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJb1yo0wNCMM0ZNZ2ZbGzHGCbsv0JWX7Qn3DqSAwDNJj";

/// A host that is this machine, one behind `port`, and a Zabbix there.
fn manifests(home: &Home, port: u16) {
    home.write(
        "all.yaml",
        &format!(
            "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: here}}\n\
             spec: {{type: Host, connections: [{{name: os, local: {{}}}}]}}\n---\n\
             apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: there}}\nspec:\n  type: Host\n  connections:\n  \
             - {{name: os, ssh: {{host: 127.0.0.1, port: {port}, user: x, hostKeys: {{inline: [\"127.0.0.1 {KEY}\"]}}}}}}\n  \
             - {{name: zabbix, http: {{baseURL: \"http://127.0.0.1:{port}\"}}}}\n---\n\
             apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: inventory}}\n\
             spec: {{intent: collect_basic_host_inventory, targetSelector: {{}}}}\n---\n\
             apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: zabbix}}\n\
             spec: {{intent: check_zabbix_container_health, targetRef: {{name: there}}}}\n"
        ),
    );
}

/// The commands that the README names for before anything runs, and what else only reads manifests.
const LOOKING: [&str; 6] =
    ["validate manifests", "plan manifests", "shapes manifests", "operations list", "targets list manifests", "lint manifests"];

#[test]
fn manifests_are_never_written() {
    let home = Home::new();
    manifests(&home, 1);
    home.write("broken.yaml", "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {name: broken}\nspec: {intnet: x}\n");
    let before = files(&home.path("manifests"));
    assert_eq!(before.len(), 2);
    for line in LOOKING.into_iter().chain([
        "reconcile --once manifests",
        "reconcile --once --force manifests",
        "status",
        "get escalations",
    ]) {
        home.tecrax(line);
        assert_eq!(files(&home.path("manifests")), before, "{line}");
    }
}

#[test]
fn what_only_looks_at_manifests_contacts_nobody() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let home = Home::new();
    manifests(&home, listener.local_addr().unwrap().port());
    for line in LOOKING {
        let ended = home.tecrax(line);
        assert_eq!(ended.code, 0, "{line}: {ended:?}");
        assert!(listener.accept().is_err(), "{line} contacted somebody");
    }
    // A pass does, so that the ear is one that hears.
    home.tecrax("reconcile --once manifests");
    assert!(listener.accept().is_ok(), "a pass contacts both");
}
