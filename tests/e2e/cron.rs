//! One pass in cron: it ends in time, shares the work with one that is still at it, and says nothing while all is well.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::cli::{Ended, Home};
use crate::support::gate::Gate;
use crate::support::hosts::{INVENTORY, fleet, host};
use crate::support::receiver::{Answer, Receiver};
use crate::support::zabbix_api::ZabbixApi;
use crate::support::{dead, log};

/// For a machine with other work.
const SLACK: Duration = Duration::from_secs(3);

/// The version of a Zabbix on a port of this machine.
fn zabbix(name: &str, port: u16) -> String {
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}, labels: {{zabbix: api}}}}\nspec:\n  type: Host\n  \
         connections:\n  - name: zabbix\n    http: {{baseURL: \"http://127.0.0.1:{port}/zabbix\"}}\n"
    )
}

const VERSION: &str = "\
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: version}
spec:
  intent: check_zabbix_container_health
  targetSelector: {matchLabels: {zabbix: api}}
  timeout: 5m
";

/// A home with a Zabbix that answers, and one behind a gate.
fn home() -> (Home, ZabbixApi, Gate) {
    let (home, api) = (Home::new(), ZabbixApi::start("7.0.0", 0));
    let gate = Gate::before(api.port);
    home.write("check.yaml", VERSION);
    home.write("quick.yaml", &zabbix("quick", api.port));
    home.write("slow.yaml", &zabbix("slow", gate.port));
    (home, api, gate)
}

/// The program on the home's state directory, beside the test.
fn begin(home: &Home, line: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_tecrax"))
        .args(line.split(' '))
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home.dir.path())
        .env("TECRAX_STATE_DIR", home.state())
        .current_dir(home.dir.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn end(child: Child) -> Ended {
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code().expect("not killed"), out: text(output.stdout), err: text(output.stderr) }
}

/// Check and Target, assessment and what follows, of the row of a Target.
fn row<'o>(out: &'o str, target: &str) -> Vec<&'o str> {
    let words = out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    words.into_iter().find(|words| words.get(1) == Some(&target)).unwrap_or_else(|| panic!("no {target} in\n{out}"))
}

fn runs(home: &Home, target: &str) -> usize {
    log::runs(&home.state(), &format!("default/version.{target}")).len()
}

fn claims(home: &Home) -> i64 {
    log::open(&home.state()).query_row("SELECT count(*) FROM claims WHERE expires_ms > 0", [], |row| row.get(0)).unwrap()
}

#[test]
fn what_a_deadline_cuts_off_is_unknown_and_leaves_no_trace() {
    let (home, _api, gate) = home();
    let began = Instant::now();
    let ended = home.tecrax("reconcile --once --deadline 2s manifests");
    let took = began.elapsed();
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(took < Duration::from_secs(2) + SLACK, "{took:?}");
    assert_eq!(row(&ended.out, "quick")[2], "healthy", "{ended:?}");
    assert_eq!(row(&ended.out, "slow")[2..5], ["unknown", "-", "DeadlineExceeded:"], "{ended:?}");
    assert!(ended.err.contains("ran 1, fresh 0, reruns 0, 1 left at the deadline"), "{ended:?}");
    // Nothing is made up: no record, no claim, and nobody else hears of a deadline.
    assert_eq!((runs(&home, "quick"), runs(&home, "slow")), (1, 0));
    assert_eq!(claims(&home), 0);
    log::verify(&home.state());
    let get = home.tecrax("get");
    assert!(get.out.contains("NotYetObserved") && !get.out.contains("Deadline"), "{get:?}");

    // The next pass begins where this one ended.
    gate.open();
    let next = home.tecrax("reconcile --once --deadline 1m manifests");
    assert_eq!(next.code, 0, "{next:?}");
    assert!(next.err.contains("ran 1, fresh 1, reruns 0 in"), "{next:?}");

    // What was healthy before is not called healthy by a pass that has not looked; what stands is still that.
    gate.close();
    let forced = home.tecrax("reconcile --once --force --deadline 1s manifests -o json");
    assert_eq!(forced.code, 2, "{forced:?}");
    let list: serde_json::Value = serde_json::from_str(&forced.out).unwrap();
    let slow = list["items"].as_array().unwrap().iter().find(|item| item["metadata"]["name"] == "version.slow").unwrap();
    assert_eq!(slow["status"]["assessment"], "unknown", "{slow:#}");
    for condition in slow["status"]["conditions"].as_array().unwrap() {
        let kind = condition["type"].as_str().unwrap();
        if ["Ready", "Healthy"].contains(&kind) {
            assert_eq!(condition["reason"], "DeadlineExceeded", "{slow:#}");
            assert_eq!(condition["message"], "not looked at before the deadline; before, it was healthy");
        }
    }
    assert_eq!(runs(&home, "slow"), 1);
    assert_eq!(home.tecrax("status").code, 0);
    log::verify(&home.state());
}

#[test]
fn a_pass_with_a_deadline_begins_with_what_waits_longest() {
    let (home, api) = (Home::new(), ZabbixApi::start("7.0.0", 0));
    let gate = Gate::before(api.port);
    home.write("check.yaml", VERSION);
    home.write("a.yaml", &zabbix("a", api.port));
    assert_eq!(home.tecrax("reconcile --once manifests").code, 0);
    // Ten that were never looked at, and one place, which the first of them keeps.
    for name in 'b'..='k' {
        home.write(&format!("{name}.yaml"), &zabbix(&name.to_string(), gate.port));
    }
    let pass = home.tecrax("reconcile --once --force --deadline 1s --max-targets 1 manifests");
    assert_eq!(pass.code, 2, "{pass:?}");
    gate.arrived();
    assert!(pass.err.contains("ran 0, fresh 0, reruns 0, 11 left at the deadline"), "{pass:?}");
    assert_eq!(runs(&home, "a"), 1, "who was looked at last waits: {pass:?}");
}

#[test]
fn a_deadline_binds_what_follows_the_runs_too() {
    let (home, receiver) = (Home::new(), Receiver::start(&[Answer::Stall; 8]));
    home.write("check.yaml", INVENTORY);
    home.write("web.yaml", &host("web", Some(95)));
    home.write(
        "sink.yaml",
        &format!(
            "apiVersion: tecrax.io/v1alpha1\nkind: Sink\nmetadata: {{name: ops}}\nspec: {{webhook: {{url: \"{}\"}}}}\n",
            receiver.url()
        ),
    );
    let began = Instant::now();
    let ended = home.tecrax("reconcile --once --allow-fixtures --deadline 2s manifests");
    let took = began.elapsed();
    assert_eq!(ended.code, 1, "everything was looked at: {ended:?}");
    assert!(!receiver.requests().is_empty(), "the Sink was asked");
    assert!(took < Duration::from_secs(2) + SLACK, "{took:?}");
    log::verify(&home.state());
}

#[test]
fn a_state_directory_that_does_not_answer_is_given_up() {
    let (home, _api, gate) = home();
    assert_eq!(home.tecrax("reconcile --once --deadline 1s manifests").code, 2);
    gate.arrived();
    let began = Instant::now();
    let pass = begin(&home, "reconcile --once --deadline 1s manifests");
    gate.arrived();
    let stuck = log::open(&home.state());
    stuck.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let ended = end(pass);
    assert_eq!(ended.code, 74, "{ended:?}");
    assert!(ended.err.contains("the deadline has passed"), "{ended:?}");
    assert!(began.elapsed() < Duration::from_secs(7) + SLACK, "{:?}", began.elapsed());
    stuck.execute_batch("ROLLBACK").unwrap();
    log::verify(&home.state());
}

#[test]
fn a_pass_that_overlaps_another_does_what_that_one_has_not_begun() {
    let (home, api, gate) = home();
    let first = begin(&home, "reconcile --once manifests");
    gate.arrived();
    home.write("late.yaml", &zabbix("late", api.port));
    let second = home.tecrax("reconcile --once manifests");
    assert!(second.err.contains("1 left to another tecrax"), "{second:?}");
    assert_eq!(row(&second.out, "late")[2], "healthy", "{second:?}");
    assert_eq!(row(&second.out, "slow")[2..5], ["unknown", "-", "NotYetObserved:"], "{second:?}");
    assert_eq!(second.code, 2, "{second:?}");
    // One with a deadline does not count as left what another one works on.
    let third = home.tecrax("reconcile --once --deadline 5s manifests");
    assert!(third.err.contains("1 left to another tecrax") && !third.err.contains("deadline"), "{third:?}");
    gate.open();
    let first = end(first);
    assert_eq!(first.code, 0, "{first:?}");
    assert_eq!(["quick", "slow", "late"].map(|target| runs(&home, target)), [1, 1, 1]);
    assert_eq!(claims(&home), 0);
    log::verify(&home.state());
}

#[test]
fn passes_that_begin_together_run_every_pair_once() {
    const HOSTS: usize = 60;
    let home = Home::new();
    home.write("fleet.yaml", &fleet(HOSTS));
    let passes: Vec<Child> = (0..3).map(|_| begin(&home, "reconcile --once --allow-fixtures manifests")).collect();
    let mut ran = 0;
    for ended in passes.into_iter().map(end) {
        // Who is left to another may not have been looked at yet.
        assert!(matches!(ended.code, 0 | 2), "{ended:?}");
        let (_, rest) = ended.err.split_once("ran ").expect("a summary");
        ran += rest.split(',').next().unwrap().parse::<usize>().unwrap();
    }
    assert_eq!(ran, HOSTS);
    let rows = log::rows(&home.state());
    let of = |index: usize| {
        rows.iter().filter(move |row| row.kind == "run.v1" && row.pair == format!("default/inventory.web-{index:03}"))
    };
    assert!((0..HOSTS).all(|index| of(index).count() == 1));
    assert_eq!(home.once().code, 0);
    log::verify(&home.state());
}

#[test]
fn cron_gets_mail_for_trouble_only() {
    let home = Home::new();
    home.write("check.yaml", INVENTORY);
    home.write("web.yaml", &host("web", Some(50)));
    let line = "-q reconcile --once --allow-fixtures --deadline 1m --metrics-file tecrax.prom manifests";
    for _ in 0..2 {
        let well = home.tecrax(line);
        assert_eq!((well.code, well.out.as_str(), well.err.as_str()), (0, "", ""));
    }
    // All is well, and nobody would hear of it if it were not.
    let sink = format!(
        "apiVersion: tecrax.io/v1alpha1\nkind: Sink\nmetadata: {{name: ops}}\nspec: {{webhook: {{url: \"http://127.0.0.1:{}/hook\"}}, \
         heartbeat: 1m}}\n",
        dead::port()
    );
    home.write("sink.yaml", &sink);
    let deaf = home.tecrax(line);
    assert_eq!((deaf.code, deaf.out.as_str()), (0, ""), "{deaf:?}");
    assert!(deaf.err.starts_with("warning: sink default/ops") && deaf.err.lines().count() == 1, "{deaf:?}");
    // Something is wrong: all of it, in the order in which it is said without -q.
    home.write("web.yaml", &host("web", Some(95)));
    let ill = home.tecrax(line);
    assert_eq!(ill.code, 1, "{ill:?}");
    let (summary, warning) = (ill.err.find("1 unhealthy").unwrap(), ill.err.find("warning: sink").unwrap());
    assert!(ill.out.starts_with("CHECK ") && summary < warning, "{ill:?}");
}

#[test]
fn a_deadline_that_can_not_be_meant_is_refused() {
    let home = Home::new();
    for bad in ["0s", "5", "-1s", "1d", ""] {
        let ended = home.run(["reconcile", "--once", &format!("--deadline={bad}"), "manifests"]);
        assert!(matches!(ended.code, 64 | 78), "{bad}: {ended:?}");
        assert!(!home.state().exists());
    }
    assert_eq!(home.tecrax("reconcile --once --deadline 0s manifests").code, 78);
    assert_eq!(home.tecrax("reconcile --deadline 5s manifests").code, 64);
}
