//! What every command prints, as a person sees it in a pipe.

use crate::support;
use crate::support::cli::{Home, settings};
use crate::support::hosts::{INVENTORY, host};
use serde_json::Value;

/// A lab with one healthy, one full and one half-seen host, a Check that this version does not answer and one suspended host.
fn lab() -> Home {
    let home = Home::new();
    home.write("check.yaml", INVENTORY);
    home.write(
        "hosts.yaml",
        &[
            host("good", Some(50)),
            host("full", Some(95)),
            host("broken", None),
            host("resting", Some(50)).replace("  type: Host", "  type: Host\n  suspend: true"),
        ]
        .concat(),
    );
    home
}

fn screen(home: &Home, name: &str, lines: &[&str]) {
    // Ages and instants have a width of their own.
    let narrow = !["before_any_run", "first_pass", "status", "describe_others", "get_other_resources"].contains(&name);
    let text: Vec<String> = lines.iter().map(|line| format!("$ tecrax {line}\n{}", home.tecrax(line).screen())).collect();
    settings(home.dir.path(), narrow).bind(|| insta::assert_snapshot!(name, text.join("\n")));
}

#[test]
fn help_of_every_command() {
    let home = Home::new();
    for command in [
        "",
        "reconcile",
        "run",
        "validate",
        "plan",
        "get",
        "describe",
        "status",
        "shapes",
        "profile",
        "profile digest",
        "profile export",
        "ssh",
        "ssh known-hosts",
        "ssh forced-command",
        "crds",
        "schema",
        "explain",
        "completions",
    ] {
        let ended = home.tecrax(format!("{command} --help").trim());
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{command}");
        insta::assert_snapshot!(format!("help_{}", command.replace(' ', "_")), ended.out);
    }
}

#[test]
fn before_any_run() {
    let home = lab();
    screen(
        &home,
        "before_any_run",
        &[
            "get",
            "get targets",
            "get checks",
            "get -o json",
            "get -o name",
            "status",
            "describe inventory.good",
            "plan manifests",
        ],
    );
}

#[test]
fn a_pass_and_what_it_leaves() {
    let home = lab();
    screen(&home, "first_pass", &["reconcile --once --allow-fixtures manifests", "reconcile --once --allow-fixtures manifests"]);
    screen(&home, "plan_after_a_pass", &["plan manifests", "plan -o wide manifests", "plan -o name manifests"]);
    screen(
        &home,
        "get_observations",
        &[
            "get",
            "get -o wide",
            "get -o name",
            "get --problems",
            "get --sort-by assessment",
            "get observations inventory.full inventory.good",
            "get -l site=lab,!nothing -n default",
            "get -l site=elsewhere",
            "get -n nowhere",
        ],
    );
    screen(
        &home,
        "get_other_resources",
        &["get targets", "get targets --problems -o name", "get checks", "get chk -o name", "get targets good"],
    );
    screen(&home, "get_structured", &["get observations inventory.full -o yaml", "get tg good -o yaml", "get checks -o yaml"]);
    screen(&home, "describe_pair", &["describe inventory.full", "describe inventory.broken", "describe inventory.resting"]);
    screen(&home, "describe_others", &["describe target/full", "describe check/inventory", "describe check/whole-host"]);
    screen(&home, "status", &["status", "status -o yaml"]);
}

#[test]
fn names_that_do_not_exist() {
    let home = lab();
    home.once();
    screen(
        &home,
        "absent_names",
        &[
            "get observations inventory.ful",
            "get observations inventory.good inventory.brokn",
            "get targets fulll",
            "get checks invntory",
            "get intents check_ntp_helth",
            "describe inventory.ful",
            "describe target/god",
            "describe check/whole-hosts",
            "describe intent/check_ntp",
            "describe pod/x",
            "describe inventory.good -n nowhere",
        ],
    );
}

#[test]
fn every_problem_of_manifests_in_one_go() {
    let home = lab();
    home.write(
        "bad.yaml",
        "apiVersion: tecrax.io/v1alpha1
kind: Target
metadata: {name: typo}
spec: {typ: Host, connections: []}
---
kind: [
---
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: unknown-intent}
spec: {intent: check_ntp_helth, targetRef: {name: good}}
---
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: unknown-target}
spec: {intent: check_ntp_health, targetRef: {name: goood}}
---
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: bad-path}
spec:
  intent: collect_basic_host_inventory
  targetRef: {name: good}
  interval: 5 minutes
---
apiVersion: tecrax.io/v1alpha1
kind: Check
metadata: {name: bad-expectation}
spec:
  intent: collect_basic_host_inventory
  targetRef: {name: good}
  expect: [{name: disk, key: root_filesystem.used, operator: Lt, values: [\"90\"]}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: foreign}
",
    );
    screen(&home, "validate_problems", &["validate manifests", "reconcile --once --allow-fixtures manifests"]);
    let ended = home.tecrax("validate -o json manifests");
    let value: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(ended.code, 65);
    assert_eq!(value["errors"].as_u64().unwrap(), 6, "{value:#}");
    assert_eq!((&value["pairs"], &value["foreignDocuments"]), (&4.into(), &1.into()));
}

#[test]
fn what_was_removed() {
    let home = lab();
    home.once();
    std::fs::remove_file(home.path("manifests/hosts.yaml")).unwrap();
    home.write("hosts.yaml", &host("good", Some(50)));
    screen(
        &home,
        "removed",
        &["plan manifests", "reconcile --once --allow-fixtures manifests", "get", "describe inventory.full", "plan manifests"],
    );
}

#[test]
fn a_local_pass_shows_this_machine() {
    let home = Home::new();
    home.write(
        "all.yaml",
        "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {name: here}\n\
         spec: {type: Host, connections: [{name: os, local: {}}]}\n---\n\
         apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {name: inventory}\n\
         spec: {intent: collect_basic_host_inventory, targetRef: {name: here}}\n",
    );
    let ended = home.tecrax("reconcile --once manifests");
    assert_eq!(ended.code, 0, "{ended:?}");
    let lines: Vec<&str> = ended.out.lines().collect();
    assert_eq!(lines[0].split_whitespace().collect::<Vec<_>>(), ["CHECK", "TARGET", "ASSESSMENT", "REACTION", "WHY"]);
    assert!(lines[1].starts_with("inventory") && lines[1].contains("healthy"), "{}", ended.out);
    assert!(ended.err.contains("1 pair on 1 target: 1 healthy; ran 1, fresh 0, reruns 0 in "), "{}", ended.err);
    assert!(ended.err.ends_with("next: tecrax get\n"), "{}", ended.err);
    let told = home.tecrax("describe inventory.here").out;
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    assert!(told.contains(kernel.trim()), "{told}");
}

#[test]
fn many_pairs_are_listed_only_where_they_ask_for_a_word() {
    let home = Home::new();
    home.write("fleet.yaml", &support::hosts::fleet(21));
    home.write("full.yaml", &host("full", Some(95)));
    let ended = home.once();
    assert_eq!(ended.out.lines().count(), 2, "{}", ended.out);
    assert!(ended.out.contains("full") && ended.err.contains("22 pairs on 22 targets: 21 healthy, 1 unhealthy"), "{ended:?}");
    std::fs::remove_file(home.path("manifests/full.yaml")).unwrap();
    let ended = home.once();
    assert_eq!((ended.code, ended.out.as_str()), (0, ""), "all 21 are healthy");
}

#[test]
fn lists_in_kubernetes_form() {
    let home = lab();
    home.once();
    for resource in ["observations", "targets", "checks", "intents"] {
        let json: Value = serde_json::from_str(&home.tecrax(&format!("get {resource} -o json")).out).unwrap();
        assert_eq!((&json["apiVersion"], &json["kind"]), (&"v1".into(), &"List".into()));
        let yaml: Value = serde_yaml::from_str(&home.tecrax(&format!("get {resource} -o yaml")).out).unwrap();
        assert!(!json["items"].as_array().unwrap().is_empty(), "{resource}");
        assert_eq!(
            json["items"].as_array().unwrap().iter().map(|item| &item["metadata"]).collect::<Vec<_>>(),
            yaml["items"].as_array().unwrap().iter().map(|item| &item["metadata"]).collect::<Vec<_>>(),
        );
        let names = home.tecrax(&format!("get {resource} -o name")).out;
        assert_eq!(names.lines().count(), json["items"].as_array().unwrap().len(), "{names}");
    }
    let pass: Value = serde_json::from_str(&home.tecrax("reconcile --once --allow-fixtures -o json manifests").out).unwrap();
    assert_eq!((&pass["kind"], pass["items"].as_array().unwrap().len()), (&"List".into(), 4));
    let observation = &pass["items"][0];
    assert_eq!(observation["metadata"]["name"], "inventory.broken");
    assert_eq!(observation["spec"]["checkRef"]["name"], "inventory");
}

#[test]
fn shapes_are_the_closed_list() {
    let home = Home::new();
    let table = home.tecrax("shapes");
    let json: Vec<Value> = serde_json::from_str(&home.tecrax("shapes -o json").out).unwrap();
    assert_eq!((table.code, table.err.as_str()), (0, ""));
    assert_eq!(table.out.lines().count(), json.len() + 1);
    for shape in &json {
        let name = shape["shape"].as_str().unwrap();
        let argv: Vec<&str> =
            shape["request"]["argv"].as_array().into_iter().flatten().map(|part| part.as_str().unwrap()).collect();
        let line = table.out.lines().find(|line| line.split_whitespace().nth(1) == Some(name)).expect(name);
        assert!(line.ends_with(&argv.join(" ")), "{line}");
        assert!(line.contains(&shape["digest"].as_str().unwrap()[..12]), "{line}");
        assert!(shape["maxOutputBytes"].as_u64().unwrap() > 0);
    }
    let names = home.tecrax("shapes -o name").out;
    assert_eq!(names.lines().collect::<Vec<_>>(), json.iter().map(|shape| shape["shape"].as_str().unwrap()).collect::<Vec<_>>());
}

#[test]
fn an_exported_profile_is_the_built_in_one() {
    let home = Home::new();
    let built_in = home.tecrax("profile digest");
    assert_eq!((built_in.code, built_in.out.trim().len()), (0, 64));
    let export = home.tecrax("profile export mine");
    assert_eq!((export.code, export.out.as_str()), (0, ""), "{}", export.err);
    assert_eq!(home.tecrax("profile digest --profile mine").out, built_in.out);
    let again = home.tecrax("profile export mine");
    assert_eq!(again.code, 74);
    assert!(again.err.contains("is already there"), "{}", again.err);
}

#[test]
fn generated_files_are_those_of_the_repository() {
    let home = Home::new();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for (command, folder) in [("crds", "crds"), ("schema", "schemas")] {
        let ended = home.tecrax(&format!("{command} --output-dir out/{command}"));
        assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (0, "", ""));
        let mut written = 0;
        for entry in std::fs::read_dir(home.path(&format!("out/{command}"))).unwrap() {
            let entry = entry.unwrap();
            let committed = std::fs::read_to_string(root.join(folder).join(entry.file_name())).expect("a committed file");
            assert_eq!(std::fs::read_to_string(entry.path()).unwrap(), committed, "{:?}", entry.file_name());
            written += 1;
        }
        assert!(written > 0);
        assert!(!home.tecrax(command).out.is_empty());
    }
}

#[test]
fn explanations_name_every_code_and_reason() {
    let home = Home::new();
    let codes = home.tecrax("explain exit-codes");
    for (code, name, meaning) in tecrax::cli::exit::ALL {
        assert!(
            codes.out.lines().any(|line| line.starts_with(&code.to_string()) && line.contains(name) && line.ends_with(meaning))
        );
    }
    let reasons = home.tecrax("explain reasons");
    assert_eq!(reasons.out.lines().count(), tecrax::api::reason::ALL.len() + 1);
    for (word, _) in tecrax::api::reason::ALL {
        assert!(reasons.out.lines().any(|line| line.split_whitespace().next() == Some(word)), "{word}");
    }
}

#[test]
fn completions_for_every_shell() {
    let home = Home::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ended = home.tecrax(&format!("completions {shell}"));
        assert_eq!((ended.code, ended.err.as_str()), (0, ""));
        assert!(ended.out.contains("known-hosts") && ended.out.contains("tecrax"), "{shell}");
    }
    // bash itself accepts the script.
    let script = home.path("completions.bash");
    std::fs::write(&script, home.tecrax("completions bash").out).unwrap();
    let checked = std::process::Command::new("bash").arg("-n").arg(script).output().unwrap();
    assert!(checked.status.success(), "{checked:?}");
}
