//! Runs recorded cases against the product and accounts for every one of them.
//!
//! Everything is read from one directory: `TECRAX_CONFORMANCE_DIR`, by default `tests/conformance/` of this crate. Another set of
//! the same format can stand there; without a `deviations.yaml` it has none.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::print_stdout, reason = "counts are said aloud")]

mod deviations;
mod expand;
mod same;

use std::collections::BTreeMap;
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
    /// Nothing yet: what would have to be built.
    NotBuilt(String),
    /// Nothing ever: what only the other stack has.
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
/// fails, when none ran, and when a deviation is stale. Returns what was left out.
pub fn run(file: &str, recorded: impl Fn(&Value) -> Value, answer: impl Fn(&Value) -> Answer) -> Foreign {
    let content = read(file);
    let cases = content["cases"].as_array().unwrap_or_else(|| panic!("{file} has no list of cases")).clone();
    let mut deviations = Deviations::read(&directory()).of(file);
    // Those of a section of its own carry its name.
    let section = |id: &str| id.split_once('/').is_some_and(|(section, _)| content.get(section).is_some());
    deviations.retain(|id, _| !section(id));
    run_cases(file, &cases, &deviations, recorded, answer)
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
    let mut deviations = Deviations::read(&directory()).of(file);
    deviations.retain(|id, _| id.starts_with(&format!("{section}/")));
    run_cases(&format!("{file} {section}"), &cases, &deviations, recorded, answer)
}

fn run_cases(
    file: &str,
    cases: &[Value],
    deviations: &BTreeMap<String, Deviation>,
    recorded: impl Fn(&Value) -> Value,
    answer: impl Fn(&Value) -> Answer,
) -> Foreign {
    let mut count = Count::default();
    let mut failures = Vec::new();
    let mut unused: Vec<&String> = deviations.keys().collect();
    for case in cases {
        let id = case["id"].as_str().unwrap_or_else(|| panic!("{file}: a case has no id"));
        unused.retain(|name| *name != id);
        let deviation = deviations.get(id);
        let tags = case["tags"].as_array().into_iter().flatten().filter_map(Value::as_str);
        if let Some(tag) = tags.into_iter().find(|tag| SKIPPED_TAGS.contains(tag)) {
            *count.skipped.entry(tag.to_owned()).or_default() += 1;
            continue;
        }
        let case = expand(case);
        let ours = match answer(&case) {
            Answer::Value(value) => without_error_types(&value),
            Answer::NotBuilt(what) => {
                *count.not_built.entry(what).or_default() += 1;
                continue;
            }
            Answer::Foreign(what) => {
                *count.foreign.entry(what).or_default() += 1;
                continue;
            }
        };
        count.ran += 1;
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
    failures.extend(unused.into_iter().map(|name| format!("{name}: a deviation names this case, which does not exist")));
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
    not_built: BTreeMap<String, usize>,
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
        write!(f, ", {} not built yet", self.not_built.values().sum::<usize>())?;
        for (what, count) in &self.not_built {
            write!(f, " [{what} {count}]")?;
        }
        write!(f, ", {} of things that only the stack has", self.foreign.values().sum::<usize>())?;
        for (what, count) in &self.foreign {
            write!(f, " [{what} {count}]")?;
        }
        Ok(())
    }
}
