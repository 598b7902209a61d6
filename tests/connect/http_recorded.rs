//! Recorded requests of another runtime, sent through our connector to a server that answers as recorded.

#![allow(clippy::print_stdout)]

use serde_json::{Value, json};

use super::harness::{self, Answer};
use super::http::{file, get, open, request, to};
use super::http_server::{Script, Scripted, answer};
use super::*;
use crate::api::{ErrorClass, HttpAuthMode};
use crate::desired::{BaseUrl, HttpConfig, ValueSource};
use crate::profile::{Auth, Body, HttpAnswer, Method, ServerVersion};

/// Headers that both runtimes mean: the other closes every connection, ours asks for no encoding by saying nothing.
const HEADERS: [&str; 4] = ["accept", "authorization", "content-type", "x-token"];

/// What has no counterpart here, by members of the recorded configuration or by id.
fn no_counterpart(case: &Value) -> Option<&'static str> {
    let (config, id) = (&case["config"], case["id"].as_str().unwrap());
    let shape = &config["actions"][case["action"].as_str().unwrap()];
    if shape.get("pagination").is_some() {
        Some("several pages")
    } else if config.get("retry").is_some() {
        Some("retries, which a round takes")
    } else if shape["path"].as_str().is_some_and(|path| path.contains('{')) {
        Some("holes in a path")
    } else if id.contains("mutating") && case["expect"]["requests"] == json!([]) {
        Some("requests that change something")
    } else if id.ends_with("bound fractional") || id.ends_with("negative bound") {
        Some("bounds that are no amount")
    } else if shape.is_null()
        || config.get("tls").is_some_and(|tls| tls.get("ca_file_secret_ref").is_none())
        || ["no base url", "connector mismatch", "auth without secret_ref"].iter().any(|end| id.ends_with(end))
    {
        Some("a file of the other runtime that is not whole")
    } else {
        None
    }
}

/// What was recorded, in words of ours.
fn recorded(case: &Value) -> Value {
    let (expect, response) = (&case["expect"], &case["expect"]["response"]);
    let data = &response["data"];
    let requests: Vec<Value> = expect["requests"].as_array().unwrap().iter().map(request_of).collect();
    let outcome = if response["success"] == true {
        data.clone()
    } else if data["output_truncated"] == true {
        json!("too long")
    } else if data["error_class"] == "timeout" {
        json!("time-out")
    } else if let Some(status) = data["status_code"].as_u64() {
        let kind = match data["error_class"].as_str().unwrap() {
            "auth_failed" => "no admission",
            "transient_connector_error" => "may pass",
            _ => "final",
        };
        json!(format!("status {status}, {kind}"))
    } else if !requests.is_empty() {
        json!("no JSON")
    } else if response["error"].as_str().unwrap().ends_with("Connection refused") {
        json!("unreachable")
    } else {
        json!("refused before anything was sent")
    };
    json!({"requests": requests, "outcome": outcome})
}

fn request_of(seen: &Value) -> Value {
    let headers: BTreeMap<&str, &str> =
        HEADERS.iter().filter_map(|name| Some((*name, seen["headers"][*name].as_str()?))).collect();
    let body = seen["body"].as_str().unwrap();
    let body = serde_json::from_str(body).unwrap_or(Value::Null);
    json!({"method": seen["method"], "target": seen["target"], "headers": headers, "body": body})
}

/// The shape of a recorded action.
fn shape_of(case: &Value) -> Shape {
    let config = &case["config"];
    let spec = &config["actions"][case["action"].as_str().unwrap()];
    let mut shape = get();
    let bound = spec.get("max_response_bytes").or(config.get("max_response_bytes")).and_then(Value::as_u64).unwrap_or(65_536);
    shape.max_output_bytes = u32::try_from(bound).unwrap();
    let sent = request(&mut shape);
    sent.path = spec["path"].as_str().unwrap().to_owned();
    if spec["method"] == "POST" {
        sent.method = Method::Post;
    }
    if let Some(query) = spec["query"].as_object() {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        sent.query = query.iter().map(|(key, value)| (key.clone(), text(value))).collect();
    }
    if let Some(json) = spec.get("body") {
        sent.bodies.push(Body { name: "default".to_owned(), since: None, json: json.clone() });
    }
    sent.answer = HttpAnswer::Json { unwrap: spec["unwrap"].as_str().map(str::to_owned), rpc: false };
    if config["auth"]["header"] != "X-Token" && config.get("auth").is_some() {
        sent.auth = Auth::Required { header_since: ServerVersion { major: 0, minor: 0 } };
    }
    shape
}

/// The connection of a recorded configuration.
fn connection_of(case: &Value, base: &str, dir: &std::path::Path) -> HttpConfig {
    let config = &case["config"];
    let secret = |reference: &Value| {
        let name = reference.as_str().unwrap();
        match case["secrets"][name].as_str() {
            Some(value) => file(dir, name, &value.replace("{base}", base)),
            None => ValueSource::File(dir.join("absent")),
        }
    };
    let base_url = match config["base_url"].as_str() {
        // As from a secret: that is where an address is checked that no manifest holds.
        Some(url) => BaseUrl::From(file(dir, "base", &url.replace("{base}", base))),
        None => BaseUrl::From(secret(&config["base_url_secret_ref"])),
    };
    let mut connection = HttpConfig { base_url, ..to("unused") };
    if let Some(auth) = config.get("auth") {
        let token = secret(&auth["secret_ref"]);
        match auth["header"].as_str() {
            Some("X-Token") => connection.headers.push(("x-token".to_owned(), token)),
            _ => connection.auth = Some((HttpAuthMode::Header, token)),
        }
    }
    if let Some(tls) = config.get("tls") {
        connection.ca = Some(secret(&tls["ca_file_secret_ref"]));
    }
    connection
}

fn script_of(entry: &Value, port: &str) -> Script {
    if entry.get("delay").is_some() {
        return Script::Silence(Vec::new());
    }
    let placed = |text: &str| text.replace("{base}", &format!("http://127.0.0.1:{port}")).replace("{port}", port);
    let headers: Vec<(String, String)> = entry["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), placed(value.as_str().unwrap())))
        .collect();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let body = match entry.get("body") {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    answer(u16::try_from(entry["status"].as_u64().unwrap_or(200)).unwrap(), &headers, placed(&body).as_bytes())
}

async fn ours(case: &Value) -> Value {
    let dir = tempfile::tempdir().unwrap();
    let scripts = case["server_script"].as_array().unwrap().clone();
    // A redirect that were followed would reach the same server.
    let server = Scripted::start_with(|port| scripts.iter().map(|entry| script_of(entry, &port.to_string())).collect()).await;
    let seconds = [&case["config"]["timeout_seconds"], &case["metadata"]["execution_controls"]["timeout_seconds"]];
    let seconds = seconds.iter().filter_map(|value| value.as_f64()).fold(20.0, f64::min);
    let shape = shape_of(case);
    let result = match open(connection_of(case, &server.url(), dir.path())).await {
        Ok(session) => {
            let parameters = BTreeMap::new();
            let mut question = question(&shape, &parameters, Duration::from_secs_f64(seconds));
            if let Some(bound) = case["metadata"]["execution_controls"]["max_output_bytes"].as_u64() {
                question.max_output_bytes = question.max_output_bytes.min(u32::try_from(bound).unwrap());
            }
            session.ask(question).await
        }
        Err(failure) => Err(failure),
    };
    let outcome = match result {
        Ok(output) => serde_json::from_str(&output.stdout).unwrap(),
        Err(failure) => json!(words(&failure)),
    };
    let requests: Vec<Value> = server
        .requests()
        .iter()
        .map(|seen| {
            let body = seen.body.as_str();
            request_of(&json!({"method": seen.method, "target": seen.target, "headers": seen.headers, "body": body}))
        })
        .collect();
    json!({"requests": requests, "outcome": outcome})
}

fn words(failure: &Failure) -> String {
    let status = failure.message.split("answers with status ").nth(1).map(|rest| rest.chars().take(3).collect::<String>());
    match failure.class {
        ErrorClass::OutputCut => "too long".to_owned(),
        ErrorClass::Timeout => "time-out".to_owned(),
        ErrorClass::Unreachable => "unreachable".to_owned(),
        ErrorClass::UnexpectedAnswer => "no JSON".to_owned(),
        ErrorClass::CredentialUnusable => "refused before anything was sent".to_owned(),
        ErrorClass::AuthRefused => format!("status {}, no admission", status.unwrap()),
        ErrorClass::HttpStatus if failure.transient => format!("status {}, may pass", status.unwrap()),
        ErrorClass::HttpStatus => format!("status {}, final", status.unwrap()),
        _ => format!("{failure:?}"),
    }
}

#[test]
fn recorded_requests_are_sent_and_read_alike() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    harness::run_section("rexecop/http_shapes.json", "runs", recorded, |case| match no_counterpart(case) {
        Some(what) => Answer::Foreign(what.to_owned()),
        None => Answer::Value(runtime.block_on(ours(case))),
    });
}
