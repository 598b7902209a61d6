//! What is imported of an OpenSSH configuration is what `ssh -G` says of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

use crate::support::cli::Home;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

const NAMES: [&str; 5] = ["alpha", "beta", "gamma", "alps", "b"];
const PATTERNS: [&str; 10] = ["alpha", "beta", "gamma", "alps", "b", "a*", "?eta", "*", "!alpha", "!b*"];
const SEED: [u8; 32] = *b"import of an OpenSSH config, 001";
const CONFIGS: usize = 60;

/// Every Target and item, by name: the `os` connection with what an item fills in, and whether it is suspended.
fn targets(text: &str) -> BTreeMap<String, (Value, bool)> {
    let mut all = BTreeMap::new();
    for document in text.split("---\n").filter(|document| document.contains("kind:")) {
        let value: Value = serde_yaml::from_str(document).unwrap();
        let spec = &value["spec"];
        if value["kind"] == "Target" {
            let suspend = spec["suspend"].as_bool().unwrap_or(false);
            all.insert(value["metadata"]["name"].as_str().unwrap().to_owned(), (spec["connections"][0]["ssh"].clone(), suspend));
            continue;
        }
        for item in spec["items"].as_array().unwrap() {
            let mut ssh = spec["template"]["spec"]["connections"][0]["ssh"].clone();
            ssh["host"] = if item["host"].is_null() { item["name"].clone() } else { item["host"].clone() };
            ssh["port"] = item["port"].clone();
            all.insert(item["name"].as_str().unwrap().to_owned(), (ssh, item["suspend"].as_bool().unwrap_or(false)));
        }
    }
    all
}

/// The first value of every setting that `ssh -G` prints.
fn ssh(home: &Home, name: &str) -> BTreeMap<String, String> {
    let output = Command::new("ssh").args(["-G", "-F"]).arg(home.path("config")).arg(name).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut settings = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        settings.entry(key.to_owned()).or_insert_with(|| value.to_owned());
    }
    settings
}

fn setting() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}\\.example".prop_map(|host| format!("HostName {host}")),
        Just("HostName %h.example".to_owned()),
        (1_u16..).prop_map(|port| format!("Port={port}")),
        "[a-z]{1,5}".prop_map(|user| format!("user \"{user}\"")),
        "[a-z]{1,4}".prop_map(|key| format!("IdentityFile /keys/{key}-%h")),
        "[a-z]{1,4}".prop_map(|file| format!("UserKnownHostsFile /known/{file} /known/other")),
        (1_u16..100).prop_map(|seconds| format!("ConnectTimeout {seconds} # seconds")),
        Just("ProxyJump jump.example:2200".to_owned()),
        Just("ProxyJump none".to_owned()),
        Just("StrictHostKeyChecking no".to_owned()),
    ]
}

fn config() -> impl Strategy<Value = String> {
    let block =
        (prop::collection::vec(prop::sample::select(&PATTERNS[..]), 1..4), prop::collection::vec(setting(), 0..4), 0_u8..8);
    prop::collection::vec(block, 1..6).prop_map(|blocks| {
        let mut text = String::new();
        for (patterns, settings, kind) in blocks {
            match kind {
                0 => text.push_str("Match all\n"),
                1 => text.push_str("Match user nobody-of-this-name\n"),
                _ => writeln!(text, "Host {}", patterns.join(" ")).unwrap(),
            }
            for setting in settings {
                writeln!(text, "  {setting}").unwrap();
            }
        }
        text
    })
}

#[test]
fn imported_values_are_those_of_ssh() {
    let me = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap().trim().to_owned();
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &SEED));
    let (mut compared, mut jumps) = (0, 0);
    for number in 0..CONFIGS {
        let config = config().new_tree(&mut runner).unwrap().current();
        let home = Home::new();
        // Half of them are read through Include, in the middle of a block.
        if number % 2 == 0 {
            std::fs::write(home.path("config"), &config).unwrap();
        } else {
            std::fs::create_dir(home.path("parts")).unwrap();
            std::fs::write(home.path("parts/10.conf"), &config).unwrap();
            let parts = home.path("parts");
            let main = format!("Host a* b\n  Include {}/*.conf\n  User included\nHost gamma beta\n", parts.display());
            std::fs::write(home.path("config"), main).unwrap();
        }
        let ended = home.tecrax("import ssh-config config");
        assert_eq!(ended.code, 0, "{config}\n{ended:?}");
        let targets = targets(&ended.out);
        for name in NAMES {
            let Some((ours, suspended)) = targets.get(name) else { continue };
            let theirs = ssh(&home, name);
            let said = format!("{name} of\n{config}\n{}", ended.screen());
            let text = |key: &str| ours[key].as_str().unwrap_or_default().to_owned();
            assert_eq!(text("host").to_lowercase(), theirs["hostname"].to_lowercase(), "{said}");
            assert_eq!(ours["port"].as_u64().unwrap_or(22).to_string(), theirs["port"], "{said}");
            assert_eq!(ours["user"].as_str().unwrap_or(&me), theirs["user"], "{said}");
            match ours["identity"]["file"].as_str() {
                // Printed before its tokens are replaced.
                Some(file) => assert_eq!(file, theirs["identityfile"].replace("%h", &text("host")), "{said}"),
                None => assert!(theirs["identityfile"].starts_with("~/.ssh/id_"), "{said}"),
            }
            let known = theirs["userknownhostsfile"].split(' ').next().unwrap();
            match ours["hostKeys"]["file"].as_str() {
                Some(file) => assert_eq!(file, known, "{said}"),
                None => assert!(known.ends_with("/.ssh/known_hosts"), "{said}"),
            }
            let timeout = ours["connectTimeout"].as_str().map_or("none", |_| "set");
            assert_eq!(timeout, if theirs["connecttimeout"] == "none" { "none" } else { "set" }, "{said}");
            let jump = ours["viaRefs"].is_array();
            assert_eq!(jump, theirs.contains_key("proxyjump") && theirs["proxyjump"] != "none", "{said}");
            assert!(!suspended, "{said}");
            compared += 1;
            jumps += usize::from(jump);
        }
    }
    assert!(compared > 80 && jumps > 5, "{compared} compared, {jumps} of them with a jump host");
}
