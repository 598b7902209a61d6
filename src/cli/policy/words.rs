//! What reason codes mean, and words of a file as messages repeat them.

use serde_json::Value;

/// Most characters of a word of a file.
const MAX_WORD: usize = 64;

/// What to do about a reason code of the compiler.
pub(super) fn help(code: &str) -> Option<String> {
    let kind = code.split(':').next().unwrap_or(code);
    let fixed = match kind {
        "invalid_policy_pack" => "a pack is a map with policy_id, version and rules",
        "missing_policy_pack_id" => "add `policy_id:`",
        "missing_policy_pack_version" => "add `version:`; 0 counts as none",
        "unknown_policy_pack_schema_version" => "write `schema_version: v0.1`, or nothing",
        "policy_pack_without_rules" => "`rules` is a list with at least one rule",
        "too_many_policy_rules" => "split the pack",
        "invalid_policy_rule" => "a rule is a map with rule_id, effect and conditions",
        "missing_policy_rule_id" => "add `rule_id:`",
        "unknown_policy_rule_effect" => "write `effect:` with allow, allow_with_obligations, approval_required or deny",
        "invalid_policy_rule_conditions" => "`conditions` is a map of keys and values",
        "policy_rule_without_conditions" => "name at least one condition",
        "invalid_policy_rule_obligations" => "`obligations` is a list",
        "invalid_policy_rule_constraints" => "`constraints` is a list",
        "invalid_policy_obligation" | "invalid_policy_constraint" => "write a map with id and kind",
        "missing_policy_obligation_id" => "add `obligation_id:`",
        "missing_policy_constraint_id" => "add `constraint_id:`",
        "missing_policy_obligation_kind" | "missing_policy_constraint_kind" => "add `kind:`",
        "invalid_policy_obligation_metadata" | "invalid_policy_constraint_metadata" | "invalid_policy_pack_metadata" => {
            "`metadata` is a map"
        }
        "forbidden_policy_metadata" => "a policy holds no secrets, commands or raw output; rename the key or remove it",
        "conflicting_policy_rules" => "an earlier rule asks for the same and decides otherwise; remove one",
        "invalid_policy_rule_priority" => "`priority` is a whole number",
        "invalid_policy_rule_risk_score" => "`risk_score` is a number from 0 to 1",
        _ => return None,
    };
    Some(fixed.to_owned())
}

/// A word of a file, bounded.
pub(super) fn shown(word: &str) -> String {
    let mut out: String = word.chars().take(MAX_WORD).collect();
    if word.chars().nth(MAX_WORD).is_some() {
        out.push('…');
    }
    out
}

/// A value as JSON, bounded.
pub(super) fn value(value: &Value) -> String {
    shown(&value.to_string())
}
