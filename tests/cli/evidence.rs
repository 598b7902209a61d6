//! `tecrax evidence`: what each command prints, and what scripts rely on.

use crate::support;

use std::fs;
use std::path::Path;

use crate::support::cli::{Ended, Home, ended, settings};
use crate::support::hosts::{INVENTORY, host};
use crate::support::log;
use serde_json::Value;
use tecrax::api::Digest;

/// One healthy and one full host; what was recorded of a third is closed by a tombstone.
fn lab() -> Home {
    let home = Home::new();
    home.write("check.yaml", INVENTORY);
    // One after the other: hosts of one pass may commit in any order.
    for (name, used) in [("full", 95), ("good", 50), ("gone", 50)] {
        home.write(&format!("{name}.yaml"), &host(name, Some(used)));
        assert_eq!(home.once().code, 1);
    }
    fs::remove_file(home.path("manifests/gone.yaml")).unwrap();
    assert_eq!(home.once().code, 1);
    home
}

fn filters(home: &Path) -> insta::Settings {
    let mut settings = settings(home, true);
    settings.add_filter(r"tecrax-\[SHORT\]", "[LOG]");
    settings.add_filter(r"\[LOG\]\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*", "[KEY]");
    settings.add_filter(r"checkpoint=\S+", "[TOKEN]");
    settings.add_filter(r"(?m)^extra \S+$", "extra [HEADER]");
    settings.add_filter(r"(?m)^[A-Za-z0-9+/]{43}=$", "[HASH]");
    settings.add_filter(r"(?m)^— \S+ \S+$", "— [LOG] [SIGNATURE]");
    settings.add_filter(r"sealed_ms: \d+", "sealed_ms: [MS]");
    // Sizes of parts hang on names of machines and instants.
    settings.add_filter(r"(?m)^(  [a-z_]+) +\d+ +\[DIGEST\]$", "$1   [BYTES]   [DIGEST]");
    settings
}

fn screen(home: &Home, name: &str, lines: &[&str]) {
    let text: Vec<String> = lines.iter().map(|line| format!("$ tecrax {line}\n{}", home.tecrax(line).screen())).collect();
    filters(home.dir.path()).bind(|| insta::assert_snapshot!(name, text.join("\n")));
}

#[test]
fn help_of_every_command() {
    let home = Home::new();
    for command in ["", "list", "show", "verify", "export", "prove", "report", "prune", "replay"] {
        let ended = home.tecrax(format!("evidence {command} --help").replace("  ", " ").trim());
        assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{command}");
        insta::assert_snapshot!(format!("help_evidence_{command}"), ended.out);
    }
}

#[test]
fn before_any_run() {
    let home = Home::new();
    screen(
        &home,
        "before_any_run",
        &[
            "evidence list",
            "evidence list -o json",
            "evidence show ntp.web",
            "evidence verify",
            "evidence export out",
            "evidence prove 0",
            "evidence report --from 7d",
            "evidence prune --dry-run",
            "evidence prune",
            "evidence replay",
        ],
    );
    assert!(!home.state().exists(), "nothing is made by looking");
    assert!(!home.path("out").exists());
}

#[test]
fn lists() {
    let home = lab();
    screen(
        &home,
        "list",
        &[
            "evidence list",
            "evidence list -o wide --kind run",
            "evidence list -o name --limit 3",
            "evidence list inventory.full -o name",
            "evidence list --kind tombstone.v1",
            "evidence list --kind tombston",
            "evidence list -l site=lab -o name",
            "evidence list -l site=elsewhere",
            "evidence list -n nowhere",
            "evidence list --until 1d",
            "evidence list inventory.ful",
        ],
    );
    let all = home.tecrax("evidence list -o json");
    let value: Value = serde_json::from_str(&all.out).unwrap();
    let rows = log::rows(&home.state());
    let items = value["items"].as_array().unwrap();
    assert_eq!(items.len(), rows.len() + log::escalations(&home.state()).len());
    let indexes: Vec<u64> = items.iter().map(|item| item["index"].as_u64().unwrap()).collect();
    assert!(indexes.is_sorted_by(|left, right| left > right), "newest first: {indexes:?}");
    // Every name of the list names its record.
    for (name, item) in home.tecrax("evidence list -o name").out.lines().zip(items) {
        let shown: Value = serde_json::from_str(&home.tecrax(&format!("evidence show {name} -o json")).out).unwrap();
        assert_eq!(shown["index"], item["index"], "{name}");
        assert_eq!(shown["header"], item["header"], "{name}");
    }
}

#[test]
fn one_record() {
    let home = lab();
    screen(
        &home,
        "show",
        &[
            "evidence show inventory.full@1",
            "evidence show inventory.gone@3 -o yaml",
            "evidence show inventory.gone@4",
            "evidence show inventory.ful",
            "evidence show log",
            "evidence show 4711",
            "evidence show inventory.full@0",
            "evidence show inventory.full@2 --part execution_receipt",
        ],
    );
    let latest = home.tecrax("evidence show inventory.good -o json");
    let latest: Value = serde_json::from_str(&latest.out).unwrap();
    assert_eq!((&latest["header"]["kind"], &latest["header"]["seq"]), (&"run.v1".into(), &1.into()), "a run, not its reaction");
    let described = home.tecrax("describe inventory.good").out;
    assert!(described.contains("tecrax evidence show inventory.good@1"), "{described}");
}

#[test]
fn parts_are_the_bytes_that_the_body_binds() {
    let home = lab();
    let part = |name: &str| {
        let mut command = home.command();
        command.env("TECRAX_STATE_DIR", home.state()).args(["evidence", "show", "inventory.full@1", "--part", name]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{name}: {output:?}");
        output.stdout
    };
    let body: Value = serde_json::from_slice(&part("body")).unwrap();
    let header: Value = serde_json::from_slice(&part("header")).unwrap();
    let shown: Value = serde_json::from_str(&home.tecrax("evidence show inventory.full@1 -o json").out).unwrap();
    assert_eq!(header["body"], Digest::of(&part("body")).to_string());
    assert_eq!(shown["leaf"], Digest::of_joined(&[&[0], &part("header")]).to_string());
    let bound = body["parts"].as_object().unwrap();
    assert_eq!(bound.len(), 7, "{bound:?}");
    for (name, digest) in bound {
        assert_eq!(*digest, Digest::of(&part(name)).to_string(), "{name}");
        assert_eq!(shown["parts"][name]["content"], serde_json::from_slice::<Value>(&part(name)).unwrap(), "{name}");
    }
}

#[test]
fn verifying_the_state() {
    let home = lab();
    screen(&home, "verify_state", &["evidence verify", "evidence verify --quick", "evidence replay"]);
    let json: Value = serde_json::from_str(&home.tecrax("evidence verify -o json").out).unwrap();
    assert_eq!((&json["verdict"], &json["wrong"]), (&"pass".into(), &Value::Array(Vec::new())));
    assert_eq!(json["bundles"]["checked"], json["bundles"]["upstream_pass"]);
    let index = log::rows(&home.state()).iter().position(|row| row.pair == "default/inventory.full" && row.seq == 1).unwrap();
    log::open(&home.state())
        .execute_batch(&format!(
            "DROP TRIGGER log_keeps_meaning; UPDATE log SET body = CAST(replace(CAST(body AS TEXT), 'unhealthy', 'healthy') AS BLOB) WHERE idx = {index};
             UPDATE pairs SET state = replace(state, 'unhealthy', 'healthy');"
        ))
        .unwrap();
    let broken = home.tecrax("evidence verify");
    assert_eq!(broken.code, 1, "{broken:?}");
    assert!(broken.out.contains(&format!("record {index} (default/inventory.full@1): its body is not")), "{}", broken.out);
    let json: Value = serde_json::from_str(&home.tecrax("evidence verify -o json").out).unwrap();
    let wrong = json["wrong"].as_array().unwrap();
    let record = wrong.iter().find(|wrong| !wrong["record"].is_null()).unwrap();
    assert_eq!(record["record"], serde_json::json!({"index": index, "subject": "default/inventory.full", "seq": 1}));
    let replay = home.tecrax("evidence replay");
    assert_eq!(replay.code, 1, "{replay:?}");
    assert!(replay.out.contains("WRONG: default/inventory.full: "), "{}", replay.out);
    let report = home.tecrax("evidence report --from 1d");
    assert!(report.code == 1 && report.out.contains("wrong**: "), "{report:?}");
}

fn token(pass: &Ended) -> String {
    pass.err.split_whitespace().find(|word| word.starts_with("checkpoint=")).expect(&pass.err).to_owned()
}

#[test]
fn a_checkpoint_kept_elsewhere_finds_an_older_copy() {
    let home = lab();
    for entry in fs::read_dir(home.state()).unwrap().flatten() {
        fs::create_dir_all(home.path("older")).unwrap();
        fs::copy(entry.path(), home.path("older").join(entry.file_name())).unwrap();
    }
    let pass = home.tecrax("reconcile --once --force --allow-fixtures manifests");
    let mail = format!("From: cron\n\nall is well {}\r\nbye\n", token(&pass));
    let verify = |arguments: &[&str], stdin: &str| {
        let mut command = home.command();
        command.env("TECRAX_STATE_DIR", home.state()).args(["evidence", "verify"]).args(arguments);
        ended(command.write_stdin(stdin.to_owned()))
    };
    let here = verify(&["--checkpoint", "-"], &mail);
    assert_eq!(here.code, 0, "{here:?}");
    assert!(here.out.contains("1 of 1 are continued by this log"), "{}", here.out);
    let older = verify(&["older", "--checkpoint", "-"], &mail);
    assert_eq!(older.code, 1, "{older:?}");
    assert!(older.out.contains("it was cut or is an older copy"), "{}", older.out);
    // The file in the state directory is a checkpoint, too; with the key as a word or as a file.
    let known: Value = serde_json::from_str(&verify(&["-o", "json"], "").out).unwrap();
    let key = known["key"]["vkey"].as_str().unwrap();
    fs::write(home.path("known.vkey"), format!("{key}\n")).unwrap();
    for key in [key, "known.vkey"] {
        let ended = verify(&["--checkpoint", "state/checkpoint", "--key", key], "");
        let size = known["tree"]["size"].as_u64().unwrap();
        assert!(
            ended.code == 0 && ended.out.contains(&format!("the first {size} of {size} records by the given key")),
            "{ended:?}"
        );
    }
    // A stranger's key: nothing that is signed here is trusted.
    let stranger = tecrax::evidence::log::SigningKey::from_seed(key.split('+').next().unwrap(), &[7; 32]).unwrap();
    let ended = verify(&["--key", &stranger.verifier().to_string()], "");
    assert!(ended.code == 1 && ended.out.contains("no checkpoint of this log is signed by the given key"), "{ended:?}");
}

#[test]
fn proofs() {
    let home = lab();
    screen(
        &home,
        "prove",
        &["evidence prove inventory.full", "evidence prove inventory.full@9", "evidence prove 0 --checkpoint state/checkpoint"],
    );
    let proof = home.tecrax("evidence prove inventory.full@1 --header header.json").out;
    let header = fs::read(home.path("header.json")).unwrap();
    let proof = tecrax::evidence::log::TlogProof::parse(&proof).unwrap();
    assert_eq!(proof.extra.as_ref(), Some(&header));
    let key: Value = serde_json::from_str(&home.tecrax("evidence verify -o json").out).unwrap();
    let key = tecrax::evidence::log::VerifierKey::parse(key["key"]["vkey"].as_str().unwrap()).unwrap();
    proof.verify(&Digest::of_joined(&[&[0], &header]), &[key]).unwrap();
}

#[test]
fn retention_by_hand() {
    let home = lab();
    screen(
        &home,
        "prune",
        &["evidence prune --dry-run", "evidence prune", "evidence prune --older-than never", "evidence prune --max-bytes 2GiBs"],
    );
    // Enough for two blocks of 256; a clock that does not move makes them old enough at once.
    home.write("fleet.yaml", &support::hosts::fleet(150).replace(INVENTORY, ""));
    for _ in 0..2 {
        home.tecrax("reconcile --once --force --allow-fixtures manifests");
    }
    let before = home.tecrax("get -o json").out;
    let due = home.tecrax("evidence prune --older-than 1ns --dry-run");
    assert_eq!(due.code, 78, "{due:?}");
    let due = home.tecrax("evidence prune --max-bytes 1 --dry-run");
    assert!(due.code == 0 && due.out.contains("512 records would be dropped: 0 to 511, by bytes"), "{due:?}");
    let dropped = home.tecrax("evidence prune --max-bytes 1");
    assert!(dropped.code == 0 && dropped.out.contains("512 records were dropped: 0 to 511"), "{dropped:?}");
    assert!(dropped.err.contains("checkpoint="), "{dropped:?}");
    let verify = home.tecrax("evidence verify");
    assert!(verify.code == 0 && verify.out.contains("retention has dropped the records before 512"), "{verify:?}");
    assert_eq!(home.tecrax("evidence replay").code, 0);
    assert_eq!(home.tecrax("get -o json").out, before, "the status stays what it is");
    let gone = home.tecrax("evidence show 0");
    assert!(gone.code == 78 && gone.err.contains("retention drops the oldest"), "{gone:?}");
    let log = home.tecrax("evidence show log");
    assert!(log.code == 0 && log.out.contains("Says:       512 dropped"), "{log:?}");
    let report = home.tecrax("evidence report --from 1d");
    assert!(report.out.contains("| 512 | "), "{}", report.out);
    let export = home.tecrax("evidence export out");
    assert_eq!(export.code, 0, "{export:?}");
    assert_eq!(home.tecrax("evidence verify out").code, 0);
    assert!(home.path("out/records/log/1/header.json").exists(), "the seal is part of it");
}

#[test]
fn bad_values_are_78_and_unreadable_things_74() {
    let home = lab();
    fs::write(home.path("empty"), "").unwrap();
    fs::write(home.path("words"), "nothing of that kind").unwrap();
    fs::create_dir(home.path("nothing")).unwrap();
    for (line, code) in [
        ("evidence", 64),
        ("evidence report", 64),
        ("evidence nonsense", 64),
        ("evidence show inventory.full --part body -o json", 64),
        ("evidence list --limit 0", 78),
        ("evidence list --limit many", 78),
        ("evidence list --since yesterday", 78),
        ("evidence list --since 2026-03-02 --until 2026-03-01", 78),
        ("evidence list -l a=(b", 78),
        ("evidence list -n A", 78),
        ("evidence list a/b", 78),
        ("evidence show x", 78),
        ("evidence show inventory.full@1 --part nothing", 78),
        ("evidence verify --key nothing-like-it", 78),
        ("evidence verify --key words", 78),
        ("evidence verify --checkpoint words", 78),
        ("evidence verify --checkpoint absent", 78),
        ("evidence verify --guard-key-file empty", 78),
        ("evidence verify absent", 74),
        ("evidence verify words", 74),
        ("evidence verify nothing", 74),
        ("evidence verify --state-dir nothing", 74),
        ("evidence export out inventory.ful", 78),
        ("evidence export out --guard-key-file words", 78),
        ("evidence export manifests", 78),
        ("evidence export words", 78),
        ("evidence report --from 1d -o nothing/below/x", 74),
        ("evidence prove inventory.full --checkpoint words", 78),
    ] {
        let ended = home.tecrax(line);
        assert_eq!(ended.code, code, "{line}: {ended:?}");
        assert_eq!(ended.out, "", "{line}");
        assert!(!ended.err.is_empty(), "{line}");
    }
    assert!(!home.path("out").exists());
    assert_eq!(
        fs::read_dir(home.dir.path())
            .unwrap()
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(".out"))
            .count(),
        0
    );
}

#[test]
fn quiet_when_all_is_well() {
    let home = lab();
    for line in ["-q evidence verify", "-q evidence replay", "-q evidence list", "-q evidence prune", "-q evidence export out"] {
        let ended = home.tecrax(line);
        assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (0, "", ""), "{line}");
    }
    assert!(home.path("out/checkpoint").exists());
}
