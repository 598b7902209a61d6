//! How the daemon itself is: its pages, its word to systemd, its log, and SIGHUP; with the real program.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::log;
use crate::support::watching::{GOOD, PATIENCE, Watching, promtool};

#[test]
fn the_pages_say_how_the_daemon_is_and_a_broken_manifest_makes_it_not_ready() {
    let watching = Watching::start(None);
    watching.message("everything observed is as it should be");
    assert_eq!(watching.ask("GET", "/healthz"), ("HTTP/1.1 200 OK".to_owned(), "ok\n".to_owned()));
    assert_eq!(watching.ask("GET", "/readyz"), ("HTTP/1.1 200 OK".to_owned(), "ok\n".to_owned()));

    let (status, page) = watching.ask("GET", "/metrics");
    assert_eq!(status, "HTTP/1.1 200 OK");
    for line in [
        "tecrax_runs_total{intent=\"check_ntp_health\",assessment=\"healthy\"} 1",
        "tecrax_pairs_said{assessment=\"healthy\"} 1",
        "tecrax_pairs 1",
        "tecrax_pairs_stale{overdue=\"true\"} 0",
        "tecrax_pairs_stale{overdue=\"false\"} 0",
        "tecrax_manifest_errors 0",
        "tecrax_run_duration_seconds_count{intent=\"check_ntp_health\"} 1",
    ] {
        assert!(page.lines().any(|found| found == line), "no {line} in\n{page}");
    }
    promtool(&["check", "metrics"], &page);
    // Counted now and then: the first count was made before anything ran.
    watching.until("what ran has evidence", || {
        let (_, page) = watching.ask("GET", "/metrics");
        page.lines().any(|line| line == "tecrax_pairs_without_evidence 0").then_some(())
    });

    assert_eq!(watching.ask("POST", "/metrics").0, "HTTP/1.1 405 Method Not Allowed");
    assert_eq!(watching.ask("DELETE", "/healthz").0, "HTTP/1.1 405 Method Not Allowed");
    assert_eq!(watching.ask("GET", "/").0, "HTTP/1.1 404 Not Found");

    // A bad edit: read at once on SIGHUP, told, and the good version keeps running.
    fs::write(&watching.manifest, GOOD.replace("check_ntp_health", "check_ntp_helth")).unwrap();
    watching.signal(Signal::HUP);
    watching.line(|line| (line["errors"] == 1).then_some(()));
    let (status, body) = watching.ask("GET", "/readyz");
    assert_eq!(status, "HTTP/1.1 503 Service Unavailable");
    assert_eq!(body, "manifests: 1 with errors; `tecrax plan` shows them\n");
    let held = |watching: &Watching, number| {
        watching.ask("GET", "/metrics").1.contains(&format!("\ntecrax_manifest_objects_held {number}\n"))
    };
    assert!(held(&watching, 1));
    assert_eq!(watching.ask("GET", "/healthz").0, "HTTP/1.1 200 OK");
    fs::write(&watching.manifest, GOOD).unwrap();
    watching.signal(Signal::HUP);
    watching.line(|line| (line["errors"] == 0).then_some(()));
    assert!(held(&watching, 0));
    assert_eq!(watching.ask("GET", "/readyz").0, "HTTP/1.1 200 OK");
}

#[test]
fn a_healthy_run_after_a_healthy_run_is_no_news() {
    let watching = Watching::start(None);
    let first = watching.message("everything observed is as it should be");
    assert_eq!(first["level"], "INFO", "{first}");
    let second = watching.message("everything observed is as it should be");
    assert_eq!(second["level"], "DEBUG", "{second}");
    fs::write(&watching.manifest, GOOD.replace("NTPSynchronized=yes", "NTPSynchronized=no")).unwrap();
    watching.signal(Signal::HUP);
    let third = watching.line(|line| (line["assessment"] == "unhealthy").then(|| line.clone()));
    assert_eq!(third["level"], "INFO", "{third}");
    assert_eq!(third["pair"], "default/clock.recorded");
}

#[test]
fn systemd_hears_that_the_loop_is_ready_turns_and_ends() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let hear = |wanted: &str| {
        let mut before = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let length = socket.recv(&mut buffer).unwrap_or_else(|error| panic!("{error} after {before:?}"));
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if text.lines().any(|line| line == wanted) {
                return before;
            }
            before.push(text);
        }
    };
    let mut watching = Watching::start(Some(&path));
    assert!(hear("READY=1").is_empty(), "nothing is said before");
    hear("WATCHDOG=1");
    hear("WATCHDOG=1");
    watching.signal(Signal::TERM);
    hear("STOPPING=1");
    assert!(watching.child.wait().unwrap().success());
}

#[test]
fn the_alerts_that_come_along_are_valid() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/prometheus/tecrax.rules.yaml");
    let text = fs::read_to_string(&rules).unwrap();
    promtool(&["check", "rules", rules.to_str().unwrap()], "");
    let tests = rules.with_file_name("tecrax.rules.test.yaml");
    promtool(&["test", "rules", tests.to_str().unwrap()], "");
    // Every alert is tried both ways: that it fires, and that it does not.
    let (tried, alerts) =
        (fs::read_to_string(tests).unwrap(), text.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")));
    for alert in alerts {
        assert!(tried.contains(&format!("alertname: {alert}}}")), "{alert} is not tried while all is well");
        assert!(tried.contains(&format!("alertname: {alert}\n    exp_alerts")), "{alert} is not tried when it is to fire");
    }
    // Every metric that they name is one that the daemon shows from its start.
    let watching = Watching::start(None);
    watching.message("everything observed is as it should be");
    let (_, page) = watching.ask("GET", "/metrics");
    // What only a pass has is in the file that it leaves (tests/e2e/textfile.rs).
    let names: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("tecrax_") && !word.starts_with("tecrax_pass_"))
        .collect();
    assert!(names.len() >= 6, "{names:?}");
    for name in names {
        let family = name.strip_suffix("_bucket").unwrap_or(name);
        assert!(page.contains(&format!("# TYPE {family} ")), "no {family} in\n{page}");
    }
}

/// The pages with the state directory taken away and given back: one line each in the log.
#[test]
fn a_store_that_fails_makes_the_daemon_not_ready_and_is_told_once() {
    let watching = Watching::of(&often(GOOD)).flag("--log-format=json").start();
    watching.until("it has run", || (watching.metric(HEALTHY) >= 2.0).then_some(()));
    assert!(watching.page("/readyz", 200).is_some());
    let other = log::open(&watching.state());
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let complaint = watching.until("it is not ready", || watching.page("/readyz", 503));
    assert!(complaint.starts_with("store: failed"), "{complaint}");
    assert!(watching.page("/healthz", 200).is_some(), "the loop turns all the same");
    assert!(watching.metric("tecrax_store_failures_total") >= 1.0);
    other.execute_batch("ROLLBACK").unwrap();
    watching.until("it is ready again", || watching.page("/readyz", 200));
    let runs = watching.metric(HEALTHY);
    watching.until("it runs", || (watching.metric(HEALTHY) >= runs + 2.0).then_some(()));
    let lines = watching.stop();
    let count = |words: &str| lines.iter().filter(|line| line.contains(words)).count();
    assert_eq!((count("\"level\":\"ERROR\""), count("takes records again")), (1, 1), "{lines:#?}");
}

#[test]
fn secrets_that_can_not_be_read_again_make_the_daemon_not_ready_and_are_told_once() {
    let dir = TempDir::new().unwrap();
    let secrets = dir.path().join("secrets.yaml");
    let mode = |mode| fs::set_permissions(&secrets, fs::Permissions::from_mode(mode)).unwrap();
    fs::write(&secrets, "{}\n").unwrap();
    mode(0o600);
    let watching = Watching::of(GOOD).flag("--log-format=json").variable("TECRAX_SECRETS_FILE", &secrets).start();
    watching.until("it is ready", || watching.page("/readyz", 200));
    assert_eq!(watching.metric(RELOADED).to_string(), "1");
    mode(0o666);
    watching.signal(Signal::HUP);
    let complaint = watching.until("it is not ready", || watching.page("/readyz", 503));
    assert!(complaint.starts_with("reload: "), "{complaint}");
    assert!(!complaint.contains("secrets.yaml"), "the page names no files: {complaint}");
    assert_eq!(watching.metric(RELOADED).to_string(), "0");
    // Told once, however often it is tried.
    let error = watching.line(|line| (line["level"] == "ERROR").then(|| line.clone()));
    assert!(error["message"].as_str().unwrap().contains("secrets.yaml"), "{error}");
    watching.signal(Signal::HUP);
    watching.message("SIGHUP");
    mode(0o600);
    watching.signal(Signal::HUP);
    watching.until("it is ready again", || watching.page("/readyz", 200));
    assert_eq!(watching.metric(RELOADED).to_string(), "1");
    assert_eq!(watching.metric("tecrax_manifest_reload_failures_total").to_string(), "1");
    let lines = watching.stop();
    assert!(lines.iter().all(|line| !line.contains("ERROR")), "{lines:#?}");
    assert_eq!(lines.iter().filter(|line| line.contains("can be read again")).count(), 1, "{lines:#?}");
}

const HEALTHY: &str = "tecrax_runs_total{intent=\"check_ntp_health\",assessment=\"healthy\"}";
const RELOADED: &str = "tecrax_manifest_last_reload_successful";

/// The same every second, and no second look at what fails.
fn often(manifest: &str) -> String {
    manifest.replace("interval: 10s", "interval: 1s")
}

#[test]
fn escalations_that_are_open_are_counted_by_severity() {
    let open = "tecrax_escalations_open{severity=\"High\",suppressed=\"false\"}";
    let bad = often(GOOD).replace("interval: 1s", "interval: 1s, escalation: {severity: High}").replace("ed=yes", "ed=no");
    let watching = Watching::of(&bad).start();
    watching.until("it calls a person", || (watching.metric(open) >= 1.0).then_some(()));
    assert_eq!(watching.metric("tecrax_escalations_open{severity=\"High\",suppressed=\"true\"}").to_string(), "0");
    promtool(&["check", "metrics"], &watching.page("/metrics", 200).unwrap());
    watching.write(&bad.replace("ed=no", "ed=yes"));
    watching.until("it is over", || (watching.metric(open) == 0.0).then_some(()));
}

/// What the log of a day says in both forms: one line for each transition, and none for a run that says what the one before said.
fn a_day(form: &'static str) -> Vec<String> {
    let (good, bad) = (often(GOOD), often(GOOD).replace("ed=yes", "ed=no"));
    let watching = Watching::of(&good).flag(form).start();
    let ran = |assessment: &str| {
        watching.metric(&format!("tecrax_runs_total{{intent=\"check_ntp_health\",assessment=\"{assessment}\"}}"))
    };
    let three_more = |assessment: &str| {
        let before = ran(assessment);
        watching.until(assessment, || (ran(assessment) >= before + 3.0).then_some(()));
    };
    three_more("healthy");
    watching.write(&bad);
    three_more("unhealthy");
    watching.write(&good);
    three_more("healthy");
    watching.stop()
}

#[test]
fn the_log_has_a_line_for_each_transition_and_none_for_a_run_like_the_one_before() {
    for form in ["--log-format=json", "--log-format=human"] {
        let lines = a_day(form);
        let of_pair: Vec<&String> = lines.iter().filter(|line| line.contains("default/clock.recorded")).collect();
        let said: Vec<&str> =
            of_pair.iter().map(|line| if line.contains("unhealthy") { "unhealthy" } else { "healthy" }).collect();
        assert_eq!(said, ["healthy", "unhealthy", "healthy"], "{form}: {lines:#?}");
        let escalations: Vec<&String> = lines.iter().filter(|line| line.contains("escalation")).collect();
        assert_eq!(escalations.len(), 2, "opened and resolved: {form}: {lines:#?}");
        // Beside these: start, every reading of changed manifests, the two signals, the end.
        assert!(lines.len() <= 3 + 2 + 9, "{form}: {lines:#?}");
        for line in lines.iter().filter(|_| form.ends_with("json")) {
            assert!(serde_json::from_str::<Value>(line).is_ok_and(|line| line.is_object()), "{line}");
        }
    }
}
