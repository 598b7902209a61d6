//! A world of hostile servers, all at once: each run ends within its bound, memory stays bounded, and whoever is honest is served.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::certs::{Ca, VALID};
use crate::support::cli::Home;
use crate::support::hostile::http::PEERS;
use crate::support::hostile::ssh::Odd;
use crate::support::hostile::withheld::Records;
use crate::support::hostile::{ssh, tcp, tls, withheld};
use crate::support::log;
use crate::support::sshd::{self, Sshd};
use jiff::Timestamp;
use serde_json::Value;

/// Time for a whole run, in seconds.
const TIMEOUT: u8 = 4;
/// Targets at once: fewer than there are bad servers, so that somebody comes after them.
const AT_ONCE: &str = "40";
/// Peak memory of the program, in MiB, with the honest targets against all of these.
const MAX_GROWTH: u64 = 256;
/// Runs a program and tells its peak memory, in KiB, on the last line of its standard error.
const MEASURE: &str = "import resource,subprocess,sys\ncode=subprocess.call(sys.argv[1:])\n\
                       print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,file=sys.stderr)\nsys.exit(code)";

fn checks() -> String {
    [
        check("zabbix", "check_zabbix_container_health", TIMEOUT),
        check("os", "collect_basic_host_inventory", TIMEOUT),
        // A login of a real server and a dozen commands take their time on a busy machine, and that is no matter of this test.
        check("calm", "collect_basic_host_inventory", 4 * TIMEOUT),
    ]
    .concat()
}

fn check(label: &str, intent: &str, timeout: u8) -> String {
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: {label}}}\nspec:\n  intent: {intent}\n  timeout: {timeout}s\n  \
         targetSelector: {{matchLabels: {{asked: {label}}}}}\n"
    )
}

fn target(name: &str, asked: &str, connection: &str) -> String {
    let role = if asked == "zabbix" { "zabbix" } else { "os" };
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: {name}, labels: {{asked: {asked}}}}}\n\
         spec: {{type: Host, connections: [{{name: {role}, {connection}}}]}}\n"
    )
}

fn over_http(name: &str, port: u16) -> String {
    target(name, "zabbix", &format!("http: {{baseURL: \"http://127.0.0.1:{port}/zabbix\"}}"))
}

fn over_tls(name: &str, port: u16, ca: &Path) -> String {
    let tls = format!("tls: {{caFrom: {{file: \"{}\"}}}}", ca.display());
    target(name, "zabbix", &format!("http: {{baseURL: \"https://127.0.0.1:{port}/zabbix\", {tls}}}"))
}

fn over_ssh(name: &str, port: u16, key: &Path) -> String {
    target(name, "os", &way(port, "anna", key, &sshd::public_key(key), ""))
}

/// `more`: further fields of the connection, each with a comma behind it.
fn way(port: u16, user: &str, key: &Path, known: &str, more: &str) -> String {
    let file = key.display();
    format!(
        "ssh: {{{more}host: 127.0.0.1, port: {port}, user: {user}, connectTimeout: 2s, identity: {{file: {file}}}, \
         hostKeys: {{inline: [\"[127.0.0.1]:{port} {known}\"]}}}}"
    )
}

/// One pass over `home`: exit code, both streams, peak memory in MiB, and how long all of it took.
fn pass(home: &Home) -> (i32, String, u64, Duration) {
    let began = Instant::now();
    let output = Command::new("python3")
        .args(["-I", "-c", MEASURE, env!("CARGO_BIN_EXE_tecrax"), "reconcile", "--once", "--force"])
        .args(["--max-targets", AT_ONCE, "manifests"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home.dir.path())
        .env("TECRAX_STATE_DIR", home.state())
        .current_dir(home.dir.path())
        .output()
        .expect("python3: run tests/run, which installs it");
    let took = began.elapsed();
    let err = String::from_utf8(output.stderr).expect("UTF-8");
    let kib: u64 = err.lines().last().and_then(|line| line.parse().ok()).unwrap_or_else(|| panic!("no measure in {err}"));
    (output.status.code().expect("a code"), String::from_utf8(output.stdout).expect("UTF-8") + &err, kib / 1024, took)
}

/// What every peer that means no good is asked: check and name of the pair, and the reasons that its run may give.
type Expected = Vec<(&'static str, &'static str, &'static [&'static str])>;

/// Starts all of them; the manifests of their Targets.
async fn peers(home: &Home) -> (String, Expected) {
    let key = home.path("id");
    sshd::keygen("ed25519", &key);
    let mut targets = String::new();
    let mut expected = Expected::new();
    for peer in PEERS {
        targets += &over_http(peer.name, tcp::start(peer.act).await);
        expected.push(("zabbix", peer.name, peer.reasons));
    }
    for peer in ssh::RAW {
        targets += &over_ssh(peer.name, tcp::start(peer.act).await, &key);
        expected.push(("os", peer.name, peer.reasons));
    }
    for (name, odd, reasons) in ssh::ODD {
        targets += &over_ssh(name, ssh::start(*odd, &key).await, &key);
        expected.push(("os", name, reasons));
    }
    let good = ssh::start(Odd::NeverEnds, &key).await;
    for (name, packets) in ssh::WITHHELD {
        targets += &over_ssh(name, withheld::start(good, Records::Ssh, *packets).await, &key);
        expected.push(("os", name, &["Timeout"]));
    }
    for (name, odd, reasons) in ssh::HOPS {
        let (hop, known) = (ssh::start(*odd, &key).await, sshd::public_key(&key));
        targets += &target(&format!("{name}-hop"), "nothing", &way(hop, "anna", &key, &known, ""));
        targets += &target(name, "os", &way(9, "anna", &key, &known, &format!("viaRefs: [{{name: {name}-hop}}], ")));
        expected.push(("os", name, reasons));
    }
    let ca = Ca::new(home.dir.path(), "ca");
    for peer in tls::RAW {
        targets += &over_tls(peer.name, tcp::start(peer.act).await, &ca.pem());
        expected.push(("zabbix", peer.name, peer.reasons));
    }
    let (certificate, private) = ca.issue("here", "IP:127.0.0.1", VALID);
    let good = tls::start(&certificate, &private);
    for (name, records) in tls::WITHHELD {
        targets += &over_tls(name, withheld::start(good, Records::Tls, *records).await, &ca.pem());
        expected.push(("zabbix", name, &["Timeout"]));
    }
    (targets, expected)
}

fn seconds(run: &Value) -> f64 {
    let at = |key: &str| run[key].as_str().unwrap().parse::<Timestamp>().unwrap();
    at("ended").duration_since(at("started")).as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_hostile_servers_at_once_cost_time_and_memory_within_bounds_and_no_neighbour() {
    let server = Sshd::start();
    let known = server.host_key("ed25519");
    let honest = target("local", "os", "local: {}")
        + &target("far", "calm", &way(server.port, &server.user, &server.user_key(), &known, ""))
            .replace("connectTimeout: 2s", "connectTimeout: 10s");
    let calm = Home::new();
    calm.write("checks.yaml", &checks());
    calm.write("targets.yaml", &honest);
    let (_, said, usual, quick) = tokio::task::spawn_blocking(move || pass(&calm)).await.unwrap();
    assert!(said.contains("ran 2"), "{said}");

    let home = Home::new();
    let (hostile, expected) = peers(&home).await;
    assert!(expected.len() > AT_ONCE.parse().unwrap(), "somebody has to wait for another's end: {}", expected.len());
    home.write("checks.yaml", &checks());
    home.write("targets.yaml", &(hostile + &honest));
    let (home, (code, said, peak, took)) = tokio::task::spawn_blocking(move || {
        let passed = pass(&home);
        (home, passed)
    })
    .await
    .unwrap();

    assert_eq!(code, 2, "{said}");
    assert!(!said.contains(['\u{1b}', '\u{9b}', '\u{7}']), "escapes of a server reach the terminal: {said:?}");
    assert!(peak <= usual + MAX_GROWTH, "{peak} MiB, and {usual} MiB for the honest targets alone");
    // Two Targets in one place, one after the other; each is looked at once more before anybody is called; each look has its time, a
    // second beyond it, and two for goodbyes that nobody takes.
    let bound = Duration::from_secs(2 * 2 * (u64::from(TIMEOUT) + 3)) + 2 * quick;
    assert!(took <= bound, "the whole pass took {took:?}, and {bound:?} is what it may take");
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
    for pair in ["default/os.local", "default/calm.far"] {
        let runs = log::runs(&home.state(), pair);
        assert_eq!(runs.first().map(|run| run["coverage"].clone()), Some(Value::from("complete")), "{pair}: {runs:?}");
    }
    log::verify(&home.state());
}
