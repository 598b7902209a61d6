//! HTTP connections from YAML to evidence: the version of a server is read once, and decides what is sent.

use crate::support::cli::Home;
use crate::support::log;
use crate::support::zabbix_api::ZabbixApi;
use serde_json::{Value, json};

const TOKEN: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

fn home(port: u16) -> Home {
    let home = Home::new();
    home.write("token", &format!("{TOKEN}\n"));
    let check = |name: &str, intent: &str| {
        format!(
            "apiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: {name}}}\nspec:\n  intent: {intent}\n  targetRef: {{name: zbx}}\n  \
             retry: {{attempts: 1, interval: 10ms}}\n---\n"
        )
    };
    let target = format!(
        "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: zbx}}\nspec:\n  type: Host\n  connections:\n  - name: zabbix\n    \
         http: {{baseURL: \"http://127.0.0.1:{port}/zabbix\", auth: {{tokenFrom: {{file: token}}}}}}\n"
    );
    let checks = [
        check("version", "check_zabbix_container_health"),
        check("problems", "collect_zabbix_problem_summary_readonly"),
        check("hosts", "collect_zabbix_host_availability_summary_readonly"),
    ];
    home.write("all.yaml", &(checks.concat() + &target));
    home
}

fn run(home: &Home, check: &str) -> Value {
    log::runs(&home.state(), &format!("default/{check}.zbx")).remove(0)
}

/// Forms and outcomes of the readings, by step.
fn readings(run: &Value) -> Vec<(&str, Option<&str>, &str)> {
    let readings = run["readings"].as_array().unwrap();
    readings
        .iter()
        .map(|reading| {
            (
                reading["step"].as_str().unwrap(),
                reading.get("form").map(|form| form.as_str().unwrap()),
                reading["outcome"].as_str().unwrap(),
            )
        })
        .collect()
}

#[test]
fn the_version_is_read_once_a_round_and_decides_the_form() {
    for (version, place, availability) in
        [("5.0.40", "body", "host+body"), ("6.0.14", "body", "interface+body"), ("7.2.1", "header", "interface+header")]
    {
        let server = ZabbixApi::start(version, 0);
        let home = home(server.port);
        let ended = home.tecrax("reconcile --once manifests");
        assert_eq!(ended.code, 0, "{ended:?}");
        let asked = server.asked();
        assert_eq!(asked.iter().filter(|asked| asked.method() == "apiinfo.version").count(), 1);
        for asked in &asked {
            let with_token = asked.method() != "apiinfo.version";
            assert_eq!(asked.bearer, with_token && place == "header", "{asked:?}");
            assert_eq!(asked.body.get("auth").is_some(), with_token && place == "body", "{asked:?}");
        }
        let problems = run(&home, "problems");
        for (step, form, outcome) in readings(&problems) {
            let expected = (step != "read_zabbix_api_version").then_some(place);
            assert_eq!((form, outcome), (expected, "ok"), "{step}");
        }
        let hosts = run(&home, "hosts");
        assert!(readings(&hosts).contains(&("read_zabbix_agent_available_count", Some(availability), "ok")), "{hosts:#}");
        log::verify(&home.state());
        let state = std::fs::read(home.state().join("tecrax.db")).unwrap();
        assert!(!state.windows(TOKEN.len()).any(|bytes| bytes == TOKEN.as_bytes()), "the token is in the state file");
    }
}

#[test]
fn what_may_pass_is_asked_again_once() {
    let server = ZabbixApi::start("7.0.0", 1);
    let home = home(server.port);
    let ended = home.tecrax("reconcile --once manifests");
    assert_eq!(ended.code, 0, "{ended:?}");
    let version = run(&home, "version");
    let reading = &version["readings"][0];
    assert_eq!((&reading["attempts"], &reading["outcome"]), (&json!(2), &json!("ok")), "{version:#}");
    // The try that failed is in the sealed evidence, and its words stay on this machine.
    assert_eq!(reading["failed_attempts"].as_array().unwrap().len(), 1);
    assert_eq!(reading["failed_attempts"][0]["outcome"], "HttpStatus");
    let words = version["failed_attempts"].as_array().unwrap();
    assert_eq!((words.len(), words[0]["step"].as_str()), (1, reading["step"].as_str()));
    assert!(words[0]["message"].as_str().unwrap().contains("status 503"), "{version:#}");
    let described = home.tecrax("describe version.zbx");
    let tries = described.out.split("Failed tries:").nth(1).unwrap_or_else(|| panic!("{described:?}"));
    let row = tries.lines().nth(2).unwrap();
    assert!(["1", "HttpStatus", "answers with status 503"].iter().all(|word| row.contains(word)), "{row}");
    // What was taken at once says nothing of tries.
    let problems = run(&home, "problems");
    let taken = problems["readings"].as_array().unwrap().iter().filter(|reading| reading["attempts"] == 1);
    assert!(taken.clone().count() > 0 && taken.clone().all(|reading| reading.get("failed_attempts").is_none()));
}

#[test]
fn without_the_version_nothing_that_depends_on_it_is_asked() {
    let server = ZabbixApi::start("7.0.0", 1000);
    let home = home(server.port);
    assert_ne!(home.tecrax("reconcile --once manifests").code, 0);
    assert!(server.asked().iter().all(|asked| asked.method() == "apiinfo.version"), "{:?}", server.asked());
    let problems = run(&home, "problems");
    assert!(readings(&problems).iter().all(|(_, form, outcome)| (*form, *outcome) == (None, "HttpStatus")), "{problems:#}");
    assert_eq!(server.asked().len() % 2, 0, "every try is taken once and shared");
    assert_ne!(problems["assessment"], json!("healthy"));
}
