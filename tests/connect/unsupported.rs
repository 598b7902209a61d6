//! What systems say when they do not have what a shape asks for: each text through the judgement that every connection shares.
//!
//! Every text here is constructed, none was recorded on the system that it stands for: it was put together from the message in the
//! source of the tool, or from its manual. The source stands beside each list. What runs here for real (Debian 12 and 13, busybox) is read
//! by the tests named `e2e_systemd`, `e2e_plain_user`, `e2e_ntp` and `e2e_busybox`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::ErrorClass;
use crate::connect::fixture;
use crate::desired::FixtureConfig;
use crate::facts;
use crate::profile::{Profile, Shape};
use crate::secrets::Redactor;

fn shape(action: &str) -> Arc<Shape> {
    let profile = Profile::embedded(&|name| facts::normalizer(name).is_some()).unwrap();
    Arc::clone(&profile.connectors["monitoring_host"].shapes[action])
}

/// The class of a reading that ended with `status` and said `stderr`; `None` when it counts as taken.
fn class(action: &str, stdout: &str, stderr: &str, status: i32) -> Option<ErrorClass> {
    let readings = BTreeMap::from([(action.to_owned(), (stdout.to_owned(), stderr.to_owned(), status))]);
    let (shape, parameters) = (shape(action), BTreeMap::new());
    let question = super::question(&shape, &parameters, super::PATIENCE);
    let answer = fixture::read(&FixtureConfig { readings }, question, &Redactor::default());
    answer.err().map(|failure| {
        let help = failure.next_step.unwrap_or_default();
        assert!(!help.is_empty(), "{action}: no next step for {stderr}");
        failure.class
    })
}

/// The shapes that need systemd.
const SYSTEMCTL: [&str; 4] =
    ["read_ntp_daemon_units", "read_docker_service_state", "read_docker_socket_state", "read_unattended_upgrades_state"];

/// How shells say that they do not find `systemctl`, with their exit status (127 by POSIX, Shell Command Language, 2.8.2).
///
/// Constructed from the messages of dash (`exec.c`), bash (`execute_cmd.c`, and `po/de.po`, `po/fr.po`), busybox (`shell/ash.c`), zsh
/// (`Src/exec.c`), ksh93 (`sh/msg.c`), mksh (`exec.c`), fish (`fish_command_not_found.fish`), tcsh (`sh.err.c`, which ends with 1) and of
/// Ubuntu's package command-not-found.
const NOT_FOUND: [(&str, &str, i32); 13] = [
    ("dash", "sh: 1: systemctl: not found\n", 127),
    ("bash 5", "bash: line 1: systemctl: command not found\n", 127),
    ("bash 4", "bash: systemctl: command not found\n", 127),
    ("bash in German", "bash: Zeile 1: systemctl: Kommando nicht gefunden.\n", 127),
    ("bash in French", "bash: ligne 1: systemctl : commande introuvable\n", 127),
    ("ash of busybox", "sh: systemctl: not found\n", 127),
    ("ash as a login shell", "-ash: systemctl: not found\n", 127),
    ("zsh", "zsh:1: command not found: systemctl\n", 127),
    ("ksh", "ksh: systemctl: not found\n", 127),
    ("mksh", "sh: systemctl: inaccessible or not found\n", 127),
    ("fish", "fish: Unknown command: systemctl\n", 127),
    ("tcsh", "systemctl: Command not found.\n", 1),
    ("Ubuntu's helper", "Command 'systemctl' not found, but can be installed with:\napt install systemd\n", 127),
];

/// How systemd's own tools say that systemd does not run here.
///
/// Constructed from the messages in systemd's source of the versions named: `bus_log_connect_error` (`src/shared/bus-util.c`, since 256
/// with scope and transport), before it `Failed to get D-Bus connection: %m` and `Failed to create bus connection: %m` of
/// `src/systemctl/systemctl.c`, with the texts of errno(3) for `%m`.
const NO_SYSTEMD: [(&str, &str); 8] = [
    (
        "a container, systemd 252",
        "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus: Host is down\n",
    ),
    ("no bus socket", "Failed to connect to bus: No such file or directory\n"),
    ("a bus that is gone", "Failed to connect to bus: Host is down\n"),
    ("systemd 256", "Failed to connect to system scope bus via local transport: No such file or directory\n"),
    ("systemd 219 in a container", "Failed to get D-Bus connection: Operation not permitted\n"),
    ("systemd 208", "Failed to get D-Bus connection: No such file or directory\n"),
    ("systemd 229", "Failed to create bus connection: No such file or directory\n"),
    ("busybox and a shim", "System has not been booted with systemd as init system (PID 1). Can't operate.\n"),
];

#[test]
fn shell_that_does_not_find_the_program() {
    for (shell, stderr, status) in NOT_FOUND {
        for action in SYSTEMCTL {
            assert_eq!(class(action, "", stderr, status), Some(ErrorClass::Unsupported), "{shell}: {action}");
        }
        let timedatectl = stderr.replace("systemctl", "timedatectl");
        assert_eq!(class("read_ntp_sync_state", "", &timedatectl, status), Some(ErrorClass::Unsupported), "{shell}");
        let ntpq = stderr.replace("systemctl", "ntpq");
        assert_eq!(class("read_ntp_server_variables", "", &ntpq, status), Some(ErrorClass::Unsupported), "{shell}");
    }
}

/// Constructed as the list above: a path is looked for by execve(2), and its ENOENT is told in the shell's words.
#[test]
fn shell_that_does_not_find_a_path() {
    let path = "/usr/lib/update-notifier/apt-check";
    for stderr in [
        format!("sh: 1: {path}: not found\n"),
        format!("bash: line 1: {path}: No such file or directory\n"),
        format!("bash: Zeile 1: {path}: Datei oder Verzeichnis nicht gefunden\n"),
        format!("sh: {path}: not found\n"),
        format!("zsh:1: no such file or directory: {path}\n"),
        format!("fish: Unknown command: {path}\n"),
    ] {
        assert_eq!(class("read_available_updates_summary", "", &stderr, 127), Some(ErrorClass::Unsupported), "{stderr}");
    }
}

#[test]
fn tools_of_systemd_without_systemd() {
    for (system, stderr) in NO_SYSTEMD {
        for action in SYSTEMCTL.iter().chain(&["read_ntp_sync_state"]) {
            assert_eq!(class(action, "", stderr, 1), Some(ErrorClass::Unsupported), "{system}: {action}");
        }
    }
}

/// Constructed from `running_in_chroot_or_offline` in `src/systemctl/systemctl-util.c` of systemd.
#[test]
fn chroot_answers_nothing_and_ends_well() {
    for action in ["read_ntp_daemon_units", "read_docker_service_state", "read_docker_socket_state"] {
        let said = class(action, "", "Running in chroot, ignoring command 'show'\n", 0);
        assert_eq!(said, Some(ErrorClass::Unsupported), "{action}");
    }
}

/// Constructed from the messages of `src/timedate/timedatectl.c` and `src/basic/verbs.c` of systemd (before 239 there is no `show`), of dbus
/// for a name that nobody provides, and of `ntpq.c` of ntp and ntpsec.
#[test]
fn clock_tools_that_know_no_better() {
    for stderr in [
        "Unknown operation show\n",
        "Unknown command verb show.\n",
        "Failed to query server: The name org.freedesktop.timedate1 was not provided by any .service files\n",
        "Failed to parse bus message: x\nFailed to connect to bus: Host is down\n",
    ] {
        assert_eq!(class("read_ntp_sync_state", "", stderr, 1), Some(ErrorClass::Unsupported), "{stderr}");
    }
    for (stderr, status) in [
        ("/usr/sbin/ntpq: read: Connection refused\n", 0),
        ("ntpq: read: Connection refused\n", 1),
        ("***Socket error; probably ntpd is not running\n\n", 0),
    ] {
        assert_eq!(class("read_ntp_server_variables", "", stderr, status), Some(ErrorClass::Unsupported), "{stderr}");
    }
}

/// Constructed from the messages of coreutils and busybox `cat`, of busybox (`libbb/getopt32.c` and `findutils/find.c`) and older
/// findutils `find`, and of `systemctl is-enabled` (systemctl(1)).
#[test]
fn files_and_options_that_other_systems_lack() {
    for action in ["read_os_release", "read_load_average", "read_memory_summary", "read_aslr_state", "read_dmesg_restrict_state"]
    {
        for cat in ["cat: /some/file: No such file or directory\n", "cat: can't open '/some/file': No such file or directory\n"] {
            assert_eq!(class(action, "", cat, 1), Some(ErrorClass::Unsupported), "{action}: {cat}");
        }
    }
    for find in ["find: unrecognized: -printf\nBusyBox v1.35.0 multi-call binary.\n", "find: unknown predicate `-printf'\n"] {
        assert_eq!(class("read_reboot_required_marker", "", find, 1), Some(ErrorClass::Unsupported), "{find}");
    }
    let unit = "Failed to get unit file state for unattended-upgrades.service: No such file or directory\n";
    assert_eq!(class("read_unattended_upgrades_state", "", unit, 1), Some(ErrorClass::Unsupported));
}

/// What looks alike and is something else: the program is there and broke, or somebody forbids it. Constructed from the messages of glibc's
/// and musl's dynamic loaders, of bash (restricted shells, EACCES with status 126), and of systemd's bus errors.
#[test]
fn failure_is_not_absence() {
    for (stderr, status) in [
        (
            "systemctl: error while loading shared libraries: libsystemd-shared-252.so: cannot open shared object file: No such file or directory\n",
            127,
        ),
        ("Error loading shared library libsystemd.so.0: No such file or directory (needed by /bin/systemctl)\n", 127),
        ("rbash: line 1: systemctl: restricted: cannot specify `/' in command names\n", 127),
        ("bash: line 1: /usr/bin/systemctl: Permission denied\n", 126),
        ("", 127),
        ("Failed to get properties: Access denied\n", 1),
        ("Failed to get properties: Connection timed out\n", 1),
    ] {
        assert_eq!(class("read_docker_service_state", "", stderr, status), Some(ErrorClass::CommandFailed), "{stderr}");
    }
}

/// States that a unit may have are answers, whatever the exit status says. Constructed from the table of states and exit codes in systemctl(1).
#[test]
fn states_are_answers() {
    for (state, status) in [("enabled", 0), ("static", 0), ("disabled", 1), ("masked", 1), ("not-found", 4)] {
        assert_eq!(class("read_unattended_upgrades_state", state, "", status), None, "{state}");
    }
    let absent = "LoadState=not-found\nActiveState=inactive\nSubState=dead\nUnitFileState=\n";
    assert_eq!(class("read_docker_service_state", absent, "", 0), None);
}
