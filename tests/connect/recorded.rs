//! Recorded local commands and bounds of another runtime, taken through our connector.

#![allow(clippy::print_stdout)]

use std::fs;

use serde_json::{Value, json};

use super::harness::{self, Answer};
use super::*;
use crate::api::{ErrorClass, FixtureReading};
use crate::desired::FixtureConfig;

/// What there is no counterpart for: the environment file of the other runtime, its modes, its mocks and the bound of its records.
const OTHER_MACHINERY: [&str; 10] = [
    "record over the policy limit",
    "mode apply",
    "mode read_only",
    "allowlist missing",
    "not allowlisted",
    "connector unknown",
    "connector disabled",
    "unknown backend",
    "mock backend",
    "mock mutating action",
];
/// What no profile can hold, so that no connector ever sees it; the recorded refusals of such commands are tested with the loader.
const REFUSED_WHEN_LOADED: [&str; 2] = ["args text", "restricted"];

fn cases(section: &str) -> Vec<Value> {
    let path = format!("{}/tests/conformance/rexecop/command_shapes.json", env!("CARGO_MANIFEST_DIR"));
    let content: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    content[section].as_array().unwrap().clone()
}

/// Text, whether it is cut, and how the command ended.
#[derive(Debug, PartialEq)]
struct Read3 {
    stdout: String,
    truncated: bool,
    returncode: i64,
}

async fn run(shape: &Shape, timeout: Duration) -> Result<Read3, Failure> {
    let read = |output: &Output, truncated| Read3 {
        stdout: output.stdout.trim().to_owned(),
        truncated,
        returncode: i64::from(output.exit_code),
    };
    let session = Session::open(&ConnectionConfig::Local, "default/test", &context()).await.unwrap();
    match session.read(shape, timeout).await {
        Ok(output) => Ok(read(&output, false)),
        Err(failure) => match &failure.partial {
            Some(partial) if failure.class == ErrorClass::OutputCut => Ok(Read3 { returncode: 0, ..read(partial, true) }),
            Some(partial) if failure.class == ErrorClass::CommandFailed => Ok(read(partial, false)),
            _ => Err(failure),
        },
    }
}

#[tokio::test]
async fn recorded_local_commands_answer_alike() {
    let (mut ran, mut others, mut refused) = (0, 0, 0);
    for case in cases("local_shell") {
        let id = case["id"].as_str().unwrap();
        if OTHER_MACHINERY.contains(&id) {
            others += 1;
            continue;
        }
        if REFUSED_WHEN_LOADED.contains(&id) {
            refused += 1;
            continue;
        }
        ran += 1;
        let entry = &case["config"]["allowlist"][0];
        let words = entry["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
        let argv: Vec<&str> = std::iter::once(entry["command"].as_str().unwrap()).chain(words).collect();
        let mut shape = shape(&argv);
        if let Some(bound) = case["config"]["max_output_bytes"].as_u64().filter(|bound| *bound > 0) {
            shape.max_output_bytes = u32::try_from(bound).unwrap();
        }
        let seconds = case["execution_controls"]["timeout_seconds"].as_f64().or(case["config"]["timeout_seconds"].as_f64());
        let ours = run(&shape, seconds.map_or(PATIENCE, Duration::from_secs_f64)).await;
        let theirs = &case["expect"]["step_result"];
        let data = &theirs["output"]["data"];
        match (id, ours) {
            ("timeout" | "policy timeout", Err(failure)) => assert_eq!(failure.class, ErrorClass::Timeout, "{id}"),
            ("tool not found", Err(failure)) => assert_eq!(failure.class, ErrorClass::Unsupported, "{id}"),
            ("invalid utf-8 output", Err(failure)) => assert_eq!(failure.class, ErrorClass::NotText, "{id}"),
            // Names of secrets stay, so that a person sees what was removed.
            ("secret-like output redacted", Ok(ours)) => assert_eq!(ours.stdout, "password=[REDACTED] Bearer [REDACTED]"),
            (_, Ok(ours)) => {
                let expected = Read3 {
                    stdout: data["stdout"].as_str().unwrap_or_else(|| panic!("{id}: recorded without output")).to_owned(),
                    truncated: data["output_truncated"]["stdout"].as_bool().unwrap(),
                    returncode: data["returncode"].as_i64().unwrap(),
                };
                assert_eq!(ours, expected, "{id}");
                assert_eq!(theirs["success"], ours.returncode == 0, "{id}");
            }
            (_, Err(failure)) => panic!("{id}: {failure:?}"),
        }
    }
    println!("rexecop/command_shapes.json local_shell: {ran} ran, {refused} refused when loaded, {others} of other machinery");
    assert_eq!((ran, refused, others), (15, REFUSED_WHEN_LOADED.len(), OTHER_MACHINERY.len()));
}

/// Their digest is that of the whole text, which we never read: ours is that of what is kept.
#[tokio::test]
async fn recorded_bounds_keep_the_same_text() {
    let cases = cases("bounded_text");
    for case in &cases {
        let mut shape = shape(&["printf", "%s", case["text"].as_str().unwrap()]);
        shape.max_output_bytes = u32::try_from(case["max_bytes"].as_i64().unwrap().max(1)).unwrap();
        let ours = run(&shape, PATIENCE).await.unwrap();
        let expected = (case["expect"]["text"].as_str().unwrap(), case["expect"]["truncated"].as_bool().unwrap());
        assert_eq!((ours.stdout.as_str(), ours.truncated), expected, "{case}");
    }
    println!("rexecop/command_shapes.json bounded_text: {} ran", cases.len());
}

/// A recorded fixture as a connection of ours: `None` when no manifest can say it.
fn fixture(config: &Value) -> Option<ConnectionConfig> {
    let mut readings = BTreeMap::new();
    for (action, recorded) in config["actions"].as_object().into_iter().flatten() {
        let mut written = serde_json::Map::from_iter([("shape".to_owned(), json!(action))]);
        for (key, value) in recorded.as_object().unwrap() {
            let (key, value) = match (key.as_str(), value) {
                ("data", Value::Object(_)) => ("stdout", json!(value.to_string())),
                ("data", _) => ("stdout", value.clone()),
                ("error", _) => ("stderr", value.clone()),
                (other, _) => (other, value.clone()),
            };
            written.insert(key.to_owned(), value);
        }
        let reading: FixtureReading = serde_json::from_value(written.into()).ok()?;
        readings.insert(reading.shape, (reading.stdout, reading.stderr, reading.exit_code));
    }
    Some(ConnectionConfig::Fixture(Arc::new(FixtureConfig { readings })))
}

/// Fixtures answer in words of a command here, and only when the pass allows them; there, with objects, when their file says so.
#[test]
fn recorded_fixtures_answer_alike() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let asked = async |case: &Value| -> Option<String> {
        let config = fixture(&case["config"])?;
        let context = OpenContext::new(Environment::default(), case["config"]["fixture_only"] == json!(true));
        let session = Session::open(&config, "default/test", &context).await.ok()?;
        let shape = Shape { action: case["action"].as_str().unwrap().to_owned(), ..shape(&["true"]) };
        session.read(&shape, PATIENCE).await.ok().map(|output| output.stdout)
    };
    harness::run_section(
        "rexecop/command_shapes.json",
        "static_fixture",
        |case| if case["expect"]["success"] == true { case["expect"]["data"].clone() } else { json!("no answer") },
        |case| {
            Answer::Value(match runtime.block_on(asked(case)) {
                Some(text) => serde_json::from_str(&text).unwrap_or(json!(text)),
                None => json!("no answer"),
            })
        },
    );
}
