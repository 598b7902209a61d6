//! What the normalizers make of output that the recordings do not hold.

use serde_json::{Value, json};
use tecrax::facts::{self, Context, Reading, Readings};

fn facts(normalizer: &str, outputs: &[(&str, &str)]) -> Value {
    let readings: Readings = outputs.iter().map(|(step, text)| ((*step).to_owned(), Reading::taken(*text))).collect();
    facts::normalizer(normalizer).unwrap()(&readings, &Context { target: "default/web-07" }).unwrap()
}

fn inventory(outputs: &[(&str, &str)]) -> Value {
    facts("normalize_basic_host_inventory", outputs)
}

fn root(df: &str) -> Value {
    inventory(&[("read_filesystem_usage", df)])["root_filesystem"].clone()
}

#[test]
fn facts_df_shares_are_of_what_a_user_can_fill() {
    let root = root("Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda 264212084 14758156 80527732 16% /\n");
    assert_eq!(root["used_percent"], json!(15.49), "reserved blocks are in neither part");
    assert_eq!(root["available_percent"], json!(84.51));
}

#[test]
fn facts_df_shares_are_unknown_of_nothing() {
    for row in ["none - - - - /", "tmpfs 0 0 0 - /"] {
        let root = root(&format!("header\n{row}\n"));
        assert_eq!((&root["used_percent"], &root["available_percent"]), (&Value::Null, &Value::Null), "{row}");
        assert_eq!(root["mounted_on"], "/", "{row}");
    }
}

#[test]
fn facts_df_devices_may_hold_spaces() {
    let root = root("header\n//nas/my share 100 75 25 75% /\n");
    assert_eq!(root["filesystem"], "//nas/my share");
    assert_eq!(root["used_percent"], json!(75.0));
}

#[test]
fn facts_df_wrapped_row_with_spaces_in_its_mount_point() {
    let root = root("header\n/dev/mapper/long\n 100 50 50 50% /srv/my data\n");
    assert_eq!(root["filesystem"], "/dev/mapper/long");
    assert_eq!(root["mounted_on"], "/srv/my data");
    assert_eq!(root["used_1024"], 50);
}

#[test]
fn facts_df_noise_before_the_row_is_not_its_device() {
    let root = root("header\nwarning\n/dev/sda1 100 50 50 50% /\n");
    assert_eq!(root["filesystem"], "/dev/sda1");
}

#[test]
fn facts_meminfo_counts_like_free() {
    let text = "MemTotal:       24684272 kB\nMemFree:        22635000 kB\nMemAvailable:   24275968 kB\nBuffers:           41984 kB\n\
                Cached:          1771520 kB\nSwapCached:            0 kB\nShmem:              8444 kB\nSReclaimable:      99328 kB\n";
    let memory = inventory(&[("read_memory_summary", text)])["memory_mib"].clone();
    assert_eq!(memory, json!({"total": 24105, "used": 398, "free": 22104, "shared": 8, "buff_cache": 1868, "available": 23707}));
}

#[test]
fn facts_meminfo_of_old_kernels_does_not_say_what_is_available() {
    let text = "MemTotal: 8192 kB\nMemFree: 2048 kB\nBuffers: 1024 kB\nCached: 1024 kB\n";
    let memory = inventory(&[("read_memory_summary", text)])["memory_mib"].clone();
    assert_eq!(memory, json!({"total": 8, "used": 4, "free": 2, "shared": null, "buff_cache": 2, "available": null}));
}

#[test]
fn facts_inventory_names_what_was_not_observed() {
    let facts = inventory(&[("read_hostname", "web-07"), ("read_os_release", "ID=debian")]);
    assert_eq!(facts["scope"]["observed"], json!(["os", "hostname"]));
    assert_eq!(facts["scope"]["not_observed"], json!(["kernel", "uptime", "load", "root_filesystem", "memory"]));
    assert_eq!(facts["coverage"]["state"], "partial");
    assert_eq!(facts["assessment"]["state"], "unknown");
}

fn unit(id: &str, load: &str, active: &str, file: &str) -> String {
    format!("Id={id}\nLoadState={load}\nActiveState={active}\nSubState=x\nUnitFileState={file}\n")
}

fn ntp(synchronized: &str, units: &[String]) -> Value {
    let sync = format!("NTP=yes\nNTPSynchronized={synchronized}\n");
    facts("normalize_ntp_health", &[("read_ntp_sync_state", &sync), ("read_ntp_daemon_units", &units.join("\n"))])
}

fn judged(facts: &Value) -> (&str, &str, &str) {
    let text = |path: &str| facts.pointer(path).unwrap().as_str().unwrap_or("null");
    (text("/service"), text("/service_state"), text("/assessment/state"))
}

#[test]
fn facts_ntp_daemon_is_the_active_one() {
    let units = [
        unit("chrony.service", "loaded", "inactive", "enabled"),
        unit("ntp.service", "not-found", "inactive", ""),
        unit("systemd-timesyncd.service", "loaded", "active", "disabled"),
    ];
    assert_eq!(judged(&ntp("yes", &units)), ("systemd-timesyncd", "active", "healthy"));
}

/// A daemon that reads its configuration anew runs on: it is the one that is there, and nothing is wrong with it.
#[test]
fn facts_ntp_daemon_runs_while_it_is_reloaded() {
    for state in ["reloading", "refreshing"] {
        let units = [
            unit("chrony.service", "loaded", "inactive", "enabled"),
            unit("ntpsec.service", "loaded", state, "disabled"),
            unit("systemd-timesyncd.service", "loaded", "failed", "enabled"),
        ];
        let good = ntp("yes", &units);
        assert_eq!(judged(&good), ("ntpsec", state, "healthy"));
        assert_eq!(judged(&ntp("no", &units)), ("ntpsec", state, "unhealthy"), "the clock is");
        let first = tecrax::facts::project(&good, "1.0").expect("a projection");
        assert_eq!(judged(&first), ("ntpsec", state, "healthy"));
        assert_eq!(first["healthy"], json!(true));
    }
    for state in ["activating", "deactivating", "maintenance"] {
        let units = [unit("chrony.service", "loaded", state, "enabled")];
        assert_eq!(judged(&ntp("yes", &units)), ("chrony", state, "unhealthy"));
    }
}

#[test]
fn facts_ntp_alias_changes_nothing() {
    let units = [unit("chrony.service", "loaded", "active", "enabled"), unit("chrony.service", "loaded", "active", "enabled")];
    assert_eq!(judged(&ntp("yes", &units)), ("chrony", "active", "healthy"));
}

#[test]
fn facts_ntp_daemon_that_should_run_is_the_enabled_one() {
    let units = [
        unit("systemd-timesyncd.service", "loaded", "inactive", "disabled"),
        unit("chrony.service", "loaded", "failed", "enabled"),
    ];
    assert_eq!(judged(&ntp("yes", &units)), ("chrony", "failed", "unhealthy"));
}

#[test]
fn facts_ntp_masked_daemon_does_not_run() {
    let units = [unit("ntp.service", "not-found", "inactive", ""), unit("chrony.service", "masked", "inactive", "masked")];
    assert_eq!(judged(&ntp("yes", &units)), ("chrony", "masked", "unhealthy"));
}

#[test]
fn facts_ntp_without_a_known_daemon_nobody_can_say_who_keeps_the_clock() {
    let units = [unit("ntp.service", "not-found", "inactive", ""), unit("chrony.service", "not-found", "inactive", "")];
    let facts = ntp("yes", &units);
    assert_eq!(judged(&facts), ("null", "not-found", "unknown"));
    assert_eq!(facts["scope"]["not_observed"], json!([]), "that there is none was seen");
    let first = facts::project(&facts, "1.0").expect("1.0");
    assert_eq!(first["scope"]["not_observed"], json!(["daemon_state"]), "1.0 calls it so");
    assert_eq!(
        (&first["scope"]["observed"], &first["coverage"]["state"]),
        (&json!(["local_synchronization"]), &json!("partial"))
    );
    assert_eq!(judged(&ntp("no", &units)).2, "unhealthy", "a clock seen to drift stays unhealthy");
}

#[test]
fn facts_ntp_seen_wrong_stays_wrong_when_the_rest_is_missing() {
    let facts = facts("normalize_ntp_health", &[("read_ntp_sync_state", "NTPSynchronized=no\n")]);
    assert_eq!(judged(&facts), ("null", "null", "unhealthy"));
    assert_eq!(facts["coverage"]["state"], "partial");
}

fn posture(outputs: &[(&str, &str)]) -> Value {
    facts("normalize_host_security_posture", outputs)
}

#[test]
fn facts_posture_leaves_open_what_was_not_read() {
    let facts = posture(&[("read_aslr_state", "2\n"), ("read_dmesg_restrict_state", "1\n")]);
    assert_eq!(facts["signals"]["reboot_required"], Value::Null);
    assert_eq!(facts["signals"]["unattended_upgrades_enabled"], Value::Null);
    assert_eq!(facts["assessment"]["state"], "unknown");
    assert_eq!(facts["scope"]["not_observed"], json!(["unattended_upgrades", "available_updates", "reboot_required"]));
}

#[test]
fn facts_posture_seen_wrong_stays_degraded_when_the_rest_is_missing() {
    let facts = posture(&[("read_aslr_state", "0\n")]);
    assert_eq!(facts["assessment"]["state"], "degraded");
    assert_eq!(facts["coverage"]["state"], "partial");
    assert_eq!(facts["complete"], false);
}

#[test]
fn facts_posture_reads_newer_wordings() {
    let security = |text: &str| {
        let updates = posture(&[("read_available_updates_summary", text)])["signals"]["available_updates"].clone();
        (updates["regular"].as_u64(), updates["security"].as_u64())
    };
    assert_eq!(
        security("1 update can be applied immediately.\n1 of these updates is a standard security update.\n"),
        (Some(0), Some(1))
    );
    assert_eq!(
        security(
            "9 updates can be applied immediately.\n2 of these updates are standard security updates.\n\
                  7 additional security updates can be applied with ESM Apps.\n"
        ),
        (Some(7), Some(2)),
        "updates of a paid archive are not installable ones"
    );
    assert_eq!(security("3.5 packages can be updated. 1 update is a security update."), (None, None));
}
