//! Whether a pack uses words that exist: kinds and severities of the taxonomy, paths of the facts.

use super::observed::VERDICT;
use super::pack::{Pack, Rule};
use crate::api::{Expect, LabelName, Operator, Otherwise, Place, Problem, did_you_mean, reason};
use crate::facts::check_path;
use crate::profile::{Intent, Profile, ReactionFile};
use crate::source::{Located, located};

/// Members of the verdict.
const VERDICT_MEMBERS: [&str; 4] = ["assessment", "coverage", "kinds", "reasons"];
/// Where every path begins.
const ROOT: &str = "facts.";
/// Most values of a pack that was compiled.
const MAX_NODES: usize = 65_536;

/// What is wrong with the words of a compiled pack, each with its place: a rule that waits for what never comes is never noticed.
pub(super) fn check(profile: &Profile, intent: &Intent, file: &ReactionFile, pack: &Pack) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut document = None;
    for rule in pack.rules().iter().chain([pack.fallback()]) {
        for (way, message, near) in wrong(profile, intent, rule) {
            let document = document.get_or_insert_with(|| located(&file.text, MAX_NODES).ok());
            let (line, column) = place(document.as_ref(), rule.id(), &way).unwrap_or_default();
            let at = Place { file: file.path.as_str().into(), line, column };
            let mut problem = Problem::error(reason::BAD_PROFILE, format!("rule {}: {message}", rule.id().escape_debug())).at(at);
            problem.help = near;
            problems.push(problem);
        }
    }
    problems
}

/// Where in a rule, what is wrong, and what was perhaps meant.
type Wrong = (Vec<Step>, String, Option<String>);

/// A step into a document.
enum Step {
    Key(&'static str),
    Item(usize),
}

fn wrong(profile: &Profile, intent: &Intent, rule: &Rule) -> Vec<Wrong> {
    let mut found = Vec::new();
    let finding = rule.finding();
    let severity = finding.severity.as_str();
    let words = [("kind", finding.kind.as_str(), &profile.findings.kinds), ("severity", severity, &profile.findings.severities)];
    for (field, word, known) in words.into_iter().filter(|(_, word, known)| !known.contains(*word)) {
        let message = format!("{field} `{}` is missing in finding_taxonomy.yaml", word.escape_debug());
        let near = did_you_mean(word, known.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
        found.push((vec![Step::Key("finding"), Step::Key(field)], message, near));
    }
    for (index, condition) in rule.conditions().iter().enumerate() {
        if let Err((message, near)) = path(profile, intent, condition.path()) {
            found.push((vec![Step::Key("when"), Step::Item(index), Step::Key("path")], message, near));
        }
    }
    found
}

/// Whether something can stand at a path: in the verdict, or in the contract of the facts.
fn path(profile: &Profile, intent: &Intent, path: &str) -> Result<(), (String, Option<String>)> {
    let inner = path.strip_prefix(ROOT).unwrap_or(path);
    let mut keys = inner.split('.');
    if keys.next() == Some(VERDICT) {
        let member = keys.next().unwrap_or_default();
        if VERDICT_MEMBERS.contains(&member) {
            return Ok(());
        }
        let message = format!("`{}` is nothing that a verdict has", path.escape_debug());
        return Err((message, Some(format!("a verdict has {}", VERDICT_MEMBERS.join(", ")))));
    }
    let schema = profile.contracts.get(&intent.contract.to_string());
    let (Some(schema), Ok(name)) = (schema, LabelName::parse("path")) else { return Ok(()) };
    let key = inner.to_owned();
    let expect = Expect { name, key, operator: Operator::Exists, values: Vec::new(), otherwise: Otherwise::Unhealthy };
    check_path(&expect, schema).map_err(|message| (message, None))
}

/// Line and column of a part of a rule, or of the last part on the way to it that is there.
fn place(document: Option<&Located>, rule: &str, way: &[Step]) -> Option<(u32, u32)> {
    let pack = document?.get("reaction_pack")?;
    let is_meant = |at: &&Located| at.get("id").is_some_and(|id| id.json() == *rule);
    let mut at = pack.get("rules")?.list()?.iter().find(is_meant).or_else(|| pack.get("fallback"))?;
    for step in way {
        let next = match step {
            Step::Key(key) => at.get(key),
            Step::Item(index) => at.list().and_then(|items| items.get(*index)),
        };
        let Some(next) = next else { break };
        at = next;
    }
    Some((at.line, at.column))
}
