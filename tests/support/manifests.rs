//! Snapshots from YAML text.

use std::path::Path;
use std::sync::Arc;

use tecrax::api::{Digest, Object, Problem};
use tecrax::desired::{Desired, build};
use tecrax::profile::Profile;
use tecrax::source::{Document, Origin, Snapshot};

/// A snapshot of documents divided by `---`; `apiVersion` may be left out.
pub fn snapshot(text: &str) -> Snapshot {
    let file: Arc<str> = "test.yaml".into();
    let whole: Arc<str> = text.into();
    let directory: Arc<Path> = Path::new("/manifests").into();
    let mut documents = Vec::new();
    let mut line = 1;
    for part in text.split("---\n") {
        let first = line;
        line += u32::try_from(part.matches('\n').count() + 1).expect("few lines");
        if part.trim().is_empty() {
            continue;
        }
        let start = part.as_ptr() as usize - text.as_ptr() as usize;
        let origin = Origin {
            file: Arc::clone(&file),
            directory: Arc::clone(&directory),
            text: Arc::clone(&whole),
            range: start..start + part.len(),
            line: first,
        };
        let object = object(part);
        documents.push(Document { spec: object.spec_digest(), object, origin });
    }
    Snapshot {
        digest: Digest::of(text.as_bytes()),
        revision: None,
        documents,
        lost_policies: Vec::new(),
        problems: Vec::new(),
        files: 1,
        foreign: 0,
        bare: Vec::new(),
    }
}

fn object(text: &str) -> Object {
    let text = format!("apiVersion: tecrax.io/v1alpha1\n{text}");
    let value: serde_json::Value = serde_yaml::from_str(&text).expect("YAML");
    let kind = value.get("kind").and_then(|kind| kind.as_str()).expect("a kind");
    match kind {
        "Target" => Object::Target(Box::new(parse(&text))),
        "TargetSet" => Object::TargetSet(Box::new(parse(&text))),
        "Check" => Object::Check(Box::new(parse(&text))),
        "Policy" => Object::Policy(Box::new(parse(&text))),
        "Sink" => Object::Sink(Box::new(parse(&text))),
        other => panic!("no kind {other}"),
    }
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The desired state, with every expectation whose key starts with `no` refused.
pub fn desired(profile: &Profile, text: &str) -> Desired {
    build(&snapshot(text), profile, &|expect, schema| {
        assert!(schema.is_object(), "the contract's schema is handed over");
        if expect.key.starts_with("no") { Err(format!("the contract has no path `{}`", expect.key)) } else { Ok(()) }
    })
}

/// Ids of the pairs.
pub fn pairs(desired: &Desired) -> Vec<String> {
    desired.pairs.iter().map(|pair| pair.id.to_string()).collect()
}

/// `severity reason object: message` of every problem.
pub fn list(problems: &[Problem]) -> String {
    let line = |problem: &Problem| {
        let object = problem.object.as_deref().unwrap_or("-");
        let help = problem.help.as_deref().unwrap_or("");
        format!("{:?} {} {object}: {problem} ({help})", problem.severity, problem.reason)
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}
