//! The six roles of a bundle: version, schema, and how an artifact of one links another.

use crate::evidence::Part;
use crate::evidence::members::Members;
use crate::evidence::sclite::CANONICALIZATION;

/// How artifacts of one role identify themselves.
#[derive(Debug)]
pub(super) struct Form {
    role: &'static str,
    version: &'static str,
    schema: &'static str,
}

const fn form(role: &'static str, version: &'static str, schema: &'static str) -> Form {
    Form { role, version, schema }
}

pub(super) const INTENT: Form = form("intent_contract", "v0.2", "schemas/intent_contract.v0.2.schema.json");
pub(super) const POLICY: Form = form("policy_decision", "v0.2", "schemas/policy_decision.v0.2.schema.json");
pub(super) const CONTRACT: Form = form("execution_contract", "v0.2", "schemas/execution_contract.v0.2.schema.json");
pub(super) const TICKET: Form = form("execution_ticket", "v0.3", "schemas/execution_ticket.v0.3.schema.json");
pub(super) const RECEIPT: Form = form("execution_receipt", "v0.2", "schemas/execution_receipt.v0.2.schema.json");
pub(super) const EVIDENCE: Form = form("evidence_contract", "v0.2", "schemas/evidence_contract.v0.2.schema.json");

impl Form {
    /// The artifact as a part of its record alone.
    pub(super) fn own(&self, write: impl FnOnce(&mut Members<'_>)) -> Part {
        Part::own(self.role, write)
    }

    /// The artifact as a part that runs share.
    pub(super) fn shared(&self, write: impl FnOnce(&mut Members<'_>)) -> Part {
        Part::shared(self.role, write)
    }

    /// The file of the schema.
    pub(super) const fn schema(&self) -> &'static str {
        self.schema
    }

    /// The first of the three members that identify the artifact.
    pub(super) fn write_type(&self, members: &mut Members<'_>) {
        members.word("artifact_type", self.role);
    }

    /// The other two.
    pub(super) fn write_schema(&self, members: &mut Members<'_>) {
        members.word("schema_ref", self.schema);
        members.word("schema_version", self.version);
    }

    /// The link that binds `part`, an artifact of this role, under `key`.
    pub(super) fn write_link(&self, key: &'static str, part: &Part, members: &mut Members<'_>) {
        members.object(key, |link| {
            link.object("descriptor", |descriptor| {
                descriptor.word("algorithm", "sha256");
                descriptor.word("artifact_type", self.role);
                descriptor.number("canonical_bytes", part.bytes().len() as u64);
                descriptor.word("canonicalization", CANONICALIZATION);
                descriptor.digest("digest", part.digest());
                self.write_schema(descriptor);
            });
            link.word("role", self.role);
        });
    }
}
