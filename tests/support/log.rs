//! The log as it stands in the state file, read without the product's own reader.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tecrax::api::{Digest, EscalationId};
use tecrax::evidence::{DETAIL, Head, Header, Record, Subject, canonical, unpack};
use tecrax::status::{EscalationState, PairState, fold, fold_escalation, lint};

/// One row of the log.
#[derive(Debug)]
pub struct Row {
    pub pair: String,
    pub seq: u64,
    pub kind: String,
    /// The body, and beside its own keys those of the receipt's `tecrax` and of the detail.
    pub body: Value,
}

/// The state file, for reading and for breaking.
pub fn open(state: &Path) -> Connection {
    Connection::open_with_flags(state.join("tecrax.db"), OpenFlags::SQLITE_OPEN_READ_WRITE).expect("a state file")
}

/// Every record of a pair or of the log itself, in the order of the log.
pub fn rows(state: &Path) -> Vec<Row> {
    all(state).into_iter().filter(|row| row.kind != "escalation.v1").collect()
}

/// Every record of an Escalation, in the order of the log.
pub fn escalations(state: &Path) -> Vec<Row> {
    all(state).into_iter().filter(|row| row.kind == "escalation.v1").collect()
}

fn all(state: &Path) -> Vec<Row> {
    let connection = open(state);
    let mut statement =
        connection.prepare("SELECT name, seq, kind, body, parts FROM log JOIN subjects ON id = subject ORDER BY idx").unwrap();
    let rows = statement.query_map([], |row| {
        let body: Vec<u8> = row.get(3)?;
        let mut body: Value = serde_json::from_slice(&body).expect("JSON");
        let parts: Option<Vec<u8>> = row.get(4)?;
        if let Some(receipt) = part(parts.as_deref(), "execution_receipt") {
            body.as_object_mut().unwrap().extend(receipt["tecrax"].as_object().unwrap().clone());
        }
        if let Some(detail) = part(parts.as_deref(), DETAIL) {
            body.as_object_mut().unwrap().extend(detail.as_object().unwrap().clone());
        }
        Ok(Row { pair: row.get(0)?, seq: u64::try_from(row.get::<_, i64>(1)?).unwrap(), kind: row.get(2)?, body })
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn part(parts: Option<&[u8]>, wanted: &str) -> Option<Value> {
    let parts = unpack(parts?).expect("parts");
    parts.into_iter().find(|(name, _)| name == wanted).map(|(_, bytes)| serde_json::from_slice(&bytes).expect("JSON"))
}

fn detail(parts: Option<Vec<u8>>) -> Option<Vec<u8>> {
    let parts = unpack(&parts?).expect("parts");
    parts.into_iter().find(|(name, _)| name == DETAIL).map(|(_, bytes)| bytes)
}

/// Runs of a pair, reruns included.
pub fn runs(state: &Path, pair: &str) -> Vec<Value> {
    rows(state).into_iter().filter(|row| row.pair == pair && row.kind == "run.v1").map(|row| row.body).collect()
}

/// Checks every promise of the log and that the stored states are what it folds to; returns the number of records.
///
/// Gap-free index, gap-free sequence per pair, each record bound to the one before, bodies canonical, record digests right, each
/// run followed by its reaction, and no status that contradicts itself.
pub fn verify(state: &Path) -> usize {
    let connection = open(state);
    let origin: String = connection.query_row("SELECT value FROM meta WHERE key = 'origin'", [], |row| row.get(0)).unwrap();
    let mut statement = connection
        .prepare(
            "SELECT idx, name, seq, kind, prev, leaf, body_digest, sealed_ms, body, parts FROM log JOIN subjects ON id = subject
             ORDER BY idx",
        )
        .unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut states: BTreeMap<String, PairState> = BTreeMap::new();
    let mut escalations: BTreeMap<EscalationId, EscalationState> = BTreeMap::new();
    let mut count = 0;
    while let Some(row) = rows.next().unwrap() {
        assert_eq!(usize::try_from(row.get::<_, i64>(0).unwrap()).unwrap(), count, "the index has a gap");
        count += 1;
        let pair: String = row.get(1).unwrap();
        let subject = Subject::parse(&pair).expect("a subject");
        let head = match &subject {
            Subject::Pair(_) => states.get(&pair).map(PairState::head),
            Subject::Escalation(id) => escalations.get(id).map(EscalationState::head),
            Subject::Log => panic!("a record about the log"),
        };
        let before = head.unwrap_or(Head::empty());
        let body: Vec<u8> = row.get(8).unwrap();
        let value: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(canonical(&value), body, "record {count} is not canonical");
        let digest = |column| Digest::from_bytes(&row.get::<_, Vec<u8>>(column).unwrap()).expect("32 bytes");
        let header = Header {
            origin: origin.clone(),
            subject: subject.clone(),
            seq: u64::try_from(row.get::<_, i64>(2).unwrap()).unwrap(),
            kind: row.get(3).unwrap(),
            prev: digest(4),
            sealed_at: Timestamp::from_millisecond(row.get(7).unwrap()).unwrap(),
            body: Digest::of(&body),
        };
        assert_eq!(header.seq, before.seq + 1, "{pair} has a gap");
        assert_eq!(header.prev, before.leaf, "record {count} is not bound to the one before");
        assert_eq!(digest(6), header.body);
        let json: Value = serde_json::from_slice(&header.canonical()).expect("JSON");
        assert_eq!(canonical(&json), header.canonical(), "the header of record {count} is not canonical");
        assert_eq!(header.leaf(), digest(5), "record {count} has another leaf than its content");
        let parts: Option<Vec<u8>> = row.get(9).unwrap();
        assert_eq!(
            parts.as_deref().map(Digest::of).map(|digest| digest.to_string()),
            value["stored"].as_str().map(str::to_owned)
        );
        for (name, bytes) in parts.as_deref().map(|parts| unpack(parts).unwrap()).unwrap_or_default() {
            assert_eq!(value["parts"][&name], Digest::of(&bytes).to_string(), "part {name} of record {count}");
        }
        let detail = detail(parts);
        let record = Record { header: &header, leaf: header.leaf(), body: &body, detail: detail.as_deref() };
        match subject {
            Subject::Pair(id) => {
                let before = states.remove(&pair).unwrap_or_else(|| PairState::new(id));
                states.insert(pair, fold(before, &record));
            }
            Subject::Escalation(id) => {
                let before = escalations.remove(&id).unwrap_or_else(|| EscalationState::new(id.clone()));
                escalations.insert(id, fold_escalation(before, &record));
            }
            Subject::Log => {}
        }
    }
    for (pair, folded) in &states {
        let stored: String =
            connection.query_row("SELECT state FROM pairs WHERE pair = ?1", [pair], |row| row.get(0)).expect("a state");
        assert_eq!(&serde_json::from_str::<PairState>(&stored).unwrap(), folded, "{pair} is not what the log says");
        if let Some(status) = &folded.status {
            assert_eq!(lint(status), Vec::<String>::new(), "{pair}: {status:#?}");
        }
        let last: (String, i64) = connection
            .query_row(
                "SELECT kind, seq FROM log JOIN subjects ON id = subject WHERE name = ?1 ORDER BY seq DESC LIMIT 1",
                [pair],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .unwrap();
        assert_ne!(last.0, "run.v1", "{pair} ends with a run without its reaction");
    }
    for (id, folded) in &escalations {
        let name = id.to_string();
        let stored: String =
            connection.query_row("SELECT state FROM escalations WHERE name = ?1", [&name], |row| row.get(0)).expect("a state");
        assert_eq!(&serde_json::from_str::<EscalationState>(&stored).unwrap(), folded, "{id} is not what the log says");
        assert!(folded.matter.is_some(), "{id} can not be read");
    }
    let stored: i64 = connection.query_row("SELECT count(*) FROM escalations", [], |row| row.get(0)).unwrap();
    assert_eq!(usize::try_from(stored).unwrap(), escalations.len(), "every Escalation has records");
    let stored: i64 = connection.query_row("SELECT count(*) FROM pairs", [], |row| row.get(0)).unwrap();
    assert_eq!(usize::try_from(stored).unwrap(), states.len(), "every state has records");
    count
}
