//! Catalogs, environments and policy packs of the Python stack become manifests.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::cli::{Ended, Home, settings};
use serde_json::{Value, json};

fn recorded(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/rexecop").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Writes the catalog of a recorded case and its environments.
fn lay_out(home: &Home, case: &Value) {
    let put = |name: &str, value: &Value| std::fs::write(home.path(name), serde_json::to_string_pretty(value).unwrap()).unwrap();
    put("catalog.yaml", &case["catalog"]);
    for (name, environment) in case["environments"].as_object().into_iter().flatten() {
        if !name.contains('/') {
            put(name, environment);
        }
    }
}

fn shipped() -> Home {
    let home = Home::new();
    lay_out(&home, &recorded("catalog.json")["cases"][0]);
    home
}

fn files(home: &Home, folder: &str) -> BTreeMap<String, String> {
    let Ok(entries) = std::fs::read_dir(home.path(folder)) else { return BTreeMap::new() };
    let file =
        |entry: std::fs::DirEntry| (entry.file_name().into_string().unwrap(), std::fs::read_to_string(entry.path()).unwrap());
    entries.map(|entry| file(entry.unwrap())).collect()
}

/// Intent and admission of every pair that `plan` shows.
fn plan(home: &Home, folder: &str) -> BTreeMap<String, bool> {
    let ended = home.tecrax(&format!("plan {folder} -o json"));
    assert_eq!(ended.code, 0, "{ended:?}");
    let value: Value = serde_json::from_str(&ended.out).unwrap();
    let rows = value.as_array().or_else(|| value["items"].as_array()).or_else(|| value["pairs"].as_array()).unwrap();
    rows.iter().map(|row| (row["check"].as_str().unwrap().to_owned(), row["policy"]["admitted"].as_bool().unwrap())).collect()
}

fn screen(ended: &Ended) -> String {
    ended.screen()
}

#[test]
fn the_shipped_catalog_becomes_manifests_that_run() {
    let home = shipped();
    let ended = home.tecrax("import --catalog catalog.yaml -o out --report report.json");
    assert_eq!(ended.code, 0, "{ended:?}");
    let written = files(&home, "out");
    assert_eq!(written.keys().collect::<Vec<_>>(), ["checks.yaml", "policies.yaml", "targets.yaml"]);
    settings(home.dir.path(), false).bind(|| {
        insta::assert_snapshot!("shipped_screen", screen(&ended));
        insta::assert_snapshot!("shipped_targets", written["targets.yaml"]);
    });
    let validated = home.tecrax("validate out");
    assert_eq!(validated.code, 0, "{validated:?}");
    assert!(validated.err.contains("17 documents in 3 files: 0 errors, 0 warnings; 13 pairs can run"), "{}", validated.err);
    // Every recorded verdict about an operation of this environment is the verdict of the Policy.
    let plan = plan(&home, "out");
    assert_eq!(plan.len(), 13);
    let mut compared = 0;
    for operation in recorded("policy.json")["shipped_pack"]["operations"].as_array().unwrap() {
        let check = operation["intent"].as_str().unwrap().replace('_', "-");
        // The two of network devices are asked of the other environment, and one intent is in no profile.
        if operation["mode"] == "dry_run" && !check.contains("network-device") && check != "unknown-intent" {
            assert_eq!(plan.get(&check), Some(&operation["plan_allowed"].as_bool().unwrap()), "{check}");
            compared += 1;
        }
    }
    assert!(compared >= 11, "{compared}");
    let report: Value = serde_json::from_str(&std::fs::read_to_string(home.path("report.json")).unwrap()).unwrap();
    assert_eq!(report["files"], json!(["targets.yaml", "checks.yaml", "policies.yaml"]));
    let needed = report["items"].as_array().unwrap().iter().filter(|item| item["kind"] == "needed");
    assert_eq!(needed.count(), 4, "{report}");
    assert!(report["items"].as_array().unwrap().iter().all(|item| item["line"].as_u64().unwrap() > 0), "{report}");
}

#[test]
fn the_same_input_gives_the_same_bytes_and_nothing_is_overwritten() {
    let home = shipped();
    assert_eq!(home.tecrax("import --catalog catalog.yaml -o out").code, 0);
    let first = files(&home, "out");
    std::fs::write(home.path("out/targets.yaml"), "mine").unwrap();
    std::fs::remove_file(home.path("out/checks.yaml")).unwrap();
    let refused = home.tecrax("import --catalog catalog.yaml -o out");
    assert_eq!(refused.code, 74, "{refused:?}");
    assert!(refused.err.contains("out/targets.yaml is already there") && refused.err.contains("--force"), "{}", refused.err);
    assert_eq!(files(&home, "out")["targets.yaml"], "mine");
    assert!(!files(&home, "out").contains_key("checks.yaml"), "all of them or none");
    assert_eq!(home.tecrax("import --catalog catalog.yaml -o out --force").code, 0);
    assert_eq!(files(&home, "out"), first);
    let printed = home.tecrax("import --catalog catalog.yaml");
    assert_eq!(printed.out, format!("{}{}{}", first["targets.yaml"], first["checks.yaml"], first["policies.yaml"]));
    // A link in the way is replaced and not followed.
    std::fs::write(home.path("precious"), "precious").unwrap();
    std::fs::remove_file(home.path("out/targets.yaml")).unwrap();
    std::os::unix::fs::symlink("../precious", home.path("out/targets.yaml")).unwrap();
    assert_eq!(home.tecrax("import --catalog catalog.yaml -o out --force").code, 74);
    assert_eq!(std::fs::read_to_string(home.path("precious")).unwrap(), "precious");
    // The report is a file like the others.
    assert_eq!(home.tecrax("import --catalog catalog.yaml -o new --report precious").code, 74);
    assert_eq!(
        (std::fs::read_to_string(home.path("precious")).unwrap(), home.path("new").exists()),
        ("precious".to_owned(), false)
    );
}

/// What `targets list` reads, `import` turns into manifests that validate; what it refuses ends with 65 and leaves nothing behind.
#[test]
fn every_recorded_catalog_is_imported_or_refused_as_it_is_read() {
    let (mut imported, mut refused) = (0, 0);
    for case in recorded("catalog.json")["cases"].as_array().unwrap() {
        let home = Home::new();
        lay_out(&home, case);
        let usable = home.tecrax("targets list --catalog catalog.yaml").code == 0;
        let ended = home.tecrax("import --catalog catalog.yaml -o out");
        assert_eq!(ended.code, if usable { 0 } else { 65 }, "{}: {ended:?}", case["id"]);
        assert!(usable || !home.path("out").exists(), "{}", case["id"]);
        if usable && home.path("out").exists() {
            let validated = home.tecrax("validate out");
            assert_eq!(validated.code, 0, "{}: {validated:?}", case["id"]);
        }
        (imported, refused) = (imported + usize::from(usable), refused + usize::from(!usable));
    }
    assert!(imported >= 10 && refused >= 10, "{imported} {refused}");
}

#[test]
fn a_policy_admits_what_the_pack_admitted_and_no_more() {
    let case = &recorded("catalog.json")["cases"][0];
    let name = "ubuntu-host.readonly.example.yaml";
    let with = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut case = case.clone();
        change(case["environments"][name]["environment"]["policy_pack"]["rules"].as_array_mut().unwrap());
        let home = Home::new();
        lay_out(&home, &case);
        let ended = home.tecrax("import --catalog catalog.yaml -o out");
        assert_eq!(ended.code, 0, "{ended:?}");
        (plan(&home, "out"), ended.err)
    };
    let denied = |plan: &BTreeMap<String, bool>| {
        plan.iter().filter(|(_, admitted)| !**admitted).map(|(check, _)| check.clone()).collect::<Vec<_>>()
    };
    assert!(denied(&with(&|_| {}).0).is_empty());
    // A reading that no rule admits stops what needs it.
    let (plan, _) = with(&|rules| rules.retain(|rule| rule["conditions"]["action.name"] != "read_uptime"));
    assert_eq!(denied(&plan), ["collect-basic-host-inventory", "diagnose-monitoring-host"]);
    // A condition that tecrax can not ask about makes what admits disappear, and what denies wider.
    let (plan, said) = with(&|rules| {
        let rule = rules.iter_mut().find(|rule| rule["conditions"]["action.intent"] == "check_ntp_health").unwrap();
        rule["conditions"]["principal.team"] = json!("ops");
    });
    assert_eq!(denied(&plan), ["check-ntp-health"]);
    assert!(said.contains("without it more would be admitted"), "{said}");
    let (plan, said) = with(&|rules| {
        rules.push(json!({"rule_id": "no", "effect": "deny", "conditions": {"action.intent": "check_ntp_health", "principal.team": "x"}}));
    });
    assert_eq!(denied(&plan), ["check-ntp-health"]);
    assert!(said.contains("it stops more than before"), "{said}");
    // What can never be asked for admits and denies nothing.
    let (plan, said) = with(&|rules| {
        rules.push(json!({"rule_id": "never", "effect": "deny", "conditions": {"action.intent": "restart_service"}}));
        rules.push(json!({"rule_id": "both", "effect": "allow", "conditions": {"action.intent": "check_ntp_health", "action.name": "read_uptime"}}));
    });
    assert!(denied(&plan).is_empty());
    assert!(said.contains("has this value of `action.intent`") && said.contains("both an intent and a connector"), "{said}");
    // A rule about operations alone does not admit readings.
    let (plan, _) = with(&|rules| {
        rules.retain(|rule| rule["conditions"]["action.category"] != "connector");
        for rule in rules.iter_mut() {
            rule["conditions"].as_object_mut().unwrap().remove("action.category");
        }
    });
    assert_eq!(denied(&plan).len(), 11);
}

#[test]
fn recorded_packs_become_policies_that_validate_or_are_refused() {
    let recorded = recorded("policy.json");
    let mut refused = 0;
    for case in recorded["compile_cases"].as_array().unwrap() {
        let home = Home::new();
        std::fs::write(home.path("pack.yaml"), serde_json::to_string_pretty(&case["pack"]).unwrap()).unwrap();
        let usable = home.tecrax("policy test --pack pack.yaml").code == 0;
        let ended = home.tecrax("import --policy-pack pack.yaml -o out");
        assert_eq!(ended.code, if usable { 0 } else { 65 }, "{case}: {ended:?}");
        refused += usize::from(!usable);
    }
    assert!(refused > 5);
}

#[test]
fn secrets_stay_references() {
    const CANARY: &str = "hunter2-canary-71";
    let case = &recorded("catalog.json")["cases"][0];
    for pointer in ["/connectors/zabbix_api/password", "/connectors/monitoring_host/identity_token", "/description"] {
        let home = Home::new();
        let mut case = case.clone();
        let environment = &mut case["environments"]["ubuntu-host.readonly.example.yaml"]["environment"];
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let value = if key == "description" { format!("Bearer {CANARY}0123456789") } else { CANARY.to_owned() };
        environment.pointer_mut(parent).unwrap()[key] = json!(value);
        lay_out(&home, &case);
        let ended = home.tecrax("import --catalog catalog.yaml -o out --report report.json");
        assert_eq!((ended.code, home.path("out").exists(), home.path("report.json").exists()), (65, false, false), "{ended:?}");
        assert!(!ended.screen().contains(CANARY), "{pointer}: {ended:?}");
        assert!(ended.err.contains("ubuntu-host.readonly.example.yaml:"), "{}", ended.err);
    }
    // What the Python stack lets through and a manifest may not hold.
    let home = Home::new();
    let mut case = case.clone();
    case["catalog"]["target_catalog"]["targets"][0]["classification"] =
        json!({"pwd": CANARY, "rack": "r-7", "note": format!("password={CANARY}")});
    lay_out(&home, &case);
    let ended = home.tecrax("import --catalog catalog.yaml -o out --report report.json");
    let all = format!(
        "{}{:?}{}",
        ended.screen(),
        files(&home, "out"),
        std::fs::read_to_string(home.path("report.json")).unwrap_or_default()
    );
    assert!(!all.contains(CANARY), "{all}");
    assert!(ended.code == 65 || files(&home, "out")["targets.yaml"].contains("rack: r-7"), "{all}");
}

#[test]
fn an_environment_without_a_catalog_is_enough() {
    let home = shipped();
    let text = r"
environment:
  id: two hosts
  profile: tecrax
  targets:
    a: {type: host, criticality: high}
    b_critical: {type: host}
    edge: {type: group, members: [a, c]}
    box: {type: printer}
  connectors:
    monitoring_host: {backend: local_shell_readonly, timeout_seconds: 45}
    strange: {backend: http_api}
    portainer_api: {backend: http_api, base_url: 'http://p.example.net'}
    adguard_health:
      backend: local_shell_readonly
      allowlist:
        - {action: read_adguard_dns_resolution, command: dig, args: ['@192.0.2.53', -p, '5353', Example.ORG, AAAA]}
        - {action: read_adguard_login_status, command: curl, args: [-s, 'https://a.example.net/x/login.html']}
";
    std::fs::write(home.path("env.yaml"), text).unwrap();
    let ended = home.tecrax("import --environment env.yaml -o out");
    assert_eq!(ended.code, 0, "{ended:?}");
    let written = files(&home, "out");
    settings(home.dir.path(), false).bind(|| {
        insta::assert_snapshot!(
            "environment",
            format!("{}{}{}", ended.screen(), written["targets.yaml"], written["checks.yaml"])
        );
    });
    assert_eq!(home.tecrax("validate out").code, 0);
    assert!(plan(&home, "out").values().all(|admitted| *admitted));
}

/// The folder of examples: an environment with gaps, and what its README says of the import.
#[test]
fn the_example_is_imported_with_its_gaps_told() {
    let home = Home::new();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/catalogs");
    for name in ["catalog.yaml", "host-environment.yaml", "network-environment.yaml"] {
        std::fs::copy(examples.join(name), home.path(name)).unwrap();
    }
    let ended = home.tecrax("import --catalog catalog.yaml -o out");
    assert_eq!(ended.code, 0, "{ended:?}");
    for said in [
        "connector adguard_health: its allowlist names no DNS server and login page",
        "connector network_device_cli: names no command in its allowlist",
        "intent collect_zabbix_problem_summary_readonly is not checked: it lacks connection `zabbix`",
        "the private key as key monitoring_host_key of stack",
    ] {
        assert!(ended.err.contains(said), "{said}: {}", ended.err);
    }
    assert!(plan(&home, "out").contains_key("check-ntp-health"));
}

#[test]
fn what_is_asked_for_must_be_there() {
    let home = Home::new();
    for (line, code) in [
        ("import", 64),
        ("import --catalog absent.yaml", 65),
        ("import --environment absent.yaml", 65),
        ("import --policy-pack absent.yaml", 74),
        ("import ssh-config absent", 74),
        ("import ansible absent", 74),
        ("import ansible manifests", 65),
        ("import --catalog a ssh-config b", 64),
        ("import everything", 64),
    ] {
        let ended = home.tecrax(line);
        assert_eq!(ended.code, code, "{line}: {ended:?}");
    }
}
