//! A machine without open files: that says nothing of any Target, calls nobody because of one, and is over when it is over.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::cli::Home;
use crate::support::daemon::free_port;
use crate::support::hosts::{INVENTORY, host as recorded};
use crate::support::living::{
    Living, Watcher, claims, device, devices, nothing_is_stuck, runs, script, sound, state as state_of,
};
use crate::support::log;
use crate::support::sshd::Sshd;
use crate::support::wrapped::Wrapped;
use rustix::process::{Resource, Signal, getrlimit};
use tecrax::store::Db;

/// What a reading says for which this machine had no open file.
const SHORT: &str = "Transient";
/// A device that answers what it is asked first.
const ANSWERS: &str = "#!/bin/sh\nprintf 'System Name : switch\\nHardware Version : 1\\nSoftware Version : 1\\n'\n";

/// Devices whose wrapper takes a descriptor for each of its streams.
fn many_devices(home: &Home, number: usize) -> String {
    script(&home.path("device"), ANSWERS);
    (0..number).fold(devices("  retry: {attempts: 0}\n"), |text, index| {
        text + &device(&format!("switch-{index:02}"), &home.path("device"))
    })
}

/// `server` as a Target whose key and known_hosts are files, and a Check of it.
fn host(home: &Home, server: &Sshd) -> String {
    let known = home.path("known_hosts");
    fs::write(&known, server.known_line("ed25519") + "\n").unwrap();
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: inventory}}\nspec:\n  \
         intent: collect_basic_host_inventory\n  targetRef: {{name: host}}\n  interval: 1s\n  retry: {{attempts: 0}}\n---\n\
         apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: host}}\nspec:\n  type: Host\n  connections:\n  \
         - name: os\n    ssh: {{host: 127.0.0.1, port: {}, user: {}, identity: {{file: {}}}, hostKeys: {{file: {}}}}}\n",
        server.port,
        server.user,
        server.user_key().display(),
        known.display()
    )
}

/// A page of this machine that nobody serves, under a name, with certificates to be checked by the CAs of the system.
fn page() -> String {
    format!(
        "---\napiVersion: tecrax.io/v1alpha1\nkind: Check\nmetadata: {{name: page}}\nspec:\n  intent: check_portainer_health\n  \
         targetRef: {{name: portainer}}\n  interval: 1s\n  retry: {{attempts: 0}}\n---\n\
         apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {{name: portainer}}\nspec:\n  type: Host\n  connections:\n  \
         - name: portainer\n    http: {{baseURL: \"https://localhost:{}\"}}\n",
        free_port()
    )
}

/// The reasons of the readings that the last run of a pair did not get; `None` before the first.
fn reasons(state: &Path, pair: &str) -> Option<BTreeSet<String>> {
    let readings = state_of(state, pair).filter(|state| state.last.is_some())?.findings.into_iter();
    Some(readings.filter(|finding| finding.kind == "reading").map(|finding| finding.reason_code).collect())
}

fn only(reason: &str) -> BTreeSet<String> {
    BTreeSet::from([reason.to_owned()])
}

/// For which readings people were called.
fn called_for(state: &Path) -> BTreeSet<String> {
    let escalations = Db::open_read_only(state).unwrap().escalations().unwrap();
    let keys = escalations.into_values().filter_map(|escalation| escalation.matter).map(|matter| matter.key);
    keys.filter(|key| key.kind == "reading").map(|key| key.reason_code).collect()
}

/// Changes the limits of a running process, `soft:hard`.
fn limit(daemon: &Living, files: &str) {
    let pid = daemon.child.id().to_string();
    let status = Command::new("prlimit").args(["--pid", &pid, &format!("--nofile={files}")]).status().unwrap();
    assert!(status.success());
}

/// The soft limit of a running process.
fn soft_limit(process: u32) -> u64 {
    let limits = fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    files.split_whitespace().next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_process_without_descriptors_says_unknown_and_recovers() {
    const DEVICES: usize = 30;
    let home = Home::new();
    let server = Sshd::start();
    home.write("all.yaml", &(many_devices(&home, DEVICES) + &host(&home, &server) + &page()));
    let state = home.state();
    let mut daemon = Living::start(&home, "daemon", &["--listen=127.0.0.1:0"]);
    let devices = (0..DEVICES).map(|index| format!("ports.switch-{index:02}"));
    let names: Vec<String> = devices.chain(["inventory.host".to_owned(), "page.portainer".to_owned()]).collect();
    let counts = |state: &Path| -> Vec<u64> { names.iter().map(|name| runs(state, name)).collect() };
    let said = |state: &Path| -> Vec<_> { names.iter().map(|name| reasons(state, name)).collect() };
    daemon.until("every Target was looked at", 60, || counts(&state).iter().all(|runs| *runs >= 1));
    let usual = said(&state);
    assert_eq!(usual.last().unwrap(), &Some(only("Unreachable")), "nobody serves the page");
    assert!(usual.iter().rev().skip(1).all(|reasons| *reasons == Some(BTreeSet::new())), "{usual:?}");
    // Fewer than it has open already.
    limit(&daemon, "8:1024");
    let before = counts(&state);
    // A connection that is open needs no other descriptor.
    server.kill_sessions();
    daemon.until("it can look nowhere", 30, || said(&state).iter().all(|reasons| *reasons == Some(only(SHORT))));
    // The manifests can not be read either; that is no reason to bury anybody.
    daemon.signal(Signal::HUP);
    daemon.until("it tried to read them", 30, || counts(&state).iter().zip(&before).all(|(now, before)| *now > before + 1));
    limit(&daemon, "1024:1024");
    daemon.until("it looks again", 30, || said(&state) == usual);
    assert!(
        called_for(&state).iter().all(|reason| [SHORT, "Unreachable"].contains(&reason.as_str())),
        "{:?}",
        called_for(&state)
    );
    assert!(!daemon.told().contains("is not what its last checkpoint says"), "a file that can not be opened is no forgery");
    assert!(names.iter().all(|name| !state_of(&state, name).unwrap().removed), "nobody was buried");
    let (code, _) = daemon.stop();
    assert_eq!(code, Some(0));
    Watcher::default().look(&state);
    sound(&state, "afterwards");
    assert_eq!(claims(&state), 0, "nothing is left claimed");
    nothing_is_stuck(&home, &state, DEVICES as u64 + 2).await;
}

/// Whatever of a command is opened first and last: with each number of open files, another thing is the first that fails.
#[test]
fn wherever_a_command_runs_out_of_descriptors_it_is_said_of_no_target() {
    const PAIR: &str = "ports.switch-00";
    let home = Home::new();
    home.write("devices.yaml", &many_devices(&home, 1));
    let state = home.state();
    let mut short = 0;
    for files in 10..32 {
        let _ = fs::remove_dir_all(&state);
        let output = Command::new("prlimit")
            .args([&format!("--nofile={files}:{files}"), env!("CARGO_BIN_EXE_tecrax"), "reconcile", "--once", "manifests"])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", home.dir.path())
            .env("TECRAX_STATE_DIR", &state)
            .current_dir(home.dir.path())
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        if matches!(output.status.code(), Some(74 | 78)) {
            assert!(told.contains("unable to open") || told.contains("Too many open files"), "{files}: {told}");
            continue;
        }
        let said = reasons(&state, PAIR).unwrap_or_else(|| panic!("{files}: {told}"));
        if said.is_empty() {
            let run = log::runs(&state, &format!("default/{PAIR}")).pop().unwrap();
            assert_eq!(run["sandbox_level"], "full", "{files}: {told}");
        } else {
            assert_eq!(said, only(SHORT), "{files}: {told}");
            short += 1;
        }
        assert!(called_for(&state).iter().all(|reason| reason == SHORT), "{files}: {:?}", called_for(&state));
    }
    assert!((1..20).contains(&short), "this test has not come to what it is about, or not past it: {short}");
}

/// What this machine reaches and where private folders are is found out by the first command, and known from then on.
#[test]
fn a_daemon_that_is_short_at_its_first_command_learns_nothing_wrong_from_it() {
    const PAIR: &str = "ports.switch-00";
    let home = Home::new();
    home.write("all.yaml", &(INVENTORY.to_owned() + &recorded("web", Some(50))));
    let state = home.state();
    let mut daemon = Living::start(&home, "daemon", &[]);
    daemon.until("it is at work, without a command", 30, || runs(&state, "inventory.web") > 0);
    home.write("devices.yaml", &many_devices(&home, 1));
    let open = fs::read_dir(format!("/proc/{}/fd", daemon.child.id())).unwrap().count();
    // Enough to read manifests, and too few for a command, which needs more.
    let said = (open..open + 12).find_map(|files| {
        limit(&daemon, &format!("{files}:1024"));
        daemon.signal(Signal::HUP);
        let deadline = Instant::now() + Duration::from_secs(2);
        while Instant::now() < deadline && reasons(&state, PAIR).is_none() {
            std::thread::sleep(Duration::from_millis(20));
        }
        reasons(&state, PAIR)
    });
    assert_eq!(said, Some(only(SHORT)), "{}", daemon.told());
    limit(&daemon, "1024:1024");
    daemon.until("it looks", 30, || reasons(&state, PAIR) == Some(BTreeSet::new()));
    let levels: Vec<_> = log::runs(&state, &format!("default/{PAIR}")).iter().map(|run| run["sandbox_level"].clone()).collect();
    assert_eq!(levels.last().unwrap(), "full", "{levels:?}\n{}", daemon.told());
    assert!(called_for(&state).iter().all(|reason| reason == SHORT), "{:?}", called_for(&state));
    assert_eq!(daemon.stop().0, Some(0));
    sound(&state, "afterwards");
}

#[test]
fn a_daemon_raises_its_own_limit_as_far_as_it_may_and_no_further_than_it_needs() {
    let home = Home::new();
    home.write("devices.yaml", &many_devices(&home, 1));
    let hard = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    for (most, wanted) in [(512, 512), (hard, hard.min(65_536))] {
        let mut daemon = Living::start_with(&home, "daemon", Some(&format!("256:{most}")), &[]);
        let process = daemon.child.id();
        daemon.until("it has raised its limit", 30, || soft_limit(process) == wanted);
    }
}

/// Without `/proc` there is no helper, and nothing shuts the command in.
#[test]
fn a_command_that_nothing_shuts_in_gets_the_limit_that_tecrax_was_started_with() {
    let it = Wrapped::new(
        "times=0
         while [ \"$(ulimit -n)\" != 256 ] && [ $times -lt 500 ]; do times=$((times + 1)); sleep 0.01; done
         said=$(ulimit -n)",
    );
    let hidden = "mount -t tmpfs none /proc && exec prlimit --nofile=256:4096 \"$@\"";
    let ended = it.pass_by("/usr/bin/unshare", &["-m", "/bin/sh", "-c", hidden, "sh"]);
    assert_eq!(it.said("none"), "256", "{ended:?}");
}

#[test]
fn the_usual_limit_of_open_files_is_enough_for_all_that_is_done_at_the_same_time() {
    const DEVICES: usize = 60;
    let home = Home::new();
    home.write("devices.yaml", &many_devices(&home, DEVICES));
    script(
        &home.path("device"),
        "#!/bin/sh\nsleep 0.5\ncase $1 in\nsystem-info) printf 'System Name : switch\\nHardware Version : TL-SG2452 2.0\\nSoftware Version : 1\\n' ;;\n\
         *) printf 'Model : TL-SG2452\\nSSH Server : Enabled\\nProtocol V1 : Disabled\\nProtocol V2 : Enabled\\nIdle Timeout : 60\\nMAX \
         Clients : 5\\nAES256-CTR : Enabled\\n' ;;\nesac\n",
    );
    // A device at a time takes a few: all of them are asked at once.
    let output = Command::new("prlimit")
        .args(["--nofile=100:4096", env!("CARGO_BIN_EXE_tecrax"), "reconcile", "--once", "manifests"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("TECRAX_STATE_DIR", home.state())
        .current_dir(home.dir.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    sound(&home.state(), "afterwards");
}
