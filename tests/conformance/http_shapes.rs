//! Recorded HTTP shapes of the Python runtime, against what a profile may declare here. (What is sent and what becomes of the
//! answers: `tests/connect/http_recorded.rs`.)

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, missing_docs)]

use crate::support::harness;
use crate::support::harness::Answer;
use crate::support::profile::Copy;
use serde_json::{Map, Value, json};
use tecrax::api::Http;
use tecrax::facts;
use tecrax::profile::{HttpAnswer, Profile, Shape};

const FILE: &str = "rexecop/http_shapes.json";
/// The shape that a recorded one takes the place of.
const PLACE: &str =
    "      method: GET\n      path: /api/status\n      answer: json\n      unwrap: Version\n      max_output_bytes: 1024\n";
/// What both runtimes mean by a shape.
const MEMBERS: [&str; 6] = ["method", "path", "query", "body", "unwrap", "max_response_bytes"];

fn load(copy: &Copy) -> Result<Profile, String> {
    Profile::load(copy.path(), &|name| facts::normalizer(name).is_some())
        .map_err(|problems| problems.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>().join("; "))
}

/// A shape of ours in the recorded form. Of several bodies the first is the one that was recorded.
fn told(shape: &Shape) -> Value {
    let http = shape.http().expect("an HTTP shape");
    let unwrap = match &http.answer {
        HttpAnswer::Json { unwrap, .. } => unwrap.clone().unwrap_or_default(),
        HttpAnswer::Status => panic!("a status"),
    };
    json!({
        "method": http.method.as_str(),
        "path": http.path,
        "query": http.query,
        "body": http.bodies.last().map_or(Value::Null, |body| body.json.clone()),
        "unwrap": unwrap,
        "max_response_bytes": shape.max_output_bytes,
    })
}

/// A recorded shape with every member, and nothing that only the other runtime has.
fn whole(shape: &Value) -> Value {
    let absent = |name: &str| match name {
        "query" => json!({}),
        "unwrap" => json!(""),
        _ => Value::Null,
    };
    MEMBERS
        .iter()
        .map(|name| ((*name).to_owned(), shape.get(*name).cloned().unwrap_or_else(|| absent(name))))
        .collect::<Map<_, _>>()
        .into()
}

/// Loads the profile with the recorded specification as one of its shapes.
fn declared(spec: &Value, connector: &Value) -> Result<Value, String> {
    let mut written = spec.as_object().unwrap().clone();
    let method = written.get("method").and_then(Value::as_str).unwrap_or("GET").to_ascii_uppercase();
    written.insert("method".to_owned(), json!(method));
    written.entry("path").or_insert_with(|| json!("/"));
    let bound = written.remove("max_response_bytes").or_else(|| connector.get("max_response_bytes").cloned());
    written.insert("max_output_bytes".to_owned(), bound.unwrap_or_else(|| json!(65536)));
    written.insert("answer".to_owned(), json!("json"));
    let copy = Copy::new();
    let lines = written.iter().map(|(key, value)| format!("      {key}: {value}\n")).collect::<Vec<_>>().concat();
    copy.edit("connectors/portainer_api.yaml", PLACE, &lines);
    let profile = load(&copy)?;
    Ok(told(&profile.connectors["portainer_api"].shapes["read_portainer_status"]))
}

#[test]
fn conformance_http_shapes_canonical() {
    harness::run_section(
        FILE,
        "canonical",
        |case| {
            let mut shape = if case.get("canonical").is_some() { whole(&case["canonical"]) } else { return json!("refused") };
            // What is sent is text.
            for value in shape["query"].as_object_mut().unwrap().values_mut().filter(|value| value.is_number()) {
                *value = json!(value.to_string());
            }
            shape
        },
        |case| Answer::Value(declared(&case["spec"], &case["connector_config"]).unwrap_or_else(|_| json!("refused"))),
    );
}

#[test]
fn conformance_http_shapes_shipped() {
    let profile = Profile::embedded(&|name| facts::normalizer(name).is_some()).expect("the embedded profile");
    harness::run_section(
        FILE,
        "shipped",
        |case| whole(&case["contract_shape"]),
        |case| {
            let (connector, action) = (case["connector"].as_str().unwrap(), case["action"].as_str().unwrap());
            Answer::Value(told(&profile.connectors[connector].shapes[action]))
        },
    );
}

/// The other runtime compares a local file of actions with the profile. Here a manifest can not say what is sent at all.
#[test]
fn conformance_http_shapes_validate() {
    let content = harness::read(FILE);
    let cases = content["validate"].as_array().unwrap();
    let mut refused = 0;
    for case in cases {
        for (member, value) in case["config"].as_object().unwrap() {
            let error = serde_json::from_value::<Http>(json!({"baseURL": "http://a.example", member: value})).unwrap_err();
            assert!(error.to_string().starts_with("unknown field"), "{error}");
            refused += 1;
        }
    }
    println!("{FILE} validate: {} cases, {refused} members of local configurations refused", cases.len());
    assert!(refused >= cases.len() - 1, "only one case configures nothing");
}

/// Recorded requests that nothing here can send, and that `deviations.yaml` leaves out for that reason: no profile can declare them, and no
/// manifest can loosen TLS.
#[test]
fn what_is_left_out_of_the_runs_can_not_be_declared() {
    let content = harness::read(FILE);
    let (mut shapes, mut members) = (0, 0);
    for case in content["runs"].as_array().unwrap() {
        let (config, id) = (&case["config"], &case["id"]);
        let shape = &config["actions"][case["action"].as_str().unwrap()];
        if shape.get("pagination").is_some() || shape.get("mutating").is_some() {
            declared(shape, config).expect_err("no shape of ours");
            shapes += 1;
        }
        if let Some(tls) = config.get("tls").filter(|tls| tls.get("ca_file_secret_ref").is_none() && **tls != json!({})) {
            let refused =
                serde_json::from_value::<Http>(json!({"baseURL": "http://a.example", "tls": tls})).unwrap_err().to_string();
            assert!(refused.starts_with("unknown field") || refused.starts_with("invalid type"), "{id}: {refused}");
            members += 1;
        }
    }
    assert_eq!((shapes, members), (11, 2));
}
