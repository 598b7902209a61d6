//! Readings as a user hands them in.

use std::path::Path;

use serde::Deserialize;

use super::super::exit::{Exit, Failure};
use super::super::input;
use crate::api::{ErrorClass, did_you_mean};
use crate::facts::{Reading, Readings};

/// Largest file of one step, in bytes.
const MAX_READING: usize = 1024 * 1024;
/// Largest file of several steps, in bytes.
const MAX_FILE: usize = 16 * 1024 * 1024;
/// Most steps.
const MAX_STEPS: usize = 256;

/// One reading of a file: taken, or failed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    stdout: Option<String>,
    stderr: Option<String>,
    failed: Option<ErrorClass>,
    message: Option<String>,
}

/// Reads `STEP=FILE` arguments and the readings file; a step stands once.
pub(super) fn read(steps: &[String], file: Option<&Path>) -> Result<Readings, Failure> {
    let mut readings = file.map(of_file).transpose()?.unwrap_or_default();
    let stdins = steps.iter().filter(|step| step.ends_with("=-")).count()
        + usize::from(file.is_some_and(|file| file.as_os_str() == input::STDIN));
    if stdins > 1 {
        return Err(Failure::new(Exit::Config, "standard input is named twice").help("give the others as files"));
    }
    for argument in steps {
        let Some((step, path)) = argument.split_once('=').filter(|(step, path)| !step.is_empty() && !path.is_empty()) else {
            return Err(Failure::new(Exit::Config, format!("`{argument}` is no STEP=FILE")).help(
                "write a step and a file, such as read_os_release=os-release.txt, or read_os_release=- for standard input",
            ));
        };
        let reading = Reading::taken(input::text(Path::new(path), MAX_READING)?);
        if readings.insert(step.to_owned(), reading).is_some() {
            return Err(Failure::new(Exit::Config, format!("step `{step}` is given twice")));
        }
    }
    if readings.len() > MAX_STEPS {
        return Err(Failure::new(Exit::Config, format!("more than {MAX_STEPS} steps")));
    }
    Ok(readings)
}

fn of_file(path: &Path) -> Result<Readings, Failure> {
    of_bytes(path, &input::bytes(path, MAX_FILE)?)
}

/// The readings in the content `bytes` of the file `path`.
fn of_bytes(path: &Path, bytes: &[u8]) -> Result<Readings, Failure> {
    let bad = |why: String| {
        Failure::new(Exit::Config, format!("{}: {why}", path.display())).help(
            "write {\"STEP\": {\"stdout\": \"…\", \"stderr\": \"…\"}} or {\"STEP\": {\"failed\": \"Timeout\", \"message\": \"…\"}}",
        )
    };
    let written: std::collections::BTreeMap<String, Written> =
        serde_json::from_slice(bytes).map_err(|error| bad(error.to_string()))?;
    written
        .into_iter()
        .map(|(step, written)| match written {
            Written { stdout, stderr, failed: None, message: None } if stdout.is_some() || stderr.is_some() => {
                Ok((step, Reading::Taken { stdout: stdout.unwrap_or_default(), stderr: stderr.unwrap_or_default() }))
            }
            Written { stdout: None, stderr: None, failed: Some(class), message } => {
                let message = message.unwrap_or_else(|| format!("{class:?}"));
                Ok((step, Reading::Failed { class, message, next_step: None }))
            }
            _ => Err(bad(format!("step `{step}` is neither taken nor failed"))),
        })
        .collect()
}

/// A readings file from memory, for fuzzers.
///
/// # Errors
/// What a person would be told.
#[cfg(any(test, feature = "fuzz"))]
pub fn fuzz(bytes: &[u8]) -> Result<Readings, String> {
    of_bytes(Path::new("readings.json"), bytes).map_err(|failure| failure.to_string())
}

/// Refuses steps that nobody reads, with the nearest that somebody does.
pub(super) fn known(readings: &Readings, steps: &[&str], normalizer: &str) -> Result<(), Failure> {
    let Some(stranger) = readings.keys().find(|step| !steps.contains(&step.as_str())) else { return Ok(()) };
    let help = did_you_mean(stranger, steps.iter().copied())
        .map_or_else(|| format!("{normalizer} reads {}", steps.join(", ")), |near| format!("did you mean `{near}`?"));
    Err(Failure::new(Exit::Config, format!("{normalizer} has no step `{stranger}`")).help(help))
}
