//! The log as it stands in the state file, read without the product's own reader.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tecrax::api::{Digest, PairId};
use tecrax::evidence::{Head, RecordKind, canonical, redact, seal};
use tecrax::secrets::Redactor;
use tecrax::status::{PairState, fold, lint};

/// One row of the log.
#[derive(Debug)]
pub struct Row {
    pub pair: String,
    pub seq: u64,
    pub kind: String,
    pub body: Value,
}

/// The state file, for reading and for breaking.
pub fn open(state: &Path) -> Connection {
    Connection::open_with_flags(state.join("tecrax.db"), OpenFlags::SQLITE_OPEN_READ_WRITE).expect("a state file")
}

/// Every record, in the order of the log.
pub fn rows(state: &Path) -> Vec<Row> {
    let connection = open(state);
    let mut statement = connection.prepare("SELECT pair, seq, kind, body FROM log ORDER BY idx").unwrap();
    let rows = statement.query_map([], |row| {
        let body: Vec<u8> = row.get(3)?;
        let body = serde_json::from_slice(&body).expect("JSON");
        Ok(Row { pair: row.get(0)?, seq: u64::try_from(row.get::<_, i64>(1)?).unwrap(), kind: row.get(2)?, body })
    });
    rows.unwrap().map(Result::unwrap).collect()
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
    let mut statement = connection
        .prepare("SELECT idx, origin, pair, seq, kind, prev, digest, body_digest, sealed_ms, body FROM log ORDER BY idx")
        .unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut states: BTreeMap<String, PairState> = BTreeMap::new();
    let mut count = 0;
    while let Some(row) = rows.next().unwrap() {
        count += 1;
        assert_eq!(usize::try_from(row.get::<_, i64>(0).unwrap()).unwrap(), count, "the index has a gap");
        let (origin, pair, kind): (String, String, String) = (row.get(1).unwrap(), row.get(2).unwrap(), row.get(4).unwrap());
        let id = PairId::parse(&pair).expect("a pair");
        let before = states.remove(&pair).unwrap_or_else(|| PairState::new(id.clone()));
        assert_eq!(u64::try_from(row.get::<_, i64>(3).unwrap()).unwrap(), before.seq + 1, "{pair} has a gap");
        let bytes: Vec<u8> = row.get(9).unwrap();
        let body: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert_eq!(canonical(&body), bytes, "record {count} is not canonical");
        let digest = |column| Digest::from_bytes(&row.get::<_, Vec<u8>>(column).unwrap()).expect("32 bytes");
        assert_eq!(digest(5), before.digest, "record {count} is not bound to the one before");
        assert_eq!(digest(7), Digest::of(&bytes));
        let kind = [RecordKind::Run, RecordKind::Reaction, RecordKind::Denial, RecordKind::Tombstone]
            .into_iter()
            .find(|known| known.as_str() == kind)
            .unwrap_or_else(|| panic!("{kind}"));
        let at = Timestamp::from_millisecond(row.get(8).unwrap()).unwrap();
        let head = Head { seq: before.seq, digest: before.digest };
        let sealed = seal(&origin, &id, head, kind, &redact(body, &Redactor::default()), at);
        assert_eq!(sealed.digest(), digest(6), "record {count} has another digest than its content");
        states.insert(pair, fold(before, &sealed));
    }
    for (pair, folded) in &states {
        let stored: String =
            connection.query_row("SELECT state FROM pairs WHERE pair = ?1", [pair], |row| row.get(0)).expect("a state");
        assert_eq!(&serde_json::from_str::<PairState>(&stored).unwrap(), folded, "{pair} is not what the log says");
        if let Some(status) = &folded.status {
            assert_eq!(lint(status), Vec::<String>::new(), "{pair}: {status:#?}");
        }
        let last: (String, i64) = connection
            .query_row("SELECT kind, seq FROM log WHERE pair = ?1 ORDER BY seq DESC LIMIT 1", [pair], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        assert_ne!(last.0, "run.v1", "{pair} ends with a run without its reaction");
    }
    let stored: i64 = connection.query_row("SELECT count(*) FROM pairs", [], |row| row.get(0)).unwrap();
    assert_eq!(usize::try_from(stored).unwrap(), states.len(), "every state has records");
    count
}
