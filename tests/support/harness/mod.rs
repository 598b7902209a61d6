//! Runs recorded cases against the product and accounts for every one of them.
//!
//! Everything is read from one directory: `TECRAX_CONFORMANCE_DIR`, by default `tests/conformance/` of this crate. Another set of
//! the same format can stand there; without a `deviations.yaml` it has none.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::print_stdout, reason = "counts are said aloud")]

mod deviations;
mod expand;
mod same;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

pub use deviations::{Deviation, Deviations};
pub use expand::expand;

/// Quirks of the recording language that this product does not imitate.
const SKIPPED_TAGS: [&str; 4] = ["bool_as_int", "bigint", "python_repr", "stringify"];
/// Failures that are printed in full.
const SHOWN_MAX: usize = 10;

/// What the product makes of a case.
pub enum Answer {
    /// This value, in the form of the recorded expectation.
    Value(Value),
    /// Nothing: what only the other stack has. `deviations.yaml` has to say so of every such case.
    Foreign(String),
}

/// How many cases only the other stack has, by what they are about.
pub type Foreign = BTreeMap<String, usize>;

/// What of our own set is left out, by name and number: a case that joins it is seen. Of another set nobody knows how many there are.
pub fn left_out(foreign: &Foreign, expected: &[(&str, usize)]) {
    if std::env::var_os("TECRAX_CONFORMANCE_DIR").is_none() {
        let expected: Foreign = expected.iter().map(|(what, count)| ((*what).to_owned(), *count)).collect();
        assert_eq!(*foreign, expected, "left out (left), and what may be (right)");
    }
}

/// The directory that is tested against.
pub fn directory() -> PathBuf {
    std::env::var_os("TECRAX_CONFORMANCE_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conformance"), PathBuf::from)
}

/// Reads and expands one file of the set.
pub fn read(file: &str) -> Value {
    let path = directory().join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Runs every case of `file`; `recorded` takes the expectation out of a case, `answer` asks the product. Panics when a case
/// fails, when none ran, when a deviation is stale, and when a case is left out without a reason or with one that is not true. Returns
/// what was left out.
pub fn run(file: &str, recorded: impl Fn(&Value) -> Value, answer: impl Fn(&Value) -> Answer) -> Foreign {
    let content = read(file);
    let cases = content["cases"].as_array().unwrap_or_else(|| panic!("{file} has no list of cases")).clone();
    let mut known = Known::of(file);
    // Those of a section of its own carry its name.
    let section = |id: &str| id.split_once('/').is_some_and(|(section, _)| content.get(section).is_some());
    known.retain(|id| !section(id));
    run_cases(file, &cases, &known, recorded, answer)
}

/// Runs one list of a file that has several. A case without an id is called after its place; deviations name `section/id`.
pub fn run_section(file: &str, section: &str, recorded: impl Fn(&Value) -> Value, answer: impl Fn(&Value) -> Answer) -> Foreign {
    let content = read(file);
    let cases = content[section].as_array().unwrap_or_else(|| panic!("{file} has no list {section}")).clone();
    run_list(file, section, cases, recorded, answer)
}

/// Like [`run_section`], for a list that stands deeper in the file.
pub fn run_list(
    file: &str,
    section: &str,
    mut cases: Vec<Value>,
    recorded: impl Fn(&Value) -> Value,
    answer: impl Fn(&Value) -> Answer,
) -> Foreign {
    for (place, case) in cases.iter_mut().enumerate() {
        let name = case["id"].as_str().or(case["action"].as_str()).map_or_else(|| place.to_string(), str::to_owned);
        case["id"] = format!("{section}/{name}").into();
    }
    let mut known = Known::of(file);
    known.retain(|id| id.starts_with(&format!("{section}/")));
    run_cases(&format!("{file} {section}"), &cases, &known, recorded, answer)
}

/// What `deviations.yaml` says of a list of cases.
struct Known {
    deviations: BTreeMap<String, Deviation>,
    foreign: BTreeSet<String>,
}

impl Known {
    fn of(file: &str) -> Self {
        let all = Deviations::read(&directory());
        Self { deviations: all.of(file), foreign: all.without_counterpart(file) }
    }

    fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.deviations.retain(|id, _| keep(id));
        self.foreign.retain(|id| keep(id));
    }
}

fn run_cases(
    file: &str,
    cases: &[Value],
    known: &Known,
    recorded: impl Fn(&Value) -> Value,
    answer: impl Fn(&Value) -> Answer,
) -> Foreign {
    let mut count = Count::default();
    let mut failures = Vec::new();
    let mut unused: Vec<&String> = known.deviations.keys().chain(&known.foreign).collect();
    for case in cases {
        let id = case["id"].as_str().unwrap_or_else(|| panic!("{file}: a case has no id"));
        unused.retain(|name| *name != id);
        let deviation = known.deviations.get(id);
        let tags = case["tags"].as_array().into_iter().flatten().filter_map(Value::as_str);
        if let Some(tag) = tags.into_iter().find(|tag| SKIPPED_TAGS.contains(tag)) {
            *count.skipped.entry(tag.to_owned()).or_default() += 1;
            continue;
        }
        let case = expand(case);
        let ours = match answer(&case) {
            Answer::Value(value) => without_error_types(&value),
            Answer::Foreign(what) => {
                if !known.foreign.contains(id) {
                    failures.push(format!("{id}: left out ({what}), and deviations.yaml does not say so"));
                }
                *count.foreign.entry(what).or_default() += 1;
                continue;
            }
        };
        count.ran += 1;
        if known.foreign.contains(id) {
            failures.push(format!("{id}: deviations.yaml says that nothing of ours answers it, and something did"));
        }
        let theirs = without_error_types(&recorded(&case));
        let expected = deviation.map_or_else(|| theirs.clone(), |deviation| deviation.apply(&theirs));
        if deviation.is_some() {
            count.deviate += 1;
            if same::same(&ours, &theirs) {
                failures.push(format!("{id}: stale deviation, the recorded answer is ours by now"));
                continue;
            }
        }
        let differences = same::differences(&expected, &ours);
        if !differences.is_empty() {
            failures.push(format!("{id}: {}", differences.join("; ")));
        }
    }
    failures.extend(unused.into_iter().map(|name| format!("{name}: deviations.yaml names this case, which does not exist")));
    println!("{file}: {count}");
    let shown = failures.iter().take(SHOWN_MAX).cloned().collect::<Vec<_>>().join("\n  ");
    assert!(failures.is_empty(), "{file}: {} of {} cases fail\n  {shown}", failures.len(), cases.len());
    assert!(count.ran > 0, "{file}: no case ran");
    count.foreign
}

/// A recorded failure is compared by its message; the type is that of another language.
fn without_error_types(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(error) = value.get_mut("error").and_then(Value::as_object_mut) {
        error.remove("type");
    }
    value
}

#[derive(Default)]
struct Count {
    ran: usize,
    deviate: usize,
    skipped: BTreeMap<String, usize>,
    foreign: BTreeMap<String, usize>,
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ran", self.ran)?;
        write!(f, ", {} deviate", self.deviate)?;
        write!(f, ", {} skipped by tag", self.skipped.values().sum::<usize>())?;
        for (tag, count) in &self.skipped {
            write!(f, " [{tag} {count}]")?;
        }
        write!(f, ", {} of things that only the stack has", self.foreign.values().sum::<usize>())?;
        for (what, count) in &self.foreign {
            write!(f, " [{what} {count}]")?;
        }
        Ok(())
    }
}
