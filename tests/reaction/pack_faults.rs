//! What is wrong with a reaction pack is said with its place, in `profile lint` and by the compiler.

use std::fs;

use crate::support::cli::Home;
use serde_json::json;
use tecrax::reaction::pack::{Pack, Vocabulary};

const PACK: &str = "reactions/check_ntp_health.yaml";

/// What is replaced in the pack of `check_ntp_health`; the text whose last place is told then (anywhere when empty); and the words.
const FAULTS: &[(&str, &str, &str, &str)] = &[
    ("outcome: no_op", "outcome: nothing", "nothing\n", "rules[1].outcome is unsupported: nothing"),
    ("intent_ref: check_ntp_health", "intent_ref: check_ntp_helth", "check_ntp_helth", "intent not found: check_ntp_helth"),
    ("max_depth: 3", "max_depth: 33", "33", "reaction budgets are outside bounded limits"),
    ("id: assessment.healthy", "id: waiver.expiring", "waiver.expiring\n    priority", "reaction rule ids must be unique"),
    (
        "kind: waiver.expiring",
        "kind: waiver.expired",
        "waiver.expired",
        "kind `waiver.expired` is missing in finding_taxonomy.yaml",
    ),
    ("severity: info", "severity: critical", "critical", "severity `critical` is missing in finding_taxonomy.yaml"),
    ("facts.verdict.kinds.waiver", "facts.verdict.kind.waiver", "facts.verdict.kind.", "is nothing that a verdict has"),
    ("facts.verdict.kinds.waiver", "facts.synchronised", "facts.synchronised", "did you mean `synchronized`?"),
    ("reaction_pack:", "reactions:", "reactions:\n", "reaction_pack must be a mapping"),
    ("  rules:", "\trules:", "", ""),
];

/// Line and column of the last place of `needle`.
fn place(text: &str, needle: &str) -> String {
    let before = &text[..text.rfind(needle).expect("the needle")];
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    format!(":{}:{column}: ", before.matches('\n').count() + 1)
}

#[test]
fn reaction_pack_faults_have_their_place() {
    for (from, to, needle, words) in FAULTS {
        let home = Home::new();
        home.command().args(["profile", "export", "p"]).assert().success();
        let path = home.path("p").join(PACK);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from} is not in the pack");
        let edited = text.replacen(from, to, 1);
        fs::write(&path, &edited).unwrap();
        let run = home.command().args(["profile", "lint", "p"]).assert().failure();
        let told = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        assert!(told.contains(words), "{to}: {told}");
        let place = if needle.is_empty() { ":".to_owned() } else { place(&edited, needle) };
        assert!(told.contains(&format!("p/{PACK}{place}")), "{to}, {place}: {told}");
    }
}

#[test]
fn reaction_pack_of_every_intent_and_of_nothing_else() {
    let home = Home::new();
    home.command().args(["profile", "export", "p"]).assert().success();
    home.command().args(["profile", "lint", "p"]).assert().success();
    fs::rename(home.path("p").join(PACK), home.path("p/reactions/check_time.yaml")).unwrap();
    let run = home.command().args(["profile", "lint", "p"]).assert().failure();
    let told = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(told.contains("reactions/check_time.yaml") && told.contains("the file name is no intent"), "{told}");
    fs::remove_file(home.path("p/reactions/check_time.yaml")).unwrap();
    let run = home.command().args(["profile", "lint", "p"]).assert().failure();
    let told = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(told.contains("intent check_ntp_health has no reaction pack"), "{told}");
}

/// Bounds of numbers that only look like some.
#[test]
fn reaction_pack_numbers_are_read_or_refused() {
    let compile = |depth: serde_json::Value| {
        let finding = json!({"kind": "k", "severity": "low", "summary": "s"});
        let rule =
            json!({"id": "r", "when": [{"path": "facts.a", "operator": "exists"}], "finding": finding, "outcome": "no_op"});
        let budgets = json!({"max_depth": depth, "max_reactions": 1});
        let fallback = json!({"id": "f", "finding": finding, "outcome": "no_op"});
        let pack = json!({"id": "p", "version": 1, "budgets": budgets, "rules": [rule], "fallback": fallback});
        Pack::compile(&json!({"reaction_pack": pack}).to_string(), "p.json", &Vocabulary::default())
    };
    for good in [json!(32), json!("7"), json!(1.9), json!(true), json!(" 3 ")] {
        assert!(compile(good.clone()).is_ok(), "{good}");
    }
    for bad in [json!(0), json!(-1), json!(33), json!(1e300), json!("x"), json!(null), json!([]), json!(u64::MAX), json!(0.9)] {
        assert!(compile(bad.clone()).is_err(), "{bad}");
    }
}
