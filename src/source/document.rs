//! One chunk of a file becomes objects, or problems that cost only itself.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::api::{Object, Place, Problem, Severity, reason};

use super::bounds::{MAX_DEPTH, MAX_NODES};
use super::finding::{Finding, word};
use super::header::{Header, Kind};
use super::origin::line_of;
use super::split::Chunk;
use super::tree::{Cause, Node, Stop, Value};
use super::{Document, LostPolicy, Origin, inline, shape, strict, tree, typed, yaml};

/// What a file holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Parsed {
    /// Valid documents in order.
    pub documents: Vec<Document>,
    /// Policies that can not be used.
    pub lost_policies: Vec<LostPolicy>,
    /// Problems in order.
    pub problems: Vec<Problem>,
    /// Documents of foreign API groups.
    pub foreign: usize,
}

impl Parsed {
    /// Adds what comes after.
    pub fn append(&mut self, after: Self) {
        self.documents.extend(after.documents);
        self.lost_policies.extend(after.lost_policies);
        self.problems.extend(after.problems);
        self.foreign += after.foreign;
    }
}

/// A file as text.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// As the user wrote or would write it.
    pub name: Arc<str>,
    /// Where relative paths inside start.
    pub directory: Arc<Path>,
    /// Everything in it.
    pub text: Arc<str>,
}

/// Reads the chunks of one file.
pub(super) struct Reader<'f> {
    pub file: &'f File,
    pub parsed: Parsed,
}

/// The chunk that is read.
struct Context<'c> {
    chunk: &'c Chunk,
    text: &'c str,
    /// Where the chunk uses an anchor or alias; refused in documents that are read.
    alias: Option<tree::Mark>,
    /// Whether the document is an item of a List.
    item: bool,
}

impl Reader<'_> {
    /// Reads one chunk.
    pub fn chunk(&mut self, chunk: &Chunk) {
        let file = self.file;
        let text = file.text.get(chunk.range.clone()).unwrap_or_default();
        match tree::read(text) {
            Ok(tree) => {
                if let Some(root) = &tree.root {
                    self.document(root, &Context { chunk, text, alias: tree.alias, item: false });
                }
            }
            Err(stop) => self.stopped(&stop, &Context { chunk, text, alias: None, item: false }),
        }
    }

    fn stopped(&mut self, stop: &Stop<'_>, context: &Context<'_>) {
        if let Ok(Header::Ours(Kind::Policy)) = Header::read(&stop.partial) {
            let lost = LostPolicy::read(&stop.partial, self.place(stop.partial.start, context), false);
            // What came after the stop may have narrowed it; what came before is complete.
            self.parsed.lost_policies.push(LostPolicy { target_selector: None, check_selector: None, ..lost });
        }
        let finding = match &stop.cause {
            Cause::Syntax(words) => syntax(stop.mark, words, context.text),
            Cause::Second => Finding::new(reason::SYNTAX, stop.mark, "a second value starts here")
                .help("a .json file holds one value; to hold several use `kind: List` with `items`"),
            // What is too large for us is no concern of ours when it is someone else's.
            Cause::Nodes | Cause::Depth if matches!(Header::read(&stop.partial), Ok(Header::Foreign)) => {
                self.parsed.foreign += 1;
                return;
            }
            Cause::Nodes => Finding::new(reason::TOO_LARGE, stop.mark, format!("the document has more than {MAX_NODES} nodes"))
                .help("split it with `---`"),
            Cause::Depth => Finding::new(reason::TOO_LARGE, stop.mark, format!("nested deeper than {MAX_DEPTH} levels")),
        };
        self.report(finding, None, context);
    }

    fn document(&mut self, root: &Node<'_>, context: &Context<'_>) {
        match Header::read(root) {
            Ok(Header::Foreign) => self.parsed.foreign += 1,
            Ok(Header::Written(kind)) => {
                let mut finding = Finding::new(reason::WRITTEN_BY_TECRAX, root.start, format!("{kind} is ignored"))
                    .help("tecrax writes this kind itself; remove the document");
                finding.severity = Severity::Warning;
                self.report(finding, label(kind, root), context);
            }
            Ok(Header::List) => self.list(root, context),
            Ok(Header::Ours(kind)) => self.ours(kind, root, context),
            Err(finding) => {
                if LostPolicy::is_meant(root, &finding) {
                    self.lose(root, context, finding.reason == reason::DUPLICATE_KEY);
                }
                self.report(finding, None, context);
            }
        }
    }

    /// Remembers a Policy that can not be used.
    fn lose(&mut self, root: &Node<'_>, context: &Context<'_>, doubt: bool) {
        let place = self.place(root.start, context);
        self.parsed.lost_policies.push(LostPolicy::read(root, place, doubt || context.alias.is_some()));
    }

    fn place(&self, mark: tree::Mark, context: &Context<'_>) -> Place {
        Place { file: self.file.name.clone(), line: context.chunk.line + mark.line - 1, column: mark.column }
    }

    fn list(&mut self, root: &Node<'_>, context: &Context<'_>) {
        if let Some(mark) = context.alias {
            self.report(aliased(mark), None, context);
            return;
        }
        for (key, _) in root.pairs() {
            let name = key.text().unwrap_or_default();
            if !["apiVersion", "kind", "metadata", "items"].contains(&name) {
                let finding = Finding::new(reason::UNKNOWN_FIELD, key.start, format!("unknown field `{}` of a List", word(name)));
                self.report(finding.help("allowed here: apiVersion, items, kind, metadata"), None, context);
            }
        }
        if root.pairs().iter().filter(|(key, _)| key.text() == Some("items")).count() > 1 {
            self.report(Finding::new(reason::DUPLICATE_KEY, root.start, "`items` stands twice"), None, context);
            return;
        }
        match root.get("items").map(|items| (&items.value, items.start)) {
            Some((Value::List(items), _)) => {
                let context = Context { item: true, ..*context };
                for item in items {
                    self.document(item, &context);
                }
            }
            Some((Value::Scalar { plain: true, .. }, _)) if root.get("items").is_some_and(super::scalar::is_null) => {}
            Some((_, mark)) => self.report(Finding::value(mark, "`items`: expected a list"), None, context),
            None => {
                let finding = Finding::new(reason::MISSING_FIELD, root.start, "missing field `items` of a List");
                self.report(finding.help("add `items:`"), None, context);
            }
        }
    }

    fn ours(&mut self, kind: Kind, root: &Node<'_>, context: &Context<'_>) {
        let object = label(kind.as_str(), root);
        let mut findings = strict::check(root, shape::of(kind));
        inline::check(root, context.text, &mut findings);
        if let Some(mark) = context.alias {
            findings.insert(0, aliased(mark));
        }
        if !findings.is_empty() {
            if kind == Kind::Policy {
                self.lose(root, context, findings.iter().any(|finding| finding.reason == reason::DUPLICATE_KEY));
            }
            for finding in findings {
                self.report(finding, object.clone(), context);
            }
            return;
        }
        let origin = self.origin(root, context);
        match object_of(kind, root, &origin) {
            Ok(object) => {
                let ignored = server_fields(root);
                if let Some(((key, _), names)) = ignored {
                    let message = format!("ignored, because a server sets them: {}", names.join(", "));
                    let mut finding = Finding::new(reason::SERVER_FIELD_IGNORED, key.start, message);
                    finding.severity = Severity::Note;
                    self.report(finding, label(kind.as_str(), root), context);
                }
                self.parsed.documents.push(Document { spec: object.spec_digest(), object, origin });
            }
            Err(mut finding) => {
                // The reader counts from the document's own text; its columns are already those of the file.
                finding.mark.line += origin.line - context.chunk.line;
                if kind == Kind::Policy {
                    self.lose(root, context, false);
                }
                self.report(finding, object, context);
            }
        }
    }

    /// Where a document stands: the whole chunk, or its own node when it is an item of a List.
    fn origin(&self, root: &Node<'_>, context: &Context<'_>) -> Origin {
        let Chunk { range, line, .. } = context.chunk;
        let own: Range<usize> = range.start + root.start.byte..range.start + root.end;
        let (range, line) = if context.item { (own, line + root.start.line - 1) } else { (range.clone(), *line) };
        Origin { file: self.file.name.clone(), directory: self.file.directory.clone(), text: self.file.text.clone(), range, line }
    }

    fn report(&mut self, finding: Finding, object: Option<String>, context: &Context<'_>) {
        let line = context.chunk.line + finding.mark.line - 1;
        let help = match finding.first_line {
            Some(first) => Some(format!("it stands first at line {}; keep one", context.chunk.line + first - 1)),
            None => finding.help,
        };
        self.parsed.problems.push(Problem {
            severity: finding.severity,
            reason: finding.reason,
            place: Some(Place { file: self.file.name.clone(), line, column: finding.mark.column }),
            object,
            message: finding.message,
            help,
            line: line_of(context.text, finding.mark.line - 1).filter(|_| finding.shown),
        });
    }
}

fn object_of(kind: Kind, root: &Node<'_>, origin: &Origin) -> Result<Object, Finding> {
    Ok(match kind {
        Kind::Target => Object::Target(Box::new(read(root, origin)?)),
        Kind::TargetSet => Object::TargetSet(Box::new(read(root, origin)?)),
        Kind::Check => Object::Check(Box::new(read(root, origin)?)),
        Kind::Policy => Object::Policy(Box::new(read(root, origin)?)),
        Kind::Sink => Object::Sink(Box::new(read(root, origin)?)),
    })
}

/// From the tree where that leaves no doubt, else from the text, which knows what to say.
fn read<T: DeserializeOwned>(root: &Node<'_>, origin: &Origin) -> Result<T, Finding> {
    typed::read(root).or_else(|typed::Unfit| yaml::read(&origin.padded()))
}

/// `Kind/name`, when the document has a name.
fn label(kind: &str, root: &Node<'_>) -> Option<String> {
    let name = root.get("metadata")?.get("name")?.text()?;
    (!name.is_empty()).then(|| format!("{kind}/{}", word(name)))
}

fn aliased(mark: tree::Mark) -> Finding {
    Finding::value(mark, "anchors and aliases are not supported").help("write the value out, or use a TargetSet for many alike")
}

/// The first field that only a server sets, and the names of all.
fn server_fields<'n, 't>(root: &'n Node<'t>) -> Option<(&'n (Node<'t>, Node<'t>), Vec<String>)> {
    let metadata = root.get("metadata").map(Node::pairs).unwrap_or_default().iter();
    let inside = metadata
        .filter(|(key, _)| !matches!(key.text(), Some("name" | "namespace" | "labels" | "annotations")))
        .map(|pair| (pair, format!("metadata.{}", pair.0.text().unwrap_or_default())));
    let status = root.pair("status").map(|pair| (pair, "status".to_owned()));
    let (pairs, names): (Vec<_>, Vec<_>) = inside.chain(status).unzip();
    Some((*pairs.first()?, names))
}

fn syntax(mark: tree::Mark, words: &str, text: &str) -> Finding {
    let finding = Finding::new(reason::SYNTAX, mark, format!("not YAML: {words}"));
    let line = super::split::Lines(text).nth(mark.line as usize - 1).unwrap_or_default();
    if line.trim_start_matches(' ').starts_with('\t') || words.contains("a tab") {
        return finding.help("indent with spaces, not tabs");
    }
    if line.contains("{{") {
        return finding.help("this looks like a template; render it first");
    }
    if words.contains("block mapping") {
        return finding.help("check the indentation: this line stands in the column of no line above it, or misses its `:`");
    }
    if words.contains("block collection") {
        return finding.help("check the indentation: in the column of a list every line begins with `- `; what belongs to an item stands further right");
    }
    finding
}
