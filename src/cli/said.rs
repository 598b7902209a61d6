//! What the record of a run says, put together from its parts.

use std::sync::Arc;

use serde_json::Value;

use super::exit::{Exit, Failure};
use crate::api::{Digest, StatusFinding};
use crate::evidence::{DETAIL, unpack};
use crate::store::{Db, LoggedRecord};

/// The parts of a run record that a person is shown.
#[derive(Debug)]
pub struct Said {
    /// The receipt: readings, provenance, facts as they are exported.
    pub receipt: Value,
    detail: Value,
    contract: Value,
    policy: Value,
}

impl Said {
    /// Reads them.
    pub fn of(db: &Db, record: &LoggedRecord) -> Result<Self, Failure> {
        let damaged = || Failure::new(Exit::Io, format!("record {} of the log is damaged", record.index));
        let body: Value = serde_json::from_slice(&record.body).map_err(|_| damaged())?;
        let own = record.parts.as_deref().map(unpack).transpose().map_err(|_| damaged())?.unwrap_or_default();
        let own = |name: &str| {
            let found = own.iter().find(|(known, _)| known == name).ok_or_else(damaged)?;
            serde_json::from_slice(&found.1).map_err(|_| damaged())
        };
        let digest = |name: &str| {
            let digest = body.pointer(&format!("/parts/{name}")).and_then(Value::as_str).and_then(Digest::parse);
            digest.ok_or_else(damaged)
        };
        let [contract, policy] = db.shared([digest("execution_contract")?, digest("policy_decision")?])?;
        let shared = |bytes: Option<Arc<[u8]>>| serde_json::from_slice(&bytes.ok_or_else(damaged)?).map_err(|_| damaged());
        Ok(Self {
            receipt: own("execution_receipt")?,
            detail: own(DETAIL)?,
            contract: shared(contract)?,
            policy: shared(policy)?,
        })
    }

    /// The facts as they were read; `None` when there are none.
    pub fn facts(&self) -> Option<&Value> {
        let facts = self.detail.get("facts").or_else(|| self.receipt.pointer("/tecrax/facts"));
        facts.filter(|facts| !facts.is_null())
    }

    /// What was not as it should be, in the words for people; none where they can not be read.
    pub fn findings(&self) -> Vec<StatusFinding> {
        self.detail.get("findings").cloned().and_then(|list| serde_json::from_value(list).ok()).unwrap_or_default()
    }

    /// What was said by the tries of its readings that failed and were followed by others; step and message, in step order.
    pub fn failed_attempts(&self) -> &[Value] {
        self.detail.get("failed_attempts").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// The rule that admitted the plan.
    pub fn rule(&self) -> String {
        self.policy.pointer("/tecrax/rule").and_then(Value::as_str).unwrap_or("-").to_owned()
    }

    /// The bounds and obligations under which it ran.
    pub fn bounds(&self) -> String {
        let constraints = self.policy.get("constraints").and_then(Value::as_array).into_iter().flatten();
        let words = constraints.filter_map(Value::as_str).filter(|word| !matches!(*word, "mode:live" | "read_only"));
        words.collect::<Vec<_>>().join(" ")
    }

    /// Digest of every policy that was asked.
    pub fn policy_digest(&self) -> String {
        self.policy.pointer("/tecrax/policy_digest").and_then(Value::as_str).unwrap_or("-").to_owned()
    }

    /// Digest of the shape that a step sent.
    pub fn shape(&self, step: &str) -> &str {
        let steps = self.contract.pointer("/execution_shape/normalized_args").and_then(Value::as_array);
        let found = steps.into_iter().flatten().find(|args| args.get("step").and_then(Value::as_str) == Some(step));
        found.and_then(|args| args.get("shape")).and_then(Value::as_str).unwrap_or("-")
    }
}
