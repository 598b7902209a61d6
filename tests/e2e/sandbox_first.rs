//! The first process of a command's PID namespace is a copy of the helper: it keeps nothing of it, and ends when the helper ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::{JoinHandle, spawn};

use crate::support::daemon::until;
use crate::support::shut_in::{Template, template};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Far more than a helper needs to be ready, in seconds.
const PATIENCE: u64 = 15;

/// A command at level `full` that stays until it is ended.
struct Staying {
    helper: Pid,
    control: std::os::unix::net::UnixStream,
    listening: JoinHandle<String>,
    _template: Template,
    _folder: TempDir,
}

impl Staying {
    fn start(seconds: &str) -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "this test looks at the descriptors of a helper, which are root's: run it as root, or run tests/run --quick, which leaves it out"
        );
        let folder = TempDir::new().unwrap();
        let template = Template::start(template(env!("CARGO_BIN_EXE_tecrax")));
        let out = fs::File::create(folder.path().join("out")).unwrap();
        let mut it = template.order("full", folder.path(), Path::new("/bin/sleep"), &["sleep", seconds], [&out, &out]);
        it.meet();
        let helper = Pid::from_raw(i32::try_from(it.helper.unwrap()).unwrap()).unwrap();
        let control = it.control.try_clone().unwrap();
        Self { helper, control, listening: spawn(move || it.listen()), _template: template, _folder: folder }
    }

    /// The folders in `/proc` of the helper's children: the first process, and the command.
    fn children(&self) -> Option<(PathBuf, PathBuf)> {
        let parent = format!("\nPPid:\t{}\n", self.helper.as_raw_nonzero());
        let mut found: Vec<(PathBuf, String)> = fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| {
                let path = entry.unwrap().path();
                let status = fs::read_to_string(path.join("status")).ok()?;
                status.contains(&parent).then_some((path, status))
            })
            .collect();
        found.sort_by_key(|(_, status)| own_number(status));
        let [(first, one), (command, two)] = &found[..] else { return None };
        (own_number(one) == 1 && own_number(two) == 2).then(|| (first.clone(), command.clone()))
    }

    /// Both, when the command runs and the first process has settled.
    fn settled(&self) -> (PathBuf, PathBuf) {
        until("a first process that watches and a command that runs", PATIENCE, || {
            let (first, command) = self.children()?;
            let runs = fs::read_to_string(command.join("comm")).is_ok_and(|name| name == "sleep\n");
            (runs && descriptors(&first).iter().any(|name| name == "/proc/loadavg")).then_some((first, command))
        })
    }
}

/// The process number in its own namespace.
fn own_number(status: &str) -> u32 {
    let line = status.lines().find_map(|line| line.strip_prefix("NSpid:")).unwrap();
    line.split_whitespace().next_back().unwrap().parse().unwrap()
}

/// What a process has open, sorted; pipes and sockets without their numbers.
fn descriptors(process: &Path) -> Vec<String> {
    let Ok(listed) = fs::read_dir(process.join("fd")) else { return Vec::new() };
    let names = listed.filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
    let mut names: Vec<String> = names.map(|name| name.to_str().unwrap().split(":[").next().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// The process group, and the nice value.
fn group_and_urgency(process: &Path) -> (u32, i32) {
    let stat = fs::read_to_string(process.join("stat")).unwrap();
    let words: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (words[2].parse().unwrap(), words[16].parse().unwrap())
}

/// Ended, whether or not somebody has asked how.
fn gone(process: &Path) -> bool {
    let Ok(stat) = fs::read_to_string(process.join("stat")) else { return true };
    stat.rsplit_once(')').unwrap().1.trim_start().starts_with(['Z', 'X'])
}

#[test]
fn it_keeps_nothing_of_what_tecrax_and_the_command_talk_through() {
    let it = Staying::start("7321");
    let (first, command) = it.settled();
    assert_eq!(descriptors(&first), ["/dev/null", "/dev/null", "/dev/null", "/proc/loadavg", "pipe"]);
    let number: u32 = first.file_name().unwrap().to_str().unwrap().parse().unwrap();
    let ((group, urgency), (others, usual)) = (group_and_urgency(&first), group_and_urgency(&command));
    assert_eq!(group, number, "it leads a group of its own");
    assert_ne!(others, group);
    assert!(urgency < usual, "whoever must end the others gets its turn among them: {urgency}, {usual}");
    it.control.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(it.listening.join().unwrap(), "signal 9");
    assert!(gone(&first) && gone(&command), "they end before the helper says so");
}

/// It notices by its pipe, whose other end nobody but the helper may hold.
#[test]
fn it_ends_with_a_helper_that_is_killed_and_the_command_with_it() {
    let it = Staying::start("7322");
    let (first, command) = it.settled();
    kill_process(it.helper, Signal::KILL).unwrap();
    assert_eq!(it.listening.join().unwrap(), "", "a killed helper says nothing");
    until("the end of both", PATIENCE, || (gone(&first) && gone(&command)).then_some(()));
}
