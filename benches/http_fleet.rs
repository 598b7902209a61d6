//! 1,000 Targets with the Zabbix version check over plain HTTP on loopback, one pass with evidence on disk.
//!
//! Beside it, in turn: a plain loop that makes the same requests and commits as many bytes in the same groups (goal: at least
//! half its rate), goss 0.4.9, which keeps nothing (goal: at most 1.2 times its wall time), and prometheus-blackbox-exporter, which
//! keeps nothing either (goal: less processor time a check).

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench that can not measure may stop")]
#![allow(clippy::disallowed_methods, reason = "it starts the program and measures it from outside")]
#![allow(clippy::cast_precision_loss, reason = "figures are for reading")]

mod support;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use futures::stream::{self, StreamExt as _};
use rusqlite::{Connection, params};
use support::nginx::Nginx;
use support::{Cost, TECRAX, cost, peers, stats};

const TARGETS: usize = 1_000;
const ROUNDS: usize = 10;
/// Most runs of one commit, as the engine groups them.
const GROUP: usize = 128;
/// Requests of the plain loop that are under way at once.
const AT_ONCE: usize = 64;
/// With port and bytes of a run, this program is the plain loop: a process of its own, as every other contender is.
const PLAIN: &str = "--plain-loop";
const BODY: &str = r#"{"id":1,"jsonrpc":"2.0","method":"apiinfo.version","params":{}}"#;

fn main() {
    let mut arguments = std::env::args().skip_while(|argument| argument != PLAIN).skip(1);
    if let (Some(port), Some(each)) = (arguments.next(), arguments.next()) {
        return plain(port.parse().unwrap(), each.parse().unwrap());
    }
    let rounds = support::rounds(ROUNDS);
    let nginx = Nginx::start();
    let home = support::empty_dir();
    let manifests = home.path().join("fleet.yaml");
    write_manifests(nginx.port, &manifests);
    let goss = peers::debian("goss", "trixie", "usr/bin/goss");
    let file = home.path().join("goss.json");
    gossfile(&nginx, &file);
    let blackbox = peers::Blackbox::start();

    let mut bytes = 0;
    let first = once(&manifests, &mut bytes);
    println!("{} bytes of evidence for {TARGETS} runs; first pass {:.0} ms", bytes, first.wall * 1e3);
    let each = bytes / TARGETS;
    let costs = support::in_turn(
        rounds,
        &mut [
            &mut || once(&manifests, &mut bytes),
            &mut || {
                cost(Command::new(std::env::current_exe().unwrap()).args([PLAIN, &nginx.port.to_string(), &each.to_string()]))
            },
            &mut || {
                cost(Command::new(&goss).arg("-g").arg(&file).args(["validate", "--format", "silent", "--max-concurrent", "50"]))
            },
            &mut || blackbox.probe(&nginx, TARGETS),
        ],
    );
    let wall: Vec<Vec<f64>> = costs.iter().map(|costs| stats::each(costs, stats::WALL)).collect();
    let cpu: Vec<Vec<f64>> =
        costs.iter().map(|costs| costs.iter().map(|cost| cost.cpu * 1e3 / TARGETS as f64).collect()).collect();
    stats::head(&format!("{TARGETS} Targets, one HTTP check each"), rounds);
    stats::line("tecrax reconcile --once, wall ms", &wall[0]);
    stats::line("a plain loop with the same requests and commits, wall ms", &wall[1]);
    stats::line("goss validate, wall ms", &wall[2]);
    stats::ratio("tecrax / plain loop, wall", &wall[0], &wall[1], Some(2.0));
    stats::ratio("tecrax / goss, wall", &wall[0], &wall[2], Some(1.2));
    stats::line("tecrax, CPU ms a check", &cpu[0]);
    stats::line("a plain loop, CPU ms a check", &cpu[1]);
    stats::line("goss, CPU ms a check", &cpu[2]);
    stats::line("blackbox_exporter, CPU ms a check", &cpu[3]);
    stats::ratio("tecrax / blackbox_exporter, CPU", &cpu[0], &cpu[3], Some(1.0));
    phases(&nginx, home.path(), rounds);
}

/// Where the time of a pass goes: extra passes against a server that notes when it answers.
fn phases(nginx: &Nginx, directory: &Path, rounds: usize) {
    let manifests = directory.join("noted.yaml");
    write_manifests(nginx.noted_port, &manifests);
    let mut phases = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..rounds {
        let began = now();
        let wall = once(&manifests, &mut 0).wall;
        let answers = nginx.answers();
        assert_eq!(answers.len(), TARGETS);
        let [first, last] = [answers[0], answers[TARGETS - 1]].map(|at| (at - began) * 1e3);
        phases[0].push(first);
        phases[1].push(last - first);
        phases[2].push(wall * 1e3 - last);
    }
    stats::head("where the time goes, in extra passes", rounds);
    stats::line("tecrax, start to first answer, ms", &phases[0]);
    stats::line("tecrax, first to last answer, ms", &phases[1]);
    stats::line("tecrax, last answer to exit, ms", &phases[2]);
}

/// Seconds since 1970, as the server counts them.
fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64()
}

fn write_manifests(port: u16, file: &Path) {
    let mut text = support::manifests::check("check_zabbix_container_health");
    for index in 0..TARGETS {
        write!(
            text,
            "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: zabbix-{index:04}, labels: {{bench: \"yes\"}}}}\nspec:\n  \
             type: Host\n  connections:\n  - {{name: zabbix, http: {{baseURL: \"{}\"}}}}\n",
            support::nginx::url(port, index)
        )
        .unwrap();
    }
    std::fs::write(file, text).unwrap();
}

fn gossfile(nginx: &Nginx, file: &Path) {
    let checks: serde_json::Map<String, serde_json::Value> = (0..TARGETS)
        .map(|index| {
            let url = format!("{}/api_jsonrpc.php", nginx.url(index));
            let check = serde_json::json!({
                "status": 200,
                "timeout": 5000,
                "method": "POST",
                "request-body": BODY,
                "body": ["\"result\":\"6.0.14\""],
            });
            (url, check)
        })
        .collect();
    std::fs::write(file, serde_json::json!({"http": checks}).to_string()).unwrap();
}

/// One pass on a fresh state directory; sets `bytes` to what it added to the database, once everything of the write-ahead log is
/// copied back into it.
fn once(manifests: &Path, bytes: &mut usize) -> Cost {
    let state = tempfile::tempdir_in(support::scratch()).unwrap();
    let mut command = Command::new(TECRAX);
    let cost = cost(command.arg("--state-dir").arg(state.path()).args(["reconcile", "--once"]).arg(manifests));
    assert!(cost.stderr.contains(&format!("{TARGETS} healthy; ran {TARGETS}")), "{}", cost.stderr);
    let file = state.path().join("tecrax.db");
    let copy = Connection::open(&file).unwrap().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
    assert_eq!(copy.unwrap(), 0, "somebody else has the database open");
    *bytes = usize::try_from(std::fs::metadata(file).unwrap().len()).unwrap();
    cost
}

/// The same requests over one pool of connections; `each` bytes a run are committed in groups.
fn plain(port: u16, each: usize) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let dir = tempfile::tempdir_in(support::scratch()).unwrap();
    let mut connection = Connection::open(dir.path().join("plain.db")).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE runs (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;",
        )
        .unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        let urls: Vec<String> =
            (0..TARGETS).map(|index| format!("{}/api_jsonrpc.php", support::nginx::url(port, index))).collect();
        let answers = stream::iter(urls).map(|url| {
            let request = client.post(url).header("content-type", "application/json").body(BODY);
            async move { request.send().await.unwrap().bytes().await.unwrap() }
        });
        let mut groups = answers.buffer_unordered(AT_ONCE).chunks(GROUP);
        while let Some(group) = groups.next().await {
            let transaction = connection.transaction().unwrap();
            for answer in group {
                let mut row = answer.to_vec();
                row.resize(each, b'.');
                transaction.execute("INSERT INTO runs (bytes) VALUES (?1)", params![row]).unwrap();
            }
            transaction.commit().unwrap();
        }
    });
}
