//! Checkpoints of a state directory: keys, the file beside the database, the word on the summary line.

use crate::support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Barrier};

use crate::support::cli::{Ended, Home};
use crate::support::engine::Rig;
use crate::support::hosts::{INVENTORY, fleet, host};
use crate::support::log;
use crate::support::receiver::Receiver;
use tecrax::evidence::log::{SignedCheckpoint, SigningKey, VerifierKey};
use tecrax::store::{Db, StoreError, VerifyOptions, verify};
use tempfile::TempDir;

const PEM: &str =
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";

fn home() -> Home {
    let home = Home::new();
    home.write("check.yaml", INVENTORY);
    home.write("web.yaml", &host("web", Some(50)));
    home
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The checkpoints on the summary line.
fn told(ended: &Ended) -> Vec<SignedCheckpoint> {
    let line = ended.err.lines().find(|line| line.contains("; ran ")).unwrap_or_default();
    SignedCheckpoint::find_all(line).unwrap_or_default()
}

fn key_of(home: &Home) -> VerifierKey {
    let text = fs::read_to_string(home.state().join("checkpoint.key")).unwrap();
    let origin = Db::open_read_only(&home.state()).unwrap().origin().to_owned();
    SigningKey::parse(&origin, &text).unwrap().verifier().clone()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn a_pass_ends_its_summary_with_the_checkpoint_of_what_it_recorded() {
    let home = home();
    let first = home.once();
    let [checkpoint] = told(&first).try_into().unwrap_or_else(|_| panic!("{}", first.err));
    assert!(first.err.lines().any(|line| line.ends_with(&checkpoint.token().unwrap())), "{}", first.err);
    let db = Db::open_read_only(&home.state()).unwrap();
    let head = db.tree_head().unwrap();
    assert_eq!((checkpoint.checkpoint().size, checkpoint.checkpoint().root, head.size), (head.size, head.root, 2));
    checkpoint.verify(&[key_of(&home)]).unwrap();
    assert_eq!(db.verifier_keys().unwrap(), [key_of(&home)]);
    // The same stands beside the database, for its owner only.
    assert_eq!(fs::read_to_string(home.state().join("checkpoint")).unwrap(), checkpoint.to_string());
    assert_eq!((mode(&home.state().join("checkpoint")), mode(&home.state().join("checkpoint.key"))), (0o600, 0o600));
    // Nothing new, nothing signed: the same word again.
    assert_eq!(told(&home.once()), [checkpoint]);
    assert_eq!(Db::open_read_only(&home.state()).unwrap().checkpoints().unwrap().len(), 1);
    let quiet = home.tecrax("reconcile --once --allow-fixtures -q manifests");
    assert_eq!((quiet.code, quiet.err.as_str()), (0, ""));
    home.write("web.yaml", &host("web", Some(95)));
    let quiet = home.tecrax("reconcile --once --force --allow-fixtures -q manifests");
    assert!(quiet.code == 1 && !quiet.err.contains("checkpoint="), "{quiet:?}");
}

#[test]
fn the_checkpoint_is_written_where_it_is_asked_for() {
    let home = home();
    let file = home.path("elsewhere.note");
    let ended = home.tecrax("reconcile --once --allow-fixtures --checkpoint-file elsewhere.note manifests");
    assert_eq!(fs::read_to_string(&file).unwrap(), told(&ended)[0].to_string());
    let left: Vec<_> = fs::read_dir(home.dir.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains(".new-")), "{left:?}");
    // Where it can not be written, the pass has happened all the same, and the exit code says so.
    let ended = home.tecrax("reconcile --once --force --allow-fixtures --checkpoint-file absent/file manifests");
    assert_eq!(ended.code, 74, "{}", ended.err);
    assert!(ended.err.contains("absent/file") && ended.err.contains("ran 1, fresh 0"), "{}", ended.err);
}

#[test]
fn a_checkpoint_that_can_not_be_written_keeps_nobody_from_being_called() {
    let home = home();
    home.write("web.yaml", &host("web", Some(95)));
    let receiver = Receiver::start(&[]);
    let sink = "apiVersion: tecrax.io/v1alpha1\nkind: Sink\nmetadata: {name: hook}\nspec:\n  webhook: {url: \"URL\"}\n";
    home.write("sink.yaml", &sink.replace("URL", &receiver.url()));
    let ended = home.tecrax("reconcile --once --allow-fixtures --checkpoint-file absent/file manifests");
    assert_eq!(ended.code, 74, "{}", ended.err);
    assert!(ended.err.contains("absent/file") && ended.err.contains("ran 1, fresh 0"), "{}", ended.err);
    let open = home.tecrax("get escalations -o name").out;
    assert_eq!(open.lines().count(), 1, "{open}");
    assert_eq!(receiver.requests().len(), 1, "and its Sink has heard of it");
    let escalations = Db::open_read_only(&home.state()).unwrap().escalations().unwrap();
    let matter = escalations.into_values().next().unwrap().matter.unwrap();
    assert!(matter.context.run.unwrap().checkpoint.is_some(), "what was signed is with it");
}

#[test]
fn the_operators_key_signs_and_its_form_does_not_matter() {
    let home = home();
    fs::write(home.path("key.pem"), PEM).unwrap();
    fs::set_permissions(home.path("key.pem"), fs::Permissions::from_mode(0o600)).unwrap();
    let ended = home.tecrax("reconcile --once --allow-fixtures --checkpoint-key key.pem manifests");
    let origin = Db::open_read_only(&home.state()).unwrap().origin().to_owned();
    let key = SigningKey::parse(&origin, PEM).unwrap().verifier().clone();
    told(&ended)[0].verify(std::slice::from_ref(&key)).unwrap();
    assert!(!home.state().join("checkpoint.key").exists(), "no key is made beside the operator's");
    // By the environment, too; and a new key signs the same log anew.
    let ended = support::cli::ended(
        home.command().env("TECRAX_STATE_DIR", home.state()).env("TECRAX_CHECKPOINT_KEY", home.path("key.pem")).args([
            "reconcile",
            "--once",
            "--force",
            "--allow-fixtures",
            "manifests",
        ]),
    );
    told(&ended)[0].verify(&[key]).unwrap();
    let own = home.once();
    told(&own)[0].verify(&[key_of(&home)]).unwrap();
    assert_eq!(told(&own)[0].checkpoint(), told(&ended)[0].checkpoint());
    let report = verify(&home.state(), &VerifyOptions::default()).unwrap();
    assert!(report.is_sound() && report.keys.len() == 2, "{:?}", report.defects);
}

#[test]
fn keys_that_can_not_be_used_end_with_78_before_anything_runs() {
    let home = home();
    fs::write(home.path("garbage"), "garbage").unwrap();
    fs::set_permissions(home.path("garbage"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(home.path("open.pem"), PEM).unwrap();
    fs::set_permissions(home.path("open.pem"), fs::Permissions::from_mode(0o640)).unwrap();
    for (file, word) in
        [("garbage", "openssl genpkey"), ("open.pem", "chmod 600"), ("absent", "no such file"), ("manifests", "key")]
    {
        let ended = home.run(["reconcile", "--once", "--allow-fixtures", "--checkpoint-key", file, "manifests"]);
        assert_eq!(ended.code, 78, "{file}: {}", ended.err);
        assert!(ended.err.contains(file) && ended.err.contains(word), "{file}: {}", ended.err);
    }
    assert_eq!(Db::open_read_only(&home.state()).unwrap().log_size().unwrap(), 0);
}

#[test]
fn all_that_come_at_once_get_one_key() {
    let dir = TempDir::new().unwrap();
    let together = Arc::new(Barrier::new(8));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (directory, together) = (dir.path().to_owned(), Arc::clone(&together));
            std::thread::spawn(move || {
                together.wait();
                let mut db = Db::open(&directory, "origin").unwrap();
                let key = db.checkpoint_key(None).unwrap();
                db.checkpoint(&key, jiff::Timestamp::UNIX_EPOCH).unwrap();
                key.verifier().to_string()
            })
        })
        .collect();
    let mut keys: Vec<String> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    keys.dedup();
    assert_eq!(keys.len(), 1, "{keys:?}");
    let names: Vec<_> =
        fs::read_dir(dir.path()).unwrap().flatten().map(|entry| entry.file_name().into_string().unwrap()).collect();
    assert!(!names.iter().any(|name| name.contains(".new-")), "{names:?}");
}

#[test]
fn programs_that_start_at_once_sign_one_log_with_one_key() {
    let home = Home::new();
    home.write("fleet.yaml", &fleet(30));
    let children: Vec<_> = (0..3)
        .map(|_| {
            std::process::Command::new(env!("CARGO_BIN_EXE_tecrax"))
                .args(["reconcile", "--once", "--allow-fixtures", "manifests", "--state-dir"])
                .arg(home.state())
                .current_dir(home.dir.path())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let key = [key_of_all(&home, children)];
    let report = verify(&home.state(), &VerifyOptions::default()).unwrap();
    assert!(report.is_sound(), "{:?}", report.defects);
    assert_eq!((report.records, report.runs, report.keys.as_slice()), (60, 30, &key[..]));
    assert_eq!(report.latest.unwrap().size, 60);
}

/// Waits for the programs, checks what each has told, and returns the one key.
fn key_of_all(home: &Home, children: Vec<std::process::Child>) -> VerifierKey {
    let outputs: Vec<String> =
        children.into_iter().map(|child| String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap()).collect();
    let key = key_of(home);
    for output in &outputs {
        let checkpoints = SignedCheckpoint::find_all(output).unwrap_or_else(|error| panic!("{error}: {output}"));
        assert!(checkpoints.iter().all(|checkpoint| checkpoint.verify(std::slice::from_ref(&key)).is_ok()));
        let report = verify(&home.state(), &VerifyOptions { checkpoints, ..VerifyOptions::default() }).unwrap();
        assert!(report.is_sound() && report.continued == 1, "{:?}", report.defects);
    }
    key
}

#[test]
fn an_older_copy_is_not_signed_over_and_found_by_its_own_directory() {
    let home = home();
    home.once();
    copy(&home.state(), &home.path("old"));
    home.tecrax("reconcile --once --force --allow-fixtures manifests");
    // The database of then, the file of now.
    for name in ["tecrax.db", "tecrax.db-wal"] {
        fs::copy(home.path("old").join(name), home.state().join(name)).unwrap();
    }
    fs::remove_file(home.state().join("tecrax.db-shm")).unwrap();
    let found = verify(&home.state(), &VerifyOptions::default()).unwrap();
    let said: Vec<String> = found.defects.list().iter().map(ToString::to_string).collect();
    assert_eq!(said, ["file checkpoint: the log ends at 2: it was cut or is an older copy"]);
    let ended = home.once();
    assert_eq!(ended.code, 74, "{}", ended.err);
    assert!(ended.err.contains("it had 4 records and has 2") && !ended.err.contains("checkpoint="), "{}", ended.err);
    // Runs go on, and the file still says what it said, until a person has moved it away.
    assert_eq!(
        SignedCheckpoint::parse(&fs::read_to_string(home.state().join("checkpoint")).unwrap()).unwrap().checkpoint().size,
        4
    );
    let ended = home.tecrax("reconcile --once --force --allow-fixtures manifests");
    assert_eq!(ended.code, 74, "{}", ended.err);
    assert!(ended.err.contains("its first 4 records are others"), "{}", ended.err);
    fs::rename(home.state().join("checkpoint"), home.path("evidence")).unwrap();
    assert_eq!(home.once().code, 0);
}

#[test]
fn an_older_copy_of_everything_is_found_with_a_newer_checkpoint() {
    let home = home();
    let old = told(&home.once());
    copy(&home.state(), &home.path("old"));
    let new = told(&home.tecrax("reconcile --once --force --allow-fixtures manifests"));
    let with = |state: &Path, checkpoints: &[SignedCheckpoint]| {
        let keys = vec![key_of(&home)];
        let options = VerifyOptions { keys, checkpoints: checkpoints.to_vec(), ..VerifyOptions::default() };
        verify(state, &options).unwrap()
    };
    let report = with(&home.state(), &[old[0].clone(), new[0].clone()]);
    assert!(report.is_sound() && report.trusted && report.continued == 2, "{:?}", report.defects);
    assert!(with(&home.path("old"), &old).is_sound());
    let report = with(&home.path("old"), &new);
    assert_eq!(report.defects.list().len(), 1, "{:?}", report.defects);
    assert_eq!(report.defects.list()[0].to_string(), "given checkpoint at 4: the log ends at 2: it was cut or is an older copy");
    // A checkpoint of a stranger proves nothing, and one of another log is about something else.
    let stranger = SigningKey::from_seed(Db::open_read_only(&home.state()).unwrap().origin(), &[9; 32]).unwrap();
    let forged = new[0].checkpoint().clone().sign(&stranger).unwrap();
    let other = SigningKey::from_seed("other", &[9; 32]).unwrap();
    let elsewhere =
        tecrax::evidence::log::Checkpoint { origin: "other".to_owned(), ..new[0].checkpoint().clone() }.sign(&other).unwrap();
    let report = with(&home.state(), &[forged, elsewhere]);
    let said: Vec<String> = report.defects.list().iter().map(ToString::to_string).collect();
    assert!(said[0].contains("no key that is trusted") && said[1].contains("it is of the log other"), "{said:?}");
}

#[tokio::test]
async fn a_rewritten_past_does_not_continue_an_old_checkpoint() {
    // Two logs with one name and one key, the second not what the first was.
    let (first, second) = (Rig::new(), Rig::new());
    let key = SigningKey::from_seed("test-origin", &[4; 32]).unwrap();
    for (rig, used) in [(&first, 50), (&second, 51)] {
        rig.write("check.yaml", INVENTORY);
        rig.write("web.yaml", &host("web", Some(used)));
        rig.once().await;
    }
    let old = Db::open(&first.state(), "x").unwrap().checkpoint(&key, first.at).unwrap();
    let mut db = Db::open(&second.state(), "x").unwrap();
    db.checkpoint(&key, second.at).unwrap();
    let report = verify(&second.state(), &VerifyOptions { checkpoints: vec![old.clone()], ..VerifyOptions::default() }).unwrap();
    assert_eq!(report.defects.list().len(), 1, "{:?}", report.defects);
    assert!(report.defects.list()[0].what.contains("the log was rewritten"), "{:?}", report.defects);
    fs::write(second.state().join("checkpoint"), old.to_string()).unwrap();
    assert!(matches!(db.checkpoint(&key, second.at), Err(StoreError::Diverged { .. })));
}

#[test]
fn a_key_without_a_checkpoint_yet_is_used_and_a_lost_one_is_replaced() {
    let dir = TempDir::new().unwrap();
    let mut db = Db::open(dir.path(), "origin").unwrap();
    // A process that was killed after it made the key.
    let key = db.checkpoint_key(None).unwrap();
    assert!(verify(dir.path(), &VerifyOptions::default()).unwrap().is_sound());
    drop(db);
    let mut db = Db::open(dir.path(), "origin").unwrap();
    assert_eq!(db.checkpoint_key(None).unwrap().verifier(), key.verifier());
    let first = db.checkpoint(&key, jiff::Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(first.checkpoint().size, 0);
    fs::remove_file(dir.path().join("checkpoint.key")).unwrap();
    let new = db.checkpoint_key(None).unwrap();
    assert_ne!(new.verifier(), key.verifier());
    db.checkpoint(&new, jiff::Timestamp::UNIX_EPOCH).unwrap();
    let report = verify(dir.path(), &VerifyOptions::default()).unwrap();
    assert!(report.is_sound() && report.checkpoints == 2, "{:?}", report.defects);
    // The file is the one thing that knows better than the database: without it the directory says so.
    fs::remove_file(dir.path().join("checkpoint")).unwrap();
    let report = verify(dir.path(), &VerifyOptions::default()).unwrap();
    assert_eq!(report.defects.list()[0].to_string(), "file checkpoint: it is not there, and the database has checkpoints");
}

#[tokio::test]
async fn every_record_is_proven_against_the_latest_checkpoint() {
    let rig = Rig::new();
    rig.write("fleet.yaml", &fleet(150));
    rig.once().await;
    let mut db = Db::open(&rig.state(), "x").unwrap();
    assert!(db.prove(0).unwrap().is_none(), "nothing is signed yet");
    let key = db.checkpoint_key(None).unwrap();
    db.checkpoint(&key, rig.at).unwrap();
    let keys = [key.verifier().clone()];
    for index in 0..300 {
        let proof = db.prove(index).unwrap().unwrap();
        let record = db.record_at(index).unwrap().unwrap();
        let read = tecrax::evidence::log::TlogProof::parse(&proof.to_string()).unwrap();
        read.verify(&record.leaf, &keys).unwrap();
        // The header in the proof is all that an auditor needs.
        assert_eq!(tecrax::evidence::log::leaf_hash(&read.extra.unwrap()), record.leaf);
    }
    assert!(db.prove(300).unwrap().is_none());
    assert_eq!(log::verify(&rig.state()), 300);
}
