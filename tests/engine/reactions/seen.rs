//! What proves that a finding is gone, and what does not.

use tecrax::api::{Assessment, FindingStage, reason};

use super::{PAIR, escalated, reaction, rig, stages, then};
use crate::support::hosts::{INVENTORY, host};
use crate::support::log;

const DISK: &str = "expectation/root-disk/ExpectationFailed";

#[tokio::test]
async fn unknown_never_clears() {
    let mut rig = rig("", Some(95));
    rig.once().await;
    assert!(escalated(&rig, PAIR));
    for _ in 0..3 {
        then(&mut rig, None).await;
        assert_eq!(rig.pair(PAIR).last.unwrap().assessment, Assessment::Unknown);
        let disk = rig.pair(PAIR).tracked.into_iter().find(|tracked| tracked.key().to_string() == DISK).expect("it stays");
        assert_eq!((disk.stage, disk.gone, disk.seen), (FindingStage::Raised, 0, 1), "counts neither way");
        assert!(escalated(&rig, PAIR));
    }
    then(&mut rig, Some(50)).await;
    assert!(rig.pair(PAIR).tracked.is_empty() && !escalated(&rig, PAIR));
    log::verify(&rig.state());
}

/// A host with one expectation over its disk and one over its system, of which more readings fail.
fn blind_host(used: u32, os: &str, broken: &[&str]) -> String {
    let mut text = host("web", Some(used)).replace("ID=debian", &format!("ID={os}"));
    for shape in broken {
        let (before, after) = text.split_once(&format!("{{shape: {shape}, ")).expect("the shape");
        let (_, rest) = after.split_once('\n').expect("a line");
        text = format!("{before}{{shape: {shape}, stderr: \"boom\\n\", exitCode: 1}}\n{rest}");
    }
    text
}

const OS: &str = "  - {name: os, key: os.id, operator: In, values: [\"debian\"]}\n";

#[tokio::test]
async fn a_run_that_is_blind_in_more_places_proves_only_what_it_read() {
    let mut rig = rig(OS, Some(95));
    rig.once().await;
    assert_eq!(stages(&rig, PAIR), [(DISK.to_owned(), FindingStage::Raised)]);
    // The disk can not be read, nor the load average; then only the latter can not.
    for (broken, stays) in [(&["read_load_average", "read_filesystem_usage"][..], true), (&["read_load_average"], false)] {
        // The system is not what is wanted: unhealthy, not unknown.
        rig.write("web.yaml", &blind_host(50, "other", broken));
        rig.again().await;
        assert_eq!(rig.pair(PAIR).last.unwrap().assessment, Assessment::Unhealthy);
        let tracked = rig.pair(PAIR).tracked;
        let os = tracked.iter().find(|tracked| tracked.finding.component == "os").unwrap();
        assert_eq!(os.blind.len(), broken.len(), "{:?}", os.blind);
        assert_eq!(stages(&rig, PAIR).contains(&(DISK.to_owned(), FindingStage::Raised)), stays, "{broken:?}: {tracked:#?}");
    }
    // As blind as when the system was seen to be wrong: that it is right is believed, but not unknown.
    rig.write("web.yaml", &blind_host(95, "debian", &["read_load_average"]));
    rig.again().await;
    assert_eq!(rig.pair(PAIR).last.unwrap().assessment, Assessment::Unhealthy);
    let names: Vec<String> = rig.pair(PAIR).tracked.iter().map(|tracked| tracked.finding.component.clone()).collect();
    assert_eq!(names, ["root-disk", "read_load_average"]);
    // The reading is taken again: that it failed is over, whatever else is wrong.
    rig.write("web.yaml", &blind_host(95, "debian", &[]));
    rig.again().await;
    assert_eq!(stages(&rig, PAIR), [(DISK.to_owned(), FindingStage::Raised)]);
    log::verify(&rig.state());
}

/// Of a fact that no reading shows alone, a run proves something only where it lost nothing.
#[tokio::test]
async fn what_is_made_of_all_that_was_read_is_not_proven_by_less() {
    const WHOM: &str = "  - {name: whom, key: target, operator: In, values: [\"db\"]}\n";
    let raised = ("expectation/whom/ExpectationFailed".to_owned(), FindingStage::Raised);
    let mut rig = rig(WHOM, Some(50));
    rig.once().await;
    assert_eq!(stages(&rig, PAIR), std::slice::from_ref(&raised));
    rig.write("check.yaml", &format!("{INVENTORY}{}", WHOM.replace("db", "web")));
    rig.write("web.yaml", &blind_host(50, "debian", &["read_load_average"]));
    rig.again().await;
    assert!(stages(&rig, PAIR).contains(&raised), "{:?}", stages(&rig, PAIR));
    then(&mut rig, Some(50)).await;
    assert_eq!(stages(&rig, PAIR), []);
}

#[tokio::test]
async fn a_reading_that_fails_in_another_way_has_not_been_taken() {
    let mut rig = rig("", Some(50));
    rig.write("web.yaml", &blind_host(50, "debian", &["read_uptime"]));
    rig.once().await;
    assert!(escalated(&rig, PAIR));
    let key = "reading/read_uptime/CommandFailed".to_owned();
    assert!(stages(&rig, PAIR).contains(&(key.clone(), FindingStage::Raised)), "{:?}", stages(&rig, PAIR));
    let cut = blind_host(50, "debian", &["read_uptime"])
        .replace("stderr: \"boom\\n\", exitCode: 1", "stderr: \"bash: uptime: command not found\\n\", exitCode: 127");
    rig.write("web.yaml", &cut);
    rig.again().await;
    assert!(stages(&rig, PAIR).contains(&(key, FindingStage::Raised)), "{:?}", stages(&rig, PAIR));
    then(&mut rig, Some(50)).await;
    assert_eq!((stages(&rig, PAIR), reaction(&rig, PAIR).1.as_str()), (Vec::new(), reason::HEALTHY));
    log::verify(&rig.state());
}
