//! Bundles of a log, checked beside the pass over it: that pass reads and hashes, which keeps one core busy already.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Scope, ScopedJoinHandle};

use crate::evidence::bundle::Checker;
use crate::evidence::log::{DEFECTS_MAX, Defect, RecordParts};
use crate::evidence::{Header, RecordKind};

/// Most workers: more would wait for the pass.
const WORKERS_MAX: usize = 8;
/// Runs that wait for a worker.
const WAITING: usize = 64;

/// One run, to be checked.
struct Job {
    index: u64,
    header: Header,
    body: Vec<u8>,
    parts: Vec<(String, Arc<[u8]>)>,
}

/// What checking came to.
#[derive(Debug, Default)]
pub struct Tally {
    /// Bundles checked.
    pub checked: u64,
    /// Those to which upstream says `pass`.
    pub passed: u64,
    /// What is wrong, in the order of the log.
    pub defects: Vec<Defect>,
    /// Bundles with defects beyond those.
    pub more: u64,
    /// Bundles handed over that no worker checked.
    pub missed: u64,
}

/// Workers that check bundles.
pub struct Workers<'s> {
    jobs: SyncSender<Job>,
    handles: Vec<ScopedJoinHandle<'s, Tally>>,
}

impl<'s> Workers<'s> {
    /// Starts as many as the machine has cores.
    pub fn start(scope: &'s Scope<'s, '_>) -> Self {
        let (jobs, waiting) = sync_channel(WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        let number = std::thread::available_parallelism().map_or(1, NonZero::get).min(WORKERS_MAX);
        let handles = (0..number)
            .map(|_| {
                let waiting = Arc::clone(&waiting);
                scope.spawn(move || work(&waiting))
            })
            .collect();
        Self { jobs, handles }
    }

    /// Hands a record over, if it is a run.
    pub fn take(&self, record: &RecordParts<'_>) -> bool {
        if RecordKind::parse(&record.header.kind) != Some(RecordKind::Run) {
            return false;
        }
        let (header, body) = (record.header.clone(), record.body.to_vec());
        // Workers end only after the last job: nobody is left to hear of it.
        self.jobs.send(Job { index: record.index, header, body, parts: record.parts.clone() }).is_ok()
    }

    /// Waits until all is checked.
    pub fn end(self) -> Tally {
        drop(self.jobs);
        let mut all = Tally::default();
        for handle in self.handles {
            // A worker that panicked is a bug: its bundles are missing in the count, which the caller compares.
            let tally = handle.join().unwrap_or_default();
            all.checked += tally.checked;
            all.passed += tally.passed;
            all.more += tally.more;
            all.defects.extend(tally.defects);
        }
        all.defects.sort();
        all
    }
}

fn work(waiting: &Mutex<Receiver<Job>>) -> Tally {
    let mut checker = Checker::default();
    let mut tally = Tally::default();
    loop {
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return tally };
        tally.checked += 1;
        check(&mut checker, &job, &mut tally);
    }
}

fn check(checker: &mut Checker, job: &Job, tally: &mut Tally) {
    let record = RecordParts { index: job.index, header: &job.header, body: &job.body, parts: Vec::new() };
    let parts: Vec<(&str, &[u8])> = job.parts.iter().map(|(name, bytes)| (name.as_str(), &**bytes)).collect();
    let found: Vec<String> = match checker.check(&job.header, &parts, &job.body) {
        Err(error) => vec![error.to_string()],
        Ok(verdict) => {
            tally.passed += u64::from(verdict.passes());
            let upstream = (!verdict.passes()).then(|| format!("sclite-core 1.0.5 says {}", verdict.verdict));
            upstream.into_iter().chain(verdict.findings.iter().map(ToString::to_string)).collect()
        }
    };
    if found.is_empty() {
        return;
    }
    if tally.defects.len() >= DEFECTS_MAX {
        tally.more += 1;
        return;
    }
    tally.defects.extend(found.into_iter().map(|what| Defect::new(record.place(), format!("its bundle: {what}"))));
}
