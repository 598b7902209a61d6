//! A table of requests and what is expected of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::document::Document;
use super::words::shown;
use crate::admission::policy::Effect;
use crate::api::{Namespace, Problem, did_you_mean};
use crate::source::{Located, LocatedValue};

/// What a table may say that it is: then it may lie among manifests, which skip what belongs to another API group.
const HEADER: [(&str, &str); 2] = [("apiVersion", "test.tecrax.io/v1alpha1"), ("kind", "PolicyTest")];
/// Most cases of a table.
const MAX_CASES: usize = 10_000;

/// A table.
#[derive(Default)]
pub(super) struct Table {
    /// The pack it names, to be found from where the program runs.
    pub(super) pack: Option<PathBuf>,
    /// The manifests it names.
    pub(super) manifests: Vec<PathBuf>,
    /// Cases in order.
    pub(super) cases: Vec<Case>,
}

/// A question and what is expected of the answer.
pub(super) struct Case {
    /// Name, once in a table.
    pub(super) name: String,
    /// The question.
    pub(super) question: Question,
    /// What is compared.
    pub(super) expect: Expect,
}

/// What is asked.
pub(super) enum Question {
    /// A pack, about a request.
    Request {
        /// The request, with the name of the case where it has none of its own.
        request: Value,
        /// Context of the run time.
        runtime: Map<String, Value>,
    },
    /// The Policies of manifests, about a pair.
    Pair {
        /// Namespace, Check and Target.
        namespace: String,
        /// Name of the Check.
        check: String,
        /// Name of the Target.
        target: String,
    },
}

/// What is compared; what is not given is not.
#[derive(Default)]
pub(super) struct Expect {
    /// The decision.
    pub(super) decision: Option<Effect>,
    /// The rule that decides.
    pub(super) rule: Option<String>,
    /// The reason code of the verdict.
    pub(super) reason: Option<String>,
    /// The reason code of a request that is refused.
    pub(super) error: Option<String>,
}

/// Reads a table, or says everything that is wrong with it.
pub(super) fn read(document: &Document) -> Result<Table, Vec<Problem>> {
    let root = document.root().map_err(|problem| vec![*problem])?;
    let mut reader = Reader { document, problems: Vec::new() };
    let table = reader.table(root);
    if reader.problems.is_empty() { Ok(table) } else { Err(reader.problems) }
}

struct Reader<'d> {
    document: &'d Document,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn error(&mut self, at: &Located, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(self.document.error(at, message).help(help));
    }

    /// The members of a map that may stand there.
    fn members<'l>(&mut self, at: &'l Located, noun: &str, known: &[&str]) -> &'l [(String, Located)] {
        let Some(members) = at.map() else {
            self.error(at, format!("{noun} is a map"), format!("its members are {}", known.join(", ")));
            return &[];
        };
        for (key, value) in members.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
            let help = did_you_mean(key, known.iter().copied())
                .map_or_else(|| format!("known are {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
            self.error(value, format!("unknown field `{}` of {noun}", shown(key)), help);
        }
        members
    }

    fn text(&mut self, at: &Located, name: &str) -> Option<String> {
        match &at.value {
            LocatedValue::Text(text) if !text.trim().is_empty() => Some(text.clone()),
            _ => {
                self.error(at, format!("`{name}`: expected a text"), "write a text, in quotes when it looks like a number");
                None
            }
        }
    }

    fn table(&mut self, root: &Located) -> Table {
        self.members(root, "a table", &["apiVersion", "kind", "pack", "manifests", "cases"]);
        for (key, word) in HEADER {
            if let Some(at) = root.get(key).filter(|at| at_text(at).as_deref() != Some(word)) {
                self.error(
                    at,
                    format!("`{key}` of a table is another"),
                    format!("write `{key}: {word}`, or neither apiVersion nor kind"),
                );
            }
        }
        let beside = |name: String| self.document.path.parent().unwrap_or(Path::new("")).join(name);
        let pack = root.get("pack").and_then(at_text).map(beside);
        let paths = |at: &Located| at.list().map(|items| items.iter().filter_map(at_text).map(beside).collect::<Vec<_>>());
        let manifests = root.get("manifests").and_then(paths).unwrap_or_default();
        if let Some(at) = root.get("pack").filter(|_| pack.is_none()) {
            self.error(at, "`pack`: expected a text", "name a file beside the table");
        }
        if let Some(at) = root.get("manifests").filter(|at| at.list().is_none_or(|items| items.len() != manifests.len())) {
            self.error(at, "`manifests`: expected a list of texts", "name files or directories beside the table");
        }
        let mut cases = Vec::new();
        match root.get("cases").map(|at| (at, at.list())) {
            Some((_, Some(items))) if (1..=MAX_CASES).contains(&items.len()) => {
                let mut names = BTreeSet::new();
                for item in items {
                    let Some(case) = self.case(item) else { continue };
                    if !names.insert(case.name.clone()) {
                        self.error(
                            item,
                            format!("another case is called `{}`", shown(&case.name)),
                            "give each case its own name",
                        );
                    }
                    cases.push(case);
                }
            }
            Some((at, _)) => self.error(at, format!("`cases`: expected a list of 1 to {MAX_CASES} cases"), "see `--help`"),
            None => self.error(root, "missing field `cases`", "see `--help` for a table"),
        }
        Table { pack, manifests, cases }
    }

    fn case(&mut self, at: &Located) -> Option<Case> {
        self.members(at, "a case", &["name", "request", "context", "check", "target", "namespace", "expect"]);
        let name = self.required(at, "name")?;
        let name = self.text(name, "name")?;
        let expect = self.required(at, "expect")?;
        let expect = self.expect(expect)?;
        let question = if at.get("check").is_some() { self.pair(at)? } else { self.request(at, &name)? };
        if let (Question::Pair { .. }, Some(Effect::AllowWithObligations)) = (&question, expect.decision) {
            self.error(at, "a pair is never `allow_with_obligations`", "write allow: what binds its run is not a decision");
        }
        Some(Case { name, question, expect })
    }

    fn required<'l>(&mut self, at: &'l Located, field: &str) -> Option<&'l Located> {
        let found = at.get(field);
        if found.is_none() {
            self.error(
                at,
                format!("missing field `{field}` of a case"),
                "a case is name, check and target, or request, and expect",
            );
        }
        found
    }

    fn pair(&mut self, at: &Located) -> Option<Question> {
        for field in ["request", "context"] {
            if let Some(extra) = at.get(field) {
                self.error(extra, format!("`{field}` beside `check`"), "ask about a pair or make a request, not both");
            }
        }
        let check = self.required(at, "check")?;
        let target = self.required(at, "target")?;
        let (check, target) = (self.text(check, "check")?, self.text(target, "target")?);
        let namespace = match at.get("namespace") {
            Some(namespace) => self.text(namespace, "namespace")?,
            None => Namespace::default().to_string(),
        };
        Some(Question::Pair { namespace, check, target })
    }

    fn request(&mut self, at: &Located, name: &str) -> Option<Question> {
        for field in ["target", "namespace"] {
            if let Some(extra) = at.get(field) {
                self.error(extra, format!("`{field}` without `check`"), "name the Check too");
            }
        }
        let mut request = self.required(at, "request")?.json();
        let runtime = match at.get("context") {
            None => Map::new(),
            Some(context) => {
                let Value::Object(map) = context.json() else {
                    self.error(context, "`context`: expected a map", "write the context of the run time as a map");
                    return None;
                };
                map
            }
        };
        if let Value::Object(map) = &mut request {
            for (key, other) in [("request_id", "id"), ("subject_ref", "subject_ref")] {
                if !map.contains_key(key) && !map.contains_key(other) {
                    map.insert(key.to_owned(), Value::String(name.to_owned()));
                }
            }
        }
        Some(Question::Request { request, runtime })
    }

    fn expect(&mut self, at: &Located) -> Option<Expect> {
        let members = self.members(at, "`expect`", &["decision", "rule", "reason", "error"]);
        if members.is_empty() {
            self.error(at, "`expect` compares nothing", "name at least a decision");
            return None;
        }
        let mut expect = Expect::default();
        for (key, value) in members {
            let text = self.text(value, key)?;
            match key.as_str() {
                "decision" => {
                    let decision = Effect::parse(&text);
                    if decision.is_none() {
                        let words = Effect::ALL.map(Effect::as_str);
                        let help = did_you_mean(&text, words).map_or_else(
                            || format!("write one of {}", words.join(", ")),
                            |near| format!("did you mean `{near}`?"),
                        );
                        self.error(value, format!("`decision`: there is no `{}`", shown(&text)), help);
                        return None;
                    }
                    expect.decision = decision;
                }
                "rule" => expect.rule = Some(text),
                "reason" => expect.reason = Some(text),
                _ => expect.error = Some(text),
            }
        }
        Some(expect)
    }
}

fn at_text(at: &Located) -> Option<String> {
    match &at.value {
        LocatedValue::Text(text) if !text.trim().is_empty() => Some(text.clone()),
        _ => None,
    }
}
