//! Keys of conditions, and the values of a request that they mean.

use serde_json::{Map, Value};

use super::Request;

/// Where a key is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Root {
    Principal,
    Action,
    Resource,
    RequestContext,
    Context,
    /// The whole key in action, then resource, then context of the request.
    Anywhere,
}

const ROOTS: [(&str, Root); 5] = [
    ("principal.", Root::Principal),
    ("action.", Root::Action),
    ("resource.", Root::Resource),
    ("request_context.", Root::RequestContext),
    ("context.", Root::Context),
];

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
    pub(super) fn parse(key: &str) -> Self {
        for (prefix, root) in ROOTS {
            if let Some(rest) = key.strip_prefix(prefix) {
                return Self { root, path: rest.split('.').map(str::to_owned).collect() };
            }
        }
        Self { root: Root::Anywhere, path: vec![key.to_owned()] }
    }

    /// The value; none when there is no way to it.
    pub(super) fn find<'r>(&self, asked: Asked<'r>) -> Option<&'r Value> {
        let Asked { request, runtime } = asked;
        let map = match self.root {
            Root::Principal => &request.principal,
            Root::Action => &request.action,
            Root::Resource => &request.resource,
            Root::RequestContext => &request.context,
            Root::Context => runtime,
            Root::Anywhere => {
                let name = self.path.first()?;
                return [&request.action, &request.resource, &request.context].into_iter().find_map(|map| map.get(name));
            }
        };
        let (first, rest) = self.path.split_first()?;
        rest.iter().try_fold(map.get(first)?, |value, name| value.as_object()?.get(name))
    }
}
