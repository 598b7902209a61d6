//! People are told: Debian's Alertmanager and a webhook receiver, from manifests to what arrives.

use std::fs;
use std::path::Path;

use crate::support::alertmanager::Alertmanager;
use crate::support::cli::Home;
use crate::support::daemon::{free_port, until};
use crate::support::hosts::{INVENTORY, host};
use crate::support::living::Living;
use crate::support::log;
use crate::support::receiver::{Answer, Receiver};
use crate::support::running::{told, watch};
use tecrax::evidence::log::SignedCheckpoint;

/// A key as `openssl rand -base64 32` makes it, behind the prefix of Standard Webhooks.
const KEY: &str = "whsec_c2lua3MtY2FuYXJ5LXNlY3JldC1rZXktMDEyMzQ1Njc=";
const KEY_BYTES: &[u8] = b"sinks-canary-secret-key-01234567";

fn sink(name: &str, spec: &str) -> String {
    format!("---\napiVersion: tecrax.io/v1alpha1\nkind: Sink\nmetadata: {{name: {name}}}\nspec: {spec}\n")
}

/// A home with one recorded host whose file system is `used` percent full; the Check fails from 90.
fn home(used: u32, sinks: &str) -> Home {
    let home = Home::new();
    fs::write(home.path("hmac.key"), KEY).unwrap();
    home.write(
        "check.yaml",
        &INVENTORY.replace("spec:\n", "spec:\n  escalation: {severity: High, runbookURL: \"https://wiki.example.net/disk\"}\n"),
    );
    home.write("host.yaml", &host("web-07", Some(used)));
    home.write("sinks.yaml", sinks);
    home
}

const FORCE: &str = "reconcile --once --force --allow-fixtures manifests";

#[test]
fn alertmanager_has_one_alert_an_incident_though_tecrax_restarts_and_none_when_it_is_over() {
    let home = home(95, "");
    let server = Alertmanager::start(home.dir.path());
    // One member of the cluster is dead: the other is enough.
    let urls = format!("[\"{}\", \"http://127.0.0.1:{}\"]", server.url(), free_port());
    home.write("sinks.yaml", &sink("ops", &format!("{{alertmanager: {{urls: {urls}}}}}")));
    let first = home.tecrax(FORCE);
    assert_eq!(first.code, 1, "{first:?}");
    let alerts = server.alerts();
    assert_eq!(alerts.len(), 1, "{alerts:#?}\n{first:?}");
    let labels = &alerts[0]["labels"];
    assert_eq!(
        (labels["alertname"].as_str(), labels["target"].as_str()),
        (Some("TecraxEscalation"), Some("web-07")),
        "{labels:#}"
    );
    assert_eq!((labels["severity"].as_str(), labels["reason"].as_str()), (Some("high"), Some("ExpectationFailed")), "{labels:#}");
    let annotations = &alerts[0]["annotations"];
    assert_eq!(annotations["runbook_url"], "https://wiki.example.net/disk");
    assert!(annotations["summary"].as_str().unwrap().starts_with("web-07: "), "{annotations:#}");
    let signed = SignedCheckpoint::find_all(annotations["checkpoint"].as_str().unwrap()).unwrap();
    assert_eq!(signed.len(), 1, "the log can not be rewritten before this unseen");

    for _ in 0..2 {
        home.tecrax(FORCE);
        let again = server.alerts();
        assert_eq!(again.len(), 1, "{again:#?}");
        assert_eq!(again[0]["fingerprint"], alerts[0]["fingerprint"]);
        assert_eq!(again[0]["startsAt"], alerts[0]["startsAt"]);
    }
    let row = home.tecrax("get sinks").out;
    assert!(row.contains("ops") && row.contains("True"), "{row}");
    let described = home.tecrax("describe sink/ops").out;
    assert!(described.contains("firing") && described.contains("refuses connections"), "{described}");

    home.write("host.yaml", &host("web-07", Some(50)));
    let healthy = home.tecrax(FORCE);
    assert_eq!(healthy.code, 0, "{healthy:?}");
    assert_eq!(server.alerts(), Vec::<serde_json::Value>::new());
}

#[test]
fn an_open_alert_is_kept_alive_and_ends_by_itself_when_tecrax_is_silent() {
    let home = home(95, "");
    let server = Alertmanager::start(home.dir.path());
    home.write("sinks.yaml", &sink("ops", &format!("{{alertmanager: {{urls: [\"{}\"], resolveTimeout: 4s}}}}", server.url())));
    let running = watch(&home);
    let ends = || Some(server.alerts().first()?["endsAt"].as_str()?.parse::<jiff::Timestamp>().unwrap());
    let first = until("the alert", 60, ends);
    // It outlives its first end, and was there at every look in between.
    until("the alert to be kept alive", 60, || {
        let now = ends().expect("the alert is always there");
        (now.as_second() > first.as_second() + 4).then_some(())
    });
    assert_eq!(told(&home).matches("told: ").count(), 1, "{}", told(&home));
    drop(running);
    until("Alertmanager to end it", 30, || server.alerts().is_empty().then_some(()));
}

#[test]
fn a_webhook_that_fails_stalls_and_hangs_up_is_told_in_the_end_and_delays_nobody() {
    let bad = Receiver::start(&[Answer::Status(500), Answer::Close, Answer::Stall, Answer::Status(503)]);
    let good = Receiver::start(&[]);
    let hook = |receiver: &Receiver| format!("{{webhook: {{url: \"{}\", hmacFrom: {{file: ../hmac.key}}}}}}", receiver.url());
    let home = home(95, &(sink("bad", &hook(&bad)) + &sink("good", &hook(&good))));
    let _running = watch(&home);
    until("the good receiver to be told", 60, || good.accepted().first().map(|_| ()));
    assert!(bad.accepted().is_empty(), "nobody waited for the bad one");
    until("the bad receiver to be told", 120, || bad.accepted().first().map(|_| ()));

    let all = bad.requests();
    assert_eq!(all.len(), 5, "{all:#?}");
    let id = &all[0].headers["idempotency-key"];
    assert!(id.ends_with("/1/firing"), "{id}");
    for request in &all {
        assert_eq!(&request.headers["idempotency-key"], id);
        assert_eq!(request.headers["content-type"], "application/json");
        assert!(request.is_signed_by(KEY_BYTES), "{request:#?}");
        assert!(!request.is_signed_by(b"sinks-canary-secret-key-0123456x"));
        valid(&request.json());
    }
    let body = all[0].json();
    assert_eq!((body["phase"].as_str(), body["incident"]["severity"].as_str()), (Some("firing"), Some("High")), "{body:#}");
    assert_eq!(body["incident"]["finding"]["reasonCode"], "ExpectationFailed");
    // Said once, not with every try.
    until("the log line", 20, || told(&home).contains("accepts again").then_some(()));
    let log = told(&home);
    assert_eq!(log.matches("nobody hears of escalations there").count(), 1, "{log}");

    home.write("host.yaml", &host("web-07", Some(50)));
    until("both to hear of the end", 90, || (bad.accepted().len() > 1 && good.accepted().len() > 1).then_some(()));
    for receiver in [&bad, &good] {
        let phases: Vec<String> = receiver.accepted().iter().map(|it| it.json()["phase"].as_str().unwrap().to_owned()).collect();
        assert_eq!(phases, ["firing", "resolved"]);
        valid(&receiver.accepted()[1].json());
    }
    no_key(&home, &log);
}

#[test]
fn a_dead_sink_is_seen_and_changes_neither_the_checks_nor_the_exit_code() {
    let url = format!("http://127.0.0.1:{}/hook", free_port());
    let home = home(95, &sink("ops", &format!("{{webhook: {{url: \"{url}\"}}, heartbeat: 1m}}")));
    let ended = home.tecrax(FORCE);
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(
        ended.err.contains("warning: sink default/ops does not accept:") && ended.err.contains("refuses connections"),
        "{ended:?}"
    );
    let row = home.tecrax("get sinks").out;
    assert!(row.contains("False/DeliveryFailed"), "{row}");
    let json: serde_json::Value = serde_json::from_str(&home.tecrax("get sinks ops -o json").out).unwrap();
    assert_eq!(json["status"]["conditions"][0]["reason"], "DeliveryFailed", "{json:#}");
    assert_eq!(home.tecrax("get sinks opps").err.matches("did you mean `ops`?").count(), 1);
}

#[test]
fn heartbeats_carry_the_checkpoint_and_a_suspended_sink_hears_nothing() {
    let (alive, quiet) = (Receiver::start(&[]), Receiver::start(&[]));
    let hook = |receiver: &Receiver, more: &str| format!("{{webhook: {{url: \"{}\"}}, heartbeat: 1m{more}}}", receiver.url());
    let home = home(50, &(sink("alive", &hook(&alive, "")) + &sink("quiet", &hook(&quiet, ", suspend: true"))));
    for _ in 0..2 {
        assert_eq!(home.tecrax(FORCE).code, 0);
    }
    let requests = alive.requests();
    assert_eq!(requests.len(), 1, "a minute has not passed: {requests:#?}");
    let body = requests[0].json();
    assert_eq!(body["phase"], "heartbeat");
    valid(&body);
    assert_eq!(SignedCheckpoint::find_all(body["checkpoint"].as_str().unwrap()).unwrap().len(), 1);
    assert!(!requests[0].headers.contains_key("webhook-signature"), "no key, no signature");
    assert!(quiet.requests().is_empty());
    assert!(home.tecrax("get sinks").out.contains("Unknown/Suspended"));
}

#[test]
fn a_sink_that_becomes_another_hears_of_what_is_open_and_of_its_end() {
    let (first, second, third) = (Receiver::start(&[]), Receiver::start(&[]), Receiver::start(&[]));
    let hook = |receiver: &Receiver| sink("ops", &format!("{{webhook: {{url: \"{}\"}}}}", receiver.url()));
    let home = home(95, &hook(&first));
    home.tecrax(FORCE);
    home.tecrax(FORCE);
    home.write("sinks.yaml", &hook(&second));
    home.tecrax(FORCE);
    home.tecrax(FORCE);
    home.write("sinks.yaml", &sink("ops", &format!("{{alertmanager: {{urls: [\"http://127.0.0.1:{}\"]}}}}", third.port)));
    home.tecrax(FORCE);
    home.tecrax(FORCE);
    home.write("host.yaml", &host("web-07", Some(50)));
    home.tecrax(FORCE);
    let phases = |receiver: &Receiver| -> Vec<String> {
        receiver.requests().iter().map(|request| request.json()["phase"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!((phases(&first), phases(&second)), (vec!["firing".to_owned()], vec!["firing".to_owned()]));
    assert_eq!(third.requests().len(), 2, "open, and over: {:#?}", third.requests());
    assert!(home.tecrax("get sinks").out.contains("True"));
}

#[test]
fn the_end_of_what_was_under_way_when_tecrax_was_killed_is_told() {
    let receiver = Receiver::start(&[Answer::Stall]);
    let home = home(95, &sink("ops", &format!("{{webhook: {{url: \"{}\"}}}}", receiver.url())));
    let running = watch(&home);
    until("a request to be under way", 60, || receiver.requests().first().map(|_| ()));
    // Killed with SIGKILL; the receiver has read everything.
    drop(running);
    home.write("host.yaml", &host("web-07", Some(50)));
    // The next one waits until the hold of the dead one has run out.
    let _running = watch(&home);
    let phases =
        || -> Vec<String> { receiver.requests().iter().map(|it| it.json()["phase"].as_str().unwrap().to_owned()).collect() };
    until("the end to be told", 90, || (phases().len() > 1).then_some(()));
    assert_eq!(phases(), ["firing", "resolved"]);
}

#[test]
fn two_folders_with_one_name_and_two_addresses_tell_each_once() {
    let (first, second) = (Receiver::start(&[]), Receiver::start(&[]));
    let hook = |receiver: &Receiver| sink("ops", &format!("{{webhook: {{url: \"{}\"}}}}", receiver.url()));
    let home = home(95, &hook(&first));
    fs::create_dir(home.path("more")).unwrap();
    fs::write(home.path("more/sinks.yaml"), hook(&second)).unwrap();
    for _ in 0..3 {
        home.tecrax(FORCE);
        home.tecrax("reconcile --once --allow-fixtures more");
    }
    assert_eq!((first.requests().len(), second.requests().len()), (1, 1));
}

/// What was sent is what `schemas/webhook.schema.json` says.
fn valid(body: &serde_json::Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/webhook.schema.json");
    let schema: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(body).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new(), "{body:#}");
}

/// The key is in nothing that was written.
fn no_key(home: &Home, log: &str) {
    let bare = KEY.trim_start_matches("whsec_");
    let clear = |text: &[u8]| {
        !text.windows(bare.len()).any(|part| part == bare.as_bytes())
            && !text.windows(KEY_BYTES.len()).any(|part| part == KEY_BYTES)
    };
    assert!(clear(log.as_bytes()));
    for entry in fs::read_dir(home.state()).unwrap() {
        assert!(clear(&fs::read(entry.unwrap().path()).unwrap()));
    }
}

#[test]
fn no_heartbeat_vouches_for_a_daemon_that_calls_nobody() {
    let (first, second) = (Receiver::start(&[]), Receiver::start(&[]));
    let beating =
        |name: &str, receiver: &Receiver| sink(name, &format!("{{webhook: {{url: \"{}\"}}, heartbeat: 1m}}", receiver.url()));
    let phases = |receiver: &Receiver| -> Vec<String> {
        receiver.accepted().iter().map(|it| it.json()["phase"].as_str().unwrap().to_owned()).collect()
    };
    let home = home(95, &beating("first", &first));
    let mut daemon = Living::start(&home, "daemon", &[]);
    daemon.until("it tells of the host, and that it is alive", 60, || {
        let told = phases(&first);
        told.iter().any(|phase| phase == "firing") && told.iter().any(|phase| phase == "heartbeat")
    });

    // A state that can not be read: nobody can say what is to be opened, and the incidents that are open are known all the same.
    let name = "default/inventory.web-07";
    let broken = r#"{"stage":"raised""#;
    let db = log::open(&home.state());
    let state: String = db.query_row("SELECT state FROM pairs WHERE pair = ?1", [name], |row| row.get(0)).unwrap();
    let write = |state: &str| assert_eq!(db.execute("UPDATE pairs SET state = ?2 WHERE pair = ?1", [name, state]).unwrap(), 1);
    write(broken);
    home.write("more.yaml", &host("db", Some(50)));
    let log = daemon.log.clone();
    let failures = || fs::read_to_string(&log).unwrap().matches("state of default/inventory.web-07").count();
    daemon.until("it can not look at the escalations", 60, || failures() > 0);
    home.write("second.yaml", &beating("second", &second));
    daemon.until("the second Sink hears of the host", 60, || !phases(&second).is_empty());
    let failed = failures();
    daemon.until("it has looked three times more", 60, || failures() >= failed + 6);
    assert_eq!(phases(&second), ["firing"]);

    write(&state);
    daemon.until("it is alive again", 60, || phases(&second) == ["firing", "heartbeat"]);
}
