//! Recorded command shapes of the Python runtime, against what of them this product has: the bytes of a remote command, what the
//! profile may declare and a manifest may not, and what is removed from text. (Local commands and bounds: `tests/connect/recorded.rs`.)

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, missing_docs)]

use crate::support;
use crate::support::daemon::free_port;
use crate::support::harness;
use crate::support::harness::Answer;
use crate::support::profile::Copy;
use russh::keys::PrivateKey;
use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use tecrax::api::Http;
use tecrax::connect::ssh::remote_command;
use tecrax::facts;
use tecrax::profile::Profile;
use tecrax::secrets::Redactor;

const FILE: &str = "rexecop/command_shapes.json";
/// The shape that a recorded one takes the place of.
const PLACE: &str = "    read_uptime:\n      argv: [uptime]\n";

/// Loads the profile with `shape` as the command of one of its steps, `None` for none; the remote command that follows.
fn load(action: &str, shape: Option<&Value>) -> Result<String, String> {
    let copy = Copy::new();
    let entry = shape.map_or_else(String::new, |argv| format!("    {action}:\n      argv: {argv}\n"));
    let connector = "connectors/monitoring_host.yaml";
    let rest = "      max_output_bytes: 1024\n      unsupported_help: install the package procps (Debian, Alpine) or procps-ng (Fedora, Arch)\n";
    copy.edit(connector, &format!("{PLACE}{rest}"), &if shape.is_some() { format!("{entry}{rest}") } else { String::new() });
    copy.edit(connector, "    - read_uptime\n", &format!("    - {action}\n"));
    for workflow in ["collect_basic_host_inventory", "diagnose_monitoring_host"] {
        let path = format!("workflows/{workflow}.yaml");
        let file = copy.path().join(&path);
        if file.exists() {
            let text = std::fs::read_to_string(&file).unwrap();
            std::fs::write(&file, text.replace("action: read_uptime", &format!("action: {action}"))).unwrap();
        }
    }
    let profile = Profile::load(copy.path(), &|name| facts::normalizer(name).is_some())
        .map_err(|problems| problems.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>().join("; "))?;
    Ok(remote_command(profile.connectors["monitoring_host"].shapes[action].argv()))
}

/// Command and arguments as a list.
fn argv(entry: &Value) -> Value {
    let mut words = vec![entry["command"].clone()];
    match &entry["args"] {
        Value::Array(args) => words.extend(args.iter().cloned()),
        Value::Null => {}
        // A text in place of a list stays one, so that the loader sees it.
        other => return other.clone(),
    }
    Value::Array(words)
}

/// The bytes of a recorded command.
fn quoted(entry: &Value) -> String {
    let words = argv(entry);
    let words: Vec<String> = words.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect();
    remote_command(&words)
}

/// Whether the loader has to be asked: what was recorded is about the target or the key, not about the command.
fn is_about_the_connection(case: &Value) -> bool {
    let config = case["config"].as_object().unwrap();
    let shaped = case["expect"]["ok"] == false
        && ["known_hosts_policy", "identity_file_secret_ref"].iter().any(|key| config.contains_key(*key));
    shaped || !config.contains_key("host") || !config.contains_key("user")
}

/// Whether a pass comes to the point where the machine of a recorded connection is asked: this one, where nobody listens.
fn is_asked(config: &Value) -> bool {
    let home = support::cli::Home::new();
    let mut ssh = Map::from_iter([("port".to_owned(), json!(free_port()))]);
    for (key, value) in config.as_object().unwrap() {
        match key.as_str() {
            // The commands are the profile's.
            "allowlist" => {}
            "port" if value.as_u64().is_some_and(|port| (1..=65_535).contains(&port)) => {}
            "host" => drop(ssh.insert("host".to_owned(), json!("127.0.0.1"))),
            "identity_file_secret_ref" => {
                drop(ssh.insert("identity".to_owned(), json!({"secretKeyRef": {"name": value, "key": "key"}})));
            }
            _ => drop(ssh.insert(key.clone(), value.clone())),
        }
    }
    home.write("target.yaml", &target(&ssh.into()).to_string());
    home.write(
        "check.yaml",
        "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {name: c}\n\
         spec: {intent: collect_basic_host_inventory, targetRef: {name: h}}\n",
    );
    // Whoever means themselves has a key of their own.
    std::fs::create_dir(home.path(".ssh")).unwrap();
    let key = PrivateKey::try_from(KeypairData::from(Ed25519Keypair::from_seed(&[7; 32]))).unwrap();
    key.write_openssh_file(home.path(".ssh/id_ed25519"), LineEnding::LF).unwrap();
    let ended = home.tecrax("reconcile --once manifests");
    match ended.code {
        65 => false,
        2 if ended.out.contains("CredentialUnusable: ") => false,
        2 if ended.out.contains("Unreachable: ") => true,
        _ => panic!("{ended:?}"),
    }
}

#[test]
fn conformance_command_shapes_ssh_argv() {
    harness::run_section(
        FILE,
        "ssh_argv",
        |case| match case["expect"]["remote_command"].as_str() {
            Some(command) => json!({"remote_command": command}),
            None => json!({"refused": true}),
        },
        |case| {
            if is_about_the_connection(case) {
                return Answer::Value(if is_asked(&case["config"]) { json!({"sent": true}) } else { json!({"refused": true}) });
            }
            let entry = &case["config"]["allowlist"][0];
            let shape = entry.is_object().then(|| argv(entry));
            Answer::Value(match load("read_uptime", shape.as_ref()) {
                Ok(command) => json!({"remote_command": command}),
                // No profile can hold an empty argument or a control character; were they sent, it would be these bytes.
                Err(_) if case["id"].as_str().unwrap().contains("quoting:") => json!({"remote_command": quoted(entry)}),
                Err(_) => json!({"refused": true}),
            })
        },
    );
}

/// What the profile of the Python stack sends, and we send under the same name.
#[test]
fn conformance_command_shapes_shipped() {
    let profile = Profile::embedded(&|name| facts::normalizer(name).is_some()).unwrap();
    let shapes = &profile.connectors["monitoring_host"].shapes;
    harness::run_section(
        FILE,
        "shipped",
        |case| case["remote_command"].clone(),
        |case| {
            let action = case["action"].as_str().unwrap();
            assert_eq!(
                quoted(&case["shape"]),
                case["remote_command"].as_str().unwrap(),
                "{action}: the same bytes of the same argv"
            );
            Answer::Value(shapes.get(action).map_or(json!("nothing"), |shape| json!(remote_command(shape.argv()))))
        },
    );
}

/// There, an environment repeats the commands of the profile and is compared with it; here it can not name any. So what is left to
/// compare is what the profile itself may declare, and that a command beside it is refused.
#[test]
fn conformance_command_shapes_validate() {
    harness::run_section(
        FILE,
        "validate",
        |case| case["expect"]["ok"].clone(),
        |case| {
            let (action, contract, config) = (case["action"].as_str().unwrap(), &case["contract"], &case["config"]);
            if contract["backend"] == "http_api" {
                return Answer::Value(json!(!refused_by_the_kinds::<Http>("baseURL", config)));
            }
            let declared = contract["capabilities"].as_array().is_none_or(|names| names.iter().any(|name| name == action));
            let shape = contract["command_shapes"].get(action).map(argv).filter(|_| declared);
            let loads = load(&action.replace("df", "read_df"), shape.as_ref()).is_ok();
            let refusal = case["expect"]["error"].as_str().unwrap_or_default();
            let by_environment = refusal.contains("allowlist") || refusal.contains("backend");
            Answer::Value(json!(loads && !(by_environment && refuses_in_a_manifest(config))))
        },
    );
}

/// Whether a manifest that carries the environment's commands is refused.
fn refuses_in_a_manifest(config: &Value) -> bool {
    let home = support::cli::Home::new();
    let mut ssh = json!({"host": "h.example", "user": "ro"});
    for (key, value) in config.as_object().unwrap() {
        ssh[key] = value.clone();
    }
    home.write("target.yaml", &target(&ssh).to_string());
    let ended = home.tecrax("validate manifests");
    ended.code == 65 && ended.err.contains("unknown field")
}

/// A manifest with one host behind this connection.
fn target(ssh: &Value) -> Value {
    json!({
        "apiVersion": "tecrax.io/v1alpha1", "kind": "Target", "metadata": {"name": "h"},
        "spec": {"type": "Host", "connections": [{"name": "os", "ssh": ssh}]},
    })
}

/// Whether a connection that is whole but for the recorded members is refused for one of them.
fn refused_by_the_kinds<T: DeserializeOwned>(required: &str, members: &Value) -> bool {
    let mut written = members.as_object().unwrap().clone();
    written.insert(required.to_owned(), json!("http://a.example"));
    serde_json::from_value::<T>(written.into()).is_err_and(|error| error.to_string().starts_with("unknown field"))
}

/// There, an environment may hold any member, and its values are searched for secrets. Here, members are a closed list, with references in
/// the place of secrets; and whatever is refused is not repeated.
#[test]
fn conformance_command_shapes_sanitize_connectors() {
    harness::run_section(
        FILE,
        "sanitize_connectors",
        |case| case["ok"].clone(),
        |case| {
            let home = support::cli::Home::new();
            let members = &case["connectors"]["c"];
            let mut ssh = json!({"host": "h.example", "user": "ro"});
            match members.as_object() {
                Some(members) => members.iter().for_each(|(key, value)| ssh[key] = value.clone()),
                None => ssh = members.clone(),
            }
            home.write("target.yaml", &target(&ssh).to_string());
            let ended = home.tecrax("validate manifests");
            assert!([0, 65].contains(&ended.code), "{ended:?}");
            for secret in ["hunter2222", "Bearer abcdef", "u:p@h"] {
                assert!(!ended.err.contains(secret) && !ended.out.contains(secret), "{ended:?}");
            }
            Answer::Value(json!(ended.code == 0))
        },
    );
}

/// Their refusals of local commands that are about the command itself.
#[test]
fn conformance_command_shapes_local_refusals() {
    let content = harness::read(FILE);
    let cases = content["local_shell"].as_array().unwrap();
    let refused: Vec<&Value> =
        cases.iter().filter(|case| ["args text", "restricted"].iter().any(|id| case["id"] == *id)).collect();
    assert_eq!(refused.len(), 2);
    for case in refused {
        assert_eq!(case["expect"]["step_result"]["success"], false);
        load("read_uptime", Some(&argv(&case["config"]["allowlist"][0]))).expect_err("no profile may hold it");
    }
    println!("{FILE} local_shell: 2 refusals ran");
}

fn removed(text: &str) -> String {
    Redactor::default().redact(text.to_owned())
}

#[test]
fn conformance_command_shapes_redact_text() {
    harness::run_section(
        FILE,
        "redact_text",
        |case| case["expect"].clone(),
        |case| Answer::Value(json!(removed(case["text"].as_str().unwrap()))),
    );
}

#[test]
fn conformance_command_shapes_redact_payload() {
    harness::run_section(
        FILE,
        "redact_payload",
        |case| case["expect"].clone(),
        |case| Answer::Value(Redactor::default().redact_json(case["payload"].clone())),
    );
}
