//! Debian 12 and 13 with real systemd: what the checks of a host say of units in every state.

use std::fmt::Write as _;

use crate::support::cli::Home;
use crate::support::log;
use crate::support::systemd_host::Host;
use serde_json::Value;

/// A home with one Check of each intent on this host.
fn home(host: &Host, intents: &[&str]) -> Home {
    let home = Home::new();
    home.write("all.yaml", &manifests(&host.connection(), intents));
    home
}

/// The Target `web` with one connection, and one Check of each intent on it.
fn manifests(connection: &str, intents: &[&str]) -> String {
    let mut text = format!(
        "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: web}}\nspec: {{type: Host, connections: [{{{connection}}}]}}\n",
    );
    for (name, intent) in intents.iter().map(|words| words.split_once('=').unwrap()) {
        write!(
            text,
            "---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: {name}}}\nspec: {{intent: {intent}, timeout: 40s, targetRef: {{name: web}}}}\n"
        )
        .unwrap();
    }
    text
}

/// Check, Target, assessment, reaction and reason of each row. Of what is not there, the machine itself and its shell speak in words
/// of their own.
fn rows(table: &str) -> Vec<Vec<&str>> {
    table.lines().map(|line| line.split_whitespace().take(5).collect()).collect()
}

/// The same questions on the host itself, shut in: the same answers.
fn shut_in(host: &Host, outside: &str) {
    let tecrax = "cd /root && export TECRAX_STATE_DIR=/root/state && tecrax";
    let inside = host.ssh(&format!("{tecrax} reconcile --once manifests; true"));
    assert_eq!(rows(&inside), rows(outside));
    let level = host.ssh(&format!("{tecrax} describe inventory.web | grep Sandbox:"));
    assert!(level.contains("full") || level.contains("basic"), "{level}");
}

/// Facts of the last run of a Check that was no rerun.
fn facts(home: &Home, check: &str) -> Value {
    let runs = log::runs(&home.state(), &format!("default/{check}.web"));
    runs.into_iter().rfind(|run| run["depth"] == 0).expect("a run")["facts"].clone()
}

/// The last run of a Check that was no rerun, and the reasons of its findings.
fn run(home: &Home, check: &str) -> (Value, Vec<String>) {
    let runs = log::runs(&home.state(), &format!("default/{check}.web"));
    let run = runs.into_iter().rfind(|run| run["depth"] == 0).expect("a run");
    let findings = run["findings"].as_array().unwrap().iter();
    let reasons = findings.map(|finding| finding["reasonCode"].as_str().unwrap().to_owned()).collect();
    (run, reasons)
}

/// Field of /etc/os-release as the host itself shows it.
fn os_release(host: &Host, key: &str) -> String {
    let text = host.ssh("cat /etc/os-release");
    let line = text.lines().find(|line| line.starts_with(&format!("{key}="))).expect(key);
    line.split_once('=').unwrap().1.trim_matches('"').to_owned()
}

/// One Check each.
const INTENTS: [&str; 4] = [
    "inventory=collect_basic_host_inventory",
    "posture=collect_host_security_posture_readonly",
    "ntp=check_ntp_health",
    "docker=check_docker_services_health",
];

fn a_release(release: &str, version: &str) {
    // A unit of its own for each state that is there from the start.
    let host = Host::of(release)
        .service("docker", "/bin/sleep infinity")
        .file("etc/systemd/system/docker.socket", "[Socket]\nListenStream=/run/docker.sock\n")
        .program(env!("CARGO_BIN_EXE_tecrax"))
        .file("root/manifests/all.yaml", &manifests("name: os, local: {}", &INTENTS))
        .boot();
    assert_eq!(os_release(&host, "VERSION_ID"), version);
    let home = home(&host, &INTENTS);
    let ended = host.tecrax(&home, "reconcile --once manifests");
    assert_eq!(ended.code, 2, "{ended:?}");
    shut_in(&host, &ended.out);
    inventory(&host, &facts(&home, "inventory"));
    posture(&host, &home);
    ntp(&host, &home);
    docker(&host, &home);
    log::verify(&home.state());
}

fn inventory(host: &Host, facts: &Value) {
    assert_eq!(facts["assessment"]["state"], "healthy", "{facts:#}");
    assert_eq!(facts["coverage"]["state"], "complete", "{facts:#}");
    assert_eq!(facts["hostname"], "web");
    assert_eq!(facts["os"]["id"], "debian");
    assert_eq!(facts["os"]["pretty_name"], os_release(host, "PRETTY_NAME"));
    assert_eq!(facts["kernel"], host.ssh("uname -srm").trim());
    let free = host.ssh("free -m");
    let total: u64 = free.lines().nth(1).unwrap().split_whitespace().nth(1).unwrap().parse().unwrap();
    assert_eq!(facts["memory_mib"]["total"], total);
    let df = host.ssh("df -P /");
    let cells: Vec<&str> = df.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(facts["root_filesystem"]["filesystem"], cells[0]);
    assert_eq!(facts["root_filesystem"]["blocks_1024"], cells[1].parse::<u64>().unwrap());
    assert!(facts["uptime"].as_str().unwrap().contains("load average"), "{facts:#}");
}

/// What is not installed is unsupported; what is, is told by its state; a reboot that is due is seen.
fn posture(host: &Host, home: &Home) {
    let (first, reasons) = run(home, "posture");
    assert_eq!(first["facts"]["signals"]["unattended_upgrades_enabled"], Value::Null, "{first:#}");
    assert!(reasons.contains(&"Unsupported".to_owned()), "{reasons:?}");
    let aslr = host.ssh("cat /proc/sys/kernel/randomize_va_space");
    assert_eq!(first["facts"]["signals"]["aslr_mode"].to_string(), aslr.trim());
    let restrict = host.ssh("cat /proc/sys/kernel/dmesg_restrict");
    assert_eq!(first["facts"]["signals"]["dmesg_restrict"].to_string(), restrict.trim());

    let unit = "[Service]\\nExecStart=/bin/true\\n[Install]\\nWantedBy=multi-user.target\\n";
    let install = format!(
        "rm -f /etc/systemd/system/unattended-upgrades.service; printf '{unit}' >/etc/systemd/system/unattended-upgrades.service && \
         systemctl daemon-reload"
    );
    // Of a unit that nobody can enable `is-enabled` says another word.
    let bare = unit.split("[Install]").next().unwrap();
    let bare = format!("printf '{bare}' >/etc/systemd/system/unattended-upgrades.service && systemctl daemon-reload");
    let states = [
        (bare.as_str(), false, false),
        (install.as_str(), false, false),
        ("systemctl enable unattended-upgrades && touch /run/reboot-required", true, true),
        ("systemctl disable unattended-upgrades && rm /run/reboot-required", false, false),
        ("rm /etc/systemd/system/unattended-upgrades.service && systemctl mask unattended-upgrades", false, false),
    ];
    for (line, enabled, reboot) in states {
        host.ssh(line);
        host.tecrax(home, "reconcile --once --force manifests");
        let (run, reasons) = run(home, "posture");
        let signals = &run["facts"]["signals"];
        assert_eq!(
            (&signals["unattended_upgrades_enabled"], &signals["reboot_required"]),
            (&enabled.into(), &reboot.into()),
            "{line}: {run:#}"
        );
        assert_eq!(reasons.iter().any(|reason| reason.contains("reboot")), reboot, "{line}: {reasons:?}");
        // apt-check is Ubuntu's.
        assert_eq!(signals["available_updates"]["security"], Value::Null, "{run:#}");
    }
}

/// A machine that may not set its clock has an installed daemon that does not run: both are seen.
fn ntp(host: &Host, home: &Home) {
    let said = host.ssh("timedatectl show --property=NTPSynchronized --value");
    let (run, reasons) = run(home, "ntp");
    assert_eq!(run["facts"]["synchronized"], said.trim() == "yes", "{run:#}");
    assert_eq!(run["assessment"], "unhealthy", "{run:#}");
    assert!(reasons.len() == 2, "{reasons:?}");
}

/// Waits on the host until systemd says `state` of docker.service.
fn until(state: &str) -> String {
    format!(
        "i=0; while [ \"$(systemctl show docker --property=ActiveState --value)\" != {state} ]; do i=$((i+1)); [ $i -lt 3000 ]; done"
    )
}

/// What makes docker.service of these lines below `[Service]`, and starts nothing.
fn unit(lines: &str) -> String {
    format!(
        "systemctl kill -s KILL docker 2>/dev/null; systemctl stop docker 2>/dev/null; printf '[Service]\\n{lines}\\n' \
         >/etc/systemd/system/docker.service && systemctl daemon-reload && {{ systemctl reset-failed docker 2>/dev/null || true; }}"
    )
}

/// docker.service through every state that systemd has for a service, and the unit files that decide what may be started.
fn docker(host: &Host, home: &Home) {
    const STOPPED: &str = "docker_service_not_active";
    const UNUSABLE: &str = "docker_service_not_loadable";
    // It ignores being asked to stop, and so hangs in what it was told.
    let stubborn =
        "ExecStart=/bin/sleep infinity\\nExecReload=/bin/sleep infinity\\nExecStop=/bin/sleep infinity\\nTimeoutSec=infinity";
    // What is done to the host, then load, active and unit file state, assessment, reason.
    let states = [
        ("true".to_owned(), ("loaded", "active", "enabled"), "healthy", ""),
        ("systemctl disable docker".to_owned(), ("loaded", "active", "disabled"), "healthy", ""),
        ("systemctl stop docker".to_owned(), ("loaded", "inactive", "disabled"), "unhealthy", STOPPED),
        (
            format!(
                "sed -i s,/bin/sleep.*,/bin/false, /etc/systemd/system/docker.service && systemctl daemon-reload && \
             systemctl start docker && {}; systemctl is-failed docker",
                until("failed")
            ),
            ("loaded", "failed", "disabled"),
            "unhealthy",
            STOPPED,
        ),
        (
            format!(
                "{}; systemctl start --no-block docker; {}",
                unit("Type=oneshot\\nExecStart=/bin/sleep infinity"),
                until("activating")
            ),
            ("loaded", "activating", "static"),
            "unhealthy",
            STOPPED,
        ),
        (
            // Started again and again: `activating`, in between.
            format!(
                "{}; systemctl start docker; {}; systemctl show docker --property=SubState --value | grep -q auto-restart",
                unit("ExecStart=/bin/false\\nRestart=always\\nRestartSec=3600"),
                until("activating")
            ),
            ("loaded", "activating", "static"),
            "unhealthy",
            STOPPED,
        ),
        (
            format!("{}; systemctl start docker; systemctl reload --no-block docker; {}", unit(stubborn), until("reloading")),
            ("loaded", "reloading", "static"),
            "healthy",
            "",
        ),
        (
            format!("{}; systemctl start docker; systemctl stop --no-block docker; {}", unit(stubborn), until("deactivating")),
            ("loaded", "deactivating", "static"),
            "unhealthy",
            STOPPED,
        ),
        // Without a command there is nothing to start.
        (unit("Type=simple"), ("bad-setting", "inactive", "static"), "unhealthy", UNUSABLE),
        (
            "rm /etc/systemd/system/docker.service && mkdir -p /opt && printf '[Service]\\nExecStart=/bin/sleep infinity\\n' \
             >/opt/docker.service && systemctl link /opt/docker.service && systemctl start docker"
                .to_owned(),
            ("loaded", "active", "linked"),
            "healthy",
            "",
        ),
        (
            "systemctl stop docker; systemctl disable docker; rm -f /etc/systemd/system/docker.service; systemctl mask docker"
                .to_owned(),
            ("masked", "inactive", "masked"),
            "unhealthy",
            UNUSABLE,
        ),
        (
            "systemctl unmask docker && systemctl daemon-reload".to_owned(),
            ("not-found", "inactive", ""),
            "unknown",
            "docker_not_installed",
        ),
    ];
    for (line, (load, active, file), assessment, reason) in states {
        host.ssh(&line);
        host.tecrax(home, "reconcile --once --force manifests");
        let (run, reasons) = run(home, "docker");
        let facts = &run["facts"];
        let seen = (&facts["service_load_state"], &facts["service_active_state"], &facts["service_unit_file_state"]);
        let file = if file.is_empty() { Value::Null } else { Value::from(file) };
        assert_eq!(seen, (&Value::from(load), &Value::from(active), &file), "{line}: {run:#}");
        assert_eq!(run["assessment"], assessment, "{line}: {run:#}");
        let expected: Vec<String> = [reason].iter().filter(|reason| !reason.is_empty()).map(ToString::to_string).collect();
        assert_eq!(reasons, expected, "{line}");
        assert_eq!(facts["socket_load_state"], "loaded", "{run:#}");
    }
}

#[test]
fn debian_12() {
    a_release("bookworm", "12");
}

#[test]
fn debian_13() {
    a_release("trixie", "13");
}
