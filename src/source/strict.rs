//! Every problem of a document in one go: the tree against the shape of its kind.
//!
//! The typed reading has the last word, but it stops at its first error and may repeat a value that is a secret. So the tree is
//! walked first, and only a document without findings is read.

use std::collections::{BTreeMap, HashMap};

use crate::api::{did_you_mean, reason};

use super::bounds::MAX_PROBLEMS;
use super::finding::{Finding, word};
use super::scalar;
use super::shape::{Form, Shape};
use super::tree::{Mark, Node, Tag, Value};

/// Everything wrong with `root`, in document order, at most [`MAX_PROBLEMS`] and one that says so.
pub(super) fn check(root: &Node<'_>, shape: &Shape) -> Vec<Finding> {
    let mut walk = Walk { root: shape, findings: Vec::new() };
    walk.node(root, shape, &Path { text: String::new(), mark: root.start });
    let mut findings = walk.findings;
    findings.sort_by_key(|finding| finding.mark.byte);
    if findings.len() > MAX_PROBLEMS {
        let rest = findings.len() - MAX_PROBLEMS;
        findings.truncate(MAX_PROBLEMS);
        findings.push(Finding::value(root.start, format!("{rest} more problems in this document")));
    }
    findings
}

/// Where the walk is: the path in words, and the key that a missing field is reported at.
struct Path {
    text: String,
    mark: Mark,
}

impl Path {
    fn field(&self, name: &str, mark: Mark) -> Self {
        let text = if self.text.is_empty() { word(name) } else { format!("{}.{}", self.text, word(name)) };
        Self { text, mark }
    }

    fn item(&self, index: usize, mark: Mark) -> Self {
        Self { text: format!("{}[{index}]", self.text), mark }
    }

    /// ` in `spec``, or nothing at the root.
    fn inside(&self) -> String {
        if self.text.is_empty() { String::new() } else { format!(" in `{}`", self.text) }
    }
}

struct Walk<'s> {
    root: &'s Shape,
    findings: Vec<Finding>,
}

impl Walk<'_> {
    fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn node(&mut self, node: &Node<'_>, shape: &Shape, path: &Path) {
        if node.tag == Tag::Other {
            let message = format!("`{}`: YAML tags of this kind are not supported", path.text);
            self.add(Finding::value(node.start, message).help("remove the `!tag`"));
            return;
        }
        if shape.nullable && scalar::is_null(node) {
            return;
        }
        match (&shape.form, &node.value) {
            (Form::Any, _) => self.ignored(node, path),
            (Form::Object { fields, required }, Value::Map(pairs)) => self.object(pairs, fields, required, shape, path),
            (Form::Dictionary { labels, max }, Value::Map(pairs)) => self.dictionary(pairs, *labels, *max, path),
            (Form::List { item, max }, Value::List(items)) => {
                if items.len() > *max {
                    let message = format!("`{}`: {} items, at most {max} are allowed", path.text, items.len());
                    self.add(Finding::new(reason::TOO_LARGE, path.mark, message));
                }
                for (index, node) in items.iter().take(*max).enumerate() {
                    self.node(node, item, &path.item(index, node.start));
                }
            }
            (form, Value::Scalar { .. }) if scalar::is_scalar(form) => {
                if let Err(finding) = scalar::check(node, form, &path.text) {
                    self.add(finding);
                }
            }
            (form, _) => {
                let message = format!("`{}`: expected {}, found {}", path.text, scalar::expected(form), scalar::found(node));
                // The node may start far below an empty value; the key is where the mistake is seen.
                self.add(Finding::value(if scalar::is_null(node) { path.mark } else { node.start }, message));
            }
        }
    }

    fn object(
        &mut self,
        pairs: &[(Node<'_>, Node<'_>)],
        fields: &BTreeMap<String, Shape>,
        required: &[String],
        shape: &Shape,
        path: &Path,
    ) {
        self.keys(pairs, path);
        for (key, value) in pairs {
            let Some(name) = key.text() else { continue };
            match fields.get(name) {
                Some(field) => self.node(value, field, &path.field(name, key.start)),
                None if name != MERGE => {
                    let present = |field: &&str| !pairs.iter().any(|(key, _)| key.text() == Some(field));
                    let help = self.suggest(name, fields, shape, present);
                    let message = format!("unknown field `{}`{}", word(name), path.inside());
                    self.add(Finding::new(reason::UNKNOWN_FIELD, key.start, message).help(help));
                    self.ignored(value, path);
                }
                None => {}
            }
        }
        for name in required.iter().filter(|name| !pairs.iter().any(|(key, _)| key.text() == Some(name.as_str()))) {
            let message = format!("missing field `{name}`{}", path.inside());
            self.add(Finding::new(reason::MISSING_FIELD, path.mark, message).help(format!("add `{name}:`")));
        }
    }

    /// What to write instead of an unknown field: a near field that is still free, the place where such a field belongs, or
    /// the list of fields.
    fn suggest(&self, name: &str, fields: &BTreeMap<String, Shape>, shape: &Shape, free: impl Fn(&&str) -> bool) -> String {
        let known = || fields.iter().filter(|(_, field)| !matches!(field.form, Form::Any)).map(|(name, _)| name.as_str());
        if let Some(near) = did_you_mean(name, known().filter(free)).or_else(|| did_you_mean(name, known())) {
            return format!("did you mean `{near}`?");
        }
        if let Some(below) = shape.find(name) {
            return format!("did you mean `{below}`, one level down?");
        }
        if let Some(elsewhere) = self.root.find(name) {
            return format!("did you mean `{elsewhere}`?");
        }
        let known: Vec<&str> = known().collect();
        if known.is_empty() { "no field is allowed here".into() } else { format!("allowed here: {}", known.join(", ")) }
    }

    fn dictionary(&mut self, pairs: &[(Node<'_>, Node<'_>)], labels: bool, max: usize, path: &Path) {
        self.keys(pairs, path);
        if pairs.len() > max {
            let message = format!("`{}`: {} entries, at most {max} are allowed", path.text, pairs.len());
            self.add(Finding::new(reason::TOO_LARGE, path.mark, message));
        }
        for (key, value) in pairs.iter().take(max) {
            let Some(name) = key.text() else { continue };
            let path = path.field(name, key.start);
            if let Err(finding) = scalar::check_entry(key, value, labels, &path.text) {
                self.add(finding);
            }
        }
    }

    /// Checks that hold in every map, known or not.
    fn keys(&mut self, pairs: &[(Node<'_>, Node<'_>)], path: &Path) {
        let mut seen: HashMap<&str, u32> = HashMap::with_capacity(pairs.len());
        for (key, _) in pairs {
            let Some(name) = key.text() else {
                self.add(Finding::value(key.start, format!("a key{} is a map or a list", path.inside())).help("write a word"));
                continue;
            };
            if name == MERGE {
                let message = format!("merge keys are not supported{}", path.inside());
                self.add(Finding::value(key.start, message).help("write the fields out, or use a TargetSet"));
            } else if let Some(line) = seen.get(name) {
                let message = format!("`{}` stands twice{}", word(name), path.inside());
                // The line is resolved to the file's numbering where the finding becomes a problem.
                let finding = Finding::new(reason::DUPLICATE_KEY, key.start, message);
                self.add(Finding { first_line: Some(*line), ..finding });
            } else {
                seen.insert(name, key.start.line);
            }
        }
    }

    /// Inside a field that nobody reads, only what makes the document ambiguous matters.
    fn ignored(&mut self, node: &Node<'_>, path: &Path) {
        match &node.value {
            Value::Map(pairs) => {
                self.keys(pairs, path);
                pairs.iter().for_each(|(_, value)| self.ignored(value, path));
            }
            Value::List(items) => items.iter().for_each(|item| self.ignored(item, path)),
            Value::Scalar { .. } => {}
        }
    }
}

/// YAML 1.1's merge key.
const MERGE: &str = "<<";
