//! One document as a tree of nodes with places.
//!
//! The typed reading stops at its first error; the tree lets every problem of a document be told in one go, and lets later
//! stages point at a field.

use std::borrow::Cow;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span};

use super::bounds::{MAX_DEPTH, MAX_NODES};

/// A place in the parsed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// Byte offset.
    pub byte: usize,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// One node.
#[derive(Debug)]
pub(super) struct Node<'t> {
    /// Where it starts.
    pub start: Mark,
    /// Byte after its end.
    pub end: usize,
    /// Its explicit tag.
    pub tag: Tag,
    /// What it is.
    pub value: Value<'t>,
}

/// What a node is.
#[derive(Debug)]
pub(super) enum Value<'t> {
    /// A scalar; `plain` when it is written without quotes and may be something else than a string.
    Scalar { text: Cow<'t, str>, plain: bool },
    /// A list.
    List(Vec<Node<'t>>),
    /// An alias: refused, and reported once for its document.
    Alias,
    /// A map, in document order, duplicates included.
    Map(Vec<(Node<'t>, Node<'t>)>),
}

/// The explicit tag of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// None.
    None,
    /// `!!str` or `!`: a string whatever it looks like.
    Text,
    /// Another tag of YAML's core schema.
    Core,
    /// Anything else.
    Other,
}

impl<'t> Node<'t> {
    /// The scalar's text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The pairs of a map; none for other nodes.
    pub fn pairs(&self) -> &[(Node<'t>, Node<'t>)] {
        match &self.value {
            Value::Map(pairs) => pairs,
            _ => &[],
        }
    }

    /// Key and value of the first pair with this key.
    pub fn pair(&self, key: &str) -> Option<&(Node<'t>, Node<'t>)> {
        self.pairs().iter().find(|(name, _)| name.text() == Some(key))
    }

    /// Value of the first pair with this key.
    pub fn get(&self, key: &str) -> Option<&Node<'t>> {
        self.pair(key).map(|(_, value)| value)
    }
}

/// A document that was read to its end.
#[derive(Debug)]
pub(super) struct Tree<'t> {
    /// The root node; `None` when the text holds none.
    pub root: Option<Node<'t>>,
    /// The first anchor or alias.
    pub alias: Option<Mark>,
}

/// Why reading stopped.
#[derive(Debug)]
pub(super) struct Stop<'t> {
    /// Where.
    pub mark: Mark,
    /// Why.
    pub cause: Cause,
    /// What was complete of the root map by then.
    pub partial: Node<'t>,
}

/// Why reading stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cause {
    /// Not YAML; the parser's words, which never repeat more than one character of the input.
    Syntax(String),
    /// A second document where only one may stand.
    Second,
    /// More nodes than may be.
    Nodes,
    /// Deeper than [`MAX_DEPTH`].
    Depth,
}

enum Frame<'t> {
    List { start: Mark, tag: Tag, items: Vec<Node<'t>> },
    Map { start: Mark, tag: Tag, pairs: Vec<(Node<'t>, Node<'t>)>, key: Option<Node<'t>> },
}

struct Builder<'t> {
    stack: Vec<Frame<'t>>,
    root: Option<Node<'t>>,
    nodes: usize,
    max: usize,
}

/// Reads one document.
pub(super) fn read(text: &str) -> Result<Tree<'_>, Box<Stop<'_>>> {
    read_within(text, MAX_NODES)
}

/// Reads one document of at most `max` nodes.
pub(super) fn read_within(text: &str, max: usize) -> Result<Tree<'_>, Box<Stop<'_>>> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.emit_unresolved_aliases = true;
    options.emit_anchor_events = true;
    let mut builder = Builder { stack: Vec::new(), root: None, nodes: 0, max };
    let mut alias = None;
    let mut documents = 0;
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                let marker = error.marker();
                let mark = mark(marker.byte_offset(), marker.line(), marker.col());
                return Err(builder.stop(mark, Cause::Syntax(error.kind().to_string())));
            }
        };
        let start = mark(span.start.byte_offset(), span.start.line(), span.start.col());
        let cause = match event {
            Event::DocumentStart(..) => {
                documents += 1;
                (documents > 1).then_some(Cause::Second)
            }
            Event::Anchor(..) => {
                alias.get_or_insert(start);
                None
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                alias.get_or_insert(start);
                builder.push(Node { start, end: end(&span), tag: Tag::None, value: Value::Alias })
            }
            Event::Scalar(text, style, _, tag) => {
                let value = Value::Scalar { text, plain: style == ScalarStyle::Plain };
                builder.push(Node { start, end: end(&span), tag: Tag::of(tag.as_deref()), value })
            }
            Event::SequenceStart(_, _, tag) => {
                builder.open(Frame::List { start, tag: Tag::of(tag.as_deref()), items: Vec::new() })
            }
            Event::MappingStart(_, _, tag) => {
                builder.open(Frame::Map { start, tag: Tag::of(tag.as_deref()), pairs: Vec::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => builder.close(end(&span)),
            _ => None,
        };
        if let Some(cause) = cause {
            return Err(builder.stop(start, cause));
        }
    }
    Ok(Tree { root: builder.root, alias })
}

impl<'t> Builder<'t> {
    fn count(&mut self) -> Option<Cause> {
        self.nodes += 1;
        (self.nodes > self.max).then_some(Cause::Nodes)
    }

    fn open(&mut self, frame: Frame<'t>) -> Option<Cause> {
        if self.stack.len() >= MAX_DEPTH {
            return Some(Cause::Depth);
        }
        self.stack.push(frame);
        self.count()
    }

    fn close(&mut self, end: usize) -> Option<Cause> {
        let node = self.stack.pop()?.into_node(end);
        self.place(node);
        None
    }

    fn push(&mut self, node: Node<'t>) -> Option<Cause> {
        self.place(node);
        self.count()
    }

    fn place(&mut self, node: Node<'t>) {
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Frame::List { items, .. }) => items.push(node),
            Some(Frame::Map { pairs, key, .. }) => match key.take() {
                None => *key = Some(node),
                Some(name) => pairs.push((name, node)),
            },
        }
    }

    #[expect(clippy::unnecessary_box_returns, reason = "the error of a hot function stays small")]
    fn stop(mut self, mark: Mark, cause: Cause) -> Box<Stop<'t>> {
        let partial = match self.root.take() {
            Some(root) => root,
            None if self.stack.is_empty() => Node { start: mark, end: mark.byte, tag: Tag::None, value: Value::Alias },
            None => self.stack.swap_remove(0).into_node(mark.byte),
        };
        Box::new(Stop { mark, cause, partial })
    }
}

impl<'t> Frame<'t> {
    fn into_node(self, end: usize) -> Node<'t> {
        match self {
            Self::List { start, tag, items } => Node { start, end, tag, value: Value::List(items) },
            Self::Map { start, tag, pairs, .. } => Node { start, end, tag, value: Value::Map(pairs) },
        }
    }
}

impl Tag {
    fn of(tag: Option<&granit_parser::Tag>) -> Self {
        match tag {
            None => Self::None,
            Some(tag) if tag.is_yaml_core_schema_tag("str") || tag.parts() == ("", "!") => Self::Text,
            Some(tag) if tag.is_yaml_core_schema() => Self::Core,
            Some(_) => Self::Other,
        }
    }
}

fn mark(byte: Option<usize>, line: usize, column: usize) -> Mark {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Mark { byte: byte.unwrap_or_default(), line: count(line.max(1)), column: count(column).saturating_add(1) }
}

fn end(span: &Span) -> usize {
    span.end.byte_offset().unwrap_or_default()
}
