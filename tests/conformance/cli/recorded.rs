//! Recorded runs of a command line: their directory, and their answers held against ours.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use tecrax::evidence::json::{Json, Limits, pretty, read};
use tecrax::evidence::sclite::{Artifact, ManifestHead, Member, layout, manifest};

use crate::support::cli::Ended;

/// Names that differ from run to run and come back in later runs.
const NAMED: [&str; 2] = ["{reaction1}", "{reaction2}"];
/// Operation that the stack plans ahead. A rerun of ours is planned when it runs, so there is none to name.
const CHILD: &str = "{child8}";

/// The command of a run: one word, or two where the second says what to do.
pub fn command(run: &Value) -> String {
    let word = |place: usize| run["args"][place].as_str().unwrap_or_default();
    match word(0) {
        first @ ("operations" | "targets" | "worker") => format!("{first} {}", word(1)),
        first => first.to_owned(),
    }
}

/// Writes files: YAML and JSON as data, which is both, texts as they are.
pub fn lay_out(files: &Value, root: &Path) {
    for (name, content) in files.as_object().expect("files") {
        let path = root.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).unwrap();
        fs::write(path, content.as_str().map_or_else(|| content.to_string(), str::to_owned)).unwrap();
    }
}

/// `text` without the lines of help that only we print.
pub fn hide(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.starts_with("  help: ")).collect()
}

/// What a run is recorded to end with.
pub struct Expected<'a> {
    run: &'a Value,
}

impl<'a> Expected<'a> {
    pub fn of(run: &'a Value) -> Self {
        Self { run }
    }

    /// Every difference; learns the names that we give.
    pub fn compare(&self, ended: &Ended, names: &mut BTreeMap<String, String>) -> Vec<String> {
        let Self { run } = self;
        let mut found = Vec::new();
        if json!(ended.code) != run["exit"] {
            found.push(format!("ended with {} instead of {}: {}", ended.code, run["exit"], ended.err));
        }
        match &run["stdout"] {
            Value::String(text) if *text != ended.out => found.push(format!("stdout {:?} instead of {text:?}", ended.out)),
            Value::String(_) => {}
            wanted => match serde_json::from_str(&ended.out) {
                Ok(value) => same(wanted, &value, "", names, &mut found),
                Err(error) => found.push(format!("stdout is not JSON: {error}")),
            },
        }
        match run["stderr"].as_str().expect("a text") {
            // An accident of the other language, and its own words about usage: that it is refused is meant.
            "traceback" | "usage" if ended.err.is_empty() => found.push("no word of refusal".to_owned()),
            "" if !ended.err.is_empty() => found.push(format!("stderr {:?}", ended.err)),
            "traceback" | "usage" | "" => {}
            // Catalogs tell what is wrong with its place; the words are the same.
            wanted if !ended.err.contains(wanted.trim_end()) => {
                found.push(format!("stderr {:?} instead of {wanted:?}", ended.err));
            }
            _ => {}
        }
        found
    }
}

fn same(wanted: &Value, ours: &Value, at: &str, names: &mut BTreeMap<String, String>, found: &mut Vec<String>) {
    match (wanted, ours) {
        (Value::String(hole), _) if hole == "{digest}" => {
            let is_one = ours.as_u64().is_some() || ours.as_str().is_some_and(|text| text.len() == 64);
            if !is_one {
                found.push(format!("{at}: {ours} is no digest and no number"));
            }
        }
        (Value::String(hole), Value::String(text)) if hole == "{time}" => {
            let is_one = text.len() == 25 && text.ends_with("+00:00") && text.parse::<jiff::Timestamp>().is_ok();
            if !is_one {
                found.push(format!("{at}: {text} is no time"));
            }
        }
        (Value::String(hole), Value::Null) if hole == CHILD => {}
        (Value::String(hole), Value::String(text)) if hole.contains("{reaction") => {
            let name = NAMED.into_iter().find(|name| hole.contains(name)).expect("a known name");
            if *hole == name {
                names.entry(name.to_owned()).or_insert_with(|| text.clone());
            }
            if hole.replace(name, &names[name]) != *text {
                found.push(format!("{at}: {text} instead of {hole}, which is {}", names[name]));
            }
        }
        (Value::Object(wanted), Value::Object(ours)) => objects(wanted, ours, at, names, found),
        (Value::Array(wanted), Value::Array(ours)) if wanted.len() == ours.len() => {
            for (index, (wanted, ours)) in wanted.iter().zip(ours).enumerate() {
                same(wanted, ours, &format!("{at}/{index}"), names, found);
            }
        }
        _ if wanted == ours => {}
        _ => found.push(format!("{at}: {ours} instead of {wanted}")),
    }
}

fn objects(
    wanted: &Map<String, Value>,
    ours: &Map<String, Value>,
    at: &str,
    names: &mut BTreeMap<String, String>,
    found: &mut Vec<String>,
) {
    for (key, value) in wanted {
        match ours.get(key) {
            Some(ours) => same(value, ours, &format!("{at}/{key}"), names, found),
            None => found.push(format!("{at}/{key} is absent")),
        }
    }
    found.extend(ours.keys().filter(|key| !wanted.contains_key(*key)).map(|key| format!("{at}/{key} should not be there")));
}

/// Adds the receipt of the intent to a chain, as the stack does when it has started it.
pub fn receipt(directory: &Path) {
    let artifact = |name: &str| {
        let bytes = fs::read(directory.join(name)).unwrap();
        Artifact::of(read(&bytes, &Limits::STRICT).unwrap().value)
    };
    let receipt = Json::from([("artifact_type", Json::from("execution_receipt")), ("status", Json::from("completed"))]);
    fs::write(directory.join(layout::REACTION[3].1), pretty(&receipt)).unwrap();
    let artifacts: Vec<Artifact> = layout::REACTION.iter().map(|(_, name)| artifact(name)).collect();
    let old = artifact(layout::REACTION_MANIFEST);
    let text = |key: &str| old.value().text_at(&[key]).unwrap().to_owned();
    let (chain_id, created_at) = (text("chain_id"), text("created_at"));
    let head = ManifestHead { chain_id: &chain_id, created_at: &created_at, profile: layout::REACTION_PROFILE };
    let members: Vec<Member<'_>> = layout::REACTION
        .iter()
        .zip(&artifacts)
        .map(|((role, path), artifact)| Member { role, path, required: true, artifact })
        .collect();
    fs::write(directory.join(layout::REACTION_MANIFEST), pretty(&manifest(&head, &members))).unwrap();
}
