//! A volume that is not mounted leaves an empty directory: that is no wish to forget everything.

use std::fs;
use std::path::PathBuf;

use tecrax::api::{Problem, Severity, reason};
use tecrax::engine::{Report, reconcile};
use tecrax::plan::Mode;

use crate::support::engine::{Rig, view};
use crate::support::hosts::{INVENTORY, host};

fn told(report: &Report) -> Vec<&Problem> {
    report.problems.iter().filter(|problem| problem.reason == reason::EMPTY_PATH).collect()
}

fn said(report: &Report) -> Vec<Severity> {
    told(report).iter().map(|problem| problem.severity).collect()
}

/// One host that is not well, in a directory of its own.
async fn watched() -> (Rig, PathBuf) {
    let mut rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(95)));
    let report = rig.again().await;
    assert_eq!((said(&report).len(), report.escalations.len()), (0, 1));
    let manifests = rig.dir.path().join("manifests");
    (rig, manifests)
}

/// The pass goes on with everything as it was, and says why.
fn assert_held(report: &Report, at: &std::path::Path) {
    assert_eq!(said(report), [Severity::Error], "{:?}", report.problems);
    let problem = told(report)[0];
    assert_eq!(problem.place.as_ref().unwrap().file.as_ref(), at.to_str().unwrap());
    assert!(problem.help.as_ref().unwrap().contains("# nothing is wanted"), "{problem:?}");
    assert_eq!((report.tally.ran, report.removed.len(), report.escalations.len()), (1, 0, 1), "{:?}", report.tally);
    let why = view(report, "inventory.web").stalled.clone().unwrap();
    assert!(why.contains("Check/inventory") && why.contains("Target/web"), "{why}");
}

#[tokio::test]
async fn a_volume_that_is_not_mounted_removes_nothing() {
    let (mut rig, mounted) = watched().await;
    let elsewhere = rig.dir.path().join("elsewhere");
    fs::rename(&mounted, &elsewhere).unwrap();
    fs::create_dir(&mounted).unwrap();
    assert_held(&rig.again().await, &mounted);
    // Another process knows as much: it is in the store.
    rig.pass(300);
    assert_held(&reconcile(&rig.other("second"), &rig.manifests(), Mode::Once).await.unwrap(), &mounted);

    fs::remove_dir(&mounted).unwrap();
    assert_held(&rig.again().await, &mounted);

    fs::rename(&elsewhere, &mounted).unwrap();
    let report = rig.again().await;
    assert_eq!((report.problems.len(), report.tally.ran, report.removed.len()), (0, 1, 0));
}

#[tokio::test]
async fn a_checkout_that_fails_half_way_removes_nothing() {
    let (mut rig, manifests) = watched().await;
    // Git's own directory, a README and directories are there already; a full disk and a crash leave files without a byte.
    fs::create_dir_all(manifests.join(".git/objects")).unwrap();
    fs::create_dir(manifests.join("hosts")).unwrap();
    rig.write("README.md", "# Hosts\n");
    rig.write("check.yaml", "");
    rig.write("web.yaml", "\u{feff} \n\n");
    assert_held(&rig.again().await, &manifests);
    rig.remove("check.yaml");
    rig.remove("web.yaml");
    assert_held(&rig.again().await, &manifests);
}

#[tokio::test]
async fn whoever_wants_nothing_any_more_says_so_by_a_comment() {
    let (mut rig, manifests) = watched().await;
    rig.remove("web.yaml");
    rig.remove("check.yaml");
    assert_held(&rig.again().await, &manifests);
    rig.write("none.yaml", "# nothing is wanted from here\n");
    let report = rig.again().await;
    assert_eq!((report.problems.len(), report.removed.len(), report.escalations.len()), (0, 1, 0), "{:?}", report.problems);
    // Nothing is missed any more.
    rig.remove("none.yaml");
    assert_eq!(said(&rig.again().await), [Severity::Warning]);
}

#[tokio::test]
async fn a_path_that_never_held_anything_is_a_warning() {
    let rig = Rig::new();
    assert_eq!(said(&rig.once().await), [Severity::Warning]);
    rig.write("none.yaml", "# to come\n");
    assert!(rig.once().await.problems.is_empty());
}

#[tokio::test]
async fn of_several_paths_each_keeps_what_it_had() {
    let mut rig = Rig::new();
    let (manifests, second) = (rig.dir.path().join("manifests"), rig.dir.path().join("second"));
    fs::create_dir(&second).unwrap();
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(50)));
    fs::write(second.join("db.yaml"), host("db", Some(50))).unwrap();
    let file = rig.dir.path().join("mail.yaml");
    fs::write(&file, host("mail", Some(50))).unwrap();
    // The last ones say nothing that the first have not said.
    let paths = [manifests, second.clone(), file.clone(), rig.dir.path().join("manifests/check.yaml"), second.clone()];
    let report = reconcile(&rig.engine, &paths, Mode::Once).await.unwrap();
    assert_eq!((report.tally.ran, report.problems.len()), (3, 0));
    fs::remove_file(second.join("db.yaml")).unwrap();
    fs::write(&file, "").unwrap();
    rig.remove("web.yaml");
    rig.pass(300);
    let report = reconcile(&rig.engine, &paths, Mode::Once).await.unwrap();
    let removed: Vec<String> = report.removed.iter().map(ToString::to_string).collect();
    assert_eq!((removed, report.tally.ran), (vec!["default/inventory.web".to_owned()], 2), "{:?}", report.problems);
    assert_eq!(said(&report), [Severity::Error, Severity::Error]);
    // What moves to another PATH is missed nowhere.
    rig.write("db.yaml", &host("db", Some(50)));
    fs::write(&file, "# moved\n").unwrap();
    rig.pass(300);
    let report = reconcile(&rig.engine, &paths, Mode::Once).await.unwrap();
    assert_eq!((said(&report), report.removed.len()), (vec![Severity::Warning], 1), "{:?}", report.problems);
}
