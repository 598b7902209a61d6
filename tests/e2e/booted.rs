//! The units for systemd, started by a systemd that has booted: the service says when it is ready and lives by its watchdog, the timer
//! runs passes, and what is taken away from either falsifies no fact.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::systemd_host::Host;
use serde_json::Value;

/// Longest wait for what must happen.
const PATIENCE: Duration = Duration::from_mins(1);

const INTENTS: [(&str, &str); 4] = [
    ("inventory", "collect_basic_host_inventory"),
    ("posture", "collect_host_security_posture_readonly"),
    ("ntp", "check_ntp_health"),
    ("docker", "check_docker_services_health"),
];

/// This machine, looked at every second.
fn manifests() -> String {
    let check = |(name, intent): &(&str, &str)| {
        format!(
            "---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: {name}}}\nspec: {{intent: {intent}, interval: 1s, \
             freshFor: 1m, targetRef: {{name: web}}}}\n"
        )
    };
    let target = "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {name: web}\nspec: {type: Host, connections: [{name: os, local: {}}]}\n";
    target.to_owned() + &INTENTS.iter().map(check).collect::<String>()
}

fn packaged(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/systemd").join(path)).unwrap()
}

/// A host with everything where a package would put it.
fn install(release: &str) -> Host {
    let mut host =
        Host::of(release).program_in("usr/bin", env!("CARGO_BIN_EXE_tecrax")).file("etc/tecrax/manifests/all.yaml", &manifests());
    for unit in ["tecrax.service", "tecrax-once.service", "tecrax-once.timer"] {
        host = host.file(&format!("usr/lib/systemd/system/{unit}"), &packaged(unit));
    }
    host = host.file("usr/lib/sysusers.d/tecrax.conf", &packaged("tecrax.sysusers"));
    host = host.file("usr/lib/tmpfiles.d/tecrax.conf", &packaged("tecrax.tmpfiles"));
    let host = host.boot();
    // As the scripts of a package do.
    host.ssh("systemd-sysusers tecrax.conf && systemd-tmpfiles --create tecrax.conf && systemctl daemon-reload");
    host
}

fn until<T>(what: &str, condition: impl Fn() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// A property of a unit.
fn show(host: &Host, unit: &str, property: &str) -> String {
    host.ssh(&format!("systemctl show {unit} --property={property} --value")).trim().to_owned()
}

/// The state directory of the units.
const STATE: &str = "/var/lib/tecrax";

/// Facts of the latest run of a Check in a state directory of the host.
fn latest(host: &Host, state: &str, check: &str) -> Option<Value> {
    let said = host.ssh(&format!("TECRAX_STATE_DIR={state} tecrax evidence show {check}.web -o json 2>/dev/null || true"));
    let shown: Value = serde_json::from_str(&said).ok()?;
    shown.pointer("/parts/execution_receipt/content/tecrax/facts").cloned()
}

/// The facts that are the same however often one looks.
fn steady(mut facts: Value) -> Value {
    for moving in ["uptime", "load_average", "memory_mib", "collected_at", "observed_at"] {
        facts.as_object_mut().unwrap().remove(moving);
    }
    if let Some(root) = facts.get_mut("root_filesystem").and_then(Value::as_object_mut) {
        root.retain(|key, _| ["filesystem", "blocks_1024", "mounted_on"].contains(&key.as_str()));
    }
    facts
}

/// The same machine without the unit: the same answers.
fn as_outside(host: &Host, user: &str) {
    let line = format!(
        "cd / && mkdir -p /run/{user}-looks && chown {user}: /run/{user}-looks && setpriv --reuid={user} --regid={user} --init-groups env \
         TECRAX_STATE_DIR=/run/{user}-looks/state tecrax reconcile --once --force /etc/tecrax/manifests; true"
    );
    host.ssh(&line);
    for (check, _) in INTENTS {
        let outside = steady(latest(host, &format!("/run/{user}-looks/state"), check).expect("a run outside"));
        until(&format!("{check} inside says what it says outside as {user}: {outside:#}"), || {
            (steady(latest(host, STATE, check)?) == outside).then_some(())
        });
    }
}

/// What changes on the host is seen by a service that runs already.
fn what_changes_is_seen(host: &Host) {
    let inside = |check: &str, pointer: &str| latest(host, STATE, check)?.pointer(pointer).cloned();
    let becomes = |check: &str, pointer: &str, wanted: Value| {
        until(&format!("{check}{pointer} becomes {wanted}"), || (inside(check, pointer)? == wanted).then_some(()));
    };
    becomes("inventory", "/hostname", "web".into());
    host.ssh("hostname renamed");
    becomes("inventory", "/hostname", "renamed".into());
    host.ssh("hostname web");

    becomes("posture", "/signals/reboot_required", false.into());
    host.ssh("touch /run/reboot-required");
    becomes("posture", "/signals/reboot_required", true.into());
    host.ssh("rm /run/reboot-required");

    host.ssh("printf '[Service]\\nExecStart=/bin/sleep infinity\\n' >/etc/systemd/system/docker.service && systemctl daemon-reload && systemctl start docker");
    becomes("docker", "/service_active_state", "active".into());
    host.ssh("systemctl stop docker && rm /etc/systemd/system/docker.service && systemctl daemon-reload");

    // The disk of the host, not one of the unit's own.
    let used = || inside("inventory", "/root_filesystem/used_1024")?.as_u64();
    let before = until("the disk is read", used);
    host.ssh("dd if=/dev/zero of=/root/full bs=1M count=64 2>/dev/null");
    until("the disk is fuller", || (used()? >= before + 60 * 1024).then_some(()));
    host.ssh("rm /root/full");
}

fn the_service(host: &Host) {
    host.ssh("systemctl start tecrax");
    assert_eq!(show(host, "tecrax", "ActiveState"), "active", "the start returns when it is ready");
    assert_eq!(show(host, "tecrax", "StatusText"), "following manifests");
    assert_eq!(host.ssh("stat -c '%U:%G %a' /var/lib/tecrax /etc/tecrax/credentials").trim(), "tecrax:tecrax 700\nroot:root 700");
    until("it has looked at this machine", || latest(host, STATE, "inventory"));
    let level = host.ssh(&format!("TECRAX_STATE_DIR={STATE} tecrax describe inventory.web | grep Sandbox:"));
    assert!(level.contains("full") || level.contains("basic"), "{level}");
    for user in ["root", "tecrax"] {
        as_outside(host, user);
    }
    what_changes_is_seen(host);

    // Signs of life go on.
    let fed = || show(host, "tecrax", "WatchdogTimestampMonotonic");
    let before = fed();
    until("the watchdog is fed", || (fed() != before).then_some(()));
    host.ssh("systemctl reload tecrax");
    let lines = host.ssh("journalctl --no-pager --output=cat _SYSTEMD_UNIT=tecrax.service");
    assert!(lines.contains("SIGHUP"), "{lines}");
    for line in lines.lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok_and(|line| line.is_object()), "{line}");
    }
    assert_eq!(show(host, "tecrax", "NRestarts"), "0");
}

/// A pass beside the service, by the timer: it was missed while the machine was off, so it comes at once.
fn the_timer(host: &Host) {
    host.ssh("mkdir -p /var/lib/systemd/timers && touch -d '2 hours ago' /var/lib/systemd/timers/stamp-tecrax-once.timer");
    host.ssh("systemctl start tecrax-once.timer");
    until("the pass has ended", || {
        let ended = show(host, "tecrax-once", "ExecMainExitTimestampMonotonic");
        (ended != "0" && !ended.is_empty() && show(host, "tecrax-once", "ActiveState") != "activating").then_some(())
    });
    // What docker is on this host nobody knows: an answer, not a failure.
    assert_eq!(show(host, "tecrax-once", "ExecMainStatus"), "2");
    assert_eq!(show(host, "tecrax-once", "Result"), "success");
    assert_eq!(host.ssh("systemctl is-failed tecrax-once || true").trim(), "inactive");
    assert_ne!(show(host, "tecrax-once.timer", "NextElapseUSecRealtime"), "");
}

fn a_hang_is_ended(host: &Host) {
    host.ssh(
        "mkdir -p /etc/systemd/system/tecrax.service.d && printf '[Service]\\nWatchdogSec=5\\nRestartSec=1\\n' \
         >/etc/systemd/system/tecrax.service.d/test.conf && systemctl daemon-reload && systemctl restart tecrax",
    );
    let main = show(host, "tecrax", "MainPID");
    host.ssh(&format!("kill -STOP {main}"));
    until("it is started again", || {
        (show(host, "tecrax", "NRestarts") == "1" && show(host, "tecrax", "ActiveState") == "active").then_some(())
    });
    assert_ne!(show(host, "tecrax", "MainPID"), main);
}

fn a_release(release: &str) -> Host {
    let host = install(release);
    let verified = host.ssh("systemd-analyze verify tecrax.service tecrax-once.service tecrax-once.timer 2>&1 || true");
    assert!(!verified.contains("tecrax"), "{verified}");
    the_service(&host);
    the_timer(&host);
    host
}

fn stops(host: &Host) {
    host.ssh("systemctl stop tecrax");
    assert_eq!((show(host, "tecrax", "Result"), show(host, "tecrax", "ExecMainStatus")), ("success".to_owned(), "0".to_owned()));
    host.ssh(&format!("TECRAX_STATE_DIR={STATE} tecrax evidence verify"));
}

#[test]
fn debian_12() {
    let host = a_release("bookworm");
    a_hang_is_ended(&host);
    stops(&host);
}

#[test]
fn debian_13() {
    stops(&a_release("trixie"));
}
