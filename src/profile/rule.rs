//! `validation_rules/<id>.yaml`: guards that want an object, then exactly one decision.

use serde_json::Value;

use super::model::{ValidationRule, ValidationStep};
use super::raw;
use super::report::{Report, is_token};

/// Most steps of one rule file.
const MAX_STEPS: usize = 16;

/// Reads and checks a rule file; `None` when it is absent or any step is wrong.
pub(super) fn check(report: &mut Report<'_>, path: &str) -> Option<ValidationRule> {
    let raw::RuleFile { validation_rule: rule } = report.read(path)?;
    let at = Some(rule.steps.referenced);
    let raw_steps = rule.steps.value;
    if raw_steps.is_empty() || raw_steps.len() > MAX_STEPS {
        report.fault(path, at, format!("validation_rule.steps needs 1 to {MAX_STEPS} steps"));
        return None;
    }
    let total = raw_steps.len();
    let mut steps = Vec::with_capacity(total);
    for (index, step) in raw_steps.into_iter().enumerate() {
        let at = Some(step.referenced);
        let last = index + 1 == total;
        match parse(step.value) {
            Ok(parsed) => {
                let decides = matches!(parsed, ValidationStep::RequireEquals { .. });
                if decides && !last {
                    report.fault(path, at, "steps after the first require_equals are never reached; move it to the end");
                } else if last && !decides {
                    report.fault(path, at, "the rules reach no decision: end with a require_equals step");
                }
                steps.push(parsed);
            }
            Err(message) => report.fault(path, at, message),
        }
    }
    (steps.len() == total).then_some(ValidationRule { steps })
}

fn parse(step: raw::RuleStep) -> Result<ValidationStep, String> {
    let raw::RuleStep { r#type, key, fail, path, value, pass_rule, fail_rule, details_from } = step;
    match r#type.value.as_str() {
        "require_mapping" => {
            if path.is_some() || value.is_some() || pass_rule.is_some() || fail_rule.is_some() || details_from.is_some() {
                return Err("require_mapping takes only `key` and `fail`".to_owned());
            }
            let fail = fail.ok_or("require_mapping needs `fail: {rule, details}`")?;
            Ok(ValidationStep::RequireMapping {
                key: token("key", key)?,
                fail_rule: token("fail.rule", Some(fail.rule))?,
                fail_details: Value::Object(fail.details.into_iter().collect()),
            })
        }
        "require_equals" => {
            if key.is_some() || fail.is_some() {
                return Err("require_equals takes no `key` and no `fail`".to_owned());
            }
            let path = token("path", path)?;
            let details_from = token("details_from", details_from)?;
            if path.split('.').next() != Some(details_from.as_str()) {
                return Err(format!("details_from `{details_from}` is not the first part of path `{path}`"));
            }
            Ok(ValidationStep::RequireEquals {
                path,
                value: value.ok_or("require_equals needs a `value` other than null")?,
                pass_rule: token("pass_rule", pass_rule)?,
                fail_rule: token("fail_rule", fail_rule)?,
                details_from,
            })
        }
        other => Err(format!("unsupported validation step type `{other}`; use require_mapping or require_equals")),
    }
}

fn token(field: &str, value: Option<String>) -> Result<String, String> {
    let value = value.ok_or_else(|| format!("`{field}` is missing"))?;
    if is_token(&value) { Ok(value) } else { Err(format!("`{field}` must be lower-case letters, digits, `_`, `-` and `.`")) }
}
