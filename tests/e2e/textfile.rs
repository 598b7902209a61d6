//! The file that a pass leaves for the textfile collector.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::support::cli::{Ended, Home};
use crate::support::hosts::{INVENTORY, host};
use crate::support::watching::{Watching, promtool};

const PASS: &str = "reconcile --once --allow-fixtures --metrics-file tecrax.prom manifests";

fn home(used: u32) -> Home {
    let home = Home::new();
    home.write("check.yaml", INVENTORY);
    home.write("web.yaml", &host("web", Some(used)));
    home
}

fn file(home: &Home) -> String {
    fs::read_to_string(home.path("tecrax.prom")).unwrap()
}

fn value(page: &str, sample: &str) -> f64 {
    let mut lines = page.lines().filter_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    lines.next().unwrap_or_else(|| panic!("no {sample} in\n{page}")).parse().unwrap()
}

#[test]
fn a_pass_leaves_what_stands_and_how_it_went() {
    let home = home(95);
    let ended = home.tecrax(PASS);
    assert_eq!(ended.code, 1, "{ended:?}");
    let page = file(&home);
    promtool(&["check", "metrics"], &page);
    for (sample, wanted) in [
        ("tecrax_pairs", 1.0),
        ("tecrax_pairs_said{assessment=\"unhealthy\"}", 1.0),
        ("tecrax_manifest_errors", 0.0),
        ("tecrax_escalations_open{severity=\"Medium\",suppressed=\"false\"}", 1.0),
        ("tecrax_escalations_open{severity=\"Critical\",suppressed=\"false\"}", 0.0),
        ("tecrax_escalations_open{severity=\"Medium\",suppressed=\"true\"}", 0.0),
        ("tecrax_pass_exit_code", 1.0),
        ("tecrax_pass_pairs{result=\"ran\"}", 1.0),
        ("tecrax_pass_pairs{result=\"fresh\"}", 0.0),
        ("tecrax_pass_pairs{result=\"left\"}", 0.0),
    ] {
        assert!((value(&page, sample) - wanted).abs() < f64::EPSILON, "{sample} is not {wanted} in\n{page}");
    }
    let (run, pass) = (value(&page, "tecrax_last_run_timestamp_seconds"), value(&page, "tecrax_pass_timestamp_seconds"));
    let took = value(&page, "tecrax_pass_duration_seconds");
    assert!(run > 1.7e9 && pass >= run && took > 0.0 && took < 60.0, "{page}");

    // The next pass finds nothing due, and says so; what stands, stands.
    home.tecrax(PASS);
    let next = file(&home);
    assert!((value(&next, "tecrax_pass_pairs{result=\"fresh\"}") - 1.0).abs() < f64::EPSILON, "{next}");
    assert!((value(&next, "tecrax_last_run_timestamp_seconds") - run).abs() < f64::EPSILON, "{next}");
    assert!(value(&next, "tecrax_pass_timestamp_seconds") >= pass);
    // Nothing is left beside it that the collector could take for another file.
    let names: Vec<_> = fs::read_dir(home.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().filter(|name| name.to_string_lossy().contains("prom")).count() == 1, "{names:?}");
}

/// Name, type and help of every family.
fn families(page: &str) -> BTreeMap<&str, (&str, &str)> {
    let mut help = BTreeMap::new();
    let mut families = BTreeMap::new();
    for line in page.lines() {
        if let Some((name, text)) = line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' ')) {
            help.insert(name, text);
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            families.insert(name, (kind, help[name]));
        }
    }
    families
}

/// A new state directory: what may not run is not what should have run.
#[test]
fn what_is_suspended_or_denied_is_not_without_evidence() {
    let count = |edit: &str, words: &str| {
        let home = home(50);
        home.write("check.yaml", &INVENTORY.replace("spec:\n", &format!("spec:\n{edit}")));
        home.run(PASS.split(' ').chain(words.split_whitespace()));
        let page = file(&home);
        (
            value(&page, "tecrax_pairs"),
            value(&page, "tecrax_pairs_without_evidence"),
            value(&page, "tecrax_pass_pairs{result=\"ran\"}"),
        )
    };
    assert_eq!(count("", ""), (1.0, 0.0, 1.0));
    assert_eq!(count("  suspend: true\n", ""), (1.0, 0.0, 0.0));
    assert_eq!(count("", "--default-policy=deny"), (1.0, 0.0, 0.0));
}

#[test]
fn its_families_are_those_of_the_daemon_and_those_of_a_pass() {
    let home = home(50);
    home.tecrax(PASS);
    let (file, watching) = (file(&home), Watching::start(None));
    watching.message("everything observed is as it should be");
    let (_, page) = watching.ask("GET", "/metrics");
    let daemon = families(&page);
    let mut shared = 0;
    for (name, family) in families(&file) {
        if name.starts_with("tecrax_pass_") {
            continue;
        }
        assert_eq!(daemon.get(name), Some(&family), "{name}");
        shared += 1;
    }
    assert!(shared >= 6, "{file}");
}

#[test]
fn another_user_may_read_it_whatever_the_mask() {
    let home = home(50);
    let line = format!("umask 077 && exec {} {PASS}", env!("CARGO_BIN_EXE_tecrax"));
    let status = Command::new("sh")
        .args(["-c", &line])
        .env_clear()
        .env("TECRAX_STATE_DIR", home.state())
        .current_dir(home.dir.path())
        .status()
        .unwrap();
    assert!(status.success());
    assert_eq!(fs::metadata(home.path("tecrax.prom")).unwrap().permissions().mode() & 0o777, 0o644);
}

#[test]
fn a_file_that_can_not_be_written_is_said_and_one_that_nobody_would_read_is_refused() {
    let home = home(50);
    let says = |ended: &Ended, code: i32, words: &str| {
        assert_eq!(ended.code, code, "{ended:?}");
        assert!(ended.err.contains(words), "{ended:?}");
    };
    let absent = home.tecrax("-q reconcile --once --allow-fixtures --metrics-file absent/tecrax.prom manifests");
    says(&absent, 74, "cannot write absent/tecrax.prom: ");
    let other = home.tecrax("reconcile --once --allow-fixtures --metrics-file tecrax.txt manifests");
    says(&other, 78, ".prom");
    says(&home.tecrax("reconcile --allow-fixtures --metrics-file tecrax.prom manifests"), 64, "--once");
    // A folder in its place is not replaced, and nothing is left beside it.
    fs::create_dir(home.path("folder.prom")).unwrap();
    says(
        &home.tecrax("reconcile --once --allow-fixtures --metrics-file folder.prom manifests"),
        74,
        "cannot write folder.prom: ",
    );
    assert!(
        fs::read_dir(home.dir.path()).unwrap().all(|entry| !entry.unwrap().file_name().to_string_lossy().starts_with(".folder"))
    );
}
