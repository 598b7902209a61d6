//! An export is checked without the state directory it came from: by tecrax, and by the script that comes with it. Whatever is
//! changed in it is found, and named.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::cli::{Ended, Home};
use crate::support::hosts::{INVENTORY, host};
use crate::support::log;
use serde_json::Value;
use tecrax::api::Digest;
use tecrax::evidence::log::{Checkpoint, SigningKey, TlogProof};

/// A state with healthy, full and half-seen hosts, a suspension and a tombstone, and its export.
fn exported(arguments: &str) -> Home {
    let home = Home::new();
    home.write("check.yaml", INVENTORY);
    home.write("hosts.yaml", &[host("full", Some(95)), host("good", Some(50)), host("half", None)].concat());
    home.write("rest.yaml", &host("rest", Some(50)).replace("  type: Host", "  type: Host\n  suspend: true"));
    home.write("gone.yaml", &host("gone", Some(50)));
    home.once();
    fs::remove_file(home.path("manifests/gone.yaml")).unwrap();
    home.tecrax("reconcile --once --force --allow-fixtures manifests");
    let export = home.tecrax(format!("evidence export out {arguments}").trim());
    assert_eq!((export.code, export.out.as_str()), (0, ""), "{export:?}");
    home
}

/// Every file of a directory by its path, in order.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                open.push(entry.path());
            } else {
                let name = entry.path().strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
    found
}

/// What the script says: code and output.
fn script(directory: &Path, arguments: &[&str]) -> (i32, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/evidence/export/check.py");
    let output =
        Command::new("python3").arg("-I").arg(script).args(arguments).arg(directory).output().expect("python3 is installed");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "it never ends with a traceback");
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// Writes the list of digests again, as whoever changes an export would.
fn relist(root: &Path) {
    let mut listed: Vec<(String, Vec<u8>)> = files(root).into_iter().filter(|(name, _)| name != "SHA256SUMS").collect();
    listed.sort_by(|(left, _), (right, _)| left.split('/').cmp(right.split('/')));
    let lines: Vec<String> = listed.iter().map(|(name, bytes)| format!("{}  {name}\n", Digest::of(bytes))).collect();
    fs::write(root.join("SHA256SUMS"), lines.concat()).unwrap();
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// What somebody does to an export.
type Change = fn(&Path);

/// The same with what it needs to know.
type Told<'a> = Box<dyn Fn(&Path) + 'a>;

#[test]
fn an_export_holds_every_record_and_verifies_without_its_state() {
    let home = exported("");
    fs::rename(home.state(), home.path("elsewhere")).unwrap();
    let verify = home.tecrax("evidence verify out -o json");
    assert_eq!((verify.code, verify.err.as_str()), (0, ""), "{verify:?}");
    let said: Value = serde_json::from_str(&verify.out).unwrap();
    let rows = log::rows(&home.path("elsewhere"));
    let runs = rows.iter().filter(|row| row.kind == "run.v1").count();
    let records = rows.len() + log::escalations(&home.path("elsewhere")).len();
    assert!(records > rows.len(), "what fails is escalated");
    assert_eq!((&said["verdict"], &said["records"], &said["bundles"]), (&"pass".into(), &records.into(), &runs.into()));
    assert!(runs > 5 && rows.iter().any(|row| row.kind == "suspension.v1") && rows.iter().any(|row| row.kind == "tombstone.v1"));
    for row in &rows {
        let record = home.path("out/records").join(&row.pair).join(row.seq.to_string());
        assert_eq!(fs::read_dir(&record).unwrap().count(), 3, "{record:?}");
        let bundle = home.path("out/bundles").join(&row.pair).join(row.seq.to_string());
        assert_eq!(fs::read_dir(&bundle).map_or(0, Iterator::count), if row.kind == "run.v1" { 9 } else { 0 }, "{bundle:?}");
    }
    let (code, told) = script(&home.path("out"), &[]);
    assert_eq!(code, 0, "{told}");
    assert!(told.contains(&format!("{records} records, {runs} bundles, log of {records} records")), "{told}");
    let sums = Command::new("sha256sum").args(["-c", "--quiet", "SHA256SUMS"]).current_dir(home.path("out")).output().unwrap();
    assert!(sums.status.success(), "{sums:?}");
    // One of its bundles alone.
    let bundle = home.tecrax("evidence verify out/bundles/default/inventory.full/1");
    assert!(bundle.code == 0 && bundle.out.contains("sclite-core 1.0.5 says pass"), "{bundle:?}");
}

/// What the page of an export tells to do by hand, done by a shell.
#[test]
fn the_commands_of_its_page_work() {
    let home = exported("");
    let readme = fs::read_to_string(home.path("out/README.md")).unwrap();
    let command = |holds: &str| {
        let line =
            readme.lines().find(|line| line.starts_with("    ") && line.contains(holds)).unwrap_or_else(|| panic!("{readme}"));
        line.trim()
            .replace("NAMESPACE/CHECK.TARGET/SEQ", "default/inventory.full/1")
            .replace("FILE", "bundles/default/inventory.full/1/05_execution_receipt.json")
    };
    let run = |line: &str| {
        let output = Command::new("sh").args(["-c", line]).current_dir(home.path("out")).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let shown: Value = serde_json::from_str(&home.tecrax("evidence show inventory.full@1 -o json").out).unwrap();
    let leaf = run(&command("header.json ) | sha256sum"));
    assert_eq!(leaf.split_whitespace().next(), shown["leaf"].as_str());
    let receipt = run(&command("python3 -c"));
    assert_eq!(receipt.split_whitespace().next(), shown["body"]["parts"]["execution_receipt"].as_str());
    assert!(run("python3 check.py").ends_with("nothing is wrong\n"));
}

#[test]
fn an_export_is_private_and_the_same_every_time() {
    let home = exported("");
    assert_eq!(home.tecrax("evidence export again").code, 0);
    assert_eq!(files(&home.path("out")), files(&home.path("again")));
    let mut open: Vec<PathBuf> = vec![home.path("out")];
    while let Some(path) = open.pop() {
        let found = fs::symlink_metadata(&path).unwrap();
        let mode = found.permissions().mode() & 0o777;
        if found.is_dir() {
            assert_eq!(mode, 0o700, "{path:?}");
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            assert!(found.is_file() && mode == 0o600 && found.nlink() == 1, "{path:?}");
        }
    }
    let names: Vec<String> =
        fs::read_dir(home.dir.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!names.iter().any(|name| name.contains("being-written")), "{names:?}");
    let readme = fs::read_to_string(home.path("out/README.md")).unwrap();
    assert!(!readme.contains(home.dir.path().to_str().unwrap()), "no path of this machine");
}

#[test]
fn a_part_of_the_log_is_exported_without_gaps() {
    let home = exported("inventory.full inventory.gone");
    assert_eq!(fs::read_dir(home.path("out/records/default")).unwrap().count(), 2);
    assert_eq!(home.tecrax("evidence verify out").code, 0);
    assert_eq!(script(&home.path("out"), &[]).0, 0);
    for (name, arguments) in [("labels", "-l site=lab"), ("namespace", "-n default"), ("now", "--from 1d --to 2090-01-01")] {
        assert_eq!(home.tecrax(&format!("evidence export {name} {arguments}")).code, 0, "{name}");
        assert_eq!(home.tecrax(&format!("evidence verify {name}")).code, 0, "{name}");
    }
    assert!(!home.path("labels/records/default/inventory.gone").exists(), "the manifests no longer have it");
    // Beginning in the middle of every sequence.
    let middle = home.tecrax("evidence show inventory.full@3 -o json");
    let middle: Value = serde_json::from_str(&middle.out).unwrap();
    let at = jiff::Timestamp::from_millisecond(middle["header"]["sealed_ms"].as_i64().unwrap()).unwrap();
    let late = home.tecrax(&format!("evidence export late inventory.full --from {at}"));
    assert_eq!(late.code, 0, "{late:?}");
    let first = fs::read_dir(home.path("late/records/default/inventory.full")).unwrap().flatten();
    let first = first.map(|entry| entry.file_name().to_str().unwrap().parse::<u64>().unwrap()).min();
    assert_eq!(first, Some(3));
    assert_eq!(home.tecrax("evidence verify late").code, 0);
    let nothing = home.tecrax("evidence export empty --to 2020-01-01");
    assert!(nothing.code == 0 && nothing.err.contains("0 records of 0 pairs"), "{nothing:?}");
    assert_eq!(home.tecrax("evidence verify empty").code, 0);
}

#[test]
fn details_leave_the_house_only_when_asked_for() {
    let home = exported("--with-detail");
    assert_eq!(home.tecrax("evidence verify out").code, 0);
    assert_eq!(script(&home.path("out"), &[]).0, 0);
    let detail = home.path("out/records/default/inventory.full/1/detail.json");
    assert!(json(&detail)["summary"].is_string());
    fs::write(&detail, fs::read_to_string(&detail).unwrap().replacen("full", "fine", 1)).unwrap();
    relist(&home.path("out"));
    let verify = home.tecrax("evidence verify out");
    assert!(verify.code == 1 && verify.out.contains("inventory.full/1/detail.json: it is not the part"), "{verify:?}");
    assert_eq!(script(&home.path("out"), &[]).0, 1);
}

/// A generator of positions; the same every time.
struct Positions(u64);

impl Positions {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

#[test]
fn a_flipped_bit_anywhere_is_found_and_its_file_named() {
    let home = exported("");
    let root = home.path("out");
    let names: Vec<String> = files(&root).into_keys().collect();
    let mut positions = Positions(42);
    // Every file that stands once, and a sample of the others.
    let fixed = names.iter().filter(|name| !name.contains('/')).cloned();
    let sample: Vec<String> = (0..60).map(|_| names[positions.below(names.len())].clone()).collect();
    for (number, name) in fixed.chain(sample).enumerate() {
        let path = root.join(&name);
        let before = fs::read(&path).unwrap();
        let mut after = before.clone();
        let at = positions.below(after.len());
        let bit = 1 << positions.below(8);
        after[at] ^= bit;
        fs::write(&path, &after).unwrap();
        let verify = home.tecrax("evidence verify out");
        assert_eq!(verify.code, 1, "{name}, byte {at}, bit {bit}: {verify:?}");
        assert!(verify.out.contains(&name), "{name}, byte {at}, bit {bit}: {}", verify.out);
        if number % 8 == 0 {
            let (code, told) = script(&root, &[]);
            assert_eq!(code, 1, "{name}, byte {at}, bit {bit}: {told}");
            assert!(told.contains(&name), "{name}, byte {at}, bit {bit}: {told}");
        }
        fs::write(&path, &before).unwrap();
    }
    assert_eq!(home.tecrax("evidence verify out").code, 0, "everything was put back");
}

#[test]
fn what_is_added_removed_or_renamed_is_named() {
    let home = exported("");
    let root = home.path("out");
    let run = "bundles/default/inventory.full/1";
    let changes: [(&str, Change); 9] = [
        ("records/default/inventory.full/1/note.json", |root| {
            fs::write(root.join("records/default/inventory.full/1/note.json"), "{}").unwrap();
        }),
        ("extra", |root| fs::write(root.join("extra"), "x").unwrap()),
        ("records/default/inventory.full/2/proof.tlog-proof", |root| {
            fs::remove_file(root.join("records/default/inventory.full/2/proof.tlog-proof")).unwrap();
        }),
        ("checkpoint", |root| fs::remove_file(root.join("checkpoint")).unwrap()),
        ("SHA256SUMS", |root| fs::remove_file(root.join("SHA256SUMS")).unwrap()),
        ("bundles/default/inventory.full/1/REVIEW.md", |root| {
            fs::rename(
                root.join("bundles/default/inventory.full/1/REVIEW.md"),
                root.join("bundles/default/inventory.full/1/review.md"),
            )
            .unwrap();
        }),
        ("records/default/inventory.full/4", |root| {
            fs::rename(root.join("records/default/inventory.full/4"), root.join("records/default/inventory.full/40")).unwrap();
        }),
        ("records/default/inventory.full/1/body.json", |root| {
            let body = root.join("records/default/inventory.full/1/body.json");
            fs::rename(&body, root.join("../body")).unwrap();
            symlink("../../../../../body", &body).unwrap();
        }),
        ("README.md", |root| fs::hard_link(root.join("README.md"), root.join("../second")).unwrap()),
    ];
    for (number, (name, change)) in changes.into_iter().enumerate() {
        let root = home.path(&format!("changed-{number}"));
        copy(&home.path("out"), &root);
        change(&root);
        let verify = home.tecrax(&format!("evidence verify changed-{number}"));
        assert!(verify.code == 1 && verify.out.contains(name), "{name}: {verify:?}");
    }
    // One bundle without its manifest is still recognised as one.
    copy(&root.join(run), &home.path("bundle"));
    fs::remove_file(home.path("bundle/artifact_chain_manifest.json")).unwrap();
    let verify = home.tecrax("evidence verify bundle");
    assert!(verify.code == 1 && verify.out.contains("artifact_chain_manifest.json"), "{verify:?}");
}

fn copy(from: &Path, to: &Path) {
    for (name, bytes) in files(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Whoever changes an export writes the list again; then the records speak.
#[test]
fn a_changed_export_with_a_new_list_is_found_by_what_the_log_binds() {
    let home = exported("");
    let full = "records/default/inventory.full";
    let edit = |root: &Path, name: &str, from: &str, to: &str| {
        let text = fs::read_to_string(root.join(name)).unwrap();
        assert!(text.contains(from), "{name} has no {from}");
        fs::write(root.join(name), text.replace(from, to)).unwrap();
    };
    let changes: Vec<(&str, &str, Told<'_>)> = vec![
        (
            "the answer",
            "1/body.json: it is not the body",
            Box::new(|root| edit(root, &format!("{full}/1/body.json"), "unhealthy", "healthy")),
        ),
        (
            "the header",
            "1/proof.tlog-proof: ",
            Box::new(|root| {
                edit(root, &format!("{full}/1/header.json"), "\"sealed_ms\":1", "\"sealed_ms\":2");
            }),
        ),
        (
            "a record in between",
            "4/header.json: number 2 of its sequence is followed by 4",
            Box::new(|root| {
                fs::remove_dir_all(root.join(full).join("3")).unwrap();
                fs::remove_dir_all(root.join("bundles/default/inventory.full/3")).unwrap();
            }),
        ),
        (
            "a bundle",
            "bundles/default/inventory.full/1: it is missing",
            Box::new(|root| {
                fs::remove_dir_all(root.join("bundles/default/inventory.full/1")).unwrap();
            }),
        ),
        (
            "a record of a bundle",
            "there is no record of this number",
            Box::new(|root| {
                fs::remove_dir_all(root.join("records/default/inventory.good")).unwrap();
            }),
        ),
        (
            "an artifact",
            "05_execution_receipt.json",
            Box::new(|root| {
                edit(root, "bundles/default/inventory.full/1/05_execution_receipt.json", "\"unhealthy\"", "\"healthy\"");
            }),
        ),
        (
            "the bundle of another run",
            "it is not the artifact that the record's body binds",
            Box::new(|root| {
                copy(&root.join("bundles/default/inventory.full/3"), &root.join("bundles/default/inventory.full/1"));
            }),
        ),
        (
            "the review",
            "verification_receipt.json: ",
            Box::new(|root| {
                edit(
                    root,
                    "bundles/default/inventory.full/1/verification_receipt.json",
                    "\"static_analysis_only\": true",
                    "\"static_analysis_only\": false",
                );
            }),
        ),
        ("the page", "REVIEW.md: ", Box::new(|root| edit(root, "bundles/default/inventory.full/1/REVIEW.md", "pass", "PASS"))),
        (
            "the other name",
            "it is the header of default/inventory.full@1",
            Box::new(|root| {
                fs::rename(root.join(full), root.join("records/default/inventory.fine")).unwrap();
            }),
        ),
    ];
    for (number, (what, expected, change)) in changes.into_iter().enumerate() {
        let name = format!("changed-{number}");
        copy(&home.path("out"), &home.path(&name));
        change(&home.path(&name));
        relist(&home.path(&name));
        let verify = home.tecrax(&format!("evidence verify {name}"));
        assert_eq!(verify.code, 1, "{what}: {verify:?}");
        assert!(verify.out.contains(expected), "{what}: {}", verify.out);
        // The review is the reading of upstream, not of the script.
        let (code, told) = script(&home.path(&name), &[]);
        let silent = ["the review", "the page", "a record of a bundle"].contains(&what);
        assert_eq!(code, i32::from(!silent), "{what}: {told}");
    }
}

/// Somebody with a key of their own can make a log and an export of it that fits in itself. The key tells.
#[test]
fn another_key_is_another_log() {
    let home = exported("");
    let root = home.path("out");
    let own = fs::read_to_string(root.join("checkpoint.vkey")).unwrap();
    let proof = fs::read_to_string(root.join("records/default/inventory.full/1/proof.tlog-proof")).unwrap();
    let proof = TlogProof::parse(&proof).unwrap();
    let said = proof.checkpoint.checkpoint();
    let stranger = SigningKey::from_seed(&said.origin, &[9; 32]).unwrap();
    let forged = Checkpoint { origin: said.origin.clone(), size: said.size, root: said.root }.sign(&stranger).unwrap();
    let old = proof.checkpoint.to_string();
    for (name, bytes) in files(&root) {
        if name.ends_with("proof.tlog-proof") || name == "checkpoint" {
            let text = String::from_utf8(bytes).unwrap().replace(&old, &forged.to_string());
            fs::write(root.join(name), text).unwrap();
        }
    }
    fs::write(root.join("checkpoint.vkey"), format!("{}\n", stranger.verifier())).unwrap();
    relist(&root);
    let alone = home.tecrax("evidence verify out");
    assert!(alone.code == 0 && alone.out.contains("compare it with one you got elsewhere"), "{alone:?}");
    assert_eq!(script(&root, &[]).0, 0);
    fs::write(home.path("known"), &own).unwrap();
    let known = home.tecrax("evidence verify out --key known");
    assert!(known.code == 1 && known.out.contains("checkpoint: signed by no key that is trusted here"), "{known:?}");
    assert_eq!(script(&root, &["--key", own.trim()]).0, 1);
    let kept = home.tecrax("evidence verify out --checkpoint state/checkpoint");
    assert!(kept.code == 1 && kept.out.contains("given checkpoint"), "{kept:?}");
}

#[test]
fn the_checkpoint_of_an_export_is_compared_with_one_kept_elsewhere() {
    let home = exported("");
    fs::copy(home.path("state/checkpoint"), home.path("kept")).unwrap();
    assert_eq!(home.tecrax("evidence verify out --checkpoint kept --key out/checkpoint.vkey").code, 0);
    home.tecrax("reconcile --once --force --allow-fixtures manifests");
    let later = home.tecrax("evidence verify out --checkpoint state/checkpoint");
    assert!(later.code == 78 && later.err.contains("an export is compared with a checkpoint of its own size"), "{later:?}");
}

#[test]
fn bundles_can_be_guarded() {
    let home = Home::new();
    fs::write(home.path("short"), "too short").unwrap();
    fs::write(home.path("key"), format!("{}\n", "k".repeat(40))).unwrap();
    fs::write(home.path("other"), "o".repeat(40)).unwrap();
    home.write("check.yaml", INVENTORY);
    home.write("good.yaml", &host("good", Some(50)));
    home.once();
    let short = home.tecrax("evidence export out --guard-key-file short");
    assert!(short.code == 78 && short.err.contains("at least 32 bytes"), "{short:?}");
    assert_eq!(home.tecrax("evidence export out --guard-key-file key").code, 0);
    assert!(home.path("out/bundles/default/inventory.good/1/kernel_guard_manifest.json").exists());
    assert_eq!(home.tecrax("evidence verify out").code, 0);
    assert_eq!(home.tecrax("evidence verify out --guard-key-file key").code, 0);
    let other = home.tecrax("evidence verify out --guard-key-file other");
    assert!(other.code == 1 && other.out.contains("guard"), "{other:?}");
    let bundle = home.tecrax("evidence verify out/bundles/default/inventory.good/1 --guard-key-file key");
    assert_eq!(bundle.code, 0, "{bundle:?}");
    for (name, bytes) in files(&home.path("out")) {
        assert!(!String::from_utf8_lossy(&bytes).contains(&"k".repeat(40)), "{name} holds the key");
    }
}

#[test]
fn a_place_that_is_taken_is_left_alone() {
    let home = exported("");
    let before = files(&home.path("out"));
    let again = home.tecrax("evidence export out");
    assert!(again.code == 78 && again.err.contains("is not empty"), "{again:?}");
    assert_eq!(files(&home.path("out")), before);
    fs::create_dir(home.path("empty")).unwrap();
    assert_eq!(home.tecrax("evidence export empty").code, 0);
    assert_eq!(home.tecrax("evidence export a/b/c").code, 0);
    for line in ["evidence verify empty", "evidence verify a/b/c"] {
        let ended: Ended = home.tecrax(line);
        assert_eq!(ended.code, 0, "{ended:?}");
    }
}
