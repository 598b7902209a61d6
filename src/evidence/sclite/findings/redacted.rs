//! The trail of a redaction beside the bundle.

use super::super::artifact::check;
use super::FindingCode;
use super::case::Case;
use crate::evidence::json::Json;

/// The policy of the redaction.
const POLICY: &str = "redaction_policy.json";
/// The receipt of the redaction.
const RECEIPT: &str = "redaction_receipt.json";
/// What was left by it.
const OUTPUT: &str = "redacted_tool_output.json";

pub(super) fn inspect(case: &mut Case<'_>) {
    for (file, schema) in [(POLICY, "redaction_policy.v0.1"), (RECEIPT, "redaction_receipt.v0.1")] {
        let Some(artifact) = case.artifact(file) else { continue };
        if let Err(refusal) = check(artifact.value(), schema) {
            case.find(FindingCode::Sidecar, file, format!("breaks its schema: {refusal}"));
        }
    }
    let Some(receipt) = case.artifact(RECEIPT) else { return };
    for (file, path) in [(POLICY, ["policy", "policy_hash"]), (OUTPUT, ["redacted", "hash"])] {
        let Some(artifact) = case.artifact(file) else { continue };
        if receipt.value().at(&path).and_then(Json::as_str) != Some(artifact.digest()) {
            case.find(FindingCode::Sidecar, RECEIPT, format!("{} is not the digest of {file}", path.join(".")));
        }
    }
}
