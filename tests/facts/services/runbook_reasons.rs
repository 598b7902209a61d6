//! Whatever reason a run of an intent can give stands on the page of that intent.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tecrax::api::ErrorClass;
use tecrax::facts::{self, Reading, Readings};
use tecrax::profile::{Auth, HttpAnswer, Intent, Request, WorkflowStep};

use super::runbooks::page;
use super::{PROFILE, failed};
use crate::support::harness;
use crate::support::recorded_readings::readings;

/// How a reading is taken, as far as that decides how it can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Local,
    Ssh,
    Wrapper,
    Dns,
    /// HTTP, of which the status is the answer.
    Status,
    /// HTTP with a document as its answer.
    Json,
    /// The same as JSON-RPC.
    Rpc,
}
use Way::{Dns, Json, Local, Rpc, Ssh, Status, Wrapper};

/// Every class once: a new one does not compile until it stands here.
macro_rules! classes {
    ($($class:ident: $ways:expr;)*) => {
        const CLASSES: &[ErrorClass] = &[$(ErrorClass::$class),*];

        /// By which ways a reading can fail so.
        fn ways(class: ErrorClass) -> &'static [Way] {
            match class { $(ErrorClass::$class => $ways),* }
        }
    };
}

/// What is about tecrax itself, its policy, or the machine that it runs on, and about no target: docs/reasons.md, docs/policy.md and
/// docs/sandbox.md say it.
const ELSEWHERE: &[Way] = &[];

classes! {
    Unreachable: &[Ssh, Dns, Status, Json];
    // With SSH, a name that leads nowhere is one of the ways to be unreachable.
    NameUnresolved: &[Dns, Status, Json];
    TlsUntrusted: &[Status, Json];
    TlsName: &[Status, Json];
    TlsExpired: &[Status, Json];
    TlsFailed: &[Status, Json];
    UnknownHostKey: &[Ssh];
    ChangedHostKey: &[Ssh];
    AuthRefused: &[Ssh, Json];
    CredentialUnusable: &[Ssh, Status, Json];
    Timeout: &[Local, Ssh, Wrapper, Dns, Status, Json];
    Interrupted: &[Ssh, Status, Json];
    Transient: &[Local, Ssh, Wrapper];
    OutputCut: &[Local, Ssh, Wrapper, Dns, Json];
    CommandFailed: &[Local, Ssh, Wrapper];
    Unsupported: &[Local, Ssh, Wrapper];
    NotText: &[Local, Ssh, Wrapper];
    HttpStatus: &[Json];
    UnexpectedAnswer: &[Dns, Status, Json];
    ApiError: &[Rpc];
    NotDeclared: ELSEWHERE;
    NotInEffect: ELSEWHERE;
    FixturesNotAllowed: ELSEWHERE;
    BoundReached: ELSEWHERE;
    NotConfined: ELSEWHERE;
    Internal: ELSEWHERE;
}

/// The ways of an intent's readings.
fn ways_of(intent: &Intent) -> BTreeSet<Way> {
    let mut ways = BTreeSet::new();
    for step in &intent.workflow.steps {
        let WorkflowStep::Read { connector, shape, .. } = step else { continue };
        match &shape.request {
            Request::Command(_) => ways.extend(connector.role.kinds.iter().map(|kind| match kind.as_str() {
                "local" => Local,
                "ssh" => Ssh,
                "wrapper" => Wrapper,
                other => panic!("commands through {other}"),
            })),
            Request::Dns(_) => drop(ways.insert(Dns)),
            Request::Http(http) => match &http.answer {
                HttpAnswer::Status => drop(ways.insert(Status)),
                HttpAnswer::Json { rpc, .. } => {
                    ways.insert(Json);
                    if *rpc {
                        ways.insert(Rpc);
                    }
                    // Whoever sends a token may be refused it; whoever does not, too: a proxy may want one.
                    assert!(matches!(http.auth, Auth::None | Auth::Required { .. }));
                }
            },
        }
    }
    ways
}

/// The codes in the first column of a page's troubleshooting; `…` and `<component>` in one stand for anything.
fn told(page: &str) -> Vec<String> {
    let (_, table) = page.split_once("\n## Troubleshooting\n").expect("a part about troubleshooting");
    let cells = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn is_told(told: &[String], code: &str) -> bool {
    told.iter().any(|pattern| match pattern.split_once('…').or_else(|| pattern.split_once("<component>")) {
        Some((start, end)) => code.len() > start.len() + end.len() && code.starts_with(start) && code.ends_with(end),
        None => pattern == code,
    })
}

/// A unit that systemd does not know.
const NO_UNIT: &str = "Id=chrony.service\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\n";
/// Readings that were never recorded, since the other stack does not take or judge them: intent, step, what it says.
const UNRECORDED: [(&str, &str, &str); 3] = [
    ("check_ntp_health", "read_ntp_daemon_units", NO_UNIT),
    ("check_ntp_server_health", "read_ntp_daemon_units", NO_UNIT),
    ("check_adguard_health", "read_adguard_dns_resolution", "ads.example. 10 IN A 0.0.0.0\n"),
];

/// The facts' own codes that an intent gives for its recorded readings: all of them, and each one as it fails.
fn codes_of(intent: &Intent) -> BTreeSet<String> {
    let steps = &intent.workflow.steps;
    let normalizer = steps.iter().rev().find_map(|step| match step {
        WorkflowStep::Normalize { action, .. } => Some(action.as_str()),
        _ => None,
    });
    // Recorded with their readings elsewhere: what joins others, and what judges the facts of another one.
    let file = match normalizer.expect("a normalizer") {
        "aggregate_monitoring_host_diagnosis" => "diagnosis".to_owned(),
        "assess_network_device_management_posture" => "normalize/normalize_network_device_inventory".to_owned(),
        other => format!("normalize/{other}"),
    };
    let mut codes = BTreeSet::new();
    let mut look = |readings: &Readings| {
        let facts = facts::assemble(intent, readings, "default/x", &[]);
        let given = facts.findings.into_iter().map(|finding| finding.reason_code);
        // Reasons of readings begin with a capital; the other test looks for those.
        codes.extend(given.filter(|code| code.starts_with(|c: char| c.is_ascii_lowercase())));
    };
    for (_, step, said) in UNRECORDED.into_iter().filter(|(of, ..)| *of == intent.id) {
        look(&Readings::from_iter([(step.to_owned(), Reading::taken(said))]));
    }
    let content = harness::read(&format!("tecrax/{file}.json"));
    for case in content["cases"].as_array().expect("cases") {
        let case = harness::expand(case);
        let mut taken = readings(&case["connector_results"]);
        look(&taken);
        // No switch was recorded whose version 2 is off.
        if let Some(Reading::Taken { stdout, .. }) = taken.get("read_network_device_ssh_status") {
            let off = stdout.replace("Protocol V2  : Enabled", "Protocol V2  : Disabled");
            let mut other = taken.clone();
            other.insert("read_network_device_ssh_status".to_owned(), Reading::taken(&off));
            look(&other);
        }
        for step in taken.keys().cloned().collect::<Vec<_>>() {
            let reading = taken.insert(step.clone(), failed(ErrorClass::Unsupported, "x")).expect("a reading");
            look(&taken);
            taken.insert(step, reading);
        }
    }
    codes
}

#[test]
fn every_way_to_fail_stands_on_the_page_of_the_intent() {
    for intent in PROFILE.intents.values() {
        let told = told(&fs::read_to_string(page(&intent.runbook)).unwrap());
        let ways = ways_of(intent);
        assert!(!ways.is_empty(), "{}", intent.id);
        let classes = CLASSES.iter().filter(|class| self::ways(**class).iter().any(|way| ways.contains(way)));
        let missing: Vec<&str> =
            classes.map(|class| class.reason()).filter(|reason| !told.iter().any(|code| code == reason)).collect();
        assert_eq!(missing, Vec::<&str>::new(), "{}: not explained in docs/runbooks/{}.md", intent.id, intent.runbook);
    }
}

#[test]
fn every_code_of_the_facts_stands_on_the_page_of_the_intent() {
    let (mut all, mut missing) = (BTreeSet::new(), Vec::new());
    for intent in PROFILE.intents.values() {
        let told = told(&fs::read_to_string(page(&intent.runbook)).unwrap());
        let codes = codes_of(intent);
        let open = codes.iter().filter(|code| !is_told(&told, code));
        missing.extend(open.map(|code| format!("docs/runbooks/{}.md: {code} of {}", intent.runbook, intent.id)));
        all.extend(codes);
    }
    assert_eq!(missing, Vec::<String>::new());
    // What is written in the sources as a code is one that the recorded readings give.
    let unseen: Vec<&str> = CODES.into_iter().filter(|code| !all.contains(*code)).collect();
    assert_eq!(unseen, Vec::<&str>::new(), "no recorded reading gives these");
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/facts");
    for code in CODES {
        assert!(is_written(&sources, code), "{code} is no code of the facts");
    }
}

/// Codes that judge what was seen.
const CODES: [&str; 30] = [
    "ntp_not_synchronized",
    "ntp_daemon_not_found",
    "ntp_daemon_not_active",
    "ntp_server_daemon_not_found",
    "ntp_server_daemon_not_active",
    "ntp_server_not_synchronized",
    "ntp_server_bad_stratum",
    "dns_answer_blocked",
    "dns_not_resolving",
    "web_login_not_served",
    "portainer_without_version",
    "zabbix_without_version",
    "zabbix_open_problems",
    "zabbix_agents_unavailable",
    "zabbix_no_host_visible",
    "device_family_unknown",
    "ssh_server_disabled",
    "ssh_protocol_v2_disabled",
    "legacy_ssh_v1_enabled",
    "legacy_ssh_crypto_observed",
    "ssh_idle_timeout_unknown",
    "ssh_max_clients_unknown",
    "docker_not_installed",
    "docker_service_not_active",
    "docker_service_not_loadable",
    "unattended_upgrades_off",
    "security_updates_pending",
    "aslr_not_full",
    "dmesg_unrestricted",
    "reboot_required",
];

fn is_written(folder: &Path, code: &str) -> bool {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        if path.is_dir() { is_written(&path, code) } else { fs::read_to_string(&path).unwrap().contains(&format!("\"{code}\"")) }
    })
}

#[test]
fn a_gap_in_a_page_is_found() {
    let told = told("x\n\n## Troubleshooting\n\n| reason | x |\n|---|---|\n| `A`, `…_not_observed`, such as `b` | see `C` |\n");
    assert_eq!(told, ["A", "…_not_observed", "b"]);
    assert!(["A", "b", "high_not_observed"].iter().all(|code| is_told(&told, code)));
    assert!(["C", "_not_observed", "a"].iter().all(|code| !is_told(&told, code)));
}
