//! The template that helpers are copies of: idle, holding nothing, and the same for every command that comes after another one.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::support::shut_in::{ShutIn, Template, template};
use crate::support::wrapped::Wrapped;
use tempfile::TempDir;

/// Far more than a helper needs to be ready.
const PATIENCE: Duration = Duration::from_secs(15);

/// A `/proc` folder's own file.
fn read(process: u32, name: &str) -> String {
    fs::read_to_string(format!("/proc/{process}/{name}")).unwrap()
}

/// One line of `/proc/<process>/status` or of `limits`.
fn line(process: u32, file: &str, name: &str) -> String {
    let text = read(process, file);
    let rest = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name}: {text}"));
    rest.trim_start_matches(':').split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a process has open, sorted; pipes and sockets without their numbers.
fn descriptors(process: u32) -> Vec<String> {
    let listed = fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let names = listed.filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
    let mut names: Vec<String> = names.map(|name| name.to_str().unwrap().split(":[").next().unwrap().to_owned()).collect();
    // What newer kernels call it.
    names.iter_mut().filter(|name| *name == "anon_inode").for_each(|name| "pidfd".clone_into(name));
    names.sort();
    names
}

/// Waits until a process has exactly this open.
fn holds(process: u32, expected: &[&str]) {
    let clock = Instant::now();
    while descriptors(process) != expected {
        assert!(clock.elapsed() < PATIENCE, "{:?} is open, and not {expected:?}", descriptors(process));
        std::thread::yield_now();
    }
}

/// Session, and terminal.
fn session(process: u32) -> (u32, i32) {
    let stat = read(process, "stat");
    let words: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (words[3].parse().unwrap(), words[4].parse().unwrap())
}

/// A command at a level that has been started, and stays until the folder's file `go` is there.
struct Staying {
    shut_in: ShutIn,
    folder: TempDir,
}

impl Staying {
    fn start(template: &Template, level: &str, mark: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let out = fs::File::create(folder.path().join("out")).unwrap();
        let script =
            format!("echo {mark}; echo $$ >\"$TMPDIR/here\"; until [ -e \"$TMPDIR/go\" ]; do sleep 0.01; done; ulimit -t");
        let argv = ["sh", "-c", &script];
        let mut shut_in = template.order(level, folder.path(), Path::new("/bin/sh"), &argv, [&out, &out]);
        shut_in.meet();
        let it = Self { shut_in, folder };
        while fs::read_to_string(it.path("here")).unwrap_or_default().is_empty() {
            std::thread::yield_now();
        }
        it
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn helper(&self) -> u32 {
        self.shut_in.helper.unwrap()
    }

    /// Lets it end; answers what it wrote.
    fn end(mut self) -> String {
        fs::write(self.path("go"), "").unwrap();
        assert_eq!(self.shut_in.listen(), "status 0");
        fs::read_to_string(self.path("out")).unwrap()
    }
}

#[test]
fn it_is_its_own_master_and_holds_nothing() {
    let it = Wrapped::new("until [ -e \"${0%/*}/go\" ]; do sleep 0.01; done; said=went");
    let leaked = it.path("leaked");
    fs::write(&leaked, "").unwrap();
    let script = format!("exec 7<{}; exec \"$@\"", leaked.display());
    std::thread::scope(|scope| {
        let pass = scope.spawn(|| it.pass_by("/bin/sh", &["-c", &script, "sh"]));
        // The template, and a helper and a first process for each of the two readings. Before the second reading begins, those of the probe may
        // still be there: the later two stay.
        let [template, copy] = loop {
            assert!(!pass.is_finished(), "it ended by itself");
            match it.ours()[..] {
                [template, _, _, copy, _] if !it.left().is_empty() => break [template, copy],
                _ => std::thread::yield_now(),
            }
        };
        // Nothing of a terminal, of tecrax's group, or of whoever started tecrax reaches it.
        assert_eq!(session(template), (template, 0));
        holds(template, &["/dev/null", "/dev/null", "/dev/null", "pidfd", "pidfd", "socket"]);
        assert_eq!(read(template, "environ"), "MIMALLOC_ARENA_RESERVE=32M\0");
        assert_eq!(fs::read_link(format!("/proc/{template}/cwd")).unwrap(), Path::new("/"));
        assert_eq!(line(template, "status", "Threads"), "1");
        let kib: u64 = line(template, "status", "RssAnon").trim_end_matches(" kB").parse().unwrap();
        assert!(kib < 8 * 1024, "it has read something: {kib} KiB of its own");
        // When memory runs out, its copies go before it does.
        let own = fs::read_to_string("/proc/self/oom_score_adj").unwrap();
        assert_eq!((read(template, "oom_score_adj"), read(copy, "oom_score_adj").as_str()), (own, "1000\n"));
        fs::write(it.path("manifests/go"), "").unwrap();
        let ended = pass.join().unwrap();
        assert_eq!(it.said("full"), "went", "{ended:?}");
    });
    it.nothing_is_left();
}

#[test]
fn commands_one_after_the_other_share_nothing() {
    let template = Template::start(template(env!("CARGO_BIN_EXE_tecrax")));
    for (level, namespace) in [("full", &["pipe"][..]), ("basic", &[])] {
        let one = Staying::start(&template, level, "one");
        let two = Staying::start(&template, level, "two");
        // Besides `/dev/null`: its own control socket, the command's handle, and what holds the first process.
        let mut own = vec!["/dev/null", "/dev/null", "/dev/null", "pidfd"];
        own.extend(namespace.iter().chain(&["socket"]));
        for it in [&one, &two] {
            holds(it.helper(), &own);
            assert_eq!(line(it.helper(), "limits", "Max cpu time"), "60 60 seconds");
            assert_eq!(session(it.helper()), (it.helper(), 0));
        }
        assert_eq!(line(template.child.id(), "limits", "Max cpu time"), "unlimited unlimited seconds");
        assert_eq!((two.end().as_str(), one.end().as_str()), ("two\n60\n", "one\n60\n"), "{level}");
    }
}

#[test]
fn what_is_no_order_is_left_and_the_next_is_taken() {
    let template = Template::start(template(env!("CARGO_BIN_EXE_tecrax")));
    let null = fs::File::options().write(true).open("/dev/null").unwrap();
    let long = vec![b'x'; 100_000];
    for message in [&b"moon\0"[..], b"full\x00\x001\x00/\x00/bin/true\x00999\x00true\x00", b"\xff", &long] {
        assert_eq!(template.send(message, [&null, &null]).listen(), "");
    }
    assert_eq!(Staying::start(&template, "full", "here").end(), "here\n60\n");
}

/// Whoever had to wait too long for its turn is not started any more.
#[test]
fn an_order_that_nobody_waits_for_is_not_carried_out() {
    use rustix::process::{Pid, Signal, kill_process};
    let template = Template::start(template(env!("CARGO_BIN_EXE_tecrax")));
    assert_eq!(Staying::start(&template, "full", "up").end(), "up\n60\n");
    let process = Pid::from_raw(i32::try_from(template.child.id()).unwrap()).unwrap();
    kill_process(process, Signal::STOP).unwrap();
    let folder = TempDir::new().unwrap();
    let out = fs::File::create(folder.path().join("out")).unwrap();
    drop(template.order("basic", folder.path(), Path::new("/bin/echo"), &["echo", "ran"], [&out, &out]));
    kill_process(process, Signal::CONT).unwrap();
    // What comes after it has been taken after it; at level `basic` the first would not be slower.
    assert_eq!(Staying::start(&template, "full", "later").end(), "later\n60\n");
    assert_eq!(fs::read_to_string(folder.path().join("out")).unwrap(), "");
}

/// Memory that a process may write to.
fn memory(process: u32) -> Vec<u8> {
    use std::os::unix::fs::FileExt as _;
    assert!(
        rustix::process::geteuid().is_root(),
        "this test looks into the memory of a helper, which is root's: run it as root, or run tests/run --quick, which leaves it out"
    );
    let file = fs::File::open(format!("/proc/{process}/mem")).unwrap();
    let mut found = Vec::new();
    for line in read(process, "maps").lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split_whitespace().next().unwrap().split_once('-').unwrap();
        let [from, to] = [from, to].map(|number| u64::from_str_radix(number, 16).unwrap());
        // An allocator sets more aside than it has.
        let mut page = vec![0; 1 << 16];
        for at in (from..to.min(from + (256 << 20))).step_by(page.len()) {
            let length = file.read_at(&mut page, at).unwrap_or_default();
            found.extend(page[..length].iter().filter(|byte| **byte != 0));
        }
    }
    found
}

#[test]
fn what_nobody_was_told_no_helper_knows() {
    let template = Template::start(template(env!("CARGO_BIN_EXE_tecrax")));
    let null = fs::File::options().write(true).open("/dev/null").unwrap();
    let secret = ["a-secret", "of-nobody"].join("-");
    assert_eq!(template.send(secret.repeat(8000).as_bytes(), [&null, &null]).listen(), "");
    let it = Staying::start(&template, "basic", "own-order");
    let memory = memory(it.helper());
    let holds = |word: &str| memory.windows(word.len()).any(|window| window == word.as_bytes());
    assert!(holds("echo own-order"), "this test does not see what a helper knows");
    assert!(!holds(&secret));
    assert_eq!(it.end(), "own-order\n60\n");
}

/// A number is a child's own for as long as nobody has asked how it ended, unless the kernel was told that nobody will.
#[test]
fn children_wait_to_be_asked_whoever_started_tecrax() {
    let it = Wrapped::new("until [ -e \"${0%/*}/go\" ]; do sleep 0.01; done; said=went");
    std::thread::scope(|scope| {
        let pass = scope.spawn(|| it.pass_by("/usr/bin/env", &["--ignore-signal=CHLD"]));
        while it.left().is_empty() {
            assert!(!pass.is_finished(), "it ended by itself");
            std::thread::yield_now();
        }
        let tecrax = line(it.ours()[0], "status", "PPid").parse().unwrap();
        let ignored = u64::from_str_radix(&line(tecrax, "status", "SigIgn"), 16).unwrap();
        fs::write(it.path("manifests/go"), "").unwrap();
        let ended = pass.join().unwrap();
        assert_eq!(ignored & (1 << (17 - 1)), 0, "{ended:?}");
        assert_eq!(it.said("full"), "went", "{ended:?}");
    });
}
