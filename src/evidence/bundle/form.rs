//! The six roles of a bundle: version, schema, and how an artifact of one links another.

use crate::evidence::json::{Json, Object};
use crate::evidence::sclite::CANONICALIZATION;
use crate::evidence::{Part, Redacted};

/// How artifacts of one role identify themselves.
#[derive(Debug)]
pub(in crate::evidence) struct Form {
    /// The role, which is also the type.
    pub(in crate::evidence) role: &'static str,
    version: &'static str,
    schema: &'static str,
}

const fn form(role: &'static str, version: &'static str, schema: &'static str) -> Form {
    Form { role, version, schema }
}

pub(in crate::evidence) const INTENT: Form = form("intent_contract", "v0.2", "schemas/intent_contract.v0.2.schema.json");
pub(in crate::evidence) const POLICY: Form = form("policy_decision", "v0.2", "schemas/policy_decision.v0.2.schema.json");
pub(in crate::evidence) const CONTRACT: Form = form("execution_contract", "v0.2", "schemas/execution_contract.v0.2.schema.json");
pub(in crate::evidence) const TICKET: Form = form("execution_ticket", "v0.3", "schemas/execution_ticket.v0.3.schema.json");
pub(in crate::evidence) const RECEIPT: Form = form("execution_receipt", "v0.2", "schemas/execution_receipt.v0.2.schema.json");
pub(in crate::evidence) const EVIDENCE: Form = form("evidence_contract", "v0.2", "schemas/evidence_contract.v0.2.schema.json");

impl Form {
    /// The file of the schema.
    pub(super) const fn schema(&self) -> &'static str {
        self.schema
    }

    /// Adds what identifies the artifact to its own members.
    fn identified(&self, members: impl Into<Object>) -> Json {
        let mut members = members.into();
        members.insert("artifact_type", self.role);
        members.insert("schema_ref", self.schema);
        members.insert("schema_version", self.version);
        Json::Object(members)
    }

    /// The artifact as a part of its record alone.
    pub(super) fn own(&self, members: impl Into<Object>) -> Part {
        Part::own(self.role, &Redacted::assembled(self.identified(members)))
    }

    /// The artifact as a part that runs share.
    pub(super) fn shared(&self, members: impl Into<Object>) -> Part {
        Part::shared(self.role, &Redacted::assembled(self.identified(members)))
    }

    /// The link that binds an artifact of this role.
    pub(super) fn link(&self, part: &Part) -> Json {
        Json::from([
            (
                "descriptor",
                Json::from([
                    ("algorithm", Json::from("sha256")),
                    ("artifact_type", Json::from(self.role)),
                    ("canonical_bytes", Json::from(part.bytes().len() as u64)),
                    ("canonicalization", Json::from(CANONICALIZATION)),
                    ("digest", Json::from(part.digest().to_string())),
                    ("schema_ref", Json::from(self.schema)),
                    ("schema_version", Json::from(self.version)),
                ]),
            ),
            ("role", Json::from(self.role)),
        ])
    }
}

/// A list of texts.
pub(super) fn texts(items: &[&'static str]) -> Json {
    items.iter().copied().collect()
}
