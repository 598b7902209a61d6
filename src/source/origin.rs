//! From a field's path to its place in the file.

use std::borrow::Cow;

use crate::api::{Place, Problem};

use super::bounds::MAX_LINE;
use super::snapshot::Origin;
use super::split::Lines;
use super::tree::{self, Mark, Node, Value};

/// One step of a path: `spec.expect[0].key`, `metadata.labels["app.kubernetes.io/name"]`.
#[derive(Debug, PartialEq, Eq)]
enum Step<'p> {
    Field(Cow<'p, str>),
    Item(usize),
}

impl Origin {
    /// Where the document starts: its first content, found without parsing.
    pub fn place(&self) -> Place {
        let (skipped, line) = self.lead();
        let column = if skipped == 0 { self.column() } else { 1 };
        let indent = line.chars().take_while(|c| *c == ' ').count();
        Place { file: self.file.clone(), line: self.line + skipped, column: column + narrow(indent) }
    }

    /// Where the value at `path` stands. When it is absent: the key of the nearest map or list above it that is there.
    ///
    /// Parses the document; meant for problems, not for every object.
    pub fn locate(&self, path: &str) -> Place {
        let text = self.padded();
        let place = |mark: Mark| Place { file: self.file.clone(), line: self.line + mark.line - 1, column: mark.column };
        let Ok(tree) = tree::read(&text) else { return self.place() };
        let Some(root) = &tree.root else { return self.place() };
        let steps = steps(path);
        let (mut node, mut key) = (root, root.start);
        for step in steps {
            let Some((next, at)) = step.follow(node) else { return place(key) };
            (node, key) = (next, at);
        }
        place(node.start)
    }

    /// The text of a place's line, when it is short enough to show. It may hold a secret: for terminals only.
    pub fn line_text(&self, place: &Place) -> Option<String> {
        let above = place.line.checked_sub(self.line)?;
        // The line may begin before the document does, when it is an item of a List.
        let before = self.text.get(..self.range.start)?;
        let start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        line_of(self.text.get(start..)?, above)
    }

    /// Puts a problem at a field of this document.
    #[must_use]
    pub fn pin(&self, problem: Problem, path: &str) -> Problem {
        let place = self.locate(path);
        let line = self.line_text(&place);
        Problem { line, ..problem.at(place) }
    }

    /// The document's text, indented so that columns are those of the file.
    pub(super) fn padded(&self) -> Cow<'_, str> {
        let text = self.text.get(self.range.clone()).unwrap_or_default();
        match self.column() {
            0 | 1 => Cow::Borrowed(text),
            column => Cow::Owned(format!("{}{text}", " ".repeat(column as usize - 1))),
        }
    }

    /// Column of the document's first byte; above 1 only for items of a List.
    fn column(&self) -> u32 {
        let before = self.text.get(..self.range.start).unwrap_or_default();
        let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
        narrow(line.trim_start_matches(super::split::BOM).chars().count()) + 1
    }

    /// How many lines of markers, directives, comments and blanks come first, and the line after them.
    fn lead(&self) -> (u32, &str) {
        let text = self.text.get(self.range.clone()).unwrap_or_default();
        let blank = |line: &str| {
            let line = line.trim();
            line.is_empty() || line == "---" || line.starts_with('#') || line.starts_with('%') || line.starts_with("--- #")
        };
        let first = Lines(text).enumerate().find(|(_, line)| !blank(line));
        first.map_or((0, ""), |(skipped, line)| (narrow(skipped), line))
    }
}

/// The `above`th line of `text`, when it is short enough to show.
pub(super) fn line_of(text: &str, above: u32) -> Option<String> {
    let line = Lines(text).nth(above as usize)?.trim_end_matches(['\r', '\n']);
    let line = line.strip_prefix(super::split::BOM).unwrap_or(line);
    line.chars().nth(MAX_LINE).is_none().then(|| line.to_owned())
}

impl Step<'_> {
    /// The node that the step leads to, and where its key or itself starts.
    fn follow<'n, 't>(&self, node: &'n Node<'t>) -> Option<(&'n Node<'t>, Mark)> {
        match (self, &node.value) {
            (Self::Field(name), Value::Map(_)) => node.pair(name).map(|(key, value)| (value, key.start)),
            (Self::Item(index), Value::List(items)) => items.get(*index).map(|item| (item, item.start)),
            _ => None,
        }
    }
}

fn steps(path: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        rest = rest.strip_prefix('.').unwrap_or(rest);
        if let Some(quoted) = rest.strip_prefix("[\"") {
            let (name, tail) = quoted.split_once("\"]").unwrap_or((quoted, ""));
            steps.push(Step::Field(name.into()));
            rest = tail;
        } else if let Some(index) = rest.strip_prefix('[') {
            let (index, tail) = index.split_once(']').unwrap_or((index, ""));
            steps.push(Step::Item(index.parse().unwrap_or(usize::MAX)));
            rest = tail;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, tail) = rest.split_at(end);
            if !name.is_empty() {
                steps.push(Step::Field(name.into()));
            }
            rest = tail;
        }
    }
    steps
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX - 1)
}
