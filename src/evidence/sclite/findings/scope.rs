//! Whether the target is said to be in scope.

use super::FindingCode;
use super::case::Case;
use crate::evidence::json::Json;

pub(super) fn inspect(case: &mut Case<'_>) {
    for (role, object) in [("policy_decision", "scope"), ("execution_contract", "target_binding")] {
        let Some((file, artifact)) = case.role(role) else { continue };
        let said = artifact.value().at(&[object, "target_in_scope"]).and_then(Json::as_bool);
        let what = match said {
            Some(true) => continue,
            Some(false) => "false: the run was out of scope",
            None => "missing: nobody said that the target is in scope",
        };
        case.find(FindingCode::TargetScope, file, format!("{object}.target_in_scope is {what}"));
    }
}
