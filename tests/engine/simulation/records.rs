//! What the log has got since it was last read: exactly what was due has run, once, and saw what is.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use jiff::Timestamp;
use serde_json::Value;
use tecrax::evidence::{RecordKind, Subject};
use tecrax::store::RecordFilter;

use super::model::Cause;
use super::story::Story;

/// Most reactions that one run on schedule may lead to.
const DEPTH_MAX: u64 = 3;

impl Story {
    /// Reads what the log has got. `due`: exactly the pairs that must have run.
    pub async fn read_log(&mut self, due: Option<BTreeSet<String>>) {
        let filter = RecordFilter { first_index: Some(self.read), ..RecordFilter::default() };
        let records = self
            .store
            .ask(move |db| {
                let mut records = Vec::new();
                db.records(&filter, |record| {
                    records.push(record);
                    ControlFlow::Continue(())
                })?;
                Ok(records)
            })
            .await
            .unwrap();
        let mut ran = BTreeSet::new();
        for record in records {
            self.read = record.index + 1;
            let Subject::Pair(pair) = &record.header.subject else { continue };
            let (id, body): (String, Value) = (pair.to_string(), serde_json::from_slice(&record.body).unwrap());
            match RecordKind::parse(&record.header.kind) {
                Some(RecordKind::Run) => {
                    let depth = body["depth"].as_u64().unwrap();
                    assert!(depth <= DEPTH_MAX, "{}: {id} reran {depth} times", self.at());
                    if depth > 0 {
                        self.reruns += 1;
                        continue;
                    }
                    assert!(ran.insert(id.clone()), "{}: {id} ran twice in a pass", self.at());
                    self.take_run(&id, &body);
                }
                Some(RecordKind::Reaction) => {
                    let outcome = body["reaction"]["outcome"].as_str().unwrap().to_owned();
                    if let Some(known) = self.pairs.get_mut(&id) {
                        known.at_once = outcome == "rerun";
                    }
                }
                _ => {}
            }
        }
        if let Some(due) = due {
            assert_eq!(ran, due, "{}: what ran, what was due", self.at());
        }
    }

    fn take_run(&mut self, id: &str, body: &Value) {
        self.runs += 1;
        let started: Timestamp = body["started"].as_str().unwrap().parse().unwrap();
        let (check, host) = self.check_of(id);
        let sees = check.question.sees(self.world.host(host));
        let (failures, recoveries) = (check.failures, check.recoveries);
        let assessment = match sees {
            None => "healthy",
            Some(Cause::Lost | Cause::ClockUnseen) => "unknown",
            Some(Cause::ClockOff | Cause::DockerStopped) => "unhealthy",
        };
        assert_eq!(body["assessment"], assessment, "{}: {id}", self.at());
        let known = self.pairs.get_mut(id).expect("a pair that is wanted");
        known.last = Some(started);
        known.pair.run(sees, failures, recoveries);
        self.seasons.run(started);
    }
}
