//! Keys of conditions, and the values of a request that they mean.

use serde_json::{Map, Value};

use super::{OPEN, Request};

/// Where a key is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Root {
    Principal,
    Action,
    Resource,
    Check,
    RequestContext,
    Context,
    /// In the context of the request, then in that of the run time.
    AnyContext,
    /// The whole key in action, then resource, then context of the request.
    Anywhere,
}

/// What the keys of a pack mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `context.` is that of the run time, that of the request is `request_context.`; every dot leads one map deeper; what has none
    /// of the prefixes is looked up undotted.
    Python,
    /// `context.` is that of the request, then that of the run time; what stands after `labels.` is one name, whatever dots are in it.
    Own,
}

const PYTHON_ROOTS: [(&str, Root); 5] = [
    ("principal.", Root::Principal),
    ("action.", Root::Action),
    ("resource.", Root::Resource),
    ("request_context.", Root::RequestContext),
    ("context.", Root::Context),
];

const OWN_ROOTS: [(&str, Root); 4] =
    [("action.", Root::Action), ("resource.", Root::Resource), ("check.", Root::Check), ("context.", Root::AnyContext)];

/// What a label of a Target or a Check stands behind.
const LABELS: &str = "labels.";

/// A parsed key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    root: Root,
    path: Vec<String>,
}

/// What keys are looked up in.
#[derive(Clone, Copy)]
pub(super) struct Asked<'r> {
    pub(super) request: &'r Request,
    /// The context of the run time, apart from that of the request.
    pub(super) runtime: &'r Map<String, Value>,
}

impl Key {
    pub(super) fn parse(key: &str, dialect: Dialect) -> Self {
        let roots: &[(&str, Root)] = match dialect {
            Dialect::Python => &PYTHON_ROOTS,
            Dialect::Own => &OWN_ROOTS,
        };
        let found = roots.iter().find_map(|(prefix, root)| Some((*root, key.strip_prefix(prefix)?)));
        let Some((root, rest)) = found else { return Self { root: Root::Anywhere, path: vec![key.to_owned()] } };
        let path = match rest.strip_prefix(LABELS).filter(|_| dialect == Dialect::Own) {
            Some(label) => vec!["labels".to_owned(), label.to_owned()],
            None => rest.split('.').map(str::to_owned).collect(),
        };
        Self { root, path }
    }

    /// Which member of [`OPEN`] the key means: one of the action, looked up there before anywhere else.
    pub(super) fn open(&self) -> Option<usize> {
        let [member] = self.path.as_slice() else { return None };
        matches!(self.root, Root::Action | Root::Anywhere).then(|| OPEN.iter().position(|open| open == member)).flatten()
    }

    /// The value; none when there is no way to it.
    pub(super) fn find<'r>(&self, asked: Asked<'r>) -> Option<&'r Value> {
        let Asked { request, runtime } = asked;
        let (first, rest) = self.path.split_first()?;
        let map = match self.root {
            Root::Principal => &request.principal,
            Root::Action => &request.action,
            Root::Resource => &request.resource,
            Root::Check => &request.check,
            Root::RequestContext => &request.context,
            Root::AnyContext if request.context.contains_key(first) => &request.context,
            Root::Context | Root::AnyContext => runtime,
            Root::Anywhere => {
                return [&request.action, &request.resource, &request.context].into_iter().find_map(|map| map.get(first));
            }
        };
        rest.iter().try_fold(map.get(first)?, |value, name| value.as_object()?.get(name))
    }
}
