//! One bundle directory.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::super::super::exit::{Exit, Failure};
use super::super::files::{self, Entry};
use super::super::layout::FILE_MAX;
use super::outcome::Outcome;
use crate::evidence::sclite::guard::GuardKey;
use crate::evidence::sclite::layout::{LIFECYCLE, MANIFEST, REACTION, REACTION_MANIFEST};
use crate::evidence::sclite::{Bundle, BundleReport, Upstream, verify_bundle};

/// A bundle directory in memory, and what kept some of it out.
#[derive(Debug)]
pub struct Loaded {
    /// The files.
    pub bundle: Bundle,
    /// Paths inside the bundle that could not be read, and why.
    pub unreadable: Vec<(String, String)>,
}

/// The error of a walk.
struct Failed(String, io::Error);

impl From<(String, io::Error)> for Failed {
    fn from((path, error): (String, io::Error)) -> Self {
        Self(path, error)
    }
}

/// Reads the bundle at `directory`, which messages name `label`.
///
/// # Errors
/// [`Exit::Io`] when the directory can not be listed.
pub fn load(directory: &Path, label: &str) -> Result<Loaded, Failure> {
    let mut loaded = Loaded { bundle: Bundle::new(label), unreadable: Vec::new() };
    files::walk::<Failed>(directory, &mut |path, entry| {
        let what = match entry {
            Entry::File => None,
            Entry::Linked => Some("it has another name too: upstream 2.0.1 refuses hard links".to_owned()),
            _ => Some("it is no plain file".to_owned()),
        };
        let read = what.map_or_else(|| files::read(&directory.join(path), FILE_MAX).map_err(|error| error.to_string()), Err);
        let taken = read.and_then(|bytes| loaded.bundle.insert(path, bytes).map_err(|error| error.to_string()));
        if let Err(what) = taken {
            loaded.unreadable.push((path.to_owned(), what));
        }
        Ok(())
    })
    .map_err(|Failed(path, error)| Failure::new(Exit::Io, format!("cannot read {}: {error}", directory.join(path).display())))?;
    Ok(loaded)
}

/// Whether a file of that name makes a directory a bundle.
pub fn is_part(name: &str) -> bool {
    let roles = LIFECYCLE.iter().chain(&REACTION);
    name == MANIFEST || name == REACTION_MANIFEST || roles.into_iter().any(|(_, file)| *file == name)
}

/// Verifies one bundle and says what upstream says.
///
/// # Errors
/// As [`load`].
pub fn verify(directory: &Path, key: Option<&GuardKey>) -> Result<Outcome, Failure> {
    let shown = directory.display().to_string();
    let mut outcome = Outcome::new("bundle", &shown);
    let loaded = load(directory, &shown)?;
    let report = verify_bundle(&loaded.bundle, key);
    let said = said(&report);
    outcome.fact("Upstream", "upstream", format!("sclite-core 1.0.5 says {}", words(&said)), Value::Object(said));
    if key.is_none() && loaded.bundle.contains(crate::evidence::sclite::layout::GUARD) {
        outcome.note("it has a kernel guard, which was not checked: --guard-key-file");
    }
    let loaded_wrong = loaded.unreadable;
    for (path, what) in &loaded_wrong {
        outcome.wrong(path.as_str(), what.as_str());
    }
    judge(&report, "", &mut outcome);
    Ok(outcome)
}

/// Adds what is wrong with a bundle to `outcome`; `prefix` stands before its files.
pub fn judge(report: &BundleReport, prefix: &str, outcome: &mut Outcome) {
    for finding in &report.findings {
        let what = format!("{} [{}]", finding.message, finding.code.as_str());
        outcome.wrong(format!("{prefix}{}", finding.file), what);
    }
    if !report.accepted().by_all() {
        let place = if prefix.is_empty() { "bundle".to_owned() } else { prefix.trim_end_matches('/').to_owned() };
        outcome.wrong(place, format!("sclite-core 1.0.5 says {}", words(&said(report))));
    }
}

/// What upstream says, by name of its check.
fn said(report: &BundleReport) -> Map<String, Value> {
    let mut said = BTreeMap::new();
    let mut put = |name: &str, result: Option<String>| {
        if let Some(result) = result {
            said.insert(name.to_owned(), json!(result));
        }
    };
    match &report.upstream {
        Upstream::Reaction(chain) => put("reaction", Some(refused(chain))),
        Upstream::Lifecycle(review) => {
            let verdict = review.verdict().map(str::to_owned);
            put("review", Some(verdict.unwrap_or_else(|| refused(&review.review))));
            for (name, result) in [("trust_reference", &review.trust_reference), ("carrier_reference", &review.carrier_reference)]
            {
                put(name, result.as_ref().map(refused));
            }
            put("guard", review.guard.as_ref().map(refused));
            put("guarded_strict", review.secure.as_ref().map(refused));
        }
    }
    said.into_iter().collect()
}

/// `pass`, or why not.
fn refused<T>(result: &Result<T, crate::evidence::sclite::Refusal>) -> String {
    result.as_ref().map_or_else(|refusal| format!("fail: {refusal}"), |_| "pass".to_owned())
}

/// `pass`, or each check with its answer when one does not pass.
fn words(said: &Map<String, Value>) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if said.values().all(|value| value == "pass") {
        return "pass".to_owned();
    }
    let each: Vec<String> = said.iter().map(|(name, value)| format!("{name} {}", text(value))).collect();
    each.join(", ")
}
