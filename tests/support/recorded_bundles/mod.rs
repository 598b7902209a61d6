//! The recorded bundles, and our answers in the form of the recorded ones.

pub mod answers;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tecrax::evidence::json::{Json, Limits, canonical, read};
use tecrax::evidence::sclite::Bundle;
use tecrax::evidence::sclite::guard::GuardKey;

/// One line of `bundles.jsonl`.
pub struct Recorded {
    pub name: String,
    pub bundle: Bundle,
    /// What is recorded of it.
    pub expected: Json,
}

impl Recorded {
    /// The key of the guard, when there is one.
    pub fn key(&self) -> Option<GuardKey> {
        Some(GuardKey::new(self.expected.text_at(&["guard_key"])?).expect("a key"))
    }

    /// What 1.0.5 said, by check.
    pub fn results(&self) -> Vec<(&str, &Json)> {
        self.expected.at(&["results", "1.0.5"]).and_then(Json::as_object).expect("results").iter().collect()
    }

    pub fn is_reaction(&self) -> bool {
        self.expected.text_at(&["kind"]).expect("a kind") == "reaction"
    }
}

/// Reads JSON that is known to be good.
pub fn json(bytes: &[u8]) -> Json {
    read(bytes, &Limits::UPSTREAM).expect("JSON").value
}

/// The beginning of a value, for messages.
pub fn shown(value: &Json) -> String {
    String::from_utf8(canonical(value)).expect("UTF-8").chars().take(900).collect()
}

/// The bytes of a recorded file.
pub fn file(name: &str) -> Vec<u8> {
    let path = crate::support::harness::directory().join("sclite").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every recorded bundle; messages call its directory `<BUNDLE>`.
pub fn all() -> Vec<Recorded> {
    let bytes = file("bundles.jsonl");
    let lines: Vec<Json> = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(json).collect();
    assert!(lines.len() >= 85, "only {} bundles are recorded", lines.len());
    lines.iter().map(recorded).collect()
}

fn recorded(line: &Json) -> Recorded {
    let mut bundle = Bundle::new("<BUNDLE>");
    for (path, content) in line.get("files").and_then(Json::as_object).expect("files").iter() {
        let text = content.text_at(&["text"]).map(|text| text.as_bytes().to_vec());
        let bytes =
            text.unwrap_or_else(|| STANDARD.decode(content.text_at(&["base64"]).expect("text or base64")).expect("base64"));
        bundle.insert(path, bytes).expect("a file of a bundle");
    }
    Recorded {
        name: line.text_at(&["name"]).expect("a name").to_owned(),
        bundle,
        expected: line.get("expected").expect("what is expected").clone(),
    }
}
