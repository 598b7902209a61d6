//! Networks of a test's own: namespaces, and a cable between two of them that can be pulled.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs, dead_code)]

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::sync::mpsc;
use std::thread;

use nix::sched::{CloneFlags, setns, unshare};

use super::daemon::{needs, run};

/// A network namespace; it ends with this and with the last process in it.
pub struct Network(File);

impl Network {
    /// A machine with loopback and nothing else.
    pub fn new() -> Self {
        needs("/usr/sbin/ip", "iproute2");
        let made = thread::spawn(|| {
            unshare(CloneFlags::CLONE_NEWNET).expect("this test makes networks: run it as root where namespaces can be made");
            run(&["ip", "link", "set", "lo", "up"]);
            File::open("/proc/thread-self/ns/net").unwrap()
        });
        Self(made.join().unwrap())
    }

    /// Does `work` inside, on a thread of its own: what it listens on and what it starts is inside, too.
    pub fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        thread::scope(|scope| {
            let entered = scope.spawn(|| {
                setns(&self.0, CloneFlags::CLONE_NEWNET).unwrap();
                work()
            });
            entered.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// The same on a thread that stays: what ends with whoever started it goes on.
    pub fn start<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let network = self.0.try_clone().unwrap();
        let (sender, started) = mpsc::channel();
        thread::spawn(move || {
            setns(&network, CloneFlags::CLONE_NEWNET).unwrap();
            let _ = sender.send(work());
            loop {
                thread::park();
            }
        });
        started.recv().expect("what was started said why not")
    }

    /// `ip` with these words.
    pub fn ip(&self, words: &str) {
        let words: Vec<&str> = std::iter::once("ip").chain(words.split(' ')).collect();
        self.inside(|| run(&words));
    }

    /// A cable to `other`: `cable` here, with the address `here`, and `cable` there, with all of `there`.
    pub fn plug(&self, here: &str, other: &Self, there: &[String]) {
        let path = format!("/proc/{}/fd/{}", std::process::id(), other.0.as_raw_fd());
        self.ip(&format!("link add cable type veth peer name cable netns {path}"));
        self.ip(&format!("address add {here} dev cable"));
        for address in there {
            other.ip(&format!("address add {address} dev cable"));
        }
        self.set("up");
        other.set("up");
    }

    /// Plugs the cable in (`up`) or pulls it (`down`).
    pub fn set(&self, state: &str) {
        self.ip(&format!("link set cable {state}"));
    }
}
