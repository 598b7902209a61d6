//! Zabbix itself, from Debian's packages: what the checks say of it while problems come and go, hosts are lost, the token is wrong
//! and the database stops.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::canary::{Canary, Written};
use crate::support::cli::{Ended, Home, ended};
use crate::support::daemon::{low_port, until};
use crate::support::log;
use crate::support::zabbix::Zabbix;
use serde_json::{Value, json};

const CHECKS: [(&str, &str); 3] = [
    ("version", "check_zabbix_container_health"),
    ("problems", "collect_zabbix_problem_summary_readonly"),
    ("hosts", "collect_zabbix_host_availability_summary_readonly"),
];

/// A home with the three Checks of one Zabbix, whose token is in a secrets file.
fn home(zabbix: &Zabbix, token: &str) -> Home {
    let home = Home::new();
    let mut text = format!(
        "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: zbx}}\nspec:\n  type: Host\n  connections:\n  - name: zabbix\n\
         \x20   http: {{baseURL: \"{}\", auth: {{tokenFrom: {{secretKeyRef: {{name: zbx, key: token}}}}}}}}\n",
        zabbix.base_url()
    );
    for (name, intent) in CHECKS {
        write!(
            text,
            "---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: {name}}}\n\
             spec: {{intent: {intent}, timeout: 40s, targetRef: {{name: zbx}}}}\n"
        )
        .unwrap();
    }
    home.write("all.yaml", &text);
    set_token(&home, token);
    home
}

fn set_token(home: &Home, token: &str) {
    let path = home.path("secrets.yaml");
    fs::write(&path, format!("secrets: {{zbx: {{token: \"{token}\"}}}}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// One pass over everything, and all that it wrote to the terminal.
fn pass(home: &Home, written: &mut Written) -> Ended {
    let mut command = home.command();
    command.env("TECRAX_STATE_DIR", home.state()).env("TECRAX_SECRETS_FILE", home.path("secrets.yaml"));
    let ended = ended(command.args(["reconcile", "--once", "--force", "manifests"]));
    written.add("the screen of a pass", ended.screen());
    ended
}

/// The last run of a Check that was no rerun.
fn run(home: &Home, check: &str) -> Value {
    let runs = log::runs(&home.state(), &format!("default/{check}.zbx"));
    runs.into_iter().rfind(|run| run["depth"] == 0).expect("a run")
}

fn facts(home: &Home, check: &str) -> Value {
    run(home, check)["facts"].clone()
}

fn reasons(run: &Value) -> Vec<&str> {
    run["findings"].as_array().unwrap().iter().map(|finding| finding["reasonCode"].as_str().unwrap()).collect()
}

/// Classes of the readings of a run.
fn outcomes(run: &Value) -> Vec<&str> {
    run["readings"].as_array().unwrap().iter().map(|reading| reading["outcome"].as_str().unwrap()).collect()
}

#[test]
fn what_is_said_of_a_zabbix_is_what_happens_in_it() {
    let mut zabbix = Zabbix::start();
    let token = prepare(&zabbix);
    let home = home(&zabbix, &token);
    let mut written = Written::default();

    // Before a problem.
    let answered = |zabbix: &Zabbix, number: &str| count(zabbix, "hostinterface.get", &json!({"available": number})) == 1;
    until("an agent that answers, and one that does not", 30, || {
        (answered(&zabbix, "1") && answered(&zabbix, "2")).then_some(())
    });
    let first = pass(&home, &mut written);
    assert_eq!(first.code, 1, "one agent is lost: {first:?}");
    let version = facts(&home, "version");
    assert_eq!(zabbix.ask_with("apiinfo.version", &json!({}), "").as_ref(), Ok(&version["api_version"]));
    assert_eq!(version["assessment"]["state"], "healthy");
    let problems = facts(&home, "problems");
    assert_eq!(problems["assessment"]["state"], "healthy", "{problems:#}");
    let none = json!({"not_classified": 0, "information": 0, "warning": 0, "average": 0, "high": 0, "disaster": 0});
    assert_eq!(problems["problem_counts_by_severity"], none);
    let hosts = facts(&home, "hosts");
    assert_eq!(hosts["host_counts"], json!({"enabled": 3, "disabled": 1}), "{hosts:#}");
    assert_eq!(hosts["agent_availability_counts"], json!({"unknown": 1, "available": 1, "unavailable": 1}), "{hosts:#}");
    assert_eq!(hosts["assessment"]["state"], "degraded");
    assert_eq!(reasons(&run(&home, "hosts")), ["zabbix_agents_unavailable"]);

    // A high and a warning problem, then only the warning, then none.
    for (value, high, warning) in [("2", 1, 1), ("1", 0, 1), ("0", 0, 0)] {
        until("the problems", 30, || {
            zabbix.send("trap", "value", value);
            let seen = (count(&zabbix, "problem.get", &json!(4)), count(&zabbix, "problem.get", &json!(2)));
            (seen == (high, warning)).then_some(())
        });
        assert_eq!(pass(&home, &mut written).code, 1);
        let problems = facts(&home, "problems");
        let counts = &problems["problem_counts_by_severity"];
        assert_eq!((&counts["high"], &counts["warning"]), (&json!(high), &json!(warning)), "{problems:#}");
        assert_eq!(counts["disaster"], 0);
        let state = if warning == 0 { "healthy" } else { "degraded" };
        assert_eq!(problems["assessment"]["state"], state);
        assert_eq!(problems["coverage"]["state"], "complete");
    }

    // A token that Zabbix does not know; what needs no token does not care.
    set_token(&home, &token.chars().rev().collect::<String>());
    assert_eq!(pass(&home, &mut written).code, 2);
    for check in ["problems", "hosts"] {
        let run = run(&home, check);
        assert_eq!(run["assessment"], "unknown", "{run:#}");
        assert!(reasons(&run).contains(&"AuthRefused"), "{run:#}");
    }
    assert_eq!(facts(&home, "version")["assessment"]["state"], "healthy");

    // Without its database the frontend answers every question with an error: it was seen, and is wrong.
    set_token(&home, &token);
    zabbix.stop_database();
    let refused = pass(&home, &mut written);
    assert_eq!(refused.code, 2, "{refused:?}");
    let api = run(&home, "version");
    assert_eq!((&api["assessment"], reasons(&api)), (&json!("unhealthy"), vec!["ApiError"]), "{api:#}");
    assert_eq!(api["facts"]["application_reachable"], false);
    assert_eq!(api["facts"]["api_version"], Value::Null, "what was not seen is not made up");
    let words = zabbix.ask_with("apiinfo.version", &json!({}), "").expect_err("no database")["message"].clone();
    let message = api["findings"][0]["message"].as_str().unwrap();
    assert!(message.contains(words.as_str().unwrap()), "{message} does not quote {words}");
    // Counts that nobody gave are unknown, not none.
    for check in ["problems", "hosts"] {
        let run = run(&home, check);
        assert_eq!(run["assessment"], "unknown", "{run:#}");
        assert!(outcomes(&run).iter().all(|outcome| *outcome == "ApiError"), "{run:#}");
    }

    // And back.
    zabbix.start_database();
    until("a frontend with its database", 30, || zabbix.ask_with("problem.get", &json!({"countOutput": true}), &token).ok());
    pass(&home, &mut written);
    assert_eq!(facts(&home, "version")["assessment"]["state"], "healthy");
    assert_eq!(facts(&home, "problems")["assessment"]["state"], "healthy");
    log::verify(&home.state());

    // The token has gone to the server and nowhere else.
    written.add_state(&home.state());
    assert_eq!(written.find(&Canary::new("the token", token)), Vec::<String>::new());
}

/// How many of what there is: problems of a severity, or agents of an availability that are no host prototype's.
fn count(zabbix: &Zabbix, method: &str, what: &Value) -> u64 {
    let params = match method {
        "problem.get" => json!({"countOutput": true, "severities": [what]}),
        _ => json!({"countOutput": true, "filter": what}),
    };
    zabbix.call(method, &params).as_str().unwrap().parse().unwrap()
}

/// Hosts `trap` without an interface, `up` and `down` with an agent that answers and one that does not; Zabbix's own host is
/// disabled. Returns the token of a user who may only read.
fn prepare(zabbix: &Zabbix) -> String {
    let own = zabbix.call("host.get", &json!({"output": ["hostid"]}));
    for host in own.as_array().unwrap() {
        zabbix.call("host.update", &json!({"hostid": host["hostid"], "status": 1}));
    }
    let group = zabbix.call("hostgroup.create", &json!({"name": "test"}))["groupids"][0].clone();
    let groups = json!([{"groupid": group}]);
    let trap = zabbix.call("host.create", &json!({"host": "trap", "groups": groups}))["hostids"][0].clone();
    zabbix
        .call("item.create", &json!({"hostid": trap, "name": "value", "key_": "value", "type": 2, "value_type": 3, "delay": 0}));
    for (least, severity) in [(0, 2), (1, 4)] {
        let expression = format!("last(/trap/value)>{least}");
        zabbix.call(
            "trigger.create",
            &json!({"description": format!("more than {least}"), "expression": expression, "priority": severity}),
        );
    }
    for (name, port) in [("up", zabbix.agent_port), ("down", low_port(27_000))] {
        let interface = json!([{"type": 1, "main": 1, "useip": 1, "ip": "127.0.0.1", "dns": "", "port": port.to_string()}]);
        let made = zabbix.call("host.create", &json!({"host": name, "groups": groups, "interfaces": interface}));
        let host = made["hostids"][0].clone();
        let id = zabbix.call("hostinterface.get", &json!({"hostids": host, "output": ["interfaceid"]}))[0]["interfaceid"].clone();
        zabbix.call(
            "item.create",
            &json!({"hostid": host, "interfaceid": id, "name": "ping", "key_": "agent.ping", "type": 0, "value_type": 3, "delay": "1s"}),
        );
    }
    zabbix.reader()
}
