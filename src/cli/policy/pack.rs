//! A pack of the Python stack out of a file, with what its compiler passes over in silence.

use super::document::{Document, follow};
use super::words;
use crate::admission::policy::{MAX_DEPTH, Pack};
use crate::api::{Problem, did_you_mean};
use crate::source::{Located, LocatedValue};

/// Members of a pack.
const PACK: [&str; 6] = ["policy_id", "id", "version", "schema_version", "rules", "metadata"];
/// Members of a rule.
const RULE: [&str; 11] = [
    "rule_id",
    "id",
    "effect",
    "decision",
    "conditions",
    "priority",
    "reason_code",
    "risk_class",
    "risk_score",
    "obligations",
    "constraints",
];

/// Compiles the pack of a file; nothing when `problems` say why not.
pub(in crate::cli) fn read(document: &Document, problems: &mut Vec<Problem>) -> Option<Pack> {
    let root = match document.root() {
        Ok(root) => root,
        Err(problem) => {
            problems.push(*problem);
            return None;
        }
    };
    let environment = root.get("environment").unwrap_or(root);
    let written = environment.get("policy_pack").unwrap_or(root);
    match Pack::from_python(&written.json()) {
        Ok(pack) => {
            warn(document, written, problems);
            Some(pack)
        }
        Err(refused) => {
            let at = follow(written, &refused.at);
            let problem = document.error(at, refused.code.clone());
            let help = words::help(&refused.code).unwrap_or_else(|| format!("nest at most {MAX_DEPTH} levels"));
            problems.push(problem.help(help));
            None
        }
    }
}

/// What is legal and hardly meant.
fn warn(document: &Document, pack: &Located, problems: &mut Vec<Problem>) {
    strangers(document, pack, "a pack", &PACK, problems);
    for rule in pack.get("rules").and_then(Located::list).unwrap_or_default() {
        strangers(document, rule, "a rule", &RULE, problems);
        for (key, value) in rule.get("conditions").and_then(Located::map).unwrap_or_default() {
            if value.value == LocatedValue::Null {
                let message = format!("a null condition also holds when there is no `{}`", words::shown(key));
                problems.push(document.warning(value, message).help("a mistyped key with null holds for every request"));
            }
        }
        let effect = rule.get("effect").or_else(|| rule.get("decision"));
        if effect.is_some_and(|effect| effect.value == LocatedValue::Text("allow".to_owned())) {
            for list in ["obligations", "constraints"] {
                if let Some(written) = rule.get(list).filter(|written| written.list().is_some_and(|items| !items.is_empty())) {
                    let message = format!("a plain allow with {list} admits no operation");
                    problems.push(document.warning(written, message).help("write `effect: allow_with_obligations`"));
                }
            }
        }
    }
}

fn strangers(document: &Document, map: &Located, noun: &str, known: &[&str], problems: &mut Vec<Problem>) {
    for (key, value) in map.map().unwrap_or_default() {
        if !known.contains(&key.as_str()) {
            let message = format!("`{}` means nothing in {noun} and is ignored", words::shown(key));
            let help = did_you_mean(key, known.iter().copied())
                .map_or_else(|| format!("known are {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
            problems.push(document.warning(value, message).help(help));
        }
    }
}
