//! `tecrax evidence report`: what was expected, what ran, what was missed, who accepted what.

use crate::support::cli::ended;
use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, host};
use tecrax::engine::reconcile;
use tecrax::evidence::log::SigningKey;
use tecrax::plan::Mode;
use tecrax::store::Db;

const WAIVER: &str =
    "  accept:\n  - {finding: root-disk, reason: \"CHG-4711 | *soon*\", owner: anna, expires: \"2027-03-01T00:00:00Z\"}\n";

fn report(rig: &Rig, arguments: &str) -> String {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_tecrax"));
    command.env_clear().args(["evidence", "report", "--state-dir"]).arg(rig.state()).args(arguments.split(' '));
    let ended = ended(&mut command);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{ended:?}");
    ended.out
}

/// The rows of the table below a heading.
fn rows(page: &str, heading: &str) -> Vec<Vec<String>> {
    let (_, after) = page.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no {heading} in {page}"));
    let section = after.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(2);
    rows.map(|line| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// An hour: `web` with a gap and a suspension, `full` with a waiver until it was removed, `late` from the middle on.
async fn hour() -> Rig {
    let mut rig = Rig::new();
    rig.write("check.yaml", &format!("{INVENTORY}{WAIVER}"));
    rig.write("web.yaml", &host("web", Some(50)));
    rig.write("full.yaml", &host("full", Some(95)));
    rig.once().await; // 12:00
    rig.again().await; // 12:05
    rig.pass(20 * 60);
    rig.write("late.yaml", &host("late", None));
    rig.again().await; // 12:30: four slots were missed
    rig.write("web.yaml", &host("web", Some(50)).replace("  type: Host", "  type: Host\n  suspend: true"));
    rig.again().await; // 12:35
    rig.again().await; // 12:40
    rig.write("web.yaml", &host("web", Some(96)));
    rig.again().await; // 12:45
    rig.remove("full.yaml");
    rig.again().await; // 12:50
    rig.pass(10 * 60); // 13:00
    let mut db = Db::open(&rig.state(), "ignored").unwrap();
    let key = SigningKey::from_seed(db.origin(), &[3; 32]).unwrap();
    db.checkpoint(&key, rig.at).unwrap();
    rig
}

const HOUR: &str = "--from 2026-03-01T12:00:00Z --to 2026-03-01T13:00:00Z";

#[tokio::test]
async fn an_hour_on_one_page() {
    let rig = hour().await;
    let page = report(&rig, HOUR);
    let summary = rows(&page, "Summary");
    let line =
        |name: &str| summary.iter().find(|row| row[0].contains(name)).unwrap_or_else(|| panic!("{summary:?}"))[1..5].to_vec();
    // Cadence, expected, runs, missed.
    assert_eq!(line(".web"), ["every 5m", "12", "5", "7"]);
    assert_eq!(line(".full"), ["every 5m", "10", "6", "4"]);
    assert_eq!(line(".late"), ["every 5m", "6", "5", "1"]);
    let missed: Vec<Vec<String>> = rows(&page, "Gaps").into_iter().map(|row| [&row[..1], &row[3..]].concat()).collect();
    let gap =
        |pair: &str, slots: &str, reason: &str| vec![format!("`default/inventory.{pair}`"), slots.to_owned(), reason.to_owned()];
    assert_eq!(
        missed,
        [
            gap("full", "4", "Late"),
            gap("late", "1", "no run yet"),
            gap("web", "4", "Late"),
            gap("web", "2", "Suspended"),
            gap("web", "1", "no run yet"),
        ]
    );
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"`[0-9a-f]{12}`", "`[SHORT]`");
    settings.add_filter(r"`[0-9a-f]{64}`", "`[DIGEST]`");
    settings.add_filter(r"`test-origin\+\S+`", "`[KEY]`");
    settings.bind(|| insta::assert_snapshot!("an_hour", page));
}

#[tokio::test]
async fn the_same_log_and_period_give_the_same_bytes() {
    let rig = hour().await;
    assert_eq!(report(&rig, HOUR), report(&rig, HOUR));
    let path = rig.dir.path().join("page.md");
    assert_eq!(report(&rig, &format!("{HOUR} -o {}", path.display())), "");
    assert_eq!(std::fs::read_to_string(path).unwrap(), report(&rig, HOUR));
}

#[tokio::test]
async fn a_part_of_the_period_counts_its_own_slots() {
    let rig = hour().await;
    let summary = |arguments: &str, name: &str| {
        let page = report(&rig, arguments);
        rows(&page, "Summary").into_iter().find(|row| row[0].contains(name)).map(|row| row[2..5].join(" "))
    };
    // Until the end of the gap, and from its middle.
    assert_eq!(
        summary("--from 2026-03-01T12:00:00Z --to 2026-03-01T12:30:00Z", ".web").unwrap(),
        "6 2 4",
        "the gap is still open"
    );
    assert_eq!(summary("--from 2026-03-01T12:20:00Z --to 2026-03-01T12:31:00Z", ".web").unwrap(), "3 1 2");
    // Before the first record, and after the tombstone.
    assert_eq!(summary("--from 2026-02-01 --to 2026-02-02", ".web"), None);
    assert_eq!(summary("--from 2026-03-01T12:55:00Z --to 2026-03-01T13:00:00Z", ".full"), None);
    // Wanted, and nobody looked.
    assert_eq!(summary("--from 2026-03-01T13:00:00Z --to 2026-03-01T14:00:00Z", ".late").unwrap(), "12 0 12");
    let page = report(&rig, "--from 2026-03-01T13:00:00Z --to 2026-03-01T14:00:00Z");
    assert!(rows(&page, "Gaps").iter().all(|row| row[2] == "still open" && row[4] == "no run yet"), "{page}");
    // By label and namespace.
    let page = report(&rig, &format!("{HOUR} -l site=lab"));
    assert!(!page.contains(".full`"), "the manifests no longer have it");
    assert!(rows(&report(&rig, &format!("{HOUR} -n nowhere")), "Summary").is_empty());
}

#[tokio::test]
async fn waivers_name_their_owner_and_no_text_is_markup() {
    let rig = hour().await;
    let page = report(&rig, HOUR);
    let waivers = rows(&page, "Waivers");
    assert_eq!(waivers.len(), 3, "{waivers:?}");
    assert!(page.contains(r"| root-disk | anna | CHG-4711 \| \*soon\* | 2027-03-01T00:00:00Z |"), "{page}");
}

#[tokio::test]
async fn forced_runs_are_beyond_what_was_expected() {
    let mut rig = Rig::new();
    rig.write("check.yaml", INVENTORY);
    rig.write("web.yaml", &host("web", Some(50)));
    rig.once().await;
    for _ in 0..3 {
        rig.pass(10);
        reconcile(&rig.engine, &rig.manifests(), Mode::Force).await.unwrap();
    }
    let page = report(&rig, "--from 2026-03-01T12:00:00Z --to 2026-03-01T12:01:00Z");
    assert_eq!(rows(&page, "Summary")[0][2..5], ["1", "4", "0"]);
}
