//! A world of hostile servers, all at once: each run ends within its bound, memory stays bounded, and whoever is honest is served.

use crate::support::sshd;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::support::cli::Home;
use crate::support::hostile::http::PEERS;
use crate::support::hostile::ssh::{ODD, RAW};
use crate::support::hostile::{ssh, tcp};
use crate::support::log;
use jiff::Timestamp;
use serde_json::Value;

/// Time for a whole run, in seconds.
const TIMEOUT: u8 = 4;
/// Peak memory of the program, in MiB, with one honest target against all of these.
const MAX_GROWTH: u64 = 256;
/// Runs a program and tells its peak memory, in KiB, on the last line of its standard error.
const MEASURE: &str = "import resource,subprocess,sys\ncode=subprocess.call(sys.argv[1:])\n\
                       print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,file=sys.stderr)\nsys.exit(code)";

fn checks() -> String {
    ["zabbix:check_zabbix_container_health", "os:collect_basic_host_inventory"].map(check).concat()
}

fn check(what: &str) -> String {
    let (label, intent) = what.split_once(':').unwrap();
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: {label}}}\nspec:\n  intent: {intent}\n  timeout: {TIMEOUT}s\n  \
         targetSelector: {{matchLabels: {{asked: {label}}}}}\n"
    )
}

fn target(name: &str, asked: &str, connection: &str) -> String {
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}, labels: {{asked: {asked}}}}}\n\
         spec: {{type: Host, connections: [{{name: {asked}, {connection}}}]}}\n"
    )
}

fn over_http(name: &str, port: u16) -> String {
    target(name, "zabbix", &format!("http: {{baseURL: \"http://127.0.0.1:{port}/zabbix\"}}"))
}

fn over_ssh(name: &str, port: u16, key: &Path) -> String {
    let (file, known) = (key.display(), sshd::public_key(key));
    let way = format!(
        "host: 127.0.0.1, port: {port}, user: anna, connectTimeout: 2s, identity: {{file: {file}}}, hostKeys: {{inline: [\"[127.0.0.1]:{port} {known}\"]}}"
    );
    target(name, "os", &format!("ssh: {{{way}}}"))
}

/// One pass over `home`: exit code, both streams, peak memory in MiB.
fn pass(home: &Home) -> (i32, String, u64) {
    let output = Command::new("python3")
        .args(["-I", "-c", MEASURE, env!("CARGO_BIN_EXE_tecrax"), "reconcile", "--once", "--force", "manifests"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home.dir.path())
        .env("TECRAX_STATE_DIR", home.state())
        .current_dir(home.dir.path())
        .output()
        .expect("python3: run tests/run, which installs it");
    let err = String::from_utf8(output.stderr).expect("UTF-8");
    let kib: u64 = err.lines().last().and_then(|line| line.parse().ok()).unwrap_or_else(|| panic!("no measure in {err}"));
    (output.status.code().expect("a code"), String::from_utf8(output.stdout).expect("UTF-8") + &err, kib / 1024)
}

fn seconds(run: &Value) -> f64 {
    let at = |key: &str| run[key].as_str().unwrap().parse::<Timestamp>().unwrap();
    at("ended").duration_since(at("started")).as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_hostile_servers_at_once_cost_time_and_memory_within_bounds_and_no_neighbour() {
    let honest = target("honest", "os", "local: {}");
    let calm = Home::new();
    calm.write("checks.yaml", &checks());
    calm.write("targets.yaml", &honest);
    let (_, said, usual) = tokio::task::spawn_blocking(move || pass(&calm)).await.unwrap();
    assert!(said.contains("ran 1"), "{said}");

    let home = Home::new();
    let key = home.path("id");
    sshd::keygen("ed25519", &key);
    let mut targets = honest;
    let mut expected: Vec<(&str, &str, &[&str])> = Vec::new();
    for peer in PEERS {
        targets += &over_http(peer.name, tcp::start(peer.act).await);
        expected.push(("zabbix", peer.name, peer.reasons));
    }
    for peer in RAW {
        targets += &over_ssh(peer.name, tcp::start(peer.act).await, &key);
        expected.push(("os", peer.name, peer.reasons));
    }
    for (name, odd, reasons) in ODD {
        targets += &over_ssh(name, ssh::start(*odd, &key).await, &key);
        expected.push(("os", name, reasons));
    }
    assert!(expected.len() >= 32, "{}", expected.len());
    home.write("checks.yaml", &checks());
    home.write("targets.yaml", &targets);
    let (home, (code, said, peak)) = tokio::task::spawn_blocking(move || {
        let passed = pass(&home);
        (home, passed)
    })
    .await
    .unwrap();

    assert_eq!(code, 2, "{said}");
    assert!(!said.contains(['\u{1b}', '\u{9b}', '\u{7}']), "escapes of a server reach the terminal: {said:?}");
    assert!(peak <= usual + MAX_GROWTH, "{peak} MiB, and {usual} MiB for an honest target alone");
    let mut wrong = String::new();
    for (check, name, reasons) in expected {
        for run in log::runs(&home.state(), &format!("default/{check}.{name}")) {
            let took = seconds(&run);
            let reason = run["reason"].as_str().unwrap_or_default();
            let found: Vec<&str> = run["findings"].as_array().unwrap().iter().filter_map(|f| f["reasonCode"].as_str()).collect();
            if took > f64::from(TIMEOUT) + 1.0
                || run["assessment"] == "healthy"
                || !found.iter().any(|code| reasons.contains(code))
            {
                writeln!(wrong, "{name}: {took} s, {}, {reason}, {found:?}, wanted one of {reasons:?}", run["assessment"])
                    .unwrap();
            }
        }
        assert!(!log::runs(&home.state(), &format!("default/{check}.{name}")).is_empty(), "{name} has no run");
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    let honest = log::runs(&home.state(), "default/os.honest");
    assert_eq!(honest.first().map(|run| run["coverage"].clone()), Some(Value::from("complete")), "{honest:?}");
    log::verify(&home.state());
}
