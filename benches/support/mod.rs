//! A small harness: programs are measured from the outside, in turn, and compared within one run.
//!
//! Figures of different runs are not comparable on a shared machine; the ratio of two programs that ran a moment apart is.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]
#![allow(missing_docs, dead_code, reason = "each bench uses its own part")]

pub mod daemon;
pub mod evidence;
pub mod fleet;
pub mod manifests;
pub mod nginx;
pub mod peers;
pub mod plot;
#[path = "../../tests/support/sshd.rs"]
pub mod sshd;
pub mod starts;
pub mod stats;

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use wait4::Wait4 as _;

/// The program under test, built with the profile of the bench (that of a release).
pub const TECRAX: &str = env!("CARGO_BIN_EXE_tecrax");

/// What one run of a program cost.
#[derive(Debug, Clone, Default)]
pub struct Cost {
    /// Seconds from start to exit.
    pub wall: f64,
    /// Seconds of processor time, user and system, of the program and the children it waited for.
    pub cpu: f64,
    /// Largest resident set in bytes. The kernel never reports less than the harness itself had when it started the program,
    /// so the harness keeps nothing large in memory.
    pub memory: f64,
    /// What it wrote to its standard output.
    pub stdout: String,
    /// What it wrote to its standard error.
    pub stderr: String,
}

/// Runs `command` to its end. Output goes to files, so that nobody waits for a reader.
///
/// # Panics
/// When it exits with anything but 0: a figure of something that failed means nothing.
pub fn cost(command: &mut Command) -> Cost {
    cost_ending(command, 0)
}

/// The same for a program that is meant to end with `code`.
///
/// # Panics
/// When it exits with anything else.
pub fn cost_ending(command: &mut Command, code: i32) -> Cost {
    let scratch = scratch();
    let (out, err) = (scratch.join("stdout"), scratch.join("stderr"));
    command.stdin(Stdio::null()).stdout(std::fs::File::create(&out).unwrap()).stderr(std::fs::File::create(&err).unwrap());
    let clock = Instant::now();
    let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let used = child.wait4().unwrap();
    let wall = clock.elapsed().as_secs_f64();
    let (stdout, stderr) = (std::fs::read_to_string(out).unwrap(), std::fs::read_to_string(err).unwrap());
    assert!(used.status.code() == Some(code), "{command:?}: {}\n{stdout}\n{stderr}", used.status);
    #[expect(clippy::cast_precision_loss, reason = "bytes of a process fit a double")]
    let memory = used.rusage.maxrss as f64;
    Cost { wall, cpu: (used.rusage.utime + used.rusage.stime).as_secs_f64(), memory, stdout, stderr }
}

/// A directory below the target directory, on the same disk as the build.
pub fn scratch() -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench");
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// A new empty directory outside every Git work tree.
pub fn empty_dir() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// How often, from `TECRAX_BENCH_ROUNDS`.
pub fn rounds(default: usize) -> usize {
    std::env::var("TECRAX_BENCH_ROUNDS").ok().map_or(default, |text| text.parse().expect("TECRAX_BENCH_ROUNDS is a number"))
}

/// Runs the contenders in turn (A B C, A B C, …), once without counting so that files and name caches are warm for all.
pub fn in_turn(rounds: usize, contenders: &mut [&mut dyn FnMut() -> Cost]) -> Vec<Vec<Cost>> {
    let mut costs: Vec<Vec<Cost>> = contenders.iter().map(|_| Vec::with_capacity(rounds)).collect();
    for round in 0..=rounds {
        for (contender, costs) in contenders.iter_mut().zip(&mut costs) {
            let cost = contender();
            if round > 0 {
                costs.push(cost);
            }
        }
    }
    costs
}
