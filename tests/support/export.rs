//! The records of a state directory with all their parts, and the bundles of its runs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tecrax::api::Digest;
use tecrax::evidence::bundle::files;
use tecrax::evidence::{Header, unpack};
use tecrax::store::Db;

/// One record with all its parts.
#[derive(Debug, Clone)]
pub struct Exported {
    pub header: Header,
    pub body: Value,
    pub body_bytes: Vec<u8>,
    /// Shared parts included.
    pub parts: BTreeMap<String, Vec<u8>>,
}

impl Exported {
    /// A part as JSON.
    pub fn part(&self, name: &str) -> Value {
        let bytes = self.parts.get(name).unwrap_or_else(|| panic!("no {name} in {:?}", self.parts.keys()));
        serde_json::from_slice(bytes).expect("JSON")
    }

    /// The nine files of a run.
    pub fn files(&self) -> Vec<(&'static str, Vec<u8>)> {
        let parts = self.parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        files(parts, &self.body_bytes).expect("a bundle")
    }

    /// Writes the nine files into a directory of their own.
    pub fn write(&self, directory: &Path) {
        fs::create_dir_all(directory).unwrap();
        for (path, bytes) in self.files() {
            fs::write(directory.join(path), bytes).unwrap();
        }
    }
}

/// Every record, pair by pair, in the order of its sequence.
pub fn records(state: &Path) -> Vec<Exported> {
    let db = Db::open_read_only(state).unwrap();
    let mut states: Vec<_> = db.states().unwrap().into_values().collect();
    states.sort_by(|left, right| left.pair.cmp(&right.pair));
    let mut all = Vec::new();
    for state in states {
        for seq in 1..=state.seq {
            let record = db.record(&state.pair.clone().into(), seq).unwrap().expect("no gap");
            let body: Value = serde_json::from_slice(&record.body).unwrap();
            let mut parts: BTreeMap<String, Vec<u8>> =
                record.parts.as_deref().map(|blob| unpack(blob).expect("parts")).unwrap_or_default().into_iter().collect();
            let contract = body["parts"]["execution_contract"].as_str().and_then(Digest::parse).unwrap_or(Digest::ZERO);
            for (name, digest) in body["parts"].as_object().into_iter().flatten() {
                let digest = Digest::parse(digest.as_str().unwrap()).unwrap();
                let bytes = parts.entry(name.clone()).or_insert_with(|| {
                    let [_, bytes] = db.shared([contract, digest]).unwrap();
                    bytes.unwrap_or_else(|| panic!("{name} of {} is not stored", state.pair)).to_vec()
                });
                assert_eq!(Digest::of(bytes), digest, "the body of {} {seq} binds another {name}", state.pair);
            }
            all.push(Exported { header: record.header, body, body_bytes: record.body, parts });
        }
    }
    all
}

/// The run records of a pair, reruns included; of all pairs when `pair` is empty.
pub fn runs(state: &Path, pair: &str) -> Vec<Exported> {
    let wanted =
        |record: &Exported| record.header.kind == "run.v1" && (pair.is_empty() || record.header.subject.to_string() == pair);
    records(state).into_iter().filter(wanted).collect()
}
