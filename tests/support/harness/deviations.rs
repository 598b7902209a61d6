//! `deviations.yaml`: recorded answers that are wrong, each with the right one and the reason; what only the other stack has; and what
//! was decided where no recorded case shows a defect.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviations {
    #[serde(rename = "deviations")]
    groups: Vec<Group>,
    #[serde(default)]
    without_counterpart: Vec<Foreign>,
    #[serde(default)]
    sections_without_counterpart: Vec<ForeignSection>,
    #[serde(default)]
    decisions: Vec<Decision>,
}

/// A section of one file that nothing of ours is compared with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ForeignSection {
    /// Path below the directory.
    file: String,
    /// Its key.
    section: String,
    /// Why there is nothing to compare.
    reason: String,
}

/// Cases of one file that nothing of ours can answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Foreign {
    /// Path below the directory.
    file: String,
    /// Why there is nothing to compare.
    reason: String,
    /// Ids.
    cases: Vec<String>,
}

/// What was decided about a defect that no recorded case shows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Row of the table of the profile's defects.
    pub row: u32,
    /// What we do, and why.
    #[serde(rename = "decision")]
    pub what: String,
    /// Tests that hold it: `folder::file::function` below tests/.
    pub tests: Vec<String>,
}

/// Cases of one file that show one defect.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    /// Path below the directory.
    file: String,
    /// Row of the table of the profile's defects.
    #[serde(default)]
    row: u32,
    /// What of the runtime is unsafe, for files that record the runtime and not the profile.
    #[serde(default)]
    defect: String,
    /// Why the recorded answer is wrong, and why ours is right.
    reason: String,
    /// The right answer by case id.
    cases: BTreeMap<String, Right>,
}

/// The right answer of one case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Right {
    /// The whole expectation.
    expect: Option<Value>,
    /// Values by JSON pointer, put over the recorded expectation.
    #[serde(default)]
    set: BTreeMap<String, Value>,
}

/// What deviates in one case: a case may show several defects, then their patches add up.
#[derive(Debug, Default)]
pub struct Deviation(Vec<Right>);

impl Deviations {
    /// Reads the file of `directory`; none when there is no such file.
    pub fn read(directory: &Path) -> Self {
        let path = directory.join("deviations.yaml");
        if !path.exists() {
            return Self::default();
        }
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let read: Self = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for group in &read.groups {
            let cited = (group.row > 0) == group.defect.trim().is_empty();
            assert!(cited && !group.reason.trim().is_empty(), "{}: cite a row or a defect, and give a reason", group.file);
            assert!(!group.cases.is_empty(), "{}, row {}: no case", group.file, group.row);
        }
        let mut known = BTreeSet::new();
        for foreign in &read.without_counterpart {
            assert!(!foreign.reason.trim().is_empty() && !foreign.cases.is_empty(), "{}: cases and a reason", foreign.file);
            for case in &foreign.cases {
                assert!(known.insert((&foreign.file, case)), "{}, {case}: stands twice", foreign.file);
            }
        }
        for foreign in &read.sections_without_counterpart {
            assert!(!foreign.reason.trim().is_empty(), "{}, {}: give a reason", foreign.file, foreign.section);
        }
        for decision in &read.decisions {
            let whole = !decision.what.trim().is_empty() && !decision.tests.is_empty();
            assert!(whole, "row {}: say what was decided, and name a test", decision.row);
        }
        read
    }

    /// Deviations of one file by case id.
    pub fn of(&self, file: &str) -> BTreeMap<String, Deviation> {
        let mut found: BTreeMap<String, Deviation> = BTreeMap::new();
        for group in self.groups.iter().filter(|group| group.file == file) {
            for (case, right) in &group.cases {
                let alone = right.expect.is_some() != right.set.is_empty();
                assert!(!alone, "{file}, {case}: give either `expect` or `set`");
                found.entry(case.clone()).or_default().0.push(right.clone());
            }
        }
        found
    }

    /// Cases of one file that nothing of ours can answer.
    pub fn without_counterpart(&self, file: &str) -> BTreeSet<String> {
        self.without_counterpart.iter().filter(|foreign| foreign.file == file).flat_map(|foreign| foreign.cases.clone()).collect()
    }

    /// File and key of every section that nothing of ours is compared with.
    pub fn sections_without_counterpart(&self) -> BTreeSet<(String, String)> {
        self.sections_without_counterpart.iter().map(|foreign| (foreign.file.clone(), foreign.section.clone())).collect()
    }

    /// Every file that is named.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let foreign = self.without_counterpart.iter().map(|foreign| foreign.file.as_str());
        self.groups.iter().map(|group| group.file.as_str()).chain(foreign)
    }

    /// Rows that a group of cases cites.
    pub fn cited(&self) -> BTreeSet<u32> {
        self.groups.iter().map(|group| group.row).filter(|row| *row > 0).collect()
    }

    /// What was decided beside them.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }
}

impl Deviation {
    /// The right answer, out of the recorded one.
    pub fn apply(&self, recorded: &Value) -> Value {
        let mut answer = recorded.clone();
        for right in &self.0 {
            if let Some(expect) = &right.expect {
                answer = expect.clone();
            }
            for (pointer, value) in &right.set {
                let place = answer.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not in the recorded answer"));
                *place = value.clone();
            }
        }
        answer
    }
}
