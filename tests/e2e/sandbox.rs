//! Hostile commands at level `full`: what they try, and that nothing comes of it. They enter by the front door, as the wrapper of a
//! network device.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::log;
use crate::support::wrapped::Wrapped;

const FULL: &str = "full";

/// What a run that had to be ended must not reach: the time-out of the Check.
const EARLY: Duration = Duration::from_secs(15);

#[test]
fn nothing_is_written_outside_the_private_folder() {
    let victim = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sandbox-victim");
    fs::write(&victim, "whole").unwrap();
    let it = Wrapped::new(&format!(
        "said=refused
         for place in /tmp /var/tmp /dev/shm /etc /run \"${{0%/*}}\"; do
           (: >\"$place/tecrax-hostile\") 2>/dev/null && said=wrote-$place
           mkdir \"$place/tecrax-hostile-d\" 2>/dev/null && said=made-$place
         done
         (: >{victim}) 2>/dev/null && said=emptied
         perl -e 'exit(truncate($ARGV[0], 0) ? 0 : 1)' {victim} 2>/dev/null && said=truncated
         perl -e 'use Fcntl; exit(sysopen(F, $ARGV[0], O_RDONLY|O_TRUNC) ? 0 : 1)' {victim} 2>/dev/null && said=opened
         rm -f {victim} 2>/dev/null && said=removed
         mv {victim} {victim}2 2>/dev/null && said=renamed
         ln -s / /tmp/tecrax-hostile-l 2>/dev/null && said=linked
         echo kept >\"$TMPDIR/file\" && mkdir -p \"$TMPDIR/a/b\" && [ \"$(cat \"$TMPDIR/file\")\" = kept ] || said=no-folder",
        victim = victim.display()
    ));
    it.pass();
    assert_eq!(it.said(FULL), "refused");
    assert_eq!(fs::read_to_string(&victim).unwrap(), "whole");
    assert!(!it.path("manifests/tecrax-hostile").exists());
    it.nothing_is_left();
    log::verify(&it.home.state());
}

#[test]
fn modes_owners_times_and_attributes_stay() {
    let victim = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sandbox-modes");
    fs::write(&victim, "").unwrap();
    fs::set_permissions(&victim, fs::Permissions::from_mode(0o640)).unwrap();
    let before = fs::metadata(&victim).unwrap();
    let it = Wrapped::new(&format!(
        "said=refused
         chmod 777 {victim} 2>/dev/null && said=chmod
         chown 1:1 {victim} 2>/dev/null && said=chown
         touch -d 2001-01-01 {victim} 2>/dev/null && said=touch
         perl -e 'open(F, \"<\", $ARGV[0]); exit(chmod(0777, *F) ? 0 : 1)' {victim} 2>/dev/null && said=fchmod
         perl -e 'open(F, \"<\", $ARGV[0]); exit(utime(1, 1, *F) ? 0 : 1)' {victim} 2>/dev/null && said=futime",
        victim = victim.display()
    ));
    it.pass();
    assert_eq!(it.said(FULL), "refused");
    let after = fs::metadata(&victim).unwrap();
    assert_eq!((after.mode(), after.uid(), after.mtime()), (before.mode(), before.uid(), before.mtime()));
}

/// It doubles like one, and stops at 2,048: where the sandbox fails, the test must fail and the machine live.
#[test]
fn a_fork_bomb_is_ended_with_everything_it_made() {
    let it = Wrapped::new("perl -e 'fork for 1 .. 11; sleep 18' & sleep 19");
    let clock = Instant::now();
    let ended = it.pass();
    assert!(clock.elapsed() < EARLY, "{:?}: {ended:?}", clock.elapsed());
    let run = it.run();
    assert_eq!((&run["sandbox_level"], &run["assessment"]), (&FULL.into(), &"unknown".into()), "{run:#}");
    assert!(run.to_string().contains("too many processes"), "{run:#}");
    it.nothing_is_left();
}

#[test]
fn a_memory_hog_gets_no_more_than_its_bound() {
    let it = Wrapped::new(
        "perl -e '$x = \"a\" x (2 << 30); print length $x' >/dev/null 2>&1 && said=had-it || said=refused
         perl -e '$x = \"a\" x (100 << 20)' 2>/dev/null || said=too-little",
    );
    it.pass();
    assert_eq!(it.said(FULL), "refused");
}

#[test]
fn a_file_beyond_the_bound_is_an_error_and_not_a_death() {
    let it = Wrapped::running(
        "#!/usr/bin/perl",
        r#"open(F, ">", "$ENV{TMPDIR}/big"); my $ok = 1;
           for (1 .. 32) { syswrite(F, "x" x 1048576) or $ok = 0; }
           my $said = $ok ? "wrote" : $!{EFBIG} ? "refused-" . -s "$ENV{TMPDIR}/big" : "else";
           print "System Name : $said\nHardware Version : TL-SG2452 2.0\nSoftware Version : 1\n";"#,
    );
    it.pass();
    assert_eq!(it.said(FULL), format!("refused-{}", 16 << 20));
    it.nothing_is_left();
}

/// A shell lets the signal through, so that what it started dies; the shell does not.
#[test]
fn a_file_beyond_the_bound_ends_no_more_than_its_writer() {
    let it = Wrapped::new(
        "dd if=/dev/zero of=\"$TMPDIR/big\" bs=1048576 count=32 2>/dev/null && said=wrote
         [ $said = wrote ] || said=refused-$(stat -c %s \"$TMPDIR/big\")",
    );
    it.pass();
    assert_eq!(it.said(FULL), format!("refused-{}", 16 << 20));
}

#[test]
fn a_daemon_ends_with_the_command() {
    let it = Wrapped::new("setsid sh -c 'setsid sleep 7301 & exit' >/dev/null 2>&1 </dev/null; said=started");
    let clock = Instant::now();
    it.pass();
    assert_eq!(it.said(FULL), "started");
    assert!(clock.elapsed() < EARLY);
    it.nothing_is_left();
}

/// Process numbers of everything called tecrax, as `/proc` shows them.
const TECRAX: &str = "tecrax() { for p in /proc/[0-9]*; do \
                      [ \"$(cat $p/comm 2>/dev/null)\" = tecrax ] && echo ${p#/proc/}; done; }\n";

#[test]
fn nobody_outside_can_be_signalled() {
    // The file of an endless sleep that is nobody's child here.
    let mut bystander = std::process::Command::new("/bin/sleep").arg("7302").spawn().unwrap();
    let it = Wrapped::new(&format!(
        "{TECRAX}
         said=refused
         [ -n \"$(tecrax)\" ] || said=blind
         for p in $(tecrax) {pid} $PPID; do
           [ $p -gt 2 ] && kill -9 $p 2>/dev/null && said=killed-$p
         done
         :",
        pid = bystander.id()
    ));
    it.pass();
    let lives = bystander.try_wait().unwrap().is_none();
    let _ = bystander.kill();
    bystander.wait().unwrap();
    assert!(lives, "a process outside was killed");
    assert_eq!(it.said(FULL), "refused");
}

#[test]
fn nobody_outside_can_be_traced_or_read() {
    // PTRACE_ATTACH by its number, because Debian has no program for it.
    let call = if cfg!(target_arch = "x86_64") { 101 } else { 117 };
    let it = Wrapped::new(&format!(
        "{TECRAX}
         said=refused
         for p in $(tecrax); do
           cat /proc/$p/environ >/dev/null 2>&1 && said=environ
           (: >/proc/$p/mem) 2>/dev/null && said=mem
           ls -l /proc/$p/fd/ >/dev/null 2>&1 && said=fd
           perl -e 'exit(syscall({call}, 16, int($ARGV[0]), 0, 0) == 0 ? 0 : 1)' $p && said=traced
         done
         perl -e 'exit(syscall({call}, 0, 0, 0, 0) == 0 ? 0 : 1)' && said=traceme"
    ));
    it.pass();
    assert_eq!(it.said(FULL), "refused");
}

#[test]
fn terminal_escapes_are_neutralised() {
    let it = Wrapped::answering("printf 'System Name : \\033]0;owned\\007\\033[2Jname\\n'; printf '\\033[31mred\\n' >&2");
    let mut shown = Vec::new();
    for line in
        ["reconcile --once manifests", "describe inventory.switch", "get -o yaml", "get", "evidence show inventory.switch"]
    {
        let ended = it.home.tecrax(line);
        let said = format!("{}{}", ended.out, ended.err);
        assert!(!said.contains('\u{1b}') && !said.contains('\u{7}'), "{line}: {said:?}");
        if said.contains("owned") {
            shown.push(line);
        }
    }
    // What the device said was read, and is shown: else there was nothing to neutralise.
    assert!(it.said(FULL).contains("owned"), "{:#}", it.run());
    assert!(!shown.is_empty());
}

#[test]
fn a_policy_that_wants_the_full_sandbox_is_content_with_it() {
    let it = Wrapped::new("said=ran");
    it.demand(FULL);
    let ended = it.pass();
    assert_eq!(it.said(FULL), "ran", "{ended:?}");
    let described = it.home.tecrax("describe inventory.switch").out;
    assert!(described.contains("Admitted by: default/shut-in/commands"), "{described}");
}

#[test]
fn nothing_is_inherited() {
    let it = Wrapped::new(
        "said=$(ls /proc/self/fd | tr '\\n' '.')
         # The fourth is the folder that is listed.
         case $(ls -l /proc/self/fd) in *leaked*) said=leaked ;; esac
         names=$(env -u PWD | sed 's/=.*//' | sort | tr '\\n' ' ')
         [ \"$names\" = 'LC_ALL PATH TECRAX_TARGET TMPDIR ' ] || said=\"names:$names\"
         [ \"$(umask)\" = 0077 ] || said=umask
         (exec 3<>/dev/tty) 2>/dev/null && said=terminal
         case $(ulimit -c) in 0) ;; *) said=core ;; esac
         :",
    );
    let leaked = it.path("leaked");
    fs::write(&leaked, "").unwrap();
    // Whoever started tecrax left a file open, and ignores signals.
    let script = format!("trap '' HUP INT TERM CHLD; exec 7<{} 9<{0}; exec \"$@\"", leaked.display());
    it.pass_by("/bin/sh", &["-c", &script, "sh"]);
    assert_eq!(it.said(FULL), "0.1.2.3.");
}

#[test]
fn privileges_can_not_be_won_back() {
    let it = Wrapped::new(
        "said=refused
         unshare -Ur true 2>/dev/null && said=unshared
         mount -t tmpfs none /mnt 2>/dev/null && said=mounted
         hostname tecrax-hostile 2>/dev/null && said=named
         date -s 2001-01-01 >/dev/null 2>&1 && said=dated
         grep -q '^NoNewPrivs:.*1$' /proc/self/status || said=privileges
         grep -q '^Seccomp:.*2$' /proc/self/status || said=calls",
    );
    it.pass();
    assert_eq!(it.said(FULL), "refused");
}

#[test]
fn a_command_that_is_too_slow_ends_with_all_that_came_of_it() {
    let it = Wrapped::new("setsid sleep 7303 & sleep 7303");
    it.home.write("quick.yaml", "");
    let text = fs::read_to_string(it.path("manifests/all.yaml")).unwrap().replace("timeout: 20s", "timeout: 1s");
    it.home.write("all.yaml", &text);
    it.pass();
    assert!(it.run().to_string().contains("Timeout"), "{:#}", it.run());
    let clock = Instant::now();
    while !it.left().is_empty() && clock.elapsed() < EARLY {
        std::thread::yield_now();
    }
    assert_eq!(it.left(), Vec::<String>::new());
}

#[test]
fn a_tecrax_that_is_killed_leaves_no_command_behind() {
    let it = Wrapped::new("sleep 7304");
    let mut pass = std::process::Command::new(env!("CARGO_BIN_EXE_tecrax"))
        .args(["reconcile", "--once", "manifests"])
        .env("TECRAX_STATE_DIR", it.home.state())
        .current_dir(it.home.dir.path())
        .spawn()
        .unwrap();
    while !it.left().iter().any(|line| line.contains("sleep 7304")) {
        assert!(pass.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    assert!(it.ours().len() >= 3, "a template, a helper and a first process: {:?}", it.ours());
    pass.kill().unwrap();
    pass.wait().unwrap();
    let clock = Instant::now();
    while !it.left().is_empty() && clock.elapsed() < EARLY {
        std::thread::yield_now();
    }
    assert_eq!(it.left(), Vec::<String>::new());
    it.ours_end();
}
