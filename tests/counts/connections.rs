//! How many connections, logins and commands real SSH servers see.

use crate::support::program::{Program, check, commands, target};
use crate::support::sshd::Sshd;

const INVENTORY: &str = "collect_basic_host_inventory";
const POSTURE: &str = "collect_host_security_posture_readonly";

/// A connection to one address of `server`.
fn ssh(server: &Sshd, address: &str) -> String {
    format!(
        "ssh: {{host: {address}, port: {}, user: {}, identity: {{file: {}}}, hostKeys: {{inline: ['[{address}]:{} {}']}}}}",
        server.port,
        server.user,
        server.user_key().display(),
        server.port,
        server.host_key("ed25519"),
    )
}

/// Lines of the server's log that hold every one of `words`.
fn lines(server: &Sshd, words: &[&str]) -> usize {
    server.log().lines().filter(|line| words.iter().all(|word| line.contains(word))).count()
}

fn connections(server: &Sshd, address: &str) -> usize {
    lines(server, &["Connection from ", &format!(" on {address} port ")])
}

/// Commands of `intents` together, each counted once.
fn distinct(intents: &[&str]) -> usize {
    let mut all: Vec<Vec<String>> = intents.iter().flat_map(|intent| commands(intent)).collect();
    all.sort();
    all.dedup();
    all.len()
}

#[test]
fn every_target_sees_one_connection_and_one_login_a_round() {
    let addresses: Vec<String> = (1..=10).map(|host| format!("127.78.0.{host}")).collect();
    let mut builder = Sshd::builder();
    for address in &addresses {
        builder = builder.line(format!("ListenAddress {address}"));
    }
    let server = builder.start();
    let program = Program::new();
    let targets = addresses.iter().enumerate().map(|(index, address)| target(&format!("host-{index}"), &ssh(&server, address)));
    program.write("targets.yaml", &targets.collect::<String>());
    program.write("checks.yaml", &(check("inventory", INVENTORY) + &check("again", INVENTORY)));

    let said = program.once();

    assert!(said.contains("20 healthy; ran 20, fresh 0, reruns 0"), "{said}");
    for address in &addresses {
        assert_eq!(connections(&server, address), 1, "connections to {address}:\n{}", server.log());
    }
    assert_eq!(lines(&server, &["Accepted publickey"]), 10, "{}", server.log());
    // Ten hosts, and the two Checks of each share every reading.
    assert_eq!(lines(&server, &["Starting session: command"]), 10 * distinct(&[INVENTORY]), "{}", server.log());
}

#[test]
fn checks_of_one_target_take_what_they_share_once_and_a_rerun_is_one_more_connection() {
    let server = Sshd::builder().line("ListenAddress 127.78.1.1").start();
    let program = Program::new();
    program.write("target.yaml", &target("host", &ssh(&server, "127.78.1.1")));
    // A bound that no host keeps: the first run says degraded, the reaction looks once more.
    let never = "  expect: [{name: never, key: root_filesystem.used_percent, operator: Lt, values: [\"-1\"]}]\n";
    let strict = check("strict", INVENTORY) + never;
    program.write("checks.yaml", &(check("inventory", INVENTORY) + &check("posture", POSTURE) + &strict));

    let said = program.once();

    assert!(said.contains("ran 3, fresh 0"), "{said}");
    assert!(!said.contains("reruns 0"), "{said}");
    assert_eq!(connections(&server, "127.78.1.1"), 2, "one for each of two rounds:\n{}", server.log());
    assert_eq!(lines(&server, &["Accepted publickey"]), 2, "{}", server.log());
    // The first round takes the readings of all three Checks, each once. The second takes those of the Checks that were not
    // healthy; the posture is among them on hosts that have no systemd or no apt-check, which the summary does not say apart.
    let all = distinct(&[INVENTORY, POSTURE]);
    let taken = lines(&server, &["Starting session: command"]);
    let second = [all + distinct(&[INVENTORY]), all + distinct(&[INVENTORY, POSTURE])];
    assert!(second.contains(&taken), "{taken} commands, expected one of {second:?}:\n{}", server.log());
}

#[test]
fn nothing_due_contacts_nobody() {
    let server = Sshd::builder().line("ListenAddress 127.78.2.1").start();
    let program = Program::new();
    program.write("target.yaml", &target("host", &ssh(&server, "127.78.2.1")));
    program.write("check.yaml", &check("inventory", INVENTORY));
    let first = program.once();
    assert!(first.contains("ran 1, fresh 0"), "{first}");

    let second = program.once();

    assert!(second.contains("ran 0, fresh 1"), "{second}");
    assert_eq!(connections(&server, "127.78.2.1"), 1, "{}", server.log());
}
