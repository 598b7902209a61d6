//! What proves that something is over: that it was observed, and no less than that.

use std::fmt::Write as _;

use serde_json::json;
use tecrax::api::{Assessment, FindingStage, ReactionOutcome, reason};

use super::{reaction, stages};
use crate::support::engine::Rig;
use crate::support::log;

const PAIR: &str = "seen.web";
/// `ntpq` and `apt-check` on a host that has none.
const MISSING: (&str, i32) = ("", 127);

/// A Check of the host `web` with more lines of its spec.
fn check(intent: &str, more: &str) -> String {
    format!(
        "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: seen}}\nspec:\n  intent: {intent}\n  targetRef: {{name: web}}\n  retry: {{attempts: 0}}\n{more}"
    )
}

/// A host with one connection, and what each shape answers there.
fn host(role: &str, readings: &[(&str, (&str, i32))]) -> String {
    let mut text = format!(
        "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: web}}\nspec:\n  type: Host\n  connections:\n  - name: {role}\n    fixture:\n      readings:\n"
    );
    for (shape, (stdout, exit)) in readings {
        let stderr = if (*stdout, *exit) == MISSING { "sh: 1: exec: it: not found\n" } else { "" };
        let [stdout, stderr] = [stdout, stderr].map(|text| json!(text));
        writeln!(text, "      - {{shape: {shape}, stdout: {stdout}, stderr: {stderr}, exitCode: {exit}}}").unwrap();
    }
    text
}

/// A rig after its first pass.
async fn rig(check: &str, host: &str) -> Rig {
    let rig = Rig::new();
    rig.write("check.yaml", check);
    rig.write("web.yaml", host);
    rig.once().await;
    rig
}

/// The next pass, with another answer of the host; what is known then.
async fn then(rig: &mut Rig, host: &str) -> (Assessment, Vec<(String, FindingStage)>) {
    rig.write("web.yaml", host);
    rig.again().await;
    log::verify(&rig.state());
    (rig.pair(PAIR).last.unwrap().assessment, stages(rig, PAIR))
}

fn raised(key: &str) -> (String, FindingStage) {
    (key.to_owned(), FindingStage::Raised)
}

fn zabbix(disasters: u32, hosts: u32) -> String {
    let reply = |count: u32| json!({"jsonrpc": "2.0", "result": count.to_string(), "id": 1}).to_string();
    let mut readings =
        vec![("read_zabbix_api_version".to_owned(), json!({"jsonrpc": "2.0", "result": "7.0.3", "id": 1}).to_string())];
    for severity in ["not_classified", "information", "warning", "average", "high"] {
        readings.push((format!("read_zabbix_problem_count_{severity}"), reply(0)));
    }
    readings.push(("read_zabbix_problem_count_disaster".to_owned(), reply(disasters)));
    readings.push(("read_zabbix_enabled_host_count".to_owned(), reply(hosts)));
    readings.push(("read_zabbix_disabled_host_count".to_owned(), reply(0)));
    let readings: Vec<(&str, (&str, i32))> =
        readings.iter().map(|(shape, stdout)| (shape.as_str(), (stdout.as_str(), 0))).collect();
    host("zabbix", &readings)
}

/// No reading fails when a token loses its groups of hosts: Zabbix says 0 of everything.
#[tokio::test]
async fn a_token_that_went_blind_ends_no_expectation() {
    const FAILED: &str = "expectation/no-disaster/ExpectationFailed";
    const PROBLEMS: &str = "facts/disaster/zabbix_open_problems";
    let expect = "  expect:\n  - {name: no-disaster, key: problem_counts_by_severity.disaster, operator: In, values: [\"0\"], otherwise: unhealthy}\n";
    let mut rig = rig(&check("collect_zabbix_problem_summary_readonly", expect), &zabbix(3, 5)).await;
    assert_eq!(stages(&rig, PAIR), [raised(FAILED), raised(PROBLEMS)]);
    let (assessment, known) = then(&mut rig, &zabbix(0, 0)).await;
    assert_eq!(assessment, Assessment::Unknown);
    assert!(known.contains(&raised(FAILED)) && known.contains(&raised(PROBLEMS)), "{known:?}");
    assert_eq!(then(&mut rig, &zabbix(0, 5)).await, (Assessment::Healthy, vec![]), "seen again, and none is open");
}

/// A reading that failed as the effect of what was wrong is none that was lost when it fails for another reason afterwards.
#[tokio::test]
async fn a_daemon_that_runs_again_is_over_on_a_host_that_can_not_ask_it() {
    let chrony = |state: &str| {
        let unit = format!("Id=chrony.service\nLoadState=loaded\nActiveState={state}\nUnitFileState=enabled\n");
        host("os", &[("read_ntp_daemon_units", (&unit, 0)), ("read_ntp_server_variables", MISSING)])
    };
    let mut rig = rig(&check("check_ntp_server_health", ""), &chrony("failed")).await;
    assert_eq!(stages(&rig, PAIR), [raised("facts/daemon_state/ntp_server_daemon_not_active")]);
    let known = then(&mut rig, &chrony("active")).await;
    assert_eq!(known, (Assessment::Unknown, vec![raised("reading/read_ntp_server_variables/Unsupported")]));
}

/// A host whose parameter `aslr` is that, with `apt-check` or without.
fn posture(aslr: &str, updates: (&str, i32)) -> String {
    host(
        "os",
        &[
            ("read_unattended_upgrades_state", ("enabled\n", 0)),
            ("read_available_updates_summary", updates),
            ("read_aslr_state", (aslr, 0)),
            ("read_dmesg_restrict_state", ("1\n", 0)),
            ("read_reboot_required_marker", ("", 0)),
        ],
    )
}

#[tokio::test]
async fn a_reading_that_was_lost_keeps_nothing_that_another_one_shows() {
    let mut rig = rig(&check("collect_host_security_posture_readonly", ""), &posture("0\n", ("0;0", 0))).await;
    assert_eq!(stages(&rig, PAIR), [raised("facts/aslr/aslr_not_full")]);
    let (assessment, known) = then(&mut rig, &posture("2\n", MISSING)).await;
    assert_eq!(assessment, Assessment::Unknown);
    assert_eq!(known, [raised("reading/read_available_updates_summary/Unsupported")]);
}

/// What the finding advises is enough.
#[tokio::test]
async fn a_host_without_a_time_daemon_is_one_finding_that_can_be_accepted() {
    let none = "Id=chrony.service\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\n";
    let host = host("os", &[("read_ntp_daemon_units", (none, 0)), ("read_ntp_sync_state", ("NTP=no\nNTPSynchronized=yes\n", 0))]);
    let accept =
        "  accept: [{finding: ntp_daemon_not_found, reason: hypervisor, owner: anna, expires: \"2027-12-01T00:00:00Z\"}]\n";
    for (accept, stage, word) in [
        ("", FindingStage::Raised, (ReactionOutcome::Escalate, reason::BY_RULE.to_owned())),
        (accept, FindingStage::Accepted, (ReactionOutcome::NoOp, reason::ACCEPTED.to_owned())),
    ] {
        let rig = rig(&check("check_ntp_health", accept), &host).await;
        assert_eq!(rig.pair(PAIR).last.unwrap().assessment, Assessment::Unknown);
        assert_eq!(stages(&rig, PAIR), [("facts/ntp/ntp_daemon_not_found".to_owned(), stage)]);
        assert_eq!(reaction(&rig, PAIR), word);
    }
}

/// What nobody read is not known to be absent.
#[tokio::test]
async fn an_absence_that_is_expected_is_not_held_by_what_was_not_observed() {
    const FAILED: &str = "expectation/rolling/ExpectationFailed";
    let system = |release: &str| {
        let df = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 100 50 50 50% /\n";
        host(
            "os",
            &[
                ("read_os_release", (release, 0)),
                ("read_kernel_identity", ("Linux 6.1.0 x86_64\n", 0)),
                ("read_hostname", ("web\n", 0)),
                ("read_uptime", (" 10:41:07 up 37 days\n", 0)),
                ("read_load_average", ("0.12 0.20 0.18 2/612 184215\n", 0)),
                ("read_filesystem_usage", (df, 0)),
                ("read_memory_summary", ("MemTotal: 2048 kB\nMemFree: 1024 kB\nMemAvailable: 1536 kB\n", 0)),
            ],
        )
    };
    let expect = "  expect:\n  - {name: rolling, key: os.version_id, operator: DoesNotExist, otherwise: unhealthy}\n";
    let mut rig = rig(&check("collect_basic_host_inventory", expect), &system("ID=debian\nVERSION_ID=12\n")).await;
    assert_eq!(stages(&rig, PAIR), [raised(FAILED)]);
    let (assessment, known) = then(&mut rig, &system("")).await;
    assert_eq!(assessment, Assessment::Unknown);
    assert!(known.contains(&raised(FAILED)), "{known:?}");
    assert_eq!(then(&mut rig, &system("ID=debian\n")).await, (Assessment::Healthy, vec![]), "read, and without a version");
}
