//! Files become documents, on every core.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::{mem, thread};

use crate::api::{Place, Problem, reason};

use super::bounds::MAX_DOCUMENTS;
use super::document::{File, Parsed, Reader};
use super::split::{BOM, Chunk, split};

/// Documents that one thread takes at a time.
const BATCH: usize = 64;
/// Threads at most: beyond, they wait for memory.
const MAX_THREADS: usize = 8;

/// A file to parse.
pub(super) struct Job {
    /// The file.
    pub file: File,
    /// Whether it is one JSON value rather than a stream of documents.
    pub json: bool,
}

/// Documents of one file.
struct Batch {
    job: usize,
    chunks: Vec<Chunk>,
}

/// Parses every file; the results are in the order of the jobs, whatever the number of cores.
pub(super) fn parse(jobs: &[Job]) -> Vec<Parsed> {
    let mut batches = Vec::new();
    let mut problems = Vec::new();
    for (index, job) in jobs.iter().enumerate() {
        problems.push(cut(index, job, &mut batches));
    }
    // To count the cores is to read files of the kernel: longer than a file of ours takes.
    let cores = || thread::available_parallelism().map_or(1, usize::from);
    let threads = if batches.len() > 1 { cores().min(MAX_THREADS).min(batches.len()) } else { 1 };
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(batch) = batches.get(index) else { return done };
            let Some(job) = jobs.get(batch.job) else { return done };
            let mut reader = Reader { file: &job.file, parsed: Parsed::default() };
            batch.chunks.iter().for_each(|chunk| reader.chunk(chunk));
            done.push((index, batch.job, reader.parsed));
        }
    };
    let mut done = thread::scope(|scope| {
        // This thread works too: by itself, when the machine gives no other.
        let others: Vec<_> = (1..threads).map_while(|_| thread::Builder::new().spawn_scoped(scope, work).ok()).collect();
        let mut done = work();
        for other in others {
            match other.join() {
                Ok(part) => done.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(index, ..)| *index);
    let mut parsed: Vec<Parsed> = jobs.iter().map(|_| Parsed::default()).collect();
    for (_, job, part) in done {
        if let Some(whole) = parsed.get_mut(job) {
            whole.append(part);
        }
    }
    for (whole, problem) in parsed.iter_mut().zip(problems) {
        whole.problems.extend(problem);
    }
    parsed
}

/// Cuts a file into batches; what is too much becomes a problem.
fn cut(index: usize, job: &Job, batches: &mut Vec<Batch>) -> Option<Problem> {
    let text = &job.file.text;
    if job.json {
        let start = if text.starts_with(BOM) { BOM.len() } else { 0 };
        let whole = Chunk { range: start..text.len(), line: 1, content: true };
        batches.push(Batch { job: index, chunks: vec![whole] });
        return None;
    }
    let mut chunks = Vec::new();
    for (documents, chunk) in split(text).filter(|chunk| chunk.content).enumerate() {
        if documents == MAX_DOCUMENTS {
            batches.push(Batch { job: index, chunks });
            let place = Place { file: job.file.name.clone(), line: chunk.line, column: 0 };
            let problem = Problem::error(reason::TOO_LARGE, format!("more than {MAX_DOCUMENTS} documents in one file"))
                .help("split the file; the documents from here on are left out");
            return Some(problem.at(place));
        }
        chunks.push(chunk);
        if chunks.len() == BATCH {
            batches.push(Batch { job: index, chunks: mem::take(&mut chunks) });
        }
    }
    batches.push(Batch { job: index, chunks });
    None
}
