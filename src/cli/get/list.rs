//! A list on its way to the screen.

use serde_json::{Value, json};

use super::super::args::GetArgs;
use super::super::exit::Failure;
use super::super::format::{self, Format};
use super::super::table::Table;
use crate::api::{API_VERSION, Labels, uid};
use crate::store::DesiredRow;

/// One line.
pub struct Row {
    /// `namespace/name`.
    pub key: String,
    /// The name alone.
    pub name: String,
    /// The cells of the table.
    pub cells: Vec<String>,
    /// What must change for the line to be news; ages do not.
    pub meaning: String,
}

/// What is listed.
pub struct List {
    /// Lower-case singular of the resource.
    pub kind: &'static str,
    /// Of the table.
    pub headings: Vec<&'static str>,
    /// The lines.
    pub rows: Vec<Row>,
    /// The objects, in the order of the lines; only for structured formats.
    pub items: Vec<Value>,
    /// Every name that could have been asked for.
    pub known: Vec<String>,
    /// What there is to say besides.
    pub words: Option<String>,
}

impl List {
    /// An empty list.
    pub const fn new(kind: &'static str, headings: Vec<&'static str>) -> Self {
        Self { kind, headings, rows: Vec::new(), items: Vec::new(), known: Vec::new(), words: None }
    }

    /// Whether there are no lines.
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Names asked for that do not exist.
    pub fn missing<'a>(&self, args: &'a GetArgs) -> Vec<&'a str> {
        args.names.iter().map(String::as_str).filter(|name| !self.known.iter().any(|known| known == name)).collect()
    }

    /// The whole list.
    pub fn render(&self, args: &GetArgs) -> Result<String, Failure> {
        if args.output.structured() {
            return format::objects(args.output, self.items.clone(), args.names.len() == 1);
        }
        Ok(self.lines(args.output, true, |_| true))
    }

    /// The lines that `wanted` wants, with or without headings; nothing at all when there are none.
    pub fn lines(&self, format: Format, headings: bool, mut wanted: impl FnMut(&Row) -> bool) -> String {
        let rows: Vec<&Row> = self.rows.iter().filter(|row| wanted(row)).collect();
        if format == Format::Name {
            return format::lines(rows.iter().map(|row| format!("{}/{}", self.kind, row.name)));
        }
        let mut table = Table::new(&self.headings);
        for row in rows {
            table.row(row.cells.iter().cloned());
        }
        if table.is_empty() {
            return String::new();
        }
        let text = table.render();
        if headings { text } else { text.split_once('\n').map_or_else(String::new, |(_, rest)| rest.to_owned()) }
    }
}

/// A Target or Check as a Kubernetes object.
pub fn object(kind: &str, row: &DesiredRow, labels: &Labels, spec: &Value, status: &Value) -> Value {
    json!({
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {"name": row.name, "namespace": row.namespace, "uid": uid(kind, &row.namespace, &row.name), "labels": labels},
        "spec": spec,
        "status": status,
    })
}
