//! Real inputs of what a state directory and an export hold, made by the code that writes them.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::api::{Digest, EscalationId, FindingKey, Namespace, PairId, SubdomainName};
use crate::evidence::{Header, Record, Subject};
use crate::reaction::escalation::Matter;
use crate::status::{EscalationState, PairState, fold};
use crate::store::fuzz;

const AT: &str = "2026-01-01T00:00:00Z";

/// The bytes of a log that SQLite wrote, behind the index beside it: with its own checksums, with all made anew, and with a frame that
/// does not fit.
pub fn logs() -> Vec<Vec<u8>> {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("small.db");
    let database = Connection::open(&path).unwrap();
    database.execute_batch("PRAGMA page_size = 512; PRAGMA journal_mode = WAL; CREATE TABLE t (x)").unwrap();
    database.execute_batch("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)").unwrap();
    let read = |end: &str| std::fs::read(folder.path().join(format!("small.db-{end}"))).unwrap();
    let (index, log) = (read("shm"), read("wal"));
    let with = |right: u8, index: &[u8]| [&[right], &index[..fuzz::INDEX], &log].concat();
    let nothing = [0; fuzz::INDEX];
    vec![with(0, &index), with(u8::MAX, &index), with(0, &nothing), with(u8::MAX, &nothing), with(0b111_1011, &nothing)]
}

fn finding() -> Value {
    json!({"kind": "reading", "component": "ntp", "reasonCode": "Timeout", "message": "`chronyc` did not end", "nextStep": "Look."})
}

/// A body and a detail of a run, and the body of what was decided about it.
fn run(assessment: &str) -> (Value, Value, Value) {
    let digest = Digest::of(b"x").to_string();
    let body = json!({
        "intent": "check_ntp_health", "started": AT, "ended": "2026-01-01T00:00:02Z", "plan_digest": digest, "spec_digest": digest,
        "generation": 3, "depth": 0, "fixtures": true, "assessment": assessment, "coverage": "partial", "reason": "Timeout",
        "planned_at": AT, "parts": {"execution_contract": digest},
    });
    let detail = json!({"findings": [finding()], "summary": "NTP could not be read.", "not_in_effect": ["one thing"]});
    let tracked = json!({
        "component": "ntp", "kind": "reading", "reason": "Timeout", "severity": "High", "stage": "raised", "first_seen": AT,
        "last_seen": AT, "seen": 3, "gone": 1, "blind": ["ntp"],
    });
    let reaction = json!({"outcome": "escalate", "rule": "builtin.unknown", "depth": 0, "reason": "Timeout"});
    (body, detail, json!({"reaction": reaction, "findings": [tracked]}))
}

/// The state after these records.
fn pair(records: &[(&str, &Value, Option<&Value>)]) -> PairState {
    let id = PairId::parse("default/clock.web-07").unwrap();
    let records = (1..).zip(records);
    records.fold(PairState::new(id.clone()), |state, (seq, (kind, body, detail))| {
        let (body, detail) = (body.to_string(), detail.map(ToString::to_string));
        let header = header(Subject::Pair(id.clone()), kind, seq, body.as_bytes());
        let leaf = header.leaf();
        fold(state, &Record { header: &header, leaf, body: body.as_bytes(), detail: detail.as_deref().map(str::as_bytes) })
    })
}

fn header(subject: Subject, kind: &str, seq: u64, body: &[u8]) -> Header {
    let sealed_at = AT.parse().unwrap();
    Header {
        origin: "example.net/log".to_owned(),
        subject,
        seq,
        kind: kind.to_owned(),
        prev: Digest::ZERO,
        sealed_at,
        body: Digest::of(body),
    }
}

/// What status knows of a desired pair: by interval, and by schedule with a waiver.
fn wanted() -> [Value; 2] {
    let wanted = |interval: Value, schedule: Value, accept: Value| {
        json!({
            "pair": {"namespace": "default", "check": "clock", "target": "web-07"}, "intent": "check_ntp_health", "labels": {"os": "debian"}, "suspended": false,
            "interval": interval, "schedule": schedule, "timeout": "30s", "fresh_for": null, "accept": accept,
            "confirmations": {"failures": 3, "recoveries": 1}, "not_in_effect": [], "held": ["Check/clock"],
        })
    };
    let waiver = json!([{"finding": "Timeout", "reason": "CHG-4711", "owner": "anna", "expires": "2027-03-01T00:00:00Z"}]);
    let schedule = json!({"cron": "30 2 * * MON", "timeZone": "Europe/Berlin"});
    [wanted(json!("5m"), Value::Null, json!([])), wanted(Value::Null, schedule, waiver)]
}

fn matter() -> Matter {
    let claim = json!({"check": "clock", "since": AT, "last_seen": AT, "seen": 3, "runs": 4});
    let matter = json!({
        "target": "web-07", "key": {"kind": "reading", "component": "ntp", "reason_code": "Timeout"}, "finding": finding(),
        "severity": "High", "claims": [claim], "claims_total": 1, "incident": 2, "first_seen": AT, "last_seen": AT,
        "suppressed": {"because": "ParentUnreachable", "name": "gw-fra"},
        "acknowledged": {"by": "anna", "reason": "known", "at": AT, "expires": "2027-03-01T00:00:00Z"}, "summary": "NTP.",
        "context": {"changes": [{"path": "a.b", "was": "1"}], "changes_total": 1, "explain": "tecrax explain observation/clock.web-07"},
    });
    serde_json::from_value(matter).unwrap()
}

/// Stored states, each with what is needed to show it and the next record.
pub fn states() -> Vec<Vec<u8>> {
    let (body, detail, reaction) = run("unknown");
    let denial = json!({"plan_digest": Digest::ZERO.to_string(), "policy_digest": Digest::ZERO.to_string(), "message": "no"});
    let looked = [("run.v1", &body, Some(&detail)), ("reaction.v1", &reaction, None)];
    let refused = [looked[0], looked[1], ("denial.v1", &denial, None)];
    let name = |text: &str| SubdomainName::parse(text).unwrap();
    let key = FindingKey { kind: "reading".to_owned(), component: "ntp".to_owned(), reason_code: "Timeout".to_owned() };
    let mut open = EscalationState::new(EscalationId::of_target(&Namespace::default(), &name("web-07"), &key));
    let fresh = json!(open);
    (open.seq, open.changed_at, open.matter) = (2, AT.parse().ok(), Some(matter()));
    let states = [json!(pair(&[])), json!(pair(&looked)), json!(pair(&refused)), fresh, json!(open)];
    let [by_interval, by_schedule] = wanted();
    let states = states.iter().flat_map(|state| [&by_interval, &by_schedule].map(|wanted| (state, wanted)));
    states.map(|(state, wanted)| format!("{state}\x1e{wanted}\x1e{body}\x1e{detail}").into_bytes()).collect()
}

/// Headers, and a list of sums.
pub fn exports() -> Vec<Vec<u8>> {
    let pair = Subject::Pair(PairId::parse("default/clock.web-07").unwrap());
    let headers =
        [header(pair, "run.v1", 7, b"{}"), header(Subject::Log, "retention.v1", 1, b"x")].map(|header| header.canonical());
    let digest = Digest::of(b"x");
    let sums = format!("{digest}  checkpoint\n{digest}  records/00000001/header.json\n{digest}  ../x\n");
    headers.into_iter().chain([sums.into_bytes()]).collect()
}

#[test]
fn the_seeds_are_what_they_say() {
    for state in states() {
        let text = String::from_utf8(state).unwrap();
        let stored = text.split('\x1e').next().unwrap();
        assert!(fuzz::pair(stored).is_ok() || fuzz::escalation(stored).is_ok_and(|(state, _)| state.seq < 3), "{stored}");
    }
    let looked = fuzz::pair(std::str::from_utf8(&states()[2]).unwrap().split('\x1e').next().unwrap()).unwrap().0;
    assert!(looked.status.is_some() && looked.tracked.len() == 1, "{looked:?}");
    for wanted in wanted() {
        serde_json::from_value::<crate::status::Wanted>(wanted).unwrap();
    }
    assert_eq!(exports().iter().filter_map(|bytes| crate::cli::fuzz::header(bytes)).count(), 2);
    let lists = exports().into_iter().map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(lists.map(|text| text.lines().filter_map(crate::cli::fuzz::sums).count()).sum::<usize>(), 2);
}

/// The log as SQLite wrote it is whole, one with a frame in between that does not fit is not, and neither is one that lacks what the
/// processes know of.
#[test]
fn the_seeds_of_logs_are_judged_for_what_they_are() {
    let said = |log: &[u8]| fuzz::wal(&log[1..=fuzz::INDEX], &log[1 + fuzz::INDEX..]);
    let logs = logs();
    assert!(logs[0].len() < 4096 && logs[0].len() > 4 * 536, "{} bytes", logs[0].len());
    assert_eq!((said(&logs[0]), said(&logs[2])), (None, None));
    let mut broken = logs[2].clone();
    broken[1 + fuzz::INDEX + 32 + 536 + 100] ^= 1;
    assert!(said(&broken).unwrap().contains("frame 2 of the write-ahead log"));
    let short = &logs[0][..logs[0].len() - 1];
    assert!(said(short).unwrap().contains("were committed"));
}
