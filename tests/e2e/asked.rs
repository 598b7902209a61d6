//! `tecrax run`, with a daemon and without one; and what is shown when nobody looks any more.

use serde_json::Value;
use tecrax::store::Presence;

use crate::support::cli::Home;
use crate::support::daemon::until;
use crate::support::hosts::{INVENTORY, host};
use crate::support::running::watch;

/// Two hosts, one of them with a full disk, looked at so seldom that no test sees a slot.
fn home() -> Home {
    let home = Home::new();
    home.write("check.yaml", &INVENTORY.replace("spec:\n", "spec:\n  interval: 24h\n"));
    home.write("web.yaml", &host("web", Some(50)));
    home.write("db.yaml", &host("db", Some(95)));
    home
}

fn observation(home: &Home, name: &str) -> Value {
    let ended = home.tecrax(&format!("get observations {name} -o json"));
    let list: Value = serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {ended:?}"));
    list.get("items").map_or(list.clone(), |items| items[0].clone())
}

/// The second look at the full disk is a run, too.
fn runs(home: &Home, name: &str) -> u64 {
    observation(home, name)["status"]["runs"]["total"].as_u64().unwrap_or(0)
}

#[test]
fn a_daemon_answers_and_the_command_says_what_came_of_it() {
    let home = home();
    let daemon = watch(&home);
    until("the first runs", 30, || {
        let both = home.state().join("tecrax.db").exists() && home.tecrax("get").out.lines().count() == 3;
        (both && runs(&home, "inventory.web") + runs(&home, "inventory.db") == 3).then_some(())
    });
    let ended = home.tecrax("run inventory.web");
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.out.contains("web") && ended.out.contains("healthy") && !ended.out.contains("db"), "{ended:?}");
    assert_eq!((runs(&home, "inventory.web"), runs(&home, "inventory.db")), (2, 2));
    let ended = home.tecrax("run inventory");
    assert_eq!(ended.code, 1, "one of them is unhealthy: {ended:?}");
    assert!(ended.out.contains("unhealthy"), "{ended:?}");
    assert_eq!((runs(&home, "inventory.web"), runs(&home, "inventory.db")), (3, 3));
    let ended = home.tecrax("run inventory --target db --no-wait");
    assert_eq!((ended.code, ended.out.as_str()), (0, ""), "{ended:?}");
    until("the run that nobody waited for", 30, || (runs(&home, "inventory.db") == 4).then_some(()));
    drop(daemon);
    assert!(!Presence::is_announced(&home.state()), "a daemon that was killed is not there any more");
}

#[test]
fn without_a_daemon_it_says_so_and_the_next_pass_answers() {
    let home = home();
    let ended = home.tecrax("run inventory");
    assert_eq!(ended.code, 78, "{ended:?}");
    assert!(ended.err.contains("nothing is recorded"), "{ended:?}");
    assert_eq!(home.once().code, 1);
    let ended = home.tecrax("run inventory --target web");
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.err.contains("asked for 1 run; no daemon works on"), "{ended:?}");
    // What the plan says is what happens.
    let plan = home.tecrax("plan manifests -o name");
    assert_eq!(plan.out, "default/inventory.web\n", "{plan:?}");
    let ended = home.once();
    assert!(ended.err.contains("ran 1, fresh 1"), "{ended:?}");
    assert_eq!((runs(&home, "inventory.web"), runs(&home, "inventory.db")), (2, 2));
}

#[test]
fn what_can_not_be_asked_for_is_told_at_once() {
    let home = home();
    home.once();
    for (line, code, said) in [
        ("run inventry", 78, "did you mean `inventory`?"),
        ("run inventory --target wev", 78, "did you mean `web`?"),
        ("run inventory -n other", 78, "no check named"),
        ("run inventory --timeout soon", 78, "30s or 5m"),
        ("run", 64, "CHECK"),
    ] {
        let ended = home.tecrax(line);
        assert_eq!(ended.code, code, "{line}: {ended:?}");
        assert!(ended.err.contains(said), "{line}: {ended:?}");
    }
    home.write("web.yaml", &host("web", Some(50)).replace("  type: Host", "  type: Host\n  suspend: true"));
    home.once();
    let ended = home.tecrax("run inventory.web");
    assert_eq!(ended.code, 78, "{ended:?}");
    assert!(ended.err.contains("1 pair is suspended"), "{ended:?}");
    let ended = home.tecrax("run inventory --no-wait");
    assert!(ended.err.contains("1 pair is suspended and not asked for"), "{ended:?}");
    assert_eq!(home.tecrax("plan manifests -o name").out, "default/inventory.db\n");
}

#[test]
fn what_nobody_looks_at_any_more_says_so_by_itself() {
    let home = Home::new();
    let check = |name: &str, more: &str| {
        let spec = format!("spec:\n  interval: 1s\n  timeout: 1s\n{more}");
        format!("---\n{}", INVENTORY.replace("name: inventory", &format!("name: {name}")).replace("spec:\n", &spec))
    };
    home.write("checks.yaml", &format!("{}{}", check("short", ""), check("long", "  freshFor: 24h\n")));
    home.write("web.yaml", &host("web", Some(50)));
    assert_eq!(home.once().code, 0);
    let condition = |name: &str, r#type: &str| {
        let status = observation(&home, name)["status"].clone();
        let conditions = status["conditions"].as_array().unwrap().clone();
        let found = conditions.into_iter().find(|condition| condition["type"] == r#type).unwrap();
        (found["status"].clone(), found["reason"].clone(), status["assessment"].clone(), found["lastTransitionTime"].clone())
    };
    let before = condition("short.web", "Ready");
    // Nothing happens but that time passes.
    until("nobody observes on schedule", 30, || (condition("long.web", "Ready").1 == "Stale").then_some(()));
    let (ready, reason, assessment, since) = condition("short.web", "Ready");
    assert_eq!((ready, reason, assessment), ("False".into(), "Stale".into(), "unknown".into()));
    assert_ne!(since, before.3, "that is since when it is late");
    assert_eq!(condition("short.web", "Healthy").0, "Unknown");
    // What is said to count for a day still counts; that nobody looks is no less true.
    let (ready, _, assessment, _) = condition("long.web", "Ready");
    assert_eq!((ready, assessment), ("False".into(), "healthy".into()));
    let problems = home.tecrax("get --problems");
    assert!(problems.out.contains("long.web") && problems.out.contains("False/Stale"), "{problems:?}");
    assert_eq!(home.tecrax("status").code, 2);
    let target = home.tecrax("get targets -o json");
    assert!(target.out.contains("Stale") || target.out.contains("Reachable"), "{target:?}");
    // The next look takes it all back.
    assert_eq!(home.once().code, 0);
    assert_eq!(condition("long.web", "Ready").0, "True");
}
