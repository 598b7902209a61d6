//! What is shut in answers like what is not: every command of the profile that runs on this machine, at every level, as root and as
//! an account without privileges.

use crate::support::shut_in;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::shut_in::{Template, plain, template};
use tecrax::facts;
use tecrax::profile::Profile;
use tempfile::TempDir;

/// `nobody`.
const PLAIN_USER: u32 = 65_534;

/// The program of a command line as a local connection finds it.
fn found(program: &str) -> Option<PathBuf> {
    let places = shut_in::PATH.split(':').map(|place| Path::new(place).join(program));
    std::iter::once(PathBuf::from(program)).filter(|path| path.is_absolute()).chain(places).find(|path| path.is_file())
}

/// Numbers that move between two readings of one machine stand as `#`.
fn still(program: &str, text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text).into_owned();
    let moves =
        text.contains("load average") || text.contains("MemTotal") || text.contains("1024-blocks") || program == "/proc/loadavg";
    if !moves {
        return text;
    }
    let digits = text.replace(|c: char| c.is_ascii_digit(), "#");
    digits.split_whitespace().map(|word| word.replace("##", "#").replace("##", "#").replace("##", "#") + " ").collect()
}

/// Exit status and both streams.
type Answer = (i32, String, String);

fn answers(mut command: Command, last: &str) -> Answer {
    let output = command.output().unwrap();
    (output.status.code().unwrap(), still(last, &output.stdout), still(last, &output.stderr))
}

fn shut_in_answers(template: &Template, level: &str, folder: &Path, program: &Path, argv: &[&str]) -> Answer {
    let (out, err) = (folder.join("out"), folder.join("err"));
    let streams = [fs::File::create(&out).unwrap(), fs::File::create(&err).unwrap()];
    let mut shut_in = template.order(level, folder, program, argv, [&streams[0], &streams[1]]);
    let said = shut_in.listen();
    let status = said.strip_prefix("status ").and_then(|status| status.parse().ok());
    let status = status.unwrap_or_else(|| panic!("the machine would not shut it in: {said}"));
    let last = argv[argv.len() - 1];
    (status, still(last, &fs::read(out).unwrap()), still(last, &fs::read(err).unwrap()))
}

#[test]
fn every_command_of_the_profile_answers_the_same() {
    let profile = Profile::embedded(&|name| facts::normalizer(name).is_some()).unwrap();
    let home = TempDir::new().unwrap();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
    // An account without privileges may not look into the build folder.
    let tecrax = home.path().join("tecrax");
    fs::copy(env!("CARGO_BIN_EXE_tecrax"), &tecrax).unwrap();
    let accounts = if rustix::process::geteuid().is_root() { vec![None, Some(PLAIN_USER)] } else { vec![None] };
    let become_it = |mut command: Command, account: Option<u32>| {
        if let Some(account) = account {
            command.uid(account).gid(account);
        }
        command
    };
    // One for all commands of an account, as tecrax has it.
    let accounts: Vec<(Option<u32>, Template)> = accounts
        .into_iter()
        .map(|account| (account, Template::start(become_it(template(tecrax.to_str().unwrap()), account))))
        .collect();
    let mut asked = 0;
    for shape in profile.connectors["monitoring_host"].shapes.values() {
        let argv: Vec<&str> = shape.argv().iter().map(String::as_str).collect();
        let Some(program) = found(argv[0]) else { continue };
        for (account, template) in &accounts {
            let last = argv[argv.len() - 1];
            let outside = answers(become_it(plain(&program, &argv), *account), last);
            for level in ["basic", "full"] {
                let folder = TempDir::new_in(home.path()).unwrap();
                if let Some(account) = account {
                    chown(folder.path(), Some(*account), Some(*account)).unwrap();
                }
                let inside = shut_in_answers(template, level, folder.path(), &program, &argv);
                assert_eq!(inside, outside, "{argv:?} at level {level}, account {account:?}");
                asked += 1;
            }
        }
    }
    assert!(asked >= 40, "only {asked} answers were compared");
}

/// Given by hand, the template's command line leads nowhere.
#[test]
fn the_template_by_hand_is_refused() {
    for words in [
        &["__sandbox"][..],
        &["__sandbox", "run", "full", "1", "/tmp", "/bin/true", "true"],
        &["__sandbox", "template"],
        &["__sandbox", "template", "/tmp"],
        &["__sandbox", "moon"],
    ] {
        let ended = Command::new(env!("CARGO_BIN_EXE_tecrax")).args(words).stdin(Stdio::null()).output().unwrap();
        assert_eq!((ended.status.code(), ended.stdout.len()), (Some(64), 0), "{words:?}");
    }
}
