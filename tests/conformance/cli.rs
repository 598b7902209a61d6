//! Every recorded command of the Python stack's runtime, run as it was typed: those that have a counterpart answer as recorded, those
//! that have none are refused by name or skipped by name, and every one is counted.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, missing_docs)]

use crate::support::harness;
mod recorded;

use std::collections::BTreeMap;
use std::fs;

use crate::support::cli::{Ended, Home};
use recorded::{Expected, command, hide, lay_out, receipt};
use serde_json::{Value, json};

const FILE: &str = "rexecop/cli.json";
/// Commands that answer as recorded.
const ANSWERED: [&str; 7] = [
    "operations explain",
    "operations list",
    "reaction-plan",
    "reaction-proposal-validate",
    "reaction-replay",
    "targets list",
    "targets show",
];
/// Commands without a counterpart, refused by name with what to use instead.
const REFUSED: [&str; 11] = [
    "cancel",
    "escalate",
    "history",
    "queue",
    "reaction-start",
    "retry",
    "start",
    "trigger",
    "version",
    "worker run",
    "--storage",
];
/// Names that mean something else here: the stack's are about operations that are planned, started and stored, which there are none of.
const OTHERS: [&str; 3] = ["plan", "status", "validate"];
/// Runs that end otherwise, each with our exit code and why.
const OTHERWISE: [(u64, i32, &str); 3] = [
    (39, 64, "a command that nobody has is a matter of usage of tecrax: 64"),
    (53, 64, "targets may come from manifests, too; what is missing is a matter of usage of tecrax: 64"),
    (54, 0, "without a profile it is the built-in one that is asked"),
];

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

/// The runs of `set`, in one directory made of `files`.
#[test]
fn conformance_rexecop_cli() {
    let set = harness::read(FILE);
    let home = Home::new();
    lay_out(&set["files"], home.dir.path());
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for run in set["runs"].as_array().expect("runs") {
        let number = run["n"].as_u64().expect("a number");
        let name = command(run);
        if text(run, "note") == "reactions folder removed first" {
            fs::remove_dir_all(home.path("state/reactions")).unwrap();
        }
        if ANSWERED.contains(&name.as_str()) {
            if name == "reaction-replay" {
                // The stack's chain had the receipt of the intent that it started.
                receipt(&home.path("state/reactions").join(&names["{reaction2}"]));
            }
            let ended = asked(&home, run, &names);
            if let Some((_, code, _)) = OTHERWISE.iter().find(|(n, _, _)| *n == number) {
                assert_ne!(run["exit"], json!(code), "{number}: the recorded answer is ours by now");
                assert_eq!(ended.code, *code, "{number}: {ended:?}");
                *counts.entry("otherwise").or_default() += 1;
                continue;
            }
            let expected = Expected::of(run);
            failures.extend(expected.compare(&ended, &mut names).into_iter().map(|why| format!("{number} {name}: {why}")));
            *counts.entry("answered").or_default() += 1;
        } else if OTHERS.contains(&name.as_str()) {
            *counts.entry("something else here").or_default() += 1;
        } else if number == 39 {
            assert_eq!(asked(&home, run, &names).code, 64);
            *counts.entry("otherwise").or_default() += 1;
        } else {
            assert!(REFUSED.contains(&name.as_str()), "{number}: nothing is said about `{name}`");
            let ended = asked(&home, run, &names);
            assert_eq!((ended.code, ended.out.as_str()), (64, ""), "{number}: {ended:?}");
            if name != "--storage" {
                assert!(ended.err.contains("has no counterpart") && ended.err.contains("docs/migration.md"), "{ended:?}");
            }
            *counts.entry("refused by name").or_default() += 1;
        }
    }
    println!("{FILE}: {counts:?}");
    assert!(failures.is_empty(), "{} runs differ\n  {}", failures.len(), failures.join("\n  "));
    let all = [("answered", 32), ("otherwise", 3), ("refused by name", 30), ("something else here", 33)];
    assert_eq!(counts, BTreeMap::from(all));
}

/// Runs a recorded command line, with the names that we gave in place of theirs.
fn asked(home: &Home, run: &Value, names: &BTreeMap<String, String>) -> Ended {
    let args = run["args"].as_array().expect("arguments").iter().map(|arg| {
        let arg = arg.as_str().expect("a text");
        names.get(arg).cloned().unwrap_or_else(|| arg.to_owned())
    });
    home.run(args)
}

/// What a person sees who types a command of the stack that there is none of, and one with a missing flag.
#[test]
fn refusals_say_what_to_do() {
    let home = Home::new();
    let ended = home.tecrax("reaction-start --reaction reaction-000000000000000000000000");
    assert_eq!(ended.code, 64);
    assert!(ended.err.contains("tecrax reconcile"), "{ended:?}");
    let ended = home.tecrax("reaction-observation --input x.json");
    assert_eq!(ended.code, 2);
    assert_eq!(hide(&ended.err), "error: reaction-observation requires --input --operation --target\n");
    for bad in ["../../etc", "reaction-", "reaction-2cf0c40734f403238dfcfc0B", "reaction-2cf0c40734f403238dfcfc0b/x"] {
        let ended = home.run(["reaction-replay", "--reaction", bad]);
        assert!(ended.code == 1 && ended.err.starts_with("error: reaction not found: "), "{bad}: {ended:?}");
    }
    let ended = home.run(["reaction-replay", "--reaction", "reaction-2cf0c40734f403238dfcfc0b"]);
    assert!(ended.code == 1 && ended.err.contains("decisions are looked for in"), "{ended:?}");
    assert_eq!(home.tecrax("reaction-plan --env e.yaml").code, 2, "usage");
    assert_eq!(home.tecrax("reaction-plan --depth x").code, 2, "usage");
}

/// A chain that was changed is not replayed, neither by its name nor by the same question.
#[test]
fn a_decision_that_was_changed_is_refused() {
    let set = harness::read(FILE);
    let home = Home::new();
    lay_out(&set["files"], home.dir.path());
    let line = "reaction-plan --profile profile --env env.yaml --observation obs-up.json --target box-1 --reactions-dir kept";
    let first = home.tecrax(line);
    assert_eq!(first.code, 0, "{first:?}");
    let plan: Value = serde_json::from_str(&first.out).unwrap();
    let id = text(&plan, "reaction_id").to_owned();
    assert_eq!(home.tecrax(&format!("reaction-replay --reaction {id} --reactions-dir kept")).code, 0);
    let verify = home.tecrax(&format!("evidence verify kept/{id}"));
    assert!(verify.code == 0 && verify.out.contains("sclite-core 1.0.5 says pass"), "{verify:?}");
    let finding = home.path("kept").join(&id).join("02_finding.json");
    let text = fs::read_to_string(&finding).unwrap();
    fs::write(&finding, text.replacen("status is up", "status is UP", 1)).unwrap();
    for line in [format!("reaction-replay --reaction {id} --reactions-dir kept"), line.to_owned()] {
        let ended = home.tecrax(&line);
        assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{line}");
        assert!(ended.err.contains("descriptor mismatch for 02_finding.json"), "{ended:?}");
    }
}

/// The commands of the profile itself: what they print is what the library makes, in the recorded form.
#[test]
fn fixture_review_and_observation() {
    let home = Home::new();
    let cases = harness::read("tecrax/fixture_review.json");
    for case in cases["cases"].as_array().unwrap() {
        let service = harness::expand(&case["service_name"]);
        let ended = home.run(["fixture-review", "--service", service.as_str().unwrap()]);
        assert_eq!(ended.code, 0, "{ended:?}");
        let digest = tecrax::api::Digest::of(ended.out.as_bytes()).to_string();
        assert_eq!(digest, text(case, "stdout_sha256"), "{}", case["id"]);
    }
    assert_eq!(home.tecrax("fixture-review").out, home.tecrax("fixture-review --service demo-web").out);
    let cases = harness::read("tecrax/observation.json");
    let mut ran = 0;
    for case in cases["cases"].as_array().unwrap() {
        let input = harness::expand(&case["input"]);
        fs::write(home.path("in.json"), input["diagnosis"].to_string()).unwrap();
        let ended = home.run([
            "reaction-observation",
            "--input",
            "in.json",
            "--operation",
            text(&input, "operation_id"),
            "--target",
            text(&input, "target_id"),
        ]);
        // The time is that of the command: one that is given can not be wrong.
        if text(case, "id") == "observed-long" {
            continue;
        }
        ran += 1;
        if let Some(message) = case["expect"]["error"]["message"].as_str() {
            assert_eq!((ended.code, hide(&ended.err)), (1, format!("error: {message}\n")), "{}", case["id"]);
            continue;
        }
        let (mut ours, mut theirs): (Value, Value) =
            (serde_json::from_str(&ended.out).unwrap(), case["expect"]["observation"].clone());
        assert_eq!(ours["profile_ref"]["id"], theirs["profile_ref"]["id"]);
        for key in ["observed_at", "profile_ref"] {
            ours.as_object_mut().unwrap().remove(key);
            theirs.as_object_mut().unwrap().remove(key);
        }
        assert_eq!(ours, theirs, "{}", case["id"]);
    }
    assert_eq!(ran, 21);
    fs::write(home.path("in.json"), "[]").unwrap();
    let ended = home.tecrax("reaction-observation --input in.json --operation o --target t");
    assert_eq!((ended.code, hide(&ended.err)), (1, "error: diagnosis input must be a JSON object\n".to_owned()));
}

/// An observation of ours is decided by the built-in profile.
#[test]
fn the_built_in_profile_decides_about_an_observation() {
    let home = Home::new();
    let cases = harness::read("tecrax/observation.json");
    let diagnosis =
        &cases["cases"].as_array().unwrap().iter().find(|case| case["id"] == "unhealthy").unwrap()["input"]["diagnosis"];
    fs::write(home.path("in.json"), diagnosis.to_string()).unwrap();
    let observed = home.tecrax("reaction-observation --input in.json --operation op-1 --target host-1");
    fs::write(home.path("observation.json"), &observed.out).unwrap();
    let environment = json!({"environment": {"id": "lab", "profile": "tecrax", "targets": {"host-1": {"type": "host"}}}});
    fs::write(home.path("env.yaml"), environment.to_string()).unwrap();
    let ended = home.tecrax("reaction-plan --env env.yaml --observation observation.json --target host-1");
    assert_eq!(ended.code, 0, "{ended:?}");
    let plan: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(plan["reaction_plan"]["outcome"], "escalate");
    assert_eq!(plan["reaction_plan"]["reason"], "reaction_policy_pack_required");
}
