//! Level `basic`: where namespaces are refused, and where the kernel lacks a part. What it holds, and what it does not.

use std::net::TcpListener;

use crate::support::wrapped::Wrapped;
use crate::support::{cli, log};
use cli::Ended;

/// A machine that allows no further user namespaces.
fn without_namespaces(it: &Wrapped) -> Ended {
    let script = "echo 0 >/proc/sys/user/max_user_namespaces && exec \"$@\"";
    it.pass_by("/usr/bin/unshare", &["-U", "-r", "/bin/sh", "-c", script, "sh"])
}

#[test]
fn without_namespaces_files_modes_and_daemons_are_held_all_the_same() {
    let it = Wrapped::new(
        "said=refused
         (: >/tmp/tecrax-basic) 2>/dev/null && said=wrote
         chmod 777 \"$0\" 2>/dev/null && said=chmod
         echo kept >\"$TMPDIR/file\" || said=no-folder
         dd if=/dev/zero of=\"$TMPDIR/big\" bs=1048576 count=32 2>/dev/null && said=big
         perl -e '$x = \"a\" x (2 << 30)' >/dev/null 2>&1 && said=memory
         setsid sh -c 'setsid sleep 7311 & exit' >/dev/null 2>&1 </dev/null",
    );
    let ended = without_namespaces(&it);
    assert_eq!(it.said("basic"), "refused", "{ended:?}");
    it.nothing_is_left();
    assert!(ended.err.contains("sandbox level basic"), "{ended:?}");
    log::verify(&it.home.state());
}

/// The level is found out before anything is started: a command that must not run with less never runs.
#[test]
fn a_policy_that_wants_full_denies_where_only_basic_can_be_had() {
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    door.set_nonblocking(true).unwrap();
    let it = Wrapped::new(&format!(
        "perl -MIO::Socket::INET -e 'exit(IO::Socket::INET->new(\"{}\") ? 0 : 1)' && said=knocked",
        door.local_addr().unwrap()
    ));
    it.demand("full");
    let ended = without_namespaces(&it);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(door.accept().is_err(), "it was started: {ended:?}");
    let kinds: Vec<String> = log::rows(&it.home.state()).into_iter().map(|row| row.kind).collect();
    assert_eq!(kinds, ["denial.v1"], "{ended:?}");
    let described = it.home.tecrax("describe inventory.switch").out;
    let why = "rule default/shut-in/commands wants local commands in sandbox full, and here the highest level is basic";
    assert!(described.contains(why), "{described}");

    // It would have been heard, had it run.
    it.demand("basic");
    let ended = without_namespaces(&it);
    assert_eq!(it.said("basic"), "knocked", "{ended:?}");
    assert!(door.accept().is_ok());
    log::verify(&it.home.state());
}

/// Stated in `docs/sandbox.md`: at this level the command can end its helper, and what it has sent away stays.
#[test]
fn what_basic_misses_is_what_is_stated() {
    let it = Wrapped::new(
        "setsid sleep 7312 >/dev/null 2>&1 </dev/null &
         kill -9 $PPID; sleep 19",
    );
    without_namespaces(&it);
    let run = it.run();
    assert_eq!((&run["sandbox_level"], &run["assessment"]), (&"basic".into(), &"unknown".into()), "{run:#}");
    let left = it.left();
    assert!(left.iter().any(|line| line.contains("7312")), "{left:?}");
    let ended = std::process::Command::new("/bin/sh")
        .args(["-c", "for p in /proc/[0-9]*; do case $(tr '\\0' ' ' <$p/cmdline 2>/dev/null) in 'sleep 7312 ') kill -9 ${p#/proc/} ;; esac; done"])
        .status();
    assert!(ended.unwrap().success());
}

#[test]
fn a_kernel_without_landlock_reaches_basic_and_says_so() {
    let it = Wrapped::new("said=here; setsid sh -c 'setsid sleep 7313 & exit' >/dev/null 2>&1 </dev/null");
    let ended = it.pass_without("landlock_create_ruleset", "ENOSYS");
    assert_eq!(it.said("basic"), "here", "{ended:?}");
    assert!(ended.err.contains("this kernel has no Landlock"), "{ended:?}");
    it.nothing_is_left();
}
