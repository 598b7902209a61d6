//! `tecrax plan` goes on with the last good versions, as a pass would, and changes nothing.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::cli::Home;
use crate::support::hosts::{INVENTORY, host};

const PASS: &str = "reconcile --once --allow-fixtures manifests";

fn home() -> Home {
    let home = Home::new();
    home.write("check.yaml", INVENTORY);
    home.write("web.yaml", &host("web", Some(50)));
    home.write("mail.yaml", &host("mail", Some(50)));
    assert_eq!(home.tecrax(PASS).code, 0);
    home
}

fn content(state: &Path) -> Vec<Vec<u8>> {
    ["tecrax.db", "tecrax.db-wal"].map(|file| fs::read(state.join(file)).unwrap_or_default()).into()
}

/// Target, what it is held by, and why it runs or not; and what is removed.
fn planned(home: &Home) -> (Vec<Value>, Value) {
    let plan = home.tecrax("plan -o json manifests");
    let plan: Value = serde_json::from_str(&plan.out).unwrap_or_else(|error| panic!("{error}: {plan:?}"));
    let pairs = plan["pairs"].as_array().unwrap().iter();
    (pairs.map(|pair| json!([pair["target"], pair["held"], pair["why"]])).collect(), plan["removed"].clone())
}

#[test]
fn a_bad_edit_stays_at_its_last_good_version_and_the_plan_says_why() {
    let home = home();
    // One is spoiled, one is gone.
    home.write("web.yaml", &host("web", Some(50)).replace("type: Host", "type: Hots"));
    fs::remove_file(home.path("manifests/mail.yaml")).unwrap();
    let before = content(&home.state());
    let plan = home.tecrax("plan manifests");
    assert_eq!(plan.code, 65, "{plan:?}");
    assert!(plan.err.contains("web.yaml:") && plan.err.contains("Hots"), "{}", plan.err);
    assert!(plan.err.contains("held: Target/web has errors"), "{}", plan.err);
    assert_eq!(planned(&home), (vec![json!(["web", ["Target/web"], "Fresh"])], json!(["default/inventory.mail"])));
    assert_eq!(content(&home.state()), before, "a plan changes nothing");
    // The pass does what the plan says.
    let pass = home.tecrax(PASS);
    assert!(pass.code == 65 && pass.err.contains("1 no longer wanted"), "{pass:?}");
}

#[test]
fn a_volume_that_is_not_mounted_is_planned_as_what_it_held() {
    let home = home();
    let manifests = home.path("manifests");
    fs::rename(&manifests, home.path("elsewhere")).unwrap();
    let fresh = |name| json!([name, ["Check/inventory", format!("Target/{name}")], "Fresh"]);
    for there in [false, true] {
        if there {
            fs::create_dir(&manifests).unwrap();
        }
        let plan = home.tecrax("plan manifests");
        assert!(plan.code == 65 && plan.err.contains("EmptyPath") && plan.err.contains("# nothing is wanted"), "{plan:?}");
        assert_eq!(planned(&home), (vec![fresh("mail"), fresh("web")], json!([])));
    }
    // What everything says of it leads to the error.
    assert_eq!(home.tecrax(PASS).code, 65);
    let described = home.tecrax("describe inventory.web").out;
    let command =
        described.split("`tecrax ").nth(1).and_then(|rest| rest.split('`').next()).unwrap_or_else(|| panic!("{described}"));
    let shown = home.tecrax(&format!("{command} manifests"));
    assert!(shown.code == 65 && shown.err.contains("there is nothing in it any more"), "{command}: {shown:?}");
    // Without a state directory nobody knows what it held.
    let plan = home.tecrax("plan manifests --state-dir nowhere");
    assert!(plan.code == 0 && plan.err.contains("EmptyPath"), "{plan:?}");
}
