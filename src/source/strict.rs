//! Every problem of a document in one go: the tree against the shape of its kind.
//!
//! The typed reading has the last word, but it stops at its first error and may repeat a value that is a secret. So the tree is
//! walked first, and only a document without findings is read.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crate::api::{did_you_mean, reason};

use super::bounds::MAX_PROBLEMS;
use super::finding::{Finding, word};
use super::scalar;
use super::shape::{Form, Shape};
use super::tree::{Mark, Node, Tag, Value};

/// Everything wrong with `root`, in document order, at most [`MAX_PROBLEMS`] and one that says so.
pub(super) fn check(root: &Node<'_>, shape: &Shape) -> Vec<Finding> {
    let mut walk = Walk { root: shape, findings: Vec::new() };
    walk.node(root, shape, &Path::root(root.start));
    let mut findings = walk.findings;
    findings.sort_by_key(|finding| finding.mark.byte);
    if findings.len() > MAX_PROBLEMS {
        let rest = findings.len() - MAX_PROBLEMS;
        findings.truncate(MAX_PROBLEMS);
        findings.push(Finding::value(root.start, format!("{rest} more problems in this document")));
    }
    findings
}

/// Where the walk is, as a chain of steps that becomes words only for a finding.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
    /// Where the key or item stands: a missing field is reported there.
    mark: Mark,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Root,
    Field(&'p str),
    Item(usize),
}

impl<'p> Path<'p> {
    fn root(mark: Mark) -> Self {
        Self { parent: None, step: Step::Root, mark }
    }

    fn field(&'p self, name: &'p str, mark: Mark) -> Self {
        Self { parent: Some(self), step: Step::Field(name), mark }
    }

    fn item(&'p self, index: usize, mark: Mark) -> Self {
        Self { parent: Some(self), step: Step::Item(index), mark }
    }

    /// ` in `spec``, or nothing at the root.
    fn inside(&self) -> String {
        if self.parent.is_none() { String::new() } else { format!(" in `{self}`") }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(parent) = self.parent else { return Ok(()) };
        parent.fmt(f)?;
        match self.step {
            Step::Root => Ok(()),
            Step::Item(index) => write!(f, "[{index}]"),
            Step::Field(name) if parent.parent.is_none() => f.write_str(&word(name)),
            Step::Field(name) => write!(f, ".{}", word(name)),
        }
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

    fn node(&mut self, node: &Node<'_>, shape: &Shape, path: &Path<'_>) {
        if node.tag == Tag::Other {
            let message = format!("`{path}`: YAML tags of this kind are not supported");
            self.add(Finding::value(node.start, message).help("remove the `!tag`"));
            return;
        }
        if shape.nullable && scalar::is_null(node) {
            return;
        }
        match (&shape.form, &node.value) {
            (_, Value::Alias) => {}
            (Form::Any, _) => self.ignored(node, path),
            (Form::Object { fields, required }, Value::Map(pairs)) => self.object(pairs, fields, required, shape, path),
            (Form::Dictionary { labels, max }, Value::Map(pairs)) => self.dictionary(pairs, *labels, *max, path),
            (Form::List { item, max }, Value::List(items)) => {
                if items.len() > *max {
                    let message = format!("`{path}`: {} items, at most {max} are allowed", items.len());
                    self.add(Finding::new(reason::TOO_LARGE, path.mark, message));
                }
                for (index, node) in items.iter().take(*max).enumerate() {
                    self.node(node, item, &path.item(index, node.start));
                }
            }
            (form, Value::Scalar { .. }) if scalar::is_scalar(form) => {
                if let Err(finding) = scalar::check(node, form, path) {
                    self.add(finding);
                }
            }
            (form, _) => {
                let message = format!("`{path}`: expected {}, found {}", scalar::expected(form), scalar::found(node));
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
        path: &Path<'_>,
    ) {
        self.keys(pairs, path);
        let present = |field: &str| pairs.iter().any(|(key, _)| key.text() == Some(field));
        let mut slips = Vec::new();
        for (key, value) in pairs {
            let Some(name) = key.text() else { continue };
            match fields.get(name) {
                Some(field) => self.node(value, field, &path.field(name, key.start)),
                None if name != MERGE => {
                    let near = near(name, fields, present);
                    let help = near.map_or_else(|| self.elsewhere(name, fields, shape), |near| format!("did you mean `{near}`?"));
                    slips.extend(near);
                    let message = format!("unknown field `{}`{}", word(name), path.inside());
                    self.add(Finding::new(reason::UNKNOWN_FIELD, key.start, message).help(help));
                    self.ignored(value, path);
                }
                None => {}
            }
        }
        // A field that is there under a slip of its name is told once.
        for name in required.iter().filter(|name| !present(name) && !slips.contains(&name.as_str())) {
            let message = format!("missing field `{name}`{}", path.inside());
            self.add(Finding::new(reason::MISSING_FIELD, path.mark, message).help(format!("add `{name}:`")));
        }
    }

    /// Where an unknown field belongs, or the fields that are allowed instead.
    fn elsewhere(&self, name: &str, fields: &BTreeMap<String, Shape>, shape: &Shape) -> String {
        if let Some(below) = shape.find(name) {
            return format!("did you mean `{below}`, further down?");
        }
        // Above, only a place that every document of the kind has once.
        if let Some(above) = self.root.find(name).filter(|above| !above.contains("[]")) {
            return format!("did you mean `{above}`?");
        }
        let known: Vec<&str> = known(fields).collect();
        if known.is_empty() { "no field is allowed here".into() } else { format!("allowed here: {}", known.join(", ")) }
    }

    fn dictionary(&mut self, pairs: &[(Node<'_>, Node<'_>)], labels: bool, max: usize, path: &Path<'_>) {
        self.keys(pairs, path);
        if pairs.len() > max {
            let message = format!("`{path}`: {} entries, at most {max} are allowed", pairs.len());
            self.add(Finding::new(reason::TOO_LARGE, path.mark, message));
        }
        for (key, value) in pairs.iter().take(max) {
            let Some(name) = key.text().filter(|name| *name != MERGE) else { continue };
            let path = path.field(name, key.start);
            if let Err(finding) = scalar::check_entry(key, value, labels, &path) {
                self.add(finding);
            }
        }
    }

    /// Checks that hold in every map, known or not.
    fn keys(&mut self, pairs: &[(Node<'_>, Node<'_>)], path: &Path<'_>) {
        let mut seen = Seen::default();
        for (key, _) in pairs {
            let Some(name) = key.text() else {
                if !matches!(key.value, Value::Alias) {
                    let message = format!("a key{} is a map or a list", path.inside());
                    self.add(Finding::value(key.start, message).help("write a word"));
                }
                continue;
            };
            if name == MERGE {
                let message = format!("merge keys are not supported{}", path.inside());
                self.add(Finding::value(key.start, message).help("write the fields out, or use a TargetSet"));
            } else if let Some(line) = seen.insert(name, key.start.line) {
                let message = format!("`{}` stands twice{}", word(name), path.inside());
                let finding = Finding::new(reason::DUPLICATE_KEY, key.start, message);
                // The line is resolved to the file's numbering where the finding becomes a problem.
                self.add(Finding { first_line: Some(line), ..finding });
            }
        }
    }

    /// Inside a field that nobody reads, only what makes the document ambiguous matters.
    fn ignored(&mut self, node: &Node<'_>, path: &Path<'_>) {
        match &node.value {
            Value::Map(pairs) => {
                self.keys(pairs, path);
                for (_, value) in pairs {
                    self.ignored(value, path);
                }
            }
            Value::List(items) => {
                for item in items {
                    self.ignored(item, path);
                }
            }
            Value::Scalar { .. } | Value::Alias => {}
        }
    }
}

/// Keys of one map with their lines; nearly all maps are so small that looking through them beats hashing.
#[derive(Default)]
struct Seen<'k> {
    few: Vec<(&'k str, u32)>,
    many: HashMap<&'k str, u32>,
}

impl<'k> Seen<'k> {
    const FEW: usize = 16;

    /// Remembers a key; the line of the first when it was there.
    fn insert(&mut self, key: &'k str, line: u32) -> Option<u32> {
        let known = self.few.iter().find(|(known, _)| *known == key).map(|(_, line)| *line);
        if known.is_some() {
            return known;
        }
        if self.few.len() < Self::FEW {
            self.few.push((key, line));
            return None;
        }
        match self.many.entry(key) {
            Entry::Occupied(first) => Some(*first.get()),
            Entry::Vacant(slot) => {
                slot.insert(line);
                None
            }
        }
    }
}

/// The fields that mean something to tecrax.
fn known(fields: &BTreeMap<String, Shape>) -> impl Iterator<Item = &str> {
    fields.iter().filter(|(_, field)| !matches!(field.form, Form::Any)).map(|(name, _)| name.as_str())
}

/// The field that a word is a slip of: rather one that is still free, by spelling, or by how it begins.
fn near<'f>(name: &str, fields: &'f BTreeMap<String, Shape>, present: impl Fn(&str) -> bool) -> Option<&'f str> {
    let begins = |field: &&str| name.len() >= 3 && (field.starts_with(name) || name.starts_with(field)) && !present(field);
    did_you_mean(name, known(fields).filter(|field| !present(field)))
        .or_else(|| known(fields).find(begins))
        .or_else(|| did_you_mean(name, known(fields)))
}

/// YAML 1.1's merge key.
const MERGE: &str = "<<";
