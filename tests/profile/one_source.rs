//! What a page or another file says of the profile is what the profile says.

use std::fs;
use std::path::Path;

use tecrax::facts;
use tecrax::profile::{Profile, embedded_files};

use crate::support::profile::known;

fn profile() -> Profile {
    Profile::embedded(&known).expect("the bundled profile")
}

fn page(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A second place would go on saying what the first one said once.
#[test]
fn the_version_of_the_profile_stands_in_one_place() {
    let version = format!("\"{}\"", profile().version);
    let places: Vec<&str> =
        embedded_files().filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains(&version)).map(|(path, _)| path).collect();
    assert_eq!(places, ["profile.yaml"]);
}

#[test]
fn pages_count_as_the_code_does() {
    const WORDS: [&str; 14] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"];
    let components = |normalizer: &str| facts::subject(normalizer).expect("a subject").components.len();
    let joined = facts::normalizer("aggregate_monitoring_host_diagnosis").expect("a normalizer");
    let diagnosis = joined(&facts::Readings::default(), &facts::Context { target: "default/x" }).expect("facts");
    let diagnosed = diagnosis["components"].as_object().expect("components").len();
    for (path, sentence, count) in [
        ("README.md", "# questions are built in", profile().intents.len()),
        (
            "docs/runbooks/host-readonly.md",
            "healthy only when all # were seen to be right",
            components("normalize_host_security_posture"),
        ),
        ("docs/runbooks/diagnose_monitoring_host.md", "# components of a monitoring host", diagnosed),
    ] {
        let sentence = sentence.replace('#', WORDS[count]);
        assert!(page(path).to_lowercase().contains(&sentence), "{path}: {sentence}");
    }
}
