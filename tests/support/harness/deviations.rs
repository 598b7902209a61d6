//! `deviations.yaml`: recorded answers that are wrong, each with the right one and the reason.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// The file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviations {
    deviations: Vec<Group>,
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
        for group in &read.deviations {
            let cited = (group.row > 0) == group.defect.trim().is_empty();
            assert!(cited && !group.reason.trim().is_empty(), "{}: cite a row or a defect, and give a reason", group.file);
            assert!(!group.cases.is_empty(), "{}, row {}: no case", group.file, group.row);
        }
        read
    }

    /// Deviations of one file by case id.
    pub fn of(&self, file: &str) -> BTreeMap<String, Deviation> {
        let mut found: BTreeMap<String, Deviation> = BTreeMap::new();
        for group in self.deviations.iter().filter(|group| group.file == file) {
            for (case, right) in &group.cases {
                let alone = right.expect.is_some() != right.set.is_empty();
                assert!(!alone, "{file}, {case}: give either `expect` or `set`");
                found.entry(case.clone()).or_default().0.push(right.clone());
            }
        }
        found
    }

    /// Every file that is named.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.deviations.iter().map(|group| group.file.as_str())
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
